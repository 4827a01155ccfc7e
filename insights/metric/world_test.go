package metric_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// world is a small company, as rows in memory. Ids count from 1, 0 is null.
type world struct {
	now       *world // of a world of then: that of now
	people    []string
	maps      []drawing
	territory []territory
	members   []assignment // of people to territories
	lines     []assignment // of people to managers
	accounts  []struct{ name, industry, segment, country string }
	products  []string
	chances   []string // the probability of each stage, empty: unknown
	allowed   []int    // the days that each stage is expected to take, 0: unknown
	meanings  []meaning
	outcomes  []string // of each stage
	deals     []deal
	overhead  []overhead
	quotas    []quota
	rates     []rate
	forecasts []forecast
	talks     []contact // contacts that are about no deal
	leads     []lead
	places    []placement
	movements []movement
	instant   time.Time // of a world of then
}

// rate holds from a day until the next of its currency: so much of `into`, in a
// decimal, is one of the other.
type rate struct {
	currency, into string
	from           day
	much           string
	superseded     bool
}

// drawing is a map of territories: in force from a day until before another,
// or, as long as it is planned, on no day.
type drawing struct {
	from, till day
	planned    bool
}

// territory stands on a map, 0 being the one that needs no model; those of one
// key are the same territory.
type territory struct {
	name, key      string
	parent, mapped int
}

// overhead is borne by the deals won from a day until before another.
type overhead struct {
	from, till day
	amount     int64
	currency   string
	byDeals    bool
	superseded bool
}

// quota is of a person, or of a territory, from a day until before another.
type quota struct {
	person     int
	territory  int
	from, till day
	amount     int64
	currency   string
	superseded bool
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
	created, engaged, closed       day
	reason, competitor             string
	source, kind, category, step   string
	contacts                       []contact
	deleted                        bool
	costs                          []cost
	splits                         []split
	past                           []version // the earliest first; what the deal is now comes last
	id                             int
	quota                          int      // 1 for the first: not a deal, but that
	run                            string   // the step of time whose running figure counts it
	visit                          *visit   // not a deal, but that, at its stage
	forecast                       int      // 1 for the first: not a deal, but that
	absent                         bool     // of a world of then: it was not there yet
	talk                           *contact // not a deal, but that
	lead                           *lead
	paying                         *paying
	fate                           string // of one that was expected: what became of it
	seat                           *seat  // not a deal, but that, on its first day
	even                           int64  // of a territory: its even share of what all have
	near                           string // of a territory: whether that is near it; empty: there is none
	told                           [2]int // of a territory: how many of how many deals have an amount
	placed                         int    // not a deal, but the account, in that territory
	credit                         string // not a deal, but what its owner is credited with, by that kind of split
	input                          string // asked for a metric of several: for which of those it is made of
}

// contact is one with the customer of a deal, or with an account.
type contact struct {
	at          time.Time
	twoWay      bool
	by, account int
	kind        string
}

// version is what a deal was until an instant.
type version struct {
	until time.Time
	deal  deal
}

type cost struct {
	selling    bool
	amount     int64
	currency   string
	superseded bool
}

// split is a share of a deal in ten thousands.
type split struct {
	person     int
	overlay    bool
	share      int64
	superseded bool
}

// drawSplits draws revenue splits that make up the whole, or none, and overlay
// splits, which need not.
func drawSplits(t *rapid.T) []split {
	var out []split
	shares := rapid.SampledFrom([][]int64{nil, nil, nil, {10000}, {5000, 5000}, {3333, 6667}, {3333, 3333, 3334}, {0, 10000}, {1250, 8750}}).Draw(t, "shares")
	superseded := rapid.IntRange(0, 4).Draw(t, "superseded splits") == 0
	people := rapid.Permutation([]int{1, 2, 3, 4}).Draw(t, "credited")
	for i, share := range shares {
		out = append(out, split{person: people[i], share: share, superseded: superseded})
	}
	for i, share := range rapid.SliceOfN(rapid.SampledFrom([]int64{0, 1250, 3333, 10000}), 0, 2).Draw(t, "overlay shares") {
		out = append(out, split{person: people[i], overlay: true, share: share, superseded: rapid.IntRange(0, 4).Draw(t, "superseded overlay") == 0})
	}
	return out
}

