package metric_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// oracle answers a Query from rows in memory, plainly and deal by deal, with
// nothing of the compiler: the SQL must say the same.
type oracle struct {
	*world
	as    string // asked for a metric of several: which of those it is made of
	q     metric.Query
	v     metric.Viewer
	co    metric.Company
	today day

	from, till day // of the period
	beforeFrom day // of what it is compared with

	several bool // there are figures in several currencies
}

// measure is what a metric means, said again.
type measure struct {
	unit     metric.Unit
	counts   string // outcomes counted, empty: all
	wins     bool   // a rate of those won
	engaged  bool   // on the clock of engagement
	cycle    bool   // measures days, not amounts
	combine  func(sorted []int64) *big.Rat
	mean     bool // names the median too
	asIs     bool
	stock    bool
	minFacts int

	only     func(o *oracle, d deal) bool     // which deals it counts; nil: all
	created  bool                             // on the clock of creation
	of       func(o *oracle, d deal) *big.Rat // what is added up of a deal, nil: unknown
	over     func(o *oracle, d deal) *big.Rat // a ratio: what is added up below
	loaded   func(w *world) bool              // whether what it needs is there
	quota    bool                             // counts quotas
	forecast bool                             // or forecasts, which last as long
	cleared  bool                             // not for reps

	since     func(o *oracle, on day) day              // a running figure: since when that of a day runs
	seats     bool                                     // counts people with quotas in the days asked about
	snapshots bool                                     // counts what was expected of periods
	visit     func(v visit) day                        // counts visits, by this day of theirs
	days      func(o *oracle, d deal) (int64, bool)    // what is measured of a fact in days, if it is known
	state     func(o *oracle, d deal) (is, known bool) // a state that it counts, which may be unknown
	converts  func(o *oracle, d deal) bool             // a rate: which of the facts came to be what it counts

	facts    func(o *oracle) []deal                       // what it counts, if not deals or quotas
	dims     []string                                     // what those are cut by, beside time
	young    func(o *oracle, d deal) bool                 // of which facts it is too early to tell
	among    func(o *oracle, d deal) bool                 // a rate: which of them
	distinct func(d deal) int                             // counts these, each once
	number   func(o *oracle, d deal) int64                // a number of things
	waits    func(o *oracle, from, to time.Time) *big.Rat // how long a lead waits, in seconds
	at       func(n int) []int                            // which of n sorted times are the value
	windows  func(o *oracle, from, till day) []deal       // what it counts of all the days asked about as one
	cohort   bool                                         // of those there as such days began
	nobodys  bool                                         // what it counts has no owner
	unranked bool                                         // people are not ranked by it
	patches  bool                                         // counts territories, and of no period
	laid     bool                                         // counts quotas of territories
	placed   bool                                         // counts accounts in territories, each once, and of no period
	each     string                                       // told of one of these, or of each
	open     bool                                         // counts what nobody holds, which everybody may see, and of no period

	made   []string                       // of several: the metrics it is made of
	with   func(v []*big.Rat) *big.Rat    // what is done with their values; nil: nothing to divide by
	shares func(v []*big.Rat) [2]*big.Rat // of a ratio: its two sides
}

// isRate reports whether it counts some of the facts.
func (m measure) isRate() bool { return m.wins || m.converts != nil }

// byCurrency reports whether there is a figure a currency.
func (m measure) byCurrency() bool {
	return m.unit == metric.UnitMoney || m.over != nil || slices.ContainsFunc(m.made, func(name string) bool { return measures[name].byCurrency() })
}

func (m measure) isCleared() bool {
	return m.cleared || slices.ContainsFunc(m.made, func(name string) bool { return measures[name].isCleared() })
}

// cutBy reports whether what it counts has the dimension.
func (m measure) cutBy(dimension string) bool {
	for _, name := range m.made {
		if !measures[name].cutBy(dimension) {
			return false
		}
	}
	if m.dims != nil {
		return slices.Contains(append(slices.Clone(m.dims), steps...), dimension)
	}
	if dimension == "activity_kind" || dimension == "lead_status" || m.visit != nil && slices.Contains([]string{"outcome", "forecast_category", "pushed"}, dimension) {
		return false
	}
	return !m.quota || slices.Contains(append([]string{"person", "manager", "territory"}, steps...), dimension)
}

func total(v []int64) *big.Rat {
	sum := new(big.Rat)
	for _, x := range v {
		sum.Add(sum, big.NewRat(x, 1))
	}
	return sum
}

func mean(v []int64) *big.Rat { return new(big.Rat).Quo(total(v), big.NewRat(int64(len(v)), 1)) }

func median(v []int64) *big.Rat { return big.NewRat(v[(len(v)-1)/2]+v[len(v)/2], 2) }

func p80(v []int64) *big.Rat { return big.NewRat(v[(4*len(v)+4)/5-1], 1) }

