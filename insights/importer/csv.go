package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRecord is the most one record may hold. Beyond it a forgotten quote is far
// likelier than data, and memory must not grow with the file.
const maxRecord = 64 << 20

// record is one row of a CSV file. Its cells are valid until the next is read.
type record struct {
	line  int // the physical line it starts on, from 1
	last  int // the physical line it ends on
	cells [][]byte
	fault string // why it is not CSV; empty if it is
	where string // the lines the fault is about, if they are not plain
	cut   bool   // the file ends in it without a line break
}

// scanner cuts a file into records. It is stricter than encoding/csv, which
// cannot tell a truncated file, and knows every line break in use: LF, CRLF and
// CR. A record that is not CSV is returned with its fault, and reading goes on
// behind the line it ends on: nothing that may be the inside of a cell is ever
// taken for a row.
//
// The cells of a record are parts of the buffer, which is as large as the
// longest record needs. Most records have no quote and are cut without looking
// at each byte, because the next line break and the next quote are known.
type scanner struct {
	in      io.Reader
	delim   byte
	escapes bool // a backslash takes the meaning of the byte behind it
	line    int

	buf   []byte
	start int   // where the record begins in buf
	end   int   // where what was read ends in buf
	err   error // why nothing can be read behind end; io.EOF: the file ends there

	lf, cr, quote nextByte
	stop          int // the first line break of the record, or the end of the buffer

	cells   [][]byte // of the record, parts of buf
	escaped []int    // those that are not yet what was meant
	rec     record
}

// buffered is how much of a file is read at once.
const buffered = 64 << 10

func newScanner(in io.Reader, delim byte) *scanner {
	return &scanner{
		in: in, delim: delim, line: 1, buf: make([]byte, buffered),
		lf: nextByte{value: '\n', at: -1}, cr: nextByte{value: '\r', at: -1}, quote: nextByte{value: '"', at: -1},
	}
}

// nextByte remembers where a byte is found next, so that the buffer is searched
// for it once and not with every record.
type nextByte struct {
	value byte
	at    int // -1: not known
}

// from returns the first place of the byte at or behind i, or the end of data.
func (n *nextByte) from(data []byte, i int) int {
	if n.at >= i {
		return n.at
	}
	n.at = len(data)
	if found := bytes.IndexByte(data[i:], n.value); found >= 0 {
		n.at = i + found
	}
	return n.at
}

// errShort says that the buffer ends inside the record, and more can be read.
var errShort = errors.New("the buffer ends inside the record")

// next returns the next record, or io.EOF behind the last.
func (s *scanner) next() (record, error) {
	for {
		if s.start == s.end && s.err == nil {
			s.fill()
		}
		if s.start == s.end {
			return record{}, s.err
		}
		switch err := s.cut(); {
		case err == nil:
			return s.rec, nil
		case !errors.Is(err, errShort):
			return record{}, err
		case s.end-s.start >= maxRecord:
			return s.tooLong()
		}
		s.fill()
	}
}

// fill moves the record that was begun to the front of the buffer, makes room
// if it fills it, and reads until the buffer is full: asked again and again for
// a record that grows, it must not look at its beginning each time.
func (s *scanner) fill() {
	copy(s.buf, s.buf[s.start:s.end])
	s.end, s.start = s.end-s.start, 0
	s.lf.at, s.cr.at, s.quote.at = -1, -1, -1
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for idle := 0; s.end < len(s.buf) && s.err == nil; {
		var n int
		n, s.err = s.in.Read(s.buf[s.end:])
		s.end += n
		if idle++; n > 0 {
			idle = 0
		}
		if idle == maxIdle {
			s.err = io.ErrNoProgress
		}
	}
}

// maxIdle is how often a reader may return nothing before it is given up.
const maxIdle = 100

// short says what it means that the buffer ends here: nothing if the file ends
// here too.
func (s *scanner) short() error {
	switch {
	case s.err == nil:
		return errShort
	case errors.Is(s.err, io.EOF):
		return nil
	default:
		return s.err
	}
}

// cut cuts the record at the start of the buffer, and steps behind it.
func (s *scanner) cut() error {
	data := s.buf[:s.end]
	s.cells, s.escaped, s.rec = s.cells[:0], s.escaped[:0], record{line: s.line, last: s.line}
	s.stop = min(s.lf.from(data, s.start), s.cr.from(data, s.start))
	var (
		next int
		err  error
	)
	if !s.escapes && s.quote.from(data, s.start) > s.stop {
		next, err = s.plainLine(data)
	} else {
		next, err = s.anyLine(data)
	}
	if err != nil {
		return err
	}
	s.start = next
	for _, i := range s.escaped {
		s.cells[i] = s.unescaped(s.cells[i])
	}
	s.rec.cells = s.cells
	return nil
}