// meaning is what a stage meant from a day until before another.
type meaning struct {
	stage           int
	from, till      day
	outcome, chance string
	superseded      bool
}

// stages of every world: name and outcome.
var stages = []struct{ name, outcome string }{
	{"Prospecting", "open"}, {"Negotiation", "open"}, {"Won", "won"}, {"Lost", "lost"},
}

// day counts from the first of January 2024.
type day int

const noDay day = -1 << 20

func (d day) time() time.Time { return time.Date(2024, 1, 1+int(d), 0, 0, 0, 0, time.UTC) }

func (d day) String() string { return d.time().Format(time.DateOnly) }

const lastDay = 560

func drawWorld(t *rapid.T) *world {
	w := &world{people: []string{"Ann", "bob", "Ann", "Cyd"}, products: []string{"Anvil", "Bellows"}}
	w.drawMaps(t)
	for i := range 3 {
		w.accounts = append(w.accounts, struct{ name, industry, segment, country string }{
			fmt.Sprint("Account ", i),
			rapid.SampledFrom([]string{"", "Retail", "retail", `Q"u\o{t},e`}).Draw(t, "industry"),
			rapid.SampledFrom([]string{"", "Enterprise"}).Draw(t, "segment"),
			rapid.SampledFrom([]string{"", "Norway", "Chad"}).Draw(t, "country"),
		})
	}
	w.members = rapid.SliceOfN(drawAssignment(len(w.people), len(w.territory)), 0, 8).Draw(t, "members")
	w.lines = rapid.SliceOfN(drawAssignment(len(w.people), len(w.people)), 0, 5).Draw(t, "lines")
	w.deals = rapid.SliceOfN(rapid.Custom(drawDeal), 0, 14).Draw(t, "deals")
	for i := range w.deals {
		w.deals[i].id = i + 1
		w.deals[i].contacts = rapid.SliceOfN(rapid.Custom(drawContact), 0, 3).Draw(t, "contacts")
		w.deals[i].splits = drawSplits(t)
		w.deals[i].past = drawPast(t, w.deals[i])
	}
	for _, s := range stages {
		w.outcomes = append(w.outcomes, s.outcome)
	}
	w.meanings = rapid.SliceOfNDistinct(rapid.Custom(drawMeaning), 0, 2, func(m meaning) int { return m.stage }).Draw(t, "meanings")
	w.chances = rapid.SliceOfN(rapid.SampledFrom([]string{"", "0", "0.25", "1"}), len(stages), len(stages)).Draw(t, "chances")
	w.allowed = rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 10, 90}), len(stages), len(stages)).Draw(t, "allowed")
	w.overhead = rapid.SliceOfN(rapid.Custom(drawOverhead), 0, 3).Draw(t, "overhead")
	w.quotas = rapid.SliceOfNDistinct(rapid.Custom(drawQuota), 0, 8, func(q quota) [4]int {
		return [4]int{q.person, q.territory, int(q.from), int(q.till)}
	}).Draw(t, "quotas")
	w.forecasts = rapid.SliceOfNDistinct(rapid.Custom(drawForecast), 0, 10, func(f forecast) string {
		return fmt.Sprint(f.person, f.territory, f.from, f.till, f.category, f.at)
	}).Draw(t, "forecasts")
	w.rates = rapid.SliceOfNDistinct(rapid.Custom(drawRate), 0, 5, func(r rate) string { return fmt.Sprint(r.currency, r.into, r.from) }).Draw(t, "rates")
	w.talks = rapid.SliceOfN(rapid.Custom(drawContact), 0, 4).Draw(t, "visits")
	for i := range w.talks {
		w.talks[i].account = rapid.IntRange(1, len(w.accounts)).Draw(t, "visited")
	}
	w.leads = rapid.SliceOfN(drawLead(len(w.deals)), 0, 12).Draw(t, "leads")
	w.places = rapid.SliceOfN(drawPlacement(len(w.accounts), len(w.territory)), 0, 6).Draw(t, "places")
	w.movements = rapid.SliceOfN(rapid.Custom(drawMovement), 0, 20).Draw(t, "movements")
	return w
}

// forecast is what somebody said of a period at a moment.
type forecast struct {
	quota    // whose and of when, and how much
	category string
	at       time.Time
}

