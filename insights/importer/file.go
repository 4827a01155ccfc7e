package importer

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"salesbot/insights"
)

// encodings are those a mapping may declare.
var encodings = []string{"utf-8", windows1252}

const windows1252 = "windows-1252"

// source is one input file and what the mapping says about it.
type source struct {
	path    string
	name    string // as people see it
	mapping *fileMapping
	delim   byte
	header  []string
	rules   []binding
	leaves  []boundCondition // of rows that are not used
	ignored []string
	asked   bool // named itself, not found in a folder
}

// find turns paths into sources. A file that is named must be understood; one
// that merely lies in a folder may be left unread.
func find(paths []string, m *Mapping) (sources []*source, unread []string, err error) {
	var faults []error
	for _, path := range paths {
		found, left, err := findIn(path, m)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		sources, unread = append(sources, found...), append(unread, left...)
	}
	if len(faults) > 0 {
		return nil, nil, joined(faults)
	}
	sources = distinct(sources)
	nameSources(sources)
	return sources, unread, nil
}

func findIn(path string, m *Mapping) (sources []*source, unread []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, unreadable(path, err)
	}
	if !info.IsDir() {
		return []*source{{path: path, asked: true}}, nil, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, nil, unreadable(path, err)
	}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		s := &source{path: filepath.Join(path, entry.Name())}
		if s.isOf(m) {
			sources = append(sources, s)
			continue
		}
		unread = append(unread, entry.Name())
	}
	if len(sources) == 0 {
		return nil, nil, nothingFound(path, m)
	}
	return sources, unread, nil
}

// isOf reports whether a file that lies in a folder is one that the mapping
// speaks of: by its name, even if it cannot be read, or by its header.
func (s *source) isOf(m *Mapping) bool {
	if slices.ContainsFunc(m.files, func(f *fileMapping) bool { return f.isNamed(s.path) }) {
		return true
	}
	head, err := s.head()
	return err == nil && m.entryFor(s.path, head).entry != nil
}

// head returns the beginning of the file.
func (s *source) head() ([]byte, error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, unreadable(s.path, err)
	}
	defer file.Close()
	head, err := newReader(file).Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(s.path, err)
	}
	return head, nil
}

// distinct drops a file that was given twice, say by itself and by its folder.
func distinct(sources []*source) []*source {
	seen := map[string]bool{}
	return slices.DeleteFunc(sources, func(s *source) bool {
		path, err := filepath.Abs(s.path)
		if err != nil {
			path = s.path
		}
		again := seen[path]
		seen[path] = true
		return again
	})
}

// nameSources calls files by their names, and by their paths where two have the
// same name.
func nameSources(sources []*source) {
	times := map[string]int{}
	for _, s := range sources {
		times[filepath.Base(s.path)]++
	}
	for _, s := range sources {
		s.name = filepath.Base(s.path)
		if times[s.name] > 1 {
			s.name = filepath.ToSlash(s.path)
		}
	}
}

// inspect reads the header of the file, finds what the mapping says about such
// a file, and binds the rules to it.
func (s *source) inspect(m *Mapping) error {
	head, err := s.head()
	if err != nil {
		return err
	}
	if err := s.recognise(head); err != nil {
		return err
	}
	head, bom := bytes.CutPrefix(head, utf8BOM)
	if len(bytes.TrimSpace(head)) == 0 {
		return s.failure("empty_file", "is empty: it has not even a header", "Export it again, and see that the first line names the columns.")
	}
	found := m.entryFor(s.path, head)
	switch {
	case len(found.ties) > 1:
		return s.tied(found)
	case found.entry == nil:
		return s.unknown(m, head)
	case found.ambiguous:
		return s.failure("ambiguous_delimiter", "could be separated by more than one sign", "Say which in the mapping, for example delimiter: \";\".")
	}
	s.mapping, s.delim = found.entry, found.delim
	if bom && s.mapping.encoding != "utf-8" {
		return s.failure("wrong_encoding", "is written in UTF-8, but the mapping says "+s.mapping.encoding, "Take the encoding out of the mapping.")
	}
	if s.header, err = s.readHeader(head, s.delim); err != nil {
		return err
	}
	return s.bindAll()
}

// peeked is how much of a file is looked at before it is read; a header must
// fit.
const peeked = 64 << 10

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, peeked) }

var utf8BOM = []byte("\xef\xbb\xbf")

// recognise refuses files that are not CSV at all, by their first bytes.
func (s *source) recognise(head []byte) error {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return s.failure("compressed", "is a zip archive or an Excel workbook", "Unzip it first, or save the sheet as CSV (UTF-8).")
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return s.failure("compressed", "is compressed", "Unpack it first.")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.IndexByte(firstLine(head), 0) >= 0:
		return s.failure("wrong_encoding", "seems to be written in UTF-16", "Save it as CSV UTF-8; in Excel: Save as, CSV UTF-8 (comma delimited).")
	}
	return nil
}

func firstLine(head []byte) []byte {
	if end := bytes.IndexAny(head, "\r\n"); end >= 0 {
		return head[:end]
	}
	return head
}

