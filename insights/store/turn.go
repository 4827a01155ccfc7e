package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Record writes all that a handled request changes, or nothing of it when what
// was received is done already, and then says so: fresh is false and nothing
// may be said. Deliveries that are due come back claimed by the caller for the
// length of the lease (Sending, first attempt) and are sent at once; the rest
// wait for their time. Should the caller die, a job looks at each.
func (s *Store) Record(ctx context.Context, turn insights.Turn, now time.Time, lease time.Duration) (deliveries []insights.Delivery, fresh bool, err error) {
	err = inTx(ctx, s.db, nil, func(tx *sqlx.Tx) error {
		deliveries, fresh, err = s.record(ctx, tx, turn, now, now.Add(lease))
		return err
	})
	return deliveries, fresh, wrap("recording an answer", err)
}

func (s *Store) record(ctx context.Context, tx *sqlx.Tx, turn insights.Turn, now, until time.Time) ([]insights.Delivery, bool, error) {
	fresh, err := finishReceived(ctx, tx, turn, now)
	if err != nil || !fresh {
		return nil, false, err
	}
	if fresh, err := s.keepDigest(ctx, tx, turn, now); err != nil || !fresh {
		return nil, false, wrap("the digest", err)
	}
	for _, change := range turn.Digests {
		if err := s.arrangeDigest(ctx, tx, change, now); err != nil {
			return nil, false, wrap("a digest", err)
		}
	}
	if err := keepMute(ctx, tx, turn.Mute, now); err != nil {
		return nil, false, wrap("what is muted", err)
	}
	if err := keepReceipt(ctx, tx, turn.Receipt); err != nil {
		return nil, false, wrap("the receipt", err)
	}
	if err := keepModelUse(ctx, tx, turn.At, turn.ModelUse); err != nil {
		return nil, false, wrap("the use of the model", err)
	}
	if err := keepAudit(ctx, tx, turn.Audit); err != nil {
		return nil, false, wrap("the audit log", err)
	}
	if err := keepFurther(ctx, tx, turn.Further); err != nil {
		return nil, false, err
	}
	if err := keepLastQuery(ctx, tx, turn); err != nil {
		return nil, false, wrap("the thread", err)
	}
	if err := keepInsight(ctx, tx, turn.Insight, turn.At); err != nil {
		return nil, false, wrap("the insight", err)
	}
	var due []insights.Delivery
	for _, d := range turn.Deliveries {
		d, inserted, err := s.enqueue(ctx, tx, turn.Received, d, now, until)
		if err != nil {
			return nil, false, wrap("a delivery", err)
		}
		if inserted {
			due = append(due, d)
		}
	}
	return due, true, nil
}

