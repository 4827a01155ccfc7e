package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"salesbot/insights"
)

// Explanation says how files would be understood. Nothing of them is loaded.
type Explanation struct {
	Files     []FileExplanation
	Guessed   []string // what was concluded that no file says
	Questions []string // what has to be answered before the files can be loaded
	Mapping   string   // all of it as a mapping, ready to be edited; empty: nothing was recognised
}

// FileExplanation says what one file was taken for.
type FileExplanation struct {
	Name    string
	Layout  string   // what it was taken for, and why; empty: it was not recognised
	Makes   []string // kinds of records, each with where its fields come from
	Ignored []string // columns that feed nothing
	Notes   []string // how it is written
	Fault   string   // why it cannot be used; empty: it can
}

// Explain says what files are taken for, by the mapping or by their headers.
func Explain(ctx context.Context, paths []string, opt Options) (Explanation, error) {
	files, left, err := filesIn(paths)
	if err != nil {
		return Explanation{}, err
	}
	var e Explanation
	r := newReadingOf(opt)
	for _, f := range files {
		s := &source{file: f}
		if err := s.inspect(r.opt.Mapping); err != nil {
			e.Files = append(e.Files, FileExplanation{Name: f.name, Fault: s.faultOf(err, r.opt.Mapping)})
			continue
		}
		r.sources = append(r.sources, s)
	}
	for _, l := range left {
		e.Files = append(e.Files, FileExplanation{Name: l.name, Fault: l.why})
	}
	if err := declare(r.sources, r.opt); err != nil {
		return Explanation{}, err
	}
	r.arrange()
	for _, err := range r.prepare(ctx) {
		if ctx.Err() != nil {
			return Explanation{}, ctx.Err()
		}
		e.Questions = append(e.Questions, questionOf(err))
	}
	for _, s := range r.sources {
		e.Files = append(e.Files, s.explain())
	}
	slices.SortStableFunc(e.Files, func(a, b FileExplanation) int { return strings.Compare(a.Name, b.Name) })
	e.Guessed = r.report.Guessed
	if len(r.sources) > 0 {
		e.Mapping = r.inferred()
	}
	return e, nil
}

// faultOf is what is said of a file that cannot be used.
func (s *source) faultOf(err error, m *Mapping) string {
	var known *insights.Error
	switch {
	case !errors.As(err, &known):
		return err.Error()
	case known.Code != codeUnknownFile:
		return known.Code + ": " + unloaded(known.Message)
	}
	o, err := s.opening()
	if err != nil {
		return "not recognised"
	}
	return strings.TrimSpace("not recognised. " + m.nearestTo(s.plainHeader(o)))
}

// unloaded drops from a message that nothing was loaded, which goes without
// saying here.
func unloaded(message string) string { return strings.ReplaceAll(message, " Nothing was loaded.", "") }

func questionOf(err error) string {
	var known *insights.Error
	if !errors.As(err, &known) || known.Hint == "" {
		return err.Error()
	}
	return unloaded(known.Message) + "\n" + known.Hint
}

// explain says what the file was taken for.
func (s *source) explain() FileExplanation {
	e := FileExplanation{Name: s.name, Layout: s.takenFor(), Ignored: s.ignored, Notes: s.written()}
	seen := map[*rule]bool{}
	for _, b := range s.rules {
		if !seen[b.rule] {
			seen[b.rule] = true
			e.Makes = append(e.Makes, s.makes(b))
		}
	}
	return e
}

func (s *source) takenFor() string {
	entry := s.mapping
	what := entry.title()
	if what == "" {
		what = strings.Join(kindNames(s.rules), ", ")
	}
	why := "by its name"
	if has := func(name string) bool { return columnIndex(s.sample.header, name) != absent }; len(entry.columns) > 0 && allOf(entry.columns, has) {
		why = "because it has " + strings.Join(entry.columns, ", ")
	}
	return fmt.Sprintf("%s (%s), %s", what, entry.layout.name, why)
}

// makes says where the fields of a record come from.
func (s *source) makes(b binding) string {
	var from, blank []string
	for _, name := range b.rule.kind.fields {
		f := b.fields[name]
		switch {
		case f == nil:
		case !f.possible():
			blank = append(blank, name)
		default:
			from = append(from, name+" ← "+s.from(f))
		}
	}
	text := b.rule.kind.section
	if b.rule.each != nil {
		text += fmt.Sprintf(", one for each column %s", b.rule.each.text)
	}
	text += ": " + strings.Join(from, ", ")
	if len(blank) > 0 {
		text += "; not told: " + strings.Join(blank, ", ")
	}
	return text
}

// from says where a field comes from, in short.
func (s *source) from(f *boundField) string {
	switch {
	case f.template != nil:
		return s.templateText(f)
	case f.firstOf != nil:
		var of []string
		for _, other := range f.firstOf {
			if other.possible() {
				of = append(of, s.from(other))
			}
		}
		return strings.Join(of, " or ")
	case f.part != "":
		return "{" + f.part + "}"
	case f.col != absent:
		return s.sample.header[f.col]
	default:
		return fmt.Sprintf("%q", f.constant)
	}
}

// written says how the file is written.
func (s *source) written() []string {
	delimiter := map[byte]string{',': "commas", ';': "semicolons", '\t': "tabs", '|': "vertical bars"}[s.sample.delim]
	notes := []string{fmt.Sprintf("written in %s, cells divided by %s", strings.ToUpper(s.sample.encoding), delimiter)}
	if n := len(s.sample.preamble); n > 0 {
		notes = append(notes, fmt.Sprintf("the header is on line %d; before it stands %s", s.sample.line, quotedList(s.sample.preamble)))
	}
	return slices.Concat(notes, s.format.words(), s.notes)
}

// Text writes the explanation for a terminal.
func (e Explanation) Text() string {
	var out strings.Builder
	for _, f := range e.Files {
		f.write(&out)
	}
	for _, conclusion := range e.Guessed {
		fmt.Fprintf(&out, "Guessed: %s\n", conclusion)
	}
	for _, question := range e.Questions {
		fmt.Fprintf(&out, "Question: %s\n", question)
	}
	return printable(out.String())
}

func (f FileExplanation) write(out *strings.Builder) {
	if f.Fault != "" {
		fmt.Fprintf(out, "%s: %s\n\n", f.Name, f.Fault)
		return
	}
	fmt.Fprintf(out, "%s: %s\n", f.Name, f.Layout)
	for _, made := range f.Makes {
		fmt.Fprintf(out, "  makes %s\n", made)
	}
	list(out, "  columns not used: ", f.Ignored)
	for _, note := range f.Notes {
		fmt.Fprintf(out, "  %s\n", note)
	}
	out.WriteString("\n")
}
