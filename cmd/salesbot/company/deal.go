package company

import (
	"strconv"
	"time"
)

// stages are the steps of a deal, how likely one in each is won, and as what it
// is forecast.
var stages = []struct{ name, outcome, probability, category string }{
	{"Discovery", "open", "0.1", "pipeline"}, {"Evaluation", "open", "0.3", "pipeline"}, {"Proposal", "open", "0.5", "best_case"},
	{"Legal", "open", "0.8", "commit"}, {"Won", "won", "1", "closed"}, {"Lost", "lost", "0", "omitted"},
}

const (
	stageWon  = 4
	stageLost = 5
)

// deal is one deal as it stands on the anchor day, and what happened to it.
type deal struct {
	key      string
	owner    *rep
	account  customer
	product  product
	stage    int
	amount   string // empty: unknown
	value    float64
	created  time.Time
	engaged  time.Time
	closing  time.Time
	reason   string
	rival    string
	step     string // what is to be done next, of an open deal
	stuck    bool   // nobody works on it any more
	handedTo *rep
	past     []change
}

// change is one entry of a deal's past.
type change struct {
	field, old, new string
	at              time.Time
}

// reasons are why deals are lost, and how often.
var reasons = []share{
	{"price", 0.27}, {"competitor chosen", 0.21}, {"no decision", 0.2}, {"budget cut", 0.13}, {"missing feature", 0.1}, {"timing", 0.09},
}

var rivals = []share{
	{"Brackwater Hydraulics", 0.4}, {"Norrfjord Pumps", 0.27}, {"Pumpworks United", 0.2}, {"Salina Flow", 0.13},
}

func (m *maker) stages() {
	out := m.sheet("stages.csv", "name", "position", "outcome", "probability", "forecast_category")
	for i, s := range stages {
		out.add(s.name, strconv.Itoa(i+1), s.outcome, s.probability, s.category)
	}
}

func (m *maker) makeDeals() {
	for day := m.start; day.Before(m.anchor); day = day.AddDate(0, 0, 1) {
		for range m.newDeals(day) {
			m.deal(day)
		}
	}
	m.nextSteps()
	m.writeDeals()
}

// newDeals grows slowly over the years, follows the seasons and rests at
// weekends.
func (m *maker) newDeals(day time.Time) int {
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		return 0
	}
	grown := float64(daysBetween(m.start, day)) / float64(daysBetween(m.start, m.anchor))
	return int((4.2+1.8*grown)*season(day) + m.rand.Float64())
}

// deal makes a deal up as its owner plans it, lets happen what happens, and
// stops at the anchor day.
func (m *maker) deal(created time.Time) {
	owner := weighted(m, m.reps, func(r *rep) float64 { return r.pace })
	place := owner.place
	if owner.moved != nil && !created.Before(m.reorganised) {
		place = *owner.moved
	}
	d := &deal{
		owner: owner, account: m.customerOf(place.territory), product: pick(m, products),
		created: created, engaged: created.AddDate(0, 0, m.between(0, 9)),
	}
	d.value = d.product.typical * d.account.scale * m.spread(0.4)
	d.amount = dollars(d.value, 50)
	d.closing = m.planned(d.engaged)
	m.live(d)
	m.deals = append(m.deals, d)
}

// planned is some weeks after work began, drawn towards the end of a quarter as
// plans are.
func (m *maker) planned(engaged time.Time) time.Time {
	closing := engaged.AddDate(0, 0, 8+int(58*m.spread(0.45)))
	if m.chance(0.3) {
		end := time.Date(closing.Year(), (closing.Month()-1)/3*3+4, 0, 0, 0, 0, 0, time.UTC)
		if daysBetween(closing, end) < 25 {
			closing = end
		}
	}
	return weekdayOn(closing)
}

// happened reports whether a day lies before the anchor day.
func (m *maker) happened(day time.Time) bool { return day.Before(m.anchor) }

// move notes a change of the deal, if it has happened.
func (m *maker) move(d *deal, field, from, to string, at time.Time) bool {
	if !m.happened(at) || from == to {
		return false
	}
	d.past = append(d.past, change{field, from, to, at})
	return true
}

func (m *maker) live(d *deal) {
	d.stuck = m.chance(0.095)
	end := m.reschedule(d)
	won := !d.stuck && m.chance(d.owner.skill)
	if !won && !d.stuck && m.chance(0.5) { // many are lost before their day
		end = d.engaged.AddDate(0, 0, 4+int(float64(daysBetween(d.engaged, end))*(0.3+0.7*m.rand.Float64())))
	}
	if d.stuck {
		end = end.AddDate(0, 0, m.between(50, 170))
	}
	end = weekdayOn(later(end, d.engaged.AddDate(0, 0, 5)))
	d.forget(end)
	reached := m.progress(d, end)
	m.price(d)
	m.handOver(d, end)
	m.conclude(d, won, reached, end)
}

