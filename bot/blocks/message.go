package blocks

import (
	"strings"

	"github.com/slack-go/slack"

	"salesbot/handlers"
	"salesbot/insights/metric"
)

// Message is an Answer as Slack shows it. Its JSON is the payload of a
// delivery.
type Message struct {
	Text   string        `json:"text"` // escaped; stands alone
	Blocks []slack.Block `json:"blocks,omitempty"`
}

// Render lays an Answer out. It is pure, and what it returns is always within
// Slack's limits: what does not fit is left out and counted.
func Render(a handlers.Answer) Message {
	m := lay(a)
	if Check(m) != nil {
		// A layout that Slack would refuse says less than plain words.
		return Message{Text: m.Text}
	}
	return m
}

func lay(a handlers.Answer) Message {
	a = tidy(a)
	m := Message{Text: plain(a)}
	m.Blocks = append(m.Blocks, headline(a))
	if a.Retracted != "" {
		m.Blocks = append(m.Blocks, retracted(a.Retracted))
	}
	if fields := figures(a); fields != nil {
		m.Blocks = append(m.Blocks, fields)
	}
	notes := a.Notes
	if a.Table != nil {
		table, left := breakdown(*a.Table)
		m.Blocks = append(m.Blocks, table)
		if drawing := chart(*a.Table); drawing != nil {
			m.Blocks = append(m.Blocks, drawing)
		}
		notes = append(left, notes...)
	}
	if block := sources(a.Links); block != nil {
		m.Blocks = append(m.Blocks, block)
	}
	if a.Receipt != "" {
		notes = append(notes, "Receipt "+a.Receipt)
	}
	if block := remarks(a.Status, notes); block != nil {
		m.Blocks = append(m.Blocks, block)
	}
	if block := choices(a.Choices); block != nil {
		m.Blocks = append(m.Blocks, block)
	}
	return m
}

// tidy returns the Answer with valid UTF-8, without blank parts, and with a
// table whose rows are as long as its head.
func tidy(a handlers.Answer) handlers.Answer {
	a.Headline = orElse(a.Headline, "There is nothing to show.")
	a.Retracted = clean(a.Retracted)
	a.Links = openable(a.Links)
	a.Receipt = clean(a.Receipt)
	a.Notes = cleanAll(a.Notes)
	a.Choices = pressable(a.Choices)
	a.Table = rectangle(a.Table.Readable())
	return a
}

func cleanAll(lines []string) []string {
	var kept []string
	for _, line := range lines {
		if line = clean(line); line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}

// marks are the signs before answers that are not an answer.
var marks = map[handlers.Status]string{
	handlers.Refused:       "information_source",
	handlers.NotUnderstood: "grey_question",
	handlers.Failed:        "warning",
}

// mark is a lock for what one may not see, and otherwise that of the status.
func mark(a handlers.Answer) (string, bool) {
	if a.Status == handlers.Refused && a.Code == metric.CodeNotAllowed {
		return "lock", true
	}
	sign, marked := marks[a.Status]
	return sign, marked
}

func headline(a handlers.Answer) slack.Block {
	bold := &slack.RichTextSectionTextStyle{Bold: true}
	text := slack.NewRichTextSectionTextElement(cut(a.Headline, maxText), bold)
	section := []slack.RichTextSectionElement{text}
	if sign, ok := mark(a); ok {
		section = []slack.RichTextSectionElement{
			slack.NewRichTextSectionEmojiElement(sign, 0, nil),
			slack.NewRichTextSectionTextElement(" ", nil),
			text,
		}
	}
	return slack.NewRichTextBlock("headline", slack.NewRichTextSection(section...))
}

// remarks are small print under an answer, and ordinary text under a refusal
// or a failure, where they say what to do.
func remarks(status handlers.Status, notes []string) slack.Block {
	if len(notes) == 0 {
		return nil
	}
	text := wholeLines(strings.Join(notes, "\n"), maxText)
	if _, marked := marks[status]; marked {
		return slack.NewRichTextBlock("notes", slack.NewRichTextSection(slack.NewRichTextSectionTextElement(text, nil)))
	}
	return slack.NewContextBlock("notes", plainText(text))
}

func plainText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}
