package metric

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
)

// What made a figure of a period another than that of the period it is compared
// with is told factor by factor, where the figure is made of factors: a ratio of
// two sums or counts, velocity of its four metrics, an amount of how many deals
// there were and what one of them brought.
//
// Of a product each factor adds its share of the logarithm of the growth: the
// change × ln(its growth) ÷ ln(growth of the figure), what is divided by taking
// away. So no order of the factors is preferred, going back adds the opposite of
// going forth, and all together add up to the change: as they are told, to the
// last unit told. Of a sum each adds what it changed by.
//
// Source: the additive logarithmic mean Divisia index, Ang, "The LMDI approach to
// decomposition analysis: a practical guide", Energy Policy 33 (2005).

// Factor is one of the quantities of which a figure is made.
type Factor struct {
	Name          string // the metric's, or one of the names below
	Label         string
	Now, Previous Quantity
	Adds          *big.Rat // to the change, in the figure's unit, rounded as it is told; nil: that cannot be told

	way way
}

// Factors that are no metrics.
const (
	FactorDeals     = "deals"     // of an amount: how many deals of known amount there are
	FactorAverage   = "average"   // of an amount: what one of them brings
	FactorConverted = "converted" // of a conversion: how many of its base came to what it asks for
	FactorGrown     = "grown"     // of a conversion: how many of its base had the time to
)

// The columns of the factors, beside the currency.
const (
	ColumnFactor = "factor"
	ColumnAdds   = "adds"
)

// way is what a factor does in the figure: it multiplies or divides a product, it
// is added to a sum or taken away.
type way int

const (
	multiplies way = iota
	divides
	adds
	takesAway
)

// HasFactors reports whether it can be told by which factors the metric changed.
func (m *Metric) HasFactors() bool {
	switch {
	case m.running != nil:
		return false
	case m.Type == TypeRatio && m.numerator.Unit == UnitMoney, m.isShare(), m.sumsAmounts():
		return true
	case m.formula == nil:
		return false
	default:
		return len(m.formula.made()) > 1
	}
}

// sumsAmounts reports whether the metric is the sum of an amount of each deal of a
// period.
func (m *Metric) sumsAmounts() bool {
	return !m.Stock && m.facts == deals && m.Type == TypeSimple && m.agg == aggSum && m.Unit == UnitMoney
}

// madeBy is a metric of an expression, and what it does there.
type madeBy struct {
	of  *Metric
	way way
}

// made lists what the inputs do in an expression of products or of sums alone;
// nil if it is of both.
func (e *expression) made() []madeBy {
	for _, w := range []way{multiplies, adds} {
		if out, ok := e.ways(w); ok {
			return out
		}
	}
	return nil
}

// ways lists what the inputs do in an expression that does w itself. A number
// changes nothing, neither as a factor nor in a sum.
func (e *expression) ways(w way) ([]madeBy, bool) {
	switch {
	case e.input != nil:
		return []madeBy{{e.input, w}}, true
	case e.op == 0:
		return nil, true
	}
	right, ok := w.behind(e.op)
	if !ok {
		return nil, false
	}
	out, ok := e.left.ways(w)
	if !ok {
		return nil, false
	}
	rest, ok := e.right.ways(right)
	return append(out, rest...), ok
}

// behind is what stands behind an operation does, where what stands before it does
// w. It reports false of an operation that goes on with neither.
func (w way) behind(op byte) (way, bool) {
	opposite := map[way]way{multiplies: divides, divides: multiplies, adds: takesAway, takesAway: adds}[w]
	if product := w == multiplies || w == divides; product != (op == '*' || op == '/') || op == '|' {
		return 0, false
	}
	if op == '/' || op == '-' {
		return opposite, true
	}
	return w, true
}

// resolveFactors refuses what is told of no factors.
func (p *Plan) resolveFactors() *Refusal {
	switch q := p.Query; {
	case !p.Metric.HasFactors():
		return p.noChange()
	case q.Compare == "":
		return invalid("What made a figure change is told of two that are compared.")
	case len(q.By) > 0 || q.Order != "" || q.Limit != 0 || q.Offset != 0 || q.Share != "" || q.Stood:
		name := phrase(q.Metric)
		return &Refusal{
			Code: CodeNotAvailable, Message: "By which factors a figure changed is told of the whole, and not of the rows of a breakdown.",
			Hint:    "Ask for it without the breakdown, or compare the rows.",
			Instead: []string{"what changed in " + name + ", this quarter, vs previous", name + " by territory, this quarter, vs previous"},
		}
	default:
		return nil
	}
}

