package importer

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"salesbot/insights"
)

// A layout is a mapping that comes with the product. Without a mapping of their
// own, files are recognised by their headers: each entry of each layout is held
// against each file, and the one that fits best says what the file means.

// layoutNames are the layouts in the order in which they are held against files:
// Salesbot's own goes first where names alone would do for several.
var layoutNames = []string{nativeName, "salesforce", "salesforce_reports", "hubspot", "hubspot_tables", "maven"}

// layouts is a mapping of all entries of all layouts.
var layouts = sync.OnceValue(func() *Mapping {
	all := &Mapping{}
	for _, name := range layoutNames {
		m, err := LoadMapping(name)
		if err != nil {
			panic(err) // they are part of the program, and a test reads them all
		}
		all.files = append(all.files, m.files...)
	}
	return all
})

// used is the part of the mapping that the files are of: the layouts they were
// taken for, with the stages that those list.
func (m *Mapping) used(sources []*source) *Mapping {
	of := &Mapping{}
	var names []string
	for _, s := range sources {
		layout := s.mapping.layout
		if slices.Contains(names, layout.name) {
			continue
		}
		names = append(names, layout.name)
		of.files = append(of.files, layout.files...)
		of.stages = append(of.stages, layout.stages...)
	}
	of.name = strings.Join(names, ", ")
	return of
}

// isNamed reports whether the file's name is one the entry declares. Case does
// not matter.
func (f *fileMapping) isNamed(file string) bool {
	fits, _ := path.Match(strings.ToLower(f.match), strings.ToLower(filepath.Base(file)))
	return fits
}

// title says what a file of the entry is.
func (f *fileMapping) title() string { return f.about }

// rank says how sure it is that a file is of an entry.
type rank int

const (
	unfit    rank = iota
	byName        // only called so: columns are missing
	byHeader      // its header has the columns that tell such files
	byBoth        // called so, and no column is missing
)

// fit is an entry held against a file.
type fit struct {
	entry   *fileMapping
	rank    rank
	columns int // that the header was asked for, or has if only the name fits
	cutting cutting
	ties    []*fileMapping // entries that fit equally well, if several do
}

// entryFor returns the entry that fits a file of this name that begins so, or
// none. An entry whose name and columns fit goes before one whose columns alone
// do, and that before one whose name alone does, so that what is missing can be
// said. Of several whose columns fit the one that asks for most goes first; two
// that ask for equally many are a tie, and the file is of neither.
func (m *Mapping) entryFor(name string, o *opening) fit {
	var best fit
	for _, entry := range m.files {
		f := entry.fits(name, o)
		switch {
		case f.rank == unfit || f.weight() < best.weight():
		case f.weight() > best.weight():
			best = f
		case f.rank == byHeader:
			best.ties = append(best.ties, best.entry, entry)
		}
	}
	if len(best.ties) > 0 {
		return fit{ties: slices.Compact(best.ties)}
	}
	return best
}

// weight orders fits: by rank, then by the number of columns that were asked for.
func (f fit) weight() int {
	const mostColumns = 1 << 10
	return int(f.rank)*mostColumns + f.columns
}

// fits holds the entry against a file.
func (f *fileMapping) fits(name string, o *opening) fit {
	found := fit{entry: f}
	named := f.match != "" && f.isNamed(name)
	if !named && len(f.columns) == 0 {
		return found
	}
	found.cutting = o.cut(f.dialect, func(header columnSet) int { return header.count(f.known) })
	header := found.cutting.header()
	told := len(f.columns) > 0 && allOf(f.columns, header.columns.has) && !slices.ContainsFunc(f.without, header.columns.has)
	complete := (named || told) && f.complete(header.cells)
	switch {
	case named && complete:
		found.rank = byBoth
	case told && complete:
		found.rank, found.columns = byHeader, len(f.columns)
	case named:
		found.rank, found.columns = byName, found.cutting.known
	}
	return found
}

