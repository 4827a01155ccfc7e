package ask

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// sameQuery compares Queries as what they ask for: instants by the moment.
var sameQuery = cmp.Options{cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })}

// TestSay checks that a Query written in words is read as the same Query.
func TestSay(t *testing.T) {
	for _, tt := range []struct {
		name     string
		start    time.Month
		calendar metric.Calendar
	}{{"calendar", time.January, metric.Gregorian}, {"fiscal", time.February, metric.Gregorian}, {"weeks", time.February, metric.Weeks445}} {
		t.Run(tt.name, func(t *testing.T) {
			p := testParser()
			p.Company.FiscalStart, p.Company.Calendar = tt.start, tt.calendar
			rapid.Check(t, func(t *rapid.T) { checkSay(t, p) })
		})
	}
}

func checkSay(t *rapid.T, p *Parser) {
	c := newCalendar(testNow, p.Company)
	want := drawQuery(t, p, c)
	said := p.Say(want)
	r, err := p.Parse(t.Context(), Asked{Text: said, At: testNow, Viewer: dustin})
	if err != nil {
		t.Fatal(err)
	}
	if r.Query == nil {
		t.Fatalf("%q is not a question: %s (%v)", said, outcome(p, r), r.Notes)
	}
	if diff := cmp.Diff(want, *r.Query, sameQuery); diff != "" {
		t.Fatalf("%q (-said +read):\n%s", said, diff)
	}
}

