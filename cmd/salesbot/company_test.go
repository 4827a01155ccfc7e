package main

import (
	"encoding/csv"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"salesbot/cmd/salesbot/company"
)

// The made-up company, read a second way: straight from the rows of its files,
// without any code of the product.
type rows []map[string]string

func companyRows(t *testing.T) map[string]rows {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "company")
	if err := company.Write(dir, anchor); err != nil {
		t.Fatal(err)
	}
	out := map[string]rows{}
	for _, name := range []string{"opportunities", "accounts", "stages", "costs", "overhead", "quotas", "assignments", "people", "territories", "forecasts", "account_territories", "territory_models", "activities", "subscriptions"} {
		file, err := os.Open(filepath.Join(dir, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(file).ReadAll()
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines[1:] {
			row := map[string]string{}
			for i, column := range lines[0] {
				row[column] = line[i]
			}
			out[name] = append(out[name], row)
		}
	}
	return out
}

func (r rows) by(key string) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, row := range r {
		out[row[key]] = row
	}
	return out
}

// cents reads an amount; blank is nought, and the caller looks for that.
func cents(amount string) int64 {
	n, _ := strconv.ParseInt(strings.Replace(amount, ".", "", 1), 10, 64)
	return n
}

// thisYear is the year of the anchor day.
func thisYear(day string) bool { return strings.HasPrefix(day, anchor.Format("2006")) }

