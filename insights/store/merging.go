package store

import (
	"fmt"

	"salesbot/insights"
)

// merge writes what the staging tables say and the stored tables do not, kind
// by kind: what is referred to comes before what refers to it.
func (a *application) merge() error {
	for _, kind := range []func() error{
		a.mergeModels, a.mergeTerritories, a.mergeProducts, a.mergeAccounts, a.mergePeople, a.mergeAccountTerritories,
		a.mergeOpportunities, a.mergeSplits, a.mergeLineItems, a.mergeQuotas, a.mergeForecasts, a.mergeCosts, a.mergeOverhead,
		a.mergeLeads, a.mergeActivities, a.mergeSubscriptions, a.mergeRates,
	} {
		if err := kind(); err != nil {
			return err
		}
	}
	return nil
}

// mergeKind adds the new records of a kind, then changes those that differ.
// Both statements return the keys of what they wrote, as `key`; records just
// added are not counted as changed, so that changing may complete them.
func (a *application) mergeKind(kind insights.Kind, adding, changing string) error {
	if a.read[kind] == 0 {
		return nil
	}
	accepted, last, err := a.before(kind)
	if err != nil {
		return err
	}
	added, err := a.madeDifference(staging(kind), `made as (`+adding+`)`)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	changed, err := a.madeDifference(staging(kind), `written as (`+changing+`), made as (select key from written where id <= $1)`, last)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	a.count(kind, accepted, added, changed)
	a.progressed(accepted)
	return nil
}

// progressed counts records that are written.
func (a *application) progressed(records int) {
	a.done += records
	a.opts.Progress(min(a.done, a.staged), a.staged)
}

// before counts the usable records of a kind and finds the last id given to
// one, so that those added now can be told apart.
func (a *application) before(kind insights.Kind) (accepted, last int, err error) {
	accepted, err = a.number(`select count(*) from staged_` + string(kind))
	if err != nil {
		return 0, 0, err
	}
	last, err = a.number(`select coalesce(max(id), 0) from ` + string(kind))
	return accepted, last, err
}

func (a *application) mergeTerritories() error {
	return a.mergeKind(insights.KindTerritory, `
		insert into territory (external_id, name, model_id)
		select s.external_id, coalesce(s.name, s.external_id), m.id
		from staged_territory s
		left join territory_model m on m.external_id = s.model
		where not exists (select from mapped_territory known where known.key = s.key)
		order by s.ord
		returning coalesce((select m.external_id || E'\x1f' from territory_model m where m.id = model_id), '') || external_id as key`, `
		update territory t
		set name = coalesce(s.name, t.name), parent_id = coalesce(parent.id, t.parent_id), taken_back = false
		from staged_territory s
		join mapped_territory known on known.key = s.key
		left join mapped_territory parent on parent.key = s.parent
		where t.id = known.id
		  and (t.name, t.parent_id, t.taken_back) is distinct from (coalesce(s.name, t.name), coalesce(parent.id, t.parent_id), false)
		returning t.id, known.key`)
}

func (a *application) mergeProducts() error {
	return a.mergeKind(insights.KindProduct, `
		insert into product (external_id, name, family)
		select s.key, coalesce(s.name, s.key), s.family
		from staged_product s
		where not exists (select from product known where known.external_id = s.key)
		order by s.ord
		returning external_id as key`, `
		update product p
		set name = coalesce(s.name, p.name), family = coalesce(s.family, p.family), taken_back = false
		from staged_product s
		where p.external_id = s.key
		  and (p.name, p.family, p.taken_back) is distinct from (coalesce(s.name, p.name), coalesce(s.family, p.family), false)
		returning p.id, p.external_id as key`)
}

