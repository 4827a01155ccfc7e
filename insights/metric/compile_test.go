package metric_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// asked is a Query with what the oracle needs to know about its days.
type asked struct {
	metric.Query
	from, till, beforeFrom, beforeTill day
}

// within runs f in a transaction that is undone, with the world stored.
func within(db *sqlx.DB, w *world, f func(*sqlx.Tx)) {
	tx := db.MustBegin()
	defer func() { _ = tx.Rollback() }()
	w.store(tx)
	f(tx)
}

// TestFiguresAreThoseOfThePlainReading compares every figure, row and order
// with those that plain loops over the rows give, over small random worlds.
func TestFiguresAreThoseOfThePlainReading(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 12 {
				co, asked := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
				v := drawViewer(rt)
				here, today, instant := drawStanding(rt, w, co, asked)
				q := drawQuery(rt, co, today)
				q.AsOf = instant
				o := &oracle{world: here, q: q.Query, v: v, co: co, today: today, from: q.from, till: q.till, beforeFrom: q.beforeFrom}
				now := asked.time().Add(12 * time.Hour)
				p, err := catalog.Compile(q.Query, v, co, time.Date(now.Year(), now.Month(), now.Day(), 23, 59, 0, 0, co.Zone))
				if code := codeOf(rt, err); code != o.refusal() {
					rt.Fatalf("refused as %q, not %q: %v\n%+v\n%+v", code, o.refusal(), err, q.Query, v)
				}
				if err != nil {
					continue
				}
				result, err := tryRead(t, tx, p)
				cut := o.cut(q.from, q.till) || q.Compare != "" && o.cut(q.beforeFrom, q.beforeTill)
				cut = cut || o.isUnplanned()
				if (codeOf(rt, err) == metric.CodeNotAvailable) != cut {
					rt.Fatalf("cut through: %v, but %v\n%+v", cut, err, q)
				}
				if err != nil {
					continue
				}
				got, want := said(result), o.expected(q.from, q.till, q.beforeFrom, q.beforeTill)
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("(-want +got)\n%s\n%+v\n%+v\ntoday %s, %+v\n%s\n%v", diff, q, v, today, co, p.Statements[len(p.Statements)-1].SQL, p.Statements[len(p.Statements)-1].Args)
				}
			}
		})
	})
}

// drawStanding draws an instant of the day of asking or before it, and returns
// the world and the day of then; or, drawing none, those of now.
func drawStanding(t *rapid.T, w *world, co metric.Company, asked day) (*world, day, time.Time) {
	if rapid.Bool().Draw(t, "now") {
		return w, asked, time.Time{}
	}
	on := day(rapid.IntRange(0, int(asked)).Draw(t, "as of"))
	instant := endOf(co, on).Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 7, 20}).Draw(t, "hours before its end")) * time.Hour)
	return w.then(instant, on), on, instant
}

// smallCatalog is the default one, in which rates of few deals rank: random
// worlds are small.
func smallCatalog(t *testing.T) *metric.Catalog {
	t.Helper()
	source, err := os.ReadFile("catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := metric.ParseCatalog("catalog.yaml", bytes.ReplaceAll(source, []byte("min_n: 20"), []byte("min_n: 3")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// codeOf is the code of a refusal, empty for no error.
func codeOf(t *rapid.T, err error) string {
	var refusal *metric.Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refusal):
		return refusal.Code
	default:
		t.Fatal(err)
		return ""
	}
}

func drawCompany(t *rapid.T) metric.Company {
	zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "America/Sao_Paulo", "Pacific/Auckland"}).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	var works [7]bool
	for _, weekday := range rapid.SliceOfN(rapid.IntRange(0, 6), 0, 4).Draw(t, "works on") {
		works[weekday] = true
	}
	var holidays []metric.Holiday
	for _, on := range rapid.SliceOfN(rapid.IntRange(0, lastDay), 0, 6).Draw(t, "holidays") {
		holidays = append(holidays, metric.Holiday{Day: day(on).time(), Name: "Holiday"})
	}
	return metric.Company{
		WorkingDays: works,
		Holidays:    holidays,
		Zone:        zone,
		FiscalStart: time.Month(rapid.IntRange(1, 12).Draw(t, "fiscal start")),
		Calendar:    rapid.SampledFrom([]metric.Calendar{metric.Gregorian, metric.Weeks445, metric.Weeks454, metric.Weeks544}).Draw(t, "calendar"),
		WeekStart:   time.Weekday(rapid.IntRange(0, 6).Draw(t, "week start")),
		Currency:    "USD",
	}
}

