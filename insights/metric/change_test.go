package metric_test

import (
	stdcmp "cmp"
	"errors"
	"fmt"
	"maps"
	"math/big"
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

// TestChangesAddUpToTheCent takes apart what changed between two instants, over
// small random worlds with a past and random cuts: each part is the one that
// plain loops over the deals find, the ends are the figures as of then, and the
// parts make the one of the other, in every currency.
func TestChangesAddUpToTheCent(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawRestless(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 5 {
				checkChange(t, rt, tx, catalog, w)
			}
		})
	})
}

// drawRestless draws a world whose deals changed a little at a time, so that most
// of them are there at both ends.
func drawRestless(t *rapid.T) *world {
	w := drawWorld(t)
	w.deals = rapid.SliceOfN(rapid.Custom(drawDeal), 8, 16).Draw(t, "restless deals")
	for i := range w.deals {
		d := &w.deals[i]
		d.id = i + 1
		if rapid.IntRange(0, 2).Draw(t, "is open") > 0 {
			d.stage, d.deleted = rapid.IntRange(1, 2).Draw(t, "open stage"), false
		}
		d.created = min(d.created, 100)
		at, was := lastDay, *d
		for range rapid.IntRange(0, 3).Draw(t, "steps back") {
			at -= rapid.IntRange(1, lastDay/4).Draw(t, "days back")
			was = stepBack(t, was)
			d.past = slices.Insert(d.past, 0, version{day(at).time(), was})
		}
	}
	return w
}

// stepBack draws what a deal was before, but for a thing or two the same.
func stepBack(t *rapid.T, d deal) deal {
	other := drawDeal(t)
	d.past = nil
	for range rapid.IntRange(1, 2).Draw(t, "things") {
		switch rapid.IntRange(0, 6).Draw(t, "what") {
		case 0:
			d.amount, d.currency = other.amount, other.currency
		case 1:
			d.owner = other.owner
		case 2, 3:
			d.stage = other.stage
		case 4:
			d.closed = other.closed
		case 5:
			d.product, d.account = other.product, other.account
		case 6:
			d.deleted = other.deleted
		}
	}
	return d
}

func checkChange(t *testing.T, rt *rapid.T, tx *sqlx.Tx, catalog *metric.Catalog, w *world) {
	co, v, asked := drawCompany(rt), drawViewer(rt), day(rapid.IntRange(1, lastDay).Draw(rt, "today"))
	here, today, instant := drawStanding(rt, w, co, asked)
	if today == 0 {
		return // there is no earlier day
	}
	before := day(rapid.IntRange(0, int(today)-1).Draw(rt, "then"))
	q := drawChange(rt, co, today)
	q.AsOf, q.Then = instant, endOf(co, before)
	c := changes{
		opening: &oracle{world: w.then(q.Then, before), q: q.Query, v: v, co: co, today: before},
		closing: &oracle{world: here, q: q.Query, v: v, co: co, today: today},
		from:    q.from, till: q.till,
	}
	now := time.Date(2024, 1, 1+int(asked), 23, 59, 0, 0, co.Zone)
	plan, err := catalog.Compile(q.Query, v, co, now)
	if code := codeOf(rt, err); code != c.closing.refusal() {
		rt.Fatalf("refused as %q, not %q: %v\n%+v\n%+v", code, c.closing.refusal(), err, q.Query, v)
	}
	if err != nil {
		return
	}
	result := read(t, tx, plan)
	said := saidParts
	if len(q.By) > 0 {
		said = saidRows
	}
	if diff := cmp.Diff(c.rows(), said(result)); diff != "" {
		rt.Fatalf("(-want +got)\n%s\n%+v\n%s\n%v", diff, q, plan.Statements[0].SQL, plan.Statements[0].Args)
	}
	if len(q.By) == 0 {
		checkSumOfParts(rt, result)
	} else {
		checkSumsOfRows(rt, result)
	}
	checkEnds(t, rt, tx, catalog, v, co, now, result)
}

