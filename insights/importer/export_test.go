package importer

import (
	"fmt"
	"slices"
	"strings"
)

// LayoutFile is a file of the product's own layout.
type LayoutFile struct {
	Name     string
	Required []string // the columns that its header must have
	Optional []string
}

// NativeLayout lists the files of the product's own layout with the columns of
// each.
func NativeLayout() []LayoutFile {
	native, err := LoadMapping(nativeName)
	if err != nil {
		panic(err) // it is embedded, and TestMappingsAreFoundByNameOrPath reads it
	}
	files := make([]LayoutFile, len(native.files))
	for i, f := range native.files {
		files[i] = LayoutFile{Name: f.match}
		for _, r := range f.rules {
			files[i].add(r)
		}
	}
	return files
}

func (l *LayoutFile) add(r *rule) {
	for _, name := range r.kind.fields {
		switch f := r.fields[name]; {
		case f == nil:
		case f.optional:
			l.Optional = append(l.Optional, f.column...)
		default:
			l.Required = append(l.Required, f.column...)
		}
	}
}

// RemedyTable lists the reasons for which values are rejected, and what to do.
func RemedyTable() string {
	var out strings.Builder
	out.WriteString("| about | reason | remedy |\n|---|---|---|\n")
	open := strings.NewReplacer("%s", "…", "%d", "…")
	for _, r := range remedies {
		fmt.Fprintf(&out, "| %s | %s | %s |\n", r.about, open.Replace(r.reason), r.remedy)
	}
	return out.String()
}

// Sections lists what each section of a mapping has, the required fields in
// bold.
func Sections() [][2]string {
	sections := make([][2]string, len(kinds))
	for i, k := range kinds {
		fields := slices.Clone(k.fields)
		for j, name := range fields {
			if slices.Contains(k.required, name) {
				fields[j] = "**" + name + "**"
			}
		}
		sections[i] = [2]string{k.section, strings.Join(fields, ", ")}
	}
	return sections
}
