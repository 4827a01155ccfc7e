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
	"salesbot/insights/metric"
)

// NewDigestID reserves the number of a digest, so that an answer can name it
// before it is stored. A number that is not used is never given out again.
func (s *Store) NewDigestID(ctx context.Context) (id int64, err error) {
	err = s.db.GetContext(ctx, &id, `select nextval(pg_get_serial_sequence('digest', 'id'))`)
	return id, wrap("numbering a digest", err)
}

// DigestsOf lists somebody's digests, the oldest first: those they set up by
// their account, or as the same person by another one.
func (s *Store) DigestsOf(ctx context.Context, team, owner string, person int64) ([]insights.Digest, error) {
	return s.digests(ctx, `d.team = $1 and d.state <> 'deleted' and (d.owner = $2 or d.person = nullif($3, 0))`, team, owner, person)
}

// AllDigests lists everybody's digests, the oldest first.
func (s *Store) AllDigests(ctx context.Context, team string) ([]insights.Digest, error) {
	return s.digests(ctx, `d.team = $1 and d.state <> 'deleted'`, team)
}

// DueDigest reads a digest that is to be looked at, and reports whether its
// time has come.
func (s *Store) DueDigest(ctx context.Context, id int64, now time.Time) (insights.Digest, bool, error) {
	found, err := s.digests(ctx, `d.id = $1 and d.state = 'active' and d.look_at <= $2`, id, now)
	if err != nil || len(found) == 0 {
		return insights.Digest{}, false, err
	}
	return found[0], true, nil
}

// OverdueDigests lists what should have been looked at before the moment given
// and was not, the longest overdue first: at most a hundred.
func (s *Store) OverdueDigests(ctx context.Context, before time.Time) ([]insights.Digest, error) {
	found, err := s.digests(ctx, `d.id in (
		select id from digest where state = 'active' and look_at < $1 order by look_at, id limit 100)`, before)
	return found, err
}

// DigestCounts says how the digests stand. Late are those that should have
// been looked at before the moment given.
func (s *Store) DigestCounts(ctx context.Context, before time.Time) (insights.DigestCounts, error) {
	var counts insights.DigestCounts
	err := s.db.GetContext(ctx, &counts, `
		select count(*) filter (where state = 'active') as active,
		       count(*) filter (where state = 'paused') as paused,
		       count(*) filter (where state = 'active' and held) as held,
		       count(*) filter (where state = 'active' and look_at < $1) as late
		from digest`, before)
	return counts, wrap("counting digests", err)
}

// keepDigest writes what a turn changes about a digest, or reports that it is
// not fresh: somebody else ran the digest, or its owner changed it, since it
// was read.
func (s *Store) keepDigest(ctx context.Context, tx *sqlx.Tx, turn insights.Turn, now time.Time) (fresh bool, err error) {
	change := turn.Digest
	switch {
	case change == nil:
		return true, nil
	case change.Run != nil:
		return s.runDigest(ctx, tx, turn, now)
	default:
		return true, s.arrangeDigest(ctx, tx, *change, now)
	}
}

// arrangeDigest writes what a person arranged: a new digest, or one changed.
func (s *Store) arrangeDigest(ctx context.Context, tx *sqlx.Tx, change insights.DigestChange, now time.Time) error {
	if !change.New {
		return s.changeDigest(ctx, tx, change.Digest, now)
	}
	if err := insertDigest(ctx, tx, change.Digest, now); err != nil {
		return err
	}
	return s.lookAtDigest(ctx, tx, change.Digest.ID, 1, change.Digest.LookAt)
}

