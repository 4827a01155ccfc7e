package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"salesbot/insights"
)

// stagedKind is how the records of a kind are taken in: into a staging table of
// their own, staged_<kind>, in which they are compared with each other and with
// what is stored. Every such table begins with stagedBy and key, by which
// records of the kind are the same one.
type stagedKind struct {
	kind    insights.Kind
	columns string // as SQL declares them, without those that every kind has
	// named is the field that holds the key as people write it. Empty: several
	// fields together are the key.
	named string
	// identity are the columns that make the key where that is several: they
	// are needed when a reference among them turns out to be a name.
	identity []string
	refers   []reference
	write    func(*copyRow, insights.Record)
}

// stagedBy says where a staged record is from: ord is the running number of the
// record, row that of its row (0: no row's, but the layout's own), rule that of
// the rule that made it.
const stagedBy = `ord integer, "row" integer, file integer, line integer, rule integer`

// stagedKinds are all kinds. A new one is an entry here and a merge in merging.go.
var stagedKinds = []*stagedKind{
	{
		kind: insights.KindProcess, named: "name",
		columns: `name text, external_id text`,
		write:   writing(processRow), // written before all else, as stages are
	},
	{
		kind: insights.KindStage, named: "name",
		columns: `name text, external_id text, process text, position integer, outcome text, probability numeric,
			forecast_category text, expected_days integer, since date`,
		write: writing(stageRow),
	},
	{
		kind: insights.KindTerritoryModel, named: "key",
		columns: `name text, state text, starts_on date, until date`,
		write:   writing(modelRow),
	},
	{
		kind: insights.KindTerritory, named: "key",
		columns: `external_id text, name text, parent text, model text`,
		refers:  []reference{{field: "model", to: insights.KindTerritoryModel}, {field: "parent", to: insights.KindTerritory}},
		write:   writing(territoryRow),
	},
	{
		kind: insights.KindProduct, named: "key",
		columns: `name text, family text`,
		write:   writing(productRow),
	},
	{
		kind: insights.KindAccount, named: "key",
		columns: `name text, industry text, segment text, country text, parent text`,
		refers:  []reference{{field: "parent", to: insights.KindAccount}},
		write:   writing(accountRow),
	},
	{
		kind: insights.KindPerson, named: "key",
		columns: `name text, email text, role text, manager text, territory text, since date, active boolean`,
		refers:  []reference{{field: "manager", to: insights.KindPerson}, {field: "territory", to: insights.KindTerritory}},
		write:   writing(personRow),
	},
	{
		kind:    insights.KindAssignment, // written together with people
		columns: `person text, manager text, territory text, model text, since date`, identity: []string{"person", "model", "since"},
		refers: []reference{
			{field: "person", to: insights.KindPerson}, {field: "manager", to: insights.KindPerson},
			{field: "model", to: insights.KindTerritoryModel}, {field: "territory", to: insights.KindTerritory},
		},
		write: writing(assignmentRow),
	},
	{
		kind:    insights.KindAccountTerritory,
		columns: `account text, territory text, model text, since date`, identity: []string{"account", "model", "since"},
		refers: []reference{
			{field: "account", to: insights.KindAccount},
			{field: "model", to: insights.KindTerritoryModel}, {field: "territory", to: insights.KindTerritory},
		},
		write: writing(accountTerritoryRow),
	},
	{
		kind: insights.KindOpportunity, named: "key",
		columns: `name text, account text, product text, owner text, process text, stage text, amount_minor bigint, currency text,
			created_on date, engaged_on date, close_on date, loss_reason text, competitor text, forecast_category text,
			next_step text, source text, kind text, deleted boolean, changed_at timestamptz`,
		refers: []reference{
			{field: "account", to: insights.KindAccount}, {field: "product", to: insights.KindProduct}, {field: "owner", to: insights.KindPerson},
		},
		write: writing(opportunityRow),
	},
	{
		kind:     insights.KindChange, // written together with deals
		columns:  `opportunity text, field text, old text, new text, process text, currency text, at timestamptz`,
		identity: []string{"opportunity", "field", "at", "old", "new"},
		refers: []reference{
			{field: "opportunity", to: insights.KindOpportunity},
			{field: "old", to: insights.KindPerson, when: "s.field = 'owner'"}, {field: "new", to: insights.KindPerson, when: "s.field = 'owner'"},
			{field: "old", to: insights.KindAccount, when: "s.field = 'account'"}, {field: "new", to: insights.KindAccount, when: "s.field = 'account'"},
		},
		write: writing(changeRow),
	},
	{
		kind:    insights.KindSplit,
		columns: `opportunity text, person text, kind text, share numeric`, identity: []string{"opportunity", "person", "kind"},
		refers: []reference{{field: "opportunity", to: insights.KindOpportunity}, {field: "person", to: insights.KindPerson}},
		write:  writing(splitRow),
	},
	{
		kind: insights.KindLineItem, named: "key",
		columns: `opportunity text, product text, quantity numeric, amount_minor bigint, currency text`,
		refers:  []reference{{field: "opportunity", to: insights.KindOpportunity}, {field: "product", to: insights.KindProduct}},
		write:   writing(lineItemRow),
	},
	{
		kind:     insights.KindQuota,
		columns:  `person text, territory text, model text, measure text, first_day date, last_day date, amount_minor bigint, currency text`,
		identity: []string{"person", "territory", "model", "measure", "first_day", "last_day"},
		refers: []reference{
			{field: "person", to: insights.KindPerson},
			{field: "model", to: insights.KindTerritoryModel}, {field: "territory", to: insights.KindTerritory},
		},
		write: writing(quotaRow),
	},
	{
		kind: insights.KindForecast,
		columns: `person text, territory text, model text, first_day date, last_day date, category text, amount_minor bigint, currency text,
			submitted_at timestamptz`,
		identity: []string{"person", "territory", "model", "first_day", "last_day", "category", "submitted_at"},
		refers: []reference{
			{field: "person", to: insights.KindPerson},
			{field: "model", to: insights.KindTerritoryModel}, {field: "territory", to: insights.KindTerritory},
		},
		write: writing(forecastRow),
	},
	{
		kind: insights.KindCostLine, named: "key",
		columns: `opportunity text, kind text, amount_minor bigint, currency text, spent_on date`,
		refers:  []reference{{field: "opportunity", to: insights.KindOpportunity}},
		write:   writing(costRow),
	},
	{
		kind: insights.KindOverhead, named: "key",
		columns: `first_day date, last_day date, amount_minor bigint, currency text, allocated_by text`,
		write:   writing(overheadRow),
	},
	{
		kind: insights.KindLead, named: "key",
		columns: `created_at timestamptz, source text, owner text, status text, responded_at timestamptz, opportunity text, converted_at timestamptz`,
		refers:  []reference{{field: "owner", to: insights.KindPerson}, {field: "opportunity", to: insights.KindOpportunity}},
		write:   writing(leadRow),
	},
	{
		kind: insights.KindActivity, named: "key",
		columns: `opportunity text, account text, kind text, at timestamptz, two_way boolean, by text`,
		refers: []reference{
			{field: "opportunity", to: insights.KindOpportunity}, {field: "account", to: insights.KindAccount}, {field: "by", to: insights.KindPerson},
		},
		write: writing(activityRow),
	},
	{
		kind: insights.KindSubscription, named: "key",
		columns: `account text, product text, kind text, moved_on date, amount_minor bigint, currency text`,
		refers:  []reference{{field: "account", to: insights.KindAccount}, {field: "product", to: insights.KindProduct}},
		write:   writing(subscriptionRow),
	},
	{
		kind:    insights.KindExchangeRate,
		columns: `currency text, "into" text, starts_on date, rate numeric`,
		write:   writing(rateRow),
	},
}

