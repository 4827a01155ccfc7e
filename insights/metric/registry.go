package metric

import (
	"slices"
	"strings"
)

// kind is what a column holds.
type kind int

const (
	kindKey    kind = iota // the deal itself
	kindEntity             // a reference to a stored thing
	kindText               // a word, compared without regard to case
	kindDay                // a calendar day
	kindMoney              // minor units, beside a currency
	kindDays               // a number of days
	kindHours              // a time, in seconds
	kindNumber             // a number of things
	kindAsOf               // the day of asking
)

// column is what a name in the catalogue stands for in Postgres. The list of
// columns is closed: a catalogue chooses among them and can reach nothing else,
// and how fine each cuts is not for a catalogue to say.
type column struct {
	name  string
	kind  kind
	makes string   // name of the dimension it makes; empty: none
	grain Grain    // of that dimension
	value string   // SQL of the value: an id, a text, a day, an amount
	from  []join   // what value needs beside the fact
	words []string // the only texts a value can be; nil: any
	below string   // SQL of the ids in a tree at and below %s; empty: no tree
	under string   // SQL that tells who stood below one of %s and from when to when; empty: the owner stands below none
	needs *need    // what must have been loaded for it beside the deals
	// What it is added up of, where that is not of the fact itself: facts whose
	// amounts are its value, and which are listed in its stead.
	behind *facts
	rolled bool // the rollup tells its values apart or, of a measure, adds them up
	// SQL of what the value is longer than where it is not known yet: such facts
	// come after all others, and are never left out. Empty: they are.
	longer string

	// Of a state that may be unknown, which deals those are; what is filtered by
	// it counts none of them.
	unsure string

	// For breakdowns: what is grouped by, what is printed, and what they need.
	group string
	print string
	place string // SQL of where a value stands among the others; empty: by name
	join  []join
}

// need is something that a company may or may not have loaded.
type need struct {
	what   string // as people read it
	known  string // what is known of a fact that has it: "cost"
	loaded string // SQL that tells whether there is any; :told keeps the rows c of the log that were known
}

// needs are all that must have been loaded for what is asked, beside the deals:
// what the metric needs, and what the numbers do that deals are kept by. Those of
// which a metric is made each have their own.
func (p *Plan) needs() []*need {
	var out []*need
	if need := p.Metric.need(); need != nil {
		out = append(out, need)
	}
	for _, f := range p.Query.Where {
		if g, ok := gaugeOf(f.Field); ok && p.Metric.formula == nil && g.needs != nil && !slices.Contains(out, g.needs) {
			out = append(out, g.needs)
		}
	}
	return out
}

// writeNeeds makes the statement that tells whether all of that is loaded, if there
// is any. Whether a company has loaded such facts at all is no matter of an
// instant.
func (p *Plan) writeNeeds() {
	needs := p.needs()
	if needs == nil {
		return
	}
	b := p.builder(standing{moment: p.standing.moment, day: p.standing.day, revision: p.standing.revision})
	sql := needs[0].loaded
	for _, n := range needs[1:] {
		sql = "(" + sql + ") and (" + n.loaded + ")"
	}
	if strings.Contains(sql, ":told") {
		sql = strings.ReplaceAll(sql, ":told", b.told())
	}
	p.Statements = append(p.Statements, b.finish("select ("+sql+")::text"))
}

// unloaded reads the answer to the last statement, where that tells whether all is
// loaded.
func (p *Plan) unloaded(read *reading, tables [][][]*string) bool {
	return p.needs() != nil && !read.yes(tables[len(tables)-1])
}

var (
	needProbability = &need{
		what: "the probabilities of the stages", known: "amount and probability",
		loaded: "exists (select from stage where probability is not null)" +
			" or exists (select from stage_definition where probability is not null and upper_inf(known))",
	}
	needCost = &need{
		what: "the direct costs of deals", known: "cost",
		loaded: "exists (select from cost_line where kind = 'direct' and upper_inf(known))",
	}
	needSellingCost = &need{
		what: "the direct and selling costs of deals", known: "cost",
		loaded: "exists (select from cost_line where kind = 'direct' and upper_inf(known))" +
			" and exists (select from cost_line where kind = 'selling' and upper_inf(known))",
	}
	needOverhead = &need{
		what: "the direct and selling costs of deals and the overhead", known: "cost and overhead",
		loaded: needSellingCost.loaded + " and exists (select from overhead where upper_inf(known))",
	}
	needQuota = &need{
		what: "quotas", known: "amount",
		loaded: "exists (select from quota where upper_inf(known) and person_id is not null)",
	}
)

