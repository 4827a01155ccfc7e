package metric_test

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

var (
	ann  = metric.Value{ID: 1, Text: "Ann"}
	bob  = metric.Value{ID: 2, Text: "Bob"}
	acme = metric.Value{ID: 9, Text: "Acme"}
	won  = metric.Value{Text: "won"}
)

func where(field string, op metric.Op, values ...metric.Value) metric.Filter {
	return metric.Filter{Field: field, Op: op, Values: values}
}

func TestRights(t *testing.T) {
	rep := metric.Viewer{PersonID: 1, Name: "Ann", Role: metric.RoleRep, People: []int64{1}}
	manager := metric.Viewer{PersonID: 3, Name: "Cyd", Role: metric.RoleManager, People: []int64{1, 3}}
	all := metric.Viewer{PersonID: 4, Role: metric.RoleAnalyst, All: true}

	const allowed, narrowed, refused = "allowed", "narrowed", "refused"
	for _, tt := range []struct {
		name   string
		viewer metric.Viewer
		by     []string
		where  []metric.Filter
		want   string
		grain  metric.Grain
	}{
		{"the company", rep, nil, nil, allowed, metric.GrainCompany},
		{"by team", rep, []string{"territory", "month"}, nil, allowed, metric.GrainTeam},
		{"of a team", rep, []string{"industry"}, []metric.Filter{where("manager", metric.Ne, bob)}, allowed, metric.GrainTeam},
		{"over an amount", rep, nil, []metric.Filter{where("amount", metric.Gt, metric.Value{Text: "50000"})}, allowed, metric.GrainCompany},
		{"by person", rep, []string{"person"}, nil, narrowed, metric.GrainPerson},
		{"by person, of a manager", manager, []string{"person"}, nil, narrowed, metric.GrainPerson},
		{"by person, of an analyst", all, []string{"person"}, nil, allowed, metric.GrainPerson},
		{"by account", rep, []string{"account"}, nil, narrowed, metric.GrainDeal},
		{"of oneself", rep, []string{"account"}, []metric.Filter{where("person", metric.Eq, ann)}, allowed, metric.GrainDeal},
		{"of another", rep, nil, []metric.Filter{where("person", metric.Eq, bob)}, refused, ""},
		{"of another, by team", rep, []string{"territory"}, []metric.Filter{where("person", metric.Eq, bob)}, refused, ""},
		{"of both", rep, nil, []metric.Filter{where("person", metric.In, ann, bob)}, refused, ""},
		{"of another, twice", rep, nil, []metric.Filter{where("person", metric.Eq, ann), where("person", metric.Eq, bob)}, refused, ""},
		{"of all but another", rep, nil, []metric.Filter{where("person", metric.Ne, bob)}, refused, ""},
		{"of all but oneself", rep, nil, []metric.Filter{where("person", metric.NotIn, ann)}, refused, ""},
		{"of all but oneself, by person", rep, []string{"person"}, []metric.Filter{where("person", metric.NotIn, ann)}, refused, ""},
		{"of nobody", rep, nil, []metric.Filter{where("person", metric.IsNull)}, refused, ""},
		{"of oneself and not another", rep, nil, []metric.Filter{where("person", metric.Eq, ann), where("person", metric.Ne, bob)}, allowed, metric.GrainPerson},
		{"of an account", rep, nil, []metric.Filter{where("account", metric.Eq, acme)}, refused, ""},
		{"of all but an account", manager, nil, []metric.Filter{where("account", metric.Ne, acme)}, refused, ""},
		{"of no account", rep, nil, []metric.Filter{where("account", metric.IsNull)}, refused, ""},
		{"of an account, by person", rep, []string{"person"}, []metric.Filter{where("account", metric.Eq, acme)}, refused, ""},
		{"of an own account", rep, nil, []metric.Filter{where("account", metric.Eq, acme), where("person", metric.Eq, ann)}, allowed, metric.GrainDeal},
		{"of an account, of an analyst", all, nil, []metric.Filter{where("account", metric.Eq, acme)}, allowed, metric.GrainDeal},
		{"of a report", manager, nil, []metric.Filter{where("person", metric.Eq, ann)}, allowed, metric.GrainPerson},
		{"of nobody known", metric.Viewer{}, nil, nil, refused, ""},
		{"of nobody known, who claims all", metric.Viewer{All: true, People: []int64{1}}, nil, nil, refused, ""},
	} {
		q := metric.Query{Shape: metric.ShapeFigure, Metric: "win_rate", By: tt.by, Where: tt.where}
		p, err := metric.Default().Compile(q, tt.viewer, metric.DefaultCompany(), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
		var refusal *metric.Refusal
		switch {
		case errors.As(err, &refusal):
			if tt.want != refused || refusal.Code != metric.CodeNotAllowed || refusal.Hint == "" {
				t.Errorf("%s: %+v", tt.name, refusal)
			}
			if tt.viewer.Known() && len(refusal.Instead) == 0 {
				t.Errorf("%s: nothing is said to be seen instead", tt.name)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want == refused, p.Narrowed != (tt.want == narrowed), p.Grain != tt.grain:
			t.Errorf("%s: narrowed %v, grain %s", tt.name, p.Narrowed, p.Grain)
		}
	}
}

func TestClearanceIsOfTheMetric(t *testing.T) {
	for role, want := range map[metric.Role]bool{
		metric.RoleRep: false, metric.RoleManager: true, metric.RoleAnalyst: true, metric.RoleAdmin: true,
	} {
		for _, name := range []string{"gross_profit", "contribution", "net_profit", "gross_margin", "costed_revenue"} {
			q := metric.Query{Shape: metric.ShapeFigure, Metric: name, By: []string{"territory"}}
			_, err := metric.Default().Compile(q, metric.Viewer{PersonID: 1, Role: role, People: []int64{1}}, metric.DefaultCompany(), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
			var refusal *metric.Refusal
			switch {
			case want && err != nil:
				t.Errorf("%s for a %s: %v", name, role, err)
			case !want && (!errors.As(err, &refusal) || refusal.Code != metric.CodeNotAllowed || !strings.Contains(refusal.Message, "clearance")):
				t.Errorf("%s for a %s is refused as %v", name, role, err)
			case !want && (refusal.Hint == "" || !slices.Contains(refusal.Instead, "won revenue")):
				t.Errorf("%s for a %s: %+v", name, role, refusal)
			}
		}
	}
}

func TestInvalidQueries(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	month := metric.Period{From: day(1), To: day(31)}
	for _, tt := range []struct {
		want string
		q    metric.Query
	}{
		{`no metric "profit"`, metric.Query{Metric: "profit"}},
		{"shape", metric.Query{Metric: "win_rate", Shape: metric.ShapeDefinition}},
		{"has not come", metric.Query{Metric: "win_rate", AsOf: day(23)}},
		{"of an earlier day", metric.Query{Metric: "open_count", Compare: metric.CompareThen}},
		{"of an earlier day", metric.Query{Metric: "open_count", Compare: metric.CompareThen, Then: day(22)}},
		{"of an earlier day", metric.Query{Metric: "open_count", Compare: metric.CompareThen, AsOf: day(9), Then: day(10)}},
		{"no comparison", metric.Query{Metric: "win_rate", Period: month, Compare: metric.ComparePrevious, Then: day(1)}},
		{"no comparison", metric.Query{Metric: "open_count", Then: day(1)}},
		{"broken down by week", metric.Query{Metric: "open_count", By: []string{"week"}, Compare: metric.CompareThen, Then: day(1)}},
		{"perspective", metric.Query{Metric: "win_rate", Perspective: "as_planned"}},
		{`broken down by "colour"`, metric.Query{Metric: "win_rate", By: []string{"colour"}}},
		{`broken down by "amount"`, metric.Query{Metric: "win_rate", By: []string{"amount"}}},
		{"person twice", metric.Query{Metric: "win_rate", By: []string{"person", "person"}}},
		{"comes last", metric.Query{Metric: "win_rate", By: []string{"week", "month"}}},
		{"comes last", metric.Query{Metric: "win_rate", By: []string{"month", "person"}}},
		{"limit cannot be negative", metric.Query{Metric: "win_rate", By: []string{"person"}, Limit: -1}},
		{"needs a breakdown", metric.Query{Metric: "win_rate", Limit: 3}},
		{"needs a breakdown", metric.Query{Metric: "win_rate", Order: metric.Ascending}},
		{"no order", metric.Query{Metric: "win_rate", By: []string{"person"}, Order: "random"}},
		{"no comparison", metric.Query{Metric: "win_rate", Period: month, Compare: "plan"}},
		{"beginning and an end", metric.Query{Metric: "win_rate", Compare: metric.ComparePrevious}},
		{"beginning and an end", metric.Query{Metric: "win_rate", Period: metric.Period{From: day(1)}, Compare: metric.ComparePrevious}},
		{"has not begun", metric.Query{Metric: "win_rate", Period: metric.Period{From: day(23), To: day(24)}, Compare: metric.ComparePrevious}},
		{"cannot be broken down by week", metric.Query{Metric: "win_rate", Period: month, By: []string{"week"}, Compare: metric.ComparePrevious}},
		{"stands at a moment", metric.Query{Metric: "open_pipeline", Period: month, Compare: metric.ComparePrevious}},
		{"begins and ends with a day", metric.Query{Metric: "win_rate", Period: metric.Period{From: day(1).Add(14 * time.Hour)}}},
		{"ends after it begins", metric.Query{Metric: "win_rate", Period: metric.Period{From: day(2), To: day(1)}}},
		{"more than 1000 steps", metric.Query{Metric: "win_rate", By: []string{"day"}, Period: metric.Period{From: time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), To: day(1)}}},
		{`filtered by "colour"`, metric.Query{Metric: "win_rate", Where: []metric.Filter{where("colour", metric.Eq, won)}}},
		{"as the period", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("month", metric.Eq, won)}}},
		{"no comparison", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("person", "like", bob)}}},
		{"not more or less", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("person", metric.Lt, bob)}}},
		{"0 values", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("person", metric.Eq)}}},
		{"2 values", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("person", metric.Eq, ann, bob)}}},
		{"1 values", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("person", metric.IsNull, ann)}}},
		{"not a known person", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("person", metric.Eq, won)}}},
		{"not a known outcome", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("outcome", metric.Eq, ann)}}},
		{"not a known industry", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("industry", metric.Eq, metric.Value{Text: "a\x00"})}}},
		{"not an amount", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("amount", metric.Gt, metric.Value{Text: "50k"})}}},
		{"cannot be told by product: a quota has none", metric.Query{Metric: "quota", By: []string{"product"}}},
		{"cannot be told by account: a quota has none", metric.Query{Metric: "quota_attainment", Where: []metric.Filter{where("account", metric.Eq, acme)}}},
		{"Only deals can be kept by their amount", metric.Query{Metric: "quota", Where: []metric.Filter{where("amount", metric.Gt, metric.Value{Text: "1"})}}},
		{"is not in a currency", metric.Query{Metric: "win_rate", In: "USD"}},
		{"no currency", metric.Query{Metric: "won_revenue", In: "dollars"}},
		{"one number", metric.Query{Metric: "win_rate", Where: []metric.Filter{where("amount", metric.In, metric.Value{Text: "1"})}}},
	} {
		if tt.q.Shape == "" {
			tt.q.Shape = metric.ShapeFigure
		}
		_, err := metric.Default().Compile(tt.q, metric.Viewer{Role: metric.RoleAdmin, All: true}, metric.DefaultCompany(), day(22))
		var refusal *metric.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Message, tt.want) {
			t.Errorf("%+v\ngot %v, want %q", tt.q, err, tt.want)
		}
	}
}

