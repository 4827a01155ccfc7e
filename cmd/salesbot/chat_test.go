package main

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
)

// A conversation script is what people type and what they must see:
//
//	[Anna Snelling, direct message]      who acts, and where: #channel or direct message
//	> won revenue                        typed; a leading slash makes it a command
//	< $10,005,534                        the reply contains this
//	! Traceback                          … and does not contain that
//	(only you)                           the reply is visible to nobody else
//	press By territory                   a button of the reply is pressed
//	due                                  the person's digests fall due
//	tap Useful                           … and no reply is expected
//	open Correct                         … and opens a form
//	opened                               the last step opened a form
//	what: Customers ask for leasing      a field of the form is filled in, by its id; of choices,
//	territory: EMEA North | APAC         what people read, and of days also “in 40 days”
//	submit                               the form is sent off, and the reply comes as a direct message
//	? Choose a day                       or the form stays open, and says this
//	attach accounts.csv: id,name\nA1,A   a file for the next message, \n between its lines
//	send import this                     a message with the files, perhaps with words
//	thread Only managers                 a message that contains this in the thread of what was sent
//	reply dates dmy                      typed in that thread
//	read Customers ask for leasing       a message that contains this, once it does
//	below                                what was said in the thread of that message
//
// Expectations are about the reply's fallback text, which must stand alone.
// The scripts are discovered: testdata/DATA/*.chat runs on the data set DATA.
func TestConversations(t *testing.T) {
	for _, data := range []string{"maven", "company"} {
		scripts, err := filepath.Glob(filepath.Join("testdata", data, "*.chat"))
		if err != nil || len(scripts) == 0 {
			t.Fatalf("no scripts in testdata/%s (%v)", data, err)
		}
		for _, script := range scripts {
			t.Run(data+"/"+strings.TrimSuffix(filepath.Base(script), ".chat"), func(t *testing.T) {
				c := conversation{t: t, house: startHouse(t, data)}
				c.play(script)
			})
		}
	}
}

type conversation struct {
	t       *testing.T
	house   *house
	line    int
	name    string
	person  *workspacetest.Person
	channel string
	reply   workspacetest.Message
	form    chatForm

	attached []map[string]any // to the next message
	sent     string           // the message with files that a thread is on
}

func (c *conversation) play(script string) {
	c.t.Helper()
	file, err := os.Open(script)
	if err != nil {
		c.t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		c.line++
		c.step(strings.TrimRight(lines.Text(), " "))
	}
}

func (c *conversation) step(line string) {
	c.t.Helper()
	kind, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "" || kind == "#":
	case strings.HasPrefix(line, "["):
		c.enter(strings.Trim(line, "[]"))
	case kind == ">":
		c.typed(rest)
	case kind == "press":
		c.press(rest)
	case line == "due":
		c.due()
	case kind == "<":
		if !strings.Contains(c.reply.Text, rest) {
			c.t.Fatalf("line %d: %s expected to read %q, but the reply is:\n%s", c.line, c.name, rest, c.reply.Text)
		}
	case kind == "!":
		if strings.Contains(c.reply.Text, rest) {
			c.t.Fatalf("line %d: %s must not read %q, but the reply is:\n%s", c.line, c.name, rest, c.reply.Text)
		}
	case line == "(only you)":
		c.onlyYou()
	case c.formStep(line, kind, rest), c.fileStep(kind, rest):
	default:
		c.t.Fatalf("line %d: not a step: %q", c.line, line)
	}
}

func (c *conversation) enter(where string) {
	c.t.Helper()
	name, place, ok := strings.Cut(where, ", ")
	if !ok {
		c.t.Fatalf("line %d: want [Name, place]", c.line)
	}
	c.name, c.channel = name, strings.TrimPrefix(place, "#")
	if place == "direct message" {
		c.channel = "dm"
	}
	c.person = c.house.person(c.t, name)
}

func (c *conversation) typed(text string) {
	c.t.Helper()
	before := c.latest()
	if strings.HasPrefix(text, "/") {
		command, args, _ := strings.Cut(text, " ")
		c.person.Command(c.channel, command, args)
	} else {
		c.person.Say(c.channel, text)
	}
	c.await(before, text)
}

func (c *conversation) press(label string) {
	c.t.Helper()
	before := c.latest()
	action := actionLabelled(c.reply.Blocks, label)
	if action == "" {
		c.t.Fatalf("line %d: the reply has no button %q:\n%s", c.line, label, c.reply.Words())
	}
	c.person.Act(c.reply, action, nil)
	c.await(before, "pressing "+label)
}

