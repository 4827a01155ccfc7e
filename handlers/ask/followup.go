package ask

import (
	"slices"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// edit returns the last Query with what was said now in its place, and notes
// what changed.
func (s *sentence) edit(q *question) metric.Query {
	last := *s.asked.Last
	query := last
	if last.Shape == metric.ShapeDeals {
		query.Order, query.Limit, query.Offset = "", 0, 0
	}
	query.Shape, query.Metric = metric.ShapeFigure, q.metric
	if query.Period.Label == "" && query.Period.IsAll() {
		query.Period.Label = AllTime
	}
	query.Where = s.editWhere(last.Where, *q)
	if len(q.by) > 0 {
		query.By = q.by
	}
	if q.period != nil {
		query.Period = q.period.Period
	}
	if q.now > 0 {
		query.AsOf, query.Reported = time.Time{}, time.Time{}
	}
	setStanding(&query, *q)
	if q.limit > 0 {
		query.Limit = q.limit
	}
	if q.ranked && q.limit == 0 {
		query.Limit = 0
	}
	if q.view != "" {
		query.Perspective = q.view
	}
	if q.in != "" {
		query.In = q.in
	}
	s.dropComparison(&query, *q)
	if q.listing.at > 0 || (&reader{sentence: s, q: *q}).listsOn() {
		s.list(&query, *q)
	}
	if query.Shape != metric.ShapeDeals {
		query.Part = ""
	}
	if changed := s.changes(last, query, *q); len(changed) > 0 {
		q.notes = append(q.notes, "changed: "+strings.Join(changed, ", "))
	}
	return query
}

// editWhere replaces the filters on the fields that are named again. A person
// and a team are two answers to the same question, whose, so either replaces
// the other.
func (s *sentence) editWhere(last []metric.Filter, q question) []metric.Filter {
	gone := slices.Clone(q.dropped)
	for _, f := range q.where {
		gone = append(gone, f.Field)
		if f.Field == personField || f.Field == managerField {
			gone = append(gone, personField, managerField)
		}
	}
	var out []metric.Filter
	for _, f := range last {
		if !slices.Contains(gone, f.Field) {
			out = append(out, f)
		}
	}
	return append(out, q.where...)
}

// dropComparison gives up a comparison that the edit left no room for and did
// not ask for.
func (s *sentence) dropComparison(query *metric.Query, q question) {
	bounded := !query.Period.From.IsZero() && !query.Period.To.IsZero()
	steps := slices.ContainsFunc(query.By, s.isTime)
	stock := s.metric(query.Metric).Stock
	room := map[metric.Compare]bool{
		metric.ComparePrevious: bounded && !steps && !stock,
		metric.ComparePeriod:   bounded && !steps && !stock && samePeriod(query.Period, s.asked.Last.Period),
		metric.CompareThen:     stock && !steps && s.isBefore(query.Then, query.AsOf),
	}
	if !q.compare && !room[query.Compare] {
		query.Compare, query.Then = "", time.Time{}
	}
	if query.Compare != metric.ComparePeriod {
		query.Against = metric.Period{}
	}
}

func samePeriod(a, b metric.Period) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) }

// changes names what an edit changed.
func (s *sentence) changes(last, now metric.Query, q question) []string {
	var out []string
	if last.Metric != now.Metric {
		out = append(out, "figure")
	}
	if last.Shape == now.Shape && !slices.Equal(last.By, now.By) {
		out = append(out, "breakdown")
	}
	for _, f := range append(slices.Clone(last.Where), now.Where...) {
		name := s.kindLabel(f.Field)
		same := func(o metric.Filter) bool { return sameFilter(f, o) }
		kept := slices.ContainsFunc(last.Where, same) && slices.ContainsFunc(now.Where, same)
		if !kept && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if !last.Period.From.Equal(now.Period.From) || !last.Period.To.Equal(now.Period.To) {
		out = append(out, "period")
	}
	if !last.AsOf.Equal(now.AsOf) {
		out = append(out, "as of")
	}
	if !last.Reported.Equal(now.Reported) {
		out = append(out, "as reported")
	}
	if last.Shape == now.Shape && (last.Compare != now.Compare || !last.Then.Equal(now.Then) || !samePeriod(last.Against, now.Against)) {
		out = append(out, "comparison")
	}
	if last.Shape == now.Shape && (q.ranked || last.Limit != now.Limit || last.Order != now.Order) {
		out = append(out, "order")
	}
	if last.Part != "" && now.Part != "" && last.Part != now.Part {
		out = append(out, "part")
	}
	if last.Share != now.Share {
		out = append(out, "share")
	}
	if last.Perspective != now.Perspective {
		out = append(out, "map")
	}
	return out
}

func sameFilter(a, b metric.Filter) bool {
	return a.Field == b.Field && a.Op == b.Op && slices.Equal(a.Values, b.Values)
}
