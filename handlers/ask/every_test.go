package ask

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/metric"
)

func TestWhatAsksToBeSentOnTime(t *testing.T) {
	cases := map[string]struct{ question, when string }{
		"send me this every monday 8am":                             {"", "every Monday at 08:00 ()"},
		"Send this every weekday at 7:30, please":                   {"", "every weekday at 07:30 ()"},
		"send me that daily 9am":                                    {"", "every day at 09:00 ()"},
		"send it every mon and thu at 16:00":                        {"", "every Monday, Thursday at 16:00 ()"},
		"every friday 5pm":                                          {"", "every Friday at 17:00 ()"},
		"every thu, mon at 8":                                       {"", "every Monday, Thursday at 08:00 ()"},
		"send me this mon-fri at 8:15":                              {"", "every weekday at 08:15 ()"},
		"send me this every monday to wednesday at 8 am":            {"", "every Monday, Tuesday, Wednesday at 08:00 ()"},
		"send this mondays at 8.30":                                 {"", "every Monday at 08:30 ()"},
		"send this on tuesdays at noon":                             {"", "every Tuesday at 12:00 ()"},
		"could you send me this every morning at 8":                 {"", "every day at 08:00 ()"},
		"send me this every monday at 8 in the evening":             {"", "every Monday at 20:00 ()"},
		"send this weekly on friday at 17h":                         {"", "every Friday at 17:00 ()"},
		"every monday at 9 send me pipeline by rep":                 {"pipeline by rep", "every Monday at 09:00 ()"},
		"every weekday 8:30 send me this":                           {"", "every weekday at 08:30 ()"},
		"email me win rate every friday at noon":                    {"win rate", "every Friday at 12:00 ()"},
		"weekly pipeline report on mondays 8:30":                    {"pipeline", "every Monday at 08:30 ()"},
		"send me my attainment report every friday 4pm":             {"my attainment", "every Friday at 16:00 ()"},
		"send me weekly revenue every monday 8am":                   {"weekly revenue", "every Monday at 08:00 ()"},
		"send me this at 12 am every day":                           {"", "every day at 00:00 ()"},
		"send me this every monday at 8 and skip holidays":          {"", "every Monday but holidays at 08:00 ()"},
		"send me this weekdays at 7:30, skip holidays":              {"", "every weekday but holidays at 07:30 ()"},
		"send me this every day except bank holidays at 9":          {"", "every day but holidays at 09:00 ()"},
		"send me this every working day at 8am":                     {"", "every weekday but holidays at 08:00 ()"},
		"send me this every monday at 8am Europe/Berlin":            {"", "every Monday at 08:00 (Europe/Berlin)"},
		"send me this every monday at 8am america/new_york":         {"", "every Monday at 08:00 (America/New_York)"},
		"send me won revenue by territory this week every mon 8am":  {"won revenue by territory this week", "every Monday at 08:00 ()"},
		"Won revenue for Acme, last month every Friday at 17:00":    {"Won revenue for Acme, last month", "every Friday at 17:00 ()"},
		"send me top 5 reps by won revenue every monday at 8":       {"top 5 reps by won revenue", "every Monday at 08:00 ()"},
		`send me won revenue of "Daily Planet" every monday at 8am`: {`won revenue of "Daily Planet"`, "every Monday at 08:00 ()"},
		"send me won revenue of daily planet every monday at 8am":   {"won revenue of daily planet", "every Monday at 08:00 ()"},
	}
	for text, want := range cases {
		t.Run(text, func(t *testing.T) {
			e, ok := ReadEvery(text, metric.DefaultCompany())
			if !ok || e.NoDay || e.NoTime || e.Unknown != "" || e.Edit {
				t.Fatalf("read %t as %+v", ok, e)
			}
			if e.Question != want.question || e.Schedule.String() != want.when {
				t.Errorf("read %q, %s; want %q, %s", e.Question, e.Schedule, want.question, want.when)
			}
		})
	}
}

func TestWhatIsNoSchedule(t *testing.T) {
	for _, text := range []string{
		"", "won revenue by month", "won revenue every month", "won revenue each week", "win rate every quarter",
		"won revenue last monday", "won revenue on monday", "make it by territory", "make it last quarter", "make it monday",
		"send me won revenue", "show me deals over 8", "top 5 reps", "every", "at", "@", "make it", "send",
	} {
		if e, ok := ReadEvery(text, metric.DefaultCompany()); ok {
			t.Errorf("%q is read as %+v", text, e)
		}
	}
}

