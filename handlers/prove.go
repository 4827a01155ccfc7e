package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// Receipts finds how a figure was computed.
type Receipts interface {
	// Receipt reads a receipt by its id; an *insights.Error if there is none.
	Receipt(ctx context.Context, id string) (insights.Receipt, error)
}

// proof is a figure that was said, counted again from the facts as they were
// known then, and from those that are known now.
type proof struct {
	receipt insights.Receipt
	metric  *metric.Metric
	then    metric.Result
	now     metric.Result
	rows    []metric.RowChange        // what of its rows, those that were not shown included, is different now
	changed map[int64]metric.Relearnt // what each later import said something else of; nil: it counts no deals
	later   []insights.Import         // the oldest first
}

// same reports whether what is counted again is what was said.
func (p proof) same() bool { return p.receipt.Said != nil && p.then.Said().Equal(*p.receipt.Said) }

// redefined reports whether the metric means something else than it did.
func (p proof) redefined() bool {
	return p.receipt.Version != p.metric.Version || p.receipt.Meaning != "" && p.receipt.Meaning != p.metric.Meaning()
}

// prove counts the figure of a receipt again.
func (d *Desk) prove(ctx context.Context, who asker, id string) (reply, error) {
	id = strings.ToLower(strings.Trim(id, " .?!`"))
	if id == "" {
		return reply{Answer: Answer{
			Status: NotUnderstood, Headline: "Prove which figure?",
			Notes: []string{"Each answer ends with the id of its receipt. /salesbot prove and that id counts it again, from the facts as they were known then."},
		}}, nil
	}
	receipt, err := d.Store.Receipt(ctx, id)
	if err != nil {
		return reply{}, err
	}
	if !mayProve(who, receipt) {
		return refusal("A figure is proved to whoever it was told, and to admins. Ask the question yourself: your answer has a receipt of its own."), nil
	}
	p, err := d.recount(ctx, who, receipt)
	if err != nil {
		return reply{}, err
	}
	return reply{Answer: d.proved(p)}, nil
}

// mayProve reports whether somebody was told the figure, or is an admin.
func mayProve(who asker, receipt insights.Receipt) bool {
	own := who.viewer.PersonID != 0 && who.viewer.PersonID == receipt.Viewer.PersonID
	return own || who.viewer.Role == metric.RoleAdmin && who.viewer.All
}

// recount reads the figure of then and that of now in one snapshot, and where it
// showed some rows of many, all rows of both.
func (d *Desk) recount(ctx context.Context, who asker, receipt insights.Receipt) (proof, error) {
	p := proof{receipt: receipt}
	var ok bool
	if p.metric, ok = d.Catalog.Asked(receipt.Query); !ok {
		return p, &metric.Refusal{
			Code:    metric.CodeNotAvailable,
			Message: fmt.Sprintf("The KPI %s is in the catalogue no more, so its figures cannot be counted again.", receipt.Metric),
		}
	}
	var plans []*metric.Plan
	var statements []metric.Statement
	for _, q := range []metric.Query{receipt.Query, receipt.Query.Unlimited()} {
		for _, revision := range []int64{receipt.Revision, 0} {
			if revision == 0 {
				q = asKnownNow(q)
			}
			plan, err := d.Catalog.CompileAt(q, receipt.Viewer, receipt.Company, receipt.At, revision)
			if err != nil {
				return p, err
			}
			plans, statements = append(plans, plan), append(statements, plan.Statements...)
		}
		if receipt.Query.Limit == 0 && len(receipt.Query.Having) == 0 {
			break
		}
	}
	if err := d.mayStill(who, receipt, plans[0]); err != nil {
		return p, err
	}
	relearnt := plans[0].Relearnt()
	if relearnt != nil {
		statements = append(statements, *relearnt)
	}
	read, err := d.readWithin(ctx, slow{query: receipt.Query, viewer: receipt.Viewer, at: receipt.At, within: 2 * d.ReadWithin}, statements)
	if err != nil {
		return p, err
	}
	if relearnt != nil {
		if p.changed, err = metric.RelearntBy(read.Tables[len(read.Tables)-1]); err != nil {
			return p, err
		}
	}
	results := make([]metric.Result, len(plans))
	for i, plan := range plans {
		n := len(plan.Statements)
		if results[i], err = plan.Result(metric.Reading{Revision: read.Revision, FreshAt: read.FreshAt, Tables: read.Tables[:n]}); err != nil {
			return p, err
		}
		read.Tables = read.Tables[n:]
	}
	p.then, p.now = results[0], results[1]
	p.then.Revision = receipt.Revision
	last := len(results) - 2
	p.rows = results[last].RowChanges(results[last+1])
	p.later, err = d.importsAfter(ctx, receipt.Revision, read.Revision)
	return p, err
}

