package importer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"salesbot/insights"
)

// scanned is a record that outlives the scanner.
type scanned struct {
	Line  int
	Cells []string
	Fault string
	Cut   bool
}

func scanAll(t interface{ Fatal(...any) }, in io.Reader, delim byte) []scanned {
	return scanRest(t, newScanner(in, delim))
}

func scanRest(t interface{ Fatal(...any) }, scan *scanner) []scanned {
	var all []scanned
	for {
		rec, err := scan.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, keepRecord(rec))
	}
}

func keepRecord(rec record) scanned {
	s := scanned{Line: rec.line, Fault: rec.fault + rec.where, Cut: rec.cut}
	for _, cell := range rec.cells {
		s.Cells = append(s.Cells, string(cell))
	}
	return s
}

func TestScannerKeepsLinesAndFaults(t *testing.T) {
	tests := []struct {
		name, in string
		want     []scanned
	}{
		{"line breaks of every kind", "a\nb\r\nc\rd\n", []scanned{
			{Line: 1, Cells: []string{"a"}}, {Line: 2, Cells: []string{"b"}}, {Line: 3, Cells: []string{"c"}}, {Line: 4, Cells: []string{"d"}},
		}},
		{"a cell over three lines counts as three", "\"a\nb\r\nc\",1\nd,2\n", []scanned{
			{Line: 1, Cells: []string{"a\nb\r\nc", "1"}}, {Line: 4, Cells: []string{"d", "2"}},
		}},
		{"CR alone counts inside a cell too", "\"a\rb\",1\rc,2\r", []scanned{
			{Line: 1, Cells: []string{"a\rb", "1"}}, {Line: 3, Cells: []string{"c", "2"}},
		}},
		{"no line break at the end", "a,b\n1,2", []scanned{
			{Line: 1, Cells: []string{"a", "b"}}, {Line: 2, Cells: []string{"1", "2"}, Cut: true},
		}},
		{"an empty last cell", "a,", []scanned{{Line: 1, Cells: []string{"a", ""}, Cut: true}}},
		{"doubled quotes", `"say ""hi""",""` + "\n", []scanned{{Line: 1, Cells: []string{`say "hi"`, ""}}}},
		{"a quote inside an unquoted cell", "6\" nail,1\nb,2\n", []scanned{
			{Line: 1, Cells: []string{"6"}, Fault: "a quote stands inside an unquoted cell; such a cell must be quoted and the quote doubled"},
			{Line: 2, Cells: []string{"b", "2"}},
		}},
		{"text behind a closing quote, lines later", "\"a\nb\" c,1\nd,2\n", []scanned{
			{Line: 1, Cells: []string{"a\nb"}, Fault: "text follows a closing quote; a quote inside a quoted cell must be doubled (the row reaches to line 2)"},
			{Line: 3, Cells: []string{"d", "2"}},
		}},
		{"the file ends inside a quoted cell", "a,b\n1,\"two\nthree\n", []scanned{
			{Line: 1, Cells: []string{"a", "b"}},
			{Line: 2, Cells: []string{"1", "two\nthree\n"}, Cut: true, Fault: "the file ends inside a quoted cell; it is cut off, or a closing quote is missing (the cell begins on line 2)"},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, scanAll(t, strings.NewReader(test.in), ',')); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScannerKeepsATenMegabyteCell(t *testing.T) {
	big := strings.Repeat("x,\n\"\"", 2<<20)
	got := scanAll(t, strings.NewReader("1,\""+big+"\"\n2,b\n"), ',')
	if len(got) != 2 || got[0].Cells[1] != strings.ReplaceAll(big, `""`, `"`) || got[1].Line != 2+strings.Count(big, "\n") {
		t.Errorf("%d records, the second on line %d", len(got), got[len(got)-1].Line)
	}
}

func TestScannerGivesUpOnARecordThatNeverEnds(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("1,\""), io.LimitReader(zeros{}, maxRecord+10))
	scan := newScanner(endless, ',')
	rec, err := scan.next()
	if err != nil || rec.fault == "" || cap(scan.buf) > 2*maxRecord {
		t.Errorf("error %v, fault %q, %d bytes held", err, rec.fault, cap(scan.buf))
	}
}

// zeros reads as the character 0 without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestScannerReadsBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("a\",;\t\r\n "))))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 1, 8).Draw(t, "rows")
		delim := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "delimiter")
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.Comma = delim
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for _, rec := range scanAll(t, &file, byte(delim)) {
			if rec.Fault != "" || rec.Cut {
				t.Fatalf("%+v", rec)
			}
			got = append(got, rec.Cells)
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestScannerReadsBackslashesWhereTheyAreDeclared(t *testing.T) {
	const text = `1,"say \"hi\"",C:\\temp,\N,a\,b` + "\n2,\"c\\\nd\",e\\\r\nf,\"\"\"g\",\n"
	scan := newScanner(strings.NewReader(text), ',')
	scan.escapes = true
	want := []scanned{
		{Line: 1, Cells: []string{"1", `say "hi"`, `C:\temp`, "", "a,b"}},
		{Line: 2, Cells: []string{"2", "c\nd", "e\r\nf", `"g`, ""}},
	}
	if diff := cmp.Diff(want, scanRest(t, scan)); diff != "" {
		t.Error(diff)
	}
	if got := scanAll(t, strings.NewReader(text), ','); !strings.HasPrefix(got[0].Fault, faultBackslash) {
		t.Errorf("not declared: %+v", got[0])
	}
}

// A record that is too long is left behind whole: what lies in its quotes is no
// row.
func TestScannerGoesOnBehindARecordThatIsTooLong(t *testing.T) {
	long := strings.Repeat("x,\r\n\"\"", maxRecord/6)
	scan := newScanner(strings.NewReader("1,\""+long+"\",y\r\n2,b\n"), ',')
	rec, err := scan.next()
	if err != nil || !strings.Contains(rec.fault, "longer than 64 MB") || rec.line != 1 {
		t.Fatal(err, rec.fault, rec.line)
	}
	want := []scanned{{Line: 2 + strings.Count(long, "\n"), Cells: []string{"2", "b"}}}
	if diff := cmp.Diff(want, scanRest(t, scan)); diff != "" {
		t.Error(diff)
	}
}

// Whatever the bytes: each belongs to exactly one record, lines rise, a record
// is the same wherever it stands and however the file is buffered, and what
// encoding/csv accepts is read as it reads it.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "\"a\r\nb\"\r\n", "\"", "a\"b\n", "\"a\"b\n\"", "\r\r\n\n", ",,\n", "\"a\"\"\",\"\"\n", "\"\"\"", "\"a\"\r", "\r",
		"\"a\\\"b\"\n", "a\\\r\nb\n", "\\", "\"\\", "a\\,b\n", "\"a\",\"b\"\n\"c\",\"d\ne\"\n",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, escapes bool) {
		in := bytes.NewReader(data)
		scan := newScanner(in, ',')
		scan.escapes = escapes
		var all []scanned
		line, from := 0, 0
		for {
			rec, err := scan.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			kept := keepRecord(rec)
			if rec.line <= line || rec.last < rec.line || len(rec.cells) == 0 {
				t.Fatalf("line %d after %d: %+v", rec.line, line, rec)
			}
			to := len(data) - in.Len() - (scan.end - scan.start)
			checkAlone(t, data[from:to], kept, escapes)
			all, line, from = append(all, kept), rec.line, to
		}
		if from != len(data) {
			t.Fatalf("%d of %d bytes are of a record", from, len(data))
		}
		tiny := newScanner(iotest.OneByteReader(bytes.NewReader(data)), ',')
		tiny.escapes, tiny.buf = escapes, make([]byte, 1)
		if diff := cmp.Diff(all, scanRest(t, tiny)); diff != "" {
			t.Fatalf("with a small buffer: %s", diff)
		}
		if !escapes {
			checkAgainstStandard(t, data, all)
		}
	})
}

