package handlers

import (
	"slices"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// stoodWords state the period of a stock that is told as it stood at the end of
// each step of time, and as of when the whole is.
func (d *Desk) stoodWords(result metric.Result) string {
	q := result.Query
	when := q.Period.Label
	if days := Days(q.Period); when != "" && when != days {
		when += " (" + days + ")"
	} else {
		when = days
	}
	when += ", as it stood at each " + q.By[len(q.By)-1] + "’s end; "
	switch {
	case result.Unended == "":
		return when + "at the last"
	case q.AsOf.IsZero():
		return when + "now"
	default:
		return when + "as of " + d.standingAt(q.AsOf)
	}
}

// now is a question of how a stock stood, asked of how it stands now: its period was
// that of the ends, and not of the close dates.
func now(q metric.Query) metric.Query {
	q.Stood, q.Period = false, metric.Period{Label: ask.AllTime}
	return q
}

// otherSteps offers the other of the two ways in which a stock is told by steps of
// time: as it stood at the end of each, or by when it is to close.
func (d *Desk) otherSteps(m *metric.Metric, result metric.Result) []Choice {
	q := result.Query
	timed := func(name string) bool {
		dimension, ok := d.Catalog.Dimension(name)
		return ok && dimension.Time != ""
	}
	begun := q.Period.IsAll() || !q.Period.From.IsZero() && q.Period.From.Before(result.FreshAt)
	switch {
	case q.Stood:
		q.Stood = false
		return []Choice{d.offer("By close "+q.By[len(q.By)-1], q)}
	case m.TellsStood() && slices.ContainsFunc(q.By, timed) && q.Compare == "" && begun:
		q.Stood, q.Share, q.Having = true, "", nil // of this year, if no period is named
		return []Choice{d.offer("As it stood", q)}
	default:
		return nil
	}
}
