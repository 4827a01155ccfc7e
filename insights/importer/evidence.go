package importer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"salesbot/insights"
)

// A value such as 3/4/2025 or 1,500 can be read in two ways, and no single one
// is the better. Others of the same file may show how it is written: where
// 3/14/2025 stands, the month comes first. So a file whose formats are not
// declared is read once for evidence before it is read for records.

// witness is a value that shows how the values of a file are written.
type witness struct {
	column, value string
	line          int
}

func (w *witness) String() string { return fmt.Sprintf("%s in line %d", w.value, w.line) }

// evidence is what the values of a file show of how they are written. It does
// not depend on their order but for which value is the witness.
type evidence struct {
	dates dates
	money moneyFormat

	dayFirst, monthFirst *witness // values that can be read only so
	eitherDay            *witness // a value that can be read as two days
	point, comma         *witness
	eitherAmount         *witness

	shortYears tallies
	blanks     tallies
}

// tallies counts values, a column each.
type tallies map[string]*tally

type tally struct{ rows, line int }

func (t tallies) add(column string, line int) {
	switch counted := t[column]; {
	case counted == nil:
		t[column] = &tally{rows: 1, line: line}
	case counted.line != line: // two fields may come from one column
		counted.rows, counted.line = counted.rows+1, line
	}
}

func newEvidence(f format) *evidence {
	return &evidence{dates: f.dates, money: f.money, shortYears: tallies{}, blanks: tallies{}}
}

// unknown notes a cell that says that nobody knows.
func (e *evidence) unknown(column string, line int) { e.blanks.add(column, line) }

// day notes what a day or moment shows.
func (e *evidence) day(v witness) {
	w, ok := scanMoment(v.value)
	if !ok || !e.dates.auto() {
		return
	}
	if w.shortYear {
		e.shortYears.add(v.column, v.line)
	}
	if w.order != unknownOrder {
		return
	}
	_, order, several := w.readings()
	switch {
	case several:
		e.eitherDay = cmp.Or(e.eitherDay, &v)
	case order == dayFirst && w.in(monthFirst) != w.in(dayFirst):
		e.dayFirst = cmp.Or(e.dayFirst, &v)
	case order == monthFirst:
		e.monthFirst = cmp.Or(e.monthFirst, &v)
	}
}

// amount notes what an amount of a currency with that many decimals shows.
func (e *evidence) amount(v witness, places int) {
	w, reason := takeApart(v.value)
	if reason != "" || !e.money.auto {
		return
	}
	_, shows, reason := w.reading(unknownSign, places)
	switch {
	case reason == reasonTwoAmounts:
		e.eitherAmount = cmp.Or(e.eitherAmount, &v)
	case shows == point:
		e.point = cmp.Or(e.point, &v)
	case shows == comma:
		e.comma = cmp.Or(e.comma, &v)
	}
}

// order is the order of day and month that the values show, if they agree.
func (e *evidence) order() dayOrder {
	switch {
	case e.dayFirst != nil && e.monthFirst == nil:
		return dayFirst
	case e.monthFirst != nil && e.dayFirst == nil:
		return monthFirst
	}
	return unknownOrder
}

// decimal is the decimal sign that the values show, if they agree.
func (e *evidence) decimal() string {
	switch {
	case e.point != nil && e.comma == nil:
		return string(rune(point))
	case e.comma != nil && e.point == nil:
		return string(rune(comma))
	}
	return ""
}

// settle returns the formats with what the values show. What is declared stays.
func (e *evidence) settle(f format) format {
	if f.dates.auto() && f.dates.order == unknownOrder {
		f.dates.order = e.order()
	}
	if f.money.auto && f.money.decimal == "" {
		f.money.decimal = e.decimal()
	}
	return f
}

// question is what has to be asked before anything of the file can be used: it
// has values that can be read in two ways, and not one that shows which is
// meant. Empty: nothing.
func (e *evidence) question() (what, hint string) {
	var whats, hints []string
	if w := e.eitherDay; w != nil && e.dates.order == unknownOrder && e.dayFirst == nil && e.monthFirst == nil {
		whats = append(whats, fmt.Sprintf("has days that can be read in two ways (%s %s), and none that shows whether the day or the month comes first", w.column, w))
		hints = append(hints, "--dates dmy if the day comes first, --dates mdy if the month does")
	}
	if w := e.eitherAmount; w != nil && e.money.decimal == "" && e.point == nil && e.comma == nil {
		whats = append(whats, fmt.Sprintf("has amounts that can be read in two ways (%s %s), and none that shows whether the point or the comma is the decimal sign", w.column, w))
		hints = append(hints, "--decimal . if the point is the decimal sign, --decimal , if the comma is")
	}
	if len(whats) == 0 {
		return "", ""
	}
	return strings.Join(whats, "; it "), "Import it with " + strings.Join(hints, "; and with ") + "."
}

// notes say what was taken for what, for people.
func (e *evidence) notes() []string {
	var notes []string
	if e.dates.order == unknownOrder && e.dayFirst != nil && e.monthFirst != nil && e.eitherDay != nil {
		notes = append(notes, fmt.Sprintf("both orders of day and month occur (%s; %s), so days that can be read in both are rejected", e.dayFirst, e.monthFirst))
	}
	if e.money.decimal == "" && e.point != nil && e.comma != nil && e.eitherAmount != nil {
		notes = append(notes, fmt.Sprintf("both decimal signs occur (%s; %s), so amounts that can be read by both are rejected", e.point, e.comma))
	}
	for _, column := range slices.Sorted(maps.Keys(e.shortYears)) {
		notes = append(notes, fmt.Sprintf("%s: %s of two digits guessed to be 2000 to 2099", column, count(e.shortYears[column].rows, "year", "years")))
	}
	for _, column := range slices.Sorted(maps.Keys(e.blanks)) {
		notes = append(notes, fmt.Sprintf("%s: %s taken for unknown", column, count(e.blanks[column].rows, "cell", "cells")))
	}
	return notes
}

