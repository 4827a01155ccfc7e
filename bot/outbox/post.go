package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"salesbot/insights"
)

// Payload is a message as it stands in the ledger.
type Payload struct {
	Text   string            `json:"text"` // already escaped
	Blocks []json.RawMessage `json:"blocks,omitempty"`
	File   *File             `json:"file,omitempty"` // shared with the text
}

// The methods by which things are said; each has its own rate limit.
const (
	methodPost      = "chat.postMessage"
	methodEphemeral = "chat.postEphemeral"
	methodUpdate    = "chat.update"
	methodResponse  = "response_url"
)

func method(t insights.Target, p Payload) string {
	if p.File != nil {
		return methodShare
	}
	switch t.Kind {
	case insights.ToOne:
		return methodEphemeral
	case insights.ToResponseURL:
		return methodResponse
	case insights.ToUpdate:
		return methodUpdate
	default:
		return methodPost
	}
}

// eventType names our metadata. Any member of the workspace can read it, so it
// carries the delivery's key and nothing else.
const eventType = "salesbot_delivery"

func (o *Outbox) post(ctx context.Context, d insights.Delivery, p Payload) report {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	switch d.Target.Kind {
	case insights.ToOne:
		return o.postEphemeral(ctx, d, p)
	case insights.ToResponseURL:
		return o.postResponse(ctx, d, p)
	case insights.ToUpdate:
		return o.update(ctx, d, p)
	default:
		return o.postMessage(ctx, d, p)
	}
}

func (o *Outbox) postMessage(ctx context.Context, d insights.Delivery, p Payload) report {
	options, err := messageOptions(d, p)
	if err != nil {
		return report{outcome: refused, reason: "the payload cannot be read"}
	}
	options = append(options, slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType:    eventType,
		EventPayload: map[string]any{"key": d.Key},
	}))
	channel, ts, err := o.slack.PostMessageContext(ctx, d.Target.Channel, options...)
	r := interpret(err)
	if r.outcome == said && ts == "" {
		return report{outcome: unclear, reason: "Slack gave no receipt"}
	}
	r.channel, r.ts = channel, ts
	return r
}

// update changes a message in place. It keeps its metadata, and with it the
// key by which it is found.
func (o *Outbox) update(ctx context.Context, d insights.Delivery, p Payload) report {
	options, err := messageOptions(d, p)
	if err != nil {
		return report{outcome: refused, reason: "the payload cannot be read"}
	}
	if len(p.Blocks) == 0 {
		options = append(options, slack.MsgOptionBlocks()) // or the old ones would stay
	}
	channel, ts, _, err := o.slack.UpdateMessageContext(ctx, d.Target.Channel, d.Target.TS, options...)
	r := interpret(err)
	r.channel, r.ts = channel, ts
	return r
}

func (o *Outbox) postEphemeral(ctx context.Context, d insights.Delivery, p Payload) report {
	options, err := messageOptions(d, p)
	if err != nil {
		return report{outcome: refused, reason: "the payload cannot be read"}
	}
	ts, err := o.slack.PostEphemeralContext(ctx, d.Target.Channel, d.Target.User, options...)
	r := interpret(err)
	r.channel, r.ts = d.Target.Channel, ts
	return r
}

// messageOptions leaves nothing to Slack's interpretation: no unfurling, which
// would fetch addresses that strangers wrote, and no markup in the text.
func messageOptions(d insights.Delivery, p Payload) ([]slack.MsgOption, error) {
	options := []slack.MsgOption{
		slack.MsgOptionText(p.Text, false),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionDisableMarkdown(),
	}
	if d.Target.Thread != "" {
		options = append(options, slack.MsgOptionTS(d.Target.Thread))
	}
	if len(p.Blocks) == 0 {
		return options, nil
	}
	blocks := make([]slack.Block, len(p.Blocks))
	for i, raw := range p.Blocks {
		block, err := slack.BlockFromJSON(string(raw))
		if err != nil {
			return nil, err
		}
		blocks[i] = block
	}
	return append(options, slack.MsgOptionBlocks(blocks...)), nil
}

// response is a message to a response URL. The client library drops what Slack
// says when it refuses one, so it is posted here.
type response struct {
	ResponseType    string            `json:"response_type"`
	ReplaceOriginal bool              `json:"replace_original"`
	Text            string            `json:"text"`
	Blocks          []json.RawMessage `json:"blocks,omitempty"`
	Thread          string            `json:"thread_ts,omitempty"`
	Markdown        bool              `json:"mrkdwn"`
	UnfurlLinks     bool              `json:"unfurl_links"`
	UnfurlMedia     bool              `json:"unfurl_media"`
}

func (o *Outbox) postResponse(ctx context.Context, d insights.Delivery, p Payload) report {
	body, err := json.Marshal(response{ResponseType: "ephemeral", Text: p.Text, Blocks: p.Blocks, Thread: d.Target.Thread})
	if err != nil {
		return report{outcome: refused, reason: "the payload cannot be read"}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Target.URL, bytes.NewReader(body))
	if err != nil {
		return report{outcome: refused, reason: "the response URL cannot be read"}
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	answer, err := o.http.Do(request)
	if err != nil {
		return interpretNetwork(err)
	}
	defer func() { _ = answer.Body.Close() }()
	return interpretResponse(answer)
}

// interpretResponse reads what a response URL answers: "ok", or an error as
// JSON or as a bare code.
func interpretResponse(answer *http.Response) report {
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	if answer.StatusCode == http.StatusTooManyRequests {
		r := interpretStatus(answer.StatusCode)
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
			r.after = time.Duration(seconds) * time.Second
		}
		return r
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		return interpretStatus(answer.StatusCode)
	}
	if err != nil {
		return report{outcome: unclear, reason: "the answer was cut off"}
	}
	if code := responseCode(body); code != "" {
		return interpretCode(code)
	}
	if answer.StatusCode != http.StatusOK {
		return interpretStatus(answer.StatusCode)
	}
	return report{outcome: said}
}

// responseCode returns the error code in the body, empty when it says ok.
func responseCode(body []byte) string {
	text := strings.TrimSpace(string(body))
	var coded struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	switch {
	case json.Unmarshal(body, &coded) == nil:
		return coded.Error
	case strings.ContainsFunc(text, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }):
		return "" // prose or HTML, not a code
	case text == "ok":
		return ""
	default:
		return text
	}
}
