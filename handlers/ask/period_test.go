package ask

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// days are the first and last day of a period, as one reads them.
type days struct{ First, Last string }

func daysOf(p metric.Period) days {
	var d days
	if !p.From.IsZero() {
		d.First = p.From.Format(time.DateOnly)
	}
	if !p.To.IsZero() {
		d.Last = p.To.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return d
}

// TestPeriods reads periods on Tuesday, 15 August 2017.
func TestPeriods(t *testing.T) {
	for text, want := range map[string]days{
		"today":                    {"2017-08-15", "2017-08-15"},
		"yesterday":                {"2017-08-14", "2017-08-14"},
		"this week":                {"2017-08-14", "2017-08-20"},
		"last week":                {"2017-08-07", "2017-08-13"},
		"next week":                {"2017-08-21", "2017-08-27"},
		"last month":               {"2017-07-01", "2017-07-31"},
		"this quarter":             {"2017-07-01", "2017-09-30"},
		"last quarter":             {"2017-04-01", "2017-06-30"},
		"next quarter":             {"2017-10-01", "2017-12-31"},
		"last half":                {"2017-01-01", "2017-06-30"},
		"last year":                {"2016-01-01", "2016-12-31"},
		"last 30 days":             {"2017-07-17", "2017-08-15"},
		"last 1 day":               {"2017-08-15", "2017-08-15"},
		"last 2 weeks":             {"2017-08-02", "2017-08-15"},
		"last 6 months":            {"2017-02-16", "2017-08-15"},
		"past month":               {"2017-07-16", "2017-08-15"},
		"last 2 quarters":          {"2017-01-01", "2017-06-30"},
		"last 2 years":             {"2015-01-01", "2016-12-31"},
		"next 30 days":             {"2017-08-15", "2017-09-13"},
		"next 2 quarters":          {"2017-10-01", "2018-03-31"},
		"ytd":                      {"2017-01-01", "2017-08-15"},
		"quarter to date":          {"2017-07-01", "2017-08-15"},
		"q3":                       {"2017-07-01", "2017-09-30"},
		"q4":                       {"2016-10-01", "2016-12-31"},
		"q4 2017":                  {"2017-10-01", "2017-12-31"},
		"h1 2017":                  {"2017-01-01", "2017-06-30"},
		"fy16":                     {"2016-01-01", "2016-12-31"},
		"august":                   {"2017-08-01", "2017-08-31"},
		"september":                {"2016-09-01", "2016-09-30"},
		"feb 2016":                 {"2016-02-01", "2016-02-29"},
		"1 march 2017":             {"2017-03-01", "2017-03-01"},
		"16 august":                {"2016-08-16", "2016-08-16"},
		"1 mar 2017 – 30 jun 2017": {"2017-03-01", "2017-06-30"},
		"from nov to feb":          {"2016-11-01", "2017-02-28"},
		"1 march to 30 june 2017":  {"2017-03-01", "2017-06-30"},
		"since march":              {"2017-03-01", ""},
		"after march":              {"2017-04-01", ""},
		"before march":             {"", "2017-02-28"},
		"until march":              {"", "2017-03-31"},
		"by end of quarter":        {"", "2017-09-30"},
		"the year 2016":            {"2016-01-01", "2016-12-31"},
		"the quarter":              {"2017-07-01", "2017-09-30"},
		"up to march":              {"", "2017-03-31"},
		"all time":                 {"", ""},
		"monday":                   {"2017-08-14", "2017-08-14"},
		"last tuesday":             {"2017-08-08", "2017-08-08"},
		"next tuesday":             {"2017-08-22", "2017-08-22"},
		"2017-aug-1":               {"2017-08-01", "2017-08-01"},
		"2017-aug":                 {"2017-08-01", "2017-08-31"},
		"2016 march":               {"2016-03-01", "2016-03-31"},
		"since the start of march": {"2017-03-01", ""},
		"29 february":              {"2016-02-29", "2016-02-29"},
	} {
		checkPeriod(t, newCalendar(testNow, metric.DefaultCompany()), text, want)
	}
}

// TestFiscalPeriods reads periods where the fiscal year begins in February:
// 15 August 2017 lies in the third quarter of the fiscal year 2018.
func TestFiscalPeriods(t *testing.T) {
	company := metric.DefaultCompany()
	company.FiscalStart = time.February
	for text, want := range map[string]days{
		"this quarter":          {"2017-08-01", "2017-10-31"},
		"last quarter":          {"2017-05-01", "2017-07-31"},
		"this half":             {"2017-08-01", "2018-01-31"},
		"this year":             {"2017-02-01", "2018-01-31"},
		"ytd":                   {"2017-02-01", "2017-08-15"},
		"q1":                    {"2017-02-01", "2017-04-30"},
		"q3":                    {"2017-08-01", "2017-10-31"},
		"q4":                    {"2016-11-01", "2017-01-31"},
		"FQ4 FY18":              {"2017-11-01", "2018-01-31"},
		"fy18":                  {"2017-02-01", "2018-01-31"},
		"last month":            {"2017-07-01", "2017-07-31"},
		"march":                 {"2017-03-01", "2017-03-31"},
		"this march":            {"2017-03-01", "2017-03-31"},
		"last march":            {"2017-03-01", "2017-03-31"},
		"next march":            {"2018-03-01", "2018-03-31"},
		"last q3":               {"2016-08-01", "2016-10-31"},
		"january 2018":          {"2018-01-01", "2018-01-31"},
		"calendar 2017":         {"2017-01-01", "2017-12-31"},
		"calendar Q3 2017":      {"2017-07-01", "2017-09-30"},
		"this calendar quarter": {"2017-07-01", "2017-09-30"},
	} {
		checkPeriod(t, newCalendar(testNow, company), text, want)
	}
}

// TestPeriodsOfWeeks reads periods on the retail calendar: 15 August 2017 lies in
// the seventh month of a fiscal year of 53 weeks. Months by name stay those of
// the calendar, and so many months back are as long as those.
func TestPeriodsOfWeeks(t *testing.T) {
	company := metric.DefaultCompany()
	company.FiscalStart, company.WeekStart, company.Calendar = time.February, time.Sunday, metric.Weeks454
	for text, want := range map[string]days{
		"this week":             {"2017-08-13", "2017-08-19"},
		"this month":            {"2017-07-30", "2017-08-26"},
		"last month":            {"2017-07-02", "2017-07-29"},
		"next month":            {"2017-08-27", "2017-09-30"},
		"this fiscal month":     {"2017-07-30", "2017-08-26"},
		"this calendar month":   {"2017-08-01", "2017-08-31"},
		"mtd":                   {"2017-07-30", "2017-08-15"},
		"last 2 months":         {"2017-06-16", "2017-08-15"},
		"next 2 months":         {"2017-08-15", "2017-10-14"},
		"this quarter":          {"2017-07-30", "2017-10-28"},
		"last quarter":          {"2017-04-30", "2017-07-29"},
		"last 2 quarters":       {"2017-01-29", "2017-07-29"},
		"q4 fy18":               {"2017-10-29", "2018-02-03"},
		"h1 fy18":               {"2017-01-29", "2017-07-29"},
		"fy18":                  {"2017-01-29", "2018-02-03"},
		"this year":             {"2017-01-29", "2018-02-03"},
		"last year":             {"2016-01-31", "2017-01-28"},
		"august":                {"2017-08-01", "2017-08-31"},
		"march 2026":            {"2026-03-01", "2026-03-31"},
		"calendar Q3 2017":      {"2017-07-01", "2017-09-30"},
		"this calendar quarter": {"2017-07-01", "2017-09-30"},
		"by end of quarter":     {"", "2017-10-28"},
	} {
		checkPeriod(t, newCalendar(testNow, company), text, want)
	}
}

func checkPeriod(t *testing.T, c calendar, text string, want days) {
	t.Helper()
	ts := tokenise(clean(text))
	p, _, n := c.readLed(ts)
	if n != len(ts) {
		t.Errorf("%q: read %d of %d words", text, n, len(ts))
		return
	}
	if diff := cmp.Diff(want, daysOf(p.Period)); diff != "" {
		t.Errorf("%q (-want +got):\n%s", text, diff)
	}
}

// TestPeriodsInZones checks that days begin at the company's midnight, on both
// days on which its clocks change too.
func TestPeriodsInZones(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no zones on this machine:", err)
	}
	company := metric.DefaultCompany()
	company.Zone = zone
	// Two in the morning of 13 March 2017 in UTC is still the 12th in New York,
	// the day on which clocks go forward.
	c := newCalendar(time.Date(2017, time.March, 13, 2, 0, 0, 0, time.UTC), company)
	checkPeriod(t, c, "today", days{"2017-03-12", "2017-03-12"})
	checkPeriod(t, c, "last 7 days", days{"2017-03-06", "2017-03-12"})
	p, _ := c.readPeriod(tokenise("today"))
	if got := p.To.Sub(p.From); got != 23*time.Hour {
		t.Errorf("the day of the change is %s long", got)
	}
}

