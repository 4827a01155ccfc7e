package blocks

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/handlers"
	"salesbot/insights/metric"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func money(n int64) metric.Quantity {
	return metric.Quantity{Value: big.NewRat(n, 1), Unit: metric.UnitMoney, Currency: "USD"}
}

func moneyCell(n int64) metric.Cell {
	q := money(n)
	return metric.Cell{Quantity: &q}
}

func column(name, label string, unit metric.Unit) handlers.Column {
	return handlers.Column{Column: metric.Column{Name: name, Unit: unit}, Label: label}
}

func byRegion(rows int) *handlers.Table {
	t := &handlers.Table{
		Title:   "Bookings by region",
		Columns: []handlers.Column{column("region", "Region", ""), column("bookings", "Bookings", metric.UnitMoney)},
		Total:   rows,
	}
	for i := range rows {
		t.Rows = append(t.Rows, []metric.Cell{{Text: "Region " + strconv.Itoa(i+1)}, moneyCell(int64(1000 * (rows - i)))})
	}
	return t
}

// examples are Answers of every kind, with names as strangers write them.
func examples() map[string]handlers.Answer {
	k, n := int64(4238), int64(6711)
	previous := money(9_000_000)
	return map[string]handlers.Answer{
		"figure": {
			Status:   handlers.Answered,
			Headline: "Bookings in 2017: $10,005,534.",
			Figures:  []handlers.Figure{{Label: "Bookings", Figure: metric.Figure{Quantity: money(10_005_534)}}},
			Notes:    []string{"Understood as: bookings, 1 Jan 2017 – 31 Dec 2017.", "Data as of 31 Dec 2017."},
			Choices:  []handlers.Choice{{Label: "By region", Command: "bookings 2017 by region"}, {Label: "Only won", Command: "won 2017"}},
			Receipt:  "r-7f3a",
		},
		"compared": {
			Status:   handlers.Answered,
			Headline: "Bookings rose.",
			Figures: []handlers.Figure{
				{Label: "Bookings", Figure: metric.Figure{Quantity: money(10_005_534), Previous: &previous}},
				{Label: "Win rate", Figure: metric.Figure{Quantity: metric.Quantity{Value: big.NewRat(k, n), Unit: metric.UnitRatio, K: &k, N: &n}}},
				{Label: "Margin", Figure: metric.Figure{Quantity: metric.Quantity{Unit: metric.UnitMoney, Reason: metric.ReasonNotLoaded}}},
			},
		},
		"breakdown": {
			Status:   handlers.Answered,
			Headline: "Bookings by region in 2017.",
			Table: &handlers.Table{
				Columns: []handlers.Column{column("region", "Region", ""), column("bookings", "Bookings", metric.UnitMoney)},
				Rows:    [][]metric.Cell{{{Text: "West"}, moneyCell(5_000_000)}, {{Text: "<!channel> & *Central*"}, {}}, {{}, moneyCell(-12)}},
				Total:   3,
			},
		},
		"pages":          {Status: handlers.Answered, Headline: "Bookings by region.", Table: byRegion(40)},
		"refused":        {Status: handlers.Refused, Code: "not_allowed", Headline: "You may not see Ana's deals.", Notes: []string{"Her manager, Max, may give you access.", "You can ask about your own."}},
		"asked_back":     {Status: handlers.AskedBack, Headline: "Which Acme do you mean?", Choices: []handlers.Choice{{Label: "<@U0ANA> & Acme <https://evil.example|Corp>", Command: "owner of Acme <Corp>"}}},
		"not_understood": {Status: handlers.NotUnderstood, Headline: "I do not know what “pipelien” means.", Notes: []string{"Did you mean pipeline?"}},
		"failed":         {Status: handlers.Failed, Headline: "Something went wrong on my side, so I have no answer."},
		"retracted":      {Status: handlers.Answered, Headline: "Retired on 22 Nov 2026: it was one customer.", Retracted: "<!channel> They want *leasing*"},
		"linked": {
			Status: handlers.Answered, Headline: "They want leasing.", Notes: []string{"Confidence: high."},
			Links: []handlers.Link{{Label: "Evidence", URL: "https://example.com/calls?a=1&b=2"}, {Label: "no", URL: "javascript:alert(1)"}, {URL: "http://example.com"}},
		},
		"nothing": {},
	}
}

