package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"salesbot/bot/blocks"
	"salesbot/bot/outbox"
	"salesbot/handlers"
	"salesbot/insights"
)

// A response URL works for thirty minutes; the last one is left for the way.
const responseURLLife = 29 * time.Minute

// enqueue puts a kept question in the line of its conversation.
func (b *Bot) enqueue(ctx context.Context, r insights.Received, q question) {
	b.queue.add(q.conversation(b.self.team), func() {
		if err := b.converse(ctx, r, q); err != nil {
			b.log.ErrorContext(ctx, "a question was not answered; it is tried again",
				slog.Int64("received", r.ID), slog.Any("error", err))
		}
	})
}

// A question is worked on this often. What still stands in the way of its
// answer then stands there for good: something about it stops the process, or
// cannot be recorded.
const maxAttempts = 10

// converse answers one question that this process holds.
func (b *Bot) converse(ctx context.Context, r insights.Received, q question) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			b.log.ErrorContext(ctx, "answering panicked", slog.Int64("received", r.ID), slog.String("stack", string(debug.Stack())))
			err = errors.New("answering panicked")
		}
	}()
	if r.Attempt > maxAttempts {
		return b.surrender(ctx, r, q)
	}
	if b.cfg.Now().Add(b.cfg.AnswerWithin).After(r.Lease) {
		return nil // it waited too long in line; whoever looks at it when the lease ends has time again
	}
	stand, err := b.changed(ctx, q)
	if err != nil {
		return err
	}
	if q.deleted && stand.answers == 0 {
		return b.say(ctx, insights.Turn{Received: r.ID, At: b.cfg.Now()}) // it asked nothing
	}
	answer, turn := forgotten, b.forgets(q)
	if !q.deleted {
		answer, turn = b.answer(ctx, r, q)
	}
	turn.Received = r.ID
	turn.At = or(turn.At, b.cfg.Now())
	if answer.Form != nil {
		answer = b.open(ctx, q, answer)
	}
	deliveries, err := b.deliveries(r, q, answer)
	if err != nil {
		return err
	}
	if deliveries, err = b.inPlace(deliveries, r, q, stand); err != nil {
		return err
	}
	turn.Deliveries = append(turn.Deliveries, deliveries...)
	return b.say(ctx, turn)
}

// standing is the message that was edited or deleted, as it was received, and how
// many answers stand to it.
type standing struct {
	received int64
	answers  int
}

func (b *Bot) changed(ctx context.Context, q question) (s standing, err error) {
	if !q.edited && !q.deleted {
		return standing{}, nil
	}
	s.received, s.answers, err = b.cfg.Store.AnswersTo(ctx, b.self.team, q.asked())
	return s, err
}

// forgotten takes the place of the answer to a question that was deleted.
var forgotten = handlers.Answer{Status: handlers.Answered, Headline: "You deleted this question, so its answer is gone, and what follows does not go on from it."}

func (b *Bot) forgets(q question) insights.Turn {
	return insights.Turn{At: b.cfg.Now(), Thread: q.conversation(b.self.team), Forgets: q.asked()}
}

// fewer takes the place of the answer to a question that an edit left out.
var fewer = handlers.Answer{Status: handlers.Answered, Headline: "You changed this message: it does not ask this any more, so the answer is gone."}

// inPlace puts the answers where those that they take the place of stand. What
// there is one more of is said anew, under the key that finds it at the next
// edit; what there is one less of is said to be gone.
func (b *Bot) inPlace(deliveries []insights.Delivery, r insights.Received, q question, stand standing) ([]insights.Delivery, error) {
	if stand.answers == 0 {
		return deliveries, nil
	}
	said := 0
	for i := range deliveries {
		if deliveries[i].Key != insights.AnswerKey(r.ID, said) {
			continue
		}
		if said < stand.answers {
			deliveries[i].Target.Kind, deliveries[i].Target.Of = insights.ToUpdate, insights.AnswerKey(stand.received, said)
		} else {
			deliveries[i].Key = insights.AnswerKey(stand.received, said)
		}
		said++
	}
	gone := forgotten
	if !q.deleted {
		gone = fewer
	}
	for ; said < stand.answers; said++ {
		d, err := b.delivery(r, q, gone, said)
		if err != nil {
			return nil, err
		}
		d.Target.Kind, d.Target.Of = insights.ToUpdate, insights.AnswerKey(stand.received, said)
		deliveries = append(deliveries, d)
	}
	return deliveries, nil
}

