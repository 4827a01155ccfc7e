package metric

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// rebuilding writes how the deals of other standings are rebuilt for one
// statement: of each only what the statement reads, and only the candidates for
// being counted.
//
// A deal of which the log has said nothing since is what it was, so it is a
// candidate if it passes now what the statement asks of deals. One of which the
// log has said something may have been anything; but where deals are kept by who
// holds them, one of those holds it now or gave it away since. Candidates are as
// few as indexes find quickly and never too few: the statement tests them all as
// if there were no others, so that a test which cannot be made of candidates is
// only slower.
type rebuilding struct {
	b       *builder
	ends    []standing // those that the statement reads, the earliest first
	columns []toldColumn
	holders []string // SQL of people, all of which list whoever holds what counts; none: deals are kept whoever holds them
	persons []int64  // all of those, where they are named
	tests   []string // of deals that are what they were
}

// toldColumn is a column of deals whose past the log tells.
type toldColumn struct{ name, of string }

var toldColumns = []toldColumn{
	{"name", "text"}, {"account_id", "bigint"}, {"product_id", "bigint"}, {"owner_id", "bigint"}, {"stage_id", "bigint"},
	{"amount_minor", "bigint"}, {"currency", "char(3)"}, {"created_on", "date"}, {"engaged_on", "date"}, {"close_on", "date"},
	{"loss_reason", "text"}, {"competitor", "text"}, {"forecast_category", "text"}, {"next_step", "text"},
	{"source", "text"}, {"kind", "text"}, {"deleted", "boolean"},
}

// whatDealsThenRead are the columns that decide which deals there were at an
// instant, and at which stage.
const whatDealsThenRead = " stage_id close_on created_on engaged_on"

// narrowing is what a statement asks of every deal that it counts.
type narrowing struct {
	where   []condition // nil as a whole: it may count any deal
	span    days
	counted condition // nil: whatever its state
	unknown bool      // at the first end, deals whose stage nobody knows are looked at too, or alone
}

var anyWord = regexp.MustCompile(`\w+`)

// rebuild prepares the rebuilding of the deals that a statement reads at each of
// the ends, of which sql is the rest.
func (b *builder) rebuild(sql string, ends ...standing) *rebuilding {
	r := &rebuilding{b: b, ends: ends}
	if r.instant() {
		sql += whatDealsThenRead
	}
	read := map[string]int{"deleted": 1}
	for _, w := range anyWord.FindAllString(sql, -1) {
		read[w]++
	}
	for _, c := range toldColumns {
		if read[c.name] > 0 {
			r.columns = append(r.columns, c)
		}
	}
	// A statement that reads deals beside those it counts reads all of them.
	if b.narrow != nil && b.plan.Metric.facts.held && read["opportunity"] == len(ends) {
		r.narrow(b.narrow)
	}
	return r
}

// instant reports whether the earliest end is one, and not the moment of asking.
func (r *rebuilding) instant() bool { return !r.ends[0].instant.IsZero() }

// narrow writes what makes a deal a candidate.
func (r *rebuilding) narrow(n *narrowing) {
	p := r.b.plan
	r.persons = onlyPersons(n.where)
	for _, c := range n.where {
		if r.persons == nil {
			r.holders = append(r.holders, r.people(c)...)
		}
	}
	if p.Metric.facts != deals {
		return
	}
	for _, c := range n.where {
		r.tests = append(r.tests, r.necessary(c)...)
	}
	switch {
	case n.counted != nil:
		r.tests = append(r.tests, r.necessary(n.counted)...)
	case n.unknown:
		r.tests = append(r.tests, r.unknownStage())
	}
	if !n.span.from.IsZero() {
		r.tests = append(r.tests, p.clock()+" >= "+r.b.day(n.span.from))
	}
	if !n.span.to.IsZero() {
		r.tests = append(r.tests, p.clock()+" < "+r.b.day(n.span.to))
	}
}

// people writes who may hold the deals that a condition keeps, if it is one on
// people.
func (r *rebuilding) people(c condition) []string {
	is, ok := c.(isThing)
	switch {
	case !ok || !is.onPeople() || r.b.plan.planned != "" && is.column == territoryColumn:
		return nil
	case is.column == ownerColumn:
		return []string{"select unnest(" + r.b.ids(is.ids) + "::bigint[])"}
	case is.heldOn(r.b.plan):
		return []string{is.holders(r.b, r.ends...)}
	default:
		return []string{is.holders(r.b)}
	}
}

