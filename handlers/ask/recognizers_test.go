package ask

import (
	"slices"
	"testing"
	"time"

	"salesbot/insights/metric"
)

// recognized is one case of others' date suites: a phrase in a sentence, and
// the days it may mean.
type recognized struct {
	ID       string        `json:"id"`
	Input    string        `json:"input"`
	Ref      string        `json:"ref"`
	Expected []suitePhrase `json:"expected"`
}

// excluded are the cases that say nothing of a period of figures, by their ids,
// each with its reason.
var excluded = map[string]string{
	"rt/DateTime_English_DateTimeModel/139": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/140": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/142": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/145": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/249": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/345": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/379": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/380": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/596": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/597": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/598": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/600": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/601": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/665": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/666": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/695": "part of a unit, without saying which days; the suite itself cuts years in several ways",
	"rt/DateTime_English_DateTimeModel/230": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/231": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/454": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/481": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/616": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/659": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/661": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/728": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/824": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/827": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/867": "a holiday of some country; a company has a list of its own",
	"rt/DateTime_English_DateTimeModel/169": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/170": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/200": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/201": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/202": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/708": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/713": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/863": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/864": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/865": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/866": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/869": "an appointment, set a while from now; which day or span of figures it would be is asked",
	"rt/DateTime_English_DateTimeModel/384": "a weekday after 'last' or 'next' is the nearest one here, and the answer names its date",
	"rt/DateTime_English_DateTimeModel/389": "a weekday after 'last' or 'next' is the nearest one here, and the answer names its date",
	"rt/DateTime_English_DateTimeModel/530": "a weekday after 'last' or 'next' is the nearest one here, and the answer names its date",
	"rt/DateTime_English_DateTimeModel/260": "years after 'next' are whole ones here, and the answer names their days",
	"rt/DateTime_English_DateTimeModel/471": "a company knows its fiscal year",
	"rt/DateTime_English_DateTimeModel/671": "what comes after a day does not hold it here",
	"rt/DateTime_English_DateTimeModel/435": "a number, not a date, where figures are asked for",
	"rt/DateTime_English_DateTimeModel/913": "a number, not a date, where figures are asked for",
	"rt/DateTime_English_DateTimeModel/915": "a number, not a date, where figures are asked for",
	"rt/DateTime_English_DateTimeModel/121": "points at something said before, which a single phrase does not have",
	"rt/DateTime_English_DateTimeModel/330": "points at something said before, which a single phrase does not have",
	"rt/DateTime_English_DateTimeModel/253": "when somebody is away or means to act, not a time of figures",
	"rt/DateTime_English_DateTimeModel/268": "when somebody is away or means to act, not a time of figures",
	"rt/DateTime_English_DateTimeModel/409": "when somebody is away or means to act, not a time of figures",
	"rt/DateTime_English_DateTimeModel/805": "when somebody is away or means to act, not a time of figures",
	"rt/DateTime_English_DateTimeModel/806": "when somebody is away or means to act, not a time of figures",
	"rt/DateTime_English_DateTimeModel/434": "the weekday is not that of the date",
	"rt/DateTime_English_DateTimeModel/443": "the weekday is not that of the date",
}

// TestRecognizers measures the periods against a suite that others wrote.
func TestRecognizers(t *testing.T) {
	right, unread, different := 0, 0, 0
	for _, r := range linesOf[recognized](t, "rt_salesops_single_daterange.jsonl") {
		ref, err := time.Parse("2006-01-02T15:04:05", r.Ref)
		if err != nil || len(r.Expected) != 1 || excluded[r.ID] != "" {
			continue
		}
		p, read := readDays(r.Expected[0].Text, ref)
		switch {
		case read && r.has(p), !read && r.unresolved():
			right++
		case !read:
			unread++
			t.Logf("%s: %q on %s is not read: %v", r.ID, r.Expected[0].Text, r.Ref[:10], r.Expected[0].Values)
		default:
			different++
			t.Errorf("%s: %q on %s is read as %v, not %v", r.ID, r.Expected[0].Text, r.Ref[:10], daysOf(p), r.Expected[0].Values)
		}
	}
	t.Logf("right %d, not read %d, read differently %d, excluded %d", right, unread, different, len(excluded))
	if all := right + unread + different; right*100 < all*95 {
		t.Errorf("%d of %d are right, less than 95 %%", right, all)
	}
}

// readDays reads a phrase that is nothing but a period.
func readDays(phrase string, ref time.Time) (p metric.Period, read bool) {
	c := newCalendar(ref, metric.DefaultCompany())
	c.order = MonthFirst
	ts := tokenise(clean(phrase))
	found, _, n := c.readLed(ts)
	return found.Period, n > 0 && n == len(ts) && len(found.either) == 0 && found.isNo == ""
}

// unresolved reports whether the suite itself gives the phrase no days.
func (r recognized) unresolved() bool {
	return r.Expected[0].Values[0].Value == "not resolved"
}

// has reports whether the suite accepts the period among its readings, by its
// conventions: what has both its ends named ends where the last of them begins,
// and what lies ahead begins tomorrow. Here the last one belongs to it, and today
// to what lies ahead.
func (r recognized) has(p metric.Period) bool {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	ends := []string{day(p.To)}
	if !p.To.IsZero() {
		for _, last := range []time.Time{p.To.AddDate(0, 0, -1), p.To.AddDate(0, -1, 0), p.To.AddDate(0, -3, 0), p.To.AddDate(-1, 0, 0)} {
			ends = append(ends, day(last))
		}
	}
	for _, v := range r.Expected[0].Values {
		if v.Type == "date" && v.Value == day(p.From) && p.To.Equal(p.From.AddDate(0, 0, 1)) {
			return true
		}
		if v.Type == "daterange" && v.Start == day(p.From) && slices.Contains(ends, v.End) {
			return true
		}
		if v.Type == "daterange" && !p.From.IsZero() && v.Start == day(p.From.AddDate(0, 0, 1)) && v.End == day(p.To.AddDate(0, 0, 1)) {
			return true
		}
	}
	return false
}
