package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salesbot/bot"
	"salesbot/insights"
	"salesbot/insights/store"
	"salesbot/migrations"
)

func (p program) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check the configuration, the database, the data and the Slack tokens, and say what to mend",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return p.doctor(c.Context()) },
	}
}

// doctor goes on after a fault: all that is wrong is said at once. It changes
// nothing.
func (p program) doctor(ctx context.Context) error {
	s, err := readSettings(p.Environ)
	well := p.finding("configuration", describeSettings(s), err)
	if err != nil {
		return quietError{err}
	}
	well = p.examineDatabase(ctx, s) && well
	well = p.examineSlack(ctx, s) && well
	if !well {
		return quietError{errors.New("something must be mended")}
	}
	return nil
}

// finding prints one line, and below it what to do about a fault.
func (p program) finding(what, found string, err error) bool {
	if err == nil {
		_, _ = fmt.Fprintf(p.Out, "ok    %-14s %s\n", what, found)
		return true
	}
	text := strings.ReplaceAll(err.Error(), "\n", "\n                     ")
	_, _ = fmt.Fprintf(p.Out, "MEND  %-14s %s\n", what, text)
	return false
}

func describeSettings(s settings) string {
	if s.Company.Zone == nil {
		return ""
	}
	return fmt.Sprintf("zone %s, fiscal year from %s (%s), weeks from %s, %d holidays, %s, %d KPIs",
		s.Company.Zone, s.Company.FiscalStart, s.Company.Calendar, s.Company.WeekStart, len(s.Company.Holidays), s.Company.Currency, len(s.Metrics.Metrics()))
}

func (p program) examineDatabase(ctx context.Context, s settings) bool {
	if s.DatabaseURL == "" {
		return p.finding("database", "none named, so each command uses a private one", nil)
	}
	db, err := store.Connect(ctx, s.DatabaseURL)
	if !p.finding("database", "reachable", err) {
		return false
	}
	defer db.Close()
	pending, _, err := migrations.Pending(ctx, db.DB())
	if err == nil && pending > 0 {
		err = &insights.Error{Message: fmt.Sprintf("%d migrations are missing.", pending), Hint: "Run: salesbot migrate"}
	}
	if !p.finding("tables", "up to date", err) {
		return false
	}
	revision, confirmed, err := db.Head(ctx)
	if err == nil && revision == 0 {
		err = &insights.Error{Message: "Nothing has been imported yet.", Hint: "Run: salesbot import PATH"}
	}
	return p.finding("data", fmt.Sprintf("revision %d, confirmed %s ago", revision, p.Now().Sub(confirmed).Round(time.Minute)), err)
}

func (p program) examineSlack(ctx context.Context, s settings) bool {
	if err := s.needSlack(); err != nil {
		return p.finding("tokens", "", err)
	}
	found, err := bot.Examine(ctx, bot.Config{AppToken: s.AppToken, BotToken: s.BotToken, APIURL: s.SlackAPI})
	if !p.finding("tokens", fmt.Sprintf("%s in %s", found.User, found.Team), err) {
		return false
	}
	if len(found.Missing) > 0 {
		lines := make([]string, len(found.Missing))
		for i, n := range found.Missing {
			lines[i] = "  " + n.Name + ": " + n.Why
		}
		err = &insights.Error{
			Message: "The bot token lacks scopes:\n" + strings.Join(lines, "\n"),
			Hint:    "Update the app with the output of salesbot manifest and install it again.",
		}
	}
	return p.finding("scopes", "all there", err)
}