// TestOthersDealsCannotBeTold: whatever a viewer may ask of people and
// accounts, the answer is the same if nobody else's deals existed.
func TestOthersDealsCannotBeTold(t *testing.T) {
	db := storetest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		w, v := drawWorld(rt), metric.Viewer{Role: metric.RoleRep, People: []int64{1, 2}}
		co, today := metric.DefaultCompany(), day(200)
		q := drawQuery(rt, co, today)
		if by := rapid.SampledFrom([]string{"person", "account"}).Draw(rt, "about"); !slices.Contains(q.By, by) {
			q.By = append([]string{by}, q.By...)
		}
		if measures[q.Metric].state != nil {
			rt.Skip("how long deals are usually at a stage, and whether an account was won before, is told of the company")
		}
		p, err := metric.Default().Compile(q.Query, v, co, today.time())
		if err != nil || p.Grain == metric.GrainTeam || p.Grain == metric.GrainCompany {
			rt.Skip("not about people")
		}
		w.untie()
		others := func(person int) bool { return person != 1 && person != 2 }
		without := *w
		without.deals = slices.DeleteFunc(slices.Clone(w.deals), func(d deal) bool { return others(d.owner) })
		without.quotas = slices.DeleteFunc(slices.Clone(w.quotas), func(q quota) bool { return others(q.person) })
		without.talks = slices.DeleteFunc(slices.Clone(w.talks), func(c contact) bool { return others(c.by) })
		without.leads = slices.DeleteFunc(slices.Clone(w.leads), func(l lead) bool { return others(l.owner) })
		for _, name := range append([]string{q.Metric}, measures[q.Metric].made...) {
			if loaded := measures[name].loaded; loaded != nil && loaded(w) != loaded(&without) {
				rt.Skip("that quotas are set at all is no secret")
			}
		}
		for _, f := range q.Where {
			if loaded := needed[f.Field]; loaded != nil && loaded(w) != loaded(&without) {
				rt.Skip("that people are in touch with customers at all is no secret")
			}
		}
		var answers [2]answer
		for i, w := range []*world{w, &without} {
			within(db, w, func(tx *sqlx.Tx) {
				if result, err := tryRead(t, tx, p); err == nil {
					answers[i] = said(result)
				}
			})
		}
		if diff := cmp.Diff(answers[1], answers[0]); diff != "" {
			rt.Fatalf("others' deals show (+)\n%s\n%+v", diff, q.Query)
		}
	})
}

