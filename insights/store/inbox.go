package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
)

// Receive keeps what Slack sent, so that it can be acknowledged. The caller
// holds it for the length of the lease; should the caller die, a job looks at
// it when the lease ends. A repeat finds the row that is there and is not
// fresh: nobody else's work is to be done.
func (s *Store) Receive(ctx context.Context, r insights.Received, now time.Time, lease time.Duration) (kept insights.Received, fresh bool, err error) {
	r.Attempt, r.Lease = 1, now.Add(lease)
	err = inTx(ctx, s.db, nil, func(tx *sqlx.Tx) error {
		kept, fresh, err = s.receive(ctx, tx, r)
		return err
	})
	return kept, fresh, wrap("keeping what Slack sent", err)
}

func (s *Store) receive(ctx context.Context, tx *sqlx.Tx, r insights.Received) (insights.Received, bool, error) {
	err := tx.GetContext(ctx, &r.ID, `
		insert into inbox (team, key, kind, payload, at, attempt, lease)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (team, key) do nothing
		returning id`,
		r.Team, r.Key, r.Kind, string(r.Payload), r.At, r.Attempt, r.Lease)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		kept, err := receivedBefore(ctx, tx, r.Team, r.Key)
		return kept, false, err
	case err != nil:
		return insights.Received{}, false, err
	}
	return r, true, s.lookAtReceived(ctx, tx, r)
}

func receivedBefore(ctx context.Context, tx *sqlx.Tx, team, key string) (insights.Received, error) {
	var row inboxRow
	err := tx.GetContext(ctx, &row, `select `+inboxColumns+` from inbox where team = $1 and key = $2`, team, key)
	return row.received(), err
}

// ClaimReceived takes over what another holder left undone when its lease
// ended. It reports false when the row is done or still held.
func (s *Store) ClaimReceived(ctx context.Context, id int64, now time.Time, lease time.Duration) (r insights.Received, claimed bool, err error) {
	err = inTx(ctx, s.db, nil, func(tx *sqlx.Tx) error {
		r, claimed, err = s.claimReceived(ctx, tx, id, now, now.Add(lease))
		return err
	})
	return r, claimed, wrap("taking over what Slack sent", err)
}

func (s *Store) claimReceived(ctx context.Context, tx *sqlx.Tx, id int64, now, until time.Time) (insights.Received, bool, error) {
	var row inboxRow
	err := tx.GetContext(ctx, &row, `
		update inbox
		set attempt = attempt + 1, lease = $3
		where id = $1 and done_at is null and lease <= $2
		returning `+inboxColumns, id, now, until)
	if errors.Is(err, sql.ErrNoRows) {
		return insights.Received{}, false, nil
	}
	if err != nil {
		return insights.Received{}, false, err
	}
	r := row.received()
	return r, true, s.lookAtReceived(ctx, tx, r)
}

// HoldReceived renews the lease of whoever began that attempt and is still at
// it. It reports false when somebody else has taken over or the row is done.
func (s *Store) HoldReceived(ctx context.Context, id int64, attempt int, now time.Time, lease time.Duration) (bool, error) {
	result, err := s.db.ExecContext(ctx, `
		update inbox set lease = $3 where id = $1 and attempt = $2 and done_at is null`, id, attempt, now.Add(lease))
	if err != nil {
		return false, wrap("holding what Slack sent", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

const inboxColumns = `id, team, key, kind, payload, at, attempt, lease`

type inboxRow struct {
	ID      int64
	Team    string
	Key     string
	Kind    string
	Payload []byte
	At      time.Time
	Attempt int
	Lease   time.Time
}

func (r inboxRow) received() insights.Received {
	return insights.Received{
		ID: r.ID, Team: r.Team, Key: r.Key, Kind: r.Kind,
		Payload: json.RawMessage(r.Payload), At: r.At, Attempt: r.Attempt, Lease: r.Lease,
	}
}
