package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"salesbot/insights"
)

// The kinds of records, as counts and rejects name them.
const (
	kindStage       = "stage"
	kindTerritory   = "territory"
	kindPerson      = "person"
	kindAccount     = "account"
	kindProduct     = "product"
	kindOpportunity = "opportunity"
	kindAssignment  = "assignment"
	kindChange      = "change"
	kindQuota       = "quota"
	kindCostLine    = "cost_line"
	kindOverhead    = "overhead"
	kindLead        = "lead"
	kindActivity    = "activity"
)

// The staging tables hold the batch as it is, for comparing set by set. `ord`
// is the order of the batch: it decides which of two that clash is kept.
const stagingTables = `
	create temp table staged_stage (
		ord integer, key text, name text, position integer, outcome text, probability numeric
	) on commit drop;
	create temp table staged_territory (
		ord integer, key text, name text, parent text
	) on commit drop;
	create temp table staged_person (
		ord integer, key text, name text, email text, role text, manager text, territory text, since date, active boolean
	) on commit drop;
	create temp table staged_account (
		ord integer, key text, name text, industry text, segment text, country text, parent text
	) on commit drop;
	create temp table staged_product (
		ord integer, key text, name text, family text
	) on commit drop;
	create temp table staged_opportunity (
		ord integer, key text, name text, account text, product text, owner text, stage text,
		amount_minor bigint, currency text, created_on date, engaged_on date, close_on date,
		loss_reason text, competitor text, process text, forecast_category text, next_step text, source text, kind text,
		deleted boolean, changed_at timestamptz
	) on commit drop;
	create temp table staged_assignment (
		ord integer, key text, person text, manager text, territory text, since date
	) on commit drop;
	create temp table staged_change (
		ord integer, key text, opportunity text, field text, old text, new text, process text, currency text, at timestamptz
	) on commit drop;
	create temp table staged_quota (
		ord integer, key text, person text, measure text, first_day date, last_day date, amount_minor bigint, currency text
	) on commit drop;
	create temp table staged_cost_line (
		ord integer, key text, opportunity text, kind text, amount_minor bigint, currency text, spent_on date
	) on commit drop;
	create temp table staged_overhead (
		ord integer, key text, first_day date, last_day date, amount_minor bigint, currency text, allocated_by text
	) on commit drop;
	create temp table staged_lead (
		ord integer, key text, created_at timestamptz, source text, owner text, status text, responded_at timestamptz, opportunity text
	) on commit drop;
	create temp table staged_activity (
		ord integer, key text, opportunity text, kind text, at timestamptz, two_way boolean, by text
	) on commit drop`

const analyseStaging = `
	analyze staged_stage, staged_territory, staged_person, staged_account, staged_product, staged_opportunity,
		staged_assignment, staged_change, staged_quota, staged_cost_line, staged_overhead, staged_lead, staged_activity`

// stage copies the batch into the staging tables.
func (a *application) stage() error {
	if _, err := a.exec(stagingTables); err != nil {
		return err
	}
	for _, kind := range []func() error{
		a.stageStages, a.stageTerritories, a.stagePeople, a.stageAccounts, a.stageProducts, a.stageOpportunities,
		a.stageAssignments, a.stageHistory, a.stageQuotas, a.stageCosts, a.stageOverhead, a.stageLeads, a.stageActivities,
	} {
		if err := kind(); err != nil {
			return err
		}
	}
	_, err := a.exec(analyseStaging)
	return err
}

func (a *application) stageAssignments() error {
	return copyIn(a, kindAssignment, a.batch.Assignments, "person, manager, territory, since", assignmentRow)
}

func (a *application) stageHistory() error {
	return copyIn(a, kindChange, a.batch.History, "opportunity, field, old, new, process, currency, at", changeRow)
}

func (a *application) stageQuotas() error {
	return copyIn(a, kindQuota, a.batch.Quotas, "person, measure, first_day, last_day, amount_minor, currency", quotaRow)
}

func (a *application) stageCosts() error {
	return copyIn(a, kindCostLine, a.batch.Costs, "opportunity, kind, amount_minor, currency, spent_on", costRow)
}

func (a *application) stageOverhead() error {
	return copyIn(a, kindOverhead, a.batch.Overhead, "first_day, last_day, amount_minor, currency, allocated_by", overheadRow)
}

func (a *application) stageLeads() error {
	return copyIn(a, kindLead, a.batch.Leads, "created_at, source, owner, status, responded_at, opportunity", leadRow)
}

func (a *application) stageActivities() error {
	return copyIn(a, kindActivity, a.batch.Activities, "opportunity, kind, at, two_way, by", activityRow)
}

func (a *application) stageStages() error {
	return copyIn(a, kindStage, a.batch.Stages, "name, position, outcome, probability", stageRow)
}

func (a *application) stageTerritories() error {
	return copyIn(a, kindTerritory, a.batch.Territories, "name, parent", territoryRow)
}

