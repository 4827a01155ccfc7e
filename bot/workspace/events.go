package workspace

import (
	"regexp"
	"strings"
)

// eventScopes are the scopes an event needs; without one it is never sent.
var eventScopes = map[string]string{
	"app_mention": "app_mentions:read",
	"message":     "im:history",
	"user_change": "users:read",
}

// tell sends an event to the bot. where is the conversation it is about, if
// any.
func (s *Server) tell(event object, where *channel) *delivery {
	kind := text(event, "type")
	if scope := eventScopes[kind]; scope != "" && !s.hasScope(scope) {
		return nil
	}
	payload := object{
		"token": "local", "team_id": s.cfg.TeamID, "api_app_id": s.cfg.Bot.AppID, "event": event,
		"type": "event_callback", "event_time": s.cfg.Now().Unix(),
		"authorizations": []any{object{
			"enterprise_id": nil, "team_id": s.cfg.TeamID, "user_id": s.cfg.Bot.UserID,
			"is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": where != nil && where.ExtShared,
	}
	if where != nil {
		payload["event_context"] = "1-" + kind + "-" + s.cfg.TeamID + "-" + where.ID
	}
	f := s.takeFault("events_api", "")
	first := s.event(payload, f.lost(lostAck))
	if f.lost(duplicated) {
		s.event(payload, false)
	}
	return first
}

func (s *Server) event(payload object, deaf bool) *delivery {
	own := object{"event_id": s.nextID("Ev")}
	for key, value := range payload {
		own[key] = value
	}
	return s.dispatch(&envelope{kind: "events_api", payload: own, eventID: text(own, "event_id"), deaf: deaf})
}

// tellMessage sends what Slack sends about a new message to an app that is
// subscribed to message.im and app_mention: everything in a direct message with
// it, its own words included, and what mentions it in channels it is in.
func (s *Server) tellMessage(m *message) *delivery {
	switch {
	case m.only != "":
		return nil
	case m.channel.im:
		event := s.wire(m, true)
		event["channel"], event["channel_type"], event["event_ts"] = m.channel.ID, "im", m.ts
		return s.tell(event, m.channel)
	case s.mentioned(m):
		return s.tell(s.mention(m), m.channel)
	}
	return nil
}

// mentioned says whether somebody called the bot where it can hear it.
func (s *Server) mentioned(m *message) bool {
	return !m.bot && s.botIn(m.channel) && callsBot(m.text, s.cfg.Bot.UserID)
}

func callsBot(words, botID string) bool {
	return strings.Contains(words, "<@"+botID+">") || strings.Contains(words, "<@"+botID+"|")
}

func (s *Server) mention(m *message) object {
	event := s.wire(m, true)
	event["type"] = "app_mention"
	event["channel"], event["event_ts"] = m.channel.ID, m.ts
	return event
}

// tellChanged sends what follows an edit: message_changed in a direct message;
// in a channel, a mention that was not there before.
func (s *Server) tellChanged(m *message, before object) *delivery {
	if !m.channel.im {
		if s.mentioned(m) && !callsBot(text(before, "text"), s.cfg.Bot.UserID) {
			return s.tell(s.mention(m), m.channel)
		}
		return nil
	}
	ts := s.nextTS()
	return s.tell(object{
		"type": "message", "subtype": "message_changed", "message": s.wire(m, true), "previous_message": before,
		"channel": m.channel.ID, "hidden": true, "ts": ts, "event_ts": ts, "channel_type": "im",
	}, m.channel)
}

func (s *Server) tellDeleted(m *message, before object) *delivery {
	if !m.channel.im {
		return nil
	}
	ts := s.nextTS()
	return s.tell(object{
		"type": "message", "subtype": "message_deleted", "previous_message": before, "deleted_ts": m.ts,
		"channel": m.channel.ID, "hidden": true, "ts": ts, "event_ts": ts, "channel_type": "im",
	}, m.channel)
}

func (s *Server) tellJoined(c *channel, who *user, inviter string) *delivery {
	event := object{
		"type": "member_joined_channel", "user": who.ID, "channel": c.ID, "channel_type": c.ID[:1],
		"team": s.teamOf(who), "event_ts": s.nextTS(),
	}
	put(event, "inviter", inviter)
	return s.tell(event, c)
}

func (s *Server) tellHomeOpened(u *user, tab string) *delivery {
	event := object{
		"type": "app_home_opened", "user": u.ID, "channel": u.dm.ID, "tab": tab, "event_ts": s.nextTS(),
	}
	if home := s.homes[u.ID]; home != nil && tab == "home" {
		event["view"] = s.viewObject(home)
	}
	return s.tell(event, u.dm)
}

var (
	spoken  = regexp.MustCompile(`<([@#!]?)([^>|]+)(?:\|([^>]*))?>`)
	handles = regexp.MustCompile(`(^|[\s(])@([A-Za-z0-9._-]*[A-Za-z0-9])`)
)

// linked turns @handle into a mention, as the composer of a Slack client does.
// labelled is the form of slash commands, <@U0ANA|ana>.
func (s *Server) linked(words string, labelled bool) string {
	return handles.ReplaceAllStringFunc(words, func(found string) string {
		before, handle, _ := strings.Cut(found, "@")
		u := s.person(handle)
		switch {
		case u == nil:
			return found
		case labelled:
			return before + "<@" + u.ID + "|" + u.Name + ">"
		}
		return before + "<@" + u.ID + ">"
	})
}

// richText is the rich_text block that a client makes of what a person types.
func richText(words, blockID string) []any {
	elements := []any{}
	say := func(plain string) {
		if plain != "" {
			elements = append(elements, object{"type": "text", "text": unescape(plain)})
		}
	}
	at := 0
	for _, found := range spoken.FindAllStringSubmatchIndex(words, -1) {
		say(words[at:found[0]])
		label := ""
		if found[6] >= 0 {
			label = words[found[6]:found[7]]
		}
		elements = append(elements, richElement(words[found[2]:found[3]], words[found[4]:found[5]], label))
		at = found[1]
	}
	say(words[at:])
	section := object{"type": "rich_text_section", "elements": elements}
	return []any{object{"type": "rich_text", "block_id": blockID, "elements": []any{section}}}
}

func richElement(mark, target, label string) object {
	switch mark {
	case "@":
		return object{"type": "user", "user_id": target}
	case "#":
		return object{"type": "channel", "channel_id": target}
	case "!":
		return object{"type": "broadcast", "range": target}
	}
	link := object{"type": "link", "url": target}
	put(link, "text", label)
	return link
}

func unescape(words string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(words)
}
