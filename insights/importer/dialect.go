package importer

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"salesbot/insights"
)

// dialect is how a file is written. What a mapping does not declare is found
// out.
type dialect struct {
	encoding string // one of encodings; empty: to be found out
	delim    byte   // 0: to be found out
	escapes  bool   // a backslash takes the meaning of the byte behind it
}

// delimiters are those that are found out.
var delimiters = []byte{',', ';', '\t', '|'}

// sampled is how much of a file is looked at before it is read; the header must
// fit.
const sampled = 64 << 10

// mostPreamble is how many lines with text may stand before the header, and
// mostSampled how many lines are looked at in all.
const (
	mostPreamble = 10
	mostSampled  = 50
)

// opening is the beginning of a file, from which its dialect and its header are
// told.
type opening struct {
	file  *file
	mark  string // the encoding that a byte order mark names; empty: there is none
	guess string // the encoding that the beginning looks like
	text  []byte // as a scanner gets it
	more  bool   // the file goes on behind it
	delim byte   // that the line sep= at its beginning announces; 0: there is none
	lines map[dialect][]headLine
}

// opening reads the beginning of a file, and refuses what is no text.
func (f *file) opening() (*opening, error) {
	raw, err := f.head("")
	if err != nil {
		return nil, err
	}
	o := &opening{file: f, mark: marked(raw), lines: map[dialect][]headLine{}}
	switch {
	case bytes.HasPrefix(raw, []byte("\x1f\x8b")):
		return nil, f.failure("compressed", "is compressed", "Unpack it first.")
	case o.mark == "" && bytes.IndexByte(firstLine(raw), 0) >= 0:
		return nil, f.failure("wrong_encoding", "seems to be written in UTF-16 without a byte order mark, or is no text", "Save it as CSV UTF-8; in Excel: Save as, CSV UTF-8 (comma delimited).")
	}
	if o.text, err = f.head(cmp.Or(o.mark, inUTF8)); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(o.text)) == 0 {
		return nil, f.failure("empty_file", "is empty: it has not even a header", "Export it again, and see that the first line names the columns.")
	}
	o.more = len(o.text) == sampled
	o.delim = announcedDelimiter(o.text)
	if o.guess = o.mark; o.guess == "" {
		o.guess = looksLike(raw)
	}
	return o, nil
}

// looksLike says how the beginning of a file seems to be written. Behind its
// last line break a character may be incomplete.
func looksLike(raw []byte) string {
	if len(raw) == sampled {
		raw = raw[:bytes.LastIndexAny(raw, "\r\n")+1]
	}
	var seen encodingEvidence
	_, _ = seen.Write(raw)
	return seen.verdict()
}

// head returns the beginning of the file: as it lies there or, in an encoding,
// as a scanner gets it.
func (f *file) head(encoding string) ([]byte, error) {
	opened, err := f.open()
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	in := io.Reader(opened)
	if encoding != "" {
		if in, err = unmarked(opened, encoding); err != nil {
			return nil, unreadable(f.name, err)
		}
	}
	head, err := io.ReadAll(io.LimitReader(in, sampled))
	if err != nil {
		return nil, unreadable(f.name, err)
	}
	return head, nil
}

func firstLine(head []byte) []byte {
	if end := bytes.IndexAny(head, "\r\n"); end >= 0 {
		return head[:end]
	}
	return head
}

// cut cuts the beginning of the file as declared. Where several readings are
// possible, the one is taken of which known, which counts the columns that
// somebody waits for, finds the most.
func (o *opening) cut(declared dialect, known func(columnSet) int) cutting {
	delims := delimiters
	if settled := cmp.Or(declared.delim, o.delim); settled != 0 {
		delims = []byte{settled}
	}
	var best cutting
	for _, declared.delim = range delims {
		c := cutting{dialect: declared, lines: o.linesBy(declared)}
		c.settle(known)
		switch order := c.compare(best); {
		case best.lines == nil || order > 0:
			best = c
		case order == 0 && len(c.header().cells) > 1:
			best.ambiguous = true
		}
	}
	return best
}

