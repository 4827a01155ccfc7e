package insights_test

import (
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"

	"pgregory.net/rapid"
)

func TestTheNextTimeOfASchedule(t *testing.T) {
	monday := []time.Weekday{time.Monday}
	sunday := []time.Weekday{time.Sunday}
	everyDay := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
	company := metric.DefaultCompany()
	company.Holidays = []metric.Holiday{{Day: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Name: "Harbour Day"}}
	cases := map[string]struct {
		schedule    insights.Schedule
		after, want string
	}{
		"later the same day":                         {insights.Schedule{Days: monday, Hour: 8, Zone: "UTC"}, "2026-11-23T07:59:00Z", "2026-11-23T08:00:00Z"},
		"not the very moment again":                  {insights.Schedule{Days: monday, Hour: 8, Zone: "UTC"}, "2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z"},
		"the asker's morning, not Greenwich's":       {insights.Schedule{Days: monday, Hour: 8, Zone: "America/New_York"}, "2026-11-22T00:00:00Z", "2026-11-23T13:00:00Z"},
		"a zone off by half an hour":                 {insights.Schedule{Days: monday, Hour: 8, Zone: "Asia/Kolkata"}, "2026-11-22T00:00:00Z", "2026-11-23T02:30:00Z"},
		"eight stays eight when summer begins":       {insights.Schedule{Days: everyDay, Hour: 8, Zone: "Europe/Berlin"}, "2026-03-28T12:00:00Z", "2026-03-29T06:00:00Z"},
		"eight stays eight when winter begins":       {insights.Schedule{Days: everyDay, Hour: 8, Zone: "Europe/Berlin"}, "2026-10-24T12:00:00Z", "2026-10-25T07:00:00Z"},
		"an hour left out is the minute after it":    {insights.Schedule{Days: sunday, Hour: 2, Minute: 30, Zone: "Europe/Berlin"}, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		"an hour that comes twice is the first":      {insights.Schedule{Days: sunday, Hour: 2, Minute: 30, Zone: "Europe/Berlin"}, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		"… and is not said again in the second":      {insights.Schedule{Days: sunday, Hour: 2, Minute: 30, Zone: "Europe/Berlin"}, "2026-10-25T00:30:00Z", "2026-11-01T01:30:00Z"},
		"a holiday is a day like any other":          {insights.Schedule{Days: monday, Hour: 8, Zone: "UTC"}, "2026-11-29T08:00:00Z", "2026-11-30T08:00:00Z"},
		"… unless holidays are left out":             {insights.Schedule{Days: monday, Hour: 8, Zone: "UTC", ButHolidays: true}, "2026-11-29T08:00:00Z", "2026-12-07T08:00:00Z"},
		"… by the day where the clock stands":        {insights.Schedule{Days: everyDay, Hour: 8, Zone: "Asia/Kolkata", ButHolidays: true}, "2026-11-29T20:00:00Z", "2026-12-01T02:30:00Z"},
		"a gap of half an hour":                      {insights.Schedule{Days: sunday, Hour: 2, Minute: 15, Zone: "Australia/Lord_Howe"}, "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z"},
		"midnight left out, as clocks in Beirut did": {insights.Schedule{Days: sunday, Hour: 0, Minute: 0, Zone: "Asia/Beirut"}, "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			after, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.schedule.Next(after, company)
			if err != nil {
				t.Fatal(err)
			}
			if got := got.UTC().Format(time.RFC3339); got != c.want {
				t.Errorf("after %s: %s, want %s", c.after, got, c.want)
			}
		})
	}
}

func TestAScheduleComesOnceOnEachOfItsDays(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia"}
	rapid.Check(t, func(t *rapid.T) {
		s := insights.Schedule{
			Days:   insights.Weekdays()[:rapid.IntRange(1, 5).Draw(t, "days")],
			Hour:   rapid.IntRange(0, 23).Draw(t, "hour"),
			Minute: rapid.IntRange(0, 59).Draw(t, "minute"),
			Zone:   rapid.SampledFrom(zones).Draw(t, "zone"),
		}
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "after"), 0)
		var last time.Time
		for range 20 {
			next, err := s.Next(at, metric.DefaultCompany())
			if err != nil {
				t.Fatal(err)
			}
			if !next.After(at) {
				t.Fatalf("%v is not after %v", next, at)
			}
			if !last.IsZero() && next.Format(time.DateOnly) == last.Format(time.DateOnly) {
				t.Fatalf("twice on %s: %v and %v", next.Format(time.DateOnly), last, next)
			}
			last, at = next, next
		}
	})
}