func TestEachAnswerIsLaidOutAsItWas(t *testing.T) {
	for name, answer := range examples() {
		t.Run(name, func(t *testing.T) {
			got := pretty(t, Render(answer))
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("the layout changed (-want +got); if that is meant, run with -update:\n%s", diff)
			}
		})
	}
}

func pretty(t *testing.T, m Message) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnyAnswerKeepsToSlacksLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := lay(anyAnswer().Draw(t, "answer"))
		if err := Check(m); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheFallbackTextMentionsNobodyAndLinksNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Render(anyAnswer().Draw(t, "answer"))
		if i := strings.IndexAny(m.Text, "<>"); i >= 0 {
			t.Fatalf("markup at %d of %q", i, m.Text)
		}
	})
}

func TestALongBreakdownSaysHowMuchIsMissing(t *testing.T) {
	m := Render(handlers.Answer{Headline: "Bookings by region.", Table: byRegion(500)})
	shown := string(pretty(t, m))
	if !strings.Contains(shown, "…and 301 more rows") {
		t.Error("199 of 500 rows are shown, and nothing says that 301 are not")
	}
	if !strings.Contains(m.Text, "Region 1 ") || !strings.Contains(m.Text, " more lines") {
		t.Errorf("the text has no rows, or does not say that rows are missing:\n%s", m.Text)
	}
}

func TestTheTextStandsAlone(t *testing.T) {
	text := Render(examples()["compared"]).Text
	for _, want := range []string{"Bookings rose.", "$10,005,534", "before: $9,000,000", "63.15 %", "4,238 of 6,711", "unknown (not loaded)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestACommandThatDoesNotFitIsNoButton(t *testing.T) {
	m := Render(handlers.Answer{Headline: "Which?", Choices: []handlers.Choice{
		{Label: "long", Command: strings.Repeat("x", maxButtonValue+1)},
		{Label: "short", Command: "won 2017"},
	}})
	shown := string(pretty(t, m))
	if strings.Contains(shown, "xxx") || !strings.Contains(shown, `"value": "won 2017"`) {
		t.Errorf("half a command is offered, or a whole one is not:\n%s", shown)
	}
}

func TestCuttingNeverSplitsWhatANumberMeans(t *testing.T) {
	cases := map[string]struct {
		text  string
		limit int
		want  string
	}{
		"what fits is kept":                           {"Bookings $10,005,534", 20, "Bookings $10,005,534"},
		"a number that does not fit goes whole":       {"Bookings $10,005,534", 15, "Bookings…"},
		"a number does not lose its unit":             {"grew 63.15 % this year", 13, "grew…"},
		"a currency sign does not lose its number":    {"Bookings $ 10,005,534", 12, "Bookings…"},
		"a word is not split":                         {"Bookings by territory", 15, "Bookings by…"},
		"one long word is split":                      {"Donaudampfschifffahrt", 6, "Donau…"},
		"of one long number nothing is left":          {"10005534", 5, "…"},
		"characters beyond the first plane are two":   {"😀😀😀", 5, "…"},
		"a name with a number in it is not shortened": {"deal A1 of Acme", 8, "deal…"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := cut(c.text, c.limit); got != c.want {
				t.Errorf("cut(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
			}
		})
	}
}

func TestCuttingKeepsToTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, limit := anyText().Draw(t, "text"), rapid.IntRange(1, 400).Draw(t, "limit")
		if got := length(cut(clean(text), limit)); got > limit {
			t.Fatalf("%d characters of %d", got, limit)
		}
	})
}

func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringN(0, 6000, -1),
		rapid.SampledFrom([]string{"", " ", "\n", "\x00", "\xff", "<!channel>", "&&&&", "$1,000", "😀", "a\nb"}),
		rapid.Map(rapid.IntRange(1, 5000), func(n int) string { return strings.Repeat("<&> 1", n) }),
	)
}

