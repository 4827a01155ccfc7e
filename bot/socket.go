package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// A connection that lives shorter than this counts against its socket. The
// client itself reconnects at once, thousands of times a second if Slack lets
// it; one early end is let pass, because refreshes happen.
const shortLife = time.Minute

// socket is one of the bot's connections to Slack. There are two, because the
// client closes a connection before it opens the next, and what Slack sends in
// between to the only one would have to wait for a retry.
type socket struct {
	number int
	bot    *Bot
	client *socketmode.Client

	mu        sync.Mutex
	connected bool
	lastHello time.Time

	since  time.Time // of the connection; zero: none. Only supervise uses it
	strike int       // connections in a row that were short
}

func newSocket(number int, b *Bot) *socket {
	return &socket{number: number, bot: b, client: socketmode.New(b.slack)}
}

// restless ends a session whose connections do not last.
type restless struct{ wait time.Duration }

func (r restless) Error() string { return "connections do not last" }

// supervise keeps the socket open until listening ends, and then until
// connected ends. It returns an error only a person can mend.
func (s *socket) supervise(listening, connected context.Context) error {
	for {
		err := s.session(listening, connected)
		if fault := mendable("app-level token", err); fault != nil {
			return fault
		}
		if over(connected) {
			return nil
		}
		wait := time.Second
		var tired restless
		if errors.As(err, &tired) {
			wait = tired.wait
		}
		s.bot.log.WarnContext(connected, "a socket is opened again",
			slog.Int("socket", s.number), slog.String("reason", reason(err)), slog.Duration("wait", wait))
		if !pause(listening, wait) {
			return nil
		}
	}
}

// session runs the client until it gives up or is stopped.
func (s *socket) session(listening, connected context.Context) error {
	ctx, stop := context.WithCancelCause(connected)
	defer stop(nil)
	ended := make(chan error, 1)
	go func() { ended <- s.client.RunContext(ctx) }()
	events, leaving := s.client.Events, listening.Done()
	for {
		select {
		case e := <-events:
			if err := s.take(ctx, e); err != nil {
				stop(err)
			}
		case <-leaving:
			// What is not taken from here on is sent to somebody else.
			events, leaving = nil, nil
		case err := <-ended:
			s.rest(ctx, events)
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return err
		}
	}
}

// rest takes the questions that a session leaves behind. What else it reported
// is about connections that are gone.
func (s *socket) rest(ctx context.Context, events <-chan socketmode.Event) {
	_ = s.down()
	for {
		select {
		case e := <-events:
			if e.Request != nil && e.Request.EnvelopeID != "" || e.Type == socketmode.EventTypeErrorBadMessage {
				_ = s.take(ctx, e)
			}
		default:
			return
		}
	}
}

// take deals with one thing the client reports. An error ends the session.
func (s *socket) take(ctx context.Context, e socketmode.Event) error {
	switch e.Type {
	case socketmode.EventTypeConnecting:
		return s.down()
	case socketmode.EventTypeConnected:
		s.since = s.bot.cfg.Now()
	case socketmode.EventTypeHello:
		s.up(ctx, e.Request)
	case socketmode.EventTypeConnectionError:
		return s.connectionError(ctx, e)
	case socketmode.EventTypeErrorWriteFailed:
		s.bot.log.WarnContext(ctx, "an acknowledgement was not written; Slack will send again", slog.Int("socket", s.number))
	case socketmode.EventTypeErrorBadMessage:
		s.badMessage(ctx, e)
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive:
		s.bot.take(ctx, envelope{
			socket: s, id: e.Request.EnvelopeID, kind: e.Request.Type, payload: e.Request.Payload, retry: e.Request.RetryAttempt,
		})
	default: // what the client says of its own doings
	}
	return nil
}

func (s *socket) up(ctx context.Context, hello *socketmode.Request) {
	s.mu.Lock()
	s.connected, s.lastHello = true, s.bot.cfg.Now()
	s.mu.Unlock()
	s.bot.log.InfoContext(ctx, "connected to Slack",
		slog.Int("socket", s.number), slog.Int("connections", hello.NumConnections))
	s.bot.hello.Do(func() { close(s.bot.ready) })
}

// down notes the end of a connection, if there was one, and asks for a rest
// when they keep ending early.
func (s *socket) down() error {
	s.mu.Lock()
	s.connected = false
	s.mu.Unlock()
	if s.since.IsZero() {
		return nil
	}
	lived := s.bot.cfg.Now().Sub(s.since)
	s.since = time.Time{}
	if lived >= shortLife {
		s.strike = 0
		return nil
	}
	s.strike++
	if s.strike < 2 {
		return nil
	}
	return restless{wait: jitter(backoff(s.strike - 2))}
}

// jitter keeps replicas from coming back all at once.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/4+1))
}

func (s *socket) connectionError(ctx context.Context, e socketmode.Event) error {
	failed, ok := e.Data.(*slack.ConnectionErrorEvent)
	if !ok {
		return nil
	}
	if mendable("app-level token", failed.ErrorObj) != nil {
		return failed.ErrorObj
	}
	s.bot.log.WarnContext(ctx, "a socket could not connect",
		slog.Int("socket", s.number), slog.String("reason", reason(failed.ErrorObj)), slog.Duration("wait", failed.Backoff))
	return nil
}

// badMessage takes what the client could not read, which it does not
// acknowledge either. Our own reading asks for less.
func (s *socket) badMessage(ctx context.Context, e socketmode.Event) {
	bad, ok := e.Data.(*socketmode.ErrorBadMessage)
	if !ok {
		return
	}
	env, err := openEnvelope(bad.Message)
	if err != nil {
		s.bot.log.WarnContext(ctx, "a frame cannot be read", slog.Int("socket", s.number))
		return
	}
	env.socket = s
	s.bot.take(ctx, env)
}

// ack acknowledges an envelope. The client queues it, on the next connection
// if need be, but not for ever.
func (s *socket) ack(ctx context.Context, id string, payload any) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTimeout)
	defer cancel()
	if err := s.client.AckCtx(ctx, id, payload); err != nil {
		return fmt.Errorf("acknowledging: %w", err)
	}
	return nil
}

const ackTimeout = 2 * time.Second

// Health is how the bot is connected.
type Health struct {
	Sockets   int
	Connected int
	LastHello time.Time
}

// Health reports how many sockets are open, and when Slack last said hello.
func (b *Bot) Health() Health {
	h := Health{Sockets: len(b.sockets)}
	for _, s := range b.sockets {
		s.mu.Lock()
		if s.connected {
			h.Connected++
		}
		if s.lastHello.After(h.LastHello) {
			h.LastHello = s.lastHello
		}
		s.mu.Unlock()
	}
	return h
}
