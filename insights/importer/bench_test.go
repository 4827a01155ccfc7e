package importer_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/metric"
)

// BenchmarkRead compares reading deals into records with cutting the same file
// into cells by encoding/csv, which is the raw cost.
func BenchmarkRead(b *testing.B) {
	const rows = 100_000
	var text strings.Builder
	text.WriteString("external_id,name,account,product,owner,stage,amount,currency,created_on,engaged_on,close_on\n")
	for i := range rows {
		fmt.Fprintf(&text, "deal-%d,Renewal %d,account-%d,product-%d,person-%d,Won,%d.%02d,USD,2024-01-02,2024-01-%02d,2024-03-%02d\n",
			i, i, i%5000, i%7, i%90, i%90000, i%100, 1+i%28, 1+i%31)
	}
	path := filepath.Join(folder(b, map[string]string{"opportunities.csv": text.String()}), "opportunities.csv")
	b.Run("records", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		b.ReportAllocs()
		for b.Loop() {
			var read counting
			_, err := importer.Read(context.Background(), []string{path}, importer.Options{Company: metric.DefaultCompany()}, &read)
			if err != nil || read.rows != rows || read.rejects > 0 {
				b.Fatal(read, err)
			}
		}
	})
	b.Run("cells", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		b.ReportAllocs()
		for b.Loop() {
			file, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			in := csv.NewReader(file)
			in.ReuseRecord = true
			for {
				if _, err := in.Read(); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
			file.Close()
		}
	})
}

// counting is a sink that keeps nothing.
type counting struct{ rows, rejects int }

func (c *counting) Preset(insights.Place, insights.Record) error { return nil }

func (c *counting) Row(insights.Place, []insights.Told) error {
	c.rows++
	return nil
}

func (c *counting) Reject(insights.Reject) error {
	c.rejects++
	return nil
}