// onPeople reports whether deals are kept by who holds them.
func (c isThing) onPeople() bool {
	return c.column == ownerColumn || c.column == managerColumn || c.column == territoryColumn
}

// onlyPersons lists the people whom a condition names, if no other is on people.
func onlyPersons(where []condition) []int64 {
	var on []isThing
	for _, c := range where {
		if is, ok := c.(isThing); ok && is.onPeople() {
			on = append(on, is)
		}
	}
	if len(on) == 1 && on[0].column == ownerColumn {
		return on[0].ids
	}
	return nil
}

// held reports whether deals are candidates by who holds them.
func (r *rebuilding) held() bool { return r.persons != nil || r.holders != nil }

// holder writes the people who may hold what counts as an array. Those that are
// named are told, so that the database knows how many they are.
func (r *rebuilding) holder(of string) string {
	if r.persons != nil {
		return "(" + r.b.ids(r.persons) + "::" + of + "[])"
	}
	return "(array(select id::" + of + " from holder))"
}

// necessary writes tests that all deals pass which a condition keeps, as far as
// they need nothing beside the deal and what stages ever meant.
func (r *rebuilding) necessary(c condition) []string {
	switch c := c.(type) {
	case allOf:
		var tests []string
		for _, part := range c {
			tests = append(tests, r.necessary(part)...)
		}
		return tests
	case oneOf:
		switch {
		case c.negated:
		case c.column.value == stageOutcome:
			return []string{r.stageThatMeant(c.texts)}
		case c.column.ofDeal():
			return []string{c.sql(r.b)}
		}
	case isThing:
		if c.column != ownerColumn && c.column.ofDeal() {
			return []string{c.sql(r.b)}
		}
	case isAmount:
		return []string{c.sql(r.b)}
	}
	return nil
}

// ofDeal reports whether the column holds what a deal's row does, and no more.
func (c *column) ofDeal() bool { return strings.HasPrefix(c.value, "o.") && len(c.from) == 0 }

// stageThatMeant tests whether a deal is at a stage that ever had one of the
// outcomes.
func (r *rebuilding) stageThatMeant(outcomes []string) string {
	list := r.b.arg(arrayOf(outcomes))
	test := "o.stage_id = any (array(select id from stage where outcome = any (" + list + "::text[]) union select stage_id from stage_definition where outcome = any (" + list + "::text[])))"
	if r.b.narrow.unknown {
		test = "(" + test + " or " + r.unknownStage() + ")"
	}
	return test
}

// unknownStage tests whether nobody may know at which stage a deal was.
func (r *rebuilding) unknownStage() string {
	return "o.stage_id = any (array(select id from stage)) and o.close_on > " + r.b.day(r.ends[0].day)
}

// candidates writes the tables of the candidates: `head`, which holds them as
// they are now, and `changed`, which holds of each field what it was before the
// first of its changes since the first end; or, where something was learnt since,
// their ids alone.
func (r *rebuilding) candidates() []string {
	if r.ends[0].revision != 0 {
		return r.learntSince()
	}
	out := r.heldSince()
	of := "id, external_id"
	for _, c := range r.columns {
		of += ", " + c.name
	}
	head := "select " + of + "\n    from opportunity o"
	if r.narrowed() {
		test := r.unchanged()
		head += "\n    where " + test +
			"\n    union all\n    " + head + "\n    where id in (select opportunity_id from changed)\n      and (" + test + ") is not true"
	}
	return append(out, changed(r.told(r.ends[0])), "head as (\n    "+head+"\n)")
}

// narrowed reports whether not every deal is a candidate.
func (r *rebuilding) narrowed() bool { return r.held() || len(r.tests) > 0 }

// unchanged writes the test of a deal that has not changed. What is deleted
// counted nowhere then either.
func (r *rebuilding) unchanged() string {
	tests := append(slices.Clone(r.tests), "not o.deleted")
	if r.held() {
		tests = slices.Insert(tests, 0, "o.owner_id = any "+r.holder("bigint"))
	}
	return strings.Join(tests, " and ")
}

