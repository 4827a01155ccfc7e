package store

import (
	"strconv"
	"strings"
	"time"

	"salesbot/insights"
)

// copyRow writes rows in the text format of COPY. What is blank or zero is
// unknown, and becomes null.
type copyRow struct {
	lines []byte
	inRow bool
}

// origin is where a record is from.
type origin struct{ row, file, line, rule int }

func (r *copyRow) origin(o origin) {
	for _, n := range []int{o.row, o.file, o.line, o.rule} {
		r.number(int64(n))
	}
}

// next begins a column.
func (r *copyRow) next() {
	if r.inRow {
		r.lines = append(r.lines, '\t')
	}
	r.inRow = true
}

func (r *copyRow) end() {
	r.lines = append(r.lines, '\n')
	r.inRow = false
}

func (r *copyRow) null() {
	r.next()
	r.lines = append(r.lines, `\N`...)
}

func (r *copyRow) text(columns ...string) {
	for _, text := range columns {
		if text == "" {
			r.null()
			continue
		}
		r.next()
		r.escape(text)
	}
}

// escape writes a text, in which the signs that COPY itself uses need a
// backslash.
func (r *copyRow) escape(text string) {
	for {
		at := strings.IndexAny(text, "\\\t\n\r")
		if at < 0 {
			r.lines = append(r.lines, text...)
			return
		}
		r.lines = append(r.lines, text[:at]...)
		r.lines = append(r.lines, '\\', escaped[text[at]])
		text = text[at+1:]
	}
}

var escaped = map[byte]byte{'\\': '\\', '\t': 't', '\n': 'n', '\r': 'r'}

func (r *copyRow) number(n int64) {
	r.next()
	r.lines = strconv.AppendInt(r.lines, n, 10)
}

func (r *copyRow) numberIf(n *int) {
	if n == nil {
		r.null()
		return
	}
	r.number(int64(*n))
}

// money writes two columns: minor units and currency.
func (r *copyRow) money(m *insights.Money) {
	if m == nil {
		r.null()
		r.null()
		return
	}
	r.number(m.Minor)
	r.text(m.Currency)
}

func (r *copyRow) truth(so *bool) {
	if so == nil {
		r.null()
		return
	}
	r.next()
	r.lines = strconv.AppendBool(r.lines, *so)
}

func (r *copyRow) day(t time.Time) { r.time(t, time.DateOnly) }

func (r *copyRow) moment(t time.Time) { r.time(t, time.RFC3339Nano) }

func (r *copyRow) time(t time.Time, layout string) {
	if t.IsZero() {
		r.null()
		return
	}
	r.next()
	r.lines = t.AppendFormat(r.lines, layout)
}
