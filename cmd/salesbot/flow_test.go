package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"salesbot/cmd/salesbot/company"
)

// TestPushesOfTheCompanyAreThoseOfItsHistory counts by hand, line by line of the
// made-up company's history, how often close dates were moved to a later month.
func TestPushesOfTheCompanyAreThoseOfItsHistory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "company")
	if err := company.Write(dir, anchor); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, "history.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int { return slices.Index(lines[0], name) }
	deal, field, before, after, on := at("opportunity"), at("field"), at("old"), at("new"), at("at")

	// A deal is closed from the day of its last stage on; each date changes once
	// a day there.
	closed := map[string]string{}
	for _, line := range lines[1:] {
		if line[field] == "stage" && (line[after] == "Won" || line[after] == "Lost") {
			closed[line[deal]] = line[on]
		}
	}
	pushes, pulls, corrections := 0, 0, 0
	for _, line := range lines[1:] {
		if line[field] != "close_on" || line[before] == "" || !inThisQuarter(line[on]) {
			continue
		}
		if end := closed[line[deal]]; end != "" && line[on] >= end {
			continue
		}
		switch was, is := line[before][:7], line[after][:7]; {
		case is > was:
			pushes++
		case is < was:
			pulls++
		default:
			corrections++
		}
	}
	if pushes == 0 || pulls == 0 || corrections == 0 {
		t.Fatalf("the files tell of %d pushes, %d pulls and %d corrections", pushes, pulls, corrections)
	}
	ask := asker(t, "company", "--at", anchor.Format("2006-01-02")+"T12:00:00Z")
	for question, want := range map[string]int{"pushes this quarter": pushes, "pulls this quarter": pulls, "close date corrections this quarter": corrections} {
		got := ask(t, question)
		got.figure(t, fmt.Sprint(want))
	}
}

func inThisQuarter(day string) bool { return day >= thisQuarter[0] && day <= thisQuarter[1] }