func insertDigest(ctx context.Context, tx *sqlx.Tx, d insights.Digest, now time.Time) error {
	query, err := d.Query.Encode()
	if err != nil {
		return err
	}
	schedule, err := json.Marshal(d.Schedule)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into digest (id, team, owner, name, person, thread, words, query, schedule, state, next_run_at, look_at, made_at, changed_at)
		values ($1, $2, $3, $4, nullif($5, 0), $6, $7, $8, $9, 'active', $10, $11, $12, $12)`,
		d.ID, d.Team, d.Owner, clean(d.Name), d.Person, d.Thread, clean(d.Words), string(query), string(schedule), d.NextAt, d.LookAt, now)
	return err
}

// changeDigest writes what a person decides. It always holds: a run that is
// under way meanwhile finds that it is no longer asked for.
func (s *Store) changeDigest(ctx context.Context, tx *sqlx.Tx, d insights.Digest, now time.Time) error {
	schedule, err := json.Marshal(d.Schedule)
	if err != nil {
		return err
	}
	var attempt int
	err = tx.GetContext(ctx, &attempt, `
		update digest
		set schedule = $2, state = $3, next_run_at = $4, look_at = $5, held = false, tries = 0,
		    attempt = attempt + 1, changed_at = $6
		where id = $1 and state <> 'deleted'
		returning attempt`, d.ID, string(schedule), string(d.State), d.NextAt, d.LookAt, now)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // deleted meanwhile, which is final
	}
	if err != nil || d.State != insights.DigestActive {
		return err
	}
	return s.lookAtDigest(ctx, tx, d.ID, attempt, d.LookAt)
}

// runDigest is the fence of the schedule: whoever writes over the attempt that
// was read speaks, nobody else.
func (s *Store) runDigest(ctx context.Context, tx *sqlx.Tx, turn insights.Turn, now time.Time) (fresh bool, err error) {
	d := turn.Digest.Digest
	result, err := tx.ExecContext(ctx, `
		update digest
		set state = $3, next_run_at = $4, look_at = $5, held = $6, tries = $7, attempt = attempt + 1, changed_at = $8
		where id = $1 and attempt = $2 and state = 'active'`,
		d.ID, d.Attempt, string(d.State), d.NextAt, d.LookAt, d.Held, d.Tries, now)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if d.State == insights.DigestActive {
		if err := s.lookAtDigest(ctx, tx, d.ID, d.Attempt+1, d.LookAt); err != nil {
			return false, err
		}
	}
	return keepRun(ctx, tx, turn, now)
}

// keepRun puts a moment of the schedule on record. One that was held may end
// otherwise later; one that was sent is not fresh.
func keepRun(ctx context.Context, tx *sqlx.Tx, turn insights.Turn, now time.Time) (fresh bool, err error) {
	change := turn.Digest
	said, err := encodeSaid(*change.Run)
	if err != nil {
		return false, err
	}
	receipt, delivery := "", ""
	if turn.Receipt != nil {
		receipt = turn.Receipt.ID
	}
	if !change.Silent {
		delivery = change.DigestKey()
	}
	result, err := tx.ExecContext(ctx, `
		insert into digest_run (digest_id, at, ran_at, outcome, delivery, receipt, said)
		values ($1, $2, $3, $4, nullif($5, ''), nullif($6, ''), $7)
		on conflict (digest_id, at) do update
		set ran_at = excluded.ran_at, outcome = excluded.outcome, receipt = excluded.receipt, said = excluded.said,
		    delivery = coalesce(excluded.delivery, digest_run.delivery)
		where digest_run.outcome <> 'sent'`,
		change.Digest.ID, change.Run.At, now, string(change.Run.Outcome), delivery, receipt, said)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// saidJSON is what the next sending is compared with. A big.Rat writes itself
// as an exact fraction.
type saidJSON struct {
	Period  metric.Period     `json:"period"`
	Figures []metric.Quantity `json:"figures"`
	Scope   []int64           `json:"scope,omitempty"`
}

func encodeSaid(run insights.DigestRun) (*string, error) {
	if run.Outcome != insights.DigestSent {
		return nil, nil
	}
	data, err := json.Marshal(saidJSON{Period: run.Period, Figures: run.Figures, Scope: run.Scope})
	text := string(data)
	return &text, err
}

// digests reads digests with their latest runs.
func (s *Store) digests(ctx context.Context, where string, args ...any) ([]insights.Digest, error) {
	var rows []digestRow
	err := s.db.SelectContext(ctx, &rows, `
		select d.id, d.team, d.owner, d.name, coalesce(d.person, 0) as person, d.thread, d.words, d.query, d.schedule,
		       d.state, d.next_run_at, d.look_at, d.held, d.tries, d.attempt, d.made_at,
		       last.at as last_at, last.outcome as last_outcome, coalesce(delivery.state, '') as last_delivery,
		       said.at as said_at, said.said
		from digest d
		left join lateral (
			select at, outcome, delivery from digest_run where digest_id = d.id order by at desc limit 1
		) last on true
		left join delivery on delivery.key = last.delivery
		left join lateral (
			select at, said from digest_run where digest_id = d.id and said is not null order by at desc limit 1
		) said on true
		where `+where+`
		order by d.id`, args...)
	if err != nil {
		return nil, wrap("reading digests", err)
	}
	out := make([]insights.Digest, 0, len(rows))
	for _, row := range rows {
		d, err := row.digest()
		if err != nil {
			return nil, fmt.Errorf("reading digest %d: %w", row.ID, err)
		}
		out = append(out, d)
	}
	return out, nil
}

type digestRow struct {
	ID           int64
	Team         string
	Owner        string
	Name         string
	Person       int64
	Thread       string
	Words        string
	Query        []byte
	Schedule     []byte
	State        insights.DigestState
	NextRunAt    time.Time `db:"next_run_at"`
	LookAt       time.Time `db:"look_at"`
	Held         bool
	Tries        int
	Attempt      int
	MadeAt       time.Time              `db:"made_at"`
	LastAt       sql.NullTime           `db:"last_at"`
	LastOutcome  sql.NullString         `db:"last_outcome"`
	LastDelivery insights.DeliveryState `db:"last_delivery"`
	SaidAt       sql.NullTime           `db:"said_at"`
	Said         []byte
}

func (r digestRow) digest() (insights.Digest, error) {
	d := insights.Digest{
		ID: r.ID, Team: r.Team, Owner: r.Owner, Name: r.Name, Person: r.Person, Thread: r.Thread, Words: r.Words,
		State: r.State, NextAt: r.NextRunAt, LookAt: r.LookAt, Held: r.Held, Tries: r.Tries, Attempt: r.Attempt, MadeAt: r.MadeAt,
	}
	var err error
	d.Query, err = metric.DecodeQuery(r.Query)
	err = errors.Join(err, json.Unmarshal(r.Schedule, &d.Schedule))
	if r.LastAt.Valid {
		d.Last = &insights.DigestRun{At: r.LastAt.Time, Outcome: insights.DigestOutcome(r.LastOutcome.String), Delivery: r.LastDelivery}
	}
	if r.SaidAt.Valid {
		var said saidJSON
		err = errors.Join(err, json.Unmarshal(r.Said, &said))
		d.Said = &insights.DigestRun{At: r.SaidAt.Time, Outcome: insights.DigestSent, Period: said.Period, Figures: said.Figures, Scope: said.Scope}
	}
	return d, err
}
