package importer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/importer"
)

const (
	guide    = "../../docs/importing.md"
	examples = "../../docs/examples/company"
)

// The guide lists the own layout, the sections of mappings and the reasons for
// rejection as they are.
func TestTheGuideListsTheLayout(t *testing.T) {
	var files, sections strings.Builder
	files.WriteString("| file | required columns | optional columns |\n|---|---|---|\n")
	for _, f := range importer.NativeLayout() {
		fmt.Fprintf(&files, "| [`%s`](examples/company/%[1]s) | %s | %s |\n", f.Name, coded(f.Required), coded(f.Optional))
	}
	sections.WriteString("| section | fields (required ones in bold) |\n|---|---|\n")
	for _, s := range importer.Sections() {
		fmt.Fprintf(&sections, "| `%s` | %s |\n", s[0], s[1])
	}
	before, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	after := listed(t, listed(t, string(before), "own layout", files.String()), "sections", sections.String())
	after = listed(t, after, "reasons", importer.RemedyTable())
	after = listed(t, after, "recognised", recognisedTable())
	if *update {
		if err := os.WriteFile(guide, []byte(after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(before), after); diff != "" {
		t.Errorf("%s (run with -update to accept):\n%s", guide, diff)
	}
}

func recognisedTable() string {
	var table strings.Builder
	table.WriteString("| files | told by the columns | and without | make |\n|---|---|---|---|\n")
	for _, row := range importer.Recognised() {
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", row[0], row[1], row[2], row[3])
	}
	return table.String()
}

// listed puts a list into the guide, between the marks that name it.
func listed(t *testing.T, text, name, list string) string {
	t.Helper()
	begin, end := "<!-- "+name+", from the code -->\n\n", "\n<!-- end -->"
	before, rest, found := strings.Cut(text, begin)
	_, behind, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for %q", guide, name)
	}
	return before + begin + list + end + behind
}

func coded(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return "`" + strings.Join(columns, "`, `") + "`"
}

// The example company has each file of the own layout, and in it each column.
func TestTheExampleShowsTheWholeLayout(t *testing.T) {
	for _, f := range importer.NativeLayout() {
		text, err := os.ReadFile(filepath.Join(examples, f.Name))
		if err != nil {
			t.Error(err)
			continue
		}
		header, _, _ := strings.Cut(string(text), "\n")
		got, want := strings.Split(header, ","), slices.Concat(f.Required, f.Optional)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the columns of %s:\n%s", f.Name, diff)
		}
	}
}

// The mapping that the guide shows is one.
func TestTheMappingOfTheGuideIsValid(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	mapping, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the guide shows no mapping")
	}
	if _, err := importer.ParseMapping("guide.yaml", []byte(mapping)); err != nil {
		t.Error(err)
	}
}