// untie leaves nobody a contact about somebody else's deal, nor a share of one,
// nor a lead that became one.
func (w *world) untie() {
	for i, d := range w.deals {
		w.deals[i].contacts = slices.DeleteFunc(slices.Clone(d.contacts), func(c contact) bool { return c.by != d.owner })
		w.deals[i].splits = slices.DeleteFunc(slices.Clone(d.splits), func(s split) bool { return s.person != d.owner })
	}
	for i := range w.leads {
		w.leads[i].became = 0
	}
}

// TestPartsAddUpToTheWhole: what adds up does, along every breakdown, and a
// filter and its opposite leave nothing out.
func TestPartsAddUpToTheWhole(t *testing.T) {
	db := storetest.New(t)
	all, co := metric.Viewer{Role: metric.RoleAdmin, All: true}, metric.DefaultCompany()
	figures := func(rt *rapid.T, tx *sqlx.Tx, q metric.Query) metric.Result {
		p, err := metric.Default().Compile(q, all, co, day(200).time())
		if err != nil {
			rt.Fatal(err)
		}
		return read(t, tx, p)
	}
	rapid.Check(t, func(rt *rapid.T) {
		q := metric.Query{
			Shape: metric.ShapeFigure,
			Metric: rapid.SampledFrom([]string{
				"won_revenue", "open_pipeline", "won_count", "engaged_count", "open_count", "pipeline_created",
				"weighted_pipeline", "gross_profit", "contribution", "net_profit", "costed_revenue",
			}).Draw(rt, "metric"),
			By: []string{rapid.SampledFrom(append(slices.Clone(dimensions), steps...)).Draw(rt, "by")},
		}
		counts, _ := metric.Default().Metric(q.Metric)
		f := rapid.Custom(drawFilter).Filter(func(f metric.Filter) bool {
			return !metric.IsNumber(f.Field) || counts.CanCompare(f.Field)
		}).Draw(rt, "filter")
		opposite, ok := map[metric.Op]metric.Op{metric.Eq: metric.Ne, metric.Ne: metric.Eq, metric.In: metric.NotIn, metric.NotIn: metric.In}[f.Op]
		w := drawWorld(rt)
		ok = ok && (needed[f.Field] == nil || needed[f.Field](w))
		within(db, w, func(tx *sqlx.Tx) {
			whole := figures(rt, tx, q)
			sums := map[string]*big.Rat{}
			for _, row := range whole.Rows {
				add(sums, *row[len(row)-1].Quantity)
			}
			if diff := cmp.Diff(amounts(sumsOf(whole)), amounts(sums)); diff != "" {
				rt.Fatalf("by %s (-whole +parts)\n%s", q.By, diff)
			}
			if !ok {
				return
			}
			halves := map[string]*big.Rat{}
			for _, op := range []metric.Op{f.Op, opposite} {
				f.Op = op
				q.Where = []metric.Filter{f}
				for _, figure := range figures(rt, tx, q).Figures {
					add(halves, figure.Quantity)
				}
			}
			if diff := cmp.Diff(amounts(sumsOf(whole)), amounts(halves)); diff != "" {
				rt.Fatalf("%+v and its opposite (-whole +halves)\n%s", f, diff)
			}
		})
	})
}