// checkAlone checks that a record depends on nothing around it.
func checkAlone(t *testing.T, text []byte, want scanned, escapes bool) {
	t.Helper()
	scan := newScanner(bytes.NewReader(text), ',')
	scan.escapes = escapes
	got := scanRest(t, scan)
	if len(text) == 0 || len(got) != 1 {
		t.Fatalf("%q holds %d records: %+v", text, len(got), got)
	}
	if diff := cmp.Diff(want, got[0], cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Line" || p.String() == "Fault" }, cmp.Ignore())); diff != "" {
		t.Fatalf("%q: %s", text, diff)
	}
}

// checkAgainstStandard compares with encoding/csv, where it accepts the file. It
// knows no CR without LF, writes CRLF in cells as LF, and skips empty lines.
func checkAgainstStandard(t *testing.T, data []byte, got []scanned) {
	t.Helper()
	if bytes.Count(data, []byte("\r")) != bytes.Count(data, []byte("\r\n")) {
		return
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1
	want, err := in.ReadAll()
	if err != nil {
		return
	}
	want = slices.DeleteFunc(want, func(cells []string) bool { return len(cells) == 1 && cells[0] == "" })
	var cells [][]string
	for _, rec := range got {
		if rec.Fault != "" {
			t.Fatalf("%q is CSV: %+v", data, rec)
		}
		for i := range rec.Cells {
			rec.Cells[i] = strings.ReplaceAll(rec.Cells[i], "\r\n", "\n")
		}
		if len(rec.Cells) > 1 || rec.Cells[0] != "" {
			cells = append(cells, rec.Cells)
		}
	}
	if diff := cmp.Diff(want, cells, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%q: %s", data, diff)
	}
}

func sampleData(t *testing.T, name string) string {
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

// csv-spectrum: every file equals the objects of its JSON. The files for CRLF
// have lost their CR, so there only the text is compared. One file is left out:
// location_coordinates has a bare quote inside an unquoted cell, which
// csv-test-data calls bad, as we do, and a JSON with another telephone number.
func TestCSVSpectrum(t *testing.T) {
	folder := sampleData(t, "csv_suites/csv-spectrum")
	for _, file := range glob(t, filepath.Join(folder, "csvs", "*.csv")) {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(name, func(t *testing.T) {
			if name == "location_coordinates" {
				if rec := scanFile(t, file)[1]; rec.Fault == "" {
					t.Errorf("taken for CSV: %+v", rec)
				}
				return
			}
			var want []map[string]string
			readJSON(t, filepath.Join(folder, "json", name+".json"), &want)
			for _, object := range want {
				for key, value := range object {
					object[key] = strings.ReplaceAll(value, "\r\n", "\n")
				}
			}
			if diff := cmp.Diff(want, objects(t, file)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// csv-test-data: valid files equal their JSON, bad ones are faulty or ragged.
func TestCSVTestData(t *testing.T) {
	folder := sampleData(t, "csv_suites/csv-test-data")
	for _, file := range glob(t, filepath.Join(folder, "csv", "*.csv")) {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		oracle := filepath.Join(folder, "json", name+".json")
		t.Run(name, func(t *testing.T) {
			switch {
			case strings.HasPrefix(name, "bad-header-"):
				checkRefused(t, file)
			case strings.HasPrefix(name, "bad-"):
				if records := scanFile(t, file); records[len(records)-1].Fault == "" {
					t.Errorf("taken for CSV: %+v", records)
				}
			case strings.HasPrefix(name, "header-"):
				want := []map[string]string{}
				readJSON(t, oracle, &want)
				if diff := cmp.Diff(want, objects(t, file)); diff != "" {
					t.Error(diff)
				}
			default:
				var want, got [][]string
				readJSON(t, oracle, &want)
				for _, rec := range scanFile(t, file) {
					got = append(got, rec.Cells)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// checkRefused checks that a file whose columns are to be foo, bar and baz is not
// taken for one, or that none of its rows fits.
func checkRefused(t *testing.T, path string) {
	t.Helper()
	m, err := ParseMapping("suite.yaml", []byte("files: [{match: \"*\", products: {key: foo, name: bar, family: baz}}]"))
	if err != nil {
		t.Fatal(err)
	}
	files, _, err := filesIn([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	s := &source{file: files[0]}
	var fault *insights.Error
	if err := s.inspect(m); errors.As(err, &fault) {
		return
	}
	for _, row := range rowsOf(t, s.file, s.sample) {
		if len(row.Cells) == len(s.sample.header) {
			t.Errorf("taken for a row: %+v", row)
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func scanFile(t *testing.T, file string) []scanned {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	return scanAll(t, in, ',')
}

func objects(t *testing.T, file string) []map[string]string {
	t.Helper()
	records := scanFile(t, file)
	all := []map[string]string{}
	for _, rec := range records[1:] {
		if rec.Fault != "" || len(rec.Cells) != len(records[0].Cells) {
			t.Fatalf("%+v", rec)
		}
		object := map[string]string{}
		for i, name := range records[0].Cells {
			object[name] = rec.Cells[i]
		}
		all = append(all, object)
	}
	return all
}
