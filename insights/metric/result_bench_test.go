package metric_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"salesbot/insights/metric"
)

// BenchmarkResult makes the answer of what was read of two thousand people, each
// of whom has deals in two currencies and some without an amount.
func BenchmarkResult(b *testing.B) {
	const people = 2_000
	text := func(s string) *string { return &s }
	for _, order := range []metric.Order{"", metric.Descending} {
		q := metric.Query{Shape: metric.ShapeFigure, Metric: "open_pipeline", By: []string{"person"}, Order: order}
		p, err := metric.Default().Compile(q, metric.Viewer{Role: metric.RoleAnalyst, All: true}, metric.DefaultCompany(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
		if err != nil {
			b.Fatal(err)
		}
		var whole, rows [][]*string
		for _, currency := range []*string{text("EUR"), text("USD"), nil} {
			whole = append(whole, []*string{currency, text("40000"), text("40000"), text("12345678900"), text("2026-01-01"), text("2026-12-31")})
			for i := range people {
				n := (i * 701) % people
				rows = append(rows, []*string{text(strconv.Itoa(n + 1)), text(fmt.Sprintf("Person %04d", n)), currency, text("20"), text("20"), text(strconv.Itoa(100 * (n + 5)))})
			}
		}
		reading := metric.Reading{Tables: [][][]*string{whole, rows}}
		b.Run(map[metric.Order]string{"": "by name", metric.Descending: "ranked"}[order], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				result, err := p.Result(reading)
				if err != nil || len(result.Rows) != 2*people {
					b.Fatal(len(result.Rows), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
		})
	}
}