// drawChange draws what is to be taken apart.
func drawChange(t *rapid.T, co metric.Company, today day) asked {
	q := asked{from: noDay, till: noDay}
	q.Shape, q.Compare = metric.ShapeChange, metric.CompareThen
	q.Metric = rapid.SampledFrom([]string{"open_pipeline", "open_pipeline", "open_count"}).Draw(t, "metric")
	often := rapid.Custom(func(t *rapid.T) metric.Filter { // what deals move between
		field := rapid.SampledFrom([]string{"person", "territory", "manager", "stage", "product"}).Draw(t, "moves between")
		return metric.Filter{Field: field, Op: metric.Ne, Values: []metric.Value{{ID: rapid.Int64Range(1, 2).Draw(t, "of"), Text: "it"}}}
	})
	q.Where = rapid.SliceOfN(rapid.OneOf(often, rapid.Custom(drawFilter)), 0, 2).Draw(t, "where")
	q.By = rapid.SampledFrom([][]string{nil, nil, {"person"}, {"territory"}, {"manager"}, {"stage"}, {rapid.SampledFrom(dimensions).Draw(t, "dimension")}}).Draw(t, "by")
	q.Perspective = rapid.SampledFrom([]metric.Perspective{"", metric.AsWas, metric.AsIs}).Draw(t, "perspective")
	compare := q.Compare
	q.drawPeriod(t, co, today)
	q.Compare = compare
	return q
}

// changes takes apart, deal by deal, what changed between two worlds.
type changes struct {
	opening, closing *oracle
	from, till       day
}

// stand is how a deal stood at an end.
type stand struct {
	there, counted, due, matching, held bool
	outcome, row, called                string
	deal                                deal
}

func (s stand) in() bool { return s.there && s.counted && s.due && s.matching && s.held }

func (c changes) stand(o *oracle, id int) stand {
	i := slices.IndexFunc(o.deals, func(d deal) bool { return d.id == id })
	if i < 0 || o.deals[i].deleted {
		return stand{}
	}
	d := o.deals[i]
	s := stand{there: true, outcome: o.outcome(d), deal: d, matching: true, held: true}
	s.counted = s.outcome == "open"
	if len(o.q.By) > 0 {
		key, cells := o.key(d, "")
		s.row, s.called = key, cells[0]
	}
	if c.closing.narrowed() {
		s.held = slices.Contains(o.v.People, int64(d.owner))
	}
	s.due = (c.from == noDay || d.closed != noDay && d.closed >= c.from) && (c.till == noDay || d.closed != noDay && d.closed < c.till)
	for _, f := range o.q.Where {
		if slices.Contains([]string{"person", "manager", "territory"}, f.Field) {
			s.held = s.held && o.keeps(d, f)
		} else {
			s.matching = s.matching && o.keeps(d, f)
		}
	}
	return s
}

// move is what one deal does to one part.
type move struct {
	part     metric.Part
	currency string // empty: it has no amount
	amount   int64

	row, called string // a row has several spellings

	id      int // of the deal
	was, is stand
}

func (c changes) moves() []move {
	if !c.closing.haveGauged() {
		return nil
	}
	var out []move
	for _, d := range c.closing.deals {
		first := len(out)
		was, is := c.stand(c.opening, d.id), c.stand(c.closing, d.id)
		if c.closing.q.Metric == "open_count" { // as if no deal had an amount
			was.deal.currency, was.deal.amount, is.deal.currency, is.deal.amount = "", 0, "", 0
		}
		add := func(part metric.Part, of stand, sign int64) {
			out = append(out, move{part: part, currency: of.deal.currency, amount: sign * of.deal.amount, row: of.row, called: of.called})
		}
		if was.in() {
			add(metric.PartOpening, was, 1)
		}
		if is.in() {
			add(metric.PartClosing, is, 1)
		}
		there := was // as it was, in the row that it is in now
		there.row, there.called = is.row, is.called
		switch {
		case was.in() && is.in():
			if was.row != is.row {
				left, came := metric.PartMovedOut, metric.PartMovedIn
				if c.amongHolders() {
					left, came = metric.PartReassignedOut, metric.PartReassignedIn
				}
				add(left, was, -1)
				add(came, there, 1)
			}
			out = append(out, differences(was, is)...)
		case is.in():
			part, asItWas := entered(was)
			if !asItWas {
				add(part, is, 1)
				break
			}
			add(part, there, 1)
			out = append(out, differences(was, is)...)
		case was.in():
			add(left(is), was, -1)
		}
		for i := range out[first:] {
			out[first+i].id, out[first+i].was, out[first+i].is = d.id, c.stand(c.opening, d.id), c.stand(c.closing, d.id)
		}
	}
	return out
}