// drawQuery draws a Query that the grammar can express.
func drawQuery(t *rapid.T, p *Parser, c calendar) metric.Query {
	q := metric.Query{Shape: metric.ShapeFigure, Period: metric.Period{Label: AllTime}}
	m := rapid.SampledFrom(p.Catalog.Metrics()).Draw(t, "metric")
	q.Metric = m.Name
	if rapid.IntRange(0, 9).Draw(t, "definition") == 0 {
		return metric.Query{Shape: metric.ShapeDefinition, Metric: m.Name}
	}
	if rapid.IntRange(0, 9).Draw(t, "owner") == 0 {
		return drawOwner(t, c)
	}
	var things, steps []string
	for _, d := range p.Catalog.Dimensions() {
		if d.Time == "" {
			things = append(things, d.Name)
		} else {
			steps = append(steps, d.Name)
		}
	}
	if m.Name == "whitespace_accounts" { // of a product it is another figure, of the accounts that never bought it
		things = slices.DeleteFunc(things, func(name string) bool { return name == "product" })
	}
	q.By = rapid.SliceOfNDistinct(rapid.SampledFrom(things), 0, 2, rapid.ID).Draw(t, "by")
	if len(q.By) == 0 {
		q.By = nil
	}
	if len(q.By) < 2 && rapid.Bool().Draw(t, "over time") {
		q.By = append(q.By, rapid.SampledFrom(steps).Draw(t, "step"))
	}
	q.Where = drawWhere(t, m)
	if rapid.Bool().Draw(t, "has period") {
		q.Period = drawPeriod(t, c)
	}
	bounded := !q.Period.From.IsZero() && !q.Period.To.IsZero()
	overTime := slices.ContainsFunc(q.By, func(by string) bool { return slices.Contains(steps, by) })
	if rapid.Bool().Draw(t, "as of") {
		q.AsOf = c.endOfDay(c.plusDays(c.today, -rapid.IntRange(0, 500).Draw(t, "days ago")))
	}
	if m.Stock && q.Period.IsAll() && !overTime && rapid.Bool().Draw(t, "compare with then") {
		q.Compare, q.Then = metric.CompareThen, c.endOfDay(c.plusDays(c.today, -rapid.IntRange(501, 900).Draw(t, "days before")))
	}
	if m.TellsChange() && len(q.By) < 2 && !overTime && rapid.Bool().Draw(t, "change") {
		q.Shape, q.Compare, q.Then = metric.ShapeChange, metric.CompareThen, c.endOfDay(c.plusDays(c.today, -rapid.IntRange(501, 900).Draw(t, "days before")))
	}
	if bounded && !m.Stock && !overTime && !strings.HasSuffix(q.Period.Label, "to date") && rapid.Bool().Draw(t, "compare") {
		q.Compare = metric.ComparePrevious
	}
	if q.Compare != "" && len(q.By) == 0 && !m.TellsChange() && m.HasFactors() && rapid.Bool().Draw(t, "factors") {
		q.Shape = metric.ShapeFactors
	}
	if len(q.By) > 0 && q.Shape != metric.ShapeChange {
		q.Order = rapid.SampledFrom([]metric.Order{"", metric.Ascending, metric.Descending}).Draw(t, "order")
		q.Limit = rapid.SampledFrom([]int{0, 1, 5, 999}).Draw(t, "limit")
	}
	if other := map[metric.Perspective]metric.Perspective{metric.AsIs: metric.AsWas, metric.AsWas: metric.AsIs}; rapid.Bool().Draw(t, "map") {
		q.Perspective = other[m.Perspective]
	}
	if rapid.IntRange(0, 5).Draw(t, "planned") == 0 {
		q.Perspective = metric.AsPlanned(rapid.SampledFrom([]string{"FY18", "By vertical"}).Draw(t, "planned map"))
	}
	if q.Shape == metric.ShapeFigure && rapid.IntRange(0, 4).Draw(t, "reported") == 0 {
		q.Reported = c.endOfDay(c.plusDays(c.today, -rapid.IntRange(0, 20).Draw(t, "days since")))
		if !q.AsOf.IsZero() {
			q.AsOf = c.endOfDay(c.plusDays(c.today, -100))
		}
	}
	if m.TellsStood() && overTime && !q.Period.From.IsZero() && q.Compare == "" && rapid.Bool().Draw(t, "stood") {
		q.Stood = true
	}
	if rapid.IntRange(0, 3).Draw(t, "deals") == 0 {
		q.Stood = false
		q.Shape, q.By, q.Compare, q.Then = metric.ShapeDeals, nil, "", time.Time{}
		q.Order = rapid.SampledFrom([]metric.Order{"", metric.Ascending, metric.Descending, metric.Latest, metric.Earliest}).Draw(t, "order")
		q.Limit, q.Offset = rapid.SampledFrom([]int{0, 1, 20}).Draw(t, "limit"), rapid.SampledFrom([]int{0, 1, 40}).Draw(t, "offset")
		drawPart(t, c, m, &q)
	}
	if m.Momentary() && !q.Stood {
		q.Period = metric.Period{Label: AllTime}
		if overTime && q.Shape == metric.ShapeFigure {
			q.By = slices.DeleteFunc(q.By, func(by string) bool { return slices.Contains(steps, by) })
		}
		if len(q.By) == 0 && q.Shape == metric.ShapeFigure {
			q.By, q.Order, q.Limit = nil, "", 0
		}
	}
	if by := m.ToldBy(q); by != "" {
		q.By = append([]string{by}, q.By...)
	}
	if m.ByCurrency() && q.Shape != metric.ShapeChange && q.Part == "" {
		q.In = rapid.SampledFrom([]string{"", "EUR", "USD", "JPY"}).Draw(t, "in")
	}
	if q.Compare == "" && !q.Stood && q.Shape == metric.ShapeFigure && rapid.IntRange(0, 3).Draw(t, "share") == 0 {
		q.Share = drawShare(t, q)
	}
	if q.Compare == "" && !q.Stood && q.Shape == metric.ShapeFigure && q.Share == "" && len(q.By) > 0 && rapid.IntRange(0, 2).Draw(t, "rows") == 0 {
		q.Having = drawHaving(t)
	}
	return q
}

// drawHaving draws the values of the rows that are kept: above one, below one, or
// between two.
func drawHaving(t *rapid.T) []metric.Bound {
	low := metric.Bound{Op: rapid.SampledFrom([]metric.Op{metric.Gt, metric.Gte}).Draw(t, "above"), Value: rapid.SampledFrom([]string{"-250", "0", "0.125", "0.3333333", "5"}).Draw(t, "low")}
	high := metric.Bound{Op: rapid.SampledFrom([]metric.Op{metric.Lt, metric.Lte}).Draw(t, "below"), Value: rapid.SampledFrom([]string{"5", "37.5", "2017", "50000", "1234567.89"}).Draw(t, "high")}
	return rapid.SampledFrom([][]metric.Bound{{low}, {high}, {low, high}}).Draw(t, "having")
}

