package metric

import (
	"fmt"
	"maps"
	"strconv"
	"time"
)

// As reported is what was known on a day, by the clock of then: the revision that
// had been loaded by its end. It is no as of: a deal won on 30 September and loaded
// on 4 October was won as of 30 September, and not reported on 1 October.

// Known is what had been loaded by a moment.
type Known struct {
	Revision int64     // 0: nothing
	FreshAt  time.Time // when the last of it was taken
}

// KnownAt asks what had been loaded by a moment.
func KnownAt(at time.Time) Statement {
	b := &builder{}
	return b.loaded("at <= " + b.moment(at))
}

// KnownBy asks what had been loaded by a revision.
func KnownBy(revision int64) Statement {
	b := &builder{}
	return b.loaded("revision <= " + b.arg(revision) + "::bigint")
}

func (b *builder) loaded(when string) Statement {
	return Statement{SQL: "select coalesce(max(revision), 0)::text, " + microseconds("max(taken_at)") + " from import where " + when, Args: b.args}
}

// ReadKnown reads the answer to KnownAt or KnownBy.
func ReadKnown(table [][]*string) (Known, error) {
	if len(table) != 1 || len(table[0]) != 2 || table[0][0] == nil {
		return Known{}, fmt.Errorf("metric: it is not said what was known")
	}
	revision, err := strconv.ParseInt(*table[0][0], 10, 64)
	if err != nil {
		return Known{}, err
	}
	fresh, err := readMoment(table[0][1])
	return Known{revision, fresh}, err
}

// microseconds writes a moment as a whole number, which Postgres prints alike in
// all zones.
func microseconds(moment string) string {
	return "(extract(epoch from " + moment + ") * 1000000)::bigint::text"
}

func readMoment(text *string) (time.Time, error) {
	if text == nil {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(*text, 10, 64)
	return time.UnixMicro(n), err
}

// mostRelearnt bounds how many words of later imports are looked at to tell
// whether a closed period was restated.
const mostRelearnt = 100_000

// Closing is when the figure of a closed period was first known whole.
type Closing struct {
	Reported time.Time // the end of the day on which the first import was loaded that was taken after the period; zero: none was
	Later    bool      // something was said of deals since
	TooMuch  bool      // so much that it is not looked at
}

// Closing asks it for a plain figure of deals in a period that is over; nil for any
// other.
func (p *Plan) Closing() *Statement {
	q := p.Query
	plain := q.Shape == ShapeFigure && q.Share == "" && len(q.By) == 0 && q.AsOf.IsZero() && q.Reported.IsZero() && p.standing.revision == 0
	if !plain || p.Metric.Stock || p.Metric.running != nil || !p.Metric.ofDeals() || !p.asked.bounded() || p.standing.day.Before(p.asked.to) {
		return nil
	}
	b := p.builder(p.standing)
	zone, limit := b.arg(p.company.Zone.String())+"::text", strconv.Itoa(mostRelearnt+1)
	sql := `with closing as (
    select ((min(at) at time zone ` + zone + `)::date + 1)::timestamp at time zone ` + zone + ` - interval '1 microsecond' as at
    from import where taken_at >= ` + b.moment(q.Period.To) + `
), known as (
    select coalesce(max(revision), 0) as revision from import where at <= (select at from closing)
)
select ` + microseconds("(select at from closing)") + `,
       (select count(*) from (select from opportunity_change where revision > (select revision from known) limit ` + limit + `) said)::text,
       (select count(*) from (select from opportunity_change where retracted > (select revision from known) limit ` + limit + `) retracted)::text`
	return &Statement{SQL: sql, Args: b.args}
}

// ReadClosing reads the answer to Closing.
func ReadClosing(table [][]*string) (Closing, error) {
	if len(table) != 1 || len(table[0]) != 3 || table[0][1] == nil || table[0][2] == nil {
		return Closing{}, fmt.Errorf("metric: it is not said when a period closed")
	}
	at, err := readMoment(table[0][0])
	if err != nil || at.IsZero() {
		return Closing{}, err
	}
	out := Closing{Reported: at}
	for _, text := range table[0][1:] {
		n, err := strconv.Atoi(*text)
		if err != nil {
			return out, err
		}
		out.Later = out.Later || n > 0
		out.TooMuch = out.TooMuch || n > mostRelearnt
	}
	return out, nil
}

// Restated are statements that list the deals because of which a figure is not
// what was reported: what they add to the one is not what they add to the other.
// There is one for each input of a metric.
func (p *Plan) Restated(reported *Plan) []Statement {
	var out []Statement
	for i, part := range p.inputs() {
		b := part.builder(part.standing)
		now := part.contributed(b)
		then := reported.inputs()[i].contributed(b)
		sql := "select distinct id::text from (\n((" + now + ")\nexcept\n(" + then + "))\nunion all\n((" + then + ")\nexcept\n(" + now + "))\n) restated"
		out = append(out, Statement{SQL: sql, Args: b.args})
	}
	return out
}

// contributed selects the deals that a Plan counts and what each adds to its
// figure, with the arguments of b.
func (p *Plan) contributed(b *builder) string {
	one := &builder{plan: p, at: p.standing, args: b.args, columns: []string{"o.id"}}
	m := p.Metric
	switch {
	case m.ofSums():
		for _, side := range []*Metric{m.numerator, m.denominator} {
			one.use(side.expr.from...)
			one.columns = append(one.columns, one.money(side.expr.value))
		}
	case m.Type == TypeRatio && m.numerator.filter != nil:
		one.columns = append(one.columns, m.numerator.filter.sql(one))
	case m.expr != nil:
		one.use(m.expr.from...)
		one.columns = append(one.columns, one.money(m.expr.value), "o.currency")
	}
	sql := p.assemble(one, p.tests(one, p.asked))
	b.args = sql.Args
	return "select * from (" + sql.SQL + ") counted"
}

// SameFigures reports whether two Results say the same of the whole.
func SameFigures(a, b Result) bool {
	say := func(r Result) map[string]string {
		said := map[string]string{}
		for _, f := range r.Figures {
			if q := saidQuantity(f.Quantity); q.Value != "" {
				said[q.Currency] = q.Value
			}
		}
		return said
	}
	return maps.Equal(say(a), say(b))
}
