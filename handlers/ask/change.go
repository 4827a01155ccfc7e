package ask

import (
	"slices"
	"time"

	"salesbot/insights/metric"
)

// resolveWhy accounts for the words that ask what made a figure change: "why
// did" with "drop" or "change", or either of these with a figure whose changes can
// be told.
func (r *reader) resolveWhy() {
	moves := r.q.moved > 0 || r.q.changeWord > 0
	if last := r.asked.Last; r.q.why > 0 && !moves || r.saysIt() && (last == nil || !r.canChange(last.Metric)) {
		r.fail(r.at(r.q.why - 1))
	}
	if r.q.why > 0 && moves && r.q.changes == 0 {
		r.q.changes = r.q.why
	}
	if r.q.moved > 0 && r.q.changes == 0 && len(r.q.unknown) > 0 {
		r.fail(r.at(r.q.moved - 1))
	}
}

// saysIt reports whether "why did it" asks about what was asked last.
func (r *reader) saysIt() bool {
	p := r.at(r.q.why - 1)
	return r.q.why > 0 && r.tokens[p.to-1].word == "it"
}

// canChange reports whether it can be told what made a metric change.
func (r *reader) canChange(name string) bool {
	m := r.metric(name)
	return m.TellsChange() || m.HasFactors()
}

// readWhyLower reads "why is my pipeline lower than last week" as "down since
// last week": it is asked what changed between.
func readWhyLower(ts []token) {
	if !is(ts, 0, "why") {
		return
	}
	for i := 2; i+2 < len(ts); i++ {
		way, ok := map[string]string{"lower": "down", "less": "down", "smaller": "down", "higher": "up", "more": "up", "bigger": "up"}[ts[i].word]
		if ok && ts[i+1].word == "than" {
			ts[i].word, ts[i].stem, ts[i+1].word, ts[i+1].stem = way, way, "since", "since"
		}
	}
}

// asksOfChange reports whether it is asked what made the metric change. "Change"
// and "drop" say so of a figure that can be taken apart, and of no other.
func (r *reader) asksOfChange(m *metric.Metric) bool {
	switch {
	case r.q.define > 0 || r.q.listing.at > 0:
		return false
	case r.q.changes > 0:
		return true
	case m.TellsChange() && r.q.moved > 0:
		return true
	case m.TellsChange() && r.q.changeWord > 0:
		return r.q.then != nil || slices.ContainsFunc(r.q.periods, func(at int) bool { return !r.isWindow(at) })
	default:
		return r.goesOnFromChange()
	}
}

// goesOnFromChange reports whether a change that was asked for last is asked for
// again, of something else.
func (r *reader) goesOnFromChange() bool {
	last := r.asked.Last
	if r.q.follow && last != nil && last.Shape == metric.ShapeFactors {
		return last.Metric == r.q.metric && len(r.q.by) == 0 && !r.q.ranked
	}
	return r.q.follow && last != nil && (last.Shape == metric.ShapeChange || last.Part != "") && last.Metric == r.q.metric &&
		!slices.ContainsFunc(r.q.by, r.isTime) && !r.q.ranked && r.q.in == ""
}

// changing is the metric that is taken apart where none is named: the one that
// was asked about last, if it can be, else the first of those that can.
func (r *reader) changing() (name string, goesOn bool) {
	timeless := len(r.q.periods) == 0 && r.q.then == nil
	if last := r.asked.Last; last != nil && (r.metric(last.Metric).TellsChange() || r.canChange(last.Metric) && (timeless || r.saysIt())) {
		return last.Metric, true
	}
	for _, name := range r.inCatalog(leadMetrics) {
		if r.metric(name).TellsChange() {
			return name, false
		}
	}
	return "", false
}

// isWindow reports whether a period is that of the close dates: "closing" leads
// up to it.
func (r *reader) isWindow(at int) bool {
	for at--; at >= 0 && r.at(at).is(keyHarmless); at-- {
	}
	return r.at(at).isAny(keyClosing, keyOutOf)
}

// resolveChange decides which deals are looked at, by the period of their close
// dates, and between which moments: those of another period, those that were
// named, or the last week.
func (r *reader) resolveChange(m *metric.Metric) {
	if r.q.yearAgo > 0 {
		r.fail(r.at(r.q.yearAgo - 1))
		return
	}
	var windows, times []int
	for _, at := range r.q.periods {
		ofAll := !m.TellsChange() && r.q.then != nil && r.at(at).part.IsAll() // of all quotas
		if r.isWindow(at) || ofAll {
			windows = append(windows, at)
		} else {
			times = append(times, at)
		}
	}
	switch {
	case r.q.closing > 0 && len(windows) == 0 || len(windows) > 1:
		r.fail(r.at(r.q.closing - 1))
		return
	case len(times) > 1:
		r.q.fork = r.periodFork(times)
		return
	case len(windows) == 1:
		r.q.period = r.placed(windows[0], true)
	}
	if len(times) == 1 {
		r.takeTime(times[0])
	} else if r.q.compare && r.q.then == nil && (r.q.against != nil || r.q.ranOver != "") {
		periods := r.q.period
		r.q.period = nil
		r.resolveThen(m)
		r.q.period = periods
	}
	if r.q.then == nil && len(r.q.unknown) == 0 && !r.goesOnFromChange() {
		r.sinceLastWeek()
	}
	r.q.compare = r.q.compare || r.q.then != nil
	if r.q.shape = metric.ShapeChange; !m.TellsChange() {
		r.q.shape = metric.ShapeFactors
	}
	r.checkWindow()
}