// linesBy cuts the beginning of the file, once for each dialect.
func (o *opening) linesBy(d dialect) []headLine {
	d.encoding = cmp.Or(d.encoding, o.guess)
	lines := o.lines[d]
	if lines != nil {
		return lines
	}
	scan := newScanner(bytes.NewReader(o.text), d.delim)
	scan.escapes = d.escapes
	for len(lines) < mostSampled {
		rec, err := scan.next()
		if err != nil {
			break // the text is in memory, so this is its end
		}
		if !rec.blank() && !(o.delim != 0 && rec.line == 1) {
			line := newHeadLine(rec, d.encoding)
			if len(lines) <= mostPreamble {
				line.columns = columnsOf(line.cells)
			}
			lines = append(lines, line)
		}
	}
	if lines == nil {
		lines = []headLine{{line: 1, cells: []string{""}}}
	}
	o.lines[d] = lines
	return lines
}

// announcedDelimiter reads the line sep=; that Excel writes and heeds; 0: there
// is none.
func announcedDelimiter(text []byte) byte {
	sign, ok := cutFold(firstLine(text), "sep=")
	if !ok || len(sign) != 1 || bytes.IndexByte([]byte(",;\t|:^~#!&*+-/ "), sign[0]) < 0 {
		return 0
	}
	return sign[0]
}

// cutting is the beginning of a file, cut in one way.
type cutting struct {
	dialect
	lines     []headLine // those with text; there is one at least
	at        int        // which of them is the header
	known     int        // columns of it that somebody waits for
	fits      int        // lines that have as many cells as it
	ambiguous bool       // another delimiter would do as well
}

// headLine is a record at the beginning of a file.
type headLine struct {
	line    int
	cells   []string
	fault   string
	cut     bool
	garbled int       // the first cell, from 1, that is not written in the encoding; 0: none
	columns columnSet // if the line may be the header
}

// columnSet finds columns by name as columnIndex does, for many names.
type columnSet struct{ exact, loose map[string]int }

func columnsOf(header []string) columnSet {
	set := columnSet{exact: map[string]int{}, loose: map[string]int{}}
	for i, name := range header {
		if exact := strings.ToLower(bareColumn(name)); !set.hasExact(exact) {
			set.exact[exact] = i
		}
		loose := looseColumn(name)
		if _, again := set.loose[loose]; again {
			i = absent
		}
		set.loose[loose] = i
	}
	return set
}

func (s columnSet) hasExact(name string) bool {
	_, ok := s.exact[name]
	return ok
}

// has reports whether exactly one column is meant by the name.
func (s columnSet) has(name string) bool {
	if s.hasExact(strings.ToLower(bareColumn(name))) {
		return true
	}
	loose := looseColumn(name)
	at, ok := s.loose[loose]
	return ok && at != absent && loose != ""
}

// count counts the columns that are there.
func (s columnSet) count(names []string) int {
	n := 0
	for _, name := range names {
		if s.has(name) {
			n++
		}
	}
	return n
}

func newHeadLine(rec record, encoding string) headLine {
	line := headLine{line: rec.line, fault: rec.fault + rec.where, cut: rec.cut}
	for i, cell := range rec.cells {
		text, ok := decode(cell, encoding)
		if !ok && line.garbled == 0 {
			line.garbled = i + 1
		}
		line.cells = append(line.cells, strings.TrimSpace(text))
	}
	return line
}

// settle finds the header.
func (c *cutting) settle(known func(columnSet) int) {
	c.at, c.known = headerAmong(c.lines[:min(len(c.lines), mostPreamble+1)], known)
	for _, line := range c.lines[c.at+1:] {
		if len(line.cells) == len(c.header().cells) {
			c.fits++
		}
	}
}

func (c *cutting) header() headLine { return c.lines[c.at] }

// compare says which cutting is likelier: the one that finds more of what is
// waited for; then the one that cuts the header, and cuts more rows like it.
func (c *cutting) compare(other cutting) int {
	if other.lines == nil {
		return 1
	}
	return cmp.Or(
		cmp.Compare(c.known, other.known),
		cmp.Compare(min(len(c.header().cells), 2), min(len(other.header().cells), 2)),
		cmp.Compare(c.fits, other.fits),
		cmp.Compare(len(c.header().cells), len(other.header().cells)),
	)
}

