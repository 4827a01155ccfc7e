package importer

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"salesbot/insights"
)

// binding is a rule whose columns have been found in a header. A rule with a
// shape has one for each column of that shape.
type binding struct {
	rule   *rule
	when   []boundCondition
	fields map[string]*boundField
	told   *insights.Rule // what the sink is told of it
}

// boundField is a field whose columns have been found.
type boundField struct {
	*field
	content content
	col     int    // of field.column, or of the part that is the cell; absent: none
	parts   []int  // of the template, absent for literal text
	text    string // of a part of the column's name
	when    []boundCondition
	firstOf []*boundField
}

// boundCondition is a condition whose column has been found; absent: it does
// not hold.
type boundCondition struct {
	condition
	col int
}

const absent = -1

// bind finds the columns of a rule in a header. It returns the names of those
// that are missing.
func bind(r *rule, header []string) (bound []binding, missing []string) {
	if r.each == nil {
		b, missing := bindTo(r, header, shaped{col: absent})
		return []binding{b}, missing
	}
	for _, column := range r.each.find(header) {
		b, lacking := bindTo(r, header, column)
		bound = append(bound, b)
		missing = lacking // the same for all columns of the shape
	}
	return bound, missing
}

func bindTo(r *rule, header []string, column shaped) (binding, []string) {
	f := finder{header: header, column: column}
	b := binding{rule: r, fields: map[string]*boundField{}, when: f.conditions(r.onlyWhen, false)}
	for _, name := range r.kind.fields {
		if field := r.fields[name]; field != nil {
			b.fields[name] = f.field(field, false)
			b.fields[name].holds(r.kind.content(name))
		}
	}
	return b, f.missing
}

// finder finds columns in a header and remembers those it could not find.
type finder struct {
	header  []string
	column  shaped
	missing []string
}

func (f *finder) field(of *field, optional bool) *boundField {
	optional = optional || of.optional
	b := &boundField{field: of, col: absent, when: f.conditions(of.onlyWhen, optional)}
	if len(of.column) > 0 {
		b.col = f.find(of.column, optional)
	}
	for _, part := range of.template {
		at := absent
		if part.column != "" {
			at = f.find([]string{part.column}, optional)
		}
		b.parts = append(b.parts, at)
	}
	if of.part != "" {
		b.col, b.text = f.column.col, f.column.part(of.part)
	}
	for _, other := range of.firstOf {
		b.firstOf = append(b.firstOf, f.field(other, optional))
	}
	return b
}

// holds notes what the values of the field are.
func (f *boundField) holds(c content) {
	f.content = c
	for _, other := range f.firstOf {
		other.holds(c)
	}
}

func (f *finder) conditions(all []condition, optional bool) []boundCondition {
	bound := make([]boundCondition, len(all))
	for i, c := range all {
		bound[i] = boundCondition{c, f.find([]string{c.column}, optional)}
	}
	return bound
}

// find returns the first of the columns that the header has.
func (f *finder) find(names []string, optional bool) int {
	for _, name := range names {
		if at := columnIndex(f.header, name); at != absent {
			return at
		}
	}
	if !optional {
		f.missing = append(f.missing, strings.Join(names, " or "))
	}
	return absent
}

// columnIndex finds a column by name. Case does not count, nor do blanks around
// it and the quotes that some exports put around a name. Where no column is
// called so, blanks, hyphens and underscores do not count either, if that fits
// one column alone: CloseDate, Close Date and close_date are one name.
func columnIndex(header []string, name string) int {
	at := slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(bareColumn(h), bareColumn(name)) })
	if at != absent {
		return at
	}
	wanted := looseColumn(name)
	for i, h := range header {
		if looseColumn(h) != wanted || wanted == "" {
			continue
		}
		if at != absent {
			return absent
		}
		at = i
	}
	return at
}

func bareColumn(name string) string { return strings.Trim(strings.TrimSpace(name), "`\"") }

