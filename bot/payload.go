package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"salesbot/bot/blocks"
	"salesbot/handlers"
)

// The kinds of things Slack sends, as the inbox calls them.
const (
	kindEvent   = "event"
	kindCommand = "command"
	kindAction  = "action"
)

// The envelopes' own names for them.
var kinds = map[string]string{
	"events_api":     kindEvent,
	"slash_commands": kindCommand,
	"interactive":    kindAction,
}

// envelope is one frame of the socket.
type envelope struct {
	socket  *socket
	id      string
	kind    string // as Slack names it
	payload json.RawMessage
	retry   int
}

// openEnvelope reads a frame without looking into its payload.
func openEnvelope(frame json.RawMessage) (envelope, error) {
	var e struct {
		Type       string          `json:"type"`
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
		Retry      int             `json:"retry_attempt"`
	}
	if err := json.Unmarshal(frame, &e); err != nil {
		return envelope{}, err
	}
	if e.EnvelopeID == "" {
		return envelope{}, errors.New("no envelope")
	}
	return envelope{id: e.EnvelopeID, kind: e.Type, payload: e.Payload, retry: e.Retry}, nil
}

// question is what somebody asks, as Slack sent it: the parts of a payload
// that matter here. Payloads are read directly, because the client's types
// refuse a whole message for one block they do not know.
type question struct {
	origin  handlers.Origin
	key     string // of the inbox row; made of Slack's ids
	user    string
	team    string // the asker's, where Slack says so
	channel string
	name    string // of the channel, where Slack says so
	thread  string
	ts      string // of the message that asks; empty: no message does
	command string
	text    string // as Slack escapes it
	reply   string // response URL
	trigger string // opens a form, for three seconds
	form    *submission
	shared  bool // the channel is shared with another company
	direct  bool // a conversation with the bot alone
	hidden  bool // pressed in a message that only the asker sees
	files   []sharedFile
	edited  bool // the message asked something else before
	deleted bool // the message is gone, and asks nothing any more
}

// errNotAsked says that a payload asks nothing. It is acknowledged and
// forgotten.
var errNotAsked = errors.New("nothing is asked")

// read finds the question in a payload of the given kind.
func read(kind string, payload json.RawMessage) (question, error) {
	switch kind {
	case kindEvent:
		return readEvent(payload)
	case kindCommand:
		return readCommand(payload)
	case kindAction:
		return readAction(payload)
	default:
		return question{}, errNotAsked
	}
}

// text is a JSON string; anything else in its place reads as empty. Slack puts
// objects where other events have ids.
type text string

// UnmarshalJSON is part of json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = text(s)
	}
	return nil
}

type eventPayload struct {
	EventID string `json:"event_id"`
	Shared  bool   `json:"is_ext_shared_channel"`
	Event   struct {
		Type        text `json:"type"`
		Subtype     text `json:"subtype"`
		Channel     text `json:"channel"`
		ChannelType text `json:"channel_type"`
		User        text `json:"user"`
		BotID       text `json:"bot_id"`
		Team        text `json:"team"`
		UserTeam    text `json:"user_team"`
		Text        text `json:"text"`
		TS          text `json:"ts"`
		ThreadTS    text `json:"thread_ts"`

		Files []sharedFile `json:"files"`

		// Of edits and deletions: the message as it is, and as it was.
		Message  *pastMessage `json:"message"`
		Previous *pastMessage `json:"previous_message"`
	} `json:"event"`
}

type pastMessage struct {
	User     text         `json:"user"`
	BotID    text         `json:"bot_id"`
	Team     text         `json:"team"`
	UserTeam text         `json:"user_team"`
	Text     text         `json:"text"`
	TS       text         `json:"ts"`
	ThreadTS text         `json:"thread_ts"`
	Files    []sharedFile `json:"files"`
}

// Messages of these subtypes are things a person said. All others (edits,
// joins, bots) ask nothing.
var spoken = []text{"", "file_share", "thread_broadcast"}

// slackbot is Slack's own user, whose messages carry no bot id.
const slackbot = "USLACKBOT"

func readEvent(payload json.RawMessage) (question, error) {
	var p eventPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return question{}, fmt.Errorf("reading an event: %w", err)
	}
	e := p.Event
	direct := e.ChannelType == "im" || e.ChannelType == "" && strings.HasPrefix(string(e.Channel), "D")
	if e.Type == "message" && direct && (e.Subtype == "message_changed" || e.Subtype == "message_deleted") {
		return readChanged(p)
	}
	switch {
	case e.Type != "app_mention" && e.Type != "message",
		e.Type == "message" && !direct, // a mention in it comes as app_mention too
		!slices.Contains(spoken, e.Subtype),
		e.BotID != "", e.User == "", e.User == slackbot, e.Channel == "",
		strings.TrimSpace(string(e.Text)) == "" && len(e.Files) == 0:
		return question{}, errNotAsked
	}
	q := question{
		origin: handlers.FromMention, key: eventKey(p),
		user: string(e.User), team: string(or(e.UserTeam, e.Team)),
		channel: string(e.Channel), thread: string(e.ThreadTS), ts: string(e.TS),
		text: string(e.Text), shared: p.Shared, direct: direct, files: e.Files,
	}
	if direct {
		q.origin = handlers.FromMessage
	}
	if direct && len(q.files) > 0 {
		q.thread = or(q.thread, q.ts) // what is said about files is said in a thread on them
	}
	return q, nil
}

