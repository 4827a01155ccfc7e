package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// told is a figure that was said, as its receipt keeps it.
type told struct {
	query    metric.Query
	at       time.Time
	revision int64
	said     metric.Said
}

// TestWhatWasSaidIsCountedAgain: whatever is imported or taken back after a
// figure was said, counted again at its revision it is the same.
func TestWhatWasSaidIsCountedAgain(t *testing.T) {
	proveHistories(t, (*prover).say)
}

// TestWhatWasSaidOfHoldersIsCountedAgain asks of nothing but the deals that
// somebody held: they are looked up by all who may have held them, as it was
// believed before histories, later files and undos said otherwise.
func TestWhatWasSaidOfHoldersIsCountedAgain(t *testing.T) {
	proveHistories(t, (*prover).sayOfHolders)
}

// proveHistories tries histories of imports in which figures are said in between.
func proveHistories(t *testing.T, say func(*prover)) {
	s := openAt(t, storetest.DSN(t))
	apply(t, s, planned())
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		p := &prover{rt: rt, t: t, s: s, prefix: fmt.Sprintf("run%d-", run)}
		p.prove(func() { say(p) })
	})
}

// TestADealIsCountedForWhoHeldItWhenItWasSeenFirst: also where the import that saw
// it was taken back, and another saw it with somebody else.
func TestADealIsCountedForWhoHeldItWhenItWasSeenFirst(t *testing.T) {
	s := open(t)
	first := acme()
	first.Deals = nil
	apply(t, s, first)
	deal := insights.Opportunity{Key: "D9", Owner: "bob", Stage: "Won", Amount: usd(700), CloseOn: date("2026-02-01")}
	seen := apply(t, s, batch{TakenAt: noon, Deals: []insights.Opportunity{deal}})
	undo(t, s, seen.Revision)
	deal.Owner = "carol"
	apply(t, s, batch{TakenAt: noon, Deals: []insights.Opportunity{deal}})

	var bob int64
	if err := s.DB().QueryRowContext(t.Context(), `select id from person where external_id = 'bob'`).Scan(&bob); err != nil {
		t.Fatal(err)
	}
	q := metric.Query{Shape: metric.ShapeFigure, Metric: "won_revenue", Perspective: metric.AsWas, AsOf: noon,
		Where: []metric.Filter{{Field: "person", Op: metric.Eq, Values: []metric.Value{{ID: bob, Text: "Bob Stone"}}}}}
	for _, c := range []struct {
		revision int64
		want     string
	}{{seen.Revision, "7"}, {0, ""}} {
		plan, err := metric.Default().CompileAt(q, everybody, metric.DefaultCompany(), noon, c.revision)
		if err != nil {
			t.Fatal(err)
		}
		read, err := s.Read(t.Context(), plan.Statements)
		if err != nil {
			t.Fatal(err)
		}
		result, err := plan.Result(read)
		if err != nil {
			t.Fatal(err)
		}
		if got := result.Said().Figures[0].Value; got != c.want {
			t.Errorf("at revision %d Bob won %q, want %q", c.revision, got, c.want)
		}
	}
}

type prover struct {
	rt     *rapid.T
	t      *testing.T
	s      *store.Store
	prefix string
	told   []told
	last   int64 // the last import that may be taken back
}

var everybody = metric.Viewer{Role: metric.RoleAdmin, All: true}

// prove says something before each of some imports, and counts it again behind
// them all.
func (p *prover) prove(say func()) {
	for range rapid.IntRange(1, 5).Draw(p.rt, "imports") {
		say()
		p.load()
	}
	for _, f := range p.told {
		if again := p.count(f.query, f.at, f.revision); !again.Said().Equal(f.said) {
			p.rt.Fatalf("at revision %d (-said +counted again)\n%s\n%+v", f.revision, cmp.Diff(f.said, again.Said()), f.query)
		}
		p.explain(f)
	}
}

// someCut draws filters by which deals are found before they are rebuilt, and
// some by which they are not.
func (p *prover) someCut(m *metric.Metric) []metric.Filter {
	fields := []string{"person", "territory", "manager"}
	if m.Fact == "deal" {
		fields = append(fields, "stage", "product", "account")
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) metric.Filter {
		return metric.Filter{
			Field: rapid.SampledFrom(fields).Draw(t, "field"), Op: rapid.SampledFrom([]metric.Op{metric.Eq, metric.Eq, metric.Ne}).Draw(t, "op"),
			Values: []metric.Value{{ID: rapid.Int64Range(1, 4).Draw(t, "id"), Text: "it"}},
		}
	}), 0, 2).Draw(p.rt, "where")
}

