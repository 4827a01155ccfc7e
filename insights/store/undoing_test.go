package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

func undo(tb testing.TB, s *store.Store, revision int64) insights.Import {
	tb.Helper()
	i, err := s.UndoImport(tb.Context(), revision, store.UndoOptions{Actor: "olga", Now: noon})
	if err != nil {
		tb.Fatal(err)
	}
	return i
}

// believed is everything that is believed now, by table: without the marks of
// when it was learnt, and of what is kept only so that the past can be told.
func believed(t *testing.T, s *store.Store) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range column(t, s, `select table_name from information_schema.columns
		where table_schema = 'public' and column_name = 'known' and udt_name = 'int8range'`) {
		all[table] = column(t, s, fmt.Sprintf(`select (to_jsonb(r) - 'known')::text from %s r where upper_inf(known) order by 1`, table))
	}
	for _, kind := range []string{"process", "stage", "territory_model", "territory", "account", "product", "lead", "activity"} {
		all[kind] = column(t, s, fmt.Sprintf(`select to_jsonb(r)::text from %s r order by 1`, kind))
	}
	all["person"] = column(t, s, `select to_jsonb(p)::text from person p where not taken_back order by 1`)
	const takenBack = `(select opportunity_id from opportunity_change where field = 'deleted' and valid_at = '-infinity' and retracted is null)`
	all["opportunity"] = column(t, s, `select to_jsonb(o)::text from opportunity o where id not in `+takenBack+` order by 1`)
	all["log"] = column(t, s, `
		select opportunity_id || ' ' || field || ': ' || string_agg(coalesce(new, '-') || ' from ' || valid_at, ', ' order by valid_at, revision, step)
		from opportunity_change where retracted is null and opportunity_id not in `+takenBack+` group by opportunity_id, field order by 1`)
	return all
}

