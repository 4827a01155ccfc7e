package ask

import (
	"slices"
	"time"

	"salesbot/insights/metric"
)

// moment is the end of a day in the past, as a question names it: "as of last
// friday", "at the end of last quarter", "two weeks ago".
type moment struct {
	at    time.Time // the last instant of its day
	asOf  bool      // it says "as of", so that it is nothing else
	known bool      // it says "as reported on": until when what is counted was loaded
	ahead bool      // the day has not come
}

// endOfDay is the last instant that is still of the day; Postgres counts
// microseconds.
func (c calendar) endOfDay(t time.Time) time.Time { return c.plusDays(t, 1).Add(-time.Microsecond) }

// reportedLeads are the words before the day on which something had been reported.
var reportedLeads = [][]string{
	{"as", "reported", "on"}, {"as", "reported", "as", "of"}, {"as", "reported", "at"}, {"as", "it", "was", "reported", "on"}, {"as", "known", "on"},
	{"as", "known", "as", "of"}, {"as", "known", "at"}, {"as", "we", "knew", "it", "on"}, {"as", "reported"}, {"as", "known"},
}

// momentAt is the end of a day.
func (c calendar) momentAt(day time.Time) moment {
	return moment{at: c.endOfDay(day), ahead: day.After(c.today)}
}

// momentLabel names the day of a moment.
func (c calendar) momentLabel(at time.Time) string { return dayLabel(at.In(c.today.Location())) }

// readMoment reads a moment at the start of ts and says how many tokens it took;
// 0 when there is none.
func (c calendar) readMoment(ts []token) (moment, int) {
	for _, lead := range reportedLeads {
		if isPhrase(ts, lead...) {
			n := len(lead) + countArticle(ts[len(lead):])
			for _, read := range []func([]token) (moment, int){c.readEdge, c.readAgo, c.readEnded} {
				if m, used := read(ts[n:]); used > 0 {
					m.known = true
					return m, n + used
				}
			}
		}
	}
	if isPhrase(ts, "as", "of") || isPhrase(ts, "as", "at") {
		n := 2 + countArticle(ts[2:])
		for _, read := range []func([]token) (moment, int){c.readEdge, c.readAgo, c.readEnded} {
			if m, used := read(ts[n:]); used > 0 {
				m.asOf = true
				return m, n + used
			}
		}
		return moment{}, 0
	}
	if is(ts, 0, "at") {
		n := 1 + countArticle(ts[1:])
		if m, used := c.readEdge(ts[n:]); used > 0 {
			return m, n + used
		}
		return moment{}, 0
	}
	return c.readAgo(ts)
}

func countArticle(ts []token) int {
	if is(ts, 0, "the") {
		return 1
	}
	return 0
}

// readEdge reads "end of last quarter" and "beginning of the year", which is how
// it stood before that year's first day.
func (c calendar) readEdge(ts []token) (moment, int) {
	if len(ts) < 3 || ts[1].word != "of" {
		return moment{}, 0
	}
	last := slices.Contains([]string{"end", "close"}, ts[0].word)
	if !last && !slices.Contains([]string{"start", "beginning"}, ts[0].word) {
		return moment{}, 0
	}
	n := 2 + countArticle(ts[2:])
	p, used := c.readUnit(ts[n:])
	if plain, m := c.readPlain(ts[n:]); m > used {
		p, used = plain, m
	}
	if p = c.settle(p); used == 0 || len(p.either) > 0 || p.From.IsZero() || p.To.IsZero() {
		return moment{}, 0
	}
	if last {
		return c.momentAt(c.plusDays(p.To, -1)), n + used
	}
	return c.momentAt(c.plusDays(p.From, -1)), n + used
}

// readAgo reads "two weeks ago", "a month ago", "30 days earlier".
func (c calendar) readAgo(ts []token) (moment, int) {
	count, u, n := 1, unit(""), 2
	if len(ts) < 3 {
		return moment{}, 0
	}
	if ts[0].word == "a" || ts[0].word == "an" {
		u = units[ts[1].word]
	} else {
		count, u, n = readCount(ts)
	}
	if u == "" || n == 0 || count < 1 || count > maxUnits/monthsOrOne(u) || !isPhraseAny(ts[n:], "ago", "earlier") {
		return moment{}, 0
	}
	return c.momentAt(c.civil().plus(c.today, u, -count)), n + 1
}