// facts is what a model of the catalogue counts. In all SQL, o is one of them;
// each has an owner and, by a day, a place in time.
type facts struct {
	model   string
	noun    string // what people call one
	from    string // SQL of the facts; :zone in it is the company's
	only    string // SQL of which of those count; empty: all
	table   string // whose rows say when they happened, if they are not deals
	then    string // SQL of the rows of :table as of :instant
	undated string // what of them has no past
	columns []*column
	// Facts that are rebuilt from the log of deals depend on what is asked:
	// what writes their SQL. They are of one deal each, which o is with its id
	// and all that a list says of it.
	rebuilt func(b *builder) string
	// Facts of which others stood at an earlier instant: what writes their SQL.
	standing func(b *builder) string
	// They are of periods, by how deals stood at both ends of each.
	snapshots bool
	// They are of all the days asked about as one, and of each step of time by
	// itself; a cohort is of those that were there as such days began.
	windowed, cohort bool
	// A fact that lasts from its clock's day to another counts only in periods
	// that hold all of it. Empty: facts are of one day.
	last string
	// What the coverage of a fact's amount is counted in, if that is not the
	// fact itself.
	known, of string
	needs     *need // what must have been loaded for there to be any; nil: nothing
	held      bool  // of deals, a fact reads only those that its owner holds
	placed    bool  // where a fact stands is told of it, and not of its owner
	momentary bool  // they are of the day asked about, and of no period
	open      bool  // they are of who holds what, which everybody may know of each
	nested    bool  // one may lie in another: together, only the top-most count
	// SQL of what tells one from another, of facts that stand once for each owner.
	one    string
	each   *column   // of which of several things each is; they are told of one of those, or of each
	listed *listable // how single ones are listed; nil: they cannot be
}

// listable says how one of the facts is told in a list. What is listed is what was
// counted: the list has the tests, joins and rights of the figure, and one row a
// fact with what the metric adds up of it. A model needs no more than this for
// its facts to be listed.
type listable struct {
	name, id  string    // SQL of what people call one, and of how the CRM does
	order     string    // SQL of what tells those of one id in order; empty: it is unique
	from      []join    // what those need beside the fact
	describes []*column // what stands beside its name: stored things and words, in this order
	day       string    // the column of its day; empty: the metric's clock
	measured  []*column // what is told of it whatever the metric adds up
	byDay     bool      // it has no amount to be ordered by, and the latest comes first
}

// allFacts are those that a catalogue can have models of.
var allFacts = []*facts{deals, quotas, visits, moves, forecasts, activities, leads, expectations, credits, seats, accounts, pairs, unassigned, lowest, territoryQuotas, territories, subscriptions, movements, retention}

// source is the SQL of the facts.
func (f *facts) source(b *builder) string {
	if f.rebuilt != nil {
		return f.rebuilt(b) + " o"
	}
	if f.standing != nil {
		return f.standing(b) + " o"
	}
	if strings.Contains(f.from, ":zone") {
		return strings.ReplaceAll(f.from, ":zone", b.arg(b.plan.company.Zone.String())+"::text")
	}
	return f.from
}

// ofDeals reports whether each of the facts is a deal, or of one.
func (f *facts) ofDeals() bool { return f == deals || f == quotaDeals || f.rebuilt != nil }

func factsNamed(model string) (*facts, bool) {
	for _, f := range allFacts {
		if f.model == model {
			return f, true
		}
	}
	return nil, false
}

func (f *facts) column(name string) (*column, bool) {
	i := slices.IndexFunc(f.columns, func(c *column) bool { return c.name == name })
	if i < 0 {
		return nil, false
	}
	return f.columns[i], true
}

// measures lists the columns that can be added up or averaged.
func (f *facts) measures() []string {
	var names []string
	for _, c := range f.columns {
		if c.measured() {
			names = append(names, c.name)
		}
	}
	return names
}

