package metric_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestDealsAddUpToTheFigure lists the deals behind every metric over deals, over
// small random worlds, page by page: they are those that plain loops find, in
// order, and what the rows say adds up to the figure; so does what is shown of
// each page with what is said of the rest.
func TestDealsAddUpToTheFigure(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 12 {
				checkDeals(t, rt, tx, catalog, w)
			}
		})
	})
}

func checkDeals(t *testing.T, rt *rapid.T, tx *sqlx.Tx, catalog *metric.Catalog, w *world) {
	co, asked, v := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today")), drawViewer(rt)
	here, today, instant := drawStanding(rt, w, co, asked)
	q := drawQuery(rt, co, today)
	q.Shape, q.By, q.Compare, q.AsOf = metric.ShapeDeals, nil, "", instant
	q.Order = rapid.SampledFrom([]metric.Order{"", metric.Descending, metric.Ascending, metric.Latest, metric.Earliest}).Draw(rt, "list order")
	q.Limit = rapid.IntRange(1, 6).Draw(rt, "page")
	now := time.Date(2024, 1, 1+int(asked), 23, 59, 0, 0, co.Zone)
	l := lister{oracle: &oracle{world: here, q: q.Query, v: metric.Viewer{All: true, Role: metric.RoleAdmin}, co: co, today: today, from: q.from, till: q.till}, who: v}
	if _, planned := q.Perspective.Planned(); planned {
		// How planned maps are refused is that of the figures (planned_test.go); one
		// that is not planned is found out when it is read.
		if _, err := catalog.Compile(q.Query, v, co, now); codeOf(rt, err) != "" || l.isUnplanned() {
			return
		}
	}
	if l.refusal() != "" {
		if _, err := catalog.Compile(q.Query, v, co, now); codeOf(rt, err) != l.refusal() {
			rt.Fatalf("refused as %q: %v\n%+v\n%+v", l.refusal(), err, q.Query, v)
		}
		return
	}
	whole := l.counted(l.window(l.oracle.told(q.from, q.till)))
	mine := slices.DeleteFunc(slices.Clone(whole), func(d deal) bool { return l.narrows() && !slices.Contains(v.People, int64(d.owner)) })

	if l.measure().open {
		q.Limit, q.Offset = metric.MostDealsListed, 0
		plan, err := catalog.Compile(q.Query, v, co, now)
		if code := codeOf(rt, err); code != l.refusal() {
			rt.Fatalf("refused as %q, not %q: %v\n%+v\n%+v", code, l.refusal(), err, q.Query, v)
		}
		if err == nil {
			l.checkOpen(rt, tx, plan, whole)
		}
		return
	}
	if l.measure().placed {
		whole, mine = eachAccountOnce(whole), eachAccountOnce(mine)
	}
	if l.measure().quota && !l.byDay() {
		l.checkQuotas(rt, tx, catalog, now, mine)
		return
	}
	if l.byDay() {
		l.checkByDay(rt, tx, catalog, now, mine)
		return
	}
	var rows [][]metric.Cell
	for {
		plan, err := catalog.Compile(q.Query, v, co, now)
		if code := codeOf(rt, err); code != l.refusal() {
			rt.Fatalf("refused as %q, not %q: %v\n%+v\n%+v", code, l.refusal(), err, q.Query, v)
		}
		if err != nil {
			return
		}
		page := read(t, tx, plan)
		l.checkPage(rt, page, rows, whole, mine)
		rows = append(rows, aligned(page)...)
		q.Offset += q.Limit
		if q.Offset < len(mine) {
			continue
		}
		l.checkRows(rt, rows, mine)
		for _, f := range page.Figures {
			l.checkSum(rt, f, rows)
		}
		l.checkFigure(rt, tx, catalog, now, page)
		return
	}
}

