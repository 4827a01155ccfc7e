package store

import (
	"context"
	"time"
)

// remembered is how long what was said is kept word for word after it was dealt
// with. Slack repeats what it sends within minutes; keys and outcomes stay, and
// so do the audit log and the receipts.
const remembered = 30 * 24 * time.Hour

// forgotten empties or removes what is older than $1, at most as many rows at
// a time as a statement has time for.
var forgotten = []string{
	`update inbox set payload = '{}' where id in (
		select id from inbox where done_at < $1 and payload::text <> '{}' limit 1000)`,
	`update delivery set payload = '{}' where id in (
		select id from delivery where finished_at < $1 and payload::text <> '{}' limit 1000)`,
	`delete from thread where key in (select key from thread where updated_at < $1 limit 1000)`,
}

// Forget lets go of what people asked and were told, and of conversations that
// nobody follows up any more, a month after the last word.
func (s *Store) Forget(ctx context.Context, now time.Time) error {
	for _, statement := range forgotten {
		for {
			result, err := s.db.ExecContext(ctx, statement, now.Add(-remembered))
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
