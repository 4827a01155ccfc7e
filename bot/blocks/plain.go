package blocks

import (
	"strings"

	"github.com/slack-go/slack/slackutilsx"

	"salesbot/handlers"
)

// plain writes the whole Answer as text, for notifications, screen readers and
// clients that cannot show the blocks.
func plain(a handlers.Answer) string {
	parts := []string{a.Headline}
	for _, lines := range unsaid(a) {
		parts = append(parts, lines[0]+": "+strings.Join(lines[1:], ", "))
	}
	rest := a
	rest.Headline, rest.Figures = "", nil
	if words := clean(handlers.Text(rest)); words != "" {
		parts = append(parts, "", words)
	}
	return escapedLines(strings.Join(parts, "\n"))
}

// escapedLines escapes what Slack would read as markup, and keeps as many
// whole lines as fit.
func escapedLines(text string) string {
	if escaped := slackutilsx.EscapeMessage(text); length(escaped) <= maxFallback {
		return escaped
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = slackutilsx.EscapeMessage(line)
	}
	if kept, ok := fill(lines, maxFallback); ok {
		return kept
	}
	// Escaping makes a character at most five long.
	return slackutilsx.EscapeMessage(cut(text, maxFallback/5))
}
