package importer

import (
	"bufio"
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
type scanner struct {
	in    *bufio.Reader
	delim byte
	line  int
	data  []byte // the cells of the current record, end to end
	ends  []int
	cells [][]byte // of the current record, reused
	rec   record
}

func newScanner(in *bufio.Reader, delim byte) *scanner {
	return &scanner{in: in, delim: delim, line: 1}
}

// end is what a cell ended with.
type end int

const (
	endCell end = iota
	endLine
	endFile
)

// next returns the next record, or io.EOF behind the last.
func (s *scanner) next() (record, error) {
	if _, err := s.in.Peek(1); err != nil {
		return record{}, err
	}
	s.data, s.ends, s.rec = s.data[:0], s.ends[:0], record{line: s.line, last: s.line}
	for {
		stop, err := s.cell()
		if err != nil {
			return record{}, err
		}
		s.ends = append(s.ends, len(s.data))
		if stop == endCell {
			continue
		}
		s.rec.cut = stop == endFile
		s.rec.cells = s.split()
		return s.rec, nil
	}
}

// header returns the first record that is not an empty line.
func (s *scanner) header() (record, error) {
	for {
		rec, err := s.next()
		if err != nil || !rec.blank() {
			return rec, err
		}
	}
}

// split cuts the collected bytes into cells once they have stopped moving.
func (s *scanner) split() [][]byte {
	start := 0
	s.cells = s.cells[:0]
	for _, stop := range s.ends {
		s.cells = append(s.cells, s.data[start:stop])
		start = stop
	}
	return s.cells
}

func (s *scanner) cell() (end, error) {
	first, err := s.in.Peek(1)
	if err == nil && first[0] == '"' {
		return s.quoted()
	}
	return s.plain()
}

// plain reads a cell that does not begin with a quote.
func (s *scanner) plain() (end, error) {
	if err := s.keepUntil(s.delim, '"'); err != nil {
		return atEOF(err)
	}
	b, err := s.in.ReadByte()
	if err != nil {
		return endFile, err
	}
	if b == '"' {
		return s.malformed("a quote stands inside an unquoted cell; such a cell must be quoted and the quote doubled")
	}
	return s.after(b)
}

// quoted reads a cell that begins with a quote.
func (s *scanner) quoted() (end, error) {
	opened := s.line
	s.skipByte()
	for {
		if err := s.keepUntil('"', '"'); err != nil {
			if errors.Is(err, io.EOF) {
				s.rec.last = s.line
				s.rec.fault = "the file ends inside a quoted cell; it is cut off, or a closing quote is missing"
				s.rec.where = fmt.Sprintf(" (the cell begins on line %d)", opened)
			}
			return atEOF(err)
		}
		b, err := s.in.ReadByte()
		if err != nil {
			return endFile, err
		}
		if b != '"' {
			s.keepBreak(b)
			continue
		}
		next, err := s.in.Peek(1)
		if err != nil {
			return atEOF(err)
		}
		if next[0] == '"' {
			s.keep(next)
			s.skipByte()
			continue
		}
		s.skipByte()
		return s.after(next[0])
	}
}

// after says what the byte behind a finished cell means.
func (s *scanner) after(b byte) (end, error) {
	switch b {
	case s.delim:
		return endCell, nil
	case '\n', '\r':
		s.lineBreak(b)
		return endLine, nil
	default:
		return s.malformed("text follows a closing quote; a quote inside a quoted cell must be doubled")
	}
}

// malformed notes why the record is not CSV and skips to the end of its line.
func (s *scanner) malformed(why string) (end, error) {
	s.rec.last = s.line
	s.rec.fault = why
	if s.rec.last > s.rec.line {
		s.rec.where = fmt.Sprintf(" (the row reaches to line %d)", s.rec.last)
	}
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return atEOF(err)
		}
		if b == '\n' || b == '\r' {
			s.lineBreak(b)
			return endLine, nil
		}
	}
}

// keepUntil keeps bytes up to, and without, a line break or either stop.
func (s *scanner) keepUntil(stop, other byte) error {
	for {
		if _, err := s.in.Peek(1); err != nil {
			return err
		}
		window, _ := s.in.Peek(s.in.Buffered())
		i := 0
		for i < len(window) && window[i] != stop && window[i] != other && window[i] != '\n' && window[i] != '\r' {
			i++
		}
		s.keep(window[:i])
		if _, err := s.in.Discard(i); err != nil {
			return err
		}
		if i < len(window) {
			return nil
		}
	}
}

func (s *scanner) keep(b []byte) {
	if len(s.data)+len(b) > maxRecord {
		s.rec.fault = fmt.Sprintf("the row is longer than %d MB; most likely a closing quote is missing", maxRecord>>20)
		return
	}
	s.data = append(s.data, b...)
}

// keepBreak keeps a line break inside a cell, as it is written.
func (s *scanner) keepBreak(b byte) {
	s.keep([]byte{b})
	if s.lineBreak(b) {
		s.keep([]byte{'\n'})
	}
}

// lineBreak counts the line that ends with b, takes the LF of a CRLF, and
// reports whether there was one.
func (s *scanner) lineBreak(b byte) bool {
	s.rec.last = s.line
	s.line++
	if b != '\r' {
		return false
	}
	next, err := s.in.Peek(1)
	if err != nil || next[0] != '\n' {
		return false
	}
	s.skipByte()
	return true
}

// skipByte drops a byte that was peeked at, so it cannot fail.
func (s *scanner) skipByte() { _, _ = s.in.Discard(1) }

// atEOF turns the end of the file into the end of a cell.
func atEOF(err error) (end, error) {
	if errors.Is(err, io.EOF) {
		return endFile, nil
	}
	return endFile, err
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
