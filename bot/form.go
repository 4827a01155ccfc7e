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

	"github.com/slack-go/slack"

	"salesbot/bot/blocks"
	"salesbot/bot/outbox"
	"salesbot/handlers"
)

// submission is a form that came back.
type submission struct {
	handlers.Submission
	first string // the field at the top, where a word about the whole form goes
}

// filled is nil where no form came.
func (s *submission) filled() *handlers.Submission {
	if s == nil {
		return nil
	}
	return &s.Submission
}

// option and entry are the values of fields, of whatever kind.
type option struct {
	Value string `json:"value"`
}

type entry struct {
	Value    text     `json:"value"`
	Date     text     `json:"selected_date"`
	Selected *option  `json:"selected_option"`
	Several  []option `json:"selected_options"`
}

func (e entry) values() []string {
	var all []string
	for _, o := range e.Several {
		all = append(all, o.Value)
	}
	if e.Selected != nil {
		all = append(all, e.Selected.Value)
	}
	for _, t := range []text{e.Value, e.Date} {
		if t != "" {
			all = append(all, string(t))
		}
	}
	return all
}

// readSubmission reads a form that was sent off. Its key is the state of the
// form that was sent: a repeat is the same, and what was sent, corrected and
// sent again is another.
func readSubmission(payload json.RawMessage) (question, error) {
	var p struct {
		User struct {
			ID     string `json:"id"`
			TeamID string `json:"team_id"`
		} `json:"user"`
		View struct {
			ID         string `json:"id"`
			Hash       string `json:"hash"`
			CallbackID string `json:"callback_id"`
			Private    string `json:"private_metadata"`
			Blocks     []struct {
				BlockID string `json:"block_id"`
			} `json:"blocks"`
			State struct {
				Values map[string]map[string]entry `json:"values"`
			} `json:"state"`
		} `json:"view"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return question{}, fmt.Errorf("reading a form: %w", err)
	}
	id, ours := strings.CutPrefix(p.View.CallbackID, blocks.FormPrefix)
	if !ours || id == "" || p.View.ID == "" || p.User.ID == "" {
		return question{}, errNotAsked
	}
	form := &submission{Submission: handlers.Submission{ID: id, Context: p.View.Private, Values: map[string][]string{}}}
	if len(p.View.Blocks) > 0 {
		form.first = p.View.Blocks[0].BlockID
	}
	for field, actions := range p.View.State.Values {
		for _, e := range actions {
			form.Values[field] = append(form.Values[field], e.values()...)
		}
	}
	return question{
		origin: handlers.FromForm, key: "form:" + p.View.ID + ":" + p.View.Hash,
		user: p.User.ID, team: p.User.TeamID, form: form,
	}, nil
}

// faults are what is wrong with a form, as far as can be said before it is
// acknowledged. What cannot be checked in time is checked when it is handled.
func (b *Bot) faults(ctx context.Context, q question) handlers.Faults {
	if q.form == nil || b.cfg.Check == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, b.cfg.KeepWithin)
	defer cancel()
	checked := make(chan handlers.Faults, 1)
	go func() { checked <- b.check(ctx, q) }()
	select {
	case faults := <-checked:
		return faults
	case <-ctx.Done():
		return nil
	}
}

func (b *Bot) check(ctx context.Context, q question) (faults handlers.Faults) {
	defer func() {
		if fault := recover(); fault != nil {
			b.log.ErrorContext(ctx, "a check of a form panicked", slog.String("stack", string(debug.Stack())))
			faults = nil
		}
	}()
	actor, err := b.actor(ctx, q)
	if err != nil {
		return nil
	}
	return b.cfg.Check(ctx, handlers.Request{Origin: q.origin, Actor: actor, Form: q.form.filled(), At: b.cfg.Now()})
}

// refill is the acknowledgement that leaves a form open and says why.
func refill(faults handlers.Faults) map[string]any {
	return map[string]any{"response_action": "errors", "errors": faults}
}

// A form opens within three seconds of what asked for it, or not at all.
const openWithin = 3 * time.Second

// open shows the answer's form. It is a response and no delivery, so it is
// tried once. Where there is nothing to open it with, or it is too late, the
// answer says how to ask again.
func (b *Bot) open(ctx context.Context, q question, answer handlers.Answer) handlers.Answer {
	reason := "A form opens from a command or a button only."
	if q.trigger != "" {
		ctx, cancel := context.WithTimeout(ctx, openWithin)
		defer cancel()
		_, err := b.slack.OpenViewContext(ctx, q.trigger, blocks.Modal(*answer.Form))
		if err == nil {
			return answer
		}
		reason = "The form did not open: Slack allows three seconds for it."
		b.log.WarnContext(ctx, "a form did not open", slog.String("form", answer.Form.ID), slog.String("reason", openFailure(err)))
	}
	again := answer.Form.Again
	answer.Quiet = false
	answer.Notes = append([]string{reason + " Press “" + again.Label + "”, or type " + again.Command + "."}, answer.Notes...)
	answer.Choices = append([]handlers.Choice{again}, answer.Choices...)
	return answer
}

func openFailure(err error) string {
	var coded slack.SlackErrorResponse
	if errors.As(err, &coded) {
		return coded.Err + " " + strings.Join(coded.ResponseMetadata.Messages, "; ")
	}
	return reason(err)
}

// find returns the user with an e-mail address, if they are a full member of
// this workspace: nobody else is written to.
func (b *Bot) find(ctx context.Context, email string) (string, error) {
	if err := b.acquainted(ctx); err != nil {
		return "", err
	}
	if email == "" {
		return "", outbox.Nobody{Reason: "no e-mail address"}
	}
	user, err := b.reader.GetUserByEmailContext(ctx, email)
	var coded slack.SlackErrorResponse
	switch {
	case errors.As(err, &coded) && coded.Err == "users_not_found":
		return "", outbox.Nobody{Reason: "nobody in Slack has that e-mail address"}
	case err != nil:
		return "", err
	case barred(*user, b.self.team) != "":
		return "", outbox.Nobody{Reason: "not a full member of this Slack workspace"}
	default:
		return user.ID, nil
	}
}
