package metric_test

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestDealsOfAPartAddUpToIt lists the deals of every part of what changed, over
// small random worlds and cuts, page by page: they are those that plain loops find,
// each with its amount at both ends, and what they add is the part as the change
// tells it, in every currency. Whoever sees only some people's deals is listed those
// that were theirs at both ends, and no other.
func TestDealsOfAPartAddUpToIt(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawRestless(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 2 {
				checkParts(t, rt, tx, catalog, w)
			}
		})
	})
}

func checkParts(t *testing.T, rt *rapid.T, tx *sqlx.Tx, catalog *metric.Catalog, w *world) {
	co, v, asked := drawCompany(rt), drawViewer(rt), day(rapid.IntRange(1, lastDay).Draw(rt, "today"))
	here, today, instant := drawStanding(rt, w, co, asked)
	if today == 0 {
		return // there is no earlier day
	}
	before := day(rapid.IntRange(0, int(today)-1).Draw(rt, "then"))
	q := drawChange(rt, co, today)
	q.AsOf, q.Then, q.By = instant, endOf(co, before), nil
	everybody := metric.Viewer{All: true, Role: metric.RoleAdmin}
	c := partLister{changes: changes{
		opening: &oracle{world: w.then(q.Then, before), q: q.Query, v: everybody, co: co, today: before},
		closing: &oracle{world: here, q: q.Query, v: everybody, co: co, today: today},
		from:    q.from, till: q.till,
	}, who: v}
	now := time.Date(2024, 1, 1+int(asked), 23, 59, 0, 0, co.Zone)
	change, err := catalog.Compile(q.Query, everybody, co, now)
	if err != nil {
		return // as the change is refused
	}
	told := saidParts(read(t, tx, change))
	for _, part := range rapid.SliceOfNDistinct(rapid.SampledFrom(order), 4, 4, rapid.ID).Draw(rt, "parts") {
		list := q.Query
		list.Shape, list.Part = metric.ShapeDeals, part
		list.Order = rapid.SampledFrom([]metric.Order{"", metric.Ascending, metric.Descending, metric.Latest, metric.Earliest}).Draw(rt, "list order")
		list.Limit = rapid.IntRange(1, 6).Draw(rt, "page")
		c.check(t, rt, tx, catalog, now, list, told)
	}
}

// partLister says of a list of a part what plain loops say of what changed.
type partLister struct {
	changes
	who metric.Viewer
}

func (c partLister) check(t *testing.T, rt *rapid.T, tx *sqlx.Tx, catalog *metric.Catalog, now time.Time, q metric.Query, told []string) {
	whole := slices.DeleteFunc(c.moves(), func(m move) bool { return m.part != q.Part })
	mine := slices.DeleteFunc(slices.Clone(whole), func(m move) bool { return !c.sees(m) })
	var rows [][]metric.Cell
	for {
		plan, err := catalog.Compile(q, c.who, c.closing.co, now)
		if code := codeOf(rt, err); code != c.refusal(q) {
			rt.Fatalf("refused as %q, not %q: %v\n%+v\n%+v", code, c.refusal(q), err, q, c.who)
		}
		if err != nil {
			return
		}
		page := read(t, tx, plan)
		if page.Total != len(mine) || page.Listing.Told && page.Listing.Whole != int64(len(whole)) || page.Listing.Told != c.told(q) {
			rt.Fatalf("%d of %d deals, want %d of %d, told %v\n%+v", page.Total, page.Listing.Whole, len(mine), len(whole), c.told(q), q)
		}
		checkRest(rt, page)
		rows = append(rows, aligned(page)...)
		if q.Offset += q.Limit; q.Offset < len(mine) {
			continue
		}
		if diff := cmp.Diff(c.lines(mine), saidDeals(rows)); diff != "" {
			rt.Fatalf("(-want +got)\n%s\n%+v\n%s\n%v", diff, q, plan.Statements[0].SQL, plan.Statements[0].Args)
		}
		if c.who.All && c.closing.haveGauged() {
			checkIsPart(rt, page, rows, told)
		}
		return
	}
}

// refusal is the code with which a list of a part is refused to the viewer.
func (c partLister) refusal(q metric.Query) string {
	windowed := q.Part == metric.PartPulledIn || q.Part == metric.PartPushedOut
	outside := func(f metric.Filter) bool {
		named := f.Field == "person" && (f.Op == metric.Eq || f.Op == metric.In)
		return named && !c.who.All && slices.ContainsFunc(f.Values, func(v metric.Value) bool { return !c.who.Sees(v.ID) })
	}
	switch {
	case q.Part == metric.PartMovedIn || q.Part == metric.PartMovedOut:
		return metric.CodeInvalid
	case windowed && c.from == noDay && c.till == noDay:
		return metric.CodeNotAvailable
	case slices.ContainsFunc(q.Where, outside):
		return metric.CodeNotAllowed
	default:
		return ""
	}
}

