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
	"strings"
	"time"
)

// Name is what the demo company is called.
const Name = "Tidewater Pumps (fictional)"

// Domain ends the e-mail addresses of its people.
const Domain = "tidewater.example"

// seed fixes the company: the same anchor day gives the same files.
const seed = 20260201

// Write puts the company into a folder in the native import layout, as it
// stands at the end of the anchor day: two years of deals behind it and a
// pipeline ahead.
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
	m := &maker{rand: rand.New(rand.NewPCG(seed, seed)), anchor: civil(anchor)}
	m.people()
	m.customers()
	m.deals()
	return map[string][][]string{
		"stages.csv":        stageRows(),
		"territories.csv":   territoryRows(),
		"people.csv":        m.peopleRows,
		"products.csv":      productRows(),
		"accounts.csv":      m.accountRows,
		"opportunities.csv": m.dealRows,
	}
}

type maker struct {
	rand        *rand.Rand
	anchor      time.Time
	reps        []rep
	accounts    []customer
	peopleRows  [][]string
	accountRows [][]string
	dealRows    [][]string
}

type rep struct {
	key       string
	territory string
	skill     float64 // chance of winning a decided deal
	pace      float64 // share of the company's new deals, relative
}

type customer struct {
	key  string
	name string
}

type product struct {
	key, name, family string
	typical           float64 // typical deal, in dollars
}

var products = []product{
	{"P-100", "Tidal 100", "Pumps", 12000},
	{"P-300", "Tidal 300", "Pumps", 34000},
	{"P-900", "Tidal 900", "Pumps", 95000},
	{"F-10", "Estuary Filter", "Filters", 8000},
	{"F-50", "Delta Filter", "Filters", 21000},
	{"S-1", "Harbour Care", "Service", 15000},
	{"S-2", "Harbour Care Plus", "Service", 42000},
}

var territories = []struct{ key, name, parent string }{
	{"AMER", "Americas", ""},
	{"AMER-E", "Americas East", "AMER"},
	{"AMER-W", "Americas West", "AMER"},
	{"EMEA", "EMEA", ""},
	{"EMEA-N", "EMEA North", "EMEA"},
	{"EMEA-S", "EMEA South", "EMEA"},
	{"APAC", "APAC", ""},
	{"APAC-N", "APAC North", "APAC"},
	{"APAC-S", "APAC South", "APAC"},
}

var stages = []struct{ name, outcome string }{
	{"Discovery", "open"}, {"Evaluation", "open"}, {"Proposal", "open"}, {"Legal", "open"}, {"Won", "won"}, {"Lost", "lost"},
}

var managers = []struct{ key, name, territory string }{
	{"M1", "Odile Marchetti", "AMER-E"},
	{"M2", "Tobias Renner", "AMER-W"},
	{"M3", "Ingrid Solheim", "EMEA-N"},
	{"M4", "Rafael Quintero", "EMEA-S"},
	{"M5", "Haruka Nomura", "APAC-N"},
	{"M6", "Callum Fairweather", "APAC-S"},
}

var (
	firstNames = []string{"Priya", "Tom", "Lena", "Marcus", "Yara", "Felix", "Noor", "Ivan", "Greta", "Samuel", "Mina", "Oscar", "Dalia", "Hugo", "Keiko", "Anton", "Bela", "Rosa", "Jonas", "Amara"}
	lastNames  = []string{"Adeyemi", "Bergstrom", "Castellan", "Dorfmann", "Eklund", "Farouk", "Galloway", "Halvorsen", "Iwata", "Jansen", "Kowalczyk", "Lindqvist"}
	nameHeads  = []string{"Amber", "Birch", "Cobalt", "Dune", "Ember", "Fjord", "Granite", "Heron", "Indigo", "Juniper", "Kestrel", "Lumen", "Meridian", "Nimbus", "Onyx", "Pinnacle", "Quarry", "Rowan", "Summit", "Thistle"}
	nameTails  = []string{"Foods", "Water Works", "Chemicals", "Paper Mills", "Breweries", "Mining", "Energy", "Textiles", "Hospitals", "Farms"}
	industries = []string{"food", "utilities", "chemicals", "paper", "beverages", "mining", "energy", "textiles", "healthcare", "agriculture"}
	countries  = []string{"United States", "Canada", "Germany", "Norway", "Spain", "Italy", "Japan", "South Korea", "Australia", "New Zealand"}
)

const repCount = 40

func (m *maker) people() {
	m.peopleRows = [][]string{{"external_id", "name", "email", "role", "manager", "territory", "since"}}
	add := func(key, name, role, manager, territory string) {
		m.peopleRows = append(m.peopleRows, []string{key, name, email(name), role, manager, territory, ""})
	}
	add("D1", "Sabine Aldous", "manager", "", "")
	add("O1", "Wren Castillo", "admin", "", "")
	add("A1", "Emeka Obi-Lindgren", "analyst", "", "")
	for _, b := range managers {
		add(b.key, b.name, "manager", "D1", b.territory)
	}
	for i := range repCount {
		manager := managers[i%len(managers)]
		name := firstNames[i%len(firstNames)] + " " + lastNames[(i*5+i/len(firstNames))%len(lastNames)]
		key := fmt.Sprintf("R%02d", i+1)
		add(key, name, "rep", manager.key, manager.territory)
		m.reps = append(m.reps, rep{key: key, territory: manager.territory, skill: 0.22 + 0.3*m.rand.Float64(), pace: 0.5 + m.rand.Float64()})
	}
}

