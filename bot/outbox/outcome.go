package outbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

// outcome is what became of one attempt to say something.
type outcome string

const (
	said      outcome = "said"
	throttled outcome = "throttled" // Slack did nothing and wants us to wait
	unreached outcome = "unreached" // the request never left this machine
	misshapen outcome = "misshapen" // Slack did nothing because it does not take these blocks
	refused   outcome = "refused"   // Slack did nothing and will not
	unclear   outcome = "unclear"   // it may have been said
)

// report is an outcome with what Slack or the network said about it.
type report struct {
	outcome outcome
	channel string // Slack's receipt, when said
	ts      string
	after   time.Duration // when throttled
	reason  string        // for the ledger and the log: no URL, no customer text
}

// A throttled answer without a number of seconds is taken to mean this many.
const defaultRetryAfter = 5 * time.Second

// Slack's error codes after which a message may nevertheless have been posted.
var unclearCodes = []string{"internal_error", "fatal_error", "service_unavailable", "request_timeout"}

var throttledCodes = []string{"ratelimited", "rate_limited"}

// Slack's error codes that are about the blocks and not about the words.
var misshapenCodes = []string{"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long"}

// interpret reads the error of a Web API call.
func interpret(err error) report {
	var (
		limited *slack.RateLimitedError
		status  slack.StatusCodeError
		coded   slack.SlackErrorResponse
	)
	switch {
	case err == nil:
		return report{outcome: said}
	case errors.As(err, &limited):
		return report{outcome: throttled, after: limited.RetryAfter, reason: "ratelimited"}
	case errors.As(err, &status):
		return interpretStatus(status.Code)
	case errors.As(err, &coded):
		return interpretCode(coded.Err)
	default:
		return interpretNetwork(err)
	}
}

func interpretCode(code string) report {
	switch {
	case slices.Contains(throttledCodes, code):
		return report{outcome: throttled, after: defaultRetryAfter, reason: code}
	case slices.Contains(misshapenCodes, code):
		return report{outcome: misshapen, reason: code}
	case slices.Contains(unclearCodes, code):
		return report{outcome: unclear, reason: code}
	default:
		return report{outcome: refused, reason: code}
	}
}

func interpretStatus(code int) report {
	reason := http.StatusText(code)
	switch {
	case code == http.StatusTooManyRequests:
		return report{outcome: throttled, after: defaultRetryAfter, reason: "ratelimited"}
	case code >= http.StatusInternalServerError, code == http.StatusRequestTimeout:
		return report{outcome: unclear, reason: reason}
	default:
		return report{outcome: refused, reason: reason}
	}
}

// interpretNetwork reads an error that came instead of an answer. Only a
// failure to connect is known to have had no effect.
func interpretNetwork(err error) report {
	var (
		dns    *net.DNSError
		op     *net.OpError
		failed *url.Error
	)
	reason := err.Error()
	if errors.As(err, &failed) { // its text contains the address
		reason = failed.Err.Error()
	}
	switch {
	case errors.As(err, &dns):
		return report{outcome: unreached, reason: "Slack's host name does not resolve"}
	case errors.As(err, &op) && op.Op == "dial":
		return report{outcome: unreached, reason: "no connection to Slack"}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &op) && op.Timeout():
		return report{outcome: unclear, reason: "no answer in time"}
	default:
		return report{outcome: unclear, reason: reason}
	}
}
