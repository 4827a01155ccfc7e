package metric_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestTheRollupSaysWhatTheFactsSay asks random worlds what can be added up, by
// all that the rollup tells apart: read from it, read from the facts, and added
// up by plain loops over the rows, every figure, row and day is the same.
func TestTheRollupSaysWhatTheFactsSay(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rolledUp, asked := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := drawBusyWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 8 {
				co, today := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
				v := drawViewer(rt)
				q := drawAddedUp(rt, co, today)
				o := &oracle{world: w, q: q.Query, v: v, co: co, today: today}
				y, m, d := today.time().Date()
				now := time.Date(y, m, d, 23, 59, 0, 0, co.Zone)
				p, err := catalog.Compile(q.Query, v, co, now)
				if code := codeOf(rt, err); code != o.refusal() {
					rt.Fatalf("refused as %q, not %q: %v", code, o.refusal(), err)
				}
				if err != nil {
					continue
				}
				asked++
				if readsRollup(p) {
					rolledUp++
				}
				facts, err := catalog.CompileAt(q.Query, v, co, now, 0)
				if err != nil {
					rt.Fatal(err)
				}
				if readsRollup(facts) {
					rt.Fatal("what proves figures reads the rollup")
				}
				got, want := said(read(t, tx, p)), o.expected(q.from, q.till, q.beforeFrom, q.beforeTill)
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("(-what the rows add up to +what the rollup says)\n%s\n%+v\n%+v\ntoday %s, %+v\n%s", diff, q, v, today, co, p.Statements[len(p.Statements)-1].SQL)
				}
				if diff := cmp.Diff(said(read(t, tx, facts)), got); diff != "" {
					rt.Fatalf("(-what the facts say +what the rollup says)\n%s\n%+v", diff, q)
				}
			}
		})
	})
	if rolledUp*2 < asked {
		t.Errorf("%d of %d questions were answered from the rollup: too few to tell", rolledUp, asked)
	}
}

func readsRollup(p *metric.Plan) bool {
	for _, s := range p.Statements {
		if strings.Contains(s.SQL, "opportunity_rollup") {
			return true
		}
	}
	return false
}

// drawBusyWorld draws a world in which months have several deals of a kind, and
// people move within them.
func drawBusyWorld(t *rapid.T) *world {
	w := drawWorld(t)
	for i := range w.deals {
		d := &w.deals[i]
		d.owner = rapid.IntRange(0, 2).Draw(t, "owner")
		d.closed = rapid.OneOf(rapid.Just(noDay), rapid.Custom(func(t *rapid.T) day { return day(rapid.IntRange(60, 150).Draw(t, "closed")) })).Draw(t, "is closed")
	}
	for _, list := range [][]assignment{w.members, w.lines} {
		for i := range list {
			if list[i].from != noDay && rapid.Bool().Draw(t, "moved") {
				list[i].person, list[i].from = rapid.IntRange(1, 2).Draw(t, "who"), day(rapid.IntRange(60, 150).Draw(t, "since"))
				list[i].till = max(list[i].till, list[i].from+1)
				if rapid.Bool().Draw(t, "for good") {
					list[i].till = noDay
				}
			}
		}
	}
	return w
}

// drawAddedUp draws a Query of a metric that the rollup adds up, by what it
// tells apart.
func drawAddedUp(t *rapid.T, co metric.Company, today day) asked {
	q := asked{from: noDay, till: noDay}
	q.Shape = metric.ShapeFigure
	q.Metric = rapid.SampledFrom([]string{
		"won_revenue", "won_count", "decided_count", "open_count", "open_pipeline", "weighted_pipeline", "win_rate", "win_rate_value",
		"pipeline_created", "engaged_count", "win_rate_cohort", "decided_revenue",
	}).Draw(t, "metric")
	told := rapid.SampledFrom([]string{"person", "manager", "territory", "stage", "outcome"})
	q.By = rapid.SliceOfNDistinct(told, 0, 2, rapid.ID).Draw(t, "by")
	for range rapid.IntRange(0, 2).Draw(t, "filters") {
		q.Where = append(q.Where, rapid.Custom(drawFilter).Filter(func(f metric.Filter) bool {
			return f.Field == "person" || f.Field == "manager" || f.Field == "territory" || f.Field == "stage" || f.Field == "outcome"
		}).Draw(t, "where"))
	}
	q.Perspective = rapid.SampledFrom([]metric.Perspective{"", metric.AsWas, metric.AsIs}).Draw(t, "perspective")
	q.drawPeriod(t, co, today)
	if q.Compare == "" && rapid.Bool().Draw(t, "over time") {
		q.By = append(q.By, rapid.SampledFrom([]string{"month", "quarter", "year"}).Draw(t, "step"))
	}
	return q
}