var measures = map[string]measure{
	"won_revenue":          {unit: metric.UnitMoney, counts: "won", combine: total},
	"won_count":            {unit: metric.UnitCount, counts: "won"},
	"lost_count":           {unit: metric.UnitCount, counts: "lost"},
	"decided_count":        {unit: metric.UnitCount, counts: "won lost"},
	"open_count":           {unit: metric.UnitCount, counts: "open", asIs: true, stock: true},
	"engaged_count":        {unit: metric.UnitCount, engaged: true},
	"won_of_engaged_count": {unit: metric.UnitCount, counts: "won", engaged: true},
	"win_rate":             {unit: metric.UnitRatio, counts: "won lost", wins: true, minFacts: 3},
	"win_rate_cohort":      {unit: metric.UnitRatio, wins: true, engaged: true, minFacts: 3},
	"win_within_90": {
		unit: metric.UnitRatio, engaged: true, minFacts: 3,
		only:     func(o *oracle, d deal) bool { return d.engaged < o.today-90 },
		converts: wonWithin90,
	},
	"average_deal_size":         {unit: metric.UnitMoney, counts: "won", combine: mean, mean: true},
	"median_deal_size":          {unit: metric.UnitMoney, counts: "won", combine: median},
	"sales_cycle":               {unit: metric.UnitDays, counts: "won", cycle: true, combine: median},
	"sales_cycle_p80":           {unit: metric.UnitDays, counts: "won", cycle: true, combine: p80},
	"average_sales_cycle":       {unit: metric.UnitDays, counts: "won", cycle: true, combine: mean, mean: true},
	"age_of_open_deals":         {unit: metric.UnitDays, counts: "open", asIs: true, stock: true, days: old, combine: median},
	"average_age_of_open_deals": {unit: metric.UnitDays, counts: "open", asIs: true, stock: true, days: old, combine: mean, mean: true},
	"open_pipeline":             {unit: metric.UnitMoney, counts: "open", combine: total, asIs: true, stock: true},

	"pipeline_created":  {unit: metric.UnitMoney, combine: total, created: true, loaded: haveCreated},
	"created_count":     {unit: metric.UnitCount, created: true, loaded: haveCreated},
	"weighted_pipeline": {unit: metric.UnitMoney, counts: "open", of: weighted, loaded: haveChances, asIs: true, stock: true},
	"gross_profit":      {unit: metric.UnitMoney, counts: "won", of: grossProfit, loaded: haveDirect, cleared: true},
	"contribution":      {unit: metric.UnitMoney, counts: "won", of: contribution, loaded: haveSelling, cleared: true},
	"net_profit":        {unit: metric.UnitMoney, counts: "won", of: netProfit, loaded: haveOverhead, cleared: true},
	"costed_revenue":    {unit: metric.UnitMoney, counts: "won", of: costedRevenue, loaded: haveDirect, cleared: true},
	"gross_margin":      {unit: metric.UnitRatio, counts: "won", of: grossProfit, over: costedRevenue, loaded: haveDirect, cleared: true},
	"quota":             {unit: metric.UnitMoney, of: target, loaded: haveQuotas, quota: true},
	"quota_bookings":    {unit: metric.UnitMoney, of: booked, loaded: haveQuotas, quota: true},
	"quota_attainment":  {unit: metric.UnitRatio, of: booked, over: target, loaded: haveQuotas, quota: true},
	"quota_expected":    {unit: metric.UnitMoney, of: expected, loaded: haveQuotas, quota: true},
	"pace":              {unit: metric.UnitRatio, of: booked, over: expected, loaded: haveQuotas, quota: true},
}

func init() {
	for name, m := range madeOfSeveral {
		measures[name] = m
	}
}

var minorUnits = map[string]int64{"USD": 100, "EUR": 100, "JPY": 1}

// refusal is the code with which the Query is refused before it is read; empty:
// it is not.
func (o *oracle) refusal() string {
	m := o.measure()
	if code := o.refusesPlan(); code != "" {
		return code
	}
	if m.isCleared() && o.v.Role == metric.RoleRep {
		return metric.CodeNotAllowed
	}
	for _, by := range o.q.By {
		if !m.cutBy(by) {
			return metric.CodeNotAvailable
		}
	}
	if m.unranked && o.q.Order != "" && slices.Contains(o.q.By, "person") {
		return metric.CodeNotAvailable
	}
	for _, f := range o.q.Where {
		switch {
		case m.laid && f.Field == "territory" && (f.Op == metric.Ne || f.Op == metric.NotIn):
			return metric.CodeNotAvailable
		case f.Field == metric.FieldAmount && !m.cutBy("stage"):
			return metric.CodeInvalid
		case slices.Contains(gauges, f.Field) && !m.gaugedBy(f.Field):
			return metric.CodeNotAvailable
		case f.Field != metric.FieldAmount && !slices.Contains(gauges, f.Field) && !m.cutBy(f.Field):
			return metric.CodeNotAvailable
		}
	}
	if (m.placed || m.open || m.patches) && (o.from != noDay || o.till != noDay || slices.ContainsFunc(o.q.By, func(by string) bool { return slices.Contains(steps, by) })) {
		return metric.CodeNotAvailable
	}
	if !o.isOfEach() {
		return metric.CodeNotAvailable
	}
	// What is made of several is asked for the rights to it before its parts are
	// asked for a period.
	if o.isAhead(o.from, o.till) || (o.isWindowless() || o.unperiodic()) && (m.made == nil || !o.refused()) {
		return metric.CodeInvalid
	}
	if o.refused() {
		return metric.CodeNotAllowed
	}
	return ""
}