func drawForecast(t *rapid.T) forecast {
	f := forecast{quota: drawQuota(t), category: rapid.SampledFrom([]string{"commit", "commit", "commit", "best_case"}).Draw(t, "category")}
	f.at = f.from.time().Add(time.Duration(rapid.IntRange(-48, 24*40).Draw(t, "hours")) * time.Hour)
	return f
}

func drawRate(t *rapid.T) rate {
	r := rate{
		currency: rapid.SampledFrom([]string{"EUR", "EUR", "JPY", "USD"}).Draw(t, "currency"), into: "USD",
		from: day(rapid.IntRange(0, lastDay).Draw(t, "from")), much: rapid.SampledFrom([]string{"0.5", "1.0825", "0.0067", "1.5"}).Draw(t, "rate"),
		superseded: rapid.IntRange(0, 4).Draw(t, "superseded") == 0,
	}
	if r.currency == "USD" {
		r.into = rapid.SampledFrom([]string{"EUR", "JPY"}).Draw(t, "into")
	}
	return r
}

// drawMaps draws up to three maps that follow each other, the last of which may
// be planned, and territories on them and on none.
func (w *world) drawMaps(t *rapid.T) {
	from := day(rapid.IntRange(0, lastDay).Draw(t, "first map from"))
	for range rapid.IntRange(0, 3).Draw(t, "maps") {
		till := from + day(rapid.IntRange(1, 200).Draw(t, "days of the map"))
		w.maps = append(w.maps, drawing{from: from, till: till, planned: rapid.IntRange(0, 2).Draw(t, "planned") == 0})
		from = till + day(rapid.IntRange(0, 1).Draw(t, "gap")*30)
	}
	for i, name := range []string{"World", "EMEA", "Nordics", "APAC"} {
		here := territory{name: name, key: fmt.Sprint("t", i), parent: rapid.IntRange(0, i).Draw(t, "parent")}
		w.territory = append(w.territory, here)
	}
	for m := range w.maps {
		for _, of := range rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 0, 3, rapid.ID).Draw(t, "on the map") {
			here := territory{name: "LATAM", key: "t4"} // not on the map that needs no model
			if of < 4 {
				here = w.territory[of]
			}
			here.mapped, here.parent = m+1, 0
			if last := len(w.territory); w.territory[last-1].mapped == m+1 && rapid.Bool().Draw(t, "below the one before") {
				here.parent = last
			}
			here.name = fmt.Sprint(here.name, m+1)
			w.territory = append(w.territory, here)
		}
	}
}

func drawOverhead(t *rapid.T) overhead {
	from := rapid.IntRange(0, lastDay).Draw(t, "from")
	return overhead{
		from: day(from), till: day(from + rapid.IntRange(1, lastDay).Draw(t, "days")), amount: rapid.Int64Range(-10, 1000).Draw(t, "amount"),
		currency: rapid.SampledFrom([]string{"USD", "USD", "USD", "EUR"}).Draw(t, "currency"),
		byDeals:  rapid.Bool().Draw(t, "by deals"), superseded: rapid.IntRange(0, 4).Draw(t, "superseded") == 0,
	}
}

// drawQuota draws quotas of months and quarters, and now and then of odd days.
func drawQuota(t *rapid.T) quota {
	month := rapid.IntRange(1, 18).Draw(t, "month")
	first := func(month int) day {
		return day(time.Date(2024, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Sub(day(0).time()) / (24 * time.Hour))
	}
	q := quota{
		person: rapid.IntRange(1, 4).Draw(t, "person"), from: first(month),
		till:     first(month + rapid.SampledFrom([]int{1, 1, 1, 3}).Draw(t, "months")),
		amount:   rapid.Int64Range(0, 500).Draw(t, "amount"),
		currency: rapid.SampledFrom([]string{"USD", "USD", "USD", "EUR"}).Draw(t, "currency"),
	}
	if rapid.IntRange(0, 5).Draw(t, "of a territory") == 0 {
		q.territory, q.person = q.person, 0
	}
	if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
		q.from += 4
	}
	q.superseded = rapid.IntRange(0, 4).Draw(t, "superseded") == 0
	return q
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
		created: drawDay(t, "created"),

		reason:     rapid.SampledFrom([]string{"", "price", "Price", "timing"}).Draw(t, "reason"),
		competitor: rapid.SampledFrom([]string{"", "Hooli"}).Draw(t, "competitor"),
		source:     rapid.SampledFrom([]string{"", "web", "Web", "fair"}).Draw(t, "source"),
		kind:       rapid.SampledFrom([]string{"", "renewal"}).Draw(t, "kind"),
		category:   rapid.SampledFrom([]string{"", "pipeline", "best_case", "commit", "omitted"}).Draw(t, "category"),
		step:       rapid.SampledFrom([]string{"", "call back"}).Draw(t, "next step"),
		deleted:    rapid.IntRange(0, 5).Draw(t, "deleted") == 0,
		costs:      rapid.SliceOfN(rapid.Custom(drawCost), 0, 3).Draw(t, "costs"),
	}
	d.currency = rapid.SampledFrom([]string{"", "USD", "USD", "USD", "EUR", "JPY"}).Draw(t, "currency")
	if d.currency != "" {
		d.amount = rapid.Int64Range(-100, 300_00).Draw(t, "amount")
	}
	return d
}

