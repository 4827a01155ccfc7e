package metric_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// What the metrics mean that count accounts in territories.

// placement puts an account into a territory for some days.
type placement struct {
	account, territory int
	from, till         day
	superseded         bool
}

func init() {
	haveBoth := func(w *world) bool { return havePlaces(w) && haveContacts(w) }
	count := func(loaded func(w *world) bool, only func(o *oracle, account int) bool) measure {
		m := measure{
			unit: metric.UnitCount, facts: (*oracle).accountsPlaced, asIs: true, stock: true, placed: true, loaded: loaded,
			dims: []string{"person", "manager", "territory", "account", "industry", "segment", "country"},
		}
		if only != nil {
			m.only = func(o *oracle, d deal) bool { return only(o, d.account) }
		}
		return m
	}
	share := func(loaded func(w *world) bool, among func(o *oracle, account int) bool) measure {
		m := count(loaded, nil)
		m.unit, m.minFacts = metric.UnitRatio, 3
		m.among = func(o *oracle, d deal) bool { return among(o, d.account) }
		return m
	}
	has := func(outcome string) func(o *oracle, account int) bool {
		return func(o *oracle, account int) bool {
			return slices.ContainsFunc(o.live(), func(d deal) bool { return d.account == account && o.outcome(d) == outcome })
		}
	}
	not := func(is func(o *oracle, account int) bool) func(o *oracle, account int) bool {
		return func(o *oracle, account int) bool { return !is(o, account) }
	}
	measures["territory_accounts"] = count(havePlaces, nil)
	measures["covered_accounts"], measures["uncovered_accounts"] = count(haveBoth, lately), count(haveBoth, not(lately))
	measures["territory_coverage"] = share(haveBoth, lately)
	measures["worked_accounts"], measures["unworked_accounts"] = count(havePlaces, has("open")), count(havePlaces, not(has("open")))
	measures["territory_coverage_open"] = share(havePlaces, has("open"))
	measures["customer_accounts"] = count(havePlaces, has("won"))
	lacking := count(func(w *world) bool { return havePlaces(w) && len(w.products) > 0 }, nil)
	lacking.facts, lacking.dims, lacking.each = (*oracle).accountsAndProducts, append(lacking.dims, "product"), "product"
	lacking.state = func(o *oracle, d deal) (bool, bool) { return !o.bought(d), o.isKnown(d) }
	measures["accounts_lacking_product"] = lacking
	lacking.only = func(o *oracle, d deal) bool { return has("won")(o, d.account) }
	measures["customers_lacking_product"] = lacking
	measures["whitespace_accounts"] = count(havePlaces, func(o *oracle, account int) bool {
		return !has("open")(o, account) && !has("won")(o, account)
	})
}

// lately: somebody was in touch with the account both ways in the 90 days up to
// today.
func lately(o *oracle, account int) bool {
	return slices.ContainsFunc(o.activities(), func(d deal) bool {
		return d.account == account && d.talk.twoWay && d.closed > o.today-90 && d.closed <= o.today
	})
}

func havePlaces(w *world) bool {
	return slices.ContainsFunc(w.places, func(p placement) bool { return !p.superseded })
}

// accountsPlaced are the accounts in territories, as if each were a deal of today
// of whoever holds the territory: one for each of them, or one of nobody's.
func (o *oracle) accountsPlaced() []deal {
	var out []deal
	for account := 1; account <= len(o.accounts); account++ {
		at := o.placeOf(account)
		if at == 0 {
			continue
		}
		one := deal{account: account, closed: o.today, stage: 1, placed: at}
		holders := o.holdersOf(at)
		if len(holders) == 0 {
			out = append(out, one)
		}
		for _, one.owner = range holders {
			out = append(out, one)
		}
	}
	return out
}

// accountsAndProducts are the accounts in territories, once for each product.
func (o *oracle) accountsAndProducts() []deal {
	var out []deal
	for _, one := range o.accountsPlaced() {
		for one.product = range len(o.products) {
			one.product++
			out = append(out, one)
		}
	}
	return out
}

// bought: a deal of the account with the product was won.
func (o *oracle) bought(d deal) bool {
	return slices.ContainsFunc(o.live(), func(sold deal) bool {
		return sold.account == d.account && sold.product == d.product && o.outcome(sold) == "won"
	})
}