func TestWhatAScheduleLeavesOpenIsSaid(t *testing.T) {
	cases := map[string]func(Every) bool{
		"send me this every monday":                  func(e Every) bool { return e.NoTime && !e.NoDay && e.Unknown == "" },
		"send me this at 8am":                        func(e Every) bool { return e.NoDay && !e.NoTime },
		"send me this every week":                    func(e Every) bool { return e.NoDay && e.NoTime },
		"send me this every morning":                 func(e Every) bool { return e.NoTime && !e.NoDay },
		"send me holidays every monday at 8":         func(e Every) bool { return e.Reason == "" && e.Question == "holidays" },
		"send me this every monday at 25:00":         func(e Every) bool { return e.NoTime && e.Unknown == "at 25:00" },
		"send me this every monday at 13pm":          func(e Every) bool { return e.Unknown == "at 13pm" },
		"send me this every monday at 8 berlin time": func(e Every) bool { return e.Unknown == "berlin time" },
		"send me this every other monday at 8":       func(e Every) bool { return e.Reason != "" && e.Unknown == "every other monday at 8" },
		"send me this every month":                   func(e Every) bool { return e.Reason != "" },
		"send me this on friday at 5pm":              func(e Every) bool { return e.Reason != "" },
		"send me this tomorrow at 8":                 func(e Every) bool { return e.Reason != "" },
		"send me this every monday at 8":             func(e Every) bool { return e.Note == "“8” without am or pm is read as 08:00" },
		"send me this every monday at 8am":           func(e Every) bool { return e.Note == "" },
		"make it 7:30":                               func(e Every) bool { return e.Edit && e.OnlyTime && e.Schedule.Hour == 7 && e.Schedule.Minute == 30 },
		"make it every friday at 9":                  func(e Every) bool { return e.Edit && !e.OnlyTime && e.Schedule.Hour == 9 },
		"make it 7:30 and skip holidays":             func(e Every) bool { return e.Edit && e.OnlyTime && e.Unknown == "" && e.Schedule.ButHolidays },
		"change it to 6pm":                           func(e Every) bool { return e.Edit && e.Schedule.Hour == 18 },
	}
	for text, want := range cases {
		e, ok := ReadEvery(text, metric.DefaultCompany())
		if !ok || !want(e) {
			t.Errorf("%q is read %t as %+v", text, ok, e)
		}
	}
}

func TestEveryScheduleIsReadAsItIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := insights.Schedule{
			Days:   rapid.SliceOfNDistinct(rapid.SampledFrom(everyDay), 1, 7, rapid.ID[time.Weekday]).Draw(t, "days"),
			Hour:   rapid.IntRange(0, 23).Draw(t, "hour"),
			Minute: rapid.IntRange(0, 59).Draw(t, "minute"),

			ButHolidays: rapid.Bool().Draw(t, "but holidays"),
		}
		slices.SortFunc(want.Days, func(a, b time.Weekday) int { return fromMonday(a) - fromMonday(b) })
		text := "send me won revenue, last 5 weeks, top 8 " + SayEvery(want)
		e, ok := ReadEvery(text, metric.DefaultCompany())
		if !ok || e.Unknown != "" || e.Question != "won revenue, last 5 weeks, top 8" || e.Schedule.String() != want.String() {
			t.Fatalf("%q is read %t as %+v", text, ok, e)
		}
	})
}

func TestAnyTextIsReadWithoutHarm(t *testing.T) {
	parts := []string{"send", "me", "this", "every", "monday", "and", "at", "8", "am", "mon-fri", "to", "-", "/", "make it", "7:30", "won revenue", ",", "morning", "week", "on", "Ü", `"`}
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for range rapid.IntRange(0, 12).Draw(t, "parts") {
			text += rapid.SampledFrom(parts).Draw(t, "part") + " "
		}
		e, ok := ReadEvery(text, metric.DefaultCompany())
		if ok && !e.NoDay && !e.OnlyTime && len(e.Schedule.Days) == 0 && e.Reason == "" {
			t.Fatalf("%q has no days: %+v", text, e)
		}
	})
}

// A digest is kept in words: what moves must still move in them.
func TestPeriodsInWordsStayRelative(t *testing.T) {
	p := testParser()
	later := testNow.AddDate(0, 5, 17)
	moving := []string{
		"today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last quarter", "next quarter", "this year",
		"last 30 days", "last 6 months", "last 2 quarters", "next 3 months", "ytd", "quarter to date", "so far this month", "ttm",
	}
	for _, period := range moving {
		first := parse(t, p, Asked{Text: "won revenue " + period, Viewer: admin})
		if first.Query == nil {
			t.Errorf("%q is not understood: %v", period, first.Unknown)
			continue
		}
		if !p.Moves(first.Query.Period) {
			t.Errorf("%q, read as %q, does not move", period, first.Query.Period.Label)
		}
		want := parse(t, p, Asked{Text: "won revenue " + period, At: later, Viewer: admin}).Query.Period
		got := parse(t, p, Asked{Text: p.Say(*first.Query), At: later, Viewer: admin}).Query.Period
		if !got.From.Equal(want.From) || !got.To.Equal(want.To) {
			t.Errorf("%q, kept as %q, is %v on a later day, want %v", period, p.Say(*first.Query), got, want)
		}
	}
	for _, period := range []string{"Q3 2017", "march", "since 1 Mar 2017", "2016", "1 Mar 2017 to 3 Apr 2017"} {
		if read := parse(t, p, Asked{Text: "won revenue " + period, Viewer: admin}).Query; read != nil && p.Moves(read.Period) {
			t.Errorf("%q, read as %q, moves", period, read.Period.Label)
		}
	}
	if p.Moves(metric.Period{Label: AllTime}) {
		t.Error("all time moves")
	}
}
