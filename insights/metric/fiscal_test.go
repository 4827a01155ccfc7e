package metric_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

func civilDay(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTheRetailCalendar holds the fiscal years against those that the National
// Retail Federation publishes, of which 2017 and 2023 have 53 weeks; it calls
// them by the year in which they begin.
func TestTheRetailCalendar(t *testing.T) {
	co := metric.DefaultCompany()
	co.FiscalStart, co.WeekStart, co.Calendar = time.February, time.Sunday, metric.Weeks454
	for begins, weeks := range map[string]int{
		"2016-01-31": 52, "2017-01-29": 53, "2018-02-04": 52, "2019-02-03": 52, "2020-02-02": 52, "2021-01-31": 52,
		"2022-01-30": 52, "2023-01-29": 53, "2024-02-04": 52, "2025-02-02": 52, "2026-02-01": 52,
	} {
		start := civilDay(t, begins)
		year := co.YearOf(start)
		if got := co.YearStart(year); !got.Equal(start) || year != start.Year()+1 {
			t.Errorf("year %d begins on %s, not %s", year, got.Format(time.DateOnly), begins)
		}
		if days := co.YearStart(year+1).Sub(start).Hours() / 24; days != float64(7*weeks) {
			t.Errorf("year %d has %v days, not %d weeks", year, days, weeks)
		}
	}
	for day, want := range map[string][3]int{ // month, quarter, year
		"2023-01-29": {1, 1, 2024}, "2023-02-25": {1, 1, 2024}, "2023-02-26": {2, 1, 2024}, "2023-04-01": {2, 1, 2024},
		"2023-04-02": {3, 1, 2024}, "2023-04-30": {4, 2, 2024}, "2024-01-27": {12, 4, 2024}, "2024-02-03": {12, 4, 2024}, "2024-02-04": {1, 1, 2025},
	} {
		month, year := co.Place(metric.Month, civilDay(t, day))
		quarter, _ := co.Place(metric.Quarter, civilDay(t, day))
		if got := [3]int{month, quarter, year}; got != want {
			t.Errorf("%s is in month, quarter, year %v, not %v", day, got, want)
		}
	}
}

// TestUnitsOfTimeTileTheLine: whatever the calendar, each day lies in exactly one
// unit, and the units follow each other.
func TestUnitsOfTimeTileTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		co := drawCompany(t)
		g := rapid.SampledFrom([]metric.Granularity{metric.Day, metric.Week, metric.Month, metric.Quarter, metric.Half, metric.Year}).Draw(t, "unit")
		day := time.Date(rapid.IntRange(2, 9998).Draw(t, "year"), 1, rapid.IntRange(1, 366).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		start := co.Start(g, day)
		next := co.Step(g, start, 1)
		if start.After(day) || !next.After(day) || !co.Start(g, start).Equal(start) || !co.Start(g, next).Equal(next) || !co.Start(g, next.AddDate(0, 0, -1)).Equal(start) {
			t.Fatalf("%s lies in the %s from %s until %s", day, g, start, next)
		}
		n := rapid.IntRange(-30, 30).Draw(t, "steps")
		if there := co.Step(g, start, n); !co.Step(g, there, -n).Equal(start) || !co.Step(g, there, 1).Equal(co.Step(g, start, n+1)) {
			t.Fatalf("%d %ss from %s is %s, and not back again", n, g, start, there)
		}
		if g == metric.Day || g == metric.Week {
			return
		}
		place, year := co.Place(g, day)
		if !co.Step(g, co.YearStart(year), place-1).Equal(start) || year != co.YearOf(start) || start.Before(co.YearStart(year)) {
			t.Fatalf("the %s of %s is number %d of %d", g, day, place, year)
		}
		if !co.Start(metric.Quarter, co.YearStart(year)).Equal(co.YearStart(year)) || !co.Start(metric.Month, co.Start(metric.Quarter, day)).Equal(co.Start(metric.Quarter, day)) {
			t.Fatalf("years are no whole quarters, or quarters no whole months, at %s", day)
		}
	})
}

