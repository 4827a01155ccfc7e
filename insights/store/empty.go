package store

import (
	"context"

	"github.com/jmoiron/sqlx"
)

// Empty takes everything out of the database, its tables too, so that it can be
// set up again. It is for databases whose contents were made up. It gives up
// when somebody else is at work in it.
func (s *Store) Empty(ctx context.Context) error {
	err := inTx(ctx, s.db, nil, func(tx *sqlx.Tx) error {
		for _, statement := range []string{`set local lock_timeout = '5s'`, `drop schema public cascade`, `create schema public`} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap("emptying the database", err)
}