// plainLine cuts a line without quotes.
func (s *scanner) plainLine(data []byte) (next int, err error) {
	stop := s.stop
	if stop == len(data) {
		if err := s.short(); err != nil {
			return 0, err
		}
	}
	from := s.start
	for {
		i := bytes.IndexByte(data[from:stop], s.delim)
		if i < 0 {
			break
		}
		s.keep(data, from, from+i)
		from += i + 1
	}
	s.keep(data, from, stop)
	return s.endLine(data, stop)
}

// keep takes a part of the buffer for a cell.
func (s *scanner) keep(data []byte, from, to int) {
	s.cells = append(s.cells, data[from:to:to])
}

// keepEscaped takes a part of the buffer for a cell that is to be written as it
// was meant.
func (s *scanner) keepEscaped(data []byte, from, to int) {
	s.escaped = append(s.escaped, len(s.cells))
	s.keep(data, from, to)
}

// endLine steps over the line break at i, or finds the end of the file there.
func (s *scanner) endLine(data []byte, i int) (next int, err error) {
	if i == len(data) {
		s.rec.cut = true
		return i, s.short()
	}
	if data[i] == '\r' {
		if i+1 == len(data) {
			if err := s.short(); err != nil {
				return 0, err
			}
		} else if data[i+1] == '\n' {
			i++
		}
	}
	s.line = s.rec.last + 1
	return i + 1, nil
}

// anyLine cuts a record cell by cell.
func (s *scanner) anyLine(data []byte) (next int, err error) {
	at := s.start
	for {
		if !s.escapes {
			at = s.simplyQuoted(data[:s.stop], at)
		}
		var stop int
		var why string
		if at < len(data) && data[at] == '"' {
			stop, why, err = s.quoted(data, at)
		} else {
			stop, why, err = s.plain(data, at)
		}
		switch {
		case err != nil:
			return 0, err
		case why != "":
			return s.malformed(data, stop, why)
		case stop == len(data) || data[stop] != s.delim:
			return s.endLine(data, stop)
		}
		at = stop + 1
	}
}

// simplyQuoted takes the cells that are in quotes, have none inside and are not
// the last of the line: in many files nearly all are so.
func (s *scanner) simplyQuoted(line []byte, at int) (next int) {
	for at < len(line) && line[at] == '"' {
		length := bytes.IndexByte(line[at+1:], '"')
		to := at + 1 + length
		if length < 0 || to+1 >= len(line) || line[to+1] != s.delim {
			break
		}
		s.keep(line, at+1, to)
		at = to + 2
	}
	return at
}

// plain finds the end of a cell that does not begin with a quote, or why it is
// not CSV.
func (s *scanner) plain(data []byte, from int) (stop int, why string, err error) {
	at, escaped := from, false
	for ; at < len(data); at++ {
		b := data[at]
		if b == s.delim || b == '\n' || b == '\r' {
			break
		}
		if b == '"' {
			why = faultInnerQuote
			break
		}
		if b == '\\' && s.escapes {
			escaped = true
			at += len(escapeOf(data[at:])) - 1
		}
	}
	if at == len(data) {
		err = s.short()
	}
	if escaped {
		s.rec.last += lineBreaks(data[from:at])
		s.keepEscaped(data, from, at)
	} else {
		s.keep(data, from, at)
	}
	return at, why, err
}

// escapeOf returns the backslash that text begins with and what it stands for:
// a byte, or both of a CRLF.
func escapeOf(text []byte) []byte {
	if len(text) > 2 && text[1] == '\r' && text[2] == '\n' {
		return text[:3]
	}
	return text[:min(2, len(text))]
}

// What can be wrong with a record.
const (
	faultInnerQuote   = "a quote stands inside an unquoted cell; such a cell must be quoted and the quote doubled"
	faultTextBehind   = "text follows a closing quote; a quote inside a quoted cell must be doubled"
	faultBackslash    = "text follows a quote behind a backslash; if the file writes quotes so, declare escape: backslash in a mapping"
	faultEndsInQuotes = "the file ends inside a quoted cell; it is cut off, or a closing quote is missing"
)

// quoted finds what follows a cell that begins with a quote, or why the cell is
// not CSV.
func (s *scanner) quoted(data []byte, quote int) (stop int, why string, err error) {
	from, escaped := quote+1, false
	at := from
	for {
		var skipped bool
		at, skipped = s.closing(data, at)
		escaped = escaped || skipped
		if at+1 >= len(data) {
			if err := s.short(); err != nil {
				return 0, "", err
			}
			break
		}
		if data[at+1] != '"' {
			break
		}
		escaped = true
		at += 2
	}
	to, opened := min(at, len(data)), s.rec.last
	if to > s.stop {
		s.rec.last += lineBreaks(data[from:to])
	}
	if escaped {
		s.keepEscaped(data, from, to)
	} else {
		s.keep(data, from, to)
	}
	if at >= len(data) {
		s.rec.where = fmt.Sprintf(" (the cell begins on line %d)", opened)
		return len(data), faultEndsInQuotes, nil
	}
	return at + 1, s.behind(data, at), nil
}