// amongHolders reports whether the rows are of those whom deals belong to.
func (c changes) amongHolders() bool {
	return slices.Contains([]string{"person", "manager", "territory"}, strings.Join(c.closing.q.By, ""))
}

func differences(was, is stand) []move {
	worth := map[string]int64{is.deal.currency: is.deal.amount}
	worth[was.deal.currency] -= was.deal.amount
	var out []move
	for currency, more := range worth {
		switch {
		case currency == "" || more == 0:
		case more > 0:
			out = append(out, move{part: metric.PartIncreased, currency: currency, amount: more, row: is.row, called: is.called})
		default:
			out = append(out, move{part: metric.PartDecreased, currency: currency, amount: more, row: is.row, called: is.called})
		}
	}
	return out
}

func entered(was stand) (part metric.Part, asItWas bool) {
	switch {
	case !was.there:
		return metric.PartCreated, false
	case !was.counted:
		return metric.PartReopened, false
	case !was.due:
		return metric.PartPulledIn, false
	case !was.matching:
		return metric.PartMatched, true
	default:
		return metric.PartReassignedIn, true
	}
}

func left(is stand) metric.Part {
	switch {
	case !is.there:
		return metric.PartDeleted
	case is.outcome == "":
		return metric.PartUnrecorded
	case !is.counted:
		return metric.Part(is.outcome)
	case !is.due:
		return metric.PartPushedOut
	case !is.matching:
		return metric.PartUnmatched
	default:
		return metric.PartReassignedOut
	}
}

var order = []metric.Part{
	metric.PartOpening, metric.PartCreated, metric.PartPulledIn, metric.PartIncreased, metric.PartReopened, metric.PartMatched, metric.PartReassignedIn, metric.PartMovedIn,
	metric.PartWon, metric.PartLost, metric.PartDecreased, metric.PartPushedOut, metric.PartUnmatched, metric.PartReassignedOut, metric.PartMovedOut, metric.PartDeleted,
	metric.PartUnrecorded, metric.PartClosing,
}

// rows are the parts in words, in order, of each row in no order; and last how
// many deals nobody knows the stage of at one of the ends.
func (c changes) rows() []string {
	if !c.closing.haveGauged() {
		return []string{"unknown 0"}
	}
	moves, money := c.moves(), c.closing.q.Metric == "open_pipeline"
	currencies := []string{""}
	if money {
		if currencies = currenciesOf(moves); len(currencies) == 0 {
			currencies = []string{c.closing.co.Currency}
		}
	}
	var out []string
	if len(c.closing.q.By) == 0 {
		for _, currency := range currencies {
			out = append(out, partsIn(moves, money, currency)...)
		}
		return append(out, fmt.Sprint("unknown ", c.unknown()))
	}
	byRow, called := map[string][]move{}, map[string]string{}
	for _, m := range moves {
		byRow[m.row] = append(byRow[m.row], m)
		called[m.row] = min(stdcmp.Or(called[m.row], m.called), m.called)
	}
	for row, moves := range byRow {
		of := []string{""}
		if own := currenciesOf(moves); money && len(own) > 0 {
			of = own
		} else if money && len(currencies) == 1 {
			of = currencies
		}
		for _, currency := range of {
			line := strings.Join(partsIn(moves, money, currency), "; ")
			out = append(out, called[row]+" "+currency+": "+line)
		}
	}
	slices.Sort(out)
	return append(out, fmt.Sprint("unknown ", c.unknown()))
}

