package company

import (
	"math/rand/v2"
	"time"
)

// apart is chance of its own for one subject, so that what was made up before
// it was thought of stays as it is.
func (m *maker) apart(subject uint64) *maker {
	other := *m
	other.rand = rand.New(rand.NewPCG(seed, subject))
	return &other
}

var steps = []share{
	{"call back", 0.3}, {"send the offer", 0.25}, {"meet on site", 0.2}, {"wait for the budget", 0.15}, {"trial of the pump", 0.1},
}

// nextSteps are written down for most open deals, and seldom for those that
// nobody works on any more.
func (m *maker) nextSteps() {
	m = m.apart(1)
	for _, d := range m.deals {
		known := 0.85
		if d.stuck {
			known = 0.2
		}
		if d.stage < stageWon && m.chance(known) {
			d.step = m.share(steps)
		}
	}
}

// splits share some of the deals that were handed over between those who had
// them and those who won them, and now and then credit a colleague on top.
func (m *maker) splits() {
	m = m.apart(2)
	out := m.sheet("splits.csv", "opportunity", "person", "kind", "share")
	for _, d := range m.deals {
		if d.stage != stageWon {
			continue
		}
		if d.handedTo != nil && m.chance(0.7) {
			out.add(d.key, d.handedTo.key, "revenue", "0.6")
			out.add(d.key, d.owner.key, "revenue", "0.4")
		}
		if helper := pick(m, m.reps); helper != d.seller() && m.chance(0.05) {
			out.add(d.key, helper.key, "overlay", "0.25")
		}
	}
}

// forecasts are what each rep says every Monday of the quarter that it is: what
// they stand for, and what it may come to. They come nearer to what is won as
// the quarter goes by, and some people are always too hopeful, or too careful.
func (m *maker) forecasts() {
	m = m.apart(3)
	out := m.sheet("forecasts.csv", "person", "first_day", "last_day", "category", "amount", "currency", "submitted_at")
	for _, r := range m.reps {
		won, hope := m.wonBy(r), 1+0.15*m.rand.NormFloat64()
		for first := m.start; first.Before(m.anchor); first = first.AddDate(0, 3, 0) {
			next := first.AddDate(0, 3, 0)
			sum := 0.0
			for month := first; month.Before(next); month = month.AddDate(0, 1, 0) {
				sum += won[month]
			}
			if next.After(m.anchor) { // nobody knows yet
				sum *= float64(daysBetween(first, next)) / float64(max(14, daysBetween(first, m.anchor)))
			}
			m.submit(out, r, first, next, max(sum, 20000), hope)
		}
	}
}

func (m *maker) submit(out *sheet, r *rep, first, next time.Time, sum, hope float64) {
	monday := first.AddDate(0, 0, int(time.Monday-first.Weekday()+7)%7)
	for ; monday.Before(next) && monday.Before(m.anchor); monday = monday.AddDate(0, 0, 7) {
		left := float64(daysBetween(monday, next)) / float64(daysBetween(first, next))
		said := sum * (1 + (hope-1)*left) * m.spread(0.25*left)
		at := monday.Format(time.DateOnly) + "T09:00:00Z"
		out.add(r.key, iso(first), iso(next.AddDate(0, 0, -1)), "commit", dollars(said, 500), "USD", at)
		out.add(r.key, iso(first), iso(next.AddDate(0, 0, -1)), "best_case", dollars(said*(1.1+0.4*left), 500), "USD", at)
	}
}
