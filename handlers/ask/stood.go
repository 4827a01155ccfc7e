package ask

import (
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// A stock by steps of time is told by the step in which what stands now is to
// close, unless it is said that it is meant as it stood at the end of each.

// stoodWords are the words for that: some name the step as well.
func stoodWords() map[string]unit {
	out := map[string]unit{"as it stood": "", "as they stood": "", "as it stood then": "", "as they stood then": ""}
	for _, u := range []unit{day, week, month, quarter, half, year} {
		for _, lead := range []string{"", "as it stood ", "as they stood "} {
			for _, words := range []string{"at the end of each ", "at the end of every ", "at end of each ", "at each end of "} {
				out[lead+words+string(u)] = u
			}
			for _, words := range []string{"at each ", "at every "} {
				out[lead+words+string(u)+" end"] = u
				out[lead+words+string(u)+"s end"] = u
			}
		}
	}
	return out
}

// readStood reads that a stock is meant as it stood.
func (r *reader) readStood(p piece) bool {
	r.pos++
	r.q.stood = r.pos
	if u := stoodWords()[words(r.tokens[p.from:p.to])]; u != "" && len(r.q.by) == 0 {
		r.q.by = []string{string(u)}
	} else if u != "" && !slices.Contains(r.q.by, string(u)) {
		r.fail(p)
	}
	return true
}

// takeTense takes the past tense of a question by steps of time, as in "what was
// the pipeline by month", for words that say so; and what goes on from such a
// question for one.
func (r *reader) takeTense(m *metric.Metric) {
	if r.q.stood+r.q.closing+r.q.define+r.q.listing.at > 0 || r.q.compare || r.q.asOf != nil || !m.TellsStood() || !r.hasSteps() {
		return
	}
	past, was := r.pastTense()
	switch {
	case m.Momentary():
		r.q.stood = len(r.pieces)
	case was:
		r.q.stood = 1 + slices.IndexFunc(r.pieces, func(p piece) bool { return p.from == past.from })
	case r.q.follow && r.asked.Last != nil && r.asked.Last.Stood:
		r.q.stood = len(r.pieces)
	}
}

// hasSteps reports whether the question is broken down by a step of time, itself
// or, going on, as the one before it was.
func (r *reader) hasSteps() bool {
	by := r.q.by
	if len(by) == 0 && r.q.follow && r.asked.Last != nil {
		by = r.asked.Last.By
	}
	return slices.ContainsFunc(by, r.isTime)
}

// checkStood accounts for the words that say so: they are said of what stands at
// a moment, by a step of time.
func (r *reader) checkStood(m *metric.Metric) {
	switch p := r.at(r.q.stood - 1); {
	case !m.TellsStood():
		r.refuse(p, m.Label+" does not stand at a moment by itself, so there is no telling how it stood at the end of each step of time.")
	case !r.hasSteps():
		r.refuse(p, "How it stood is told by a step of time, as in “by month, as it stood”, or as of a day.")
	case r.q.closing > 0 || r.q.compare || r.q.listing.at > 0:
		r.refuse(p, "How it stood at the end of each step counts all that stood then, and is not compared.")
	}
}

// standingSteps makes a Query one of how a stock stood, or leaves it the one it
// was: of this year, if it has no beginning yet.
func (s *sentence) standingSteps(query *metric.Query, q *question) {
	m := s.metric(query.Metric)
	steps := slices.ContainsFunc(query.By, s.isTime)
	query.Stood = (q.stood > 0 || query.Stood && q.closing == 0) && m.TellsStood() && steps && query.Shape == metric.ShapeFigure
	if last := s.asked.Last; q.follow && last != nil && last.Stood && !query.Stood && q.period == nil && m.Stock {
		query.Period = metric.Period{Label: AllTime} // it was that of the steps, not of the close dates
	}
	if !query.Stood {
		return
	}
	query.Compare, query.Then = "", metric.Query{}.Then
	if query.Period.IsAll() {
		query.Period = s.calendar.relative(year, 0, false).Period
		q.notes = append(q.notes, "no period was named, so it is "+query.Period.Label)
	}
}

// echoBy writes the breakdown. Of a stock it says which steps of time are meant.
func (s *sentence) echoBy(q metric.Query) string {
	m := s.metric(q.Metric)
	by := slices.Clone(q.By)
	step := slices.IndexFunc(by, s.isTime)
	if step >= 0 && m.ByCloseDate(q) {
		by[step] = "close " + by[step]
	}
	text := strings.TrimSpace(s.parser.sayBy(by))
	if q.Stood {
		text += " as it stood at each " + q.By[step] + "’s end"
	}
	return text
}
