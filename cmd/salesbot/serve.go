package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"salesbot/bot"
	"salesbot/handlers"
	"salesbot/insights/store"
)

func (p program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Connect to Slack and answer",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := readSettings(p.Environ)
			if err != nil {
				return err
			}
			if err := s.needSlack(); err != nil {
				return err
			}
			db, err := p.openDatabase(c.Context(), s)
			if err != nil {
				return err
			}
			defer db.Close()
			return p.serve(c.Context(), s, db, func(context.Context) error { return nil })
		},
	}
}

// serve runs the bot and its background work until the context ends. ready is
// called once Slack has said hello.
func (p program) serve(ctx context.Context, s settings, db *database, ready func(context.Context) error) error {
	log := p.logger(s)
	var slackBot *bot.Bot
	desk, err := p.deskInForce(ctx, s, db)
	if err != nil {
		return err
	}
	desk.Connected = func() (open, all int) {
		health := slackBot.Health()
		return health.Connected, health.Sockets
	}
	if s.Watch != "" {
		desk.Watched = func() (handlers.WatchFailure, bool) { return lastFailure(s.Watch) }
	}
	desk.Loader = loader{program: p, settings: s, db: db}
	cfg := bot.Config{
		AppToken: s.AppToken,
		BotToken: s.BotToken,
		APIURL:   s.SlackAPI,
		Store:    db,
		Handle:   desk.Handle,
		Check:    desk.Check,
		Name:     desk.NameOf,
		Company:  s.Company,
		Logger:   log,
		Now:      p.Now,
	}
	if p.tune != nil {
		p.tune(&cfg)
	}
	slackBot, err = bot.New(cfg)
	if err != nil {
		return err
	}
	stopWork, err := db.Work(ctx, store.Work{Received: slackBot.Received, Delivery: slackBot.Delivery, Digest: slackBot.Digest, Logger: log})
	if err != nil {
		return err
	}
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-slackBot.Ready():
			log.Info("connected to Slack", slog.String("version", version()))
			if err := ready(running); err != nil {
				cancel(err)
			}
		case <-running.Done():
		}
	}()
	var beside sync.WaitGroup
	beside.Go(func() { forgetDaily(running, db.Forget, p.Now, log) })
	if s.Watch != "" {
		beside.Go(func() { p.watchBeside(running, s, db, log) })
	}
	err = runError(running, slackBot.Run(running))
	cancel(nil)
	beside.Wait()
	return errors.Join(err, stopWithin(stopWork))
}

// forgetDaily lets go of what is long done, now and each day until the context
// ends. With several processes each does it; the later ones find nothing.
func forgetDaily(ctx context.Context, forget func(context.Context, time.Time) error, now func() time.Time, log *slog.Logger) {
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		if err := forget(ctx, now()); err != nil && ctx.Err() == nil {
			log.Warn("what is long done could not be forgotten; it is tried again tomorrow", slog.String("reason", err.Error()))
		}
		select {
		case <-daily.C:
		case <-ctx.Done():
			return
		}
	}
}

// runError leaves out the end that was asked for.
func runError(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
