package store

import (
	"context"
	"database/sql"
	"errors"

	"salesbot/insights"
)

// ImportAt is the import that made a revision, as Imports lists it.
func (s *Store) ImportAt(ctx context.Context, revision int64) (insights.Import, bool, error) {
	head, _, err := s.Head(ctx)
	if err != nil || revision < 1 || revision > head {
		return insights.Import{}, false, err
	}
	// Every revision is that of an import, so it is the last of so many.
	imports, err := s.Imports(ctx, int(head-revision)+1)
	if err != nil || len(imports) == 0 {
		return insights.Import{}, false, err
	}
	last := imports[len(imports)-1]
	return last, last.Revision == revision, nil
}

// ImportUnder is the import that was made under a key, if one was.
func (s *Store) ImportUnder(ctx context.Context, key string) (insights.Import, bool, error) {
	var revision int64
	err := s.db.GetContext(ctx, &revision, `select revision from import where key = $1`, key)
	if errors.Is(err, sql.ErrNoRows) {
		return insights.Import{}, false, nil
	}
	if err != nil {
		return insights.Import{}, false, wrap("looking for an import", err)
	}
	return s.ImportAt(ctx, revision)
}
