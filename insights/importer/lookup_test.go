package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/importer"
)

const lookupMapping = `
stages: {Open: open}
files:
  - match: deals.csv
    opportunities:
      key: Id
      stage: {constant: Open}
      owner: {column: Owner Email, lookup: email, rename: {nobody: ""}}
      account: {column: Account, lookup: name}
  - match: staff.csv
    people:
      key: Id
      name: Name
      email: {column: Mail, optional: true}
      manager: {column: Boss, lookup: name}
  - match: customers.csv
    accounts:
      key: Id
      name: {column: Name, optional: true}
`

// The files stand in an order in which each refers to a later one.
var lookupFiles = map[string]string{
	"deals.csv":     "Id,Owner Email,Account\nd1,ADA@firm.example,Acme\nd2,nobody,\nd3,cy@firm.example,\nd7,,Globex\nd4,bo@firm.example,Hooli\nd5,bo@firm.example,acme\nd6,,c4\n",
	"staff.csv":     "Id,Name,Mail,Boss\np1,Ada Boss,Ada@firm.example,\np2,Bo Rep,bo@firm.example,Ada Boss\np3,Bo Rep,,Bo Rep\np4,Di,,Di\n",
	"customers.csv": "Id,Name\nc1,Acme\nc2,Globex\nc3,Globex\nc1,Acme\nc4,\n",
}

func TestReferencesAreLookedUpInTheOtherFiles(t *testing.T) {
	batch, report := readLookups(t)
	wantDeals := []insights.Opportunity{
		{Key: "d1", Owner: "p1", Account: "c1", Stage: "Open"},
		{Key: "d2", Stage: "Open"},
	}
	wantPeople := []insights.PersonRecord{
		{Key: "p1", Name: "Ada Boss", Email: "Ada@firm.example"},
		{Key: "p2", Name: "Bo Rep", Email: "bo@firm.example", Manager: "p1"},
	}
	if diff := cmp.Diff(wantDeals, batch.Deals) + cmp.Diff(wantPeople, batch.People); diff != "" {
		t.Errorf("%s\n%+v", diff, report.Rejects)
	}
}

func TestALookupThatFindsNoneOrSeveralRejectsTheRow(t *testing.T) {
	_, report := readLookups(t)
	var got []string
	for _, r := range report.Rejects {
		got = append(got, strings.Join([]string{r.File, r.Column, r.Value, r.Reason}, " | "))
	}
	want := []string{
		"customers.csv | Name |  | is empty, and every account needs its name",
		"deals.csv | Owner Email | cy@firm.example | is the e-mail address of no person in these files",
		"deals.csv | Account | Globex | is the name of more than one account in these files: c2, c3",
		"deals.csv | Account | Hooli | is the name of no account in these files",
		"deals.csv | Account | acme | is the name of no account in these files",
		"deals.csv | Account | c4 | is the name of no account in these files",
		"staff.csv | Boss | Bo Rep | is the name of more than one person in these files: p2, p3",
		"staff.csv | Boss | Di | refers to the person itself",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func readLookups(t *testing.T) (insights.Batch, importer.Report) {
	t.Helper()
	m, err := importer.ParseMapping("test.yaml", []byte(lookupMapping))
	if err != nil {
		t.Fatal(err)
	}
	batch, report, err := read(t, lookupFiles, importer.Options{Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, report)
	return batch, report
}