// isKnown: the account bought the product, or it is known of all that it bought
// what it was.
func (o *oracle) isKnown(d deal) bool {
	return o.bought(d) || !slices.ContainsFunc(o.live(), func(sold deal) bool {
		return sold.account == d.account && sold.product == 0 && o.outcome(sold) == "won"
	})
}

// isOfEach: one product is asked about, or each by itself.
func (o *oracle) isOfEach() bool {
	each := o.measure().each
	return each == "" || slices.Contains(o.q.By, each) || slices.ContainsFunc(o.q.Where, func(f metric.Filter) bool { return f.Field == each && f.Op == metric.Eq })
}

// placeOf is the territory of an account today, the lowest of several; on a
// planned map that in which it is longest.
func (o *oracle) placeOf(account int) int {
	planned, found := o.plannedMap(), placement{}
	end := func(p placement) day { return cmp.Or(p.till-noDay, 1<<30) }
	for _, p := range o.places {
		switch on := o.territory[max(p.territory, 1)-1].mapped; {
		case p.account != account || p.superseded:
		case planned == 0 && (on != o.inForce(o.today) || !holdsOn(o.today, p.from, p.till)):
		case planned != 0 && on != planned:
		case found.territory == 0, planned != 0 && end(p) > end(found),
			p.territory < found.territory && (planned == 0 || end(p) == end(found)):
			found = p
		}
	}
	return found.territory
}

// holdersOf lists who holds a territory today, or as planned on whatever day.
func (o *oracle) holdersOf(territory int) []int {
	var out []int
	for _, a := range o.members {
		if a.to == territory && !a.superseded && (o.plannedMap() != 0 || holdsOn(o.today, a.from, a.till)) && !slices.Contains(out, a.person) {
			out = append(out, a.person)
		}
	}
	return out
}

// holdsOn tells whether what holds from a day until before another does on a day.
func holdsOn(on, from, till day) bool {
	return (from == noDay || on >= from) && (till == noDay || on < till)
}

// checkAccounts compares all rows with the accounts, which come in the order of
// their ids.
func (l lister) checkAccounts(t *rapid.T, rows [][]metric.Cell, mine []deal) {
	var got, want []string
	for _, row := range rows {
		on := row[2]
		if l.measure().each != "" {
			on = row[3]
		}
		text := fmt.Sprintf("%s in %d on %s, %s", row[0].Text, row[1].ID, on.Text, row[len(row)-1].Text)
		if l.measure().each != "" {
			text += fmt.Sprint(" lacks ", row[2].ID)
		}
		got = append(got, text)
	}
	for _, d := range mine {
		in, _, _ := l.of(d, "territory")
		text := fmt.Sprintf("Account %d in %d on %s, a%d", d.account-1, in, l.clock(d), d.account-1)
		if l.measure().each != "" {
			text += fmt.Sprint(" lacks ", d.product)
		}
		want = append(want, text)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got)\n%s\n%+v", diff, l.q)
	}
}

// checkCount compares a figure with the rows that are behind it.
func (l lister) checkCount(t *rapid.T, f metric.Figure, rows [][]metric.Cell) {
	got, want := fmt.Sprint(f.Value), fmt.Sprint(big.NewRat(int64(len(rows)), 1))
	switch {
	case f.Reason == metric.ReasonNotLoaded:
		return
	case f.N != nil:
		got, want = fmt.Sprint(*f.K, " of ", *f.N), fmt.Sprint(among(rows), " of ", len(rows))
	}
	if got != want {
		t.Fatalf("%s, by the rows %s\n%+v", got, want, l.q)
	}
}

// number is how many facts there are.
func (o *oracle) number(facts []deal) int {
	if o.measure().placed {
		facts = eachAccountOnce(facts)
	}
	return len(facts)
}

// eachAccountOnce leaves out what stands for an account a second time.
func eachAccountOnce(facts []deal) []deal {
	found := map[int]bool{}
	return slices.DeleteFunc(slices.Clone(facts), func(d deal) bool {
		again := found[d.account]
		found[d.account] = true
		return again
	})
}

func drawPlacement(accounts, territories int) *rapid.Generator[placement] {
	return rapid.Custom(func(t *rapid.T) placement {
		a := drawAssignment(accounts, territories).Draw(t, "place")
		return placement{a.person, a.to, a.from, a.till, a.superseded}
	})
}
