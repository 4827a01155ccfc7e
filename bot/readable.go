package bot

import (
	"regexp"
	"strings"
)

// Slack writes mentions, links and special words as <…>, and escapes the
// characters that this needs.
var (
	marked   = regexp.MustCompile(`<([^<>]+)>`)
	unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// readable is a message as a person reads it: without the mention of the bot
// itself, with people by name and links by their label.
func readable(message, self string, name func(user string) string) string {
	message = marked.ReplaceAllStringFunc(message, func(m string) string {
		return spelled(m[1:len(m)-1], self, name)
	})
	return strings.Join(strings.Fields(unescape.Replace(message)), " ")
}

// spelled writes out what stands between the angle brackets.
func spelled(mark, self string, name func(user string) string) string {
	target, label, _ := strings.Cut(mark, "|")
	switch {
	case target == "@"+self:
		return " "
	case strings.HasPrefix(target, "@"):
		return or(name(target[1:]), or(label, target))
	case strings.HasPrefix(target, "#"):
		return "#" + or(label, target[1:])
	case strings.HasPrefix(target, "!"):
		return or(label, "@"+target[1:])
	default:
		return or(label, strings.TrimPrefix(target, "mailto:"))
	}
}
