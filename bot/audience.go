package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"salesbot/handlers"
	"salesbot/insights"
)

// channels are the channels of the workspace as one of its people sees them. All
// of it is asked of Slack each time: who can read a channel changes without
// notice.
type channels struct {
	bot  *Bot
	user string
}

// How much of a workspace is looked through. Who can read a larger channel is not
// known, and nothing is shared there. An answer that is shared is looked at three
// times, and Slack gives out some twenty pages of people a minute.
const (
	listLimit = 500
	listPages = 6
)

// Slack tells no more than this many people apart one by one; of more it is
// asked for the whole list.
const fewReaders = 30

// Common lists the channels that both are in. Slack lists a person's channels as
// far as the bot can see them, which is more than those it is in.
func (c channels) Common(ctx context.Context) ([]handlers.Place, error) {
	mine, err := c.of(ctx, "")
	if err != nil {
		return nil, err
	}
	theirs, err := c.of(ctx, c.user)
	if err != nil {
		return nil, err
	}
	var both []handlers.Place
	for _, here := range mine {
		if slices.Contains(theirs, here) {
			both = append(both, here)
		}
	}
	slices.SortFunc(both, func(a, b handlers.Place) int { return strings.Compare(a.Name, b.Name) })
	return both, nil
}

// of lists the channels of a user, the bot's own if none is given.
func (c channels) of(ctx context.Context, user string) ([]handlers.Place, error) {
	var all []handlers.Place
	err := eachPage(func(cursor string) (string, error) {
		page, next, err := c.bot.reader.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{
			UserID: user, Cursor: cursor, Limit: listLimit, ExcludeArchived: true, Types: []string{"public_channel", "private_channel"},
		})
		for _, channel := range page {
			all = append(all, placeOf(channel))
		}
		return next, err
	})
	return all, untold("which channels you and I are in", err)
}

func placeOf(c slack.Channel) handlers.Place {
	return handlers.Place{ID: c.ID, Name: or(c.Name, c.ID), Channel: true}
}

// errTooMany says that a list is longer than what is looked through.
var errTooMany = errors.New("more than is looked through")

// eachPage reads pages until the last.
func eachPage(read func(cursor string) (next string, err error)) error {
	cursor := ""
	for range listPages {
		var err error
		if cursor, err = read(cursor); err != nil || cursor == "" {
			return err
		}
	}
	return errTooMany
}

// Audience is every member of a private channel. A public one can be read by every
// full member of the workspace, who need not be in it, and by the guests who are.
func (c channels) Audience(ctx context.Context, id string) (handlers.Audience, error) {
	channel, err := c.bot.reader.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if code(err) == "channel_not_found" {
		return handlers.Audience{Place: handlers.Place{ID: id, Name: id}, Barred: barredAway}, nil
	}
	if err != nil {
		return handlers.Audience{}, untold("what channel that is", err)
	}
	a := handlers.Audience{Place: placeOf(*channel), Public: !channel.IsPrivate, Barred: closed(*channel)}
	if a.Barred != "" {
		return a, nil
	}
	members, err := c.members(ctx, id)
	if err != nil {
		return a, untold("who is in #"+a.Place.Name, err)
	}
	switch {
	case !slices.Contains(members, c.bot.self.user):
		a.Barred = barredAway
	case !slices.Contains(members, c.user):
		a.Barred = "You are not in #" + a.Place.Name + ": only its members share there."
	default:
		a.Readers, err = c.readers(ctx, members, a.Public)
	}
	return a, untold("who can read #"+a.Place.Name, err)
}

const barredAway = "I am not in that channel. Somebody in it can add me: /invite and my name."

// closed is why nothing may be posted in a channel, whoever is in it.
func closed(c slack.Channel) string {
	switch {
	case c.IsIM, c.IsMpIM:
		return "This is no channel. I share answers in channels only."
	case c.IsExtShared, c.IsPendingExtShared, c.IsShared, c.IsOrgShared:
		return "#" + c.Name + " is shared outside this workspace, so nothing is posted there."
	case c.IsArchived:
		return "#" + c.Name + " is archived."
	case c.IsReadOnly:
		return "#" + c.Name + " is read-only."
	default:
		return ""
	}
}

