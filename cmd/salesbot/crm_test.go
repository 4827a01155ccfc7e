package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/store/storetest"
)

// Exports that others made, imported without a mapping, and read a second way
// here: straight from the files, without any code of the product.
func TestFiguresOfRealExportsAreThoseOfTheirFiles(t *testing.T) {
	cases := map[string]struct {
		path  string
		flags []string
		count func(t *testing.T, path string) crmFigures
	}{
		"a HubSpot deal export":          {"pipeline_history/data/test1_hubspot_clean.csv", nil, hubspotFigures},
		"a Salesforce history report":    {"pipeline_history/data/test2_salesforce_history.csv", nil, salesforceHistoryFigures},
		"a Salesforce developer org":     {"sfdc_devorg", nil, developerOrgFigures},
		"Maven without naming a mapping": {"maven_crm", nil, mavenFigures},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(testdata(t, filepath.Dir(c.path)), filepath.Base(c.path))
			dsn := storetest.DSN(t)
			_, environ := testProgram(t, dsn)
			out, errOut, code := salesbot(t, environ, append(append([]string{"import"}, c.flags...), path)...)
			if code != 0 {
				t.Fatalf("the import says:\n%s%s", out, errOut)
			}
			if diff := cmp.Diff(c.count(t, path), askedFigures(t, environ, dsn)); diff != "" {
				t.Errorf("(-files +product)\n%s\n%s", diff, out)
			}
		})
	}
}

// crmFigures are what every export can be asked for.
type crmFigures struct {
	Deals, Won, Lost, Open int64
	WinRate                string
	WonRevenue             string // of the won deals that have an amount
	OpenPipeline           string
	MedianCycle            string            // days from creation to the closing of won deals
	Moves                  map[string]string // how many times a stage was left for another, where the export tells it
}

func askedFigures(t *testing.T, environ []string, dsn string) crmFigures {
	t.Helper()
	ask := func(question string) string {
		out, errOut, code := salesbot(t, environ, "ask", "--json", "--at", "2027-01-15T12:00:00Z", question)
		var answer answerJSON
		if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 || len(answer.Figures) != 1 {
			t.Fatalf("asking %q ends with %d: %s%s", question, code, out, errOut)
		}
		if answer.Figures[0].Value == nil {
			return ""
		}
		return *answer.Figures[0].Value
	}
	number := func(question string) int64 {
		n, err := strconv.ParseInt(ask(question), 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", question, err)
		}
		return n
	}
	f := crmFigures{
		Won: number("won deals"), Lost: number("lost deals"), Open: number("open deals"), WinRate: ask("win rate"),
		WonRevenue: ask("won revenue"), OpenPipeline: ask("open pipeline"), Moves: map[string]string{},
	}
	f.Deals = f.Won + f.Lost + f.Open
	for what, value := range storedStory(t, dsn) {
		switch {
		case what == "median cycle":
			f.MedianCycle = value
		case strings.Contains(what, " → "):
			f.Moves[what] = value
		}
	}
	return f
}

// crmDeal is a deal as a file has it.
type crmDeal struct {
	outcome string
	amount  string
	created time.Time
	closed  time.Time
}

func crmCount(t *testing.T, deals []crmDeal, moves map[string]int) crmFigures {
	t.Helper()
	f := crmFigures{Moves: map[string]string{}}
	var revenue, pipeline float64
	var cycles []int
	priced := false
	for _, d := range deals {
		amount := 0.0
		if d.amount != "" {
			var err error
			if amount, err = strconv.ParseFloat(d.amount, 64); err != nil {
				t.Fatal(err)
			}
		}
		f.Deals++
		switch d.outcome {
		case "won":
			f.Won++
			revenue += amount
			if !d.created.IsZero() {
				cycles = append(cycles, int(d.closed.Sub(d.created).Hours()/24))
			}
		case "lost":
			f.Lost++
		default:
			f.Open++
			pipeline += amount
			priced = priced || d.amount != ""
		}
	}
	f.WinRate = rounded(f.Won, f.Won+f.Lost)
	f.WonRevenue = strconv.FormatFloat(revenue, 'f', -1, 64)
	if priced {
		f.OpenPipeline = strconv.FormatFloat(pipeline, 'f', -1, 64)
	}
	if len(cycles) > 0 {
		slices.Sort(cycles)
		f.MedianCycle = strconv.Itoa(cycles[(len(cycles)-1)/2])
	}
	for move, n := range moves {
		f.Moves[move] = strconv.Itoa(n)
	}
	return f
}

