package ask

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/go-cmp/cmp"
)

var updateSuites = flag.Bool("update-suites", false, "write down how other suites are read")

// suitePhrase is a phrase that a suite finds in a text.
type suitePhrase struct {
	Text   string     `json:"text"`
	Values []suiteDay `json:"values"`
}

// suiteDay is one day or a range of days that a suite accepts.
type suiteDay struct {
	Timex string `json:"timex"`
	Type  string `json:"type"`
	Value string `json:"value"`
	Start string `json:"start"`
	End   string `json:"end"`
}

// otherSuites are further suites of dates, by how their cases are written. What
// they hold of times of day, durations and repetition, of which no figure is
// asked, is left out. They disagree with each other and with the conventions
// here, so their numbers are kept and not judged.
var otherSuites = []struct {
	file string
	take func(otherCase) (phrase string, days []suiteDay)
}{
	{"rt_DateParser.jsonl", otherCase.resolved},
	{"rt_DatePeriodParser.jsonl", otherCase.resolved},
	{"rt_HolidayParser.jsonl", otherCase.resolved},
	{"rt_DateTimeModel.jsonl", otherCase.modelled},
	{"duckling_time_en.jsonl", otherCase.grained},
	{"duckling_time_en_us.jsonl", otherCase.grained},
	{"chrono_en.jsonl", otherCase.extracted},
}

// otherCase is one case of another suite.
type otherCase struct {
	ID, Input, Ref string
	Expected       json.RawMessage
}

// TestOtherDateSuites keeps how the suites that nothing is promised of are read.
func TestOtherDateSuites(t *testing.T) {
	var out bytes.Buffer
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "suite\tphrases of days\tright\tread otherwise\tnot read\t")
	for _, s := range otherSuites {
		counts := map[string]int{}
		for _, c := range linesOf[otherCase](t, s.file) {
			phrase, days := s.take(c)
			if len(days) == 0 {
				continue
			}
			found := c.reading(t, phrase, days)
			counts[found]++
			counts["all"]++
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t\n", strings.TrimSuffix(s.file, ".jsonl"), counts["all"], counts["right"], counts["otherwise"], counts["not"])
	}
	table.Flush()
	path := filepath.Join("testdata", "other_suites.golden")
	if *updateSuites {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("run with -update-suites if this is meant, and -v to see which (-want +got)\n%s", diff)
	}
}

// reading says whether the phrase is read as one of the days.
func (c otherCase) reading(t *testing.T, phrase string, days []suiteDay) string {
	t.Helper()
	ref, err := time.Parse(time.DateOnly, c.Ref[:len(time.DateOnly)])
	if err != nil {
		t.Fatal(err)
	}
	p, read := readDays(phrase, ref)
	r := recognized{Expected: []suitePhrase{{Values: days}}}
	switch {
	case !read:
		t.Logf("%s: %q on %s is not read: %v", c.ID, phrase, c.Ref, days)
		return "not"
	case r.has(p):
		return "right"
	default:
		t.Logf("%s: %q on %s is read as %v, not %v", c.ID, phrase, c.Ref, daysOf(p), days)
		return "otherwise"
	}
}

// resolved takes a case that has a future and a past reading.
func (c otherCase) resolved() (phrase string, days []suiteDay) {
	var all []struct {
		Text   string
		Values []struct{ FutureResolution, PastResolution map[string]string }
	}
	if json.Unmarshal(c.Expected, &all) != nil || len(all) != 1 {
		return "", nil
	}
	for _, v := range all[0].Values {
		for _, r := range []map[string]string{v.FutureResolution, v.PastResolution} {
			days = append(days, oneDay(r["date"], r["startDate"], r["endDate"])...)
		}
	}
	return all[0].Text, days
}

// modelled takes a case of a suite that lists all readings.
func (c otherCase) modelled() (phrase string, days []suiteDay) {
	var r recognized
	if json.Unmarshal(c.Expected, &r.Expected) != nil || len(r.Expected) != 1 {
		return "", nil
	}
	for _, v := range r.Expected[0].Values {
		if v.Type == "date" || v.Type == "daterange" {
			days = append(days, v)
		}
	}
	return r.Expected[0].Text, days
}

// grained takes a case that has a beginning and how long its unit is.
func (c otherCase) grained() (phrase string, days []suiteDay) {
	var e struct {
		Grain, Start string
		End          string `json:"end_exclusive"`
	}
	if json.Unmarshal(c.Expected, &e) != nil || !slices.Contains([]string{"day", "week", "month", "quarter", "year"}, e.Grain) || e.Start == "" {
		return "", nil
	}
	from, err := time.Parse("2006-01-02T15:04:05", e.Start)
	if err != nil {
		return "", nil
	}
	switch {
	case e.End != "":
		return c.Input, oneDay("", e.Start[:10], e.End[:10])
	case e.Grain == "day":
		return c.Input, oneDay(e.Start[:10], "", "")
	}
	till := map[string]time.Time{
		"week": from.AddDate(0, 0, 7), "month": from.AddDate(0, 1, 0), "quarter": from.AddDate(0, 3, 0), "year": from.AddDate(1, 0, 0),
	}[e.Grain]
	return c.Input, oneDay("", e.Start[:10], till.Format(time.DateOnly))
}

// extracted takes a case that names the parts of a date.
func (c otherCase) extracted() (phrase string, days []suiteDay) {
	var e struct {
		Text       string
		Start, End map[string]int
	}
	if c.Ref < "1" || c.Ref > "3" || json.Unmarshal(c.Expected, &e) != nil || e.Text == "" || !wholeDay(e.Start) || e.End != nil && !wholeDay(e.End) {
		return "", nil
	}
	if e.End != nil {
		return e.Text, oneDay("", ymd(e.Start), ymd(e.End))
	}
	return e.Text, oneDay(ymd(e.Start), "", "")
}

func wholeDay(parts map[string]int) bool {
	_, hour := parts["hour"]
	return !hour && parts["year"] != 0 && parts["month"] != 0 && parts["day"] != 0
}

func ymd(parts map[string]int) string {
	return fmt.Sprintf("%04d-%02d-%02d", parts["year"], parts["month"], parts["day"])
}

// oneDay is a day, or a range of days, or nothing.
func oneDay(on, from, till string) []suiteDay {
	switch {
	case on != "":
		return []suiteDay{{Type: "date", Value: on}}
	case from != "":
		return []suiteDay{{Type: "daterange", Start: from, End: till}}
	default:
		return nil
	}
}
