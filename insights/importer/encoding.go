package importer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The encodings that are read. A mapping may declare one, and then it is law.
// UTF-16 has a byte order mark that says which of the two it is.
const (
	inUTF8        = "utf-8"
	inUTF16       = "utf-16"
	inWindows1252 = "windows-1252"
)

var encodings = []string{inUTF8, inUTF16, inWindows1252}

// Byte order marks.
var (
	utf8BOM    = []byte("\xef\xbb\xbf")
	utf16LEBOM = []byte("\xff\xfe")
	utf16BEBOM = []byte("\xfe\xff")
)

// marked returns the encoding that the byte order mark at the beginning of a
// file stands for, or nothing.
func marked(head []byte) string {
	switch {
	case bytes.HasPrefix(head, utf8BOM):
		return inUTF8
	case bytes.HasPrefix(head, utf16LEBOM), bytes.HasPrefix(head, utf16BEBOM):
		return inUTF16
	default:
		return ""
	}
}

// encodingEvidence gathers, as the bytes of a file are written to it, what tells
// its encoding. It may be one of several readers of a pass over the file.
type encodingEvidence struct {
	head      []byte
	open      []byte // the beginning of a character that was not complete yet
	beyond    int    // characters of UTF-8 beyond ASCII
	broken    int    // bytes that no character of UTF-8 has
	undefined bool   // a byte that Windows-1252 has no character for
}

// Write takes the next bytes of the file. It cannot fail.
func (e *encodingEvidence) Write(p []byte) (int, error) {
	n := len(p)
	if missing := len(utf8BOM) - len(e.head); missing > 0 {
		e.head = append(e.head, p[:min(missing, n)]...)
	}
	if len(e.open) > 0 {
		p = append(bytes.Clone(e.open), p...)
		e.open = e.open[:0]
	}
	for {
		p = p[asciiPrefix(p):]
		if len(p) == 0 {
			return n, nil
		}
		if !utf8.FullRune(p) {
			e.open = append(e.open, p...)
			return n, nil
		}
		p = p[e.character(p):]
	}
}

// character notes the character that p begins with and returns its length.
func (e *encodingEvidence) character(p []byte) int {
	r, size := utf8.DecodeRune(p)
	if r == utf8.RuneError && size == 1 {
		e.broken++
	} else {
		e.beyond++
	}
	e.undefined = e.undefined || hasUndefined(p[:size])
	return size
}

// verdict says how the file is written, once all of it was seen. Without a byte
// order mark it is UTF-8 if all of it is, and otherwise Windows-1252. But where
// bytes stand that have no character there, or where half that is beyond ASCII
// is good UTF-8, it is damaged UTF-8: a few rows are better rejected than all
// names misspelt.
func (e *encodingEvidence) verdict() string {
	broken := e.broken + len(e.open)
	switch mark := marked(e.head); {
	case mark != "":
		return mark
	case broken == 0, e.undefined, e.beyond >= broken:
		return inUTF8
	default:
		return inWindows1252
	}
}

// hasUndefined reports whether a byte stands in text that Windows-1252 has no
// character for.
func hasUndefined(text []byte) bool {
	return slices.ContainsFunc(text, func(b byte) bool {
		return b == 0x81 || b == 0x8d || b == 0x8f || b == 0x90 || b == 0x9d
	})
}

// asciiPrefix returns how many bytes at the beginning of p are ASCII.
func asciiPrefix(p []byte) int {
	i := 0
	for ; i+8 <= len(p); i += 8 {
		if binary.LittleEndian.Uint64(p[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for i < len(p) && p[i] < utf8.RuneSelf {
		i++
	}
	return i
}

func isASCII(b []byte) bool { return asciiPrefix(b) == len(b) }

// encodingOf reads a whole file to say how it is written.
func encodingOf(f *file) (string, error) {
	in, err := f.open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	var seen encodingEvidence
	if _, err := io.CopyBuffer(&seen, struct{ io.Reader }{in}, make([]byte, buffered)); err != nil {
		return "", unreadable(f.name, err)
	}
	return seen.verdict(), nil
}

// unmarked reads a file from behind its byte order mark, and turns UTF-16, in
// which a scanner could not tell a delimiter, into UTF-8. Text in another
// encoding stays as it is.
func unmarked(in io.Reader, encoding string) (io.Reader, error) {
	head := make([]byte, len(utf8BOM))
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	head = head[:n]
	switch {
	case marked(head) == inUTF8:
		return in, nil
	case encoding == inUTF16 && bytes.HasPrefix(head, utf16BEBOM):
		return &utf16Reader{in: io.MultiReader(bytes.NewReader(head[2:]), in), order: binary.BigEndian}, nil
	case encoding == inUTF16:
		return &utf16Reader{in: io.MultiReader(bytes.NewReader(bytes.TrimPrefix(head, utf16LEBOM)), in), order: binary.LittleEndian}, nil
	default:
		return io.MultiReader(bytes.NewReader(head), in), nil
	}
}

// utf16Reader turns UTF-16 into UTF-8. Half a character comes out as bytes that
// are not UTF-8, so that it is found in its cell and not replaced in silence.
type utf16Reader struct {
	in    io.Reader
	order binary.ByteOrder
	raw   []byte // read and not yet turned
	out   []byte // turned and not yet taken
	room  []byte // what out is written into
	err   error
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.more()
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// more reads and turns the next bytes. What is not a whole character yet waits.
func (r *utf16Reader) more() {
	const chunk = 16 << 10
	r.out = r.room[:0]
	kept := len(r.raw)
	r.raw = append(r.raw, make([]byte, chunk)...)
	var n int
	n, r.err = r.in.Read(r.raw[kept:])
	r.raw = r.raw[:kept+n]
	at := 0
	for {
		size := r.character(r.raw[at:])
		if size == 0 {
			break
		}
		at += size
	}
	r.raw, r.room = append(r.raw[:0], r.raw[at:]...), r.out
}

// notText is a byte that stands nowhere in UTF-8.
const notText = 0xff

// character turns the character that raw begins with and returns its length, or
// 0 if more must be read first.
func (r *utf16Reader) character(raw []byte) int {
	last := r.err != nil
	switch {
	case len(raw) == 0:
		return 0
	case len(raw) == 1 && last:
		r.out = append(r.out, notText)
		return 1
	case len(raw) < 2:
		return 0
	}
	first := rune(r.order.Uint16(raw))
	if !utf16.IsSurrogate(first) {
		r.out = utf8.AppendRune(r.out, first)
		return 2
	}
	if len(raw) < 4 && !last {
		return 0
	}
	if len(raw) >= 4 {
		if pair := utf16.DecodeRune(first, rune(r.order.Uint16(raw[2:]))); pair != utf8.RuneError {
			r.out = utf8.AppendRune(r.out, pair)
			return 4
		}
	}
	r.out = append(r.out, notText)
	return 2
}

// decode turns a cell into UTF-8.
func decode(cell []byte, encoding string) (string, bool) {
	if encoding != inWindows1252 {
		return string(cell), utf8.Valid(cell)
	}
	if utf8.Valid(cell) && !isASCII(cell) {
		return "", false // declared wrongly: no text in windows-1252 looks like this
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(cell)
	return string(text), err == nil && !hasUndefined(cell)
}