// drawShare draws how a figure is told as parts of a whole, if it can be.
func drawShare(t *rapid.T, q metric.Query) string {
	var fields []string
	for _, f := range q.Where {
		if !slices.ContainsFunc(q.Where, func(o metric.Filter) bool { return o.Field == f.Field && o.Op != f.Op }) {
			fields = append(fields, f.Field)
		}
	}
	switch {
	case len(q.By) > 0:
		return metric.ShareOfRows
	case len(fields) > 0:
		return rapid.SampledFrom(fields).Draw(t, "part")
	default:
		return ""
	}
}

// drawOwner draws a Query of who owns something.
func drawOwner(t *rapid.T, c calendar) metric.Query {
	q := metric.Query{Shape: metric.ShapeOwner, Period: metric.Period{Label: AllTime}}
	field := rapid.SampledFrom([]string{"account", "territory", metric.FieldDeal}).Draw(t, "owned")
	value := metric.Value{Text: rapid.SampledFrom([]string{"Globex, Tidal 900", "OPP-17", "won", "Central renewal"}).Draw(t, "deal")}
	if field != metric.FieldDeal {
		things := slices.DeleteFunc(slices.Clone(maven), func(n insights.Name) bool { return n.Kind != field })
		n := rapid.SampledFrom(things).Draw(t, "thing")
		value = metric.Value{ID: n.ID, Text: n.Text}
	}
	q.Where = []metric.Filter{{Field: field, Op: metric.Eq, Values: []metric.Value{value}}}
	if rapid.Bool().Draw(t, "owned as of") {
		q.AsOf = c.endOfDay(c.plusDays(c.today, -rapid.IntRange(0, 500).Draw(t, "days ago")))
	}
	return q
}

// drawPart makes a list now and then one of a part of what changed. Into and out of
// no days nothing is pulled or pushed.
func drawPart(t *rapid.T, c calendar, m *metric.Metric, q *metric.Query) {
	if !m.TellsChange() || !rapid.Bool().Draw(t, "of a part") {
		return
	}
	parts := slices.Sorted(maps.Keys(partWords))
	if q.Period.IsAll() {
		parts = slices.DeleteFunc(parts, func(p metric.Part) bool { return p == metric.PartPulledIn || p == metric.PartPushedOut })
	}
	q.Part, q.Reported = rapid.SampledFrom(parts).Draw(t, "part"), time.Time{}
	q.Compare, q.Then = metric.CompareThen, c.endOfDay(c.plusDays(c.today, -rapid.IntRange(501, 900).Draw(t, "days before")))
}

func drawWhere(t *rapid.T, m *metric.Metric) []metric.Filter {
	byKind := map[string][]metric.Value{}
	for _, n := range maven {
		byKind[n.Kind] = append(byKind[n.Kind], metric.Value{ID: n.ID, Text: n.Text})
	}
	var where []metric.Filter
	kinds := []string{"territory", "person", "account", "industry", "country", "stage"}
	if m.Name != "whitespace_accounts" {
		kinds = append(kinds, "product")
	}
	for _, kind := range rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 0, 3, rapid.ID).Draw(t, "kinds") {
		f := metric.Filter{Field: kind, Op: rapid.SampledFrom([]metric.Op{metric.Eq, metric.Ne, metric.IsNull}).Draw(t, "op")}
		if f.Op != metric.IsNull {
			byText := func(v metric.Value) string { return v.Text }
			f.Values = rapid.SliceOfNDistinct(rapid.SampledFrom(byKind[kind]), 1, 3, byText).Draw(t, "values")
		}
		if len(f.Values) > 1 {
			f.Op = map[metric.Op]metric.Op{metric.Eq: metric.In, metric.Ne: metric.NotIn}[f.Op]
		}
		where = append(where, f)
	}
	if rapid.Bool().Draw(t, "amount") {
		op := rapid.SampledFrom([]metric.Op{metric.Gt, metric.Gte, metric.Lt, metric.Lte, metric.Eq}).Draw(t, "amount op")
		text := rapid.SampledFrom([]string{"0.5", "7", "2017", "50000", "1234567.89", "-250"}).Draw(t, "amount")
		where = append(where, metric.Filter{Field: metric.FieldAmount, Op: op, Values: []metric.Value{{Text: text}}})
	}
	for _, field := range []string{metric.FieldAge, metric.FieldSilence, metric.FieldInStage, metric.FieldPushes} {
		if !m.CanCompare(field) || rapid.IntRange(0, 3).Draw(t, field) > 0 {
			continue
		}
		op := rapid.SampledFrom([]metric.Op{metric.Gt, metric.Gte, metric.Lt, metric.Lte, metric.Eq}).Draw(t, "number op")
		text := rapid.SampledFrom([]string{"0", "1", "2", "14", "90", "2017", "9999"}).Draw(t, "number")
		where = append(where, metric.Filter{Field: field, Op: op, Values: []metric.Value{{Text: text}}})
	}
	return where
}