func sumsOf(r metric.Result) map[string]*big.Rat {
	sums := map[string]*big.Rat{}
	for _, f := range r.Figures {
		add(sums, f.Quantity)
	}
	return sums
}

func add(sums map[string]*big.Rat, q metric.Quantity) {
	if q.Value == nil {
		return
	}
	if sums[q.Currency] == nil {
		sums[q.Currency] = new(big.Rat)
	}
	sums[q.Currency].Add(sums[q.Currency], q.Value)
}

// amounts prints the sums that are not nothing.
func amounts(sums map[string]*big.Rat) map[string]string {
	out := map[string]string{}
	for currency, sum := range sums {
		if sum.Sign() != 0 {
			out[currency] = sum.RatString()
		}
	}
	return out
}

// TestANarrowedFigureTellsWhetherItIsTheViewersAlone: a rep's own deals and a
// team's have other names.
func TestANarrowedFigureTellsWhetherItIsTheViewersAlone(t *testing.T) {
	db := storetest.New(t)
	for _, tt := range []struct {
		people []int64
		by     string
		alone  bool
	}{
		{[]int64{1}, "person", true}, {[]int64{1, 2}, "person", false}, {[]int64{1}, "territory", false},
	} {
		q := metric.Query{Shape: metric.ShapeFigure, Metric: "won_revenue", By: []string{tt.by}}
		p, err := metric.Default().Compile(q, metric.Viewer{PersonID: 1, Role: metric.RoleRep, People: tt.people}, metric.DefaultCompany(), day(9).time())
		if err != nil {
			t.Fatal(err)
		}
		within(db, &world{}, func(tx *sqlx.Tx) {
			if result := read(t, tx, p); result.Alone != tt.alone {
				t.Errorf("%+v: alone is %v", tt, result.Alone)
			}
		})
	}
}

