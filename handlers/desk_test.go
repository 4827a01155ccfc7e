package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// golden compares what a person would see with what is on file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

// shelf is a store with one person on it; asking for figures fails.
type shelf struct {
	Store
	fault error
}

func (s shelf) Viewer(_ context.Context, email string, _ time.Time) (metric.Viewer, insights.Person, bool, error) {
	if !strings.EqualFold(email, "priya@tidewater.example") {
		return metric.Viewer{}, insights.Person{}, false, s.fault
	}
	viewer := metric.Viewer{PersonID: 7, Name: "Priya Adeyemi", Role: metric.RoleRep, People: []int64{7}}
	return viewer, insights.Person{ID: 7, Name: "Priya Adeyemi", Territory: "EMEA North", Manager: "Ingrid Solheim"}, true, s.fault
}

func (s shelf) Find(context.Context, metric.Viewer, []string) ([]insights.Name, error) {
	return nil, s.fault
}

func (s shelf) Resemble(context.Context, metric.Viewer, []string) ([]insights.Name, error) {
	return nil, s.fault
}

func (s shelf) Patch(context.Context, int64, time.Time) ([]insights.Name, error) {
	return nil, s.fault
}

func (s shelf) Leads(context.Context, int64, time.Time) ([]insights.Name, error) {
	return nil, s.fault
}

func (s shelf) Read(context.Context, []metric.Statement) (metric.Reading, error) {
	return metric.Reading{}, s.fault
}

func testDesk(fault error) (*Desk, *strings.Builder) {
	var log strings.Builder
	return NewDesk(Config{
		Catalog: metric.Default(), Company: metric.DefaultCompany(), Store: shelf{fault: fault},
		Admins: []string{"wren@tidewater.example"},
		NewID:  func() string { return "r7k2" },
		Log:    slog.New(slog.NewTextHandler(&log, nil)),
	}), &log
}

var asked = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// rightsOf notes the moment that rights are looked up for.
type rightsOf struct {
	shelf
	on *time.Time
}

func (s rightsOf) Viewer(ctx context.Context, email string, on time.Time) (metric.Viewer, insights.Person, bool, error) {
	*s.on = on
	return s.shelf.Viewer(ctx, email, on)
}

func TestRightsAreLookedUpOnTheCompanysDay(t *testing.T) {
	desk, _ := testDesk(nil)
	desk.Company.Zone = time.FixedZone("east", 14*60*60)
	var on time.Time
	desk.Store = rightsOf{on: &on}
	evening := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	desk.Handle(t.Context(), Request{Actor: Actor{Email: "priya@tidewater.example"}, Text: "help", At: evening})
	if !on.Equal(evening) || on.Format(time.DateOnly) != "2026-11-23" {
		t.Errorf("rights are those of %s", on)
	}
}

func TestWhoIsLetIn(t *testing.T) {
	cases := map[string]struct {
		actor Actor
		want  Status
		says  string
	}{
		"a person with a verified address":      {Actor{Email: "priya@tidewater.example"}, Answered, "You are Priya Adeyemi, a rep."},
		"an address differs in case only":       {Actor{Email: "Priya@Tidewater.example"}, Answered, "You are Priya Adeyemi, a rep."},
		"an administrator by configuration":     {Actor{Name: "Wren", Email: "wren@tidewater.example"}, Answered, "You are Wren, an admin."},
		"the local administrator":               {Actor{Name: "the local administrator", Local: true}, Answered, "an admin."},
		"somebody with an address nobody knows": {Actor{Email: "eve@elsewhere.example"}, Refused, "I do not know you yet"},
		"somebody without a verified address":   {Actor{Name: "Eve"}, Refused, "I do not know you yet"},
		"a guest, whatever the address":         {Actor{Email: "priya@tidewater.example", Barred: "Guests see nothing."}, Refused, "Guests see nothing."},
		"a barred administrator":                {Actor{Email: "wren@tidewater.example", Barred: "Guests see nothing."}, Refused, "Guests see nothing."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			desk, _ := testDesk(nil)
			answer, turn := desk.Handle(t.Context(), Request{Origin: FromMessage, Actor: c.actor, Text: "whoami", At: asked})
			if answer.Status != c.want || !strings.Contains(answer.Headline, c.says) {
				t.Errorf("%s: %q; want %s with %q", answer.Status, answer.Headline, c.want, c.says)
			}
			if turn.Audit == nil || turn.Audit.Status != string(c.want) {
				t.Errorf("the audit log says %+v", turn.Audit)
			}
		})
	}
}

