package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"salesbot/insights"
)

// Report says what was read and what could not be used.
type Report struct {
	Files   []FileReport
	Guessed []string // what was concluded that no file says
	Unread  []string // files of the given folders that nothing is known about
	Missing []string // files the layout knows and nobody gave
	Counts  []Count  // records of the Batch
	Rejects []insights.Reject
	Groups  []Group
}

// FileReport is what became of one file. Rows is always Used + Rejected; blank
// lines are not rows.
type FileReport struct {
	Name     string
	Layout   string   // what the file was taken for; empty: the mapping does not say
	Kinds    []string // what the file feeds: people, accounts, …
	Rows     int
	Used     int
	Repeats  int // of the used rows, those that said nothing new
	Rejected int
	Ignored  []string // columns that feed nothing
	Cut      bool     // the file ends in the middle of a row
	Notes    []string // what was done to read it that people should know of
}

// Count is how many records of a kind there are.
type Count struct {
	Kind    string // people, accounts, …
	Records int
}

// Group is all rejects of one column for one reason.
type Group struct {
	Column  string
	Reason  string
	Count   int
	Samples []insights.Reject // the first few
}

// samples is how many rejects of a group are shown.
const samples = 3

// shownRunes is how much of a value is shown.
const shownRunes = 40

// reject notes why a row of the file could not be used.
func (r *Report) reject(file *FileReport, line int, f fault) {
	file.Rejected++
	reject := insights.Reject{
		Place:  insights.Place{File: file.Name, Line: line},
		Column: f.column,
		Value:  shorten(f.value),
		Reason: f.reason,
	}
	r.Rejects = append(r.Rejects, reject)
	reason := cmp.Or(f.group, f.reason)
	at := slices.IndexFunc(r.Groups, func(g Group) bool { return g.Column == f.column && g.Reason == reason })
	if at < 0 {
		at = len(r.Groups)
		r.Groups = append(r.Groups, Group{Column: f.column, Reason: reason})
	}
	g := &r.Groups[at]
	g.Count++
	if len(g.Samples) < samples {
		g.Samples = append(g.Samples, reject)
	}
}

// shorten makes a value fit to be shown and stored: whole runes, no NUL.
func shorten(value string) string {
	if len(value) > shownRunes*utf8.UTFMax {
		value = value[:shownRunes*utf8.UTFMax]
	}
	value = strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\x00", "\uFFFD")
	if runes := []rune(value); len(runes) > shownRunes {
		return string(runes[:shownRunes-1]) + "…"
	}
	return value
}

// Rows returns the rows of all files: read, used and rejected.
func (r Report) Rows() (rows, used, rejected int) {
	for _, f := range r.Files {
		rows, used, rejected = rows+f.Rows, used+f.Used, rejected+f.Rejected
	}
	return rows, used, rejected
}

// Text writes the report for a terminal or a message.
func (r Report) Text() string {
	var out strings.Builder
	for _, f := range r.Files {
		f.write(&out)
	}
	for _, conclusion := range r.Guessed {
		fmt.Fprintf(&out, "Guessed: %s\n", conclusion)
	}
	list(&out, "Not read: ", r.Unread)
	list(&out, "Not among the files: ", r.Missing)
	rows, used, rejected := r.Rows()
	fmt.Fprintf(&out, "%s read: %s used, %s rejected.\n", count(rows, "row", "rows"), thousands(used), thousands(rejected))
	var found []string
	for _, c := range r.Counts {
		found = append(found, c.Kind+" "+thousands(c.Records))
	}
	list(&out, "They hold: ", found)
	for _, g := range r.sortedGroups() {
		g.write(&out)
	}
	return out.String()
}

func (f FileReport) write(out *strings.Builder) {
	taken := ""
	if f.Layout != "" {
		taken = ", taken for " + f.Layout
	}
	fmt.Fprintf(out, "%s%s (%s): %s, %s used, %s rejected", f.Name, taken, strings.Join(f.Kinds, ", "),
		count(f.Rows, "row", "rows"), thousands(f.Used), thousands(f.Rejected))
	if f.Repeats > 0 {
		fmt.Fprintf(out, " (%s of the used said nothing new)", thousands(f.Repeats))
	}
	out.WriteString("\n")
	list(out, "  columns not used: ", f.Ignored)
	for _, note := range f.Notes {
		out.WriteString("  " + note + "\n")
	}
	if f.Cut {
		fmt.Fprintf(out, "  The file ends in the middle of a row. It seems cut off: export it again. The whole rows before are used.\n")
	}
}

func (g Group) write(out *strings.Builder) {
	fmt.Fprintf(out, "\n%s rejected: %s\n", count(g.Count, "row", "rows"), g.words())
	for _, s := range g.Samples {
		fmt.Fprintf(out, "  %s line %d: %s\n", s.File, s.Line, strconv.Quote(s.Value))
	}
	if more := g.Count - len(g.Samples); more > 0 {
		fmt.Fprintf(out, "  and %s more\n", thousands(more))
	}
	if remedy := Remedy(g.Reason); remedy != "" {
		fmt.Fprintf(out, "  %s\n", remedy)
	}
}

// words says what is wrong: the column is the subject of the reason, and a
// reason without one brings its own.
func (g Group) words() string {
	return strings.TrimSpace(g.Column + " " + g.Reason)
}

// sortedGroups puts the largest groups first.
func (r Report) sortedGroups() []Group {
	groups := slices.Clone(r.Groups)
	slices.SortStableFunc(groups, func(a, b Group) int { return cmp.Compare(b.Count, a.Count) })
	return groups
}

func list(out *strings.Builder, title string, items []string) {
	if len(items) > 0 {
		fmt.Fprintf(out, "%s%s\n", title, strings.Join(items, ", "))
	}
}

// count writes "1 row", "8,800 rows".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func quotedList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = strconv.Quote(item)
	}
	return strings.Join(quoted, ", ")
}
