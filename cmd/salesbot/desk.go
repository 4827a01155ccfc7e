package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"

	"salesbot/handlers"
	"salesbot/handlers/ask"
	"salesbot/handlers/ask/llm"
)

// deskInForce puts the catalogue and the settings in force on the database, or
// says why they cannot be, before anything is answered by them.
func (p program) deskInForce(ctx context.Context, s settings, db *database) (*handlers.Desk, error) {
	if err := db.PutInForce(ctx, s.Metrics, s.Company, p.Now()); err != nil {
		return nil, err
	}
	return p.desk(s, db), nil
}

// desk is the one door through which every question goes, wherever it was
// asked.
func (p program) desk(s settings, store handlers.Store) *handlers.Desk {
	cfg := handlers.Config{
		Catalog: s.Metrics,
		Company: s.Company,
		Store:   store,
		Admins:  s.Admins,
		NewID:   newID,
		Log:     p.logger(s),

		StaleAfter: s.Stale,
		ReadWithin: s.Patient,
		Budget:     s.Budget,
		Order:      ask.DateOrder(s.DateOrder),
	}
	if s.Reader != nil {
		cfg.Model = llm.New(*s.Reader)
	}
	return handlers.NewDesk(cfg)
}

// newID makes a short random id that people can read to each other; it tells
// nothing about what it stands for.
func newID() string { return strings.ToLower(rand.Text()[:10]) }

func (p program) logger(s settings) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // checked when the settings were read
	return slog.New(slog.NewJSONHandler(p.Err, &slog.HandlerOptions{Level: level}))
}