func (a *application) stagePeople() error {
	return copyIn(a, kindPerson, a.batch.People, "name, email, role, manager, territory, since, active", personRow)
}

func (a *application) stageAccounts() error {
	return copyIn(a, kindAccount, a.batch.Accounts, "name, industry, segment, country, parent", accountRow)
}

func (a *application) stageProducts() error {
	return copyIn(a, kindProduct, a.batch.Products, "name, family", productRow)
}

func (a *application) stageOpportunities() error {
	return copyIn(a, kindOpportunity, a.batch.Deals,
		"name, account, product, owner, stage, amount_minor, currency, created_on, engaged_on, close_on, loss_reason, competitor, process, forecast_category, next_step, source, kind, deleted, changed_at", opportunityRow)
}

// staged is a record ready to be copied: its key, and its columns after that.
type staged struct {
	key     string
	columns []any
}

func stageRow(s insights.Stage) staged {
	return staged{s.Name, []any{s.Name, s.Position, string(s.Outcome), known(s.Probability)}}
}

func territoryRow(t insights.Territory) staged {
	return staged{t.Key, []any{known(t.Name), known(t.Parent)}}
}

func personRow(p insights.PersonRecord) staged {
	return staged{p.Key, []any{known(p.Name), known(p.Email), known(p.Role), known(p.Manager), known(p.Territory), knownDay(p.Since), p.Active}}
}

func accountRow(c insights.Account) staged {
	return staged{c.Key, []any{known(c.Name), known(c.Industry), known(c.Segment), known(c.Country), known(c.Parent)}}
}

func productRow(p insights.Product) staged {
	return staged{p.Key, []any{known(p.Name), known(p.Family)}}
}

func opportunityRow(o insights.Opportunity) staged {
	var amount, currency any
	if o.Amount != nil {
		amount, currency = o.Amount.Minor, o.Amount.Currency
	}
	return staged{o.Key, []any{
		known(o.Name), known(o.Account), known(o.Product), known(o.Owner), known(o.Stage),
		amount, currency, knownDay(o.CreatedOn), knownDay(o.EngagedOn), knownDay(o.CloseOn),
		known(o.LossReason), known(o.Competitor), known(o.Process), known(string(o.Category)), known(o.NextStep), known(o.Source), known(o.Kind),
		o.Deleted, knownMoment(o.ChangedAt),
	}}
}

func assignmentRow(s insights.Assignment) staged {
	return staged{s.Named().Key, []any{s.Person, known(s.Manager), known(s.Territory), knownDay(s.Since)}}
}

func changeRow(c insights.Change) staged {
	return staged{c.Named().Key, []any{c.Opportunity, string(c.Field), known(c.Old), known(c.New), known(c.Process), known(c.Currency), c.At}}
}

func quotaRow(q insights.Quota) staged {
	return staged{q.Named().Key, []any{q.Person, q.Measure, day(q.First), day(q.Last), q.Amount.Minor, q.Amount.Currency}}
}

func costRow(c insights.CostLine) staged {
	return staged{c.Key, []any{c.Opportunity, string(c.Kind), c.Amount.Minor, c.Amount.Currency, knownDay(c.On)}}
}

func overheadRow(o insights.Overhead) staged {
	return staged{o.Key, []any{day(o.First), day(o.Last), o.Amount.Minor, o.Amount.Currency, o.AllocatedBy}}
}

func leadRow(l insights.Lead) staged {
	return staged{l.Key, []any{l.CreatedAt, known(l.Source), known(l.Owner), l.Status, knownMoment(l.RespondedAt), known(l.Opportunity)}}
}

func activityRow(c insights.Activity) staged {
	return staged{c.Key, []any{c.Opportunity, c.Kind, c.At, c.TwoWay, known(c.By)}}
}

func known(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func knownMoment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func knownDay(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return day(t)
}

// progressStep is how many records are copied between two reports.
const progressStep = 5000

func copyIn[T any](a *application, kind string, records []T, columns string, row func(T) staged) (err error) {
	if len(records) == 0 {
		return nil
	}
	stmt, err := a.tx.PrepareContext(a.ctx, fmt.Sprintf("copy staged_%s (ord, key, %s) from stdin", kind, columns))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	seen := make(map[string]bool, len(records))
	for i, record := range records {
		r := row(record)
		if same := sameKey(kind, r.key); seen[same] {
			a.rejectRecord(kind, r.key, "", r.key, "this "+kind+" is named more than once; the first is kept")
		} else {
			seen[same] = true
			if _, err := stmt.ExecContext(a.ctx, append([]any{i, r.key}, r.columns...)...); err != nil {
				return err
			}
		}
		if i%progressStep == progressStep-1 {
			a.progressed(progressStep)
		}
	}
	a.progressed(len(records) % progressStep)
	_, err = stmt.ExecContext(a.ctx)
	return err
}

// sameKey is equal for two keys of one record: stages are known by name, in
// any case.
func sameKey(kind, key string) string {
	if kind == kindStage {
		return strings.ToLower(key)
	}
	return key
}
