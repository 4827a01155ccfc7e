package store_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/store"
)

func drawn(key string, state insights.ModelState, from string) insights.TerritoryModel {
	m := insights.TerritoryModel{Key: key, Name: "Map " + key, State: state}
	if from != "" {
		m.From = date(from)
	}
	return m
}

// mapped is acme on two maps, one of which is planned.
func mapped() batch {
	b := acme()
	b.Others = []insights.Record{
		drawn("26", insights.Active, ""), drawn("27", insights.Planning, ""),
		insights.Territory{Key: "emea", Name: "EMEA", Model: "26"}, insights.Territory{Key: "north", Name: "North", Parent: "emea", Model: "26"},
		insights.Territory{Key: "emea", Name: "EMEA", Model: "27"}, insights.Territory{Key: "south", Name: "South", Parent: "EMEA", Model: "27"},
		insights.AccountTerritory{Account: "A1", Territory: "emea"},
		insights.AccountTerritory{Account: "A1", Territory: "north", Since: date("2026-02-01")},
		insights.AccountTerritory{Account: "A1", Territory: "south", Model: "27"},
		insights.AccountTerritory{Account: "Initech", Territory: "amer"},
		insights.Assignment{Person: "carol", Territory: "North", Since: date("2026-01-01")},
		insights.Assignment{Person: "carol", Territory: "south", Model: "27", Since: date("2027-01-01")},
	}
	return b
}

func TestTerritoriesAreThoseOfTheirMap(t *testing.T) {
	s := open(t)
	addedAndSame(t, s, mapped(), map[insights.Kind]int{
		"stage": 3, "territory": 7, "person": 4, "account": 2, "product": 1, "opportunity": 2,
		"territory_model": 2, "account_territory": 4, "assignment": 2,
	})
	want(t, "territories", column(t, s, `select t.key || ' < ' || coalesce(above.key, '') from mapped_territory t
			join territory on territory.id = t.id left join mapped_territory above on above.id = territory.parent_id order by 1`),
		"26\x1femea < ", "26\x1fnorth < 26\x1femea", "27\x1femea < ", "27\x1fsouth < 27\x1femea", "amer < world", "emea < world", "world < ")
	want(t, "accounts", column(t, s, `select a.external_id || ' ' || t.key || ' ' || valid from account_territory l
			join account a on a.id = l.account_id join mapped_territory t on t.id = l.territory_id order by 1`),
		"A1 26\x1femea (,2026-02-01)", "A1 26\x1fnorth [2026-02-01,)", "A1 27\x1fsouth (,)", "A2 amer (,)")
	want(t, "people", column(t, s, `select p.external_id || ' ' || t.key || ' ' || valid from territory_member l
			join person p on p.id = l.person_id join mapped_territory t on t.id = l.territory_id order by 1`),
		"bob 26\x1femea (,)", "carol 26\x1fnorth [2026-01-01,)", "carol 27\x1fsouth [2027-01-01,)")
}

// TestAPlannedTerritoryLeavesThePersonTheOneOnTheMapInForce loads what a person's
// record says of the map in force with an assignment to a planned map, at once and
// one after the other.
func TestAPlannedTerritoryLeavesThePersonTheOneOnTheMapInForce(t *testing.T) {
	members := func(s *store.Store) []string {
		return column(t, s, `select p.external_id || ' ' || t.key || ' ' || valid from territory_member l
			join person p on p.id = l.person_id join mapped_territory t on t.id = l.territory_id order by 1`)
	}
	b, planned := acme(), mapped()
	planned.Others = slices.DeleteFunc(planned.Others, func(r insights.Record) bool {
		a, ok := r.(insights.Assignment)
		return ok && a.Model == ""
	})
	planned.Others = append(planned.Others, insights.Assignment{Person: "bob", Territory: "south", Model: "27", Since: date("2027-01-01")})

	apart, atOnce := open(t), open(t)
	apply(t, apart, said(planned.Others[:6]...))
	apply(t, apart, b)
	apply(t, apart, said(planned.Others[6:]...))
	apply(t, atOnce, planned)
	want(t, "in imports one after the other", members(apart), "bob 26\x1femea (,)", "bob 27\x1fsouth [2027-01-01,)", "carol 26\x1femea (,)", "carol 27\x1fsouth [2027-01-01,)")
	want(t, "in one import", members(atOnce), members(apart)...)
}