// complete reports whether the header has all columns that the entry cannot do
// without.
func (f *fileMapping) complete(header []string) bool {
	for _, r := range f.rules {
		if _, missing := bind(r, header); len(missing) > 0 {
			return false
		}
	}
	return true
}

// allColumns lists the columns that the entry speaks of.
func (f *fileMapping) allColumns() []string {
	names := slices.Clone(f.columns)
	for _, r := range f.rules {
		for _, name := range r.kind.fields {
			if field := r.fields[name]; field != nil {
				names = append(names, field.columns()...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func allOf(names []string, holds func(string) bool) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !holds(name) })
}

// codeUnknownFile is that of a file which nothing is known about.
const codeUnknownFile = "unknown_file"

// unknown is why a file that was named is of no entry: what was looked at, and
// what comes nearest.
func (s *source) unknown(m *Mapping, o *opening) error {
	if m.name != "" {
		return &insights.Error{
			Code: codeUnknownFile, Message: s.long + " is not a file the mapping " + m.name + " knows. Nothing was loaded.",
			Hint: "The files of " + m.name + " are " + strings.Join(m.fileNames(), ", ") + ".",
		}
	}
	header := s.plainHeader(o)
	said := "Its header names " + strings.Join(header, ", ") + "."
	if near := m.nearestTo(header); near != "" {
		said += " " + near
	}
	return &insights.Error{
		Code: codeUnknownFile, Message: s.long + " is not recognised by its header, nor by its name. " + said + " Nothing was loaded.",
		Hint: "See with --explain what was looked at. Say what its columns mean in a mapping and give it with --mapping FILE; docs/importing.md says how to write one, and what is recognised without.",
	}
}

// plainHeader is the header of a file that nothing is known about.
func (s *source) plainHeader(o *opening) []string {
	cut := o.cut(dialect{}, func(columnSet) int { return 0 })
	return cut.header().cells
}

// nearestTo says what a header comes nearest to; empty: to nothing.
func (m *Mapping) nearestTo(header []string) string {
	near, lacking := m.nearest(header)
	if near == nil {
		return ""
	}
	return fmt.Sprintf("It comes nearest to %s, which also need %s.", near.title(), strings.Join(lacking, ", "))
}

// nearest is the entry that the largest part of its columns is there of, if
// that is most of them, and the columns it lacks.
func (m *Mapping) nearest(header []string) (near *fileMapping, lacking []string) {
	best := 0.7
	for _, f := range m.files {
		var missing []string
		for _, name := range f.columns {
			if columnIndex(header, name) == absent {
				missing = append(missing, name)
			}
		}
		excluded := slices.ContainsFunc(f.without, func(name string) bool { return columnIndex(header, name) != absent })
		part := 1 - float64(len(missing))/float64(max(1, len(f.columns)))
		if len(f.columns) > 0 && len(missing) > 0 && !excluded && part > best {
			best, near, lacking = part, f, missing
		}
	}
	return near, lacking
}

func (s *source) tied(found fit) error {
	var titles []string
	for _, f := range found.ties {
		titles = append(titles, f.title())
	}
	return s.failure("ambiguous_file", "could be "+alternatives(titles), "Say which with a mapping: --mapping FILE.")
}

// Recognised lists what files are told by their headers: what they are, the
// columns that tell them, those they do not have, and what they make.
func Recognised() [][4]string {
	var rows [][4]string
	for _, f := range layouts().files {
		if len(f.columns) == 0 {
			continue
		}
		var sections []string
		for _, k := range kinds {
			if slices.ContainsFunc(f.rules, func(r *rule) bool { return r.kind.name == k.name }) {
				sections = append(sections, k.section)
			}
		}
		rows = append(rows, [4]string{f.title(), strings.Join(f.columns, ", "), strings.Join(f.without, ", "), strings.Join(sections, ", ")})
	}
	return rows
}
