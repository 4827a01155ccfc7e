package store

import (
	"context"
	"errors"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"salesbot/insights/store/storetest"
)

func TestATransactionThatLostARaceIsRunAgain(t *testing.T) {
	db := storetest.New(t)
	for code, want := range map[pqerror.Code]int{
		pqerror.TRSerializationFailure: 3,
		pqerror.TRDeadlockDetected:     3,
		pqerror.UniqueViolation:        1,
	} {
		runs := 0
		err := inTx(t.Context(), db, nil, func(tx *sqlx.Tx) error {
			runs++
			if _, err := tx.Exec(`update head set revision = revision + 1`); err != nil || runs == 3 {
				return err
			}
			return &pq.Error{Code: code}
		})
		if runs != want || (err == nil) != (want == 3) {
			t.Errorf("%s: %d runs, %v", code, runs, err)
		}
	}
	var revision int
	if err := db.Get(&revision, `select revision from head`); err != nil || revision != 2 {
		t.Errorf("the lost races left their traces: %d (%v)", revision, err)
	}
}

func TestNothingIsRunAgainForLong(t *testing.T) {
	db := storetest.New(t)
	runs := 0
	err := inTx(t.Context(), db, nil, func(*sqlx.Tx) error {
		runs++
		return &pq.Error{Code: pqerror.TRDeadlockDetected}
	})
	if err == nil || runs != attempts {
		t.Errorf("%d runs, %v", runs, err)
	}
}

func TestAnInterruptedStatementIsADeadline(t *testing.T) {
	err := wrap("reading", &pq.Error{Code: pqerror.QueryCanceled})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
