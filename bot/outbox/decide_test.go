package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"salesbot/insights"
)

func TestWhatFollowsFromAnOutcome(t *testing.T) {
	const channel, ephemeral, responseURL = insights.ToChannel, insights.ToOne, insights.ToResponseURL
	cases := map[string]struct {
		outcome outcome
		after   time.Duration
		where   insights.TargetKind
		attempt int
		plain   bool
		want    next
	}{
		"what Slack took is sent":                                            {said, 0, channel, 1, false, next{do: finish, state: insights.Sent}},
		"what Slack refuses has failed":                                      {refused, 0, channel, 1, false, next{do: finish, state: insights.Failed}},
		"blocks that Slack does not take are left out":                       {misshapen, 0, channel, 1, false, next{do: simplify}},
		"a text that Slack does not take either has failed":                  {misshapen, 0, channel, 1, true, next{do: finish, state: insights.Failed}},
		"a 429 waits as long as Slack says":                                  {throttled, 30 * time.Second, channel, 1, false, next{do: postpone, after: 30 * time.Second}},
		"a 429 without a number still waits a second":                        {throttled, 0, responseURL, 7, false, next{do: postpone, after: time.Second}},
		"an unreachable Slack is tried again in a second":                    {unreached, 0, ephemeral, 1, false, next{do: postpone, after: time.Second}},
		"and later in twice that":                                            {unreached, 0, ephemeral, 2, false, next{do: postpone, after: 2 * time.Second}},
		"and at last every five minutes":                                     {unreached, 0, responseURL, 40, false, next{do: postpone, after: 5 * time.Minute}},
		"and is given up after a day of it":                                  {unreached, 0, channel, maxAttempts, false, next{do: finish, state: insights.Failed}},
		"a message in a channel whose end is unclear is looked up":           {unclear, 0, channel, 1, false, next{do: lookUp}},
		"and so is one to a person":                                          {unclear, 0, insights.ToPerson, 1, false, next{do: lookUp}},
		"an unclear change is made again, which does no harm":                {unclear, 0, insights.ToUpdate, 1, false, next{do: postpone, after: time.Second}},
		"but not for ever":                                                   {unclear, 0, insights.ToUpdate, maxAttempts, false, next{do: finish, state: insights.Failed}},
		"an unclear ephemeral message is unconfirmed, and not said again":    {unclear, 0, ephemeral, 1, false, next{do: finish, state: insights.Unconfirmed}},
		"an unclear answer to a response URL is unconfirmed, not said again": {unclear, 0, responseURL, 1, true, next{do: finish, state: insights.Unconfirmed}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := decide(c.outcome, c.after, c.where, c.attempt, c.plain); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestWhatAnErrorMeans(t *testing.T) {
	const secret = "https://hooks.slack.com/commands/T1/2/secret"
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	cases := map[string]struct {
		err  error
		want outcome
	}{
		"no error":                           {nil, said},
		"a 429":                              {&slack.RateLimitedError{RetryAfter: time.Second}, throttled},
		"a 429 that came as a 200":           {slack.SlackErrorResponse{Err: "ratelimited"}, throttled},
		"blocks it does not take":            {slack.SlackErrorResponse{Err: "invalid_blocks"}, misshapen},
		"a channel that is not there":        {slack.SlackErrorResponse{Err: "channel_not_found"}, refused},
		"an error nobody has heard of":       {slack.SlackErrorResponse{Err: "new_in_2027"}, refused},
		"an error inside Slack":              {slack.SlackErrorResponse{Err: "internal_error"}, unclear},
		"a 503":                              {slack.StatusCodeError{Code: 503, Status: "503"}, unclear},
		"a 403":                              {slack.StatusCodeError{Code: 403, Status: "403"}, refused},
		"nobody listens":                     {&url.Error{Op: "Post", URL: secret, Err: dial}, unreached},
		"the name is not known":              {&url.Error{Op: "Post", URL: secret, Err: &net.DNSError{}}, unreached},
		"the connection was cut":             {&url.Error{Op: "Post", URL: secret, Err: io.EOF}, unclear},
		"no answer in time":                  {&url.Error{Op: "Post", URL: secret, Err: context.DeadlineExceeded}, unclear},
		"an answer that is not an answer":    {fmt.Errorf("decoding: %w", errors.New("unexpected <")), unclear},
		"the caller went away in the middle": {context.Canceled, unclear},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := interpret(c.err)
			if got.outcome != c.want {
				t.Errorf("%v is %s, want %s", c.err, got.outcome, c.want)
			}
			if strings.Contains(got.reason, "secret") {
				t.Errorf("the reason gives the address away: %q", got.reason)
			}
		})
	}
}

func TestWhatAResponseURLAnswers(t *testing.T) {
	cases := map[string]struct {
		status int
		body   string
		want   outcome
	}{
		"ok":                          {200, "ok", said},
		"ok as JSON":                  {200, `{"ok":true}`, said},
		"nothing":                     {200, "", said},
		"a code with status 200":      {200, `{"ok":false,"error":"invalid_blocks"}`, misshapen},
		"a bare code":                 {400, "invalid_blocks", misshapen},
		"a response URL that is over": {404, `{"ok":false,"error":"expired_url"}`, refused},
		"a page":                      {404, "<html>Not found</html>", refused},
		"a 500":                       {500, "", unclear},
		"a 429":                       {429, "", throttled},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			recorder.Header().Set("Retry-After", "7")
			recorder.WriteHeader(c.status)
			_, _ = io.WriteString(recorder, c.body)
			answer := recorder.Result()
			defer answer.Body.Close()
			got := interpretResponse(answer)
			if got.outcome != c.want {
				t.Errorf("got %s, want %s", got.outcome, c.want)
			}
			if c.status == http.StatusTooManyRequests && got.after != 7*time.Second {
				t.Errorf("waits %s instead of the 7 s Slack asked for", got.after)
			}
		})
	}
}