// refused reports whether the viewer may not ask this of those people.
func (o *oracle) refused() bool {
	if o.v.All || o.measure().open {
		return false
	}
	if o.measure().nobodys {
		return slices.Contains(o.q.By, "account") || slices.ContainsFunc(o.q.Where, func(f metric.Filter) bool { return f.Field == "account" })
	}
	safe := false
	for _, f := range o.q.Where {
		if f.Field != "person" || (f.Op != metric.Eq && f.Op != metric.In) {
			continue
		}
		safe = true
		for _, v := range f.Values {
			if !slices.Contains(o.v.People, v.ID) {
				return true
			}
		}
	}
	return !safe && slices.ContainsFunc(o.q.Where, func(f metric.Filter) bool { return f.Field == "person" || f.Field == "account" })
}

func (o *oracle) narrowed() bool {
	personal := slices.Contains(o.q.By, "person") || slices.Contains(o.q.By, "account")
	return !o.v.All && !o.measure().open && personal && !slices.ContainsFunc(o.q.Where, func(f metric.Filter) bool { return f.Field == "person" })
}

// narrowingSaid reports whether a narrowed answer may be of fewer people than
// its first filter on managers leaves, in any of the days.
func (o *oracle) narrowingSaid(from, till day) bool {
	i := slices.IndexFunc(o.q.Where, func(f metric.Filter) bool {
		return f.Field == "manager" && (f.Op == metric.Eq || f.Op == metric.In)
	})
	if i < 0 || !o.narrowed() {
		return o.narrowed()
	}
	if from == noDay {
		from = -2 // a day before all others
	}
	if till == noDay {
		till = 3 * lastDay
	}
	if o.asIs() {
		from, till = o.today, o.today+1
	}
	for person := range o.people {
		if slices.Contains(o.v.People, int64(person+1)) {
			continue
		}
		for on := from; on < till; on++ {
			if o.under(person+1, on, o.q.Where[i].Values) {
				return true
			}
		}
	}
	return false
}

// under walks up from a person to one of the managers.
func (o *oracle) under(person int, on day, managers []metric.Value) bool {
	seen := map[int]bool{person: true}
	for at := o.holds(o.managers(), person, on); at != 0 && !seen[at]; at = o.holds(o.managers(), at, on) {
		if slices.ContainsFunc(managers, func(v metric.Value) bool { return v.ID == int64(at) }) {
			return true
		}
		seen[at] = true
	}
	return false
}

func (o *oracle) managers() []assignment {
	return slices.DeleteFunc(slices.Clone(o.lines), func(a assignment) bool { return a.person == a.to })
}

func (o *oracle) measure() measure { return measures[o.q.Metric] }

func (o *oracle) clock(d deal) day {
	if d.input != "" {
		o, d := o.asked(d)
		return o.clock(d)
	}
	switch {
	case o.measure().visit != nil:
		return o.measure().visit(*d.visit)
	case o.measure().engaged:
		return d.engaged
	case o.measure().created:
		return d.created
	default:
		return d.closed
	}
}

// facts are the deals or, as if they were deals of their first day, the quotas.
func (o *oracle) facts() []deal {
	switch {
	case o.measure().snapshots, o.measure().windows != nil:
		return nil // they are of the days asked about
	case o.measure().visit != nil && slices.Contains(moveMetrics, o.q.Metric):
		return o.moves()
	case o.measure().facts != nil:
		return o.measure().facts(o)
	case o.measure().visit != nil:
		return o.visits()
	case o.measure().forecast:
		return o.submitted()
	case !o.measure().quota:
		return o.live()
	}
	var out []deal
	for i, q := range o.quotas {
		if !q.superseded && q.person != 0 {
			out = append(out, deal{owner: q.person, amount: q.amount, currency: q.currency, closed: q.from, stage: 1, quota: i + 1})
		}
	}
	return out
}

// live are the deals that were not deleted.
func (w *world) live() []deal {
	return slices.DeleteFunc(slices.Clone(w.deals), func(d deal) bool { return d.deleted })
}

// last is the last day of a fact.
func (o *oracle) last(d deal) day {
	if d.seat != nil {
		return d.seat.last
	}
	if d.forecast > 0 {
		return o.forecasts[d.forecast-1].till - 1
	}
	if d.quota > 0 {
		return o.quotas[d.quota-1].till - 1
	}
	return o.clock(d)
}

func (o *oracle) asIs() bool {
	if p := o.q.Perspective; p != "" {
		return p != metric.AsWas
	}
	return o.measure().asIs
}

// mapDay is the day whose assignments count.
func (o *oracle) mapDay(d deal) day {
	if o.asIs() {
		return o.today
	}
	return o.clock(d)
}

func (o *oracle) held(list []assignment, d deal) int { return o.holds(list, d.owner, o.mapDay(d)) }

// holds is what a person was assigned to on a day, the lowest of several.
func (o *oracle) holds(list []assignment, person int, on day) int {
	found := 0
	for _, a := range list {
		inside := on != noDay && (a.from == noDay || on >= a.from) && (a.till == noDay || on < a.till)
		if a.person == person && !a.superseded && inside && (found == 0 || a.to < found) {
			found = a.to
		}
	}
	return found
}

