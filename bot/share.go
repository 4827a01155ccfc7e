package bot

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"salesbot/bot/blocks"
	"salesbot/bot/outbox"
	"salesbot/handlers"
	"salesbot/insights"
)

// An answer that could not be posted for this long is not posted any more: people
// share what they look at.
const shareLife = time.Hour

// share rules over an answer that is about to be posted, or says to whoever shared
// it that it was not. It goes through the same door as what they ask.
func (b *Bot) share(ctx context.Context, d insights.Delivery, unsaid string) *outbox.Withheld {
	if unsaid == "" && b.cfg.Now().Sub(d.CreatedAt) > shareLife {
		unsaid = "it could not be posted for an hour"
	}
	answer, turn := b.askShare(ctx, d, unsaid)
	if unsaid == "" && answer.Status == handlers.Answered {
		return nil
	}
	payload, err := json.Marshal(blocks.Render(answer))
	if err != nil {
		b.log.ErrorContext(ctx, "what came of a share cannot be rendered", slog.Int64("delivery", d.ID), slog.Any("error", err))
	} else {
		turn.Deliveries = append(turn.Deliveries, insights.Delivery{
			Key: "unsaid:" + d.Key, Team: d.Team, Target: insights.Target{Kind: insights.ToPerson, User: d.Target.User}, Payload: payload,
		})
	}
	return &outbox.Withheld{Reason: or(unsaid, answer.Code), Turn: turn}
}

func (b *Bot) askShare(ctx context.Context, d insights.Delivery, unsaid string) (handlers.Answer, insights.Turn) {
	q := question{origin: handlers.FromShare, user: d.Target.User, team: d.Team, channel: d.Target.Channel, thread: d.Target.Thread}
	r := insights.Received{At: b.cfg.Now()}
	request, err := b.shareRequest(ctx, r, q, handlers.Posting{Receipt: d.Target.Receipt, Unsaid: unsaid, Unsure: d.State == insights.Unconfirmed})
	if err != nil {
		b.log.WarnContext(ctx, "Slack did not say who shares an answer", slog.Int64("delivery", d.ID), slog.String("reason", reason(err)))
		answer := handlers.Answer{
			Status: handlers.Failed, Code: "slack_unreachable",
			Headline: "Your answer was not shared: Slack did not tell me who can read it.",
			Notes:    []string{"Please share it again in a minute."},
		}
		return answer, failedTurn(r, q, answer)
	}
	return b.handle(ctx, r, q, request)
}

func (b *Bot) shareRequest(ctx context.Context, r insights.Received, q question, posting handlers.Posting) (handlers.Request, error) {
	if err := b.acquainted(ctx); err != nil {
		return handlers.Request{}, err
	}
	request, err := b.request(ctx, r, q)
	request.Posting = &posting
	return request, err
}
