package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
)

// UndoOptions say who takes an import back, and when.
type UndoOptions struct {
	Actor  string
	Now    time.Time
	DryRun bool // count everything, change nothing
}

// UndoImport takes back the last import, the one that made the revision. What
// it said is no longer believed from a new revision on, and what was believed
// before holds again; nothing of the history is lost. An undo is an import too:
// undoing it takes it back.
//
// Only the last import can be taken back, since those after it built on it.
func (s *Store) UndoImport(ctx context.Context, revision int64, opts UndoOptions) (insights.Import, error) {
	var result insights.Import
	err := inTx(ctx, s.imports, nil, func(tx *sqlx.Tx) error {
		var last int64
		if err := tx.GetContext(ctx, &last, `select revision from head for update`); err != nil {
			return err
		}
		if revision != last || last == 0 {
			return notTheLast(revision, last)
		}
		return &insights.Error{Code: "undo_not_available", Message: "This version cannot take imports back yet."}
	})
	return result, wrap("taking back an import", err)
}

func notTheLast(revision, last int64) error {
	e := &insights.Error{
		Code:    "import_not_last",
		Message: fmt.Sprintf("Import %d is not the last one, and only the last can be taken back. Nothing was changed.", revision),
		Hint:    fmt.Sprintf("The last is %d: take that back first, or load a corrected file.", last),
	}
	if last == 0 {
		e.Hint = "Nothing has been imported yet."
	}
	return e
}