// of returns a deal's value of a dimension: an id or a text in lower case, with
// its name.
func (o *oracle) of(d deal, dimension string) (id int, text, name string) {
	nth := func(id int, names ...string) (int, string, string) {
		if id == 0 {
			return 0, "", ""
		}
		return id, "", names[id-1]
	}
	switch dimension {
	case "person":
		return nth(d.owner, o.people...)
	case "manager":
		return nth(o.held(o.managers(), d), o.people...)
	case "territory":
		var names []string
		for _, t := range o.territory {
			names = append(names, t.name)
		}
		return nth(o.latest(o.territoryOf(d)), names...)
	case "account":
		return nth(d.account, "Account 0", "Account 1", "Account 2")
	case "product":
		return nth(d.product, o.products...)
	case "stage":
		return nth(d.stage, stages[0].name, stages[1].name, stages[2].name, stages[3].name)
	case "outcome":
		return 0, o.outcome(d), o.outcome(d)
	case "activity_kind":
		return 0, d.talk.kind, d.talk.kind
	case "lead_status":
		return 0, d.lead.status, d.lead.status
	case "loss_reason":
		return 0, strings.ToLower(d.reason), d.reason
	case "source":
		return 0, strings.ToLower(d.source), d.source
	case "kind":
		return 0, strings.ToLower(d.kind), d.kind
	case "forecast_category":
		return 0, d.category, d.category
	case "pushed":
		return 0, o.pushes(d), o.pushes(d)
	case "competitor":
		return 0, strings.ToLower(d.competitor), d.competitor
	}
	if d.account == 0 {
		return 0, "", ""
	}
	value := o.accounts[d.account-1].industry
	switch dimension {
	case "country":
		value = o.accounts[d.account-1].country
	case "segment":
		value = o.accounts[d.account-1].segment
	}
	return 0, strings.ToLower(value), value
}

// territoryOf is where the owner stood on the map in force.
func (o *oracle) territoryOf(d deal) int {
	if d.placed != 0 {
		return d.placed
	}
	if m := o.plannedMap(); m != 0 {
		return o.plannedFor(d.owner, m)
	}
	on := o.mapDay(d)
	here := slices.DeleteFunc(slices.Clone(o.members), func(a assignment) bool { return o.territory[a.to-1].mapped != o.inForce(on) })
	return o.holds(here, d.owner, on)
}

// plannedMap is the map that is asked for as planned, 0 being none.
func (o *oracle) plannedMap() int {
	for i, m := range o.maps {
		if o.q.Perspective == metric.AsPlanned(fmt.Sprint("Map ", i)) && m.planned {
			return i + 1
		}
	}
	return 0
}

// isUnplanned: a map is asked for as planned that is not.
func (o *oracle) isUnplanned() bool {
	_, planned := o.q.Perspective.Planned()
	return planned && o.plannedMap() == 0
}

// refusesPlan is the code with which a planned map is refused.
func (o *oracle) refusesPlan() string {
	ofTerritory := func(f metric.Filter) bool { return f.Field == "territory" }
	m := o.measure()
	switch _, planned := o.q.Perspective.Planned(); {
	case !planned:
		return ""
	case o.v.Role == metric.RoleRep:
		return metric.CodeNotAllowed
	case m.placed || m.open || m.patches:
		return ""
	case !slices.Contains(o.q.By, "territory") && !slices.ContainsFunc(o.q.Where, ofTerritory):
		return metric.CodeNotAvailable
	default:
		return ""
	}
}

// plannedFor is what a person holds longest on a planned map, the lowest of
// several.
func (o *oracle) plannedFor(person, on int) int {
	found := assignment{}
	later := func(a, b day) bool { return a != b && (a == noDay || b != noDay && a > b) }
	for _, a := range o.members {
		if a.person != person || a.superseded || o.territory[a.to-1].mapped != on {
			continue
		}
		if found.to == 0 || later(a.till, found.till) || a.till == found.till && a.to < found.to {
			found = a
		}
	}
	return found.to
}

// inForce is the map in force on a day, 0 being the one that needs no model.
func (o *oracle) inForce(on day) int {
	return 1 + slices.IndexFunc(o.maps, func(m drawing) bool { return !m.planned && on >= m.from && on < m.till })
}

// latest is the same territory on the map that is in force last. The one that
// needs no model is in force after all others.
func (o *oracle) latest(id int) int {
	if id == 0 {
		return 0
	}
	found, since := id, day(-1)
	for i, t := range o.territory {
		if t.key != o.territory[id-1].key {
			continue
		}
		if t.mapped == 0 {
			return i + 1
		}
		if m := o.maps[t.mapped-1]; !m.planned && m.from > since {
			found, since = i+1, m.from
		}
	}
	return found
}

func (o *oracle) keeps(d deal, f metric.Filter) bool {
	if f.Field == metric.FieldAmount {
		return keepsAmount(d, f)
	}
	if slices.Contains(gauges, f.Field) {
		return o.keepsGauged(d, f)
	}
	id, text, _ := o.of(d, f.Field)
	if f.Op == metric.IsNull {
		return id == 0 && text == ""
	}
	in := f.Field == "manager" && o.under(d.owner, o.mapDay(d), f.Values)
	for _, v := range f.Values {
		switch {
		case f.Field == "manager": // all who stand below
		case f.Field == "territory":
			for t := o.territoryOf(d); t != 0; t = o.territory[t-1].parent {
				in = in || o.territory[t-1].key == o.territory[v.ID-1].key
			}
		case v.ID != 0:
			in = in || int64(id) == v.ID
		default:
			in = in || text == strings.ToLower(v.Text)
		}
	}
	return in == (f.Op == metric.Eq || f.Op == metric.In)
}

