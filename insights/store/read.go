package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"salesbot/insights/metric"
)

// Read runs the statements in one snapshot, together with the revision they
// saw and the moment it was last confirmed.
func (s *Store) Read(ctx context.Context, stmts []metric.Statement) (metric.Reading, error) {
	var r metric.Reading
	snapshot := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	err := inTx(ctx, s.db, snapshot, func(tx *sqlx.Tx) error {
		var err error
		r, err = read(ctx, tx, stmts)
		return err
	})
	return r, wrap("reading figures", err)
}

func read(ctx context.Context, tx *sqlx.Tx, stmts []metric.Statement) (metric.Reading, error) {
	r := metric.Reading{Tables: make([][][]*string, 0, len(stmts))}
	var confirmed sql.NullTime
	row := tx.QueryRowxContext(ctx, `select revision, confirmed_at from head`)
	if err := row.Scan(&r.Revision, &confirmed); err != nil {
		return r, err
	}
	r.FreshAt = confirmed.Time
	for i, stmt := range stmts {
		table, err := readTable(ctx, tx, stmt)
		if err != nil {
			return r, fmt.Errorf("statement %d: %w", i+1, err)
		}
		r.Tables = append(r.Tables, table)
	}
	return r, nil
}

func readTable(ctx context.Context, tx *sqlx.Tx, stmt metric.Statement) (table [][]*string, err error) {
	rows, err := tx.QueryContext(ctx, stmt.SQL, arrays(stmt.Args)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	values, into := make([]any, len(types)), make([]any, len(types))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		table = append(table, texts(values, types))
	}
	return table, rows.Err()
}

// arrays lets slices travel as Postgres arrays.
func arrays(args []any) []any {
	out := make([]any, len(args))
	for i, arg := range args {
		switch arg.(type) {
		case []int64, []string:
			arg = pq.Array(arg)
		}
		out[i] = arg
	}
	return out
}

func texts(values []any, types []*sql.ColumnType) []*string {
	out, printed := make([]*string, len(values)), make([]string, len(values))
	for i, v := range values {
		if v != nil {
			printed[i] = textOf(v, types[i].DatabaseTypeName())
			out[i] = &printed[i]
		}
	}
	return out
}

// textOf undoes what lib/pq makes of the text that Postgres sent.
func textOf(v any, typ string) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		return printedTime(v, typ)
	default:
		return fmt.Sprint(v)
	}
}

func printedTime(t time.Time, typ string) string {
	switch typ {
	case "DATE":
		return t.Format(time.DateOnly)
	case "TIMESTAMP":
		return t.Format("2006-01-02 15:04:05.999999")
	default:
		return t.Format("2006-01-02 15:04:05.999999-07")
	}
}
