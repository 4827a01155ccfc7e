package importer_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/importer"
)

// What the writer of a mapping is told, all faults at once.
func TestFaultyMappings(t *testing.T) {
	const file = "files:\n  - match: deals.csv\n    opportunities:\n"
	tests := []struct{ name, text string }{
		{"empty", "# nothing\n"},
		{"not YAML", "files: [a, b\n"},
		{"a key twice", "name: a\nname: b\n"},
		{"a list", "- files\n"},
		{"two documents", "name: a\nfiles: []\n---\nname: b\n"},
		{"no files", "name: a\n"},
		{"unknown keys everywhere", `
nmae: a
money: {decimals: "."}
files:
  - match: deals.csv
    people:
      key: id
      nick: n
    opportunities:
      key: {colum: id}
      stage: {column: s, rename: {a: b}, once: true}
`},
		{"required fields", "files:\n  - match: people.csv\n    people: {name: n}\n  - match: deals.csv\n    opportunities: {key: k}\n"},
		{"a file that feeds nothing", "files:\n  - match: people.csv\n  - match: \"[\"\n    people: {key: k}\n"},
		{"a field from two places or none", file + "      key: {column: k, constant: c}\n      stage: {rename: {a: b}}\n      owner: {column: }\n      name:\n"},
		{"what cannot be", file + `      key: {column: k, optional: maybe}
      stage: {column: s, optional: true}
      name: {template: "{first name", slug: true}
      account: {column: a, slug: true}
      currency: {constant: Euro}
      close_on: {constant: 1.1.2024}
`},
		{"formats", `
encoding: latin1
delimiter: "::"
dates: [YYYY-MM-DD, dd/mm/yy]
money: {decimal: ",", thousands: ",", currency: EURO}
stages: {Open: opened, Won: won, won: won}
files:
  - match: people.csv
    people: {key: k, role: {constant: boss}, email: {constant: nobody}}
  - match: people.csv
    people: {key: k}
`},
		{"an alias of nothing", file + "      key: *id\n      stage: s\n"},
		{"structure where text stands", file + "      key: [a]\n      stage: {column: {a: b}}\n"},
		{"text where structure stands", "money: USD\nstages: Won\nfiles:\n  - deals.csv\n"},
	}
	var out strings.Builder
	for _, test := range tests {
		m, err := importer.ParseMapping("mine.yaml", []byte(strings.TrimPrefix(test.text, "\n")))
		var fault *insights.Error
		if m != nil || !errors.As(err, &fault) || fault.Code != "bad_mapping" {
			t.Errorf("%s: got %v, %v", test.name, m, err)
			continue
		}
		fmt.Fprintf(&out, "# %s\n%s\n\n", test.name, fault.Message)
	}
	golden(t, "mapping.golden", out.String())
}

func TestMappingsAreFoundByNameOrPath(t *testing.T) {
	if got := importer.Mappings(); !slices.Equal(got, []string{"hubspot", "hubspot_tables", "maven", "native", "salesforce", "salesforce_reports"}) {
		t.Errorf("the product comes with %v", got)
	}
	for _, name := range importer.Mappings() {
		if got := loadMapping(t, name).Name(); got != name {
			t.Errorf("%s calls itself %s", name, got)
		}
	}
	dir := folder(t, map[string]string{"ours.yaml": "files: {match: a.csv, people: {key: id}}\n"})
	if got := loadMapping(t, dir+"/ours.yaml").Name(); got != "ours" {
		t.Errorf("the mapping is called %s", got)
	}
	_, err := importer.LoadMapping("mavn")
	var fault *insights.Error
	if !errors.As(err, &fault) || fault.Code != "no_mapping" || !strings.Contains(fault.Hint, "maven") {
		t.Errorf("got %v", err)
	}
}