func keepsAmount(d deal, f metric.Filter) bool {
	if d.currency == "" {
		return f.Op == metric.IsNull || f.Op == metric.Ne
	}
	if f.Op == metric.IsNull {
		return false
	}
	limit, _ := new(big.Rat).SetString(f.Values[0].Text)
	c := big.NewRat(d.amount, minorUnits[d.currency]).Cmp(limit)
	return map[metric.Op]bool{metric.Eq: c == 0, metric.Ne: c != 0, metric.Lt: c < 0, metric.Lte: c <= 0, metric.Gt: c > 0, metric.Gte: c >= 0}[f.Op]
}

// counted lists the facts counted within the days, till excluded.
func (o *oracle) counted(from, till day) []deal {
	return slices.DeleteFunc(o.within(from, till), func(d deal) bool {
		return o.measure().counts != "" && !slices.Contains(strings.Fields(o.measure().counts), o.outcome(d)) ||
			o.measure().only != nil && !o.measure().only(o, d) ||
			!o.isIn(d) ||
			o.clock(d) == noDay && !o.measure().stock
	})
}

// isIn reports whether a fact is known to be in the state that is counted.
func (o *oracle) isIn(d deal) bool {
	if o.measure().state == nil {
		return true
	}
	is, known := o.measure().state(o, d)
	return is && known
}

// unrecorded counts the deals that are looked at, but of which nobody knows at
// which stage they were at the instant.
func (o *oracle) unrecorded(from, till day) int {
	most := 0
	for _, name := range o.measure().made {
		most = max(most, o.input(name).unrecorded(from, till))
	}
	if o.measure().made != nil {
		return most
	}
	if o.q.AsOf.IsZero() || o.measure().counts == "" {
		return 0
	}
	return len(slices.DeleteFunc(o.within(from, till), func(d deal) bool { return d.stage != 0 }))
}

// within lists the facts within the days that the filters keep.
func (o *oracle) within(from, till day) []deal {
	var out []deal
	for _, name := range o.measure().made {
		out = append(out, o.input(name).counted(from, till)...)
	}
	if out != nil || o.measure().made != nil {
		return out
	}
	facts := o.facts()
	if o.measure().seats {
		facts = o.seats(from, till)
	}
	if o.measure().snapshots {
		facts = o.expectations(from, till)
	}
	if of := o.measure().windows; of != nil {
		facts = of(o, from, till)
	}
	for _, d := range facts {
		on := o.clock(d)
		ok := (from == noDay || on != noDay && o.last(d) >= from) && (till == noDay || on != noDay && on < till)
		ok = ok && (!o.narrowed() || slices.Contains(o.v.People, int64(d.owner)))
		for _, f := range o.q.Where {
			ok = ok && o.keeps(d, f)
		}
		if ok {
			d.input = o.as
			out = append(out, d)
		}
	}
	return out
}

// quantity says one figure in words.
type quantity struct {
	value  *big.Rat
	words  string
	n      int
	few    bool
	reason string
	known  [2]int // of how many
}

func (o *oracle) quantity(deals []deal, currency string) quantity {
	m := o.measure()
	if m.made != nil {
		return o.together(deals, currency)
	}
	if m.of != nil {
		return o.sums(deals, currency)
	}
	if m.waits != nil {
		return o.waited(deals)
	}
	if (m.facts != nil || m.windows != nil) && m.combine == nil {
		return o.counting(deals)
	}
	var values []int64
	won, facts := 0, 0
	for _, d := range deals {
		if m.unit == metric.UnitMoney && o.currencyOf(d) != currency && d.currency != "" {
			continue
		}
		facts++
		if m.converts != nil && m.converts(o, d) || m.wins && o.outcome(d) == "won" {
			won++
		}
		switch {
		case m.days != nil:
			if n, known := m.days(o, d); known {
				values = append(values, n)
			}
		case m.number != nil:
			values = append(values, m.number(o, d))
		case m.cycle && d.engaged != noDay && d.closed >= d.engaged:
			values = append(values, int64(d.closed-d.engaged))
		case !m.cycle && d.currency != "":
			values = append(values, o.converted(d, minor(d.amount)).Num().Int64())
		}
	}
	slices.Sort(values)
	q := quantity{n: facts}
	switch {
	case m.unit == metric.UnitCount && m.number == nil:
		q.value = big.NewRat(int64(facts), 1)
		q.words = words(q.value, currency, "", "")
	case m.isRate():
		if facts > 0 {
			q.value = big.NewRat(int64(won), int64(facts))
		}
		q.few = facts < m.minFacts
		q.reason = reason(facts, "")
		q.words = words(q.value, currency, fmt.Sprintf("%d of %d", won, facts), q.reason)
	default:
		why := "not_loaded"
		if len(values) > 0 {
			q.value = m.combine(values)
		}
		if m.unit == metric.UnitMoney {
			why = "no_amount"
			if q.value != nil {
				q.value.Quo(q.value, big.NewRat(minorUnits[currency], 1))
			}
		}
		q.reason, q.known = reason(facts, why), [2]int{len(values), facts}
		counts := fmt.Sprintf("known %d of %d", len(values), facts)
		if m.mean && len(values) > 0 {
			half := median(values)
			if m.unit == metric.UnitMoney {
				half.Quo(half, big.NewRat(minorUnits[currency], 1))
			}
			counts += ", median " + half.RatString()
		}
		q.words = words(q.value, currency, counts, q.reason)
	}
	if m.loaded != nil && !m.loaded(o.world.whole()) || !o.haveGauged() {
		q.value, q.reason = nil, metric.ReasonNotLoaded
		counts := fmt.Sprintf("known %d of %d", len(values), facts)
		switch {
		case m.unit == metric.UnitCount && m.number == nil:
			counts = ""
		case m.isRate():
			counts = fmt.Sprintf("%d of %d", won, facts)
		}
		q.words = words(nil, currency, counts, q.reason)
	}
	return q
}

