package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"salesbot/bot/blocks"
	"salesbot/handlers"
	"salesbot/insights"
)

// Digest runs a digest whose time has come: its question is asked as of the
// moment of its schedule, through the same door as any other, and recorded
// over the attempt that was read. Whoever comes second is silent.
func (b *Bot) Digest(ctx context.Context, id int64) error {
	if err := b.acquainted(ctx); err != nil {
		return err
	}
	digest, due, err := b.cfg.Store.DueDigest(ctx, id, b.cfg.Now())
	if err != nil || !due {
		return err
	}
	if digest.Team != b.self.team {
		return fmt.Errorf("digest %d belongs to the workspace %s", id, digest.Team)
	}
	return b.sendDigest(ctx, digest)
}

func (b *Bot) sendDigest(ctx context.Context, digest insights.Digest) error {
	q := question{origin: handlers.FromDigest, user: digest.Owner, team: digest.Team, text: digest.Words, direct: true}
	answer, turn, err := b.askDigest(ctx, digest, &q)
	if err != nil {
		return err
	}
	if !turn.Digest.Silent && q.channel != "" {
		payload, err := json.Marshal(blocks.Render(answer))
		if err != nil {
			return fmt.Errorf("rendering digest %d: %w", digest.ID, err)
		}
		turn.Deliveries = append(turn.Deliveries, insights.Delivery{
			Key: turn.Digest.DigestKey(), Team: digest.Team, Target: q.target(), Payload: payload,
		})
	}
	return b.say(ctx, turn)
}

func (b *Bot) askDigest(ctx context.Context, digest insights.Digest, q *question) (handlers.Answer, insights.Turn, error) {
	ctx, cancel := context.WithTimeout(ctx, b.cfg.AnswerWithin)
	defer cancel()
	request, err := b.digestRequest(ctx, digest, q)
	if err != nil {
		return handlers.Answer{}, insights.Turn{}, fmt.Errorf("preparing digest %d: %s", digest.ID, reason(err))
	}
	answer, turn := b.handle(ctx, insights.Received{At: request.At}, *q, request)
	if turn.Digest == nil {
		return answer, turn, fmt.Errorf("digest %d was not made: %s", digest.ID, answer.Code)
	}
	return answer, turn, nil
}

// digestRequest finds the owner with the rights of now, and where to write to
// them. An owner who is gone is barred, and written to nowhere.
func (b *Bot) digestRequest(ctx context.Context, digest insights.Digest, q *question) (handlers.Request, error) {
	now := b.cfg.Now()
	at, _, err := digest.Due(now, b.cfg.Company)
	if err != nil {
		return handlers.Request{}, err
	}
	actor, err := b.actor(ctx, *q)
	if err == nil && actor.Barred != barredGone {
		q.channel, err = b.people.conversation(ctx, digest.Owner)
	}
	if isGone(err) {
		actor, err = handlers.Actor{ID: digest.Owner, Name: digest.Name, Team: digest.Team, Barred: barredGone}, nil
		b.log.WarnContext(ctx, "the owner of a digest is gone; it is paused", slog.Int64("digest", digest.ID))
	}
	return handlers.Request{
		Origin: handlers.FromDigest,
		Actor:  actor,
		Place:  handlers.Place{ID: q.channel, Direct: true},
		Thread: q.conversation(b.self.team),
		Text:   digest.Words,
		At:     at,
		Now:    now,
		Digest: &digest,
	}, err
}

// isGone reports whether Slack says that there is nobody to write to.
func isGone(err error) bool {
	var coded slack.SlackErrorResponse
	return errors.As(err, &coded) && slices.Contains([]string{"user_not_found", "user_not_visible", "user_disabled"}, coded.Err)
}

// conversation is the direct message with a user. It never changes.
func (d *directory) conversation(ctx context.Context, user string) (string, error) {
	d.mu.Lock()
	known := d.direct[user]
	d.mu.Unlock()
	if known != "" {
		return known, nil
	}
	opened, _, _, err := d.slack.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.direct[user] = opened.ID
	return opened.ID, nil
}

// watch warns of late digests until the context ends.
func (b *Bot) watch(ctx context.Context) {
	for pause(ctx, watchEvery) {
		b.WatchDigests(ctx)
	}
}

const watchEvery = time.Minute

// WatchDigests warns of digests that should have been sent and were not: a
// sending that never begins has no other witness.
func (b *Bot) WatchDigests(ctx context.Context) {
	late, err := b.cfg.Store.OverdueDigests(ctx, b.cfg.Now().Add(-insights.DigestGrace))
	if err != nil {
		b.log.WarnContext(ctx, "cannot tell whether digests are late", slog.String("reason", err.Error()))
		return
	}
	if len(late) > 0 {
		b.log.WarnContext(ctx, "digests are due and were not sent",
			slog.Int("digests", len(late)), slog.Int64("oldest", late[0].ID), slog.Time("due", late[0].LookAt))
	}
}
