package handlers

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// told is a store that remembers one answer, and has a rep and her manager in it.
type told struct {
	shelf
	query metric.Query
}

func (told) LastAnswer(context.Context, string) (string, error) { return "r7k2", nil }

func (s told) Receipt(context.Context, string) (insights.Receipt, error) {
	return insights.Receipt{ID: "r7k2", At: asked, Query: s.query, Viewer: metric.Viewer{PersonID: 7}, Company: metric.DefaultCompany(), Revision: 3}, nil
}

func (told) Viewers(context.Context, []string, time.Time) (map[string]metric.Viewer, error) {
	return map[string]metric.Viewer{
		"priya@tidewater.example": {PersonID: 7, Role: metric.RoleRep, People: []int64{7}},
		"odile@tidewater.example": {PersonID: 3, Role: metric.RoleManager, People: []int64{3, 7}},
		"tom@tidewater.example":   {PersonID: 8, Role: metric.RoleRep, People: []int64{8}},
	}, nil
}

// room is a workspace of one channel.
type room struct {
	audience Audience
	fault    error
}

func (r room) Common(context.Context) ([]Place, error) { return []Place{r.audience.Place}, r.fault }

func (r room) Audience(context.Context, string) (Audience, error) { return r.audience, r.fault }

func TestWhyAnAnswerIsNotShared(t *testing.T) {
	var (
		sales    = Place{ID: "C1", Name: "sales", Channel: true}
		own      = metric.Query{Shape: metric.ShapeFigure, Metric: "won_revenue", Where: []metric.Filter{{Field: "person", Op: metric.Eq, Values: []metric.Value{{ID: 7, Text: "Priya Adeyemi"}}}}}
		byPerson = metric.Query{Shape: metric.ShapeFigure, Metric: "won_revenue", By: []string{"person"}}
		priya    = Reader{Name: "Priya Adeyemi", Email: "Priya@tidewater.example"}
		odile    = Reader{Name: "Odile Marchetti", Email: "odile@tidewater.example"}
		tom      = Reader{Name: "Tom Ode", Email: "tom@tidewater.example"}
		wren     = Reader{Name: "Wren Ito", Email: "wren@tidewater.example"} // an administrator by configuration
		gus      = Reader{Name: "Gus Guest", Barred: "a guest in Slack"}
		nia      = Reader{Name: "Nia New", Email: "nia@tidewater.example"}
	)
	for name, c := range map[string]struct {
		query    metric.Query
		audience Audience
		fault    error
		nowhere  bool
		text     string
		status   Status
		says     []string
		offers   string
	}{
		"at the terminal": {nowhere: true, status: Refused, says: []string{"There is no channel here"}},
		"where nothing may be posted": {query: own, audience: Audience{Place: sales, Barred: "#sales is archived."},
			status: Refused, says: []string{"#sales is archived.", "Nothing was posted."}},
		"with a guest": {query: own, audience: Audience{Place: sales, Readers: []Reader{priya, gus}},
			status: Refused, says: []string{"of the 2 people who can read #sales, 1 may not see it", "A guest in Slack — Gus Guest."}},
		"with somebody unknown": {query: own, audience: Audience{Place: sales, Readers: []Reader{priya, nia}},
			status: Refused, says: []string{"Not known to me, as no active person has that Slack e-mail address — Nia New."}},
		"with another rep": {query: own, audience: Audience{Place: sales, Readers: []Reader{priya, odile, tom, wren}},
			status: Refused, says: []string{"of the 4 people", "1 may not see it", "You may not see the figures of Priya Adeyemi", "— Tom Ode."}, offers: "won revenue by territory"},
		"with many": {query: own, audience: Audience{Place: sales, Public: true, Readers: []Reader{priya, nia, nia, nia, nia, nia, gus, tom}},
			status: Refused, says: []string{"6 may not see it", "— Nia New, Nia New, Nia New and 2 more.", "A guest in Slack — Gus Guest.", "#sales is public"}},
		"of the asker's own people": {query: byPerson, audience: Audience{Place: sales, Readers: []Reader{priya, odile}},
			status: Refused, says: []string{"it counts only what you may see"}, offers: "won revenue by person, person Priya Adeyemi"},
		"when Slack does not say": {query: own, fault: &insights.Error{Code: "slack_unreachable", Message: "Slack did not tell me who can read #sales, so nothing is shared.", Hint: "Please try again in a minute."},
			status: Failed, says: []string{"Slack did not tell me"}},
		"in a channel that only one of both is in": {query: own, audience: Audience{Place: sales}, text: "post this in #secret",
			status: Refused, says: []string{"I know no channel #secret that both you and I are in."}, offers: "share receipt r7k2 in C1"},
		"of another's receipt": {query: own, audience: Audience{Place: sales}, text: "share receipt r7k2 in C1 confirmed", status: Refused, says: []string{"An answer is shared by whoever it was told"}},
	} {
		t.Run(name, func(t *testing.T) {
			desk, _ := testDesk(nil)
			desk.Store = told{query: c.query}
			r := Request{Actor: Actor{ID: "U1", Email: "priya@tidewater.example"}, Place: sales, Thread: "T/C1/U1", Text: "share this here", At: asked, Channels: room{c.audience, c.fault}}
			if c.text != "" {
				r.Text = c.text
			}
			if c.nowhere {
				r.Channels = nil
			}
			if strings.Contains(c.text, "receipt") {
				r.Actor = Actor{ID: "U2", Matched: &Matched{Viewer: metric.Viewer{PersonID: 8, Role: metric.RoleRep, People: []int64{8}}}}
			}
			a, turn := desk.Handle(t.Context(), r)
			all := a.Headline + "\n" + strings.Join(a.Notes, "\n")
			if a.Status != c.status || len(a.Notices) > 0 || turn.Audit.Status != string(c.status) {
				t.Errorf("it ends as %s (%s):\n%s", a.Status, a.Code, all)
			}
			for _, part := range c.says {
				if !strings.Contains(all, part) {
					t.Errorf("it does not say %q:\n%s", part, all)
				}
			}
			var offers []string
			for _, choice := range a.Choices {
				offers = append(offers, choice.Command)
			}
			if got := strings.Join(offers, " | "); c.offers != "" && !strings.Contains(got, c.offers) || c.offers == "" && got != "" {
				t.Errorf("it offers %q", got)
			}
		})
	}
}