// finishReceived is the fence: whoever sets done_at speaks, nobody else.
func finishReceived(ctx context.Context, tx *sqlx.Tx, turn insights.Turn, now time.Time) (fresh bool, err error) {
	if turn.Received == 0 {
		return true, nil
	}
	outcome := "done"
	if turn.Audit != nil {
		outcome = turn.Audit.Status
	}
	result, err := tx.ExecContext(ctx, `
		update inbox
		set done_at = $2, outcome = $3, payload = regexp_replace(payload::text, $4, '\1""', 'g')::json
		where id = $1 and done_at is null`,
		turn.Received, now, outcome, secrets)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// secrets finds what of a payload lets somebody speak in the bot's name or
// stand in for Slack, and is of no more use when the payload is dealt with. The
// text is searched, because jsonb does not take all that Slack may send.
const secrets = `("(?:response_url|token)"\s*:\s*)"(?:[^"\\]|\\.)*"`

// enqueue writes one delivery, claimed if it is due. One whose key is in the
// ledger already is not said again.
func (s *Store) enqueue(ctx context.Context, tx *sqlx.Tx, received int64, d insights.Delivery, now, until time.Time) (insights.Delivery, bool, error) {
	d = begun(d, now, until)
	target, err := json.Marshal(d.Target)
	if err != nil {
		return d, false, err
	}
	err = tx.GetContext(ctx, &d.ID, `
		insert into delivery (key, team, inbox_id, target, payload, not_before, expires,
		                      state, attempt, lease, created_at, first_try)
		values ($1, $2, nullif($3, 0), $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (key) do nothing
		returning id`,
		d.Key, d.Team, received, string(target), string(d.Payload), d.NotBefore, orNull(d.Expires),
		string(d.State), d.Attempt, d.Lease, d.CreatedAt, orNull(d.FirstTry))
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	look := d.Lease
	if d.State == insights.Pending {
		look = d.NotBefore
	}
	return d, true, s.lookAtDelivery(ctx, tx, d.ID, d.Attempt, look)
}

func begun(d insights.Delivery, now, until time.Time) insights.Delivery {
	d.CreatedAt = now
	if d.NotBefore.IsZero() {
		d.NotBefore = now
	}
	if d.NotBefore.After(now) {
		d.State, d.Attempt, d.Lease, d.FirstTry = insights.Pending, 0, now, time.Time{}
		return d
	}
	d.State, d.Attempt, d.Lease, d.FirstTry = insights.Sending, 1, until, now
	return d
}

func keepReceipt(ctx context.Context, tx *sqlx.Tx, r *insights.Receipt) error {
	if r == nil {
		return nil
	}
	query, err := r.Query.Encode()
	if err != nil {
		return err
	}
	viewer, err := json.Marshal(r.Viewer)
	if err != nil {
		return err
	}
	company, err := json.Marshal(r.Company)
	if err != nil {
		return err
	}
	said, err := json.Marshal(r.Said)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into receipt (id, at, query, viewer, company, metric, version, revision, rows, said, meaning)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10, 'null')::jsonb, nullif($11, ''))`,
		r.ID, r.At, string(query), string(viewer), string(company), r.Metric, r.Version, r.Revision, r.Rows, string(said), r.Meaning)
	return err
}

func keepAudit(ctx context.Context, tx *sqlx.Tx, a *insights.AuditEntry) error {
	if a == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		insert into audit (at, person, actor, origin, place, text, status, code, receipt)
		values ($1, nullif($2, 0), $3, $4, $5, $6, $7, $8, nullif($9, ''))`,
		a.At, a.Person, clean(a.Actor), a.Origin, clean(a.Place), clean(a.Text), a.Status, a.Code, a.Receipt)
	return err
}

// keepFurther keeps what there is of the further questions of a request.
func keepFurther(ctx context.Context, tx *sqlx.Tx, all []insights.Recorded) error {
	for _, r := range all {
		if err := keepReceipt(ctx, tx, r.Receipt); err != nil {
			return wrap("the receipt", err)
		}
		if err := keepAudit(ctx, tx, r.Audit); err != nil {
			return wrap("the audit log", err)
		}
	}
	return nil
}

func keepLastQuery(ctx context.Context, tx *sqlx.Tx, turn insights.Turn) error {
	if turn.Forgets != "" {
		return forgetQuestion(ctx, tx, turn)
	}
	if turn.LastQuery == nil {
		return nil
	}
	query, err := turn.LastQuery.Encode()
	if err != nil {
		return err
	}
	// An edited question takes the place of what it was; an older one that is
	// edited after others were asked is not the last one.
	_, err = tx.ExecContext(ctx, `
		insert into thread (key, query, updated_at, asked, receipt)
		select distinct key, $3::jsonb, $4::timestamptz, nullif($5, ''), nullif($7, '') from unnest(array[$1, $2]::text[]) key where key <> ''
		on conflict (key) do update set
			query = excluded.query, updated_at = excluded.updated_at, asked = excluded.asked, receipt = excluded.receipt,
			before = case when thread.asked = excluded.asked then thread.before else thread.query end
		where not $6 or thread.asked = excluded.asked`,
		turn.Thread, turn.Opens, string(query), turn.At, turn.Asked, turn.Edited, turn.LastAnswer)
	return err
}