func (s *source) readHeader(head []byte, delim byte) ([]string, error) {
	rec, err := newScanner(bufio.NewReader(bytes.NewReader(head)), delim).header()
	if err != nil {
		return nil, unreadable(s.path, err)
	}
	if rec.cut && len(head) >= peeked-len(utf8BOM) {
		return nil, s.failure("bad_header", "has a header without an end", "See that the first line names the columns, and ends.")
	}
	if rec.fault != "" {
		return nil, s.failure("bad_header", "has a header that is not CSV: "+rec.fault+rec.where, "Correct line 1, or export the file again.")
	}
	header := make([]string, len(rec.cells))
	for i, cell := range rec.cells {
		text, ok := decode(cell, s.mapping.encoding)
		if !ok {
			return nil, s.failure("wrong_encoding", fmt.Sprintf("has a header that is not %s (column %d)", s.mapping.encoding, i+1), upperFirst(s.otherEncoding())+".")
		}
		header[i] = strings.TrimSpace(text)
	}
	return header, s.checkHeader(header)
}

// checkHeader refuses two columns of one name. Columns without a name are what
// a spreadsheet leaves behind, and feed nothing.
func (s *source) checkHeader(header []string) error {
	for i, name := range header {
		if first := columnIndex(header, name); name != "" && first != i {
			return s.failure("duplicate_column", fmt.Sprintf("has two columns named %s (%d and %d)", name, first+1, i+1), "Rename or remove one of them.")
		}
	}
	return nil
}

// bindAll finds the columns of all rules, and names all that are missing.
func (s *source) bindAll() error {
	var missing []string
	used := make([]bool, len(s.header))
	for _, r := range s.mapping.rules {
		bound, lacking := bind(r, s.header)
		for _, name := range lacking {
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
		s.rules = append(s.rules, bound...)
		for _, b := range bound {
			b.mark(used)
		}
	}
	left := finder{header: s.header}
	s.leaves = left.conditions(s.mapping.leaveOut, true)
	markConditions(used, s.leaves)
	if len(missing) > 0 {
		return s.failure("missing_columns", fmt.Sprintf("lacks the %s %s; its header names %s",
			plural(len(missing), "column", "columns"), strings.Join(missing, ", "), strings.Join(s.header, ", ")),
			"Export it with "+plural(len(missing), "this column", "these columns")+", or say in the mapping where the value is found.")
	}
	for i, name := range s.header {
		if !used[i] && name != "" {
			s.ignored = append(s.ignored, name)
		}
	}
	return nil
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// otherEncoding advises what to try when text does not fit the encoding.
func (s *source) otherEncoding() string {
	if s.mapping.encoding == windows1252 {
		return "take encoding: windows-1252 out of the mapping, since this looks like UTF-8"
	}
	return "save the file as CSV UTF-8, or declare encoding: windows-1252 in a mapping if that is what it is written in"
}

// decode turns a cell into UTF-8.
func decode(cell []byte, encoding string) (string, bool) {
	if encoding != windows1252 {
		return string(cell), utf8.Valid(cell)
	}
	if utf8.Valid(cell) && !isASCII(cell) {
		return "", false // declared wrongly: no text in windows-1252 looks like this
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(cell)
	return string(text), err == nil
}

// failure is why nothing of the whole import can be used.
func (s *source) failure(code, what, hint string) error {
	return &insights.Error{Code: code, Message: fmt.Sprintf("%s %s. Nothing was loaded.", s.name, what), Hint: hint}
}

func unreadable(path string, err error) error {
	return &insights.Error{
		Code:    "unreadable_file",
		Message: fmt.Sprintf("%s cannot be read: %s. Nothing was loaded.", path, plainCause(err)),
		Hint:    "Check the path, and that you may read the file.",
		Err:     err,
	}
}

// plainCause says what went wrong without the name of the system call.
func plainCause(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return err.Error()
}

func nothingFound(path string, m *Mapping) error {
	message := fmt.Sprintf("The folder %s has no file that is recognised by its header or name. Nothing was loaded.", path)
	if m.name != "" {
		message = fmt.Sprintf("The folder %s has none of the files of the mapping %s: %s. Nothing was loaded.", path, m.name, strings.Join(m.fileNames(), ", "))
	}
	return &insights.Error{
		Code:    "no_known_files",
		Message: message,
		Hint:    "Check the folder, or say what its files mean in a mapping and give it with --mapping FILE; docs/importing.md says how to write one, and what is recognised without.",
	}
}

// fileNames lists what the files are called, or what they are where only their
// headers tell them.
func (m *Mapping) fileNames() []string {
	names := make([]string, len(m.files))
	for i, f := range m.files {
		names[i] = cmp.Or(f.match, f.about)
	}
	return names
}

// joined makes one error of several, so that all can be mended in one go.
func joined(faults []error) error {
	if len(faults) == 1 {
		return faults[0]
	}
	all := &insights.Error{Code: "bad_files", Err: errors.Join(faults...)}
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = f.Error()
	}
	all.Message = strings.Join(words, "\n\n")
	return all
}
