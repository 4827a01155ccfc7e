package metric_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestOneCompany reads some answers of one company as a person would.
func TestOneCompany(t *testing.T) {
	const won, lost, open = 3, 4, 1
	w := &world{people: []string{"Ann", "Bob"}, products: []string{"Anvil"}}
	w.territory = append(w.territory, territory{name: "North", key: "n"}, territory{name: "South", key: "s"})
	w.members = []assignment{ // Ann moves south on the 11th of February
		{person: 1, to: 1, from: noDay, till: 41}, {person: 1, to: 2, from: 41, till: noDay}, {person: 2, to: 1, from: noDay, till: noDay},
	}
	sold := func(owner, stage int, amount int64, currency string, closed day) {
		w.deals = append(w.deals, deal{owner: owner, stage: stage, amount: amount, currency: currency, engaged: 0, closed: closed})
	}
	sold(1, won, 100_00, "USD", 5)
	sold(1, won, 200_00, "USD", 33)
	sold(1, won, 50_00, "USD", 45)
	sold(2, won, 10_50, "USD", 34)
	sold(2, lost, 0, "", 35)
	sold(0, won, 1_00, "USD", 36)
	sold(2, won, 0, "", 37)
	sold(1, open, 70, "JPY", 80)
	sold(2, open, 900_00, "USD", noDay)

	feb := metric.Period{From: day(31).time(), To: day(60).time(), Label: "this month"}
	for _, tt := range []struct {
		name string
		q    metric.Query
		want []string
	}{
		{"bookings as they were", metric.Query{Metric: "won_revenue", Period: feb, By: []string{"territory"}, Order: metric.Descending}, []string{
			"523/2|USD|known 4 of 5, 5 deals",
			"North#1 / 421/2|USD|known 2 of 3",
			"South#2 / 50|USD|known 1 of 1",
			"(none)#0 / 1|USD|known 1 of 1",
		}},
		{"bookings on today's map", metric.Query{Metric: "won_revenue", Period: feb, By: []string{"territory"}, Perspective: metric.AsIs}, []string{
			"523/2|USD|known 4 of 5, 5 deals",
			"North#1 / 21/2|USD|known 1 of 2",
			"South#2 / 250|USD|known 2 of 2",
			"(none)#0 / 1|USD|known 1 of 1",
		}},
		{"a running month against as much of the last", metric.Query{Metric: "won_revenue", Period: feb, Compare: metric.ComparePrevious}, []string{
			"523/2|USD|known 4 of 5, 5 deals, before 100|USD|known 1 of 1, change 323/2",
		}},
		{"a rate of too few to rank", metric.Query{Metric: "win_rate", Period: feb, By: []string{"person"}, Order: metric.Descending, Limit: 2}, []string{
			"5/6||5 of 6, 6 deals",
		}},
		{"the best of each currency", metric.Query{Metric: "open_pipeline", By: []string{"person"}, Order: metric.Descending, Limit: 1}, []string{
			"70|JPY|known 1 of 1, 1 deals",
			"900|USD|known 1 of 1, 1 deals",
			"Ann#1 / JPY#0 / 70|JPY|known 1 of 1",
			"Bob#2 / USD#0 / 900|USD|known 1 of 1",
		}},
		{"stages in the order of the process", metric.Query{Metric: "decided_count", Period: feb, By: []string{"stage"}}, []string{
			"6||, 6 deals",
			"Won#3 / 5||",
			"Lost#4 / 1||",
		}},
		{"two currencies", metric.Query{Metric: "open_pipeline", By: []string{"month"}}, []string{
			"70|JPY|known 1 of 1, 1 deals",
			"900|USD|known 1 of 1, 1 deals",
			"2024-03-01#0 / JPY#0 / 70|JPY|known 1 of 1",
			"2024-03-01#0 / USD#0 / unknown no_rows|USD|known 0 of 0",
			"(none)#0 / JPY#0 / unknown no_rows|JPY|known 0 of 0",
			"(none)#0 / USD#0 / 900|USD|known 1 of 1",
		}},
	} {
		within(storetest.New(t), w, func(tx *sqlx.Tx) {
			tt.q.Shape = metric.ShapeFigure
			p, err := metric.Default().Compile(tt.q, metric.Viewer{Role: metric.RoleAdmin, All: true}, metric.DefaultCompany(), day(49).time().Add(9*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			result := read(t, tx, p)
			answer := said(result)
			if diff := cmp.Diff(tt.want, append(answer.Figures, answer.Rows...)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", tt.name, diff)
			}
			if tt.q.Compare == "" {
				return
			}
			f := result.Figures[0]
			if got := fmt.Sprint(result.Compared.Label, ", ", f.Growth); got != "1 Jan 2024 – 19 Jan 2024, 323/200" {
				t.Errorf("%s: %s", tt.name, got)
			}
		})
	}
}

// TestAmountsAreConvertedAtTheRateOfTheirDay: each deal once, rounded to the cent;
// those without a rate stand apart.
func TestAmountsAreConvertedAtTheRateOfTheirDay(t *testing.T) {
	w := &world{people: []string{"Ann"}}
	w.rates = []rate{{currency: "EUR", into: "USD", from: 10, much: "1.1"}, {currency: "EUR", into: "USD", from: 20, much: "1.25"}, {currency: "JPY", into: "USD", from: 10, much: "0.0067"}}
	for _, d := range []deal{
		{stage: 3, amount: 100_00, currency: "USD", closed: 5},
		{stage: 3, amount: 100_00, currency: "EUR", closed: 9}, // before there was a rate
		{stage: 3, amount: 105, currency: "EUR", closed: 10},   // 1.155 is 1.16
		{stage: 3, amount: 105, currency: "EUR", closed: 19},   // and again
		{stage: 3, amount: 10_00, currency: "EUR", closed: 20},
		{stage: 3, amount: 1000, currency: "JPY", closed: 30}, // 6.70
		{stage: 3, closed: 30},
		{stage: 1, amount: 10_00, currency: "EUR", closed: 12}, // open: at the rate of today
	} {
		d.owner = 1
		w.deals = append(w.deals, d)
	}
	for _, tt := range []struct {
		metric, in string
		want       []string
		converted  []metric.Conversion
	}{
		{"won_revenue", "USD", []string{"100|EUR|known 1 of 2, 2 deals", "3038/25|USD|known 5 of 6, 6 deals"}, []metric.Conversion{
			{Currency: "EUR", Facts: 3, First: "2024-01-11", Last: "2024-01-21"}, {Currency: "JPY", Facts: 1, First: "2024-01-11", Last: "2024-01-11"},
		}},
		{"open_pipeline", "USD", []string{"25/2|USD|known 1 of 1, 1 deals"}, []metric.Conversion{{Currency: "EUR", Facts: 1, First: "2024-01-21", Last: "2024-01-21"}}},
		{"open_pipeline", "JPY", []string{"10|EUR|known 1 of 1, 1 deals"}, nil},
	} {
		within(storetest.New(t), w, func(tx *sqlx.Tx) {
			q := metric.Query{Shape: metric.ShapeFigure, Metric: tt.metric, In: tt.in}
			p, err := metric.Default().Compile(q, metric.Viewer{Role: metric.RoleAdmin, All: true}, metric.DefaultCompany(), day(49).time())
			if err != nil {
				t.Fatal(err)
			}
			got := said(read(t, tx, p))
			if diff := cmp.Diff(tt.want, got.Figures); diff != "" {
				t.Errorf("%s in %s (-want +got)\n%s", tt.metric, tt.in, diff)
			}
			if diff := cmp.Diff(tt.converted, got.Converted); diff != "" {
				t.Errorf("%s in %s (-want +got)\n%s", tt.metric, tt.in, diff)
			}
		})
	}
}
