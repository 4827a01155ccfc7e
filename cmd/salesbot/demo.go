package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salesbot/bot"
	"salesbot/bot/workspace"
	"salesbot/cmd/salesbot/company"
	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/migrations"
)

// demoAdmin is somebody who may see everything, whatever data is loaded.
var demoAdmin = workspace.User{ID: "U0ADMIN", Name: "admin", RealName: "Demo Admin", Email: "admin@demo.example", Title: "admin", IsAdmin: true}

type demoOptions struct {
	data    string
	mapping string
	listen  string
}

func (p program) demoCommand() *cobra.Command {
	var opt demoOptions
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole product on this machine, without Slack and without a model",
		Long: "Demo starts a private Postgres, a local Slack workspace with a page for the browser, and the bot, on a\n" +
			"made-up company or on a folder of CSV files. It keeps its data and starts again on it.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.demo(c.Context(), opt) },
	}
	c.Flags().StringVar(&opt.data, "data", "", "load this folder instead of the made-up company")
	c.Flags().StringVar(&opt.mapping, "mapping", "", "the mapping for --data: a file, or the name of a built-in one")
	c.Flags().StringVar(&opt.listen, "listen", "127.0.0.1:8765", "the address of the local workspace")
	return c
}

func (p program) demo(ctx context.Context, opt demoOptions) error {
	s, err := readSettings(p.Environ)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, opt.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	p.say("Starting a private Postgres…")
	db, err := p.openPrivate(ctx, s, demoFolderFor(opt.data))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := p.loadDemo(ctx, s, db, opt); err != nil {
		return err
	}
	p.say("Starting the local workspace and the bot…")
	return p.runDemo(ctx, s, db, listener)
}

// demoFolderFor keeps the data of one folder apart from another's and from
// the made-up company's.
func demoFolderFor(data string) string {
	if data == "" {
		return demoFolder
	}
	absolute, err := filepath.Abs(data)
	if err != nil {
		absolute = data
	}
	sum := sha256.Sum256([]byte(absolute))
	return demoFolder + "-" + hex.EncodeToString(sum[:4])
}

func (p program) loadDemo(ctx context.Context, s settings, db *database, opt demoOptions) error {
	aside := p
	if opt.data != "" {
		p.say("Loading " + opt.data + "…")
		aside.Out = p.Err
		return aside.load(ctx, s, db, importOptions{mapping: opt.mapping}, []string{opt.data})
	}
	now := p.Now()
	past, err := db.Imports(ctx, 1)
	if err != nil {
		return err
	}
	if len(past) > 0 && now.Sub(past[0].TakenAt) <= stale {
		return confirm(ctx, db, past[0].TakenAt, now)
	}
	if len(past) > 0 {
		if err := p.startOver(ctx, db); err != nil {
			return err
		}
	}
	p.say("Making up a company: " + company.Name + "…")
	dir, err := os.MkdirTemp("", "salesbot-company-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := company.Write(dir, now.In(s.Company.Zone)); err != nil {
		return err
	}
	aside.Out = io.Discard // nobody asks what a made-up file was taken for
	return aside.load(ctx, s, db, importOptions{}, []string{dir})
}

