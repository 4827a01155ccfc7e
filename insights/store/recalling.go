package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"salesbot/insights"
)

// DealsAt tells each the deals as they stood at an instant, by what was known
// at a revision, ordered by key: the head of the log if the instant is now and
// the revision the last. Deals that were not known then are left out, deleted
// ones are marked. What a deal had at an instant before its history begins is
// unknown, its stage too.
func (s *Store) DealsAt(ctx context.Context, at time.Time, revision int64, each func(insights.Opportunity) error) (err error) {
	rows, err := s.db.QueryxContext(ctx, dealsAt, at, revision)
	if err != nil {
		return wrap("reading the deals of then", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row dealRow
		if err := rows.StructScan(&row); err != nil {
			return wrap("reading the deals of then", err)
		}
		if err := each(row.deal()); err != nil {
			return err
		}
	}
	return wrap("reading the deals of then", rows.Err())
}

const dealsAt = `
	select o.external_id, coalesce(o.name, '') as name, coalesce(account.external_id, '') as account,
	       coalesce(product.external_id, '') as product, coalesce(owner.external_id, '') as owner, coalesce(stage.name, '') as stage,
	       o.amount_minor, coalesce(o.currency, '') as currency, o.created_on, o.engaged_on, o.close_on,
	       coalesce(o.loss_reason, '') as loss_reason, coalesce(o.competitor, '') as competitor,
	       coalesce(o.forecast_category, '') as category, coalesce(o.next_step, '') as next_step,
	       coalesce(o.source, '') as source, coalesce(o.kind, '') as kind, o.deleted
	from opportunity_at($1, $2) o
	left join account on account.id = o.account_id
	left join product on product.id = o.product_id
	left join person owner on owner.id = o.owner_id
	left join stage on stage.id = o.stage_id
	order by o.external_id`

// dealRow is a row of dealsAt.
type dealRow struct {
	Key                                  string `db:"external_id"`
	Name, Account, Product, Owner, Stage string
	Amount                               sql.NullInt64 `db:"amount_minor"`
	Currency                             string
	CreatedOn                            sql.NullTime `db:"created_on"`
	EngagedOn                            sql.NullTime `db:"engaged_on"`
	CloseOn                              sql.NullTime `db:"close_on"`
	LossReason                           string       `db:"loss_reason"`
	Competitor, Category                 string
	NextStep                             string `db:"next_step"`
	Source, Kind                         string
	Deleted                              bool
}

func (r dealRow) deal() insights.Opportunity {
	deal := insights.Opportunity{
		Key: r.Key, Name: r.Name, Account: r.Account, Product: r.Product, Owner: r.Owner, Stage: r.Stage,
		CreatedOn: r.CreatedOn.Time, EngagedOn: r.EngagedOn.Time, CloseOn: r.CloseOn.Time,
		LossReason: r.LossReason, Competitor: r.Competitor, Category: insights.ForecastCategory(r.Category),
		NextStep: r.NextStep, Source: r.Source, Kind: r.Kind, Deleted: &r.Deleted,
	}
	if r.Amount.Valid {
		deal.Amount = &insights.Money{Minor: r.Amount.Int64, Currency: r.Currency}
	}
	return deal
}
