package importer

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights"
)

// write writes files, given by their paths, into a new folder.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// zipped is an archive of the entries, which are name and text by turns.
func zipped(t testing.TB, entries ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for pair := range slices.Chunk(entries, 2) {
		entry, err := w.Create(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func contents(t testing.TB, f *file) string {
	t.Helper()
	in, err := f.open()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(text)) != f.size {
		t.Errorf("%s is said to have %d bytes and has %d", f.name, f.size, len(text))
	}
	return string(text)
}

func TestFilesAreFoundInFoldersAndArchives(t *testing.T) {
	dir := write(t, map[string]string{
		"b.csv": "b", "2024/a.csv": "a 2024", "2025/a.csv": "a 2025", "2025/deep/c.csv": "c",
		".hidden.csv": "no", ".git/x.csv": "no", "__MACOSX/._b.csv": "no",
		"export.zip": zipped(t, "Opportunity.csv", "deals", "sub/", "", `sub\User.csv`, "users", "__MACOSX/._User.csv", "no", "sub/.DS_Store", "no", "plan.xlsx", zipped(t, "[Content_Types].xml", "")),
		"book.xlsx":  zipped(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", ""),
		"empty.zip":  zipped(t),
	})
	if err := os.Symlink(filepath.Join(dir, "b.csv"), filepath.Join(dir, "latest.csv")); err != nil {
		t.Fatal(err)
	}
	files, left, err := filesIn([]string{dir, filepath.Join(dir, "b.csv")})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range files {
		for range 2 { // as often as one likes
			got[strings.TrimPrefix(f.name, filepath.ToSlash(dir)+"/")] = contents(t, f)
		}
	}
	want := map[string]string{
		"2024/a.csv": "a 2024", "2025/a.csv": "a 2025", "c.csv": "c", "b.csv": "b",
		"export.zip/Opportunity.csv": "deals", "export.zip/sub/User.csv": "users",
	}
	if diff := cmp.Diff(want, got); diff != "" || len(files) != len(want) {
		t.Error(diff, len(files))
	}
	if diff := cmp.Diff([]leftOut{{"book.xlsx", saveSheets}, {"export.zip/plan.xlsx", saveSheets}}, left, cmp.AllowUnexported(leftOut{})); diff != "" {
		t.Error(diff)
	}
}

func TestFilesThatCannotBeReadSayWhatToDo(t *testing.T) {
	whole := zipped(t, "a.csv", strings.Repeat("id,name\n1,a\n", 100))
	encrypted := []byte(whole)
	for _, header := range []string{"PK\x03\x04", "PK\x01\x02"} {
		at := bytes.Index(encrypted, []byte(header)) + map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8}[header]
		encrypted[at] |= 1
	}
	damaged := []byte(whole)
	damaged[45] ^= 0xff
	dir := write(t, map[string]string{
		"book.xlsx":      zipped(t, "[Content_Types].xml", ""),
		"half.zip":       whole[:len(whole)/2],
		"locked.zip":     string(encrypted),
		"damaged.zip":    string(damaged),
		"nested.zip":     zipped(t, "inner.zip", whole),
		"bomb.zip":       bomb(t, 5<<30, 1000),
		"loop/deals.csv": "id",
	})
	if err := os.Symlink(filepath.Join(dir, "loop"), filepath.Join(dir, "loop", "again")); err != nil {
		t.Fatal(err)
	}
	for name, code := range map[string]string{
		"book.xlsx": "workbook", "half.zip": "broken_archive", "locked.zip": "encrypted_archive", "damaged.zip": "broken_archive",
		"nested.zip": "archive_in_archive", "bomb.zip": "archive_too_large", "loop": "endless_folder", "none.csv": "unreadable_file", os.DevNull: "not_a_file",
	} {
		t.Run(name, func(t *testing.T) {
			path := name
			if !filepath.IsAbs(name) {
				path = filepath.Join(dir, name)
			}
			err := readAll(path)
			var fault *insights.Error
			if !errors.As(err, &fault) || fault.Code != code || fault.Hint == "" || !strings.Contains(fault.Message, "Nothing was loaded") {
				t.Errorf("got %v, want the code %s", err, code)
			}
		})
	}
}

// readAll reads everything in a path.
func readAll(path string) error {
	files, _, err := filesIn([]string{path})
	if err != nil {
		return err
	}
	for _, f := range files {
		in, err := f.open()
		if err != nil {
			return err
		}
		defer in.Close()
		if _, err := io.Copy(io.Discard, in); err != nil {
			return err
		}
	}
	return nil
}

// bomb is an archive with an entry that says it is as large as stated, and has
// so many bytes.
func bomb(t testing.TB, stated uint64, bytesIn int) string {
	t.Helper()
	text := strings.Repeat("0", bytesIn)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	entry, err := w.CreateRaw(&zip.FileHeader{
		Name: "zeros.csv", Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(text)),
		CompressedSize64: uint64(bytesIn), UncompressedSize64: stated,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(entry, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// An archive that says less than it has is not believed further than it says.
func TestEntriesAreReadToTheirStatedSize(t *testing.T) {
	dir := write(t, map[string]string{"liar.zip": bomb(t, 10, 1<<20)})
	if err := readAll(filepath.Join(dir, "liar.zip")); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("got %v", err)
	}
}

// inMemory is a file that lies nowhere.
func inMemory(text string) *file {
	return &file{name: "deals.csv", size: int64(len(text)), open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// looked tells the dialect and the header of a file without knowing its columns.
func looked(f *file, declared dialect) (*sample, error) {
	o, err := f.opening()
	if err != nil {
		return nil, err
	}
	return o.sample(o.cut(declared, func(columnSet) int { return 0 }))
}

func rowsOf(t testing.TB, f *file, s *sample) []scanned {
	t.Helper()
	rows, _ := rowsAndNotes(t, f, s)
	return rows
}

func rowsAndNotes(t testing.TB, f *file, s *sample) (rows []scanned, notes []string) {
	t.Helper()
	table, err := f.table(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	for {
		rec, err := table.next()
		if errors.Is(err, io.EOF) {
			return rows, table.notes()
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, keepRecord(rec))
	}
}

func inUTF16With(order binary.AppendByteOrder, text string) string {
	out := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestDialectsAreFoundOut(t *testing.T) {
	const text = "id,name\n1,Zoë 🙂\n2,\"a\nb\"\n"
	want := []scanned{{Line: 2, Cells: []string{"1", "Zoë 🙂"}}, {Line: 3, Cells: []string{"2", "a\nb"}}}
	by := func(delim string) string { return strings.ReplaceAll(text, ",", delim) }
	for name, in := range map[string]string{
		"commas": text, "semicolons": by(";"), "tabs": by("\t"), "bars": by("|"),
		"a byte order mark": "\xef\xbb\xbf" + text,
		"UTF-16LE":          inUTF16With(binary.LittleEndian, by("\t")),
		"UTF-16BE":          inUTF16With(binary.BigEndian, text),
		"CRLF":              strings.ReplaceAll(text, "\n", "\r\n"),
		"CR":                strings.ReplaceAll(text, "\n", "\r"),
		"mixed line breaks": strings.Replace(text, "\n", "\r", 1),
		"blank lines":       "\n\n" + strings.ReplaceAll(text, "2,", "\r\n,\n2,"),
		"sep=":              "sep=;\r\n" + by(";"),
		"sep=, of its own":  "SEP=^\n" + by("^"),
		"a title":           "\"Deals, all of them\"\n\nAs of 2026-01-02\n" + text,
		"a padded title":    "Deals,\n,\n" + text,
		"commas in a title": "Deals, all, of, them;;\n" + by(";"),
	} {
		t.Run(name, func(t *testing.T) {
			f := inMemory(in)
			s, err := looked(f, dialect{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"id", "name"}, s.header); diff != "" {
				t.Fatal(diff)
			}
			rows := rowsOf(t, f, s)
			moved := rows[0].Line - 2 // lines before the header
			for i, row := range rows {
				rows[i].Line = want[i].Line
				rows[i].Cells[1] = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(row.Cells[1])
			}
			if diff := cmp.Diff(want, rows); diff != "" || moved != s.line-1 {
				t.Error(diff, moved, s.line)
			}
		})
	}
}

func TestEncodingsAreToldByAllBytes(t *testing.T) {
	ascii := strings.Repeat("1,a\n", sampled)
	for name, test := range map[string]struct{ text, want string }{
		"ASCII":                              {ascii, inUTF8},
		"UTF-8":                              {ascii + "2,Zoë\n", inUTF8},
		"Windows-1252":                       {ascii + "2,Zo\xeb\n", inWindows1252},
		"a byte Windows-1252 has not":        {ascii + "2,Zo\xeb\x81\n", inUTF8},
		"UTF-8 with a damaged row":           {ascii + "2,Zoë\n3,Jörg\n4,Zo\xeb\n", inUTF8},
		"UTF-8 that ends inside a character": {ascii + "2,Zoë\n3,Zo\xc3", inUTF8},
		"Windows-1252 with a mark":           {"\xef\xbb\xbf2,Zo\xeb\n", inUTF8},
		"UTF-16":                             {inUTF16With(binary.LittleEndian, "2,Zoë"), inUTF16},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := encodingOf(inMemory("id,name\n" + test.text))
			if strings.HasPrefix(name, "UTF-16") || strings.HasSuffix(name, "mark") {
				got, err = encodingOf(inMemory(test.text))
			}
			if err != nil || got != test.want {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

// Evidence is the same however a file is cut, and what is UTF-8 is known for it.
func TestEncodingEvidenceIsTheSameInParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) })).Draw(t, "data")
		var whole, parts encodingEvidence
		_, _ = whole.Write(data)
		for rest := data; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "part")
			_, _ = parts.Write(rest[:n])
			rest = rest[n:]
		}
		if whole.verdict() != parts.verdict() || whole.beyond != parts.beyond || whole.broken != parts.broken {
			t.Fatalf("%+v, in parts %+v", whole, parts)
		}
	})
}

// Half a character of UTF-16 is found in its cell, and not replaced.
func TestUTF16IsReadExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			in, err := unmarked(strings.NewReader(inUTF16With(order, text)), inUTF16)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(in)
			if err != nil || string(got) != text {
				t.Fatalf("%q, %v", got, err)
			}
		}
	})
	for _, half := range []string{"\xff\xfea\x00\x3d\xd8b\x00", "\xff\xfea\x00\x00\xdc", "\xff\xfea\x00\x3d\xd8", "\xff\xfea\x00b"} {
		in, err := unmarked(strings.NewReader(half), inUTF16)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		if _, ok := decode(got, inUTF16); ok || err != nil || got[0] != 'a' {
			t.Errorf("%q is read as %q, %v", half, got, err)
		}
	}
}

