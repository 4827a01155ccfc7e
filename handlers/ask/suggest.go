package ask

import (
	"slices"

	"salesbot/insights/metric"
)

// notUnderstood names the words that were not understood, and offers two
// questions that would be.
func (s *sentence) notUnderstood(q question) Reading {
	return Reading{
		Unknown:     q.unknown,
		Unavailable: q.unavailable,
		Notes:       q.notes,
		Choices:     s.suggest(q),
	}
}

// suggest builds two questions from the catalogue and from what was
// understood.
func (s *sentence) suggest(q question) []Choice {
	var out []Choice
	for _, name := range s.suggestedMetrics(q) {
		for _, query := range s.variations(name, q) {
			command := s.parser.Say(query)
			if !slices.ContainsFunc(out, func(c Choice) bool { return c.Command == command }) {
				out = append(out, Choice{Label: command, Command: command})
			}
			const most = 2
			if len(out) == most {
				return out
			}
		}
	}
	return out
}

// suggestedMetrics lists metrics, the likeliest first: those that were named,
// those that share a word with the question, and the usual ones.
func (s *sentence) suggestedMetrics(q question) []string {
	var out []string
	add := func(names ...string) {
		for _, name := range names {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	for _, m := range q.mentions {
		add(m.names...)
	}
	add(s.sharingWords()...)
	if name := (&reader{sentence: s}).hinted(); name != "" {
		add(name)
	}
	if s.asked.Last != nil {
		add(s.inCatalog([]string{s.asked.Last.Metric})...)
	}
	add(s.inCatalog(leadMetrics)...)
	for _, m := range s.parser.Catalog.Metrics() {
		add(m.Name)
	}
	return out
}

// sharingWords lists the metrics whose label has a word of the question.
func (s *sentence) sharingWords() []string {
	var out []string
	for _, m := range s.parser.Catalog.Metrics() {
		label := spell(m.Label)
		shares := func(t token) bool { return len(t.word) > 3 && slices.Contains(label, t.word) }
		if slices.ContainsFunc(s.tokens, shares) {
			out = append(out, m.Name)
		}
	}
	return out
}

// variations are Queries on one metric: with all that was understood, and by
// itself over this quarter.
func (s *sentence) variations(name string, q question) []metric.Query {
	if q.define > 0 {
		return []metric.Query{{Shape: metric.ShapeDefinition, Metric: name}}
	}
	full := metric.Query{Shape: metric.ShapeFigure, Metric: name, Period: metric.Period{Label: AllTime}}
	full.By = q.by
	if !isContradiction(q.where) {
		full.Where = q.where
	}
	if len(q.periods) > 0 {
		if p := s.pieces[q.periods[0]].part; len(p.either) == 0 {
			full.Period = p.Period
		}
	}
	if s.metric(name).Stock && !full.Period.IsAll() {
		open := full
		open.Period = metric.Period{Label: AllTime}
		return []metric.Query{full, open}
	}
	if s.isQuota(name) && full.Period.IsAll() {
		full.Period = s.calendar.relative(quarter, 0, false).Period
	}
	plain := metric.Query{Shape: metric.ShapeFigure, Metric: name, Period: s.calendar.relative(quarter, 0, false).Period}
	for _, by := range []string{"territory", "person"} {
		if _, ok := s.parser.Catalog.Dimension(by); ok && len(q.by) == 0 {
			plain.By = []string{by}
			break
		}
	}
	return []metric.Query{full, plain}
}

// isContradiction reports whether two filters are on the same field.
func isContradiction(where []metric.Filter) bool {
	seen := map[string]bool{}
	for _, f := range where {
		if seen[f.Field] && f.Field != metric.FieldAmount {
			return true
		}
		seen[f.Field] = true
	}
	return false
}
