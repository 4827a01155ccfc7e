package llm_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sashabaranov/go-openai"

	"salesbot/handlers/ask"
	"salesbot/handlers/ask/llm"
	"salesbot/handlers/ask/llm/llmtest"
	"salesbot/insights"
	"salesbot/insights/metric"
)

const secret = "sk-not-to-be-told"

var friday = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func model(t *testing.T, reply func(llmtest.Asked) llmtest.Reply) (*llm.Model, *llmtest.Server) {
	t.Helper()
	server := llmtest.Start(t, reply)
	return llm.New(llm.Config{
		BaseURL: server.URL, Key: secret, Model: "scripted", Timeout: 10 * time.Second,
		PromptPrice: 150_000, CompletionPrice: 600_000, Catalog: metric.Default(),
	}), server
}

// call writes the arguments of the tool with some of them other than nothing.
func call(some ...string) string {
	arguments := map[string]string{
		"understood": "true", "deals": "false", "metric": "null", "by": "[]", "where": "[]", "period": "null",
		"as_of": "null", "compare_with_period_before": "false", "order": "null", "limit": "null",
	}
	for i := 0; i+1 < len(some); i += 2 {
		arguments[some[i]] = some[i+1]
	}
	var out []string
	for key, value := range arguments {
		out = append(out, `"`+key+`": `+value)
	}
	return "{" + strings.Join(out, ", ") + "}"
}

func TestADraftIsWhatTheModelCallsTheToolWith(t *testing.T) {
	m, server := model(t, llmtest.Say(llmtest.Reply{Tool: "ask", Arguments: call(
		"metric", `"won_revenue"`, "by", `["person", "month"]`, "period", `"last quarter"`, "order", `"highest_first"`, "limit", "5",
		"where", `[{"field": "territory", "not": false, "values": ["emea"]}, {"field": "industry", "not": true, "values": ["food", "energy"]}]`,
		"compare_with_period_before", "true",
	)}))
	draft, used, err := m.Draft(t.Context(), "who sold how much", "open pipeline", friday)
	if err != nil {
		t.Fatal(err)
	}
	want := ask.Draft{
		Shape: metric.ShapeFigure, Metric: "won_revenue", By: []string{"person", "month"}, Period: "last quarter", Compare: true,
		Order: metric.Descending, Limit: 5,
		Where: []ask.DraftFilter{{Field: "territory", Op: metric.Eq, Values: []string{"emea"}}, {Field: "industry", Op: metric.NotIn, Values: []string{"food", "energy"}}},
	}
	if diff := cmp.Diff(want, draft); diff != "" {
		t.Errorf("the draft is another (-want +got)\n%s", diff)
	}
	// 1,200 tokens at 0.15 and 60 at 0.60 a million are 216 millionths.
	if want := (insights.ModelUse{Model: "scripted", Prompt: 1200, Completion: 60, CostMicros: 216}); used != want {
		t.Errorf("it cost %+v, want %+v", used, want)
	}
	asked := server.Asked()[0]
	if want := `{"question":"who sold how much","question_before":"open pipeline","today":"Friday 2026-11-20"}`; asked.Question() != want {
		t.Errorf("the model was told %s, want %s", asked.Question(), want)
	}
	if asked.Authorization != "Bearer "+secret || asked.Body.ToolChoice != "required" || len(asked.Body.Tools) != 1 {
		t.Errorf("the request is %+v", asked)
	}
	if tool := string(asked.Body.Tools[0]); !strings.Contains(tool, `"strict":true`) || !strings.Contains(tool, `"won_revenue"`) || !strings.Contains(tool, `"additionalProperties":false`) {
		t.Errorf("the tool's schema is not a strict one of the catalogue: %s", tool)
	}
}

// Whatever a model says that is no call of the tool, with just its arguments, of
// metrics and dimensions that there are, is no draft.
func TestNonsenseIsNoDraft(t *testing.T) {
	for name, reply := range map[string]llmtest.Reply{
		"words instead of a call":    {Content: "Your win rate is 42 %."},
		"a refusal":                  {Content: "I cannot help with that."},
		"another tool":               {Tool: "run_sql", Arguments: `{"sql": "drop table opportunity"}`},
		"no JSON":                    {Tool: "ask", Arguments: `metric: won_revenue`},
		"JSON that is cut off":       {Tool: "ask", Arguments: `{"understood": true, "metric": "won_rev`},
		"something after it":         {Tool: "ask", Arguments: call("metric", `"won_revenue"`) + `{"metric":"x"}`},
		"an argument of its own":     {Tool: "ask", Arguments: call("metric", `"won_revenue"`, "sql", `"select 1"`)},
		"a metric of its own":        {Tool: "ask", Arguments: call("metric", `"commission"`)},
		"a dimension of its own":     {Tool: "ask", Arguments: call("metric", `"won_revenue"`, "by", `["shoe_size"]`)},
		"a filter of its own":        {Tool: "ask", Arguments: call("metric", `"won_revenue"`, "where", `[{"field": "salary", "not": false, "values": ["1"]}]`)},
		"a filter of a time":         {Tool: "ask", Arguments: call("metric", `"won_revenue"`, "where", `[{"field": "month", "not": false, "values": ["1"]}]`)},
		"a filter without values":    {Tool: "ask", Arguments: call("metric", `"won_revenue"`, "where", `[{"field": "territory", "not": false, "values": []}]`)},
		"a word for a number":        {Tool: "ask", Arguments: call("metric", `"won_revenue"`, "limit", `"five"`)},
		"that it did not understand": {Tool: "ask", Arguments: call("metric", `"won_revenue"`, "understood", "false")},
		"no metric":                  {Tool: "ask", Arguments: call()},
		"no choices":                 {Raw: `{"id":"1","object":"chat.completion","choices":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := model(t, llmtest.Say(reply))
			draft, _, err := m.Draft(t.Context(), "how are we doing", "", friday)
			if !errors.Is(err, llm.ErrNoDraft) || !cmp.Equal(draft, ask.Draft{}) {
				t.Errorf("a draft came of it: %+v, %v", draft, err)
			}
		})
	}
}

func TestErrorsHoldNoWordsOfServers(t *testing.T) {
	quoting := "Incorrect API key provided: " + secret + "; you asked: how are we doing"
	for name, c := range map[string]struct {
		reply llmtest.Reply
		want  string
	}{
		"too many questions": {llmtest.Reply{Status: 429, Error: quoting}, "the model's server answered with status 429"},
		"a wrong key":        {llmtest.Reply{Status: 401, Error: quoting}, "the model's server answered with status 401"},
		"a broken server":    {llmtest.Reply{Status: 500, Raw: "<html>" + quoting}, "the model's server answered with status 500"},
		"a page":             {llmtest.Reply{Raw: "<html>" + quoting}, "the model's server could not be asked, or answered with something else than JSON"},
		"more than enough":   {llmtest.Reply{Raw: `{"id":"` + strings.Repeat("x", 1<<19)}, "the model's server could not be asked, or answered with something else than JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := model(t, llmtest.Say(c.reply))
			if _, _, err := m.Draft(t.Context(), "how are we doing", "", friday); err == nil || err.Error() != c.want {
				t.Errorf("the error is %v, want %s", err, c.want)
			}
		})
	}
}

