package store_test

import (
	"fmt"
	"slices"
	"testing"

	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store"
)

var anybody = metric.Viewer{PersonID: 1, Role: metric.RoleRep, People: []int64{1}}

func find(t *testing.T, s *store.Store, phrases ...string) []string {
	t.Helper()
	found, err := s.Find(t.Context(), anybody, phrases)
	if err != nil {
		t.Fatal(err)
	}
	left := slices.DeleteFunc(slices.Clone(phrases), func(phrase string) bool {
		return slices.ContainsFunc(found, func(n insights.Name) bool { return n.Phrase == phrase })
	})
	alike, err := s.Resemble(t.Context(), anybody, left)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range append(found, alike...) {
		likeness := ""
		if n.Similarity < 1 {
			likeness = "~"
		}
		if isWord := slices.Contains([]string{"industry", "segment", "country", "loss_reason", "competitor", "source", "kind"}, n.Kind); isWord != (n.ID == 0) {
			t.Errorf("%s %s has id %d", n.Kind, n.Text, n.ID)
		}
		out = append(out, fmt.Sprintf("%s%s=%s %s", n.Phrase, likeness, n.Kind, n.Text))
	}
	return out
}

func TestNamesAreFoundWhole(t *testing.T) {
	s := open(t)
	b := acme()
	b.Accounts = append(b.Accounts,
		insights.Account{Key: "A3", Name: "Retail", Country: "Norway", Industry: "Software"},
		insights.Account{Key: "A4", Name: "Carol", Country: "Österreich"},
		insights.Account{Key: "A5", Name: "José O'Brien-Møller, Inc."}, insights.Account{Key: "A6", Name: "U.S. Fjord"})
	apply(t, s, b)
	cases := map[string][]string{
		"carol reyes":                   {"carol reyes=person Carol Reyes"},
		"Carol":                         {"Carol=account Carol", "Carol=person Carol Reyes"},
		"REYES":                         {"REYES=person Carol Reyes"},
		"emea":                          {"emea=territory EMEA"},
		"globex":                        {"globex=account Globex"},
		"gtx basic":                     {"gtx basic=product GTX Basic"},
		"won":                           {"won=stage Won"},
		"retail":                        {"retail=account Retail", "retail=industry Retail"},
		"software":                      {"software=industry Software"},
		"norway":                        {"norway=country Norway"},
		"ÖSTERREICH":                    {"ÖSTERREICH=country Österreich"},
		"osterreich":                    {"osterreich=country Österreich"},
		"zzz":                           nil,
		"jose obrien moller inc":        {"jose obrien moller inc=account José O'Brien-Møller, Inc."},
		"Jose\u0301 O’Brien-Møller Inc": {"Jose\u0301 O’Brien-Møller Inc=account José O'Brien-Møller, Inc."},
		"us fjord":                      {"us fjord=account U.S. Fjord"},
		"":                              nil,
	}
	for phrase, want := range cases {
		if got := find(t, s, phrase); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", phrase, got, want)
		}
	}
}

func TestAMisspeltNameIsFoundByLikenessButOnlyIfNothingBearsIt(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	got := find(t, s, "globexx", "globex", "carrol", "moreaux", "softwar", "norwway", "what is my pipeline")
	want := []string{
		"globex=account Globex",
		"carrol~=person Carol Reyes",
		"globexx~=account Globex",
		"moreaux~=person Alice Moreau",
		"norwway~=country Norway",
		"softwar~=industry Software",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestAtMostFiveAreAlike(t *testing.T) {
	s := open(t)
	var b batch
	for i := range 9 {
		b.Accounts = append(b.Accounts, insights.Account{Key: fmt.Sprint(i), Name: fmt.Sprint("Initech ", i)})
	}
	apply(t, s, b)
	if got := find(t, s, "inittech"); len(got) != 5 {
		t.Errorf("found %q", got)
	}
}

func TestNobodyFindsNothing(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	if got, err := s.Find(t.Context(), metric.Viewer{}, []string{"globex"}); err != nil || len(got) != 0 {
		t.Errorf("found %v (%v)", got, err)
	}
}
