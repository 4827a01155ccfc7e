// Package llm asks a language model what a question means. The model sees the
// catalogue and the question, nothing of what is stored, and answers through a
// tool whose schema is made of the catalogue. What it says is a draft: the
// grammar reads it, finds the names and the days, and refuses it if it leaves
// out a word that the grammar had understood.
package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sashabaranov/go-openai"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// Config says which model is asked, and what it costs.
type Config struct {
	BaseURL string // of an OpenAI-compatible API, with its version: https://api.openai.com/v1
	Key     string // empty: none is sent, as local servers want it
	Model   string
	Timeout time.Duration
	// What a million tokens cost, in millionths of whatever the company is billed
	// in; 0: nothing, or unknown.
	PromptPrice, CompletionPrice int64
	Catalog                      *metric.Catalog
}

// Model is safe for concurrent use.
type Model struct {
	cfg    Config
	client *openai.Client
	tool   openai.Tool
	system string
}

// mostBytes is more than any answer to our one tool needs.
const mostBytes = 1 << 18

// mostTokens bounds what an answer may cost; it leaves room for models that
// think before they answer.
const mostTokens = 2000

// New prepares a model to be asked.
func New(cfg Config) *Model {
	api := openai.DefaultConfig(cfg.Key)
	api.BaseURL = cfg.BaseURL
	api.HTTPClient = &http.Client{Timeout: cfg.Timeout, Transport: bounded{http.DefaultTransport}}
	return &Model{cfg: cfg, client: openai.NewClientWithConfig(api), tool: tool(cfg.Catalog), system: system(cfg.Catalog)}
}

// bounded cuts off answers that do not end.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, mostBytes), response.Body}
	}
	return response, err
}

// ErrNoDraft says that the model could not tell what is asked, or said
// something that is no question of the catalogue.
var ErrNoDraft = errors.New("the model made no question of it")

// Draft asks the model once what a question means. before is the question that
// the conversation asked last, in the grammar's words. What was used is told
// even where no draft came of it. No error holds words of the question, of the
// model's answer or of the key.
func (m *Model) Draft(ctx context.Context, question, before string, at time.Time) (ask.Draft, insights.ModelUse, error) {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	content, err := json.Marshal(asked{Question: question, Before: before, Today: at.Format("Monday 2006-01-02")})
	if err != nil {
		return ask.Draft{}, insights.ModelUse{}, err
	}
	response, err := m.client.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model: m.cfg.Model,
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: m.system},
			{Role: openai.ChatMessageRoleUser, Content: string(content)},
		},
		Tools: []openai.Tool{m.tool}, ToolChoice: "required", ParallelToolCalls: false,
		MaxCompletionTokens: mostTokens,
	})
	if err != nil {
		return ask.Draft{}, insights.ModelUse{Model: m.cfg.Model}, withoutWords(err)
	}
	used := m.used(response.Usage)
	draft, err := m.read(response)
	return draft, used, err
}

// asked is what the model is told of a question, as data.
type asked struct {
	Question string `json:"question"`
	Before   string `json:"question_before,omitempty"`
	Today    string `json:"today"`
}

// used counts what an answer cost.
func (m *Model) used(u openai.Usage) insights.ModelUse {
	prompt, completion := int64(max(u.PromptTokens, 0)), int64(max(u.CompletionTokens, 0))
	const million = 1_000_000
	return insights.ModelUse{
		Model: m.cfg.Model, Prompt: prompt, Completion: completion,
		CostMicros: (prompt*m.cfg.PromptPrice + completion*m.cfg.CompletionPrice + million - 1) / million,
	}
}

// withoutWords keeps of an error what it is: servers quote keys and questions
// in theirs.
func withoutWords(err error) error {
	var api *openai.APIError
	var request *openai.RequestError
	switch {
	case errors.As(err, &api):
		return fmt.Errorf("the model's server answered with status %d", api.HTTPStatusCode)
	case errors.As(err, &request) && request.HTTPStatusCode != 0:
		return fmt.Errorf("the model's server answered with status %d", request.HTTPStatusCode)
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return errors.New("the model did not answer in time")
	case errors.Is(err, context.Canceled):
		return context.Canceled
	default:
		return errors.New("the model's server could not be asked, or answered with something else than JSON")
	}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}
