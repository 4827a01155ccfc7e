package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"salesbot/insights"
)

// checkTokens finds the two tokens swapped, or another kind in their place.
func checkTokens(cfg Config) error {
	if !strings.HasPrefix(cfg.AppToken, "xapp-") {
		return &insights.Error{
			Code:    "slack_app_token",
			Message: "The app-level token does not begin with xapp-.",
			Hint:    "Make one under Basic Information → App-Level Tokens with the scope connections:write, and set SLACK_APP_TOKEN to it.",
		}
	}
	if !strings.HasPrefix(cfg.BotToken, "xoxb-") && !strings.HasPrefix(cfg.BotToken, "xoxe.xoxb-") {
		return &insights.Error{
			Code:    "slack_bot_token",
			Message: "The bot token does not begin with xoxb-.",
			Hint:    "Copy the Bot User OAuth Token from OAuth & Permissions, and set SLACK_BOT_TOKEN to it.",
		}
	}
	return nil
}

// introduce finds out who the bot is. While Slack cannot be reached it tries
// again; a fault of the configuration it returns.
func (b *Bot) introduce(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		who, err := b.reader.AuthTestContext(ctx)
		if err == nil {
			return b.meet(who)
		}
		if fault := mendable("bot token", err); fault != nil {
			return fault
		}
		wait := backoff(attempt)
		b.log.WarnContext(ctx, "Slack cannot be reached; trying again",
			slog.String("reason", reason(err)), slog.Duration("wait", wait))
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

func (b *Bot) meet(who *slack.AuthTestResponse) error {
	if b.cfg.Team != "" && who.TeamID != b.cfg.Team {
		return &insights.Error{
			Code:    "slack_team",
			Message: fmt.Sprintf("The bot token belongs to the workspace %s (%s), not to %s.", who.Team, who.TeamID, b.cfg.Team),
			Hint:    "Use the token of the app as it is installed in the right workspace.",
		}
	}
	if who.BotID == "" {
		return &insights.Error{
			Code:    "slack_bot_token",
			Message: "The bot token is a person's, not the app's.",
			Hint:    "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions, and set SLACK_BOT_TOKEN to it.",
		}
	}
	b.self = identity{user: who.UserID, bot: who.BotID, team: who.TeamID}
	close(b.introduced)
	return nil
}

var errNeverIntroduced = errors.New("the bot ended before it knew who it is")

// acquainted waits until the bot knows who it is, or never will.
func (b *Bot) acquainted(ctx context.Context) error {
	select {
	case <-b.introduced:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-b.ended:
	}
	select {
	case <-b.introduced:
		return nil
	default:
		return errNeverIntroduced
	}
}

// What Slack says when only a person can help. Everything else passes.
var mendableCodes = map[string]struct{ message, hint string }{
	"invalid_auth":           {"Slack does not know the %s.", "Copy it again from the app's settings; it may have been regenerated."},
	"not_authed":             {"No %s was sent to Slack.", "Set SLACK_APP_TOKEN and SLACK_BOT_TOKEN."},
	"account_inactive":       {"The %s belongs to a bot user that was deleted or switched off.", "Install the app in the workspace again and use its new tokens."},
	"token_revoked":          {"The %s was revoked.", "Install the app in the workspace again and use its new tokens."},
	"token_expired":          {"The %s has expired.", "Switch token rotation off for the app, or use a fresh token."},
	"not_allowed_token_type": {"The %s is of the wrong kind.", "SLACK_APP_TOKEN begins with xapp-, SLACK_BOT_TOKEN with xoxb-; perhaps they were swapped."},
	"missing_scope":          {"The %s lacks a scope.", "The app-level token needs connections:write; the bot token needs the scopes of the app manifest. Add them and install the app again."},
	"team_access_not_granted": {"The %s gives no access to this workspace.",
		"Have an administrator approve the app for the workspace."},
}

// mendable returns the fault that a person must mend, or nil when waiting may
// help.
func mendable(token string, err error) error {
	var (
		coded  slack.SlackErrorResponse
		status slack.StatusCodeError
	)
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return &insights.Error{
			Code:    "slack_url",
			Message: "There is no Slack API at the address given.",
			Hint:    "Unset SLACK_API_URL to use Slack itself, or set it to an address that ends in /api/.",
			Err:     err,
		}
	}
	if !errors.As(err, &coded) {
		return nil
	}
	words, known := mendableCodes[coded.Err]
	if !known {
		return nil
	}
	return &insights.Error{
		Code:    "slack_" + coded.Err,
		Message: fmt.Sprintf(words.message, token),
		Hint:    words.hint,
		Err:     err,
	}
}

// reason is an error in words for the log, without the address it happened at.
func reason(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}

// backoff doubles from a second to two minutes.
func backoff(attempt int) time.Duration {
	return min(time.Second<<min(attempt, 10), 2*time.Minute)
}
