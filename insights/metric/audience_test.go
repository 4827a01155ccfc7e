package metric_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

func TestWhoMayReadWhatIsShared(t *testing.T) {
	var (
		priya   = metric.Viewer{PersonID: 1, Role: metric.RoleRep, People: []int64{1}}
		tom     = metric.Viewer{PersonID: 2, Role: metric.RoleRep, People: []int64{2}}
		leader  = metric.Viewer{PersonID: 3, Role: metric.RoleManager, People: []int64{1, 2, 3}}
		analyst = metric.Viewer{PersonID: 4, Role: metric.RoleAnalyst, All: true}
	)
	for name, c := range map[string]struct {
		q     metric.Query
		asker metric.Viewer
		may   []metric.Viewer
		not   []metric.Viewer
	}{
		"a figure of the company is everybody's": {
			metric.Query{Metric: "won_revenue", By: []string{"territory"}}, priya, []metric.Viewer{priya, tom, leader, analyst}, nil,
		},
		"a rep's own figure is the rep's, and of those above": {
			metric.Query{Metric: "won_revenue", Where: []metric.Filter{where("person", metric.Eq, ann)}}, priya,
			[]metric.Viewer{priya, leader, analyst}, []metric.Viewer{tom},
		},
		"figures that are narrowed to their asker are nobody else's, though they may see more": {
			metric.Query{Metric: "won_revenue", By: []string{"person"}}, priya, nil, []metric.Viewer{tom, leader, analyst},
		},
		"a list of all deals is for those who see all": {
			metric.Query{Shape: metric.ShapeDeals, Metric: "open_pipeline"}, analyst, []metric.Viewer{analyst}, []metric.Viewer{priya, leader},
		},
		"a list of a rep's deals is the rep's, and of those above": {
			metric.Query{Shape: metric.ShapeDeals, Metric: "open_pipeline", Where: []metric.Filter{where("person", metric.Eq, ann)}}, priya,
			[]metric.Viewer{priya, leader, analyst}, []metric.Viewer{tom},
		},
		"profit is for those whom its clearance names": {
			metric.Query{Metric: "gross_profit"}, analyst, []metric.Viewer{leader, analyst}, []metric.Viewer{priya},
		},
		"who is nobody reads nothing": {
			metric.Query{Metric: "won_revenue"}, priya, []metric.Viewer{priya}, []metric.Viewer{{}, {All: true}},
		},
	} {
		if c.q.Shape == "" {
			c.q.Shape = metric.ShapeFigure
		}
		p, err := metric.Default().CompileAt(c.q, c.asker, metric.DefaultCompany(), day(200).time(), 3)
		if err != nil {
			t.Fatal(err)
		}
		refusals, err := p.MayRead(append(c.may, c.not...))
		if err != nil {
			t.Fatal(err)
		}
		for i, refusal := range refusals {
			if may := refusal == nil; may != (i < len(c.may)) {
				t.Errorf("%s: of %+v it is said %+v", name, append(c.may, c.not...)[i], refusal)
			}
		}
	}
}

// TestWhatIsSharedIsWhatEachReaderWouldBeTold: over random worlds, questions and
// audiences, whoever may read an answer is one whom the plain reading, asked by
// them, tells the very same.
func TestWhatIsSharedIsWhatEachReaderWouldBeTold(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 8 {
				co, asked := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
				here, today, instant := drawStanding(rt, w, co, asked)
				q := drawQuery(rt, co, today)
				q.AsOf = instant
				on := asked.time()
				p, err := catalog.Compile(q.Query, drawViewer(rt), co, time.Date(on.Year(), on.Month(), on.Day(), 23, 59, 0, 0, co.Zone))
				if err != nil {
					continue
				}
				result, err := tryRead(t, tx, p)
				if err != nil {
					continue
				}
				readers := rapid.SliceOfN(rapid.Custom(drawViewer), 1, 5).Draw(rt, "readers")
				refusals, err := p.MayRead(readers)
				if err != nil {
					rt.Fatal(err)
				}
				for i, reader := range readers {
					o := &oracle{world: here, q: q.Query, v: reader, co: co, today: today, from: q.from, till: q.till, beforeFrom: q.beforeFrom}
					switch {
					case refusals[i] != nil:
					case o.refusal() != "":
						rt.Fatalf("%+v would be refused as %q, and may read it\n%+v", reader, o.refusal(), q.Query)
					default:
						if diff := cmp.Diff(o.expected(q.from, q.till, q.beforeFrom, q.beforeTill), said(result)); diff != "" {
							rt.Fatalf("%+v would be told (-) and reads (+)\n%s\n%+v", reader, diff, q.Query)
						}
					}
				}
			}
		})
	})
}

// BenchmarkMayRead asks whether an answer is for 2,000 people: half of them see
// all, and each of the others themselves.
func BenchmarkMayRead(b *testing.B) {
	readers := make([]metric.Viewer, 2000)
	for i := range readers {
		readers[i] = metric.Viewer{Role: metric.RoleAnalyst, All: true}
		if i%2 == 0 {
			readers[i] = metric.Viewer{Role: metric.RoleRep, People: []int64{int64(i)}}
		}
	}
	for _, name := range []string{"won_revenue", "quota_attainment"} {
		q := metric.Query{Shape: metric.ShapeFigure, Metric: name, By: []string{"territory"}}
		p, err := metric.Default().CompileAt(q, readers[0], metric.DefaultCompany(), day(200).time(), 3)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := p.MayRead(readers); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
