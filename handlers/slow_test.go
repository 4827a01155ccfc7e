package handlers

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"salesbot/insights/metric"
)

// endless is a store whose figures are never counted to the end.
type endless struct{ shelf }

func (endless) Read(ctx context.Context, _ []metric.Statement) (metric.Reading, error) {
	<-ctx.Done()
	return metric.Reading{}, fmt.Errorf("reading figures: %w", ctx.Err())
}

func TestWhatTakesTooLongIsStoppedAndSaysWhatWouldBeQuicker(t *testing.T) {
	desk, log := testDesk(nil)
	desk.Store, desk.ReadWithin = endless{}, time.Millisecond
	var got strings.Builder
	for _, question := range []string{
		"won revenue", "won revenue by product and industry this year", "open pipeline as of last friday", "what changed in open pipeline since last week",
		"open pipeline by stage closing this quarter", "sales cycle by industry last year",
	} {
		answer, turn := desk.Handle(t.Context(), Request{Actor: Actor{Local: true}, Text: question, At: asked})
		if answer.Status != Failed || answer.Code != "deadline" || answer.Query == nil || turn.Audit.Code != "deadline" || answer.Receipt != "" {
			t.Errorf("%s: %+v", question, answer)
		}
		fmt.Fprintf(&got, "> %s\n%s\n", question, Text(answer))
		for _, choice := range answer.Choices {
			again, _ := desk.Handle(t.Context(), Request{Actor: Actor{Local: true}, Text: choice.Command, At: asked})
			if again.Code != "deadline" { // it was understood, and counted
				t.Errorf("%s: %q is no question: %s", question, choice.Command, again.Headline)
			}
		}
	}
	golden(t, "slow.txt", got.String())
	if !strings.Contains(log.String(), "a question took too long") {
		t.Errorf("the log says %q", log)
	}
}

// hesitant is a store that finds nothing in a period, and cannot look further.
type hesitant struct{ endless }

func (s hesitant) Read(ctx context.Context, statements []metric.Statement) (metric.Reading, error) {
	if !strings.Contains(statements[0].SQL, "o.close_on >= ") {
		return s.endless.Read(ctx, statements)
	}
	nothing := "0"
	return metric.Reading{Revision: 1, Tables: [][][]*string{{{&nothing, nil, nil}}}}, nil
}

func TestAnAnswerIsNotLostBecauseWhereTheDataLiesCannotBeFound(t *testing.T) {
	desk, _ := testDesk(nil)
	desk.Store, desk.ReadWithin = hesitant{}, time.Millisecond
	answer, _ := desk.Handle(t.Context(), Request{Actor: Actor{Local: true}, Text: "open deals closing 2026", At: asked})
	if answer.Status != Answered || !strings.Contains(Text(answer), "took too long") {
		t.Error(Text(answer))
	}
}