func TestWhatADialectSaysIsLaw(t *testing.T) {
	for name, test := range map[string]struct {
		text     string
		declared dialect
		code     string
	}{
		"UTF-8 declared otherwise":  {"\xef\xbb\xbfid,name\n", dialect{encoding: inWindows1252}, "wrong_encoding"},
		"UTF-16 declared otherwise": {inUTF16With(binary.LittleEndian, "id,name\n"), dialect{encoding: inUTF8}, "wrong_encoding"},
		"UTF-16 without a mark":     {"id,name\n", dialect{encoding: inUTF16}, "wrong_encoding"},
		"binary":                    {"\x7fELF\x00\x01\n", dialect{}, "wrong_encoding"},
		"two delimiters":            {"id,a;name\n1,b;c\n", dialect{}, "ambiguous_delimiter"},
		"a broken header":           {"id,na\"me\n", dialect{}, "bad_header"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := looked(inMemory(test.text), test.declared)
			var fault *insights.Error
			if !errors.As(err, &fault) || fault.Code != test.code || fault.Hint == "" {
				t.Errorf("got %v, want the code %s", err, test.code)
			}
		})
	}
	s, err := looked(inMemory("a;b,c\n1;2,3\n"), dialect{delim: ';'})
	if err != nil || len(s.header) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestTheFooterOfAReportIsNoRow(t *testing.T) {
	const rows = "\"Name\",\"Stage\"\n\"Acme\",\"Won\"\n"
	footer := "\n\n\"Deals won, by owner\"\n\"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.\"\n\"Confidential Information - Do Not Distribute\"\n\"Generated By:  Ada Boss  02/01/2026 10:00\"\n\"Firm, Inc.\"\n"
	for name, test := range map[string]struct {
		text string
		rows int
		note string // a part of it; empty: nothing was left out
	}{
		"as Salesforce writes it":    {rows + footer, 1, "Lines 5 to 9 are the footer"},
		"with CRLF":                  {strings.ReplaceAll(rows+footer, "\n", "\r\n"), 1, "Lines 5 to 9 are the footer"},
		"saved again by Excel":       {rows + ",\nDeals,\nConfidential Information - Do Not Distribute,\n", 1, "Lines 4 to 5 are the footer"},
		"grand totals":               {rows + "\"Grand Totals (1 record)\"\n", 1, "Line 3 is the footer"},
		"totals, then the footer":    {rows + "\"Total\",\"1\"\n" + footer, 1, "Lines 3 to 10"},
		"a copyright sign":           {rows + "\"Copyright \u00a9 2000-2026 salesforce.com, inc. All rights reserved.\"\n", 1, "Line 3 is"},
		"a customer called Total":    {rows + "\"Total\",\"Won\"\n", 2, ""},
		"a row that is cut short":    {rows + "\nBeta\n", 2, ""},
		"a deal called Copyright":    {rows + "Copyright Ltd\n", 2, ""},
		"signs, and then more rows":  {rows + footer + "\"Beta\",\"Won\"\n", 7, ""},
		"a confidential deal":        {rows + "\"Confidential Information - Do Not Distribute\",\"Won\"\n", 2, ""},
		"more lines than any footer": {rows + "\n" + strings.Repeat("x\n", mostFooter+1) + "Generated By: me\n", mostFooter + 2, "Line 25 is"},
	} {
		t.Run(name, func(t *testing.T) {
			f := inMemory(test.text)
			s, err := looked(f, dialect{})
			if err != nil {
				t.Fatal(err)
			}
			got, notes := rowsAndNotes(t, f, s)
			if len(got) != test.rows || (test.note == "") != (len(notes) == 0) || !strings.Contains(strings.Join(notes, "\n"), test.note) {
				t.Errorf("%d rows, notes %q", len(got), notes)
			}
			line := 1
			for _, row := range got {
				if row.Line <= line {
					t.Errorf("line %d after %d", row.Line, line)
				}
				line = row.Line
			}
		})
	}
}

