package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"salesbot/insights"
)

// attempts bounds how often a transaction that lost a race is run again.
const attempts = 5

// inTx runs do in one transaction: all of it happens, or nothing. When the
// server ends it because another one was in the way, it is run again.
func inTx(ctx context.Context, db *sqlx.DB, opts *sql.TxOptions, do func(*sqlx.Tx) error) error {
	var err error
	for range attempts {
		err = once(ctx, db, opts, do)
		if !is(err, pqerror.TRSerializationFailure, pqerror.TRDeadlockDetected) {
			return err
		}
	}
	return err
}

func once(ctx context.Context, db *sqlx.DB, opts *sql.TxOptions, do func(*sqlx.Tx) error) error {
	tx, err := db.BeginTxx(ctx, opts)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			return errors.Join(err, back)
		}
		return err
	}
	return tx.Commit()
}

// is reports whether the server refused with one of the codes.
func is(err error, codes ...pqerror.Code) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && slices.Contains(codes, refused.Code)
}

// wrap says what was being done when err happened, in a form that callers can
// tell apart: a statement that was ended early is a deadline, and a database
// out of reach is a fault that a person can mend.
func wrap(doing string, err error) error {
	var network net.Error
	var told *insights.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &told):
		return err // it is said in words for people, who need not know what we did
	case is(err, pqerror.QueryCanceled):
		return fmt.Errorf("%s: %w (%w)", doing, context.DeadlineExceeded, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), isShutdown(err):
		return &insights.Error{
			Code:    "database_unreachable",
			Message: "The database does not answer.",
			Hint:    "Try again in a moment; if it stays so, check that Postgres runs.",
			Err:     fmt.Errorf("%s: %w", doing, err),
		}
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

func isShutdown(err error) bool {
	return is(err, pqerror.AdminShutdown, pqerror.CrashShutdown, pqerror.CannotConnectNow)
}
