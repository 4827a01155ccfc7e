package bot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"salesbot/bot/outbox"
	"salesbot/handlers"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// Store is the inbox and the ledger of deliveries.
type Store interface {
	outbox.Store
	// Receive keeps what Slack sent. A repeat is not fresh.
	Receive(ctx context.Context, r insights.Received, now time.Time, lease time.Duration) (kept insights.Received, fresh bool, err error)
	// ClaimReceived takes over what was left undone when a lease ended.
	ClaimReceived(ctx context.Context, id int64, now time.Time, lease time.Duration) (insights.Received, bool, error)
	// AnswersTo is the id under which a message was received, and how many answers
	// to it there are: none if it asked nothing.
	AnswersTo(ctx context.Context, team, asked string) (received int64, answers int, err error)
	// DueDigest reads a digest, and reports whether its time has come.
	DueDigest(ctx context.Context, id int64, now time.Time) (insights.Digest, bool, error)
	// OverdueDigests lists those that should have been run before then.
	OverdueDigests(ctx context.Context, before time.Time) ([]insights.Digest, error)
	// HoldReceived renews the lease of its holder, who has begun that attempt. It
	// reports false when somebody else has taken over or the row is done.
	HoldReceived(ctx context.Context, id int64, attempt int, now time.Time, lease time.Duration) (bool, error)
	// Record writes a Turn whole. Its deliveries come back claimed.
	Record(ctx context.Context, turn insights.Turn, now time.Time, lease time.Duration) (deliveries []insights.Delivery, fresh bool, err error)
}

// Config is what a Bot needs. The durations have defaults.
type Config struct {
	AppToken string // xapp-…, for the socket
	BotToken string // xoxb-…, for everything else
	APIURL   string // Slack's, unless given
	Team     string // the workspace it must be; empty: the token decides
	Store    Store
	Handle   func(context.Context, handlers.Request) (handlers.Answer, insights.Turn)
	// Check says what is wrong with a filled-in form; nil: nothing ever is.
	Check func(context.Context, handlers.Request) handlers.Faults
	// Name is what the person with a verified e-mail address is called where
	// names are looked up; empty: nobody has it. Nil: people go by Slack's names.
	Name func(ctx context.Context, email string, now time.Time) (string, error)
	// Company has the holidays that digests may leave out.
	Company metric.Company
	Logger  *slog.Logger
	Now     func() time.Time

	SocketStagger time.Duration // between the starts of the two sockets
	KeepWithin    time.Duration // what was sent is kept in this time or not acknowledged
	AnswerWithin  time.Duration // for one question, all told
	LoadWithin    time.Duration // for one that says it takes longer, because files are read
	DrainWithin   time.Duration // for the questions under way when the bot stops
	CallTimeout   time.Duration // of one call to Slack
	ReceivedLease time.Duration // a question is held: waiting in line and being answered, then a job may take it over
	DeliveryLease time.Duration // a delivery is held: waiting in line and two calls at least
	Settle        time.Duration // before a lost message is first looked for
	Workers       int           // questions worked on at once
}

const retries429 = 2 // of calls that only read

