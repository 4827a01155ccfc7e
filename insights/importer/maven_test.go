package importer_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/metric"
)

// testData is the folder of sample data that is not part of the project.
func testData(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("SALESBOT_TESTDATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(root, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the sample data %s is not here; set SALESBOT_TESTDATA to its folder", name)
	}
	return path
}

func loadMapping(t testing.TB, name string) *importer.Mapping {
	t.Helper()
	m, err := importer.LoadMapping(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func readMaven(t testing.TB) (string, batch, importer.Report) {
	t.Helper()
	folder := testData(t, "maven_crm")
	batch, report, err := readAll(context.Background(), []string{folder}, importer.Options{
		Mapping: loadMapping(t, "maven"), Company: metric.DefaultCompany(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder, batch, report
}

// rawRows reads a file the plain way, as a second opinion.
func rawRows(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// tally is what the published figures of the data set are checked by.
type tally struct {
	Deals       int
	ByStage     map[string]int
	Won         int64 // cents
	WithAmount  int
	WithAccount int
	GTXPro      int
}

func TestMavenDealsAgreeWithTheRawFile(t *testing.T) {
	folder, batch, _ := readMaven(t)
	want := tally{ByStage: map[string]int{}}
	for _, row := range rawRows(t, filepath.Join(folder, "sales_pipeline.csv")) {
		want.Deals++
		want.ByStage[row["deal_stage"]]++
		if row["account"] != "" {
			want.WithAccount++
		}
		if row["product"] == "GTXPro" {
			want.GTXPro++
		}
		if row["deal_stage"] == "Won" {
			dollars, err := strconv.ParseInt(row["close_value"], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			want.Won += dollars * 100
			want.WithAmount++
		}
	}
	got := tally{ByStage: map[string]int{}}
	for _, deal := range batch.Deals {
		got.Deals++
		got.ByStage[deal.Stage]++
		if deal.Account != "" {
			got.WithAccount++
		}
		if deal.Product == "GTX Pro" {
			got.GTXPro++
		}
		if deal.Amount != nil {
			got.WithAmount++
			got.Won += deal.Amount.Minor
			if deal.Amount.Currency != "USD" || deal.Stage != "Won" {
				t.Errorf("deal %s (%s) has the amount %v", deal.Key, deal.Stage, *deal.Amount)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	published := tally{
		Deals:   8800,
		ByStage: map[string]int{"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500},
		Won:     10_005_534_00, WithAmount: 4238, WithAccount: 7375, GTXPro: 1480,
	}
	if diff := cmp.Diff(published, got); diff != "" {
		t.Error(diff)
	}
}

func TestMavenPeopleAndTerritories(t *testing.T) {
	_, batch, _ := readMaven(t)
	people := map[string]insights.PersonRecord{}
	managers := 0
	for _, p := range batch.People {
		people[p.Key] = p
		if p.Role == "manager" {
			managers++
		}
	}
	if len(people) != 41 || managers != 6 || len(batch.Territories) != 3 {
		t.Errorf("%d people, %d managers, %d territories; want 41, 6, 3", len(people), managers, len(batch.Territories))
	}
	want := []insights.PersonRecord{
		{Key: "Anna Snelling", Email: "anna.snelling@maven.example", Manager: "Dustin Brinkmann", Territory: "Central"},
		{Key: "Mei-Mei Johns", Email: "mei-mei.johns@maven.example", Manager: "Melvin Marxen", Territory: "Central"},
		{Key: "Summer Sewald", Email: "summer.sewald@maven.example", Role: "manager", Territory: "West"},
	}
	for _, p := range want {
		if diff := cmp.Diff(p, people[p.Key]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestMavenReferencesLeadSomewhere(t *testing.T) {
	_, batch, _ := readMaven(t)
	known := func(kind insights.Kind, key string) bool {
		_, found := batch.At[insights.RecordKey{Kind: kind, Key: key}]
		return key == "" || found
	}
	for _, d := range batch.Deals {
		if !known(insights.KindAccount, d.Account) || !known(insights.KindProduct, d.Product) || !known(insights.KindPerson, d.Owner) {
			t.Errorf("deal %s refers to nothing: %+v", d.Key, d)
		}
	}
	for _, a := range batch.Accounts {
		if !known(insights.KindAccount, a.Parent) || a.Industry == "technolgy" || a.Country == "Philipines" {
			t.Errorf("account %+v", a)
		}
	}
	if len(batch.Accounts) != 85 || len(batch.Products) != 7 {
		t.Errorf("%d accounts, %d products; want 85, 7", len(batch.Accounts), len(batch.Products))
	}
	place := batch.At[insights.RecordKey{Kind: insights.KindOpportunity, Key: "1C1I7A6R"}]
	if place != (insights.Place{File: "sales_pipeline.csv", Line: 2}) {
		t.Errorf("the first deal stands at %+v", place)
	}
}

func TestMavenLoadsWithoutARejectedRow(t *testing.T) {
	_, batch, report := readMaven(t)
	balanced(t, batch)
	if total := batch.imported().Total; total.Rows != 8927 || total.Rejected != 0 {
		t.Errorf("%+v: %+v", total, batch.Rejects)
	}
	if !slices.Contains(report.Unread, "data_dictionary.csv") {
		t.Errorf("the data dictionary is not among what was not read: %v", report.Unread)
	}
	ignored := map[string][]string{}
	for _, f := range report.Files {
		ignored[f.Name] = f.Ignored
	}
	want := map[string][]string{
		"accounts.csv": {"year_established", "revenue", "employees"}, "products.csv": {"sales_price"},
		"sales_pipeline.csv": nil, "sales_teams.csv": nil,
	}
	if diff := cmp.Diff(want, ignored); diff != "" {
		t.Error(diff)
	}
	if records := 4 + 3 + 41 + 85 + 7 + 8800; len(batch.At) != records {
		t.Errorf("%d records have a place, want %d", len(batch.At), records)
	}
}
