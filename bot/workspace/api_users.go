package workspace

import (
	"strings"
	"time"
)

func (s *Server) usersInfo(a args) (object, error) {
	u := s.userByID(a.text("user"))
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return object{"user": s.userObject(u)}, nil
}

func (s *Server) usersList(a args) (object, error) {
	members := []object{}
	for _, u := range s.users {
		members = append(members, s.userObject(u))
	}
	page, next := paged(a, members, 999)
	return object{"members": page, "cache_ts": s.cfg.Now().Unix(), "response_metadata": next}, nil
}

func (s *Server) usersLookupByEmail(a args) (object, error) {
	for _, u := range s.users {
		if u.Email != "" && strings.EqualFold(u.Email, a.text("email")) && !u.Deleted {
			return object{"user": s.userObject(u)}, nil
		}
	}
	return nil, refuse("users_not_found")
}

func (s *Server) reactionsAdd(a args) (object, error) {
	m, err := s.reactable(a)
	if err != nil {
		return nil, err
	}
	if !m.react(a.text("name"), s.cfg.Bot.UserID) {
		return nil, refuse("already_reacted")
	}
	s.touch()
	return nil, nil
}

func (s *Server) reactionsRemove(a args) (object, error) {
	m, err := s.reactable(a)
	if err != nil {
		return nil, err
	}
	if !m.unreact(a.text("name"), s.cfg.Bot.UserID) {
		return nil, refuse("no_reaction")
	}
	s.touch()
	return nil, nil
}

func (s *Server) reactable(a args) (*message, error) {
	c := s.visibleToBot(a.text("channel"))
	switch {
	case c == nil:
		return nil, refuse("channel_not_found")
	case a.text("name") == "" || strings.ContainsAny(a.text("name"), " <>:"):
		return nil, refuse("invalid_name")
	case !s.botIn(c):
		return nil, refuse("not_in_channel")
	}
	m := find(c, a.text("timestamp"))
	if m == nil || m.only != "" {
		return nil, refuse("message_not_found")
	}
	return m, nil
}

func (s *Server) offset(zone string) int {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return 0
	}
	_, seconds := s.cfg.Now().In(location).Zone()
	return seconds
}
