package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// codeDeadline says that an answer would have taken too long.
const codeDeadline = "deadline"

// slow is a question that was not counted within the time it has.
type slow struct {
	query  metric.Query
	viewer metric.Viewer
	at     time.Time
	within time.Duration
	cause  error
}

// Error says what took too long, for the log.
func (s *slow) Error() string {
	return fmt.Sprintf("%s was not counted within %s: %v", s.query.Metric, s.within, s.cause)
}

// Unwrap returns what ended it.
func (s *slow) Unwrap() error { return s.cause }

// patience is how long the counting of a figure may take: for a digest, for which
// nobody waits, twice as long as for a question. 0: as long as the store allows.
func (d *Desk) patience(r Request) time.Duration {
	if r.Digest != nil {
		return 2 * d.ReadWithin
	}
	return d.ReadWithin
}

// readWithin runs the statements of a question within its time, all together. The
// database is told to stop when that is over.
func (d *Desk) readWithin(ctx context.Context, s slow, statements []metric.Statement) (metric.Reading, error) {
	limited := ctx
	if s.within > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, s.within)
		defer cancel()
	}
	reading, err := d.Store.Read(limited, statements)
	if s.cause = err; errors.Is(err, context.DeadlineExceeded) {
		return reading, &s
	}
	return reading, err
}

// slowWords says what took too long, that nothing is lost, and what would be
// quicker.
func (d *Desk) slowWords(s *slow) Answer {
	label := s.query.Metric
	if m, ok := d.Catalog.Metric(s.query.Metric); ok {
		label = m.Label
	}
	a := Answer{
		Status: Failed, Code: codeDeadline, Query: &s.query,
		Headline: label + " took too long to count, so I stopped it.",
		Notes:    []string{"Nothing is lost or changed, and no part of it is shown: a figure is whole or it is none."},
	}
	if s.within > 0 {
		a.Headline = fmt.Sprintf("%s was not counted within %s, so I stopped it.", label, secondsWords(s.within))
	}
	ways, quicker := d.quicker(s)
	a.Notes = append(a.Notes, "Quicker would be "+joinOr(ways)+".")
	for _, q := range quicker {
		a.Choices = append(a.Choices, d.offer(d.parser.Say(q), q))
	}
	return a
}

// secondsWords says a time of at least a second in whole seconds.
func secondsWords(t time.Duration) string {
	if t < time.Second {
		return t.String()
	}
	return plural(Count(int64(t/time.Second)), "second")
}

// prepared are the dimensions by which what can be added up is kept ready.
var prepared = []string{"territory", "person", "manager", "stage", "outcome", "month", "quarter", "year"}

// aQuarter is longer than any.
const aQuarter = 100 * 24 * time.Hour

// quicker says what makes a question less to count, and asks it so.
func (d *Desk) quicker(s *slow) (ways []string, quicker []metric.Query) {
	q := s.query
	propose := func(way string, change func(*metric.Query)) {
		ways = append(ways, way)
		changed := q
		change(&changed)
		if _, err := d.Catalog.Compile(changed, s.viewer, d.Company, s.at); err == nil {
			quicker = append(quicker, changed)
		}
	}
	if !q.AsOf.IsZero() || !q.Then.IsZero() {
		propose("how it stands now", func(q *metric.Query) {
			q.Shape, q.AsOf, q.Then, q.Compare = metric.ShapeFigure, time.Time{}, time.Time{}, ""
		})
	}
	if q.Stood {
		propose("how it stands now", func(q *metric.Query) { *q = now(*q) })
	}
	m, ok := d.Catalog.Metric(q.Metric)
	flows := ok && !m.Stock
	if flows && (q.Period.From.IsZero() || q.Period.To.IsZero() || q.Period.To.Sub(q.Period.From) > aQuarter) {
		propose("a shorter period", func(q *metric.Query) { q.Period = d.thisQuarter(s.at) })
	}
	free := func(by string) bool { return !slices.Contains(prepared, by) }
	if slices.ContainsFunc(q.By, free) {
		propose("a single breakdown (by territory, person, stage or quarter)", func(q *metric.Query) { *q = whole(*q, "territory") })
	}
	onesOwn := func(f metric.Filter) bool {
		return slices.Contains([]string{"territory", "person", "manager", "account"}, f.Field)
	}
	if !slices.ContainsFunc(q.Where, onesOwn) {
		ways = append(ways, "one territory or person at a time")
	}
	if len(ways) == 0 {
		ways = append(ways, "the same again in a moment, if the database was busy")
		quicker = append(quicker, q)
	}
	return ways, quicker
}

func joinOr(ways []string) string {
	if len(ways) < 2 {
		return strings.Join(ways, "")
	}
	return strings.Join(ways[:len(ways)-1], ", ") + " or " + ways[len(ways)-1]
}

func (d *Desk) thisQuarter(at time.Time) metric.Period {
	y, month, day := at.In(d.Company.Zone).Date()
	start := d.Company.Start(metric.Quarter, time.Date(y, month, day, 0, 0, 0, 0, time.UTC))
	end := d.Company.Step(metric.Quarter, start, 1)
	return metric.Period{From: d.midnight(start), To: d.midnight(end), Label: "this quarter"}
}

func (d *Desk) midnight(day time.Time) time.Time {
	return metric.Midnight(day.Year(), day.Month(), day.Day(), d.Company.Zone)
}