// resolveFactors decides which periods are set against each other: those that were
// named, or the one asked about and the one before. "Since last quarter" is this
// one against the last.
func (r *reader) resolveFactors() {
	goesOn := r.q.follow && r.asked.Last != nil && r.asked.Last.Compare != ""
	if r.q.part != "" {
		r.refuse(r.changeWords(), "Only what is open changes by parts whose deals can be listed.")
		return
	}
	r.q.shape, r.q.compare = metric.ShapeFactors, r.q.compare || !goesOn
	if len(r.q.periods) != 1 || r.q.against != nil {
		return
	}
	if p, ok := r.sinceLast(r.q.periods[0]); ok {
		r.q.against, r.q.periods, r.q.compare = &p, nil, true
	}
}

// changeWords is the piece that asks for a change.
func (r *reader) changeWords() piece {
	for _, at := range []int{r.q.changes, r.q.moved, r.q.changeWord} {
		if at > 0 {
			return r.at(at - 1)
		}
	}
	return piece{}
}

// takeTime takes a period for the time in which the figure changed: from how it
// stood before its first day to how it stood at the end of its last, or stands
// now.
func (r *reader) takeTime(at int) {
	p := r.placed(at, false)
	first, tomorrow := p.From, r.calendar.plusDays(r.calendar.today, 1)
	if ago, ok := r.sinceAgo(at); ok {
		first = ago
	}
	switch {
	case r.q.then != nil || r.q.against != nil || r.q.ranOver != "" || first.IsZero():
		r.fail(r.at(at))
		return
	case !first.Before(tomorrow):
		r.refuse(r.at(at), "That time has not come: what changed can be told up to today.")
		return
	}
	then := r.calendar.momentAt(r.calendar.plusDays(first, -1))
	r.q.then = &then
	if p.To.IsZero() || !p.To.Before(tomorrow) {
		return
	}
	if r.q.asOf != nil {
		r.fail(r.at(at))
		return
	}
	ended := r.calendar.momentAt(r.calendar.plusDays(p.To, -1))
	r.q.asOf, r.q.asOfAt = &ended, at+1
}

// sinceAgo reads "since last week" as since this day a week ago: on a Monday, the
// end of last week would be yesterday. Since a day is since it began.
func (r *reader) sinceAgo(at int) (time.Time, bool) {
	p, ok := r.sinceLast(at)
	if !ok {
		return time.Time{}, false
	}
	return r.calendar.plusDays(r.calendar.civil().plus(r.calendar.today, p.unit, -1), 1), true
}

// sinceLast reads the week, month, quarter or year of "since last week".
func (r *reader) sinceLast(at int) (part, bool) {
	ts := r.tokens[r.at(at).from:r.at(at).to]
	if !is(ts, 0, "since") || len(ts) != 3 || !slices.Contains([]string{"last", "previous", "prior"}, ts[1].word) {
		return part{}, false
	}
	p, n := r.calendar.readPlain(ts[1:])
	return p, n == 2 && p.count == 1 && slices.Contains([]unit{week, month, quarter, year}, p.unit)
}

// sinceLastWeek takes the last seven days where no time is named.
func (r *reader) sinceLastWeek() {
	then := r.calendar.momentAt(r.calendar.plusDays(r.dayAsked(), -7))
	r.q.then = &then
	r.note("no earlier moment was named, so it is a week before")
}

// readSince reads "since" before a moment: "since two weeks ago".
func (r *reader) readSince(p piece) bool {
	r.pos++
	next := r.here()
	if next.moment == nil || next.moment.ahead || r.q.then != nil {
		r.fail(p)
		return true
	}
	r.q.then, r.q.compare, r.q.changeWord = next.moment, true, r.pos
	r.pos++
	return true
}

// keepChange makes the edited Query one of a change, or leaves it one: what
// cannot be told of a change goes unless it was said now.
func (s *sentence) keepChange(query *metric.Query, q question) {
	last := s.asked.Last
	goesOn := q.follow && last != nil && (last.Shape == metric.ShapeChange || last.Part != "")
	query.Shape = q.shape
	if len(q.by) == 0 && !goesOn {
		query.By = nil
	}
	if !q.ranked {
		query.Order, query.Limit = "", 0
	}
	switch {
	case q.shape == metric.ShapeChange:
		query.In = q.in
	case query.Compare == "" && !s.metric(query.Metric).Stock:
		query.Compare = metric.ComparePrevious
	}
	s.listPart(query, q)
}
