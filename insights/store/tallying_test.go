package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/store"
)

// rowsOf feeds the rows of one file to a sink: each is made of what it says, by
// the rule of its number.
type rowsOf []map[int]insights.Record

func (rows rowsOf) read(sink insights.Sink) error {
	rules := []*insights.Rule{nil, {Number: 1, Columns: map[string]string{"key": "Id", "owner": "Seller"}}, {Number: 2}}
	for i, row := range rows {
		var told []insights.Told
		for number := 1; number < len(rules); number++ {
			if record, found := row[number]; found {
				told = append(told, insights.Told{Rule: rules[number], Record: record})
			}
		}
		if err := sink.Row(insights.Place{File: "in.csv", Line: i + 2}, told); err != nil {
			return err
		}
	}
	return nil
}

func (rows rowsOf) apply(t *testing.T, s *store.Store) applied {
	t.Helper()
	var got applied
	var err error
	got.Import, err = s.Import(t.Context(), store.ImportOptions{Actor: "tester", Now: noon, Rejects: func(r insights.Reject) error {
		got.Rejects = append(got.Rejects, r)
		return nil
	}}, rows.read)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func one(record insights.Record) map[int]insights.Record { return map[int]insights.Record{1: record} }

func TestOfRowsWithOneKeyTheFirstIsKept(t *testing.T) {
	s := open(t)
	got := rowsOf{
		one(insights.Product{Key: "P1", Name: "Anvil"}),
		one(insights.Product{Key: "P1", Name: "Anvil"}),
		one(insights.Product{Key: "P1", Name: "Hammer"}),
		one(insights.Product{Key: "P1", Name: "Anvil", Family: "Tools"}),
	}.apply(t, s)
	if want := (insights.Tally{Rows: 4, Used: 1, Unchanged: 1, Rejected: 2}); got.Total != want {
		t.Errorf("%+v, want %+v", got.Total, want)
	}
	want := []insights.RejectGroup{{
		Column: "Id", Reason: "is a duplicate of an earlier row, with different content; the first is kept", Count: 2,
		Samples: []insights.Reject{{
			Place: insights.Place{File: "in.csv", Line: 4}, Column: "Id", Value: "P1",
			Reason: "is a duplicate of in.csv line 2, with different content; the first is kept",
			Group:  "is a duplicate of an earlier row, with different content; the first is kept",
		}},
	}}
	if diff := cmp.Diff(want, got.Groups); diff != "" {
		t.Error(diff)
	}
	if names := column(t, s, `select name from product`); len(names) != 1 || names[0] != "Anvil" {
		t.Errorf("stored %v", names)
	}
}

func TestRecordsOfDifferentRulesFillEachOthersBlanks(t *testing.T) {
	s := open(t)
	row := func(who, boss, territory string) map[int]insights.Record {
		return map[int]insights.Record{
			1: insights.PersonRecord{Key: who, Name: who, Manager: boss, Territory: territory},
			2: insights.PersonRecord{Key: boss, Name: boss, Role: "manager"},
		}
	}
	rows := rowsOf{
		one(insights.Territory{Key: "North"}),
		row("Bo", "Ada", "North"),
		{1: insights.PersonRecord{Key: "Ada", Name: "Ada", Territory: "North"}},
		row("Cy", "Bo", "North"),
		{2: insights.PersonRecord{Key: "Cy", Name: "Cyrus"}}, // who is called otherwise
	}
	got := rows.apply(t, s)
	if want := (insights.Tally{Rows: 5, Used: 4, Rejected: 1}); got.Total != want {
		t.Errorf("%+v, want %+v: %+v", got.Total, want, got.Rejects)
	}
	people := column(t, s, `
		select p.external_id || ' ' || p.name || ' ' || p.role || ' ' || coalesce(t.name, '-')
		from person p
		left join territory_member m on m.person_id = p.id
		left join territory t on t.id = m.territory_id order by 1`)
	if diff := cmp.Diff([]string{"Ada Ada manager North", "Bo Bo manager North", "Cy Cy rep North"}, people); diff != "" {
		t.Error(diff)
	}
	again := rows.apply(t, s)
	if want := (insights.Tally{Rows: 5, Unchanged: 4, Rejected: 1}); again.Total != want || !again.Same() {
		t.Errorf("the same again: %+v, want %+v", again.Total, want)
	}
}

func TestReferencesMayBeAddressesAndNamesInAnyOrder(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	stage := insights.Stage{Name: "Engaging", Position: 1, Outcome: insights.Open}
	deal := func(key, account, owner string) map[int]insights.Record {
		return one(insights.Opportunity{Key: key, Account: account, Owner: owner, Stage: stage.Name})
	}
	got := rowsOf{
		deal("N1", "globex", "CAROL@acme.test"), // both stored
		deal("N2", "Hooli", "dave stone"),       // both behind
		deal("N3", "A1", "carol"),               // by key
		deal("N4", "A1", "nobody@acme.test"),
		deal("N5", "Twin", "carol"),
		one(insights.PersonRecord{Key: "dave", Name: "Dave Stone", Manager: "Alice Moreau"}),
		one(insights.Account{Key: "A7", Name: "Hooli"}),
		one(insights.Account{Key: "A8", Name: "Twin"}),
		one(insights.Account{Key: "A9", Name: "Twin"}),
	}.apply(t, s)
	deals := column(t, s, `
		select o.external_id || ' ' || a.external_id || ' ' || p.external_id
		from opportunity o join account a on a.id = o.account_id join person p on p.id = o.owner_id
		where o.external_id like 'N%' order by 1`)
	if diff := cmp.Diff([]string{"N1 A1 carol", "N2 A7 dave", "N3 A1 carol"}, deals); diff != "" {
		t.Error(diff)
	}
	var rejected []string
	for _, r := range got.Rejects {
		rejected = append(rejected, fmt.Sprintf("%d %s %s %s", r.Line, r.Column, r.Value, r.Reason))
	}
	want := []string{
		"5 Seller nobody@acme.test names a person that is neither stored nor in these files",
		"6 account Twin is the name of more than one account: A8, A9",
	}
	if diff := cmp.Diff(want, rejected); diff != "" {
		t.Error(diff)
	}
}

func TestTooManyRejectedRowsChangeNothingAndSayWhy(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	before := contents(t, s)
	read := func(sink insights.Sink) error {
		for line := range 100 {
			place := insights.Place{File: "in.csv", Line: line + 2}
			var err error
			if line < 3 {
				err = sink.Reject(insights.Reject{Place: place, Column: "price", Value: "much", Reason: "is not an amount"})
			} else {
				err = sink.Row(place, []insights.Told{{Rule: &insights.Rule{Number: 1}, Record: insights.Product{Key: fmt.Sprint("Q", line)}}})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	for limit, fits := range map[float64]bool{0: false, 0.02: false, 0.03: true, 1: true} {
		got, err := s.Import(t.Context(), store.ImportOptions{Now: noon, MaxRejected: &limit, DryRun: fits}, read)
		var fault *insights.Error
		if tooMany := errors.As(err, &fault) && fault.Code == "too_many_rejected"; tooMany == fits || got.Aborted == fits {
			t.Errorf("at most %g: %v, aborted %v", limit, err, got.Aborted)
		}
		if want := (insights.Tally{Rows: 100, Used: 97, Rejected: 3}); got.Total != want || len(got.Groups) != 1 || got.Groups[0].Count != 3 {
			t.Errorf("at most %g: %+v %+v", limit, got.Total, got.Groups)
		}
	}
	if diff := cmp.Diff(before, contents(t, s)); diff != "" {
		t.Errorf("something was changed:\n%s", diff)
	}
}

func TestAReadingThatFailsLeavesEverythingAsItIs(t *testing.T) {
	s := open(t)
	before := contents(t, s)
	broken := &insights.Error{Code: "unreadable_file", Message: "It cannot be read."}
	_, err := s.Import(t.Context(), store.ImportOptions{Now: noon}, func(sink insights.Sink) error {
		return errors.Join(acme().read(sink), broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	_, err = s.Import(ctx, store.ImportOptions{Now: noon}, func(sink insights.Sink) error {
		stop()
		return acme().read(sink)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, contents(t, s)); diff != "" {
		t.Errorf("something was changed:\n%s", diff)
	}
}

func TestAConnectionThatIsLostWhileRecordsAreTakenInEndsTheImport(t *testing.T) {
	s := open(t)
	_, err := s.Import(t.Context(), store.ImportOptions{Now: noon}, func(sink insights.Sink) error {
		rule := &insights.Rule{Number: 1}
		for line := range 50_000 {
			record := insights.Product{Key: fmt.Sprint("Q", line), Name: "A product with a name"}
			if line == 20_000 {
				column(t, s, `
					select pg_terminate_backend(pid, 10000)::text from pg_stat_activity
					where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`)
			}
			if err := sink.Row(insights.Place{File: "in.csv", Line: line + 2}, []insights.Told{{Rule: rule, Record: record}}); err != nil {
				return err
			}
		}
		return nil
	})
	var fault *insights.Error
	if !errors.As(err, &fault) || fault.Code != "database_unreachable" {
		t.Errorf("got %v", err)
	}
}

// Whatever is in the files, every row is accounted for, and the same files
// again find nothing to do.
func TestEveryRowIsUsedUnchangedOrRejected(t *testing.T) {
	s := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		b := dirty(rt)
		got, err := b.apply(t.Context(), s, store.ImportOptions{Actor: "rapid", Now: noon})
		if err != nil {
			rt.Fatal(err)
		}
		balances(rt, b, got)
		if (got.Total.Used == 0) != got.Same() {
			rt.Fatalf("%d rows used, added %v, changed %v", got.Total.Used, got.Added, got.Changed)
		}
		again, err := b.apply(t.Context(), s, store.ImportOptions{Actor: "rapid", Now: noon})
		if err != nil {
			rt.Fatal(err)
		}
		balances(rt, b, again)
		if again.Total.Used > 0 || !again.Same() || again.Revision != got.Revision {
			rt.Fatalf("the same again: %+v %v %v, first %+v", again.Total, again.Added, again.Changed, got.Total)
		}
	})
}

// balances checks that the tallies add up and agree with the single rejects.
func balances(rt *rapid.T, b batch, got applied) {
	var sum insights.Tally
	for _, f := range got.Files {
		if f.Rows != f.Used+f.Unchanged+f.Rejected || f.Used < 0 || f.Unchanged < 0 {
			rt.Fatalf("%+v does not balance", f)
		}
		sum.Rows += f.Rows
		sum.Used += f.Used
		sum.Unchanged += f.Unchanged
		sum.Rejected += f.Rejected
	}
	rejected := map[insights.Place]bool{}
	for _, r := range got.Rejects {
		rejected[r.Place] = true
	}
	grouped := 0
	for _, g := range got.Groups {
		grouped += g.Count
	}
	if sum != got.Total || sum.Rejected != len(rejected) || grouped != len(got.Rejects) {
		rt.Fatalf("total %+v, files %+v, %d rows in %d rejects, %d of them in groups", got.Total, sum, len(rejected), len(got.Rejects), grouped)
	}
	said := 0
	for _, n := range sizes(b) {
		said += n
	}
	if sum.Rows != said {
		rt.Fatalf("%d rows of %d", sum.Rows, said)
	}
}

// dirty draws what real exports are like: keys that come twice, names instead of
// keys, references that lead nowhere or in circles, closed deals without a day.
func dirty(rt *rapid.T) batch {
	people := []string{"", "ann", "ben", "Ann Ash", "ben@x.test", "zoe"}
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(rt, label) }
	times := func(label string) int { return rapid.IntRange(0, 5).Draw(rt, label) }
	day := func(label string) time.Time {
		return rapid.SampledFrom([]time.Time{{}, date("2026-01-01"), date("2026-02-01")}).Draw(rt, label)
	}
	b := acme()
	for range times("people") {
		b.People = append(b.People, insights.PersonRecord{
			Key: pick("person", "ann", "ben", "cat"), Name: pick("name", "", "Ann Ash", "Ben Birch"), Email: pick("email", "", "ann@x.test", "ben@x.test"),
			Manager: pick("manager", people...), Territory: pick("territory", "", "emea", "Americas", "nowhere"), Since: day("since"),
		})
	}
	for range times("accounts") {
		b.Accounts = append(b.Accounts, insights.Account{
			Key: pick("account", "B1", "B2", "B3"), Name: pick("called", "", "Bolt", "Nut"), Parent: pick("parent", "", "B1", "B2", "Bolt", "Globex", "B9"),
		})
	}
	for range times("deals") {
		b.Deals = append(b.Deals, insights.Opportunity{
			Key: pick("deal", "E1", "E2", "E3"), Account: pick("of", "", "B1", "Nut", "Globex", "B9"), Owner: pick("owner", people...),
			Stage: pick("stage", "", "Engaging", " won", "LOST", "Limbo"), CloseOn: day("closed"),
		})
	}
	for range times("assignments") {
		b.Assignments = append(b.Assignments, insights.Assignment{
			Person: pick("assigned", people[1:]...), Manager: pick("under", people...), Since: day("from"),
		})
	}
	for range times("quotas") {
		first := day("first")
		if first.IsZero() {
			first = date("2026-03-01")
		}
		b.Quotas = append(b.Quotas, insights.Quota{
			Person: pick("whose", people[1:]...), Measure: "bookings", First: first, Last: first.AddDate(0, rapid.IntRange(1, 2).Draw(rt, "months"), -1),
			Amount: *usd(rapid.Int64Range(1, 2).Draw(rt, "amount")),
		})
	}
	for range times("costs") {
		b.Costs = append(b.Costs, insights.CostLine{
			Key: pick("cost", "K1", "K2"), Opportunity: pick("for", "D1", "E1", "E2", "E9"), Kind: insights.DirectCost, Amount: *usd(5),
		})
	}
	return b
}