// spoken is a store of conversations: what was last asked, and the receipt of the
// answer to it.
type spoken struct {
	told
	queries  map[string]*metric.Query
	receipts map[string]string
}

func (s spoken) LastQuery(_ context.Context, thread string) (*metric.Query, error) {
	return s.queries[thread], nil
}

func (s spoken) LastAnswer(_ context.Context, thread string) (string, error) {
	return s.receipts[thread], nil
}

func TestTheLastAnswerIsTheOneThatAFollowUpGoesOnFrom(t *testing.T) {
	figure := &metric.Query{Shape: metric.ShapeFigure, Metric: "won_revenue"}
	meaning := &metric.Query{Shape: metric.ShapeDefinition, Metric: "won_revenue"}
	for name, c := range map[string]struct {
		store spoken
		says  string
	}{
		"nothing was asked":       {spoken{}, "There is no answer here to share."},
		"a definition was told":   {spoken{queries: map[string]*metric.Query{"thread": meaning}}, "Only figures and lists are shared"},
		"no receipt was kept":     {spoken{queries: map[string]*metric.Query{"thread": figure}}, "I do not know any more what exactly you were told."},
		"a figure was told":       {spoken{queries: map[string]*metric.Query{"thread": figure}, receipts: map[string]string{"thread": "r1"}}, "Share it in which channel?"},
		"a figure, around it":     {spoken{queries: map[string]*metric.Query{"around": figure}, receipts: map[string]string{"around": "r1"}}, "Share it in which channel?"},
		"a definition, after one": {spoken{queries: map[string]*metric.Query{"thread": meaning, "around": figure}, receipts: map[string]string{"around": "r1"}}, "Only figures and lists are shared"},
	} {
		desk, _ := testDesk(nil)
		desk.Store = c.store
		r := Request{Actor: Actor{ID: "U1", Email: "priya@tidewater.example"}, Thread: "thread", Around: "around", Text: "share this", At: asked}
		r.Channels = room{audience: Audience{Place: Place{ID: "C1", Name: "sales", Channel: true}}}
		if a, _ := desk.Handle(t.Context(), r); !strings.Contains(a.Headline, c.says) {
			t.Errorf("%s: %s", name, a.Headline)
		}
	}
}

// TestNothingOfAnAnswerIsReadBeforeAllMaySeeIt: the store fails whoever reads
// figures, and a refusal is still said.
func TestNothingOfAnAnswerIsReadBeforeAllMaySeeIt(t *testing.T) {
	desk, _ := testDesk(nil)
	desk.Store = unread{told{query: metric.Query{Shape: metric.ShapeFigure, Metric: "won_revenue"}}}
	r := Request{Actor: Actor{ID: "U1", Email: "priya@tidewater.example"}, Place: Place{ID: "C1", Channel: true}, Thread: "T/C1/U1", Text: "share this", At: asked}
	for barred, want := range map[string]Status{"a guest in Slack": Refused, "": Failed} {
		r.Channels = room{audience: Audience{Place: r.Place, Readers: []Reader{{Name: "Tom", Email: "tom@tidewater.example", Barred: barred}}}}
		if a, _ := desk.Handle(t.Context(), r); a.Status != want {
			t.Errorf("with %q it ends as %s: %s", barred, a.Status, a.Headline)
		}
	}
}

type unread struct{ told }

func (unread) Read(context.Context, []metric.Statement) (metric.Reading, error) {
	return metric.Reading{}, errors.New("figures are read")
}