func (c Config) withDefaults() Config {
	c.APIURL = strings.TrimSuffix(or(c.APIURL, slack.APIURL), "/") + "/" // the client only appends
	c.SocketStagger = or(c.SocketStagger, 30*time.Second)
	c.KeepWithin = or(c.KeepWithin, time.Second)
	c.AnswerWithin = or(c.AnswerWithin, 25*time.Second)
	c.LoadWithin = or(c.LoadWithin, 15*time.Minute)
	c.DrainWithin = or(c.DrainWithin, 10*time.Second)
	c.CallTimeout = or(c.CallTimeout, 10*time.Second)
	c.ReceivedLease = or(c.ReceivedLease, time.Minute)
	c.DeliveryLease = or(c.DeliveryLease, 3*c.CallTimeout)
	c.Workers = or(c.Workers, 16)
	return c
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Bot is one process's presence in one Slack workspace.
type Bot struct {
	cfg     Config
	log     *slog.Logger
	slack   *slack.Client // for what is said: never retried by the client
	reader  *slack.Client // for what is looked up
	outbox  *outbox.Outbox
	people  *directory
	lanes   *lanes
	queue   *queue
	sockets []*socket

	downloads *http.Client
	abandoned chan struct{} // closed when what is under way is given up

	introduced chan struct{} // closed when self is known
	ended      chan struct{} // closed when Run returns
	self       identity
	ready      chan struct{}
	hello      sync.Once
}

// identity is who the bot is in Slack.
type identity struct {
	user string
	bot  string
	team string
}

// New returns a Bot that does nothing yet.
func New(cfg Config) (*Bot, error) {
	if err := checkTokens(cfg); err != nil {
		return nil, err
	}
	if cfg.Store == nil || cfg.Handle == nil || cfg.Logger == nil || cfg.Now == nil {
		return nil, errors.New("bot: Store, Handle, Logger and Now are needed")
	}
	cfg = cfg.withDefaults()
	web := webClient(cfg)
	b := &Bot{
		cfg: cfg, log: cfg.Logger,
		introduced: make(chan struct{}), ended: make(chan struct{}), ready: make(chan struct{}),
		abandoned: make(chan struct{}),
	}
	b.downloads = b.downloader(web)
	b.slack = slack.New(cfg.BotToken, slack.OptionAPIURL(cfg.APIURL), slack.OptionHTTPClient(web), slack.OptionAppLevelToken(cfg.AppToken))
	b.reader = slack.New(cfg.BotToken, slack.OptionAPIURL(cfg.APIURL), slack.OptionHTTPClient(web), slack.OptionRetry(retries429))
	b.people = newDirectory(b.reader, cfg.Now)
	b.outbox = outbox.New(outbox.Config{
		Slack: b.slack, HTTP: web, Store: cfg.Store, Find: b.find, Share: b.share, Now: cfg.Now, Logger: cfg.Logger,
		Timeout: cfg.CallTimeout, Lease: cfg.DeliveryLease, Settle: cfg.Settle,
	})
	b.lanes = newLanes(b.receive)
	b.queue = newQueue(cfg.Workers)
	for number := range 2 {
		b.sockets = append(b.sockets, newSocket(number+1, b))
	}
	return b, nil
}

// Ready is closed when Slack has said hello for the first time.
func (b *Bot) Ready() <-chan struct{} { return b.ready }

// Run connects to Slack and answers until the context ends. It is called once,
// and returns nil then, or the fault that only a person can mend.
func (b *Bot) Run(ctx context.Context) error {
	defer close(b.ended)
	if err := b.introduce(ctx); err != nil {
		return quietEnd(ctx, err)
	}
	// Sockets and work outlive ctx by the time it takes to wind up.
	lasting := context.WithoutCancel(ctx)
	connected, disconnect := context.WithCancel(lasting)
	working, abandon := context.WithCancel(lasting)
	defer abandon()
	defer disconnect()
	b.lanes.start(working)

	group, listening := errgroup.WithContext(ctx)
	for i, s := range b.sockets {
		group.Go(func() error {
			if !pause(listening, time.Duration(i)*b.cfg.SocketStagger) {
				return nil
			}
			return s.supervise(listening, connected)
		})
	}
	group.Go(func() error {
		b.watch(listening)
		return nil
	})
	group.Go(func() error {
		<-listening.Done()
		b.windUp(disconnect, abandon)
		return nil
	})
	return quietEnd(ctx, group.Wait())
}

// windUp ends in the order in which nothing is lost: nothing new is taken,
// what was taken is kept and acknowledged, the acknowledgements are written,
// and only then the sockets close. Questions that are not answered in time
// stay in the inbox for whoever is there next.
func (b *Bot) windUp(disconnect, abandon context.CancelFunc) {
	if !b.lanes.stop(3 * b.cfg.KeepWithin) {
		b.log.Warn("stopped before everything was kept; Slack sends again what was not")
	}
	flushed := time.NewTimer(ackFlush)
	<-flushed.C
	disconnect()
	if !b.queue.finish(b.cfg.DrainWithin) {
		b.log.Warn("stopped with questions under way; they are answered after the next start")
	}
	close(b.abandoned)
	abandon()
}

// The client only queues an acknowledgement and tells nobody when it is
// written, so it gets this long.
const ackFlush = 250 * time.Millisecond

// Received works on what Slack sent, if its holder left it undone.
func (b *Bot) Received(ctx context.Context, id int64) error {
	if err := b.acquainted(ctx); err != nil {
		return err
	}
	r, claimed, err := b.cfg.Store.ClaimReceived(ctx, id, b.cfg.Now(), b.cfg.ReceivedLease)
	if err != nil || !claimed {
		return err
	}
	q, err := read(r.Kind, r.Payload)
	if err != nil {
		return b.giveUp(ctx, r, err)
	}
	done := make(chan error, 1)
	b.queue.add(q.conversation(b.self.team), func() {
		lasting, cancel := b.lasting(ctx)
		defer cancel()
		done <- b.converse(lasting, r, q)
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Delivery sends a delivery that is due, or finds out what became of it.
func (b *Bot) Delivery(ctx context.Context, id int64) error {
	return b.outbox.LookAt(ctx, id)
}

// pause waits, and reports whether it was left to.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return !over(ctx)
	case <-ctx.Done():
		return false
	}
}

func over(ctx context.Context) bool { return ctx.Err() != nil }

// webClient calls Slack. It keeps as many connections as there are questions
// worked on at once; the default of two would open new ones all the time.
func webClient(cfg Config) *http.Client {
	web := &http.Client{Timeout: cfg.CallTimeout}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport := standard.Clone()
		transport.MaxIdleConnsPerHost = cfg.Workers
		web.Transport = transport
	}
	return web
}

// quietEnd leaves out the error of an end that was asked for.
func quietEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
