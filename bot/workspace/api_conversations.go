package workspace

import (
	"slices"
	"strings"
)

var (
	readScope    = map[string]string{"channel": "channels:read", "group": "groups:read", "im": "im:read"}
	historyScope = map[string]string{"channel": "channels:history", "group": "groups:history", "im": "im:history"}
)

// known is the conversation the bot may look at, given the scope for its kind.
func (s *Server) known(id string, scopes map[string]string) (*channel, error) {
	c := s.visibleToBot(id)
	if c == nil {
		return nil, refuse("channel_not_found")
	}
	return c, s.needs(scopes[c.kind()])
}

func (s *Server) conversationsInfo(a args) (object, error) {
	c, err := s.known(a.text("channel"), readScope)
	if err != nil {
		return nil, err
	}
	return object{"channel": s.channelObject(c)}, nil
}

func (s *Server) conversationsMembers(a args) (object, error) {
	c, err := s.known(a.text("channel"), readScope)
	if err != nil {
		return nil, err
	}
	page, next := paged(a, c.Members, 100)
	return object{"members": page, "response_metadata": next}, nil
}

func (s *Server) conversationsList(a args) (object, error) {
	return s.listed(a, func(c *channel) bool { return !c.Private || s.botIn(c) })
}

func (s *Server) usersConversations(a args) (object, error) {
	member := s.cfg.Bot.UserID
	if asked := a.text("user"); asked != "" {
		if s.userByID(asked) == nil {
			return nil, refuse("user_not_found")
		}
		member = asked
	}
	return s.listed(a, func(c *channel) bool { return c.has(member) && (!c.Private || s.botIn(c)) })
}

func (s *Server) listed(a args, shown func(*channel) bool) (object, error) {
	kinds := map[string]string{"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
	wanted := []string{}
	for name := range strings.SplitSeq(either(a.text("types"), "public_channel"), ",") {
		kind, known := kinds[strings.TrimSpace(name)]
		if !known {
			return nil, refuse("invalid_types")
		}
		wanted = append(wanted, kind)
	}
	found := []object{}
	for _, c := range s.channels {
		archived := c.Archived && truth(a.object, "exclude_archived")
		if slices.Contains(wanted, c.kind()) && shown(c) && !archived {
			found = append(found, s.channelObject(c))
		}
	}
	page, next := paged(a, found, 100)
	return object{"channels": page, "response_metadata": next}, nil
}

func (s *Server) conversationsOpen(a args) (object, error) {
	if c := s.channelByID(a.text("channel")); c != nil && c.im {
		return object{"channel": object{"id": c.ID}, "already_open": true, "no_op": true}, nil
	}
	if strings.Contains(a.text("users"), ",") {
		return nil, refuse("method_not_supported_for_channel_type") // no group messages here
	}
	u := s.userByID(a.text("users"))
	switch {
	case u == nil:
		return nil, refuse("user_not_found")
	case u.Deleted:
		return nil, refuse("user_disabled")
	case u.dm == nil:
		return nil, refuse("cannot_dm_bot")
	}
	opened := object{"id": u.dm.ID}
	if truth(a.object, "return_im") {
		opened = s.channelObject(u.dm)
	}
	return object{"channel": opened}, nil
}

func (s *Server) conversationsHistory(a args) (object, error) {
	c, err := s.readableHistory(a)
	if err != nil {
		return nil, err
	}
	var found []*message
	for _, m := range slices.Backward(c.messages) {
		if m.only == "" && (!m.isReply() || m.shared) && within(a, m.ts) {
			found = append(found, m)
		}
	}
	page, next := paged(a, found, 100)
	return s.messagePage(a, page, next), nil
}

func (s *Server) conversationsReplies(a args) (object, error) {
	c, err := s.readableHistory(a)
	if err != nil {
		return nil, err
	}
	ts, exists := root(c, a.text("ts"))
	if !exists {
		return nil, refuse("thread_not_found")
	}
	parent := find(c, ts)
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	found := []*message{parent}
	for _, m := range parent.replies() {
		if within(a, m.ts) {
			found = append(found, m)
		}
	}
	page, next := paged(a, found, 1000)
	return s.messagePage(a, page, next), nil
}

func (s *Server) readableHistory(a args) (*channel, error) {
	c, err := s.known(a.text("channel"), historyScope)
	if err != nil {
		return nil, err
	}
	if !s.botIn(c) {
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

// within compares timestamps as text: they all have the same form and length.
func within(a args, ts string) bool {
	oldest, latest := padTS(a.text("oldest")), padTS(a.text("latest"))
	if truth(a.object, "inclusive") {
		return (oldest == "" || ts >= oldest) && (latest == "" || ts <= latest)
	}
	return (oldest == "" || ts > oldest) && (latest == "" || ts < latest)
}

// padTS completes a boundary given as "0" or as whole seconds.
func padTS(ts string) string {
	if ts == "" {
		return ""
	}
	whole, part, _ := strings.Cut(ts, ".")
	return strings.Repeat("0", max(0, 10-len(whole))) + whole + "." + (part + "000000")[:6]
}

func (s *Server) messagePage(a args, page []*message, next object) object {
	shown := make([]object, 0, len(page))
	for _, m := range page {
		shown = append(shown, s.wire(m, truth(a.object, "include_all_metadata")))
	}
	result := object{"messages": shown, "has_more": next["next_cursor"] != "", "pin_count": 0}
	if next["next_cursor"] != "" {
		result["response_metadata"] = next
	}
	return result
}
