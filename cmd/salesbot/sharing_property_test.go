package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/handlers"
	"salesbot/insights"
)

// audience is a channel with these people in it.
type audience []insights.Person

var room = handlers.Place{ID: "C0ROOM", Name: "room", Channel: true}

func (a audience) Common(context.Context) ([]handlers.Place, error) {
	return []handlers.Place{room}, nil
}

func (a audience) Audience(context.Context, string) (handlers.Audience, error) {
	found := handlers.Audience{Place: room}
	for _, p := range a {
		found.Readers = append(found.Readers, handlers.Reader{Name: p.Name, Email: p.Email})
	}
	return found, nil
}

// TestNothingIsSharedThatAReaderWouldNotBeTold: whoever shares what in whichever
// company, at once or later, each of those who read it is told the same if they ask it themselves.
func TestNothingIsSharedThatAReaderWouldNotBeTold(t *testing.T) {
	p, environ := testProgram(t, loaded(t, "company"))
	s, err := readSettings(environ)
	if err != nil {
		t.Fatal(err)
	}
	db, err := p.openDatabase(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people, err := db.People(t.Context(), anchor)
	if err != nil {
		t.Fatal(err)
	}
	talk := newUnkept(db)
	desk := p.desk(s, talk)
	handle := func(who insights.Person, a audience, at time.Time, text string) handlers.Answer {
		r := handlers.Request{
			Origin: handlers.FromMention, Actor: handlers.Actor{ID: who.ExternalID, Name: who.Name, Email: who.Email},
			Place: room, Thread: who.ExternalID, Text: text, At: at, Channels: a,
		}
		answer, turn := desk.Handle(t.Context(), r)
		talk.hear(who.ExternalID, turn)
		return answer
	}
	questions := []string{
		"won revenue this year", "won revenue by territory", "my won revenue", "won revenue of NAME this year", "won revenue by rep", "won revenue for my team by rep", "won revenue by account",
		"win rate by quarter", "gross margin this year", "quota attainment of NAME this year", "quota attainment by rep this year", "open pipeline by stage", "my open pipeline by stage",
		"list my open deals", "list won deals this year", "list open deals of NAME", "won revenue by territory as a percentage", "what changed in open pipeline this month",
		"what changed in my open pipeline this month", "won revenue in NAME's team this year vs previous", "pushes by rep this year", "calls by rep this month",
	}
	shared, refused := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		someone := rapid.SampledFrom(people)
		sharer := someone.Draw(rt, "sharer")
		readers := audience(append(rapid.SliceOfN(someone, 0, 4).Draw(rt, "readers"), sharer))
		question := strings.ReplaceAll(rapid.SampledFrom(questions).Draw(rt, "question"), "NAME", someone.Draw(rt, "name").Name)
		asked := handle(sharer, readers, anchor, question)
		if asked.Status != handlers.Answered || asked.Query == nil {
			rt.Skip("there is no answer to share")
		}
		later := anchor.Add(time.Duration(rapid.IntRange(0, 2).Draw(rt, "hours later")) * time.Hour)
		confirm := handle(sharer, readers, later, "share this")
		if confirm.Status != handlers.AskedBack {
			refused++
			return
		}
		posted := handle(sharer, readers, later, confirm.Choices[0].Command)
		if len(posted.Notices) != 1 {
			rt.Fatalf("%s asks %q, and it is not posted: %s", sharer.Name, question, posted.Headline)
		}
		shared++
		shown := posted.Notices[0].Answer
		for _, reader := range readers {
			own := handle(reader, readers, anchor, desk.Say(*asked.Query))
			if later.Sub(anchor) > time.Hour {
				own.Headline = "On Fri 20 Nov 2026 00:00: " + own.Headline
			}
			if diff := cmp.Diff(own.Headline, shown.Headline); own.Status != handlers.Answered || diff != "" {
				rt.Fatalf("%s shares %q, and %s would be told (-)\n%s", sharer.Name, question, reader.Name, diff)
			}
			if !slices.Equal(rowsIn(own), rowsIn(shown)) {
				rt.Fatalf("%s shares %q, and the rows that %s would be told are\n%q\nand not\n%q", sharer.Name, question, reader.Name, rowsIn(own), rowsIn(shown))
			}
		}
	})
	t.Logf("%d answers were shared, %d were not", shared, refused)
	if shared == 0 || refused == 0 {
		t.Errorf("%d answers were shared and %d were not: nothing is shown by that", shared, refused)
	}
}

// rowsIn are the rows of an answer's table, as CSV.
func rowsIn(a handlers.Answer) []string {
	var out strings.Builder
	if a.Table == nil || handlers.CSV(&out, a) != nil {
		return nil
	}
	return strings.Split(out.String(), "\n")
}
