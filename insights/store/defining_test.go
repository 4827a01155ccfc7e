package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/store"
)

// said is a batch of these records.
func said(records ...insights.Record) batch {
	return batch{TakenAt: noon, Others: records}
}

// addedAndSame loads a batch, and again: every record is new, then none.
func addedAndSame(t *testing.T, s *store.Store, b batch, want map[insights.Kind]int) {
	t.Helper()
	got := apply(t, s, b)
	if len(got.Rejects) != 0 || !cmp.Equal(got.Added, want) {
		t.Fatalf("added %v, want %v; rejects %+v", got.Added, want, got.Rejects)
	}
	before := contents(t, s)
	again := apply(t, s, b)
	if !again.Same() || len(again.Rejects) != 0 || !cmp.Equal(again.Unchanged, want) {
		t.Errorf("the same again made %+v", again)
	}
	if diff := cmp.Diff(before, contents(t, s)); diff != "" {
		t.Errorf("the same again wrote:\n%s", diff)
	}
}

// rejectedFor loads a batch and wants its rejects to be one for each reason.
func rejectedFor(t *testing.T, s *store.Store, b batch, reasons ...string) {
	t.Helper()
	got := apply(t, s, b)
	if len(got.Rejects) != len(reasons) {
		t.Fatalf("%d rejects, want %d: %+v", len(got.Rejects), len(reasons), got.Rejects)
	}
	for i, reason := range reasons {
		if r := got.Rejects[i]; !strings.Contains(r.Column+" "+r.Reason, reason) {
			t.Errorf("rejected because %q, want %q", r.Column+" "+r.Reason, reason)
		}
	}
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func demo(process, probability string, since time.Time) insights.Stage {
	return insights.Stage{Process: process, Name: "Demo", Position: 1, Outcome: insights.Open, Probability: probability, Since: since}
}

func TestAStageMeansWhatItsDaysSay(t *testing.T) {
	s := open(t)
	definitions := func() []string {
		return column(t, s, `select probability || ' ' || valid || ' ' || known from stage_definition order by lower(known) nulls first, valid`)
	}
	now := func() []string { return column(t, s, `select name || ' ' || probability from stage`) }

	addedAndSame(t, s, said(demo("", "0.2", time.Time{})), map[insights.Kind]int{"stage": 1})
	want(t, "a stage that always meant one thing", definitions())

	addedAndSame(t, s, said(insights.Process{Name: "Never used"}), map[insights.Kind]int{"process": 1})
	if got := apply(t, s, said(demo("", "0.3", time.Time{}))); !cmp.Equal(got.Changed, map[insights.Kind]int{"stage": 1}) {
		t.Errorf("got %+v", got)
	}
	want(t, "one that differs since today", definitions(),
		"0.2 (,) (,3)", "0.2 (,2026-03-02) [3,)", "0.3 [2026-03-02,) [3,)")
	want(t, "what holds now", now(), "Demo 0.3")

	dated := said(demo("", "0.1", time.Time{}), demo("", "0.4", date("2026-02-01")), demo("", "0.9", date("2027-01-01")))
	if got := apply(t, s, dated); !cmp.Equal(got.Changed, map[insights.Kind]int{"stage": 3}) {
		t.Errorf("got %+v", got)
	}
	want(t, "all of it told anew", definitions(),
		"0.2 (,) (,3)", "0.2 (,2026-03-02) [3,4)", "0.3 [2026-03-02,) [3,4)",
		"0.1 (,2026-02-01) [4,)", "0.4 [2026-02-01,2027-01-01) [4,)", "0.9 [2027-01-01,) [4,)")
	want(t, "what holds now", now(), "Demo 0.4")
	if got := apply(t, s, dated); !got.Same() {
		t.Errorf("the same again made %+v", got)
	}
	if got := apply(t, s, said(demo("", "", date("2026-02-01")))); !cmp.Equal(got.Changed, map[insights.Kind]int{"stage": 1}) {
		t.Errorf("a plan that was given up made %+v", got)
	}
	want(t, "a blank leaves what was known of the day", now(), "Demo 0.4")

	later := date("2027-06-01")
	apply(t, s, dated)
	if _, err := said().apply(t.Context(), s, store.ImportOptions{Now: later}); err != nil {
		t.Fatal(err)
	}
	want(t, "what was told beforehand and has begun", now(), "Demo 0.9")
}

func TestAStageIsShownWithItsProcessWhereTwoShareATitle(t *testing.T) {
	s := open(t)
	names := func() []string {
		return column(t, s, `select s.name || ' = ' || coalesce(s.title, '-') || ' in ' || coalesce(p.name, '-') from stage s left join process p on p.id = s.process_id order by s.id`)
	}
	apply(t, s, said(demo("", "", time.Time{})))
	adopted := said(demo("New business", "", time.Time{}))
	if got := apply(t, s, adopted); len(got.Added) != 0 || !cmp.Equal(got.Changed, map[insights.Kind]int{"stage": 1}) {
		t.Errorf("a stage whose process is told made %+v", got)
	}
	want(t, "one process", names(), "Demo = - in New business")

	both := said(demo("New business", "", time.Time{}), demo("Renewals", "0.5", time.Time{}))
	if got := apply(t, s, both); !cmp.Equal(got.Added, map[insights.Kind]int{"stage": 1}) {
		t.Errorf("got %+v", got)
	}
	want(t, "two processes", names(), "Demo (New business) = Demo in New business", "Demo (Renewals) = Demo in Renewals")
	if got := apply(t, s, both); !got.Same() {
		t.Errorf("the same again made %+v", got)
	}

	rejectedFor(t, s, batch{TakenAt: noon, Deals: []insights.Opportunity{
		{Key: "1", Process: "renewals", Stage: " demo"}, {Key: "2", Stage: "Demo (New  Business)"}, {Key: "3", Stage: "demo"},
		{Key: "4", Process: "Other", Stage: "Demo"},
	}}, "stage is not a known stage", "stage is not a known stage; the stages are Demo (New business), Demo (Renewals)")
	want(t, "deals", column(t, s, `select opportunity.external_id || ' ' || stage.name from opportunity join stage on stage.id = stage_id order by 1`),
		"1 Demo (Renewals)", "2 Demo (New business)")
}

func TestStagesAreAddedToThoseOfAnotherSource(t *testing.T) {
	s := open(t)
	named := func(names ...string) (b batch) {
		for i, name := range names {
			b.Others = append(b.Others, insights.Stage{Name: name, Position: i + 1, Outcome: insights.Open})
		}
		return b
	}
	addedAndSame(t, s, named("Qualify"), map[insights.Kind]int{"stage": 1})
	addedAndSame(t, s, named("Discover", "Propose", "Negotiate"), map[insights.Kind]int{"stage": 3})
	want(t, "the stages", column(t, s, `select name from stage order by id`), "Qualify", "Discover", "Propose", "Negotiate")
}

func TestStagesAndProcessesMayHaveIdsOfTheirSource(t *testing.T) {
	s := open(t)
	first := said(
		insights.Process{Name: "Sales", Key: "77"},
		insights.Stage{Process: "77", Name: "Demo", Key: "1001", Position: 1, Outcome: insights.Open},
		insights.Opportunity{Key: "1", Process: "77", Stage: "1001"}, insights.Opportunity{Key: "2", Stage: "1001"},
		insights.Opportunity{Key: "3", Process: "sales", Stage: "Demo"},
	)
	addedAndSame(t, s, first, map[insights.Kind]int{"process": 1, "stage": 1, "opportunity": 3})
	renamed := said(
		insights.Process{Name: "New business", Key: "77"},
		insights.Stage{Process: "77", Name: "Presentation", Key: "1001", Position: 1, Outcome: insights.Open},
	)
	if got := apply(t, s, renamed); !cmp.Equal(got.Changed, map[insights.Kind]int{"process": 1, "stage": 1}) || len(got.Added) != 0 {
		t.Errorf("got %+v", got)
	}
	want(t, "after renaming", column(t, s, `select s.name || ' in ' || p.name from stage s join process p on p.id = s.process_id`), "Presentation in New business")
	rejectedFor(t, s, said(insights.Process{Name: "New business", Key: "78"}), "name is the name of another process")
}

func TestProcessesAndStagesExchangeNames(t *testing.T) {
	s := open(t)
	stage := func(name, id string) insights.Stage {
		return insights.Stage{Process: "1", Name: name, Key: id, Position: 1, Outcome: insights.Open}
	}
	apply(t, s, said(insights.Process{Name: "Sales", Key: "1"}, insights.Process{Name: "Renewals", Key: "2"}, stage("Demo", "a"), stage("Offer", "b")))
	apply(t, s, said(
		insights.Process{Name: "Renewals", Key: "1"}, insights.Process{Name: "Upgrades", Key: "2"}, insights.Process{Name: "Sales", Key: "3"},
		stage("Offer", "a"), stage("Contract", "b"), stage("Demo", "c"),
	))
	want(t, "processes", column(t, s, `select external_id || ' ' || name from process order by 1`), "1 Renewals", "2 Upgrades", "3 Sales")
	want(t, "stages", column(t, s, `select external_id || ' ' || name from stage order by 1`), "a Offer", "b Contract", "c Demo")
}

// The database would end the whole import at these.
func TestIdsAndNamesOfProcessesAndStagesThatCollideAreRejected(t *testing.T) {
	s := open(t)
	stage := func(name, id string) insights.Stage {
		return insights.Stage{Name: name, Key: id, Position: 1, Outcome: insights.Open}
	}
	const processID, processName = "is the id of another process, too", "name is the name of another process, too"
	const stageID, stageName = "is the id of another stage, too", "name is the name of another stage of this process, too"
	rejectedFor(t, s, said(insights.Process{Name: "Sales", Key: "1"}, insights.Process{Name: "Renewals", Key: "2"}, insights.Process{Name: "New", Key: "2"}), processID)
	rejectedFor(t, s, said(insights.Process{Name: "Renewals", Key: "1"}), processName)
	apply(t, s, said(insights.Process{Name: "Upgrades"}))
	rejectedFor(t, s, said(insights.Process{Name: "Renewals", Key: "1"}, insights.Process{Name: "Upgrades", Key: "2"}), processName, processName)
	rejectedFor(t, s, said(stage("Demo", "a"), stage("Offer", "b"), stage("Contract", "b")), stageID)
	rejectedFor(t, s, said(stage("Demo", "b")), stageName)
	want(t, "processes", column(t, s, `select name from process order by id`), "Sales", "Renewals", "Upgrades")
	want(t, "stages", column(t, s, `select name from stage order by id`), "Demo", "Offer")
}