func email(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@" + Domain
}

func (m *maker) customers() {
	m.accountRows = [][]string{{"external_id", "name", "industry", "country", "parent"}}
	for i, head := range nameHeads {
		for j, tail := range nameTails {
			key := fmt.Sprintf("C%03d", i*len(nameTails)+j+1)
			c := customer{key: key, name: head + " " + tail}
			m.accounts = append(m.accounts, c)
			m.accountRows = append(m.accountRows, []string{key, c.name, industries[j], countries[m.rand.IntN(len(countries))], ""})
		}
	}
}

// history is how far back the company's deals go.
const history = 2 * 365

func (m *maker) deals() {
	m.dealRows = [][]string{{"external_id", "name", "account", "product", "owner", "stage", "amount", "currency", "created_on", "engaged_on", "close_on"}}
	start := m.anchor.AddDate(0, 0, -history)
	for day := range history {
		for range m.newDeals(day) {
			m.deal(start.AddDate(0, 0, day))
		}
	}
}

// newDeals grows slowly over the two years and rests at weekends.
func (m *maker) newDeals(day int) int {
	weekday := m.anchor.AddDate(0, 0, day-history).Weekday()
	if weekday == time.Saturday || weekday == time.Sunday {
		return 0
	}
	mean := 3.5 + 2*float64(day)/history
	return int(mean + m.rand.Float64())
}

func (m *maker) deal(created time.Time) {
	owner := m.pickRep()
	account := m.accounts[m.rand.IntN(len(m.accounts))]
	sold := products[m.rand.IntN(len(products))]
	engaged := created.AddDate(0, 0, m.rand.IntN(10))
	closing := m.closingDay(engaged)
	amount := money(sold.typical * math.Exp(0.45*m.rand.NormFloat64()))
	won := m.rand.Float64() < owner.skill
	unpriced := m.rand.Float64() < 0.18
	stage := m.stage(engaged, closing, won)
	if stage == "Discovery" && unpriced {
		amount = ""
	}
	currency := ""
	if amount != "" {
		currency = "USD"
	}
	engagedText := iso(engaged)
	if engaged.After(m.anchor) {
		engagedText = ""
	}
	key := fmt.Sprintf("T%05d", len(m.dealRows))
	m.dealRows = append(m.dealRows, []string{
		key, account.name + ", " + sold.name, account.key, sold.key, owner.key, stage, amount, currency, iso(created), engagedText, iso(closing),
	})
}

func (m *maker) pickRep() rep {
	for {
		r := m.reps[m.rand.IntN(len(m.reps))]
		if m.rand.Float64()*1.5 < r.pace {
			return r
		}
	}
}

// closingDay is some weeks after a deal was engaged, drawn towards the end of
// a quarter as deals are.
func (m *maker) closingDay(engaged time.Time) time.Time {
	days := int(55 * math.Exp(0.5*m.rand.NormFloat64()))
	closing := engaged.AddDate(0, 0, 5+days)
	if m.rand.Float64() < 0.25 {
		quarterEnd := time.Date(closing.Year(), (closing.Month()-1)/3*3+4, 0, 0, 0, 0, 0, time.UTC)
		if quarterEnd.Sub(closing) < 21*24*time.Hour {
			closing = quarterEnd
		}
	}
	return weekdayOn(closing)
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

// stage is where the deal stands on the anchor day. A few deals stay open
// past their day, as they do everywhere.
func (m *maker) stage(engaged, closing time.Time, won bool) string {
	overdue := m.rand.Float64() < 0.03
	if !closing.After(m.anchor) && !overdue {
		if won {
			return "Won"
		}
		return "Lost"
	}
	span := closing.Sub(engaged).Hours()
	through := m.anchor.Sub(engaged).Hours() / math.Max(span, 1)
	switch {
	case through < 0.3:
		return "Discovery"
	case through < 0.6:
		return "Evaluation"
	case through < 0.85:
		return "Proposal"
	default:
		return "Legal"
	}
}

func money(dollars float64) string {
	return strconv.Itoa(int(math.Max(1, math.Round(dollars/50)))*50) + ".00"
}

func iso(day time.Time) string { return day.Format(time.DateOnly) }

func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func stageRows() [][]string {
	rows := [][]string{{"name", "position", "outcome"}}
	for i, s := range stages {
		rows = append(rows, []string{s.name, strconv.Itoa(i + 1), s.outcome})
	}
	return rows
}

func territoryRows() [][]string {
	rows := [][]string{{"external_id", "name", "parent"}}
	for _, t := range territories {
		rows = append(rows, []string{t.key, t.name, t.parent})
	}
	return rows
}

func productRows() [][]string {
	rows := [][]string{{"external_id", "name", "family"}}
	for _, p := range products {
		rows = append(rows, []string{p.key, p.name, p.family})
	}
	return rows
}
