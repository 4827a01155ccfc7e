package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// catalogCommand looks at the catalogue that is in force, or at a file that may
// become it. It needs no database but to compare figures.
func (p program) catalogCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "catalog",
		Short: "Look at the KPIs that can be asked, and check one's own",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the KPIs", Args: noArgs,
			RunE: func(*cobra.Command, []string) error { return p.withCatalog(p.listCatalog) },
		},
		&cobra.Command{
			Use: "show METRIC", Short: "Say what a KPI is: formula, source, what it is mistaken for",
			RunE: func(_ *cobra.Command, args []string) error {
				if len(args) != 1 {
					return usageError{errors.New("show which KPI? salesbot catalog list names them")}
				}
				return p.withCatalog(func(c *metric.Catalog) error { return p.showMetric(c, args[0]) })
			},
		},
		&cobra.Command{
			Use: "check FILE", Short: "Check a catalogue before it is used",
			RunE: func(_ *cobra.Command, args []string) error {
				if len(args) != 1 {
					return usageError{errors.New("check which file? Name one catalogue")}
				}
				return p.checkCatalogFile(args[0])
			},
		},
		p.catalogDiffCommand(),
		p.catalogExportCommand(),
		&cobra.Command{
			Use: "schema", Short: "Print the JSON Schema of a catalogue, for editors", Args: noArgs,
			RunE: func(*cobra.Command, []string) error {
				schema, err := metric.Schema()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(p.Out, string(schema))
				return err
			},
		},
		&cobra.Command{
			Use: "docs", Short: "Print the catalogue as a Markdown page", Args: noArgs,
			RunE: func(*cobra.Command, []string) error {
				return p.withCatalog(func(c *metric.Catalog) error {
					_, err := fmt.Fprint(p.Out, c.Markdown())
					return err
				})
			},
		},
	)
	return c
}

// withCatalog hands over the catalogue that is in force.
func (p program) withCatalog(use func(*metric.Catalog) error) error {
	s, err := readSettings(p.Environ)
	if err != nil {
		return err
	}
	return use(s.Metrics)
}

func (p program) listCatalog(c *metric.Catalog) error {
	out := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	for _, m := range c.Metrics() {
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\tversion %d\n", m.Name, m.Label, m.Unit, m.Version); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (p program) showMetric(c *metric.Catalog, name string) error {
	m, ok := c.Metric(name)
	if !ok {
		return &insights.Error{
			Code: "no_metric", Message: fmt.Sprintf("There is no KPI called %q in the catalogue.", name),
			Hint: "salesbot catalog list names them all.",
		}
	}
	if _, err := fmt.Fprintf(p.Out, "%s (%s, version %d)\n%s\n\n", m.Label, m.Name, m.Version, m.Description); err != nil {
		return err
	}
	out := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	for _, fact := range c.About(m) {
		if _, err := fmt.Fprintf(out, "%s\t%s\n", fact.Name, fact.Text); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (p program) checkCatalogFile(path string) error {
	c, err := catalogOf(path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "%s is a catalogue of %d KPIs, without a fault. SALESBOT_CATALOG=%[1]s makes it the one in force.\n", path, len(c.Metrics()))
	return err
}