// number is the SQL of how many facts there are.
func (f *facts) number() string {
	if f.one != "" {
		return "count(distinct " + f.one + ")"
	}
	return "count(*)"
}

// counted is the noun of what the coverage is counted in.
func (f *facts) counted() string {
	if f.of != "" {
		return deals.noun
	}
	return f.noun
}

// has reports whether the facts can be cut by the dimension.
func (f *facts) has(d *Dimension) bool { return d.Time != "" || slices.Contains(f.columns, d.column) }

// measured reports whether the column can be added up or averaged.
func (c *column) measured() bool {
	return c.kind == kindMoney || c.kind == kindDays || c.kind == kindHours || c.kind == kindNumber
}

// unit is what its values are told in.
func (c *column) unit() Unit {
	return map[kind]Unit{kindMoney: UnitMoney, kindDays: UnitDays, kindHours: UnitHours, kindNumber: UnitCount}[c.kind]
}

// canBe reports whether the text is one that the column can hold.
func (c *column) canBe(text string) bool {
	return c.words == nil || slices.Contains(c.words, strings.ToLower(text))
}

// spelt returns the text as the column spells it, where the column's texts are
// a closed list.
func (c *column) spelt(text string) string {
	if c.words == nil {
		return text
	}
	return strings.ToLower(text)
}

// The columns that every fact has by way of its owner.
var (
	ownerColumn = &column{
		name: "owner_id", kind: kindEntity, makes: "person", grain: GrainPerson, value: "o.owner_id", rolled: true,
		group: "person.id", print: "person.name", join: []join{joinPerson},
	}
	managerColumn = &column{
		name: "manager_id", kind: kindEntity, makes: "manager", grain: GrainTeam, rolled: true,
		value: "line.id", from: []join{joinLine}, under: teamSQL,
		group: "manager.id", print: "manager.name", join: []join{joinLine, joinManager},
	}
	territoryColumn = &column{
		name: "territory_id", kind: kindEntity, makes: "territory", grain: GrainTeam, rolled: true,
		value: "member.id", from: []join{joinMember}, below: territoriesBelow,
		group: "territory.id", print: "territory.name", join: []join{joinMember, joinTerritory},
	}
)

// stageOutcome is what the stage of a deal means.
const stageOutcome = "stage.outcome"

// The columns that facts have by way of their account, and those that facts of
// several kinds have.
var (
	accountColumn = &column{
		name: "account_id", kind: kindEntity, makes: "account", grain: GrainDeal, value: "o.account_id",
		group: "account.id", print: "account.name", join: []join{joinAccount},
	}
	productColumn = &column{
		name: "product_id", kind: kindEntity, makes: "product", grain: GrainCompany, value: "o.product_id",
		group: "product.id", print: "product.name", join: []join{joinProduct},
	}
	stageColumn = &column{
		name: "stage_id", kind: kindEntity, makes: "stage", grain: GrainCompany, value: "o.stage_id", rolled: true,
		group: "stage.id", print: "min(stage.name)", place: "min(stage.position)", join: []join{joinStage},
	}
	industryColumn, segmentColumn, countryColumn = accountText("industry"), accountText("segment"), accountText("country")

	sourceColumn, kindColumn = dealText("source"), dealText("kind")
)

var amountColumn = &column{name: "amount", kind: kindMoney, value: "o.amount_minor", rolled: true}

// ofADeal are the columns by which deals, and what is of one, can be cut.
var ofADeal = []*column{
	{name: "id", kind: kindKey},
	ownerColumn, managerColumn, territoryColumn,
	accountColumn, industryColumn, segmentColumn, countryColumn,
	productColumn, stageColumn,
	dealText("loss_reason"), dealText("competitor"), sourceColumn, kindColumn,
}

// aDeal is how deals, and what is of one, are told in a list.
var aDeal = listable{
	name: "coalesce(nullif(o.name, ''), o.external_id)", id: "o.external_id", describes: []*column{accountColumn, ownerColumn, stageColumn},
}

// createdColumn is the day on which a deal was entered: where none is known, it is not
// that none was.
var createdColumn = &column{name: "created_on", kind: kindDay, value: "o.created_on", needs: &need{
	what: "the days on which deals were created", loaded: "exists (select from opportunity where created_on is not null and not deleted)",
}}

