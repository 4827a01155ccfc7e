package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// BenchmarkScanner compares cutting a file into cells with encoding/csv doing
// the same, for files as systems write them: quotes where they are needed,
// quotes everywhere (Salesforce), and CR only.
func BenchmarkScanner(b *testing.B) {
	var some, all bytes.Buffer
	some.WriteString("external_id,name,account,owner,stage,amount,currency,created_on,engaged_on,close_on\n")
	for i := range 100_000 {
		row := []string{
			fmt.Sprint("deal-", i), fmt.Sprint("Renewal ", i), fmt.Sprint("account-", i%5000), fmt.Sprint("person-", i%90), "Won",
			fmt.Sprintf("%d.%02d", i%90000, i%100), "USD", "2024-01-02", fmt.Sprintf("2024-01-%02d", 1+i%28), fmt.Sprintf("2024-03-%02d", 1+i%31),
		}
		all.WriteString(`"` + strings.Join(row, `","`) + "\"\n")
		if i%10 == 0 {
			row[1] = `"Renewal, with ""options"""`
		}
		some.WriteString(strings.Join(row, ",") + "\n")
	}
	for _, file := range []struct {
		name string
		text []byte
	}{
		{"some quotes", some.Bytes()},
		{"all quoted", all.Bytes()},
		{"CR only", bytes.ReplaceAll(some.Bytes(), []byte("\n"), []byte("\r"))},
	} {
		b.Run(file.name+"/scanner", func(b *testing.B) {
			b.SetBytes(int64(len(file.text)))
			b.ReportAllocs()
			for b.Loop() {
				scan := newScanner(bytes.NewReader(file.text), ',')
				for _, err := scan.next(); err == nil; _, err = scan.next() {
				}
			}
		})
		b.Run(file.name+"/encoding-csv", func(b *testing.B) {
			b.SetBytes(int64(len(file.text)))
			b.ReportAllocs()
			for b.Loop() {
				in := csv.NewReader(bytes.NewReader(file.text))
				in.ReuseRecord, in.FieldsPerRecord = true, -1
				for {
					if _, err := in.Read(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkEncoding tells how long it takes to know how a file is written.
func BenchmarkEncoding(b *testing.B) {
	for name, text := range map[string]string{"ascii": strings.Repeat("deal-1,Renewal,account\n", 1<<16), "umlauts": strings.Repeat("deal-1,Erneuerung für Müller,account\n", 1<<16)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				var seen encodingEvidence
				_, _ = seen.Write([]byte(text))
				if seen.verdict() != inUTF8 {
					b.Fatal("not UTF-8")
				}
			}
		})
	}
}
