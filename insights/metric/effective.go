package metric

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A definition that changes is a new version, and may say from which day on it
// holds: effective_from. All figures are those of the version in force, so that
// those of two periods can be compared; one of days before is told with the version
// that held then.

// effective reads the day from which a version holds.
func (p *catalogParser) effective(w word, version int) time.Time {
	if w.at == nil {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, w.text)
	switch {
	case err != nil:
		p.fault(w.at, "effective_from is a day, such as 2026-02-01")
	case version == 1:
		p.fault(w.at, "the first version holds since ever: effective_from is said of one that follows another")
	}
	return day
}

// EffectiveIn is the first instant at which the version holds, in the zone of the
// company; zero: it holds since ever.
func (m *Metric) EffectiveIn(zone *time.Location) time.Time {
	if m.Effective.IsZero() {
		return time.Time{}
	}
	y, month, day := m.Effective.Date()
	return Midnight(y, month, day, zone)
}

// Earlier is a metric whose version holds only from within or after what a Result
// tells, be it the one asked for or one that it is made of.
type Earlier struct {
	Metric *Metric
	All    bool      // all that is told lies before it held
	Then   time.Time // the last instant of that before it held
}

// Earlier lists them for a Result that was asked for at a moment.
func (m *Metric) Earlier(r Result, at time.Time, zone *time.Location) []Earlier {
	var out []Earlier
	first, last := r.spans(m, at)
	for _, one := range m.family() {
		from := one.EffectiveIn(zone)
		if from.IsZero() || !first.Before(from) {
			continue
		}
		earlier := Earlier{Metric: one, All: !last.After(from), Then: from.Add(-time.Microsecond)}
		if earlier.All {
			earlier.Then = last.Add(-time.Microsecond)
		}
		out = append(out, earlier)
	}
	return out
}

// family is a metric and all that it is made of.
func (m *Metric) family() []*Metric {
	out := []*Metric{m}
	for _, part := range m.madeOf() {
		for _, one := range part.family() {
			if !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return out
}

// spans is from when until when a Result tells something, what it is compared with
// included. A stock is of instants, whatever the days on which it is to close.
func (r Result) spans(m *Metric, at time.Time) (first, last time.Time) {
	q := r.Query
	for _, standing := range []time.Time{q.AsOf, q.Reported} {
		if !standing.IsZero() && standing.Before(at) {
			at = standing
		}
	}
	switch {
	case q.Stood:
		return q.Period.From, at
	case !q.Then.IsZero():
		return q.Then, at
	case m.Stock || q.Shape == ShapeChange:
		return at, at
	}
	first, last = q.Period.From, at
	if to := q.Period.To; !to.IsZero() && to.Before(at) {
		last = to
	}
	if q.comparesPeriods() {
		if r.Compared.From.Before(first) {
			first = r.Compared.From
		}
		if r.Compared.To.After(last) {
			last = r.Compared.To
		}
	}
	return first, last
}

// VersionAt asks which version of a metric was in force at an instant: the last of
// those before this one whose day had come.
func (e Earlier) VersionAt(zone *time.Location) Statement {
	b := &builder{}
	y, month, day := e.Then.In(zone).Date()
	then := time.Date(y, month, day, 0, 0, 0, 0, time.UTC)
	effective := `substring(definition from '(?n)^effective_from: (\d{4}-\d{2}-\d{2})$')::date`
	sql := "select max(version)::text from metric_version where metric = " + b.arg(e.Metric.Name) + "::text and version < " +
		b.arg(strconv.Itoa(e.Metric.Version)) + "::int and coalesce(" + effective + " <= " + b.day(then) + ", true)"
	return Statement{SQL: sql, Args: b.args}
}

// ReadVersion reads the answer to VersionAt; 0: none is stored.
func ReadVersion(table [][]*string) (int, error) {
	if len(table) != 1 || len(table[0]) != 1 {
		return 0, fmt.Errorf("metric: it is not said which version was in force")
	}
	if table[0][0] == nil {
		return 0, nil
	}
	return strconv.Atoi(*table[0][0])
}