// say asks some questions.
func (p *prover) say() {
	for range 3 {
		m := rapid.SampledFrom(metric.Default().Metrics()).Draw(p.rt, "metric")
		p.ask(m, p.someCut(m))
	}
}

// sayOfHolders asks some questions of the deals that were somebody's.
func (p *prover) sayOfHolders() {
	ofDeals := slices.DeleteFunc(slices.Clone(metric.Default().Metrics()), func(m *metric.Metric) bool { return m.Fact != "deal" || !m.CountsDeals() })
	for range 4 {
		p.ask(rapid.SampledFrom(ofDeals).Draw(p.rt, "metric"), []metric.Filter{{
			Field: rapid.SampledFrom([]string{"person", "person", "territory", "manager"}).Draw(p.rt, "field"), Op: metric.Eq,
			Values: []metric.Value{{ID: rapid.Int64Range(1, 3).Draw(p.rt, "id"), Text: "it"}},
		}})
	}
}

// ask asks a question in one of many ways and keeps what was said.
func (p *prover) ask(m *metric.Metric, where []metric.Filter) {
	q := metric.Query{
		Shape: metric.ShapeFigure, Metric: m.Name, Where: where,
		Perspective: rapid.SampledFrom([]metric.Perspective{metric.AsWas, metric.AsIs}).Draw(p.rt, "perspective"),
	}
	if m.Fact == "expected deal" { // it is told of a period alone
		q.Period = metric.Period{From: noon.Truncate(24*time.Hour).AddDate(0, 0, -60), To: noon.Truncate(24 * time.Hour)}
	}
	if rapid.Bool().Draw(p.rt, "as of") {
		q.AsOf = noon.AddDate(0, 0, rapid.IntRange(-60, 0).Draw(p.rt, "days"))
	}
	switch rapid.IntRange(0, 3).Draw(p.rt, "shape") {
	case 0:
		if m.CountsDeals() {
			q.Shape, q.Limit, q.Offset = metric.ShapeDeals, 2, rapid.IntRange(0, 1).Draw(p.rt, "offset")
		}
	case 1:
		if m.TellsChange() {
			q.Shape, q.Compare, q.Then = metric.ShapeChange, metric.CompareThen, noon.AddDate(0, 0, -90)
			q.By = rapid.SampledFrom([][]string{nil, {"person"}, {"territory"}, {"stage"}}).Draw(p.rt, "rows")
			p.ofAPart(&q)
		}
	default:
		p.breakDown(m, &q)
	}
	var refused *metric.Refusal
	if _, err := metric.Default().Compile(q, everybody, metric.DefaultCompany(), noon); errors.As(err, &refused) {
		return // nothing is said of it
	}
	result := p.count(q, noon, 0)
	p.told = append(p.told, told{query: q, at: noon, revision: result.Revision, said: result.Said()})
}

// ofAPart asks for the deals of a part of what changed, now and then.
func (p *prover) ofAPart(q *metric.Query) {
	if !rapid.Bool().Draw(p.rt, "deals of a part") {
		return
	}
	q.Shape, q.By, q.Limit = metric.ShapeDeals, nil, 2
	q.Part = rapid.SampledFrom([]metric.Part{
		metric.PartOpening, metric.PartCreated, metric.PartReopened, metric.PartWon, metric.PartLost, metric.PartUnmatched, metric.PartClosing,
	}).Draw(p.rt, "part")
}

// breakDown asks for rows, some of them ranked, and compares them.
func (p *prover) breakDown(m *metric.Metric, q *metric.Query) {
	by := []string{"person", "territory", "manager"}
	if m.Fact == "deal" {
		by = append(by, "account", "stage", "product", "quarter", "industry", "loss_reason")
	}
	q.By = rapid.SliceOfNDistinct(rapid.SampledFrom(by), 0, 1, rapid.ID).Draw(p.rt, "by")
	if m.Stock && !slices.Contains(q.By, "quarter") && rapid.Bool().Draw(p.rt, "compare") {
		q.Compare, q.Then = metric.CompareThen, noon.AddDate(0, 0, -90)
	}
	if q.Compare != "" && len(q.By) == 0 && !m.TellsChange() && m.HasFactors() {
		q.Shape = metric.ShapeFactors
	}
	if m.Unit == metric.UnitMoney && rapid.Bool().Draw(p.rt, "converted") {
		q.In = "USD"
	}
	if len(q.By) > 0 && rapid.Bool().Draw(p.rt, "ranked") {
		q.Order, q.Limit = metric.Descending, 1
	}
}

