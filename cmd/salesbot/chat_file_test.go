package main

import (
	"strings"

	"salesbot/bot/workspace/workspacetest"
)

// fileStep takes the steps of a script that are about files and the threads on
// them.
func (c *conversation) fileStep(kind, rest string) bool {
	c.t.Helper()
	switch kind {
	case "attach":
		name, content, _ := strings.Cut(rest, ": ")
		c.attached = append(c.attached, map[string]any{"name": name, "content": strings.ReplaceAll(content, `\n`, "\n") + "\n"})
	case "send":
		c.sent = c.person.Do("say", map[string]any{"channel": c.channel, "text": rest, "files": c.attached}).TS
		c.attached = nil
	case "thread":
		c.reply = c.person.WaitForReply(c.channel, c.sent, rest, func(m workspacetest.Message) bool {
			return m.Bot && strings.Contains(m.Text, rest)
		})
	case "reply":
		c.person.Reply(c.channel, c.sent, rest)
	default:
		return false
	}
	return true
}