func TestAFaultIsAnAnswerThatTellsPeopleWhatToDoAndNothingElse(t *testing.T) {
	cases := map[string]struct {
		fault error
		says  string
		code  string
	}{
		"a fault that can be mended": {&insights.Error{Code: "store_down", Message: "The database does not answer.", Hint: "Try again.", Err: errors.New("dial 10.0.0.1")}, "The database does not answer.", "store_down"},
		"a deadline":                 {context.DeadlineExceeded, "took too long", "deadline"},
		"anything else":              {errors.New("pq: password=hunter2"), "Something went wrong on my side", "internal"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			desk, _ := testDesk(c.fault)
			answer, _ := desk.Handle(t.Context(), Request{Actor: Actor{Local: true}, Text: "won revenue", At: asked})
			if answer.Status != Failed || answer.Code != c.code || !strings.Contains(answer.Headline, c.says) {
				t.Errorf("%+v", answer)
			}
			if text := Text(answer); strings.Contains(text, "hunter2") || strings.Contains(text, "10.0.0.1") {
				t.Errorf("the cause is shown: %s", text)
			}
		})
	}
}

// undated is a store of 2,089 deals that no day is known of.
type undated struct{ shelf }

func (undated) Read(_ context.Context, statements []metric.Statement) (metric.Reading, error) {
	found := "2089"
	if strings.Contains(statements[0].SQL, "o.close_on >= ") {
		found = "0"
	}
	return metric.Reading{Revision: 1, Tables: [][][]*string{{{&found, nil, nil}}}}, nil
}

func TestAnEmptyPeriodDoesNotDenyWhatHasNoDay(t *testing.T) {
	desk, _ := testDesk(nil)
	desk.Store = undated{}
	answer, _ := desk.Handle(t.Context(), Request{Actor: Actor{Local: true}, Text: "open deals closing 2026", At: asked})
	if said := Text(answer); !strings.Contains(said, "of the 2,089 such deals none has a day") || strings.Contains(said, "no such deals in the data") {
		t.Error(said)
	}
}