// partsIn are the parts of some moves in one currency, in words.
func partsIn(moves []move, money bool, currency string) []string {
	var out []string
	for _, part := range order {
		n, known, sum := 0, 0, int64(0)
		for _, m := range moves {
			if m.part != part || money && m.currency != currency && m.currency != "" {
				continue
			}
			n++
			if m.currency != "" {
				known++
				sum += m.amount
			}
		}
		if n == 0 && part != metric.PartOpening && part != metric.PartClosing {
			continue
		}
		line := fmt.Sprintf("%s %d", part, n)
		switch {
		case money && known == 0 && n > 0:
			line += fmt.Sprintf(" unknown %s, %d of %d", currency, known, n)
		case money:
			line += fmt.Sprintf(" %s %s, %d of %d", big.NewRat(sum, max(minorUnits[currency], 1)).RatString(), currency, known, n)
		}
		out = append(out, line)
	}
	return out
}

func currenciesOf(moves []move) []string {
	var out []string
	for _, m := range moves {
		if m.currency != "" {
			out = append(out, m.currency)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (c changes) unknown() int {
	n := 0
	for _, d := range c.closing.deals {
		for _, s := range []stand{c.stand(c.opening, d.id), c.stand(c.closing, d.id)} {
			if s.there && s.outcome == "" && s.due && s.matching && s.held {
				n++
				break
			}
		}
	}
	return n
}

// saidParts puts the rows of a change in words.
func saidParts(r metric.Result) []string {
	var out []string
	for _, row := range r.Rows {
		deals := 1
		if isCurrency(row[1]) {
			deals = 2
		}
		line := row[0].Text + " " + row[deals].Quantity.Value.RatString()
		if len(row) > deals+1 {
			q, worth := row[deals+1].Quantity, "unknown"
			if q.Value != nil {
				worth = q.Value.RatString()
			}
			line += fmt.Sprintf(" %s %s, %d of %d", worth, q.Currency, *q.Known, *q.Of)
		}
		out = append(out, line)
	}
	return append(out, fmt.Sprint("unknown ", r.Unrecorded))
}

// saidRows puts the rows of a change by a dimension in words, in no order.
func saidRows(r metric.Result) []string {
	var out []string
	for _, row := range r.Rows {
		currency, parts := "", []string(nil)
		for i, cell := range row[1:] {
			q := cell.Quantity
			part := metric.Part(r.Columns[i+1].Name)
			switch {
			case q == nil:
				currency = cell.Text
				continue
			case q.Of != nil && *q.Of == 0 && part != metric.PartOpening && part != metric.PartClosing,
				q.Of == nil && q.Value.Sign() == 0 && part != metric.PartOpening && part != metric.PartClosing:
				continue
			}
			currency = q.Currency
			if q.Of == nil {
				parts = append(parts, fmt.Sprintf("%s %s", part, new(big.Rat).Abs(q.Value).RatString()))
				continue
			}
			worth := "unknown"
			if q.Value != nil {
				worth = q.Value.RatString()
			}
			parts = append(parts, fmt.Sprintf("%s %d %s %s, %d of %d", part, *q.Of, worth, q.Currency, *q.Known, *q.Of))
		}
		out = append(out, fmt.Sprintf("%s#%d %s: %s", row[0].Text, row[0].ID, currency, strings.Join(parts, "; ")))
	}
	slices.Sort(out)
	return append(out, fmt.Sprint("unknown ", r.Unrecorded))
}

// checkSumsOfRows adds up each row, and all of them.
func checkSumsOfRows(t *rapid.T, r metric.Result) {
	closings := map[string]*big.Rat{}
	for _, row := range r.Rows {
		sum := new(big.Rat)
		for i, cell := range row {
			q := cell.Quantity
			switch {
			case q == nil || q.Value == nil:
			case r.Columns[i].Name != string(metric.PartClosing):
				sum.Add(sum, q.Value)
			default:
				sum.Sub(sum, q.Value)
				closings[q.Currency] = new(big.Rat).Add(stdcmp.Or(closings[q.Currency], new(big.Rat)), q.Value)
			}
		}
		if sum.Sign() != 0 {
			t.Fatalf("the parts of a row miss its closing by %s\n%v", sum.RatString(), saidRows(r))
		}
	}
	for _, f := range r.Figures {
		if sum := stdcmp.Or(closings[f.Currency], new(big.Rat)); f.Value != nil && f.Value.Cmp(sum) != 0 {
			t.Fatalf("the rows close at %s %s, the whole at %s\n%v", sum.RatString(), f.Currency, f.Value.RatString(), saidRows(r))
		}
	}
}

// checkSumOfParts adds up the rows of each currency.
func checkSumOfParts(t *rapid.T, r metric.Result) {
	amount := slices.IndexFunc(r.Columns, func(c metric.Column) bool { return c.Name == metric.ColumnAmount })
	if amount < 0 {
		checkNumberOfDeals(t, r)
		return
	}
	for _, f := range r.Figures {
		sum := new(big.Rat)
		for _, row := range r.Rows {
			q := row[amount].Quantity
			if q.Currency != f.Currency || q.Value == nil {
				continue
			}
			if row[0].Text == string(metric.PartClosing) {
				sum.Sub(sum, q.Value)
			} else {
				sum.Add(sum, q.Value)
			}
		}
		if sum.Sign() != 0 {
			t.Fatalf("the parts miss the closing by %s %s\n%v", sum.RatString(), f.Currency, saidParts(r))
		}
	}
}

// checkNumberOfDeals adds those that came and takes away those that left.
func checkNumberOfDeals(t *rapid.T, r metric.Result) {
	n := new(big.Rat)
	for _, row := range r.Rows {
		if slices.Index(order, metric.Part(row[0].Text)) >= slices.Index(order, metric.PartWon) {
			n.Sub(n, row[1].Quantity.Value)
		} else {
			n.Add(n, row[1].Quantity.Value)
		}
	}
	if n.Sign() != 0 {
		t.Fatalf("%s deals are in no part\n%v", n.RatString(), saidParts(r))
	}
}

// checkEnds asks for the figure against how it stood.
func checkEnds(t *testing.T, rt *rapid.T, tx *sqlx.Tx, catalog *metric.Catalog, v metric.Viewer, co metric.Company, now time.Time, change metric.Result) {
	q := change.Query
	q.Shape = metric.ShapeFigure
	plan, err := catalog.Compile(q, v, co, now)
	if err != nil {
		rt.Fatal(err)
	}
	of := func(r metric.Result) map[string]string {
		out := map[string]string{}
		for _, f := range r.Figures {
			for end, q := range map[string]metric.Quantity{"closing": f.Quantity, "opening": *f.Previous} {
				if q.Value != nil && q.Value.Sign() != 0 {
					out[end+f.Currency] = wordsOf(q)
				}
			}
		}
		return out
	}
	if diff := cmp.Diff(of(read(t, tx, plan)), of(change)); diff != "" {
		rt.Fatalf("(-figures +ends)\n%s\n%+v", diff, q)
	}
}

// TestAWeekOfOnePatch reads what changed in a week for the North, of deals that
// are due in February, as a person would: one deal a part, and each of another
// amount.
func TestAWeekOfOnePatch(t *testing.T) {
	const prospecting, negotiation, won, lost = 1, 2, 3, 4
	const ann, bob, cyd = 1, 2, 3
	w := &world{people: []string{"Ann", "Bob", "Cyd"}, products: []string{"Anvil", "Bellows"}}
	w.territory = append(w.territory, territory{name: "North", key: "n"}, territory{name: "South", key: "s"})
	w.members = []assignment{ // Cyd comes to the North on the 25th of January
		{person: ann, to: 1, from: noDay, till: noDay}, {person: bob, to: 2, from: noDay, till: noDay},
		{person: cyd, to: 2, from: noDay, till: 24}, {person: cyd, to: 1, from: 24, till: noDay},
	}
	was := func(change func(*deal), amount int64, currency string) {
		now := deal{id: len(w.deals) + 1, owner: ann, product: 1, stage: negotiation, amount: amount, currency: currency, created: 0, closed: 40}
		then := now
		change(&now)
		now.past = []version{{day(24).time(), then}}
		w.deals = append(w.deals, now)
	}
	was(func(*deal) {}, 1_00, "USD")                                         // nothing happens
	was(func(d *deal) { d.stage = prospecting }, 2_00, "USD")                // nor anything that counts
	was(func(d *deal) { d.amount = 20_00 }, 8_00, "USD")                     // increased by 12
	was(func(d *deal) { d.amount = 15_99 }, 16_00, "USD")                    // decreased by a cent
	was(func(d *deal) { d.stage, d.closed = won, 23 }, 32_00, "USD")         // won
	was(func(d *deal) { d.stage, d.amount = lost, 1_00 }, 64_00, "USD")      // lost, with what it was worth
	was(func(d *deal) { d.closed, d.amount = 65, 1_00 }, 128_00, "USD")      // pushed out
	was(func(d *deal) { d.owner, d.amount = bob, 300_00 }, 256_00, "USD")    // reassigned out
	was(func(d *deal) { d.deleted = true }, 512_00, "USD")                   // deleted
	was(func(d *deal) { d.currency, d.amount = "EUR", 700_00 }, 7_00, "USD") // decreased in the one, increased in the other
	was(func(d *deal) { d.currency, d.amount = "USD", 3_00 }, 0, "")         // increased from nothing known
	was(func(d *deal) { d.owner = cyd }, 1000_00, "USD")                     // stays in the North: she came there
	was(func(d *deal) { d.product = 2 }, 2000_00, "USD")                     // another product
	comes := func(amount int64, then, now func(*deal)) {
		d := deal{id: len(w.deals) + 1, owner: ann, product: 1, stage: negotiation, amount: amount, currency: "USD", created: 0, closed: 40}
		past := d
		then(&past)
		now(&d)
		d.past = []version{{day(24).time(), past}}
		w.deals = append(w.deals, d)
	}
	same := func(*deal) {}
	created := func(d *deal) { d.created = 23 }
	comes(10_00, created, created)
	comes(20_00, func(d *deal) { d.closed = 90 }, same)                                                                         // pulled in
	comes(40_00, func(d *deal) { d.stage, d.closed = lost, 10 }, same)                                                          // reopened
	comes(80_00, func(d *deal) { d.product = 2 }, same)                                                                         // matched
	comes(160_00, func(d *deal) { d.owner, d.amount = cyd, d.amount-5_00 }, func(d *deal) { d.owner = cyd })                    // with Cyd, and increased
	comes(320_00, func(d *deal) { d.owner, d.closed = bob, 90 }, same)                                                          // pulled in first, whoever had it
	comes(640_00, func(d *deal) { d.currency, d.amount = "", 0 }, func(d *deal) { d.currency, d.amount, d.owner = "", 0, ann }) // no amount at either end

	q := metric.Query{
		Shape: metric.ShapeChange, Metric: "open_pipeline", Compare: metric.CompareThen, Then: day(20).time().Add(-time.Microsecond),
		Period: metric.Period{From: day(31).time(), To: day(60).time(), Label: "feb 2024"},
		Where: []metric.Filter{
			{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: 1, Text: "North"}}},
			{Field: "product", Op: metric.Eq, Values: []metric.Value{{ID: 1, Text: "Anvil"}}},
		},
	}
	within(storetest.New(t), w, func(tx *sqlx.Tx) {
		plan, err := metric.Default().Compile(q, metric.Viewer{Role: metric.RoleAnalyst, All: true}, metric.DefaultCompany(), day(27).time())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{
			"opening 2 unknown EUR, 0 of 2",
			"increased 1 700 EUR, 1 of 1",
			"closing 2 700 EUR, 1 of 2",
			"opening 14 4026 USD, 12 of 14",
			"created 1 10 USD, 1 of 1",
			"pulled_in 2 340 USD, 2 of 2",
			"increased 3 20 USD, 3 of 3",
			"reopened 1 40 USD, 1 of 1",
			"matched 1 80 USD, 1 of 1",
			"reassigned_in 1 155 USD, 1 of 1",
			"won 1 -32 USD, 1 of 1",
			"lost 1 -64 USD, 1 of 1",
			"decreased 2 -701/100 USD, 2 of 2",
			"pushed_out 1 -128 USD, 1 of 1",
			"unmatched 1 -2000 USD, 1 of 1",
			"reassigned_out 1 -256 USD, 1 of 1",
			"deleted 1 -512 USD, 1 of 1",
			"closing 13 167199/100 USD, 12 of 13",
			"unknown 0",
		}, saidParts(read(t, tx, plan))); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		byRep, err := metric.Default().Compile(ofAThousand(q), metric.Viewer{Role: metric.RoleAnalyst, All: true}, metric.DefaultCompany(), day(27).time())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{
			"Ann#1 USD: opening 1 1000 USD, 1 of 1; reassigned_out 1 -1000 USD, 1 of 1; closing 0 0 USD, 0 of 0",
			"Cyd#3 USD: opening 0 0 USD, 0 of 0; reassigned_in 1 1000 USD, 1 of 1; closing 1 1000 USD, 1 of 1",
			"unknown 0",
		}, saidRows(read(t, tx, byRep))); diff != "" {
			t.Errorf("by rep (-want +got)\n%s", diff)
		}
	})
}