// TestATeamIsTheWholeTreeBelow: a manager's team is all who report to them,
// through however many others, on the day that counts; by manager, each deal
// stands with the one its owner reports to.
func TestATeamIsTheWholeTreeBelow(t *testing.T) {
	const sabine, ingrid, priya, tom = 1, 2, 3, 4
	w := &world{people: []string{"Sabine", "Ingrid", "Priya", "Tom"}, products: []string{"Anvil"}}
	w.lines = []assignment{
		{person: ingrid, to: sabine, from: noDay, till: noDay}, {person: priya, to: ingrid, from: noDay, till: noDay},
		{person: tom, to: ingrid, from: noDay, till: 31}, // and then to nobody
	}
	for i, owner := range []int{sabine, ingrid, priya, tom, tom} {
		closed := day(5)
		if i == 4 {
			closed = 40
		}
		w.deals = append(w.deals, deal{owner: owner, stage: 3, amount: int64(100 << i), currency: "USD", closed: closed})
	}
	head := metric.Viewer{PersonID: sabine, Role: metric.RoleManager, People: []int64{sabine, ingrid, priya}}
	is := func(id int64, op metric.Op) []metric.Filter {
		return []metric.Filter{where("manager", op, metric.Value{ID: id, Text: "m"})}
	}
	january := metric.Period{From: day(0).time(), To: day(31).time()}
	february := metric.Period{From: day(31).time(), To: day(60).time()}
	for _, tt := range []struct {
		name     string
		q        metric.Query
		want     []string
		narrowed bool
	}{
		{"all below, not her own", metric.Query{Where: is(sabine, metric.Eq)}, []string{"14|USD|known 3 of 3, 3 deals"}, false},
		{"one of the teams", metric.Query{Where: is(ingrid, metric.Eq)}, []string{"12|USD|known 2 of 2, 2 deals"}, false},
		{"both teams, each deal once", metric.Query{Where: []metric.Filter{where("manager", metric.In, metric.Value{ID: sabine}, metric.Value{ID: ingrid})}}, []string{"14|USD|known 3 of 3, 3 deals"}, false},
		{"the rest", metric.Query{Where: is(sabine, metric.Ne)}, []string{"17|USD|known 2 of 2, 2 deals"}, false},
		{"as it is", metric.Query{Where: is(sabine, metric.Eq), Perspective: metric.AsIs}, []string{"6|USD|known 2 of 2, 2 deals"}, false},
		{"by manager, the parts add up", metric.Query{Where: is(sabine, metric.Eq), By: []string{"manager"}}, []string{
			"14|USD|known 3 of 3, 3 deals", "Ingrid#2 / 12|USD|known 2 of 2", "Sabine#1 / 2|USD|known 1 of 1",
		}, false},
		{"by person, with one who has left", metric.Query{Where: is(sabine, metric.Eq), By: []string{"person"}, Period: january}, []string{
			"6|USD|known 2 of 2, 2 deals", "Ingrid#2 / 2|USD|known 1 of 1", "Priya#3 / 4|USD|known 1 of 1",
		}, true},
		{"by person, after that", metric.Query{Where: is(sabine, metric.Eq), By: []string{"person"}, Period: february}, []string{"unknown no_rows|USD|known 0 of 0, 0 deals"}, false},
		{"by person, as it is", metric.Query{Where: is(sabine, metric.Eq), By: []string{"person"}, Perspective: metric.AsIs}, []string{
			"6|USD|known 2 of 2, 2 deals", "Ingrid#2 / 2|USD|known 1 of 1", "Priya#3 / 4|USD|known 1 of 1",
		}, false},
		{"by person, without a team", metric.Query{By: []string{"person"}, Period: january}, []string{
			"7|USD|known 3 of 3, 3 deals", "Ingrid#2 / 2|USD|known 1 of 1", "Priya#3 / 4|USD|known 1 of 1", "Sabine#1 / 1|USD|known 1 of 1",
		}, true},
	} {
		within(storetest.New(t), w, func(tx *sqlx.Tx) {
			tt.q.Shape, tt.q.Metric = metric.ShapeFigure, "won_revenue"
			p, err := metric.Default().Compile(tt.q, head, metric.DefaultCompany(), day(49).time())
			if err != nil {
				t.Fatal(err)
			}
			got := said(read(t, tx, p))
			if diff := cmp.Diff(tt.want, append(got.Figures, got.Rows...)); diff != "" || got.Narrowed != tt.narrowed {
				t.Errorf("%s: narrowed %v (-want +got)\n%s", tt.name, got.Narrowed, diff)
			}
		})
	}
}
