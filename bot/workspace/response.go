package workspace

import (
	"net/http"
	"time"
)

// hook is a response URL: the right to answer a few times where somebody acted.
type hook struct {
	made    time.Time
	uses    int
	user    string
	channel *channel
	source  string // the message that was acted on, if any
}

// newHook answers the URL of a new hook.
func (s *Server) newHook(userID string, c *channel, source string) string {
	for id, h := range s.hooks {
		if s.cfg.Now().Sub(h.made) > 2*responseURLLife {
			delete(s.hooks, id)
		}
	}
	id := secret()
	s.hooks[id] = &hook{made: s.cfg.Now(), user: userID, channel: c, source: source}
	return s.base + "/response/" + id
}

func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	a := args{object{}}
	err := readJSONArgs(r, a)

	s.mu.Lock()
	h := s.hooks[r.PathValue("id")]
	where := ""
	if h != nil {
		where = h.channel.ID
	}
	f := s.takeFault("response_url", where)
	s.mu.Unlock()
	f.delay(r.Context())

	s.mu.Lock()
	status, body := 0, object(nil)
	switch {
	case f.lost(lostRequest):
	case f.fails():
		status, body = f.answer(w)
	case err != nil:
		status, body = answer(nil, badRequest(err))
	default:
		status, body = answer(nil, s.respond(h, a))
	}
	s.record(object{
		"kind": "api", "method": "response_url", "params": a.readable(), "status": status, "result": body,
		"ms": time.Since(started).Milliseconds(), "fault": f != nil, "channel": where,
	})
	s.mu.Unlock()
	f.reply(w, status, body)
}

// respond does what the bot asked of a response URL. Failures have an HTTP
// status of their own here, unlike those of the Web API.
func (s *Server) respond(h *hook, a args) error {
	switch {
	case h == nil:
		return &refusal{code: "invalid_url", status: http.StatusNotFound}
	case s.cfg.Now().Sub(h.made) > responseURLLife:
		return &refusal{code: "expired_url", status: http.StatusNotFound}
	case h.uses >= responseURLUses:
		return &refusal{code: "used_url", status: http.StatusNotFound}
	}
	if err := s.reply(h.user, h.channel, h.source, a); err != nil {
		return badRequest(err)
	}
	h.uses++
	return nil
}

func badRequest(err error) error {
	_, body := answer(nil, err)
	code := text(body, "error")
	delete(body, "ok")
	delete(body, "error")
	return &refusal{code: code, status: http.StatusBadRequest, more: body}
}

// reply is what a response URL and the ack of a command have in common: the
// words of the bot, for one person unless it says otherwise, new or in place
// of the message that was acted on.
func (s *Server) reply(userID string, c *channel, source string, a args) error {
	original := find(c, source)
	if truth(a.object, "delete_original") {
		if original != nil {
			s.removeAndTell(original)
		}
		return nil
	}
	m, err := s.compose(a)
	if err != nil {
		return err
	}
	if truth(a.object, "replace_original") && original != nil && original.bot {
		s.overwrite(original, m)
		return nil
	}
	m.channel = c
	if a.text("response_type") != "in_channel" {
		m.only = userID
	}
	if err := m.joinThread(a.text("thread_ts")); err != nil {
		return err
	}
	s.post(m)
	s.tellMessage(m)
	return nil
}

func (s *Server) removeAndTell(m *message) {
	before := s.wire(m, true)
	s.remove(m)
	if m.only == "" {
		s.tellDeleted(m, before)
	}
}

// overwrite keeps the place, and who sees it: an ephemeral message cannot
// become public this way.
func (s *Server) overwrite(original, fresh *message) {
	before := s.wire(original, true)
	original.text, original.blocks, original.attached = fresh.text, s.complete(fresh.blocks), fresh.attached
	original.chosen = nil
	if fresh.metadata != nil {
		original.metadata = fresh.metadata
	}
	if original.only != "" {
		s.touch()
		return
	}
	s.change(original, s.cfg.Bot.UserID)
	s.tellChanged(original, before)
}