// readMapped reads one file by a mapping.
func readMapped(t *testing.T, mapping, name, text string) (batch, importer.Report) {
	t.Helper()
	m, err := importer.ParseMapping("test.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	batch, report, err := read(t, map[string]string{name: text}, importer.Options{Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, batch)
	return batch, report
}

func TestAGermanExportByItsMapping(t *testing.T) {
	batch, _ := readMapped(t, `
dates: [DD.MM.YYYY]
money: {decimal: ",", thousands: ".", symbol: €, currency: EUR}
delimiter: ";"
stages:
  Angebot: open
  Auftrag: won
  Verloren: lost
files:
  - match: Auftr*.csv
    opportunities:
      key: {template: "{Jahr}/{Nr}"}
      stage: {column: Phase, rename: {Bestellt: Auftrag}}
      amount: {column: Wert, only_when: {Phase: [Auftrag, Bestellt], Art: Neu}}
      owner: {constant: haus}
      close_on: Abschluss
`, "Aufträge.csv", "Jahr;Nr;Phase;Art;Wert;Abschluss\n2024;1;Bestellt;Neu;1.054,50 €;01.02.2024\n2024;2;Auftrag;Alt;7;02.02.2024\n2024;3;Verloren;Neu;0;03.02.2024\n")
	want := []insights.Opportunity{
		{Key: "2024/1", Owner: "haus", Stage: "Auftrag", Amount: &insights.Money{Minor: 105450, Currency: "EUR"}, CloseOn: day(2024, 2, 1)},
		{Key: "2024/2", Owner: "haus", Stage: "Auftrag", CloseOn: day(2024, 2, 2)},
		{Key: "2024/3", Owner: "haus", Stage: "Verloren", CloseOn: day(2024, 2, 3)},
	}
	if diff := cmp.Diff(want, batch.Deals); diff != "" {
		t.Errorf("%s\n%+v", diff, batch.Rejects)
	}
	if place := batch.At[insights.RecordKey{Kind: insights.KindStage, Key: "auftrag"}]; place != (insights.Place{File: "test.yaml", Line: 7}) {
		t.Errorf("the stage stands at %+v", place)
	}
}

func TestARowTellsOfSeveralPeople(t *testing.T) {
	batch, _ := readMapped(t, `
files:
  - match: team.csv
    people:
      - {key: {column: boss, optional: true}, role: {constant: manager}}
      - {key: who, manager: boss, territory: patch}
`, "team.csv", "who,boss,patch\nAda,,World\nBo,Ada,North\n")
	want := []insights.PersonRecord{
		{Key: "Ada", Territory: "World"},
		{Key: "Ada", Role: "manager"},
		{Key: "Bo", Manager: "Ada", Territory: "North"},
	}
	if diff := cmp.Diff(want, batch.People); diff != "" {
		t.Error(diff)
	}
}

func TestARejectedRowLeavesNothingBehind(t *testing.T) {
	batch, _ := readMapped(t, `
files:
  - match: team.csv
    territories: {key: patch}
    people:
      - {key: boss, role: {constant: manager}}
      - {key: who, manager: boss, since: since}
`, "team.csv", "who,boss,patch,since\nBo,Ada,North,yesterday\n")
	if len(batch.People)+len(batch.Territories)+len(batch.At) != 0 {
		t.Errorf("%+v", batch)
	}
}

func TestAnAnchorIsWrittenOnce(t *testing.T) {
	batch, _ := readMapped(t, `
files:
  - match: goods.csv
    products:
      key: &good {column: good, rename: {Anvl: Anvil, "-": ""}}
      name: *good
`, "goods.csv", "good\nAnvl\n-\nHammer\n")
	want := []insights.Product{{Key: "Anvil", Name: "Anvil"}, {Key: "Hammer", Name: "Hammer"}}
	if diff := cmp.Diff(want, batch.Products); diff != "" {
		t.Error(diff)
	}
}

func TestAFileMayBeWrittenInItsOwnWay(t *testing.T) {
	m, err := importer.ParseMapping("test.yaml", []byte(`
dates: [YYYY-MM-DD]
files:
  - match: a*.csv
    people: {key: id, since: d}
  - match: b.csv
    dates: [D/M/YYYY, DD.MM.YYYY]
    delimiter: "|"
    encoding: windows-1252
    people: {key: id, since: d}
`))
	if err != nil {
		t.Fatal(err)
	}
	batch, _, err := read(t, map[string]string{"A1.CSV": "id,d\nx,2024-02-01\n", "b.csv": "id|d\nJos\xe9|1/2/2024\nz|01.02.2024\nEv\xc3\xa9|1/2/2024\n"}, importer.Options{Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	want := []insights.PersonRecord{{Key: "x", Since: day(2024, 2, 1)}, {Key: "José", Since: day(2024, 2, 1)}, {Key: "z", Since: day(2024, 2, 1)}}
	if diff := cmp.Diff(want, batch.People); diff != "" {
		t.Error(diff)
	}
	if len(batch.Rejects) != 1 || !strings.Contains(batch.Rejects[0].Reason, "take encoding: windows-1252 out") {
		t.Errorf("UTF-8 declared as windows-1252: %+v", batch.Rejects)
	}
}

// Whatever is written, the answer is a mapping or faults in words.
func FuzzParseMapping(f *testing.F) {
	f.Add("files: {match: a.csv, people: {key: &a id, name: *a}}\n")
	f.Add("name: x\nmoney: {currency: USD}\ndates: [M/D/YYYY]\nstages: {A: open}\nfiles:\n  - match: '*'\n    opportunities: {key: k, stage: {template: '{a}-{b}', slug: true, only_when: {x: [y, z]}}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := importer.ParseMapping("fuzz.yaml", []byte(text))
		var fault *insights.Error
		if (m == nil) == (err == nil) || err != nil && !errors.As(err, &fault) {
			t.Fatalf("%v, %v", m, err)
		}
	})
}

// The example people copy works, and says that it uses everything.
func TestTheExampleInTheDocsIsAMapping(t *testing.T) {
	page, err := os.ReadFile("../../docs/importing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ := strings.Cut(rest, "```")
	m, err := importer.ParseMapping("example.yaml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	batch, _, err := read(t, map[string]string{
		"Staff-2024.csv": "Name;First;Last;Boss;Office\nAda;Ada;Le\xe9;;Oslo\nBo;Bo;Aas;Ada;Oslo\n",
		"orders.csv":     "Number;Customer;Salesperson;Status;Value;Entered;Closed\n1;ACME;BO.AAS@firm.example;Ordered;1.054,50 €;01.01.2024;2024-02-01\n2;X;ada.lee@firm.example;Offer;7;02.01.2024;\n",
	}, importer.Options{Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	if len(batch.Rejects) > 0 {
		t.Errorf("%+v", batch.Rejects)
	}
	wantPeople := []insights.PersonRecord{
		{Key: "Ada", Email: "ada.lee@firm.example", Territory: "Oslo"},
		{Key: "Ada", Role: "manager"},
		{Key: "Bo", Email: "bo.aas@firm.example", Manager: "Ada", Territory: "Oslo"},
	}
	wantDeals := []insights.Opportunity{
		{Key: "1", Account: "Acme Corporation", Owner: "BO.AAS@firm.example", Stage: "Order", Amount: &insights.Money{Minor: 105450, Currency: "EUR"}, CreatedOn: day(2024, 1, 1), CloseOn: day(2024, 2, 1)},
		{Key: "2", Account: "X", Owner: "ada.lee@firm.example", Stage: "Offer", CreatedOn: day(2024, 1, 2)},
	}
	if diff := cmp.Diff(wantPeople, batch.People) + cmp.Diff(wantDeals, batch.Deals); diff != "" {
		t.Error(diff)
	}
}

// Mappings are sent over Slack, too: none of them may take the bot down.
func TestAMappingWithoutEndIsRefused(t *testing.T) {
	const file = "files:\n  - match: deals.csv\n    opportunities:\n      stage: s\n"
	bomb := "      key: &k0 {column: k}\n"
	for n := range 30 {
		bomb += fmt.Sprintf("      f%d: &k%d {first_of: [*k%d, *k%d]}\n", n, n+1, n, n)
	}
	for name, text := range map[string]string{
		"an alias that leads back to itself": file + "      key: &k {first_of: [*k, id]}\n",
		"aliases that double each other":     file + bomb + "      name: *k30\n",
		"too many bytes":                     file + strings.Repeat("#\n", 1<<17) + "      key: k\n",
	} {
		_, err := importer.ParseMapping("endless.yaml", []byte(text))
		var fault *insights.Error
		if !errors.As(err, &fault) || fault.Code != "bad_mapping" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