// ofAThousand asks by rep for the one deal that was worth a thousand dollars: it went
// from Ann to Cyd, within the North.
func ofAThousand(q metric.Query) metric.Query {
	q.By = []string{"person"}
	q.Where = append(slices.Clone(q.Where), metric.Filter{Field: metric.FieldAmount, Op: metric.Eq, Values: []metric.Value{{Text: "1000"}}})
	return q
}

// TestPartsOfPeopleAreThoseOfTheWhole: what changed for each person, and for
// nobody, adds up part by part to what changed in the whole; what is reassigned
// cancels out.
func TestPartsOfPeopleAreThoseOfTheWhole(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w, co := drawRestless(rt), drawCompany(rt)
		within(db, w, func(tx *sqlx.Tx) {
			asked := day(rapid.IntRange(1, lastDay).Draw(rt, "today"))
			q := drawChange(rt, co, asked)
			q.By = nil
			q.Metric, q.Then = "open_pipeline", endOf(co, day(rapid.IntRange(0, int(asked)-1).Draw(rt, "then")))
			q.Where = slices.DeleteFunc(q.Where, func(f metric.Filter) bool { return f.Field == "person" })
			sums := func(where ...metric.Filter) map[string]*big.Rat {
				q := q.Query
				q.Where = append(slices.Clone(q.Where), where...)
				plan, err := catalog.Compile(q, metric.Viewer{Role: metric.RoleAnalyst, All: true}, co, endOf(co, asked))
				if err != nil {
					rt.Fatal(err)
				}
				return sumsOfParts(read(t, tx, plan))
			}
			whole, added := sums(), sums(metric.Filter{Field: "person", Op: metric.IsNull})
			apart := map[string]map[string]*big.Rat{"(none)": maps.Clone(added)}
			for id, name := range w.people {
				of := sums(metric.Filter{Field: "person", Op: metric.Eq, Values: []metric.Value{{ID: int64(id + 1), Text: name}}})
				apart[fmt.Sprint(name, id+1)] = of
				for part, sum := range of {
					if added[part] == nil {
						added[part] = new(big.Rat)
					}
					added[part] = new(big.Rat).Add(added[part], sum)
				}
			}
			by := q.Query
			by.By = []string{"person"}
			plan, err := catalog.Compile(by, metric.Viewer{Role: metric.RoleAnalyst, All: true}, co, endOf(co, asked))
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(asTexts(apart), sumsOfRows(read(t, tx, plan))); diff != "" {
				rt.Fatalf("(-one by one +as rows)\n%s\n%+v", diff, q)
			}
			for part, sum := range added {
				if whole[part] == nil {
					whole[part] = new(big.Rat)
				}
				if whole[part].Cmp(sum) != 0 {
					rt.Fatalf("%s: of the people together %s, of the whole %s\n%+v", part, sum.RatString(), whole[part].RatString(), q)
				}
			}
		})
	})
}

