package ask

import (
	"slices"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// assemble makes the Query of a question whose words are all accounted for.
func (s *sentence) assemble(q question) Reading {
	if s.isDefinition(q) {
		return s.define(q)
	}
	query := metric.Query{Shape: metric.ShapeFigure, Metric: q.metric, Period: metric.Period{Label: AllTime}}
	follows := q.follow && s.asked.Last != nil
	if q.follow && s.asked.Last == nil && len(q.mentions) > 0 {
		q.notes = append(q.notes, "there is no earlier question here, so this is read as a new one")
	}
	if follows {
		query = s.edit(&q)
	} else {
		fill(&query, q)
		if q.listing.at > 0 {
			q.follow = false
			s.list(&query, q)
		}
	}
	if q.shape != "" {
		s.keepChange(&query, q)
	}
	s.giveQuotaPeriod(&query, &q, follows)
	s.cut(&query)
	s.giveLastPeriod(&query, &q)
	s.rankTeam(&query, &q)
	query.Order = s.order(query, q)
	if s.asked.Hint != "" && len(q.mentions) == 0 && query.Shape == metric.ShapeFigure {
		s.applyHint(&query, q)
	}
	s.compareWhole(&query, &q)
	s.standingSteps(&query, &q)
	s.reportedThen(&query, &q)
	s.takeShare(&query, &q)
	s.takeRows(&query, &q)
	if conflict := s.conflict(query, q); conflict != nil {
		return *conflict
	}
	r := Reading{Query: &query, Notes: q.notes, FollowUp: follows}
	r.Understood = s.understood(query)
	return r
}

// fill puts the slots that were said into a new Query.
func fill(query *metric.Query, q question) {
	query.By, query.Where, query.Limit, query.Perspective, query.In = q.by, q.where, q.limit, q.view, q.in
	if q.period != nil {
		query.Period = q.period.Period
	}
	setStanding(query, q)
}

// setStanding puts the moment that was named, and what is compared, into a
// Query.
func setStanding(query *metric.Query, q question) {
	if q.asOf != nil {
		query.AsOf = q.asOf.at
	}
	if q.reported != nil {
		query.Reported = *q.reported
	}
	switch {
	case q.compare && q.then != nil:
		query.Compare, query.Then = metric.CompareThen, q.then.at
	case q.compare && q.other != nil:
		query.Compare, query.Against, query.Then = metric.ComparePeriod, *q.other, time.Time{}
	case q.compare:
		query.Compare, query.Then = metric.ComparePrevious, time.Time{}
	}
}

// giveQuotaPeriod takes this quarter where quotas are asked for without a
// period: a quota belongs to one.
func (s *sentence) giveQuotaPeriod(query *metric.Query, q *question, follows bool) {
	own := follows && s.isQuota(s.asked.Last.Metric) // it has been decided already
	assumed := s.isQuota(query.Metric) && query.Period.IsAll() && q.period == nil && !own && !slices.ContainsFunc(query.By, s.isTime)
	if assumed {
		query.Period = s.calendar.relative(quarter, 0, false).Period
	}
	switch {
	case q.number != "" && assumed:
		q.notes = append(q.notes, "“"+q.number+"” is read as "+s.metricLabel(query.Metric)+", "+query.Period.Label)
	case q.number != "":
		q.notes = append(q.notes, "“"+q.number+"” is read as "+s.metricLabel(query.Metric))
	case assumed:
		q.notes = append(q.notes, "no period was named, so it is "+query.Period.Label)
	}
}

// giveLastPeriod takes the last quarter where it is asked without a period what
// became of how things stood as one began: the last whose end is known. What
// stands at the end of each step of time is told of the steps of this year.
func (s *sentence) giveLastPeriod(query *metric.Query, q *question) {
	m := s.metric(query.Metric)
	if q.period != nil || !query.Period.IsAll() || query.Shape == metric.ShapeDefinition {
		return
	}
	switch {
	case m.OfAPeriod():
		query.Period = s.calendar.relative(quarter, -1, false).Period
	case m.StandsAtEnd() && slices.ContainsFunc(query.By, s.isTime):
		query.Period = s.calendar.relative(year, 0, false).Period
	default:
		return
	}
	q.notes = append(q.notes, "no period was named, so it is "+query.Period.Label)
}

// cut tells by territory, or by product, what says nothing of all of them together.
func (s *sentence) cut(query *metric.Query) {
	if by := s.metric(query.Metric).ToldBy(*query); by != "" {
		query.By = append([]string{by}, query.By...)
	}
}

func (s *sentence) isQuota(name string) bool {
	fact := s.metric(name).Fact
	return fact == "quota" || fact == "territory quota" || fact == "seat"
}

// rankTeam ranks the people of a team where that is to be ranked: "rank my team
// by revenue".
func (s *sentence) rankTeam(query *metric.Query, q *question) {
	team := func(f metric.Filter) bool { return f.Field == managerField && !isNegative(f.Op) }
	_, people := s.parser.Catalog.Dimension(personField)
	if q.ranked && people && query.Shape == metric.ShapeFigure && len(query.By) == 0 && slices.ContainsFunc(query.Where, team) {
		query.By = []string{personField}
		q.notes = append(q.notes, "ranked by person, as a team was named")
	}
}

// order decides which end of a ranking comes first: the best is the least
// where less is better.
func (s *sentence) order(query metric.Query, q question) metric.Order {
	less := s.metric(query.Metric).Direction == metric.DownIsGood
	switch {
	case !q.ranked || query.Shape == metric.ShapeDeals:
		return query.Order
	case q.good == 0:
		return q.order
	case (q.good > 0) == less:
		return metric.Ascending
	default:
		return metric.Descending
	}
}

// applyHint adds what a slash command shows by itself.
func (s *sentence) applyHint(query *metric.Query, q question) {
	if query.Shape == metric.ShapeDeals {
		return
	}
	switch s.asked.Hint {
	case HintPipeline:
		if len(query.By) == 0 {
			query.By = []string{"stage"}
		}
	case HintTerritory:
		if q.period == nil {
			query.Period = s.calendar.relative(quarter, 0, false).Period
		}
		of := func(f metric.Filter) bool { return f.Field == "territory" }
		switch {
		case len(query.By) > 0:
		case slices.ContainsFunc(query.Where, of):
			if !query.Period.From.IsZero() && !query.Period.To.IsZero() {
				query.Compare = metric.ComparePrevious
			}
		default:
			query.By = []string{"territory"}
			query.Order = metric.Descending
		}
	}
}

// conflict returns the Reading of a Query that contradicts itself, or nil.
func (s *sentence) conflict(query metric.Query, q question) *Reading {
	ranked := query.Order != "" || query.Limit > 0
	steps := slices.ContainsFunc(query.By, s.isTime)
	bounded := !query.Period.From.IsZero() && !query.Period.To.IsZero()
	why := q.share.why
	if why == "" {
		why = q.rows.why
	}
	var r Reading
	switch {
	case len(q.unknown) > 0:
		r = s.notUnderstood(q)
	case q.fork != nil:
		r = s.askBack(q)
	case why != "":
		q.unavailable = true
		q.notes = []string{why}
		q.unknown = []string{strings.TrimSpace(s.text)}
		r = s.notUnderstood(q)
	case ranked && len(query.By) == 0 && query.Shape != metric.ShapeDeals:
		q.fork, q.notes = s.dimensionsFork(), nil
		r = s.askBack(q)
	case query.Stood && query.Period.From.IsZero():
		q.unavailable = true
		q.notes = []string{"How it stood is told from a day on."}
		q.unknown = []string{strings.TrimSpace(s.text)}
		r = s.notUnderstood(q)
	case q.reportedAt > 0 && query.Reported.IsZero():
		q.unavailable = true
		q.notes = []string{"Say on which day it was reported, as in “as reported on 3 october”, or name a period that is over."}
		q.unknown = []string{strings.TrimSpace(s.text)}
		r = s.notUnderstood(q)
	case !query.Reported.IsZero() && (query.Shape == metric.ShapeChange || query.Part != "" || query.AsOf.After(query.Reported)):
		q.unavailable = true
		q.notes = []string{"What was reported is of the day on which it was, or of one before it."}
		q.unknown = []string{strings.TrimSpace(s.text)}
		r = s.notUnderstood(q)
	case query.Compare != "" && steps:
		q.unavailable = true
		q.notes = []string{"A comparison cannot be broken down by a step of time as well."}
		q.unknown = []string{strings.TrimSpace(s.text)}
		r = s.notUnderstood(q)
	case query.Compare == metric.CompareThen && !s.isBefore(query.Then, query.AsOf), query.Shape == metric.ShapeFactors && query.Compare == "":
		q.unavailable = true
		q.notes = []string{"What it is compared with is of an earlier day."}
		q.unknown = []string{strings.TrimSpace(s.text)}
		r = s.notUnderstood(q)
	case (query.Compare == metric.ComparePrevious || query.Compare == metric.ComparePeriod) && !bounded:
		q.unavailable = true
		q.notes = []string{"Only a period with a beginning and an end can be compared with another."}
		q.unknown = []string{strings.TrimSpace(s.text)}
		r = s.notUnderstood(q)
	default:
		return nil
	}
	return &r
}

// isBefore reports whether the day of an instant is before that of another, or
// of asking if there is none.
func (s *sentence) isBefore(then, asOf time.Time) bool {
	day := s.calendar.endOfDay(s.calendar.today)
	if !asOf.IsZero() {
		day = asOf
	}
	return then.Before(day)
}

// dimensionsFork asks what is to be ranked.
func (s *sentence) dimensionsFork() *fork {
	f := &fork{ask: "Ranked by what?"}
	last := s.pieces[len(s.pieces)-1]
	for _, name := range []string{"person", "territory", "product"} {
		d, ok := s.parser.Catalog.Dimension(name)
		if !ok {
			continue
		}
		pieces := append(slices.Clone(s.pieces),
			piece{from: last.from, to: last.to, meanings: []meaning{{key: keyBy}}},
			piece{from: last.from, to: last.to, meanings: []meaning{{dimension: name}}})
		f.ways = append(f.ways, way{label: "by " + strings.ToLower(d.Label), pieces: pieces})
	}
	return f
}

// isDefinition reports whether a metric's meaning is asked for: in so many
// words, or by "what is" before a metric and nothing else.
func (s *sentence) isDefinition(q question) bool {
	if q.define > 0 {
		return true
	}
	if q.whatIs == 0 || len(q.mentions) != 1 || q.mentions[0].at != q.whatIs || !q.mentions[0].sure {
		return false
	}
	if at := s.pieces[q.mentions[0].at]; at.to > at.from && s.tokens[at.from].word == "in" {
		return false // "what is in commit"
	}
	q.mentions = nil
	return isEmpty(q)
}

// define makes the Query for a definition; nothing else can be asked with it.
func (s *sentence) define(q question) Reading {
	rest := q
	rest.define, rest.mentions, rest.deals, rest.follow = 0, nil, 0, false
	if !isEmpty(rest) {
		q.unknown = []string{strings.TrimSpace(s.text)}
		q.notes = append(q.notes, "A definition is of a metric as such, without filters or periods.")
		return s.notUnderstood(q)
	}
	query := metric.Query{Shape: metric.ShapeDefinition, Metric: q.metric}
	return Reading{Query: &query, Understood: s.understood(query), Notes: q.notes}
}