// count counts a figure as the facts were known at a revision, 0 being the last.
func (p *prover) count(q metric.Query, at time.Time, revision int64) metric.Result {
	plan, err := metric.Default().CompileAt(q, everybody, metric.DefaultCompany(), at, revision)
	if err != nil {
		p.rt.Fatal(err)
	}
	read, err := p.s.Read(p.t.Context(), plan.Statements)
	if err != nil {
		p.rt.Fatal(err)
	}
	result, err := plan.Result(read)
	if err != nil {
		p.rt.Fatal(err)
	}
	return result
}

// explain checks that a figure that differs today is said to do so because of
// some import: of deals that it counts, or of what they are set against.
func (p *prover) explain(f told) {
	plan, err := metric.Default().CompileAt(f.query, everybody, metric.DefaultCompany(), f.at, f.revision)
	if err != nil {
		p.rt.Fatal(err)
	}
	relearnt := plan.Relearnt()
	now := p.count(f.query, f.at, 0)
	if relearnt == nil || now.Said().Equal(f.said) {
		return
	}
	read, err := p.s.Read(p.t.Context(), []metric.Statement{*relearnt})
	if err != nil {
		p.rt.Fatal(err)
	}
	differing := len(p.count(f.query, f.at, f.revision).RowChanges(now))
	if kept := len(f.said.Differ(now)); kept > differing {
		p.rt.Fatalf("%d cells differ from what was said, and %d from what is counted again\n%+v", kept, differing, f.query)
	}
	by, err := metric.RelearntBy(read.Tables[0])
	if err != nil {
		p.rt.Fatal(err)
	}
	imports, err := p.s.Imports(p.t.Context(), int(now.Revision-f.revision))
	if err != nil {
		p.rt.Fatal(err)
	}
	others, kinds := 0, []insights.Kind{
		insights.KindAssignment, insights.KindCostLine, insights.KindOverhead, insights.KindExchangeRate, insights.KindQuota,
		insights.KindStage, insights.KindTerritory, insights.KindPerson, insights.KindAccount, insights.KindActivity,
	}
	for _, i := range imports {
		for _, kind := range kinds {
			others += i.Added[kind] + i.Changed[kind]
		}
		if i.Undoes != 0 {
			others++
		}
	}
	if len(by) == 0 && others == 0 {
		p.rt.Fatalf("%+v differs, and no import says why", f.query)
	}
}

// load imports something, or takes the last import back.
func (p *prover) load() {
	if p.last != 0 && rapid.IntRange(0, 3).Draw(p.rt, "undo") == 0 {
		undo(p.t, p.s, p.last)
		p.last = 0
		return
	}
	b := batch{TakenAt: noon.AddDate(0, 0, rapid.IntRange(-5, 5).Draw(p.rt, "taken"))}
	for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"D1", "D2", "D3"}), rapid.ID[string]).Draw(p.rt, "keys") {
		b.Deals = append(b.Deals, someDeal(p.prefix+key).Draw(p.rt, key))
		if rapid.Bool().Draw(p.rt, "cost") {
			kind := rapid.SampledFrom([]insights.CostKind{insights.DirectCost, insights.SellingCost}).Draw(p.rt, "kind")
			b.Costs = append(b.Costs, insights.CostLine{Key: p.prefix + "K" + key + string(kind), Opportunity: p.prefix + key, Kind: kind, Amount: p.money("cost")})
		}
	}
	p.recall(&b)
	if rapid.Bool().Draw(p.rt, "quota") {
		b.Quotas = []insights.Quota{{Person: "carol", Measure: "bookings", First: date("2026-01-01"), Last: date("2026-01-31"), Amount: p.money("quota")}}
	}
	if rapid.Bool().Draw(p.rt, "overhead") {
		b.Overhead = []insights.Overhead{{Key: "O1", First: date("2026-01-01"), Last: date("2026-12-31"), Amount: p.money("overhead"), AllocatedBy: "deals"}}
	}
	if rapid.Bool().Draw(p.rt, "assignment") {
		b.Assignments = []insights.Assignment{{
			Person: "carol", Since: date(rapid.SampledFrom([]string{"2025-07-01", "2025-12-01", "2026-02-01"}).Draw(p.rt, "since")),
			Manager: rapid.SampledFrom([]string{"bob", "alice"}).Draw(p.rt, "manager"), Territory: rapid.SampledFrom([]string{"emea", "amer"}).Draw(p.rt, "territory"),
		}}
	}
	p.rewrite(&b)
	got, err := b.apply(p.t.Context(), p.s, store.ImportOptions{Actor: "rapid", Now: noon})
	if err != nil {
		p.rt.Fatal(err)
	}
	if p.last = 0; !got.Same() {
		p.last = got.Revision
	}
}

