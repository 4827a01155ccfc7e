package workspace

import (
	"log/slog"
	"time"
)

// envelope is something the bot has to ack.
type envelope struct {
	id       string
	kind     string // events_api, slash_commands or interactive
	payload  object
	accepts  bool // whether an ack may carry a payload
	eventID  string
	attempt  int
	reason   string // why it is sent again
	sent     time.Time
	onAck    func(payload object) string // applies the ack's payload; answers what was wrong with it
	delivery *delivery
	timer    *time.Timer
	deaf     bool // a fault: the next ack is not heard
	late     bool // given up: an ack comes too late
}

func (e *envelope) stopTimer() {
	if e.timer != nil {
		e.timer.Stop()
	}
}

// delivery is what the person who acted learns about it.
type delivery struct {
	done chan struct{} // closed when the rest is final
	view object
}

func (d *delivery) finish(view object) {
	select {
	case <-d.done: // an event's later attempts do not change what was said
	default:
		d.view = view
		close(d.done)
	}
}

const lateKept = 100

// dispatch sends an envelope for the first time. It is called with the lock
// held and does not wait; the delivery it returns says when there is an outcome.
func (s *Server) dispatch(e *envelope) *delivery {
	e.id = uuid()
	e.delivery = &delivery{done: make(chan struct{})}
	s.attempt(e)
	return e.delivery
}

// attempt sends an envelope to one connection. Without one, an event waits for
// its next attempt and everything else has failed.
func (s *Server) attempt(e *envelope) {
	c := s.pick()
	if c == nil {
		e.delivery.finish(object{"acked": false, "ms": 0, "error": "dispatch_failed"})
		s.retryLater(e, "dispatch_failed")
		return
	}
	s.pending[e.id] = e
	e.sent = time.Now()
	frame := object{"type": e.kind, "envelope_id": e.id, "payload": e.payload, "accepts_response_payload": e.accepts}
	entry := object{"kind": "envelope", "type": e.kind, "envelope_id": e.id, "connection": c.number, "payload": e.payload}
	if e.eventID != "" {
		frame["retry_attempt"], frame["retry_reason"] = e.attempt, e.reason
		entry["event_id"], entry["retry_attempt"], entry["retry_reason"] = e.eventID, e.attempt, e.reason
	}
	s.record(entry)
	c.send(frame)
	attempt := e.attempt
	e.timer = time.AfterFunc(s.cfg.AckDeadline, func() { s.missed(e, attempt) })
}

// missed is called when the ack deadline of an attempt is over.
func (s *Server) missed(e *envelope, attempt int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.current(e, attempt) {
		return
	}
	e.delivery.finish(object{
		"acked": false, "ms": s.cfg.AckDeadline.Milliseconds(), "envelope_id": e.id, "error": "operation_timeout",
	})
	s.retryLater(e, "timeout")
}

// retryLater plans an event's next attempt. Commands and interactions have
// none: they are only remembered, to tell a late ack from a wrong one.
func (s *Server) retryLater(e *envelope, reason string) {
	if e.eventID == "" || e.attempt >= len(s.cfg.RetryDelays) {
		s.giveUp(e, reason)
		return
	}
	s.pending[e.id] = e
	delay := s.cfg.RetryDelays[e.attempt]
	e.reason = "timeout"
	e.attempt++
	attempt := e.attempt
	e.timer = time.AfterFunc(delay, func() { s.retry(e, attempt) })
}

func (s *Server) retry(e *envelope, attempt int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current(e, attempt) {
		s.attempt(e)
	}
}

// current says whether a timer still has something to do: nothing came in
// between, neither an ack nor the end of the workspace.
func (s *Server) current(e *envelope, attempt int) bool {
	return !s.isClosed() && s.pending[e.id] == e && !e.late && e.attempt == attempt
}

func (s *Server) giveUp(e *envelope, reason string) {
	s.record(object{
		"kind": "undelivered", "type": e.kind, "envelope_id": e.id, "event_id": e.eventID,
		"reason": reason, "payload": e.payload,
	})
	s.cfg.Logger.Warn("the bot did not take an envelope",
		slog.String("type", e.kind), slog.String("envelope_id", e.id), slog.String("reason", reason))
	e.late = true
	s.pending[e.id] = e
	s.forgetLate()
}

// forgetLate keeps the memory of given-up envelopes small.
func (s *Server) forgetLate() {
	late := 0
	for _, e := range s.pending {
		if e.late {
			late++
		}
	}
	for id, e := range s.pending {
		if e.late && late > lateKept {
			delete(s.pending, id)
			late--
		}
	}
}

// retryNow sends every event that waits for its next attempt.
func (s *Server) retryNow() {
	for _, e := range s.pending {
		if e.late || e.eventID == "" {
			continue
		}
		e.stopTimer()
		if e.reason == "" { // sent once, not acked yet
			e.reason = "timeout"
			e.attempt++
		}
		s.attempt(e)
	}
}

// waiting counts the events that were not acked yet.
func (s *Server) waiting() int {
	n := 0
	for _, e := range s.pending {
		if !e.late && e.eventID != "" {
			n++
		}
	}
	return n
}

// takeAck hears one frame of the client.
func (s *Server) takeAck(c *connection, frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ack struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    any    `json:"payload"`
	}
	if decode(frame, &ack) != nil || ack.EnvelopeID == "" {
		s.record(object{"kind": "socket", "event": "bad_frame", "connection": c.number, "bytes": len(frame)})
		return
	}
	entry := object{"kind": "ack", "envelope_id": ack.EnvelopeID, "connection": c.number}
	e := s.pending[ack.EnvelopeID]
	if dropped := unheard(e, len(frame)); dropped != "" {
		entry["dropped"] = dropped
		s.record(entry)
		return
	}
	payload, _ := ack.Payload.(object)
	entry["ms"] = time.Since(e.sent).Milliseconds()
	if payload != nil {
		entry["payload"] = payload
	}
	s.record(entry)
	s.acked(e, payload)
}

// unheard says why an ack does not count, or nothing.
func unheard(e *envelope, size int) string {
	switch {
	case size >= maxAckBytes:
		return "too_large"
	case e == nil:
		return "unknown_envelope"
	case e.late:
		return "late"
	case e.deaf:
		e.deaf = false
		return lostAck
	}
	return ""
}

func (s *Server) acked(e *envelope, payload object) {
	e.stopTimer()
	delete(s.pending, e.id)
	outcome := object{"acked": true, "ms": time.Since(e.sent).Milliseconds(), "envelope_id": e.id}
	if payload != nil {
		outcome["payload"] = payload
	}
	if e.onAck != nil {
		if problem := e.onAck(payload); problem != "" {
			outcome["payload_error"] = problem
		}
	}
	e.delivery.finish(outcome)
	s.wake()
}
