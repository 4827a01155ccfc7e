package company_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/cmd/salesbot/company"
)

// anchors are days at which a calendar may go wrong.
var anchors = []string{"2026-11-20", "2026-01-01", "2026-07-01", "2026-08-01", "2027-12-31", "2028-02-29"}

func files(t *testing.T, anchor string) map[string][][]string {
	t.Helper()
	day, err := time.Parse(time.DateOnly, anchor)
	if err != nil {
		t.Fatal(err)
	}
	return company.Files(day.Add(15 * time.Hour))
}

func TestTheSameDayMakesTheSameCompany(t *testing.T) {
	if diff := cmp.Diff(files(t, anchors[0]), files(t, anchors[0])); diff != "" {
		t.Error(diff)
	}
}

// TestTheCompanyIsBelievable looks at what a person would look at first,
// whatever the day.
func TestTheCompanyIsBelievable(t *testing.T) {
	for _, anchor := range anchors {
		f := files(t, anchor)
		count := func(file, column string, keep func(string) bool) (n int) {
			at := slices.Index(f[file][0], column)
			for _, row := range f[file][1:] {
				if keep(row[at]) {
					n++
				}
			}
			return n
		}
		is := func(want string) func(string) bool { return func(s string) bool { return s == want } }
		open, overdue := 0, 0
		stage, closing := slices.Index(f["opportunities.csv"][0], "stage"), slices.Index(f["opportunities.csv"][0], "close_on")
		for _, row := range f["opportunities.csv"][1:] {
			if row[stage] == "Won" || row[stage] == "Lost" {
				continue
			}
			open++
			if row[closing] < anchor {
				overdue++
			}
		}
		won, lost := count("opportunities.csv", "stage", is("Won")), count("opportunities.csv", "stage", is("Lost"))
		between := func(what string, got, least, most float64) {
			if got < least || got > most {
				t.Errorf("%s: %s is %.3f, not between %.3f and %.3f", anchor, what, got, least, most)
			}
		}
		between("the number of deals", float64(len(f["opportunities.csv"])), 2300, 4000)
		between("the win rate", float64(won)/float64(won+lost), 0.25, 0.45)
		between("the overdue share of open deals", float64(overdue)/float64(open), 0.05, 0.13)
		between("reps", float64(count("people.csv", "role", is("rep"))), 40, 40)
		between("managers of reps", float64(count("people.csv", "manager", is("D1"))), 6, 6)
		between("people moved", float64(count("assignments.csv", "model", is("")))-40, 5, 12)
		between("people planned", float64(len(f["assignments.csv"])-1-count("assignments.csv", "model", is(""))), 40, 40)
		between("accounts in territories", float64(count("account_territories.csv", "model", is(""))), 220, 270)
		for _, row := range f["history.csv"][1:] {
			if at := row[len(row)-1]; at >= anchor {
				t.Errorf("%s: %v has not happened yet", anchor, row)
			}
		}
		quarter := anchor[:4]
		if n := count("opportunities.csv", "created_on", func(s string) bool { return s >= quarter && s < anchor }); anchor[5:] > "02" && n == 0 {
			t.Errorf("%s: nothing was created this year", anchor)
		}
	}
}
