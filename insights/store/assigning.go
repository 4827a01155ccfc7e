package store

import "strings"

// An assignment says for which days, and as of which revision, a person has a
// manager or a territory. These name its table, the column with what is had,
// the kind of that, and the staging column that names it.
var (
	reportingLines   = strings.NewReplacer("{table}", "reporting_line", "{had}", "manager_id", "{kind}", kindPerson, "{staged}", "manager")
	territoryMembers = strings.NewReplacer("{table}", "territory_member", "{had}", "territory_id", "{kind}", kindTerritory, "{staged}", "territory")
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
	if _, err := a.exec(assignment.Replace(findMoved), day(a.batch.TakenAt)); err != nil {
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
		  and upper_inf(line.known) and upper_inf(line.valid))`

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