// readEnded reads a day, or a longer period that is over: as of its end.
func (c calendar) readEnded(ts []token) (moment, int) {
	p, n := c.readPlain(ts)
	if p = c.settle(p); n == 0 || len(p.either) > 0 || p.From.IsZero() || p.To.IsZero() {
		return moment{}, 0
	}
	return c.momentAt(c.plusDays(p.To, -1)), n
}

// readMomentPiece takes a moment as the one at which the figures stood.
func (r *reader) readMomentPiece(p piece) {
	r.pos++
	switch m := p.moment; {
	case m.ahead:
		r.refuse(p, "That day has not come: figures can be told as of today or earlier.")
	case m.known && r.q.reported != nil || !m.known && r.q.asOf != nil:
		r.fail(p)
	case m.known:
		r.q.reported = &m.at
	default:
		r.q.asOf, r.q.asOfAt = m, r.pos
	}
}

// checkMoment sees to it that a moment without "as of" is said of what stands at
// a moment: "revenue two weeks ago" could be that of several periods.
func (r *reader) checkMoment(m *metric.Metric) {
	if r.q.asOf != nil && !r.q.asOf.asOf && !m.Stock && !m.StandsAtEnd() {
		r.refuse(r.at(r.q.asOfAt-1), "To see how "+lowerFirst(m.Label)+" stood then, say “as of”; otherwise name a period.")
	}
}

// resolveThen decides with which moment a stock is compared: the one that was
// named, or the end of the period that was.
func (r *reader) resolveThen(m *metric.Metric) {
	against := r.q.against
	if r.q.period != nil && r.q.period.Label == "today" && r.q.closing == 0 {
		r.q.period, r.q.periods = nil, nil // "pipeline today vs last month" is of what is open now
	}
	if r.q.then != nil {
		return
	}
	if r.q.period != nil {
		why := m.Label + " stands at a moment: name the one to compare it with, as in “than a week ago” or “vs as of 30 june”."
		r.refuse(r.at(r.q.periods[0]), why)
		return
	}
	var u unit
	switch {
	case r.q.yearAgo > 0:
		then := r.calendar.momentAt(r.calendar.civil().plus(r.dayAsked(), year, -1))
		r.q.then = &then
		return
	case against != nil && against.count > 1:
		r.refuse(r.pieceOf(against), m.Label+" is compared with how it stood at one moment, and that is a span of several "+string(against.unit)+"s.")
		return
	case against != nil:
		if to := r.calendar.plusDays(against.To, -1); !against.To.IsZero() && to.Before(r.calendar.today) {
			then := r.calendar.momentAt(to)
			r.q.then = &then
			return
		}
		r.refuse(r.pieceOf(against), m.Label+" is compared with how it stood at an earlier moment; that period is not over.")
		return
	case r.q.ranOver != "":
		u = r.q.ranOver
	default:
		r.q.fork = r.thenFork()
		return
	}
	then := r.endOfLast(u)
	r.q.then = &then
}

// endOfLast is the last day of the unit before the one as of which is asked.
func (r *reader) endOfLast(u unit) moment {
	return r.calendar.momentAt(r.calendar.plusDays(r.calendar.start(r.dayAsked(), u), -1))
}

// dayAsked is the day as of which is asked, which going on may have been named
// before.
func (r *reader) dayAsked() time.Time {
	on, last := r.calendar.today, r.asked.Last
	switch {
	case r.q.asOf != nil:
		on = r.q.asOf.at.In(on.Location())
	case r.q.follow && r.q.now == 0 && last != nil && !last.AsOf.IsZero():
		on = last.AsOf.In(on.Location())
	}
	y, m, d := on.Date()
	return metric.Midnight(y, m, d, on.Location())
}

// thenFork asks with which moment a stock is to be compared.
func (r *reader) thenFork() *fork {
	f := &fork{ask: "Compared with how it stood when?"}
	last := r.pieces[len(r.pieces)-1]
	said := slices.DeleteFunc(slices.Clone(r.pieces), func(p piece) bool { return p.is(keyPrevious) || r.q.previous && p.is(keyVersus) })
	for _, u := range []unit{week, month, quarter} {
		then := r.endOfLast(u)
		pieces := append(slices.Clone(said),
			piece{from: last.from, to: last.to, meanings: []meaning{{key: keyVersus}}},
			piece{from: last.from, to: last.to, moment: &then})
		f.ways = append(f.ways, way{label: "at the end of last " + string(u), pieces: pieces})
	}
	return f
}
