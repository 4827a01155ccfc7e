package metric

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Amounts stay in their own currencies unless a Query says into which they are
// to be converted. Each fact is then converted at the rate that held on the day
// by which it counts: the day of its clock, or for what is counted at the moment
// of asking, that day. What is taken of a fact is converted as a whole and
// rounded once, half away from zero, to minor units. A fact whose currency has
// no rate by then stays as it is, in a figure of its own: it is neither left out
// nor added to what it cannot be added to.

// Conversion says how many facts of a currency were converted, and by rates
// from when.
type Conversion struct {
	Currency    string
	Facts       int64
	First, Last string // ISO days from which the earliest and the latest of the rates hold
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

func (p *Plan) resolveCurrency() *Refusal {
	switch in := p.Query.In; {
	case in == "":
		return nil
	case !currencyCode.MatchString(in):
		return invalid("%q is no currency.", in)
	case !p.Metric.ByCurrency():
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: p.Metric.Label + " is not in a currency, so there is nothing to convert.",
			Instead: []string{phrase(p.Metric.Name)},
		}
	default:
		return nil
	}
}

// exchangeSQL joins the rate of a fact: %s are the currency and the day.
const exchangeSQL = `left join lateral (
    select rate, starts_on from exchange_rate
    where exchange_rate.currency = o.currency and o.currency <> "into" and "into" = %s and starts_on <= %s and upper_inf(known)
    order by starts_on desc limit 1
) exchange on true`

// exchange writes the join of the rates.
func (b *builder) exchange() string {
	day := b.plan.clock()
	if b.plan.Metric.Stock {
		day = b.day(b.at.day)
	}
	return fmt.Sprintf(exchangeSQL, b.arg(b.plan.Query.In)+"::char(3)", day)
}

// money is the value of an amount in minor units of the currency it counts in.
func (b *builder) money(value string) string {
	in := b.plan.Query.In
	if in == "" || !b.plan.Metric.ByCurrency() {
		return value
	}
	b.use(joinExchange)
	return fmt.Sprintf("case when exchange.rate is null then %s else round((%s) * exchange.rate * %s::int * coalesce((%s::jsonb ->> o.currency)::numeric, 1.0 / %d)) end",
		value, value, b.arg(minorPerMajor(in)), b.arg(unusualMajorJSON), usualMinor)
}

// currency is the currency that a fact counts in.
func (b *builder) currency() string {
	if b.plan.Query.In == "" {
		return "o.currency"
	}
	b.use(joinExchange)
	return "(case when exchange.rate is null then o.currency else " + b.arg(b.plan.Query.In) + "::char(3) end)"
}

// conversions selects what was converted, a row a currency.
func (p *Plan) conversions() Statement {
	b := p.builder(p.standing)
	b.columns = []string{"o.currency::text", "count(*)::text", "min(exchange.starts_on)::text", "max(exchange.starts_on)::text"}
	b.groups = []string{"o.currency"}
	b.use(joinExchange)
	return p.assemble(b, append(p.together(b, p.tests(b, p.asked), p.by), "exchange.rate is not null"))
}

// converted reads the answer of conversions.
func (r *reading) converted(table [][]*string) []Conversion {
	var out []Conversion
	for _, cols := range table {
		if len(cols) != 4 || cols[0] == nil || cols[2] == nil || cols[3] == nil {
			r.err = fmt.Errorf("a row does not say what was converted")
			return nil
		}
		out = append(out, Conversion{Currency: *cols[0], Facts: r.place(cols[1]), First: *cols[2], Last: *cols[3]})
	}
	slices.SortFunc(out, func(a, b Conversion) int { return strings.Compare(a.Currency, b.Currency) })
	return out
}
