package metric_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestTwoMapsDifferByMoreThanOneInAHundred checks the limit exactly.
func TestTwoMapsDifferByMoreThanOneInAHundred(t *testing.T) {
	money := func(n, of int64) metric.Quantity {
		return metric.Quantity{Value: big.NewRat(n, of), Unit: metric.UnitMoney, Currency: "USD"}
	}
	rate := func(k, n int64) metric.Quantity {
		return metric.Quantity{Value: big.NewRat(k, n), Unit: metric.UnitRatio, K: &k, N: &n}
	}
	nothing := metric.Quantity{Unit: metric.UnitMoney, Currency: "USD", Reason: metric.ReasonNoRows}
	cases := map[string]struct {
		metric      string
		this, other metric.Quantity
		differ      bool
	}{
		"one in a hundred more":            {"won_revenue", money(100, 1), money(101, 1), false},
		"a millionth above that":           {"won_revenue", money(100, 1), money(101_000_001, 1_000_000), true},
		"one in a hundred less":            {"won_revenue", money(100, 1), money(99, 1), false},
		"a millionth below that":           {"won_revenue", money(100, 1), money(98_999_999, 1_000_000), true},
		"the same":                         {"won_revenue", money(7, 3), money(7, 3), false},
		"anything beside nought":           {"won_revenue", money(0, 1), money(1, 100), true},
		"nought beside nought":             {"won_revenue", money(0, 1), money(0, 1), false},
		"less than nothing":                {"won_revenue", money(-100, 1), money(-102, 1), true},
		"what is unknown":                  {"won_revenue", nothing, money(1, 1), true},
		"two unknowns":                     {"won_revenue", nothing, nothing, false},
		"a rate":                           {"win_rate", rate(50, 100), rate(51, 100), true},
		"a rate, by one in a hundred":      {"win_rate", rate(100, 200), rate(101, 200), false},
		"a rate of too few to say a thing": {"win_rate", rate(5, 10), rate(50, 80), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m, _ := metric.Default().Metric(c.metric)
			result := func(q metric.Quantity) metric.Result {
				return metric.Result{Figures: []metric.Figure{{Quantity: q}}}
			}
			if differ := len(m.Differences(result(c.this), result(c.other))) == 1; differ != c.differ {
				t.Errorf("they differ: %v", differ)
			}
		})
	}
}

// TestRowsThatDifferAreFound checks that rows are set beside their like, and
// that those which stand on one map only are not forgotten.
func TestRowsThatDifferAreFound(t *testing.T) {
	m, _ := metric.Default().Metric("won_revenue")
	row := func(id int64, name string, n int64) []metric.Cell {
		return []metric.Cell{{Text: name, ID: id}, {Quantity: &metric.Quantity{Value: big.NewRat(n, 1), Currency: "USD"}}}
	}
	was := metric.Result{Rows: [][]metric.Cell{row(1, "North", 100), row(2, "South", 50), row(3, "West", 7)}}
	is := metric.Result{Rows: [][]metric.Cell{row(2, "South", 50), row(1, "North", 90), row(4, "East", 17)}}
	names := func(limit int) string {
		was.Query.Limit = limit
		text := ""
		for _, d := range m.Differences(was, is) {
			text += d.Names[0].Text + " "
		}
		return text
	}
	if got := names(0); got != "North West East " {
		t.Errorf("of all rows %sdiffer", got)
	}
	if got := names(3); got != "North West " {
		t.Errorf("of the first rows %sdiffer: what is not shown is not set beside anything", got)
	}
}

