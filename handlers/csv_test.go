package handlers

import (
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/metric"
)

func TestCSV(t *testing.T) {
	dollars := func(value string) metric.Cell {
		amount, _ := new(big.Rat).SetString(value)
		return metric.Cell{Quantity: &metric.Quantity{Value: amount, Unit: metric.UnitMoney, Currency: "USD"}}
	}
	unknown := metric.Cell{Quantity: &metric.Quantity{Unit: metric.UnitMoney, Reason: metric.ReasonNoAmount}}
	names := []Column{{Column: metric.Column{Name: "deal"}}, {Column: metric.Column{Name: "account"}}, {Column: metric.Column{Name: "close_on"}}}
	amount := Column{Column: metric.Column{Name: "amount", Unit: metric.UnitMoney, Currency: "USD"}}

	for name, tt := range map[string]struct {
		answer Answer
		want   string
	}{
		"amounts in one currency have it beside them, days are ISO days": {
			Answer{Table: &Table{Columns: append(names[:3:3], amount), Rows: [][]metric.Cell{
				{{Text: "Pumps, two"}, {Text: "Acme", ID: 4}, {Text: "2026-11-20", Label: "20 Nov 2026"}, dollars("1234567.5")},
				{{Text: "Valves"}, {Text: metric.None}, {Text: metric.None}, unknown},
			}}},
			"deal,account,close_on,currency,amount\n\"Pumps, two\",Acme,2026-11-20,USD,1234567.5\nValves,,,USD,\n",
		},
		"what a spreadsheet would compute is text, but amounts below nought are not": {
			Answer{Table: &Table{Columns: append(names[:1:1], amount), Rows: [][]metric.Cell{
				{{Text: `=HYPERLINK("https://evil.example")`}, dollars("-5")}, {{Text: "+1"}, dollars("1")}, {{Text: "-1"}, dollars("1")}, {{Text: "@SUM(A1)"}, dollars("1")},
			}}},
			"deal,currency,amount\n\"'=HYPERLINK(\"\"https://evil.example\"\")\",USD,-5\n'+1,USD,1\n'-1,USD,1\n'@SUM(A1),USD,1\n",
		},
		"a list of nothing has a head": {
			Answer{Table: &Table{Columns: names}}, "deal,account,close_on\n",
		},
		"without a table, the figures": {
			Answer{Figures: []Figure{{Label: "Won revenue", Figure: metric.Figure{Quantity: *dollars("0.1").Quantity}}}},
			"figure,value,unit,currency\nWon revenue,0.1,money,USD\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			if err := CSV(&got, tt.answer); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestAsCSV tells questions that ask for a file from those that do not.
func TestAsCSV(t *testing.T) {
	for text, want := range map[string]string{
		"won revenue by rep as csv":             "won revenue by rep",
		"deals behind won revenue, as csv":      "deals behind won revenue",
		"won revenue by rep, csv please":        "no",
		"Won revenue by rep as a CSV file.":     "Won revenue by rep",
		"csv":                                   "",
		"as csv":                                "",
		"export that as csv":                    "",
		"won revenue for csvtech":               "no",
		"won revenue for territory Export East": "no",
	} {
		got, ok := readAsCSV(text)
		if !ok {
			got = "no"
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}
