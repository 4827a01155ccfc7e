package blocks

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"salesbot/handlers"
)

// AskPrefix begins the action id of every button that asks something. Its
// value is the command.
const AskPrefix = "ask:"

// pressable leaves out choices that a button cannot carry whole: half a
// command would ask something else.
func pressable(all []handlers.Choice) []handlers.Choice {
	var kept []handlers.Choice
	for _, c := range all {
		c.Command = clean(c.Command)
		if c.Command == "" || length(c.Command) > maxButtonValue {
			continue
		}
		c.Label = orElse(c.Label, c.Command)
		kept = append(kept, c)
	}
	return kept
}

func choices(all []handlers.Choice) slack.Block {
	if len(all) == 0 {
		return nil
	}
	var buttons []slack.BlockElement
	for i, c := range all[:min(len(all), maxActions)] {
		label := cut(strings.Join(strings.Fields(c.Label), " "), maxButtonText)
		buttons = append(buttons, slack.NewButtonBlockElement(AskPrefix+strconv.Itoa(i), c.Command, plainText(label)))
	}
	return slack.NewActionBlock("choices", buttons...)
}
