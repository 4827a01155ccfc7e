package metric_test

import (
	"errors"
	"fmt"
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

// TestOwnersAreThoseOfThePlainReading compares who owns what with what plain
// loops over the rows tell, now and as of earlier days, over small random worlds.
func TestOwnersAreThoseOfThePlainReading(t *testing.T) {
	db := storetest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 8 {
				co, asked, v := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today")), drawViewer(rt)
				here, on, instant := drawStanding(rt, w, co, asked)
				q := metric.Query{Shape: metric.ShapeOwner, AsOf: instant, Where: []metric.Filter{drawOwned(rt, w)}}
				now := asked.time()
				p, err := metric.Default().Compile(q, v, co, time.Date(now.Year(), now.Month(), now.Day(), 23, 59, 0, 0, co.Zone))
				if err != nil {
					rt.Fatal(err)
				}
				o := &oracle{world: here, q: q, v: v, co: co, today: on}
				want := o.owners()
				result, err := tryRead(t, tx, p)
				if unseen := q.Where[0].Field == metric.FieldDeal && len(want) == 0; (codeOf(rt, err) == metric.CodeNotAvailable) != unseen {
					rt.Fatalf("%v\n%+v", err, q)
				}
				got := said(result).Rows
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("(-want +got)\n%s\n%+v\n%+v\non %s\n%s\n%v", diff, q, v, on, p.Statements[0].SQL, p.Statements[0].Args)
				}
			}
		})
	})
}

func drawOwned(t *rapid.T, w *world) metric.Filter {
	f := metric.Filter{Op: metric.Eq, Field: rapid.SampledFrom([]string{"account", "territory", metric.FieldDeal}).Draw(t, "of what")}
	value := metric.Value{Text: "it"}
	switch f.Field {
	case "account":
		value.ID = rapid.Int64Range(1, int64(len(w.accounts))).Draw(t, "account")
	case "territory":
		value.ID = rapid.Int64Range(1, int64(len(w.territory))).Draw(t, "territory")
	default:
		value.Text = fmt.Sprint("d", rapid.IntRange(0, len(w.deals)).Draw(t, "deal"))
	}
	f.Values = []metric.Value{value}
	return f
}

// owners lists who owns what is asked about, in the words of said, sorted.
func (o *oracle) owners() []string {
	f := o.q.Where[0]
	var out []string
	if f.Field == "territory" {
		for i := range o.territory {
			out = append(out, o.holders(i+1, int(f.Values[0].ID))...)
		}
	}
	for _, d := range o.live() {
		_, _, name := o.of(d, "person")
		owner := fmt.Sprintf("%s#%d", name, d.owner)
		if d.owner == 0 {
			owner = metric.None + "#0"
		}
		sees := o.v.All || slices.Contains(o.v.People, int64(d.owner))
		id := fmt.Sprint("d", d.id-1)
		switch {
		case !sees:
		case f.Field == "account" && int64(d.account) == f.Values[0].ID && o.outcome(d) == "open" && !slices.Contains(out, owner):
			out = append(out, owner)
		case f.Field == metric.FieldDeal && id == f.Values[0].Text:
			out = append(out, fmt.Sprintf("%s#0 / %s#0 / %s", id, id, owner))
		}
	}
	slices.Sort(out)
	return out
}

// holders lists who holds a territory that is the one asked about or below it.
func (o *oracle) holders(id, asked int) []string {
	if o.territory[id-1].mapped != o.inForce(o.today) {
		return nil
	}
	inside := false
	for at := id; at != 0; at = o.territory[at-1].parent {
		inside = inside || o.territory[at-1].key == o.territory[asked-1].key
	}
	if !inside {
		return nil
	}
	called := o.latest(id)
	name := fmt.Sprintf("%s#%d", o.territory[called-1].name, called)
	var out []string
	for i, person := range o.people {
		if since, holds := o.heldSince(i+1, id); holds {
			out = append(out, strings.Join([]string{name, fmt.Sprintf("%s#%d", person, i+1), since + "#0"}, " / "))
		}
	}
	parts := slices.ContainsFunc(o.territory, func(t territory) bool {
		return t.parent == id && t.mapped == o.inForce(o.today)
	})
	if len(out) == 0 && !parts {
		out = append(out, name+" / "+metric.None+"#0 / #0")
	}
	return out
}

// heldSince walks back from the day over those on which a person held a territory
// without a gap.
func (o *oracle) heldSince(person, id int) (since string, holds bool) {
	held := func(on day) bool {
		return slices.ContainsFunc(o.members, func(a assignment) bool {
			return a.person == person && a.to == id && !a.superseded && (a.from == noDay || a.from <= on) && (a.till == noDay || on < a.till)
		})
	}
	if !held(o.today) {
		return "", false
	}
	first := o.today
	for held(first-1) && first > -2 {
		first--
	}
	if first == -2 { // before all others
		return "", true
	}
	return first.String(), true
}

func TestWhoOwnsIsRefused(t *testing.T) {
	rep := metric.Viewer{PersonID: 1, Role: metric.RoleRep, People: []int64{1}}
	east := where("territory", metric.Eq, metric.Value{ID: 3, Text: "East"})
	for name, q := range map[string]metric.Query{
		"of nothing":          {},
		"of two things":       {Where: []metric.Filter{east, where("account", metric.Eq, acme)}},
		"of several":          {Where: []metric.Filter{where("territory", metric.In, metric.Value{ID: 3}, metric.Value{ID: 4})}},
		"of all but one":      {Where: []metric.Filter{where("territory", metric.Ne, metric.Value{ID: 3})}},
		"of a product":        {Where: []metric.Filter{where("product", metric.Eq, metric.Value{ID: 3, Text: "Anvil"})}},
		"of a metric":         {Metric: "open_count", Where: []metric.Filter{east}},
		"by something":        {By: []string{"person"}, Where: []metric.Filter{east}},
		"in a period":         {Period: metric.Period{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, Where: []metric.Filter{east}},
		"as of a day to come": {AsOf: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Where: []metric.Filter{east}},
	} {
		t.Run(name, func(t *testing.T) {
			q.Shape = metric.ShapeOwner
			_, err := metric.Default().Compile(q, rep, metric.DefaultCompany(), time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
			var refusal *metric.Refusal
			if !errors.As(err, &refusal) || refusal.Code != metric.CodeInvalid {
				t.Errorf("it is not refused as invalid: %v", err)
			}
		})
	}
}