// heldSince writes who may hold what counts, and which deals they hold now or
// have held since.
func (r *rebuilding) heldSince() []string {
	if !r.held() {
		return nil
	}
	const given = "\n    union\n    select opportunity_id from opportunity_change\n    where field = 'owner_id' and "
	at := r.ends[0]
	held := "select id from opportunity where owner_id = any " + r.holder("bigint")
	if at.revision == 0 {
		held += given + "old = any " + r.holder("text") + " and " + r.since(at)
	} else {
		held += given + "old = any " + r.holder("text") + " and (valid_at > " + r.moment(at) + " or revision > " + r.revision(at) + ")" +
			given + "new = any " + r.holder("text") + " and retracted > " + r.revision(at) +
			r.heldAtFirstSight(at)
	}
	out := []string{"held as (\n    " + held + "\n)"}
	if r.persons == nil {
		out = slices.Insert(out, 0, "holder (id) as (\n    "+strings.Join(r.holders, "\n    intersect\n    ")+"\n)")
	}
	return out
}

// heldAtFirstSight adds the deals whose first sight, which said that one of the
// holders held them, is not believed any more: the import that saw them was taken
// back, and another saw them with somebody else.
func (r *rebuilding) heldAtFirstSight(at standing) string {
	return "\n    union\n    select opportunity_id from opportunity_change\n    where field = 'deal' and retracted > " + r.revision(at) +
		" and new::jsonb ->> 'owner_id' = any " + r.holder("text")
}

// mayBeHeld tests whether a row of the log is of a deal that one of the holders
// may have held.
func (r *rebuilding) mayBeHeld() string {
	if !r.held() {
		return ""
	}
	return " and opportunity_id in (select id from held)"
}

func (r *rebuilding) moment(at standing) string {
	text := "infinity"
	if !at.instant.IsZero() {
		text = at.instant.Format(time.RFC3339Nano)
	}
	return r.b.arg(text) + "::timestamptz"
}

func (r *rebuilding) revision(at standing) string { return r.b.arg(at.revision) + "::bigint" }

// since tests whether a row of the log is of a change after the instant.
func (r *rebuilding) since(at standing) string {
	return "valid_at > " + r.moment(at) + " and retracted is null"
}

// fields lists the fields that are read, as the log calls them.
func (r *rebuilding) fields() string {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = "'" + c.name + "'"
	}
	return strings.Join(names, ", ")
}

// fewHeld is up to how many deals it takes less to look each of them up in the log
// than to go through all that it has told since. How many are held the database
// cannot guess, and what it takes them for depends on how long ago is asked about:
// so it is counted.
const fewHeld = 250_000

// told is the log of changes after an instant, of the deals that may be counted.
func (r *rebuilding) told(at standing) string {
	if r.held() {
		return r.toldOfHeld(at)
	}
	return r.toldSince(at, "")
}

// toldSince is the log of changes after an instant, of the fields that are read.
func (r *rebuilding) toldSince(at standing, test string) string {
	return "opportunity_change\n    where " + r.since(at) + test + "\n      and field in (" + r.fields() + ")"
}

// toldOfHeld is that of the deals that are held. Where these are few, each is looked
// up, in the order in which the log is kept; offset 0 keeps the database from doing
// anything else, as +0 keeps it from that where they are many.
func (r *rebuilding) toldOfHeld(at standing) string {
	const told = "select opportunity_id, field, old, valid_at, revision, step\n    from "
	few := fmt.Sprintf("(select count(*) from held) <= %d", fewHeld)
	return `(
    select told.*
    from (select id from held order by id) held
    cross join lateral (` + told + r.toldSince(at, " and opportunity_id = held.id") + ` offset 0) told
    where ` + few + `
    union all
    ` + told + r.toldSince(at, " and opportunity_id + 0 in (select id from held)") + `
      and not ` + few + `
    ) told`
}

// changed writes what fields were before the first of the changes that the log
// tells.
func changed(log string) string {
	return `changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from ` + log + `
    order by opportunity_id, field, valid_at, revision, step
)`
}

// learntSince writes the ids of the candidates where deals are rebuilt as they
// were known at a revision.
func (r *rebuilding) learntSince() []string {
	if !r.narrowed() {
		return nil
	}
	test, at := r.unchanged(), r.ends[0]
	ids, since := "select id from opportunity o where "+test, []string{"revision > " + r.revision(at), "retracted > " + r.revision(at)}
	if r.instant() {
		since = append(since, r.since(at))
	}
	for _, test := range since {
		ids += "\n    union\n    select opportunity_id from opportunity_change where " + test + r.mayBeHeld()
	}
	return append(r.heldSince(), "candidate as (\n    "+ids+"\n)")
}