// headerAmong says which line is the header: the one with the most columns that
// somebody waits for or, if none is waited for, the first that is not a mere
// line of text.
func headerAmong(lines []headLine, known func(columnSet) int) (at, columns int) {
	for i, line := range lines {
		if n := known(line.columns); line.fault == "" && n > columns {
			at, columns = i, n
		}
	}
	if columns > 0 {
		return at, columns
	}
	for i, line := range lines {
		if line.fault != "" {
			break
		}
		if len(filled(line.cells)) > 1 {
			return i, 0
		}
	}
	return 0, 0
}

// filled returns the cells that are not blank.
func filled(cells []string) []string {
	return slices.DeleteFunc(slices.Clone(cells), func(cell string) bool { return cell == "" })
}

// failure is why nothing of the whole import can be used.
func (f *file) failure(code, what, hint string) error {
	return &insights.Error{Code: code, Message: fmt.Sprintf("%s %s. Nothing was loaded.", f.name, what), Hint: hint}
}

// sample is what the beginning of a file says, once it is known how to read it.
type sample struct {
	dialect
	guessed  bool     // the encoding was not declared and no mark names it
	line     int      // the physical line of the header
	header   []string // the names of the columns, without blanks around them
	preamble []string // lines of text before the header, such as a report's title
}

// sample takes a cutting for the right one, unless its header says otherwise,
// and settles the encoding.
func (o *opening) sample(c cutting) (*sample, error) {
	s := &sample{dialect: c.dialect}
	if o.mark != "" && s.encoding != "" && o.mark != s.encoding {
		return nil, o.file.failure("wrong_encoding", fmt.Sprintf("is written in %s, but the mapping says %s", strings.ToUpper(o.mark), s.encoding), "Take the encoding out of the mapping.")
	}
	if o.mark == "" && s.encoding == inUTF16 {
		return nil, o.file.failure("wrong_encoding", "has no byte order mark, so it cannot be told how its UTF-16 is to be read", "Save it as CSV UTF-8, and take the encoding out of the mapping.")
	}
	if err := o.settleEncoding(s); err != nil {
		return nil, err
	}
	c.lines = o.linesBy(s.dialect)
	header := c.header()
	switch {
	case c.ambiguous:
		return nil, o.file.failure("ambiguous_delimiter", "could be separated by more than one sign", `Say which in the mapping, for example delimiter: ";".`)
	case header.cut && o.more:
		return nil, o.file.failure("bad_header", "has a header without an end", "See that the first line names the columns, and ends.")
	case header.fault != "":
		return nil, o.file.failure("bad_header", "has a header that is not CSV: "+header.fault, fmt.Sprintf("Correct line %d, or export the file again.", header.line))
	case header.garbled > 0:
		return nil, o.file.failure("wrong_encoding", fmt.Sprintf("has a header that is not %s (column %d)", s.encoding, header.garbled), upperFirst(otherEncoding(s.encoding))+".")
	}
	s.line, s.header = header.line, header.cells
	for _, line := range c.lines[:c.at] {
		s.preamble = append(s.preamble, strings.Join(filled(line.cells), " "))
	}
	return s, nil
}

// settleEncoding reads the whole file for its encoding if nobody declared it.
func (o *opening) settleEncoding(s *sample) (err error) {
	s.guessed = s.encoding == "" && o.mark == ""
	switch {
	case s.guessed:
		s.encoding, err = encodingOf(o.file)
	case s.encoding == "":
		s.encoding = o.mark
	}
	return err
}

// otherEncoding advises what to try when text does not fit the encoding.
func otherEncoding(encoding string) string {
	if encoding == inWindows1252 {
		return "take encoding: windows-1252 out of the mapping, since this looks like UTF-8"
	}
	return "save the file as CSV UTF-8, or declare encoding: windows-1252 in a mapping if that is what it is written in"
}

// notes says what was done to understand the file that people should know of.
func (s *sample) notes() []string {
	var notes []string
	if s.guessed && s.encoding != inUTF8 {
		notes = append(notes, "It is not written in UTF-8, so it was read as Windows-1252; a mapping can declare the encoding.")
	}
	if n := len(s.preamble); n > 0 {
		notes = append(notes, fmt.Sprintf("The header is line %d; before it %s left out: %s.", s.line, plural(n, "a line of text was", "lines of text were"), shownTexts(s.preamble)))
	}
	return notes
}

// shownTexts writes texts as they are shown: shortened, in quotes.
func shownTexts(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = "“" + shorten(text) + "”"
	}
	return strings.Join(quoted, ", ")
}
