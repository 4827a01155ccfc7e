package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/store"
)

type importOptions struct {
	mapping string
	dryRun  bool
}

func (p program) importCommand() *cobra.Command {
	var opt importOptions
	c := &cobra.Command{
		Use:   "import [flags] PATH…",
		Short: "Load CRM data from CSV files",
		Long: "Import reads CSV files, or folders of them, in one transaction: what can be used goes in, what cannot is\n" +
			"reported with file, line, column and reason. The same files twice change nothing. Without --mapping the\n" +
			"files are in Salesbot's own layout (docs/importing.md).",
		Example: "  salesbot import --mapping maven ./crm-export\n  salesbot import --dry-run ./my-company",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("import what? Name at least one CSV file or folder")}
			}
			return p.importFiles(c.Context(), opt, args)
		},
	}
	c.Flags().StringVar(&opt.mapping, "mapping", "", "a mapping file, or the name of a built-in one (maven)")
	c.Flags().BoolVar(&opt.dryRun, "dry-run", false, "check and compare everything, change nothing")
	return c
}

func (p program) importFiles(ctx context.Context, opt importOptions, paths []string) error {
	s, err := readSettings(p.Environ)
	if err != nil {
		return err
	}
	db, err := p.openDatabase(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	return p.load(ctx, s, db, opt, paths)
}

// load reads files and applies them, with the report a person needs.
func (p program) load(ctx context.Context, s settings, db *database, opt importOptions, paths []string) error {
	now := time.Now()
	mapping, err := readMapping(opt.mapping)
	if err != nil {
		return err
	}
	stages, err := db.Stages(ctx)
	if err != nil {
		return err
	}
	progress := p.progress()
	batch, report, err := importer.Read(ctx, paths, importer.Options{
		Mapping: mapping, Stages: stages, Company: s.Company, TakenAt: now,
		Progress: func(file string, done, total int64) { progress.show("Reading "+file, done, total) },
	})
	progress.clear()
	if err != nil {
		return err
	}
	applied, err := db.Apply(ctx, batch, store.ImportOptions{
		Actor: operator(), Now: now, DryRun: opt.dryRun,
		Progress: func(done, total int) { progress.show("Comparing", int64(done), int64(total)) },
	})
	progress.clear()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(p.Out, report.Text(), appliedText(applied))
	return err
}

func readMapping(name string) (*importer.Mapping, error) {
	if name == "" {
		return nil, nil
	}
	return importer.LoadMapping(name)
}

// operator is who the import is noted as done by.
func operator() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "terminal"
}

func appliedText(i insights.Import) string {
	var b strings.Builder
	switch {
	case i.DryRun && i.Same():
		b.WriteString("Dry run: nothing is new, so nothing would change.\n")
	case i.DryRun:
		b.WriteString("Dry run, nothing was changed. It would have made this difference:\n")
	case i.Same():
		fmt.Fprintf(&b, "Nothing is new: still at revision %d.\n", i.Revision)
	default:
		fmt.Fprintf(&b, "Imported as revision %d:\n", i.Revision)
	}
	for _, r := range i.Rejects {
		fmt.Fprintf(&b, "  not used: %s line %d, %s: %s\n", r.File, r.Line, r.Column, r.Reason)
	}
	for _, kind := range kinds(i) {
		fmt.Fprintf(&b, "  %-12s %6d added %6d changed %6d unchanged\n", kind, i.Added[kind], i.Changed[kind], i.Unchanged[kind])
	}
	return b.String()
}

func kinds(i insights.Import) []string {
	all := map[string]bool{}
	for _, counts := range []map[string]int{i.Added, i.Changed, i.Unchanged} {
		for kind := range counts {
			all[kind] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