// mayStill applies the rights of today: what somebody may see no more is not
// proved to them.
func (d *Desk) mayStill(who asker, receipt insights.Receipt, then *metric.Plan) error {
	today, err := d.Catalog.Compile(asKnownNow(receipt.Query), who.viewer, receipt.Company, receipt.At)
	if err != nil {
		return err
	}
	others := func(id int64) bool { return !who.viewer.Sees(id) }
	if today.Narrowed && (!then.Narrowed || slices.ContainsFunc(receipt.Viewer.People, others)) {
		return &metric.Refusal{
			Code:    metric.CodeNotAllowed,
			Message: "You may no longer see all that this figure counts, so it is not proved to you.",
			Hint:    "An admin decides who sees whose deals, and may prove it.",
			Instead: []string{d.parser.Say(receipt.Query)},
		}
	}
	return nil
}

// importsAfter lists the imports after a revision up to another, the oldest
// first.
func (d *Desk) importsAfter(ctx context.Context, after, upto int64) ([]insights.Import, error) {
	if upto <= after {
		return nil, nil
	}
	imports, err := d.Store.Imports(ctx, int(upto-after))
	imports = slices.DeleteFunc(imports, func(i insights.Import) bool { return i.Revision <= after || i.Revision > upto })
	slices.Reverse(imports)
	return imports, err
}

// proved says what came of it.
func (d *Desk) proved(p proof) Answer {
	receipt := p.receipt
	again := d.compose(p.metric, p.then, ask.Reading{})
	a := Answer{
		Status: Answered, Query: &p.then.Query, Receipt: receipt.ID, Figures: again.Figures, Table: again.Table,
		Notes:   []string{fmt.Sprintf("It was said on %s, on the facts of revision %s.", d.momentWords(receipt.At), Count(receipt.Revision))},
		Choices: []Choice{d.offer("Ask it now", receipt.Query)},
	}
	if len(p.rows) > 0 {
		a.Table = d.differTable(p, "What is different by what is known today", p.rows, [2]string{"then", "now"})
	}
	switch {
	case p.same():
		a.Headline = "Proved. " + again.Headline
		a.Notes = append(a.Notes, "Counted again from the facts as they were known then, it is the same"+p.rowsToo()+".")
	case receipt.Said == nil:
		a.Headline = "Counted again: " + again.Headline
		a.Notes = append(a.Notes, "What was said is not kept in receipts as old as this one, so it cannot be set against that.")
	default:
		a.Headline = "Not reproduced. Counted again, it is: " + again.Headline
		if said := saidWords(*receipt.Said); said != "" {
			a.Notes = append(a.Notes, "It was said to be "+said+".")
		}
		a.Notes = append(a.Notes, p.whyNot())
		if rows := receipt.Said.Differ(p.then); len(rows) > 0 {
			a.Notes = append(a.Notes, "What differs in its rows is in the table.")
			a.Table = d.differTable(p, "What differs from what was said", rows, [2]string{"said", "counted again"})
		}
	}
	if p.redefined() {
		a.Notes = append(a.Notes, p.redefinedWords())
	}
	a.Notes = append(a.Notes, d.todayWords(p)...)
	return a
}

func (p proof) rowsToo() string {
	if len(p.then.Columns) == 0 {
		return ""
	}
	return ", and so are its " + plural(Count(int64(len(p.then.Rows))), "row")
}

// maxDiffering bounds how many cells that differ an answer shows.
const maxDiffering = 50

