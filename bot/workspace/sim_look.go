package workspace

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

const maxWait = 30 * time.Second

type query struct{ url.Values }

func (q query) number(key string) int {
	n, _ := strconv.Atoi(q.Get(key))
	return n
}

func (q query) wait() time.Duration {
	return min(time.Duration(q.number("wait"))*time.Millisecond, maxWait)
}

// awaitVersion holds an answer until something changed after the version the
// caller knows.
func (s *Server) awaitVersion(ctx context.Context, q query) {
	if q.Get("after") == "" {
		return
	}
	known := q.number("after")
	s.await(ctx, q.wait(), func() bool { return s.version > known })
}

func (s *Server) simState(ctx context.Context, q query) (object, error) {
	s.awaitVersion(ctx, q)
	users, channels := []object{}, []object{}
	for _, u := range s.users {
		users = append(users, s.simUser(u))
	}
	for _, c := range s.channels {
		channels = append(channels, simChannel(c))
	}
	return object{
		"version": s.version,
		"team":    object{"id": s.cfg.TeamID, "name": s.cfg.Team, "domain": s.domain()},
		"bot": object{
			"user_id": s.cfg.Bot.UserID, "bot_id": s.cfg.Bot.BotID, "app_id": s.cfg.Bot.AppID, "name": s.cfg.Bot.Name,
			"home": !s.cfg.NoHome,
		},
		"users": users, "channels": channels,
		"commands": append([]Command{}, s.cfg.Commands...), "suggestions": append([]string{}, s.cfg.Suggestions...),
		"connections": len(s.conns), "faults": s.faultList(), "waiting": s.waiting(),
	}, nil
}

func (s *Server) simUser(u *user) object {
	o := object{
		"id": u.ID, "name": u.Name, "real_name": u.RealName, "email": u.Email, "title": u.Title, "tz": u.TZ,
		"is_admin": u.IsAdmin, "is_restricted": u.Restricted, "is_stranger": u.Stranger, "is_bot": u.Bot,
		"deleted": u.Deleted, "is_email_confirmed": u.Email != "" && !u.EmailUnconfirmed,
	}
	if u.dm != nil {
		o["dm"] = u.dm.ID
	}
	return o
}

func simChannel(c *channel) object {
	o := object{
		"id": c.ID, "name": c.Name, "is_im": c.im, "is_private": c.Private, "is_ext_shared": c.ExtShared,
		"is_archived": c.Archived, "members": c.Members,
	}
	put(o, "user", c.with)
	return o
}

func (s *Server) simSee(ctx context.Context, q query) (object, error) {
	if _, _, err := s.stage(q.Get("as"), q.Get("channel")); err != nil {
		return nil, err
	}
	s.awaitVersion(ctx, q)
	u, c, err := s.stage(q.Get("as"), q.Get("channel")) // a membership may have ended meanwhile
	if err != nil {
		return nil, err
	}
	messages := []object{}
	for _, m := range c.messages {
		if sees(u, m) && inView(m, q.Get("thread_ts")) {
			messages = append(messages, s.simMessage(u, m))
		}
	}
	return object{"version": s.version, "channel": c.ID, "messages": messages}, nil
}

func sees(u *user, m *message) bool { return m.only == "" || m.only == u.ID }

// inView says whether a message stands in a thread, or in the channel when no
// thread is asked for.
func inView(m *message, thread string) bool {
	if thread == "" {
		return !m.isReply() || m.shared
	}
	return m.ts == thread || m.thread == thread
}

func (s *Server) simMessage(u *user, m *message) object {
	o := object{
		"ts": m.ts, "channel": m.channel.ID, "user": m.author, "name": s.nameOf(m.author), "bot": m.bot,
		"text": m.text, "ephemeral": m.only != "", "blocks": m.blocks,
	}
	if m.blocks == nil {
		o["blocks"] = []any{}
	}
	if len(m.attached) > 0 {
		o["attachments"] = m.attached
	}
	put(o, "subtype", m.subtype)
	put(o, "thread_ts", m.thread)
	addThread(o, m)
	if m.subtype == "tombstone" {
		o["deleted"] = true
	}
	if m.edited != nil {
		o["edited"] = m.edited
	}
	if len(m.marks) > 0 {
		o["reactions"] = reactions(m)
	}
	if m.metadata != nil {
		o["metadata"] = m.metadata
	}
	if len(m.files) > 0 {
		o["files"] = s.simFiles(m.files)
	}
	if chosen := m.chosen[u.ID]; chosen != nil {
		o["state"] = chosen
	}
	return o
}

// simFiles gives addresses without a host: the page is served from here.
func (s *Server) simFiles(files []*file) []object {
	shown := []object{}
	for _, f := range files {
		shown = append(shown, object{
			"id": f.id, "name": f.name, "title": f.title, "mimetype": f.mimetype, "size": len(f.content),
			"url_private": "/files/" + f.id + "/" + url.PathEscape(f.name),
		})
	}
	return shown
}

func (s *Server) nameOf(id string) string {
	if id == slackbotID {
		return "Slackbot"
	}
	if u := s.userByID(id); u != nil {
		return u.Name
	}
	return id
}

func (s *Server) simViews(ctx context.Context, q query) (object, error) {
	u, err := s.actor(q.Get("as"))
	if err != nil {
		return nil, err
	}
	s.awaitVersion(ctx, q)
	stack := []object{}
	for _, v := range s.stacks[u.ID] {
		stack = append(stack, s.viewObject(v))
	}
	return object{"version": s.version, "stack": stack, "home": s.home(u)}, nil
}

// home is a person's Home tab, nil before the bot published one.
func (s *Server) home(u *user) any {
	if v := s.homes[u.ID]; v != nil {
		return s.viewObject(v)
	}
	return nil
}

func (s *Server) simLog(ctx context.Context, q query) (object, error) {
	after := q.number("after")
	s.await(ctx, q.wait(), func() bool { return s.log.last > after })
	return object{"last": s.log.last, "entries": s.log.after(after)}, nil
}