// checkQuotas lists the quotas that a figure counts, or the won deals that are set
// against them: once for each quota whose days they closed in.
func (l lister) checkQuotas(rt *rapid.T, tx *sqlx.Tx, catalog *metric.Catalog, now time.Time, mine []deal) {
	q := l.q
	q.Limit = metric.MostDealsListed
	plan, err := catalog.Compile(q, l.who, l.co, now)
	if code := codeOf(rt, err); code != l.refusal() {
		rt.Fatalf("refused as %q, not %q: %v\n%+v", code, l.refusal(), err, q)
	}
	if err != nil {
		return
	}
	list, err := tryReadIn(tx, plan)
	if err != nil {
		if code := codeOf(rt, err); code != metric.CodeNotAvailable {
			rt.Fatal(err)
		}
		return // the period cuts through quotas
	}
	var want, got []string
	for _, m := range mine {
		if !slices.Contains([]string{"quota_bookings", "quota_attainment", "pace"}, q.Metric) {
			want = append(want, l.currencyOf(m)+fmt.Sprint(l.amount(m)))
			continue
		}
		for _, d := range l.wonFor(m) {
			amount := "<nil>"
			if d.currency == m.currency {
				amount = fmt.Sprint(l.amount(deal{amount: d.amount, currency: m.currency, closed: m.closed, quota: m.quota}))
			}
			want = append(want, l.currencyOf(m)+fmt.Sprint(" d", d.id-1, " ", amount))
		}
	}
	rows, sum := aligned(list), map[string]*big.Rat{}
	at := slices.IndexFunc(rows0(rows), func(c metric.Cell) bool { return c.Quantity != nil })
	for _, row := range rows {
		amount, measure := row[at].Quantity, row[at].Quantity
		if len(row) > at+2 { // before the id
			measure = row[at+1].Quantity
		}
		if measure.Value != nil {
			sum[amount.Currency] = new(big.Rat).Add(cmp.Or(sum[amount.Currency], new(big.Rat)), measure.Value)
		}
		if row[len(row)-1].Text[0] == 'p' {
			got = append(got, amount.Currency+fmt.Sprint(amount.Value))
		} else {
			got = append(got, amount.Currency+" "+row[len(row)-1].Text+" "+fmt.Sprint(amount.Value))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" || list.Total != len(want) {
		rt.Fatalf("%d in all (-want +got)\n%s\n%+v", list.Total, diff, q)
	}
	for _, f := range list.Figures {
		whole := f.Value
		if f.Part != nil {
			whole = f.Part
		}
		if added := cmp.Or(sum[f.Currency], new(big.Rat)); whole != nil && whole.Cmp(added) != 0 {
			rt.Fatalf("the figure is of %v, the rows add up to %v\n%+v", whole, added, q)
		}
	}
}

// rows0 is the first row, if there is one.
func rows0(rows [][]metric.Cell) []metric.Cell {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// lister says of a list what plain loops say of its figure.
type lister struct {
	*oracle
	who metric.Viewer
}

// refusal is the code with which the list is refused; empty: it is not.
func (l lister) refusal() string {
	o := *l.oracle
	if o.measure().forecast || o.measure().laid || o.measure().patches || o.measure().windows != nil || o.measure().nobodys && o.measure().made == nil { // there are no single facts behind them to list
		return metric.CodeNotAvailable
	}
	if l.byDay() && (l.q.Order == metric.Ascending || l.q.Order == metric.Descending) {
		return metric.CodeNotAvailable
	}
	o.v, o.q.Shape = metric.Viewer{All: true, Role: l.who.Role}, metric.ShapeFigure
	if code := o.refusal(); code != "" && o.measure().made == nil {
		return code
	}
	o.v = l.who
	switch {
	case o.measure().cleared && o.v.Role == metric.RoleRep:
		return metric.CodeNotAllowed
	case o.measure().made != nil:
		return metric.CodeNotAvailable
	case !o.v.All && slices.ContainsFunc(o.q.Where, func(f metric.Filter) bool { return l.names(f) && o.refused() }):
		return metric.CodeNotAllowed
	default:
		return ""
	}
}

// names reports whether a filter asks for people by their names.
func (l lister) names(f metric.Filter) bool {
	return f.Field == "person" && (f.Op == metric.Eq || f.Op == metric.In)
}

func (l lister) narrows() bool { return !l.who.All && !slices.ContainsFunc(l.q.Where, l.names) }

// told reports whether the viewer may know how many deals the figure counts.
func (l lister) told() bool {
	o := *l.oracle
	o.v = l.who
	return !l.narrows() || !o.refused()
}

// aligned are the rows with a currency, whether or not they have a column of
// them.
func aligned(r metric.Result) [][]metric.Cell {
	if slices.ContainsFunc(r.Columns, func(c metric.Column) bool { return c.Name == metric.ColumnCurrency }) {
		return r.Rows
	}
	out := make([][]metric.Cell, len(r.Rows))
	for i, row := range r.Rows {
		at := slices.IndexFunc(row, func(c metric.Cell) bool { return c.Quantity != nil })
		if at < 0 { // accounts have no amounts
			return r.Rows
		}
		out[i] = slices.Insert(slices.Clone(row), at, metric.Cell{Text: row[at].Quantity.Currency})
	}
	return out
}

// checkPage compares what a page says of itself: how many there are, what the
// viewer may see of them, and what those that it does not show add up to.
func (l lister) checkPage(t *rapid.T, page metric.Result, before [][]metric.Cell, whole, mine []deal) {
	want := metric.Listing{Before: len(before), Told: l.told()}
	if want.Told {
		want.Whole = int64(len(whole))
	}
	got := *page.Listing
	got.Rest = nil
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got)\n%s\n%+v", diff, l.q)
	}
	narrowed := l.narrows() && (!want.Told || len(mine) < len(whole))
	if page.Total != len(mine) || page.Facts != int64(len(mine)) || page.Narrowed != narrowed {
		t.Fatalf("%d of %d deals, narrowed %v: want %d, %v\n%+v", page.Facts, page.Total, page.Narrowed, len(mine), narrowed, l.q)
	}
	if l.measure().loaded != nil && !l.measure().loaded(l.world.whole()) || !l.haveGauged() {
		return
	}
	shown := aligned(page)
	for i, rest := range page.Listing.Rest {
		f := page.Figures[i]
		switch {
		case f.N != nil:
			if *rest.N+int64(len(shown)) != *f.N || *rest.K+among(shown) != *f.K {
				t.Fatalf("of the rest %d of %d, shown %v, in all %d of %d", *rest.K, *rest.N, shown, *f.K, *f.N)
			}
		case f.Part != nil:
			sum := sumOf(shown, 7, f.Currency)
			if sum.Add(sum, rest.Part).Cmp(f.Part) != 0 {
				t.Fatalf("with the rest %s, in all %s", sum.RatString(), f.Part.RatString())
			}
		case f.Unit == metric.UnitCount:
			if rest.Value.Cmp(new(big.Rat).Sub(f.Value, big.NewRat(int64(len(shown)), 1))) != 0 {
				t.Fatalf("the rest are %s of %s", rest.Value, f.Value)
			}
		case f.Value != nil:
			sum := sumOf(shown, l.measured(), f.Currency)
			if sum.Add(sum, rest.Value).Cmp(f.Value) != 0 {
				t.Fatalf("with the rest %s, in all %s\n%+v", sum.RatString(), f.Value.RatString(), l.q)
			}
		}
	}
}

