package metric

import (
	"fmt"
	"regexp"
	"slices"
)

// The numbers of a deal that a Filter compares though nothing is broken down by
// them, beside its amount. All are whole; the first three are days, on the
// company's calendar and up to the day asked about, so that of an earlier instant
// they are what they were then.
const (
	// FieldAge is for how long a deal has been there: since it was created or, if
	// nobody knows when, since work on it began. A deal of which neither is known
	// has no age.
	FieldAge = "age"
	// FieldSilence is for how long nobody was in touch with the customer of a deal,
	// both ways; of one about which nobody ever was, since it was created. Where
	// that is not known either, it was silent since ever, which is longer than any
	// number of days. A deal of which silence is at least 14 is what the catalogue
	// calls silent.
	FieldSilence = "silence"
	// FieldInStage is for how long a deal has been at the stage that it is at,
	// since it came there last. It is unknown of a deal that is still where it was
	// first seen.
	FieldInStage = "days_in_stage"
	// FieldPushes is how often the close date of a deal was moved to a later month,
	// as the metric push_count counts it.
	FieldPushes = "pushes"
)

// gauge is a number that can be told of every deal.
type gauge struct {
	field  string
	words  string // as people read it
	value  string // SQL of it; empty: it is told in days, by since
	since  string // SQL of the day on which it began, -infinity being since ever
	from   []join // what those need beside the deal
	needs  *need  // what must have been loaded for it; nil: nothing
	asking string // how it is asked for, of %s days
	unsure string // of one that may be unknown, of which deals it is
}

// gauges are all numbers of deals but their amounts.
var gauges = []*gauge{
	{field: FieldAge, words: "age", since: begunSQL, from: []join{joinAsked}, asking: "open pipeline, older than %s days", unsure: "of which it is not known since when they are there"},
	{field: FieldSilence, words: "silence", since: lastTouchSQL, from: []join{joinAsked}, needs: needActivity, asking: "open pipeline, silent for at least %s days"},
	{field: FieldInStage, words: "time at a stage", since: "visit.entered_on", from: []join{joinAsked, joinVisit}, needs: needStages, asking: "open pipeline, in stage for over %s days", unsure: "of which it is not known since when they are at their stage"},
	{field: FieldPushes, words: "number of pushes", value: "pushes.n", from: []join{joinPushes}, needs: needDates},
}

func gaugeOf(field string) (*gauge, bool) {
	i := slices.IndexFunc(gauges, func(g *gauge) bool { return g.field == field })
	if i < 0 {
		return nil, false
	}
	return gauges[i], true
}

// told is the column in which the number stands in a list. What was silent since ever
// was so for no number of days.
func (g *gauge) told() *column {
	if g.value != "" {
		return &column{name: g.field, kind: kindNumber, value: g.value, from: g.from}
	}
	return &column{name: g.field, kind: kindDays, value: "asked.day - nullif(" + g.since + ", '-infinity')", from: g.from}
}

// gaugesTold are the columns of the numbers that the deals of a list are kept by.
func (p *Plan) gaugesTold() []*column {
	var out []*column
	for _, g := range gauges {
		if slices.ContainsFunc(p.Query.Where, func(f Filter) bool { return f.Field == g.field }) {
			out = append(out, g.told())
		}
	}
	return out
}

// IsNumber reports whether a field is a number of deals.
func IsNumber(field string) bool {
	_, ok := gaugeOf(field)
	return ok || field == FieldAmount
}

// CanCompare reports whether the deals that the metric counts can be kept by the
// number of a field. How long something has gone on for is told of deals as they
// stand at a moment: what came of those that are closed did not go on until then.
func (m *Metric) CanCompare(field string) bool {
	g, ok := gaugeOf(field)
	switch {
	case !ok:
		return field == FieldAmount && m.ofDeals()
	case m.formula != nil:
		return !slices.ContainsFunc(m.inputs, func(in *Metric) bool { return !in.CanCompare(field) })
	default:
		return m.facts == deals && (m.Stock || g.value != "")
	}
}

// NeedsOf says in words what must have been loaded for the number of a field; empty
// if that is nothing.
func NeedsOf(field string) string {
	if g, ok := gaugeOf(field); ok && g.needs != nil {
		return g.needs.what
	}
	return ""
}

// incomparable refuses to keep by a number what has none.
func (p *Plan) incomparable(f Filter) *Refusal {
	g, ok := gaugeOf(f.Field)
	if !ok {
		return invalid("Only deals can be kept by their amount, and %s counts %s.", p.Metric.Label, Plural(p.Metric.Fact))
	}
	if g.value != "" {
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: fmt.Sprintf("Only deals can be kept by their %s, and %s does not count those alone.", g.words, lowerFirst(p.Metric.Label)),
			Hint:    "Ask so for a figure of deals.",
			Instead: []string{"open pipeline by times pushed"},
		}
	}
	days := "30"
	if len(f.Values) == 1 && wholeNumber.MatchString(f.Values[0].Text) {
		days = f.Values[0].Text
	}
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("The %s of a deal is told of those that are open at a moment, and %s counts others.", g.words, lowerFirst(p.Metric.Label)),
		Hint:    "Ask so for what is open.",
		Instead: []string{fmt.Sprintf(g.asking, days)},
	}
}

// gauged keeps deals of which a number stands in a relation to another. What has
// no number stands in none.
type gauged struct {
	gauge  *gauge
	op     Op
	number string // whole, of few digits
}

// The relation of two numbers; and of the two days that lie as many days back: the
// more days, the earlier.
var (
	relations = map[Op]string{Eq: "=", Ne: "=", Lt: "<", Lte: "<=", Gt: ">", Gte: ">="}
	earliers  = map[Op]string{Eq: "=", Ne: "=", Lt: ">", Lte: ">=", Gt: "<", Gte: "<="}
)

func (c gauged) sql(b *builder) string {
	b.use(c.gauge.from...)
	number := b.arg(c.number) + "::int"
	if c.gauge.since != "" {
		return fmt.Sprintf("%s %s asked.day - %s", c.gauge.since, earliers[c.op], number)
	}
	return fmt.Sprintf("%s %s %s", c.gauge.value, relations[c.op], number)
}

// wholeNumber holds as many days as there are to any day that Postgres knows.
var wholeNumber = regexp.MustCompile(`^\d{1,5}$`)

// gaugeTest is the test of a filter on a number other than an amount.
func gaugeTest(g *gauge, f Filter) (condition, *Refusal) {
	if relations[f.Op] == "" {
		return nil, invalid("The %s of a deal is compared with one number.", g.words)
	}
	if !wholeNumber.MatchString(f.Values[0].Text) {
		return nil, invalid("%q is not a whole number.", f.Values[0].Text)
	}
	is := gauged{g, f.Op, f.Values[0].Text}
	if f.Op == Ne {
		return unless{is}, nil
	}
	return is, nil
}