// TestOnlyWhatPeopleAreAssignedToHasTwoMaps: a figure of the whole company is
// the same on both, and is not counted twice.
func TestOnlyWhatPeopleAreAssignedToHasTwoMaps(t *testing.T) {
	here := metric.Value{ID: 1, Text: "EMEA"}
	cases := map[string]struct {
		q    metric.Query
		maps bool
	}{
		"the company":        {metric.Query{By: []string{"stage"}}, false},
		"people":             {metric.Query{By: []string{"person"}}, false},
		"by territory":       {metric.Query{By: []string{"territory", "month"}}, true},
		"by manager":         {metric.Query{By: []string{"manager"}}, true},
		"of a territory":     {metric.Query{Where: []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{here}}}}, true},
		"without a manager":  {metric.Query{Where: []metric.Filter{{Field: "manager", Op: metric.IsNull}}}, true},
		"the deals, singly":  {metric.Query{Shape: metric.ShapeDeals, By: []string{"territory"}}, false},
		"of an account":      {metric.Query{Where: []metric.Filter{{Field: "account", Op: metric.Eq, Values: []metric.Value{here}}}}, false},
		"ranked territories": {metric.Query{By: []string{"territory"}, Order: metric.Descending, Limit: 3, Compare: metric.ComparePrevious}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.q.Shape == "" {
				c.q.Shape = metric.ShapeFigure
			}
			c.q.Perspective = metric.AsWas
			other, maps := metric.Default().OnOtherMap(c.q)
			if maps != c.maps {
				t.Fatalf("it has two maps: %v", maps)
			}
			if maps && (other.Perspective != metric.AsIs || other.Compare != "" || other.Order != "" || other.Limit != 0) {
				t.Errorf("the other is %+v", other)
			}
		})
	}
}

// TestWhoMovedIsWhoseFactsAreCountedElsewhere compares the people that are named
// as the reason with those whose facts, one by one, stand elsewhere.
func TestWhoMovedIsWhoseFactsAreCountedElsewhere(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			co, on := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
			here, today, instant := drawStanding(rt, w, co, on)
			q := drawQuery(rt, co, today)
			q.AsOf, q.Compare = instant, ""
			if _, planned := q.Perspective.Planned(); planned {
				return // it is asked of the two maps that are or were in force
			}
			o := &oracle{world: here, q: q.Query, v: drawViewer(rt), co: co, today: today}
			now := on.time()
			p, err := catalog.Compile(q.Query, o.v, co, time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, co.Zone))
			if codeOf(rt, err) != "" {
				return
			}
			var tables [][][]*string
			for _, s := range p.Movers() {
				table, err := readTable(tx, s)
				if err != nil {
					rt.Fatalf("%v\n%s", err, s.SQL)
				}
				tables = append(tables, table)
			}
			if got, want := metric.CountListed(tables), o.movers(q.from, q.till); got != want {
				rt.Fatalf("%d people moved, want %d\n%+v", got, want, q.Query)
			}
		})
	})
}

// fact tells a fact from all others, on whatever map it stands. Of one deal there
// may be several.
func (o *oracle) fact(d deal) string {
	name := fmt.Sprint(d.input, d.id, " ", d.quota, d.forecast, d.owner, d.credit)
	switch {
	case d.talk != nil:
		name += fmt.Sprint(*d.talk)
	case d.visit != nil:
		name += fmt.Sprint(*d.visit)
	case d.lead != nil:
		name += fmt.Sprint(*d.lead)
	}
	return name
}

// movers counts the people one of whose facts is counted elsewhere, or not at
// all, on the other map.
func (o *oracle) movers(from, till day) int {
	stand := map[string][2]string{}
	owner := map[string]int{}
	for i, on := range []metric.Perspective{metric.AsWas, metric.AsIs} {
		one := *o
		one.q.Perspective = on
		for _, d := range one.counted(one.window(one.told(from, till))) {
			fact := one.fact(d)
			where := "counted"
			for _, by := range o.q.By {
				if by == "territory" || by == "manager" {
					of, plain := one.asked(d)
					id, _, _ := of.of(plain, by)
					where += fmt.Sprint(" ", id)
				}
			}
			both := stand[fact]
			both[i] = where
			stand[fact], owner[fact] = both, d.owner
		}
	}
	people := map[int]bool{}
	for fact, both := range stand {
		if both[0] != both[1] && owner[fact] != 0 {
			people[owner[fact]] = true
		}
	}
	return len(people)
}