func drawViewer(t *rapid.T) metric.Viewer {
	if rapid.Bool().Draw(t, "all") {
		return metric.Viewer{Role: metric.RoleAnalyst, All: true}
	}
	role := rapid.SampledFrom([]metric.Role{metric.RoleManager, metric.RoleManager, metric.RoleRep}).Draw(t, "role")
	return metric.Viewer{Role: role, People: rapid.SliceOfNDistinct(rapid.Int64Range(1, 4), 0, 3, rapid.ID).Draw(t, "people")}
}

var dimensions = []string{"person", "manager", "territory", "account", "industry", "segment", "country", "product", "stage", "outcome", "loss_reason", "competitor", "source", "kind", "forecast_category", "pushed"}

// everyDimension are those of all facts; dimensions are those of deals.
var everyDimension = append(slices.Clone(dimensions), "activity_kind", "lead_status")

func drawQuery(t *rapid.T, co metric.Company, today day) asked {
	q := asked{from: noDay, till: noDay}
	q.Shape = metric.ShapeFigure
	q.Metric = rapid.SampledFrom(metric.Default().Metrics()).Draw(t, "metric").Name
	q.By = rapid.SliceOfNDistinct(rapid.SampledFrom(everyDimension), 0, 2, rapid.ID).Draw(t, "by")
	q.Where = rapid.SliceOfN(rapid.Custom(drawAnyFilter), 0, 2).Draw(t, "where")
	q.Perspective = rapid.SampledFrom([]metric.Perspective{"", metric.AsWas, metric.AsIs, metric.AsPlanned("Map 0"), metric.AsPlanned("Map 1")}).Draw(t, "perspective")
	if measures[q.Metric].byCurrency() {
		q.In = rapid.SampledFrom([]string{"", "USD", "USD", "EUR", "JPY"}).Draw(t, "in")
	}
	q.drawPeriod(t, co, today)
	if q.Compare == "" && rapid.Bool().Draw(t, "over time") {
		q.By = append(q.By, rapid.SampledFrom(steps).Draw(t, "step"))
	}
	if len(q.By) > 0 {
		q.Order = rapid.SampledFrom([]metric.Order{"", metric.Ascending, metric.Descending}).Draw(t, "order")
		q.Limit = rapid.IntRange(0, 3).Draw(t, "limit")
	}
	return q
}

// drawPeriod draws no period, one of days, or months, the latter with the
// months before to compare with.
func (q *asked) drawPeriod(t *rapid.T, co metric.Company, today day) {
	at := func(d day) time.Time {
		y, m, dd := d.time().Date()
		return time.Date(y, m, dd, 0, 0, 0, 0, co.Zone)
	}
	switch rapid.IntRange(0, 3).Draw(t, "period") {
	case 0:
		return
	case 1:
		q.from = day(rapid.IntRange(0, lastDay).Draw(t, "from"))
		q.Period.From = at(q.from)
		return
	case 2:
		q.from = day(rapid.IntRange(70, 400).Draw(t, "from"))
		q.till = q.from + day(rapid.IntRange(1, 60).Draw(t, "days"))
	case 3:
		first := monthStarts(rapid.SampledFrom([]metric.Company{co, metric.DefaultCompany()}).Draw(t, "whose months"))
		month, n := rapid.IntRange(5, 13).Draw(t, "month"), rapid.IntRange(1, 4).Draw(t, "months")
		q.from, q.till = first[month], first[month+n]
	}
	q.Period.From, q.Period.To = at(q.from), at(q.till)
	q.beforeFrom, q.beforeTill = q.from-(q.till-q.from), q.from
	for _, co := range []metric.Company{metric.DefaultCompany(), co} { // days that are months, of the fiscal calendar first
		first := monthStarts(co)
		i, j := slices.Index(first, q.from), slices.Index(first, q.till)
		if i >= 0 && j >= 0 {
			q.beforeFrom = first[i-(j-i)]
		}
	}
	if today < q.till-1 { // running: as many days of the one before
		q.beforeTill = min(q.beforeTill, q.beforeFrom+today-q.from+1)
	}
	if today >= q.from && !measures[q.Metric].stock && rapid.Bool().Draw(t, "compare") {
		q.Compare = metric.ComparePrevious
		if rapid.Bool().Draw(t, "compare with any") {
			q.Compare = metric.ComparePeriod
			q.beforeFrom = day(rapid.IntRange(0, 400).Draw(t, "compared from"))
			q.beforeTill = q.beforeFrom + day(rapid.IntRange(1, 60).Draw(t, "compared days"))
			q.Against.From, q.Against.To = at(q.beforeFrom), at(q.beforeTill)
			if today < q.till-1 {
				q.beforeTill = min(q.beforeTill, q.beforeFrom+today-q.from+1)
			}
		}
	}
}

