package bot

import (
	"github.com/slack-go/slack"

	"salesbot/handlers"
)

// Need is a scope or an event that the app asks for, and why.
type Need struct {
	Name string
	Why  string
}

// Scopes are what the bot token must allow; the app-level token needs
// connections:write besides.
func Scopes() []Need {
	return []Need{
		{"app_mentions:read", "to hear when somebody mentions the bot in a channel it was invited to"},
		{"channels:read", "to know who can read a public channel, before an answer is shared there"},
		{"chat:write", "to answer, and to send digests and insights"},
		{"commands", "to offer the slash commands"},
		{"files:read", "to read the CSV files that managers and administrators send in a direct message, and no others"},
		{"files:write", "to send a table as a CSV file, to whoever asked for it, in their direct message"},
		{"groups:read", "the same of private channels"},
		{"im:history", "to read direct messages to the bot, and to look up whether a message arrived before saying it again"},
		{"im:write", "to open a direct message for digests and insights"},
		{"users:read", "to know guests, strangers and deleted accounts, who see nothing, and people's time zones"},
		{"users:read.email", "to match people to the CRM by their verified e-mail address"},
	}
}

// OptionalScopes can be left out; what they are for is then done without.
func OptionalScopes() []Need {
	return []Need{
		{"channels:history", "to look up a lost message in a public channel; without it such a message is marked unconfirmed"},
		{"groups:history", "the same in private channels"},
	}
}

// Events are what Slack sends besides commands, buttons and forms.
func Events() []Need {
	return []Need{
		{"app_mention", "questions asked by mentioning the bot"},
		{"message.im", "questions asked in a direct message"},
		{"user_change", "to forget at once what was known of a person whose account changes"},
	}
}

// Manifest describes the app to Slack: what people can type, and no more
// rights than that takes. It uses no agent features, which would shut out
// workspaces and people that do not have them.
func Manifest() slack.Manifest {
	return slack.Manifest{
		Metadata: slack.ManifestMetadata{MajorVersion: 2, MinorVersion: 1},
		Display: slack.Display{
			Name:            "Salesbot",
			Description:     "Sales questions, digests and customer insights, from your own database",
			BackgroundColor: "#1d6b57",
		},
		Features: slack.Features{
			AppHome:       slack.AppHome{MessagesTabEnabled: true},
			BotUser:       slack.BotUser{DisplayName: "salesbot", AlwaysOnline: true},
			SlashCommands: slashCommands(),
		},
		OAuthConfig: slack.OAuthConfig{Scopes: slack.OAuthScopes{Bot: names(Scopes()), BotOptional: names(OptionalScopes())}},
		Settings: slack.Settings{
			EventSubscriptions: &slack.EventSubscriptions{BotEvents: names(Events())},
			Interactivity:      &slack.Interactivity{IsEnabled: true},
			SocketModeEnabled:  true,
		},
	}
}

func slashCommands() []slack.ManifestSlashCommand {
	var out []slack.ManifestSlashCommand
	for _, c := range handlers.Commands() {
		out = append(out, slack.ManifestSlashCommand{Command: c.Name, Description: c.Summary, UsageHint: c.Usage, ShouldEscape: true})
	}
	return out
}

func names(needs []Need) []string {
	out := make([]string, len(needs))
	for i, n := range needs {
		out[i] = n.Name
	}
	return out
}
