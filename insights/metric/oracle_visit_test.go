package metric_test

import (
	"slices"
	"time"

	"salesbot/insights/metric"
)

// What the metrics mean that count visits to stages, deal by deal and from one
// version of a deal to the next.

func init() {
	for name, m := range map[string]measure{
		"stage_duration":         {unit: metric.UnitDays, visit: went, days: stayed, combine: median},
		"average_stage_duration": {unit: metric.UnitDays, visit: went, days: stayed, combine: mean, mean: true},
		"stage_duration_p80":     {unit: metric.UnitDays, visit: went, days: stayed, combine: p80},
		"stage_entries":          {unit: metric.UnitCount, visit: came, only: func(_ *oracle, d deal) bool { return d.visit.first }},

		"stage_passes": {unit: metric.UnitCount, visit: func(v visit) day { return v.passed }, only: func(_ *oracle, d deal) bool { return d.visit.first }},
		"stage_conversion": {
			unit: metric.UnitRatio, visit: came, minFacts: 3,
			only:     func(o *oracle, d deal) bool { return d.visit.first && d.visit.entered < o.today-90 },
			converts: func(_ *oracle, d deal) bool { return d.visit.passed != noDay && d.visit.passed <= d.visit.entered+90 },
		},

		"age_in_stage":          {unit: metric.UnitDays, counts: "open", asIs: true, stock: true, days: aged, combine: median},
		"average_age_in_stage":  {unit: metric.UnitDays, counts: "open", asIs: true, stock: true, days: aged, combine: mean, mean: true},
		"aged_count":            {unit: metric.UnitCount, counts: "open", asIs: true, stock: true, state: overstayed(true)},
		"aged_pipeline":         {unit: metric.UnitMoney, counts: "open", asIs: true, stock: true, state: overstayed(true), combine: total},
		"stalled_count":         {unit: metric.UnitCount, counts: "open", asIs: true, stock: true, state: overstayed(false)},
		"stalled_pipeline":      {unit: metric.UnitMoney, counts: "open", asIs: true, stock: true, state: overstayed(false), combine: total},
		"push_count":            {unit: metric.UnitCount, only: moved("pushed")},
		"pull_count":            {unit: metric.UnitCount, only: moved("pulled")},
		"date_correction_count": {unit: metric.UnitCount, only: moved("corrected")},
		"push_days":             {unit: metric.UnitDays, only: moved("pushed"), days: movedBy, combine: total},
		"pushed_twice_count":    {unit: metric.UnitCount, counts: "open", asIs: true, stock: true, only: pushedTwice, loaded: haveDates},
		"pushed_twice_pipeline": {unit: metric.UnitMoney, counts: "open", asIs: true, stock: true, only: pushedTwice, loaded: haveDates, combine: total},
	} {
		if slices.Contains(moveMetrics, name) {
			m.visit, m.loaded = moveDay, haveDates
			measures[name] = m
			continue
		}
		if m.visit != nil || m.days != nil || m.state != nil {
			m.loaded = haveMoves
		}
		measures[name] = m
	}
}

// visit is the time that a deal is at a stage. Days that are not known, or have
// not come, are none.
type visit struct {
	stage         int
	first         bool
	entered, left day
	passed        day // when a later stage was reached, or the deal was won

	// Of a move of the close date instead: its day, and from when to when.
	on, from, to day
}

func came(v visit) day { return v.entered }

func went(v visit) day { return v.left }

func stayed(_ *oracle, d deal) (int64, bool) {
	return int64(d.visit.left - d.visit.entered), d.visit.entered != noDay && d.visit.left != noDay
}

// whenever is no moment: since ever, or not yet.
var whenever time.Time

// turn is a stage that a deal came to, and when.
type turn struct {
	stage int
	since time.Time
}