// drawPast draws up to two earlier versions of a deal, and now and then some
// that differ by their stage and close date alone, at one moment or within hours.
func drawPast(t *rapid.T, now deal) []version {
	var past []version
	at := day(1).time() // not the day before the first anywhere
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "versions") {
		at = at.Add(time.Duration(rapid.IntRange(1, 24*lastDay/2).Draw(t, "hours")) * time.Hour)
		was := drawDeal(t)
		was.id, was.costs, was.contacts, was.splits = now.id, now.costs, now.contacts, now.splits
		past = append(past, version{at, was})
	}
	for range rapid.SampledFrom([]int{0, 0, 2, 5}).Draw(t, "moves") {
		at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 5, 24, 30, 24 * 9, 24 * 40}).Draw(t, "hours since")) * time.Hour)
		was := now
		was.past, was.stage, was.closed = nil, rapid.IntRange(1, len(stages)).Draw(t, "stage then"), drawDay(t, "closed then")
		past = append(past, version{at, was})
	}
	return past
}

// drawMeaning draws what a stage meant for some time, or since a day.
func drawMeaning(t *rapid.T) meaning {
	m := meaning{
		stage: rapid.IntRange(1, len(stages)).Draw(t, "stage"), from: day(rapid.IntRange(0, lastDay).Draw(t, "from")), till: noDay,
		outcome: rapid.SampledFrom([]string{"open", "won", "lost"}).Draw(t, "outcome"), chance: rapid.SampledFrom([]string{"", "0.1"}).Draw(t, "chance"),
		superseded: rapid.IntRange(0, 4).Draw(t, "superseded") == 0,
	}
	if rapid.Bool().Draw(t, "ended") {
		m.till = m.from + day(rapid.IntRange(1, 300).Draw(t, "days"))
	}
	return m
}

// then is the world at an instant, which lies on the day. A deal that was not
// there yet is one that does not count; one that closed later was at a stage
// that nobody knows.
func (w *world) then(instant time.Time, on day) *world {
	was := *w
	was.now, was.instant = w, instant
	was.deals, was.outcomes, was.chances, was.allowed = nil, slices.Clone(w.outcomes), slices.Clone(w.chances), slices.Clone(w.allowed)
	for _, m := range w.meanings {
		if !m.superseded && on >= m.from && (m.till == noDay || on < m.till) {
			was.outcomes[m.stage-1], was.chances[m.stage-1], was.allowed[m.stage-1] = m.outcome, m.chance, 0
		}
	}
	for _, d := range w.deals {
		whole := d
		for _, v := range slices.Backward(d.past) {
			if instant.Before(v.until) {
				d = v.deal
			}
		}
		entered := d.created
		if entered == noDay {
			entered = d.engaged
		}
		d.absent = entered > on
		d.deleted = d.deleted || d.absent
		d.past = slices.DeleteFunc(slices.Clone(whole.past), func(v version) bool { return instant.Before(v.until) })
		if was.outcome(d) != "open" && d.closed > on {
			d.stage = 0
		}
		was.deals = append(was.deals, d)
	}
	return &was
}

// outcome is what the deal's stage means, empty where nobody knows it.
func (w *world) outcome(d deal) string {
	if d.stage == 0 {
		return ""
	}
	return w.outcomes[d.stage-1]
}

