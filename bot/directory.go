package bot

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"salesbot/handlers"
)

// People change rarely, but rights follow them: they are remembered for a few
// minutes and forgotten when Slack reports a change. With several processes
// only one of them hears of it, so the minutes are what counts.
const remembered = 5 * time.Minute

// directory knows the people of the workspace.
type directory struct {
	slack *slack.Client
	now   func() time.Time

	mu     sync.Mutex
	known  map[string]acquaintance
	direct map[string]string // conversations with people
}

type acquaintance struct {
	user  slack.User
	until time.Time
}

func newDirectory(client *slack.Client, now func() time.Time) *directory {
	return &directory{slack: client, now: now, known: map[string]acquaintance{}, direct: map[string]string{}}
}

// person returns what Slack says about a user.
func (d *directory) person(ctx context.Context, id string) (slack.User, error) {
	now := d.now()
	d.mu.Lock()
	known, ok := d.known[id]
	d.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.user, nil
	}
	user, err := d.slack.GetUserInfoContext(ctx, id)
	if err != nil {
		return slack.User{}, err
	}
	d.mu.Lock()
	d.known[id] = acquaintance{user: *user, until: now.Add(remembered)}
	d.mu.Unlock()
	return *user, nil
}

func (d *directory) forget(id string) {
	d.mu.Lock()
	delete(d.known, id)
	d.mu.Unlock()
}

// actor says who asks, and why they may see nothing if that is so.
func (b *Bot) actor(ctx context.Context, q question) (handlers.Actor, error) {
	if q.team != "" && q.team != b.self.team && !strings.HasPrefix(q.team, "E") {
		return handlers.Actor{ID: q.user, Barred: barredStranger}, nil
	}
	u, err := b.people.person(ctx, q.user)
	if err != nil {
		return handlers.Actor{}, err
	}
	barred := barred(u, b.self.team)
	if barred == "" && q.shared {
		barred = barredShared
	}
	a := handlers.Actor{ID: u.ID, Name: or(u.RealName, u.Name), Team: b.self.team, Zone: u.TZ, Barred: barred}
	if barred == "" {
		a.Email = u.Profile.Email
	}
	return a, nil
}

// Why somebody may see nothing, in words for them.
const (
	barredStranger    = "You belong to another company's Slack workspace. Only members of this one can ask me."
	barredGuest       = "You are a guest in this Slack workspace. Only full members can ask me; an administrator of the workspace can make you one."
	barredGone        = "Your Slack account is switched off."
	barredBot         = "I only answer people."
	barredUnconfirmed = "Your e-mail address is not confirmed in Slack, so I cannot be sure who you are. Confirm it in your Slack account settings and ask again."
	barredShared      = "This channel is shared with another company, so I do not answer here. Ask me in a direct message."
)

// barred fails closed: whoever is not plainly a full member of this workspace
// sees nothing.
func barred(u slack.User, team string) string {
	switch {
	case u.IsStranger, u.TeamID != "" && u.TeamID != team && !slices.Contains(u.Enterprise.Teams, team):
		return barredStranger
	case u.Deleted:
		return barredGone
	case u.IsBot, u.IsConnectorBot, u.IsWorkflowBot:
		return barredBot
	case u.IsRestricted, u.IsUltraRestricted, u.IsInvitedUser:
		return barredGuest
	case !u.IsEmailConfirmed:
		return barredUnconfirmed
	default:
		return ""
	}
}
