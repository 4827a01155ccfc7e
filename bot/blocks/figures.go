package blocks

import (
	"strings"

	"github.com/slack-go/slack"

	"salesbot/handlers"
	"salesbot/insights/metric"
)

// figures shows the numbers side by side.
func figures(a handlers.Answer) slack.Block {
	lines := unsaid(a)
	if len(lines) == 0 {
		return nil
	}
	fields := make([]*slack.TextBlockObject, 0, maxFields)
	for _, line := range lines[:min(len(lines), maxFields)] {
		fields = append(fields, plainText(cut(strings.Join(line, "\n"), maxField)))
	}
	if more := len(lines) - maxFields; more > 0 {
		fields[maxFields-1] = plainText(andMore(more+1, "figure"))
	}
	return slack.NewSectionBlock(nil, fields, nil, slack.SectionBlockOptionBlockID("figures"))
}

// unsaid lists the figures as lines, unless the headline says them all.
func unsaid(a handlers.Answer) [][]string {
	var all [][]string
	missing := false
	for _, f := range a.Figures {
		all = append(all, figureLines(f))
		missing = missing || !strings.Contains(a.Headline, handlers.Words(f.Quantity))
	}
	if !missing {
		return nil
	}
	return all
}

func figureLines(f handlers.Figure) []string {
	lines := []string{orElse(f.Label, "—"), handlers.Words(f.Quantity)}
	if detail := handlers.Detail(f.Quantity); detail != "" {
		lines = append(lines, detail)
	}
	if f.Previous != nil {
		lines = append(lines, "before: "+handlers.Words(*f.Previous))
	}
	return lines
}

// number returns the quantity for sorting. What people read is its words.
func number(q *metric.Quantity) (float64, bool) {
	if q == nil || q.Value == nil {
		return 0, false
	}
	value, _ := q.Value.Float64()
	return value, !isInfinite(value)
}