// measured is the column of what the metric adds up.
func (l lister) measured() int {
	if l.measure().of != nil || l.measure().cycle || l.measure().days != nil || l.measure().number != nil {
		return 7
	}
	return 6
}

func sumOf(rows [][]metric.Cell, column int, currency string) *big.Rat {
	sum := new(big.Rat)
	for _, v := range valuesOf(rows, column, currency) {
		sum.Add(sum, v)
	}
	return sum
}

// valuesOf are the known values of a column in a currency, empty being all.
func valuesOf(rows [][]metric.Cell, column int, currency string) []*big.Rat {
	var out []*big.Rat
	for _, row := range rows {
		if q := row[column].Quantity; q.Value != nil && (currency == "" || q.Currency == currency) {
			out = append(out, q.Value)
		}
	}
	return out
}

func among(rows [][]metric.Cell) int64 {
	n := int64(0)
	for _, row := range rows {
		if row[len(row)-2].Text == "yes" {
			n++
		}
	}
	return n
}

// checkRows compares all rows with the deals, in the order asked for.
func (l lister) checkRows(t *rapid.T, rows [][]metric.Cell, mine []deal) {
	if l.measure().placed {
		l.checkAccounts(t, rows, mine)
		return
	}
	slices.SortStableFunc(mine, l.inOrder)
	var got, want []string
	for _, row := range rows {
		var cells []string
		for _, c := range row {
			if c.Quantity == nil {
				cells = append(cells, fmt.Sprintf("%s#%d", c.Text, c.ID))
			} else {
				cells = append(cells, fmt.Sprint(c.Quantity.Value))
			}
		}
		got = append(got, strings.Join(slices.Concat(cells[:7], l.gaugeCells(cells), cells[len(cells)-1:]), " / "))
	}
	for _, d := range mine {
		want = append(want, l.line(d))
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got)\n%s\n%+v", diff, l.q)
	}
}

