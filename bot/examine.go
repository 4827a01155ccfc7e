package bot

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"salesbot/insights"
)

// Examination is what Slack says of the tokens.
type Examination struct {
	Team    string
	User    string
	Missing []Need // scopes that the bot token lacks
}

// Examine tries both tokens without connecting.
func Examine(ctx context.Context, cfg Config) (Examination, error) {
	if err := checkTokens(cfg); err != nil {
		return Examination{}, err
	}
	cfg = cfg.withDefaults()
	client := slack.New(cfg.BotToken, slack.OptionAppLevelToken(cfg.AppToken), slack.OptionAPIURL(cfg.APIURL),
		slack.OptionHTTPClient(&http.Client{Timeout: cfg.CallTimeout}))
	who, err := client.AuthTestContext(ctx)
	if err != nil {
		return Examination{}, inWords("bot token", err)
	}
	if _, _, err := client.StartSocketModeContext(ctx); err != nil {
		return Examination{}, inWords("app-level token", err)
	}
	found := Examination{Team: who.Team, User: who.User}
	if granted := who.Header.Get("X-OAuth-Scopes"); granted != "" {
		found.Missing = lacking(strings.Split(granted, ","))
	}
	return found, nil
}

func inWords(token string, err error) error {
	if fault := mendable(token, err); fault != nil {
		return fault
	}
	return &insights.Error{
		Code:    "slack_unreachable",
		Message: "Slack cannot be reached: " + reason(err) + ".",
		Hint:    "Check the network, a proxy, and SLACK_API_URL if it is set.",
		Err:     err,
	}
}

func lacking(granted []string) []Need {
	for i := range granted {
		granted[i] = strings.TrimSpace(granted[i])
	}
	return slices.DeleteFunc(Scopes(), func(n Need) bool { return slices.Contains(granted, n.Name) })
}
