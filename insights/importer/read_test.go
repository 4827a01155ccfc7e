package importer_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/metric"
)

var update = flag.Bool("update", false, "write the golden files anew")

// folder writes files into a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t testing.TB, files map[string]string, opt importer.Options) (batch, importer.Report, error) {
	t.Helper()
	opt.Company = metric.DefaultCompany()
	return readAll(context.Background(), []string{folder(t, files)}, opt)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (run with -update to accept):\n%s", name, diff)
	}
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// company is a small firm in the product's own layout.
func company() map[string]string {
	return map[string]string{
		"stages.csv":        "name,position,outcome\nTalking,1,open\nWon,2,won\nLost,3,lost\n",
		"territories.csv":   "external_id,name,parent\nw,World,\nn,North,w\n",
		"people.csv":        "external_id,name,email,role,manager,territory,since\np1,Ada Boss,ada@firm.example,manager,,w,\np2,Bo Rep,bo@firm.example,rep,p1,n,2024-02-01\n",
		"accounts.csv":      "external_id,name,industry,country,parent\na1,Acme,Steel,Norway,\na2,Acme North,Steel,Norway,a1\n",
		"products.csv":      "external_id,name,family\nx,Anvil,Hardware\n",
		"opportunities.csv": "external_id,name,account,product,owner,stage,amount,currency,created_on,engaged_on,close_on\nd1,Anvils,a1,x,p2,Won,1054.50,EUR,2024-01-02,2024-01-05,2024-02-01\nd2,,,,p2,Talking,,,,,\n",
	}
}