func reason(facts int, otherwise string) string {
	if facts == 0 {
		return "no_rows"
	}
	return otherwise
}

func words(value *big.Rat, currency, counts, reason string) string {
	if value != nil {
		return strings.Join([]string{value.RatString(), currency, counts}, "|")
	}
	return strings.Join([]string{"unknown " + reason, currency, counts}, "|")
}

func wordsOf(q metric.Quantity) string {
	counts := ""
	if q.N != nil {
		counts = fmt.Sprintf("%d of %d", *q.K, *q.N)
	}
	if q.Of != nil {
		counts = fmt.Sprintf("known %d of %d", *q.Known, *q.Of)
	}
	if q.Covered != nil {
		counts += ", covers " + q.Covered.RatString()
	}
	if q.Longer != nil {
		counts += ", longer than " + q.Longer.RatString()
	}
	if q.Median != nil {
		counts += ", median " + q.Median.RatString()
	}
	if q.Part != nil {
		counts += ", " + q.Part.RatString() + " of " + q.Whole.RatString()
	}
	for _, in := range q.Inputs {
		counts += " (" + in.Metric.Name + " " + wordsOf(in.Quantity) + ")"
	}
	return words(q.Value, q.Currency, counts, q.Reason)
}

func equal(a, b *big.Rat) bool { return a != nil && b != nil && a.Cmp(b) == 0 }

func difference(a, b *big.Rat) string {
	if a == nil || b == nil {
		return "none"
	}
	return new(big.Rat).Sub(a, b).RatString()
}

// answer is a Result in words.
type answer struct {
	Narrowed                bool
	Facts                   int
	First, Last             string
	Figures                 []string
	Rows                    []string
	Total, Unranked, Column int
	Tied                    int
	Ahead                   bool
	Converted               []metric.Conversion
	Unrecorded              int
	Apart                   []int64
}

// said puts a Result in words.
func said(r metric.Result) answer {
	a := answer{Narrowed: r.Narrowed, Facts: int(r.Facts), First: r.First, Last: r.Last, Total: r.Total, Unranked: r.Unranked, Tied: r.Tied, Ahead: r.Ahead, Column: len(r.Columns), Converted: r.Converted, Unrecorded: int(r.Unrecorded)}
	for _, apart := range r.Apart {
		a.Apart = append(a.Apart, apart.Facts)
	}
	for _, f := range r.Figures {
		text := fmt.Sprintf("%s, %d deals", wordsOf(f.Quantity), f.Facts)
		if f.Previous != nil {
			text += ", before " + wordsOf(*f.Previous) + ", change "
			if f.Change == nil {
				text += "none"
			} else {
				text += f.Change.RatString()
			}
		}
		a.Figures = append(a.Figures, text)
	}
	for _, row := range r.Rows {
		var cells []string
		for i, c := range row {
			switch {
			case c.Quantity == nil:
				cells = append(cells, fmt.Sprintf("%s#%d", c.Text, c.ID))
			case r.Columns[i].Name == "change" && c.Quantity.Value == nil:
				cells = append(cells, "none")
			case r.Columns[i].Name == "change":
				cells = append(cells, c.Quantity.Value.RatString())
			default:
				cells = append(cells, wordsOf(*c.Quantity))
			}
		}
		a.Rows = append(a.Rows, strings.Join(cells, " / "))
	}
	return a
}