// told reports whether how many deals there are in all is for the viewer to know.
func (c partLister) told(q metric.Query) bool {
	personal := func(f metric.Filter) bool { return f.Field == "person" || f.Field == "account" }
	own := func(f metric.Filter) bool { return f.Field == "person" && (f.Op == metric.Eq || f.Op == metric.In) }
	return c.who.All || slices.ContainsFunc(q.Where, own) || !slices.ContainsFunc(q.Where, personal)
}

// sees reports whether the deal was one of the viewer's people's at each end at
// which it was there.
func (c partLister) sees(m move) bool {
	for _, s := range []stand{m.was, m.is} {
		if s.there && !c.who.All && (s.deal.owner == 0 || !c.who.Sees(int64(s.deal.owner))) {
			return false
		}
	}
	return true
}

// lines are the deals of a part in words, in no order.
func (c partLister) lines(moves []move) []string {
	money := c.closing.q.Metric == "open_pipeline"
	var out []string
	for _, m := range moves {
		currency := m.currency
		for _, s := range []stand{m.is, m.was} {
			if currency == "" && s.there {
				currency = s.deal.currency
			}
		}
		worth := func(s stand) string {
			if !s.there || s.deal.currency != currency || currency == "" {
				return "unknown"
			}
			return big.NewRat(s.deal.amount, minorUnits[currency]).RatString()
		}
		line := fmt.Sprintf("d%d %s: %s to %s", m.id-1, currency, worth(m.was), worth(m.is))
		switch {
		case money && m.currency == "":
			line += " adds unknown"
		case money:
			line += " adds " + big.NewRat(m.amount, minorUnits[currency]).RatString()
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// saidDeals puts the rows of a list of a part in words, in no order: of each its
// currency before its amounts at both ends, what it adds, and its id.
func saidDeals(rows [][]metric.Cell) []string {
	var out []string
	for _, row := range rows {
		at := slices.IndexFunc(row, func(c metric.Cell) bool { return c.Quantity != nil })
		var words []string
		for _, cell := range row[at : len(row)-1] {
			word := "unknown"
			if cell.Quantity.Value != nil {
				word = cell.Quantity.Value.RatString()
			}
			words = append(words, word)
		}
		line := row[len(row)-1].Text + " " + row[at].Quantity.Currency + ": " + words[0] + " to " + words[1]
		if len(words) > 2 {
			line += " adds " + words[2]
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// checkRest adds what is said of the deals that are not shown to those that are.
func checkRest(t *rapid.T, page metric.Result) {
	for i, rest := range page.Listing.Rest {
		f := page.Figures[i]
		shown := new(big.Rat).SetInt64(int64(len(page.Rows)))
		if f.Unit == metric.UnitMoney {
			rows := aligned(page)
			shown = sumOf(rows, len(rows[0])-2, f.Currency)
		}
		if f.Value != nil && shown.Add(shown, rest.Value).Cmp(f.Value) != 0 {
			t.Fatalf("with the rest %s, in all %s", shown.RatString(), f.Value.RatString())
		}
	}
}

// checkIsPart compares what is listed, and what is said that it adds up to, with
// the part as the change tells it.
func checkIsPart(t *rapid.T, page metric.Result, rows [][]metric.Cell, told []string) {
	for _, f := range page.Figures {
		line := fmt.Sprintf("%s %d", page.Query.Part, page.Total)
		sum := new(big.Rat)
		if f.Unit == metric.UnitMoney {
			worth := "unknown"
			if f.Value != nil {
				worth = f.Value.RatString()
			}
			if len(rows) > 0 {
				sum = sumOf(rows, len(rows[0])-2, f.Currency)
			}
			line = fmt.Sprintf("%s %d %s %s, %d of %d", page.Query.Part, f.Facts, worth, f.Currency, *f.Known, *f.Of)
		} else {
			sum.SetInt64(int64(len(rows)))
		}
		if f.Value != nil && f.Value.Cmp(sum) != 0 {
			t.Fatalf("the deals add %s, and are said to add %s\n%+v", sum.RatString(), f.Value.RatString(), page.Query)
		}
		if page.Total > 0 && !slices.ContainsFunc(told, func(part string) bool { return sameUnknown(part) == sameUnknown(line) }) {
			t.Fatalf("%q is no part of\n%s", line, strings.Join(told, "\n"))
		}
	}
}

var unknownIn = regexp.MustCompile(` unknown [A-Z]{3}, 0 `)

// sameUnknown leaves out the currency of what nobody knows: deals that have
// neither an amount nor a currency are told in the currencies of those beside
// them, which in a list of one part are others than in the whole change.
func sameUnknown(part string) string {
	return unknownIn.ReplaceAllString(part, " unknown, 0 ")
}