func TestAModelThatDoesNotAnswerIsWaitedForNoLongerThanSaid(t *testing.T) {
	server := llmtest.Start(t, llmtest.Say(llmtest.Reply{Silent: true}))
	m := llm.New(llm.Config{BaseURL: server.URL, Model: "scripted", Timeout: 50 * time.Millisecond, Catalog: metric.Default()})
	if _, _, err := m.Draft(t.Context(), "how are we doing", "", friday); err == nil || err.Error() != "the model did not answer in time" {
		t.Errorf("the error is %v", err)
	}
	if server.Asked()[0].Authorization != "Bearer" && server.Asked()[0].Authorization != "" {
		t.Errorf("a key was sent though there is none: %q", server.Asked()[0].Authorization)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := m.Draft(ctx, "how are we doing", "", friday); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// Answers in the shapes that servers give them: the same call from each.
func TestAnswersInTheShapesOfOtherServers(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no answers:", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, _ := model(t, llmtest.Say(llmtest.Reply{Raw: string(body)}))
			draft, _, err := m.Draft(t.Context(), "how much did emea sell", "", friday)
			want := ask.Draft{Shape: metric.ShapeFigure, Metric: "won_revenue", By: []string{}, Period: "this quarter", Where: []ask.DraftFilter{{Field: "territory", Op: metric.Eq, Values: []string{"emea"}}}}
			if err != nil || !cmp.Equal(want, draft) {
				t.Errorf("the draft is %+v, %v", draft, err)
			}
		})
	}
}

// The server of the tests is one to an unmodified client: it speaks in streams
// and after a schema too.
func TestTheScriptedServerSpeaksTheWireFormat(t *testing.T) {
	server := llmtest.Start(t, llmtest.Say(llmtest.Reply{Content: `{"answer": 42}`}))
	cfg := openai.DefaultConfig("")
	cfg.BaseURL = server.URL
	client := openai.NewClientWithConfig(cfg)
	request := openai.ChatCompletionRequest{Model: "scripted", Messages: []openai.ChatCompletionMessage{{Role: "user", Content: "?"}}}
	request.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONSchema, JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "answer", Strict: true}}
	whole, err := client.CreateChatCompletion(t.Context(), request)
	if err != nil || whole.Choices[0].Message.Content != `{"answer": 42}` || server.Asked()[0].Body.ResponseFormat == nil {
		t.Errorf("it says %+v, %v", whole, err)
	}
	stream, err := client.CreateChatCompletionStream(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	said := ""
	for {
		piece, err := stream.Recv()
		if err != nil {
			break
		}
		said += piece.Choices[0].Delta.Content
	}
	if said != `{"answer":42}` {
		t.Errorf("its stream says %s", said)
	}
}

// TestLive asks a real server, where SALESBOT_LIVE_MODEL_URL,
// SALESBOT_LIVE_MODEL and SALESBOT_LIVE_MODEL_KEY say which.
func TestLive(t *testing.T) {
	at := os.Getenv("SALESBOT_LIVE_MODEL_URL")
	if at == "" {
		t.Skip("set SALESBOT_LIVE_MODEL_URL, SALESBOT_LIVE_MODEL and SALESBOT_LIVE_MODEL_KEY to ask a real model")
	}
	m := llm.New(llm.Config{BaseURL: at, Model: os.Getenv("SALESBOT_LIVE_MODEL"), Key: os.Getenv("SALESBOT_LIVE_MODEL_KEY"), Timeout: time.Minute, Catalog: metric.Default()})
	draft, used, err := m.Draft(t.Context(), "how much did we bring home in the quarter that is over, each salesperson on their own", "", friday)
	if err != nil || draft.Metric != "won_revenue" || !cmp.Equal(draft.By, []string{"person"}) {
		t.Errorf("the draft is %+v, %v", draft, err)
	}
	t.Logf("it used %+v", used)
}