// turns lists the stages of a deal one after the other.
func turns(d deal) []turn {
	var out []turn
	since := whenever
	for _, v := range append(slices.Clone(d.past), version{deal: d}) {
		if len(out) == 0 || out[len(out)-1].stage != v.deal.stage {
			out = append(out, turn{v.deal.stage, since})
		}
		since = v.until
	}
	return out
}

// visitsOf lists all visits of a deal to stages that mean that it is open.
func (o *oracle) visitsOf(d deal) []visit {
	var out []visit
	d.stage = o.stageNow(d)
	all := turns(d)
	for i, t := range all {
		v := visit{stage: t.stage, first: true, entered: o.dayOf(t.since), left: noDay, passed: noDay}
		for _, earlier := range all[:i] {
			v.first = v.first && earlier.stage != t.stage
		}
		for j := len(all) - 1; j > i; j-- {
			v.left = o.dayOf(all[j].since)
			further := all[j].stage
			if o.outcomes[further-1] == "won" || o.outcomes[further-1] == "open" && further > t.stage {
				v.passed = o.dayOf(all[j].since)
			}
		}
		if o.outcomes[t.stage-1] == "open" {
			out = append(out, v)
		}
	}
	return out
}

// stageNow is the stage that a deal is at by its log, which says one even where
// nobody can know whether it was closed already.
func (o *oracle) stageNow(d deal) int {
	if d.stage != 0 || o.now == nil {
		return d.stage
	}
	whole := o.now.deals[d.id-1]
	return append(slices.Clone(whole.past), version{deal: whole})[len(d.past)].deal.stage
}

// dayOf is the day of a moment at the company.
func (o *oracle) dayOf(at time.Time) day {
	if at.IsZero() {
		return noDay
	}
	y, m, d := at.In(o.co.Zone).Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(day(0).time()) / (24 * time.Hour))
}

// moveMetrics are those of visits that count moves instead.
var moveMetrics = []string{"push_count", "pull_count", "date_correction_count", "push_days"}

func moveDay(v visit) day { return v.on }

func movedBy(_ *oracle, d deal) (int64, bool) { return int64(d.visit.to - d.visit.from), true }

func moved(kind string) func(o *oracle, d deal) bool {
	return func(o *oracle, d deal) bool { return o.kindOf(*d.visit) == kind }
}

// kindOf tells a push from a pull and a correction.
func (o *oracle) kindOf(v visit) string {
	was, is := bucket(o.co, "month", v.from), bucket(o.co, "month", v.to)
	switch {
	case is > was:
		return "pushed"
	case is < was:
		return "pulled"
	default:
		return "corrected"
	}
}

func pushedTwice(o *oracle, d deal) bool { return o.pushes(d) == "twice or more" }

// pushes says how often a deal was pushed.
func (o *oracle) pushes(d deal) string {
	return []string{"never", "once", "twice or more"}[min(o.timesPushed(d), 2)]
}

// movesOf lists the days on which the close date of a deal came to be another,
// by how the deal stood at the end of each day and of the one before.
func (o *oracle) movesOf(d deal) []visit {
	d.stage = o.stageNow(d)
	all := append(slices.Clone(d.past), version{deal: d})
	var days []day
	for _, v := range all[:len(all)-1] {
		if on := o.dayOf(v.until); len(days) == 0 || days[len(days)-1] != on {
			days = append(days, on)
		}
	}
	endOf := func(on day) deal {
		for _, v := range all {
			if v.until.IsZero() || o.dayOf(v.until) > on {
				return v.deal
			}
		}
		panic("a deal stands nowhere")
	}
	var out []visit
	for _, on := range days {
		was, is := endOf(on-1), endOf(on)
		open := o.outcomes[was.stage-1] == "open" && o.outcomes[is.stage-1] == "open"
		if open && was.closed != noDay && is.closed != noDay && was.closed != is.closed {
			out = append(out, visit{on: on, from: was.closed, to: is.closed})
		}
	}
	return out
}

func haveDates(w *world) bool {
	return slices.ContainsFunc(w.deals, func(d deal) bool {
		all := append(slices.Clone(d.past), version{deal: d})
		for i := range all[1:] {
			if all[i].deal.closed != all[i+1].deal.closed {
				return true
			}
		}
		return false
	})
}