// deals are the opportunities as they stand now, but for those that were deleted
// where they came from.
var deals = &facts{model: "opportunity", noun: "deal", from: "opportunity o", only: "not o.deleted", held: true, listed: &aDeal, columns: append(slices.Clone(ofADeal), []*column{
	{
		name: "outcome", kind: kindText, makes: "outcome", grain: GrainCompany,
		value: stageOutcome, from: []join{joinStage}, words: []string{"open", "won", "lost"}, rolled: true,
		group: stageOutcome, print: stageOutcome, join: []join{joinStage},
	},
	categoryColumn,
	dealState("overdue", "o.close_on < asked.day", nil, joinAsked),
	dealState("priced", "o.amount_minor > 0", nil),
	dealState("next_step", "o.next_step is not null", needNextStep),
	dealState("silent", silentSQL, needActivity, joinAsked),
	agedColumn, stalledColumn, pushedColumn, firstWinColumn,
	{name: "touches_in_30_days", kind: kindNumber, value: touchesSQL, from: []join{joinAsked}, needs: needActivity},
	createdColumn,
	{name: "engaged_on", kind: kindDay, value: "o.engaged_on"},
	{name: "close_on", kind: kindDay, value: "o.close_on"},
	{name: "as_of", kind: kindAsOf},
	amountColumn,
	ageColumn,
	{name: "age", kind: kindDays, value: "asked.day - " + begunSQL, from: []join{joinAsked}},
	// A deal that closed before work on it started has no known cycle.
	{name: "cycle_days", kind: kindDays, value: "case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end"},
	{name: "weighted_amount", kind: kindMoney, value: "o.amount_minor * stage.probability", from: []join{joinStage}, needs: needProbability, rolled: true},
	// An unknown cost is not none: what it is taken from becomes unknown too.
	{name: "gross_profit", kind: kindMoney, value: "o.amount_minor - cost.direct", from: []join{joinCost}, needs: needCost},
	{name: "contribution", kind: kindMoney, value: "o.amount_minor - cost.direct - cost.selling", from: []join{joinCost}, needs: needSellingCost},
	{
		name: "net_profit", kind: kindMoney, value: "o.amount_minor - cost.direct - cost.selling - overhead.share",
		from: []join{joinCost, joinOverhead}, needs: needOverhead,
	},
	{name: "costed_amount", kind: kindMoney, value: "case when cost.direct is not null then o.amount_minor end", from: []join{joinCost}, needs: needCost},
}...)}

// quotas are what people are to reach, each beside the won deals that its
// person closed in its days. An amount in another currency cannot be set
// against it, and counts as unknown. Quotas of territories are not among them:
// what a territory is to reach is what its people are to reach, set a second
// time.
var quotas = &facts{
	model: "quota", noun: "quota", last: "o.ends_on", known: "o.priced", of: "o.deals", held: true,
	from: `(
    select q.person_id as owner_id, lower(q.period) as starts_on, upper(q.period) - 1 as ends_on,
           q.amount_minor, q.currency, won.booked, won.priced, won.deals
    from quota q
    cross join lateral (
        select coalesce(sum(d.amount_minor) filter (where d.currency = q.currency), 0) as booked,
               count(*) filter (where d.currency = q.currency) as priced, count(*) as deals
        from opportunity d
        join stage on stage.id = d.stage_id
        where d.owner_id = q.person_id and not d.deleted
          and stage.outcome = 'won' and d.close_on >= lower(q.period) and d.close_on < upper(q.period)
    ) won
    where upper_inf(q.known) and q.measure = 'bookings' and q.person_id is not null
) o`,
	columns: []*column{
		{name: "id", kind: kindKey},
		ownerColumn, managerColumn, territoryColumn,
		{name: "starts_on", kind: kindDay, value: "o.starts_on"},
		{name: "amount", kind: kindMoney, value: "o.amount_minor", needs: needQuota},
		{name: "booked", kind: kindMoney, value: "o.booked", needs: needQuota, behind: quotaDeals},
		expectedColumn,
	},
	listed: &listable{
		name: "person.name", id: "(person.external_id || ' ' || o.starts_on)", from: []join{joinPerson}, describes: []*column{ownerColumn},
	},
}

