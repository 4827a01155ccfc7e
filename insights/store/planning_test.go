package store_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/store"
)

// planned is acme with everything that stands beside deals.
func planned() batch {
	b := acme()
	b.Stages[0].Probability = "0.3"
	b.Accounts[0].Segment = "Enterprise"
	b.Deals[1].Stage, b.Deals[1].LossReason, b.Deals[1].Competitor = "Lost", "price", "Hooli"
	b.Assignments = []insights.Assignment{
		{Person: "carol", Manager: "bob", Territory: "emea"},
		{Person: "carol", Manager: "alice", Since: date("2025-07-01")},
		{Person: "carol", Manager: "alice", Territory: "amer", Since: date("2025-09-01")},
	}
	b.Quotas = []insights.Quota{
		{Person: "carol", Measure: "bookings", First: date("2026-01-01"), Last: date("2026-01-31"), Amount: *usd(1000)},
		{Person: "carol", Measure: "bookings", First: date("2026-02-01"), Last: date("2026-02-28"), Amount: *usd(2000)},
	}
	b.Costs = []insights.CostLine{
		{Key: "K1", Opportunity: "D2", Kind: insights.DirectCost, Amount: *usd(60), On: date("2026-02-02")},
		{Key: "K2", Opportunity: "D2", Kind: insights.SellingCost, Amount: *usd(5)},
	}
	b.Overhead = []insights.Overhead{{Key: "O1", First: date("2026-01-01"), Last: date("2026-12-31"), Amount: *usd(900), AllocatedBy: "revenue"}}
	b.Leads = []insights.Lead{{Key: "L1", CreatedAt: noon, Source: "fair", Owner: "carol", Status: "qualified", Opportunity: "D1"}}
	b.Activities = []insights.Activity{{Key: "T1", Opportunity: "D1", Kind: "call", At: noon, TwoWay: true, By: "carol"}}
	b.History = []insights.Change{
		change("D1", insights.ChangeCloseOn, "2026-02-28", "2026-04-30", "2026-01-20"),
		change("D1", insights.ChangeCloseOn, "", "2026-03-31", "2026-02-10"),
		change("D2", insights.ChangeStage, "engaging", "Lost", "2026-02-01"),
	}
	return b
}

func change(deal string, field insights.ChangeField, from, to, on string) insights.Change {
	return insights.Change{Opportunity: deal, Field: field, Old: from, New: to, At: date(on)}
}

func TestEverythingBesideTheDealsIsAddedOnce(t *testing.T) {
	s := open(t)
	got := apply(t, s, planned())
	if len(got.Rejects) != 0 {
		t.Fatalf("rejects %+v", got.Rejects)
	}
	want := map[insights.Kind]int{
		"stage": 3, "territory": 3, "person": 4, "account": 2, "product": 1, "opportunity": 2,
		"assignment": 3, "change": 3, "quota": 2, "cost_line": 2, "overhead": 1, "lead": 1, "activity": 1,
	}
	if diff := cmp.Diff(want, got.Added); diff != "" {
		t.Error(diff)
	}
	before := contents(t, s)
	again := apply(t, s, planned())
	if !again.Same() {
		t.Errorf("the same again made %+v", again)
	}
	if diff := cmp.Diff(want, again.Unchanged); diff != "" {
		t.Errorf("unchanged: %s", diff)
	}
	if diff := cmp.Diff(before, contents(t, s)); diff != "" {
		t.Errorf("the same again wrote:\n%s", diff)
	}
}