// behind says what is wrong with what follows a closing quote, if anything is.
func (s *scanner) behind(data []byte, quote int) string {
	next := quote + 1
	switch {
	case next == len(data), data[next] == s.delim, data[next] == '\n', data[next] == '\r':
		return ""
	case data[quote-1] == '\\' && !s.escapes:
		return faultBackslash
	default:
		return faultTextBehind
	}
}

// closing finds the next quote that no backslash takes the meaning of, or a
// place at or behind the end of data, and whether there was a backslash.
func (s *scanner) closing(data []byte, at int) (quote int, escaped bool) {
	for at < len(data) {
		i := bytes.IndexByte(data[at:], '"')
		if i < 0 {
			i = len(data) - at
		}
		if !s.escapes {
			return at + i, false
		}
		backslash := bytes.IndexByte(data[at:at+i], '\\')
		if backslash < 0 {
			return at + i, escaped
		}
		at, escaped = at+backslash+2, true
	}
	return at, escaped
}

// malformed notes why the record is not CSV and steps behind its line.
func (s *scanner) malformed(data []byte, at int, why string) (next int, err error) {
	stop := at
	for stop < len(data) && data[stop] != '\n' && data[stop] != '\r' {
		stop++
	}
	s.rec.fault = why
	if s.rec.where == "" && s.rec.last > s.rec.line {
		s.rec.where = fmt.Sprintf(" (the row reaches to line %d)", s.rec.last)
	}
	return s.endLine(data, stop)
}

// lineBreaks counts the line breaks in the text of a cell.
func lineBreaks(text []byte) int {
	n := bytes.Count(text, []byte{'\n'})
	if bytes.IndexByte(text, '\r') < 0 {
		return n
	}
	return n + bytes.Count(text, []byte{'\r'}) - bytes.Count(text, []byte("\r\n"))
}

// unescaped writes a cell, in its place, as it was meant: of two quotes one and
// what stands behind a backslash. A dump writes \N for no value.
func (s *scanner) unescaped(text []byte) []byte {
	if s.escapes && string(text) == `\N` {
		return nil
	}
	kept := text[:0]
	for i := 0; i < len(text); i++ {
		if (text[i] == '"' || text[i] == '\\' && s.escapes) && i+1 < len(text) {
			i++
		}
		kept = append(kept, text[i])
	}
	return kept
}

// tooLong steps behind a record that is longer than any row, and keeps only its
// beginning.
func (s *scanner) tooLong() (record, error) {
	rec := record{
		line: s.line, cells: [][]byte{bytes.Clone(s.buf[s.start : s.start+buffered])},
		fault: fmt.Sprintf("the row is longer than %d MB; most likely a closing quote is missing", maxRecord>>20),
	}
	var where position
	for where != behindRecord {
		b, err := s.byte()
		if errors.Is(err, io.EOF) {
			rec.cut = true
			break
		}
		if err != nil {
			return record{}, err
		}
		rec.last = s.line
		where = s.step(where, b)
		if b == '\r' {
			s.skipLF()
		}
		if b == '\n' || b == '\r' {
			s.line++
		}
	}
	return rec, nil
}

// position is where in a record a byte stands.
type position int

const (
	atCell position = iota
	inCell
	inQuotes
	behindQuote
	behindFault
	behindBackslash
	behindBackslashInQuotes
	behindRecord
)

// step says where the byte behind b stands if b stands at the position given.
func (s *scanner) step(where position, b byte) position {
	lineEnds := b == '\n' || b == '\r'
	switch {
	case where == behindBackslash:
		return inCell
	case where == behindBackslashInQuotes:
		return inQuotes
	case where == inQuotes && b == '"':
		return behindQuote
	case where == inQuotes && b == '\\' && s.escapes:
		return behindBackslashInQuotes
	case where == inQuotes:
		return inQuotes
	case lineEnds:
		return behindRecord
	case where == behindFault:
		return behindFault
	case b == s.delim:
		return atCell
	case b == '"' && (where == atCell || where == behindQuote):
		return inQuotes
	case b == '"', where == behindQuote:
		return behindFault
	case b == '\\' && s.escapes:
		return behindBackslash
	default:
		return inCell
	}
}

// byte takes one byte.
func (s *scanner) byte() (byte, error) {
	if s.start == s.end && s.err == nil {
		s.fill()
	}
	if s.start == s.end {
		return 0, s.err
	}
	s.start++
	return s.buf[s.start-1], nil
}

// skipLF takes a line feed if it comes next.
func (s *scanner) skipLF() {
	if b, err := s.byte(); err == nil && b != '\n' {
		s.start--
	}
}

// blank reports whether the record is an empty line.
func (r record) blank() bool { return len(r.cells) == 1 && len(r.cells[0]) == 0 && r.fault == "" }

// trimTo drops empty cells beyond n: spreadsheets write them for columns that
// were once touched.
func (r *record) trimTo(n int) {
	for len(r.cells) > n && len(bytes.TrimSpace(r.cells[len(r.cells)-1])) == 0 {
		r.cells = r.cells[:len(r.cells)-1]
	}
}
