package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

func TestAFirstImportAddsEverythingWhateverTheOrderOfItsRecords(t *testing.T) {
	s := open(t)
	got := apply(t, s, acme())
	want := insights.Import{
		Revision: 1, At: noon, By: "tester", Source: "acme.csv", TakenAt: noon,
		Added:   map[insights.Kind]int{"stage": 3, "territory": 3, "person": 4, "account": 2, "product": 1, "opportunity": 2},
		Changed: map[insights.Kind]int{}, Unchanged: map[insights.Kind]int{},
		Files: []insights.FileTally{{Name: "batch", Tally: insights.Tally{Rows: 15, Used: 15}}},
		Total: insights.Tally{Rows: 15, Used: 15},
	}
	if diff := cmp.Diff(want, got.Import); diff != "" {
		t.Error(diff)
	}
	if got, want := column(t, s, `select t.name || '<' || coalesce(p.name, '') from territory t left join territory p on p.id = t.parent_id order by 1`),
		[]string{"Americas<World", "EMEA<World", "World<"}; !slices.Equal(got, want) {
		t.Errorf("territories: %v, want %v", got, want)
	}
	if got, want := column(t, s, `select distinct valid_at::text from opportunity_change`), []string{"-infinity"}; !slices.Equal(got, want) {
		t.Errorf("the first sight of a deal holds since %v, want %v", got, want)
	}
}

func TestTheSameFileTwiceChangesNothingButIsConfirmed(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	before := contents(t, s)
	later := noon.Add(24 * time.Hour)

	again := acme()
	again.TakenAt = later
	got, err := again.apply(t.Context(), s, store.ImportOptions{Actor: "tester", Now: later})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Same() || got.Revision != 1 {
		t.Errorf("the same file made %+v", got)
	}
	if want := map[insights.Kind]int{"stage": 3, "territory": 3, "person": 4, "account": 2, "product": 1, "opportunity": 2}; !cmp.Equal(got.Unchanged, want) {
		t.Errorf("unchanged %v, want %v", got.Unchanged, want)
	}
	if diff := cmp.Diff(before, contents(t, s)); diff != "" {
		t.Errorf("the same file wrote something:\n%s", diff)
	}
	revision, confirmed, err := s.Head(t.Context())
	if err != nil || revision != 1 || !confirmed.Equal(later) {
		t.Errorf("head is revision %d confirmed at %s (%v), want 1 at %s", revision, confirmed, err, later)
	}
	if imports, err := s.Imports(t.Context(), 10); err != nil || len(imports) != 1 {
		t.Errorf("%d imports are listed (%v), want 1", len(imports), err)
	}
}

func TestADifferenceIsOneMoreRevisionAndOneRowInTheLogForEachField(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	next := acme()
	next.TakenAt = noon.Add(48 * time.Hour)
	next.Deals[0].Stage = "Lost"
	next.Deals[0].Amount = nil
	next.Accounts[1].Industry = "Consulting"
	got := apply(t, s, next)

	if got.Revision != 2 || !cmp.Equal(got.Changed, map[insights.Kind]int{"opportunity": 1, "account": 1}) || len(got.Added) != 0 {
		t.Errorf("got %+v", got)
	}
	log := column(t, s, `select field || ' ' || coalesce(new, 'unknown') || ' ' || valid_at::text || ' ' || actor
		from opportunity_change where revision = 2 and field not like '%_id' order by field`)
	want := []string{"amount_minor unknown 2026-03-04 12:00:00+00 tester", "currency unknown 2026-03-04 12:00:00+00 tester"}
	if !slices.Equal(log, want) {
		t.Errorf("log %q, want %q", log, want)
	}
	if n := column(t, s, `select count(*)::text from opportunity_change where revision = 2 and field = 'stage_id'`); n[0] != "1" {
		t.Errorf("%s changes of the stage, want 1", n[0])
	}
}

func TestABlankLeavesWhatIsKnownOfPeopleAndAccounts(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	got := apply(t, s, batch{
		TakenAt:  noon,
		People:   []insights.PersonRecord{{Key: "carol"}, {Key: "olga", Name: "Olga Ops"}},
		Accounts: []insights.Account{{Key: "A1", Name: "Globex"}},
		Products: []insights.Product{{Key: "P1"}},
	})
	if !got.Same() {
		t.Errorf("blanks changed something: %+v", got)
	}
}