// settle looks through the file for how its values are written.
func (r *reading) settle(ctx context.Context, s *source) error {
	if !s.format.auto() && len(s.format.blanks) == 0 {
		return nil
	}
	e := newEvidence(s.format)
	_, err := s.each(ctx, nil, func(rec record) error {
		rec.trimTo(len(s.sample.header))
		if s.check(&rec) != nil {
			return nil
		}
		c := r.cursor(s, rec)
		if c.leavesOut(s.leaves) {
			return nil
		}
		c.evidence = e
		for _, c.bound = range s.rules {
			c.gather()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if what, hint := e.question(); what != "" {
		return s.failure("undecided_format", what, hint)
	}
	s.format, s.notes = e.settle(s.format), e.notes()
	return nil
}

// settleAll looks through all files, and asks all questions at once.
func (r *reading) settleAll(ctx context.Context) error {
	var faults []error
	for _, s := range r.sources {
		if err := r.settle(ctx, s); err != nil {
			faults = append(faults, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return joined(faults)
	}
	return nil
}

// gather notes what the fields of one rule show in the cursor's row.
func (c *cursor) gather() {
	for _, name := range c.bound.rule.kind.fields {
		f := c.bound.fields[name]
		if f == nil {
			continue
		}
		text, column := c.value(f)
		if text == "" || column == "" {
			continue
		}
		v := witness{column: column, value: text, line: c.place.Line}
		switch c.contentOf(f) {
		case contentDay:
			c.evidence.day(v)
		case contentAmount:
			c.evidence.amount(v, exponent(c.probableCurrency(text)))
		case contentNumber:
			c.evidence.amount(v, decimalPlaces)
		}
	}
}

// probableCurrency is the currency of an amount as far as it can be told without
// refusing the row.
func (c *cursor) probableCurrency(amount string) string {
	row, _ := c.raw("currency")
	if code, reason := parseCurrency(row); reason == "" {
		row = code
	}
	w, _ := takeApart(amount)
	code, _ := w.currency(row, c.usualCurrency())
	return cmp.Or(code, c.usualCurrency())
}

// under returns the formats as the options declare them, where the mapping
// leaves them open, and reports which of the options were of use.
func (f format) under(opt Options) (format, usedOptions) {
	var used usedOptions
	if f.dates.auto() && f.dates.order == unknownOrder && opt.Dates != "" {
		f.dates.order, used.dates = dayOrders[opt.Dates], true
	}
	if f.money.auto && f.money.decimal == "" && opt.Decimal != "" {
		f.money.decimal, used.decimal = opt.Decimal, true
	}
	if f.money.currency == "" && opt.Currency != "" {
		f.money.currency, used.currency = opt.Currency, true
	}
	return f, used
}

type usedOptions struct{ dates, decimal, currency bool }

// declare applies the formats given as options to the files that leave them
// open. An option that no file leaves open contradicts the mapping, or does
// nothing: either way whoever gave it is mistaken.
func declare(sources []*source, opt Options) error {
	if err := opt.checkFormats(); err != nil {
		return err
	}
	var all usedOptions
	for _, s := range sources {
		var used usedOptions
		s.format, used = s.format.under(opt)
		all.dates, all.decimal, all.currency = all.dates || used.dates, all.decimal || used.decimal, all.currency || used.currency
	}
	var idle []string
	for _, o := range []struct {
		flag, value string
		used        bool
	}{{"--dates", opt.Dates, all.dates}, {"--decimal", opt.Decimal, all.decimal}, {"--currency", opt.Currency, all.currency}} {
		if o.value != "" && !o.used {
			idle = append(idle, o.flag+" "+o.value)
		}
	}
	if len(idle) == 0 {
		return nil
	}
	return &insights.Error{
		Code:    "format_declared",
		Message: fmt.Sprintf("%s cannot be used: the mapping says already how these files are written. Nothing was loaded.", strings.Join(idle, " and ")),
		Hint:    "Leave it out, or say dates: auto, money: auto in the mapping and leave order, decimal and currency open.",
	}
}

// checkFormats refuses options that say nothing.
func (o Options) checkFormats() error {
	bad := func(flag, value, want string) error {
		return &insights.Error{
			Code:    "bad_format_option",
			Message: fmt.Sprintf("%s %s means nothing. Nothing was loaded.", flag, value),
			Hint:    "Say " + want + ".",
		}
	}
	if _, known := dayOrders[o.Dates]; o.Dates != "" && !known {
		return bad("--dates", o.Dates, "--dates dmy if the day stands before the month, --dates mdy if the month does")
	}
	if o.Decimal != "" && !slices.Contains(decimalSigns, o.Decimal) {
		return bad("--decimal", o.Decimal, `--decimal . or --decimal ,`)
	}
	if code, reason := parseCurrency(o.Currency); o.Currency != "" && (reason != "" || code != o.Currency) {
		return bad("--currency", o.Currency, "a code of ISO 4217 in capitals, such as --currency EUR")
	}
	return nil
}
