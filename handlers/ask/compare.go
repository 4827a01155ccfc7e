package ask

import (
	"slices"
	"strings"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// readVersus reads "vs last quarter", "compared to previous", "Anna vs Moses".
func (r *reader) readVersus(p piece) bool {
	back := r.pos
	r.pos++
	r.skipArticles()
	switch next := r.here(); {
	case r.q.compare && (next.part != nil || next.is(keyPrevious)), r.isCompared() && (next.moment != nil || next.isAny(keyYearAgo, keyBeforeThat)):
		r.fail(p) // two comparisons at once
	case next.moment != nil && next.moment.ahead:
		r.readMomentPiece(next)
	case next.moment != nil:
		r.q.compare, r.q.then, r.q.versus = true, next.moment, back+1
		r.pos++
	case next.part != nil && r.isPreviousUnit(next):
		r.q.compare, r.q.ranOver, r.q.versus = true, next.part.unit, back+1
		r.pos++
	case next.part != nil:
		r.q.compare, r.q.against = true, next.part
		r.pos++
	case next.is(keyYearAgo):
		return r.readYearAgo(next)
	case next.is(keyBeforeThat):
		r.q.compare, r.q.ranOver, r.q.versus = true, next.as(keyBeforeThat).unit, back+1
		r.pos++
	case r.readBeside():
	case next.is(keyPrevious):
		r.q.compare, r.q.previous = true, true
		r.pos++
	case next.is(keyUnavailable):
		return r.readUnavailable(next)
	default:
		r.pos = back
		r.fail(p)
		r.pos++
	}
	return true
}

// isCompared reports whether it was said already what is compared with.
func (r *reader) isCompared() bool {
	return r.q.then != nil || r.q.against != nil || r.q.yearAgo > 0 || r.q.ranOver != "" || r.q.previous
}

// isPreviousUnit reports whether a period is "the previous quarter": after
// "vs", that is the one before the quarter asked for, not before today's.
func (r *reader) isPreviousUnit(p piece) bool {
	return p.part.count == 1 && slices.Contains([]string{"previous", "prev", "prior", "preceding"}, r.tokens[p.from].word)
}

// readTo reads the "to" of "compare me to Tom".
func (r *reader) readTo(p piece) bool {
	return r.q.compareWord > 0 && r.readVersus(p)
}

// readBeside reads a person who is set beside the one before: "me vs Tom", "Tom
// vs me".
func (r *reader) readBeside() bool {
	last := len(r.q.where) - 1
	if last < 0 || r.q.where[last].Field != personField || isNegative(r.q.where[last].Op) {
		return false
	}
	one := r.q.where[last]
	other, at := insights.Name{Kind: personField, ID: r.asked.Viewer.PersonID, Text: r.asked.Viewer.Name}, r.pos
	switch people := keepKind(r.here().names, personField); {
	case len(people) > 0:
		name, ok := r.readAnother(personField)
		if !ok {
			return true // it is asked which
		}
		other = name
	case r.here().is(keyMine) && r.asked.Viewer.PersonID != 0 && one.Values[len(one.Values)-1].ID != r.asked.Viewer.PersonID:
		r.pos++
	default:
		return false
	}
	one.Op, one.Values = metric.In, append(slices.Clone(one.Values), metric.Value{ID: other.ID, Text: other.Text})
	r.q.where = append(slices.Clone(r.q.where[:last]), one)
	r.breakDown(r.at(at), personField)
	return true
}

// readBeforeThat reads "the quarter before" where the last question was of a
// quarter.
func (r *reader) readBeforeThat(p piece) bool {
	last := r.asked.Last
	if last == nil || last.Period.From.IsZero() || last.Period.To.IsZero() {
		return false
	}
	asked := r.recall(last.Period)
	if asked.unit != p.as(keyBeforeThat).unit || asked.count != 1 {
		return false
	}
	before := r.calendar.whole(r.calendar.plus(asked.From, asked.unit, -1), asked.unit, 1, "")
	before.Label = dayLabel(before.From) + " – " + dayLabel(r.calendar.plusDays(before.To, -1))
	p.part = &before
	r.pieces = r.with(r.pos, p)
	r.q.periods, r.q.follow = append(r.q.periods, r.pos), true
	r.pos++
	return true
}

// readYearAgo reads "same time last year", "yoy".
func (r *reader) readYearAgo(p piece) bool {
	if r.isCompared() {
		r.fail(p) // "vs last quarter yoy"
	}
	r.pos++
	r.q.compare, r.q.yearAgo = true, r.pos
	return true
}

// readChange reads "growth", "change", "qoq".
func (r *reader) readChange(p piece) bool {
	r.q.compare = true
	if strings.HasPrefix(r.tokens[p.from].word, "chang") {
		r.q.changeWord = r.pos + 1
	}
	for _, m := range p.meanings {
		if m.unit != "" && r.isCompared() {
			r.fail(p) // "yoy revenue qoq"
		}
		if m.unit != "" {
			r.q.ranOver, r.q.versus = m.unit, r.pos+1
		}
	}
	r.pos++
	return true
}

// readPrevious reads "previous period" without a word of comparison: it is one
// only when it says "period".
func (r *reader) readPrevious(p piece) bool {
	if !strings.Contains(words(r.tokens[p.from:p.to]), "period") {
		return false
	}
	if r.isCompared() {
		r.fail(p)
	}
	r.q.compare, r.q.previous = true, true
	r.pos++
	return true
}

// resolveComparison decides what the period asked for is compared with: the one
// before, the same days of another year, or any other period.
func (r *reader) resolveComparison() {
	against := r.q.against
	if r.metric(r.q.metric).Stock {
		r.resolveThen(r.metric(r.q.metric))
		return
	}
	if r.q.then != nil {
		r.refuse(r.at(r.q.versus), r.metric(r.q.metric).Label+" is of a period, and is compared with another period.")
		return
	}
	if r.q.period == nil && !r.q.follow {
		switch {
		case r.q.ranOver != "":
			r.assumePeriod(r.q.ranOver)
			return
		case r.q.yearAgo > 0 && strings.HasPrefix(r.typed(r.at(r.q.yearAgo-1)), "y"):
			r.assumePeriod(year) // "revenue yoy"
		case r.q.yearAgo > 0:
			r.assumePeriod(quarter)
		case against != nil && against.unit != "" && against.count == 1:
			r.assumePeriod(against.unit)
		case against == nil:
			r.q.fork = r.spansFork()
			return
		}
	}
	period := r.q.period
	if period == nil && r.asked.Last != nil && r.q.follow {
		period = r.recall(r.asked.Last.Period)
	}
	switch {
	case r.q.ranOver != "" && (period == nil || period.unit != r.q.ranOver || period.count != 1):
		r.refuse(r.at(r.q.versus-1), "The period asked for is not one "+string(r.q.ranOver)+", so it cannot be compared with the "+string(r.q.ranOver)+" before.")
	case r.q.yearAgo > 0:
		r.compareYearAgo(r.at(r.q.yearAgo-1), period)
	case against != nil && (period == nil || !r.calendar.follows(*period, *against)):
		r.compareOther(period, against)
	}
}

// compareYearAgo sets a period against the same days of the year before.
func (r *reader) compareYearAgo(said piece, period *part) {
	if period == nil || period.From.IsZero() || period.To.IsZero() {
		r.refuse(said, "Only a period with a beginning and an end can be compared with that of another year.")
		return
	}
	other := r.calendar.yearBefore(*period)
	if r.calendar.follows(*period, other) {
		return // the year before is the one before
	}
	r.q.other = &other.Period
}

// compareOther sets a period against any other. "This quarter vs last year" is
// against the same quarter of it.
func (r *reader) compareOther(period, against *part) {
	switch {
	case period == nil || period.From.IsZero() || period.To.IsZero() || against.From.IsZero() || against.To.IsZero():
		r.refuse(r.pieceOf(against), "Only periods with a beginning and an end can be compared.")
	case against.unit == year && against.count == 1 && period.unit != year && r.calendar.within(*period, *against):
		r.compareYearAgo(r.pieceOf(against), period)
	default:
		r.q.other = &against.Period
	}
}

// within reports whether a period lies in the year after another.
func (c calendar) within(p, before part) bool {
	next := c.plus(before.From, year, 1)
	return !p.From.Before(next) && !p.To.After(c.plus(next, year, 1))
}

// yearBefore is the same stretch of the year before: the same unit of it, or the
// same days.
func (c calendar) yearBefore(p part) part {
	if p.toDate {
		p = c.whole(p.From, p.unit, 1, "")
	}
	if !c.isOwn(p) {
		c = c.civil()
	}
	other := p
	other.From, other.To = c.plus(p.From, year, -1), c.plus(p.To, year, -1)
	other.Label, other.note, other.inYear = dayLabel(other.From)+" – "+dayLabel(c.plusDays(other.To, -1)), "", nil
	if p.unit == day && p.count == 1 {
		other.Label = dayLabel(other.From)
	}
	return other
}

// recall reads the period of an earlier Query again, as a part.
func (s *sentence) recall(p metric.Period) *part {
	read, n := s.calendar.readPeriod(tokenise(clean(p.Label)))
	if n == 0 || !read.From.Equal(p.From) || !read.To.Equal(p.To) {
		return &part{Period: p}
	}
	return &read
}

func (r *reader) assumePeriod(u unit) {
	p := r.calendar.relative(u, 0, false)
	r.q.period = &p
	r.note("no period was named, so it is " + p.Label)
}

// follows reports whether p begins where before ends, and is as long.
func (c calendar) follows(p, before part) bool {
	if p.From.IsZero() || p.To.IsZero() || before.From.IsZero() {
		return false
	}
	if p.toDate {
		p.To = c.plus(p.From, p.unit, 1)
	}
	previous := c.before(p)
	return previous.From.Equal(before.From) && previous.To.Equal(before.To)
}

// spansFork asks which period is to be compared with the one before.
func (r *reader) spansFork() *fork {
	f := &fork{ask: "Which period is to be compared with the one before?"}
	last := r.pieces[len(r.pieces)-1]
	for _, u := range []unit{month, quarter, year} {
		p := r.calendar.relative(u, 0, false)
		pieces := append(slices.Clone(r.pieces), piece{from: last.from, to: last.to, part: &p})
		f.ways = append(f.ways, way{label: p.Label, pieces: pieces})
	}
	return f
}

// compareWhole takes the whole of a running unit for its days so far when it
// is compared: the same days of the unit before are then set against it. That
// is said where the unit before was named, as in "nov vs oct".
func (s *sentence) compareWhole(query *metric.Query, q *question) {
	p := s.recall(query.Period)
	named := q.against != nil && p.unit != "" && p.unit != day && p.From.Before(s.calendar.today) && p.To.After(s.calendar.plusDays(s.calendar.today, 1))
	periods := query.Compare == metric.ComparePrevious || query.Compare == metric.ComparePeriod
	if !periods || !p.toDate && !named {
		return
	}
	if p.toDate {
		query.Period = s.calendar.relative(p.unit, 0, false).Period
	}
	other := "the same days of the one before"
	if query.Compare == metric.ComparePeriod {
		other = "as many days of " + query.Against.Label
	}
	q.notes = append(q.notes, "the "+string(p.unit)+" so far is compared with "+other)
}
