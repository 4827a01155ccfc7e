package store

import (
	"context"
	"time"
)

// remembered is how long what was said is kept word for word after it was dealt
// with. Slack repeats what it sends within minutes; keys and outcomes stay, and
// so do the audit log and the receipts.
const remembered = 30 * 24 * time.Hour

// rowsRemembered is how long receipts keep the rows of answers: through a year,
// and the quarter after it in which it is looked back at. After that their digest
// still tells whether the same rows are counted again.
const rowsRemembered = 460 * 24 * time.Hour

// forgotten empties or removes what is older than $1, at most as many rows at
// a time as a statement has time for.
var forgotten = []struct {
	after     time.Duration
	statement string
}{
	{remembered, `update inbox set payload = '{}' where id in (
		select id from inbox where done_at < $1 and payload::text <> '{}' limit 1000)`},
	{remembered, `update delivery set payload = '{}' where id in (
		select id from delivery where finished_at < $1 and payload::text <> '{}' limit 1000)`},
	{remembered, `delete from thread where key in (select key from thread where updated_at < $1 limit 1000)`},
	{rowsRemembered, `update receipt set said = said - 'kept' where id in (
		select id from receipt where at < $1 and said ? 'kept' limit 1000)`},
}

// Forget lets go of what people asked and were told, and of conversations that
// nobody follows up any more, a month after the last word; of the rows of answers
// that receipts keep, later.
func (s *Store) Forget(ctx context.Context, now time.Time) error {
	for _, f := range forgotten {
		for {
			result, err := s.db.ExecContext(ctx, f.statement, now.Add(-f.after))
			if err != nil {
				return wrap("forgetting what is done", err)
			}
			n, err := result.RowsAffected()
			if err != nil {
				return wrap("forgetting what is done", err)
			}
			if n == 0 {
				break
			}
		}
	}
	return nil
}
