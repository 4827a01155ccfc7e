package importer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/importer"
)

// autoDeals is a mapping that declares nothing of how values are written.
const autoDeals = `
dates: auto
money: auto
stages: {Open: open}
files:
  - match: "*.csv"
    opportunities:
      key: id
      stage: {constant: Open}
      owner: {column: owner, optional: true}
      name: {column: name, optional: true}
      amount: {column: amount, optional: true}
      currency: {column: currency, optional: true}
      close_on: {column: close, optional: true}
      created_on: {column: created, optional: true}
`

// readAuto reads one file of deals without declared formats.
func readAuto(t testing.TB, text string, opt importer.Options) (batch, importer.Report, error) {
	t.Helper()
	m, err := importer.ParseMapping("auto.yaml", []byte(autoDeals))
	if err != nil {
		t.Fatal(err)
	}
	opt.Mapping = m
	return read(t, map[string]string{"deals.csv": text}, opt)
}

// told shows what became of the rows: the closing days and amounts, or why not.
func told(t *testing.T, text string, opt importer.Options) string {
	t.Helper()
	batch, report, err := readAuto(t, text, opt)
	var fault *insights.Error
	if errors.As(err, &fault) {
		return fault.Code + ": " + fault.Message + " | " + fault.Hint
	}
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, batch)
	var out []string
	for _, d := range batch.Deals {
		said := d.Key
		if !d.CloseOn.IsZero() {
			said += " " + d.CloseOn.Format(time.DateOnly)
		}
		if d.Amount != nil {
			said += fmt.Sprintf(" %d %s", d.Amount.Minor, d.Amount.Currency)
		}
		out = append(out, said)
	}
	for _, r := range batch.Rejects {
		out = append(out, fmt.Sprintf("line %d %s %s: %s", r.Line, r.Column, r.Value, r.Reason))
	}
	for _, f := range report.Files {
		for _, note := range f.Notes {
			out = append(out, "note: "+note)
		}
	}
	return strings.Join(out, "\n")
}

