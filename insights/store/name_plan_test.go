package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestNamesAreFoundInOneRoundTrip counts what goes over the wire.
func TestNamesAreFoundInOneRoundTrip(t *testing.T) {
	s, wire := wired(t)
	v := metric.Viewer{Role: metric.RoleAnalyst, All: true}
	find := func(phrases ...string) int64 {
		before := wire.requests.Load()
		if _, err := s.Find(t.Context(), v, phrases); err != nil {
			t.Fatal(err)
		}
		return wire.requests.Load() - before
	}
	find("globex") // opens the connection
	if trips := find("globex", "carol reyes", "emea"); trips != 1 {
		t.Errorf("%d round trips, want 1", trips)
	}
}

// TestNamesAreFoundByIndexes looks at the plans of a company of 20,000 accounts
// and 2,000 people: neither is read through.
func TestNamesAreFoundByIndexes(t *testing.T) {
	s, err := Open(t.Context(), storetest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, s.imports)
	tx := s.db.MustBeginTx(t.Context(), nil)
	defer func() { _ = tx.Rollback() }()
	tx.MustExec(`select set_config('pg_trgm.similarity_threshold', ($1::real)::text, true)`, leastSimilar)
	for name, c := range map[string]struct {
		sql     string
		args    []any
		indexes []string
	}{
		"exactly": {findExactly, []any{textArray([]string{"globex", "revenue globex"})}, []string{"account_name", "person_first_name", "person_last_name"}},
		"alike":   {findAlike, []any{textArray([]string{"gloabex"}), mostSimilar}, []string{"account_name_similar", "person_first_name_similar"}},
	} {
		var lines []string
		if err := tx.Select(&lines, "explain (costs off) "+c.sql, c.args...); err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		for _, index := range c.indexes {
			if !strings.Contains(plan, index+" ") && !strings.Contains(plan, index+"\n") {
				t.Errorf("%s: the plan does not use %s:\n%s", name, index, plan)
			}
		}
		if strings.Contains(plan, "Seq Scan on account ") || strings.HasSuffix(plan, "Seq Scan on account") {
			t.Errorf("%s: the accounts are read through:\n%s", name, plan)
		}
		t.Logf("%s:\n%s", name, plan)
	}
}

func fill(t *testing.T, db *sqlx.DB) {
	t.Helper()
	for _, sql := range []string{
		`insert into account (external_id, name)
		 select 'a' || n, (array['Nordic', 'Harbor', 'Summit', 'Pioneer', 'Cedar', 'Atlas', 'Juniper', 'Falcon'])[1 + n % 8] || ' ' ||
		        (array['Mining', 'Foods', 'Textiles', 'Robotics', 'Freight'])[1 + n % 5] || ' ' || n
		 from generate_series(1, 20000) n`,
		`insert into person (external_id, name, role)
		 select 'p' || n, initcap(translate(n::text, '0123456789', 'abelimnors')) || 'a ' || initcap(translate((n * 7)::text, '0123456789', 'tuvrelions')) || 'sen', 'rep'
		 from generate_series(1, 2000) n`,
		`analyze account, person`,
	} {
		if _, err := db.Exec(sql); err != nil {
			t.Fatal(fmt.Errorf("%s: %w", sql, err))
		}
	}
}
