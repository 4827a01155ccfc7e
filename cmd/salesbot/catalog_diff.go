package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"salesbot/handlers"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// quartersCompared is of how many quarters the figures under two definitions
// are set against each other, the one that runs being the last.
const quartersCompared = 8

func (p program) catalogDiffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say which KPIs two catalogues define differently, and what that does to their figures",
		Long: "Diff lists what differs between two catalogues, key by key. Of each KPI whose figures may differ it shows those of the\n" +
			"last eight quarters under both, as the local administrator sees them. One of the two files can be called default:\n" +
			"the catalogue that comes with Salesbot.",
		Example: "  salesbot catalog diff default own.yaml",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{errors.New("compare which files? Name the old catalogue and the new one")}
			}
			return p.diffCatalogs(c.Context(), args[0], args[1])
		},
	}
}

func (p program) diffCatalogs(ctx context.Context, before, after string) error {
	was, err := catalogOf(before)
	if err != nil {
		return err
	}
	is, err := catalogOf(after)
	if err != nil {
		return err
	}
	changes := was.Changes(is)
	if len(changes) == 0 {
		_, err := fmt.Fprintln(p.Out, "Both catalogues define the same KPIs.")
		return err
	}
	figures := false
	for _, change := range changes {
		if _, err := fmt.Fprint(p.Out, changeWords(change)); err != nil {
			return err
		}
		figures = figures || change.Figures
	}
	if !figures {
		return nil
	}
	return p.diffFigures(ctx, was, is, changes)
}

// catalogOf reads a catalogue by its path; default is the embedded one.
func catalogOf(path string) (*metric.Catalog, error) {
	if path == "default" {
		return metric.Default(), nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &insights.Error{
			Code: "unreadable_file", Message: fmt.Sprintf("%s cannot be read: %v.", path, errors.Unwrap(err)), Hint: "Check the path.", Err: err,
		}
	}
	return metric.ParseCatalog(path, data)
}

// changeWords says what is other about a metric, a key a line.
func changeWords(c metric.Change) string {
	switch {
	case c.Old == nil:
		return fmt.Sprintf("Added    %s, version %d: %s\n", c.New.Name, c.New.Version, c.New.Formula())
	case c.New == nil:
		return fmt.Sprintf("Removed  %s, version %d: %s\n", c.Old.Name, c.Old.Version, c.Old.Formula())
	}
	words := fmt.Sprintf("Changed  %s%s\n", c.New.Name, effect(c))
	for _, key := range c.Keys {
		words += fmt.Sprintf("           %s: %s → %s\n", key.Key, orNothing(key.Old), orNothing(key.New))
	}
	return words
}

