package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
	"salesbot/insights/metric"
)

func keepModelUse(ctx context.Context, tx *sqlx.Tx, at time.Time, use *insights.ModelUse) error {
	if use == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		insert into model_use (at, person_id, model, prompt_tokens, completion_tokens, cost_micros)
		values ($1, nullif($2::bigint, 0), $3, $4, $5, $6)`,
		at, use.Person, clean(use.Model), use.Prompt, use.Completion, use.CostMicros)
	return err
}

// ModelUsed counts the tokens that models were given and gave on the day that a
// moment falls on in its own zone.
func (s *Store) ModelUsed(ctx context.Context, person int64, on time.Time) (insights.ModelUsed, error) {
	y, m, d := on.Date()
	from, to := metric.Midnight(y, m, d, on.Location()), metric.Midnight(y, m, d+1, on.Location())
	var used struct {
		Day    int64
		Person int64
	}
	err := s.db.GetContext(ctx, &used, `
		select coalesce(sum(prompt_tokens + completion_tokens), 0) as day,
		       coalesce(sum(prompt_tokens + completion_tokens) filter (where person_id is not distinct from nullif($3::bigint, 0)), 0) as person
		from model_use
		where at >= $1 and at < $2`, from, to, person)
	return insights.ModelUsed{Day: used.Day, Person: used.Person}, wrap("counting the use of the model", err)
}