func anyQuantity() *rapid.Generator[metric.Quantity] {
	return rapid.Custom(func(t *rapid.T) metric.Quantity {
		q := metric.Quantity{
			Unit:     rapid.SampledFrom([]metric.Unit{metric.UnitMoney, metric.UnitRatio, metric.UnitCount, metric.UnitDays, metric.UnitMoneyPerDay, "?"}).Draw(t, "unit"),
			Currency: rapid.SampledFrom([]string{"USD", "EUR", "JPY", "", "nonsense"}).Draw(t, "currency"),
			Reason:   anyText().Draw(t, "reason"),
		}
		if rapid.Bool().Draw(t, "known") {
			q.Value = big.NewRat(rapid.Int64().Draw(t, "numerator"), rapid.Int64Range(1, 1_000_000).Draw(t, "denominator"))
		}
		if rapid.IntRange(0, 9).Draw(t, "huge") == 0 {
			q.Value = new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil))
		}
		if n := rapid.Int64().Draw(t, "n"); n > 0 {
			q.K, q.N = &n, &n
		}
		return q
	})
}

func anyTable() *rapid.Generator[*handlers.Table] {
	return rapid.Custom(func(t *rapid.T) *handlers.Table {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		table := &handlers.Table{Title: anyText().Draw(t, "title")}
		for range rapid.IntRange(0, 30).Draw(t, "columns") {
			unit := rapid.SampledFrom([]metric.Unit{"", metric.UnitMoney}).Draw(t, "unit")
			table.Columns = append(table.Columns, column("c", anyText().Draw(t, "label"), unit))
		}
		row := []metric.Cell{}
		for range rapid.IntRange(0, 31).Draw(t, "cells") {
			cell := metric.Cell{Text: anyText().Draw(t, "text")}
			if rapid.Bool().Draw(t, "figure") {
				q := anyQuantity().Draw(t, "quantity")
				cell.Quantity = &q
			}
			row = append(row, cell)
		}
		for range rapid.IntRange(0, 300).Draw(t, "rows") {
			table.Rows = append(table.Rows, row)
		}
		return table
	})
}

func anyAnswer() *rapid.Generator[handlers.Answer] {
	return rapid.Custom(func(t *rapid.T) handlers.Answer {
		a := handlers.Answer{
			Status: rapid.SampledFrom([]handlers.Status{
				handlers.Answered, handlers.AskedBack, handlers.Refused, handlers.NotUnderstood, handlers.Failed, "",
			}).Draw(t, "status"),
			Headline: anyText().Draw(t, "headline"),
			Notes:    rapid.SliceOfN(anyText(), 0, 12).Draw(t, "notes"),
			Table:    anyTable().Draw(t, "table"),
			Receipt:  anyText().Draw(t, "receipt"),

			Retracted: anyText().Draw(t, "retracted"),
		}
		for range rapid.IntRange(0, 12).Draw(t, "links") {
			address := rapid.OneOf(anyText(), rapid.Just("https://example.com/a?b=<c>&d")).Draw(t, "address")
			a.Links = append(a.Links, handlers.Link{Label: anyText().Draw(t, "source"), URL: address})
		}
		for range rapid.IntRange(0, 15).Draw(t, "figures") {
			f := handlers.Figure{Label: anyText().Draw(t, "label"), Figure: metric.Figure{Quantity: anyQuantity().Draw(t, "quantity")}}
			if rapid.Bool().Draw(t, "compared") {
				q := anyQuantity().Draw(t, "previous")
				f.Previous = &q
			}
			a.Figures = append(a.Figures, f)
		}
		for range rapid.IntRange(0, 40).Draw(t, "choices") {
			a.Choices = append(a.Choices, handlers.Choice{Label: anyText().Draw(t, "label"), Command: anyText().Draw(t, "command")})
		}
		return a
	})
}

// A line through some steps of time would bridge those that are not kept.
func TestOnlySomeStepsOfTimeAreNoLine(t *testing.T) {
	byMonth := handlers.Table{Columns: []handlers.Column{column("month", "Month", ""), column("bookings", "Bookings", metric.UnitMoney)}, Total: 3}
	for _, month := range []string{"2017-01-01", "2017-04-01", "2017-09-01"} {
		byMonth.Rows = append(byMonth.Rows, []metric.Cell{{Text: month}, moneyCell(1000)})
	}
	if chart(byMonth) == nil {
		t.Error("steps of time are not drawn")
	}
	if byMonth.Kept = true; chart(byMonth) != nil {
		t.Error("a line goes through some of them")
	}
	if regions := byRegion(3); chart(*regions) == nil {
		t.Error("bars are not drawn")
	} else if regions.Kept = true; chart(*regions) == nil {
		t.Error("bars of those that are kept are not drawn")
	}
}