// quotaDeals are the won deals that are set against quotas, each beside the quota
// whose person closed it in its days. Of one in another currency than the quota
// the amount is unknown, as it is to the quota.
var quotaDeals = &facts{
	model: "quota_deal", noun: "deal", last: "o.ends_on",
	from: `(
    select d.id, d.external_id, d.name, d.account_id, d.stage_id, d.close_on, d.owner_id, lower(q.period) as starts_on, upper(q.period) - 1 as ends_on,
           q.currency, case when d.currency = q.currency then d.amount_minor end as amount_minor
    from quota q
    join opportunity d on d.owner_id = q.person_id and not d.deleted and d.close_on >= lower(q.period) and d.close_on < upper(q.period)
    join stage on stage.id = d.stage_id and stage.outcome = 'won'
    where upper_inf(q.known) and q.measure = 'bookings'
) o`,
	columns: []*column{ownerColumn, managerColumn, territoryColumn, amountColumn},
	listed:  &listable{name: aDeal.name, id: aDeal.id, order: "o.starts_on", describes: aDeal.describes, day: "close_on"},
}

// accountText is a word that describes the account of a deal.
func accountText(name string) *column {
	c := textColumn(name, "account."+name)
	c.from, c.join = []join{joinAccount}, []join{joinAccount}
	return c
}

// dealText is a word that describes a deal.
func dealText(name string) *column { return textColumn(name, "o."+name) }

func textColumn(name, value string) *column {
	return &column{
		name: name, kind: kindText, makes: name, grain: GrainCompany, value: value,
		group: "lower(" + value + ")", print: "min(" + value + ` collate "C")`,
	}
}

// territoriesBelow lists the territories of %s and those below them, on every
// map: one that stands on several has on each what is below it there.
const territoriesBelow = `
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any (%s::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below`

// everHeld lists the people who held one of the territories of %s on some day or
// other, so that nobody else's deals are looked at.
const everHeld = "select person_id from territory_member where upper_inf(known) and territory_id in (%s)"

// join is a table beside the deal, in the order in which they are joined.
type join int

const (
	joinStage join = iota
	joinAccount
	joinProduct
	joinPerson
	joinLine
	joinManager
	joinMember
	joinTerritory
	joinCost
	joinOverhead
	joinAsked
	joinBase
	joinVisit
	joinUsual
	joinPushes
	joinMoment
	joinExchange
	joinRun
	joinWorked
	joins // how many there are
)

// joinSQL holds the joins. None of them multiplies a deal, each finding one row
// at most, but for that of the steps of a running figure: each counts it once.
// Those of assignments are written as holdings.
var joinSQL = [joins]string{
	joinStage:     "left join stage on stage.id = o.stage_id",
	joinAccount:   "left join account on account.id = o.account_id",
	joinProduct:   "left join product on product.id = o.product_id",
	joinPerson:    "left join person on person.id = o.owner_id",
	joinLine:      "",
	joinManager:   "left join person manager on manager.id = line.id",
	joinMember:    "",
	joinTerritory: "left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as",
	joinCost:      costSQL,
	joinOverhead:  overheadSQL,
	joinAsked:     "cross join (select %s as day, %s::text as zone) asked",
	joinMoment:    "cross join (select %s::timestamptz as moment, %s::text as zone, %s::int[] as works, %s::date[] as rests) asking",
}

// costSQL joins what is known of a deal's costs. Those in several currencies,
// or in another than the deal's, cannot be taken from its amount.
const costSQL = `left join (
    select opportunity_id, case when min(currency) = max(currency) then min(currency) end as currency,
           sum(amount_minor) filter (where kind = 'direct') as direct, sum(amount_minor) filter (where kind = 'selling') as selling
    from cost_line
    where upper_inf(known)
    group by opportunity_id
) cost on cost.opportunity_id = o.id and cost.currency = o.currency`

