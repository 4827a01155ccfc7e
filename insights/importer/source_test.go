package importer

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An archive is understood as the folder it was made of, and the names say where
// a file lies.
func TestAnArchiveIsUnderstoodAsAFolder(t *testing.T) {
	archive := zipped(t,
		"data/people.csv", inUTF16With(binary.LittleEndian, "external_id\tname\r\n1\tZoë\r\n"),
		"data/products.csv", "sep=;\r\nexternal_id;name\r\n1;Anvil\r\n",
		"data/notes.txt", "call Bo")
	path := filepath.Join(t.TempDir(), "export.zip")
	if err := os.WriteFile(path, []byte(archive), 0o600); err != nil {
		t.Fatal(err)
	}
	sources, unread, err := find([]string{path}, layouts())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]scanned{}
	for _, s := range sources {
		if err := s.inspect(layouts()); err != nil {
			t.Fatal(err)
		}
		got[s.name+" for "+s.mapping.match] = rowsOf(t, s.file, s.sample)
	}
	want := map[string][]scanned{
		"export.zip/data/people.csv for people.csv":     {{Line: 2, Cells: []string{"1", "Zoë"}}},
		"export.zip/data/products.csv for products.csv": {{Line: 3, Cells: []string{"1", "Anvil"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"export.zip/data/notes.txt"}, unread); diff != "" {
		t.Error(diff)
	}
}
