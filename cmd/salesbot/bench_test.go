package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/insights"
)

// BenchmarkCommandToAnswer sets the time from a command to its answer against
// that of a bare slack-go bot that runs the same SQL and does nothing else: no
// inbox, no rights, no ledger, no receipt. Both run in turns on the same data
// and the same workspace code, and neither works while the other is measured,
// so the ratio is what counts. Medians keep a busy machine out of it.
func BenchmarkCommandToAnswer(b *testing.B) {
	h := startHouse(b, "maven")
	ours := h.person(b, demoAdmin.RealName)
	bareSpace := startBareBot(b, h.settings.DatabaseURL)
	bare := bareSpace.As("ana")
	var oursTook, bareTook []time.Duration
	for b.Loop() {
		oursTook = append(oursTook, answered(h.workspace, ours))
		h.waitUntilRecorded(b)
		bareTook = append(bareTook, answered(bareSpace, bare))
	}
	b.ReportMetric(medianMS(oursTook), "salesbot-ms")
	b.ReportMetric(medianMS(bareTook), "bare-ms")
	b.ReportMetric(medianMS(oursTook)/medianMS(bareTook), "ratio")
}

// answered types a command into an empty workspace and waits for its answer:
// looking through earlier ones would take longer than answering.
func answered(w *workspacetest.Workspace, p *workspacetest.Person) time.Duration {
	w.Reset()
	start := time.Now()
	p.Command("general", "/kpi", "won revenue by territory")
	p.WaitFor("general", "the answer", func(m workspacetest.Message) bool { return m.Bot })
	return time.Since(start)
}

// waitUntilRecorded waits until what became of each delivery is on record.
func (h *house) waitUntilRecorded(b *testing.B) {
	b.Helper()
	for {
		counts, err := h.db.DeliveryCounts(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if counts[insights.Sending] == 0 {
			return
		}
	}
}

func medianMS(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)/2].Microseconds()) / 1000
}

const bareSQL = `select t.name, sum(o.amount_minor)
	from opportunity o
	join stage s on s.id = o.stage_id
	left join territory_member m on m.person_id = o.owner_id and upper_inf(m.known) and m.valid @> o.close_on
	left join territory t on t.id = m.territory_id
	where s.outcome = 'won'
	group by t.name order by t.name`

// startBareBot is the least that answers: ack, query, post.
func startBareBot(b *testing.B, dsn string) *workspacetest.Workspace {
	b.Helper()
	space := workspacetest.Start(b, workspace.Config{
		Users:    []workspace.User{{ID: "U1", Name: "ana", RealName: "Ana"}},
		Channels: []workspace.Channel{{ID: "C1", Name: "general", Members: []string{"U1"}}},
	})
	db := sqlx.MustConnect("postgres", dsn)
	b.Cleanup(func() { _ = db.Close() })
	client := socketmode.New(slack.New("xoxb-bare", slack.OptionAppLevelToken("xapp-bare"), slack.OptionAPIURL(space.URL+"/api/")))
	ctx, cancel := context.WithCancel(b.Context())
	b.Cleanup(cancel)
	go func() { _ = client.RunContext(ctx) }()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case event := <-client.Events:
				if event.Type == socketmode.EventTypeSlashCommand {
					bareAnswer(ctx, client, db, event)
				}
			}
		}
	}()
	space.WaitForConnections(1)
	return space
}

func bareAnswer(ctx context.Context, client *socketmode.Client, db *sqlx.DB, event socketmode.Event) {
	_ = client.AckCtx(ctx, event.Request.EnvelopeID, nil)
	command, ok := event.Data.(slack.SlashCommand)
	if !ok {
		return
	}
	rows, err := db.QueryContext(ctx, bareSQL)
	if err != nil {
		return
	}
	defer rows.Close()
	var text strings.Builder
	for rows.Next() {
		var name string
		var minor int64
		if rows.Scan(&name, &minor) == nil {
			fmt.Fprintf(&text, "%s %d.%02d\n", name, minor/100, minor%100)
		}
	}
	if rows.Err() == nil {
		_ = slack.PostWebhookContext(ctx, command.ResponseURL, &slack.WebhookMessage{Text: text.String()})
	}
}

// BenchmarkMemory runs the built program against the workspace and reads its
// resident memory at rest and after a burst of questions.
func BenchmarkMemory(b *testing.B) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		b.Skip("resident memory is read from /proc, which is not here")
	}
	binary := filepath.Join(b.TempDir(), "salesbot")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	people := []workspace.User{demoAdmin}
	space := workspacetest.Start(b, workspace.Config{
		Users: people, Channels: []workspace.Channel{{ID: "C1", Name: "general", Members: []string{demoAdmin.ID}}}, Commands: commandList(), Scopes: scopes(),
	})
	serve := exec.CommandContext(b.Context(), binary, "serve")
	serve.Env = append(os.Environ(), "DATABASE_URL="+loaded(b, "maven"), "SLACK_APP_TOKEN=xapp-1", "SLACK_BOT_TOKEN=xoxb-1",
		"SLACK_API_URL="+space.URL+"/api/", "SALESBOT_ADMINS="+demoAdmin.Email, "SALESBOT_LOG=error")
	serve.Stdout, serve.Stderr = io.Discard, io.Discard
	if err := serve.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = serve.Process.Kill(); _ = serve.Wait() })
	space.WaitForConnections(1)
	admin := space.As(demoAdmin.ID)
	answered(space, admin)
	atRest := resident(b, serve.Process.Pid)
	for b.Loop() {
		answered(space, admin)
	}
	b.ReportMetric(atRest, "rest-MB")
	b.ReportMetric(resident(b, serve.Process.Pid), "loaded-MB")
}

func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "VmRSS:" {
			kilobytes, _ := strconv.ParseFloat(fields[1], 64)
			return kilobytes / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}