// thisQuarter is the first and last day of the quarter of the anchor day.
var thisQuarter = func() [2]string {
	first := time.Date(anchor.Year(), (anchor.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	return [2]string{first.Format(time.DateOnly), first.AddDate(0, 3, -1).Format(time.DateOnly)}
}()

func TestTheFiguresOfTheCompanyAreThoseOfItsFiles(t *testing.T) {
	files := companyRows(t)
	ask := asker(t, "company", "--at", anchor.Format("2006-01-02")+"T12:00:00Z")
	accounts, stages := files["accounts"].by("external_id"), files["stages"].by("name")
	type costs struct{ direct, selling *big.Rat }
	costOf := map[string]*costs{}
	for _, line := range files["costs"] {
		if costOf[line["opportunity"]] == nil {
			costOf[line["opportunity"]] = &costs{}
		}
		c := costOf[line["opportunity"]]
		to := &c.direct
		if line["kind"] == "selling" {
			to = &c.selling
		}
		if *to == nil {
			*to = new(big.Rat)
		}
		(*to).Add(*to, big.NewRat(cents(line["amount"]), 1))
	}
	won := func(d map[string]string) bool { return d["stage"] == "Won" }

	t.Run("weighted pipeline", func(t *testing.T) {
		sum := new(big.Rat)
		known, open := int64(0), int64(0)
		for _, d := range files["opportunities"] {
			if stages[d["stage"]]["outcome"] != "open" {
				continue
			}
			open++
			if d["amount"] == "" {
				continue
			}
			known++
			chance, _ := new(big.Rat).SetString(stages[d["stage"]]["probability"])
			sum.Add(sum, chance.Mul(chance, big.NewRat(cents(d["amount"]), 100)))
		}
		got := ask(t, "weighted pipeline")
		got.figure(t, decimal(sum))
		if f := got.Figures[0]; *f.Known != known || *f.Of != open || known == open {
			t.Errorf("known for %d of %d, want %d of %d", *f.Known, *f.Of, known, open)
		}
	})
	t.Run("pipeline created this year by segment", func(t *testing.T) {
		want := map[string]string{}
		sums := map[string]int64{}
		for _, d := range files["opportunities"] {
			if thisYear(d["created_on"]) {
				sums[accounts[d["account"]]["segment"]] += cents(d["amount"])
			}
		}
		for segment, sum := range sums {
			want[segment] = rounded(sum, 100)
		}
		if diff := cmp.Diff(want, ask(t, "pipeline created this year by segment").rows()); diff != "" || len(want) != 3 {
			t.Errorf("(-files +answer)\n%s", diff)
		}
	})
	t.Run("gross profit this year", func(t *testing.T) {
		sum := new(big.Rat)
		known, of, covered, all := int64(0), int64(0), int64(0), int64(0)
		for _, d := range files["opportunities"] {
			if !won(d) || !thisYear(d["close_on"]) {
				continue
			}
			of++
			all += cents(d["amount"])
			if c := costOf[d["external_id"]]; c != nil && d["amount"] != "" {
				known++
				covered += cents(d["amount"])
				sum.Add(sum, new(big.Rat).Sub(big.NewRat(cents(d["amount"]), 1), c.direct))
			}
		}
		got := ask(t, "gross profit this year")
		got.figure(t, decimal(sum.Quo(sum, big.NewRat(100, 1))))
		if f := got.Figures[0]; *f.Known != known || *f.Of != of || known == of {
			t.Errorf("known for %d of %d, want %d of %d", *f.Known, *f.Of, known, of)
		}
		if share := big.NewRat(100*covered, all).FloatString(2) + " % of their value"; !strings.Contains(got.Headline, share) {
			t.Errorf("%q does not say %q", got.Headline, share)
		}
	})
	t.Run("net profit this year", func(t *testing.T) {
		// Shares of overhead are whole cents, so that sums of many deals may
		// differ from unrounded ones by half a cent a deal and piece.
		contribution, borne := 0.0, 0.0
		for _, d := range files["opportunities"] {
			c := costOf[d["external_id"]]
			if !won(d) || !thisYear(d["close_on"]) || c == nil || c.selling == nil || d["amount"] == "" {
				continue
			}
			direct, _ := c.direct.Float64()
			selling, _ := c.selling.Float64()
			contribution += float64(cents(d["amount"])) - direct - selling
			for _, piece := range files["overhead"] {
				if d["close_on"] < piece["first_day"] || d["close_on"] > piece["last_day"] {
					continue
				}
				weight, whole := 0.0, 0.0
				for _, other := range files["opportunities"] {
					if !won(other) || other["amount"] == "" || other["close_on"] < piece["first_day"] || other["close_on"] > piece["last_day"] {
						continue
					}
					bears := 1.0
					if piece["allocated_by"] == "revenue" {
						bears = float64(cents(other["amount"]))
					}
					whole += bears
					if other["external_id"] == d["external_id"] {
						weight = bears
					}
				}
				borne += float64(cents(piece["amount"])) * weight / whole
			}
		}
		got, err := strconv.ParseFloat(*ask(t, "net profit this year").Figures[0].Value, 64)
		if err != nil {
			t.Fatal(err)
		}
		if want := (contribution - borne) / 100; !cmp.Equal(want, got, cmpopts.EquateApprox(0, 10)) || want == 0 {
			t.Errorf("%f, want %f", got, want)
		}
	})
	t.Run("lost deals this year by reason", func(t *testing.T) {
		counts, want := map[string]int64{}, map[string]string{}
		for _, d := range files["opportunities"] {
			if d["stage"] == "Lost" && thisYear(d["close_on"]) {
				counts[d["loss_reason"]]++
			}
		}
		for reason, n := range counts {
			if reason == "" {
				reason = "(none)"
			}
			want[reason] = strconv.FormatInt(n, 10)
		}
		if diff := cmp.Diff(want, ask(t, "lost deals this year by reason").rows()); diff != "" || len(want) != 7 {
			t.Errorf("(-files +answer)\n%s", diff)
		}
	})
	quarter := func(day string) bool { return day >= thisQuarter[0] && day <= thisQuarter[1] }
	open := func(d map[string]string) bool { return stages[d["stage"]]["outcome"] == "open" }
	t.Run("coverage this quarter", func(t *testing.T) {
		pipeline, target, booked := int64(0), int64(0), int64(0)
		for _, d := range files["opportunities"] {
			if open(d) && quarter(d["close_on"]) {
				pipeline += cents(d["amount"])
			}
		}
		for _, q := range files["quotas"] {
			if !quarter(q["first_day"]) || q["person"] == "" {
				continue
			}
			target += cents(q["amount"])
			for _, d := range files["opportunities"] {
				if won(d) && d["owner"] == q["person"] && d["close_on"] >= q["first_day"] && d["close_on"] <= q["last_day"] {
					booked += cents(d["amount"])
				}
			}
		}
		ask(t, "coverage this quarter").figure(t, rounded(pipeline, target))
		ask(t, "quota remaining this quarter").figure(t, rounded(target-booked, 100))
		left := ask(t, "remaining coverage this quarter")
		if target > booked {
			left.figure(t, rounded(pipeline, target-booked))
		} else if f := left.Figures[0]; f.Value != nil || *f.Reason != "nothing_to_divide_by" {
			t.Errorf("the quota is reached, but %+v", f)
		}
	})
	t.Run("pace this quarter", func(t *testing.T) {
		weekdays := func(from, to string) (n int64) {
			day, err := time.Parse(time.DateOnly, from)
			if err != nil {
				t.Fatal(err)
			}
			for ; day.Format(time.DateOnly) <= to; day = day.AddDate(0, 0, 1) {
				if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
					n++
				}
			}
			return n
		}
		expected, booked, today := int64(0), int64(0), anchor.Format(time.DateOnly)
		for _, q := range files["quotas"] {
			if !quarter(q["first_day"]) || q["person"] == "" {
				continue
			}
			whole := weekdays(q["first_day"], q["last_day"])
			gone := weekdays(q["first_day"], min(q["last_day"], today))
			expected += (2*cents(q["amount"])*gone + whole) / (2 * whole)
			for _, d := range files["opportunities"] {
				if won(d) && d["owner"] == q["person"] && d["close_on"] >= q["first_day"] && d["close_on"] <= q["last_day"] {
					booked += cents(d["amount"])
				}
			}
		}
		ask(t, "quota expected so far this quarter").figure(t, rounded(expected, 100))
		ask(t, "pace this quarter").figure(t, rounded(booked, expected))
		ask(t, "gap to plan this quarter").figure(t, rounded(booked-expected, 100))
	})
	t.Run("forecast accuracy last quarter", func(t *testing.T) {
		first := time.Date(anchor.Year(), (anchor.Month()-1)/3*3-2, 1, 0, 0, 0, 0, time.UTC)
		from, to := first.Format(time.DateOnly), first.AddDate(0, 3, -1).Format(time.DateOnly)
		week4 := first.AddDate(0, 0, 21).Format(time.DateOnly)
		said := map[string]map[string]string{}
		for _, f := range files["forecasts"] {
			if f["first_day"] != from || f["category"] != "commit" || f["submitted_at"] >= week4 {
				continue
			}
			if earlier := said[f["person"]]; earlier == nil || earlier["submitted_at"] < f["submitted_at"] {
				said[f["person"]] = f
			}
		}
		forecast, actual, missed := int64(0), int64(0), int64(0)
		for person, f := range said {
			booked := int64(0)
			for _, d := range files["opportunities"] {
				if won(d) && d["owner"] == person && d["close_on"] >= from && d["close_on"] <= to {
					booked += cents(d["amount"])
				}
			}
			forecast, actual, missed = forecast+cents(f["amount"]), actual+booked, missed+max(cents(f["amount"])-booked, booked-cents(f["amount"]))
		}
		off := max(forecast-actual, actual-forecast)
		ask(t, "forecast accuracy last quarter").figure(t, rounded(actual-off, actual))
		ask(t, "wape last quarter").figure(t, rounded(missed, actual))
		if len(said) != 40 || off == 0 || missed <= off {
			t.Errorf("%d people had a forecast, %d off of %d, and %d one by one", len(said), off, actual, missed)
		}
	})
	t.Run("overdue deals by rep", func(t *testing.T) {
		counts, names := map[string]int64{}, files["people"].by("external_id")
		total, today := int64(0), anchor.Format("2006-01-02")
		for _, d := range files["opportunities"] {
			if open(d) && d["close_on"] != "" && d["close_on"] < today {
				counts[names[d["owner"]]["name"]]++
				total += cents(d["amount"])
			}
		}
		want := map[string]string{}
		for name, n := range counts {
			want[name] = strconv.FormatInt(n, 10)
		}
		if diff := cmp.Diff(want, ask(t, "overdue deals by rep").rows()); diff != "" || len(want) < 3 {
			t.Errorf("(-files +answer)\n%s", diff)
		}
		ask(t, "overdue pipeline").figure(t, rounded(total, 100))
	})
	t.Run("what else is told of open deals", func(t *testing.T) {
		for _, question := range []string{
			"silent deals", "deals without an amount", "greatest open amount", "largest deal share", "overdue share of pipeline",
			"sales velocity last quarter", "value win rate last quarter", "win rate last quarter", "average deal size last quarter",
			"commit only this quarter", "commit incl closed this quarter", "deal hygiene", "deals without a next step",
		} {
			got := ask(t, question)
			t.Log(got.Headline, got.Notes)
			if len(got.Figures) != 1 || got.Figures[0].Value == nil {
				t.Errorf("%s: %s", question, got.Headline)
			}
		}
	})
	t.Run("quota attainment this year by territory as it was", func(t *testing.T) {
		patches := map[string]string{}
		for _, row := range files["territories"] {
			if row["model"] == "" {
				patches[row["external_id"]] = row["name"]
			}
		}
		patch := func(person, day string) string {
			at := ""
			for _, a := range files["assignments"] { // in the order of their days
				if a["person"] == person && a["model"] == "" && a["since"] <= day {
					at = a["territory"]
				}
			}
			return patches[at]
		}
		booked, target := map[string]int64{}, map[string]int64{}
		for _, q := range files["quotas"] {
			if !thisYear(q["first_day"]) || q["person"] == "" {
				continue
			}
			at := patch(q["person"], q["first_day"])
			target[at] += cents(q["amount"])
			for _, d := range files["opportunities"] {
				if won(d) && d["owner"] == q["person"] && d["close_on"] >= q["first_day"] && d["close_on"] <= q["last_day"] {
					booked[at] += cents(d["amount"])
				}
			}
		}
		want := map[string]string{}
		for name := range target {
			want[name] = rounded(booked[name], target[name])
		}
		if diff := cmp.Diff(want, ask(t, "quota attainment this year by territory").rows()); diff != "" || len(want) != 6 {
			t.Errorf("(-files +answer)\n%s", diff)
		}
		if asIs := ask(t, "quota attainment this year by territory as it is").rows(); cmp.Equal(want, asIs) {
			t.Error("the re-organisation made no difference")
		}
	})
}

// TestTheTerritoriesOfTheCompanyAreThoseOfItsFiles counts what is in territories,
// today and on the map that is planned.
func TestTheTerritoriesOfTheCompanyAreThoseOfItsFiles(t *testing.T) {
	files := companyRows(t)
	ask := asker(t, "company", "--at", anchor.Format("2006-01-02")+"T12:00:00Z")
	today, since := anchor.Format(time.DateOnly), anchor.AddDate(0, 0, -89).Format(time.DateOnly)
	plan := files["territory_models"][0]["external_id"]
	drawn := map[string]map[string]string{"": {}, plan: {}} // map → territory → name
	for _, row := range files["territories"] {
		drawn[row["model"]][row["external_id"]] = row["name"]
	}
	at := map[string]map[string]string{"": {}, plan: {}} // map → account → territory
	for _, row := range files["account_territories"] {   // in the order of their days
		if row["model"] == plan || row["since"] <= today {
			at[row["model"]][row["account"]] = drawn[row["model"]][row["territory"]]
		}
	}
	works, owned, touched, about := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, d := range files["opportunities"] {
		about[d["external_id"]] = d["account"]
		works[d["account"]] = works[d["account"]] || d["stage"] != "Won" && d["stage"] != "Lost"
		owned[d["account"]] = owned[d["account"]] || d["stage"] == "Won"
	}
	for _, a := range files["activities"] {
		if day := a["at"][:10]; a["two_way"] == "yes" && day >= since && day <= today {
			touched[about[a["opportunity"]]] = true
		}
	}
	count := func(model string, among func(account string) bool) (whole int, by map[string]string) {
		n := map[string]int{}
		for account, name := range at[model] {
			if among(account) {
				n[name]++
				whole++
			}
		}
		by = map[string]string{}
		for name, n := range n {
			by[name] = strconv.Itoa(n)
		}
		return whole, by
	}
	everyone := func(string) bool { return true }
	white := func(account string) bool { return !works[account] && !owned[account] }
	for _, tt := range []struct {
		question, model string
		among           func(account string) bool
	}{
		{"territory accounts by territory", "", everyone},
		{"whitespace by territory", "", white},
		{"whitespace by territory as planned", plan, white},
		{"accounts without an open deal by territory", "", func(account string) bool { return !works[account] }},
		{"uncovered accounts by territory as planned", plan, func(account string) bool { return !touched[account] }},
	} {
		whole, by := count(tt.model, tt.among)
		got := ask(t, tt.question)
		if diff := cmp.Diff(by, got.rows()); diff != "" || whole == 0 {
			t.Errorf("%s (-files +answer)\n%s", tt.question, diff)
		}
		got.figure(t, strconv.Itoa(whole))
	}
	covered, _ := count("", func(account string) bool { return touched[account] })
	whole, _ := count("", everyone)
	ask(t, "territory coverage").figure(t, rounded(int64(covered), int64(whole)))

	t.Run("won revenue this year as planned", func(t *testing.T) {
		sells, want := map[string]string{}, map[string]int64{}
		for _, a := range files["assignments"] {
			if a["model"] == plan {
				sells[a["person"]] = drawn[plan][a["territory"]]
			}
		}
		for _, d := range files["opportunities"] {
			if d["stage"] == "Won" && thisYear(d["close_on"]) && d["close_on"] <= today {
				want[sells[d["owner"]]] += cents(d["amount"])
			}
		}
		sums := map[string]string{}
		for name, sum := range want {
			sums[name] = rounded(sum, 100)
		}
		got := ask(t, "won revenue this year by territory as planned").rows()
		if diff := cmp.Diff(sums, got); diff != "" || len(sums) < 5 {
			t.Errorf("(-files +answer)\n%s", diff)
		}
	})
}

// decimal writes an exact number as the contract does.
func decimal(n *big.Rat) string { return rounded(n.Num().Int64(), n.Denom().Int64()) }

// TestWhatIsNotLoadedIsNamed: the Maven export has neither costs nor quotas nor
// probabilities, and only what needs them suffers.
func TestWhatIsNotLoadedIsNamed(t *testing.T) {
	ask := asker(t, "maven")
	for question, need := range map[string]string{
		"gross profit": "the direct costs of deals", "gross margin by territory": "the direct costs of deals",
		"net profit": "overhead", "quota attainment 2017": "quotas", "quota by rep": "quotas",
		"weighted pipeline": "the probabilities of the stages",
	} {
		got := ask(t, question)
		if f := got.Figures[0]; f.Value != nil || f.Reason == nil || *f.Reason != "not_loaded" {
			t.Errorf("%s: %+v", question, f)
		}
		if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, need) || !strings.Contains(got.Headline, "not loaded") {
			t.Errorf("%s: %s\n%s", question, got.Headline, notes)
		}
	}
	ask(t, "won revenue").figure(t, "10005534")
}
