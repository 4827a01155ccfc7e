package ask

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// testNow is a Wednesday.
func TestWhatIsToBeMutedAndUntilWhen(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.November, 25, 14, 30, 0, 0, berlin)
	cases := map[string]struct {
		want  Mute
		until string
	}{
		"mute the stale deal pings till monday":  {Mute{About: "stale deal"}, "2026-11-30 00:00"},
		"mute my digests until 1 december":       {Mute{Digests: true}, "2026-12-01 00:00"},
		"mute digest 3 for a week":               {Mute{Digests: true, Number: 3}, "2026-12-02 14:30"},
		"snooze #3 until tomorrow":               {Mute{Number: 3}, "2026-11-26 00:00"},
		"please mute insights this week":         {Mute{Insights: true}, "2026-11-30 00:00"},
		"don't ping me this week":                {Mute{}, "2026-11-30 00:00"},
		"dont message me for 3 days pls":         {Mute{}, "2026-11-28 14:30"},
		"pause my digests till the end of month": {Mute{Digests: true}, "2026-12-01 00:00"},
		"mute everything until next week":        {Mute{}, "2026-11-30 00:00"},
		"mute insights and digests for 2 weeks":  {Mute{Digests: true, Insights: true}, "2026-12-09 14:30"},
		"mute the attainment report":             {Mute{Digests: true, About: "attainment"}, ""},
		"shut up":                                {Mute{}, ""},
		"mute":                                   {Mute{}, ""},
		"mute digest 2 until whenever":           {Mute{Digests: true, Number: 2, Unknown: "until whenever"}, ""},
		"unmute":                                 {Mute{Again: true}, ""},
		"resume my digests":                      {Mute{Again: true, Digests: true}, ""},
	}
	for text, c := range cases {
		m, ok := testParser().ReadMute(text, at, berlin)
		until := ""
		if !m.Until.IsZero() {
			until = m.Until.In(berlin).Format("2006-01-02 15:04")
		}
		m.Until = time.Time{}
		if !ok || m != c.want || until != c.until {
			t.Errorf("%q is read %t as %+v until %q, want %+v until %q", text, ok, m, until, c.want, c.until)
		}
	}
}

func TestWhatIsNotToBeMuted(t *testing.T) {
	for _, text := range []string{"", "won revenue", "quiet deals", "silence of my deals", "pause", "resume", "hold on", "deals gone quiet for 14 days", "how do i mute this"} {
		if m, ok := testParser().ReadMute(text, testNow, time.UTC); ok {
			t.Errorf("%q is read as %+v", text, m)
		}
	}
}

func TestAnythingMayBeSaidOfMuting(t *testing.T) {
	parts := []string{"mute", "unmute", "digest", "3", "until", "for", "a", "week", "this", "monday", "the end of", "insights", "Ü", `"`, "till", "0", "99999999999", "31 feb"}
	rapid.Check(t, func(t *rapid.T) {
		text := "mute "
		for range rapid.IntRange(0, 8).Draw(t, "parts") {
			text += rapid.SampledFrom(parts).Draw(t, "part") + " "
		}
		m, _ := testParser().ReadMute(text, testNow, time.UTC)
		if !m.Until.IsZero() && !m.Until.After(testNow) {
			t.Fatalf("%q is until %s, which is over", text, m.Until)
		}
	})
}
