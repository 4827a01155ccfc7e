package main

import (
	"slices"
	"strings"
	"testing"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
)

// patch is a private channel of Priya Adeyemi, a rep, and Odile Marchetti, her
// manager: both may see Priya's figures.
type patch struct {
	t     *testing.T
	house *house
	priya *workspacetest.Person
}

func newPatch(t *testing.T) patch {
	t.Helper()
	h := startHouse(t, "company")
	p := patch{t: t, house: h, priya: h.person(t, "Priya Adeyemi")}
	p.set(workspace.Channel{})
	return p
}

// set gives the channel its members, and others besides.
func (p patch) set(c workspace.Channel, others ...string) {
	c.Name, c.Private = "patch", true
	for _, name := range append([]string{"Priya Adeyemi", "Odile Marchetti"}, others...) {
		i := slices.IndexFunc(p.house.users, func(u workspace.User) bool { return u.RealName == name })
		c.Members = append(c.Members, p.house.users[i].ID)
	}
	c.Members = append(c.Members, "salesbot")
	p.house.workspace.SetChannel(c)
}

func (p patch) person(name string) *workspacetest.Person { return p.house.person(p.t, name) }

// ask asks for Priya's own figure, and to share it.
func (p patch) ask() workspacetest.Message {
	p.t.Helper()
	p.priya.Command("patch", "/kpi", "my won revenue this year")
	p.press(p.priya.WaitForText("patch", "Won revenue"), "Share here")
	return p.priya.WaitForText("patch", "Share it in #patch, with the 2 people")
}

func (p patch) press(m workspacetest.Message, label string) {
	p.t.Helper()
	action := actionLabelled(m.Blocks, label)
	if action == "" {
		p.t.Fatalf("there is no button %q:\n%s", label, m.Words())
	}
	p.priya.Act(m, action, nil)
}

// posts are what everybody in the channel sees.
func (p patch) posts() []workspacetest.Message {
	p.t.Helper()
	var out []workspacetest.Message
	for _, m := range p.person("Odile Marchetti").See("patch") {
		if m.Bot {
			out = append(out, m)
		}
	}
	return out
}

func (p patch) nothingPosted() {
	p.t.Helper()
	if posts := p.posts(); len(posts) > 0 {
		p.t.Errorf("it was posted:\n%s", posts[0].Text)
	}
}

func TestARepsFigureIsSharedWithThoseWhoMaySeeIt(t *testing.T) {
	p := newPatch(t)
	p.press(p.ask(), "Share in #patch")
	posted := p.person("Odile Marchetti").WaitForText("patch", "Shared by Priya Adeyemi, as told on")
	says(t, posted, "Won revenue, person Priya Adeyemi", "Data as of")
	if strings.Contains(posted.Words(), "Share here") {
		t.Error("what is shared offers to be shared")
	}
	if !strings.Contains(posted.Words(), "Receipt") {
		t.Error("what is shared has no receipt")
	}
	// A follow-up goes on from what was asked, and not from the sharing of it.
	p.priya.Command("patch", "/kpi", "and last year?")
	says(t, p.priya.WaitForText("patch", "Changed"), "person Priya Adeyemi", "last year")
	if n := len(p.posts()); n != 1 {
		t.Errorf("%d messages are in the channel", n)
	}
	got := texts(t, open(t, p.house.settings.DatabaseURL), `select concat_ws(' ', status, nullif(code, ''), place) from audit where text like 'share receipt%' and receipt is not null order by id`)
	if want := []string{"asked_back C0PATCH", "answered shared C0PATCH"}; !slices.Equal(got, want) {
		t.Errorf("the audit log says %q", got)
	}
}

func TestWhatIsAskedInAThreadIsSharedThere(t *testing.T) {
	p := newPatch(t)
	asked := p.priya.Say("patch", "@salesbot my won revenue this year")
	p.priya.WaitForText("patch", "Won revenue")
	p.priya.Reply("patch", asked.TS, "@salesbot share this")
	inThread := func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "Share it in this thread of #patch")
	}
	p.press(p.priya.WaitForReply("patch", asked.TS, "the question back", inThread), "Share in #patch")
	posted := func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "Shared by Priya Adeyemi")
	}
	p.person("Odile Marchetti").WaitForReply("patch", asked.TS, "the answer", posted)
	p.nothingPosted() // beside the thread
}

func TestWhatSlackDidNotTakeCanBeSharedAgain(t *testing.T) {
	p := newPatch(t)
	asked := p.ask()
	p.house.workspace.Fault(map[string]any{"method": "chat.postMessage", "channel": "C0PATCH", "error": "restricted_action"})
	p.press(asked, "Share in #patch")
	p.priya.WaitForText("dm", "restricted_action")
	p.press(asked, "Share in #patch")
	p.person("Odile Marchetti").WaitForText("patch", "Shared by Priya Adeyemi")
	p.press(asked, "Share in #patch")
	p.priya.WaitForText("patch", "It is already shared in #patch.")
	if n := len(p.posts()); n != 1 {
		t.Errorf("it is posted %d times", n)
	}
}

