package main

import (
	"github.com/spf13/cobra"

	"salesbot/insights/store"
	"salesbot/migrations"
)

func (p program) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Create or update Salesbot's tables in the database",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := readSettings(p.Environ)
			if err != nil {
				return err
			}
			if s.DatabaseURL == "" {
				db, err := p.openPrivate(c.Context(), s, homeFolder)
				if err != nil {
					return err
				}
				p.say("The private database is up to date.")
				return db.Close()
			}
			connected, err := store.Connect(c.Context(), s.DatabaseURL)
			if err != nil {
				return err
			}
			defer connected.Close()
			if err := migrations.Up(c.Context(), connected.DB(), p.say); err != nil {
				return err
			}
			p.say("The database is up to date.")
			return nil
		},
	}
}