// TestPeriodsWithoutMidnight checks the day on which clocks go from midnight to
// one o'clock: it is still that day, and as long as it is.
func TestPeriodsWithoutMidnight(t *testing.T) {
	zone, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Skip("no zones on this machine:", err)
	}
	company := metric.DefaultCompany()
	company.Zone = zone
	c := newCalendar(time.Date(2026, time.April, 24, 9, 0, 0, 0, time.UTC), company)
	for text, want := range map[string]days{
		"today":       {"2026-04-24", "2026-04-24"},
		"yesterday":   {"2026-04-23", "2026-04-23"},
		"this week":   {"2026-04-20", "2026-04-26"},
		"last 7 days": {"2026-04-18", "2026-04-24"},
	} {
		checkPeriod(t, c, text, want)
	}
	for text, want := range map[string]time.Duration{"today": 23 * time.Hour, "yesterday": 24 * time.Hour} {
		if p, _ := c.readPeriod(tokenise(text)); p.To.Sub(p.From) != want {
			t.Errorf("%s is %s long, from %s to %s", text, p.To.Sub(p.From), p.From, p.To)
		}
	}
}

// TestPeriodLabels checks, on any day and in any fiscal calendar, that periods
// are not empty and that their labels are read as the same days.
func TestPeriodLabels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		company := metric.DefaultCompany()
		company.FiscalStart = time.Month(rapid.IntRange(1, 12).Draw(t, "fiscal start"))
		company.WeekStart = time.Weekday(rapid.IntRange(0, 6).Draw(t, "week start"))
		company.Calendar = rapid.SampledFrom([]metric.Calendar{metric.Gregorian, metric.Weeks445, metric.Weeks454, metric.Weeks544}).Draw(t, "calendar")
		day := rapid.IntRange(0, 20000).Draw(t, "day")
		c := newCalendar(time.Date(1990, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day), company)
		c.ahead = rapid.Bool().Draw(t, "ahead")
		want := drawPeriod(t, c)
		if !want.From.IsZero() && !want.To.IsZero() && !want.From.Before(want.To) {
			t.Fatalf("%v holds no day", want)
		}
		ts := tokenise(clean(want.Label))
		got, n := c.readPeriod(ts)
		if n != len(ts) {
			t.Fatalf("%q is no period", want.Label)
		}
		if diff := cmp.Diff(want, got.Period, sameQuery); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", want.Label, diff)
		}
	})
}
