package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
)

// ClaimDelivery takes a delivery that is due and that nobody holds, to attempt
// it now. The State it comes with is the one it was found in: Pending may be
// said at once; Sending has an earlier attempt whose end nobody knows, which
// is looked up before anything is said again. It reports false when there is
// nothing to do: the delivery is finished, held, not yet due, or its time has
// passed unsaid, which this call then puts on record.
func (s *Store) ClaimDelivery(ctx context.Context, id int64, now time.Time, lease time.Duration) (d insights.Delivery, claimed bool, err error) {
	err = inTx(ctx, s.db, nil, func(tx *sqlx.Tx) error {
		d, claimed, err = s.claimDelivery(ctx, tx, id, now, now.Add(lease))
		return err
	})
	return d, claimed, wrap("claiming a delivery", err)
}

func (s *Store) claimDelivery(ctx context.Context, tx *sqlx.Tx, id int64, now, until time.Time) (insights.Delivery, bool, error) {
	d, found, err := dueDelivery(ctx, tx, id, now)
	if err != nil || !found {
		return insights.Delivery{}, false, err
	}
	if d.State == insights.Pending && !d.Expires.IsZero() && !d.Expires.After(now) {
		return insights.Delivery{}, false, expire(ctx, tx, id, now)
	}
	d.Attempt, d.Lease = d.Attempt+1, until
	if d.FirstTry.IsZero() {
		d.FirstTry = now
	}
	_, err = tx.ExecContext(ctx, `
		update delivery set state = 'sending', attempt = $2, lease = $3, first_try = $4 where id = $1`,
		id, d.Attempt, d.Lease, d.FirstTry)
	if err != nil {
		return insights.Delivery{}, false, err
	}
	return d, true, s.lookAtDelivery(ctx, tx, d.ID, d.Attempt, d.Lease)
}

// dueDelivery locks the row when there is something to do about it.
func dueDelivery(ctx context.Context, tx *sqlx.Tx, id int64, now time.Time) (insights.Delivery, bool, error) {
	var row deliveryRow
	err := tx.GetContext(ctx, &row, `
		select `+deliveryColumns+`
		from delivery
		where id = $1 and finished_at is null and lease <= $2 and not_before <= $2
		for update`, id, now)
	if errors.Is(err, sql.ErrNoRows) {
		return insights.Delivery{}, false, nil
	}
	if err != nil {
		return insights.Delivery{}, false, err
	}
	d, err := row.delivery()
	return d, err == nil, err
}

