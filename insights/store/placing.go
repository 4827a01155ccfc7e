package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"salesbot/insights"
)

// PlaceDelivery remembers where an attempt is about to say something, so that
// it can be looked up there.
func (s *Store) PlaceDelivery(ctx context.Context, id int64, attempt int, target insights.Target) error {
	data, err := json.Marshal(target)
	if err != nil {
		return err
	}
	result, err := s.db.ExecContext(ctx, `
		update delivery set target = $3 where id = $1 and attempt = $2 and state = 'sending'`, id, attempt, string(data))
	if err != nil {
		return wrap("placing a delivery", err)
	}
	return heldBy(result, id, attempt)
}

// Original tells how the delivery stands that the delivery id changes or
// replies to, and how that goes with other changes of it. It reports false when
// there is none.
func (s *Store) Original(ctx context.Context, id int64, of string, now time.Time) (insights.Original, bool, error) {
	var original insights.Original
	err := s.db.GetContext(ctx, &original, `
		select state, coalesce(channel, '') as channel, coalesce(ts, '') as ts, not_before as notbefore,
		       exists (select from delivery later
		               where later.target ->> 'of' = $2 and later.target ->> 'kind' = 'update' and later.id > $1) as superseded,
		       exists (select from delivery earlier
		               where earlier.target ->> 'of' = $2 and earlier.target ->> 'kind' = 'update' and earlier.id < $1
		                 and earlier.state = 'sending' and earlier.lease > $3) as busy
		from delivery where key = $2`, id, of, now)
	if errors.Is(err, sql.ErrNoRows) {
		return original, false, nil
	}
	return original, err == nil, wrap("finding the message to change", err)
}