// overheadSQL joins the share of the overhead that a won deal bears: of each
// piece that covers the day it closed, as much as its weight is of the weights
// of all deals won in those days. Shares are whole minor units: each is what
// the running total grows by when it is rounded, so that together they are the
// piece to the cent. If a piece is in another currency, the share is unknown.
const overheadSQL = `left join (
    select id, case when bool_and(same_currency and whole > 0) then
               sum(div(2 * amount_minor * upto + whole, 2 * nullif(whole, 0)) - div(2 * amount_minor * (upto - weight) + whole, 2 * nullif(whole, 0)))
           end as share
    from (
        select d.id, h.amount_minor::numeric, d.currency = h.currency as same_currency, bears.weight,
               sum(bears.weight) over (partition by h.external_id order by d.id) as upto,
               sum(bears.weight) over (partition by h.external_id) as whole
        from overhead h
        join opportunity d on d.close_on >= lower(h.period) and d.close_on < upper(h.period) and d.currency is not null and not d.deleted
        join stage on stage.id = d.stage_id and stage.outcome = 'won'
        cross join lateral (
            select case when d.currency <> h.currency then 0 when h.allocated_by = 'revenue' then d.amount_minor else 1 end::numeric as weight
        ) bears
        where upper_inf(h.known)
    ) piece
    group by id
) overhead on overhead.id = o.id`

// teamSQL lists who reported to the people of %s, directly or through others,
// and on which days; nobody reports to themselves. Each step up keeps the days
// of the ones before, so that it ends even where lines run in a circle.
var teamSQL = `
    with recursive line as (` + linesHeld + `),
    team as (
        select id as manager_id, person_id, days from line where id = any (%s::bigint[])
        union
        select team.manager_id, line.person_id, team.days * line.days
        from team
        join line on line.id = team.person_id and line.days && team.days
        where line.person_id <> team.manager_id
    )
    select person_id, days from team`

// holding lists what people held and on which days, under the name that it goes
// by in a statement; and the same of one day (%s).
type holding struct{ name, sql, on string }

// The holdings in which a join looks something up.
var (
	lineHeld      = holding{"line", linesHeld, linesOnSQL}
	territoryHeld = holding{"member", territoriesHeld, territoriesOnSQL}
)

// linesHeld lists whom people reported to, and on which days.
var linesHeld = heldSQL(`
        select person_id, manager_id as id, range_agg(valid) as days
        from reporting_line
        where upper_inf(known)
        group by person_id, manager_id`)

// territoriesHeld lists which territories of the maps in force people held, and
// on which days. A planned map is never in force, and one that was archived
// only on its days.
var territoriesHeld = heldSQL(`
        select person_id, territory_id as id, range_agg(valid) * in_force.days as days
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known)
        group by person_id, territory_id, in_force.days`)

// linesOnSQL is linesHeld of one day, %s.
const linesOnSQL = `
        select person_id, min(manager_id) as id
        from reporting_line
        where upper_inf(known) and valid @> %s
        group by person_id`

// territoriesOnSQL is territoriesHeld of one day, %[1]s. Of how many maps are in
// force on it the database has no idea but that they are few, and would read all
// deals for each of those who hold something there; so it is told that they are
// half of them.
const territoriesOnSQL = `
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> %[1]s and case when in_force.days @> %[1]s then true end
        group by person_id`

// heldSQL lists what people were assigned to, and on which days, of the
// assignments. Of what they held at one time, that with the lowest id is taken:
// each takes from its days those that a lower one holds, so no deal finds two.
func heldSQL(assignments string) string {
	return `
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (` + assignments + `
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
`
}

// timeDimensions are the same for every catalogue: they cut by the metric's
// clock, which every metric has.
var timeDimensions = []*Dimension{
	{Name: "day", Label: "Day", Plural: "days", Synonyms: []string{"daily"}, Grain: GrainCompany, Time: Day},
	{Name: "week", Label: "Week", Plural: "weeks", Synonyms: []string{"weekly", "wk"}, Grain: GrainCompany, Time: Week},
	{Name: "month", Label: "Month", Plural: "months", Synonyms: []string{"monthly", "mo"}, Grain: GrainCompany, Time: Month},
	{Name: "quarter", Label: "Quarter", Plural: "quarters", Synonyms: []string{"quarterly", "q", "qtr", "fiscal quarter"}, Grain: GrainCompany, Time: Quarter},
	{Name: "year", Label: "Year", Plural: "years", Synonyms: []string{"yearly", "annually", "yr", "fiscal year"}, Grain: GrainCompany, Time: Year},
}
