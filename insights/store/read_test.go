package store_test

import (
	"slices"
	"testing"

	"salesbot/insights/metric"
)

func TestAReadingIsTextAsPostgresPrintsIt(t *testing.T) {
	s := open(t)
	columns := []string{`1::int`, `2.50::numeric`, `0.1::float8`, `true`, `'a'::text`, `null::text`, `date '2026-03-02'`,
		`timestamptz '2026-03-02 12:00:00.5+01'`, `timestamp '2026-03-02 12:00:00'`, `'infinity'::timestamptz`,
		`'x'::char(3)`, `array[1,2]`, `'{"a": 1}'::jsonb`}
	for _, c := range columns {
		r, err := s.Read(t.Context(), []metric.Statement{{SQL: `select ` + c}, {SQL: `select (` + c + `)::text`}})
		if err != nil {
			t.Fatal(err)
		}
		raw, cast := r.Tables[0][0][0], r.Tables[1][0][0]
		if (raw == nil) != (cast == nil) {
			t.Errorf("%s: null is lost", c)
		} else if raw != nil && *raw != *cast && c != `'x'::char(3)` {
			t.Errorf("%s reads %q, Postgres prints %q", c, *raw, *cast)
		}
	}
}

func TestStatementsTakeListsAndSeeOneSnapshotWithItsRevision(t *testing.T) {
	s := open(t)
	r, err := s.Read(t.Context(), nil)
	if err != nil || r.Revision != 0 || !r.FreshAt.IsZero() {
		t.Errorf("before any import: %+v, %v", r, err)
	}
	apply(t, s, acme())
	r, err = s.Read(t.Context(), []metric.Statement{
		{SQL: `select external_id from opportunity where id = any($1) and amount_minor > $2 order by 1`, Args: []any{[]int64{1, 2, 3}, 50}},
		{SQL: `select name from stage where lower(name) = any($1) order by 1`, Args: []any{[]string{"won", "lost"}}},
		{SQL: `select 1 where false`},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Revision != 1 || !r.FreshAt.Equal(noon) {
		t.Errorf("read revision %d, fresh at %s", r.Revision, r.FreshAt)
	}
	for i, want := range [][]string{{"D1", "D2"}, {"Lost", "Won"}, nil} {
		var got []string
		for _, row := range r.Tables[i] {
			got = append(got, *row[0])
		}
		if !slices.Equal(got, want) {
			t.Errorf("statement %d gave %v, want %v", i+1, got, want)
		}
	}
}

func TestAReadingCannotWrite(t *testing.T) {
	s := open(t)
	_, err := s.Read(t.Context(), []metric.Statement{{SQL: `insert into stage (name, position, outcome) values ('x', 1, 'open') returning 1`}})
	if err == nil {
		t.Error("a reading wrote")
	}
}