func processRow(r *copyRow, p insights.Process) { r.text(p.Name, p.Key) }

func stageRow(r *copyRow, s insights.Stage) {
	r.text(s.Name, s.Key, s.Process)
	r.number(int64(s.Position))
	r.text(string(s.Outcome), s.Probability, string(s.Category))
	r.numberIf(s.ExpectedDays)
	r.day(s.Since)
}

func modelRow(r *copyRow, m insights.TerritoryModel) {
	r.text(m.Name, string(m.State))
	r.day(m.From)
	r.day(m.Until)
}

func territoryRow(r *copyRow, t insights.Territory) { r.text(t.Key, t.Name, t.Parent, t.Model) }

func personRow(r *copyRow, p insights.PersonRecord) {
	r.text(p.Name, p.Email, p.Role, p.Manager, p.Territory)
	r.day(p.Since)
	r.truth(p.Active)
}

func accountRow(r *copyRow, c insights.Account) {
	r.text(c.Name, c.Industry, c.Segment, c.Country, c.Parent)
}

func productRow(r *copyRow, p insights.Product) { r.text(p.Name, p.Family) }

func opportunityRow(r *copyRow, o insights.Opportunity) {
	r.text(o.Name, o.Account, o.Product, o.Owner, o.Process, o.Stage)
	r.money(o.Amount)
	r.day(o.CreatedOn)
	r.day(o.EngagedOn)
	r.day(o.CloseOn)
	r.text(o.LossReason, o.Competitor, string(o.Category), o.NextStep, o.Source, o.Kind)
	r.truth(o.Deleted)
	r.moment(o.ChangedAt)
}