// sumsOfParts are the amounts of the parts in each currency; what is reassigned
// in and out is one.
func sumsOfParts(r metric.Result) map[string]*big.Rat {
	out := map[string]*big.Rat{}
	for _, row := range r.Rows {
		part, q := metric.Part(row[0].Text), row[len(row)-1].Quantity
		if part == metric.PartReassignedOut {
			part = metric.PartReassignedIn
		}
		key := string(part) + " " + q.Currency
		if out[key] == nil {
			out[key] = new(big.Rat)
		}
		if q.Value != nil {
			out[key].Add(out[key], q.Value)
		}
	}
	return out
}

// asTexts are the amounts that are not nought, under the names of their people.
func asTexts(apart map[string]map[string]*big.Rat) map[string]string {
	out := map[string]string{}
	for name, sums := range apart {
		for part, sum := range sums {
			if sum.Sign() != 0 {
				out[name+" "+part] = sum.RatString()
			}
		}
	}
	return out
}

// sumsOfRows are the same, of the rows of a change by person.
func sumsOfRows(r metric.Result) map[string]string {
	apart := map[string]map[string]*big.Rat{}
	for _, row := range r.Rows {
		name := row[0].Text
		if row[0].ID != 0 {
			name += fmt.Sprint(row[0].ID)
		}
		one := metric.Result{}
		for i, cell := range row {
			if cell.Quantity != nil {
				one.Rows = append(one.Rows, []metric.Cell{{Text: r.Columns[i].Name}, cell})
			}
		}
		if apart[name] == nil {
			apart[name] = map[string]*big.Rat{}
		}
		maps.Copy(apart[name], sumsOfParts(one))
	}
	return asTexts(apart)
}