// effect says what follows from a change, and what has to be done about it.
func effect(c metric.Change) string {
	raised := c.New.Version > c.Old.Version
	switch {
	case !c.Figures:
		return ", in words only"
	case c.Old.Definition().Text == c.New.Definition().Text:
		return ", by what it is made of"
	case raised:
		return ""
	default:
		return fmt.Sprintf("; its version must be raised to %d", c.Old.Version+1)
	}
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

func (p program) diffFigures(ctx context.Context, was, is *metric.Catalog, changes []metric.Change) error {
	return p.withDatabase(ctx, func(s settings, db *database) error {
		for _, change := range changes {
			if !change.Figures {
				continue
			}
			if err := p.diffMetric(ctx, s, db, was, is, change); err != nil {
				return err
			}
		}
		return nil
	})
}

// diffMetric writes the figures of one metric under both catalogues, or why
// there are none.
func (p program) diffMetric(ctx context.Context, s settings, db *database, was, is *metric.Catalog, change metric.Change) error {
	title := fmt.Sprintf("\n%s, version %d → %d%s, by the first days of the fiscal quarters", change.New.Label, change.Old.Version, change.New.Version, fromWhen(change.New))
	if _, err := fmt.Fprintln(p.Out, title); err != nil {
		return err
	}
	sides, err := p.bothSides(ctx, s.Company, db, change.New.Name, was, is)
	var refused *metric.Refusal
	if errors.As(err, &refused) {
		_, err = fmt.Fprintln(p.Out, refused)
		return err
	}
	if err != nil {
		return err
	}
	return writeSides(p.Out, change.New.Name, sides)
}

// fromWhen says from which day on a version holds, if it is dated.
func fromWhen(m *metric.Metric) string {
	if m.Effective.IsZero() {
		return ""
	}
	return ", in force from " + m.Effective.Format("2 Jan 2006")
}

// bothSides computes a metric under two catalogues in one snapshot.
func (p program) bothSides(ctx context.Context, co metric.Company, db *database, name string, was, is *metric.Catalog) ([2]metric.Result, error) {
	now := p.Now()
	q := metric.Query{Shape: metric.ShapeFigure, Metric: name, By: []string{"quarter"}, Period: lastQuarters(co, now)}
	viewer := metric.Viewer{Name: "the local administrator", Role: metric.RoleAdmin, All: true}
	var sides [2]metric.Result
	var plans [2]*metric.Plan
	var all []metric.Statement
	for i, c := range []*metric.Catalog{was, is} {
		plan, err := c.Compile(q, viewer, co, now)
		if err != nil {
			return sides, err
		}
		plans[i], all = plan, append(all, plan.Statements...)
	}
	reading, err := db.Read(ctx, all)
	if err != nil {
		return sides, err
	}
	tables := reading.Tables
	for i, plan := range plans {
		reading.Tables, tables = tables[:len(plan.Statements)], tables[len(plan.Statements):]
		if sides[i], err = plan.Result(reading); err != nil {
			return sides, err
		}
	}
	return sides, nil
}

// lastQuarters are the fiscal quarters that are compared.
func lastQuarters(co metric.Company, now time.Time) metric.Period {
	year, month, day := now.In(co.Zone).Date()
	start := co.Start(metric.Quarter, time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	at := func(n int) time.Time {
		first := co.Step(metric.Quarter, start, n)
		return metric.Midnight(first.Year(), first.Month(), first.Day(), co.Zone)
	}
	return metric.Period{From: at(1 - quartersCompared), To: at(1)}
}

// bucket is a quarter in one currency.
type bucket struct{ quarter, currency string }

// writeSides sets the figures of two results side by side.
func writeSides(w io.Writer, name string, sides [2]metric.Result) error {
	var order []bucket
	var figures [2]map[bucket]metric.Quantity
	seen := map[bucket]bool{}
	for i, side := range sides {
		figures[i] = map[bucket]metric.Quantity{}
		for _, row := range side.Rows {
			at, quantity := figureOf(name, side.Columns, row)
			figures[i][at] = quantity
			if !seen[at] {
				seen[at], order = true, append(order, at)
			}
		}
	}
	slices.SortFunc(order, func(a, b bucket) int {
		return cmp.Or(strings.Compare(a.quarter, b.quarter), strings.Compare(a.currency, b.currency))
	})
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	if _, err := fmt.Fprintln(out, "quarter\told\tnew\tdifference\t"); err != nil {
		return err
	}
	for _, at := range order {
		before, knownBefore := figures[0][at]
		after, knownAfter := figures[1][at]
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\t\n", at.quarter, figureWords(before, knownBefore), figureWords(after, knownAfter), difference(before, after)); err != nil {
			return err
		}
	}
	return out.Flush()
}

func figureOf(name string, columns []metric.Column, row []metric.Cell) (bucket, metric.Quantity) {
	var at bucket
	var quantity metric.Quantity
	for i, c := range columns {
		switch {
		case c.Name == "quarter":
			at.quarter = row[i].Text
		case c.Name == "currency":
			at.currency = row[i].Text
		case c.Name == name && row[i].Quantity != nil:
			quantity = *row[i].Quantity
			at.currency = quantity.Currency
		}
	}
	return at, quantity
}

func figureWords(q metric.Quantity, known bool) string {
	if !known {
		return "none"
	}
	return handlers.Words(q)
}

// difference is what the second figure is more than the first; of a figure that
// is not known there is none.
func difference(before, after metric.Quantity) string {
	if before.Value == nil || after.Value == nil {
		return "–"
	}
	less := new(big.Rat).Sub(after.Value, before.Value)
	if less.Sign() == 0 {
		return "0"
	}
	return handlers.Signed(metric.Quantity{Value: less, Unit: after.Unit, Currency: after.Currency})
}