func expire(ctx context.Context, tx *sqlx.Tx, id int64, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update delivery
		set state = 'expired', finished_at = $2, target = target - 'url'
		where id = $1`, id, now)
	return err
}

// FinishDelivery puts the outcome of an attempt on record. An attempt that was
// taken over meanwhile has no say any more and gets an error.
func (s *Store) FinishDelivery(ctx context.Context, id int64, attempt int, state insights.DeliveryState, channel, ts, errText string, now time.Time) error {
	return finishDelivery(ctx, s.db, id, attempt, state, channel, ts, errText, now)
}

func finishDelivery(ctx context.Context, on sqlx.ExecerContext, id int64, attempt int, state insights.DeliveryState, channel, ts, errText string, now time.Time) error {
	// The URL of a response is a secret, and of no more use.
	result, err := on.ExecContext(ctx, `
		update delivery
		set state = $3, channel = nullif($4, ''), ts = nullif($5, ''), error = nullif($6, ''),
		    finished_at = $7, target = target - 'url'
		where id = $1 and attempt = $2 and state = 'sending'`,
		id, attempt, string(state), channel, ts, clean(errText), now)
	if err != nil {
		return wrap("finishing a delivery", err)
	}
	return heldBy(result, id, attempt)
}

// FinishDeliveryWith ends an attempt unsaid together with what follows from that:
// neither is on record without the other. The deliveries of the turn come back as
// those of Record.
func (s *Store) FinishDeliveryWith(ctx context.Context, id int64, attempt int, state insights.DeliveryState, errText string, turn insights.Turn, now time.Time, lease time.Duration) (due []insights.Delivery, err error) {
	err = inTx(ctx, s.db, nil, func(tx *sqlx.Tx) error {
		if err := finishDelivery(ctx, tx, id, attempt, state, "", "", errText, now); err != nil {
			return err
		}
		due, _, err = s.record(ctx, tx, turn, now, now.Add(lease))
		return err
	})
	return due, wrap("ending a delivery unsaid", err)
}

// DeliveryStates tells how the deliveries with those keys stand. Those that are
// not in the ledger are left out.
func (s *Store) DeliveryStates(ctx context.Context, keys []string) (map[string]insights.DeliveryState, error) {
	var rows []struct {
		Key   string
		State insights.DeliveryState
	}
	err := s.db.SelectContext(ctx, &rows, `select key, state from delivery where key = any ($1)`, textArray(keys))
	states := make(map[string]insights.DeliveryState, len(rows))
	for _, row := range rows {
		states[row.Key] = row.State
	}
	return states, wrap("looking up deliveries", err)
}

// DeferDelivery puts a delivery back that Slack would not take yet: nothing
// was said, so it is pending again until the moment given. If its time will
// have passed by then, it is expired now.
func (s *Store) DeferDelivery(ctx context.Context, id int64, attempt int, until time.Time, errText string, now time.Time) error {
	return inTx(ctx, s.db, nil, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `
			update delivery
			set state       = case when expires <= $3 then 'expired' else 'pending' end,
			    finished_at = case when expires <= $3 then $5::timestamptz end,
			    target      = case when expires <= $3 then target - 'url' else target end,
			    not_before = $3, lease = $5, error = nullif($4, '')
			where id = $1 and attempt = $2 and state = 'sending'`,
			id, attempt, until, clean(errText), now)
		if err != nil {
			return wrap("putting a delivery back", err)
		}
		if err := heldBy(result, id, attempt); err != nil {
			return err
		}
		return s.lookAtDelivery(ctx, tx, id, attempt, time.Time{})
	})
}

func heldBy(result sql.Result, id int64, attempt int) error {
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return &insights.Error{
			Code:    "delivery_taken_over",
			Message: fmt.Sprintf("Attempt %d of delivery %d no longer holds it; its outcome was not recorded.", attempt, id),
		}
	}
	return nil
}

// DeliveryCounts counts the deliveries by state.
func (s *Store) DeliveryCounts(ctx context.Context) (map[insights.DeliveryState]int64, error) {
	var rows []struct {
		State insights.DeliveryState
		N     int64
	}
	err := s.db.SelectContext(ctx, &rows, `select state, count(*) as n from delivery group by state`)
	counts := make(map[insights.DeliveryState]int64, len(rows))
	for _, row := range rows {
		counts[row.State] = row.N
	}
	return counts, wrap("counting deliveries", err)
}

// Overdue lists what is due, held by nobody and not said, oldest first: at
// most a hundred.
func (s *Store) Overdue(ctx context.Context, now time.Time) ([]insights.Delivery, error) {
	var rows []deliveryRow
	err := s.db.SelectContext(ctx, &rows, `
		select `+deliveryColumns+`
		from delivery
		where finished_at is null and lease < $1 and not_before < $1
		order by not_before, id
		limit 100`, now)
	if err != nil {
		return nil, wrap("listing overdue deliveries", err)
	}
	out := make([]insights.Delivery, 0, len(rows))
	for _, row := range rows {
		d, err := row.delivery()
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

const deliveryColumns = `id, key, team, target, payload, not_before, expires, state, attempt, lease,
	created_at, first_try, coalesce(channel, '') as channel, coalesce(ts, '') as ts, coalesce(error, '') as error`

type deliveryRow struct {
	ID        int64
	Key       string
	Team      string
	Target    []byte
	Payload   []byte
	NotBefore time.Time `db:"not_before"`
	Expires   sql.NullTime
	State     insights.DeliveryState
	Attempt   int
	Lease     time.Time
	CreatedAt time.Time    `db:"created_at"`
	FirstTry  sql.NullTime `db:"first_try"`
	Channel   string
	TS        string `db:"ts"`
	Error     string
}

func (r deliveryRow) delivery() (insights.Delivery, error) {
	d := insights.Delivery{
		ID: r.ID, Key: r.Key, Team: r.Team, Payload: json.RawMessage(r.Payload),
		NotBefore: r.NotBefore, Expires: r.Expires.Time, State: r.State,
		Attempt: r.Attempt, Lease: r.Lease, CreatedAt: r.CreatedAt, FirstTry: r.FirstTry.Time,
		Channel: r.Channel, TS: r.TS, Error: r.Error,
	}
	if err := json.Unmarshal(r.Target, &d.Target); err != nil {
		return d, fmt.Errorf("reading the target of delivery %d: %w", r.ID, err)
	}
	return d, nil
}
