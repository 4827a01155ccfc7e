package importer

import (
	"testing"
	"time"
)

// What nearly every cell of a file looks like must not cost more than looking at
// it.
func BenchmarkValues(b *testing.B) {
	anyMoney := autoMoney("")
	for _, test := range []struct {
		name string
		read func() string
	}{
		{"ISO day", func() string { _, reason := dates{}.readDay("2025-03-14", time.UTC); return reason }},
		{"ISO moment", func() string { _, reason := dates{}.readMoment("2025-03-14T10:30:05Z", time.UTC); return reason }},
		{"American day", func() string { _, reason := dates{order: monthFirst}.readDay("3/4/2025", time.UTC); return reason }},
		{"named month", func() string { _, reason := dates{}.readDay("14 Mar 2025", time.UTC); return reason }},
		{"plain amount", func() string { _, reason := anyMoney.readMoney("45300.25", "", "USD"); return reason }},
		{"dressed amount", func() string { _, reason := anyMoney.readMoney("$45,300.25", "", "USD"); return reason }},
		{"declared amount", func() string {
			_, reason := readAmount("45300.25", moneyFormat{decimal: "."}, "", "USD")
			return reason
		}},
		{"id", func() string { _, reason := salesforceID("006bm00000LKJNNAA5"); return reason }},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if reason := test.read(); reason != "" {
					b.Fatal(reason)
				}
			}
		})
	}
}