func TestTheFileShowsHowItIsWritten(t *testing.T) {
	const (
		twoDays    = "can be read as two different days; --dates dmy (day first) or --dates mdy (month first) says which is meant"
		twoAmounts = "can be read as two different amounts; --decimal . or --decimal , says which is meant"
	)
	tests := []struct {
		name, text string
		opt        importer.Options
		want       string
	}{
		{
			name: "one value shows the order of all, also of those before it",
			text: "id,close\na,3/4/2025\nb,3/14/2025\n",
			want: "a 2025-03-04\nb 2025-03-14",
		},
		{
			name: "and of other columns",
			text: "id,created,close\na,14/03/2025,3/4/2025\n",
			want: "a 2025-04-03",
		},
		{
			name: "no value shows the order",
			text: "id,close\na,2025-03-14\nb,03/04/2025\nc,05/06/2025\n",
			want: "undecided_format: deals.csv has days that can be read in two ways (close 03/04/2025 in line 3), and none that shows whether the day or the month comes first. Nothing was loaded." +
				" | Import it with --dates dmy if the day comes first, --dates mdy if the month does.",
		},
		{
			name: "the flag answers",
			text: "id,close\na,03/04/2025\nb,05/06/2025\n",
			opt:  importer.Options{Dates: "dmy"},
			want: "a 2025-04-03\nb 2025-06-05",
		},
		{
			name: "the same in both orders is no question",
			text: "id,close\na,05/05/2025\nb,14.03.2025\nc,2025-03-04\n",
			want: "a 2025-05-05\nb 2025-03-14\nc 2025-03-04",
		},
		{
			name: "both orders occur",
			text: "id,close\na,3/14/2025\nb,14/3/2025\nc,3/4/2025\n",
			want: "a 2025-03-14\nb 2025-03-14\nline 4 close 3/4/2025: " + twoDays +
				"\nnote: both orders of day and month occur (14/3/2025 in line 3; 3/14/2025 in line 2), so days that can be read in both are rejected",
		},
		{
			name: "the flag rules out what contradicts it",
			text: "id,close\na,3/14/2025\nb,14/3/2025\nc,3/4/2025\n",
			opt:  importer.Options{Dates: "mdy"},
			want: "a 2025-03-14\nc 2025-03-04\nline 3 close 14/3/2025: is no day of the calendar, if the month stands before the day",
		},
		{
			name: "points say nothing about slashes",
			text: "id,close\na,14.03.2025\nb,3/4/2025\n",
			want: "undecided_format: deals.csv has days that can be read in two ways (close 3/4/2025 in line 3), and none that shows whether the day or the month comes first. Nothing was loaded." +
				" | Import it with --dates dmy if the day comes first, --dates mdy if the month does.",
		},
		{
			name: "short years are noted",
			text: "id,created,close\na,02/23/26,02/03/24\nb,02/24/26,2024-02-03\n",
			want: "a 2024-02-03\nb 2024-02-03\nnote: close: 1 year of two digits guessed to be 2000 to 2099\nnote: created: 2 years of two digits guessed to be 2000 to 2099",
		},
		{
			name: "a row that is not one shows nothing",
			text: "id,close\na,3/14/2025,x,y\nb,05/05/2025\n",
			want: "b 2025-05-05\nline 2  a,3/14/2025,x,y: the row has 4 cells, but the header has 2; a value that has a comma in it must be quoted",
		},
		{
			name: "one amount shows the sign of all",
			text: "id,amount\na,\"45,300\"\nb,\"1,234.50\"\nc,1.234\n",
			want: "a 4530000 USD\nb 123450 USD\nline 4 amount 1.234: has more decimals than USD (2)",
		},
		{
			name: "the comma",
			text: "id,amount\na,1.234\nb,\"12,5\"\n",
			want: "a 123400 USD\nb 1250 USD",
		},
		{
			name: "no amount shows the sign",
			text: "id,amount\na,45300\nb,\"45,300\"\n",
			want: "undecided_format: deals.csv has amounts that can be read in two ways (amount 45,300 in line 3), and none that shows whether the point or the comma is the decimal sign. Nothing was loaded." +
				" | Import it with --decimal . if the point is the decimal sign, --decimal , if the comma is.",
		},
		{
			name: "that flag answers",
			text: "id,amount\na,\"$45,300\"\nb,45.3k\n",
			opt:  importer.Options{Decimal: "."},
			want: "a 4530000 USD\nb 4530000 USD",
		},
		{
			name: "yen have no decimals, and so they show the sign",
			text: "id,amount,currency\na,\"45,300\",JPY\nb,\"45,000\",JPY\n",
			want: "a 45300 JPY\nb 45000 JPY",
		},
		{
			name: "both signs occur",
			text: "id,amount\na,1.5\nb,\"1,5\"\nc,1.500\nd,\"1.234,56\"\n",
			want: "a 150 USD\nb 150 USD\nd 123456 USD\nline 4 amount 1.500: " + twoAmounts +
				"\nnote: both decimal signs occur (1.5 in line 2; 1,5 in line 3), so amounts that can be read by both are rejected",
		},
		{
			name: "noughts of a warehouse",
			text: "id,amount\na,25000.0000\nb,45.300\n",
			want: "a 2500000 USD\nb 4530 USD",
		},
		{
			name: "two questions at once",
			text: "id,amount,close\na,\"45,300\",3/4/2025\n",
			want: "undecided_format: deals.csv has days that can be read in two ways (close 3/4/2025 in line 2), and none that shows whether the day or the month comes first; " +
				"it has amounts that can be read in two ways (amount 45,300 in line 2), and none that shows whether the point or the comma is the decimal sign. Nothing was loaded." +
				" | Import it with --dates dmy if the day comes first, --dates mdy if the month does; and with --decimal . if the point is the decimal sign, --decimal , if the comma is.",
		},
		{
			name: "the amount names its currency",
			text: "id,amount,currency\na,€5,\nb,€5,EUR\nc,€5,USD\nd,5,GBP\n",
			want: "a 500 EUR\nb 500 EUR\nd 500 GBP\nline 4 amount €5: is not in the currency that its row or file names (USD)",
		},
		{
			name: "the currency of the file",
			text: "id,amount\na,5\nb,$5\nc,€5\n",
			opt:  importer.Options{Currency: "CAD"},
			want: "a 500 CAD\nb 500 CAD\nc 500 EUR",
		},
		{
			name: "what nobody knows",
			text: "id,name,owner,amount,close\na,None,none,TBD,n/a\nb,-,000000000000000AAA,#N/A,-\nc,x,ada,5,2025-03-14\n",
			want: "a\nb\nc 2025-03-14 500 USD\nnote: amount: 2 cells taken for unknown\nnote: close: 2 cells taken for unknown\nnote: owner: 2 cells taken for unknown",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := told(t, test.text, test.opt); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestNamesAreNeverTakenForUnknown(t *testing.T) {
	batch, _, err := readAuto(t, "id,name,owner\na,None,NULL\n", importer.Options{})
	if err != nil || batch.Deals[0].Name != "None" || batch.Deals[0].Owner != "" {
		t.Errorf("got %+v, %v", batch.Deals, err)
	}
}

// More values in a file may answer what was open. They never make another day of
// a value than the one that the order they show would.
func TestMoreEvidenceNeverChangesAReading(t *testing.T) {
	day := rapid.StringMatching(`[0-3]?[0-9]/[0-3]?[0-9]/20[0-9]{2}`)
	rapid.Check(t, func(rt *rapid.T) {
		few := rapid.SliceOfN(day, 1, 4).Draw(rt, "few")
		more := append(append([]string{}, few...), rapid.SliceOfN(day, 0, 4).Draw(rt, "more")...)
		declared := map[string]map[string]string{}
		for _, order := range []string{"dmy", "mdy"} {
			declared[order] = closings(t, more, order)
		}
		before, after := closings(t, few, ""), closings(t, more, "")
		for id, said := range after {
			if said != declared["dmy"][id] && said != declared["mdy"][id] {
				rt.Fatalf("%s is %s in no declared order", id, said)
			}
			if earlier, used := before[id]; used && earlier != said {
				rt.Fatalf("%s was %s and is %s", id, earlier, said)
			}
		}
	})
}

// closings are the closing days by the line they are from.
func closings(t *testing.T, days []string, order string) map[string]string {
	t.Helper()
	var text strings.Builder
	text.WriteString("id,close\n")
	for i, day := range days {
		fmt.Fprintf(&text, "%d,%s\n", i, day)
	}
	batch, _, err := readAuto(t, text.String(), importer.Options{Dates: order})
	var fault *insights.Error
	if err != nil && (!errors.As(err, &fault) || fault.Code != "undecided_format") {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, d := range batch.Deals {
		found[d.Key] = d.CloseOn.Format(time.DateOnly)
	}
	return found
}

func TestFlagsThatContradictTheMappingAreRefused(t *testing.T) {
	const declared = "%s\nstages: {Open: open}\nfiles: {match: deals.csv, opportunities: {key: id, stage: {constant: Open}, close_on: {column: close, optional: true}}}\n"
	tests := []struct {
		writing string
		opt     importer.Options
		want    string
	}{
		{"dates: [DD/MM/YYYY]", importer.Options{Dates: "dmy"}, "format_declared: --dates dmy cannot be used"},
		{"dates: {order: dmy}", importer.Options{Dates: "mdy"}, "format_declared: --dates mdy cannot be used"},
		{"money: {currency: EUR}", importer.Options{Decimal: ",", Currency: "USD"}, "format_declared: --decimal , and --currency USD cannot be used"},
		{"money: {auto: true, decimal: \",\"}", importer.Options{Decimal: "."}, "format_declared: --decimal . cannot be used"},
		{"dates: auto", importer.Options{Dates: "dmy"}, ""},
		{"money: auto", importer.Options{Decimal: ",", Currency: "USD"}, ""},
		{"dates: auto", importer.Options{Dates: "ymd"}, "bad_format_option: --dates ymd means nothing"},
		{"money: auto", importer.Options{Decimal: ";"}, "bad_format_option: --decimal ; means nothing"},
		{"money: auto", importer.Options{Currency: "Euro"}, "bad_format_option: --currency Euro means nothing"},
	}
	for _, test := range tests {
		m, err := importer.ParseMapping("mine.yaml", fmt.Appendf(nil, declared, test.writing))
		if err != nil {
			t.Fatal(err)
		}
		test.opt.Mapping = m
		_, _, err = read(t, map[string]string{"deals.csv": "id,close\na,\n"}, test.opt)
		var fault *insights.Error
		got := ""
		if errors.As(err, &fault) {
			got = fault.Code + ": " + fault.Message
		}
		if !strings.HasPrefix(got, test.want) || (test.want == "") != (err == nil) {
			t.Errorf("%s with %+v: got %q, want %q", test.writing, test.opt, got, test.want)
		}
	}
}

func TestBlanksAndIDsByAMapping(t *testing.T) {
	batch, _ := readMapped(t, `
blanks: [TBD, n/a, "-"]
ids: salesforce
stages: {Open: open}
files:
  - match: deals.csv
    opportunities: {key: id, name: name, stage: {constant: Open}, owner: owner, next_step: next, close_on: close}
`, "deals.csv", "id,name,owner,next,close\n"+
		"006bm00000LKJNN,tbd,0051G0000060rqhQAA,N/A,-\n"+
		"006bm00000LKJNOAA5,Christophersons,0051G0000060rqh,call,2025-03-14\n"+
		"006bm00000lkjnnaa5,x,,,\n")
	var got []string
	for _, d := range batch.Deals {
		got = append(got, fmt.Sprintf("%s %q %s %q %t", d.Key, d.Name, d.Owner, d.NextStep, d.CloseOn.IsZero()))
	}
	want := `006bm00000LKJNNAA5 "" 0051G0000060rqhQAA "" true
006bm00000LKJNOAA5 "Christophersons" 0051G0000060rqhQAA "call" false`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if len(batch.Rejects) != 1 || batch.Rejects[0].Line != 4 || !strings.Contains(batch.Rejects[0].Reason, "damaged") {
		t.Errorf("rejected: %v", batch.Rejects)
	}
}

func TestTextIsNeverCutOff(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	mapping := "stages: {Open: open}\nfiles: {match: deals.csv, opportunities: {key: id, name: name, stage: {constant: Open}, next_step: next}}\n"
	batch, _ := readMapped(t, mapping, "deals.csv", "id,name,next\n"+
		"a,"+long(500)+","+long(10_000)+"\n"+
		"b,"+long(501)+",\n"+
		"c,,"+long(10_001)+"\n")
	if len(batch.Deals) != 1 || batch.Deals[0].Name != long(500) || batch.Deals[0].NextStep != long(10_000) {
		t.Errorf("%d deals are used", len(batch.Deals))
	}
	var got []string
	for _, r := range batch.Rejects {
		got = append(got, fmt.Sprintf("%d %s %s", r.Line, r.Column, r.Reason))
	}
	if want := "3 name is longer than a name can be (500 letters)\n4 next is longer than a text can be (10000 letters)"; strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
