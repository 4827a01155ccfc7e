package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/store"
)

type importOptions struct {
	mapping  string
	dates    string
	decimal  string
	currency string
	dryRun   bool
	watch    string // a folder whose files are imported as they arrive
	actor    string // who imports; empty: the operator
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
			if opt.watch != "" {
				return p.importArriving(c.Context(), opt, args)
			}
			if len(args) == 0 {
				return usageError{errors.New("import what? Name at least one CSV file or folder")}
			}
			return p.importFiles(c.Context(), opt, args)
		},
	}
	c.Flags().StringVar(&opt.mapping, "mapping", "", "a mapping file, or the name of a built-in one (maven)")
	c.Flags().StringVar(&opt.dates, "dates", "", "what comes first in days such as 3/4/2025: dmy or mdy")
	c.Flags().StringVar(&opt.decimal, "decimal", "", `the decimal sign of amounts such as 1,500: "." or ","`)
	c.Flags().StringVar(&opt.currency, "currency", "", "the currency of amounts that name none, such as EUR")
	c.Flags().BoolVar(&opt.dryRun, "dry-run", false, "check and compare everything, change nothing")
	c.Flags().StringVar(&opt.watch, "watch", "", "a folder: its files are imported as they arrive, until the command is ended")
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
	return notLoaded(ctx, p.load(ctx, s, db, opt, paths))
}

// notLoaded says of an import that was broken off that nothing of it was kept.
func notLoaded(ctx context.Context, err error) error {
	var fault *insights.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &insights.Error{Code: "interrupted", Message: "The import was broken off. Nothing was loaded.", Hint: "Run it again; what was stored before is as it was."}
	case errors.As(err, &fault) && fault.Code == "database_unreachable":
		return &insights.Error{Code: fault.Code, Message: "The database went away during the import. Nothing was loaded.", Hint: fault.Hint, Err: err}
	default:
		return err
	}
}

// load reads files and applies them, with the report a person needs.
func (p program) load(ctx context.Context, s settings, db *database, opt importOptions, paths []string) error {
	_, err := p.loaded(ctx, s, db, opt, paths)
	return err
}

// loaded is load, and returns what was imported.
func (p program) loaded(ctx context.Context, s settings, db *database, opt importOptions, paths []string) (insights.Import, error) {
	now := p.Now().In(s.Company.Zone) // undated assignments begin on the company's day
	mapping, err := readMapping(opt.mapping)
	if err != nil {
		return insights.Import{}, err
	}
	stages, err := db.Stages(ctx)
	if err != nil {
		return insights.Import{}, err
	}
	progress := p.progress()
	batch, report, err := importer.Read(ctx, paths, importer.Options{
		Mapping: mapping, Stages: stages, Company: s.Company, TakenAt: now,
		Dates: opt.dates, Decimal: opt.decimal, Currency: opt.currency,
		Progress: func(file string, done, total int64) { progress.show("Reading "+file, done, total) },
	})
	progress.clear()
	if err != nil {
		return insights.Import{}, err
	}
	applied, err := db.Apply(ctx, batch, store.ImportOptions{
		Actor: cmp.Or(opt.actor, operator()), Now: now, DryRun: opt.dryRun,
		Progress: func(done, total int) { progress.show("Comparing", int64(done), int64(total)) },
	})
	progress.clear()
	if err != nil {
		return insights.Import{}, err
	}
	_, err = fmt.Fprint(p.Out, report.Text(), appliedText(applied))
	return applied, err
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
	for _, kind := range kinds(i) {
		fmt.Fprintf(&b, "  %-12s %6d added %6d changed %6d unchanged\n", kind, i.Added[kind], i.Changed[kind], i.Unchanged[kind])
	}
	writeLeftOut(&b, i.Rejects)
	return b.String()
}

// How much is said about records that were left out: so many reasons, and so
// many lines of files for each.
const (
	shownReasons = 10
	shownLines   = 5
)

// writeLeftOut says which records could be read but not stored. An export may
// have very many for one reason, so they are put together.
func writeLeftOut(b *strings.Builder, rejects []insights.Reject) {
	if len(rejects) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%d of the records read were left out, because they do not fit what is stored or read with them:\n", len(rejects))
	rejects = slices.SortedStableFunc(slices.Values(rejects), func(x, y insights.Reject) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line))
	})
	where := map[string][]string{}
	var reasons []string
	for _, r := range rejects {
		reason := reasonOf(r)
		if where[reason] == nil {
			reasons = append(reasons, reason)
		}
		where[reason] = append(where[reason], fmt.Sprintf("%s line %d", r.File, r.Line))
	}
	slices.SortStableFunc(reasons, func(x, y string) int { return len(where[y]) - len(where[x]) })
	for _, reason := range reasons[:min(len(reasons), shownReasons)] {
		fmt.Fprintf(b, "  %s\n    %s\n", reason, firstOf(where[reason], shownLines))
	}
	if more := len(reasons) - shownReasons; more > 0 {
		fmt.Fprintf(b, "  and %d more reasons\n", more)
	}
}

// reasonOf is the column, the value unless the reason quotes it, and why.
func reasonOf(r insights.Reject) string {
	if value := strconv.Quote(r.Value); r.Value != "" && !strings.Contains(r.Reason, value) {
		return fmt.Sprintf("%s %s: %s", r.Column, value, r.Reason)
	}
	return fmt.Sprintf("%s: %s", r.Column, r.Reason)
}

func firstOf(items []string, n int) string {
	if len(items) <= n {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:n], ", "), len(items)-n)
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
