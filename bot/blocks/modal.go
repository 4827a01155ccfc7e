package blocks

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"salesbot/handlers"
)

// FormPrefix begins the callback id of every form; what follows is the form's
// own id.
const FormPrefix = "form:"

// Slack's limits for forms.
const (
	maxTitle    = 24 // of the form's title and of its buttons
	maxPrivate  = 3000
	maxFormRows = 100
	maxLabel    = 2000
	maxInput    = 3000
	maxOptions  = 100
	maxOption   = 75 // of an option's text and of its value
)

// input is the action id of every field; the block id is the field's own.
const input = "input"

// Modal lays a Form out within Slack's limits. Options that do not fit are left
// out, and so is a field that has none left.
func Modal(f handlers.Form) slack.ModalViewRequest {
	view := slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      cut(FormPrefix+f.ID, maxID),
		PrivateMetadata: head(clean(f.Context), maxPrivate),
		Title:           plainText(cut(orElse(f.Title, "Form"), maxTitle)),
		Submit:          plainText(cut(orElse(f.Submit, "Send"), maxTitle)),
		Close:           plainText("Cancel"),
	}
	seen := map[string]bool{}
	for _, field := range f.Fields {
		element := control(field)
		id := head(clean(field.ID), maxID)
		if element == nil || id == "" || seen[id] || len(seen) == maxFormRows {
			continue
		}
		seen[id] = true
		block := slack.NewInputBlock(id, plainText(cut(orElse(field.Label, id), maxLabel)), nil, element)
		if hint := clean(field.Hint); hint != "" {
			block.Hint = plainText(cut(hint, maxLabel))
		}
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, block.WithOptional(field.Optional))
	}
	return view
}

func control(f handlers.Field) slack.BlockElement {
	switch f.Kind {
	case handlers.One:
		return chooseOne(f)
	case handlers.Some:
		return chooseSome(f)
	case handlers.Date:
		picker := slack.NewDatePickerBlockElement(input)
		if len(f.Initial) > 0 && isDay(f.Initial[0]) {
			picker.InitialDate = f.Initial[0]
		}
		return picker
	default:
		return write(f)
	}
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

func write(f handlers.Field) slack.BlockElement {
	limit := maxInput
	if f.MaxLength > 0 {
		limit = min(f.MaxLength, maxInput)
	}
	text := slack.NewPlainTextInputBlockElement(nil, input).WithMultiline(f.Kind == handlers.Lines).WithMaxLength(limit)
	if len(f.Initial) > 0 {
		text.WithInitialValue(head(clean(f.Initial[0]), limit))
	}
	return text
}

func chooseOne(f handlers.Field) slack.BlockElement {
	all := options(f.Options)
	if len(all) == 0 {
		return nil
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, input, all...)
	if chosen := initial(all, f.Initial); len(chosen) > 0 {
		menu.InitialOption = chosen[0]
	}
	return menu
}

func chooseSome(f handlers.Field) slack.BlockElement {
	all := options(f.Options)
	if len(all) == 0 {
		return nil
	}
	menu := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, nil, input, all...)
	menu.InitialOptions = initial(all, f.Initial)
	return menu
}

// options leaves out those whose value does not fit: half a value would mean
// something else.
func options(all []handlers.Option) []*slack.OptionBlockObject {
	var kept []*slack.OptionBlockObject
	for _, o := range all {
		if o.Value == "" || length(o.Value) > maxOption || len(kept) == maxOptions {
			continue
		}
		label := cut(orElse(strings.Join(strings.Fields(o.Label), " "), "—"), maxOption)
		kept = append(kept, slack.NewOptionBlockObject(o.Value, plainText(label), nil))
	}
	return kept
}

func initial(all []*slack.OptionBlockObject, values []string) []*slack.OptionBlockObject {
	var chosen []*slack.OptionBlockObject
	for _, o := range all {
		if slices.Contains(values, o.Value) {
			chosen = append(chosen, o)
		}
	}
	return chosen
}

// CheckModal says what Slack would refuse in a form, or nil.
func CheckModal(v slack.ModalViewRequest) error {
	c := checker{ids: map[string]bool{}}
	c.within("title", v.Title.Text, maxTitle)
	c.within("submit", v.Submit.Text, maxTitle)
	c.within("close", v.Close.Text, maxTitle)
	c.within("callback_id", v.CallbackID, maxID)
	if n := length(v.PrivateMetadata); n > maxPrivate {
		c.add("private_metadata has %d characters", n)
	}
	if n := len(v.Blocks.BlockSet); n > maxFormRows {
		c.add("%d fields", n)
	}
	for _, b := range v.Blocks.BlockSet {
		c.id("block_id", b.ID())
		c.field(b)
	}
	return errors.Join(c.found...)
}

func (c *checker) field(b slack.Block) {
	row, ok := b.(*slack.InputBlock)
	if !ok {
		c.add("a %s block, which nobody checks", b.BlockType())
		return
	}
	c.within("label", row.Label.Text, maxLabel)
	if row.Hint != nil {
		c.within("hint", row.Hint.Text, maxLabel)
	}
	switch e := row.Element.(type) {
	case *slack.PlainTextInputBlockElement:
		if e.MaxLength < 1 || e.MaxLength > maxInput || length(e.InitialValue) > e.MaxLength {
			c.add("an input of %d characters, %d of them there", e.MaxLength, length(e.InitialValue))
		}
	case *slack.SelectBlockElement:
		c.offered(e.Options)
	case *slack.MultiSelectBlockElement:
		c.offered(e.Options)
	case *slack.DatePickerBlockElement:
	default:
		c.add("a %s, which nobody checks", row.Element.ElementType())
	}
}

func (c *checker) offered(all []*slack.OptionBlockObject) {
	if n := len(all); n == 0 || n > maxOptions {
		c.add("%d options", n)
	}
	for _, o := range all {
		c.within("option", o.Text.Text, maxOption)
		if n := length(o.Value); n == 0 || n > maxOption {
			c.add("an option's value of %d characters", n)
		}
	}
}
