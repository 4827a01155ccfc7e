package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/store"
)

// listedImports is how many imports are listed unless somebody says.
const listedImports = 20

func (p program) importsCommand() *cobra.Command {
	limit, asJSON, dryRun := listedImports, false, false
	c := &cobra.Command{
		Use:   "imports",
		Short: "List what was loaded, when and by whom, and take the last import back",
		Long: "Imports lists the imports that changed something, the newest first. The number of an import is the revision it\n" +
			"made: figures name the revision they were read at.",
		Example: "  salesbot imports --limit 5\n  salesbot imports show 12\n  salesbot imports undo 12",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return usageError{fmt.Errorf("--limit %d lists nothing; give 1 or more", limit)}
			}
			return p.withDatabase(c.Context(), func(s settings, db *database) error {
				return p.listImports(c.Context(), s, db, limit, asJSON)
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", limit, "how many to list")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object per import")
	undo := importCommandOf("undo ID", "Take the last import back, as a new revision", func(ctx context.Context, revision int64) error {
		return p.withDatabase(ctx, func(_ settings, db *database) error { return p.undoImport(ctx, db, revision, dryRun) })
	})
	undo.Flags().BoolVar(&dryRun, "dry-run", false, "count what would change, change nothing")
	c.AddCommand(undo, importCommandOf("show ID", "Print the report of an import", func(ctx context.Context, revision int64) error {
		return p.withDatabase(ctx, func(s settings, db *database) error { return p.showImport(ctx, s, db, revision) })
	}))
	return c
}

// importCommandOf is a command about one import.
func importCommandOf(use, short string, run func(ctx context.Context, revision int64) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("which import? Name one by its number; salesbot imports lists them")}
			}
			revision, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usageError{fmt.Errorf("%q is no number of an import; salesbot imports lists them", args[0])}
			}
			return run(c.Context(), revision)
		},
	}
}

func (p program) listImports(ctx context.Context, s settings, db *database, limit int, asJSON bool) error {
	imports, err := db.Imports(ctx, limit)
	if err != nil {
		return err
	}
	if asJSON {
		return p.printImports(imports)
	}
	if len(imports) == 0 {
		_, err := fmt.Fprintln(p.Out, "Nothing has been imported yet.")
		return err
	}
	for _, i := range imports {
		if _, err := fmt.Fprint(p.Out, importLines(i, s.Company.Zone)); err != nil {
			return err
		}
	}
	return nil
}

// importLines are one import in a list.
func importLines(i insights.Import, zone *time.Location) string {
	var b strings.Builder
	b.WriteString(importLine(i, zone))
	if t := i.Total; t.Rows > 0 {
		fmt.Fprintf(&b, "        rows: %d read, %d used, %d unchanged, %d rejected\n", t.Rows, t.Used, t.Unchanged, t.Rejected)
	}
	for _, made := range []struct {
		word   string
		counts map[insights.Kind]int
	}{{"added", i.Added}, {"changed", i.Changed}} {
		if len(made.counts) > 0 {
			fmt.Fprintf(&b, "        %s: %s\n", made.word, kindCounts(made.counts))
		}
	}
	return b.String()
}

func importLine(i insights.Import, zone *time.Location) string {
	return fmt.Sprintf("%6d  %s  %s, by %s%s\n", i.Revision, i.At.In(zone).Format("2006-01-02 15:04"), i.Source, i.By, fate(i))
}

// fate says whether an import still stands.
func fate(i insights.Import) string {
	if i.UndoneBy != 0 {
		return fmt.Sprintf(" (taken back by %d)", i.UndoneBy)
	}
	return ""
}

func kindCounts(counts map[insights.Kind]int) string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", kind, counts[kind]))
	}
	return strings.Join(parts, ", ")
}

// importJSON is an import as programs read it.
type importJSON struct {
	Revision  int64                 `json:"revision"`
	At        time.Time             `json:"at"`
	By        string                `json:"by"`
	Source    string                `json:"source"`
	TakenAt   time.Time             `json:"taken_at"`
	Rows      rowsJSON              `json:"rows"`
	Added     map[insights.Kind]int `json:"added"`
	Changed   map[insights.Kind]int `json:"changed"`
	Unchanged map[insights.Kind]int `json:"unchanged"`
	Undoes    int64                 `json:"undoes,omitempty"`
	UndoneBy  int64                 `json:"undone_by,omitempty"`
}

type rowsJSON struct {
	Read      int `json:"read"`
	Used      int `json:"used"`
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`
}

func (p program) printImports(imports []insights.Import) error {
	encoder := json.NewEncoder(p.Out)
	for _, i := range imports {
		err := encoder.Encode(importJSON{
			Revision: i.Revision, At: i.At.UTC(), By: i.By, Source: i.Source, TakenAt: i.TakenAt.UTC(),
			Rows:  rowsJSON{Read: i.Total.Rows, Used: i.Total.Used, Unchanged: i.Total.Unchanged, Rejected: i.Total.Rejected},
			Added: i.Added, Changed: i.Changed, Unchanged: i.Unchanged, Undoes: i.Undoes, UndoneBy: i.UndoneBy,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p program) showImport(ctx context.Context, s settings, db *database, revision int64) error {
	i, known, err := db.ImportAt(ctx, revision)
	if err != nil {
		return err
	}
	if !known {
		return &insights.Error{
			Code:    "no_import",
			Message: fmt.Sprintf("There is no import %d.", revision),
			Hint:    "salesbot imports lists them.",
		}
	}
	_, err = fmt.Fprint(p.Out, importLine(i, s.Company.Zone), "\n", keptReport(i))
	return err
}

// keptReport is the report of an import as far as it is on record: what was
// done to read the files is not.
func keptReport(i insights.Import) string {
	if i.Undoes != 0 {
		return undoneText(i)
	}
	var files strings.Builder
	for _, f := range i.Files {
		fmt.Fprintf(&files, "%s: %d rows read, %d used, %d unchanged, %d rejected\n", f.Name, f.Rows, f.Used, f.Unchanged, f.Rejected)
	}
	return files.String() + importer.Report{}.Text(i)
}

func (p program) undoImport(ctx context.Context, db *database, revision int64, dryRun bool) error {
	undone, err := db.UndoImport(ctx, revision, store.UndoOptions{Actor: operator(), Now: p.Now(), DryRun: dryRun})
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(p.Out, undoneText(undone))
	return err
}

// undoneText says what taking an import back changed.
func undoneText(i insights.Import) string {
	var b strings.Builder
	if i.DryRun {
		fmt.Fprintf(&b, "Dry run, nothing was changed. Import %d would be taken back with this difference:\n", i.Undoes)
	} else {
		fmt.Fprintf(&b, "Import %d is taken back, as revision %d. Records that are as they were before:\n", i.Undoes, i.Revision)
	}
	for _, kind := range slices.Sorted(maps.Keys(i.Changed)) {
		fmt.Fprintf(&b, "  %-18s %6d\n", kind, i.Changed[kind])
	}
	return b.String()
}
