package workspace

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// deed is one act of a person. It runs with the lock held and returns what to
// answer; where it reached the bot, the delivery is waited for without the
// lock, and last may add what only the ack decides.
type deed struct {
	answer   object
	delivery *delivery
	last     func(answer object)
}

var acts = map[string]func(*Server, []byte) (deed, error){
	"say":      say,
	"edit":     edit,
	"delete":   remove,
	"react":    react,
	"command":  command,
	"act":      act,
	"options":  suggest,
	"submit":   submit,
	"close":    closeView,
	"home":     openHome,
	"shortcut": shortcut,
	"invite":   invite,
	"leave":    leave,
	"fault":    addFault,
	"socket":   control,
	"reset":    reset,
}

var looks = map[string]func(*Server, context.Context, query) (object, error){
	"state": (*Server).simState,
	"see":   (*Server).simSee,
	"views": (*Server).simViews,
	"log":   (*Server).simLog,
}

func (s *Server) serveSim(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("act")
	do, isAct := acts[name]
	look, isLook := looks[name]
	var result object
	var err error
	switch {
	case r.Method == http.MethodPost && isAct:
		result, err = s.perform(r.Context(), do, http.MaxBytesReader(w, r.Body, largest(name)))
	case r.Method == http.MethodGet && isLook:
		s.mu.Lock()
		result, err = look(s, r.Context(), query{r.URL.Query()})
		s.mu.Unlock()
	case isAct || isLook:
		err = refuse("wrong_method")
	default:
		err = refuse("unknown_act")
	}
	status, body := answer(result, err)
	writeJSON(w, status, body)
}

// largest is how long the body of an act may be: what is said may have files
// with it, a third longer than they are.
func largest(act string) int64 {
	if act == "say" {
		return maxBody + maxFile/3*4
	}
	return maxBody
}