func TestWhatIsReadFromTheRollup(t *testing.T) {
	at := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	quarter := metric.Period{From: at(7, 1), To: at(10, 1)}
	ofIndustry := []metric.Filter{{Field: "industry", Op: metric.Eq, Values: []metric.Value{{Text: "Retail"}}}}
	overAmount := []metric.Filter{{Field: metric.FieldAmount, Op: metric.Gt, Values: []metric.Value{{Text: "5"}}}}
	weeks := metric.DefaultCompany()
	weeks.Calendar = metric.Weeks445
	for _, tt := range []struct {
		name    string
		query   metric.Query
		company metric.Company
		rolled  bool
	}{
		{"a sum of months", metric.Query{Metric: "won_revenue", Period: quarter}, metric.DefaultCompany(), true},
		{"a rate of any time by rep and month", metric.Query{Metric: "win_rate", By: []string{"person", "month"}}, metric.DefaultCompany(), true},
		{"a weighted sum by stage", metric.Query{Metric: "weighted_pipeline", By: []string{"stage"}}, metric.DefaultCompany(), true},
		{"more than a month", metric.Query{Metric: "won_count", Period: metric.Period{From: at(7, 10), To: at(9, 3)}}, metric.DefaultCompany(), true},
		{"a quarter of whole weeks", metric.Query{Metric: "won_count", Period: quarter}, weeks, true},
		{"quarters of whole weeks", metric.Query{Metric: "won_count", By: []string{"quarter"}, Period: metric.Period{From: at(1, 1), To: at(12, 1)}}, weeks, true},
		{"quarters of whole weeks for ever", metric.Query{Metric: "won_count", By: []string{"quarter"}}, weeks, false},
		{"less than a month", metric.Query{Metric: "won_count", Period: metric.Period{From: at(7, 10), To: at(7, 20)}}, metric.DefaultCompany(), false},
		{"parts of two months", metric.Query{Metric: "won_count", Period: metric.Period{From: at(7, 10), To: at(8, 20)}}, metric.DefaultCompany(), false},
		{"a median", metric.Query{Metric: "median_deal_size", Period: quarter}, metric.DefaultCompany(), false},
		{"an average, whose median is told", metric.Query{Metric: "average_deal_size", Period: quarter}, metric.DefaultCompany(), false},
		{"an industry", metric.Query{Metric: "won_count", Where: ofIndustry}, metric.DefaultCompany(), false},
		{"deals over an amount", metric.Query{Metric: "won_count", Where: overAmount}, metric.DefaultCompany(), false},
		{"a forecast category", metric.Query{Metric: "forecast_commit"}, metric.DefaultCompany(), false},
		{"amounts converted one by one", metric.Query{Metric: "won_revenue", In: "EUR"}, metric.DefaultCompany(), false},
		{"an earlier instant", metric.Query{Metric: "won_revenue", AsOf: at(5, 1)}, metric.DefaultCompany(), false},
		{"a list of deals", metric.Query{Shape: metric.ShapeDeals, Metric: "won_revenue"}, metric.DefaultCompany(), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.query.Shape == "" {
				tt.query.Shape = metric.ShapeFigure
			}
			p, err := metric.Default().Compile(tt.query, metric.Viewer{Role: metric.RoleAnalyst, All: true}, tt.company, at(11, 22))
			if err != nil {
				t.Fatal(err)
			}
			if got := readsRollup(p); got != tt.rolled {
				t.Errorf("the rollup is read: %v, want %v", got, tt.rolled)
			}
		})
	}
}