// Whatever a file holds, it is read or refused with words, and each reading is
// the same.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"id,name\n1,a\n", "sep=;\nid;name\n", "Title\n\nid\tname\n1\ta\n\nGenerated By: me\n", "\xff\xfei\x00d\x00,\x00", "\xfe\xff\x00i\x00d", "\xef\xbb\xbfid,name\n", "Zo\xeb,\x81\n",
		zipped(f, "a.csv", "id,name\n1,a\n"), zipped(f), zipped(f, "[Content_Types].xml", ""), "PK\x03\x04", "\x1f\x8b",
	} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), "any.csv")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files, _, err := filesIn([]string{path})
		checkMendable(t, err)
		for _, file := range files {
			s, err := looked(file, dialect{})
			checkMendable(t, err)
			if err != nil {
				continue
			}
			first, notes := readTable(t, file, s)
			again, _ := readTable(t, file, s)
			if diff := cmp.Diff(first, again); diff != "" {
				t.Fatal(diff)
			}
			line := s.line
			for _, row := range first {
				if row.Line <= line {
					t.Fatalf("line %d after %d, notes %q", row.Line, line, notes)
				}
				line = row.Line
			}
		}
	})
}

// readTable reads the rows of a file as far as they can be read.
func readTable(t *testing.T, f *file, s *sample) (rows []scanned, notes []string) {
	t.Helper()
	table, err := f.table(s, nil)
	if err != nil {
		checkMendable(t, err)
		return nil, nil
	}
	defer table.Close()
	for {
		rec, err := table.next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				checkMendable(t, err)
			}
			return rows, table.notes()
		}
		rows = append(rows, keepRecord(rec))
	}
}

func checkMendable(t *testing.T, err error) {
	t.Helper()
	var fault *insights.Error
	if err != nil && !errors.As(err, &fault) {
		t.Fatalf("an error that nobody can mend: %v", err)
	}
}
