package importer

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"salesbot/insights"
)

// Mapping says how the columns of somebody's CSV files become records. It is
// made by LoadMapping or ParseMapping and does not change.
type Mapping struct {
	name   string
	stages []listedStage
	files  []*fileMapping
}

// Name is what the mapping calls itself.
func (m *Mapping) Name() string { return m.name }

// listedStage is a stage of the mapping's own list.
type listedStage struct {
	insights.Stage
	place insights.Place
}

// fileMapping is what a mapping says about one sort of file. A file is of it by
// its name, or by the columns of its header.
type fileMapping struct {
	layout   *Mapping // that it is part of
	about    string   // what such a file is, for people
	match    string   // a glob for the file's name; empty: any
	columns  []string // that tell the file; none: only its name does
	without  []string // columns that it does not have
	leaveOut []condition
	dialect  dialect
	format   format
	rules    []*rule
	known    []string // all columns that the entry speaks of
	implied  []*rule  // of stages that the file names without explaining them
}

// format says how values are written.
type format struct {
	dates         dates
	money         moneyFormat
	blanks        []string // values that mean that nobody knows, whatever the field
	salesforceIDs bool     // keys and references are ids of Salesforce
}

// auto reports whether something of how values are written is left to be found
// out.
func (f format) auto() bool { return f.dates.auto() || f.money.auto }

// rule makes a record of a row, or one for each column of a shape.
type rule struct {
	kind     *kind
	each     *shape // nil: one record a row
	onlyWhen []condition
	fields   map[string]*field
}

// field says where a field's value comes from: a column, a constant, a template,
// a part of a column of the rule's shape, or the first of several fields that
// has one. It is exactly one of them.
type field struct {
	column   []string // the first of these that the header has
	constant string
	template []templatePart
	part     string
	firstOf  []*field
	slug     bool
	percent  bool // the column says 25 or 25% for a quarter
	rename   map[string]string
	onlyWhen []condition
	optional bool
}

// templatePart is literal text or the value of a column.
type templatePart struct{ text, column string }

// condition holds for a row in which the column has one of the values, in any
// case. A value that ends in a star stands for all that begin so.
type condition struct {
	column string
	values []string
}

// columns lists all columns that the field may come from or depend on.
func (f *field) columns() []string {
	names := slices.Clone(f.column)
	for _, part := range f.template {
		if part.column != "" {
			names = append(names, part.column)
		}
	}
	for _, c := range f.onlyWhen {
		names = append(names, c.column)
	}
	for _, other := range f.firstOf {
		names = append(names, other.columns()...)
	}
	return names
}

//go:embed mapping/*.yaml
var embedded embed.FS

// nativeName is the mapping used when none is given: the product's own layout.
const nativeName = "native"

// Mappings lists the mappings that come with the product, by name.
func Mappings() []string {
	files, err := fs.Glob(embedded, "mapping/*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(path.Base(file), ".yaml")
	}
	return names
}

// LoadMapping reads a mapping that comes with the product, by its name, or a
// file, by its path.
func LoadMapping(nameOrPath string) (*Mapping, error) {
	file := path.Join("mapping", nameOrPath+".yaml")
	if data, err := embedded.ReadFile(file); err == nil {
		return ParseMapping(nameOrPath+".yaml", data)
	}
	data, err := os.ReadFile(nameOrPath)
	if err != nil {
		return nil, &insights.Error{
			Code:    "no_mapping",
			Message: fmt.Sprintf("The mapping %s cannot be read: %s. Nothing was loaded.", nameOrPath, plainCause(err)),
			Hint:    "Give the path of a YAML file, or one of the names " + strings.Join(Mappings(), ", ") + ".",
			Err:     err,
		}
	}
	return ParseMapping(filepath.Base(nameOrPath), data)
}
