package scale_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"salesbot/insights/store/storetest"
	"salesbot/insights/store/storetest/scale"
)

func TestTheLogLeadsToTheDealsAndBothWaysBackAgree(t *testing.T) {
	db := filled(t, scale.Size{Deals: 3000, Seed: 7})
	equal := []string{
		"table opportunity", "select * from opportunity_replayed('infinity', 5)",
		"table opportunity", "select * from opportunity_at('infinity', 5)",
	}
	for _, instant := range []string{"2022-03-01", "2026-06-30 23:59:59", "2026-10-31 12:00", "2026-11-20"} {
		for _, revision := range []int{1, 3, 5} {
			at := fmt.Sprintf("('%s', %d)", instant, revision)
			equal = append(equal, "select * from opportunity_at"+at, "select * from opportunity_replayed"+at)
		}
	}
	for i := 0; i < len(equal); i += 2 {
		for _, differ := range []string{"(%s) except (%s)", "(%[2]s) except (%[1]s)"} {
			if n := number(t, db, fmt.Sprintf("select count(*) from ("+differ+") differing", equal[i], equal[i+1])); n != 0 {
				t.Errorf("%d rows of %s", n, fmt.Sprintf(differ, equal[i], equal[i+1]))
			}
		}
	}
}

func TestEveryChangeBeginsWhereTheOneBeforeEnded(t *testing.T) {
	db := filled(t, scale.Size{Deals: 3000, Seed: 7})
	if n := number(t, db, `
		select count(*) from (
			select old, lag(new) over w as before, revision < lag(revision) over w as backwards
			from (
				select opportunity_id, field, old, new, valid_at, revision, step from opportunity_change where field <> 'deal'
				union all
				select opportunity_id, first.key, null, first.value, valid_at, revision, step
				from opportunity_change cross join lateral jsonb_each_text(new::jsonb) first where field = 'deal'
			) each_field
			window w as (partition by opportunity_id, field order by valid_at, revision, step)
		) chain
		where before is not null and (old is distinct from before or backwards)`); n != 0 {
		t.Errorf("%d changes begin elsewhere", n)
	}
	if perDeal := number(t, db, `select round(10.0 * count(*) / 3000) from opportunity_change`); perDeal < 57 || perDeal > 64 {
		t.Errorf("%d changes for each ten deals, want about 60", perDeal)
	}
}

func TestTheSameSeedMakesTheSameCompanyAndAnotherDoesNot(t *testing.T) {
	digest := func(seed int64) string {
		var sum string
		if err := filled(t, scale.Size{Deals: 500, Seed: seed}).Get(&sum, `
			select md5(string_agg(o::text, '|' order by id)) || (select md5(string_agg(c::text, '|' order by c::text)) from opportunity_change c)
			from opportunity o`); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	first := digest(1)
	if digest(1) != first {
		t.Error("the same seed makes another company")
	}
	if digest(2) == first {
		t.Error("another seed makes the same company")
	}
}

func TestMoreThanTheDiskHoldsIsNotBegun(t *testing.T) {
	_, _, err := scale.Open(t.Context(), t.TempDir(), scale.Size{Deals: 1_000_000_000_000}, func(string) {})
	if err == nil || !strings.Contains(err.Error(), "are free") {
		t.Errorf("got %v", err)
	}
}

func filled(t *testing.T, size scale.Size) *sqlx.DB {
	t.Helper()
	db := storetest.New(t)
	if err := scale.Fill(t.Context(), db.DB, size, func(string) {}); err != nil {
		t.Fatal(err)
	}
	return db
}

func number(t *testing.T, db *sqlx.DB, query string) int {
	t.Helper()
	var n int
	if err := db.Get(&n, query); err != nil {
		t.Fatal(err)
	}
	return n
}
