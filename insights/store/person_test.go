package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store"
)

func viewer(t *testing.T, s *store.Store, who, on string) metric.Viewer {
	t.Helper()
	v, _, err := s.PersonBy(t.Context(), who, date(on))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func names(t *testing.T, s *store.Store, v metric.Viewer) []string {
	t.Helper()
	people, err := s.People(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range people {
		if v.Sees(p.ID) {
			out = append(out, p.ExternalID)
		}
	}
	return out
}

func TestRepsSeeThemselvesManagersTheTreeBelowAdminsAll(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	for who, want := range map[string][]string{
		"carol": {"carol"},
		"bob":   {"bob", "carol"},
		"alice": {"alice", "bob", "carol"},
		"olga":  {"alice", "bob", "carol", "olga"},
	} {
		if got := names(t, s, viewer(t, s, who, "2026-03-02")); !slices.Equal(got, want) {
			t.Errorf("%s sees %v, want %v", who, got, want)
		}
	}
}

func TestRightsFollowTheReportingLinesOfTheDay(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	apply(t, s, batch{TakenAt: noon, People: []insights.PersonRecord{{Key: "carol", Manager: "alice", Since: date("2026-06-01")}}})
	if got := names(t, s, viewer(t, s, "bob", "2026-05-31")); !slices.Equal(got, []string{"bob", "carol"}) {
		t.Errorf("the day before the move Bob sees %v", got)
	}
	if got := names(t, s, viewer(t, s, "bob", "2026-06-01")); !slices.Equal(got, []string{"bob"}) {
		t.Errorf("on the day of the move Bob sees %v", got)
	}
}

func TestWhoseTeamSomebodysIsFollowsTheReportingLinesOfTheDay(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	apply(t, s, batch{TakenAt: noon, People: []insights.PersonRecord{{Key: "carol", Manager: "alice", Since: date("2026-06-01")}}})
	for on, want := range map[string]string{"2026-05-31": "Bob Stone", "2026-06-01": "Alice Moreau"} {
		leads, err := s.Leads(t.Context(), viewer(t, s, "carol", on).PersonID, date(on))
		if err != nil {
			t.Fatal(err)
		}
		if len(leads) != 1 || leads[0].Kind != "manager" || leads[0].Text != want {
			t.Errorf("on %s Carol reports to %v, want %s", on, leads, want)
		}
	}
	leads, err := s.Leads(t.Context(), viewer(t, s, "alice", "2026-06-01").PersonID, date("2026-06-01"))
	if err != nil || len(leads) > 0 {
		t.Errorf("Alice reports to %v, want nobody (%v)", leads, err)
	}
}

func TestAViewerIsAnActivePersonFoundByAddressInAnyCase(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	v, p, found, err := s.Viewer(t.Context(), "BOB@ACME.TEST", noon)
	if err != nil || !found || v.Name != "Bob Stone" || v.Role != metric.RoleManager {
		t.Errorf("found %v, %+v (%v)", found, v, err)
	}
	want := insights.Person{ID: p.ID, ExternalID: "bob", Name: "Bob Stone", Email: "Bob@acme.test", Role: metric.RoleManager,
		Manager: "Alice Moreau", Territory: "EMEA", Active: true}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if _, err := s.DB().ExecContext(t.Context(), `update person set active = false where external_id = 'bob'`); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"bob@acme.test", "nobody@acme.test", ""} {
		if v, _, found, err := s.Viewer(t.Context(), email, noon); err != nil || found || v.Known() {
			t.Errorf("%q is a viewer: %+v (%v)", email, v, err)
		}
	}
}

func TestSomebodyIsNamedByAddressIdOrFullName(t *testing.T) {
	s := open(t)
	b := acme()
	b.People = append(b.People, insights.PersonRecord{Key: "c2", Name: "carol reyes"})
	apply(t, s, b)
	for _, who := range []string{"alice@acme.test", "alice", " Alice MOREAU "} {
		if v := viewer(t, s, who, "2026-03-02"); v.Name != "Alice Moreau" {
			t.Errorf("%q is %q", who, v.Name)
		}
	}
	_, _, err := s.PersonBy(t.Context(), "Carol Reyes", noon)
	var told *insights.Error
	if !errors.As(err, &told) || told.Code != "ambiguous_person" || !strings.Contains(told.Message, "id carol") || !strings.Contains(told.Message, "id c2") {
		t.Errorf("a name of two people: %v", err)
	}
	if _, _, err := s.PersonBy(t.Context(), "Ali", noon); !errors.As(err, &told) || told.Code != "unknown_person" {
		t.Errorf("a part of a name: %v", err)
	}
}

func TestTheViewersOfAnAudienceAreThoseFoundOneByOne(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	if _, err := s.DB().ExecContext(t.Context(), `update person set email = external_id || '@acme.test', active = external_id <> 'carol'`); err != nil {
		t.Fatal(err)
	}
	found, err := s.Viewers(t.Context(), []string{"ALICE@acme.test", "bob@acme.test", "olga@acme.test", "carol@acme.test", "nobody@acme.test"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]metric.Viewer{}
	for _, email := range []string{"alice@acme.test", "bob@acme.test", "olga@acme.test"} {
		if want[email], _, _, err = s.Viewer(t.Context(), email, noon); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}
