package workspace

import (
	"log/slog"
	"strings"
	"time"
)

// Config describes a workspace. The zero value is usable: a team with a bot
// and nobody else.
type Config struct {
	// Team is the workspace's name and TeamID its id.
	Team   string
	TeamID string

	// Bot is the app under test.
	Bot Bot

	Users    []User
	Channels []Channel

	// Commands are the slash commands people can type. When it is empty every
	// command goes to the bot.
	Commands []Command

	// NoHome says that the app has no Home tab, as its manifest would.
	NoHome bool

	// Suggestions are things worth typing, which the page offers where nothing
	// has been said yet.
	Suggestions []string

	// Scopes are those of the bot's token: a method whose scope is not among
	// them fails with missing_scope, an event is never sent. The default is what
	// a bot needs that answers, posts, reads back what it posted and uploads
	// files; chat:write.public is not among them, so the bot posts only where it
	// is a member.
	Scopes []string

	// BotToken and AppToken, when set, are the only tokens accepted. Otherwise
	// every token that begins with xoxb- or xapp- is.
	BotToken string
	AppToken string

	// Now is the workspace's clock: timestamps, and the age of trigger ids and
	// response URLs. The default is time.Now.
	Now func() time.Time

	// AckDeadline is how long the workspace waits for the ack of an envelope,
	// in real time. The default is three seconds.
	AckDeadline time.Duration
	// RetryDelays are the pauses before an event that was not acked is sent
	// again. The default is Slack's: almost at once, a minute, five minutes.
	RetryDelays []time.Duration
	// PingEvery is the time between WebSocket pings. The default is ten seconds.
	PingEvery time.Duration
	// CloseAfter is how long a connection stays open after a disconnect frame
	// when the client does not close it. The default is ten seconds.
	CloseAfter time.Duration

	// Logger receives what an operator may want to know. The default is silent.
	Logger *slog.Logger
}

// Bot is the app's bot user.
type Bot struct {
	// Name is the bot's handle and display name.
	Name string
	// UserID, BotID and AppID are made from Name when they are empty.
	UserID string
	BotID  string
	AppID  string
}

// User is a person of the workspace, or another bot.
type User struct {
	ID       string // made from Name when empty
	Name     string // the handle
	RealName string
	Email    string
	Title    string
	TZ       string // an IANA zone; the default is Etc/UTC

	IsAdmin          bool
	Restricted       bool // a guest
	Stranger         bool // from another organisation, through Slack Connect
	Bot              bool
	Deleted          bool
	EmailUnconfirmed bool
}

// Channel is a public or private channel.
type Channel struct {
	ID        string // made from Name when empty
	Name      string
	Private   bool
	ExtShared bool
	Archived  bool
	// Members are user ids or handles; the bot's handle makes it a member.
	Members []string
}

// Command is a slash command of the app.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
	UsageHint   string `json:"usage_hint"`
}

const (
	triggerLife     = 3 * time.Second
	responseURLLife = 30 * time.Minute
	responseURLUses = 5
	maxConnections  = 10
	maxAckBytes     = 20 * 1024
	maxViewDepth    = 3
	slackbotID      = "USLACKBOT"
)

var defaultScopes = []string{
	"app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write",
	"commands", "files:read", "files:write", "groups:history", "groups:read", "im:history",
	"im:read", "im:write", "reactions:read", "reactions:write", "users:read", "users:read.email",
}

func (c Config) withDefaults() Config {
	c.Team = either(c.Team, "Local workspace")
	c.TeamID = either(c.TeamID, "T0LOCAL")
	c.Bot.Name = either(c.Bot.Name, "salesbot")
	c.Bot.UserID = either(c.Bot.UserID, idFrom("U", c.Bot.Name))
	c.Bot.BotID = either(c.Bot.BotID, idFrom("B", c.Bot.Name))
	c.Bot.AppID = either(c.Bot.AppID, idFrom("A", c.Bot.Name))
	if c.Scopes == nil {
		c.Scopes = defaultScopes
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.AckDeadline == 0 {
		c.AckDeadline = 3 * time.Second
	}
	if c.RetryDelays == nil {
		c.RetryDelays = []time.Duration{time.Second, time.Minute, 5 * time.Minute}
	}
	if c.PingEvery == 0 {
		c.PingEvery = 10 * time.Second
	}
	if c.CloseAfter == 0 {
		c.CloseAfter = 10 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// idFrom makes an id people can read in a log: prefix "U" and "ana" are U0ANA.
func idFrom(prefix, name string) string {
	letters := strings.Map(func(r rune) rune {
		if (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, strings.ToUpper(name))
	return prefix + "0" + letters
}

func either(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
