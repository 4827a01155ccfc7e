package workspace

import (
	"encoding/json"
	"slices"
)

// view is a modal or a Home tab. What the bot asked for is replaced as a whole
// on every update.
type view struct {
	id       string
	owner    string
	root     string
	previous string
	hash     string
	asked    object // what the bot sent
	blocks   []any
	chosen   values
}

type trigger struct {
	user string
	made int64 // UnixNano of the workspace's clock
	used bool
}

const maxViewBytes = 250 * 1024

func (s *Server) newTrigger(userID string) string {
	id := s.nextID("") + "." + secret()
	s.triggers[id] = &trigger{user: userID, made: s.cfg.Now().UnixNano()}
	s.forgetTriggers()
	return id
}

// forgetTriggers keeps enough old ones to tell an expired trigger from one that
// never was.
func (s *Server) forgetTriggers() {
	const keep = 1000
	if len(s.triggers) <= keep {
		return
	}
	oldest := s.cfg.Now().Add(-responseURLLife).UnixNano()
	for id, t := range s.triggers {
		if t.used || t.made < oldest {
			delete(s.triggers, id)
		}
	}
}

func (s *Server) takeTrigger(id string) (*trigger, error) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case s.cfg.Now().UnixNano()-t.made > triggerLife.Nanoseconds():
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	return t, nil
}

func (s *Server) viewsOpen(a args) (object, error) {
	asked, err := s.readView(a, "modal", "")
	if err != nil {
		return nil, err
	}
	t, err := s.takeTrigger(a.text("trigger_id"))
	if err != nil {
		return nil, err
	}
	v := s.newView(asked, t.user)
	v.root = v.id
	s.stacks[t.user] = []*view{v}
	s.touch()
	return object{"view": s.viewObject(v)}, nil
}

func (s *Server) viewsPush(a args) (object, error) {
	asked, err := s.readView(a, "modal", "")
	if err != nil {
		return nil, err
	}
	t, err := s.takeTrigger(a.text("trigger_id"))
	if err != nil {
		return nil, err
	}
	v, err := s.push(t.user, asked)
	if err != nil {
		return nil, err
	}
	return object{"view": s.viewObject(v)}, nil
}

func (s *Server) push(userID string, asked object) (*view, error) {
	stack := s.stacks[userID]
	switch {
	case len(stack) == 0:
		return nil, refuse("not_found")
	case len(stack) >= maxViewDepth:
		return nil, refuse("push_limit_reached")
	}
	v := s.newView(asked, userID)
	v.root, v.previous = stack[0].id, stack[len(stack)-1].id
	s.stacks[userID] = append(slices.Clone(stack), v)
	s.touch()
	return v, nil
}

func (s *Server) viewsUpdate(a args) (object, error) {
	v := s.viewBy(a.text("view_id"), a.text("external_id"))
	if v == nil {
		return nil, refuse("not_found")
	}
	asked, err := s.readView(a, text(v.asked, "type"), v.id)
	if err != nil {
		return nil, err
	}
	if hash := a.text("hash"); hash != "" && hash != v.hash {
		return nil, refuse("hash_conflict")
	}
	s.replace(v, asked)
	return object{"view": s.viewObject(v)}, nil
}

func (s *Server) viewsPublish(a args) (object, error) {
	u := s.userByID(a.text("user_id"))
	if u == nil || u.dm == nil {
		return nil, refuse("user_not_found")
	}
	v := s.homes[u.ID]
	own := ""
	if v != nil {
		own = v.id
	}
	asked, err := s.readView(a, "home", own)
	if err != nil {
		return nil, err
	}
	if v == nil {
		v = s.newView(asked, u.ID)
		v.root = v.id
		s.homes[u.ID] = v
		s.touch()
		return object{"view": s.viewObject(v)}, nil
	}
	if hash := a.text("hash"); hash != "" && hash != v.hash {
		return nil, refuse("hash_conflict")
	}
	s.replace(v, asked)
	return object{"view": s.viewObject(v)}, nil
}

func (s *Server) newView(asked object, owner string) *view {
	v := &view{id: s.nextID("V"), owner: owner, asked: asked}
	v.blocks = s.complete(list(asked, "blocks"))
	v.hash = s.nextTS() + "." + secret()[:8]
	return v
}

// replace updates a view; what a person chose stays where the ids stay.
func (s *Server) replace(v *view, asked object) {
	v.asked = asked
	v.blocks = s.complete(list(asked, "blocks"))
	v.hash = s.nextTS() + "." + secret()[:8]
	s.touch()
}

// readView checks a view from the Web API. own is the id of the view it
// replaces, which may keep its external id.
func (s *Server) readView(a args, kind, own string) (object, error) {
	raw, readable := a.value("view")
	asked, isObject := raw.(object)
	if !readable || !isObject {
		return nil, refuse("invalid_arguments")
	}
	return asked, s.checkNewView(asked, kind, own)
}

func (s *Server) checkNewView(asked object, kind, own string) error {
	if size, err := json.Marshal(asked); err != nil || len(size) > maxViewBytes {
		return refuse("view_too_large")
	}
	if text(asked, "type") != kind {
		return invalid("invalid_arguments", []string{"must be a " + kind + " [json-pointer:/view/type]"})
	}
	if err := checkView(asked); err != nil {
		return err
	}
	if external := text(asked, "external_id"); external != "" {
		if other := s.viewBy("", external); other != nil && other.id != own {
			return refuse("duplicate_external_id")
		}
	}
	return nil
}

func (s *Server) viewBy(id, external string) *view {
	for _, v := range s.openViews() {
		if (id != "" && v.id == id) || (id == "" && external != "" && text(v.asked, "external_id") == external) {
			return v
		}
	}
	return nil
}

func (s *Server) openViews() []*view {
	var open []*view
	for _, stack := range s.stacks {
		open = append(open, stack...)
	}
	for _, home := range s.homes {
		open = append(open, home)
	}
	return open
}

// viewObject is a view as the Web API and payloads show it.
func (s *Server) viewObject(v *view) object {
	o := object{
		"id": v.id, "team_id": s.cfg.TeamID, "type": v.asked["type"], "blocks": v.blocks,
		"private_metadata": text(v.asked, "private_metadata"), "callback_id": text(v.asked, "callback_id"),
		"external_id": text(v.asked, "external_id"), "state": object{"values": v.chosen.all(v.blocks)},
		"hash": v.hash, "title": v.asked["title"], "close": v.asked["close"], "submit": v.asked["submit"],
		"clear_on_close": truth(v.asked, "clear_on_close"), "notify_on_close": truth(v.asked, "notify_on_close"),
		"submit_disabled": truth(v.asked, "submit_disabled"), "root_view_id": v.root, "previous_view_id": nil,
		"app_id": s.cfg.Bot.AppID, "app_installed_team_id": s.cfg.TeamID, "bot_id": s.cfg.Bot.BotID,
	}
	if v.previous != "" {
		o["previous_view_id"] = v.previous
	}
	if text(v.asked, "type") == "home" {
		o["title"] = object{"type": "plain_text", "text": "View Title", "emoji": true}
	}
	return o
}
