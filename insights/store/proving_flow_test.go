package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// TestFlowsThatWereSaidAreCountedAgain: what was said of how deals move through
// stages and in time, of how often their dates are pushed and of what became of
// those that were expected, is counted again at its revision as it was said then:
// whatever was learnt since of the days before, was taken back, or came to mean
// something else.
func TestFlowsThatWereSaidAreCountedAgain(t *testing.T) {
	s := openAt(t, storetest.DSN(t))
	apply(t, s, staged())
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		p := &prover{rt: rt, t: t, s: s, prefix: fmt.Sprintf("flow%d-", run)}
		p.move()
		for range rapid.IntRange(1, 3).Draw(rt, "imports") {
			p.sayFlows()
			p.move()
		}
		for _, f := range p.told {
			again := p.count(f.query, f.at, f.revision)
			if !again.Said().Equal(f.said) {
				rt.Fatalf("at revision %d it was said:\n%+v\nand is counted again as\n%+v\n%+v", f.revision, f.said, again.Said(), f.query)
			}
		}
	})
}

// staged is a company whose deals pass three open stages.
func staged() batch {
	b := acme()
	b.Stages = []insights.Stage{
		{Name: "Engaging", Position: 1, Outcome: insights.Open, ExpectedDays: new(10)},
		{Name: "Proposal", Position: 2, Outcome: insights.Open},
		{Name: "Legal", Position: 3, Outcome: insights.Open, ExpectedDays: new(5)},
		{Name: "Won", Position: 4, Outcome: insights.Won},
		{Name: "Lost", Position: 5, Outcome: insights.Lost},
	}
	return b
}

// flows are the metrics that are told of the log of deals.
func flows() []*metric.Metric {
	told := []string{"stage visit", "close date move", "expected deal"}
	byState := []string{"aged_count", "aged_pipeline", "stalled_count", "stalled_pipeline", "age_in_stage", "average_age_in_stage", "pushed_twice_count", "pushed_twice_pipeline"}
	return slices.DeleteFunc(slices.Clone(metric.Default().Metrics()), func(m *metric.Metric) bool {
		return !slices.Contains(told, m.Fact) && m.Type != metric.TypeConversion && !slices.Contains(byState, m.Name)
	})
}

// sayFlows asks some questions of what deals do in time.
func (p *prover) sayFlows() {
	day := date("2026-01-01")
	for range 3 {
		m := rapid.SampledFrom(flows()).Draw(p.rt, "metric")
		q := metric.Query{
			Shape: metric.ShapeFigure, Metric: m.Name,
			Perspective: rapid.SampledFrom([]metric.Perspective{metric.AsWas, metric.AsIs}).Draw(p.rt, "perspective"),
		}
		if m.Fact == "expected deal" || rapid.Bool().Draw(p.rt, "has period") {
			first := rapid.IntRange(0, 30).Draw(p.rt, "first")
			q.Period = metric.Period{From: day.AddDate(0, 0, first), To: day.AddDate(0, 0, first+rapid.IntRange(1, 40).Draw(p.rt, "days"))}
		}
		if rapid.Bool().Draw(p.rt, "as of") {
			q.AsOf = noon.AddDate(0, 0, -rapid.IntRange(0, 25).Draw(p.rt, "days ago"))
		}
		switch rapid.IntRange(0, 2).Draw(p.rt, "shape") {
		case 0:
			if m.CountsDeals() {
				q.Shape, q.Limit = metric.ShapeDeals, metric.MostDealsListed
			}
		case 1:
			q.By = []string{rapid.SampledFrom([]string{"stage", "person", "month"}).Draw(p.rt, "by")}
		}
		var refused *metric.Refusal
		if _, err := metric.Default().Compile(q, everybody, metric.DefaultCompany(), noon); errors.As(err, &refused) {
			continue // nothing is said of it
		}
		result := p.count(q, noon, 0)
		p.told = append(p.told, told{query: q, at: noon, revision: result.Revision, said: result.Said()})
	}
}