func drawCost(t *rapid.T) cost {
	return cost{
		selling: rapid.Bool().Draw(t, "selling"), amount: rapid.Int64Range(-5, 9000).Draw(t, "amount"),
		currency:   rapid.SampledFrom([]string{"USD", "USD", "USD", "USD", "EUR"}).Draw(t, "currency"),
		superseded: rapid.IntRange(0, 4).Draw(t, "superseded") == 0,
	}
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
	for i, m := range w.maps {
		state, active := "archived", "["+m.from.String()+","+m.till.String()+")"
		if m.planned {
			state, active = "planning", "empty"
		}
		insert(tx, "territory_model", "id, external_id, name, state, active", i+1, fmt.Sprint("m", i), fmt.Sprint("Map ", i), state, active)
	}
	for i, t := range w.territory {
		insert(tx, "territory", "id, external_id, name, parent_id, model_id", i+1, t.key, t.name, orNull(t.parent), orNull(t.mapped))
	}
	for i, a := range w.accounts {
		insert(tx, "account", "id, external_id, name, industry, segment, country",
			i+1, fmt.Sprint("a", i), a.name, orNull(a.industry), orNull(a.segment), orNull(a.country))
	}
	for i, name := range w.products {
		insert(tx, "product", "id, external_id, name", i+1, fmt.Sprint("x", i), name)
	}
	for i, s := range stages {
		var chance, expected any
		if w.chances != nil {
			chance, expected = orNull(w.chances[i]), orNull(w.allowed[i])
		}
		insert(tx, "stage", "id, name, position, outcome, probability, expected_days", i+1, s.name, i, s.outcome, chance, expected)
	}
	for _, m := range w.meanings {
		insert(tx, "stage_definition", "stage_id, position, outcome, probability, valid, known",
			m.stage, m.stage-1, m.outcome, orNull(m.chance), assignment{from: m.from, till: m.till}.valid(), known(m.superseded))
	}
	for _, a := range w.members {
		insert(tx, "territory_member", "person_id, territory_id, valid, known", a.person, a.to, a.valid(), known(a.superseded))
	}
	for _, a := range w.lines {
		if a.person != a.to {
			insert(tx, "reporting_line", "person_id, manager_id, valid, known", a.person, a.to, a.valid(), known(a.superseded))
		}
	}
	for i, d := range w.deals {
		var amount any
		if d.currency != "" {
			amount = d.amount
		}
		insert(tx, "opportunity", "id, external_id, account_id, product_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, loss_reason, competitor, source, kind, forecast_category, next_step, deleted",
			i+1, fmt.Sprint("d", i), orNull(d.account), orNull(d.product), orNull(d.owner), d.stage,
			amount, orNull(d.currency), d.created.orNull(), d.engaged.orNull(), d.closed.orNull(), orNull(d.reason), orNull(d.competitor), orNull(d.source), orNull(d.kind), orNull(d.category), orNull(d.step), d.deleted)
		for j, c := range d.contacts {
			insert(tx, "activity", "external_id, opportunity_id, kind, at, two_way, person_id", fmt.Sprint("v", i, ".", j), i+1, c.kind, c.at, c.twoWay, orNull(c.by))
		}
		d.id = i + 1
		d.storePast(tx)
		for j, c := range d.costs {
			kind := map[bool]string{false: "direct", true: "selling"}[c.selling]
			insert(tx, "cost_line", "external_id, opportunity_id, kind, amount_minor, currency, known",
				fmt.Sprint("c", i, ".", j), i+1, kind, c.amount, c.currency, known(c.superseded))
		}
		for _, s := range d.splits {
			kind := map[bool]string{false: "revenue", true: "overlay"}[s.overlay]
			insert(tx, "opportunity_split", "opportunity_id, person_id, kind, share, known",
				i+1, s.person, kind, fmt.Sprintf("%d.%04d", s.share/10000, s.share%10000), known(s.superseded))
		}
	}
	for i, c := range w.talks {
		insert(tx, "activity", "external_id, account_id, kind, at, two_way, person_id", fmt.Sprint("v", i), c.account, c.kind, c.at, c.twoWay, orNull(c.by))
	}
	for i, l := range w.leads {
		insert(tx, "lead", "external_id, created_at, source, owner_id, status, responded_at, opportunity_id, converted_at",
			fmt.Sprint("l", i), l.created, orNull(l.source), orNull(l.owner), l.status, orNull(l.answered), orNull(w.becameOf(l)), orNull(l.converted))
	}
	for _, p := range w.places {
		insert(tx, "account_territory", "account_id, territory_id, valid, known", p.account, p.territory, assignment{from: p.from, till: p.till}.valid(), known(p.superseded))
	}
	for i, m := range w.movements {
		insert(tx, "subscription_movement", "external_id, account_id, product_id, kind, moved_on, amount_minor, currency, known",
			fmt.Sprint("s", i), m.account, orNull(m.product), m.kind, m.on.String(), m.amount, m.currency, known(m.superseded))
	}
	for i, h := range w.overhead {
		key := map[bool]string{false: "revenue", true: "deals"}[h.byDeals]
		insert(tx, "overhead", "external_id, period, amount_minor, currency, allocated_by, known",
			fmt.Sprint("h", i), "["+h.from.String()+","+h.till.String()+")", h.amount, h.currency, key, known(h.superseded))
	}
	for _, r := range w.rates {
		insert(tx, "exchange_rate", `currency, "into", starts_on, rate, known`, r.currency, r.into, r.from.String(), r.much, known(r.superseded))
	}
	for _, f := range w.forecasts {
		insert(tx, "forecast", "person_id, territory_id, period, category, amount_minor, currency, submitted_at, known",
			orNull(f.person), orNull(f.territory), "["+f.from.String()+","+f.till.String()+")", f.category, f.amount, f.currency, f.at, known(f.superseded))
	}
	for _, q := range w.quotas {
		insert(tx, "quota", "person_id, territory_id, measure, period, amount_minor, currency, known",
			orNull(q.person), orNull(q.territory), "bookings", "["+q.from.String()+","+q.till.String()+")", q.amount, q.currency, known(q.superseded))
	}
}