func (a *application) mergeAccounts() error {
	return a.mergeKind(insights.KindAccount, `
		insert into account (external_id, name, industry, segment, country)
		select s.key, coalesce(s.name, s.key), s.industry, s.segment, s.country
		from staged_account s
		where not exists (select from account known where known.external_id = s.key)
		order by s.ord
		returning external_id as key`, `
		update account c
		set name = coalesce(s.name, c.name), industry = coalesce(s.industry, c.industry), segment = coalesce(s.segment, c.segment),
		    country = coalesce(s.country, c.country), parent_id = coalesce(parent.id, c.parent_id), taken_back = false
		from staged_account s
		left join account parent on parent.external_id = s.parent
		where c.external_id = s.key
		  and (c.name, c.industry, c.segment, c.country, c.parent_id, c.taken_back) is distinct from
		      (coalesce(s.name, c.name), coalesce(s.industry, c.industry), coalesce(s.segment, c.segment),
		       coalesce(s.country, c.country), coalesce(parent.id, c.parent_id), false)
		returning c.id, c.external_id as key`)
}

// mergePeople writes people, then whom they report to and where they sell, and
// then who is a manager because of that. A person counts as changed once,
// whatever it was that changed.
func (a *application) mergePeople() error {
	accepted, last, err := a.before(insights.KindPerson)
	if err != nil || a.read[insights.KindPerson]+a.read[insights.KindAssignment] == 0 {
		return err
	}
	if _, err := a.exec(`create temp table touched (person_id bigint) on commit drop`); err != nil {
		return err
	}
	if err := a.freeEmails(); err != nil {
		return wrap("e-mail addresses", err)
	}
	added, err := a.exec(`
		insert into person (external_id, name, email, role, active)
		select s.key, coalesce(s.name, s.key), s.email, coalesce(s.role, 'rep'), coalesce(s.active, true)
		from staged_person s
		where not exists (select from person known where known.external_id = s.key)
		order by s.ord`)
	if err != nil {
		return wrap("people", err)
	}
	for _, step := range []func() error{a.changePeople, a.reassignManagers, a.reassignTerritories, a.mergeAssignments, a.promote} {
		if err := step(); err != nil {
			return err
		}
	}
	changed, err := a.number(`select count(distinct person_id) from touched where person_id <= $1`, last)
	if err != nil {
		return err
	}
	_, err = a.madeDifference(staging(insights.KindPerson), `
		made as (select external_id as key from person where id > $1 or id in (select person_id from touched))`, last)
	if err != nil {
		return err
	}
	a.count(insights.KindPerson, accepted, added, changed)
	a.progressed(accepted)
	return nil
}

// freeEmails takes back the addresses that change, so that two people may
// exchange theirs.
func (a *application) freeEmails() error {
	_, err := a.exec(`
		with freed as (
			update person p
			set email = null
			from staged_person s
			where p.external_id = s.key and p.email <> s.email
			returning p.id
		)
		insert into touched select id from freed`)
	return err
}

func (a *application) changePeople() error {
	_, err := a.exec(`
		with written as (
			update person p
			set name = coalesce(s.name, p.name), email = coalesce(s.email, p.email), role = coalesce(s.role, p.role),
			    active = coalesce(s.active, p.active or p.taken_back), taken_back = false
			from staged_person s
			where p.external_id = s.key
			  and (p.name, p.email, p.role, p.active, p.taken_back) is distinct from
			      (coalesce(s.name, p.name), coalesce(s.email, p.email), coalesce(s.role, p.role), coalesce(s.active, p.active or p.taken_back), false)
			returning p.id
		)
		insert into touched select id from written`)
	return wrap("people", err)
}

// promote makes managers of those to whom somebody reports, unless the batch
// itself says what they are. Nobody is ever demoted by what is not said.
func (a *application) promote() error {
	_, err := a.exec(`
		with promoted as (
			update person p
			set role = 'manager'
			where p.role = 'rep'
			  and exists (select from reporting_line line
			              where line.manager_id = p.id and upper_inf(line.known) and upper_inf(line.valid))
			  and not exists (select from staged_person s where s.key = p.external_id and s.role is not null)
			returning p.id
		)
		insert into touched select id from promoted`)
	return wrap("roles", err)
}