func TestACorrectedAccountKeepsWhatWasKnown(t *testing.T) {
	s := open(t)
	apply(t, s, mapped())
	lines := func() []string {
		return column(t, s, `select t.external_id || ' ' || valid || ' ' || known from account_territory l join account a on a.id = l.account_id
			join territory t on t.id = l.territory_id where a.external_id = 'A1' and t.model_id = 1 order by lower(known), valid`)
	}
	got := apply(t, s, said(
		insights.AccountTerritory{Account: "A1", Territory: "north"}, insights.AccountTerritory{Account: "A1", Since: date("2026-03-01")}))
	if !cmp.Equal(got.Added, map[insights.Kind]int{"account_territory": 2}) || len(got.Rejects) != 0 {
		t.Errorf("got %+v", got)
	}
	want(t, "what was told anew", lines(), "emea (,2026-02-01) [1,2)", "north [2026-02-01,) [1,2)", "north (,2026-03-01) [2,)")
	rejectedFor(t, s, said(
		insights.AccountTerritory{Account: "A9", Territory: "north"}, insights.AccountTerritory{Account: "A1", Territory: "south"},
		insights.AccountTerritory{Account: "A1", Territory: "north", Model: "28"},
		insights.AccountTerritory{Account: "A2", Territory: "north", Since: noon}, insights.AccountTerritory{Account: "A2", Territory: "emea", Since: noon},
	), "account names an account that is neither", "territory names a territory that is neither", "model names a territory model that is neither", "is a duplicate of")
}

func TestAPersonsWholePastMayBeToldAnew(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	apply(t, s, said(insights.Assignment{Person: "carol", Manager: "alice"}, insights.Assignment{Person: "carol", Manager: "olga", Since: date("2026-01-01")}))
	want(t, "lines", column(t, s, `select boss.external_id || ' ' || valid || ' ' || known from reporting_line l join person boss on boss.id = l.manager_id
			join person p on p.id = l.person_id where p.external_id = 'carol' order by lower(known), valid`),
		"bob (,) [1,2)", "alice (,2026-01-01) [2,)", "olga [2026-01-01,) [2,)")
}

func TestActivatingAMapArchivesTheOneBefore(t *testing.T) {
	s := open(t)
	models := func() []string {
		return column(t, s, `select external_id || ' ' || state || ' ' || active from territory_model order by 1`)
	}
	addedAndSame(t, s, mapped(), map[insights.Kind]int{
		"stage": 3, "territory": 7, "person": 4, "account": 2, "product": 1, "opportunity": 2,
		"territory_model": 2, "account_territory": 4, "assignment": 2,
	})
	want(t, "the first map", models(), "26 active (,)", "27 planning empty")

	got := apply(t, s, said(drawn("27", insights.Active, "2026-02-01")))
	if !cmp.Equal(got.Changed, map[insights.Kind]int{"territory_model": 1}) || len(got.Rejects) != 0 {
		t.Errorf("got %+v", got)
	}
	want(t, "the next", models(), "26 archived (,2026-02-01)", "27 active [2026-02-01,)")
	if got := apply(t, s, said(drawn("26", insights.Archived, ""), drawn("27", insights.Active, ""))); !got.Same() {
		t.Errorf("the same again made %+v", got)
	}
	want(t, "unchanged", models(), "26 archived (,2026-02-01)", "27 active [2026-02-01,)")

	rejectedFor(t, s, said(drawn("28", insights.Active, "2026-02-10"), drawn("29", insights.Active, "2026-02-20")), "state is said of another map, too")
	want(t, "the first of two", models(), "26 archived (,2026-02-01)", "27 archived [2026-02-01,2026-02-10)", "28 active [2026-02-10,)")

	overlapping := drawn("25", insights.Archived, "2025-01-01")
	overlapping.Until = date("2025-12-31")
	rejectedFor(t, s, said(overlapping, drawn("30", insights.Active, "2026-02-05")), "from begins a time in force of which another map", "from begins a time in force of which another map")
	want(t, "none of what overlaps", models(), "26 archived (,2026-02-01)", "27 archived [2026-02-01,2026-02-10)", "28 active [2026-02-10,)")

	apply(t, s, said(drawn("31", insights.Active, "")))
	want(t, "undated, from the day it was taken", models()[3:], "31 active [2026-03-02,)")
}
