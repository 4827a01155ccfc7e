package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"salesbot/bot/blocks"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
	"salesbot/insights"
)

// TestNobodyIsShownAnotherPersonsDeal posts to random audiences, and reads what
// each reader would get: only open deals of their own.
func TestNobodyIsShownAnotherPersonsDeal(t *testing.T) {
	h := startHouse(t, "company")
	own, all := h.openDeals(t)
	options, err := h.db.AudienceOptions(t.Context(), clock())
	if err != nil {
		t.Fatal(err)
	}
	emeka := h.actor(t, "Emeka Obi-Lindgren")
	rapid.Check(t, func(rt *rapid.T) {
		values := map[string][]string{
			"what": {"they want leasing"}, "evidence": {"https://example.com"}, "confidence": {"low"}, "until": {anchor.AddDate(0, 0, 9).Format(time.DateOnly)},
		}
		for _, c := range rapid.SliceOfN(rapid.SampledFrom(options), 1, 5).Draw(rt, "audience") {
			value := c.Text
			if c.ID != 0 {
				value = strconv.FormatInt(c.ID, 10)
			}
			values[c.Dimension] = append(values[c.Dimension], value)
		}
		answer, _ := h.desk.Handle(t.Context(), handlers.Request{
			Origin: handlers.FromForm, Actor: emeka, Form: &handlers.Submission{ID: "insight", Values: values}, At: anchor,
		})
		for _, n := range answer.Notices {
			mine := own[n.To.Email]
			shown := workspacetest.Message{Text: blocks.Render(n.Answer).Text}.Words()
			if len(mine) == 0 || n.Answer.Table == nil || len(n.Answer.Table.Rows) == 0 {
				rt.Fatalf("%s is told of no deal:\n%s", n.To.Email, shown)
			}
			for _, row := range n.Answer.Table.Rows {
				if !mine[row[0].Text] {
					rt.Fatalf("%s is shown %s", n.To.Email, row[0].Text)
				}
			}
			for name := range all {
				if !mine[name] && strings.Contains(shown, name+"  ") { // a table leaves two blanks between columns
					rt.Fatalf("%s reads of %s:\n%s", n.To.Email, name, shown)
				}
			}
		}
	})
}