// line writes a deal as its row is written.
func (l lister) line(d deal) string {
	name := fmt.Sprint("d", d.id-1)
	cells := []string{name + "#0"}
	for _, by := range []string{"account", "person", "stage"} {
		id, _, text := l.of(d, by)
		if id == 0 {
			text = "(none)"
		}
		cells = append(cells, fmt.Sprintf("%s#%d", text, id))
	}
	on, amount := "(none)#0", "<nil>"
	if l.clock(d) != noDay {
		on = l.clock(d).String() + "#0"
	}
	if d.currency != "" {
		amount = fmt.Sprint(l.amount(d))
	}
	return strings.Join(append(append(cells, on, l.currencyIn(d)+"#0", amount), append(l.gauged(d), name+"#0")...), " / ")
}

// gaugeCells are the cells of a row that hold the numbers that deals are kept by.
func (l lister) gaugeCells(cells []string) []string {
	end := len(cells) - 1
	if l.measure().isRate() {
		end--
	}
	return cells[end-len(l.fields()) : end]
}

// fields are the numbers that deals are kept by, each once.
func (l lister) fields() []string {
	return slices.DeleteFunc(slices.Clone(gauges), func(field string) bool {
		return !slices.ContainsFunc(l.q.Where, func(f metric.Filter) bool { return f.Field == field })
	})
}

// gauged writes those numbers of a deal.
func (l lister) gauged(d deal) []string {
	var out []string
	for _, field := range l.fields() {
		since, known := l.since(d, field)
		switch {
		case field == metric.FieldPushes:
			out = append(out, fmt.Sprint(big.NewRat(int64(l.timesPushed(d)), 1)))
		case !known || since == sinceEver:
			out = append(out, "<nil>")
		default:
			out = append(out, fmt.Sprint(big.NewRat(int64(l.today-since), 1)))
		}
	}
	return out
}

// currencyIn is the currency that a deal's amount is shown in.
func (l lister) currencyIn(d deal) string {
	if l.measure().byCurrency() {
		return l.currencyOf(d)
	}
	return d.currency
}

// amount is a deal's amount in major units of that currency.
func (l lister) amount(d deal) *big.Rat {
	amount := minor(d.amount)
	if l.measure().byCurrency() {
		amount = l.converted(d, amount)
	}
	return new(big.Rat).Quo(amount, big.NewRat(minorUnits[l.currencyIn(d)], 1))
}

func (l lister) inOrder(a, b deal) int {
	last := func(a, b bool) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) } // false first
	byID := strings.Compare(fmt.Sprint("d", a.id-1), fmt.Sprint("d", b.id-1))
	switch l.q.Order {
	case metric.Latest:
		return cmp.Or(last(l.clock(a) == noDay, l.clock(b) == noDay), cmp.Compare(l.clock(b), l.clock(a)), byID)
	case metric.Earliest:
		return cmp.Or(last(l.clock(a) == noDay, l.clock(b) == noDay), cmp.Compare(l.clock(a), l.clock(b)), byID)
	}
	x, y := l.currencyIn(a), l.currencyIn(b)
	c := cmp.Or(last(x != l.co.Currency, y != l.co.Currency), last(x == "", y == ""), strings.Compare(x, y))
	if c != 0 || x == "" {
		return cmp.Or(c, byID)
	}
	if c = l.amount(a).Cmp(l.amount(b)); l.q.Order != metric.Ascending {
		c = -c
	}
	return cmp.Or(c, byID)
}

