package main

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// BenchmarkImportOfAFile sets the import of a file of deals, from the first byte
// to the commit, against a bare COPY of the rows that it made into tables with
// the same indexes: reading, comparing and the rest is the ratio. A daily load
// is the same file again with every fiftieth deal changed. Both are set against
// the same imports where no rollup is kept, too: what those add is that ratio. The
// heap is the most that was in use while it ran. SALESBOT_BENCH_DEALS sets the size
// of the file.
func BenchmarkImportOfAFile(b *testing.B) {
	deals := 100_000
	if text := os.Getenv("SALESBOT_BENCH_DEALS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		deals = n
	}
	dir := b.TempDir()
	first, daily := filepath.Join(dir, "first"), filepath.Join(dir, "daily")
	writeExport(b, first, deals, 0)
	writeExport(b, daily, deals, 50)
	for b.Loop() {
		unrolledFirst, unrolledDaily := importedWithoutRollups(b, first, daily)
		s, err := store.Open(b.Context(), storetest.DSN(b))
		if err != nil {
			b.Fatal(err)
		}
		took, heap := imported(b, s, first)
		copied := copiedBare(b, s)
		again, _ := imported(b, s, daily)
		b.ReportMetric(took.Seconds(), "first-s")
		b.ReportMetric(again.Seconds(), "daily-s")
		b.ReportMetric(copied.Seconds(), "copy-s")
		b.ReportMetric(took.Seconds()/copied.Seconds(), "first/copy")
		b.ReportMetric(again.Seconds()/copied.Seconds(), "daily/copy")
		b.ReportMetric(took.Seconds()/unrolledFirst.Seconds(), "first/unrolled")
		b.ReportMetric(again.Seconds()/unrolledDaily.Seconds(), "daily/unrolled")
		b.ReportMetric(float64(heap)/(1<<20), "heap-MB")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// importedWithoutRollups imports both folders where the triggers of deals are off,
// and says how long each took.
func importedWithoutRollups(b *testing.B, first, daily string) (time.Duration, time.Duration) {
	b.Helper()
	s, err := store.Open(b.Context(), storetest.DSN(b))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.DB().ExecContext(b.Context(), `alter table opportunity disable trigger user`); err != nil {
		b.Fatal(err)
	}
	took, _ := imported(b, s, first)
	again, _ := imported(b, s, daily)
	if _, err := s.DB().ExecContext(b.Context(), `truncate opportunity cascade`); err != nil { // its disk is needed
		b.Fatal(err)
	}
	return took, again
}

// writeExport writes a folder in the product's own layout. Everybody has deals at
// all stages and in all months. Every nth deal differs from those of a folder with
// none, some of everybody.
func writeExport(b *testing.B, dir string, deals, nth int) {
	b.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	accounts, people := deals/20+1, max(90, deals/500)
	write := func(name, header string, rows int, row func(*bufio.Writer, int)) {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		defer file.Close()
		out := bufio.NewWriter(file)
		fmt.Fprintln(out, header)
		for i := range rows {
			row(out, i)
		}
		if err := out.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	write("stages.csv", "name,position,outcome", 5, func(out *bufio.Writer, i int) {
		fmt.Fprintf(out, "Stage %d,%d,%s\n", i, i+1, []string{"open", "open", "open", "won", "lost"}[i])
	})
	write("people.csv", "external_id,name,email", people, func(out *bufio.Writer, i int) {
		fmt.Fprintf(out, "P-%d,Person %d,p%d@firm.example\n", i, i, i)
	})
	write("products.csv", "external_id,name", 7, func(out *bufio.Writer, i int) { fmt.Fprintf(out, "X-%d,Product %d\n", i, i) })
	write("accounts.csv", "external_id,name,industry,country", accounts, func(out *bufio.Writer, i int) {
		fmt.Fprintf(out, "A-%d,Account %d,Steel,Norway\n", i, i)
	})
	write("opportunities.csv", "external_id,name,account,product,owner,stage,amount,currency,created_on,engaged_on,close_on", deals, func(out *bufio.Writer, i int) {
		amount := 100 + i%90_000
		turn := i / people
		if nth > 0 && (i+turn)%nth == 0 {
			amount++
		}
		fmt.Fprintf(out, "D-%d,Renewal %d,A-%d,X-%d,P-%d,Stage %d,%d.%02d,USD,2024-01-%02d,2024-02-%02d,2024-%02d-%02d\n",
			i, i, i%accounts, i%7, i%people, turn%5, amount, i%100, 1+i%28, 1+i%28, 3+turn/5%9, 1+i%28)
	})
}

// imported imports a folder, and says how long it took and how much of the heap.
func imported(b *testing.B, s *store.Store, dir string) (time.Duration, uint64) {
	b.Helper()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	heap := watchHeap(b.Context())
	start := time.Now()
	result, err := s.Import(b.Context(), store.ImportOptions{Actor: "bench", Now: now}, func(sink insights.Sink) error {
		_, err := importer.Read(b.Context(), []string{dir}, importer.Options{Company: metric.DefaultCompany()}, sink)
		return err
	})
	took := time.Since(start)
	if err != nil || result.Total.Rejected > 0 {
		b.Fatal(result.Groups, err)
	}
	return took, heap()
}

// watchHeap looks at the heap until its result is asked for: the most in use
// above what was in use before.
func watchHeap(ctx context.Context) func() uint64 {
	ctx, stop := context.WithCancel(ctx)
	runtime.GC()
	before := heapInUse()
	var most atomic.Uint64
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				most.Store(max(most.Load(), heapInUse()))
			}
		}
	}()
	return func() uint64 {
		stop()
		<-done
		return most.Load() - min(before, most.Load())
	}
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// copiedBare copies the deals and their log from files into tables with the
// same indexes, and says how long that took.
func copiedBare(b *testing.B, s *store.Store) time.Duration {
	b.Helper()
	tables := []string{"opportunity", "opportunity_change"}
	dir := b.TempDir()
	for _, table := range tables {
		if _, err := s.DB().ExecContext(b.Context(), fmt.Sprintf(`create table bare_%[1]s (like %[1]s including all)`, table)); err != nil {
			b.Fatal(err)
		}
		writeOut(b, s, table, filepath.Join(dir, table))
	}
	start := time.Now()
	for _, table := range tables {
		copyBack(b, s, "bare_"+table, filepath.Join(dir, table))
	}
	took := time.Since(start)
	if _, err := s.DB().ExecContext(b.Context(), `drop table bare_opportunity, bare_opportunity_change`); err != nil {
		b.Fatal(err)
	}
	return took
}

// writeOut writes a table to a file as COPY reads it. None of the values needs
// to be escaped but for the quotes' backslashes in JSON, of which there are none.
func writeOut(b *testing.B, s *store.Store, table, path string) {
	b.Helper()
	var columns string
	if err := s.DB().QueryRowContext(b.Context(), `
		select string_agg(format('coalesce(%I::text, ''\N'')', attname), ', ' order by attnum)
		from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`, table).Scan(&columns); err != nil {
		b.Fatal(err)
	}
	rows, err := s.DB().QueryContext(b.Context(), fmt.Sprintf(`select concat_ws(E'\t', %s) from %s`, columns, table))
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintln(out, line)
	}
	if err := errors.Join(rows.Err(), out.Flush()); err != nil {
		b.Fatal(err)
	}
}