func TestSomebodyWhoJoinsBeforeThePressSeesNothing(t *testing.T) {
	p := newPatch(t)
	asked := p.ask()
	p.set(workspace.Channel{}, "Amara Eklund")
	p.press(asked, "Share in #patch")
	refused := p.priya.WaitForText("patch", "Not shared: of the 3 people who can read #patch, 1 may not see it.")
	says(t, refused, "Refused, if they ask: “You may not see the figures of Priya Adeyemi", "Amara Eklund", "Nothing was posted")
	p.nothingPosted()
}

func TestWhatChangesBetweenThePressAndThePostIsHeeded(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p patch)
		told   string
	}{
		"somebody joins":                {func(p patch) { p.set(workspace.Channel{}, "Amara Eklund") }, "of the 3 people who can read #patch, 1 may not see it"},
		"the channel is shared outside": {func(p patch) { p.set(workspace.Channel{ExtShared: true}) }, "#patch is shared outside this workspace"},
		"a reader leaves the company":   {func(p patch) { p.inactive("Odile Marchetti") }, "Not known to me"},
		"the sharer leaves the company": {func(p patch) { p.inactive("Priya Adeyemi") }, "I do not know you yet"},
		"Slack does not say who reads it": {func(p patch) {
			p.house.workspace.Fault(map[string]any{"method": "conversations.members", "error": "internal_error"})
		}, "Slack did not tell me who is in #patch"},
		"Slack takes no posts there": {func(p patch) {
			p.house.workspace.Fault(map[string]any{"method": "chat.postMessage", "channel": "C0PATCH", "error": "restricted_action"})
		}, "Slack did not take it: restricted_action"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPatch(t)
			asked := p.ask()
			p.house.workspace.Fault(map[string]any{"method": "chat.postMessage", "channel": "C0PATCH", "retry_after": 2})
			p.press(asked, "Share in #patch")
			p.priya.WaitForText("patch", "I post it in #patch now.")
			p.house.workspace.WaitForLog("the first attempt", func(e workspacetest.Entry) bool { return e.Method == "chat.postMessage" && e.Status == 429 })
			c.change(p)
			says(t, p.priya.WaitForText("dm", c.told), "The answer that you shared, “won revenue, person Priya Adeyemi, this year”, was not posted.")
			p.nothingPosted()
		})
	}
}

func (p patch) inactive(name string) {
	p.t.Helper()
	if _, err := p.house.db.DB().ExecContext(p.t.Context(), `update person set active = false where name = $1`, name); err != nil {
		p.t.Fatal(err)
	}
}

func TestAShareWhoseProcessDiesIsCheckedByTheNext(t *testing.T) {
	for name, c := range map[string]struct {
		joins  []string
		told   string
		posted int
	}{
		"all may still see it": {nil, "Shared by Odile Marchetti", 1},
		"somebody has joined":  {[]string{"amara"}, "was not posted", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.AddUser(workspace.User{Name: "amara", RealName: "Amara Eklund", Email: "amara.eklund@tidewater.example"})
			members := []string{"odile", "ingrid", "salesbot"}
			s.SetChannel(workspace.Channel{Name: "leads", Private: true, Members: members})
			first := s.serve("")
			s.WaitForConnections(2)
			odile := s.As("odile")
			odile.Command("leads", "/kpi", "gross margin")
			for _, step := range []struct{ text, label string }{{"Gross margin", "Share here"}, {"Share it in #leads", "Share in #leads"}} {
				m := odile.WaitForText("leads", step.text)
				if step.label == "Share in #leads" {
					s.Fault(map[string]any{"method": "chat.postMessage", "retry_after": 3})
				}
				odile.Act(m, actionLabelled(m.Blocks, step.label), nil)
			}
			s.WaitForLog("the first attempt", func(e workspacetest.Entry) bool { return e.Method == "chat.postMessage" && e.Status == 429 })
			await(t, s.db, "the delivery to be put back", `select count(*) from delivery where key like 'share:%' and state = 'pending'`, "1")
			first.kill()
			s.WaitForConnections(0)
			s.SetChannel(workspace.Channel{Name: "leads", Private: true, Members: append(members, c.joins...)})

			second := s.serve("")
			s.WaitForConnections(2)
			await(t, s.db, "everything to be finished", `select count(*) from delivery where finished_at is null`, "0")
			second.stop()
			if n := s.heard("ingrid", "leads"); n != c.posted {
				t.Errorf("%d answers are in the channel, want %d", n, c.posted)
			}
			where := "leads"
			if c.posted == 0 {
				where = "dm"
			}
			says(t, odile.WaitForText(where, c.told), "ross margin")
		})
	}
}