// surrender ends a question that was begun again and again and never answered.
// The handlers are not asked any more.
func (b *Bot) surrender(ctx context.Context, r insights.Received, q question) error {
	b.log.ErrorContext(ctx, "a question is given up", slog.Int64("received", r.ID), slog.Int("attempts", maxAttempts))
	answer := handlers.Answer{
		Status: handlers.Failed, Code: "given_up",
		Headline: "I tried " + fmt.Sprint(maxAttempts) + " times to answer this, and failed each time, so I have stopped.",
		Notes: []string{
			"Nothing was changed. Please ask in another way, or tell whoever looks after Salesbot: question " + fmt.Sprint(r.ID) + ".",
		},
	}
	turn := failedTurn(r, q, answer)
	turn.Received = r.ID
	var err error
	if turn.Deliveries, err = b.deliveries(r, q, answer); err != nil {
		return err
	}
	return b.say(ctx, turn)
}

// say records the turn and sends what it says.
func (b *Bot) say(ctx context.Context, turn insights.Turn) error {
	due, fresh, err := b.cfg.Store.Record(ctx, turn, b.cfg.Now(), b.cfg.DeliveryLease)
	if err != nil {
		return fmt.Errorf("recording the answer: %w", err)
	}
	if !fresh {
		return nil // somebody else answered
	}
	for _, d := range due {
		if err := b.outbox.Send(ctx, d); err != nil {
			b.log.ErrorContext(ctx, "the outcome of a delivery was not recorded; it is looked at again",
				slog.Int64("delivery", d.ID), slog.Any("error", err))
		}
	}
	return nil
}

// giveUp finishes a row that nothing can be made of.
func (b *Bot) giveUp(ctx context.Context, r insights.Received, cause error) error {
	b.log.ErrorContext(ctx, "what was kept cannot be read", slog.Int64("received", r.ID), slog.Any("error", cause))
	return b.say(ctx, insights.Turn{Received: r.ID, At: b.cfg.Now()})
}

func (b *Bot) answer(ctx context.Context, r insights.Received, q question) (handlers.Answer, insights.Turn) {
	p := b.patience(ctx, r)
	defer p.end()
	ctx = p.ctx
	request, err := b.request(ctx, r, q)
	if err != nil {
		b.log.WarnContext(ctx, "Slack did not say who asks", slog.Int64("received", r.ID), slog.String("reason", reason(err)))
		answer := handlers.Answer{
			Status: handlers.Failed, Code: "slack_unreachable",
			Headline: "Slack did not tell me who you are, so I cannot say what you may see.",
			Notes:    []string{"Please ask again in a minute."},
		}
		return answer, failedTurn(r, q, answer)
	}
	request.Meanwhile = func(ctx context.Context, words handlers.Answer) error {
		p.more()
		return b.meanwhile(ctx, r, q, words)
	}
	return b.handle(ctx, r, q, request)
}

// handle calls the handlers. A fault of theirs is an answer too.
func (b *Bot) handle(ctx context.Context, r insights.Received, q question, request handlers.Request) (answer handlers.Answer, turn insights.Turn) {
	defer func() {
		if fault := recover(); fault != nil {
			b.log.ErrorContext(ctx, "a handler panicked", slog.Int64("received", r.ID), slog.String("stack", string(debug.Stack())))
			b.log.DebugContext(ctx, "what it said", slog.Int64("received", r.ID), slog.Any("fault", fault))
			answer = handlers.Answer{
				Status: handlers.Failed, Code: "internal",
				Headline: "Something went wrong on my side, so I have no answer.",
				Notes: []string{
					"Nothing was changed. Please ask in another way, or tell whoever looks after Salesbot: question " + fmt.Sprint(r.ID) + ".",
				},
			}
			turn = failedTurn(r, q, answer)
		}
	}()
	return b.cfg.Handle(ctx, request)
}

// failedTurn records a question that never got an answer from the handlers.
func failedTurn(r insights.Received, q question, answer handlers.Answer) insights.Turn {
	return insights.Turn{At: r.At, Audit: &insights.AuditEntry{
		At: r.At, Actor: q.user, Origin: string(q.origin), Place: q.channel,
		Text: strings.TrimSpace(q.command + " " + q.text), Status: string(answer.Status), Code: answer.Code,
	}}
}