func TestDaysInWordsWhereMidnightIsSkipped(t *testing.T) {
	cairo, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Skip("no zones on this machine:", err)
	}
	at := func(d int) time.Time { return metric.Midnight(2026, time.April, d, cairo) } // the 24th begins at one o'clock
	for _, c := range []struct {
		from, to int
		want     string
	}{
		{24, 25, "24 Apr 2026"}, {23, 24, "23 Apr 2026"}, {20, 25, "20 Apr 2026 – 24 Apr 2026"}, {24, 27, "24 Apr 2026 – 26 Apr 2026"},
	} {
		if got := Days(metric.Period{From: at(c.from), To: at(c.to)}); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestQuantitiesInWords(t *testing.T) {
	k, n, none, six := int64(4238), int64(6711), int64(0), int64(6)
	cases := []struct {
		q    metric.Quantity
		want string
	}{
		{metric.Quantity{Value: big.NewRat(10005534, 1), Unit: metric.UnitMoney, Currency: "USD"}, "$10,005,534"},
		{metric.Quantity{Value: big.NewRat(-123456, 100), Unit: metric.UnitMoney, Currency: "EUR"}, "−€1,234.56"},
		{metric.Quantity{Value: big.NewRat(1500, 1), Unit: metric.UnitMoney, Currency: "JPY"}, "1,500 JPY"},
		{metric.Quantity{Value: big.NewRat(15, 10), Unit: metric.UnitMoney, Currency: "CHF"}, "1.50 CHF"},
		{metric.Quantity{Value: big.NewRat(k, n), Unit: metric.UnitRatio, K: &k, N: &n}, "63.15 % (4,238 of 6,711; 62.0–64.3 % with 95 % confidence)"},
		{metric.Quantity{Value: big.NewRat(4238, 1), Unit: metric.UnitCount}, "4,238"},
		{metric.Quantity{Value: big.NewRat(1, 1), Unit: metric.UnitDays}, "1 day"},
		{metric.Quantity{Value: big.NewRat(115, 2), Unit: metric.UnitDays}, "57.5 days"},
		{metric.Quantity{Unit: metric.UnitMoney, Reason: metric.ReasonNoAmount, Known: &none, Of: &six}, "unknown (amount known for 0 of 6 deals)"},
		{metric.Quantity{Unit: metric.UnitRatio, Reason: metric.ReasonNoRows}, "unknown (no deals)"},
	}
	for _, c := range cases {
		if got := wordsWithDetail(c.q); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// sample is a Result as Postgres could have answered it.
func sample() (*metric.Metric, metric.Result, ask.Reading) {
	m, _ := metric.Default().Metric("win_rate")
	day := func(y int, mo time.Month) time.Time { return time.Date(y, mo, 1, 0, 0, 0, 0, time.UTC) }
	rate := func(k, n int64) metric.Quantity {
		return metric.Quantity{Value: big.NewRat(k, n), Unit: metric.UnitRatio, K: &k, N: &n}
	}
	row := func(name string, q metric.Quantity) []metric.Cell {
		return []metric.Cell{{Text: name}, {Quantity: &q}}
	}
	previous := rate(1257, 2047)
	result := metric.Result{
		Query: metric.Query{
			Shape: metric.ShapeFigure, Metric: m.Name, By: []string{"month"},
			Where:   []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: 3, Text: "Central"}}}},
			Period:  metric.Period{From: day(2017, time.October), To: day(2018, time.January), Label: "Q4 2017"},
			Compare: metric.ComparePrevious, Perspective: metric.AsWas,
		},
		Figures:  []metric.Figure{{Quantity: rate(1196, 1985), Previous: &previous, Change: big.NewRat(-1, 100), Growth: big.NewRat(-2, 100), Facts: 1985}},
		Columns:  []metric.Column{{Name: "month"}, {Name: "win_rate", Unit: metric.UnitRatio}},
		Rows:     [][]metric.Cell{row("2017-10-01", rate(10, 20)), row("2017-11-01", rate(1, 3)), row("2017-12-01", metric.Quantity{Unit: metric.UnitRatio, Reason: metric.ReasonNoRows})},
		Total:    3,
		Facts:    1985,
		Compared: metric.Period{From: day(2017, time.July), To: day(2017, time.October), Label: "Q3 2017"},
		Revision: 4,
		FreshAt:  time.Date(2026, 11, 22, 6, 30, 0, 0, time.UTC),
	}
	return m, result, ask.Reading{Understood: "win rate · territory Central · Q4 2017", Notes: []string{"read “centrl” as Central"}}
}

func TestAnAnswerAsPeopleReadIt(t *testing.T) {
	desk, _ := testDesk(nil)
	answer := desk.compose(sample())
	golden(t, "answer.txt", Text(answer)+"\n")
}

func TestAComparisonOfMoreDaysWithFewerSaysSo(t *testing.T) {
	desk, _ := testDesk(nil)
	m, result, reading := sample()
	result.Ahead, result.Last = true, "2017-12-31"
	if said := Text(desk.compose(m, result, reading)); !strings.Contains(said, "deals up to 31 Dec 2017, later than today") {
		t.Error(said)
	}
}

func TestALimitThatCutsEqualsApartSaysSo(t *testing.T) {
	desk, _ := testDesk(nil)
	m, result, reading := sample()
	result.Total, result.Tied = 5, 2
	if said := Text(desk.compose(m, result, reading)); !strings.Contains(said, "Showing 3 of 5 rows") || !strings.Contains(said, "that of the last one shown: 2.") {
		t.Error(said)
	}
}

