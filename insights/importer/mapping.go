package importer

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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

// fileMapping is what a mapping says about the files of one name.
type fileMapping struct {
	match     string // a glob for the file's name
	delimiter byte   // 0: found out from the header
	encoding  string
	format    format
	rules     []*rule
}

// format says how values are written.
type format struct {
	dates []dateFormat
	money moneyFormat
}

// rule makes one record of a row.
type rule struct {
	kind   *kind
	fields map[string]*field
}

// field says where a field's value comes from: a column, a constant or a
// template, exactly one of them.
type field struct {
	column   string
	constant string
	template []templatePart
	slug     bool
	rename   map[string]string
	onlyWhen []condition
	optional bool
	lookup   string // of a reference: the attribute it holds instead of the key
}

// templatePart is literal text or the value of a column.
type templatePart struct{ text, column string }

// condition holds for a row in which the column has one of the values.
type condition struct {
	column string
	values []string
}

// columns lists the columns the field cannot do without.
func (f *field) columns() []string {
	var names []string
	if f.column != "" {
		names = append(names, f.column)
	}
	for _, part := range f.template {
		if part.column != "" {
			names = append(names, part.column)
		}
	}
	for _, c := range f.onlyWhen {
		names = append(names, c.column)
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

// fileFor returns what the mapping says about a file of this name, or nil. The
// first entry that fits is taken, and case does not matter.
func (m *Mapping) fileFor(name string) *fileMapping {
	for _, f := range m.files {
		if fits, _ := path.Match(strings.ToLower(f.match), strings.ToLower(name)); fits {
			return f
		}
	}
	return nil
}
