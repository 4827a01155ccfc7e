package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/store"
)

type importOptions struct {
	mapping      string
	dates        string
	decimal      string
	currency     string
	stages       []string // what stages mean: NAME=won
	dryRun       bool
	maxRejected  string
	rejects      string
	explain      bool
	writeMapping string // a file for the mapping that explain infers
	watch        string // a folder whose files are imported as they arrive
	actor        string // who imports; empty: the operator
	key          string // what was imported under it is not imported again
}

func (p program) importCommand() *cobra.Command {
	var opt importOptions
	c := &cobra.Command{
		Use:   "import [flags] PATH…",
		Short: "Load CRM data from CSV files",
		Long: "Import reads CSV files, or folders of them, in one transaction: what can be used goes in, what cannot is\n" +
			"reported with file, line, column and reason. The same files twice change nothing. Without --mapping each\n" +
			"file is recognised by its header: exports of Salesforce and HubSpot, their tables in a warehouse, and\n" +
			"Salesbot's own layout. --explain says what files are taken for, and loads nothing (docs/importing.md).",
		Example: "  salesbot import --explain ./crm-export\n  salesbot import ./crm-export\n  salesbot import --mapping ours.yaml --dry-run ./crm-export",
		RunE: func(c *cobra.Command, args []string) error {
			if opt.watch != "" {
				return p.importArriving(c.Context(), opt, args)
			}
			if len(args) == 0 {
				return usageError{errors.New("import what? Name at least one CSV file or folder")}
			}
			if opt.explain {
				return p.explain(c.Context(), opt, args)
			}
			if opt.writeMapping != "" {
				return usageError{errors.New("--write-mapping goes with --explain")}
			}
			return p.importFiles(c.Context(), opt, args)
		},
	}
	c.Flags().StringVar(&opt.mapping, "mapping", "", "a mapping file, or the name of a built-in one (maven)")
	c.Flags().StringVar(&opt.dates, "dates", "", "what comes first in days such as 3/4/2025: dmy or mdy")
	c.Flags().StringVar(&opt.decimal, "decimal", "", `the decimal sign of amounts such as 1,500: "." or ","`)
	c.Flags().StringVar(&opt.currency, "currency", "", "the currency of amounts that name none, such as EUR")
	c.Flags().StringArrayVar(&opt.stages, "stage", nil, `what a stage means that the files only name: "Signed=won" (or lost, or open); repeatable`)
	c.Flags().BoolVar(&opt.explain, "explain", false, "say what each file is taken for, and print the mapping that says the same; loads nothing")
	c.Flags().StringVar(&opt.writeMapping, "write-mapping", "", "with --explain: a new file for that mapping")
	c.Flags().BoolVar(&opt.dryRun, "dry-run", false, "check and compare everything, change nothing")
	c.Flags().StringVar(&opt.maxRejected, "max-rejected", "", "change nothing if more of the rows than this are rejected, such as 2% or 0.02")
	c.Flags().StringVar(&opt.rejects, "rejects", "", "write every rejected row to this CSV file")
	c.Flags().StringVar(&opt.watch, "watch", "", "a folder: its files are imported as they arrive, until the command is ended")
	return c
}

func (p program) importFiles(ctx context.Context, opt importOptions, paths []string) error {
	return p.withDatabase(ctx, func(s settings, db *database) error {
		return notLoaded(ctx, p.load(ctx, s, db, opt, paths))
	})
}

// notLoaded says of an import that was broken off what can be known of it.
func notLoaded(ctx context.Context, err error) error {
	var fault *insights.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &insights.Error{Code: "interrupted", Message: "The import was broken off. Nothing was loaded.", Hint: "Run it again; what was stored before is as it was."}
	case errors.As(err, &fault) && fault.Code == "database_unreachable":
		return &insights.Error{Code: fault.Code, Message: "The database went away during the import. Either all of it was loaded or nothing.",
			Hint: fault.Hint + "\nThen run the import again: what is loaded already makes no difference.", Err: err}
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
	how, err := p.readingOptions(s, opt)
	if err != nil {
		return insights.Import{}, err
	}
	if how.Stages, err = db.Stages(ctx); err != nil {
		return insights.Import{}, err
	}
	limit, err := readLimit(opt.maxRejected)
	if err != nil {
		return insights.Import{}, err
	}
	rejects, err := createRejects(opt.rejects)
	if err != nil {
		return insights.Import{}, err
	}
	progress := p.progress()
	how.Progress = func(file string, done, total int64) { progress.show("Reading "+file, done, total) }
	var report importer.Report
	imported, err := db.Import(ctx, store.ImportOptions{
		Actor: cmp.Or(opt.actor, operator()), Now: p.Now().In(s.Company.Zone), DryRun: opt.dryRun, MaxRejected: limit, Rejects: rejects.write, Key: opt.key,
		Progress: func(done, total int) { progress.show("Comparing", int64(done), int64(total)) },
	}, func(sink insights.Sink) error {
		report, err = importer.Read(ctx, paths, how, sink)
		return err
	})
	progress.clear()
	imported.Guessed = report.Guessed
	err = errors.Join(err, rejects.close())
	if err == nil || imported.Aborted {
		_, printed := fmt.Fprint(p.Out, report.Text(imported))
		err = errors.Join(err, printed)
	}
	return imported, err
}

// readLimit reads the share of rows that may be rejected: 2%, 2 % or 0.02.
func readLimit(text string) (*float64, error) {
	if text == "" {
		return nil, nil
	}
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return nil, usageError{fmt.Errorf("--max-rejected %s is not a share of the rows, such as 2%% or 0.02", text)}
	}
	return &share, nil
}

// rejectsFile is a CSV file of every reject; without a name there is none.
type rejectsFile struct {
	file *os.File
	out  *csv.Writer
}

func createRejects(path string) (*rejectsFile, error) {
	if path == "" {
		return &rejectsFile{}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, &insights.Error{Code: "unwritable_file", Message: "The rejects cannot be written: " + err.Error() + ". Nothing was loaded.", Hint: "Give --rejects another path.", Err: err}
	}
	f := &rejectsFile{file: file, out: csv.NewWriter(file)}
	return f, f.out.Write([]string{"file", "line", "column", "value", "reason"})
}

func (f *rejectsFile) write(r insights.Reject) error {
	if f.file == nil {
		return nil
	}
	return f.out.Write([]string{r.File, strconv.Itoa(r.Line), r.Column, r.Value, r.Reason})
}

func (f *rejectsFile) close() error {
	if f.file == nil {
		return nil
	}
	f.out.Flush()
	return errors.Join(f.out.Error(), f.file.Close())
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