func TestAnAnswerAsTheContractWritesIt(t *testing.T) {
	desk, _ := testDesk(nil)
	answer := desk.compose(sample())
	answer.Receipt = "r7k2"
	got, err := json.MarshalIndent(answer, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "answer.json", string(got)+"\n")
}

func TestHelpAsPeopleReadIt(t *testing.T) {
	desk, _ := testDesk(nil)
	answer, _ := desk.Handle(t.Context(), Request{Actor: Actor{Email: "priya@tidewater.example"}, Text: "help", At: asked})
	golden(t, "help.txt", Text(answer)+"\n")
}

func TestANarrowedFigureSaysWhoseItIs(t *testing.T) {
	desk, _ := testDesk(nil)
	for _, c := range []struct {
		metric string
		alone  bool
		want   string
	}{
		{"won_revenue", true, "Won revenue of your deals"},
		{"won_revenue", false, "Won revenue of your team's deals"},
		{"won_count", true, "Won deals of yours"},
		{"won_count", false, "Won deals of your team's"},
		{"quota_attainment", true, "Quota attainment of your quotas"},
		{"quota", true, "Quota of yours"},
	} {
		_, result, reading := sample()
		m, _ := desk.Catalog.Metric(c.metric)
		result.Narrowed, result.Alone = true, c.alone
		answer := desk.compose(m, result, reading)
		if !strings.HasPrefix(answer.Headline, c.want+", territory Central, ") {
			t.Errorf("the headline is %q", answer.Headline)
		}
		if answer.Figures[0].Label != c.want || answer.Table.Title != c.want+" by month" {
			t.Errorf("%q, %q; want %q", answer.Figures[0].Label, answer.Table.Title, c.want)
		}
		if !strings.Contains(Text(answer), "are left out.") {
			t.Error(Text(answer))
		}
	}
}

// empty is a store without deals, last confirmed at a moment.
type empty struct {
	shelf
	confirmed time.Time
}

func (e empty) Read(_ context.Context, statements []metric.Statement) (metric.Reading, error) {
	return metric.Reading{Revision: 1, FreshAt: e.confirmed, Tables: make([][][]*string, len(statements))}, nil
}

func TestWhatAStockWasIsNotAnswered(t *testing.T) {
	desk, _ := testDesk(nil)
	for _, c := range []struct {
		text string
		late time.Duration // how long after the moment of asking the data was confirmed
		want Status
	}{
		{"open pipeline", -time.Hour, Answered},
		{"open pipeline", 24 * time.Hour, Answered},
		{"open pipeline", 25 * time.Hour, Refused},
		{"/pipeline", 25 * time.Hour, Refused},
		{"won revenue", 25 * time.Hour, Answered},
	} {
		desk.Store = empty{confirmed: asked.Add(c.late)}
		answer, turn := desk.Handle(t.Context(), Request{Actor: Actor{Local: true}, Text: c.text, At: asked})
		if answer.Status != c.want {
			t.Errorf("%s, confirmed %s later: %s", c.text, c.late, Text(answer))
		}
		if c.want != Refused {
			continue
		}
		if want := "Open pipeline is counted as it stands now, and the data goes beyond 22 Nov 2026."; answer.Headline != want || answer.Code != metric.CodeNotAvailable {
			t.Errorf("%s: %q", answer.Code, answer.Headline)
		}
		if turn.Receipt != nil || turn.LastQuery != nil {
			t.Errorf("it leaves %+v behind", turn)
		}
	}
}