func assignmentRow(r *copyRow, s insights.Assignment) {
	r.text(s.Person, s.Manager, s.Territory, s.Model)
	r.day(s.Since)
}

func accountTerritoryRow(r *copyRow, t insights.AccountTerritory) {
	r.text(t.Account, t.Territory, t.Model)
	r.day(t.Since)
}

func changeRow(r *copyRow, c insights.Change) {
	r.text(c.Opportunity, string(c.Field), c.Old, c.New, c.Process, c.Currency)
	r.moment(c.At)
}

func splitRow(r *copyRow, s insights.Split) {
	r.text(s.Opportunity, s.Person, string(s.Kind), s.Share)
}

func lineItemRow(r *copyRow, l insights.LineItem) {
	r.text(l.Opportunity, l.Product, l.Quantity)
	r.money(&l.Amount)
}

func quotaRow(r *copyRow, q insights.Quota) {
	r.text(q.Person, q.Territory, q.Model, q.Measure)
	r.day(q.First)
	r.day(q.Last)
	r.money(&q.Amount)
}

func forecastRow(r *copyRow, f insights.Forecast) {
	r.text(f.Person, f.Territory, f.Model)
	r.day(f.First)
	r.day(f.Last)
	r.text(string(f.Category))
	r.money(&f.Amount)
	r.moment(f.SubmittedAt)
}

func costRow(r *copyRow, c insights.CostLine) {
	r.text(c.Opportunity, string(c.Kind))
	r.money(&c.Amount)
	r.day(c.On)
}

func overheadRow(r *copyRow, o insights.Overhead) {
	r.day(o.First)
	r.day(o.Last)
	r.money(&o.Amount)
	r.text(o.AllocatedBy)
}

func leadRow(r *copyRow, l insights.Lead) {
	r.moment(l.CreatedAt)
	r.text(l.Source, l.Owner, l.Status)
	r.moment(l.RespondedAt)
	r.text(l.Opportunity)
	r.moment(l.ConvertedAt)
}

func activityRow(r *copyRow, c insights.Activity) {
	r.text(c.Opportunity, c.Account, c.Kind)
	r.moment(c.At)
	r.truth(&c.TwoWay)
	r.text(c.By)
}

func subscriptionRow(r *copyRow, s insights.Subscription) {
	r.text(s.Account, s.Product, s.Kind)
	r.day(s.On)
	r.money(&s.Amount)
}

func rateRow(r *copyRow, e insights.ExchangeRate) {
	r.text(e.Currency, e.Into)
	r.day(e.Since)
	r.text(e.Rate)
}

// writing makes of a function for one type of record one for all of them.
func writing[T insights.Record](write func(*copyRow, T)) func(*copyRow, insights.Record) {
	return func(r *copyRow, record insights.Record) {
		if of, ok := record.(T); ok { // as the kind that it names says
			write(r, of)
		}
	}
}

// staging finds the declaration of a kind, which must be there.
func staging(kind insights.Kind) *stagedKind {
	at := slices.IndexFunc(stagedKinds, func(k *stagedKind) bool { return k.kind == kind })
	return stagedKinds[at]
}

// table is the staging table of the kind.
func (k *stagedKind) table() string { return "staged_" + string(k.kind) }

// columnName finds the names in a declaration of columns.
var columnName = regexp.MustCompile(`(?:^|,)\s*("?\w+"?)`)

// columnNames lists the columns that are the kind's own.
func (k *stagedKind) columnNames() []string {
	var names []string
	for _, match := range columnName.FindAllStringSubmatch(k.columns, -1) {
		names = append(names, match[1])
	}
	return names
}

// besides are the tables that say what became of the rows: which made a
// difference, which filled blanks of another row's record, and what was left
// out, why. Rejects name a column, or else the field that it is for. Of records
// that were put together, also_by names the rules beside that of the first.
const besides = `
	create temp table input_file (id integer, name text) on commit drop;
	create temp table difference ("row" integer, file integer) on commit drop;
	create temp table filled (into_row integer, "row" integer, file integer) on commit drop;
	create temp table also_by (ord integer, file integer, rule integer) on commit drop;
	create temp table rejected (
		"row" integer, file integer, line integer, rule integer, field text, "column" text, value text, reason text, grouped text
	) on commit drop`

func stagingTables() string {
	var out strings.Builder
	out.WriteString(besides)
	for _, k := range stagedKinds {
		fmt.Fprintf(&out, ";\ncreate temp table %s (%s, key text, %s) on commit drop", k.table(), stagedBy, k.columns)
	}
	return out.String()
}