func TestTheOwnLayout(t *testing.T) {
	got, _, err := read(t, company(), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := got.At
	balanced(t, got)
	got.At, got.Rules, got.Files, got.said = nil, nil, nil, nil
	want := batch{
		Stages:      []insights.Stage{{Name: "Talking", Position: 1, Outcome: insights.Open}, {Name: "Won", Position: 2, Outcome: insights.Won}, {Name: "Lost", Position: 3, Outcome: insights.Lost}},
		Territories: []insights.Territory{{Key: "w", Name: "World"}, {Key: "n", Name: "North", Parent: "w"}},
		People: []insights.PersonRecord{
			{Key: "p1", Name: "Ada Boss", Email: "ada@firm.example", Role: "manager", Territory: "w"},
			{Key: "p2", Name: "Bo Rep", Email: "bo@firm.example", Role: "rep", Manager: "p1", Territory: "n", Since: day(2024, 2, 1)},
		},
		Accounts: []insights.Account{{Key: "a1", Name: "Acme", Industry: "Steel", Country: "Norway"}, {Key: "a2", Name: "Acme North", Industry: "Steel", Country: "Norway", Parent: "a1"}},
		Products: []insights.Product{{Key: "x", Name: "Anvil", Family: "Hardware"}},
		Deals: []insights.Opportunity{
			{Key: "d1", Name: "Anvils", Account: "a1", Product: "x", Owner: "p2", Stage: "Won", Amount: &insights.Money{Minor: 105450, Currency: "EUR"}, CreatedOn: day(2024, 1, 2), EngagedOn: day(2024, 1, 5), CloseOn: day(2024, 2, 1)},
			{Key: "d2", Owner: "p2", Stage: "Talking"},
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(batch{})); diff != "" {
		t.Error(diff)
	}
	records := len(want.Stages) + len(want.Territories) + len(want.People) + len(want.Accounts) + len(want.Products) + len(want.Deals)
	if len(at) != records || at[insights.RecordKey{Kind: insights.KindOpportunity, Key: "d2"}] != (insights.Place{File: "opportunities.csv", Line: 3}) {
		t.Errorf("places: %v", at)
	}
}

func TestWhoHasLeftIsSaidOrNot(t *testing.T) {
	got, _, err := read(t, map[string]string{
		"stages.csv": company()["stages.csv"],
		"people.csv": "external_id,name,active\na,A,no\nb,B,FALSE\nc,C,0\nd,D,yes\ne,E,True\nf,F,1\ng,G,\n",
	}, importer.Options{})
	if err != nil || len(got.Rejects) != 0 {
		t.Fatal(err, got.Rejects)
	}
	var said []string
	for _, p := range got.People {
		word := "nothing"
		if p.Active != nil {
			word = fmt.Sprint(*p.Active)
		}
		said = append(said, p.Key+" "+word)
	}
	want := []string{"a false", "b false", "c false", "d true", "e true", "f true", "g nothing"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

// balanced checks that no row is lost between reading and reporting.
func balanced(t *testing.T, b batch) {
	t.Helper()
	rejected := 0
	for _, f := range b.Files {
		if f.Rows != f.Used+f.Rejected {
			t.Errorf("%s does not balance: %+v", f.Name, f)
		}
		rejected += f.Rejected
	}
	if rejected != len(b.Rejects) {
		t.Errorf("%d rows rejected, %d rejects", rejected, len(b.Rejects))
	}
	for _, reject := range b.Rejects {
		if reject.File == "" || reject.Line < 2 || reject.Reason == "" || len([]rune(reject.Value)) > 40 {
			t.Errorf("unfinished reject %+v", reject)
		}
	}
}

func TestRowsThatCannotBeUsed(t *testing.T) {
	const deals = "external_id,owner,stage,amount,currency,close_on\n"
	reject := func(file string, line int, column, value, reason string) insights.Reject {
		return insights.Reject{Place: insights.Place{File: file, Line: line}, Column: column, Value: value, Reason: reason}
	}
	tests := []struct {
		name, file, text string
		want             []insights.Reject
	}{
		{"an impossible day", "opportunities.csv", deals + "1,p1,Talking,,,2017-02-30\n",
			[]insights.Reject{reject("opportunities.csv", 2, "close_on", "2017-02-30", "is no day of the calendar")}},
		{"a year nobody sells in", "opportunities.csv", deals + "1,p1,Talking,,,0217-02-03\n",
			[]insights.Reject{reject("opportunities.csv", 2, "close_on", "0217-02-03", "lies outside the years 1900 to 2200")}},
		{"the other decimal sign", "opportunities.csv", deals + "1,p1,Talking,\"1.054,50\",,\n",
			[]insights.Reject{reject("opportunities.csv", 2, "amount", "1.054,50", "is no number, if the decimal sign is .")}},
		{"parts of a cent", "opportunities.csv", deals + "1,p1,Talking,1.005,,\n2,p1,Talking,1.5,JPY,\n",
			[]insights.Reject{reject("opportunities.csv", 2, "amount", "1.005", "has more decimals than USD (2)"), reject("opportunities.csv", 3, "amount", "1.5", "has more decimals than JPY (0)")}},
		{"more money than fits", "opportunities.csv", deals + "1,p1,Talking,99999999999999999999,,\n",
			[]insights.Reject{reject("opportunities.csv", 2, "amount", "99999999999999999999", "is larger than any amount that can be stored")}},
		{"an unknown currency", "opportunities.csv", deals + "1,p1,Talking,5,Euro,\n",
			[]insights.Reject{reject("opportunities.csv", 2, "currency", "Euro", "is not a currency code of ISO 4217, such as EUR")}},
		{"no key, no stage", "opportunities.csv", deals + " ,p1,Talking,,,\n2,p1,,,,\n",
			[]insights.Reject{reject("opportunities.csv", 2, "external_id", "", "is empty, and every opportunity needs its key"), reject("opportunities.csv", 3, "stage", "", "is empty, and every opportunity needs its stage")}},
		{"too few and too many cells", "opportunities.csv", deals + "1,p1,Talking,5\n2,p1,Talking,5,,,surplus\n3,p1,Talking,5,,,,, \n",
			[]insights.Reject{reject("opportunities.csv", 2, "", "1,p1,Talking,5", "the row has 4 cells, but the header has 6; a value that has a line break in it must be quoted"), reject("opportunities.csv", 3, "", "2,p1,Talking,5,,,surplus", "the row has 7 cells, but the header has 6; a value that has a comma in it must be quoted")}},
		{"a quote in the wrong place, then a good row", "opportunities.csv", deals + "1,p1,Tal\"king,5,,\n2,p1,Talking,5,,\n",
			[]insights.Reject{reject("opportunities.csv", 2, "", "1,p1,Tal", "a quote stands inside an unquoted cell; such a cell must be quoted and the quote doubled")}},
		{"the file ends in a row", "opportunities.csv", deals + "1,p1,Talking,5,,\n2,p1,Talk",
			[]insights.Reject{reject("opportunities.csv", 3, "", "2,p1,Talk", "the file ends in the middle of the row")}},
		{"the file ends in a cell", "opportunities.csv", deals + "1,p1,Talking,5,,\n2,p1,\"Talk\ning,5,,\n",
			[]insights.Reject{reject("opportunities.csv", 3, "", "2,p1,Talk\ning,5,,\n", "the file ends inside a quoted cell; it is cut off, or a closing quote is missing (the cell begins on line 3)")}},
		{"a NUL byte", "products.csv", "external_id,name\nx,An\x00vil\n",
			[]insights.Reject{reject("products.csv", 2, "name", "An\uFFFDvil", "holds a NUL byte, which no text has; the file may be damaged")}},
		{"a row in another encoding", "products.csv", "external_id,name\ny,Crème brûlée\nx,Caf\xe9\n",
			[]insights.Reject{reject("products.csv", 3, "name", "Caf\uFFFD", "is not written in utf-8; save the file as CSV UTF-8, or declare encoding: windows-1252 in a mapping if that is what it is written in")}},
		{"a name that is missing", "products.csv", "external_id,name\nx,\n",
			[]insights.Reject{reject("products.csv", 2, "name", "", "is empty, and every product needs its name")}},
		{"what is no address", "people.csv", "external_id,name,email\np1,Ada,ada at firm\n",
			[]insights.Reject{reject("people.csv", 2, "email", "ada at firm", "is not an e-mail address")}},
		{"an unknown role", "people.csv", "external_id,name,role\np1,Ada,boss\np2,Bo,Rep\n",
			[]insights.Reject{reject("people.csv", 2, "role", "boss", "is not one of rep, manager, analyst, admin")}},
		{"neither here nor gone", "people.csv", "external_id,name,active\np1,Ada,perhaps\np2,Bo,No\n",
			[]insights.Reject{reject("people.csv", 2, "active", "perhaps", "is not one of yes, no, true, false, 1, 0")}},
		{"one's own manager", "people.csv", "external_id,name,manager\np1,Ada,p1\n",
			[]insights.Reject{reject("people.csv", 2, "manager", "p1", "refers to the person itself")}},
		{"stages that cannot be ordered or understood", "stages.csv", "name,position,outcome\nTalking,first,open\nWon,2,victory\nLost,3,lost\n",
			[]insights.Reject{reject("stages.csv", 2, "position", "first", "is not a position, which is a whole number such as 1"), reject("stages.csv", 3, "outcome", "victory", "is not one of open, won, lost")}},
		{"a long value is shortened", "people.csv", "external_id,name,email\np1,Ada," + strings.Repeat("é", 50) + "\n",
			[]insights.Reject{reject("people.csv", 2, "email", strings.Repeat("é", 39)+"…", "is not an e-mail address")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{"stages.csv": company()["stages.csv"]}
			files[test.file] = test.text
			batch, _, err := read(t, files, importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, batch.Rejects, cmpopts.IgnoreFields(insights.Reject{}, "Group")); diff != "" {
				t.Error(diff)
			}
			balanced(t, batch)
		})
	}
}

func TestWhatIsAccepted(t *testing.T) {
	const header = "external_id,name\n"
	want := []insights.Product{{Key: "1", Name: "Ä b"}, {Key: "2", Name: "c"}}
	for name, text := range map[string]string{
		"LF":                           header + "1,Ä b\n2,c\n",
		"CRLF":                         strings.ReplaceAll(header+"1,Ä b\n2,c\n", "\n", "\r\n"),
		"CR":                           strings.ReplaceAll(header+"1,Ä b\n2,c\n", "\n", "\r"),
		"a byte order mark":            "\xef\xbb\xbf" + header + "1,Ä b\n2,c\n",
		"semicolons":                   "external_id;name\n1;Ä b\n2;c\n",
		"tabs":                         "external_id\tname\n1\tÄ b\n2\tc\n",
		"quotes":                       "\"external_id\",\"name\"\n\"1\",\"Ä b\"\n2,c\n",
		"blank lines":                  "\n" + header + "\n1,Ä b\n\n2,c\n\n",
		"no line break at the end":     header + "1,Ä b\n2,c",
		"headers in another case":      " External_ID , NAME\n1,Ä b\n2,c\n",
		"columns in another order":     "name,external_id\nÄ b,1\nc,2\n",
		"blanks around values":         header + " 1 ,\u00a0Ä b\n2,c\t\n",
		"surplus empty cells":          header + "1,Ä b,,\n2,c, \n",
		"columns without a name":       "external_id,name,,\n1,Ä b,,\n2,c,,\n",
		"a column nobody knows":        "external_id,colour,name\n1,red,Ä b\n2,blue,c\n",
		"a comma inside a column name": "external_id;\"name\";\"a,b\"\n1;Ä b;\n2;c;\n",
	} {
		t.Run(name, func(t *testing.T) {
			batch, _, err := read(t, map[string]string{"products.csv": text}, importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, batch.Products); diff != "" {
				t.Errorf("%s\n%v", diff, batch.Rejects)
			}
			balanced(t, batch)
		})
	}
}

// What a person is told when nothing can be used at all.
func TestWholeFilesThatCannotBeUsed(t *testing.T) {
	tests := []struct {
		name, code string
		files      map[string]string
		opt        importer.Options
	}{
		{"an empty file", "empty_file", map[string]string{"people.csv": ""}, importer.Options{}},
		{"only blank lines", "empty_file", map[string]string{"people.csv": "\xef\xbb\xbf\n\n"}, importer.Options{}},
		{"missing columns", "missing_columns", map[string]string{"opportunities.csv": "external_id,stage,colour\n1,Won,red\n"}, importer.Options{}},
		{"a column twice", "duplicate_column", map[string]string{"people.csv": "external_id,name,Name\n1,a,b\n"}, importer.Options{}},
		{"half an archive", "broken_archive", map[string]string{"people.csv": "PK\x03\x04rest"}, importer.Options{}},
		{"gzip", "compressed", map[string]string{"people.csv": "\x1f\x8brest"}, importer.Options{}},
		{"UTF-16 without a mark", "wrong_encoding", map[string]string{"people.csv": "e\x00x\x00t\x00"}, importer.Options{}},
		{"a header in another encoding", "wrong_encoding", map[string]string{"people.csv": "external_id,name,pr\xe9nom\x81\n"}, importer.Options{}},
		{"a header that is not CSV", "bad_header", map[string]string{"people.csv": "external_id,\"name\n1,a\n"}, importer.Options{}},
		{"a header without an end", "bad_header", map[string]string{"people.csv": strings.Repeat("x,", 40<<10)}, importer.Options{}},
		{"no known file", "no_known_files", map[string]string{"visits.csv": "a\n1\n"}, importer.Options{}},
		{"two faulty files", "bad_files", map[string]string{"people.csv": "", "accounts.csv": "name\n"}, importer.Options{}},
	}
	var out strings.Builder
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := folder(t, test.files)
			test.opt.Company = metric.DefaultCompany()
			batch, _, err := readAll(context.Background(), []string{dir}, test.opt)
			var fault *insights.Error
			if !errors.As(err, &fault) || fault.Code != test.code {
				t.Fatalf("got %v, want the code %s", err, test.code)
			}
			if len(batch.Files) > 0 {
				t.Error("something was read")
			}
			fmt.Fprintf(&out, "# %s\n%s\n\n", test.name, strings.ReplaceAll(fault.Error(), dir, "FOLDER"))
		})
	}
	if !t.Failed() {
		golden(t, "errors.golden", out.String())
	}
}

func TestPathsThatLeadNowhere(t *testing.T) {
	dir := folder(t, map[string]string{"visits.csv": "a\n"})
	for path, code := range map[string]string{filepath.Join(dir, "people.csv"): "unreadable_file", filepath.Join(dir, "visits.csv"): "unknown_file"} {
		_, _, err := readAll(context.Background(), []string{path}, importer.Options{})
		var fault *insights.Error
		if !errors.As(err, &fault) || fault.Code != code || fault.Hint == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFilesGivenTwiceAreReadOnce(t *testing.T) {
	dir := folder(t, map[string]string{"products.csv": "external_id,name\n1,a\n"})
	batch, _, err := readAll(context.Background(), []string{dir, filepath.Join(dir, "products.csv")}, importer.Options{})
	if err != nil || len(batch.Products) != 1 {
		t.Errorf("%v, %v", batch.Products, err)
	}
}

func TestFilesOfOneNameAreToldApart(t *testing.T) {
	one := folder(t, map[string]string{"products.csv": "external_id,name\n1,a\n"})
	two := folder(t, map[string]string{"products.csv": "external_id,name\n1,b\n"})
	_, report, err := readAll(context.Background(), []string{one, two}, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, dir := range []string{one, two} {
		if want := filepath.ToSlash(filepath.Join(dir, "products.csv")); report.Files[i].Name != want {
			t.Errorf("a file is called %s, want %s", report.Files[i].Name, want)
		}
	}
}

func TestProgressReachesTheEnd(t *testing.T) {
	dir := folder(t, map[string]string{"products.csv": "external_id,name\n" + strings.Repeat("1,"+strings.Repeat("a", 100)+"\n", 5000)})
	var last, total int64
	_, _, err := readAll(context.Background(), []string{dir}, importer.Options{Progress: func(file string, done, of int64) {
		if file != "products.csv" || done < last {
			t.Errorf("%s: %d after %d", file, done, last)
		}
		last, total = done, of
	}})
	if err != nil || last == 0 || last != total {
		t.Errorf("%d of %d bytes, %v", last, total, err)
	}
}

func TestReadingCanBeStopped(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	dir := folder(t, map[string]string{"products.csv": "external_id,name\n1,a\n"})
	if _, _, err := readAll(ctx, []string{dir}, importer.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What a person sees of an import with all kinds of trouble.
func TestReportInWords(t *testing.T) {
	files := company()
	files["notes.txt"] = "call Bo"
	files["products.csv"] = "external_id,name,price\nx,Anvil,5\nx,Anvil,6\ny,Hammer"
	files["people.csv"] += "p3,Cy,,rep,p1,n,last May\np4,Di,bo@firm.example,,,,\np5,\x81ve,,,,,\n"
	var deals strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&deals, "e%d,,,,p2,Won,10,EUR,,,%s\n", i, []string{"2024-01-01", "soon"}[i%2])
	}
	files["opportunities.csv"] += deals.String() + "d1,Other,,,p2,Talking,,,,,\nd2,,,,p2,Talking,,,,,\nd9,,,,p2,Dreaming,,,,,\n"
	delete(files, "territories.csv")
	batch, report, err := read(t, files, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, batch)
	imported := batch.imported()
	imported.Revision, imported.Added = 1, map[insights.Kind]int{insights.KindOpportunity: 602, insights.KindPerson: 2}
	imported.Unchanged = map[insights.Kind]int{insights.KindStage: 3}
	golden(t, "report.golden", report.Text(imported))
}

// Whatever the bytes, nothing is lost and nothing panics.
func FuzzRead(f *testing.F) {
	for _, text := range slices.Sorted(maps.Values(company())) {
		f.Add([]byte(text))
	}
	f.Add([]byte("external_id,name,owner,stage,amount,close_on\n1,\"a\nb\",p,Won,1\n"))
	dir, native := f.TempDir(), loadMapping(f, "native")
	f.Fuzz(func(t *testing.T, data []byte) {
		var paths []string
		for name := range company() {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path)
		}
		for _, path := range paths {
			batch, report, err := readAll(context.Background(), []string{path}, importer.Options{Mapping: native, Company: metric.DefaultCompany()})
			var fault *insights.Error
			if err != nil && !errors.As(err, &fault) {
				t.Fatalf("an error that nobody can mend: %v", err)
			}
			balanced(t, batch)
			for _, deal := range batch.Deals {
				if deal.Key == "" || deal.Stage == "" {
					t.Fatalf("%+v", deal)
				}
			}
			_ = report.Text(batch.imported())
		}
	})
}

func TestNamesThatOthersWroteLeaveTheTerminalAlone(t *testing.T) {
	_, report, err := read(t, map[string]string{
		"accounts.csv": "external_id,name,\x1b]0;owned\x07note\nA1,Acme,x\n", "a\x1b[2Jb.csv": "what,this,is\nnobody,knows,it\n",
	}, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := report.Text(insights.Import{})
	if strings.ContainsAny(text, "\x1b\x07") || !strings.Contains(text, "a\uFFFD[2Jb.csv") || !strings.Contains(text, "]0;owned\uFFFDnote") {
		t.Errorf("the report is %q", text)
	}
}