func TestADigestOfAStockThatComesTooLateIsMissedAndGoesOn(t *testing.T) {
	desk, _ := testDesk(nil)
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for late, want := range map[time.Duration]insights.DigestOutcome{
		23 * time.Hour: insights.DigestSent, 49 * time.Hour: insights.DigestFailed,
	} {
		schedule := insights.Schedule{Days: []time.Weekday{time.Monday}, Hour: 8, Zone: "Etc/UTC"}
		digest := insights.Digest{ID: 3, Words: "open pipeline", Schedule: schedule, State: insights.DigestActive, NextAt: at}
		desk.Store = empty{confirmed: at.Add(late)}
		reading, err := desk.parser.Parse(t.Context(), ask.Asked{Text: digest.Words, At: at})
		if err != nil {
			t.Fatal(err)
		}
		digest.Query = *reading.Query
		answer, turn := desk.Handle(t.Context(), Request{Origin: FromDigest, Actor: Actor{Local: true}, At: at, Now: at.Add(late), Digest: &digest})
		if turn.Digest == nil || turn.Digest.Run.Outcome != want || turn.Digest.Digest.State != insights.DigestActive || !turn.Digest.Digest.NextAt.After(at) {
			t.Errorf("%s late: %+v", late, turn.Digest)
		}
		if want == insights.DigestFailed && (!strings.Contains(answer.Headline, "could not be made in time") || !strings.Contains(Text(answer), "the data goes beyond")) {
			t.Error(Text(answer))
		}
	}
}

func TestAnEmptyPeriodDoesNotDenyWhatIsOnlyFilteredAway(t *testing.T) {
	desk, _ := testDesk(nil)
	desk.Store = empty{}
	answer, _ := desk.Handle(t.Context(), Request{Actor: Actor{Email: "priya@tidewater.example"}, Text: "my won revenue this year", At: asked})
	if said := Text(answer); !strings.Contains(said, "Without a period there are none either.") || strings.Contains(said, "in the data") {
		t.Error(said)
	}
}

func TestARankingSaysThatWhatHasNoneIsNotInIt(t *testing.T) {
	desk, _ := testDesk(nil)
	for _, c := range []struct {
		by    string
		order metric.Order
		want  bool
	}{
		{"person", metric.Ascending, true}, {"person", metric.Descending, true}, {"person", "", false},
		{"industry", metric.Ascending, true}, {"industry", metric.Descending, false}, {"month", metric.Ascending, false},
	} {
		m, result, reading := sample()
		result.Query.By, result.Query.Order, result.Columns[0].Name = []string{c.by}, c.order, c.by
		if said := Text(desk.compose(m, result, reading)); strings.Contains(said, "Only those with such deals are listed.") != c.want {
			t.Errorf("%+v\n%s", c, said)
		}
	}
}

func TestAmountsOfAFilterAsPeopleWriteThem(t *testing.T) {
	amount := func(op metric.Op, text string) metric.Filter {
		return metric.Filter{Field: metric.FieldAmount, Op: op, Values: []metric.Value{{Text: text}}}
	}
	east := metric.Filter{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: 1, Text: "East"}}}
	for want, filters := range map[string][]metric.Filter{
		", amount over 50,000":                            {amount(metric.Gt, "50000")},
		", amount at least 1,234.5":                       {amount(metric.Gte, "1234.5")},
		", amount between 10,000 and 12,000":              {amount(metric.Gte, "10000"), amount(metric.Lte, "12000")},
		", amount between 900 and 12,000, territory East": {amount(metric.Gte, "900"), amount(metric.Lte, "12000"), east},
		", amount over 10,000, amount under 12,000":       {amount(metric.Gt, "10000"), amount(metric.Lt, "12000")},
		", amount at least 10,000, territory East":        {amount(metric.Gte, "10000"), east},
		", no amount": {{Field: metric.FieldAmount, Op: metric.IsNull}},
	} {
		if got := subject(metric.Query{Where: filters}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAnInsightSaysWhomItIsFrom(t *testing.T) {
	desk, _ := testDesk(nil)
	i := insights.Insight{What: "Water works ask for leasing", Author: insights.Author{Name: "Emeka"}, State: insights.Live, PostedAt: asked, Until: asked, At: asked}
	if got := desk.told([]insights.Insight{i}, insights.Reader{}).Headline; got != "Insight from Emeka\nWater works ask for leasing" {
		t.Errorf("%q", got)
	}
	i.State, i.Why = insights.Retired, "it was one customer"
	if got := desk.told([]insights.Insight{i}, insights.Reader{}).Headline; got != "Insight from Emeka\nRetired on 22 Nov 2026: it was one customer" {
		t.Errorf("%q", got)
	}
}
