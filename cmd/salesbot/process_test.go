package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"salesbot/bot"
	"salesbot/handlers"
	"salesbot/insights"
)

// The test binary is salesbot itself when holdVariable is set: a process of
// its own, which can be killed. The variable's value says where it stops and
// waits to be killed; empty: nowhere.
const holdVariable = "SALESBOT_TEST_HOLD"

func TestMain(m *testing.M) {
	if hold, is := os.LookupEnv(holdVariable); is {
		os.Exit(beSalesbot(step(hold)))
	}
	waitTogether()
	m.Run()
}

// waitTogether runs more parallel tests at once than there are processors,
// unless the command line says how many: most of their time they wait for
// processes and for leases to end.
func waitTogether() {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		_ = flag.Set("test.parallel", "10") // always defined
	}
}

// beSalesbot is main, with waits that suit a test.
func beSalesbot(hold step) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := program{In: os.Stdin, Environ: os.Environ(), Out: printing{hold}, Err: os.Stderr, Now: time.Now}
	p.tune = func(c *bot.Config) {
		c.SocketStagger = time.Millisecond
		c.Settle = 10 * time.Millisecond
		c.AnswerWithin = 4 * time.Second
		c.ReceivedLease = 8 * time.Second
		c.CallTimeout = 4 * time.Second
		c.DeliveryLease = 9 * time.Second
		if hold != "" {
			c.KeepWithin = time.Minute
			c.Store = holding{c.Store, hold}
			handle := c.Handle
			c.Handle = func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
				defer hold.reached(stepHandled)
				return handle(ctx, r)
			}
		}
	}
	p.tuneWatch = func(w *watched) {
		w.every, w.settle = 10*time.Millisecond, 30*time.Millisecond
		w.reached = hold.reached
	}
	return p.run(ctx, os.Args[1:])
}

// The steps on the way of an answer.
const (
	stepKept      step = "kept"      // in the inbox, not acknowledged
	stepClaimed   step = "claimed"   // a job is about to take it over from a dead process
	stepHandled   step = "handled"   // what it changes is done, nothing is recorded
	stepAnswered  step = "answered"  // in memory, not recorded
	stepRecorded  step = "recorded"  // in the ledger, not said
	stepConcluded step = "concluded" // said, not on record

	stepPrinted step = "printed" // before the first word on standard output
)

// printing is standard output, at which a process may be held.
type printing struct{ hold step }

func (p printing) Write(b []byte) (int, error) {
	p.hold.reached(stepPrinted)
	return os.Stdout.Write(b)
}

// holding is a store at which everybody who comes to one step is held for
// ever. It says so on standard output.
type holding struct {
	bot.Store
	at step
}

func (h holding) hold(here step) { h.at.reached(here) }

// reached holds whoever comes to the step.
func (s step) reached(here step) {
	if here == s {
		fmt.Println("held") //nolint:forbidigo // the line is for the process that waits for it
		select {}
	}
}

func (h holding) Receive(ctx context.Context, r insights.Received, now time.Time, lease time.Duration) (insights.Received, bool, error) {
	r, fresh, err := h.Store.Receive(ctx, r, now, lease)
	h.hold(stepKept)
	return r, fresh, err
}

func (h holding) ClaimReceived(ctx context.Context, id int64, now time.Time, lease time.Duration) (insights.Received, bool, error) {
	h.hold(stepClaimed)
	return h.Store.ClaimReceived(ctx, id, now, lease)
}

func (h holding) Record(ctx context.Context, turn insights.Turn, now time.Time, lease time.Duration) ([]insights.Delivery, bool, error) {
	h.hold(stepAnswered)
	due, fresh, err := h.Store.Record(ctx, turn, now, lease)
	h.hold(stepRecorded)
	return due, fresh, err
}

func (h holding) FinishDelivery(ctx context.Context, id int64, attempt int, state insights.DeliveryState, channel, ts, errText string, now time.Time) error {
	h.hold(stepConcluded)
	return h.Store.FinishDelivery(ctx, id, attempt, state, channel, ts, errText, now)
}

// process is a salesbot in a process of its own.
type process struct {
	t       *testing.T
	command *exec.Cmd
	lines   chan string // of standard output
	log     *sharedBuffer
	end     func() error // waits for the process, once
}

// startProcess starts salesbot. The test kills it if it still runs at the end.
func startProcess(t *testing.T, hold step, environ []string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, lines: make(chan string, 100), log: &sharedBuffer{}}
	p.command = exec.CommandContext(context.WithoutCancel(t.Context()), self, args...)
	p.command.Env = slices.Concat(surroundings(), environ, []string{holdVariable + "=" + string(hold)})
	p.command.Stderr = p.log
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go p.read(out, read)
	p.end = sync.OnceValue(func() error { <-read; return p.command.Wait() })
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("salesbot %s, process %d, said:\n%s", strings.Join(args, " "), p.command.Process.Pid, p.log)
		}
	})
	return p
}

func (p *process) read(out io.Reader, done chan<- struct{}) {
	defer close(done)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.lines <- lines.Text()
	}
}

// surroundings are what any program needs of its environment.
func surroundings() []string {
	var out []string
	for _, name := range []string{"PATH", "HOME", "USER", "TMPDIR", "XDG_CACHE_HOME", "SALESBOT_POSTGRES_BIN"} {
		if value, is := os.LookupEnv(name); is {
			out = append(out, name+"="+value)
		}
	}
	return out
}

// kill ends the process as kill -9 does, and waits until it is gone.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended
	_ = p.end()
}

// stop asks the process to end, as an operator does.
func (p *process) stop() {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.end(); err != nil {
		p.t.Errorf("salesbot ended with: %v\n%s", err, p.log)
	}
}

// waitHeld waits until that many questions are held.
func (p *process) waitHeld(n int) {
	p.t.Helper()
	patience := time.NewTimer(patience)
	defer patience.Stop()
	for range n {
		select {
		case line := <-p.lines:
			if line != "held" {
				p.t.Fatalf("the process says %q", line)
			}
		case <-patience.C:
			p.t.Fatalf("fewer than %d questions came to the step", n)
		}
	}
}

// waitFor waits until the process says so on standard output.
func (p *process) waitFor(said string) {
	p.t.Helper()
	patience := time.NewTimer(patience)
	defer patience.Stop()
	for {
		select {
		case line := <-p.lines:
			if line == said {
				return
			}
		case <-patience.C:
			p.t.Fatalf("the process never said %q", said)
		}
	}
}

// sharedBuffer can be read while it is written.
type sharedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *sharedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *sharedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
