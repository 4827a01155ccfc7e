package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest/scale"
)

// BenchmarkScale asks what people ask most of a company of SALESBOT_SCALE_DEALS
// deals, and in turns, on the same database, the best SQL written by hand for
// that one question, and a plain scan of the facts. The ratios of the medians are
// what counts: the figures come with all that an answer needs, and may take so
// many times what the hand-written SQL does. All three must say the same. How many
// times as fast as a scan they are matters from ten million deals on. Each question
// is a benchmark of its own: -bench 'Scale/by_rep' asks those by rep.
func BenchmarkScale(b *testing.B) {
	size := scaleSize(b)
	began := time.Now()
	said := func(line string) {
		fmt.Fprintf(os.Stderr, "%8s  %s\n", time.Since(began).Round(time.Second), line)
	}
	dsn, stop, err := scale.Open(b.Context(), cmp.Or(os.Getenv("SALESBOT_SCALE_DATA"), os.TempDir()+"/salesbot-scale"), size, said)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := stop(); err != nil {
			b.Error(err)
		}
	})
	m := &measuring{B: b, store: openAt(b, dsn), db: sqlx.MustConnect("postgres", dsn)}
	b.Cleanup(func() { _ = m.db.Close() })
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "%d deals, %d changes, %d cores, medians in ms\n\n", size.Deals, m.changes(), runtime.NumCPU())
	fmt.Fprintf(out, "%-48s\tours\tby hand\tscan\tours/by hand\tat most\tscan/ours\tat least\t\t\n", "question")
	for _, q := range scaleQuestions() {
		if size.Deals < 10_000_000 { // few enough for a scan to be quick
			q.atLeast = 0
		}
		b.Run(q.name, func(b *testing.B) {
			said(q.name)
			one := &measuring{B: b, store: m.store, db: m.db}
			for b.Loop() {
				one.measure(q).print(out, q)
			}
		})
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
}

// scaleSize is the size asked for; without one there is nothing to measure.
func scaleSize(b *testing.B) scale.Size {
	b.Helper()
	text := os.Getenv("SALESBOT_SCALE_DEALS")
	if text == "" {
		b.Skip("SALESBOT_SCALE_DEALS says of how many deals; make bench-scale does")
	}
	deals, err := strconv.Atoi(text)
	seed, seedErr := strconv.ParseInt(cmp.Or(os.Getenv("SALESBOT_SCALE_SEED"), "1"), 10, 64)
	if err != nil || seedErr != nil || deals < 1 {
		b.Fatalf("SALESBOT_SCALE_DEALS=%q and SALESBOT_SCALE_SEED=%q: want a number of deals and a seed", text, os.Getenv("SALESBOT_SCALE_SEED"))
	}
	return scale.Size{Deals: deals, Seed: seed}
}

// How often each is asked, once it has been read into memory, if there is time
// for that. A scan takes long, and varies little.
const (
	scaleRounds = 7
	scanRounds  = 2
	enoughTime  = 40 * time.Second
)

// measuring asks one company.
type measuring struct {
	*testing.B
	store *store.Store
	db    *sqlx.DB
}

func (m *measuring) changes() (n int64) {
	if err := m.db.Get(&n, `select reltuples::bigint from pg_class where relname = 'opportunity_change'`); err != nil {
		m.Fatal(err)
	}
	return n
}

// measured are the times of one question.
type measured struct{ ours, byHand, scan []time.Duration }

func (m *measuring) measure(q scaleQuestion) measured {
	var t measured
	hands := make([][]time.Duration, len(q.byHand))
	began := time.Now()
	for round := range scaleRounds + 1 {
		if round > 1 && time.Since(began) > enoughTime {
			break
		}
		ours, took := m.ask(q.query)
		t.ours = append(t.ours, took)
		for i, sql := range q.byHand {
			told, took := m.read(sql)
			hands[i] = append(hands[i], took)
			m.same(q.name+", by hand", ours, told)
		}
		if q.scanned && round < scanRounds {
			told, took := m.scan(q.byHand[0])
			t.scan = append(t.scan, took)
			m.same(q.name+", scanned", ours, told)
		}
		if round == 0 { // all is read into memory once, and does not count
			t.ours, hands = nil, make([][]time.Duration, len(q.byHand))
		}
	}
	for _, took := range hands {
		if t.byHand == nil || median(took) < median(t.byHand) {
			t.byHand = took
		}
	}
	return t
}

// values is what an answer says: of each row its value.
type values map[string]*big.Rat

