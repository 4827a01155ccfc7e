package insights_test

import (
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

func TestAfterAnOutageTheLatestMomentIsDue(t *testing.T) {
	daily := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
	cases := map[string]struct{ next, now, at, following string }{
		"on time":                        {"2026-11-23T07:00:00Z", "2026-11-23T07:00:02Z", "2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z"},
		"an hour late":                   {"2026-11-23T07:00:00Z", "2026-11-23T08:00:00Z", "2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z"},
		"three days late":                {"2026-11-23T07:00:00Z", "2026-11-26T06:59:59Z", "2026-11-25T07:00:00Z", "2026-11-26T07:00:00Z"},
		"at the very moment of the next": {"2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z", "2026-11-24T07:00:00Z", "2026-11-25T07:00:00Z"},
		"over the end of summer":         {"2026-10-24T06:00:00Z", "2026-10-25T12:00:00Z", "2026-10-25T07:00:00Z", "2026-10-26T07:00:00Z"},
		"over the end of winter":         {"2027-03-27T07:00:00Z", "2027-03-28T12:00:00Z", "2027-03-28T06:00:00Z", "2027-03-29T06:00:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			moment := func(text string) time.Time {
				m, err := time.Parse(time.RFC3339, text)
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			d := insights.Digest{Schedule: insights.Schedule{Days: daily, Hour: 8, Zone: "Europe/Berlin"}, NextAt: moment(c.next)}
			at, following, err := d.Due(moment(c.now), metric.DefaultCompany())
			if err != nil || !at.Equal(moment(c.at)) || !following.Equal(moment(c.following)) {
				t.Errorf("due %v, then %v (%v); want %s, then %s", at.UTC(), following.UTC(), err, c.at, c.following)
			}
		})
	}
}

func TestADigestInAZoneThatIsNoneIsAnError(t *testing.T) {
	d := insights.Digest{Schedule: insights.Schedule{Days: insights.Weekdays(), Zone: "Mars/Olympus"}}
	if _, _, err := d.Due(time.Unix(0, 0), metric.DefaultCompany()); err == nil {
		t.Error("it is due")
	}
	if _, err := d.Again(time.Unix(0, 0), metric.DefaultCompany()); err == nil {
		t.Error("it goes on")
	}
}