func (s *Server) perform(ctx context.Context, do func(*Server, []byte) (deed, error), from io.Reader) (object, error) {
	body, err := io.ReadAll(from)
	if err != nil {
		return nil, refuse("request_too_large")
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := do(s, body)
	if err != nil {
		return nil, err
	}
	if d.answer == nil {
		d.answer = object{}
	}
	if d.delivery != nil {
		if !s.waitFor(ctx, d.delivery) {
			return nil, refuse("interrupted") // the answer may still be written to by the ack
		}
		d.answer["delivery"] = d.delivery.view
	}
	if d.last != nil {
		d.last(d.answer)
	}
	d.answer["version"] = s.version
	return d.answer, nil
}

// waitFor lets go of the lock until the delivery has an outcome, which the
// ack deadline brings at the latest; false when the caller or the server went
// away before.
func (s *Server) waitFor(ctx context.Context, d *delivery) bool {
	s.mu.Unlock()
	defer s.mu.Lock()
	select {
	case <-d.done:
		return true
	case <-ctx.Done():
	case <-s.closed:
	}
	return false
}

// request reads the body of an act.
func request[T any](body []byte) (T, error) {
	var asked T
	if err := decodeKnown(body, &asked); err != nil {
		return asked, refuseWith("invalid_json", object{"detail": err.Error()})
	}
	return asked, nil
}

// actor is the person who acts.
func (s *Server) actor(as string) (*user, error) {
	u := s.person(as)
	switch {
	case as == "" || u == nil || u.dm == nil:
		return nil, refuse("user_not_found")
	case u.Deleted:
		return nil, refuse("user_deactivated")
	}
	return u, nil
}

// place is a conversation as a person names it, if they may look at it.
func (s *Server) place(u *user, name string) (*channel, error) {
	if name == "dm" {
		return u.dm, nil
	}
	plain := strings.TrimPrefix(name, "#")
	for _, c := range s.channels {
		if c.ID != name && (c.im || c.Name != plain) {
			continue
		}
		if !c.has(u.ID) && (c.Private || u.Restricted || u.Stranger) {
			return nil, refuse("not_in_channel")
		}
		return c, nil
	}
	return nil, refuse("channel_not_found")
}

// stage is who acts and where.
func (s *Server) stage(as, where string) (*user, *channel, error) {
	u, err := s.actor(as)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.place(u, where)
	if err != nil {
		return nil, nil, err
	}
	return u, c, nil
}

// writable is a stage on which the person may write.
func (s *Server) writable(as, where string) (*user, *channel, error) {
	u, c, err := s.stage(as, where)
	switch {
	case err != nil:
		return nil, nil, err
	case !c.has(u.ID):
		return nil, nil, refuse("not_in_channel")
	case c.Archived:
		return nil, nil, refuse("is_archived")
	}
	return u, c, nil
}

// visible is the message a person means, if they can see it.
func visible(u *user, c *channel, ts string) (*message, error) {
	m := find(c, ts)
	if m == nil || (m.only != "" && m.only != u.ID) {
		return nil, refuse("message_not_found")
	}
	return m, nil
}

func say(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		As       string `json:"as"`
		Channel  string `json:"channel"`
		Text     string `json:"text"`
		ThreadTS string `json:"thread_ts"`
		Files    []struct {
			Name    string `json:"name"`
			Content string `json:"content"`
			Base64  []byte `json:"base64"` // for what is no text
		} `json:"files"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	u, c, err := s.writable(asked.As, asked.Channel)
	if err != nil {
		return deed{}, err
	}
	if asked.Text == "" && len(asked.Files) == 0 {
		return deed{}, refuse("no_text")
	}
	m := &message{channel: c, author: u.ID, text: s.linked(asked.Text, false), clientID: uuid()}
	if m.text != "" {
		m.blocks = richText(m.text, s.nextID("b"))
	}
	for _, attached := range asked.Files {
		f := s.newFile(attached.Name, u.ID)
		f.content, f.uploaded, f.shared = attached.Base64, true, true
		if attached.Base64 == nil {
			f.content = []byte(attached.Content)
		}
		m.files, m.subtype = append(m.files, f), "file_share"
	}
	if err := m.joinThread(asked.ThreadTS); err != nil {
		return deed{}, err
	}
	s.post(m)
	return deed{answer: object{"channel": c.ID, "ts": m.ts}, delivery: s.tellMessage(m)}, nil
}

type pointer struct {
	As      string `json:"as"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Text    string `json:"text"`
	Name    string `json:"name"`
}

func (s *Server) pointed(body []byte) (pointer, *user, *message, error) {
	asked, err := request[pointer](body)
	if err != nil {
		return asked, nil, nil, err
	}
	u, c, err := s.stage(asked.As, asked.Channel)
	if err != nil {
		return asked, nil, nil, err
	}
	m, err := visible(u, c, asked.TS)
	return asked, u, m, err
}

func edit(s *Server, body []byte) (deed, error) {
	asked, u, m, err := s.pointed(body)
	switch {
	case err != nil:
		return deed{}, err
	case m.author != u.ID || m.subtype == "slash_command":
		return deed{}, refuse("cant_update_message")
	case asked.Text == "":
		return deed{}, refuse("no_text")
	}
	before := s.wire(m, true)
	m.text = s.linked(asked.Text, false)
	m.blocks = richText(m.text, s.nextID("b"))
	s.change(m, u.ID)
	return deed{delivery: s.tellChanged(m, before)}, nil
}

func remove(s *Server, body []byte) (deed, error) {
	_, u, m, err := s.pointed(body)
	if err != nil {
		return deed{}, err
	}
	if m.author != u.ID && m.only != u.ID {
		return deed{}, refuse("cant_delete_message")
	}
	before := s.wire(m, true)
	s.remove(m)
	if m.only != "" {
		return deed{}, nil // dismissed; Slack tells nobody
	}
	return deed{delivery: s.tellDeleted(m, before)}, nil
}

func react(s *Server, body []byte) (deed, error) {
	asked, u, m, err := s.pointed(body)
	switch {
	case err != nil:
		return deed{}, err
	case asked.Name == "" || m.only != "":
		return deed{}, refuse("invalid_name")
	case !m.channel.has(u.ID):
		return deed{}, refuse("not_in_channel")
	}
	if !m.unreact(asked.Name, u.ID) {
		m.react(asked.Name, u.ID)
	}
	s.touch()
	return deed{}, nil
}

func invite(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		As      string `json:"as"`
		Channel string `json:"channel"`
		User    string `json:"user"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	u, c, err := s.stage(asked.As, asked.Channel)
	if err != nil {
		return deed{}, err
	}
	who, inviter := u, ""
	if asked.User != "" {
		who, inviter = s.person(asked.User), u.ID
	}
	switch {
	case who == nil:
		return deed{}, refuse("user_not_found")
	case c.im:
		return deed{}, refuse("method_not_supported_for_channel_type")
	case who != u && !c.has(u.ID):
		return deed{}, refuse("not_in_channel")
	case c.has(who.ID):
		return deed{}, refuse("already_in_channel")
	}
	c.Members = append(slices.Clone(c.Members), who.ID)
	s.touch()
	if !s.botIn(c) {
		return deed{}, nil
	}
	return deed{delivery: s.tellJoined(c, who, inviter)}, nil
}

func leave(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		As      string `json:"as"`
		Channel string `json:"channel"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	u, c, err := s.writable(asked.As, asked.Channel)
	if err != nil {
		return deed{}, err
	}
	if c.im {
		return deed{}, refuse("method_not_supported_for_channel_type")
	}
	c.Members = slices.DeleteFunc(slices.Clone(c.Members), func(id string) bool { return id == u.ID })
	s.touch()
	return deed{}, nil
}

func addFault(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		fault
		Clear bool `json:"clear"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	if asked.Clear {
		s.faults = nil
		return deed{answer: object{"faults": []fault{}}}, nil
	}
	if asked.Method == "" {
		return deed{}, refuseWith("invalid_json", object{"detail": "method is missing"})
	}
	asked.Times = max(asked.Times, 1)
	s.faults = append(s.faults, &asked.fault)
	return deed{answer: object{"faults": s.faultList()}}, nil
}

// faultList is a copy: the faults themselves are used up while it is sent.
func (s *Server) faultList() []fault {
	shown := []fault{}
	for _, f := range s.faults {
		shown = append(shown, *f)
	}
	return shown
}

func control(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		Do string `json:"do"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	switch asked.Do {
	case "refresh":
		s.dismiss("refresh_requested")
	case "warning", "link_disabled":
		s.dismiss(asked.Do)
	case "drop":
		for _, c := range s.conns {
			c.leaving = true
			c.cut()
		}
	case "silent":
		for _, c := range s.conns {
			c.silent = true
		}
	case "retry":
		s.retryNow()
	default:
		return deed{}, refuse("unknown_act")
	}
	return deed{answer: object{"connections": len(s.conns)}}, nil
}

func (s *Server) dismiss(reason string) {
	for _, c := range s.conns {
		if !c.leaving {
			s.disconnect(c, reason)
		}
	}
}

func reset(s *Server, body []byte) (deed, error) {
	if _, err := request[struct{}](body); err != nil {
		return deed{}, err
	}
	for _, e := range s.pending {
		e.stopTimer()
		e.delivery.finish(object{"acked": false, "ms": time.Since(e.sent).Milliseconds(), "error": "reset"})
	}
	s.clear()
	s.touch()
	return deed{}, nil
}
