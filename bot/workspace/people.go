package workspace

import (
	"slices"
	"strings"
)

type user struct {
	User
	dm *channel // with the bot; nil for bots
}

type channel struct {
	Channel
	im       bool
	with     string // the person of a direct message
	messages []*message
}

func (c *channel) kind() string {
	switch {
	case c.im:
		return "im"
	case c.Private:
		return "group"
	}
	return "channel"
}

func (c *channel) has(userID string) bool { return slices.Contains(c.Members, userID) }

// AddUser adds a person, or replaces the one with the same id, in which case
// the bot is told with a user_change event.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID == "" {
		u.ID = idFrom("U", u.Name)
	}
	if known := s.userByID(u.ID); known != nil {
		u.TZ = either(u.TZ, known.TZ)
		known.User = u
		s.touch()
		s.tell(object{"type": "user_change", "user": s.userObject(known), "event_ts": s.nextTS()}, nil)
		return
	}
	s.addUser(u)
	s.touch()
}

// SetChannel adds a channel, or replaces the settings and members of the one
// with the same id or name; its messages stay.
func (s *Server) SetChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.channelByID(either(c.ID, idFrom("C", c.Name)))
	if known == nil {
		s.addChannel(c)
		s.touch()
		return
	}
	c.ID = known.ID
	c.Members = s.memberIDs(c.Members)
	known.Channel = c
	s.touch()
}

func (s *Server) addUser(u User) {
	u.ID = either(u.ID, idFrom("U", u.Name))
	u.TZ = either(u.TZ, "Etc/UTC")
	added := &user{User: u}
	s.users = append(s.users, added)
	if u.Bot {
		return
	}
	added.dm = &channel{im: true, with: u.ID, Channel: Channel{
		ID:      "D" + strings.TrimPrefix(u.ID, "U"),
		Private: true,
		Members: []string{u.ID, s.cfg.Bot.UserID},
	}}
	s.channels = append(s.channels, added.dm)
}

func (s *Server) addChannel(c Channel) {
	c.ID = either(c.ID, idFrom("C", c.Name))
	c.Members = s.memberIDs(c.Members)
	s.channels = append(s.channels, &channel{Channel: c})
}

func (s *Server) memberIDs(members []string) []string {
	ids := make([]string, 0, len(members))
	for _, m := range members {
		if u := s.person(m); u != nil && !slices.Contains(ids, u.ID) {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

func (s *Server) userByID(id string) *user {
	for _, u := range s.users {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// person finds somebody by id or handle.
func (s *Server) person(idOrHandle string) *user {
	if u := s.userByID(idOrHandle); u != nil {
		return u
	}
	for _, u := range s.users {
		if u.Name == strings.TrimPrefix(idOrHandle, "@") {
			return u
		}
	}
	return nil
}

func (s *Server) channelByID(id string) *channel {
	for _, c := range s.channels {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (s *Server) botIn(c *channel) bool { return c.has(s.cfg.Bot.UserID) }

// userObject is a user as users.info shows it.
func (s *Server) userObject(u *user) object {
	profile := object{
		"real_name": u.RealName, "real_name_normalized": u.RealName,
		"display_name": u.Name, "display_name_normalized": u.Name,
		"title": u.Title, "team": s.cfg.TeamID, "avatar_hash": "",
		"first_name": firstName(u.RealName), "last_name": lastName(u.RealName),
	}
	if u.Email != "" && s.hasScope("users:read.email") {
		profile["email"] = u.Email
	}
	if u.Bot {
		profile["bot_id"] = idFrom("B", u.Name)
	}
	if u.ID == s.cfg.Bot.UserID {
		profile["bot_id"], profile["api_app_id"] = s.cfg.Bot.BotID, s.cfg.Bot.AppID
	}
	o := object{
		"id": u.ID, "team_id": s.teamOf(u), "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"tz": u.TZ, "tz_label": u.TZ, "tz_offset": s.offset(u.TZ), "profile": profile, "updated": s.cfg.Now().Unix(),
		"is_admin": u.IsAdmin, "is_owner": false, "is_primary_owner": false, "is_bot": u.Bot, "is_app_user": false,
		"is_restricted": u.Restricted, "is_ultra_restricted": false,
		"is_email_confirmed": u.Email != "" && !u.EmailUnconfirmed,
	}
	if u.Stranger {
		o["is_stranger"] = true
	}
	return o
}

// teamOf is another team's id for people who come through Slack Connect.
func (s *Server) teamOf(u *user) string {
	if u != nil && u.Stranger {
		return "T0ELSEWHERE"
	}
	return s.cfg.TeamID
}

func firstName(real string) string {
	first, _, _ := strings.Cut(real, " ")
	return first
}

func lastName(real string) string {
	_, last, _ := strings.Cut(real, " ")
	return last
}

// channelObject is a conversation as conversations.info shows it.
func (s *Server) channelObject(c *channel) object {
	if c.im {
		return object{
			"id": c.ID, "is_im": true, "user": c.with, "is_org_shared": false, "is_archived": c.Archived,
			"is_user_deleted": s.userByID(c.with).Deleted, "is_open": true, "created": 1,
			"is_ext_shared": false, "is_shared": false, "is_private": true, "context_team_id": s.cfg.TeamID,
		}
	}
	return object{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "created": 1, "creator": s.cfg.Bot.UserID,
		"is_channel": !c.Private, "is_group": c.Private, "is_im": false, "is_mpim": false, "is_general": false,
		"is_private": c.Private, "is_archived": c.Archived, "is_member": s.botIn(c), "num_members": len(c.Members),
		"is_shared": c.ExtShared, "is_ext_shared": c.ExtShared, "is_org_shared": false,
		"is_pending_ext_shared": false, "pending_shared": []any{}, "unlinked": 0,
		"context_team_id": s.cfg.TeamID, "shared_team_ids": []any{s.cfg.TeamID},
		"topic":          object{"value": "", "creator": "", "last_set": 0},
		"purpose":        object{"value": "", "creator": "", "last_set": 0},
		"previous_names": []any{},
	}
}