// openDemo opens the demo's database for a command, with the made-up company in
// it: whoever asks it before they have seen the demo gets an answer too.
func (p program) openDemo(ctx context.Context, s settings) (*database, error) {
	db, err := p.openPrivate(ctx, s, demoFolder)
	if err != nil {
		return nil, err
	}
	past, err := db.Imports(ctx, 1)
	if err == nil && len(past) == 0 {
		err = p.loadDemo(ctx, s, db, demoOptions{})
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// confirm notes that the facts are as they were.
func confirm(ctx context.Context, db *database, taken, now time.Time) error {
	nothing := func(insights.Sink) error { return nil }
	_, err := db.Import(ctx, store.ImportOptions{Actor: operator(), Now: now, TakenAt: taken}, nothing)
	return err
}

// stale is how old the made-up company may be: it stands still, and after two
// weeks "this month" would be empty.
const stale = 14 * 24 * time.Hour

// startOver empties the demo's own database, which nothing but the demo ever
// opens and which holds nothing but what was made up and said about it.
func (p program) startOver(ctx context.Context, db *database) error {
	p.say("The made-up company is more than two weeks old, so it is made anew; what was said in the demo goes with it.")
	if err := db.Empty(ctx); err != nil {
		return err
	}
	return migrations.Up(ctx, db.DB(), func(string) {})
}

// runDemo serves the workspace and the bot until the context ends or either
// of them fails.
func (p program) runDemo(ctx context.Context, s settings, db *database, listener net.Listener) error {
	people, err := db.People(ctx, p.Now().In(s.Company.Zone))
	if err != nil {
		return err
	}
	slack := workspace.New(demoWorkspace(people))
	defer slack.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if err := serveHTTP(ctx, listener, slack); err != nil {
			cancel(err)
		}
	}()

	url := "http://" + listener.Addr().String()
	s.AppToken, s.BotToken, s.SlackAPI = "xapp-demo", "xoxb-demo", url+"/api/"
	s.Admins = append(s.Admins, demoAdmin.Email)
	s.LogLevel = quieter(s.LogLevel)
	s.Stale = 0 // made-up data does not age
	err = p.serve(ctx, s, db, func(context.Context) error {
		_, err := fmt.Fprint(p.Out, invitation(url, people))
		return err
	})
	if err == nil {
		p.say("\nStopped. The data is kept; make demo starts again on it.")
	}
	return err
}

// quieter keeps the demo's terminal for people unless more was asked for.
func quieter(level string) string {
	if level == "info" {
		return "warn"
	}
	return level
}

func invitation(url string, people []insights.Person) string {
	return fmt.Sprintf(`
Salesbot is ready:  %s

Open it in a browser, pick who you are on the left, and try:
  %-20s /kpi win rate by quarter
  %-20s won revenue for my team by rep        then: send me this every monday 8am
  %-20s /insight

Ctrl-C stops it.
`, url, "anybody:", suggested(people, metric.RoleManager)+":", suggested(people, metric.RoleAnalyst)+":")
}

// suggested is somebody who does such work, by name.
func suggested(people []insights.Person, role metric.Role) string {
	for _, p := range people {
		if p.Role == role {
			return p.Name
		}
	}
	return demoAdmin.RealName
}

// demoWorkspace turns the loaded people into people of a Slack workspace, with
// a channel for everybody, one for each territory, and a private one for those who
// lead.
func demoWorkspace(people []insights.Person) workspace.Config {
	cfg := workspace.Config{
		Team:        "Salesbot demo",
		Bot:         workspace.Bot{Name: "salesbot"},
		Users:       []workspace.User{demoAdmin},
		Commands:    commandList(),
		Scopes:      scopes(),
		NoHome:      true,
		Suggestions: []string{"/kpi win rate by quarter", "/pipeline by territory", "who won the most"},
	}
	everybody := []string{demoAdmin.ID, cfg.Bot.Name}
	leaders := []string{demoAdmin.ID, cfg.Bot.Name}
	members := map[string][]string{}
	var territories []string
	for _, p := range people {
		if p.Email == "" || !p.Active {
			continue
		}
		handle, _, _ := strings.Cut(p.Email, "@")
		id := fmt.Sprintf("U%05d", p.ID)
		cfg.Users = append(cfg.Users, workspace.User{ID: id, Name: handle, RealName: p.Name, Email: p.Email, Title: title(p)})
		everybody = append(everybody, id)
		if p.Role != metric.RoleRep {
			leaders = append(leaders, id)
		}
		if p.Territory == "" {
			continue
		}
		if members[p.Territory] == nil {
			territories = append(territories, p.Territory)
		}
		members[p.Territory] = append(members[p.Territory], id)
	}
	cfg.Channels = append(cfg.Channels,
		workspace.Channel{ID: "C0GENERAL", Name: "general", Members: everybody},
		workspace.Channel{ID: "C0LEADERS", Name: "leaders", Private: true, Members: leaders})
	for i, name := range territories {
		cfg.Channels = append(cfg.Channels, workspace.Channel{
			ID: fmt.Sprintf("C%05d", i+1), Name: channelName(name), Members: append(members[name], cfg.Bot.Name, demoAdmin.ID),
		})
	}
	return cfg
}

// scopes are those of the manifest, so that the demo shows that they suffice.
func scopes() []string {
	var names []string
	for _, need := range bot.Scopes() {
		names = append(names, need.Name)
	}
	return names
}

func title(p insights.Person) string {
	if p.Territory == "" {
		return string(p.Role)
	}
	return string(p.Role) + ", " + p.Territory
}

func channelName(territory string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(territory, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}), "-")) + "-sales"
}
