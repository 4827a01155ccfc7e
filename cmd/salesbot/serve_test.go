package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestForgettingBeginsAtOnceAndEndsWithTheBot(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var log strings.Builder
	var times []time.Time
	forgetDaily(ctx, func(_ context.Context, now time.Time) error {
		times = append(times, now)
		time.AfterFunc(time.Millisecond, cancel)
		return errors.New("the database is away")
	}, func() time.Time { return anchor }, slog.New(slog.NewTextHandler(&log, nil)))
	if len(times) != 1 || !times[0].Equal(anchor) || !strings.Contains(log.String(), "the database is away") {
		t.Errorf("forgot at %v; the log says %s", times, log.String())
	}
}