// move imports how some deals stand now and what they were before, and what their
// stages mean; or takes the last import back.
func (p *prover) move() {
	if p.last != 0 && rapid.IntRange(0, 3).Draw(p.rt, "undo") == 0 {
		undo(p.t, p.s, p.last)
		p.last = 0
		return
	}
	b := batch{TakenAt: noon.AddDate(0, 0, rapid.IntRange(-3, 3).Draw(p.rt, "taken"))}
	stages := rapid.SampledFrom([]string{"Engaging", "Proposal", "Legal", "Won", "Lost"})
	dates := rapid.SampledFrom([]string{"2026-01-15", "2026-01-31", "2026-02-05", "2026-03-31", "2026-04-01"})
	for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"D1", "D2", "D3"}), rapid.ID[string]).Draw(p.rt, "keys") {
		o := someDeal(p.prefix+key).Draw(p.rt, key)
		o.Stage, o.CloseOn = stages.Draw(p.rt, "stage"), date(dates.Draw(p.rt, "closes"))
		b.Deals = append(b.Deals, o)
		for range rapid.IntRange(0, 4).Draw(p.rt, "changes") {
			c := insights.Change{Opportunity: o.Key, Field: insights.ChangeStage, At: noon.AddDate(0, 0, -rapid.IntRange(0, 30).Draw(p.rt, "days before"))}
			if c.New = stages.Draw(p.rt, "to"); rapid.Bool().Draw(p.rt, "of the date") {
				c.Field, c.New = insights.ChangeCloseOn, dates.Draw(p.rt, "to close")
			}
			again := slices.ContainsFunc(b.History, func(other insights.Change) bool { return other.Named() == c.Named() })
			if !again {
				b.History = append(b.History, c)
			}
		}
	}
	if rapid.IntRange(0, 2).Draw(p.rt, "meaning") == 0 {
		b.Stages = []insights.Stage{p.someStage()}
	}
	got, err := b.apply(p.t.Context(), p.s, store.ImportOptions{Actor: "rapid", Now: noon})
	if err != nil {
		p.rt.Fatal(err)
	}
	if p.last = 0; !got.Same() {
		p.last = got.Revision
	}
}

// someStage says something else of what an open stage means, of all days or from one
// on.
func (p *prover) someStage() insights.Stage {
	s := insights.Stage{
		Name:     rapid.SampledFrom([]string{"Engaging", "Proposal", "Legal"}).Draw(p.rt, "described"),
		Position: rapid.IntRange(1, 3).Draw(p.rt, "position"), Outcome: insights.Open,
	}
	if rapid.Bool().Draw(p.rt, "expected") {
		s.ExpectedDays = new(rapid.IntRange(1, 20).Draw(p.rt, "expected days"))
	}
	if rapid.Bool().Draw(p.rt, "since") {
		s.Since = date(rapid.SampledFrom([]string{"2026-01-10", "2026-02-01"}).Draw(p.rt, "from"))
	}
	return s
}

// TestWhetherHistoriesWereLoadedIsOfTheRevision: a figure of which it was said that
// what it needs is not loaded is proved as such when it has been.
func TestWhetherHistoriesWereLoadedIsOfTheRevision(t *testing.T) {
	s := openAt(t, storetest.DSN(t))
	first := apply(t, s, acme())
	p := &prover{t: t, s: s}
	questions := map[string]metric.Said{}
	for _, m := range flows() {
		questions[m.Name] = p.atRevision(m, 0)
	}
	b := batch{Source: "history.csv", TakenAt: noon, History: []insights.Change{
		change("D1", insights.ChangeCloseOn, "2026-02-28", "2026-03-31", "2026-01-20"),
		change("D2", insights.ChangeStage, "engaging", "Won", "2026-02-01"),
	}}
	apply(t, s, b)
	for name, said := range questions {
		m, _ := metric.Default().Metric(name)
		if again := p.atRevision(m, first.Revision); !again.Equal(said) {
			t.Errorf("%s was said to be %+v, and is counted again as %+v", name, said.Figures, again.Figures)
		}
	}
}

// atRevision counts a metric as it was known at a revision, 0 being the last.
func (p *prover) atRevision(m *metric.Metric, revision int64) metric.Said {
	q := metric.Query{Shape: metric.ShapeFigure, Metric: m.Name}
	if m.Fact == "expected deal" {
		q.Period = metric.Period{From: date("2026-01-01"), To: date("2026-02-01")}
	}
	plan, err := metric.Default().CompileAt(q, everybody, metric.DefaultCompany(), noon, revision)
	if err != nil {
		p.t.Fatal(err)
	}
	read, err := p.s.Read(p.t.Context(), plan.Statements)
	if err != nil {
		p.t.Fatal(err)
	}
	result, err := plan.Result(read)
	if err != nil {
		p.t.Fatal(err)
	}
	return result.Said()
}
