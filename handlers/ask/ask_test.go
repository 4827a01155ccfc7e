package ask

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// TestUnderstood checks the line that says how a question was read.
func TestUnderstood(t *testing.T) {
	p := testParser()
	for text, want := range map[string]string{
		"win rate central q3 2017 by quarter":    "win rate (by close date) · territory Central · Q3 2017 (1 Jul 2017 – 30 Sep 2017) · by quarter",
		"top 5 reps by revenue":                  "won revenue · all time · by person · top 5",
		"wins over 50k not in kenya since march": "won deals · deals of over 50,000 · not country Kenya · since 1 Mar 2017",
		"revenue 2017-03-01":                     "won revenue · 1 Mar 2017",
		"revenue today vs previous":              "won revenue · today (15 Aug 2017) · compared with the period before",
		"define win rate":                        "definition of win rate (by close date)",
		"pipeline":                               "open pipeline · now",
		"pipeline this quarter":                  "open pipeline · expected to close in this quarter (1 Jul 2017 – 30 Sep 2017)",
		"open deals closing by end of quarter":   "open deals · expected to close until 30 Sep 2017",
		"open deals due 1 october":               "open deals · expected to close on 1 Oct 2017",
	} {
		if got := parse(t, p, Asked{Text: text, Viewer: dustin}).Understood; got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
	p = testParser()
	p.Company.FiscalStart = 2
	want := "won revenue · this quarter (fiscal, 1 Aug 2017 – 31 Oct 2017)"
	if got := parse(t, p, Asked{Text: "revenue this quarter"}).Understood; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestNotes checks that whatever was assumed or corrected is said.
func TestNotes(t *testing.T) {
	last := &metric.Query{Shape: metric.ShapeFigure, Metric: "win_rate"}
	for text, want := range map[string]string{
		"pipline":                              "read “pipline” as pipeline",
		"revenue gloabex":                      "read “gloabex” as Globex",
		"revenue march":                        "“march”: no year was given, so it is read as Mar 2017",
		"best reps":                            "measured by won revenue, as no figure was named",
		"revenue qoq":                          "no period was named, so it is this quarter",
		"won revenue aug vs jul":               "the month so far is compared with the same days of the one before",
		"revenue this quarter vs last quarter": "the quarter so far is compared with the same days of the one before",
		"whats my number":                      "“my number” is read as quota attainment, this quarter",
		"quota by rep":                         "no period was named, so it is this quarter",
	} {
		r := parse(t, testParser(), Asked{Text: text, Viewer: dustin})
		if !slices.Contains(r.Notes, want) {
			t.Errorf("%q: %q, want %q", text, r.Notes, want)
		}
	}
	r := parse(t, testParser(), Asked{Text: "only east last month", Viewer: dustin, Last: last})
	if !r.FollowUp || !slices.Contains(r.Notes, "changed: territory, period") {
		t.Errorf("%+v", r)
	}
}

// TestOffers checks what is offered where a text is not understood.
func TestOffers(t *testing.T) {
	p := testParser()
	for text, want := range map[string][]string{
		"unsubscribe":                        {"help", "/digest"},
		"stop sending me things":             {"help", "/digest"},
		"that insight was wrong btw":         {"help", "/insight list"},
		"lol":                                {"help", "/kpi"},
		"how much revenue did we lose":       {"lost deals", "lost deals by territory, this quarter"},
		"deals not won this quarter":         {"lost deals, this quarter", "lost deals by territory, this quarter"},
		"what was our pipeline last quarter": {"open pipeline, as of 30 Jun 2017"},
	} {
		var got []string
		for _, c := range parse(t, p, Asked{Text: text, Viewer: dustin}).Choices {
			got = append(got, c.Command)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q offers %q, want %q", text, got, want)
		}
	}
	if got := parse(t, p, Asked{Text: "thanks a lot", Viewer: dustin}).Ask; got != "You’re welcome. What would you like to know next?" {
		t.Error(got)
	}
}

// TestSlashCommandsAlone checks what the commands show without any text.
func TestSlashCommandsAlone(t *testing.T) {
	p := testParser()
	for hint, want := range map[string]string{
		"":            "? won revenue | open pipeline | win rate (by close date)",
		HintPipeline:  "=> open pipeline by stage",
		HintTerritory: "=> won revenue by territory, this quarter, highest first",
		HintKPI:       "@ list",
	} {
		if got := outcome(p, parse(t, p, Asked{Hint: hint, Viewer: dustin})); got != want {
			t.Errorf("/%s: got %s, want %s", hint, got, want)
		}
	}
}

// TestLastIsKept checks that a follow-up leaves the last Query as it was.
func TestLastIsKept(t *testing.T) {
	p := testParser()
	last := parse(t, p, Asked{Text: "win rate central by rep last quarter", Viewer: dustin}).Query
	before := p.Say(*last)
	for _, text := range []string{"only east", "by month", "top 3", "all territories", "over 50k"} {
		parse(t, p, Asked{Text: text, Viewer: dustin, Last: last})
		if after := p.Say(*last); after != before {
			t.Fatalf("%q changed the last question to %q", text, after)
		}
	}
}

// TestSpeakerOwnsMy checks that "my" is whoever speaks, whoever spoke before.
func TestSpeakerOwnsMy(t *testing.T) {
	p := testParser()
	last := parse(t, p, Asked{Text: "my revenue last month", Viewer: dustin}).Query
	r := parse(t, p, Asked{Text: "mine", Viewer: anna, Last: last})
	if got := outcome(p, r); got != "=> won revenue, person Anna Snelling, last month" {
		t.Error(got)
	}
}

type broken struct{ err error }

func (b broken) Find(context.Context, metric.Viewer, []string) ([]insights.Name, error) {
	return nil, b.err
}

func (b broken) Resemble(context.Context, metric.Viewer, []string) ([]insights.Name, error) {
	return nil, b.err
}

func (b broken) Patch(context.Context, int64, time.Time) ([]insights.Name, error) {
	return nil, b.err
}

func (b broken) Leads(context.Context, int64, time.Time) ([]insights.Name, error) {
	return nil, b.err
}

// TestStoreFailure checks that a failure of the store is an error, not a
// question that was not understood.
func TestStoreFailure(t *testing.T) {
	p := testParser()
	fault := errors.New("the store is away")
	p.Names = broken{fault}
	if _, err := p.Parse(t.Context(), Asked{Text: "win rate central", At: testNow}); !errors.Is(err, fault) {
		t.Error(err)
	}
}

// counted counts the look-ups.
type counted struct {
	house
	finds, resembles int
}

func (c *counted) Find(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	c.finds++
	return c.house.Find(ctx, v, phrases)
}

func (c *counted) Resemble(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	c.resembles++
	return c.house.Resemble(ctx, v, phrases)
}

// TestOneLookUp checks that a question looks names up once, again only where one
// is misspelt, and not at all when it holds none.
func TestOneLookUp(t *testing.T) {
	for text, want := range map[string][2]int{
		"win rate by territory last quarter": {0, 0}, "win rate central and jordan for anna": {1, 0}, "revenue at acme corporation": {1, 0},
		"revenue of globxe": {1, 1}, "wibble": {1, 1},
	} {
		names := &counted{house: maven}
		p := testParser()
		p.Names = names
		parse(t, p, Asked{Text: text, Viewer: dustin})
		if got := [2]int{names.finds, names.resembles}; got != want {
			t.Errorf("%q: %v look-ups, want %v", text, got, want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	p := testParser()
	asked := Asked{Text: "win rate for central by rep, last quarter vs previous, excluding gtx pro", At: testNow, Viewer: dustin}
	for b.Loop() {
		if _, err := p.Parse(b.Context(), asked); err != nil {
			b.Fatal(err)
		}
	}
}