func TestADryRunCountsTheSameAndLeavesEverythingAsItIs(t *testing.T) {
	s := open(t)
	before := contents(t, s)
	dry, err := acme().apply(t.Context(), s, store.ImportOptions{Actor: "tester", Now: noon, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, contents(t, s)); diff != "" {
		t.Errorf("a dry run wrote:\n%s", diff)
	}
	real := apply(t, s, acme())
	if diff := cmp.Diff([]any{real.Added, real.Changed, real.Unchanged}, []any{dry.Added, dry.Changed, dry.Unchanged}); diff != "" {
		t.Errorf("a dry run counts differently:\n%s", diff)
	}
	if !dry.DryRun || real.DryRun {
		t.Errorf("dry run said %v, import said %v", dry.DryRun, real.DryRun)
	}
}

func TestConcurrentImportsWaitForEachOther(t *testing.T) {
	dsn := storetest.DSN(t)
	const imports = 4
	var wg sync.WaitGroup
	for i := range imports {
		s := openAt(t, dsn)
		wg.Go(func() {
			b := acme()
			b.Deals = append(b.Deals, insights.Opportunity{Key: fmt.Sprint("own", i), Stage: "Engaging"})
			if _, err := b.apply(t.Context(), s, store.ImportOptions{Actor: "tester", Now: noon}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := openAt(t, dsn)
	if revision, _, err := s.Head(t.Context()); err != nil || revision != imports {
		t.Errorf("%d imports made revision %d (%v)", imports, revision, err)
	}
	if n := column(t, s, `select count(*)::text from opportunity`); n[0] != "6" {
		t.Errorf("%s deals, want 6", n[0])
	}
}

func TestWhatRefersToNothingIsRejectedWithItsPlace(t *testing.T) {
	place := insights.Place{File: "in.csv", Line: 7}
	cases := map[string]struct {
		change func(*batch)
		kind   insights.Kind
		key    string
		column string
		value  string
		reason string
	}{
		"a deal of an unknown account": {
			func(b *batch) { b.Deals[0].Account = "A9" }, "opportunity", "D1", "account", "A9", "names an account that is neither stored nor in these files"},
		"a deal of an unknown product": {
			func(b *batch) { b.Deals[0].Product = "P9" }, "opportunity", "D1", "product", "P9", "names a product that is neither stored nor in these files"},
		"a deal of an unknown owner": {
			func(b *batch) { b.Deals[0].Owner = "zoe" }, "opportunity", "D1", "owner", "zoe", "names a person that is neither stored nor in these files"},
		"a deal in an unknown stage": {
			func(b *batch) { b.Deals[0].Stage = "Limbo" }, "opportunity", "D1", "stage", "Limbo", "is not a known stage; the stages are Engaging, Won, Lost"},
		"a deal in no stage": {
			func(b *batch) { b.Deals[0].Stage = "" }, "opportunity", "D1", "stage", "", "is empty, and every deal needs its stage"},
		"a person under an unknown manager": {
			func(b *batch) { b.People[3].Manager = "zoe" }, "person", "olga", "manager", "zoe", "names a person that is neither stored nor in these files"},
		"a person in an unknown territory": {
			func(b *batch) { b.People[3].Territory = "apac" }, "person", "olga", "territory", "apac", "names a territory that is neither stored nor in these files"},
		"a territory below an unknown one": {
			func(b *batch) { b.Territories[2].Parent = "mars" }, "territory", "amer", "parent", "mars", "names a territory that is neither stored nor in these files"},
		"an account below an unknown one": {
			func(b *batch) {
				b.Accounts = append(b.Accounts, insights.Account{Key: "A3", Name: "Hooli", Parent: "A9"})
			}, "account", "A3", "parent", "A9", "names an account that is neither stored nor in these files"},
		"a second person with an e-mail address": {
			func(b *batch) { b.People[3].Email = "CAROL@acme.test" }, "person", "olga", "email", "CAROL@acme.test", "is the e-mail address of another person, too"},
		"a person who reports to themselves": {
			func(b *batch) { b.People[3].Manager = "olga" }, "person", "olga", "manager", "olga", "leads back here"},
		"an account above itself": {
			func(b *batch) {
				b.Accounts = append(b.Accounts, insights.Account{Key: "A3", Name: "Hooli", Parent: "A3"})
			}, "account", "A3", "parent", "A3", "leads back here"},
	}
	s := open(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := acme()
			c.change(&b)
			b.At = map[insights.RecordKey]insights.Place{{Kind: c.kind, Key: c.key}: place}
			got, err := b.apply(t.Context(), s, store.ImportOptions{Now: noon, DryRun: true})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Rejects) != 1 {
				t.Fatalf("rejects %+v, want one", got.Rejects)
			}
			r := got.Rejects[0]
			if r.Place != place || r.Column != c.column || r.Value != c.value || !strings.Contains(r.Reason, c.reason) {
				t.Errorf("rejected %+v", r)
			}
		})
	}
}

func TestWhatRefersToSomethingRejectedIsRejectedToo(t *testing.T) {
	s := open(t)
	b := acme()
	b.Territories[1] = insights.Territory{Key: "world", Name: "World", Parent: "galaxy"}
	got := apply(t, s, b)
	if got.Added["territory"] != 0 {
		t.Errorf("%d territories were added below one that is nowhere", got.Added["territory"])
	}
	if want := map[insights.Kind]int{"stage": 3, "person": 2, "account": 2, "product": 1}; !cmp.Equal(got.Added, want) {
		t.Errorf("added %v, want %v", got.Added, want)
	}
	if len(got.Rejects) != 3+2+2 {
		t.Errorf("%d rejects: %+v", len(got.Rejects), got.Rejects)
	}
}

func TestReferencesMayBeToWhatEarlierImportsStored(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	got := apply(t, s, batch{
		TakenAt: noon,
		Deals:   []insights.Opportunity{{Key: "D3", Account: "A2", Product: "P1", Owner: "alice", Stage: "ENGAGING"}},
		People:  []insights.PersonRecord{{Key: "dave", Name: "Dave", Manager: "bob", Territory: "amer"}},
	})
	if len(got.Rejects) != 0 || got.Added["opportunity"] != 1 || got.Added["person"] != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestRecordsWithoutANameAreAboutThoseWhoAreCalledSo(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	b := batch{
		TakenAt:  noon,
		People:   []insights.PersonRecord{{Key: "Alice MOREAU"}, {Key: "bob@acme.test"}, {Key: "Zoe Quist"}},
		Accounts: []insights.Account{{Key: "GLOBEX", Segment: "Large"}},
		Deals: []insights.Opportunity{
			{Key: "N0", Owner: "zoe quist", Stage: "Engaging"},
			{Key: "N1", Owner: "Alice MOREAU", Account: "GLOBEX", Stage: "Engaging"},
			{Key: "N2", Owner: "bob@acme.test", Stage: "Engaging"},
			{Key: "N3", Owner: "Zoe Quist", Stage: "Engaging"},
		},
	}
	got := apply(t, s, b)
	if len(got.Rejects) != 0 || got.Added["person"] != 1 || got.Added["account"] != 0 || got.Changed["account"] != 1 {
		t.Errorf("got %+v", got)
	}
	owners := func() []string {
		return column(t, s, `
			select o.external_id || ' ' || person.external_id || coalesce(' ' || account.external_id || ' ' || account.segment, '')
			from opportunity o join person on person.id = owner_id left join account on account.id = account_id
			where o.external_id like 'N%' order by 1`)
	}
	want(t, "whose deals they are", owners(), "N0 Zoe Quist", "N1 alice A1 Large", "N2 bob", "N3 Zoe Quist")
	if again := apply(t, s, b); !again.Same() {
		t.Errorf("the same again made %+v", again)
	}

	apply(t, s, batch{TakenAt: noon, People: []insights.PersonRecord{{Key: "other", Name: "Alice Moreau"}}})
	got = apply(t, s, b)
	if got.Total.Rejected == 0 || got.Rejects[0].Reason != "is the name of more than one person: alice, other" {
		t.Errorf("a name of two people made %+v", got)
	}
	want(t, "whose deals they still are", owners(), "N0 Zoe Quist", "N1 alice A1 Large", "N2 bob", "N3 Zoe Quist")
}

func TestTheStoredStagesAreListedInTheirOrder(t *testing.T) {
	s := open(t)
	if stages, err := s.Stages(t.Context()); err != nil || stages == nil || len(stages) != 0 {
		t.Errorf("before any import: %v (%v)", stages, err)
	}
	b := acme()
	slices.Reverse(b.Stages)
	apply(t, s, b)
	got, err := s.Stages(t.Context())
	if diff := cmp.Diff(acme().Stages, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestACircleThroughWhatIsStoredIsRejected(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	got := apply(t, s, batch{TakenAt: noon, People: []insights.PersonRecord{{Key: "alice", Manager: "carol"}}})
	if len(got.Rejects) != 1 || !got.Same() {
		t.Errorf("got %+v", got)
	}
}

func TestPeopleMayExchangeTheirAddresses(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	got := apply(t, s, batch{TakenAt: noon, People: []insights.PersonRecord{
		{Key: "carol", Email: "bob@acme.test"}, {Key: "bob", Email: "carol@acme.test"},
	}})
	if len(got.Rejects) != 0 || got.Changed["person"] != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestAManagerIsWhoeverIsReportedToUnlessTheFileSaysOtherwise(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	roles := func() []string {
		return column(t, s, `select external_id || ' ' || role from person order by external_id`)
	}
	if got, want := roles(), []string{"alice manager", "bob manager", "carol rep", "olga admin"}; !slices.Equal(got, want) {
		t.Errorf("roles %v, want %v", got, want)
	}
	apply(t, s, batch{TakenAt: noon, People: []insights.PersonRecord{
		{Key: "dave", Name: "Dave", Manager: "olga"},
		{Key: "erin", Name: "Erin", Manager: "carol"},
		{Key: "bob", Role: "analyst"},
	}})
	if got, want := roles(), []string{"alice manager", "bob analyst", "carol manager", "dave rep", "erin rep", "olga admin"}; !slices.Equal(got, want) {
		t.Errorf("roles %v, want %v", got, want)
	}
}

func TestWhoHasLeftHasNoRightsAndKeepsTheirDeals(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	people := func(active *bool) batch {
		return batch{TakenAt: noon, People: []insights.PersonRecord{{Key: "carol", Active: active}}}
	}
	deals := func() []string {
		return column(t, s, `select o.external_id from opportunity o join person p on p.id = o.owner_id where p.external_id = 'carol'`)
	}
	known := func() bool {
		_, _, found, err := s.Viewer(t.Context(), "carol@acme.test", noon)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	before := deals()
	for _, step := range []struct {
		active  *bool
		changed int
		known   bool
	}{
		{nil, 0, true}, {new(true), 0, true}, {new(false), 1, false}, {new(false), 0, false}, {nil, 0, false}, {new(true), 1, true},
	} {
		got := apply(t, s, people(step.active))
		if got.Changed["person"] != step.changed || got.Same() != (step.changed == 0) || known() != step.known {
			t.Errorf("%+v: %+v, a viewer: %v", step, got, known())
		}
		if !slices.Equal(before, deals()) || len(before) == 0 {
			t.Errorf("%+v: their deals are %v, and were %v", step, deals(), before)
		}
	}
	gone := insights.PersonRecord{Key: "gus", Name: "Gus", Email: "gus@acme.test", Active: new(false)}
	apply(t, s, batch{TakenAt: noon, People: []insights.PersonRecord{gone}})
	if _, _, found, err := s.Viewer(t.Context(), "gus@acme.test", noon); err != nil || found {
		t.Errorf("somebody new who has left is a viewer (%v)", err)
	}
}

func TestARejectedDealLeavesTheStoredOneAsItIs(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	b := acme()
	b.Deals[0].Owner, b.Deals[0].Name = "nobody", "Renamed"
	if got := apply(t, s, b); !got.Same() || len(got.Rejects) != 1 {
		t.Errorf("got %+v", got)
	}
	if got := column(t, s, `select name from opportunity where external_id = 'D1'`); got[0] != "First" {
		t.Errorf("the deal is called %q now", got[0])
	}
}

func TestALaterAssignmentClosesTheEarlierOneWithoutForgettingIt(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	move := func(taken string, p insights.PersonRecord) {
		t.Helper()
		b := batch{TakenAt: date(taken), People: []insights.PersonRecord{p}}
		if got := apply(t, s, b); got.Changed["person"] != 1 && got.Added["person"] != 1 {
			t.Fatalf("got %+v", got)
		}
	}
	lines := func() []string {
		return column(t, s, `select boss.external_id || ' ' || valid::text || ' known ' || known::text
			from reporting_line line join person p on p.id = line.person_id join person boss on boss.id = line.manager_id
			where p.external_id = 'carol' order by lower(known), lower(valid) nulls first`)
	}

	move("2026-04-10", insights.PersonRecord{Key: "carol", Manager: "alice"})
	want := []string{"bob (,) known [1,2)", "bob (,2026-04-10) known [2,)", "alice [2026-04-10,) known [2,)"}
	if got := lines(); !slices.Equal(got, want) {
		t.Errorf("undated change:\n%v, want\n%v", got, want)
	}

	move("2026-05-20", insights.PersonRecord{Key: "carol", Manager: "olga", Since: date("2026-05-01")})
	want = []string{
		"bob (,) known [1,2)",
		"bob (,2026-04-10) known [2,)", "alice [2026-04-10,) known [2,3)",
		"alice [2026-04-10,2026-05-01) known [3,)", "olga [2026-05-01,) known [3,)",
	}
	if got := lines(); !slices.Equal(got, want) {
		t.Errorf("dated change:\n%v, want\n%v", got, want)
	}

	move("2026-06-01", insights.PersonRecord{Key: "carol", Manager: "bob", Since: date("2026-03-01")})
	want = []string{
		"bob (,) known [1,2)",
		"bob (,2026-04-10) known [2,4)", "alice [2026-04-10,) known [2,3)",
		"alice [2026-04-10,2026-05-01) known [3,4)", "olga [2026-05-01,) known [3,4)",
		"bob (,2026-03-01) known [4,)", "bob [2026-03-01,) known [4,)",
	}
	if got := lines(); !slices.Equal(got, want) {
		t.Errorf("change dated before others:\n%v, want\n%v", got, want)
	}
}

func TestAFirstAssignmentHoldsSinceEverUnlessItIsDated(t *testing.T) {
	s := open(t)
	b := acme()
	b.People[0].Since = date("2025-07-01")
	apply(t, s, b)
	got := column(t, s, `select p.external_id || ' ' || member.valid::text from territory_member member
		join person p on p.id = member.person_id order by 1`)
	if want := []string{"bob (,)", "carol [2025-07-01,)"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestProgressGrowsToTheSizeOfTheBatch(t *testing.T) {
	s := open(t)
	b := acme()
	last := -1
	_, err := b.apply(t.Context(), s, store.ImportOptions{Now: noon, Progress: func(done, total int) {
		if done < last || done > total || total != 15 {
			t.Errorf("progress went from %d to %d of %d", last, done, total)
		}
		last = done
	}})
	if err != nil || last != 15 {
		t.Errorf("progress ended at %d (%v), want 15", last, err)
	}
}

func column(t *testing.T, s *store.Store, query string) []string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// contents is everything that imports write, except when it was confirmed.
func contents(t *testing.T, s *store.Store) map[string][]string {
	t.Helper()
	all := map[string][]string{"head": column(t, s, `select revision::text from head`)}
	for _, table := range []string{"import", "person", "reporting_line", "territory", "territory_member", "account",
		"product", "process", "stage", "stage_definition", "opportunity", "opportunity_change", "quota", "cost_line", "overhead", "lead", "activity",
		"territory_model", "account_territory", "opportunity_split", "line_item", "forecast", "subscription_movement", "exchange_rate"} {
		all[table] = column(t, s, fmt.Sprintf(`select %[1]s::text from %[1]s order by 1`, table))
	}
	return all
}
