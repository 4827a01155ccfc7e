package company

import (
	"math"
	"time"
)

// target is how far somebody of a company like this gets with their quota.
func (m *maker) target() float64 {
	return math.Min(1.32, math.Max(0.62, 0.99+0.17*m.rand.NormFloat64()))
}

// quotas are monthly, of whole years. They are drawn from what each rep does, so that
// attainment spreads as it does in life, without anybody's being exact.
func (m *maker) quotas() {
	out := m.sheet("quotas.csv", "person", "measure", "first_day", "last_day", "amount", "currency", "territory")
	months := m.months()
	for _, r := range m.reps {
		won := m.wonBy(r)
		yearly := map[int]float64{}
		for _, month := range months {
			year := month.Year()
			if year == m.start.Year() && m.start.Month() > time.January {
				continue
			}
			if yearly[year] == 0 {
				yearly[year] = m.yearly(won, year) / m.target()
			}
			share := yearly[year] * season(month) / 12
			last := month.AddDate(0, 1, -1)
			out.add(r.key, "bookings", iso(month), iso(last), dollars(math.Max(share, 4000), 500), "USD", "")
			m.aimsAt(r, month, math.Max(share, 4000))
		}
	}
}

// wonBy adds up what a rep won in each month.
func (m *maker) wonBy(r *rep) map[time.Time]float64 {
	won := map[time.Time]float64{}
	for _, d := range m.deals {
		if d.stage == stageWon && d.seller() == r {
			won[d.closing.AddDate(0, 0, 1-d.closing.Day())] += d.value
		}
	}
	return won
}

// yearly is what a year of the rep comes to, as far as it has gone.
func (m *maker) yearly(won map[time.Time]float64, year int) float64 {
	sum, weight := 0.0, 0.0
	for _, month := range m.months() {
		if month.Year() != year || !month.Before(m.anchor) {
			continue
		}
		next := month.AddDate(0, 1, 0)
		gone := float64(daysBetween(month, earlier(next, m.anchor))) / float64(daysBetween(month, next))
		sum += won[month]
		weight += gone * season(month)
	}
	if weight < 1 {
		return 12 * 45000
	}
	return sum / weight * 12
}

// costs are known of most won deals; those of the last weeks come late.
func (m *maker) costs() {
	out := m.sheet("costs.csv", "external_id", "opportunity", "kind", "amount", "currency", "on")
	for _, d := range m.deals {
		known := 0.93
		if daysBetween(d.closing, m.anchor) < 25 {
			known = 0.55
		}
		if d.stage != stageWon || d.amount == "" || !m.chance(known) {
			continue
		}
		m.cost(out, d)
	}
}

func (m *maker) cost(out *sheet, d *deal) {
	line := func(kind string, amount float64, after int) {
		on := earlier(d.closing.AddDate(0, 0, after), m.anchor)
		out.add(out.key("K"), d.key, kind, dollars(amount, 1), "USD", iso(on))
	}
	direct := d.value * math.Min(0.7, math.Max(0.45, d.product.cost+0.05*m.rand.NormFloat64()))
	if d.product.family == "Service" {
		line("direct", direct, 30)
	} else {
		line("direct", 0.8*direct, 10)
		line("direct", 0.2*direct, 21)
	}
	if m.chance(0.03) { // the commission is not settled yet
		return
	}
	line("selling", d.value*(0.05+0.03*m.rand.Float64()), 31)
	if d.account.scale > 1 && m.chance(0.5) {
		line("selling", 400+1600*m.rand.Float64(), 5)
	}
}

// overhead is what the company costs beyond its deals, a month at a time.
func (m *maker) overhead() {
	out := m.sheet("overhead.csv", "external_id", "first_day", "last_day", "amount", "currency", "allocated_by")
	usual := m.usualMonth()
	for i, month := range m.months() {
		if month.After(m.anchor) {
			break
		}
		last := month.AddDate(0, 1, -1)
		grown := 0.88 + 0.012*float64(i)
		out.add("PREM-"+month.Format("2006-01"), iso(month), iso(last), dollars(0.17*usual*grown, 1000), "USD", "revenue")
		out.add("DESK-"+month.Format("2006-01"), iso(month), iso(last), dollars(0.035*usual*grown, 500), "USD", "deals")
	}
}

// usualMonth is what the company wins in a month.
func (m *maker) usualMonth() float64 {
	sum := 0.0
	for _, d := range m.deals {
		if d.stage == stageWon {
			sum += d.value
		}
	}
	return sum / math.Max(1, float64(daysBetween(m.start, m.anchor))/30.4)
}
