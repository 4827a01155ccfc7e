package metric

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
)

// A share is a part of a whole: by a breakdown each row of all rows together, or
// what a filter keeps of the same question without that filter. Only what can be
// added up has shares, since only of that the parts are the whole.
//
// The whole is asked under the viewer's rights as any figure is. Where that would
// leave people out, the share is refused: a part of what one may see is no share.
// Each currency has a whole of its own, unless amounts are converted into one.

// ShareOfRows says of a Query's Share that its rows are told as parts of all of
// them. Any other Share is the field of the filter that makes the part.
const ShareOfRows = "rows"

// ColumnShare heads the shares of the rows.
const ColumnShare = "share"

// resolveShare decides of what the whole is.
func (p *Plan) resolveShare() *Refusal {
	q, m := p.Query, p.Metric
	if q.Share == "" {
		return nil
	}
	at := q.sharing()
	switch {
	case q.Shape != ShapeFigure || q.Stood:
		return invalid("Only figures are told as shares.")
	case m.formula != nil || m.running != nil || m.isShare() || m.agg != aggSum && m.agg != aggCount || m.Overlap(q):
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: fmt.Sprintf("%s has no shares: what it is of the parts does not add up to what it is of the whole.", m.Label),
			Hint:    "Ask for the share of what it is made of, or for it by itself.",
			Instead: []string{"share of won revenue by territory", phrase(m.Name) + " by territory"},
		}
	case q.Compare != "":
		return invalid("Shares are not compared yet.")
	case q.Share == ShareOfRows && len(q.By) == 0:
		return invalid("Shares of rows need a breakdown.")
	case q.Share != ShareOfRows && (at < 0 || len(q.By) > 0):
		return invalid("A share is of what one filter keeps, without a breakdown.")
	}
	return nil
}

// sharing is the filter that makes the part, or -1.
func (q Query) sharing() int {
	at := slices.IndexFunc(q.Where, func(f Filter) bool { return f.Field == q.Share })
	if at >= 0 && slices.ContainsFunc(q.Where[at+1:], func(f Filter) bool { return f.Field == q.Share }) {
		return -1 // it would not be clear which
	}
	return at
}

// compileShare adds the statements of the whole of which a filter keeps a part.
func (p *Plan) compileShare() *Refusal {
	if p.Narrowed && len(p.teams) == 0 {
		return p.notAllowed("shares that would leave some people out")
	}
	if p.Query.Share == ShareOfRows {
		return nil
	}
	whole := &Plan{Query: p.Query, catalog: p.catalog, viewer: p.viewer, company: p.company, present: p.present, unrolled: p.unrolled}
	at := p.Query.sharing()
	whole.Query.Share, whole.Query.Where = "", slices.Delete(slices.Clone(p.Query.Where), at, at+1)
	if refusal := whole.compile(); refusal != nil {
		return refusal
	}
	p.whole = whole
	p.Statements = append(p.Statements, whole.Statements...)
	return nil
}

// shared makes the answer of a part and of its whole.
func (p *Plan) shared(r Reading) (Result, error) {
	part, n := *p, len(p.Statements)-len(p.whole.Statements)
	part.whole, part.Query.Share, part.Statements = nil, "", p.Statements[:n]
	out, err := part.Result(Reading{Revision: r.Revision, FreshAt: r.FreshAt, Tables: r.Tables[:n]})
	if err != nil {
		return Result{}, err
	}
	out.Query = p.Query
	whole, err := p.whole.Result(Reading{Revision: r.Revision, FreshAt: r.FreshAt, Tables: r.Tables[n:]})
	if err != nil {
		return Result{}, err
	}
	figures := make([]Figure, len(whole.Figures))
	for i, of := range whole.Figures {
		one := Quantity{Unit: p.Metric.Unit, Currency: of.Currency, Reason: ReasonNoRows}
		if at := slices.IndexFunc(out.Figures, func(f Figure) bool { return f.Currency == of.Currency }); at >= 0 {
			one, figures[i].Facts = out.Figures[at].Quantity, out.Figures[at].Facts
		}
		figures[i].Quantity = p.Metric.shareOf(one, of.Quantity)
	}
	out.Figures = figures
	out.Whole = &Whole{Facts: whole.Facts}
	if whole.Converted != nil {
		out.Converted = whole.Converted
	}
	return out, nil
}

// Whole is that of which a filter keeps a part.
type Whole struct {
	Facts int64
}

// shareOf is one quantity as a part of another. A part of which nothing is there
// is nought of a whole that is; of a whole that is nought or less there is none.
func (m *Metric) shareOf(part, whole Quantity) Quantity {
	q := Quantity{Unit: UnitRatio, Currency: whole.Currency, Known: whole.Known, Of: whole.Of, Noun: whole.Noun, What: whole.What, Covered: whole.Covered}
	value := part.Value
	if value == nil && part.Reason == ReasonNoRows {
		value = new(big.Rat)
	}
	switch {
	case whole.Value == nil:
		q.Reason = whole.Reason
	case value == nil:
		q.Reason = part.Reason
	case whole.Value.Sign() <= 0:
		q.Reason = ReasonNothingToDivideBy
	default:
		q.Value, q.Part, q.Whole = share(value, whole.Value), value, whole.Value
	}
	return q
}

// shares adds to each line the part that it is of all lines, and says what those
// that are left out are together.
func (p *Plan) shares(out *Result, lines []line) []Quantity {
	of := func(currency string) Quantity {
		if at := slices.IndexFunc(out.Figures, func(f Figure) bool { return f.Currency == currency }); at >= 0 {
			return out.Figures[at].Quantity
		}
		return Quantity{Unit: p.Metric.Unit, Currency: currency, Reason: cmp.Or(p.Metric.unknown(1), ReasonNoAmount)}
	}
	cells, shown := make([]Quantity, len(lines)), map[string]*big.Rat{}
	for i, l := range lines {
		cells[i] = p.Metric.shareOf(*l.now, of(l.currency))
		cells[i].Part, cells[i].Whole = nil, nil // the row and the figure say those
		cells[i].Known, cells[i].Of, cells[i].What, cells[i].Covered = l.now.Known, l.now.Of, l.now.What, l.now.Covered
		if shown[l.currency] == nil {
			shown[l.currency] = new(big.Rat)
		}
		if l.now.Value != nil {
			shown[l.currency].Add(shown[l.currency], l.now.Value)
		}
	}
	if len(lines) < out.Total {
		for _, f := range out.Figures {
			rest := f.Quantity
			if rest.Known, rest.Of = nil, nil; rest.Value != nil && shown[f.Currency] != nil {
				rest.Value = new(big.Rat).Sub(rest.Value, shown[f.Currency])
			}
			out.RestShares = append(out.RestShares, p.Metric.shareOf(rest, f.Quantity))
		}
	}
	return cells
}