// request is the question in words that know nothing of Slack.
func (b *Bot) request(ctx context.Context, r insights.Received, q question) (handlers.Request, error) {
	actor, err := b.actor(ctx, q)
	if err != nil {
		return handlers.Request{}, err
	}
	return handlers.Request{
		Origin:  q.origin,
		Actor:   actor,
		Place:   handlers.Place{ID: q.channel, Name: q.name, Direct: q.direct, Channel: isChannel(q.channel), Thread: q.thread},
		Thread:  q.conversation(b.self.team),
		Around:  q.around(b.self.team),
		Opens:   q.opens(b.self.team),
		Asked:   q.asked(),
		Edited:  q.edited,
		Command: q.command,
		Text:    b.words(ctx, q),
		Form:    q.form.filled(),
		At:      r.At,
		Key:     fmt.Sprintf("received:%d", r.ID),
		Files:   b.files(q.files),
		Above:   b.above(q),

		Channels: channels{bot: b, user: q.user},
	}, nil
}

// isChannel tells the ids of channels from those of direct messages.
func isChannel(id string) bool { return strings.HasPrefix(id, "C") || strings.HasPrefix(id, "G") }

// words are the question's text as a person reads it. A button's value is a
// command of ours and is not escaped.
func (b *Bot) words(ctx context.Context, q question) string {
	if q.origin == handlers.FromButton {
		return q.text
	}
	return readable(q.text, b.self.user, func(id string) string { return b.called(ctx, id) })
}

// called is the name by which a person who is mentioned is looked up: that of
// whoever has their e-mail address, as they themselves are known when they ask,
// and otherwise Slack's. What the asker may see of them is not decided here.
func (b *Bot) called(ctx context.Context, id string) string {
	u, err := b.people.person(ctx, id)
	if err != nil {
		return ""
	}
	if b.cfg.Name == nil || u.Profile.Email == "" || barred(u, b.self.team) != "" {
		return u.RealName
	}
	name, err := b.cfg.Name(ctx, u.Profile.Email, b.cfg.Now())
	if err != nil {
		b.log.WarnContext(ctx, "a person who was mentioned was not looked up", slog.Any("error", err))
	}
	return or(name, u.RealName)
}

// deliveries are the answers, unless that is quiet, and then what others are
// told.
func (b *Bot) deliveries(r insights.Received, q question, answer handlers.Answer) ([]insights.Delivery, error) {
	var all []insights.Delivery
	for n, one := range answer.Each() {
		if answer.Quiet {
			break
		}
		d, err := b.delivery(r, q, one, n)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	for _, n := range answer.Notices {
		payload, err := noticePayload(n)
		if err != nil {
			return nil, fmt.Errorf("rendering a notice: %w", err)
		}
		all = append(all, insights.Delivery{Key: n.Key, Team: r.Team, Target: n.To, Payload: payload, NotBefore: n.Due, Expires: n.Expires})
	}
	return all, nil
}

// noticePayload is what a notice says and, if it has a file, sends along: a file
// has words beside it, and no blocks.
func noticePayload(n handlers.Notice) ([]byte, error) {
	said := blocks.Render(n.Answer)
	if n.File == nil {
		return json.Marshal(said)
	}
	return json.Marshal(outbox.Payload{Text: said.Text, File: &outbox.File{
		Name: n.File.Name, Content: n.File.Content, Instead: blocks.Render(n.File.Instead).Text,
	}})
}

// delivery is the n-th answer on its way. Its key is that of the question, so
// that a question is answered once however often it is worked on.
func (b *Bot) delivery(r insights.Received, q question, answer handlers.Answer, n int) (insights.Delivery, error) {
	payload, err := json.Marshal(blocks.Render(answer))
	if err != nil {
		return insights.Delivery{}, fmt.Errorf("rendering the answer: %w", err)
	}
	d := insights.Delivery{
		Key:     insights.AnswerKey(r.ID, n),
		Team:    r.Team,
		Target:  q.target(),
		Payload: payload,
	}
	if d.Target.Kind == insights.ToResponseURL {
		d.Expires = r.At.Add(responseURLLife)
	}
	return d, nil
}

// target is where only the asker sees the answer: their conversation with the
// bot, or a message in the channel that is shown to nobody else.
func (q question) target() insights.Target {
	switch {
	case q.form != nil:
		return insights.Target{Kind: insights.ToPerson, User: q.user}
	case q.direct:
		return insights.Target{Kind: insights.ToChannel, Channel: q.channel, Thread: q.thread}
	case q.reply != "":
		return insights.Target{Kind: insights.ToResponseURL, URL: q.reply, Thread: q.thread}
	default:
		return insights.Target{Kind: insights.ToOne, Channel: q.channel, User: q.user, Thread: q.thread}
	}
}
