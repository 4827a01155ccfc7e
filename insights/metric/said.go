package metric

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Said is what a receipt keeps of a Result: enough to tell whether a later one
// says the same and, if not, which rows differ. Rows are kept without names, for
// some time and no more than RowsKept of them; of all of them for good there is a
// digest.
type Said struct {
	Figures []SaidFigure `json:"figures"`
	Rows    string       `json:"rows,omitempty"` // a digest; empty: there are no rows
	Total   int          `json:"total,omitempty"`
	Of      int          `json:"of,omitempty"` // all rows, where some are kept by their value
	Kept    []SaidRow    `json:"kept,omitempty"`
}

// RowsKept is how many rows of an answer a receipt keeps: more than anybody reads
// in Slack.
const RowsKept = 500

// SaidFigure is one figure and what it was compared with.
type SaidFigure struct {
	SaidQuantity
	Previous *SaidQuantity `json:"previous,omitempty"`
}

// SaidQuantity is a Quantity in exact texts, so that equal ones are equal bytes.
type SaidQuantity struct {
	Value    string `json:"value,omitempty"` // empty: unknown
	Unit     Unit   `json:"unit"`
	Currency string `json:"currency,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Counts   string `json:"counts,omitempty"` // k of n, known of all
	Longer   string `json:"longer,omitempty"` // what an unknown value is more than
}

// Said returns what a receipt keeps of the Result.
func (r Result) Said() Said {
	out := Said{Figures: []SaidFigure{}, Total: r.Total}
	for _, f := range r.Figures {
		said := SaidFigure{SaidQuantity: saidQuantity(f.Quantity)}
		if f.Previous != nil {
			previous := saidQuantity(*f.Previous)
			said.Previous = &previous
		}
		out.Figures = append(out.Figures, said)
	}
	if r.Kept != nil {
		out.Of = r.Kept.Of
	}
	if len(r.Columns) > 0 {
		out.Rows = digestOf(r.Rows)
		out.Kept = r.said(r.Rows[:min(len(r.Rows), RowsKept)])
	}
	return out
}

// Equal reports whether the same was said.
func (s Said) Equal(other Said) bool {
	return s.Rows == other.Rows && s.Total == other.Total && s.Of == other.Of && slices.EqualFunc(s.Figures, other.Figures, SaidFigure.Equal)
}

// Equal reports whether the same was said.
func (f SaidFigure) Equal(other SaidFigure) bool {
	compared := f.Previous != nil && other.Previous != nil && *f.Previous == *other.Previous
	return f.SaidQuantity == other.SaidQuantity && (compared || f.Previous == nil && other.Previous == nil)
}

func saidQuantity(q Quantity) SaidQuantity {
	out := SaidQuantity{Unit: q.Unit, Currency: q.Currency, Reason: q.Reason, Value: exactly(q.Value), Longer: exactly(q.Longer)}
	for _, n := range []*int64{q.K, q.N, q.Known, q.Of} {
		if n != nil {
			out.Counts += fmt.Sprint(*n, " ")
		}
	}
	for _, r := range []*big.Rat{q.Covered, q.Part, q.Whole} {
		if r != nil {
			out.Counts += exactly(r) + " "
		}
	}
	out.Counts = strings.TrimSpace(out.Counts)
	return out
}

// Quantity is what was said, without its counts.
func (s SaidQuantity) Quantity() Quantity {
	q := Quantity{Unit: s.Unit, Currency: s.Currency, Reason: s.Reason}
	if value, ok := new(big.Rat).SetString(s.Value); ok {
		q.Value = value
	}
	if longer, ok := new(big.Rat).SetString(s.Longer); ok {
		q.Longer = longer
	}
	return q
}

func exactly(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return r.RatString()
}

// digestOf is a digest of rows in any order: where a row stands may depend on
// names.
func digestOf(rows [][]Cell) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = rowText(row)
	}
	slices.Sort(lines)
	return digest(strings.Join(lines, "\n"))
}

func rowText(row []Cell) string {
	var b strings.Builder
	for _, cell := range row {
		switch {
		case cell.Quantity != nil:
			fmt.Fprintf(&b, "%+v", saidQuantity(*cell.Quantity))
		case cell.ID != 0:
			fmt.Fprintf(&b, "#%d", cell.ID)
		default:
			b.WriteString(strings.ToLower(cell.Text))
		}
		b.WriteByte('\x00')
	}
	return b.String()
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Meaning is a digest of all that decides what the metric counts and how: two
// definitions of one meaning give the same figures. Labels, words to ask with
// and the like are no part of it.
func (m *Metric) Meaning() string { return digest(string(m.meaning())) }

func (m *Metric) meaning() json.RawMessage {
	said := struct {
		Type                            Type
		Unit                            Unit
		Model, Clock, Percentile        string
		Expr, Filter                    string
		Stock                           bool
		Agg                             aggregation
		Numerator, Denominator, Formula json.RawMessage   `json:",omitempty"`
		Inputs                          []json.RawMessage `json:",omitempty"`
		Running, Converted              string            `json:",omitempty"`
	}{
		Type: m.Type, Unit: m.Unit, Clock: m.Clock, Percentile: m.percentile, Stock: m.Stock, Agg: m.agg,
		Filter: strings.Join(strings.Fields(m.filterText), " "),
	}
	if m.running != nil {
		said.Running = m.running.words()
	}
	if m.facts != nil {
		said.Model = m.facts.model
	}
	if m.expr != nil {
		said.Expr = m.expr.name
	}
	switch {
	case m.formula != nil:
		said.Formula = asJSON(m.formula.words())
		for _, in := range m.inputs {
			said.Inputs = append(said.Inputs, in.meaning())
		}
	case m.conversion != nil:
		of := m.conversion
		said.Numerator, said.Denominator, said.Converted = of.to.meaning(), of.base.meaning(), of.words()
		for _, property := range of.constant {
			said.Converted += ", " + property.name
		}
	case m.isShare():
		said.Numerator, said.Denominator = m.numerator.meaning(), m.denominator.meaning()
	}
	return asJSON(said)
}

// asJSON writes texts and numbers, which cannot fail.
func asJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic("metric: the meaning of a metric: " + err.Error())
	}
	return data
}

// Relearnt says of an import how many of the deals that a Plan counts it said
// something else of, and of a list which.
type Relearnt struct {
	Deals int64
	IDs   []string // as the CRM calls them
}

// Relearnt counts, of the deals that a Plan counts as they were known at its
// revision or as they are known now, those of which each later import said
// something else: a row an import. It is nil for what counts no deals.
func (p *Plan) Relearnt() *Statement {
	if p.Query.Shape == ShapeOwner {
		return nil
	}
	b := p.builder(p.standing)
	var counted []string
	all := p
	if p.whole != nil {
		all = p.whole // the part is in it
	}
	for _, part := range all.inputs() {
		if of := part.Metric.listed(); of != nil && of.facts.ofDeals() {
			one := *part
			one.Metric, one.where = of, one.listedWhere()
			counted = append(counted, one.countedDeals(b)...)
		}
	}
	if len(counted) == 0 {
		return nil
	}
	since := b.arg(p.standing.revision) + "::bigint"
	which := "null"
	if p.Query.Shape == ShapeDeals {
		which = "json_agg(distinct opportunity.external_id)::text"
	}
	return &Statement{Args: b.args, SQL: `select said.revision::text, count(distinct said.opportunity_id)::text, ` + which + `
from (
    select opportunity_id, revision from opportunity_change where revision > ` + since + `
    union all
    select opportunity_id, retracted from opportunity_change where retracted > ` + since + `
) said
join opportunity on opportunity.id = said.opportunity_id
where said.opportunity_id in (
` + strings.Join(counted, "\n    union\n") + `
)
group by said.revision`}
}

// countedDeals writes what selects the ids of the deals that a Plan counts, then
// and now, with the arguments of b.
func (p *Plan) countedDeals(b *builder) []string {
	var out []string
	for _, revision := range []int64{p.standing.revision, 0} {
		for _, of := range p.compared() {
			of.at.revision = revision
			one := &builder{plan: p, at: of.at, span: of.span, args: b.args, columns: []string{"o.id"}}
			ids := p.assemble(one, p.tests(one, of.span))
			b.args = ids.Args
			out = append(out, "    select id from ("+ids.SQL+") counted")
		}
	}
	return out
}

// spanned is the days of a Plan's statements, and how the facts stand in them.
type spanned struct {
	span days
	at   standing
}

// compared lists what was asked and what it is compared with.
func (p *Plan) compared() []spanned {
	if p.ends != nil {
		var out []spanned
		for _, end := range p.ends {
			out = append(out, spanned{days{}, end.plan.standing})
		}
		return out
	}
	out := []spanned{{p.asked, p.standing}}
	if p.Query.Compare != "" {
		out = append(out, spanned{p.before, p.earlier})
	}
	return out
}

// RelearntBy reads the answer to Relearnt, by the revisions of the imports.
func RelearntBy(table [][]*string) (map[int64]Relearnt, error) {
	out := map[int64]Relearnt{}
	for _, row := range table {
		if len(row) != 3 || row[0] == nil || row[1] == nil {
			return nil, fmt.Errorf("metric: a row does not say which import changed how many deals")
		}
		var revision int64
		var by Relearnt
		if _, err := fmt.Sscan(*row[0]+" "+*row[1], &revision, &by.Deals); err != nil {
			return nil, fmt.Errorf("metric: reading which import changed how many deals: %w", err)
		}
		if row[2] != nil {
			if err := json.Unmarshal([]byte(*row[2]), &by.IDs); err != nil {
				return nil, fmt.Errorf("metric: reading which deals an import changed: %w", err)
			}
		}
		out[revision] = by
	}
	return out, nil
}
