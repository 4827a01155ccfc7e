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
)

// The staging tables hold the batch as it is, for comparing set by set. `ord`
// is the order of the batch: it decides which of two that clash is kept.
const stagingTables = `
	create temp table staged_stage (
		ord integer, key text, name text, position integer, outcome text
	) on commit drop;
	create temp table staged_territory (
		ord integer, key text, name text, parent text
	) on commit drop;
	create temp table staged_person (
		ord integer, key text, name text, email text, role text, manager text, territory text, since date
	) on commit drop;
	create temp table staged_account (
		ord integer, key text, name text, industry text, country text, parent text
	) on commit drop;
	create temp table staged_product (
		ord integer, key text, name text, family text
	) on commit drop;
	create temp table staged_opportunity (
		ord integer, key text, name text, account text, product text, owner text, stage text,
		amount_minor bigint, currency text, created_on date, engaged_on date, close_on date
	) on commit drop`

const analyseStaging = `
	analyze staged_stage, staged_territory, staged_person, staged_account, staged_product, staged_opportunity`

// stage copies the batch into the staging tables.
func (a *application) stage() error {
	if _, err := a.exec(stagingTables); err != nil {
		return err
	}
	for _, kind := range []func() error{
		a.stageStages, a.stageTerritories, a.stagePeople, a.stageAccounts, a.stageProducts, a.stageOpportunities,
	} {
		if err := kind(); err != nil {
			return err
		}
	}
	_, err := a.exec(analyseStaging)
	return err
}

func (a *application) stageStages() error {
	return copyIn(a, kindStage, a.batch.Stages, "name, position, outcome", stageRow)
}

func (a *application) stageTerritories() error {
	return copyIn(a, kindTerritory, a.batch.Territories, "name, parent", territoryRow)
}

func (a *application) stagePeople() error {
	return copyIn(a, kindPerson, a.batch.People, "name, email, role, manager, territory, since", personRow)
}

func (a *application) stageAccounts() error {
	return copyIn(a, kindAccount, a.batch.Accounts, "name, industry, country, parent", accountRow)
}

func (a *application) stageProducts() error {
	return copyIn(a, kindProduct, a.batch.Products, "name, family", productRow)
}

func (a *application) stageOpportunities() error {
	return copyIn(a, kindOpportunity, a.batch.Deals,
		"name, account, product, owner, stage, amount_minor, currency, created_on, engaged_on, close_on", opportunityRow)
}

// staged is a record ready to be copied: its key, and its columns after that.
type staged struct {
	key     string
	columns []any
}

func stageRow(s insights.Stage) staged {
	return staged{s.Name, []any{s.Name, s.Position, string(s.Outcome)}}
}

func territoryRow(t insights.Territory) staged {
	return staged{t.Key, []any{known(t.Name), known(t.Parent)}}
}

func personRow(p insights.PersonRecord) staged {
	return staged{p.Key, []any{known(p.Name), known(p.Email), known(p.Role), known(p.Manager), known(p.Territory), knownDay(p.Since)}}
}

func accountRow(c insights.Account) staged {
	return staged{c.Key, []any{known(c.Name), known(c.Industry), known(c.Country), known(c.Parent)}}
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
	}}
}

func known(text string) any {
	if text == "" {
		return nil
	}
	return text
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
