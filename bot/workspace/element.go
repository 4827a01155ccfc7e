package workspace

import (
	"encoding/json"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// values are what a person chose: block_id, action_id, the element's state.
type values map[string]map[string]object

// with returns a copy in which one element has another state.
func (v values) with(blockID, actionID string, state object) values {
	changed := values{}
	for b, actions := range v {
		changed[b] = actions
	}
	actions := map[string]object{}
	for a, old := range v[blockID] {
		actions[a] = old
	}
	actions[actionID] = state
	changed[blockID] = actions
	return changed
}

// element is something interactive in a message or view.
type element struct {
	blockID string
	object
	input object // the input block it stands in, if any
}

func (e element) kind() string     { return text(e.object, "type") }
func (e element) actionID() string { return text(e.object, "action_id") }
func (e element) key() string      { return e.blockID + "/" + e.actionID() }

// pressed are the elements that have no state: pressing them is all.
var pressed = []string{"button", "icon_button", "feedback_buttons", "overflow", "workflow_button"}

// kept says in which field the state of an element is, and from which field
// of the element it starts.
var kept = map[string]struct{ field, initial string }{
	"static_select":              {"selected_option", "initial_option"},
	"external_select":            {"selected_option", "initial_option"},
	"radio_buttons":              {"selected_option", "initial_option"},
	"checkboxes":                 {"selected_options", "initial_options"},
	"multi_static_select":        {"selected_options", "initial_options"},
	"multi_external_select":      {"selected_options", "initial_options"},
	"users_select":               {"selected_user", "initial_user"},
	"multi_users_select":         {"selected_users", "initial_users"},
	"conversations_select":       {"selected_conversation", "initial_conversation"},
	"multi_conversations_select": {"selected_conversations", "initial_conversations"},
	"channels_select":            {"selected_channel", "initial_channel"},
	"multi_channels_select":      {"selected_channels", "initial_channels"},
	"datepicker":                 {"selected_date", "initial_date"},
	"timepicker":                 {"selected_time", "initial_time"},
	"datetimepicker":             {"selected_date_time", "initial_date_time"},
	"plain_text_input":           {"value", "initial_value"},
	"email_text_input":           {"value", "initial_value"},
	"url_text_input":             {"value", "initial_value"},
	"number_input":               {"value", "initial_value"},
	"rich_text_input":            {"rich_text_value", "initial_value"},
	"file_input":                 {"files", ""},
}

func interactive(kind string) bool {
	_, stateful := kept[kind]
	return stateful || slices.Contains(pressed, kind)
}

// elements finds everything interactive, however deep it is nested.
func elements(blocks []any) []element {
	var found []element
	for _, b := range blocks {
		block, _ := b.(object)
		found = search(found, block, text(block, "block_id"), nil)
	}
	return found
}

func search(found []element, o object, blockID string, input object) []element {
	blockID = either(text(o, "block_id"), blockID)
	if text(o, "type") == "input" {
		input = o
	}
	if interactive(text(o, "type")) {
		return append(found, element{blockID: blockID, object: o, input: input})
	}
	for _, key := range sortedKeys(o) {
		found = searchValue(found, o[key], blockID, input)
	}
	return found
}

func searchValue(found []element, value any, blockID string, input object) []element {
	switch v := value.(type) {
	case object:
		return search(found, v, blockID, input)
	case []any:
		for _, item := range v {
			found = searchValue(found, item, blockID, input)
		}
	}
	return found
}

func sortedKeys(o object) []string {
	keys := make([]string, 0, len(o))
	for key := range o {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// shown finds the element a person wants to use. Without a block id, the
// action id must be there once.
func shown(blocks []any, blockID, actionID string) (element, bool) {
	var found []element
	for _, e := range elements(blocks) {
		if e.actionID() == actionID && (blockID == "" || e.blockID == blockID) {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		return element{}, false
	}
	return found[0], true
}

// complete gives ids to blocks and elements that came without, as Slack does.
// It returns copies, so that what the bot sent is never changed.
func (s *Server) complete(blocks []any) []any {
	if blocks == nil {
		return nil
	}
	done := make([]any, len(blocks))
	for i, b := range blocks {
		done[i] = s.completeValue(b, true)
	}
	return done
}

func (s *Server) completeValue(value any, block bool) any {
	switch v := value.(type) {
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = s.completeValue(item, block)
		}
		return copied
	case object:
		return s.completeObject(v, block)
	}
	return value
}

func (s *Server) completeObject(o object, block bool) object {
	copied := object{}
	for key, value := range o {
		nested := key == "child_blocks" || key == "block" || (text(o, "type") == "carousel" && key == "elements")
		copied[key] = s.completeValue(value, nested)
	}
	if block && text(copied, "block_id") == "" && text(copied, "type") != "" {
		copied["block_id"] = s.nextID("b")
	}
	if interactive(text(copied, "type")) && text(copied, "action_id") == "" {
		copied["action_id"] = s.nextID("a")
	}
	return copied
}

// state is what an element holds: what the person chose, or what it began
// with, or nothing.
func (v values) state(e element) object {
	if chosen, ok := v[e.blockID][e.actionID()]; ok {
		return chosen
	}
	field := kept[e.kind()]
	initial := e.object[field.initial]
	if initial == nil && strings.HasPrefix(field.field, "selected_") && strings.HasSuffix(field.field, "s") {
		initial = []any{}
	}
	return object{"type": e.kind(), field.field: initial}
}

// all is the state of every element of the blocks, as payloads carry it.
func (v values) all(blocks []any) object {
	shown := object{}
	for _, e := range elements(blocks) {
		if _, stateful := kept[e.kind()]; !stateful {
			continue
		}
		if sub(shown, e.blockID) == nil {
			shown[e.blockID] = object{}
		}
		sub(shown, e.blockID)[e.actionID()] = v.state(e)
	}
	return shown
}

// choose is the state of an element after a person chose value; false when
// the element does not offer it.
func (s *Server) choose(e element, value any) (object, bool) {
	field := kept[e.kind()].field
	state := object{"type": e.kind()}
	var chosen any
	ok := true
	switch {
	case value == nil:
		chosen = emptied(field)
	case field == "selected_option":
		chosen, ok = s.option(e, value)
	case field == "selected_options":
		chosen, ok = s.options(e, value)
	case strings.HasSuffix(field, "s") && strings.HasPrefix(field, "selected_"):
		chosen, ok = s.idsOf(e, value)
	case field == "selected_user" || field == "selected_conversation" || field == "selected_channel":
		chosen, ok = s.idOf(e, value)
	case field == "selected_date":
		chosen, ok = formatted(value, time.DateOnly)
	case field == "selected_time":
		chosen, ok = formatted(value, "15:04")
	case field == "selected_date_time":
		chosen, ok = wholeNumber(value)
	case field == "rich_text_value":
		words, isText := value.(string)
		chosen, ok = richText(words, s.nextID("b"))[0], isText
	default:
		chosen, ok = typed(value)
	}
	state[field] = chosen
	return state, ok
}

func emptied(field string) any {
	if strings.HasPrefix(field, "selected_") && strings.HasSuffix(field, "s") {
		return []any{}
	}
	return nil
}

func typed(value any) (any, bool) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return nil, true
		}
		return v, true
	case json.Number:
		return v.String(), true
	}
	return nil, false
}