func crmRows(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[strings.TrimPrefix(column, "\ufeff")] = line[i]
		}
		out = append(out, row)
	}
	return out
}

func crmDay(t *testing.T, layout, text string) time.Time {
	t.Helper()
	at, err := time.Parse(layout, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Truncate(24 * time.Hour)
}

func hubspotFigures(t *testing.T, path string) crmFigures {
	outcomes := map[string]string{"Closed Won": "won", "Closed Lost": "lost"}
	var deals []crmDeal
	moves := map[string]int{}
	for _, row := range crmRows(t, path) {
		deals = append(deals, crmDeal{
			outcome: outcomes[row["Deal Stage"]], amount: row["Amount"],
			created: crmDay(t, "2006-01-02 15:04", row["Create Date"]), closed: crmDay(t, "2006-01-02 15:04", row["Close Date"]),
		})
		type entered struct{ at, stage string }
		var stays []entered
		for column, at := range row {
			if _, stage, found := strings.Cut(column, `Date entered "`); found && at != "" {
				stays = append(stays, entered{at, strings.TrimSuffix(stage, ` (Sales Pipeline)"`)})
			}
		}
		slices.SortFunc(stays, func(a, b entered) int { return strings.Compare(a.at, b.at) })
		for i := 1; i < len(stays); i++ {
			moves[stays[i-1].stage+" → "+stays[i].stage]++
		}
	}
	return crmCount(t, deals, moves)
}

func salesforceHistoryFigures(t *testing.T, path string) crmFigures {
	outcomes := map[string]string{"Closed Won": "won", "Closed Lost": "lost"}
	var deals []crmDeal
	moves, seen := map[string]int{}, map[string]bool{}
	for _, row := range crmRows(t, path) {
		if row["From Stage"] != "" && row["From Stage"] != row["To Stage"] { // the others changed something else
			moves[row["From Stage"]+" → "+row["To Stage"]]++
		}
		if seen[row["Opportunity ID"]] {
			continue
		}
		seen[row["Opportunity ID"]] = true
		deals = append(deals, crmDeal{
			outcome: outcomes[row["Stage"]], amount: row["Amount"],
			created: crmDay(t, "1/2/2006", row["Created Date"]), closed: crmDay(t, "1/2/2006", row["Close Date"]),
		})
	}
	return crmCount(t, deals, moves)
}

func developerOrgFigures(t *testing.T, dir string) crmFigures {
	outcome := map[string]string{"TRUE TRUE": "won", "TRUE FALSE": "lost"}
	var deals []crmDeal
	for _, row := range crmRows(t, filepath.Join(dir, "Opportunity.csv")) {
		deals = append(deals, crmDeal{
			outcome: outcome[row["IsClosed"]+" "+row["IsWon"]], amount: row["Amount"],
			created: crmDay(t, "01/02/06", row["CreatedDate"]), closed: crmDay(t, "01/02/06", row["CloseDate"]),
		})
	}
	moves, last := map[string]int{}, map[string]string{}
	history := crmRows(t, filepath.Join(dir, "OpportunityHistory.csv"))
	slices.SortStableFunc(history, func(a, b map[string]string) int { // its rows are in the order of their ids
		return crmMoment(t, a["CreatedDate"]).Compare(crmMoment(t, b["CreatedDate"]))
	})
	for _, row := range history {
		if before := last[row["OpportunityId"]]; before != "" && before != row["StageName"] {
			moves[before+" → "+row["StageName"]]++
		}
		last[row["OpportunityId"]] = row["StageName"]
	}
	return crmCount(t, deals, moves)
}

func crmMoment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("01/02/06 03:04 PM", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func mavenFigures(t *testing.T, dir string) crmFigures {
	outcomes := map[string]string{"Won": "won", "Lost": "lost"}
	var deals []crmDeal
	for _, row := range crmRows(t, filepath.Join(dir, "sales_pipeline.csv")) {
		deal := crmDeal{outcome: outcomes[row["deal_stage"]]}
		if deal.outcome == "won" {
			deal.amount = row["close_value"]
		}
		deals = append(deals, deal)
	}
	return crmCount(t, deals, nil)
}
