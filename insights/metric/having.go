package metric

import (
	"math/big"
	"slices"
	"strings"
)

// Rows are kept by their value as SQL's HAVING keeps groups: first the breakdown is
// told as without any bounds, under the same rights, and then it is decided of each
// of its rows. The whole stays that of all rows. A rate of too few deals is not
// judged, as it is not ranked; nor is what is not known, nor an amount in another
// currency than the bounds are in.

// Bound is one end of the values of the rows that are kept. Value is an exact
// decimal in the metric's own unit as people read it: major units of money, 0.5
// for 50 %, days, hours, a number.
type Bound struct {
	Op    Op     `json:"op"` // Lt, Lte, Gt or Gte
	Value string `json:"value"`
}

// within reports whether a value is on the right side of the bound.
func (b Bound) within(value *big.Rat) bool {
	bound, _ := parseBound(b.Value)
	switch c := value.Cmp(bound); b.Op {
	case Lt:
		return c < 0
	case Lte:
		return c <= 0
	case Gt:
		return c > 0
	default:
		return c >= 0
	}
}

// IsUpper reports whether the values are below the bound.
func (b Bound) IsUpper() bool { return b.Op == Lt || b.Op == Lte }

// parseBound reads a decimal; big.Rat would read fractions and exponents too.
func parseBound(text string) (*big.Rat, bool) {
	if strings.Trim(text, "-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// BoundCurrency is the currency that bounds on amounts are in.
func (q Query) BoundCurrency(c Company) string {
	if q.In != "" {
		return q.In
	}
	return c.Currency
}

// Kept counts the rows of a breakdown of which some are kept by their value, before
// any limit. What is not judged is among the rows, and not among those kept.
type Kept struct {
	Rows    int // kept
	Of      int // all rows
	Few     int // not judged: their rate is of too few deals
	Unknown int // not judged: they have no value
	Foreign int // not judged: their amounts are in another currency than the bounds
}

// resolveHaving sees to it that the bounds have a meaning. Rows that are kept by
// their value come in its order, from the highest where they are above something;
// those of steps of time, in the order of time.
func (p *Plan) resolveHaving() *Refusal {
	q := &p.Query
	if len(q.Having) == 0 {
		return nil
	}
	switch {
	case q.Shape != ShapeFigure || len(q.By) == 0:
		return invalid("Only the rows of a breakdown are kept by their value.")
	case q.Stood || q.Compare != "" || !q.Then.IsZero():
		return invalid("Rows are kept by one value, so they are neither compared nor told as they stood at the end of each step.")
	case q.Share != "":
		return invalid("Rows are kept by their value, not by their share of the whole.")
	case slices.ContainsFunc(q.By, p.Metric.isUnrankedBy):
		return p.unranked()
	}
	if refusal := checkBounds(q.Having); refusal != nil {
		return refusal
	}
	if q.Order == "" && p.step() == "" {
		q.Order = Descending
		if !slices.ContainsFunc(q.Having, func(b Bound) bool { return !b.IsUpper() }) {
			q.Order = Ascending
		}
	}
	return nil
}

// checkBounds refuses what is no bound, two of the same end, and ends that nothing
// lies between.
func checkBounds(bounds []Bound) *Refusal {
	var low, high *big.Rat
	for _, b := range bounds {
		value, ok := parseBound(b.Value)
		end := &low
		if b.IsUpper() {
			end = &high
		}
		switch {
		case !ok:
			return invalid("%q is no number that rows can be kept by.", b.Value)
		case b.Op != Lt && b.Op != Lte && b.Op != Gt && b.Op != Gte:
			return invalid("Rows are not kept by %q.", b.Op)
		case *end != nil:
			return invalid("Rows are kept by one value that they are above, and one that they are below.")
		}
		*end = value
	}
	if low != nil && high != nil && low.Cmp(high) > 0 {
		return invalid("Nothing is above %s and below %s.", low.RatString(), high.RatString())
	}
	return nil
}

// keep leaves out the lines whose value is beyond the bounds, and those that are
// not judged, and counts both.
func (p *Plan) keep(lines []line) ([]line, *Kept) {
	if len(p.Query.Having) == 0 {
		return lines, nil
	}
	told := &Kept{Of: len(lines)}
	kept := slices.DeleteFunc(lines, func(l line) bool {
		switch {
		case p.Metric.ofFew(*l.now):
			told.Few++
		case p.isForeign(l):
			told.Foreign++
		case l.now.Value == nil:
			told.Unknown++
		default:
			return slices.ContainsFunc(p.Query.Having, func(b Bound) bool { return !b.within(l.now.Value) })
		}
		return true
	})
	told.Rows = len(kept)
	return kept, told
}

// isForeign reports whether a line's amounts are in another currency than the
// bounds. Ratios of amounts are in none.
func (p *Plan) isForeign(l line) bool {
	amount := p.Metric.Unit == UnitMoney || p.Metric.Unit == UnitMoneyPerDay
	return amount && l.currency != "" && l.currency != p.Query.BoundCurrency(p.company)
}
