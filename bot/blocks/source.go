package blocks

import (
	"net/url"

	"github.com/slack-go/slack"

	"salesbot/handlers"
)

const (
	maxURL     = 3000
	maxSources = 10
)

// retracted shows struck out what was said before.
func retracted(text string) slack.Block {
	struck := &slack.RichTextSectionTextStyle{Strike: true}
	return slack.NewRichTextBlock("retracted", slack.NewRichTextSection(slack.NewRichTextSectionTextElement(cut(text, maxText), struck)))
}

// openable keeps the links that lead where they say: whole addresses over
// https.
func openable(all []handlers.Link) []handlers.Link {
	var kept []handlers.Link
	for _, l := range all {
		l.URL = clean(l.URL)
		address, err := url.Parse(l.URL)
		if err != nil || address.Scheme != "https" || address.Host == "" || length(l.URL) > maxURL || len(kept) == maxSources {
			continue
		}
		l.Label = cut(orElse(l.Label, "Source"), maxCell)
		kept = append(kept, l)
	}
	return kept
}

// sources shows each link by its address, so that none hides where it leads.
func sources(all []handlers.Link) slack.Block {
	if len(all) == 0 {
		return nil
	}
	var parts []slack.RichTextSectionElement
	for i, l := range all {
		label := l.Label + ": "
		if i > 0 {
			label = "\n" + label
		}
		parts = append(parts,
			slack.NewRichTextSectionTextElement(label, nil),
			slack.NewRichTextSectionLinkElement(l.URL, cut(l.URL, maxText), nil))
	}
	return slack.NewRichTextBlock("sources", slack.NewRichTextSection(parts...))
}
