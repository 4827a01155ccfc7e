// Package llmtest is a server that speaks the wire format of OpenAI's chat
// completions and says what a test has written down: tool calls, JSON after a
// schema, streams, errors, silence.
package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Reply is one answer of the server.
type Reply struct {
	Tool      string // name of the tool that is called; empty: Content is said
	Arguments string // of the call, as they go over the wire
	Content   string
	Status    int    // of the answer; 0: 200
	Error     string // the message of an error, with a Status
	Raw       string // the whole body, instead of all that
	Silent    bool   // nothing is said until the client goes away
}

// Asked is a request that the server got.
type Asked struct {
	Authorization string
	Body          struct {
		Model          string
		Stream         bool
		Messages       []struct{ Role, Content string }
		Tools          []json.RawMessage
		ToolChoice     any `json:"tool_choice"`
		ResponseFormat any `json:"response_format"`
	}
}

// Server answers by its script until the test ends.
type Server struct {
	URL string // the base URL, with its version

	mu    sync.Mutex
	reply func(Asked) Reply
	asked []Asked
}

// Start starts a server whose answers come from reply.
func Start(t testing.TB, reply func(Asked) Reply) *Server {
	t.Helper()
	s := &Server{reply: reply}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.complete)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/v1"
	return s
}

// Say makes a script of one answer for all questions.
func Say(r Reply) func(Asked) Reply { return func(Asked) Reply { return r } }

// Asked returns the requests so far.
func (s *Server) Asked() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Asked(nil), s.asked...)
}

// Question is the last thing a user said in a request.
func (a Asked) Question() string {
	if len(a.Body.Messages) == 0 {
		return ""
	}
	return a.Body.Messages[len(a.Body.Messages)-1].Content
}

func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	asked := Asked{Authorization: r.Header.Get("Authorization")}
	data, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(data, &asked.Body) != nil {
		http.Error(w, `{"error":{"message":"this is no JSON","type":"invalid_request_error"}}`, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, asked)
	s.mu.Unlock()
	reply := s.reply(asked)
	w.Header().Set("Content-Type", "application/json")
	switch {
	case reply.Silent:
		<-r.Context().Done()
	case reply.Raw != "":
		if reply.Status != 0 {
			w.WriteHeader(reply.Status)
		}
		_, _ = io.WriteString(w, reply.Raw)
	case reply.Status != 0:
		w.WriteHeader(reply.Status)
		write(w, map[string]any{"error": map[string]any{"message": reply.Error, "type": "error", "param": nil, "code": nil}})
	case asked.Body.Stream:
		stream(w, asked.Body.Model, reply)
	default:
		finish := "stop"
		if reply.Tool != "" {
			finish = "tool_calls"
		}
		write(w, envelope(asked.Body.Model, "chat.completion", map[string]any{"index": 0, "message": message(reply), "finish_reason": finish}))
	}
}

// The tokens that every answer is said to have cost.
const (
	PromptTokens     = 1200
	CompletionTokens = 60
)

func envelope(model, object string, choice any) map[string]any {
	return map[string]any{
		"id": "chatcmpl-1", "object": object, "created": 1, "model": model, "choices": []any{choice},
		"usage": map[string]any{"prompt_tokens": PromptTokens, "completion_tokens": CompletionTokens, "total_tokens": PromptTokens + CompletionTokens},
	}
}

func message(r Reply) map[string]any {
	if r.Tool == "" {
		return map[string]any{"role": "assistant", "content": r.Content}
	}
	return map[string]any{"role": "assistant", "content": nil, "tool_calls": []any{toolCall(r.Tool, r.Arguments)}}
}

func toolCall(name, arguments string) map[string]any {
	return map[string]any{"index": 0, "id": "call_1", "type": "function", "function": map[string]any{"name": name, "arguments": arguments}}
}

// stream says an answer in pieces, as events.
func stream(w http.ResponseWriter, model string, r Reply) {
	w.Header().Set("Content-Type", "text/event-stream")
	text, delta := r.Content, func(piece string) map[string]any { return map[string]any{"content": piece} }
	if r.Tool != "" {
		text, delta = r.Arguments, func(piece string) map[string]any {
			return map[string]any{"tool_calls": []any{toolCall(r.Tool, piece)}}
		}
	}
	for piece := range strings.SplitSeq(text, " ") {
		event(w, envelope(model, "chat.completion.chunk", map[string]any{"index": 0, "delta": delta(piece), "finish_reason": nil}))
	}
	_, _ = io.WriteString(w, "data: [DONE]\n\n")
}

func event(w io.Writer, v any) {
	data, _ := json.Marshal(v)
	_, _ = fmt.Fprintf(w, "data: %s\n\n", data)
}

func write(w io.Writer, v any) { _ = json.NewEncoder(w).Encode(v) }
