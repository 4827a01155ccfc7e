package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/store"
)

// TestTheRollupIsWhatTheDealsAddUpTo plays imports, undos and what somebody may
// do by hand, and adds the deals up again after each.
func TestTheRollupIsWhatTheDealsAddUpTo(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		for range rapid.IntRange(1, 5).Draw(rt, "steps") {
			revision, _, err := s.Head(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0:
				undo(t, s, revision)
			case 1:
				byHand(rt, s, run)
			default:
				loadDeals(rt, s, run)
			}
			sameRollup(t, rt, s)
			sameGrains(t, rt, s)
		}
	})
}

func loadDeals(rt *rapid.T, s *store.Store, run int) {
	b := batch{TakenAt: noon}
	day := rapid.SampledFrom([]string{"2026-01-01", "2026-01-02", "2026-01-31", "2026-02-01", "2026-02-14"})
	for n := range rapid.IntRange(1, 6).Draw(rt, "deals") {
		o := someDeal(fmt.Sprintf("run%d-%d", run, n)).Draw(rt, "deal")
		o.CloseOn = date(day.Draw(rt, "closed"))
		if rapid.Bool().Draw(rt, "is created") {
			o.CreatedOn = date(day.Draw(rt, "created"))
		}
		o.Deleted = rapid.SampledFrom([]*bool{nil, nil, new(true), new(false)}).Draw(rt, "deleted")
		b.Deals = append(b.Deals, o)
	}
	if _, err := b.apply(rt.Context(), s, store.ImportOptions{Actor: "rapid", Now: noon}); err != nil {
		rt.Fatal(err)
	}
}

// byHand writes deals as no import does.
func byHand(rt *rapid.T, s *store.Store, run int) {
	statement := rapid.SampledFrom([]string{
		`delete from opportunity where external_id like 'run%d-%%' and close_on = '2026-01-31'`,
		`update opportunity set close_on = close_on + 1, owner_id = null where external_id like 'run%d-%%'`,
		`update opportunity set name = 'renamed' where external_id like 'run%d-%%'`,
		`update opportunity set amount_minor = amount_minor + 1 where external_id like 'run%d-%%'`,
	}).Draw(rt, "statement")
	if _, err := s.DB().ExecContext(rt.Context(), fmt.Sprintf(statement, run)); err != nil {
		rt.Fatal(err)
	}
}

// cell is what the deals of one key of the rollup add up to.
type cell struct {
	deals, priced, amount int64
	first, last           string
}

func sameRollup(t *testing.T, rt *rapid.T, s *store.Store) {
	t.Helper()
	stored := column(t, s, `select concat_ws(' ', clock, coalesce(month::text, '-'), coalesce(owner_id, 0), stage_id, coalesce(currency::text, '-'),
		deals, priced, amount_minor, coalesce(first_on::text, '-'), coalesce(last_on::text, '-')) from opportunity_rollup`)
	slices.Sort(stored)
	if diff := gocmp.Diff(addedUp(t, s), stored); diff != "" {
		rt.Fatalf("(-what the deals add up to +the rollup)\n%s", diff)
	}
}

// sameGrains sees to it that the coarser rollups are what the first adds up to.
func sameGrains(t *testing.T, rt *rapid.T, s *store.Store) {
	t.Helper()
	for table, key := range map[string]string{"opportunity_rollup_company": "month", "opportunity_rollup_person": "owner_id"} {
		sum := fmt.Sprintf("select clock, stage_id, %[1]s, currency, sum(deals), sum(priced), sum(amount_minor), min(first_on), max(last_on) from opportunity_rollup group by 1, 2, 3, 4", key)
		kept := fmt.Sprintf("select clock, stage_id, %s, currency, deals, priced, amount_minor, first_on, last_on from %s", key, table)
		for _, differ := range [][2]string{{sum, kept}, {kept, sum}} {
			if rows := column(t, s, fmt.Sprintf("select d::text from ((%s) except all (%s)) d", differ[0], differ[1])); len(rows) > 0 {
				rt.Fatalf("%s differs: %q", table, rows)
			}
		}
	}
}

// addedUp adds the deals up one by one.
func addedUp(t *testing.T, s *store.Store) []string {
	t.Helper()
	cells := map[string]cell{}
	for _, row := range column(t, s, `select concat_ws(' ', coalesce(owner_id, 0), stage_id, coalesce(currency::text, '-'), coalesce(amount_minor, 0),
		coalesce(close_on::text, '-'), coalesce(created_on::text, '-'), coalesce(engaged_on::text, '-')) from opportunity where not deleted`) {
		deal := strings.Fields(row)
		var amount int64
		if _, err := fmt.Sscan(deal[3], &amount); err != nil {
			t.Fatal(err)
		}
		for i, clock := range []string{"close_on", "created_on", "engaged_on"} {
			day, month := deal[4+i], "-"
			if day != "-" {
				month = day[:len("2006-01")] + "-01"
			}
			key := strings.Join([]string{clock, month, deal[0], deal[1], deal[2]}, " ")
			c := cells[key]
			c.deals++
			if deal[2] != "-" {
				c.priced++
				c.amount += amount
			}
			c.first, c.last = min(cmp.Or(c.first, day), day), max(c.last, day)
			cells[key] = c
		}
	}
	var out []string
	for key, c := range cells {
		out = append(out, fmt.Sprint(key, " ", c.deals, " ", c.priced, " ", c.amount, " ", c.first, " ", c.last))
	}
	slices.Sort(out)
	return out
}

func TestTheRollupFromScratchIsTheOneThatIsKept(t *testing.T) {
	s := open(t)
	b := acme()
	b.Deals = append(b.Deals, insights.Opportunity{Key: "D3", Stage: "Won", Amount: usd(5), CloseOn: date("2026-02-01")})
	apply(t, s, b)
	b.Deals[0].Stage = "Lost"
	apply(t, s, b)
	kept := column(t, s, `select r::text from opportunity_rollup r order by 1`)
	if len(kept) != 9 {
		t.Fatalf("%d cells, want one for each deal and day: %q", len(kept), kept)
	}
	if _, err := s.DB().ExecContext(t.Context(), `
		truncate opportunity_rollup;
		do $$ begin execute 'insert into opportunity_rollup (clock, month, owner_id, stage_id, currency, deals, priced, amount_minor, first_on, last_on)' || rollup_of('select * from opportunity'); end $$`); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(kept, column(t, s, `select r::text from opportunity_rollup r order by 1`)); diff != "" {
		t.Errorf("(-kept +from scratch)\n%s", diff)
	}
}