// readChanged reads that somebody edited or deleted what they asked the bot in
// their direct messages. Slack says message_changed of much else: of links that
// unfold, of what the bot itself changes.
func readChanged(p eventPayload) (question, error) {
	e := p.Event
	was, is := e.Previous, e.Message
	deleted := e.Subtype == "message_deleted"
	if deleted {
		is = was
	}
	switch {
	case was == nil, is == nil, is.BotID != "", is.User == "", is.User == slackbot, e.Channel == "", is.TS == "", p.EventID == "",
		len(is.Files) > 0, // what was said about files is not said again
		!deleted && (is.Text == was.Text || strings.TrimSpace(string(is.Text)) == ""):
		return question{}, errNotAsked
	}
	return question{
		origin: handlers.FromMessage, key: "event:" + p.EventID,
		user: string(is.User), team: string(or(is.UserTeam, is.Team)), channel: string(e.Channel), thread: string(is.ThreadTS), ts: string(is.TS),
		text: string(is.Text), shared: p.Shared, direct: true, edited: !deleted, deleted: deleted,
	}, nil
}

// asked is the key of the message that asks, empty where none does.
func (q question) asked() string {
	if q.ts == "" {
		return ""
	}
	return messageKey(q.channel, q.ts)
}

func messageKey(channel, ts string) string { return "msg:" + channel + ":" + ts }

// eventKey is the message's own id: Slack may send one message as several
// events, each with an id of its own.
func eventKey(p eventPayload) string {
	if p.Event.TS == "" {
		return "event:" + p.EventID
	}
	return messageKey(string(p.Event.Channel), string(p.Event.TS))
}

func readCommand(payload json.RawMessage) (question, error) {
	var p struct {
		Command     string `json:"command"`
		Text        string `json:"text"`
		UserID      string `json:"user_id"`
		TeamID      string `json:"team_id"`
		ChannelID   string `json:"channel_id"`
		ChannelName string `json:"channel_name"`
		TriggerID   string `json:"trigger_id"`
		ResponseURL string `json:"response_url"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return question{}, fmt.Errorf("reading a command: %w", err)
	}
	if p.Command == "" || p.UserID == "" || p.ResponseURL == "" {
		return question{}, errNotAsked
	}
	q := question{
		origin: handlers.FromCommand, user: p.UserID, team: p.TeamID,
		channel: p.ChannelID, name: p.ChannelName,
		command: p.Command, text: p.Text, reply: p.ResponseURL, trigger: p.TriggerID,
	}
	if p.TriggerID != "" {
		q.key = "command:" + p.TriggerID
	}
	return q, nil
}

func readAction(payload json.RawMessage) (question, error) {
	var p struct {
		Type string `json:"type"`
		User struct {
			ID     string `json:"id"`
			TeamID string `json:"team_id"`
		} `json:"user"`
		Channel struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"channel"`
		Container struct {
			ChannelID   string `json:"channel_id"`
			ThreadTS    string `json:"thread_ts"`
			IsEphemeral bool   `json:"is_ephemeral"`
		} `json:"container"`
		Message struct {
			ThreadTS string `json:"thread_ts"`
		} `json:"message"`
		TriggerID   string `json:"trigger_id"`
		ResponseURL string `json:"response_url"`
		Actions     []struct {
			ActionID string `json:"action_id"`
			ActionTS string `json:"action_ts"`
			Value    string `json:"value"`
		} `json:"actions"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return question{}, fmt.Errorf("reading an interaction: %w", err)
	}
	if p.Type == "view_submission" {
		return readSubmission(payload)
	}
	if p.Type != "block_actions" || len(p.Actions) == 0 {
		return question{}, errNotAsked
	}
	pressed := p.Actions[0]
	if !strings.HasPrefix(pressed.ActionID, blocks.AskPrefix) || pressed.Value == "" || p.User.ID == "" {
		return question{}, errNotAsked
	}
	q := question{
		origin: handlers.FromButton, user: p.User.ID, team: p.User.TeamID,
		channel: or(p.Container.ChannelID, p.Channel.ID), name: p.Channel.Name,
		thread: or(p.Container.ThreadTS, p.Message.ThreadTS),
		text:   pressed.Value, reply: p.ResponseURL, hidden: p.Container.IsEphemeral, trigger: p.TriggerID,
	}
	q.direct = strings.HasPrefix(q.channel, "D") && !q.hidden
	if p.TriggerID != "" {
		q.key = "action:" + p.TriggerID
	}
	return q, nil
}

// conversation is the key of what follow-ups belong to. Answers are private,
// so each person has a conversation of their own, also in a common thread.
func (q question) conversation(team string) string {
	parts := []string{team, q.channel}
	if q.thread != "" {
		parts = append(parts, q.thread)
	}
	return strings.Join(append(parts, q.user), "/")
}

// around is the key of the conversation that the question's thread was opened
// in, empty outside threads.
func (q question) around(team string) string {
	if q.thread == "" {
		return ""
	}
	q.thread = ""
	return q.conversation(team)
}

// opens is the key of the conversation in a thread on the question itself,
// empty inside threads and where the question is no message.
func (q question) opens(team string) string {
	if q.thread != "" || q.ts == "" {
		return ""
	}
	q.thread = q.ts
	return q.conversation(team)
}
