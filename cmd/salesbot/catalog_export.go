package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"salesbot/insights/metric"
)

func (p program) catalogExportCommand() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "export --to ossie [FILE]",
		Short: "Write the catalogue for other tools, and say what is lost",
		Long: "Export writes the catalogue that is in force, or that of a file, as Apache Ossie 0.1.1 (formerly Open Semantic\n" +
			"Interchange). On standard error it lists by metric what that format does not say.",
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case to != "ossie":
				return usageError{fmt.Errorf("--to is ossie, not %q: there is no other format", to)}
			case len(args) > 1:
				return usageError{errors.New("export which file? Name one catalogue, or none for the one in force")}
			case len(args) == 0:
				return p.withCatalog(p.exportOssie)
			}
			catalog, err := catalogOf(args[0])
			if err != nil {
				return err
			}
			return p.exportOssie(catalog)
		},
	}
	c.Flags().StringVar(&to, "to", "", "the format: ossie")
	return c
}

func (p program) exportOssie(c *metric.Catalog) error {
	document, lost, err := c.Ossie()
	if err != nil {
		return err
	}
	if _, err := p.Out.Write(document); err != nil {
		return err
	}
	p.say("Apache Ossie does not say of these:")
	for _, fact := range lost {
		p.say("  " + fact.Name + ": " + fact.Text)
	}
	return nil
}