// ask goes the way of every question, from the Query to the Result, nil if the
// store would not wait so long.
func (m *measuring) ask(q metric.Query) (values, time.Duration) {
	m.Helper()
	start := time.Now()
	plan, err := metric.Default().Compile(q, metric.Viewer{Role: metric.RoleAnalyst, All: true}, metric.DefaultCompany(), scale.Now)
	if err != nil {
		m.Fatal(err)
	}
	reading, err := m.store.Read(m.Context(), plan.Statements)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, time.Since(start)
	}
	if err != nil {
		m.Fatal(err)
	}
	result, err := plan.Result(reading)
	took := time.Since(start)
	if err != nil {
		m.Fatal(err)
	}
	return toldBy(result), took
}

// toldBy keys each value by the names of its row and its currency. Rows of deals
// without an amount have none.
func toldBy(r metric.Result) values {
	out := values{}
	if len(r.Columns) == 0 {
		for _, f := range r.Figures {
			out[f.Currency] = f.Value
		}
		return out
	}
	for _, row := range r.Rows {
		key, last := "", row[len(row)-1].Quantity
		for _, cell := range row {
			if cell.Quantity == nil {
				key += " " + cell.Text
			}
		}
		if last.Value != nil {
			out[strings.TrimSpace(key)] = last.Value
		}
	}
	return out
}

// read asks by hand, on the same connections and in the same kind of snapshot.
func (m *measuring) read(sql string) (values, time.Duration) {
	m.Helper()
	start := time.Now()
	reading, err := m.store.Read(m.Context(), []metric.Statement{{SQL: sql}})
	took := time.Since(start)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, took
	}
	if err != nil {
		m.Fatal(err)
	}
	return m.toldByHand(reading.Tables[0]), took
}

// scan asks by hand without any index.
func (m *measuring) scan(sql string) (values, time.Duration) {
	m.Helper()
	tx := m.db.MustBegin()
	defer tx.Rollback()
	tx.MustExec(`set local enable_indexscan = off; set local enable_indexonlyscan = off; set local enable_bitmapscan = off`)
	start := time.Now()
	rows, err := tx.Query(sql)
	if err != nil {
		m.Fatal(err)
	}
	defer rows.Close()
	var table [][]*string
	for rows.Next() {
		row := make([]*string, 2)
		if err := rows.Scan(&row[0], &row[1]); err != nil {
			m.Fatal(err)
		}
		table = append(table, row)
	}
	if rows.Err() != nil {
		m.Fatal(rows.Err())
	}
	return m.toldByHand(table), time.Since(start)
}

// toldByHand reads rows of a key and a value, which may be a fraction.
func (m *measuring) toldByHand(table [][]*string) values {
	out := values{}
	for _, row := range table {
		value, ok := new(big.Rat).SetString(*row[1])
		if !ok {
			m.Fatalf("%q is no value", *row[1])
		}
		out[*row[0]] = value
	}
	return out
}

// same sees to it that nobody is quick because they are wrong. What was not
// counted to the end says nothing.
func (m *measuring) same(name string, ours, theirs values) {
	m.Helper()
	if ours == nil || theirs == nil || maps.EqualFunc(ours, theirs, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 }) {
		return
	}
	shown := 0
	for key := range ours {
		if theirs[key] == nil || ours[key].Cmp(theirs[key]) != 0 {
			m.Logf("%q: ours %v, theirs %v", key, ours[key], theirs[key])
			if shown++; shown == 5 {
				break
			}
		}
	}
	for key := range theirs {
		if _, ok := ours[key]; !ok {
			m.Logf("%q: only theirs, %v", key, theirs[key])
		}
	}
	m.Fatalf("%s: %d rows differ from our %d", name, len(theirs), len(ours))
}

func (t measured) print(out *tabwriter.Writer, q scaleQuestion) {
	ms := func(took []time.Duration) string {
		if len(took) == 0 {
			return "–"
		}
		return strconv.FormatFloat(float64(median(took).Microseconds())/1000, 'f', 1, 64)
	}
	ratio := func(a, b []time.Duration) float64 {
		if len(a) == 0 || len(b) == 0 {
			return 0
		}
		return float64(median(a)) / float64(median(b))
	}
	slower, faster := ratio(t.ours, t.byHand), ratio(t.scan, t.ours)
	verdict := ""
	if q.atMost > 0 && slower > q.atMost || q.atLeast > 0 && faster < q.atLeast {
		verdict = "MISSED"
	}
	fmt.Fprintf(out, "%-48s\t%s\t%s\t%s\t%.2f\t%s\t%.0f\t%s\t%s\t\n", q.name, ms(t.ours), ms(t.byHand), ms(t.scan),
		slower, wanted(q.atMost), faster, wanted(q.atLeast), verdict)
}

func wanted(ratio float64) string {
	if ratio == 0 {
		return ""
	}
	return strconv.FormatFloat(ratio, 'f', -1, 64)
}

func median(took []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)/2]
}