func drawPeriod(t *rapid.T, c calendar) metric.Period {
	text := rapid.SampledFrom([]string{
		"today", "yesterday", "tomorrow", "this week", "last month", "next quarter", "this half", "last year",
		"last 30 days", "last 2 weeks", "past month", "last 6 months", "next 2 quarters", "last 1 year", "last 2 halves",
		"ytd", "qtd", "q3", "q4 2016", "h1 2017", "2017", "fy16", "calendar q2 2017", "calendar 2016", "this calendar quarter",
		"march", "feb 2016", "2017-03-01", "2017-03-01..2017-06-30", "since march", "before 2017", "until june 2017", "last monday",
	}).Draw(t, "period")
	p, n := c.readPeriod(tokenise(clean(text)))
	if n == 0 {
		t.Fatalf("%q is no period", text)
	}
	return p.Period
}

// FuzzParse checks that every text ends in exactly one outcome, that a Query
// is one the catalogue accepts, and that what is offered instead can be asked.
func FuzzParse(f *testing.F) {
	for _, text := range corpusTexts(f) {
		f.Add(text, uint8(0))
		f.Add(text, uint8(1))
	}
	p := testParser()
	last := &metric.Query{
		Shape: metric.ShapeFigure, Metric: "win_rate", By: []string{"person"}, Limit: 5, Order: metric.Descending,
		Where:  []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: 1, Text: "Central"}}}},
		Period: newCalendar(testNow, p.Company).relative(quarter, -1, false).Period, Compare: metric.ComparePrevious,
	}
	hints := []string{"", "", HintPipeline, HintTerritory, HintKPI}
	f.Fuzz(func(t *testing.T, text string, how uint8) {
		asked := Asked{Text: text, At: testNow, Viewer: dustin, Hint: hints[int(how)%len(hints)]}
		if how%2 == 1 {
			asked.Last = last
		}
		checkOutcome(t, p, asked)
	})
}

func checkOutcome(t *testing.T, p *Parser, asked Asked) {
	t.Helper()
	r := parse(t, p, asked)
	outcomes := 0
	for _, is := range []bool{r.Query != nil, r.Ask != "", len(r.Unknown) > 0, r.List} {
		if is {
			outcomes++
		}
	}
	if outcomes != 1 {
		t.Fatalf("%q: %d outcomes: %+v", asked.Text, outcomes, r)
	}
	if r.Query != nil {
		checkValid(t, p, asked, *r.Query)
	}
	if r.Ask != "" && len(r.Choices) == 0 || len(r.Unknown) > 0 && len(r.Choices) != 2 {
		t.Fatalf("%q: %d choices: %+v", asked.Text, len(r.Choices), r)
	}
	for _, c := range r.Choices {
		if slices.Contains([]string{"help", "/kpi", "/digest", "/insight list"}, c.Command) {
			continue // a command, not a question
		}
		again := parse(t, p, Asked{Text: c.Command, At: asked.At, Viewer: asked.Viewer})
		if again.Query == nil {
			t.Fatalf("%q offers %q, which is no question: %s", asked.Text, c.Command, outcome(p, again))
		}
		if said := p.Say(*again.Query); said != c.Command {
			t.Fatalf("%q offers %q, which is read as %q", asked.Text, c.Command, said)
		}
	}
}