func TestAnAssignmentHoldsUntilTheNext(t *testing.T) {
	s := open(t)
	apply(t, s, planned())
	lines := func() []string {
		return column(t, s, `select boss.external_id || ' ' || valid::text || ' known ' || known::text
			from reporting_line line join person p on p.id = line.person_id join person boss on boss.id = line.manager_id
			where p.external_id = 'carol' order by lower(known), lower(valid) nulls first`)
	}
	if got, want := lines(), []string{"bob (,2025-07-01) known [1,)", "alice [2025-07-01,) known [1,)"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	members := column(t, s, `select t.external_id || ' ' || valid::text from territory_member m join territory t on t.id = m.territory_id
		join person p on p.id = m.person_id where p.external_id = 'carol' order by lower(valid) nulls first`)
	if want := []string{"emea (,2025-09-01)", "amer [2025-09-01,)"}; !slices.Equal(members, want) {
		t.Errorf("got %v, want %v", members, want)
	}

	got := apply(t, s, batch{TakenAt: noon, Assignments: []insights.Assignment{
		{Person: "carol", Manager: "olga", Since: date("2025-08-01")}, {Person: "carol", Manager: "bob", Since: date("2026-01-01")},
	}})
	if !cmp.Equal(got.Added, map[insights.Kind]int{"assignment": 2}) || len(got.Rejects) != 0 {
		t.Errorf("got %+v", got)
	}
	want := []string{
		"bob (,2025-07-01) known [1,)", "alice [2025-07-01,) known [1,2)",
		"alice [2025-07-01,2025-08-01) known [2,)", "olga [2025-08-01,2026-01-01) known [2,)", "bob [2026-01-01,) known [2,)",
	}
	if got := lines(); !slices.Equal(got, want) {
		t.Errorf("got\n%v, want\n%v", got, want)
	}
}

func TestThoseWhoChangedPlacesLeadEachOtherOneAfterTheOther(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	swap := []insights.Assignment{
		{Person: "carol", Manager: "bob"}, {Person: "carol", Manager: "alice", Since: date("2026-01-01")},
		{Person: "bob", Manager: "alice"}, {Person: "bob", Manager: "carol", Since: date("2026-01-01")},
	}
	if got := apply(t, s, batch{TakenAt: noon, Assignments: swap}); len(got.Rejects) != 0 || got.Added["assignment"] != 4 {
		t.Errorf("got %+v", got)
	}
	circle := []insights.Assignment{{Person: "alice", Manager: "carol", Since: date("2026-02-01")}}
	got := apply(t, s, batch{TakenAt: noon, Assignments: circle})
	if len(got.Rejects) != 1 || !strings.Contains(got.Rejects[0].Reason, "leads back here") || !got.Same() {
		t.Errorf("got %+v", got)
	}
}

func TestRevisedQuotasAndCostsKeepWhatWasKnown(t *testing.T) {
	s := open(t)
	apply(t, s, planned())
	b := planned()
	b.Quotas[0].Amount = *usd(1500)
	b.Costs[1].Amount = *usd(7)
	b.Overhead[0].AllocatedBy = "deals"
	got := apply(t, s, b)
	if want := map[insights.Kind]int{"quota": 1, "cost_line": 1, "overhead": 1}; !cmp.Equal(got.Changed, want) || len(got.Added) != 0 {
		t.Errorf("got %+v", got)
	}
	quotas := column(t, s, `select amount_minor || ' ' || known::text from quota order by lower(period), lower(known)`)
	if want := []string{"1000 [1,2)", "1500 [2,)", "2000 [1,)"}; !slices.Equal(quotas, want) {
		t.Errorf("got %v, want %v", quotas, want)
	}
	costs := column(t, s, `select external_id || ' ' || amount_minor || ' ' || known::text from cost_line order by external_id, lower(known)`)
	if want := []string{"K1 60 [1,)", "K2 5 [1,2)", "K2 7 [2,)"}; !slices.Equal(costs, want) {
		t.Errorf("got %v, want %v", costs, want)
	}
}

func TestTheLogHoldsThePastWithItsTrueDays(t *testing.T) {
	s := open(t)
	apply(t, s, planned())
	log := func(field string) []string {
		return column(t, s, `select o.external_id || ' ' || coalesce(c.old, '-') || ' ' || coalesce(c.new, '-') || ' ' || coalesce(nullif(c.valid_at, '-infinity')::date::text, 'ever') || ' r' || c.revision
			from opportunity_change c join opportunity o on o.id = c.opportunity_id where c.field = '`+field+`' order by 1, c.revision, c.valid_at`)
	}
	first := []string{"D1 2026-02-28 2026-04-30 2026-01-20 r1", "D1 2026-04-30 2026-03-31 2026-02-10 r1"}
	if diff := cmp.Diff(first, log("close_on")); diff != "" {
		t.Error(diff)
	}

	next := planned()
	next.Deals[0].CloseOn = date("2026-05-31")
	next.History = append(next.History, change("D1", insights.ChangeCloseOn, "2026-03-31", "2026-05-31", "2026-02-20"))
	got := apply(t, s, next)
	if !cmp.Equal(got.Added, map[insights.Kind]int{"change": 1}) || !cmp.Equal(got.Changed, map[insights.Kind]int{"opportunity": 1}) {
		t.Errorf("got %+v", got)
	}
	second := append(slices.Clone(first), "D1 2026-03-31 2026-05-31 2026-02-20 r2")
	if diff := cmp.Diff(sorted(second), sorted(log("close_on"))); diff != "" {
		t.Error(diff)
	}

	told := planned() // what is stored was learnt without its past, and now that is told
	told.Deals[0].CloseOn, told.History = date("2026-05-31"), []insights.Change{change("D2", insights.ChangeCloseOn, "2026-01-15", "2026-02-01", "2026-01-10")}
	if got := apply(t, s, told); !cmp.Equal(got.Added, map[insights.Kind]int{"change": 1}) || len(got.Changed) != 0 {
		t.Errorf("got %+v", got)
	}
	third := append(second, "D2 2026-02-01 2026-01-15 ever r3", "D2 2026-01-15 2026-02-01 2026-01-10 r3")
	if diff := cmp.Diff(sorted(third), sorted(log("close_on"))); diff != "" {
		t.Error(diff)
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func TestWhatStandsBesideTheDealsIsRejectedWithItsReason(t *testing.T) {
	s := open(t)
	cases := map[string]struct {
		change  func(*batch)
		column  string
		reason  string
		rejects int
	}{
		"a quota of nobody": {func(b *batch) { b.Quotas[0].Person = "zoe" }, "person", "names a person that is neither stored nor in these files", 1},
		"a quota of days that have one": {func(b *batch) { b.Quotas[1].First = date("2026-01-31") },
			"first_day", "have another quota of this person", 1},
		"a cost of no deal":              {func(b *batch) { b.Costs[0].Opportunity = "D9" }, "opportunity", "names an opportunity that is neither stored nor in these files", 1},
		"a cost of a wrong deal":         {func(b *batch) { b.Deals[1].Owner = "zoe" }, "", "", 1 + 2 + 1},
		"a lead of nobody":               {func(b *batch) { b.Leads[0].Owner = "zoe" }, "owner", "names a person that is neither stored nor in these files", 1},
		"an activity by nobody":          {func(b *batch) { b.Activities[0].By = "zoe" }, "by", "names a person that is neither stored nor in these files", 1},
		"an assignment nowhere":          {func(b *batch) { b.Assignments[2].Territory = "mars" }, "territory", "names a territory that is neither stored nor in these files", 1},
		"a past in a stage that is none": {func(b *batch) { b.History[2].Old = "Limbo" }, "old", "names a stage that is neither stored", 1},
		"a past of tomorrow":             {func(b *batch) { b.History[2].At = noon.AddDate(0, 0, 1) }, "at", "lies in the future", 1},
		"a past in another currency": {func(b *batch) {
			b.History = []insights.Change{{Opportunity: "D1", Field: "amount", Old: "1", New: "12345", Currency: "EUR", At: noon}}
		}, "currency", "is not the currency of the deal", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := planned()
			c.change(&b)
			got, err := b.apply(t.Context(), s, store.ImportOptions{Now: noon, DryRun: true})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Rejects) != c.rejects {
				t.Fatalf("%d rejects, want %d: %+v", len(got.Rejects), c.rejects, got.Rejects)
			}
			if c.reason != "" && !slices.ContainsFunc(got.Rejects, func(r insights.Reject) bool {
				return r.Column == c.column && strings.Contains(r.Reason, c.reason)
			}) {
				t.Errorf("rejected %+v", got.Rejects)
			}
			if n := countOf(got.Import); n+len(got.Rejects) != countOf(insights.Import{Added: sizes(b)}) {
				t.Errorf("%d used and %d rejected of %+v", n, len(got.Rejects), sizes(b))
			}
		})
	}
}

func sizes(b batch) map[insights.Kind]int {
	return map[insights.Kind]int{
		"facts": len(b.Stages) + len(b.Territories) + len(b.People) + len(b.Accounts) + len(b.Products) + len(b.Deals),
		"plan":  len(b.Assignments) + len(b.History) + len(b.Quotas) + len(b.Costs) + len(b.Overhead) + len(b.Leads) + len(b.Activities),
	}
}

func countOf(i insights.Import) (n int) {
	for _, counts := range []map[insights.Kind]int{i.Added, i.Changed, i.Unchanged} {
		for count := range maps.Values(counts) {
			n += count
		}
	}
	return n
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func amountOf(d insights.Opportunity) string {
	if d.Amount == nil {
		return ""
	}
	return strconv.FormatInt(d.Amount.Minor, 10)
}

// beside is what few companies keep, all of it about acme.
func beside() batch {
	b := acme()
	b.Others = []insights.Record{
		insights.Split{Opportunity: "D1", Person: "carol", Kind: insights.RevenueSplit, Share: "0.7"},
		insights.Split{Opportunity: "D1", Person: "bob", Kind: insights.RevenueSplit, Share: "0.3"},
		insights.Split{Opportunity: "D1", Person: "alice", Kind: insights.OverlaySplit, Share: "0.5"},
		insights.LineItem{Key: "I1", Opportunity: "D1", Product: "P1", Quantity: "2.50", Amount: *usd(12_000)},
		insights.LineItem{Key: "I2", Opportunity: "D1", Amount: *usd(345)},
		insights.Quota{Territory: "emea", Measure: "bookings", First: date("2026-01-01"), Last: date("2026-03-31"), Amount: *usd(9000)},
		insights.Quota{Person: "bob", Measure: "bookings", First: date("2026-01-01"), Last: date("2026-03-31"), Amount: *usd(5000)},
		insights.Forecast{Person: "carol", First: date("2026-01-01"), Last: date("2026-03-31"), Category: insights.Commit, Amount: *usd(800), SubmittedAt: noon},
		insights.Forecast{Territory: "emea", First: date("2026-01-01"), Last: date("2026-03-31"), Category: insights.Commit, Amount: *usd(900), SubmittedAt: noon},
		insights.Subscription{Key: "S1", Account: "A1", Product: "P1", Kind: "new", On: date("2026-01-01"), Amount: *usd(100)},
		insights.ExchangeRate{Currency: "EUR", Into: "USD", Rate: "1.1"},
		insights.ExchangeRate{Currency: "EUR", Into: "USD", Since: date("2026-01-01"), Rate: "1.2"},
		insights.Lead{Key: "L1", CreatedAt: date("2026-01-01"), Status: "qualified", RespondedAt: date("2026-01-02"), Opportunity: "D1", ConvertedAt: date("2026-01-05")},
		insights.Activity{Key: "T1", Account: "A2", Kind: "call", At: noon},
	}
	return b
}

func TestWhatFewCompaniesKeepIsAddedOnce(t *testing.T) {
	s := open(t)
	addedAndSame(t, s, beside(), map[insights.Kind]int{
		"stage": 3, "territory": 3, "person": 4, "account": 2, "product": 1, "opportunity": 2, "opportunity_split": 3, "line_item": 2,
		"quota": 2, "forecast": 2, "subscription_movement": 1, "exchange_rate": 2, "lead": 1, "activity": 1,
	})
	want(t, "rates", column(t, s, `select rate || ' since ' || starts_on from exchange_rate order by starts_on`), "1.1 since -infinity", "1.2 since 2026-01-01")
	want(t, "the lead", column(t, s, `select (converted_at - created_at)::text from lead`), "4 days")
	want(t, "the activity", column(t, s, `select account.name from activity join account on account.id = account_id where opportunity_id is null`), "Initech")
}

// What is corrected is known from the correction on, and what was known before
// stays on record.
func TestCorrectionsOfWhatFewCompaniesKeep(t *testing.T) {
	s := open(t)
	apply(t, s, beside())
	known := func(table, columns string) []string {
		return column(t, s, `select concat_ws(' ', `+columns+`, known) from `+table+` order by lower(known), 1`)
	}
	cases := []struct {
		record         insights.Record
		table, columns string
		want           []string
	}{
		{insights.LineItem{Key: "I2", Opportunity: "D1", Amount: *usd(350)}, "line_item", "external_id, amount_minor",
			[]string{"I1 12000 [1,)", "I2 345 [1,2)", "I2 350 [2,)"}},
		{insights.Quota{Territory: "emea", Measure: "bookings", First: date("2026-01-01"), Last: date("2026-03-31"), Amount: *usd(9500)}, "quota", "amount_minor",
			[]string{"5000 [1,)", "9000 [1,3)", "9500 [3,)"}},
		{insights.Forecast{Person: "carol", First: date("2026-01-01"), Last: date("2026-03-31"), Category: insights.Commit, Amount: *usd(801), SubmittedAt: noon}, "forecast", "amount_minor",
			[]string{"800 [1,4)", "900 [1,)", "801 [4,)"}},
		{insights.Subscription{Key: "S1", Account: "A1", Kind: "new", On: date("2026-01-01"), Amount: *usd(100)}, "subscription_movement", "coalesce(product_id::text, '-')",
			[]string{"1 [1,5)", "- [5,)"}},
		{insights.ExchangeRate{Currency: "EUR", Into: "USD", Rate: "1.15"}, "exchange_rate", "rate",
			[]string{"1.1 [1,6)", "1.2 [1,)", "1.15 [6,)"}},
	}
	for _, c := range cases {
		got := apply(t, s, said(c.record))
		if !cmp.Equal(got.Changed, map[insights.Kind]int{c.record.Named().Kind: 1}) || len(got.Added) != 0 {
			t.Errorf("%s: got %+v", c.table, got)
		}
		want(t, c.table, known(c.table, c.columns), c.want...)
	}
}

func TestTheSplitsOfADealAreToldTogether(t *testing.T) {
	s := open(t)
	apply(t, s, beside())
	known := func() []string {
		return column(t, s, `select p.external_id || ' ' || kind || ' ' || share || ' ' || known from opportunity_split join person p on p.id = person_id order by lower(known), 1`)
	}
	got := apply(t, s, said(insights.Split{Opportunity: "D1", Person: "carol", Kind: insights.RevenueSplit, Share: "1"}))
	if !cmp.Equal(got.Added, map[insights.Kind]int{"opportunity_split": 1}) {
		t.Errorf("got %+v", got)
	}
	want(t, "one instead of two", known(), "alice overlay 0.5 [1,)", "bob revenue 0.3 [1,2)", "carol revenue 0.7 [1,2)", "carol revenue 1 [2,)")

	rejectedFor(t, s, said(
		insights.Split{Opportunity: "D2", Person: "bob", Kind: insights.RevenueSplit, Share: "0.5"},
		insights.Split{Opportunity: "D2", Person: "carol", Kind: insights.RevenueSplit, Share: "0.4"},
		insights.Split{Opportunity: "D2", Person: "alice", Kind: insights.OverlaySplit, Share: "0.1"},
	), "share is one of the revenue splits of a deal that add up to 0.9", "add up to 0.9", "add up to 0.9")
	rejectedFor(t, s, said(
		insights.Split{Opportunity: "D9", Person: "bob", Kind: insights.RevenueSplit, Share: "1"},
		insights.Split{Opportunity: "D2", Person: "zoe", Kind: insights.RevenueSplit, Share: "0.5"},
		insights.Split{Opportunity: "D2", Person: "carol", Kind: insights.RevenueSplit, Share: "0.5"},
	), "opportunity names an opportunity that", "person names a person that", "add up to 0.5")
}

func TestLinesThatDoNotAddUpAreNoted(t *testing.T) {
	s := open(t)
	if got := apply(t, s, beside()); len(got.Notes) != 0 {
		t.Errorf("noted %+v", got.Notes)
	}
	got := apply(t, s, said(insights.LineItem{Key: "I3", Opportunity: "D1", Amount: *usd(1)}, insights.LineItem{Key: "I4", Opportunity: "D2", Amount: insights.Money{Minor: 100, Currency: "EUR"}}))
	if want := []insights.Note{{Text: "the line items of a deal do not add up to its amount; both are kept as they are told", Count: 2}}; !cmp.Equal(got.Notes, want) || len(got.Rejects) != 0 {
		t.Errorf("noted %+v, want %+v; rejects %+v", got.Notes, want, got.Rejects)
	}
}

func TestWhatFewCompaniesKeepIsRejectedWithItsReason(t *testing.T) {
	s := open(t)
	apply(t, s, beside())
	quarter := func(q insights.Quota, first, last string) insights.Quota {
		q.Measure, q.First, q.Last, q.Amount = "bookings", date(first), date(last), *usd(1)
		return q
	}
	cases := map[string]struct {
		records []insights.Record
		reason  string
	}{
		"a quota of days that the territory has one of": {[]insights.Record{quarter(insights.Quota{Territory: "EMEA"}, "2026-03-01", "2026-04-30")},
			"first_day begins a period of which some days have another quota of this territory"},
		"two quotas of some days": {[]insights.Record{quarter(insights.Quota{Person: "olga"}, "2026-01-01", "2026-01-31"), quarter(insights.Quota{Person: "olga"}, "2026-01-31", "2026-02-28")},
			"first_day begins a period of which some days have another quota of this person"},
		"a quota of no territory": {[]insights.Record{quarter(insights.Quota{Territory: "mars"}, "2026-01-01", "2026-01-31")}, "territory names a territory that"},
		"a forecast of nobody":    {[]insights.Record{insights.Forecast{Person: "zoe", First: noon, Last: noon, Category: insights.Commit, SubmittedAt: noon, Amount: *usd(1)}}, "person names a person that"},
		"a line of no deal":       {[]insights.Record{insights.LineItem{Key: "I9", Opportunity: "D9", Amount: *usd(1)}}, "opportunity names an opportunity that"},
		"a line of no product":    {[]insights.Record{insights.LineItem{Key: "I9", Opportunity: "D1", Product: "P9", Amount: *usd(1)}}, "product names a product that"},
		"two lines of one id": {[]insights.Record{insights.LineItem{Key: "I9", Opportunity: "D1", Amount: *usd(1)}, insights.LineItem{Key: "I9", Opportunity: "D1", Amount: *usd(2)}},
			"is a duplicate of batch line 1"},
		"a movement of no account": {[]insights.Record{insights.Subscription{Key: "S9", Account: "A9", Kind: "new", On: noon, Amount: *usd(1)}}, "account names an account that"},
		"an activity nowhere":      {[]insights.Record{insights.Activity{Key: "T9", Account: "A9", Kind: "call", At: noon}}, "account names an account that"},
		"two rates of one day": {[]insights.Record{insights.ExchangeRate{Currency: "GBP", Into: "USD", Since: noon, Rate: "1.3"}, insights.ExchangeRate{Currency: "GBP", Into: "USD", Since: noon, Rate: "1.4"}},
			"is a duplicate of batch line 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { rejectedFor(t, s, said(c.records...), c.reason) })
	}
}

// What is taken back of facts is as if it had never been told.
func TestAnUndoTakesBackWhatFewCompaniesKeep(t *testing.T) {
	s := open(t)
	first := beside()
	first.Others = append(first.Others, mapped().Others...)
	first.Others = append(first.Others, demo("Sales", "0.1", date("2025-01-01")), demo("Sales", "0.2", date("2026-01-01")))
	if got := apply(t, s, first); len(got.Rejects) != 0 {
		t.Fatalf("rejects %+v", got.Rejects)
	}
	before := believed(t, s)
	next := said(
		insights.Process{Name: "Field sales", Key: "7"}, demo("Sales", "0.3", date("2026-02-01")), demo("Renewals", "0.3", time.Time{}),
		drawn("27", insights.Active, "2026-02-15"), insights.Territory{Key: "moon", Name: "Moon", Model: "27"},
		insights.AccountTerritory{Account: "A1", Territory: "emea", Model: "27", Since: date("2026-02-15")},
		insights.Assignment{Person: "carol", Territory: "emea", Model: "27"},
		insights.Split{Opportunity: "D1", Person: "carol", Kind: insights.RevenueSplit, Share: "1"},
		insights.LineItem{Key: "I1", Opportunity: "D2", Amount: *usd(100)}, insights.ExchangeRate{Currency: "EUR", Into: "USD", Rate: "2"},
		insights.Quota{Territory: "emea", Model: "27", Measure: "bookings", First: date("2026-04-01"), Last: date("2026-06-30"), Amount: *usd(1)},
		insights.Forecast{Person: "carol", First: date("2026-01-01"), Last: date("2026-03-31"), Category: insights.Commit, Amount: *usd(1), SubmittedAt: noon},
		insights.Subscription{Key: "S2", Account: "A1", Kind: "churn", On: date("2026-02-01"), Amount: *usd(100)},
		insights.Lead{Key: "L1", CreatedAt: date("2026-01-01"), Status: "new"}, insights.Activity{Key: "T1", Account: "A1", Kind: "call", At: noon},
	)
	if got := apply(t, s, next); len(got.Rejects) != 0 {
		t.Fatalf("rejects %+v", got.Rejects)
	}
	undo(t, s, 2)
	if diff := cmp.Diff(before, believed(t, s)); diff != "" {
		t.Errorf("the undo left:\n%s", diff)
	}
}