// copyBack streams a file into a table as fast as the driver can.
func copyBack(b *testing.B, s *store.Store, table, path string) {
	b.Helper()
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	conn, err := s.DB().Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(b.Context(), `set local statement_timeout = 0`); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(file)
	for more := true; more; {
		var copied error
		raw := conn.Raw(func(connection any) error { // which waits for the transaction if it gets an error
			more, copied = copySome(b.Context(), connection, table, lines)
			return nil
		})
		if err := errors.Join(raw, copied, lines.Err()); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// copySome copies as many lines as the pool's deadline has time for, and says
// whether there are more.
func copySome(ctx context.Context, connection any, table string, lines *bufio.Scanner) (more bool, err error) {
	stmt, err := connection.(driver.ConnPrepareContext).PrepareContext(ctx, "copy "+table+" from stdin")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	for range 50_000 {
		if more = lines.Scan(); !more {
			break
		}
		if _, err := stmt.(copier).CopyData(ctx, lines.Text()); err != nil {
			return false, err
		}
	}
	_, err = stmt.Exec(nil) //nolint:staticcheck // the way of lib/pq to end a COPY
	return more, err
}

// copier is what lib/pq prepares for a COPY.
type copier interface {
	CopyData(ctx context.Context, line string) (driver.Result, error)
}
