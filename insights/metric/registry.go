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
	from  []join   // what value needs beside the deal
	words []string // the only texts a value can be; nil: any
	below string   // SQL of the ids in a tree at and below %s; empty: no tree

	// For breakdowns: what is grouped by, what is printed, and what they need.
	group string
	print string
	join  []join
}

// measured reports whether the column can be added up or averaged.
func (c *column) measured() bool { return c.kind == kindMoney || c.kind == kindDays }

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

// registry lists every column. In its SQL, o is the deal.
var registry = []*column{
	{name: "id", kind: kindKey},
	{
		name: "owner_id", kind: kindEntity, makes: "person", grain: GrainPerson, value: "o.owner_id",
		group: "person.id", print: "person.name", join: []join{joinPerson},
	},
	{
		name: "manager_id", kind: kindEntity, makes: "manager", grain: GrainTeam,
		value: "line.id", from: []join{joinLine},
		group: "manager.id", print: "manager.name", join: []join{joinLine, joinManager},
	},
	{
		name: "territory_id", kind: kindEntity, makes: "territory", grain: GrainTeam,
		value: "member.id", from: []join{joinMember}, below: territoriesBelow,
		group: "territory.id", print: "territory.name", join: []join{joinMember, joinTerritory},
	},
	{
		name: "account_id", kind: kindEntity, makes: "account", grain: GrainDeal, value: "o.account_id",
		group: "account.id", print: "account.name", join: []join{joinAccount},
	},
	{
		name: "industry", kind: kindText, makes: "industry", grain: GrainCompany,
		value: "account.industry", from: []join{joinAccount},
		group: "lower(account.industry)", print: "min(account.industry)", join: []join{joinAccount},
	},
	{
		name: "country", kind: kindText, makes: "country", grain: GrainCompany,
		value: "account.country", from: []join{joinAccount},
		group: "lower(account.country)", print: "min(account.country)", join: []join{joinAccount},
	},
	{
		name: "product_id", kind: kindEntity, makes: "product", grain: GrainCompany, value: "o.product_id",
		group: "product.id", print: "product.name", join: []join{joinProduct},
	},
	{
		name: "stage_id", kind: kindEntity, makes: "stage", grain: GrainCompany, value: "o.stage_id",
		group: "stage.id", print: "stage.name", join: []join{joinStage},
	},
	{
		name: "outcome", kind: kindText, makes: "outcome", grain: GrainCompany,
		value: "stage.outcome", from: []join{joinStage}, words: []string{"open", "won", "lost"},
		group: "stage.outcome", print: "stage.outcome", join: []join{joinStage},
	},
	{name: "engaged_on", kind: kindDay, value: "o.engaged_on"},
	{name: "close_on", kind: kindDay, value: "o.close_on"},
	{name: "as_of", kind: kindAsOf},
	{name: "amount", kind: kindMoney, value: "o.amount_minor"},
	// A deal that closed before work on it started has no known cycle.
	{name: "cycle_days", kind: kindDays, value: "case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end"},
}

const territoriesBelow = `
    with recursive below as (
        select id from territory where id = any (%s::bigint[])
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below`

func columnNamed(name string) (*column, bool) {
	i := slices.IndexFunc(registry, func(c *column) bool { return c.name == name })
	if i < 0 {
		return nil, false
	}
	return registry[i], true
}

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
	joins // how many there are
)

// joinSQL holds the joins. None of them multiplies a deal: each finds one row
// at most. %s is the day on which the map is read.
var joinSQL = [joins]string{
	joinStage:     "join stage on stage.id = o.stage_id",
	joinAccount:   "left join account on account.id = o.account_id",
	joinProduct:   "left join product on product.id = o.product_id",
	joinPerson:    "left join person on person.id = o.owner_id",
	joinLine:      assignedSQL("line", "reporting_line", "manager_id"),
	joinManager:   "left join person manager on manager.id = line.id",
	joinMember:    assignedSQL("member", "territory_member", "territory_id"),
	joinTerritory: "left join territory on territory.id = member.id",
}

// assignedSQL joins what the owner was assigned to on a day. Of what they held
// at one time, that with the lowest id is taken: each takes from its days those
// that a lower one holds, so no deal finds two.
func assignedSQL(alias, table, to string) string {
	return strings.NewReplacer("{alias}", alias, "{table}", table, "{to}", to).Replace(`left join (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, {to} as id, range_agg(valid) as days
        from {table}
        where upper_inf(known)
        group by person_id, {to}
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
) {alias} on {alias}.person_id = o.owner_id and {alias}.days @> %s`)
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
