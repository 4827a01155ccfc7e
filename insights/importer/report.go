package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"salesbot/insights"
)

// Report says what only reading knows; what became of the rows is in the
// Import.
type Report struct {
	Files   []FileReport
	Guessed []string // what was concluded that no file says
	Unread  []string // files of the given folders that nothing is known about
	Missing []string // files that a mapping of their own knows and nobody gave
}

// FileReport is what one file was read as.
type FileReport struct {
	Name    string
	Layout  string   // what the file was taken for; empty: the mapping does not say
	Kinds   []string // what the file feeds: people, accounts, …
	Ignored []string // columns that feed nothing
	Cut     bool     // the file ends in the middle of a row
	Notes   []string // what was done to read it that people should know of
}

// shownRunes is how much of a value is shown.
const shownRunes = 40

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

// Text writes the report for a terminal or a message: what was read, what could
// not be used and why, and what it changed.
func (r Report) Text(i insights.Import) string {
	var out strings.Builder
	for _, f := range r.Files {
		f.write(&out, tallyOf(f.Name, i.Files))
	}
	for _, conclusion := range r.Guessed {
		fmt.Fprintf(&out, "Guessed: %s\n", conclusion)
	}
	list(&out, "Not read: ", r.Unread)
	list(&out, "Not among the files: ", r.Missing)
	fmt.Fprintf(&out, "%s read: %s.\n", count(i.Total.Rows, "row", "rows"), outcomeOf(i.Total))
	writeGroups(&out, i.Groups)
	for _, note := range i.Notes {
		fmt.Fprintf(&out, "\n%s: %s\n", count(note.Count, "time", "times"), note.Text)
	}
	out.WriteString("\n")
	writeChanges(&out, i)
	return printable(out.String())
}

// printable takes out what would move a terminal's cursor or worse: the names
// of columns, files and records are whatever somebody wrote.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func tallyOf(name string, files []insights.FileTally) insights.Tally {
	at := slices.IndexFunc(files, func(f insights.FileTally) bool { return f.Name == name })
	if at < 0 {
		return insights.Tally{}
	}
	return files[at].Tally
}

// outcomeOf says what became of rows.
func outcomeOf(t insights.Tally) string {
	return fmt.Sprintf("%s used, %s unchanged, %s rejected", thousands(t.Used), thousands(t.Unchanged), thousands(t.Rejected))
}

func (f FileReport) write(out *strings.Builder, t insights.Tally) {
	fmt.Fprintf(out, "%s (%s): %s, %s\n", f.Name, strings.Join(f.Kinds, ", "), count(t.Rows, "row", "rows"), outcomeOf(t))
	if f.Layout != "" {
		fmt.Fprintf(out, "  taken for: %s\n", f.Layout)
	}
	list(out, "  columns not used: ", f.Ignored)
	for _, note := range f.Notes {
		out.WriteString("  " + note + "\n")
	}
	if f.Cut {
		fmt.Fprintf(out, "  The file ends in the middle of a row. It seems cut off: export it again. The whole rows before are used.\n")
	}
}

// shownGroups is how many reasons are shown.
const shownGroups = 20

func writeGroups(out *strings.Builder, groups []insights.RejectGroup) {
	for _, g := range groups[:min(len(groups), shownGroups)] {
		writeGroup(out, g)
	}
	if more := len(groups) - shownGroups; more > 0 {
		fmt.Fprintf(out, "\nand %s more\n", count(more, "reason", "reasons"))
	}
}

// writeGroup says what is wrong: the column is the subject of the reason, and a
// reason without one brings its own.
func writeGroup(out *strings.Builder, g insights.RejectGroup) {
	fmt.Fprintf(out, "\n%s rejected: %s\n", thousands(g.Count), strings.TrimSpace(g.Column+" "+g.Reason))
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

func writeChanges(out *strings.Builder, i insights.Import) {
	switch {
	case i.Aborted:
		out.WriteString("Nothing was loaded: more rows were rejected than may be.\n")
		return
	case i.DryRun && i.Same():
		out.WriteString("Dry run: nothing is new, so nothing would change.\n")
	case i.DryRun:
		out.WriteString("Dry run, nothing was changed. It would have made this difference:\n")
	case i.Same():
		fmt.Fprintf(out, "Nothing is new: still at revision %d.\n", i.Revision)
	default:
		fmt.Fprintf(out, "Imported as revision %d:\n", i.Revision)
	}
	for _, k := range kinds {
		added, changed, unchanged := i.Added[k.name], i.Changed[k.name], i.Unchanged[k.name]
		if added+changed+unchanged > 0 {
			fmt.Fprintf(out, "  %-*s %6d added %6d changed %6d unchanged\n", widestKind(), k.name, added, changed, unchanged)
		}
	}
}

func widestKind() int {
	widest := 0
	for _, k := range kinds {
		widest = max(widest, len(k.name))
	}
	return widest
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