// tables writes the tables that stand for those of an end.
func (r *rebuilding) tables(at standing) []string {
	if at.isNow() {
		return []string{"opportunity as (\n    select * from head\n)"}
	}
	var out []string
	var deals string
	if at.revision != 0 {
		out, deals = []string{r.said(at)}, r.replayed()
	} else {
		if at != r.ends[0] {
			out = append(out, changed(r.toldSince(at, " and opportunity_id in (select id from head)")))
		}
		deals = r.rolledBack()
	}
	if at.instant.IsZero() {
		return append(out, "opportunity as materialized ("+deals+"\n)")
	}
	if at.revision == 0 || len(r.ends) > 1 {
		out = append(out, "stage as ("+r.b.stagesThen(at, "stage")+"\n)")
	}
	return append(out, "opportunity as materialized ("+r.dealsThen(deals, at)+"\n)")
}

// rolledBack writes the candidates as they were before what has changed.
func (r *rebuilding) rolledBack() string {
	columns := "o.id, o.external_id"
	for _, c := range r.columns {
		columns += fmt.Sprintf(",\n           case when past.%[1]s is null then o.%[1]s else past.%[1]s[1]::%[2]s end as %[1]s", c.name, c.of)
	}
	return "\n    select " + columns + "\n    from head o\n    left join (" + r.byField("changed") + "\n    ) past on past.opportunity_id = o.id"
}

// byField writes what is said of each field of a deal, in one row: in an array of
// one, so that nothing said is not said of nothing.
func (r *rebuilding) byField(entries string) string {
	columns := "opportunity_id"
	for _, c := range r.columns {
		columns += fmt.Sprintf(",\n               array_agg(value) filter (where field = '%[1]s') as %[1]s", c.name)
	}
	return "\n        select " + columns + "\n        from " + entries + "\n        group by opportunity_id"
}

// said writes the last word about each field of the candidates at an instant, by
// what was known at a revision. The first sight of a deal says something of each
// field.
func (r *rebuilding) said(at standing) string {
	revision, of := r.revision(at), ""
	if r.narrowed() {
		of = " and opportunity_id in (select id from candidate)"
	}
	known := "revision <= " + revision + " and (retracted is null or retracted > " + revision + ") and valid_at <= " + r.moment(at) + of
	return `said as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, value
    from (
        select opportunity_id, field, new as value, valid_at, revision, step
        from opportunity_change
        where ` + known + ` and field in (` + r.fields() + `)
        union all
        select opportunity_id, first.key, first.value, valid_at, revision, step
        from opportunity_change
        cross join lateral jsonb_each_text(new::jsonb) first
        where ` + known + ` and field = 'deal' and first.key in (` + r.fields() + `)
    ) told
    order by opportunity_id, field, valid_at desc, revision desc, step desc
)`
}

// replayed writes the candidates as the log alone tells them.
func (r *rebuilding) replayed() string {
	columns := "o.id, o.external_id"
	for _, c := range r.columns {
		value := fmt.Sprintf("past.%s[1]::%s", c.name, c.of)
		if c.name == "deleted" {
			value = "coalesce(" + value + ", false)"
		}
		columns += ",\n           " + value + " as " + c.name
	}
	return "\n    select " + columns + "\n    from (" + r.byField("said") + "\n    ) past\n    join opportunity o on o.id = past.opportunity_id"
}

// dealsThen writes the deals that there were at an instant: a deal that was
// entered later, or on which work began later if nobody knows when it was
// entered, was not there. The log says of a deal's first sight that it holds
// since ever; but one that closed later was not closed yet, so at which stage it
// was is unknown.
func (r *rebuilding) dealsThen(deals string, at standing) string {
	day, columns := r.b.day(at.day), "o.id, o.external_id"
	for _, c := range r.columns {
		if c.name == "stage_id" {
			columns += ",\n           case when stage.outcome = 'open' or o.close_on <= " + day + " or o.close_on is null then o.stage_id end as stage_id"
			continue
		}
		columns += ", o." + c.name
	}
	return "\n    select " + columns + "\n    from (" + deals + "\n    ) o\n    left join stage on stage.id = o.stage_id\n" +
		"    where (coalesce(o.created_on, o.engaged_on) <= " + day + ") is not false"
}