// forgetQuestion goes back to what was asked before, if the deleted question was
// the last one.
func forgetQuestion(ctx context.Context, tx *sqlx.Tx, turn insights.Turn) error {
	_, err := tx.ExecContext(ctx, `
		update thread set query = before, before = null, asked = null, receipt = null, updated_at = $3
		where key = $1 and asked = $2 and before is not null`, turn.Thread, turn.Forgets, turn.At)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `delete from thread where key = $1 and asked = $2`, turn.Thread, turn.Forgets)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update inbox set payload = '{}' where key = $1 and done_at is not null`, turn.Forgets)
	return err
}

// QueryBefore is what a conversation asked last before a message did. It reports
// false when that message did not ask last: what it went on from is not known.
func (s *Store) QueryBefore(ctx context.Context, thread, asked string) (before *metric.Query, last bool, err error) {
	var data []byte
	err = s.db.GetContext(ctx, &data, `select before from thread where key = $1 and asked = $2`, thread, asked)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil || data == nil {
		return nil, err == nil, wrap("reading the question before", err)
	}
	query, err := metric.DecodeQuery(data)
	return &query, true, wrap("reading the question before", err)
}

// AnswersTo is the id under which a message was received, and how many answers to
// it there are: none if it asked nothing.
func (s *Store) AnswersTo(ctx context.Context, team, asked string) (received int64, answers int, err error) {
	err = s.db.GetContext(ctx, &received, `select id from inbox where team = $1 and key = $2`, team, asked)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, wrap("looking up the message", err)
	}
	keys := make([]string, insights.MostAnswers)
	for n := range keys {
		keys[n] = insights.AnswerKey(received, n)
	}
	err = s.db.GetContext(ctx, &answers, `select count(*) from delivery where key = any ($1)`, textArray(keys))
	return received, answers, wrap("looking up the answers", err)
}

// LastQuery is what a follow-up in the thread edits; nil when nothing was
// asked there.
func (s *Store) LastQuery(ctx context.Context, thread string) (*metric.Query, error) {
	var data []byte
	err := s.db.GetContext(ctx, &data, `select query from thread where key = $1`, thread)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("reading the last question", err)
	}
	query, err := metric.DecodeQuery(data)
	return &query, wrap("reading the last question", err)
}

// LastAnswer is the receipt of what was last answered in a conversation; empty if
// that has none, or nothing was asked there.
func (s *Store) LastAnswer(ctx context.Context, thread string) (string, error) {
	var receipt string
	err := s.db.GetContext(ctx, &receipt, `select coalesce(receipt, '') from thread where key = $1`, thread)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return receipt, wrap("reading the last answer", err)
}

// Receipt reads what a figure was computed with.
func (s *Store) Receipt(ctx context.Context, id string) (insights.Receipt, error) {
	var row struct {
		insights.Receipt
		Query, Viewer, Company, Said []byte
	}
	err := s.db.GetContext(ctx, &row, `
		select id, at, query, viewer, company, metric, version, revision, rows, said, coalesce(meaning, '') as meaning
		from receipt where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return insights.Receipt{}, &insights.Error{
			Code:    "no_receipt",
			Message: "There is no receipt with this id.",
			Hint:    "Receipt ids stand below each answer.",
		}
	}
	if err != nil {
		return insights.Receipt{}, wrap("reading a receipt", err)
	}
	r := row.Receipt
	r.Query, err = metric.DecodeQuery(row.Query)
	err = errors.Join(err, json.Unmarshal(row.Viewer, &r.Viewer), json.Unmarshal(row.Company, &r.Company))
	if row.Said != nil {
		err = errors.Join(err, json.Unmarshal(row.Said, &r.Said))
	}
	return r, wrap("reading a receipt", err)
}

// clean removes what Postgres cannot keep in a text.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