// expected answers the Query, set against the days before when there are any.
func (o *oracle) expected(from, till, beforeFrom, beforeTill day) answer {
	told, toldTill := o.told(from, till)
	from, till = o.window(told, toldTill)
	beforeFrom, beforeTill = o.window(beforeFrom, beforeTill)
	all := o.counted(from, till)
	now := o.topMost(all)
	var allBefore, before []deal
	compare := o.q.Compare != ""
	if compare {
		allBefore = o.counted(beforeFrom, beforeTill)
		before = o.topMost(allBefore)
	}
	a := answer{Narrowed: o.narrowingSaid(from, till), Facts: o.number(now)}
	if compare {
		a.Narrowed = a.Narrowed || o.narrowingSaid(beforeFrom, beforeTill)
	}
	for _, d := range now {
		on := o.clock(d)
		if on != noDay && (a.First == "" || on.String() < a.First) {
			a.First = on.String()
		}
		if on != noDay {
			a.Last = max(a.Last, o.last(d).String())
		}
	}
	a.Ahead = compare && a.Last > o.today.String() && till-from > beforeTill-beforeFrom
	a.Converted = o.conversions(now)
	if slices.Contains(o.q.By, "territory") {
		a.Converted = o.conversions(all)
	}
	a.Unrecorded = o.unrecorded(from, till)
	a.Apart = o.apart(from, till)
	currencies := o.currencies(now, before)
	if len(currencies) == 0 {
		currencies = []string{cmp.Or(o.q.In, o.co.Currency)}
	}
	o.several = len(currencies) > 1
	for _, c := range currencies {
		q := o.quantity(now, c)
		text := fmt.Sprintf("%s, %d deals", q.words, q.n)
		if compare {
			p := o.quantity(before, c)
			text += ", before " + p.words + ", change " + difference(q.value, p.value)
		}
		a.Figures = append(a.Figures, text)
	}
	if len(o.q.By) > 0 {
		rows, of := now, currencies
		if slices.Contains(o.q.By, "territory") {
			rows, before = all, allBefore // of territories each is told its own
		}
		if step := o.q.By[len(o.q.By)-1]; o.measure().since != nil && slices.Contains(steps, step) {
			rows = o.runs(step, told, toldTill)
			if found := o.currencies(rows); len(found) > 0 {
				of = found
			}
		}
		if step := o.q.By[len(o.q.By)-1]; o.isWindowed() && slices.Contains(steps, step) {
			rows = o.windowed(step, from, till)
			if found := o.currencies(rows); len(found) > 0 {
				of = found
			}
		}
		o.rows(&a, rows, before, of, told, toldTill)
	}
	return a
}

func (o *oracle) currencies(lists ...[]deal) []string {
	if !o.measure().byCurrency() {
		return []string{""}
	}
	found := map[string]bool{}
	for _, d := range slices.Concat(lists...) {
		if o, _ := o.asked(d); d.currency != "" && o.measure().byCurrency() {
			found[o.currencyOf(d)] = true
		}
	}
	var out []string
	for c := range found {
		out = append(out, c)
	}
	sort.Strings(out)
	return out
}

var steps = []string{"day", "week", "month", "quarter", "year"}

// bucket is the first day of the step of time that holds the day.
func (o *oracle) bucket(step string, on day) string { return bucket(o.co, step, on).String() }

func bucket(co metric.Company, step string, on day) day {
	starts := startsOf(co, step)
	i, found := slices.BinarySearch(starts, on)
	if found {
		return on
	}
	return starts[i-1]
}

// cut is a way to cut time.
type cut struct {
	step     string
	calendar metric.Calendar
	fiscal   time.Month
	week     time.Weekday
}

var cuts = map[cut][]day{}

// startsOf lists the days on which the step begins, from years before the
// world's until years after it.
func startsOf(co metric.Company, step string) []day {
	key := cut{step, co.Calendar, co.FiscalStart, co.WeekStart}
	if cuts[key] == nil {
		for on := day(-2 * 366); on < 5*lastDay; on++ {
			if co.Calendar != metric.Gregorian && step != "day" && step != "week" {
				cuts[key] = append(cuts[key], startsIfYearOfWeeks(co, step, on)...)
			} else if begins(co, step, on) {
				cuts[key] = append(cuts[key], on)
			}
		}
	}
	return cuts[key]
}

func begins(co metric.Company, step string, on day) bool {
	t := on.time()
	since := (int(t.Month()) - int(co.FiscalStart) + 12) % 12
	switch step {
	case "day":
		return true
	case "week":
		return t.Weekday() == co.WeekStart
	default:
		return t.Day() == 1 && (step == "month" || step == "quarter" && since%3 == 0 || since == 0)
	}
}

// startsIfYearOfWeeks lists the starts of the steps in the year that begins on
// the day, none if none does.
func startsIfYearOfWeeks(co metric.Company, step string, on day) []day {
	if !beginsYearOfWeeks(co, on) {
		return nil
	}
	var starts []day
	for n, weeks := range strings.Repeat(string(co.Calendar), 4) {
		if n == 0 || step == "month" || step == "quarter" && n%3 == 0 {
			starts = append(starts, on)
		}
		on += 7 * day(weeks-'0')
	}
	return starts
}

// beginsYearOfWeeks: it is the first day of a week, and nearer to the first of
// the month than any other such day.
func beginsYearOfWeeks(co metric.Company, on day) bool {
	if on.time().Weekday() != co.WeekStart {
		return false
	}
	for near := on - 3; near <= on+3; near++ {
		if t := near.time(); t.Day() == 1 && t.Month() == co.FiscalStart {
			return true
		}
	}
	return false
}

// printed is one row before it is put in order.
type printed struct {
	sort     []string
	currency string
	names    []string
	q        quantity
	rest     string
}

