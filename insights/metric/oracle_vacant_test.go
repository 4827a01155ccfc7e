package metric_test

import (
	"fmt"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// What the metrics mean that tell what nobody holds.

func init() {
	of := measure{
		unit: metric.UnitCount, facts: (*oracle).accountsUnassigned, asIs: true, stock: true, open: true, loaded: havePlaces,
		dims: []string{"territory", "account", "industry", "segment", "country"},
	}
	measures["unassigned_accounts"] = of
	of.only = func(_ *oracle, d deal) bool { return d.placed == 0 }
	measures["unplaced_accounts"] = of

	vacant := measure{
		unit: metric.UnitCount, asIs: true, stock: true, open: true, dims: []string{"territory"},
		loaded: func(w *world) bool { return len(w.territory) > 0 },
	}
	vacant.facts = func(o *oracle) []deal {
		var out []deal
		for _, id := range o.lowest() {
			if len(o.holdersOf(id)) == 0 {
				out = append(out, deal{placed: id, closed: o.today, stage: 1})
			}
		}
		return out
	}
	measures["vacant_territories"] = vacant
}

// accountsUnassigned are the accounts that are in no territory today, or in one
// that nobody holds.
func (o *oracle) accountsUnassigned() []deal {
	var out []deal
	for account := 1; account <= len(o.accounts); account++ {
		at := o.placeOf(account)
		if at == 0 || len(o.holdersOf(at)) == 0 {
			out = append(out, deal{account: account, closed: o.today, stage: 1, placed: at})
		}
	}
	return out
}

// lowest are the territories that have none below them on the map.
func (o *oracle) lowest() []int {
	on := o.inForce(o.today)
	if planned := o.plannedMap(); planned != 0 {
		on = planned
	}
	var ids []int
	for i, t := range o.territory {
		above := func(lower territory) bool { return lower.parent == i+1 }
		if t.mapped == on && !slices.ContainsFunc(o.territory, above) {
			ids = append(ids, i+1)
		}
	}
	return ids
}

// checkOpen compares a list with what is counted: everybody may see all of it.
func (l lister) checkOpen(t *rapid.T, tx *sqlx.Tx, p *metric.Plan, whole []deal) {
	list, err := tryReadIn(tx, p)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, row := range list.Rows {
		text := row[0].Text
		for _, c := range row[1 : len(row)-1] {
			text += fmt.Sprintf(", %s %d", c.Text, c.ID)
		}
		got = append(got, text)
	}
	for _, d := range whole {
		in, _, name := l.of(d, "territory")
		text := fmt.Sprintf("%s, %s 0", name, l.clock(d))
		if d.account != 0 {
			if in == 0 {
				name = "(none)"
			}
			text = fmt.Sprintf("Account %d, %s %d, %s 0", d.account-1, name, in, l.clock(d))
		}
		want = append(want, text)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := gocmp.Diff(want, got); diff != "" || list.Total != len(whole) || list.Narrowed || list.Listing.Whole != int64(len(whole)) {
		t.Fatalf("%d in all (-want +got)\n%s\n%+v", list.Total, diff, l.q)
	}
}
