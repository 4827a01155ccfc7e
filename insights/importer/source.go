package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"salesbot/insights"
)

// source is a file and what a mapping says about it.
type source struct {
	*file
	sample  *sample
	mapping *fileMapping
	format  format // that of the mapping, with what options and the file itself settle
	rules   []binding
	implied []binding        // of stages that are only named
	leaves  []boundCondition // of rows that are not used
	ignored []string
	notes   []string // what was taken for what
}

// find turns paths into sources. A file that is named must be understood; one
// that merely lies in a folder or an archive may be left unread.
func find(paths []string, m *Mapping) (sources []*source, unread []string, err error) {
	files, left, err := filesIn(paths)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range left {
		unread = append(unread, l.String())
	}
	for _, f := range files {
		if f.named || m.speaksOf(f) {
			sources = append(sources, &source{file: f})
			continue
		}
		unread = append(unread, f.name)
	}
	if len(sources) == 0 {
		return nil, nil, nothingFound(paths, m)
	}
	return sources, unread, nil
}

// speaksOf reports whether a file that nobody named is one that the mapping
// speaks of: by its name, even if it cannot be read, or by its header.
func (m *Mapping) speaksOf(f *file) bool {
	if slices.ContainsFunc(m.files, func(entry *fileMapping) bool { return entry.isNamed(f.base()) }) {
		return true
	}
	o, err := f.opening()
	return err == nil && m.entryFor(f.base(), o).entry != nil
}

// inspect reads the header of the file, finds what the mapping says about such
// a file, and binds the rules to it.
func (s *source) inspect(m *Mapping) error {
	o, err := s.opening()
	if err != nil {
		return err
	}
	found := m.entryFor(s.base(), o)
	switch {
	case len(found.ties) > 1:
		return s.tied(found)
	case found.entry == nil:
		return s.unknown(m, o)
	}
	s.mapping, s.format = found.entry, found.entry.format
	if s.sample, err = o.sample(found.cutting); err != nil {
		return err
	}
	if err := s.checkHeader(s.sample.header); err != nil {
		return err
	}
	return s.bindAll()
}

// checkHeader refuses two columns of one name. Columns without a name are what
// a spreadsheet leaves behind, and feed nothing.
func (s *source) checkHeader(header []string) error {
	for i, name := range header {
		if first := columnIndex(header, name); name != "" && first != i {
			return s.failure("duplicate_column", fmt.Sprintf("has two columns named %s (%d and %d)", name, first+1, i+1), "Rename or remove one of them.")
		}
	}
	return nil
}

// bindAll finds the columns of all rules, and names all that are missing.
func (s *source) bindAll() error {
	var missing []string
	used := make([]bool, len(s.sample.header))
	for _, r := range s.mapping.rules {
		bound, lacking := bind(r, s.sample.header)
		for _, name := range lacking {
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
		for _, b := range bound {
			if b.possible() {
				s.rules = append(s.rules, b)
				b.mark(used)
			}
		}
	}
	for _, r := range s.mapping.implied {
		bound, _ := bind(r, s.sample.header)
		for _, b := range bound {
			if b.possible() {
				s.implied = append(s.implied, b)
				b.mark(used)
			}
		}
	}
	left := finder{header: s.sample.header}
	s.leaves = left.conditions(s.mapping.leaveOut, true)
	markConditions(used, s.leaves)
	if len(missing) > 0 {
		return s.failure("missing_columns", fmt.Sprintf("lacks the %s %s; its header names %s",
			plural(len(missing), "column", "columns"), strings.Join(missing, ", "), strings.Join(s.sample.header, ", ")),
			"Export it with "+plural(len(missing), "this column", "these columns")+", or say in the mapping where the value is found.")
	}
	for i, name := range s.sample.header {
		if !used[i] && name != "" {
			s.ignored = append(s.ignored, name)
		}
	}
	return nil
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func nothingFound(paths []string, m *Mapping) error {
	message := fmt.Sprintf("In %s is no file that is recognised by its header or name. Nothing was loaded.", strings.Join(paths, ", "))
	if m.name != "" {
		message = fmt.Sprintf("In %s is none of the files of the mapping %s: %s. Nothing was loaded.", strings.Join(paths, ", "), m.name, strings.Join(m.fileNames(), ", "))
	}
	return &insights.Error{
		Code:    "no_known_files",
		Message: message,
		Hint:    "Check the path, or say what its files mean in a mapping and give it with --mapping FILE; docs/importing.md says how to write one, and what is recognised without.",
	}
}

// fileNames lists what the files are called, or what they are where only their
// headers tell them.
func (m *Mapping) fileNames() []string {
	names := make([]string, len(m.files))
	for i, f := range m.files {
		names[i] = cmp.Or(f.match, f.about)
	}
	return names
}