func (c *conversation) latest() string {
	messages := c.person.See(c.channel)
	if len(messages) == 0 {
		return ""
	}
	return messages[len(messages)-1].TS
}

func (c *conversation) await(before, what string) {
	c.t.Helper()
	c.reply = c.person.WaitFor(c.channel, "a reply to "+what, func(m workspacetest.Message) bool {
		return m.TS > before && m.Bot
	})
}

// onlyYou holds when the reply is in a direct message, or when nobody else in
// the channel sees it.
func (c *conversation) onlyYou() {
	c.t.Helper()
	if c.channel == "dm" {
		return
	}
	for _, other := range c.house.users {
		if other.RealName == c.name {
			continue
		}
		for _, m := range c.house.workspace.As(other.ID).See(c.channel) {
			if m.TS == c.reply.TS {
				c.t.Fatalf("line %d: %s sees what was for %s only", c.line, other.RealName, c.name)
			}
		}
	}
}

// actionLabelled finds the action id of the button with that text.
func actionLabelled(value any, label string) string {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			if id := actionLabelled(item, label); id != "" {
				return id
			}
		}
	case map[string]any:
		text, _ := v["text"].(map[string]any)
		if v["type"] == "button" && text["text"] == label {
			id, _ := v["action_id"].(string)
			return id
		}
		for _, key := range []string{"elements", "accessory"} {
			if id := actionLabelled(v[key], label); id != "" {
				return id
			}
		}
	}
	return ""
}

// TestEveryExampleOfTheHelpIsAnswered keeps the help honest.
func TestEveryExampleOfTheHelpIsAnswered(t *testing.T) {
	h := startHouse(t, "company")
	viewer, person, err := h.db.PersonBy(t.Context(), "Ingrid Solheim", anchor)
	if err != nil {
		t.Fatal(err)
	}
	manager := handlers.Actor{Name: person.Name, Matched: &handlers.Matched{Viewer: viewer, Person: person}}
	for _, command := range handlers.Commands() {
		for _, example := range command.Examples {
			answer, _ := h.desk.Handle(t.Context(), handlers.Request{Origin: handlers.FromTerminal, Actor: manager, Text: example, At: anchor})
			if answer.Status != handlers.Answered {
				t.Errorf("%s is an example of the help, but ends as %s: %s", example, answer.Status, answer.Headline)
			}
		}
	}
}

// TestTheReadmeShowsTheConversationThatIsPlayed keeps the two one text.
func TestTheReadmeShowsTheConversationThatIsPlayed(t *testing.T) {
	readme, err1 := os.ReadFile(filepath.Join("..", "..", "README.md"))
	tour, err2 := os.ReadFile(filepath.Join("testdata", "company", "tour.chat"))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```\n"+string(tour)+"```\n") {
		t.Error("README.md shows another conversation than testdata/company/tour.chat")
	}
}

func TestAFollowUpInTheThreadOfAMentionGoesOnFromIt(t *testing.T) {
	h := startHouse(t, "company")
	priya := h.person(t, "Priya Farouk")
	asked := priya.Say("general", "@salesbot my win rate by quarter")
	priya.WaitForText("general", "Win rate")
	priya.Reply("general", asked.TS, "@salesbot only this year")
	priya.WaitForReply("general", asked.TS, "the follow-up", func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "this year") && strings.Contains(m.Text, "Changed")
	})
}

func TestAThreadGoesOnFromTheQuestionItWasOpenedOnAndNotFromALaterOne(t *testing.T) {
	h := startHouse(t, "company")
	priya := h.person(t, "Priya Farouk")
	first := priya.Say("general", "@salesbot my win rate by quarter")
	priya.WaitForText("general", "Win rate")
	priya.Say("general", "@salesbot won revenue by territory")
	priya.WaitForText("general", "Won revenue")
	priya.Reply("general", first.TS, "@salesbot only this year")
	m := priya.WaitForReply("general", first.TS, "the follow-up", func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "Changed")
	})
	says(t, m, "Win rate", "this year")
	priya.Say("general", "@salesbot only last year")
	later := priya.WaitFor("general", "the other follow-up", func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "Changed") && strings.Contains(m.Text, "last year")
	})
	says(t, later, "Won revenue")
}