var looseNames = strings.NewReplacer(" ", "", "_", "", "-", "", "\u00a0", "")

func looseColumn(name string) string { return looseNames.Replace(strings.ToLower(bareColumn(name))) }

// shape is how the names of several columns are made, with parts in braces:
// Date entered "{stage} ({process})".
type shape struct {
	text  string // as written
	parts []string
	names *regexp.Regexp // in any case, a group for each part
}

// newShape reads a shape from its template.
func newShape(text string, parts []templatePart) *shape {
	s := &shape{text: text}
	var names strings.Builder
	for _, part := range parts {
		if part.column == "" {
			names.WriteString(regexp.QuoteMeta(part.text))
			continue
		}
		s.parts = append(s.parts, part.column)
		names.WriteString("(.+)")
	}
	s.names = regexp.MustCompile(`(?i)^\s*` + names.String() + `\s*$`) // made of quoted text
	return s
}

// shaped is a column of a shape.
type shaped struct {
	col    int
	number int // among the columns of the shape, from 1
	names  map[string]string
}

// The parts that every column of a shape has besides those in its braces.
const (
	partCell   = "cell"
	partNumber = "number"
)

// part returns a part of the column's name. The cell differs from row to row,
// so it is none.
func (s shaped) part(name string) string {
	if name == partNumber {
		return strconv.Itoa(s.number)
	}
	return s.names[name]
}

// find returns the columns of the shape, in the order of the header.
func (s *shape) find(header []string) []shaped {
	var found []shaped
	for i, name := range header {
		texts := s.names.FindStringSubmatch(name)
		if texts == nil {
			continue
		}
		column := shaped{col: i, number: len(found) + 1, names: map[string]string{}}
		for j, part := range s.parts {
			column.names[part] = strings.TrimSpace(texts[j+1])
		}
		found = append(found, column)
	}
	return found
}

// missing reports whether the header lacks what the field would come from.
func (f *boundField) missing() bool { return len(f.column) > 0 && f.col == absent }

// raw returns the value of a field before it is understood, without the blanks
// around it, and the column it is from.
func (c *cursor) raw(name string) (text, column string) {
	f := c.bound.fields[name]
	if f == nil {
		return "", ""
	}
	return c.value(f)
}

func (c *cursor) value(f *boundField) (text, column string) {
	if f.col != absent {
		column = c.header[f.col]
	}
	if !c.holds(f.when) {
		return "", column
	}
	switch {
	case f.template != nil:
		text, column = c.fill(f)
	case f.firstOf != nil:
		text, column = c.first(f.firstOf)
	case f.part != "" && f.part != partCell:
		text = f.text
	case f.col != absent:
		text = c.cell(f.col)
	default:
		text = f.constant
	}
	if renamed, found := f.rename[text]; found {
		text = strings.TrimSpace(renamed)
	}
	if f.percent {
		text = ofHundred(text)
	}
	return c.clean(f, text, column), column
}

// ofHundred writes a percentage as a part of one: 25% as 0.25. What is no
// percentage is left as it is, to be refused with its own words.
func ofHundred(text string) string {
	number := strings.TrimSpace(strings.TrimSuffix(text, "%"))
	whole, fraction, _ := strings.Cut(number, ".")
	if !digits(whole + fraction) {
		return text
	}
	whole = strings.TrimLeft(whole, "0")
	for len(whole) < 3 {
		whole = "0" + whole
	}
	at := len(whole) - 2
	fraction = strings.TrimRight(whole[at:]+fraction, "0")
	if fraction == "" {
		return whole[:at]
	}
	return whole[:at] + "." + fraction
}

// first returns the first of the fields that has a value.
func (c *cursor) first(of []*boundField) (text, column string) {
	for _, f := range of {
		if text, column = c.value(f); text != "" {
			return text, column
		}
	}
	return "", column
}

// holds reports whether all conditions hold for the row.
func (c *cursor) holds(all []boundCondition) bool {
	for _, cond := range all {
		if cond.col == absent || !cond.has(c.cell(cond.col)) {
			return false
		}
	}
	return true
}