// reschedule pushes the planned day out, or pulls it in, some days before it
// comes. It returns the day on which the last plan would close.
func (m *maker) reschedule(d *deal) time.Time {
	plan, last := d.closing, d.engaged.AddDate(0, 0, 2)
	for range 3 {
		at := later(plan.AddDate(0, 0, -m.between(1, 12)), last.AddDate(0, 0, 1))
		next := plan.AddDate(0, 0, m.between(12, 50))
		switch {
		case m.chance(0.32):
		case m.chance(0.1):
			at = later(d.engaged.AddDate(0, 0, daysBetween(d.engaged, plan)/2), last.AddDate(0, 0, 1))
			next = at.AddDate(0, 0, 5+daysBetween(at, plan)/2)
		default:
			return plan
		}
		next = weekdayOn(next)
		if m.move(d, "close_on", iso(plan), iso(next), at) {
			d.closing = next
		}
		plan, last = next, at
	}
	return plan
}

// forget takes back what was planned for after the end.
func (d *deal) forget(end time.Time) {
	for i, c := range d.past {
		if !c.at.Before(end) {
			d.closing, _ = time.Parse(time.DateOnly, c.old)
			d.past = d.past[:i]
			return
		}
	}
}

// progress takes the deal through the open stages until it ends, and returns
// how far it came.
func (m *maker) progress(d *deal, end time.Time) int {
	span := float64(daysBetween(d.engaged, end))
	if d.stuck {
		span /= 2
	}
	at := d.engaged
	for stage, share := range []float64{0.28, 0.56, 0.82} {
		next := d.engaged.AddDate(0, 0, int(span*share*(0.85+0.3*m.rand.Float64())))
		at = later(next, at.AddDate(0, 0, 1))
		if !at.Before(end) || !m.move(d, "stage", stages[stage].name, stages[stage+1].name, at) {
			break
		}
		d.stage = stage + 1
	}
	return d.stage
}

// price makes the amount known late, or changes it when it is proposed.
func (m *maker) price(d *deal) {
	first := m.stageDay(d, 1)
	if m.chance(0.16) {
		if first.IsZero() {
			d.amount = ""
			return
		}
		m.move(d, "amount", "", d.amount, first)
	}
	proposed := m.stageDay(d, 2)
	if proposed.IsZero() || !m.chance(0.3) {
		return
	}
	before := d.amount
	d.value *= 0.8 + 0.35*m.rand.Float64()
	d.amount = dollars(d.value, 50)
	m.move(d, "amount", before, d.amount, proposed)
}

// stageDay is when the deal entered a stage, zero if it has not.
func (m *maker) stageDay(d *deal, stage int) time.Time {
	for _, c := range d.past {
		if c.field == "stage" && c.new == stages[stage].name {
			return c.at
		}
	}
	return time.Time{}
}

// handOver gives some of the deals of those who were moved to a colleague who
// stayed.
func (m *maker) handOver(d *deal, end time.Time) {
	open := d.created.Before(m.reorganised) && end.After(m.reorganised)
	if d.owner.moved == nil || !open || !m.chance(0.6) {
		return
	}
	var stayed []*rep
	for _, r := range m.reps {
		if r.moved == nil && r.place == d.owner.place {
			stayed = append(stayed, r)
		}
	}
	to := pick(m, stayed)
	if m.move(d, "owner", d.owner.key, to.key, m.reorganised) {
		d.handedTo = to
	}
}

// conclude closes the deal, if its end has come: on the day it was won or lost,
// whatever had been planned.
func (m *maker) conclude(d *deal, won bool, reached int, end time.Time) {
	if m.chance(0.55) && reached > 0 {
		d.rival = m.share(rivals)
	}
	if !m.happened(end) {
		return
	}
	last := stageLost
	if won {
		last = stageWon
	}
	m.move(d, "stage", stages[d.stage].name, stages[last].name, end)
	d.stage = last
	if d.closing != end {
		m.move(d, "close_on", iso(d.closing), iso(end), end)
		d.closing = end
	}
	if !won && m.chance(0.96) {
		d.reason = m.share(reasons)
	}
	if d.reason == "competitor chosen" && d.rival == "" {
		d.rival = rivals[0].name
	}
}

// seller is who has the deal today.
func (d *deal) seller() *rep {
	if d.handedTo != nil {
		return d.handedTo
	}
	return d.owner
}

func (m *maker) writeDeals() {
	out := m.sheet("opportunities.csv", "external_id", "name", "account", "product", "owner", "stage", "amount", "currency",
		"created_on", "engaged_on", "close_on", "loss_reason", "competitor", "next_step")
	past := m.sheet("history.csv", "opportunity", "field", "old", "new", "currency", "at")
	for _, d := range m.deals {
		d.key = out.key("T")
		engaged := d.engaged
		if !m.happened(engaged) {
			engaged = time.Time{}
		}
		out.add(d.key, d.account.name+", "+d.product.name, d.account.key, d.product.key, d.seller().key, stages[d.stage].name, d.amount, currencyOf(d.amount),
			iso(d.created), iso(engaged), iso(d.closing), d.reason, d.rival, d.step)
		for _, c := range d.past {
			currency := ""
			if c.field == "amount" {
				currency = "USD"
			}
			past.add(d.key, c.field, c.old, c.new, currency, iso(c.at))
		}
	}
}

func currencyOf(amount string) string {
	if amount == "" {
		return ""
	}
	return "USD"
}