// recall tells what some deals were before, gaps and all.
func (p *prover) recall(b *batch) {
	values := map[insights.ChangeField][]string{
		insights.ChangeStage:   {"Engaging", "Won", "Lost"},
		insights.ChangeOwner:   {"", "bob", "carol"},
		insights.ChangeAccount: {"", "A1", "A2"},
		insights.ChangeCloseOn: {"2026-01-15", "2026-02-05", "2026-03-31"},
	}
	told := map[insights.RecordKey]bool{}
	for range rapid.IntRange(0, 4).Draw(p.rt, "changes") {
		c := insights.Change{
			Opportunity: p.prefix + rapid.SampledFrom([]string{"D1", "D2", "D3"}).Draw(p.rt, "of"),
			Field:       rapid.SampledFrom(slices.Sorted(maps.Keys(values))).Draw(p.rt, "field"),
			At:          noon.AddDate(0, 0, -rapid.IntRange(0, 90).Draw(p.rt, "days before")),
		}
		c.New = rapid.SampledFrom(values[c.Field]).Draw(p.rt, "to")
		if rapid.Bool().Draw(p.rt, "stated") {
			c.Old = rapid.SampledFrom(values[c.Field]).Draw(p.rt, "from")
		}
		if !told[c.Named()] {
			b.History = append(b.History, c)
		}
		told[c.Named()] = true
	}
}

// rewrite says something else of what has no history of its own: what stages
// mean, where territories belong, what accounts and people are called and are,
// and what was done for a deal.
func (p *prover) rewrite(b *batch) {
	for range rapid.IntRange(0, 2).Draw(p.rt, "rewritten") {
		switch rapid.IntRange(0, 4).Draw(p.rt, "what") {
		case 0:
			outcome := rapid.SampledFrom([]insights.Outcome{insights.Open, insights.Won, insights.Lost}).Draw(p.rt, "outcome")
			b.Stages = []insights.Stage{{
				Name: rapid.SampledFrom([]string{"Engaging", "Lost"}).Draw(p.rt, "stage"), Position: 1, Outcome: outcome,
				Probability: rapid.SampledFrom([]string{"", "0.5", "0.9"}).Draw(p.rt, "probability"),
			}}
		case 1:
			b.Territories = []insights.Territory{{
				Key: "emea", Name: rapid.SampledFrom([]string{"EMEA", "Europe"}).Draw(p.rt, "territory"),
				Parent: rapid.SampledFrom([]string{"world", ""}).Draw(p.rt, "parent"),
			}, {Key: "world", Name: "World"}}
		case 2:
			b.Accounts = []insights.Account{{
				Key: "A1", Name: rapid.SampledFrom([]string{"Globex", "Globe"}).Draw(p.rt, "account"),
				Industry: rapid.SampledFrom([]string{"Retail", "Energy", ""}).Draw(p.rt, "industry"),
			}, {Key: p.prefix + "A" + fmt.Sprint(len(p.told)), Name: "New"}}
		case 3:
			b.People = []insights.PersonRecord{{Key: "carol", Name: rapid.SampledFrom([]string{"Carol Reyes", "Carol Stone"}).Draw(p.rt, "name"), Email: "carol@acme.test"}}
		default:
			at := noon.AddDate(0, 0, rapid.IntRange(-90, 0).Draw(p.rt, "at"))
			b.Activities = []insights.Activity{{Key: p.prefix + "T", Opportunity: "D1", Kind: "call", At: at, TwoWay: true, By: "carol"}}
		}
	}
}

func (p *prover) money(what string) insights.Money {
	return *usd(rapid.Int64Range(1, 5000).Draw(p.rt, what))
}
