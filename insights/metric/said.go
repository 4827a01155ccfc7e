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
// says the same. Of the rows of a breakdown it keeps a digest, without names:
// those are as they are known now, whatever is asked.
type Said struct {
	Figures []SaidFigure `json:"figures"`
	Rows    string       `json:"rows,omitempty"` // empty: no breakdown
	Total   int          `json:"total,omitempty"`
}

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
	if len(r.Columns) > 0 {
		out.Rows = digestOf(r.Rows)
	}
	return out
}

// Equal reports whether the same was said.
func (s Said) Equal(other Said) bool {
	return s.Rows == other.Rows && s.Total == other.Total && slices.EqualFunc(s.Figures, other.Figures, func(a, b SaidFigure) bool {
		compared := a.Previous != nil && b.Previous != nil && *a.Previous == *b.Previous
		return a.SaidQuantity == b.SaidQuantity && (compared || a.Previous == nil && b.Previous == nil)
	})
}

func saidQuantity(q Quantity) SaidQuantity {
	out := SaidQuantity{Unit: q.Unit, Currency: q.Currency, Reason: q.Reason, Value: exactly(q.Value)}
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

// Relearnt counts, of the deals that a Plan counts as they were known at its
// revision or as they are known now, those of which each later import said
// something else: a row an import. It is nil for what counts other
// things than deals, or beside them.
func (p *Plan) Relearnt() *Statement {
	if !p.Metric.ofDeals() {
		return nil
	}
	b := p.builder(p.standing)
	var counted []string
	for _, part := range p.inputs() {
		counted = append(counted, part.countedDeals(b)...)
	}
	since := b.arg(p.standing.revision) + "::bigint"
	return &Statement{Args: b.args, SQL: `select said.revision::text, count(distinct said.opportunity_id)::text
from (
    select opportunity_id, revision from opportunity_change where revision > ` + since + `
    union all
    select opportunity_id, retracted from opportunity_change where retracted > ` + since + `
) said
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

// RelearntBy reads the answer to Relearnt: how many deals each import, by its
// revision, said something else of.
func RelearntBy(table [][]*string) (map[int64]int64, error) {
	out := map[int64]int64{}
	for _, row := range table {
		var revision, deals int64
		if len(row) != 2 || row[0] == nil || row[1] == nil {
			return nil, fmt.Errorf("metric: a row does not say which import changed how many deals")
		}
		if _, err := fmt.Sscan(*row[0]+" "+*row[1], &revision, &deals); err != nil {
			return nil, fmt.Errorf("metric: reading which import changed how many deals: %w", err)
		}
		out[revision] = deals
	}
	return out, nil
}