// TestTheWholeIsReadFromCoarserCellsThanItsRows looks for the whole of a breakdown
// among the cells of the company, unless that would read facts twice or leave out
// what the viewer may not see.
func TestTheWholeIsReadFromCoarserCellsThanItsRows(t *testing.T) {
	quarter := metric.Period{From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}
	cut := metric.Period{From: quarter.From.AddDate(0, 0, 9), To: quarter.To}
	ofPeople := []metric.Filter{{Field: "person", Op: metric.Ne, Values: []metric.Value{{ID: 7, Text: "it"}}}}
	all := metric.Viewer{Role: metric.RoleAnalyst, All: true}
	for _, tt := range []struct {
		name    string
		query   metric.Query
		viewer  metric.Viewer
		coarser bool
	}{
		{"by rep", metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"person"}}, all, true},
		{"by territory as it was", metric.Query{Metric: "win_rate", Period: quarter, By: []string{"territory"}}, all, true},
		{"what is open by rep", metric.Query{Metric: "open_pipeline", By: []string{"person"}}, all, true},
		{"by stage, which are those cells", metric.Query{Metric: "open_pipeline", By: []string{"stage"}}, all, false},
		{"by rep, cutting a month", metric.Query{Metric: "won_revenue", Period: cut, By: []string{"person"}}, all, false},
		{"by rep, but for one", metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"person"}, Where: ofPeople}, all, false},
		{"by rep for a rep", metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"person"}}, metric.Viewer{PersonID: 7, Role: metric.RoleRep, People: []int64{7}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.query.Shape = metric.ShapeFigure
			p, err := metric.Default().Compile(tt.query, tt.viewer, metric.DefaultCompany(), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			whole, rows := p.Statements[0].SQL, p.Statements[len(p.Statements)-1].SQL
			if got := whole != rows && strings.Contains(whole, "opportunity_rollup_company r"); got != tt.coarser {
				t.Errorf("the whole is read by itself: %v, want %v\n%s", got, tt.coarser, whole)
			}
		})
	}
}

// TestWhatIsReadIsTheCoarsestRollup names the rollup that the statement of
// each question reads.
func TestWhatIsReadIsTheCoarsestRollup(t *testing.T) {
	quarter := metric.Period{From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}
	cut := metric.Period{From: quarter.From.AddDate(0, 0, 9), To: quarter.To}
	const all, company, person = "opportunity_rollup r", "opportunity_rollup_company r", "opportunity_rollup_person r"
	for _, tt := range []struct {
		name, reads string
		query       metric.Query
	}{
		{"of all deals", company, metric.Query{Metric: "won_revenue", Period: quarter}},
		{"of all deals by quarter", company, metric.Query{Metric: "win_rate", By: []string{"quarter"}}},
		{"of all deals, cutting a month", company, metric.Query{Metric: "won_revenue", Period: cut}},
		{"what is open by stage", company, metric.Query{Metric: "open_pipeline", By: []string{"stage"}}},
		{"what is open by rep", person, metric.Query{Metric: "open_pipeline", By: []string{"person"}}},
		{"what is open by territory as it is", person, metric.Query{Metric: "open_pipeline", By: []string{"territory"}, Perspective: metric.AsIs}},
		{"what is open by territory as it was", all, metric.Query{Metric: "open_pipeline", By: []string{"territory"}, Perspective: metric.AsWas}},
		{"what is open by rep and month", all, metric.Query{Metric: "open_pipeline", By: []string{"person", "month"}}},
		{"what closes in a quarter by rep", all, metric.Query{Metric: "open_pipeline", By: []string{"person"}, Period: quarter}},
		{"by rep, cutting a month", all, metric.Query{Metric: "won_revenue", By: []string{"person"}, Period: cut}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.query.Shape = metric.ShapeFigure
			p, err := metric.Default().Compile(tt.query, metric.Viewer{Role: metric.RoleAnalyst, All: true}, metric.DefaultCompany(), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			breakdown := p.Statements[len(p.Statements)-1].SQL
			if !strings.Contains(breakdown, "from "+tt.reads+"\n") {
				t.Errorf("want it from %s:\n%s", tt.reads, breakdown)
			}
		})
	}
}
