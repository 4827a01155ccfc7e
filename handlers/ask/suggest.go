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
	if s.isElsewhere(q) {
		return s.commands()
	}
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

// isElsewhere reports whether nothing was understood that a figure could be
// made of: the text is about something else.
func (s *sentence) isElsewhere(q question) bool {
	if len(q.unknown) == 0 || q.unavailable || s.asked.Hint != "" || len(s.sharingWords()) > 0 {
		return false
	}
	named := slices.ContainsFunc(s.pieces, func(p piece) bool { return len(p.names) > 0 })
	said := len(q.mentions) + len(q.by) + len(q.periods) + q.deals + q.counts + q.amounts + q.closing + q.define
	return said == 0 && !named && !q.ranked && !q.compare
}

// commands offers the help, and the command that a word of the text is about
// or, without one, the list of what can be asked for.
func (s *sentence) commands() []Choice {
	says := func(words ...string) bool {
		return slices.ContainsFunc(s.tokens, func(t token) bool { return slices.Contains(words, t.word) || slices.Contains(words, loose(t.stem)) })
	}
	command := "/kpi"
	switch {
	case says("send", "sending", "sent", "stop", "subscribe", "subscribed", "subscription", "unsubscribe", "unsubscribed", "digest", "mute"):
		command = "/digest"
	case says("insight"):
		command = "/insight list"
	}
	return []Choice{{Label: "help", Command: "help"}, {Label: command, Command: command}}
}

// isOfLosing reports whether what was not won is asked for.
func (s *sentence) isOfLosing(q question) bool {
	lost := func(m mention) bool { return slices.Contains(m.names, "lost_count") }
	if slices.ContainsFunc(q.mentions, lost) {
		return true
	}
	for i, t := range s.tokens[:max(len(s.tokens)-1, 0)] {
		next := s.tokens[i+1].word
		if slices.Contains([]string{"not", "didnt", "never"}, t.word) && (next == "won" || next == "win") {
			return true
		}
	}
	return false
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
	if s.isOfLosing(q) {
		add(s.inCatalog([]string{"lost_count"})...)
	}
	if len(q.lengths) > 0 {
		add(s.inCatalog([]string{"open_pipeline"})...) // what is open has these numbers
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
		shares := func(t token) bool { return len(t.word) > 3 && units[t.word] == "" && slices.Contains(label, t.word) }
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
	if full.By = q.by; len(q.by) > 0 && q.unavailable {
		full.Order = q.order
	}
	if !isContradiction(q.where) {
		full.Where = slices.DeleteFunc(slices.Clone(q.where), func(f metric.Filter) bool { return isLength(f.Field) && !s.metric(name).CanCompare(f.Field) })
	}
	if len(q.periods) > 0 {
		if p := s.pieces[q.periods[0]].part; len(p.either) == 0 {
			full.Period = p.Period
		}
	}
	if s.metric(name).Momentary() {
		full.Period = metric.Period{Label: AllTime}
		if full.By = slices.DeleteFunc(slices.Clone(q.by), s.isTime); len(full.By) == 0 {
			full.Order = ""
		}
		plain := metric.Query{Shape: metric.ShapeFigure, Metric: name, Period: full.Period}
		s.cut(&full)
		s.cut(&plain)
		return []metric.Query{full, plain}
	}
	if s.metric(name).Stock && !full.Period.IsAll() {
		open := full
		open.Period = metric.Period{Label: AllTime}
		return []metric.Query{full, open}
	}
	if s.isQuota(name) && full.Period.IsAll() || s.metric(name).Lasts() && s.isShort(full.Period) {
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

// isShort reports whether a period is shorter than what is set for quarters lasts.
func (s *sentence) isShort(p metric.Period) bool {
	return !p.From.IsZero() && !p.To.IsZero() && s.calendar.plus(p.From, quarter, 1).After(p.To)
}

// isContradiction reports whether two filters are on the same field.
func isContradiction(where []metric.Filter) bool {
	seen := map[string]bool{}
	for _, f := range where {
		if seen[f.Field] && !metric.IsNumber(f.Field) {
			return true
		}
		seen[f.Field] = true
	}
	return false
}