func TestYearsOfWeeksHave52Or53(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		co := drawCompany(t)
		co.Calendar = rapid.SampledFrom([]metric.Calendar{metric.Weeks445, metric.Weeks454, metric.Weeks544}).Draw(t, "weeks")
		year := rapid.IntRange(2, 9998).Draw(t, "year")
		start, end := co.YearStart(year), co.YearStart(year+1)
		weeks := int(end.Sub(start).Hours()) / 24 / 7
		if !start.AddDate(0, 0, 7*weeks).Equal(end) || weeks != 52 && weeks != 53 || start.Weekday() != co.WeekStart {
			t.Fatalf("%d begins on %s and ends before %s", year, start, end)
		}
		for at := start; at.Before(end); at = co.Step(metric.Quarter, at, 1) {
			n, _ := co.Place(metric.Quarter, at)
			days := int(co.Step(metric.Quarter, at, 1).Sub(at).Hours()) / 24
			if want := 7 * 13; days != want && (n != 4 || days != want+7 || weeks != 53) {
				t.Fatalf("quarter %d of %d has %d days", n, year, days)
			}
		}
	})
}

// TestWorkingDaysAreCountedAsTheyCome counts them one by one.
func TestWorkingDaysAreCountedAsTheyCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		co := metric.DefaultCompany()
		for weekday := range co.WorkingDays {
			co.WorkingDays[weekday] = rapid.Bool().Draw(t, "works")
		}
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 60), 0, 8).Draw(t, "holidays") { // some twice
			co.Holidays = append(co.Holidays, metric.Holiday{Day: day(n).time()})
		}
		from := rapid.IntRange(-20, 60).Draw(t, "from")
		to := from + rapid.IntRange(-5, 60).Draw(t, "days")
		want := 0
		for n := from; n < to; n++ {
			if co.IsWorkingDay(day(n).time()) {
				want++
			}
		}
		if got := co.CountWorkingDays(day(from).time(), day(to).time()); got != want {
			t.Fatalf("%d working days from %s until %s, not %d", got, day(from), day(to), want)
		}
		n := rapid.IntRange(1, 20).Draw(t, "n")
		after, before := co.AddWorkingDays(day(from).time(), n), co.AddWorkingDays(day(from).time(), -n)
		if !co.IsWorkingDay(after) || co.CountWorkingDays(day(from+1).time(), after.AddDate(0, 0, 1)) != n {
			t.Fatalf("%d working days after %s is %s", n, day(from), after)
		}
		if !co.IsWorkingDay(before) || co.CountWorkingDays(before, day(from).time()) != n {
			t.Fatalf("%d working days before %s is %s", n, day(from), before)
		}
		if !co.AddWorkingDays(day(from).time(), 0).Equal(day(from).time()) {
			t.Fatal("no working days later is another day")
		}
	})
}

// TestTheSettingsOfACompanyAreReadAsTheyWereWritten, also those of receipts that
// were written before there were so many.
func TestTheSettingsOfACompanyAreReadAsTheyWereWritten(t *testing.T) {
	same := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	rapid.Check(t, func(t *rapid.T) {
		co := drawCompany(t)
		for weekday := range co.WorkingDays {
			co.WorkingDays[weekday] = rapid.Bool().Draw(t, "works")
		}
		if rapid.Bool().Draw(t, "a holiday") {
			co.Holidays = []metric.Holiday{{Day: day(5).time(), Name: "Founders' day"}}
		}
		text, err := json.Marshal(co)
		if err != nil {
			t.Fatal(err)
		}
		var read metric.Company
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(co, read, same); diff != "" {
			t.Fatalf("%s\n%s", text, diff)
		}
	})
	var old metric.Company
	if err := json.Unmarshal([]byte(`{"zone":"UTC","fiscal_start":1,"week_start":1,"currency":"USD"}`), &old); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(metric.DefaultCompany(), old, same); diff != "" {
		t.Error(diff)
	}
}