func TestAnUndoTakesBackWhatTheLastImportSaid(t *testing.T) {
	s := open(t)
	apply(t, s, planned())
	before := believed(t, s)
	next := planned()
	next.TakenAt = noon.AddDate(0, 0, 1)
	next.Source = "wrong.csv"
	next.Territories = append(next.Territories, insights.Territory{Key: "moon", Name: "Moon"}, insights.Territory{Key: "crater", Name: "Crater", Parent: "moon"})
	next.Accounts[0].Name, next.Accounts[0].Parent = "Wrong", "A3"
	next.Accounts = append(next.Accounts, insights.Account{Key: "A3", Name: "Nobody"})
	next.People[0].Email, next.People[1].Email = "bob@acme.test", "carol@acme.test"
	next.People = append(next.People, insights.PersonRecord{Key: "dave", Name: "Dave", Email: "dave@acme.test", Manager: "carol"},
		insights.PersonRecord{Key: "erin", Name: "Erin"})
	next.Deals[0].Stage, next.Deals[0].Owner = "Won", "dave"
	next.Deals[0].CloseOn = date("2026-03-03")
	next.Deals = append(next.Deals, insights.Opportunity{Key: "D3", Owner: "bob", Stage: "Engaging", Account: "A2"})
	next.Quotas[0].Amount, next.Costs, next.Overhead[0].AllocatedBy = *usd(7), next.Costs[1:], "deals"
	next.Costs[0].Amount = *usd(6)
	next.Leads[0].Status = "disqualified"
	next.Activities = append(next.Activities, insights.Activity{Key: "T2", Opportunity: "D3", Kind: "mail", At: noon})
	apply(t, s, next)
	after := believed(t, s)

	got := undo(t, s, 2)
	if got.Revision != 3 || got.Undoes != 2 || got.By != "olga" || !got.TakenAt.Equal(noon) {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff(before, believed(t, s)); diff != "" {
		t.Errorf("after the undo (-before the import +after the undo):\n%s", diff)
	}
	if got, want := column(t, s, `select external_id || ' ' || active::text from person where taken_back`), []string{"dave false"}; !slices.Equal(got, want) {
		t.Errorf("taken back and kept: %v, want %v: a deal was his", got, want)
	}
	list, err := s.Imports(t.Context(), 3)
	if err != nil || len(list) != 3 || list[0].Undoes != 2 || list[1].UndoneBy != 3 || list[2].UndoneBy != 0 {
		t.Errorf("the list says %+v (%v)", list, err)
	}

	undo(t, s, 3)
	if diff := cmp.Diff(after, believed(t, s)); diff != "" {
		t.Errorf("after the undo of the undo (-after the import +now):\n%s", diff)
	}
	list, err = s.Imports(t.Context(), 4)
	if err != nil || list[1].UndoneBy != 4 || list[2].UndoneBy != 0 {
		t.Errorf("the list says %+v (%v)", list, err)
	}
}

func TestWhatWasTakenBackIsNewToTheNextImport(t *testing.T) {
	s := open(t)
	apply(t, s, batch{TakenAt: noon, Stages: acme().Stages})
	apply(t, s, acme())
	fresh := believed(t, s)
	undo(t, s, 2)
	if got := column(t, s, `select external_id from person where active`); len(got) != 0 {
		t.Errorf("%v have rights after their import was taken back", got)
	}
	b := acme()
	b.Deals[1].Amount = usd(77)
	b.TakenAt = noon.AddDate(0, 0, 2)
	got := apply(t, s, b)
	if got.Added["opportunity"] != 2 {
		t.Errorf("got %+v", got)
	}
	now := believed(t, s)
	for _, table := range []string{"person", "account", "territory", "product"} {
		withoutIDs := func(rows []string) []string {
			var out []string
			for _, row := range rows {
				_, row, _ = strings.Cut(row, `"name"`)
				out = append(out, row)
			}
			return sorted(out)
		}
		if len(now[table]) != len(fresh[table]) {
			t.Errorf("%s:\n%s", table, cmp.Diff(withoutIDs(fresh[table]), withoutIDs(now[table])))
		}
	}
	if got, want := column(t, s, `select external_id || ' ' || active::text from person order by 1`), []string{"alice true", "bob true", "carol true", "olga true"}; !slices.Equal(got, want) {
		t.Errorf("people %v, want %v", got, want)
	}
	deals := map[string]*insights.Money{}
	err := s.DealsAt(t.Context(), date("2020-01-01"), 4, func(o insights.Opportunity) error {
		deals[o.Key] = o.Amount
		return nil
	})
	if diff := cmp.Diff(map[string]*insights.Money{"D1": usd(12_345), "D2": usd(77)}, deals); err != nil || diff != "" {
		t.Errorf("what is told again holds since ever, but (%v):\n%s", err, diff)
	}
}

// The first try had the wrong ids. What of it is kept, since the log names it,
// is in nobody's way.
func TestWhatWasTakenBackIsFoundByNoName(t *testing.T) {
	s := open(t)
	try := func(prefix string) batch {
		return batch{
			TakenAt: noon, Stages: acme().Stages,
			Territories: []insights.Territory{{Key: prefix + "T", Name: "North"}},
			People:      []insights.PersonRecord{{Key: prefix + "P", Name: "Ann Frost", Territory: "North"}},
			Accounts:    []insights.Account{{Key: prefix + "A", Name: "Globex"}},
			Products:    []insights.Product{{Key: prefix + "W", Name: "Widget"}},
			Deals:       []insights.Opportunity{{Key: "D1", Stage: "Engaging", Owner: "Ann Frost", Account: "Globex", Product: "Widget"}},
		}
	}
	apply(t, s, try("wrong"))
	undo(t, s, 1)
	byKey := batch{TakenAt: noon, Stages: acme().Stages, Deals: []insights.Opportunity{{Key: "D2", Stage: "Engaging", Account: "wrongA"}}}
	rejectedFor(t, s, byKey, "account names an account that is neither stored nor in these files")
	if got := apply(t, s, try("right")); len(got.Rejects) != 0 {
		t.Fatalf("rejects %+v", got.Rejects)
	}
	want(t, "the deal", column(t, s, `
		select p.external_id || ' ' || a.external_id || ' ' || w.external_id
		from opportunity o join person p on p.id = owner_id join account a on a.id = account_id join product w on w.id = product_id`),
		"rightP rightA rightW")
	want(t, "the names", find(t, s, "ann frost", "globex", "widget", "north"),
		"ann frost=person Ann Frost", "globex=account Globex", "north=territory North", "widget=product Widget")
	if _, _, err := s.PersonBy(t.Context(), "Ann Frost", noon); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheLastImportCanBeTakenBack(t *testing.T) {
	s := open(t)
	refused := func(revision int64, hint string) {
		t.Helper()
		_, err := s.UndoImport(t.Context(), revision, store.UndoOptions{Now: noon})
		var fault *insights.Error
		if !errors.As(err, &fault) || fault.Code != "import_not_last" || !strings.Contains(fault.Hint, hint) {
			t.Errorf("got %v, want a hint of %q", err, hint)
		}
	}
	refused(0, "Nothing has been imported")
	apply(t, s, acme())
	apply(t, s, planned())
	refused(1, "The last is 2")
	refused(3, "The last is 2")
}

func TestADryUndoChangesNothing(t *testing.T) {
	s := open(t)
	apply(t, s, planned())
	before := contents(t, s)
	got, err := s.UndoImport(t.Context(), 1, store.UndoOptions{Now: noon, DryRun: true})
	if err != nil || got.Changed["opportunity"] != 2 || got.Changed["quota"] != 2 {
		t.Errorf("got %+v (%v)", got, err)
	}
	if diff := cmp.Diff(before, contents(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestUndoingTheFirstImportLeavesNothing(t *testing.T) {
	s := open(t)
	nothing := believed(t, s)
	apply(t, s, planned())
	undo(t, s, 1)
	got := believed(t, s)
	for _, kept := range []string{"account", "territory", "product", "stage"} {
		delete(got, kept) // by name: deals refer to them
		delete(nothing, kept)
	}
	if diff := cmp.Diff(nothing, got); diff != "" {
		t.Error(diff)
	}
	if _, confirmed, err := s.Head(t.Context()); err != nil || !confirmed.IsZero() {
		t.Errorf("the facts are fresh as of %s (%v)", confirmed, err)
	}
}

func TestAnUndoOfAnyImportLeavesTheFactsAsTheyWere(t *testing.T) {
	s := openAt(t, storetest.DSN(t))
	apply(t, s, planned())
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		revision := func() int64 {
			r, _, err := s.Head(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			return r
		}
		before, first := believed(t, s), revision()
		b := someBatch(rt, fmt.Sprintf("new%d-", runs))
		if _, err := b.apply(t.Context(), s, store.ImportOptions{Actor: "rapid", Now: noon.AddDate(0, 0, 30)}); err != nil {
			rt.Fatal(err)
		}
		after, second := believed(t, s), revision()
		if first == second {
			return
		}
		undo(t, s, second)
		now := believed(t, s)
		for _, named := range []string{"account", "territory", "product", "stage"} {
			now[named] = slices.DeleteFunc(now[named], func(row string) bool {
				return strings.Contains(row, fmt.Sprintf(`"new%d-`, runs))
			})
		}
		if diff := cmp.Diff(before, now); diff != "" {
			rt.Fatalf("(-before the import +after its undo)\n%s", diff)
		}
		if rapid.Bool().Draw(rt, "again") {
			undo(t, s, second+1)
			if diff := cmp.Diff(after, believed(t, s)); diff != "" {
				rt.Fatalf("(-after the import +after the undo of its undo)\n%s", diff)
			}
		}
	})
}

// someBatch draws something of everything, some of it new, with keys that begin
// with fresh, and some of it known from planned.
func someBatch(rt *rapid.T, fresh string) batch {
	pick := func(label string, keys ...string) string { return rapid.SampledFrom(keys).Draw(rt, label) }
	some := func(label string, keys ...string) []string {
		return rapid.SliceOfDistinct(rapid.SampledFrom(keys), rapid.ID[string]).Draw(rt, label)
	}
	number := func(label string) int64 { return rapid.Int64Range(0, 3).Draw(rt, label) }
	b := batch{TakenAt: noon.AddDate(0, 0, rapid.IntRange(0, 20).Draw(rt, "taken"))}
	for _, key := range some("accounts", "A1", "A2", fresh+"A") {
		b.Accounts = append(b.Accounts, insights.Account{Key: key, Name: pick("name", "", "Globex", "Acme"), Industry: pick("industry", "", "Retail", "Toys")})
	}
	for _, key := range some("territories", "emea", "amer", fresh+"moon") {
		b.Territories = append(b.Territories, insights.Territory{Key: key, Name: pick("name", "", "Here", "There"), Parent: pick("parent", "", "world")})
	}
	for _, key := range some("people", "carol", "bob", fresh+"dave") {
		b.People = append(b.People, insights.PersonRecord{
			Key: key, Name: pick("name", "", "Kim"), Email: pick("email", "", key+"@acme.test", "shared@acme.test"), Role: pick("role", "", "analyst"),
			Manager: pick("manager", "", "alice", "olga"), Territory: pick("territory", "", "emea", "amer"),
			Active: rapid.SampledFrom([]*bool{nil, new(true), new(false)}).Draw(rt, "active"),
		})
	}
	for _, key := range some("deals", "D1", "D2", fresh+"D") {
		o := someDeal(key).Draw(rt, key)
		b.Deals = append(b.Deals, o)
		if rapid.Bool().Draw(rt, "told") {
			b.History = append(b.History, insights.Change{Opportunity: key, Field: insights.ChangeStage, Old: pick("old", "", "Lost"), New: pick("new", "Won", "Lost"),
				At: noon.AddDate(0, 0, rapid.IntRange(-30, 0).Draw(rt, "day"))})
		}
	}
	for _, month := range some("quotas", "2026-01", "2026-03") {
		first := date(month + "-01")
		b.Quotas = append(b.Quotas, insights.Quota{Person: "carol", Measure: "bookings", First: first, Last: first.AddDate(0, 1, -1), Amount: *usd(number("quota"))})
	}
	for _, key := range some("costs", "K1", "K2", fresh+"K") {
		b.Costs = append(b.Costs, insights.CostLine{Key: key, Opportunity: pick("deal", "D1", "D2"), Kind: insights.DirectCost, Amount: *usd(number("cost"))})
	}
	for _, key := range some("leads", "L1", fresh+"L") {
		b.Leads = append(b.Leads, insights.Lead{Key: key, CreatedAt: noon, Owner: pick("owner", "", "carol", "bob"), Status: pick("status", "new", "working")})
	}
	for _, key := range some("activities", "T1", fresh+"T") {
		b.Activities = append(b.Activities, insights.Activity{Key: key, Opportunity: pick("deal", "D1", "D2"), Kind: pick("kind", "call", "mail"), At: noon})
	}
	return b
}