func (c condition) has(text string) bool {
	return slices.ContainsFunc(c.values, func(value string) bool {
		if start, open := strings.CutSuffix(value, "*"); open && len(text) >= len(start) {
			return strings.EqualFold(start, text[:len(start)])
		}
		return strings.EqualFold(value, text)
	})
}

// fill writes a template. If one of its columns is blank, so is the result.
func (c *cursor) fill(f *boundField) (text, column string) {
	var out strings.Builder
	for i, part := range f.template {
		if part.column == "" {
			out.WriteString(part.text)
			continue
		}
		value := c.cell(f.parts[i])
		if f.slug {
			value = slug(value)
		}
		if value == "" {
			return "", column
		}
		column = c.header[f.parts[i]]
		out.WriteString(value)
	}
	return out.String(), column
}

func (c *cursor) cell(at int) string {
	if at == absent {
		return ""
	}
	return string(bytes.TrimSpace(c.cells[at]))
}

// leavesOut reports whether the row is none of those the file is read for.
func (c *cursor) leavesOut(any []boundCondition) bool {
	return slices.ContainsFunc(any, func(cond boundCondition) bool { return c.holds([]boundCondition{cond}) })
}

// skips reports whether the row makes no record of this rule: the rule is for
// other rows, a required field that is optional is blank, or the value of a deal
// changed into itself.
func (c *cursor) skips() bool {
	if !c.holds(c.bound.when) {
		return true
	}
	for _, name := range c.bound.rule.kind.required {
		if f := c.bound.fields[name]; f.optional && c.text(name) == "" {
			return true
		}
	}
	return c.bound.rule.kind.name == insights.KindChange && c.text("old") != "" && c.text("old") == c.text("new")
}

// columns says which column each field is from, where it is from one.
func (b binding) columns(header []string) map[string]string {
	columns := map[string]string{}
	for name, f := range b.fields {
		if at := f.from(); at != absent {
			columns[name] = header[at]
		}
	}
	return columns
}

// tells lists the fields for which rows can have a value.
func (b binding) tells() map[string]bool {
	fields := map[string]bool{}
	for name, f := range b.fields {
		if f.possible() {
			fields[name] = true
		}
	}
	return fields
}

// from is the column that stands for the field: its only one, or the first of
// several.
func (f *boundField) from() int {
	if f.col != absent {
		return f.col
	}
	for _, at := range f.parts {
		if at != absent {
			return at
		}
	}
	for _, other := range f.firstOf {
		if at := other.from(); at != absent {
			return at
		}
	}
	return absent
}

// possible reports whether the header has what the rule cannot do without.
func (b binding) possible() bool {
	return allOf(b.rule.kind.required, func(name string) bool { return b.fields[name].possible() })
}

// possible reports whether the header has what the field comes from.
func (f *boundField) possible() bool {
	gone := func(c boundCondition) bool { return c.col == absent }
	switch {
	case slices.ContainsFunc(f.when, gone):
		return false
	case f.template != nil:
		for i, part := range f.template {
			if part.column != "" && f.parts[i] == absent {
				return false
			}
		}
		return true
	case f.firstOf != nil:
		return slices.ContainsFunc(f.firstOf, (*boundField).possible)
	default:
		return !f.missing()
	}
}

// mark notes the columns that the rule uses.
func (b binding) mark(used []bool) {
	markConditions(used, b.when)
	for _, f := range b.fields {
		f.mark(used)
	}
}

func (f *boundField) mark(used []bool) {
	for _, at := range append([]int{f.col}, f.parts...) {
		if at != absent {
			used[at] = true
		}
	}
	markConditions(used, f.when)
	for _, other := range f.firstOf {
		other.mark(used)
	}
}

func markConditions(used []bool, conditions []boundCondition) {
	for _, cond := range conditions {
		if cond.col != absent {
			used[cond.col] = true
		}
	}
}