// monthStarts lists the first days of the company's months, from the end of 2023
// on.
func monthStarts(co metric.Company) []day {
	starts := startsOf(co, "month")
	return starts[slices.IndexFunc(starts, func(on day) bool { return on >= -40 }):]
}

func drawFilter(t *rapid.T) metric.Filter    { return drawFilterOn(t, dimensions) }
func drawAnyFilter(t *rapid.T) metric.Filter { return drawFilterOn(t, everyDimension) }

func drawFilterOn(t *rapid.T, dimensions []string) metric.Filter {
	f := metric.Filter{
		Field: rapid.SampledFrom(slices.Concat(dimensions, []string{metric.FieldAmount}, gauges)).Draw(t, "field"),
		Op:    rapid.SampledFrom([]metric.Op{metric.Eq, metric.Ne, metric.In, metric.NotIn, metric.IsNull}).Draw(t, "op"),
	}
	var value *rapid.Generator[metric.Value]
	texts := func(texts ...string) *rapid.Generator[metric.Value] {
		return rapid.Map(rapid.SampledFrom(texts), func(s string) metric.Value { return metric.Value{Text: s} })
	}
	switch f.Field {
	case metric.FieldAmount:
		f.Op = rapid.SampledFrom([]metric.Op{metric.Eq, metric.Ne, metric.Lt, metric.Lte, metric.Gt, metric.Gte, metric.IsNull}).Draw(t, "relation")
		value = texts("0", "1.5", "100", "150", "-0.5")
	case metric.FieldAge, metric.FieldSilence, metric.FieldInStage, metric.FieldPushes:
		f.Op = rapid.SampledFrom([]metric.Op{metric.Eq, metric.Ne, metric.Lt, metric.Lte, metric.Gt, metric.Gte}).Draw(t, "relation")
		value = texts("0", "1", "2", "7", "14", "40", "99999")
	case "industry":
		value = texts("RETAIL", `q"U\o{t},e`, "Mining")
	case "segment":
		value = texts("enterprise", "SMB")
	case "loss_reason":
		value = texts("PRICE", "Timing")
	case "source":
		value = texts("WEB", "fair")
	case "kind":
		value = texts("renewal")
	case "activity_kind":
		value = texts("CALL", "demo")
	case "lead_status":
		value = texts("qualified", "New")
	case "forecast_category":
		value = texts("commit", "Best_Case")
	case "pushed":
		value = texts("never", "Once", "twice or more")
	case "competitor":
		value = texts("hooli")
	case "country":
		value = texts("norway", "Chad")
	case "outcome":
		value = texts("won", "open", "lost")
	default:
		value = rapid.Map(rapid.Int64Range(1, 4), func(id int64) metric.Value { return metric.Value{ID: id, Text: "it"} })
	}
	switch f.Op {
	case metric.IsNull:
	case metric.In, metric.NotIn:
		f.Values = rapid.SliceOfN(value, 1, 2).Draw(t, "values")
	default:
		f.Values = []metric.Value{value.Draw(t, "value")}
	}
	return f
}