// differTable lists the cells that differ: what the row is of, which of several
// things of it differs, what it was and what it is. Of a deal it names the imports
// that said something else of it.
func (d *Desk) differTable(p proof, title string, rows []metric.RowChange, heads [2]string) *Table {
	t := &Table{Title: title, Total: len(rows)}
	for _, c := range p.then.NameColumns() {
		t.Columns = append(t.Columns, Column{Column: c, Label: d.dealColumnLabel(p.metric, c)})
	}
	names := len(t.Columns)
	several := slices.ContainsFunc(rows, func(r metric.RowChange) bool { return r.Column.Name != rows[0].Column.Name })
	deals := p.then.Query.Shape == metric.ShapeDeals
	if several || deals {
		t.Columns = append(t.Columns, Column{Column: metric.Column{Name: "what"}, Label: "What"})
	}
	for _, head := range heads {
		column := metric.Column{Name: strings.ReplaceAll(head, " ", "_")}
		if !several {
			column.Unit, column.Currency = rows[0].Column.Unit, rows[0].Column.Currency
		}
		t.Columns = append(t.Columns, Column{Column: column, Label: sentenceStart(head)})
	}
	if deals {
		t.Columns = append(t.Columns, Column{Column: metric.Column{Name: "imports"}, Label: "By import"})
	}
	for _, r := range rows[:min(len(rows), maxDiffering)] {
		row := make([]metric.Cell, names, len(t.Columns))
		copy(row, r.Row)
		for i, c := range t.Columns[:names] {
			row[i] = d.nameCell(c.Column, row[i])
		}
		if several || deals {
			row = append(row, metric.Cell{Text: d.whatDiffers(p, r)})
		}
		row = append(row, d.cellOrNone(p, r, r.Was), d.cellOrNone(p, r, r.Is))
		if deals {
			row = append(row, metric.Cell{Text: p.importsOf(r)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// nameCell is a cell that names a row, as people read it.
func (d *Desk) nameCell(c metric.Column, cell metric.Cell) metric.Cell {
	if c.Name == metric.ColumnPart {
		cell.Label = partLabels[metric.Part(cell.Text)]
	}
	if start, err := time.Parse(time.DateOnly, cell.Text); err == nil && c.Name != metric.ColumnDeal && c.Name != metric.ColumnID {
		cell.Label = d.bucketWords(c.Name, start)
	}
	return cell
}

// listed says of a deal that it is, or is not, among those of a list.
const listed = "Counted"

func (d *Desk) whatDiffers(p proof, r metric.RowChange) string {
	if p.then.Query.Shape == metric.ShapeDeals && (r.Was == nil || r.Is == nil) {
		return listed
	}
	return d.dealColumnLabel(p.metric, r.Column)
}

// cellOrNone is a cell that differs: of a deal that one list does not have, that
// it is not counted there.
func (d *Desk) cellOrNone(p proof, r metric.RowChange, cell *metric.Cell) metric.Cell {
	named := p.then.Query.Shape == metric.ShapeDeals || p.then.Query.Shape == metric.ShapeOwner
	switch {
	case named && cell == nil:
		return metric.Cell{Text: "no"}
	case named && (r.Was == nil || r.Is == nil):
		return metric.Cell{Text: "yes"}
	case cell == nil:
		return metric.Cell{Quantity: &metric.Quantity{Unit: r.Column.Unit, Currency: r.Column.Currency, Reason: metric.ReasonNoRows}}
	default:
		return *cell
	}
}

// importsOf names the later imports that said something else of a listed deal.
func (p proof) importsOf(r metric.RowChange) string {
	var words []string
	for _, i := range p.later {
		if len(r.Row) > 0 && slices.Contains(p.changed[i.Revision].IDs, r.Row[len(r.Row)-1].Text) {
			words = append(words, Count(i.Revision))
		}
	}
	return joinAnd(words)
}

func (p proof) redefinedWords() string {
	if p.receipt.Version == p.metric.Version {
		return "The definition of " + p.metric.Label + " has been changed since, under the same version; it is counted by the one in force."
	}
	return fmt.Sprintf("It was said by version %d of the definition of %s; it is counted by version %d, the one in force.", p.receipt.Version, p.metric.Label, p.metric.Version)
}

// whyNot says why a figure cannot be counted again as it was.
func (p proof) whyNot() string {
	var kinds []string
	for _, i := range p.later {
		for _, kind := range touched(i) {
			if !i.Kept && !slices.Contains(kinds, kindWords(kind)) {
				kinds = append(kinds, kindWords(kind))
			}
		}
	}
	switch {
	case p.redefined():
		return "The definition is not the one of then, so the same figure cannot be expected."
	case len(kinds) > 0:
		return "Imports by an earlier version of Salesbot changed " + joinAnd(kinds) + " and did not keep what those were before: that may be why, and it cannot be told for certain."
	default:
		return "Nothing that was loaded since explains it. Please give this receipt to your administrator: it is a fault."
	}
}

// kindWords names records of a kind.
func kindWords(kind insights.Kind) string {
	words := map[insights.Kind]string{
		insights.KindOpportunity: "deals", insights.KindChange: "changes of deals", insights.KindPerson: "people", insights.KindTerritory: "territories",
		insights.KindActivity: "activities", insights.KindOverhead: "pieces of overhead", insights.KindProcess: "sales processes", insights.KindCostLine: "costs",
	}
	if said, ok := words[kind]; ok {
		return said
	}
	return strings.ReplaceAll(string(kind), "_", " ") + "s"
}

// saidWords names the figures that a receipt keeps.
func saidWords(said metric.Said) string {
	words := make([]string, len(said.Figures))
	for i, f := range said.Figures {
		words[i] = Words(f.Quantity())
	}
	return joinAnd(words)
}

// todayWords say how the figure of today differs, and by which imports.
func (d *Desk) todayWords(p proof) []string {
	if p.now.Said().Equal(p.then.Said()) && len(p.rows) == 0 {
		if len(p.later) == 0 {
			return []string{"Nothing has been loaded since."}
		}
		return []string{"By what is known today it is the same."}
	}
	words := make([]string, len(p.now.Figures))
	owned := p.now.Query.Shape == metric.ShapeOwner
	for i, f := range p.now.Figures {
		words[i] = figureWords(f, d.comparedWords(p.now))
	}
	notes := []string{"By what is known today, asked at that moment, it is " + joinAnd(words) + "."}
	switch {
	case owned:
		notes[0] = "By what is known today, asked at that moment, it is owned otherwise."
	case len(words) == 0:
		notes[0] = "By what is known today there is nothing to count."
	case slices.EqualFunc(p.now.Said().Figures, p.then.Said().Figures, metric.SaidFigure.Equal):
		notes[0] = "By what is known today the figure is the same, and some of its rows are not."
	}
	if len(p.rows) > 0 && (p.same() || p.receipt.Said == nil) {
		notes = append(notes, "Its rows that are different are in the table; all others are the same.")
	}
	if more := len(p.rows) - maxDiffering; more > 0 {
		notes = append(notes, "Of what is different in its rows, "+Count(int64(more))+" more are not shown.")
	}
	return append(notes, d.becauseOf(p)...)
}

// maxReasons bounds how many imports an answer names.
const maxReasons = 10

// becauseOf names the imports that said something else of what was counted.
func (d *Desk) becauseOf(p proof) []string {
	var notes []string
	unnamed := 0
	for _, i := range p.later {
		said := p.effectOf(i)
		switch {
		case said == "":
		case len(notes) == maxReasons:
			unnamed++
		default:
			notes = append(notes, d.laterWords(i)+" "+said+".")
		}
	}
	if unnamed > 0 {
		notes = append(notes, "Beside these, "+plural(Count(int64(unnamed)), "import")+" said something else.")
	}
	return notes
}

// effectOf says what of that which was counted an import changed, empty for
// nothing.
func (p proof) effectOf(i insights.Import) string {
	var parts []string
	if n := p.changed[i.Revision].Deals; n > 0 {
		parts = append(parts, "said something else of "+plural(Count(n), "deal")+" that it counts, then or now")
	}
	var kinds []string
	for _, kind := range touched(i) {
		n := i.Added[kind] + i.Changed[kind]
		deals := kind == insights.KindOpportunity || kind == insights.KindChange
		if !deals || p.changed == nil {
			kinds = append(kinds, Count(int64(n))+" "+kindWords(kind))
		}
	}
	if len(kinds) > 0 {
		parts = append(parts, "added or changed "+joinAnd(kinds))
	}
	return strings.Join(parts, ", and ")
}

// touched lists the kinds of which an import added or changed some.
func touched(i insights.Import) []insights.Kind {
	var kinds []insights.Kind
	for _, counts := range []map[insights.Kind]int{i.Added, i.Changed} {
		for kind, n := range counts {
			if n > 0 {
				kinds = append(kinds, kind)
			}
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func (d *Desk) laterWords(i insights.Import) string {
	if i.Undoes != 0 {
		return fmt.Sprintf("Import %s of %s, which took back import %s,", Count(i.Revision), d.momentWords(i.At), Count(i.Undoes))
	}
	return fmt.Sprintf("Import %s of %s (%s)", Count(i.Revision), d.momentWords(i.At), i.Source)
}

func (d *Desk) momentWords(at time.Time) string {
	return at.In(d.Company.Zone).Format("Mon 2 Jan 2006 15:04")
}

// readProve reads "prove k3j9x0" typed without a slash command.
func readProve(text string) (id string, ok bool) {
	word, id, _ := strings.Cut(text, " ")
	if !strings.EqualFold(word, "prove") || strings.ContainsAny(strings.TrimSpace(id), " \t") {
		return "", false
	}
	return id, true
}
