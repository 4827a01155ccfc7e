// Package company makes up the company of the demo: Tidewater Pumps, which
// does not exist, and whose people, customers and figures are invented.
package company

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Name is what the demo company is called.
const Name = "Tidewater Pumps (fictional)"

// Domain ends the e-mail addresses of its people.
const Domain = "tidewater.example"

// seed fixes the company: the same anchor day gives the same files.
const seed = 20260201

// Write puts the company into a folder in the native import layout, as it
// stands on the anchor day: two fiscal years of deals behind it and a pipeline
// ahead.
func Write(dir string, anchor time.Time) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, rows := range Files(anchor) {
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Files returns the rows of each file, headers first.
func Files(anchor time.Time) map[string][][]string {
	m := &maker{rand: rand.New(rand.NewPCG(seed, seed)), anchor: civil(anchor), files: map[string]*sheet{}, aims: map[aim]float64{}}
	m.start = time.Date(m.anchor.Year()-2, (m.anchor.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	m.reorganised = time.Date(m.anchor.Year(), time.July, 1, 0, 0, 0, 0, time.UTC)
	if m.anchor.Before(m.reorganised.AddDate(0, 1, 0)) {
		m.reorganised = m.reorganised.AddDate(-1, 0, 0)
	}
	for _, step := range []func(){
		m.stages, m.territories, m.people, m.products, m.customers, m.prospects, m.makeDeals, m.quotas, m.costs, m.overhead, m.leads, m.activities, m.splits, m.forecasts, m.plannedMap, m.accountTerritories, m.territoryQuotas, m.subscriptions,
	} {
		step()
	}
	out := map[string][][]string{}
	for name, s := range m.files {
		out[name] = s.rows
	}
	return out
}

// maker makes the company up, in one order and from one source of chance.
type maker struct {
	rand        *rand.Rand
	anchor      time.Time
	start       time.Time // of the first deals
	reorganised time.Time // the day of the re-organisation
	reps        []*rep
	accounts    []customer
	unsold      []customer // whom nobody has sold to yet
	deals       []*deal
	aims        map[aim]float64 // what the people of territories are to reach
	files       map[string]*sheet
}

// sheet is one file on its way.
type sheet struct{ rows [][]string }

func (m *maker) sheet(name string, header ...string) *sheet {
	s := &sheet{rows: [][]string{header}}
	m.files[name] = s
	return s
}

func (s *sheet) add(cells ...string) { s.rows = append(s.rows, cells) }

// key numbers the rows of a sheet.
func (s *sheet) key(prefix string) string { return fmt.Sprintf("%s%05d", prefix, len(s.rows)) }

func (m *maker) chance(p float64) bool { return m.rand.Float64() < p }

// between is a whole number from the first to the last, both included.
func (m *maker) between(first, last int) int { return first + m.rand.IntN(last-first+1) }

// spread is around 1: half of the time below, and seldom far away.
func (m *maker) spread(by float64) float64 { return math.Exp(by * m.rand.NormFloat64()) }

func pick[T any](m *maker, from []T) T { return from[m.rand.IntN(len(from))] }

// weighted picks one of several by their weights.
func weighted[T any](m *maker, from []T, weight func(T) float64) T {
	total := 0.0
	for _, one := range from {
		total += weight(one)
	}
	at := m.rand.Float64() * total
	for _, one := range from {
		if at -= weight(one); at < 0 {
			return one
		}
	}
	return from[len(from)-1]
}

// share is one of several things, and how common it is.
type share struct {
	name   string
	weight float64
}

func (m *maker) share(of []share) string {
	return weighted(m, of, func(s share) float64 { return s.weight }).name
}

// seasons is how busy the months are.
var seasons = [12]float64{0.92, 0.95, 1.06, 0.98, 1, 1.08, 0.85, 0.8, 1.08, 1.08, 1.1, 1.1}

func season(day time.Time) float64 { return seasons[day.Month()-1] }

// dollars writes an amount rounded to a step that people would quote.
func dollars(amount float64, step int) string {
	return strconv.Itoa(int(math.Max(1, math.Round(amount/float64(step))))*step) + ".00"
}

func iso(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}

func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func daysBetween(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func weekdayOn(day time.Time) time.Time {
	switch day.Weekday() {
	case time.Saturday:
		return day.AddDate(0, 0, -1)
	case time.Sunday:
		return day.AddDate(0, 0, -2)
	default:
		return day
	}
}

// months are the first days of the months from the start to the end of the
// anchor's year.
func (m *maker) months() []time.Time {
	var out []time.Time
	for month := m.start; month.Year() <= m.anchor.Year(); month = month.AddDate(0, 1, 0) {
		out = append(out, month)
	}
	return out
}