// moves are all moves, as if they were deals.
func (o *oracle) moves() []deal {
	var out []deal
	for _, d := range o.live() {
		for _, v := range o.movesOf(d) {
			there := d
			there.visit = &v
			out = append(out, there)
		}
	}
	return out
}

// visits are all visits, as if they were deals at the stage.
func (o *oracle) visits() []deal {
	var out []deal
	for _, d := range o.live() {
		for _, v := range o.visitsOf(d) {
			there := d
			there.stage, there.visit = v.stage, &v
			out = append(out, there)
		}
	}
	return out
}

// aged is for how many days a deal has been at its stage, if that is known.
func aged(o *oracle, d deal) (int64, bool) {
	d.stage = o.stageNow(d)
	all := turns(d)
	since := o.dayOf(all[len(all)-1].since)
	return int64(o.today - since), since != noDay
}

// old tells for how long a deal has been there.
func old(o *oracle, d deal) (int64, bool) {
	since, known := o.since(d, metric.FieldAge)
	return int64(o.today - since), known
}

// overstayed tells whether a deal has been at its stage for longer than the
// stage is expected to take, if that counts and is known, or than is usual.
func overstayed(expecting bool) func(o *oracle, d deal) (is, known bool) {
	return func(o *oracle, d deal) (bool, bool) {
		age, known := aged(o, d)
		if expected := o.allowed[d.stage-1]; expecting && expected != 0 {
			return age > int64(expected), known
		}
		var won []int64
		for _, other := range o.live() {
			if o.outcome(other) != "won" {
				continue
			}
			for _, v := range o.visitsOf(other) {
				if v.stage == d.stage && v.left != noDay && v.entered != noDay {
					won = append(won, int64(v.left-v.entered))
				}
			}
		}
		if len(won) == 0 {
			return false, false
		}
		slices.Sort(won)
		return age > p80(won).Num().Int64(), known
	}
}

// apart counts what is left out because it is not known whether it belongs, or
// because it still has time.
func (o *oracle) apart(from, till day) []int64 {
	n, intime := int64(0), int64(0)
	switch m := o.measure(); {
	case m.young != nil:
		n = int64(o.tooYoung(from, till))
	case m.placed && m.state != nil:
		n = int64(o.number(slices.DeleteFunc(o.within(from, till), func(d deal) bool {
			_, known := m.state(o, d)
			return known || m.only != nil && !m.only(o, d)
		})))
	case m.state != nil:
		for _, d := range o.within(from, till) {
			if o.outcome(d) != m.counts {
				continue
			}
			if _, known := m.state(o, d); !known {
				n++
			}
		}
	case o.q.Metric == "win_within_90":
		for _, d := range o.within(from, till) {
			if d.engaged >= o.today-90 {
				intime++
			}
		}
	case o.q.Metric == "stage_entries" || o.q.Metric == "stage_conversion":
		for _, d := range o.within(from, till) {
			if d.visit.first && d.visit.entered != noDay && d.visit.entered >= o.today-90 && o.q.Metric == "stage_conversion" {
				intime++
			}
		}
		for _, d := range o.within(noDay, noDay) {
			if d.visit.first && d.visit.entered == noDay && (from == noDay || d.visit.left == noDay || d.visit.left >= from) {
				n++
			}
		}
	}
	if o.measure().snapshots {
		for _, d := range o.within(from, till) {
			if d.fate == "" {
				n++
			}
			if d.fate == "in_time" {
				intime++
			}
		}
	}
	return append([]int64(nil), slices.DeleteFunc(append([]int64{n, intime}, o.ungauged(from, till)...), func(n int64) bool { return n == 0 })...)
}

func haveMoves(w *world) bool {
	return slices.ContainsFunc(w.deals, func(d deal) bool { return len(turns(d)) > 1 })
}
