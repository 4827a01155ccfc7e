package store

import (
	"strings"

	"salesbot/insights"
)

// An assignment says for which days, and as of which revision, a person has a
// manager or a territory, or an account a territory. These name its table, the
// column of whose it is and their kind, the column with what is had and what is
// stored of that, the staging table and its columns. Assignments to territories
// are those of one map each: `scope` tells the maps apart.
var (
	reportingLines = assignments("reporting_line", insights.KindPerson, insights.KindAssignment, "manager",
		"{had}", "manager_id", "{stored}", "person", "{scope}", "0", "{scope of line}", "0", "{scope of own}", "0", "{blank}", "join")
	territoryMembers = assignments("territory_member", insights.KindPerson, insights.KindAssignment, "territory",
		"{had}", "territory_id", "{stored}", territories, "{scope}", "coalesce(target.model_id, 0)", "{scope of line}", scopeOfLine, "{scope of own}", "coalesce(own.model_id, 0)", "{blank}", "join")
	// A blank territory takes the account out of the one before.
	accountTerritories = assignments("account_territory", insights.KindAccount, insights.KindAccountTerritory, "territory",
		"{had}", "territory_id", "{stored}", territories, "{scope}", scopeOfBlank, "{scope of line}", scopeOfLine, "{blank}", "left join")
)

const (
	territories  = `(select id, model_id, key as external_id from mapped_territory)`
	scopeOfLine  = `(select coalesce(t.model_id, 0) from territory t where t.id = line.territory_id)`
	scopeOfBlank = `coalesce(target.model_id, case when target.id is null then (
		select m.id from territory_model m, model_in_force f where m.external_id = coalesce(s.model, f.key)) end, 0)`
)

func assignments(table string, whose, told insights.Kind, staged string, words ...string) *strings.Replacer {
	return strings.NewReplacer(append(words, "{table}", table, "{whose}", string(whose), "{whose id}", string(whose)+"_id",
		"{told}", staging(told).table(), "{staged}", staged)...)
}

func (a *application) reassignManagers() error {
	return wrap("reporting lines", a.reassign(reportingLines))
}

func (a *application) reassignTerritories() error {
	return wrap("territories of people", a.reassign(territoryMembers))
}

// reassign writes the assignments that differ from the one that runs on now.
// What was known is closed, not changed: its days before the change are
// written anew beside the new assignment, both known from this revision on.
func (a *application) reassign(assignment *strings.Replacer) error {
	if _, err := a.exec(assignment.Replace(findMoved), day(a.opts.TakenAt)); err != nil {
		return err
	}
	for _, statement := range []string{closeMoved, openMoved} {
		if _, err := a.exec(assignment.Replace(statement), a.next); err != nil {
			return err
		}
	}
	_, err := a.exec(`insert into touched select id from moved; drop table moved`)
	return err
}

// The first assignment that is ever known of a person holds since ever, unless
// it is dated. Where assignments of their own say a person's territories on one
// map, the record still says the one on another.
const findMoved = `
	create temp table moved on commit drop as
	select p.id, {scope} as scope, target.id as target_id,
	       coalesce(s.since, $1::date) as from_day,
	       s.since is null and not exists (
	           select from {table} line where line.person_id = p.id and upper_inf(line.known) and {scope of line} = {scope}) as since_ever
	from staged_person s
	join person p on p.external_id = s.key
	join {stored} target on target.external_id = s.{staged}
	where not exists (
		select from {table} line
		where line.person_id = p.id and line.{had} = target.id
		  and upper_inf(line.known) and upper_inf(line.valid))
	  and not exists (
		select from staged_assignment a
		join {stored} own on own.external_id = a.{staged}
		where a.person = s.key and {scope of own} = {scope})`

const closeMoved = `
	with closed as (
		update {table} line
		set known = int8range(lower(line.known), $1)
		from moved
		where line.{whose id} = moved.id and upper_inf(line.known) and {scope of line} = moved.scope
		  and line.valid && daterange(moved.from_day, null)
		returning line.{whose id}, line.{had}, case when moved.from_day is not null then line.valid * daterange(null, moved.from_day) end as before
	)
	insert into {table} ({whose id}, {had}, valid, known)
	select {whose id}, {had}, before, int8range($1, null) from closed where not isempty(before)`

const openMoved = `
	insert into {table} ({whose id}, {had}, valid, known)
	select id, target_id, daterange(case when not since_ever then from_day end, null), int8range($1, null)
	from moved`

// mergeAssignments writes what assignments of their own say. They go before
// what a person's record says, because they say more: every step with its day.
func (a *application) mergeAssignments() error {
	accepted, err := a.number(`select count(*) from staged_assignment`)
	if err != nil || accepted == 0 {
		return err
	}
	if _, err := a.exec(`create temp table restated (id bigint) on commit drop`); err != nil {
		return err
	}
	for _, assignment := range []*strings.Replacer{reportingLines, territoryMembers} {
		if err := a.restate(assignment); err != nil {
			return wrap("assignments", err)
		}
	}
	added, err := a.madeDifference(staging(insights.KindAssignment), `
		made as (
			select s.key
			from staged_assignment s
			join person p on p.external_id = s.person
			where p.id in (select id from restated)
		)`)
	if err != nil {
		return err
	}
	a.count(insights.KindAssignment, accepted, added, 0)
	a.progressed(accepted)
	_, err = a.exec(`drop table restated`)
	return err
}

// restate replaces what is known of a person or account from the first of their
// new assignments on, where that differs.
func (a *application) restate(assignment *strings.Replacer) error {
	for _, statement := range []string{findSteps, findRestated} {
		if _, err := a.exec(assignment.Replace(statement)); err != nil {
			return err
		}
	}
	for _, statement := range []string{closeMoved, openSteps} {
		if _, err := a.exec(assignment.Replace(statement), a.next); err != nil {
			return err
		}
	}
	_, err := a.exec(`insert into restated select id from moved; drop table moved, step`)
	return err
}

// Steps that change nothing of this kind of assignment are left out.
const findSteps = `
	create temp table step on commit drop as
	select id, scope, target_id, daterange(since, lead(since) over (partition by id, scope order by since nulls first)) as valid
	from (
		select whose.id, {scope} as scope, target.id as target_id, s.since,
		       row_number() over each_map = 1 or target.id is distinct from lag(target.id) over each_map as differs
		from {told} s
		join {whose} whose on whose.external_id = s.{whose}
		{blank} {stored} target on target.external_id = s.{staged}
		window each_map as (partition by whose.id, {scope} order by s.since nulls first)
	) each_step
	where differs`

const findRestated = `
	create temp table moved on commit drop as
	select id, scope, from_day
	from (
		select id, scope, case when not bool_or(lower_inf(valid)) then min(lower(valid)) end as from_day,
		       string_agg(target_id || ' ' || valid, ',' order by valid) as wanted
		from step
		group by id, scope
	) wish
	where wanted is distinct from (
		select string_agg(line.{had} || ' ' || line.valid * daterange(wish.from_day, null), ',' order by line.valid)
		from {table} line
		where line.{whose id} = wish.id and upper_inf(line.known) and {scope of line} = wish.scope and line.valid && daterange(wish.from_day, null))`

const openSteps = `
	insert into {table} ({whose id}, {had}, valid, known)
	select step.id, step.target_id, step.valid, int8range($1, null)
	from step
	join moved on moved.id = step.id and moved.scope = step.scope
	where step.target_id is not null`
