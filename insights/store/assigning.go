package store

import (
	"strings"

	"salesbot/insights"
)

// An assignment says for which days, and as of which revision, a person has a
// manager or a territory. These name its table, the column with what is had,
// the kind of that, and the staging column that names it.
var (
	reportingLines   = strings.NewReplacer("{table}", "reporting_line", "{had}", "manager_id", "{kind}", string(insights.KindPerson), "{staged}", "manager")
	territoryMembers = strings.NewReplacer("{table}", "territory_member", "{had}", "territory_id", "{kind}", string(insights.KindTerritory), "{staged}", "territory")
)

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
	_, err := a.exec(`insert into touched select person_id from moved; drop table moved`)
	return err
}

// The first assignment that is ever known of a person holds since ever, unless
// it is dated.
const findMoved = `
	create temp table moved on commit drop as
	select p.id as person_id, target.id as target_id,
	       coalesce(s.since, $1::date) as from_day,
	       s.since is null and not exists (
	           select from {table} line where line.person_id = p.id and upper_inf(line.known)) as since_ever
	from staged_person s
	join person p on p.external_id = s.key
	join {kind} target on target.external_id = s.{staged}
	where not exists (
		select from {table} line
		where line.person_id = p.id and line.{had} = target.id
		  and upper_inf(line.known) and upper_inf(line.valid))
	  and not exists (
		select from staged_assignment a where a.person = s.key and a.{staged} is not null)`

const closeMoved = `
	with closed as (
		update {table} line
		set known = int8range(lower(line.known), $1)
		from moved
		where line.person_id = moved.person_id and upper_inf(line.known)
		  and line.valid && daterange(moved.from_day, null)
		returning line.person_id, line.{had}, line.valid * daterange(null, moved.from_day) as before
	)
	insert into {table} (person_id, {had}, valid, known)
	select person_id, {had}, before, int8range($1, null) from closed where not isempty(before)`

const openMoved = `
	insert into {table} (person_id, {had}, valid, known)
	select person_id, target_id, daterange(case when not since_ever then from_day end, null), int8range($1, null)
	from moved`

// mergeAssignments writes what assignments of their own say. They go before
// what a person's record says, because they say more: every step with its day.
func (a *application) mergeAssignments() error {
	accepted, err := a.number(`select count(*) from staged_assignment`)
	if err != nil || accepted == 0 {
		return err
	}
	if _, err := a.exec(`create temp table restated (person_id bigint) on commit drop`); err != nil {
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
			where p.id in (select person_id from restated)
		)`)
	if err != nil {
		return err
	}
	a.count(insights.KindAssignment, accepted, added, 0)
	a.progressed(accepted)
	return nil
}

// restate replaces what is known of a person from the first of their new
// assignments on, where that differs.
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
	_, err := a.exec(`insert into restated select person_id from moved; drop table moved, step`)
	return err
}

// Steps that change nothing of this kind of assignment are left out.
const findSteps = `
	create temp table step on commit drop as
	select person_id, target_id, daterange(since, lead(since) over (partition by person_id order by since nulls first)) as valid
	from (
		select p.id as person_id, target.id as target_id, s.since,
		       lag(target.id) over (partition by p.id order by s.since nulls first) as before
		from staged_assignment s
		join person p on p.external_id = s.person
		join {kind} target on target.external_id = s.{staged}
	) each_step
	where target_id is distinct from before`

const findRestated = `
	create temp table moved on commit drop as
	select person_id, from_day
	from (
		select person_id, case when not bool_or(lower_inf(valid)) then min(lower(valid)) end as from_day,
		       string_agg(target_id || ' ' || valid, ',' order by valid) as wanted
		from step
		group by person_id
	) wish
	where wanted is distinct from (
		select string_agg(line.{had} || ' ' || line.valid * daterange(wish.from_day, null), ',' order by line.valid)
		from {table} line
		where line.person_id = wish.person_id and upper_inf(line.known) and line.valid && daterange(wish.from_day, null))`

const openSteps = `
	insert into {table} (person_id, {had}, valid, known)
	select step.person_id, step.target_id, step.valid, int8range($1, null)
	from step
	join moved on moved.person_id = step.person_id`