func (o *oracle) rows(a *answer, now, before []deal, currencies []string, from, till day) {
	step := ""
	if last := o.q.By[len(o.q.By)-1]; slices.Contains(steps, last) {
		step = last
	}
	names := map[string][]string{}   // of a group
	spellings := map[string]string{} // one for each text, whatever its case, in all rows: the smallest
	groups := map[string][2][]deal{}
	series := map[string]map[string]bool{} // a group without its step → currencies
	for i, list := range [][]deal{now, before} {
		for _, d := range list {
			key, cells := o.key(d, step)
			group := groups[key]
			group[i] = append(group[i], d)
			groups[key] = group
			names[key] = cells
			for i, cell := range cells {
				at := fmt.Sprint(i, strings.ToLower(cell))
				if known, ok := spellings[at]; !ok || cell < known {
					spellings[at] = cell
				}
			}
		}
	}
	for _, cells := range names {
		for i, cell := range cells {
			if strings.HasSuffix(cell, "#0") { // things have names of their own
				cells[i] = spellings[fmt.Sprint(i, strings.ToLower(cell))]
			}
		}
	}
	for key, group := range groups {
		s := withoutStep(key, step)
		if series[s] == nil {
			series[s] = map[string]bool{}
		}
		for _, c := range o.currencies(group[0], group[1]) {
			series[s][c] = true
		}
	}
	if step != "" && from != noDay && till != noDay {
		o.fill(names, series, step, from, till)
	}
	var lines []printed
	for key, cells := range names {
		group := groups[key]
		of := series[withoutStep(key, step)]
		if len(of) == 0 {
			of = map[string]bool{"": true}
			if len(currencies) == 1 {
				of = map[string]bool{currencies[0]: true}
			}
		}
		for c := range of {
			l := printed{currency: c, names: cells, q: o.quantity(group[0], c)}
			for _, cell := range cells {
				name, id, _ := cutLast(cell, "#")
				n, _ := strconv.Atoi(id)
				last := "0"
				if name == "(none)" {
					last = "1"
				}
				place := slices.IndexFunc(stages, func(s struct{ name, outcome string }) bool { return s.name == name }) // in the order of the process
				l.sort = append(l.sort, fmt.Sprintf("%s%02d%s\x00%03d", last, place+1, strings.ToLower(name), n))
			}
			if len(currencies) > 1 {
				l.names = append(slices.Clip(cells), c+"#0")
			}
			if o.q.Compare != "" {
				p := o.quantity(group[1], c)
				l.rest = " / " + p.words + " / " + difference(l.q.value, p.value)
			}
			lines = append(lines, l)
		}
	}
	sort.Slice(lines, func(i, j int) bool { return o.before(lines[i], lines[j]) })
	a.Total = len(lines)
	a.Column = len(o.q.By) + 1
	if len(currencies) > 1 {
		a.Column++
	}
	if o.q.Compare != "" {
		a.Column += 2
	}
	ranks := map[string]int{}     // how many of a currency come before
	last := map[string]*big.Rat{} // the value of the last one shown of a currency
	for i, l := range lines {
		if o.few(l) {
			a.Unranked++
			if o.q.Limit > 0 {
				continue
			}
		}
		rank := i
		if o.q.Order != "" {
			rank = ranks[l.currency]
			ranks[l.currency]++
		}
		if o.q.Limit > 0 && rank >= o.q.Limit && o.q.Order != "" && equal(l.q.value, last[l.currency]) {
			a.Tied++
		}
		if o.q.Limit == 0 || rank < o.q.Limit {
			last[l.currency] = l.q.value
			a.Rows = append(a.Rows, strings.Join(append(slices.Clip(l.names), l.q.words), " / ")+l.rest)
		}
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	return s[:i], s[i+1:], true
}

func (o *oracle) key(d deal, step string) (key string, cells []string) {
	for _, by := range o.q.By {
		if by == step {
			cell := "(none)"
			if d.run != "" {
				cell = d.run
			} else if on := o.clock(d); on != noDay {
				cell = o.bucket(step, on)
			}
			key += "\n" + cell
			cells = append(cells, cell+"#0")
			continue
		}
		id, text, name := o.of(d, by)
		if id == 0 && text == "" {
			name = "(none)"
		}
		key += fmt.Sprintf("\n%d %s", id, text)
		cells = append(cells, fmt.Sprintf("%s#%d", name, id))
	}
	return key, cells
}

func withoutStep(key, step string) string {
	if step == "" {
		return key
	}
	s, _, _ := cutLast(key, "\n")
	return s
}

func (o *oracle) fill(names map[string][]string, series map[string]map[string]bool, step string, from, till day) {
	prefix := map[string][]string{}
	if len(o.q.By) == 1 {
		prefix[""] = nil
	}
	for key, cells := range names {
		prefix[withoutStep(key, step)] = cells[:len(cells)-1]
	}
	for s, cells := range prefix {
		for on := from; on < till && (o.measure().stock || on <= o.today); on++ {
			start := o.bucket(step, on)
			names[s+"\n"+start] = append(slices.Clip(cells), start+"#0")
		}
	}
}

func (o *oracle) few(l printed) bool {
	return o.q.Order != "" && l.q.few
}

func (o *oracle) before(a, b printed) bool {
	if o.q.Order != "" {
		if a.currency != b.currency {
			return a.currency < b.currency
		}
		if o.few(a) != o.few(b) {
			return o.few(b)
		}
		if (a.q.value == nil) != (b.q.value == nil) {
			return b.q.value == nil
		}
		if a.q.value != nil && a.q.value.Cmp(b.q.value) != 0 {
			return (a.q.value.Cmp(b.q.value) < 0) == (o.q.Order == metric.Ascending)
		}
	}
	if c := slices.Compare(a.sort, b.sort); c != 0 {
		return c < 0
	}
	return a.currency < b.currency
}