// factored adds to a figure that is compared what each of its factors adds to the
// change.
func (p *Plan) factored(out Result) (Result, error) {
	several := len(out.Figures) > 1
	out.Columns = []Column{{Name: ColumnFactor}}
	currency := out.Figures[0].Currency
	if several {
		out.Columns, currency = append(out.Columns, Column{Name: ColumnCurrency}), ""
	}
	out.Columns = append(out.Columns, Column{Name: ColumnAdds, Unit: p.Metric.Unit, Currency: currency})
	for i := range out.Figures {
		f := &out.Figures[i]
		f.Factors = p.Metric.factors(*f)
		if err := f.apportion(); err != nil {
			return Result{}, fmt.Errorf("metric: the factors of %s: %w", p.Metric.Name, err)
		}
		for _, factor := range f.Factors {
			row := []Cell{{Text: factor.Name}}
			if several {
				row = append(row, Cell{Text: f.Currency})
			}
			added := Quantity{Unit: f.Unit, Currency: f.Currency, Value: factor.Adds}
			out.Rows = append(out.Rows, append(row, Cell{Quantity: &added}))
		}
	}
	out.Total = len(out.Rows)
	return out, nil
}

// factors are what a figure and the one it is compared with are made of.
func (m *Metric) factors(f Figure) []Factor {
	now, before := m.madeIn(f.Quantity), m.madeIn(*f.Previous)
	if len(now) != len(before) {
		return nil // nothing is known of one of them
	}
	for i := range now {
		now[i].Previous = before[i].Now
	}
	return now
}

// madeIn lists the factors of one figure.
func (m *Metric) madeIn(q Quantity) []Factor {
	switch {
	case m.sumsAmounts():
		return m.madeOfDeals(q)
	case q.Part != nil:
		part, whole := Quantity{Value: q.Part, Currency: q.Currency}, Quantity{Value: q.Whole, Currency: q.Currency}
		return []Factor{factorOf(m.numerator, multiplies, part), factorOf(m.denominator, divides, whole)}
	case m.conversion != nil:
		return m.conversion.madeOf(q)
	case q.K != nil:
		return []Factor{factorOf(m.numerator, multiplies, countOf(*q.K)), factorOf(m.denominator, divides, countOf(*q.N))}
	case m.formula != nil:
		return m.formula.madeOf(q.Inputs)
	default:
		return nil
	}
}

// factorOf is a factor that is what a metric says.
func factorOf(m *Metric, w way, value Quantity) Factor {
	if value.Unit = m.Unit; !m.ByCurrency() {
		value.Currency = ""
	}
	return Factor{Name: m.Name, Label: m.Label, Now: value, way: w}
}

func countOf(n int64) Quantity { return Quantity{Unit: UnitCount, Value: big.NewRat(n, 1)} }

// madeOfDeals takes an amount for that of so many deals, each of the average.
func (m *Metric) madeOfDeals(q Quantity) []Factor {
	if q.Value == nil || q.Known == nil || *q.Known == 0 {
		return nil
	}
	deals, average := countOf(*q.Known), Quantity{Unit: m.Unit, Currency: q.Currency}
	average.Value = new(big.Rat).Quo(q.Value, deals.Value)
	known := "Deals of known " + cmp.Or(q.What, "amount")
	return []Factor{{Name: FactorDeals, Label: known, Now: deals}, {Name: FactorAverage, Label: "Average per deal", Now: average}}
}

func (c *conversion) madeOf(q Quantity) []Factor {
	converted, grown := c.words(), fmt.Sprintf("%s, %d days ago or more", c.base.Label, c.days)
	return []Factor{
		{Name: FactorConverted, Label: strings.ToUpper(converted[:1]) + converted[1:], Now: countOf(*q.K)},
		{Name: FactorGrown, Label: grown, Now: countOf(*q.N), way: divides},
	}
}

func (e *expression) madeOf(inputs []Input) []Factor {
	var out []Factor
	for _, made := range e.made() {
		i := slices.IndexFunc(inputs, func(in Input) bool { return in.Metric == made.of })
		if i < 0 {
			return nil
		}
		value := inputs[i].Quantity
		if value.Value == nil && value.Reason == ReasonNoRows && made.of.adds() {
			value.Value, value.Reason = new(big.Rat), ""
		}
		out = append(out, factorOf(made.of, made.way, value))
	}
	return out
}

// Multiplied reports whether the factors of the figure make a product, and not a
// sum.
func (f Figure) Multiplied() bool {
	return len(f.Factors) > 0 && (f.Factors[0].way == multiplies || f.Factors[0].way == divides)
}

