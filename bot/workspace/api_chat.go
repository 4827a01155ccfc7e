package workspace

import (
	"encoding/json"
	"unicode/utf8"
)

const (
	maxText         = 40000
	maxUpdateText   = 4000
	maxMarkdownText = 12000
	maxMetadata     = 16 * 1024
)

func (s *Server) chatPostMessage(a args) (object, error) {
	c, err := s.postable(a.text("channel"))
	if err != nil {
		return nil, err
	}
	m, err := s.compose(a)
	if err != nil {
		return nil, err
	}
	m.channel = c
	m.shared = truth(a.object, "reply_broadcast")
	if err := m.joinThread(a.text("thread_ts")); err != nil {
		return nil, err
	}
	s.post(m)
	s.tellMessage(m)
	return object{"channel": c.ID, "ts": m.ts, "message": s.wire(m, true)}, nil
}

func (s *Server) chatPostEphemeral(a args) (object, error) {
	c, err := s.postable(a.text("channel"))
	if err != nil {
		return nil, err
	}
	to := s.userByID(a.text("user"))
	if to == nil || !c.has(to.ID) {
		return nil, refuse("user_not_in_channel")
	}
	m, err := s.compose(a)
	if err != nil {
		return nil, err
	}
	m.channel, m.only = c, to.ID
	if err := m.joinThread(a.text("thread_ts")); err != nil {
		return nil, err
	}
	s.post(m)
	return object{"message_ts": m.ts}, nil
}

func (s *Server) chatUpdate(a args) (object, error) {
	m, err := s.ownMessage(a, "cant_update_message")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(a.text("text")) > maxUpdateText {
		return nil, refuse("msg_too_long")
	}
	fresh, err := s.compose(a)
	if err != nil {
		return nil, err
	}
	before := s.wire(m, true)
	if _, given := a.object["text"]; given || fresh.blocks != nil {
		m.text = fresh.text
	}
	if _, given := a.object["blocks"]; given {
		m.blocks = s.complete(fresh.blocks)
		m.chosen = nil
	}
	if _, given := a.object["attachments"]; given {
		m.attached = fresh.attached
	}
	if fresh.metadata != nil {
		m.metadata = fresh.metadata
	}
	s.change(m, s.cfg.Bot.UserID)
	s.tellChanged(m, before)
	return object{"channel": m.channel.ID, "ts": m.ts, "text": m.text, "message": s.wire(m, true)}, nil
}

func (s *Server) chatDelete(a args) (object, error) {
	m, err := s.ownMessage(a, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	before := s.wire(m, true)
	s.remove(m)
	s.tellDeleted(m, before)
	return object{"channel": m.channel.ID, "ts": m.ts}, nil
}

func (s *Server) chatGetPermalink(a args) (object, error) {
	c := s.visibleToBot(a.text("channel"))
	if c == nil {
		return nil, refuse("channel_not_found")
	}
	m := find(c, a.text("message_ts"))
	if m == nil || m.only != "" {
		return nil, refuse("message_not_found")
	}
	return object{"channel": c.ID, "permalink": s.permalink(m)}, nil
}

// postable is the conversation that the bot may post to. A private channel the
// bot is not in looks the same as one that does not exist.
func (s *Server) postable(id string) (*channel, error) {
	if u := s.userByID(id); u != nil {
		if u.dm == nil || u.Deleted {
			return nil, refuse("channel_not_found")
		}
		return u.dm, nil
	}
	c := s.visibleToBot(id)
	switch {
	case c == nil:
		return nil, refuse("channel_not_found")
	case c.Archived:
		return nil, refuse("is_archived")
	case !s.botIn(c) && !s.hasScope("chat:write.public"):
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

func (s *Server) visibleToBot(id string) *channel {
	c := s.channelByID(id)
	if c == nil || (c.Private && !s.botIn(c)) {
		return nil
	}
	return c
}

func (s *Server) ownMessage(a args, notMine string) (*message, error) {
	c := s.visibleToBot(a.text("channel"))
	if c == nil {
		return nil, refuse("channel_not_found")
	}
	m := find(c, a.text("ts"))
	if m == nil || m.only != "" || m.subtype == "tombstone" {
		return nil, refuse("message_not_found")
	}
	if !m.bot {
		return nil, refuse(notMine)
	}
	return m, nil
}

func (m *message) joinThread(ts string) error {
	if ts == "" {
		m.shared = false
		return nil
	}
	thread, found := root(m.channel, ts)
	if !found {
		return refuse("thread_not_found")
	}
	m.thread = thread
	if m.shared {
		m.subtype = "thread_broadcast"
	}
	return nil
}

// compose reads and checks what a message says. It is the same for posting,
// updating, response URLs and acks.
func (s *Server) compose(a args) (*message, error) {
	m := &message{author: s.cfg.Bot.UserID, bot: true, text: a.text("text")}
	if runes := []rune(m.text); len(runes) > maxText {
		m.text = string(runes[:maxText])
	}
	var err error
	if m.blocks, err = readBlocks(a); err != nil {
		return nil, err
	}
	if m.attached, err = readAttachments(a); err != nil {
		return nil, err
	}
	if m.metadata, err = readMetadata(a); err != nil {
		return nil, err
	}
	if words := a.text("markdown_text"); words != "" {
		if m.text != "" || len(m.blocks) > 0 {
			return nil, refuse("markdown_text_conflict")
		}
		if utf8.RuneCountInString(words) > maxMarkdownText {
			return nil, refuse("msg_too_long")
		}
		m.blocks = []any{object{"type": "markdown", "text": words}}
	}
	if m.text == "" && len(m.blocks) == 0 && len(m.attached) == 0 {
		return nil, refuse("no_text")
	}
	return m, nil
}

func readBlocks(a args) ([]any, error) {
	raw, readable := a.value("blocks")
	blocks, isList := raw.([]any)
	if !readable || (raw != nil && !isList) {
		return nil, refuse("invalid_blocks_format")
	}
	return blocks, checkMessage(blocks)
}

func readAttachments(a args) ([]any, error) {
	raw, readable := a.value("attachments")
	attached, isList := raw.([]any)
	switch {
	case !readable || (raw != nil && !isList):
		return nil, refuse("invalid_attachments")
	case len(attached) > 100:
		return nil, refuse("too_many_attachments")
	}
	return attached, nil
}

// readMetadata takes the empty object that Slack's Go library sends with every
// response URL for no metadata.
func readMetadata(a args) (object, error) {
	raw, readable := a.value("metadata")
	metadata, isObject := raw.(object)
	switch {
	case !readable || (raw != nil && !isObject):
		return nil, refuse("invalid_metadata_format")
	case raw == nil || (text(metadata, "event_type") == "" && metadata["event_payload"] == nil):
		return nil, nil
	case text(metadata, "event_type") == "":
		return nil, refuse("invalid_metadata_schema")
	}
	if _, isObject := metadata["event_payload"].(object); !isObject {
		return nil, refuse("invalid_metadata_schema")
	}
	if size, err := json.Marshal(metadata); err != nil || len(size) > maxMetadata {
		return nil, refuse("metadata_too_large")
	}
	return metadata, nil
}
