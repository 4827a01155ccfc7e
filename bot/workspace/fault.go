package workspace

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// fault is a failure somebody asked for. A nil fault does nothing, so the
// places where one can strike need no conditions.
type fault struct {
	Method     string `json:"method"`
	Channel    string `json:"channel,omitempty"`
	Error      string `json:"error,omitempty"`
	Status     int    `json:"status,omitempty"`
	RetryAfter int    `json:"retry_after,omitempty"`
	Times      int    `json:"times"`
	DelayMS    int    `json:"delay_ms,omitempty"`
}

const (
	lostResponse = "lost_response"
	lostRequest  = "lost_request"
	lostAck      = "lost_ack"
	duplicated   = "duplicate"
)

// takeFault uses up one turn of the first fault that fits the call.
func (s *Server) takeFault(method, channel string) *fault {
	for i, f := range s.faults {
		fits := f.Method == method || (f.Method == "*" && method != "events_api")
		if !fits || (f.Channel != "" && f.Channel != channel) {
			continue
		}
		f.Times--
		if f.Times <= 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f
	}
	return nil
}

func (f *fault) delay(ctx context.Context) {
	if f == nil || f.DelayMS <= 0 {
		return
	}
	timer := time.NewTimer(time.Duration(f.DelayMS) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// lost says whether the connection is to be cut: before anything was done
// (lostRequest), or after it, so that the caller cannot know (lostResponse).
func (f *fault) lost(which string) bool { return f != nil && f.Error == which }

// fails says whether the fault answers in place of the method.
func (f *fault) fails() bool {
	return f != nil && f.Error != lostResponse && (f.Error != "" || f.Status != 0 || f.RetryAfter != 0)
}

// answer is the status and body of a failing call; it sets Retry-After.
func (f *fault) answer(w http.ResponseWriter) (int, object) {
	status := f.Status
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		if status == 0 {
			status = http.StatusTooManyRequests
		}
	}
	if status == 0 {
		status = http.StatusOK
	}
	if f.Error == "" {
		return status, nil
	}
	return status, object{"ok": false, "error": f.Error}
}

// reply sends the answer, or cuts the connection where the fault says so. A
// fault that is only a status has no body.
func (f *fault) reply(w http.ResponseWriter, status int, body object) {
	switch {
	case f.lost(lostRequest), f.lost(lostResponse):
		panic(http.ErrAbortHandler)
	case body == nil:
		w.WriteHeader(status)
	default:
		writeJSON(w, status, body)
	}
}