func TestAChannelGetsAboutOneMessageASecond(t *testing.T) {
	p, now := newPace(), time.Unix(1_700_000_000, 0)
	var waits []time.Duration
	for range 6 {
		wait, ok := p.reserve(methodPost, "C1", now, time.Minute)
		if !ok {
			t.Fatal("no place within a minute")
		}
		waits = append(waits, wait.Round(time.Millisecond))
	}
	want := []time.Duration{0, 0, 0, time.Second, 2 * time.Second, 3 * time.Second}
	if fmt.Sprint(waits) != fmt.Sprint(want) {
		t.Errorf("the waits are %v, want %v", waits, want)
	}
	if wait, _ := p.reserve(methodPost, "C2", now, time.Minute); wait != 0 {
		t.Errorf("another channel waits %s", wait)
	}
}

func TestAPlaceThatComesTooLateIsNotTaken(t *testing.T) {
	p, now := newPace(), time.Unix(1_700_000_000, 0)
	for range burst {
		p.reserve(methodPost, "C1", now, 0)
	}
	for range 5 {
		if wait, ok := p.reserve(methodPost, "C1", now, 0); ok || wait != time.Second {
			t.Fatalf("got %s, %t; want a second, and no place", wait, ok)
		}
	}
}

func TestAMethodThatWasThrottledRests(t *testing.T) {
	p, now := newPace(), time.Unix(1_700_000_000, 0)
	p.rest(methodPost, now.Add(30*time.Second))
	p.rest(methodPost, now.Add(10*time.Second)) // does not shorten it
	if wait, ok := p.reserve(methodPost, "C1", now, 10*time.Second); ok || wait != 30*time.Second {
		t.Errorf("got %s, %t; want 30 s, and no place", wait, ok)
	}
	if wait, ok := p.reserve(methodEphemeral, "C1", now, 10*time.Second); !ok || wait != 0 {
		t.Errorf("another method waits %s", wait)
	}
	if wait, ok := p.reserve(methodPost, "C1", now.Add(30*time.Second), 0); !ok || wait != 0 {
		t.Errorf("after the rest it waits %s", wait)
	}
}