// checkValid checks that the catalogue accepts a Query, for somebody who may
// see everything.
func checkValid(t *testing.T, p *Parser, asked Asked, q metric.Query) {
	t.Helper()
	if q.Shape == metric.ShapeDefinition {
		if _, ok := p.Catalog.Metric(q.Metric); !ok {
			t.Fatalf("%q defines %q", asked.Text, q.Metric)
		}
		return
	}
	revision := int64(0)
	if !q.Reported.IsZero() {
		revision = 1
	}
	_, err := p.Catalog.CompileAt(q, admin, p.Company, asked.At, revision)
	var refusal *metric.Refusal
	switch {
	case err == nil:
	case errors.As(err, &refusal) && refusal.Code != metric.CodeInvalid:
	case strings.Contains(err.Error(), "steps") || strings.Contains(err.Error(), "not begun"):
		// The catalogue says these better: they depend on the days alone.
	default:
		t.Fatalf("%q: %s: %v", asked.Text, p.Say(q), err)
	}
}

// leavingOut are the words that leave out what follows them.
var leavingOut = []string{"not", "except", "excluding", "without"}

// TestNoWordIsDropped puts words that change a question into questions that
// are understood: the answer must not stay the same.
func TestNoWordIsDropped(t *testing.T) {
	changing := []string{
		"not", "except", "excluding", "without", "or", "vs", "average", "maximum", "weighted", "his", "other", "no", "half",
		"wibble", "5", "ago", "yoy", "lost", "almost", "non", "twice", "expected", "forecast", "net", "if", "<", ">=",
	}
	p := testParser()
	texts := corpusTexts(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(t, "text")
		asked := Asked{Text: text, At: testNow, Viewer: dustin}
		before, err := p.Parse(t.Context(), asked)
		if err != nil || before.Query == nil {
			t.Skip("not a question")
		}
		fields := strings.Fields(text)
		at := rapid.IntRange(0, len(fields)).Draw(t, "at")
		word := rapid.SampledFrom(changing).Draw(t, "word")
		repeats := word == "lost" && (strings.Contains(text, "los") || strings.Contains(text, "competitor"))
		// "but not" says what "but" does, and "except Ann and not Bob" what "except Ann and Bob" does.
		butNot := at > 0 && slices.Contains(leavingOut, word) &&
			(fields[at-1] == "but" || fields[at-1] == "and" && slices.ContainsFunc(leavingOut, func(w string) bool { return slices.Contains(fields[:at], w) }))
		// Said twice running, a word says what it says once.
		twice := slices.Contains(fields[max(at-1, 0):min(at+1, len(fields))], word)
		// As in "vs yoy".
		compared := word == "vs" && at < len(fields) && (fields[at] == "yoy" || strings.HasPrefix(fields[at], "y/y"))
		// What changed this year is told against the one before anyway.
		compared = compared || word == "yoy" && before.Query.Shape == metric.ShapeFactors && before.Query.Compare == metric.ComparePrevious
		// "Category" alone is read as forecast category, and says so.
		category := word == "forecast" && at < len(fields) && fields[at] == "category"
		// "For 30 days" is for at least as many.
		least := func(f metric.Filter) bool { return f.Field != metric.FieldAmount && f.Op == metric.Gte }
		atLeast := word == ">=" && slices.ContainsFunc(before.Query.Where, least)
		repeats = repeats || category || atLeast || slices.Contains([]string{"weighted", "forecast"}, word) && slices.Contains(fields, word)
		if joins := word == "or" && strings.Contains(text, ","); repeats || joins || butNot || twice || compared {
			t.Skip("it changes nothing here")
		}
		asked.Text = strings.Join(slices.Insert(fields, at, word), " ")
		after, err := p.Parse(t.Context(), asked)
		if err != nil {
			t.Fatal(err)
		}
		if after.Query != nil && cmp.Equal(*before.Query, *after.Query, sameQuery) {
			t.Fatalf("%q is read as %q, as without %q", asked.Text, p.Say(*after.Query), word)
		}
	})
}
