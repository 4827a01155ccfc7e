package metric_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// world is a small company, as rows in memory. Ids count from 1, 0 is null.
type world struct {
	people    []string
	territory []struct {
		name   string
		parent int
	}
	members  []assignment // of people to territories
	lines    []assignment // of people to managers
	accounts []struct{ name, industry, country string }
	products []string
	deals    []deal
}

// assignment holds from a day until another, noDay being open; superseded ones
// are no longer believed.
type assignment struct {
	person, to int
	from, till day
	superseded bool
}

// deal has no amount when it has no currency.
type deal struct {
	owner, account, product, stage int
	amount                         int64
	currency                       string
	engaged, closed                day
}

// stages of every world: name and outcome.
var stages = []struct{ name, outcome string }{
	{"Prospecting", "open"}, {"Negotiation", "open"}, {"Won", "won"}, {"Lost", "lost"},
}

// day counts from the first of January 2024.
type day int

const noDay day = -1

func (d day) time() time.Time { return time.Date(2024, 1, 1+int(d), 0, 0, 0, 0, time.UTC) }

func (d day) String() string { return d.time().Format(time.DateOnly) }

const lastDay = 560

func drawWorld(t *rapid.T) *world {
	w := &world{people: []string{"Ann", "bob", "Ann", "Cyd"}, products: []string{"Anvil", "Bellows"}}
	for i, name := range []string{"World", "EMEA", "Nordics", "APAC"} {
		w.territory = append(w.territory, struct {
			name   string
			parent int
		}{name, rapid.IntRange(0, i).Draw(t, "parent")})
	}
	for i := range 3 {
		w.accounts = append(w.accounts, struct{ name, industry, country string }{
			fmt.Sprint("Account ", i),
			rapid.SampledFrom([]string{"", "Retail", "retail", `Q"u\o{t},e`}).Draw(t, "industry"),
			rapid.SampledFrom([]string{"", "Norway", "Chad"}).Draw(t, "country"),
		})
	}
	w.members = rapid.SliceOfN(drawAssignment(len(w.people), len(w.territory)), 0, 6).Draw(t, "members")
	w.lines = rapid.SliceOfN(drawAssignment(len(w.people), len(w.people)), 0, 5).Draw(t, "lines")
	w.deals = rapid.SliceOfN(rapid.Custom(drawDeal), 0, 14).Draw(t, "deals")
	return w
}

func drawAssignment(people, things int) *rapid.Generator[assignment] {
	return rapid.Custom(func(t *rapid.T) assignment {
		a := assignment{person: rapid.IntRange(1, people).Draw(t, "person"), to: rapid.IntRange(1, things).Draw(t, "to"), from: noDay, till: noDay}
		if rapid.Bool().Draw(t, "dated") {
			a.from = day(rapid.IntRange(0, lastDay).Draw(t, "from"))
		}
		if rapid.Bool().Draw(t, "ended") {
			a.till = max(a.from, 0) + day(rapid.IntRange(1, lastDay).Draw(t, "days"))
		}
		a.superseded = rapid.IntRange(0, 4).Draw(t, "superseded") == 0
		return a
	})
}

func drawDeal(t *rapid.T) deal {
	d := deal{
		owner:   rapid.IntRange(0, 4).Draw(t, "owner"),
		account: rapid.IntRange(0, 3).Draw(t, "account"),
		product: rapid.IntRange(0, 2).Draw(t, "product"),
		stage:   rapid.IntRange(1, len(stages)).Draw(t, "stage"),
		engaged: drawDay(t, "engaged"),
		closed:  drawDay(t, "closed"),
	}
	d.currency = rapid.SampledFrom([]string{"", "USD", "USD", "USD", "EUR", "JPY"}).Draw(t, "currency")
	if d.currency != "" {
		d.amount = rapid.Int64Range(-100, 300_00).Draw(t, "amount")
	}
	return d
}

func drawDay(t *rapid.T, label string) day {
	return rapid.OneOf(rapid.Just(noDay), rapid.Custom(func(t *rapid.T) day {
		return day(rapid.IntRange(0, lastDay).Draw(t, "day"))
	}), rapid.Custom(func(t *rapid.T) day { // days at which periods end
		return day(rapid.SampledFrom([]int{0, 30, 31, 59, 60, 90, 91, 365, 366, 396, 397}).Draw(t, "edge"))
	})).Draw(t, label)
}

// store writes the world into the transaction.
func (w *world) store(tx *sqlx.Tx) {
	for i, name := range w.people {
		insert(tx, "person", "id, external_id, name, role", i+1, fmt.Sprint("p", i), name, "rep")
	}
	for i, t := range w.territory {
		insert(tx, "territory", "id, external_id, name, parent_id", i+1, fmt.Sprint("t", i), t.name, orNull(t.parent))
	}
	for i, a := range w.accounts {
		insert(tx, "account", "id, external_id, name, industry, country", i+1, fmt.Sprint("a", i), a.name, orNull(a.industry), orNull(a.country))
	}
	for i, name := range w.products {
		insert(tx, "product", "id, external_id, name", i+1, fmt.Sprint("x", i), name)
	}
	for i, s := range stages {
		insert(tx, "stage", "id, name, position, outcome", i+1, s.name, i, s.outcome)
	}
	for _, a := range w.members {
		insert(tx, "territory_member", "person_id, territory_id, valid, known", a.person, a.to, a.valid(), a.known())
	}
	for _, a := range w.lines {
		if a.person != a.to {
			insert(tx, "reporting_line", "person_id, manager_id, valid, known", a.person, a.to, a.valid(), a.known())
		}
	}
	for i, d := range w.deals {
		var amount any
		if d.currency != "" {
			amount = d.amount
		}
		insert(tx, "opportunity", "id, external_id, account_id, product_id, owner_id, stage_id, amount_minor, currency, engaged_on, close_on",
			i+1, fmt.Sprint("d", i), orNull(d.account), orNull(d.product), orNull(d.owner), d.stage,
			amount, orNull(d.currency), d.engaged.orNull(), d.closed.orNull())
	}
}

func insert(tx *sqlx.Tx, table, columns string, values ...any) {
	marks := make([]string, len(values))
	for i := range values {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	tx.MustExec("insert into "+table+" ("+columns+") overriding system value values ("+strings.Join(marks, ", ")+")", values...)
}

func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func (d day) orNull() any {
	if d == noDay {
		return nil
	}
	return d.String()
}

func (a assignment) valid() string {
	from, till := "", ""
	if a.from != noDay {
		from = a.from.String()
	}
	if a.till != noDay {
		till = a.till.String()
	}
	return "[" + from + "," + till + ")"
}

func (a assignment) known() string {
	if a.superseded {
		return "[1,2)"
	}
	return "[1,)"
}

// read answers a plan's statements as the store does: each column as text.
func read(t testing.TB, tx *sqlx.Tx, p *metric.Plan) metric.Result {
	t.Helper()
	var r metric.Reading
	for _, s := range p.Statements {
		table, err := readTable(tx, s)
		if err != nil {
			t.Fatalf("%v\n%s\n%v", err, s.SQL, s.Args)
		}
		r.Tables = append(r.Tables, table)
	}
	result, err := p.Result(r)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func readTable(tx *sqlx.Tx, s metric.Statement) ([][]*string, error) {
	rows, err := tx.Query(s.SQL, s.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var table [][]*string
	for rows.Next() {
		row := make([]*string, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		table = append(table, row)
	}
	return table, rows.Err()
}
