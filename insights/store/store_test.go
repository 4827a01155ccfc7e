package store_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// noon is the moment at which these tests take place.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const lease = time.Minute

// worlds is how many histories of imports each property is tried with, unless
// -rapid.checks or RAPID_CHECKS says otherwise: each takes about a second.
const worlds = "40"

func TestMain(m *testing.M) {
	flag.Parse()
	_, given := os.LookupEnv("RAPID_CHECKS")
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		_ = flag.Set("rapid.checks", worlds) // it is a flag of every test with properties
	}
	os.Exit(m.Run())
}

// open gives a test a store of its own.
func open(tb testing.TB) *store.Store {
	tb.Helper()
	return openAt(tb, storetest.DSN(tb))
}

// openAt opens one more store on a database, as another process would.
func openAt(tb testing.TB, dsn string) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func date(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func usd(minor int64) *insights.Money { return &insights.Money{Minor: minor, Currency: "USD"} }

// acme is a small company: Alice leads Bob, who leads Carol.
func acme() batch {
	return batch{
		Source:  "acme.csv",
		TakenAt: noon,
		Stages: []insights.Stage{
			{Name: "Engaging", Position: 1, Outcome: insights.Open},
			{Name: "Won", Position: 2, Outcome: insights.Won},
			{Name: "Lost", Position: 3, Outcome: insights.Lost},
		},
		Territories: []insights.Territory{
			{Key: "emea", Name: "EMEA", Parent: "world"},
			{Key: "world", Name: "World"},
			{Key: "amer", Name: "Americas", Parent: "world"},
		},
		People: []insights.PersonRecord{
			{Key: "carol", Name: "Carol Reyes", Email: "carol@acme.test", Manager: "bob", Territory: "emea"},
			{Key: "bob", Name: "Bob Stone", Email: "Bob@acme.test", Manager: "alice", Territory: "emea"},
			{Key: "alice", Name: "Alice Moreau", Email: "alice@acme.test"},
			{Key: "olga", Name: "Olga Ops", Email: "olga@acme.test", Role: "admin"},
		},
		Accounts: []insights.Account{
			{Key: "A1", Name: "Globex", Industry: "Retail", Country: "France", Parent: "A2"},
			{Key: "A2", Name: "Initech", Industry: "Software", Country: "Norway"},
		},
		Products: []insights.Product{{Key: "P1", Name: "GTX Basic", Family: "GTX"}},
		Deals: []insights.Opportunity{
			{Key: "D1", Name: "First", Account: "A1", Product: "P1", Owner: "carol", Stage: "engaging",
				Amount: usd(12_345), CreatedOn: date("2026-01-05"), CloseOn: date("2026-03-31")},
			{Key: "D2", Owner: "bob", Stage: "Won", Amount: usd(100), CreatedOn: date("2026-01-06"),
				EngagedOn: date("2026-01-07"), CloseOn: date("2026-02-01")},
		},
	}
}

func apply(tb testing.TB, s *store.Store, b batch) applied {
	tb.Helper()
	i, err := b.apply(tb.Context(), s, store.ImportOptions{Actor: "tester", Now: noon})
	if err != nil {
		tb.Fatal(err)
	}
	return i
}