// openDeals are the names of the open deals, of each owner and of all.
func (h *house) openDeals(t *testing.T) (own map[string]map[string]bool, all map[string]bool) {
	t.Helper()
	rows, err := h.db.DB().QueryContext(t.Context(), `
		select p.email, o.name from opportunity o
		join stage s on s.id = o.stage_id and s.outcome = 'open' join person p on p.id = o.owner_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	own, all = map[string]map[string]bool{}, map[string]bool{}
	for rows.Next() {
		var email, name string
		if err := rows.Scan(&email, &name); err != nil {
			t.Fatal(err)
		}
		if own[email] == nil {
			own[email] = map[string]bool{}
		}
		own[email][name], all[name] = true, true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return own, all
}

func (h *house) actor(t *testing.T, name string) handlers.Actor {
	t.Helper()
	viewer, person, err := h.db.PersonBy(t.Context(), name, anchor)
	if err != nil {
		t.Fatal(err)
	}
	return handlers.Actor{ID: name, Name: name, Email: person.Email, Matched: &handlers.Matched{Viewer: viewer, Person: person}}
}

// postInsight has Emeka post an insight for Americas East, and returns the
// answer he gets.
func (h *house) postInsight(t *testing.T, what string) workspacetest.Message {
	t.Helper()
	emeka := h.person(t, "Emeka Obi-Lindgren")
	emeka.Command("dm", "/insight", "new")
	view := emeka.WaitForModal("the form", func(v workspacetest.View) bool { return v.CallbackID == "form:insight" })
	options, err := h.db.AudienceOptions(t.Context(), clock())
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]map[string]any{"what": {"input": what}, "evidence": {"input": "https://example.com"}}
	for _, c := range options.Of("territory") {
		if c.Text == "Americas East" {
			values["territory"] = map[string]any{"input": []string{strconv.FormatInt(c.ID, 10)}}
		}
	}
	if out := emeka.Submit(view, values); len(out.Errors) > 0 {
		t.Fatalf("the form is refused: %v", out.Errors)
	}
	return emeka.WaitFor("dm", "that it was posted", func(m workspacetest.Message) bool { return strings.Contains(m.Text, "Posted.") })
}

func TestTheAuthorSeesWhoCouldNotBeReached(t *testing.T) {
	h := startHouse(t, "company")
	for _, u := range h.users {
		if u.RealName == "Priya Adeyemi" {
			u.Restricted = true
			h.workspace.AddUser(u)
		}
	}
	h.postInsight(t, "Breweries ask for leasing")
	emeka := h.person(t, "Emeka Obi-Lindgren")
	standing := ""
	for strings.Contains(standing, "on the way") || standing == "" {
		before := emeka.See("dm")
		emeka.Command("dm", "/insight", "list")
		standing = emeka.WaitFor("dm", "the list", func(m workspacetest.Message) bool {
			return m.TS > before[len(before)-1].TS && strings.Contains(m.Text, "You posted")
		}).Text
	}
	if !strings.Contains(standing, "1 could not be reached") {
		t.Errorf("the list reads:\n%s", standing)
	}
	for _, m := range h.person(t, "Priya Adeyemi").See("dm") {
		t.Errorf("a guest was told: %s", m.Text)
	}
}

func TestNobodyIsToldTheSameInsightTwice(t *testing.T) {
	h := startHouse(t, "company")
	h.postInsight(t, "Breweries ask for leasing")
	var told, keys int
	row := h.db.DB().QueryRowContext(t.Context(), `select count(distinct target ->> 'email'), count(*) from delivery where key like 'insight:%'`)
	if err := row.Scan(&told, &keys); err != nil || told == 0 || told != keys {
		t.Errorf("%d people, %d messages (%v)", told, keys, err)
	}
}

// TestAButtonGivesNoRight presses what somebody else was shown.
func TestAButtonGivesNoRight(t *testing.T) {
	h := startHouse(t, "company")
	h.postInsight(t, "Breweries ask for leasing")
	m := h.person(t, "Priya Adeyemi").WaitForText("dm", "Breweries ask for leasing")
	key, _ := m.Metadata["event_payload"].(map[string]any)["key"].(string)
	id := strings.Split(key, ":")[1]
	cases := map[string]struct{ who, text, want string }{
		"a rep who was not told marks it":       {"Tom Farouk", "mark " + id + " useful", "Only those who were sent this insight"},
		"a reader corrects it":                  {"Priya Adeyemi", "correct " + id, "You cannot change this insight"},
		"a reader retires it":                   {"Priya Adeyemi", "retire " + id, "You cannot change this insight"},
		"a reader gives it a mark of their own": {"Priya Adeyemi", "mark " + id + " great", "marked useful, used or wrong"},
		"somebody invents one":                  {"Emeka Obi-Lindgren", "retire nothing", "There is no such insight"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			answer, turn := h.desk.Handle(t.Context(), handlers.Request{
				Origin: handlers.FromButton, Actor: h.actor(t, c.who), Text: "/insight " + c.text, At: clock(),
			})
			if answer.Status == handlers.Answered || !strings.Contains(handlers.Text(answer), c.want) || turn.Insight != nil || len(answer.Notices) > 0 {
				t.Errorf("%s: %s", answer.Status, handlers.Text(answer))
			}
		})
	}
	for name, form := range map[string]string{"correcting": "insight", "retiring": "insight_retire"} {
		t.Run(name+" by a form of one's own making", func(t *testing.T) {
			answer, turn := h.desk.Handle(t.Context(), handlers.Request{
				Origin: handlers.FromForm, Actor: h.actor(t, "Priya Adeyemi"), At: clock(),
				Form: &handlers.Submission{ID: form, Context: id + ":1", Values: map[string][]string{"why": {"because"}}},
			})
			if answer.Status == handlers.Answered || turn.Insight != nil || len(answer.Notices) > 0 {
				t.Errorf("%s: %s", answer.Status, handlers.Text(answer))
			}
		})
	}
}

func TestAFormThatWasOvertakenChangesNothing(t *testing.T) {
	h := startHouse(t, "company")
	h.postInsight(t, "Breweries ask for leasing")
	emeka := h.actor(t, "Emeka Obi-Lindgren")
	mine, err := h.db.InsightsBy(t.Context(), insights.Author{Email: emeka.Email})
	if err != nil || len(mine) != 1 {
		t.Fatalf("%d insights, %v", len(mine), err)
	}
	answer, turn := h.desk.Handle(t.Context(), handlers.Request{
		Origin: handlers.FromForm, Actor: emeka, At: clock(),
		Form: &handlers.Submission{ID: "insight_retire", Context: mine[0].ID + ":7", Values: map[string][]string{"why": {"because"}}},
	})
	if !strings.Contains(answer.Headline, "changed meanwhile") || turn.Insight != nil {
		t.Errorf("%s", handlers.Text(answer))
	}
}

func TestAnExpiredTriggerLeavesTheListAndAWayBack(t *testing.T) {
	h := startHouse(t, "company")
	emeka := h.person(t, "Emeka Obi-Lindgren")
	h.workspace.Fault(map[string]any{"method": "views.open", "error": "expired_trigger_id"})
	emeka.Command("dm", "/insight", "")
	m := emeka.WaitForText("dm", "type /insight new")
	emeka.Act(m, actionLabelled(m.Blocks, "Open the form"), nil)
	emeka.WaitForModal("the form", func(v workspacetest.View) bool { return v.CallbackID == "form:insight" })
}

func TestAnInsightWaitsForThoseWhoMutedInsights(t *testing.T) {
	h := startHouse(t, "company")
	priya := h.person(t, "Priya Adeyemi")
	priya.Say("dm", "mute insights for a week")
	says(t, priya.WaitForText("dm", "Muted until"), "insights.", "sent to you then")
	says(t, h.postInsight(t, "Breweries ask for leasing"), "1 person muted insights for now")
	const waits = `select count(*)::text from delivery where key like 'insight:%' and target ->> 'email' like 'priya.%'
		and state = 'pending' and not_before::date = '2026-11-27'`
	if n := text(t, h.db.DB(), waits); n != "1" {
		t.Errorf("%s messages wait for her", n)
	}
}
