package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"salesbot/bot/workspace/workspacetest"
)

// chatForm is the form that a person of a script has open.
type chatForm struct {
	view   workspacetest.View
	filled map[string]map[string]any
	errors map[string]string
}

// formStep takes the steps of a script that are about forms, and about messages
// that are not replies.
func (c *conversation) formStep(line, kind, rest string) bool {
	c.t.Helper()
	switch {
	case kind == "open":
		c.person.Act(c.reply, c.action(rest), nil)
		c.opened(rest)
	case line == "opened":
		c.opened("the last step")
	case line == "submit":
		before := c.latestIn("dm")
		c.submit()
		if len(c.form.errors) == 0 {
			c.channel = "dm"
			c.await(before, "submitting the form")
		}
	case kind == "?":
		if !slices.ContainsFunc(c.faults(), func(fault string) bool { return strings.Contains(fault, rest) }) {
			c.t.Fatalf("line %d: the form should say %q, and says %q", c.line, rest, c.faults())
		}
	case kind == "tap":
		c.person.Act(c.reply, c.action(rest), nil)
	case kind == "read":
		c.reply = c.person.WaitFor(c.channel, rest, func(m workspacetest.Message) bool { return m.Bot && strings.Contains(m.Text, rest) })
	case line == "below":
		c.reply = c.person.WaitForReply(c.channel, c.reply.TS, "a reply in the thread", func(m workspacetest.Message) bool {
			return m.Bot && m.TS != c.reply.TS
		})
	case strings.HasSuffix(kind, ":"):
		c.fill(strings.TrimSuffix(kind, ":"), rest)
	default:
		return false
	}
	return true
}

func (c *conversation) opened(what string) {
	c.t.Helper()
	view := c.person.WaitForModal("the form that "+what+" opens", func(v workspacetest.View) bool { return v.ID != c.form.view.ID })
	c.form = chatForm{view: view, filled: map[string]map[string]any{}}
}

func (c *conversation) action(label string) string {
	c.t.Helper()
	action := actionLabelled(c.reply.Blocks, label)
	if action == "" {
		c.t.Fatalf("line %d: the message has no button %q:\n%s", c.line, label, c.reply.Words())
	}
	return action
}

// fill puts a value into a field: text, a day, or the labels of options.
func (c *conversation) fill(field, text string) {
	c.t.Helper()
	element := inputOf(c.form.view.Blocks, field)
	if element == nil {
		c.t.Fatalf("line %d: the form has no field %q", c.line, field)
	}
	var value any = text
	if element["type"] == "datepicker" {
		value = dayIn(text)
	}
	if offered, ok := element["options"].([]any); ok {
		var chosen []any
		for label := range strings.SplitSeq(text, " | ") {
			chosen = append(chosen, c.optionLabelled(offered, label))
		}
		value = chosen
		if element["type"] == "static_select" {
			value = chosen[0]
		}
	}
	c.form.filled[field] = map[string]any{"input": value}
}

// dayIn reads “in 40 days”, for scripts that are still true next year.
func dayIn(text string) string {
	var days int
	if _, err := fmt.Sscanf(text, "in %d days", &days); err != nil {
		return text
	}
	return clock().AddDate(0, 0, days).Format(time.DateOnly)
}

func (c *conversation) optionLabelled(offered []any, label string) any {
	c.t.Helper()
	for _, o := range offered {
		option, _ := o.(map[string]any)
		text, _ := option["text"].(map[string]any)
		if text["text"] == label {
			return option["value"]
		}
	}
	c.t.Fatalf("line %d: %q cannot be chosen", c.line, label)
	return nil
}

func (c *conversation) submit() {
	c.t.Helper()
	c.form.errors = c.person.Submit(c.form.view, c.form.filled).Errors
}

func (c *conversation) faults() []string {
	var all []string
	for field, fault := range c.form.errors {
		all = append(all, field+": "+fault)
	}
	return all
}

func (c *conversation) latestIn(channel string) string {
	messages := c.person.See(channel)
	if len(messages) == 0 {
		return ""
	}
	return messages[len(messages)-1].TS
}

// inputOf finds the element of a form's field.
func inputOf(blocks []any, field string) map[string]any {
	for _, b := range blocks {
		block, _ := b.(map[string]any)
		if block["block_id"] == field {
			element, _ := block["element"].(map[string]any)
			return element
		}
	}
	return nil
}