func formatted(value any, layout string) (any, bool) {
	v, _ := value.(string)
	_, err := time.Parse(layout, v)
	return v, err == nil
}

func wholeNumber(value any) (any, bool) {
	switch v := value.(type) {
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return nil, false
}

// option finds an option of a select, radio group, overflow menu or the two
// feedback buttons. What an external select offers is the bot's affair.
func (s *Server) option(e element, value any) (any, bool) {
	wanted, isText := value.(string)
	if !isText {
		return nil, false
	}
	for _, o := range append(offered(e.object), offered(object{"options": s.offers[e.key()]})...) {
		if text(o, "value") == wanted {
			return o, true
		}
	}
	if strings.HasSuffix(e.kind(), "external_select") {
		return object{"text": object{"type": "plain_text", "text": wanted, "emoji": true}, "value": wanted}, true
	}
	return nil, false
}

func (s *Server) options(e element, value any) (any, bool) {
	wanted, isList := value.([]any)
	if !isList {
		return nil, false
	}
	chosen := []any{}
	for _, w := range wanted {
		o, ok := s.option(e, w)
		if !ok {
			return nil, false
		}
		chosen = append(chosen, o)
	}
	most := integer(e.object, "max_selected_items")
	return chosen, most == 0 || len(chosen) <= most
}

func offered(e object) []object {
	var found []object
	for _, o := range list(e, "options") {
		if o, ok := o.(object); ok {
			found = append(found, o)
		}
	}
	for _, g := range list(e, "option_groups") {
		if g, ok := g.(object); ok {
			found = append(found, offered(g)...)
		}
	}
	for _, key := range []string{"positive_button", "negative_button"} {
		if b := sub(e, key); b != nil {
			found = append(found, b)
		}
	}
	return found
}

func (s *Server) idOf(e element, value any) (any, bool) {
	id, _ := value.(string)
	switch {
	case strings.Contains(e.kind(), "users"):
		return id, s.userByID(id) != nil
	case strings.Contains(e.kind(), "channels"):
		c := s.channelByID(id)
		return id, c != nil && !c.Private
	}
	return id, s.channelByID(id) != nil
}

func (s *Server) idsOf(e element, value any) (any, bool) {
	wanted, isList := value.([]any)
	if !isList {
		return nil, false
	}
	for _, w := range wanted {
		if _, ok := s.idOf(e, w); !ok {
			return nil, false
		}
	}
	most := integer(e.object, "max_selected_items")
	return wanted, most == 0 || len(wanted) <= most
}

// complaint is what a Slack client writes under an input before it lets a
// form go; nothing when the input is fine.
func complaint(e element, state object) string {
	value := state[kept[e.kind()].field]
	if empty(value) {
		if truth(e.input, "optional") {
			return ""
		}
		return "Please complete this required field."
	}
	words, _ := value.(string)
	length := utf8.RuneCountInString(words)
	most, least := integer(e.object, "max_length"), integer(e.object, "min_length")
	switch {
	case e.kind() == "plain_text_input" && length > either0(most, 3000):
		return "Please enter no more than " + strconv.Itoa(either0(most, 3000)) + " characters."
	case e.kind() == "plain_text_input" && length < least:
		return "Please enter at least " + strconv.Itoa(least) + " characters."
	case e.kind() == "email_text_input" && !isEmail(words):
		return "Please enter a valid email address."
	case e.kind() == "url_text_input" && !isURL(words):
		return "Please enter a valid URL."
	case e.kind() == "number_input":
		return wrongNumber(e.object, words)
	}
	return ""
}

func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

func wrongNumber(e object, words string) string {
	n, err := strconv.ParseFloat(words, 64)
	least, noLeast := strconv.ParseFloat(text(e, "min_value"), 64)
	most, noMost := strconv.ParseFloat(text(e, "max_value"), 64)
	switch {
	case err != nil:
		return "Please enter a number."
	case !truth(e, "is_decimal_allowed") && strings.Contains(words, "."):
		return "Please enter a whole number."
	case noLeast == nil && n < least:
		return "Please enter a number of at least " + text(e, "min_value") + "."
	case noMost == nil && n > most:
		return "Please enter a number of at most " + text(e, "max_value") + "."
	}
	return ""
}

func isEmail(words string) bool {
	address, err := mail.ParseAddress(words)
	return err == nil && address.Address == words
}

func isURL(words string) bool {
	u, err := url.Parse(words)
	return err == nil && u.Scheme != "" && u.Host != ""
}

func either0(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}