func (c channels) members(ctx context.Context, id string) ([]string, error) {
	var all []string
	err := eachPage(func(cursor string) (string, error) {
		page, next, err := c.bot.reader.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: id, Cursor: cursor, Limit: listLimit})
		all = append(all, page...)
		return next, err
	})
	return all, err
}

// readers are who can read a channel with these members. The bot itself and
// Slackbot read nothing; other apps do what their makers want with what they
// read, so they count as somebody who may see nothing.
func (c channels) readers(ctx context.Context, members []string, public bool) ([]handlers.Reader, error) {
	members = slices.DeleteFunc(members, c.readsNothing)
	if !public && len(members) <= fewReaders {
		return c.each(ctx, members)
	}
	everybody, err := c.everybody(ctx)
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for _, id := range members {
		in[id] = true
	}
	var out []handlers.Reader
	for _, u := range everybody {
		if !u.Deleted && !c.readsNothing(u.ID) && (in[u.ID] || public && isFull(u)) {
			out = append(out, c.reader(u))
		}
		delete(in, u.ID)
	}
	for id := range in {
		out = append(out, handlers.Reader{Name: id, Barred: "nobody whom Slack tells me of"})
	}
	return out, nil
}

// each asks for people one by one.
func (c channels) each(ctx context.Context, members []string) ([]handlers.Reader, error) {
	var out []handlers.Reader
	for _, id := range members {
		u, err := c.bot.people.person(ctx, id)
		if err != nil {
			return nil, err
		}
		if !u.Deleted {
			out = append(out, c.reader(u))
		}
	}
	return out, nil
}

func (c channels) readsNothing(user string) bool { return user == c.bot.self.user || user == slackbot }

// isFull reports whether somebody sees public channels that they are not in:
// guests, strangers and apps do not.
func isFull(u slack.User) bool {
	return !u.IsBot && !u.IsConnectorBot && !u.IsWorkflowBot && !u.IsRestricted && !u.IsUltraRestricted && !u.IsStranger
}

// everybody lists the people of the workspace.
func (c channels) everybody(ctx context.Context) ([]slack.User, error) {
	var all []slack.User
	pages := c.bot.reader.GetUsersPaginated(slack.GetUsersOptionLimit(listLimit))
	err := eachPage(func(string) (string, error) {
		var err error
		if pages, err = pages.Next(ctx); err != nil {
			return "", err
		}
		all = append(all, pages.Users...)
		return pages.Cursor, nil
	})
	return all, err
}

func (c channels) reader(u slack.User) handlers.Reader {
	r := handlers.Reader{Name: or(u.RealName, u.Name), Barred: barredBriefly[barred(u, c.bot.self.team)]}
	if r.Barred == "" {
		r.Email = u.Profile.Email
	}
	return r
}

// barredBriefly says of others why they may see nothing.
var barredBriefly = map[string]string{
	barredStranger:    "of another company",
	barredGuest:       "a guest in Slack",
	barredGone:        "switched off in Slack",
	barredBot:         "another app",
	barredUnconfirmed: "without a confirmed e-mail address",
}

// code is the error code that Slack gave, empty if it gave none.
func code(err error) string {
	var coded slack.SlackErrorResponse
	if errors.As(err, &coded) {
		return coded.Err
	}
	return ""
}

// untold says that Slack did not tell something, so that nothing is shared.
func untold(what string, err error) error {
	const nothing = ", so nothing is shared."
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooMany):
		return &insights.Error{
			Code: "audience_too_large", Message: fmt.Sprintf("There are too many to tell %s%s", what, nothing),
			Hint: fmt.Sprintf("I look through %d at most. A channel with fewer people will do.", listLimit*listPages), Err: err,
		}
	case code(err) == "missing_scope":
		return &insights.Error{
			Code: "slack_scope", Message: "Slack does not let me see " + what + nothing,
			Hint: "An administrator of the Slack app must give it the scopes channels:read and groups:read, as in “salesbot manifest”, and install it anew.", Err: err,
		}
	default:
		return &insights.Error{Code: "slack_unreachable", Message: "Slack did not tell me " + what + nothing, Hint: "Please try again in a minute.", Err: err}
	}
}
