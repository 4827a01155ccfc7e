package workspace

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

type message struct {
	ts       string
	channel  *channel
	author   string // a user id
	bot      bool   // said by the app
	text     string
	blocks   []any
	attached []any
	metadata object
	subtype  string
	thread   string // the root's ts, also for the root itself once it has replies
	shared   bool   // a reply that was broadcast to the channel
	only     string // the one person who sees it, when ephemeral
	clientID string // client_msg_id, for what people say
	edited   object
	marks    []reaction
	files    []*file
	chosen   map[string]values // what each person chose in the message's elements
}

type reaction struct {
	name  string
	users []string
}

// post puts a message into its channel. The caller has checked everything.
func (s *Server) post(m *message) {
	m.ts = s.nextTS()
	m.blocks = s.complete(m.blocks)
	if m.thread != "" && m.only == "" {
		if root := find(m.channel, m.thread); root != nil {
			root.thread = root.ts
		}
	}
	m.channel.messages = append(m.channel.messages, m)
	s.touch()
}

func find(c *channel, ts string) *message {
	for _, m := range c.messages {
		if m.ts == ts {
			return m
		}
	}
	return nil
}

// root answers the timestamp of the thread that ts belongs to; a reply's ts
// leads to its root.
func root(c *channel, ts string) (string, bool) {
	m := find(c, ts)
	if m == nil {
		return "", false
	}
	return either(m.thread, m.ts), true
}

func (m *message) isReply() bool { return m.thread != "" && m.thread != m.ts }

func (m *message) replies() []*message {
	var found []*message
	for _, other := range m.channel.messages {
		if other.thread == m.ts && other != m && other.only == "" {
			found = append(found, other)
		}
	}
	return found
}

// remove deletes a message; a root that has replies leaves a tombstone.
func (s *Server) remove(m *message) {
	s.touch()
	if len(m.replies()) > 0 {
		m.text, m.blocks, m.attached, m.files, m.metadata = "This message was deleted.", nil, nil, nil, nil
		m.subtype, m.author, m.bot = "tombstone", slackbotID, false
		return
	}
	m.channel.messages = slices.DeleteFunc(m.channel.messages, func(other *message) bool { return other == m })
	if !m.isReply() {
		return
	}
	if parent := find(m.channel, m.thread); parent != nil && len(parent.replies()) == 0 {
		parent.thread = ""
	}
}

func (s *Server) change(m *message, by string) {
	m.edited = object{"user": by, "ts": seconds(s.cfg.Now())}
	s.touch()
}

func seconds(t time.Time) string {
	return strconv.FormatInt(t.Unix(), 10) + ".000000"
}

// slackbotSays is how Slack tells one person that something went wrong.
func (s *Server) slackbotSays(c *channel, to, words string) {
	s.post(&message{channel: c, author: slackbotID, bot: true, text: words, only: to})
}

// wire is a message as the Web API and events show it. Metadata is shown whole
// only to those who ask for it.
func (s *Server) wire(m *message, allMetadata bool) object {
	o := object{"type": "message", "user": m.author, "text": m.text, "ts": m.ts, "team": s.cfg.TeamID}
	if u := s.userByID(m.author); u != nil {
		o["team"] = s.teamOf(u)
	}
	if m.bot {
		o["bot_id"], o["app_id"], o["bot_profile"] = s.cfg.Bot.BotID, s.cfg.Bot.AppID, s.botProfile()
	}
	put(o, "client_msg_id", m.clientID)
	put(o, "subtype", m.subtype)
	if m.blocks != nil {
		o["blocks"] = m.blocks
	}
	if m.attached != nil {
		o["attachments"] = m.attached
	}
	if m.edited != nil {
		o["edited"] = m.edited
	}
	if len(m.marks) > 0 {
		o["reactions"] = reactions(m)
	}
	if len(m.files) > 0 {
		o["files"], o["upload"], o["display_as_bot"] = s.fileObjects(m.files), false, false
	}
	if m.metadata != nil {
		o["metadata"] = object{"event_type": m.metadata["event_type"]}
		if allMetadata {
			o["metadata"] = m.metadata
		}
	}
	s.wireThread(o, m)
	return o
}

func (s *Server) wireThread(o object, m *message) {
	if m.thread == "" {
		return
	}
	o["thread_ts"] = m.thread
	if m.isReply() {
		if parent := find(m.channel, m.thread); parent != nil {
			o["parent_user_id"] = parent.author
		}
		return
	}
	addThread(o, m)
	o["is_locked"], o["subscribed"] = false, false
}

func addThread(o object, m *message) {
	if m.thread != m.ts {
		return
	}
	replies := m.replies()
	if len(replies) == 0 {
		return
	}
	users := []string{}
	for _, r := range replies {
		if !slices.Contains(users, r.author) {
			users = append(users, r.author)
		}
	}
	o["thread_ts"] = m.ts
	o["reply_count"], o["reply_users"], o["reply_users_count"] = len(replies), users, len(users)
	o["latest_reply"] = replies[len(replies)-1].ts
}

func reactions(m *message) []any {
	shown := []any{}
	for _, r := range m.marks {
		shown = append(shown, object{"name": r.name, "users": slices.Clone(r.users), "count": len(r.users)})
	}
	return shown
}

// react adds one person's reaction; false when it was there already.
func (m *message) react(name, userID string) bool {
	for i := range m.marks {
		if m.marks[i].name != name {
			continue
		}
		if slices.Contains(m.marks[i].users, userID) {
			return false
		}
		m.marks[i].users = append(m.marks[i].users, userID)
		return true
	}
	m.marks = append(m.marks, reaction{name: name, users: []string{userID}})
	return true
}

// unreact takes one person's reaction away; false when there was none.
func (m *message) unreact(name, userID string) bool {
	for i := range m.marks {
		at := slices.Index(m.marks[i].users, userID)
		if m.marks[i].name != name || at < 0 {
			continue
		}
		m.marks[i].users = slices.Delete(m.marks[i].users, at, at+1)
		if len(m.marks[i].users) == 0 {
			m.marks = slices.Delete(m.marks, i, i+1)
		}
		return true
	}
	return false
}

func (s *Server) botProfile() object {
	return object{
		"id": s.cfg.Bot.BotID, "app_id": s.cfg.Bot.AppID, "name": s.cfg.Bot.Name,
		"icons": object{}, "deleted": false, "updated": 1, "team_id": s.cfg.TeamID,
	}
}

func (s *Server) permalink(m *message) string {
	link := "https://" + s.domain() + ".slack.com/archives/" + m.channel.ID + "/p" + strings.ReplaceAll(m.ts, ".", "")
	if m.isReply() {
		link += "?thread_ts=" + m.thread + "&cid=" + m.channel.ID
	}
	return link
}

func put(o object, key, value string) {
	if value != "" {
		o[key] = value
	}
}
