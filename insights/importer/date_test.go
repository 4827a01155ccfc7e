package importer

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// newYork is west of UTC, where a moment of the night is of the day before.
func newYork(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

const anyDay, anyMoment = reasonNoWayOfDays, reasonNoWayOfDays

func TestDaysAreReadInEveryWayThatIsClear(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2025-03-14", "2025-03-14"},
		{"2025-3-4", "2025-03-04"},
		{"2025/03/14", "2025-03-14"},
		{"2025.03.14", "2025-03-14"},
		{"20250314", "2025-03-14"},
		{"14 Mar 2025", "2025-03-14"},
		{"14 march 2025", "2025-03-14"},
		{"14. Mar 2025", "2025-03-14"},
		{"14-MAR-2025", "2025-03-14"},
		{"14-Mar-25", "2025-03-14"},
		{"14/Sept/2025", "2025-09-14"},
		{"2025-Mar-14", "2025-03-14"},
		{"Mar 14, 2025", "2025-03-14"},
		{"March 14 2025", "2025-03-14"},
		{"Mar. 4, 2025", "2025-03-04"},
		{"3/14/2025", "2025-03-14"},
		{"14/3/2025", "2025-03-14"},
		{"03/14/25", "2025-03-14"},
		{"14-03-2025", "2025-03-14"},
		{"05/05/2025", "2025-05-05"}, // whichever comes first
		{"14.03.2025", "2025-03-14"},
		{"4.3.2025", "2025-03-04"}, // with points the day is first
		{"04.03.25", "2025-03-04"},
		{"2024-02-29", "2024-02-29"},
		{" 2025-03-14\u00a0", "2025-03-14"},

		{"3/4/2025", reasonTwoOrders},
		{"03-04-2025", reasonTwoOrders},
		{"12/12/2025", "2025-12-12"},
		{"25-03-14", reasonTwoOrders}, // 2014, or a short form of 2025-03-14
		{"32-03-14", "2032-03-14"},
		{"3.14.2025", reasonNoSuchDay},
		{"31/31/2025", reasonNoSuchDay},
		{"2025-02-29", reasonNoSuchDay},
		{"2025-13-01", reasonNoSuchDay},
		{"31 Feb 2025", reasonNoSuchDay},
		{"20251314", reasonNoSuchDay},
		{"1/1/0217", "lies outside the years 1900 to 2200"},
		{"9999-12-31", "lies outside the years 1900 to 2200"},
		{"45730", reasonSerialDay},
		{"45730.5", reasonSerialDay},
		{"1741910400000", reasonEpoch},
		{"", anyDay}, {"tomorrow", anyDay}, {"Q1 2025", anyDay}, {"2025", anyDay}, {"2025-03", anyDay}, {"Mar 2025", anyDay},
		{"14 Mars 2025", anyDay}, {"14 Mar 125", anyDay}, {"14Mar2025", anyDay}, {"2025-03/14", anyDay}, {"1/2/3/2025", anyDay},
		{"2025-03-141", anyDay}, {"2025-03-14x", anyDay}, {"-2025-03-14", anyDay}, {"3/14/202500000000000000000", anyDay},
		{"٢٠٢٥-٠٣-١٤", anyDay},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			day, got := dates{}.readDay(test.in, newYork(t))
			if got == "" {
				got = day.Format(time.DateOnly)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestMomentsAreReadInEveryWayThatIsClear(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2025-03-14", "2025-03-14T04:00:00Z"}, // begins in the company's zone
		{"2025-03-14T10:30", "2025-03-14T14:30:00Z"},
		{"2025-03-14 10:30:05", "2025-03-14T14:30:05Z"},
		{"2021-01-07 6:49:18", "2021-01-07T11:49:18Z"},
		{"2025-03-14 10:30:05.25", "2025-03-14T14:30:05.25Z"},
		{"2025-03-14 10:30:05,250", "2025-03-14T14:30:05.25Z"},
		{"2025-03-14T10:30:05Z", "2025-03-14T10:30:05Z"},
		{"2025-03-14T10:30:05.000Z", "2025-03-14T10:30:05Z"},
		{"2025-03-14T10:30:05.000+0000", "2025-03-14T10:30:05Z"},
		{"2025-03-14 10:30:05 UTC", "2025-03-14T10:30:05Z"},
		{"2025-03-14 10:30 GMT", "2025-03-14T10:30:00Z"},
		{"2025-03-14T10:30:05+02:00", "2025-03-14T08:30:05Z"},
		{"2025-03-14 10:30:05 +0200", "2025-03-14T08:30:05Z"},
		{"2025-03-14 10:30:05-07", "2025-03-14T17:30:05Z"},
		{"2025-03-14 10:30 UTC+02:00", "2025-03-14T08:30:00Z"},
		{"02/23/26 08:55 PM", "2026-02-24T01:55:00Z"},
		{"3/14/2025, 8:55\u202fPM", "2025-03-15T00:55:00Z"},
		{"3/14/2025 12:05 AM", "2025-03-14T04:05:00Z"},
		{"3/14/2025 12:05 pm", "2025-03-14T16:05:00Z"},
		{"14.03.2025 20:55", "2025-03-15T00:55:00Z"},
		{"Mar 14, 2025 20:55", "2025-03-15T00:55:00Z"},

		{"3/4/2025 20:55", reasonTwoOrders},
		{"2025-03-14 24:00", anyMoment}, {"2025-03-14 10:60", anyMoment}, {"2025-03-14 10:30:60", anyMoment},
		{"2025-03-14 13:05 PM", anyMoment}, {"2025-03-14 0:05 AM", anyMoment}, {"2025-03-14 10:3", anyMoment},
		{"2025-03-14 10", anyMoment}, {"2025-03-14T", anyMoment}, {"2025-03-14 10:30:05.", anyMoment},
		{"2025-03-14 10:30 CET", anyMoment}, // several zones are called so
		{"2025-03-14 10:30Z+02", anyMoment}, {"2025-03-14 10:30 +2", anyMoment}, {"2025-03-14 10:30+99:00", anyMoment},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			moment, got := dates{}.readMoment(test.in, newYork(t))
			if got == "" {
				got = moment.Format(time.RFC3339Nano)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A moment is of the company's day, except that systems which keep days as
// moments write them as the beginning of the day in UTC.
func TestMomentsAreOfTheCompanysDay(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2025-03-14 23:30:00", "2025-03-14"},
		{"2025-03-14T02:30:00Z", "2025-03-13"},
		{"2025-03-14T23:30:00-07:00", "2025-03-15"},
		{"2025-03-14T00:00:00Z", "2025-03-14"},
		{"2025-03-14T00:00:00.000+0000", "2025-03-14"},
		{"2025-03-14 00:00:00", "2025-03-14"},
		{"1741910400000", "2025-03-14"},
		{"1741919400000", "2025-03-13"},
	}
	for _, test := range tests {
		day, reason := dates{epoch: true}.readDay(test.in, newYork(t))
		if got := day.Format(time.DateOnly); reason != "" || got != test.want {
			t.Errorf("%s became %s %q, want %s", test.in, got, reason, test.want)
		}
	}
}

func TestTheOrderOfDayAndMonthCanBeDeclared(t *testing.T) {
	tests := []struct {
		order    dayOrder
		in, want string
	}{
		{dayFirst, "3/4/2025", "2025-04-03"},
		{monthFirst, "3/4/2025", "2025-03-04"},
		{dayFirst, "25-03-14", "2014-03-25"},
		{dayFirst, "3/14/2025", reasonNotDayFirst},
		{monthFirst, "14/3/2025", reasonNotMonthFirst},
		{monthFirst, "04.03.2025", "2025-03-04"}, // points stay what they are
		{monthFirst, "2025-03-04", "2025-03-04"},
		{monthFirst, "4 Mar 2025", "2025-03-04"},
	}
	for _, test := range tests {
		day, got := dates{order: test.order}.readDay(test.in, time.UTC)
		if got == "" {
			got = day.Format(time.DateOnly)
		}
		if got != test.want {
			t.Errorf("%s became %q, want %q", test.in, got, test.want)
		}
	}
}

// Without evidence, nothing is accepted that the two orders read differently.
func TestNoDayIsGuessed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9]{1,2}[/-][0-9]{1,2}[/-](20)?[0-9]{2}( 1[0-2]:30( [AP]M)?)?`).Draw(t, "day")
		checkUnguessed(t, text)
	})
}

func checkUnguessed(t interface{ Fatalf(string, ...any) }, text string) {
	day, reason := dates{}.readDay(text, time.UTC)
	if reason != "" {
		return
	}
	for _, order := range dayOrders {
		other, reason := dates{order: order}.readDay(text, time.UTC)
		if reason == "" && !other.Equal(day) {
			t.Fatalf("%q is %v, but can be %v", text, day, other)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{
		"2025-03-14", "3/14/2025 8:55 PM", "14.03.25", "14-Mar-25", "March 14, 2025", "20250314", "2021-01-07 6:49:18",
		"2025-03-14T10:30:05.000+0000", "45730.5", "1741910400000", "25-03-14", "0/0/00", "3/4/2025, 8:55\u202fPM", "TBD",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkUnguessed(t, text)
		for _, written := range []dates{{}, {order: dayFirst}, {order: monthFirst, epoch: true}} {
			day, reason := written.readDay(text, time.UTC)
			if reason != "" {
				if Remedy(reason) == "" {
					t.Fatalf("nobody knows what to do about %q, which %s", text, reason)
				}
				continue
			}
			again, reason := written.readDay(day.Format(time.DateOnly), time.UTC)
			if reason != "" || !again.Equal(day) || day.Year() < firstYear || day.Year() > lastYear {
				t.Fatalf("%q is %v, and that is %v %q", text, day, again, reason)
			}
			moment, reason := written.readMoment(text, time.UTC)
			if again, _ := written.readMoment(moment.Format(time.RFC3339Nano), time.UTC); reason != "" || !again.Equal(moment) {
				t.Fatalf("%q is %v %q, and that is %v", text, moment, reason, again)
			}
		}
	})
}