// storePast writes the log of the deal: its first sight, and each difference.
func (d deal) storePast(tx *sqlx.Tx) {
	var before map[string]any
	at := "-infinity"
	for step, v := range append(slices.Clone(d.past), version{deal: d}) {
		fields := v.deal.fields()
		if before == nil {
			first, err := json.Marshal(fields)
			if err != nil {
				panic(err)
			}
			insert(tx, "opportunity_change", "opportunity_id, field, new, valid_at, revision, actor", d.id, "deal", string(first), at, 1, "test")
		}
		for field, now := range fields {
			if before != nil && now != before[field] {
				insert(tx, "opportunity_change", "opportunity_id, field, old, new, valid_at, revision, step, actor", d.id, field, before[field], now, at, 1, step, "test")
			}
		}
		before, at = fields, v.until.Format(time.RFC3339)
	}
}

// fields are the values of a deal as the log writes them.
func (d deal) fields() map[string]any {
	text := func(v any) any {
		if v == nil {
			return nil
		}
		return fmt.Sprint(v)
	}
	fields := map[string]any{
		"account_id": text(orNull(d.account)), "product_id": text(orNull(d.product)), "owner_id": text(orNull(d.owner)), "stage_id": text(orNull(d.stage)),
		"currency": orNull(d.currency), "amount_minor": nil, "created_on": d.created.orNull(), "engaged_on": d.engaged.orNull(),
		"close_on": d.closed.orNull(), "loss_reason": orNull(d.reason), "competitor": orNull(d.competitor), "source": orNull(d.source), "kind": orNull(d.kind),
		"forecast_category": orNull(d.category), "next_step": orNull(d.step), "deleted": fmt.Sprint(d.deleted),
	}
	if d.currency != "" {
		fields["amount_minor"] = fmt.Sprint(d.amount)
	}
	return fields
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

func known(superseded bool) string {
	if superseded {
		return "[1,2)"
	}
	return "[1,)"
}

// read answers a plan's statements as the store does: each column as text.
func read(t testing.TB, tx *sqlx.Tx, p *metric.Plan) metric.Result {
	t.Helper()
	result, err := tryRead(t, tx, p)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// tryRead is read where the reading itself may be refused.
func tryRead(t testing.TB, tx *sqlx.Tx, p *metric.Plan) (metric.Result, error) {
	t.Helper()
	var r metric.Reading
	for _, s := range p.Statements {
		table, err := readTable(tx, s)
		if err != nil {
			t.Fatalf("%v\n%s\n%v", err, s.SQL, s.Args)
		}
		r.Tables = append(r.Tables, table)
	}
	return p.Result(r)
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
