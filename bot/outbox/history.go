package outbox

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"salesbot/insights"
)

// sight is what the conversation's history shows of a delivery.
type sight string

const (
	seen     sight = "seen"
	unseen   sight = "unseen"   // it is not there
	unseeing sight = "unseeing" // we may not look, so we can never know
	blinded  sight = "blinded"  // looking failed this time
)

// How far the history is read: from a minute before the first try, in pages.
const (
	lookBack  = time.Minute
	pageLimit = 200
	maxPages  = 10
)

// Error codes after which looking again would show no more.
var unseeingCodes = []string{
	"missing_scope", "not_in_channel", "channel_not_found", "no_permission", "access_denied", "not_allowed_token_type",
	"method_not_supported_for_channel_type", "thread_not_found",
}

// look searches the conversation for a message that carries the key.
func (o *Outbox) look(ctx context.Context, d insights.Delivery) (ts string, _ sight, _ error) {
	oldest := slackTime(d.FirstTry.Add(-lookBack))
	cursor := ""
	for range maxPages {
		messages, following, err := o.page(ctx, d.Target, oldest, cursor)
		if err != nil {
			return "", blindness(err), err
		}
		for _, m := range messages {
			if carries(m, d) {
				return m.Timestamp, seen, nil
			}
		}
		if following == "" {
			return "", unseen, nil
		}
		cursor = following
	}
	return "", unseeing, errors.New("too much has been said since to look through")
}

// page reads one page of the conversation or, for a reply, of its thread.
func (o *Outbox) page(ctx context.Context, t insights.Target, oldest, cursor string) ([]slack.Message, string, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	if t.Thread != "" {
		messages, _, following, err := o.slack.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: t.Channel, Timestamp: t.Thread, Cursor: cursor,
			Oldest: oldest, Inclusive: true, Limit: pageLimit, IncludeAllMetadata: true,
		})
		return messages, following, err
	}
	history, err := o.slack.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: t.Channel, Cursor: cursor,
		Oldest: oldest, Inclusive: true, Limit: pageLimit, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", err
	}
	return history.Messages, history.ResponseMetaData.NextCursor, nil
}

func blindness(err error) sight {
	var coded slack.SlackErrorResponse
	if errors.As(err, &coded) && slices.Contains(unseeingCodes, coded.Err) {
		return unseeing
	}
	return blinded
}

// slackTime writes a moment as Slack's history takes it.
func slackTime(t time.Time) string {
	return strconv.FormatInt(t.Unix(), 10) + ".000000"
}