// apportion tells what each factor adds to the change, if that can be told: of a
// product only where all are above nought.
func (f *Figure) apportion() error {
	if f.Change == nil || len(f.Factors) == 0 {
		return nil
	}
	sum := !f.Multiplied()
	for _, factor := range f.Factors {
		now, before := factor.Now.Value, factor.Previous.Value
		if now == nil || before == nil || !sum && (now.Sign() <= 0 || before.Sign() <= 0) {
			return nil
		}
	}
	if sum {
		return f.apportionSum()
	}
	return f.apportionProduct()
}

func (f *Figure) apportionSum() error {
	all := new(big.Rat)
	for i := range f.Factors {
		factor := &f.Factors[i]
		by := new(big.Rat).Sub(factor.Now.Value, factor.Previous.Value)
		if factor.way == takesAway {
			by.Neg(by)
		}
		factor.Adds = by
		all.Add(all, by)
	}
	if all.Cmp(f.Change) != 0 {
		return fmt.Errorf("they do not add up to the change of %s", f.Change.RatString())
	}
	return nil
}

func (f *Figure) apportionProduct() error {
	growth, logs := big.NewRat(1, 1), make([]float64, len(f.Factors))
	for i, factor := range f.Factors {
		now, before := factor.Now.Value, factor.Previous.Value
		logs[i] = logGrowth(now, before)
		if factor.way == divides {
			now, before, logs[i] = before, now, -logs[i]
		}
		growth.Mul(growth, new(big.Rat).Quo(now, before))
	}
	if growth.Mul(growth, f.Previous.Value).Cmp(f.Value) != 0 {
		return fmt.Errorf("they do not make %s of %s", f.Value.RatString(), f.Previous.Value.RatString())
	}
	mean, _ := f.Value.Float64() // the logarithmic mean of the two figures
	if f.Change.Sign() != 0 {
		change, _ := f.Change.Float64()
		mean = change / logGrowth(f.Value, f.Previous.Value)
	}
	parts := make([]*big.Rat, len(logs))
	for i, log := range logs {
		if parts[i] = new(big.Rat).SetFloat64(mean * log); parts[i] == nil {
			return fmt.Errorf("%g times %g is no number", mean, log)
		}
	}
	for i, part := range roundTo(f.Unit.leastTold(f.Currency), f.Change, parts) {
		f.Factors[i].Adds = part
	}
	return nil
}

// logGrowth is the logarithm of what a positive number grew by, as exact for a
// small growth as for a great one, either way.
func logGrowth(now, before *big.Rat) float64 {
	if now.Cmp(before) < 0 {
		return -logGrowth(before, now)
	}
	by := new(big.Rat).Quo(new(big.Rat).Sub(now, before), before)
	growth, _ := by.Float64()
	return math.Log1p(growth)
}

// leastTold is the least step in which values of the unit are told: a minor unit, a
// hundredth of a per cent, a tenth of a day, a minute.
func (u Unit) leastTold(currency string) *big.Rat {
	switch u {
	case UnitMoney, UnitMoneyPerDay:
		return big.NewRat(1, minorPerMajor(currency))
	case UnitRatio:
		return big.NewRat(1, 10_000)
	case UnitDays:
		return big.NewRat(1, 10)
	case UnitHours:
		return big.NewRat(1, 60)
	default:
		return big.NewRat(1, 100)
	}
}

// roundTo rounds parts to whole steps, so that they add up to the rounded sum:
// those that lose most by it are rounded up.
func roundTo(step, sum *big.Rat, parts []*big.Rat) []*big.Rat {
	left := steps(sum, step, true)
	whole, lost, order := make([]*big.Int, len(parts)), make([]*big.Rat, len(parts)), make([]int, len(parts))
	for i, part := range parts {
		whole[i], order[i] = steps(part, step, false), i
		lost[i] = new(big.Rat).Sub(part, new(big.Rat).Mul(step, new(big.Rat).SetInt(whole[i])))
		left.Sub(left, whole[i])
	}
	slices.SortStableFunc(order, func(i, j int) int { return lost[j].Cmp(lost[i]) })
	for _, i := range order {
		if left.Sign() > 0 {
			whole[i].Add(whole[i], big.NewInt(1))
			left.Sub(left, big.NewInt(1))
		}
	}
	whole[order[0]].Add(whole[order[0]], left) // what no rounding explains
	out := make([]*big.Rat, len(parts))
	for i := range out {
		out[i] = new(big.Rat).Mul(step, new(big.Rat).SetInt(whole[i]))
	}
	return out
}

// steps counts the whole steps in a value: the nearest number of them, halves
// away from nought, or the greatest that is not more.
func steps(value, step *big.Rat, nearest bool) *big.Int {
	of := new(big.Rat).Quo(value, step)
	if !nearest {
		return new(big.Int).Div(of.Num(), of.Denom()) // of a positive denominator: the floor
	}
	n, _ := new(big.Int).SetString(of.FloatString(0), 10)
	return n
}