// TestChangesRefused asks for changes of what has none, and in ways that have no
// meaning.
func TestChangesRefused(t *testing.T) {
	all, now := metric.Viewer{Role: metric.RoleAdmin, All: true}, day(100).time()
	then := day(90).time()
	for name, tt := range map[string]struct {
		query metric.Query
		code  string
	}{
		"of a period's figure":     {metric.Query{Metric: "won_revenue", Compare: metric.CompareThen, Then: then}, metric.CodeNotAvailable},
		"of what is weighted":      {metric.Query{Metric: "weighted_pipeline", Compare: metric.CompareThen, Then: then}, metric.CodeNotAvailable},
		"converted":                {metric.Query{Metric: "open_pipeline", Compare: metric.CompareThen, Then: then, In: "EUR"}, metric.CodeNotAvailable},
		"broken down twice":        {metric.Query{Metric: "open_pipeline", Compare: metric.CompareThen, Then: then, By: []string{"territory", "stage"}}, metric.CodeNotAvailable},
		"by steps of time":         {metric.Query{Metric: "open_pipeline", Compare: metric.CompareThen, Then: then, By: []string{"month"}}, metric.CodeNotAvailable},
		"ranked":                   {metric.Query{Metric: "open_pipeline", Compare: metric.CompareThen, Then: then, Limit: 3}, metric.CodeInvalid},
		"without an opening":       {metric.Query{Metric: "open_pipeline"}, metric.CodeInvalid},
		"from today":               {metric.Query{Metric: "open_pipeline", Compare: metric.CompareThen, Then: now}, metric.CodeInvalid},
		"of another's, for a rep":  {metric.Query{Metric: "open_pipeline", Compare: metric.CompareThen, Then: then, Where: []metric.Filter{{Field: "person", Op: metric.Eq, Values: []metric.Value{{ID: 2, Text: "Bob"}}}}}, metric.CodeNotAllowed},
		"of an account, for a rep": {metric.Query{Metric: "open_pipeline", Compare: metric.CompareThen, Then: then, Where: []metric.Filter{{Field: "account", Op: metric.Eq, Values: []metric.Value{{ID: 2, Text: "Acme"}}}}}, metric.CodeNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			tt.query.Shape = metric.ShapeChange
			v := all
			if tt.code == metric.CodeNotAllowed {
				v = metric.Viewer{Role: metric.RoleRep, PersonID: 1, People: []int64{1}}
			}
			_, err := metric.Default().Compile(tt.query, v, metric.DefaultCompany(), now)
			var refusal *metric.Refusal
			if !errors.As(err, &refusal) || refusal.Code != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
}