// checkSum puts a figure together from the rows.
func (l lister) checkSum(t *rapid.T, f metric.Figure, rows [][]metric.Cell) {
	m := l.measure()
	if m.placed {
		l.checkCount(t, f, rows)
		return
	}
	values := valuesOf(rows, l.measured(), f.Currency)
	switch {
	case f.Reason == metric.ReasonNotLoaded && (m.loaded != nil || !l.haveGauged()):
		return
	case m.isRate():
		if *f.K != among(rows) || *f.N != int64(len(rows)) {
			t.Fatalf("%d of %d, by the rows %d of %d", *f.K, *f.N, among(rows), len(rows))
		}
		return
	case m.unit == metric.UnitCount && m.number == nil:
		values = []*big.Rat{big.NewRat(int64(len(rows)), 1)}
	case *f.Known != int64(len(values)):
		t.Fatalf("known for %d, by the rows for %d: %+v", *f.Known, len(values), l.q)
	}
	var want *big.Rat
	switch {
	case len(values) == 0:
	case m.over != nil:
		if whole := sumOf(rows, 8, f.Currency); whole.Sign() != 0 {
			want = new(big.Rat).Quo(sumOf(rows, 7, f.Currency), whole)
		}
	case m.combine != nil:
		unit := big.NewRat(max(minorUnits[f.Currency], 1), 1)
		if m.unit != metric.UnitMoney {
			unit = big.NewRat(1, 1)
		}
		var whole []int64
		for _, v := range values {
			whole = append(whole, new(big.Rat).Mul(v, unit).Num().Int64())
		}
		slices.Sort(whole)
		want = new(big.Rat).Quo(m.combine(whole), unit)
	default:
		want = new(big.Rat)
		for _, v := range values {
			want.Add(want, v)
		}
	}
	if (want == nil) != (f.Value == nil) || want != nil && want.Cmp(f.Value) != 0 {
		t.Fatalf("%s: the figure is %v, by the rows %v\n%+v", l.q.Metric, f.Value, want, l.q)
	}
}

// checkFigure asks for the figure itself, where the list is not narrowed.
func (l lister) checkFigure(t *rapid.T, tx *sqlx.Tx, catalog *metric.Catalog, now time.Time, list metric.Result) {
	if l.narrows() {
		return
	}
	q := l.q
	q.Shape, q.Order, q.Limit, q.Offset = metric.ShapeFigure, "", 0, 0
	plan, err := catalog.Compile(q, l.who, l.co, now)
	if err != nil {
		t.Fatal(err)
	}
	figure, err := tryReadIn(tx, plan)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(said(figure).Figures, said(list).Figures); diff != "" {
		t.Fatalf("(-figure +list)\n%s\n%+v", diff, q)
	}
}

// tryReadIn is tryRead outside a test.
func tryReadIn(tx *sqlx.Tx, p *metric.Plan) (metric.Result, error) {
	var r metric.Reading
	for _, s := range p.Statements {
		table, err := readTable(tx, s)
		if err != nil {
			return metric.Result{}, err
		}
		r.Tables = append(r.Tables, table)
	}
	return p.Result(r)
}

// TestDealsRefused asks for lists that contradict themselves, and for deals
// behind what is made of several figures.
func TestDealsRefused(t *testing.T) {
	all := metric.Viewer{Role: metric.RoleAdmin, All: true}
	for name, tt := range map[string]struct {
		query metric.Query
		code  string
	}{
		"broken down":     {metric.Query{Metric: "won_revenue", By: []string{"territory"}}, metric.CodeInvalid},
		"compared":        {metric.Query{Metric: "won_revenue", Compare: metric.ComparePrevious}, metric.CodeInvalid},
		"too long":        {metric.Query{Metric: "won_revenue", Limit: metric.MostDealsListed + 1}, metric.CodeInvalid},
		"from before":     {metric.Query{Metric: "won_revenue", Offset: -1}, metric.CodeInvalid},
		"in no order":     {metric.Query{Metric: "won_revenue", Order: "up"}, metric.CodeInvalid},
		"of several":      {metric.Query{Metric: "quota_remaining"}, metric.CodeNotAvailable},
		"a figure's page": {metric.Query{Metric: "won_revenue", Shape: metric.ShapeFigure, By: []string{"territory"}, Offset: 20}, metric.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.query.Shape == "" {
				tt.query.Shape = metric.ShapeDeals
			}
			_, err := metric.Default().Compile(tt.query, all, metric.DefaultCompany(), day(100).time())
			var refusal *metric.Refusal
			if !errors.As(err, &refusal) || refusal.Code != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
}

// TestSumOf finds the sum of amounts of the deals that a count counts.
func TestSumOf(t *testing.T) {
	for counts, sums := range map[string]string{
		"won_count": "won_revenue", "open_count": "open_pipeline", "lost_count": "lost_count", "win_rate": "win_rate", "won_revenue": "won_revenue",
	} {
		if got := metric.Default().SumOf(counts); got != sums {
			t.Errorf("%s: %s, want %s", counts, got, sums)
		}
	}
}
