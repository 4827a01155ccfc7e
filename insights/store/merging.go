package store

import "fmt"

// merge writes what the staging tables say and the stored tables do not, kind
// by kind: what is referred to comes before what refers to it.
func (a *application) merge() error {
	for _, kind := range []func() error{
		a.mergeStages, a.mergeTerritories, a.mergeProducts, a.mergeAccounts, a.mergePeople, a.mergeOpportunities,
	} {
		if err := kind(); err != nil {
			return err
		}
	}
	return nil
}

// mergeKind adds the new records of a kind, then changes those that differ.
// changing is an update that returns the ids it touched; those of records just
// added are not counted, so it may complete them.
func (a *application) mergeKind(kind, adding, changing string) error {
	accepted, last, err := a.before(kind)
	if err != nil || accepted == 0 {
		return err
	}
	added, err := a.exec(adding)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	changed, err := a.number(`with written as (`+changing+`) select count(*) from written where id <= $1`, last)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	a.count(kind, accepted, added, changed)
	a.progressed(accepted)
	return nil
}

// before counts the usable records of a kind and finds the last id given to
// one, so that those added now can be told apart.
func (a *application) before(kind string) (accepted, last int, err error) {
	accepted, err = a.number(`select count(*) from staged_` + kind)
	if err != nil || accepted == 0 {
		return 0, 0, err
	}
	last, err = a.number(`select coalesce(max(id), 0) from ` + kind)
	return accepted, last, err
}

func (a *application) mergeStages() error {
	return a.mergeKind(kindStage, `
		insert into stage (name, position, outcome)
		select s.name, s.position, s.outcome
		from staged_stage s
		where not exists (select from stage known where lower(known.name) = lower(s.name))
		order by s.ord`, `
		update stage
		set name = s.name, position = s.position, outcome = s.outcome
		from staged_stage s
		where lower(stage.name) = lower(s.name)
		  and (stage.name, stage.position, stage.outcome) is distinct from (s.name, s.position, s.outcome)
		returning stage.id`)
}

func (a *application) mergeTerritories() error {
	return a.mergeKind(kindTerritory, `
		insert into territory (external_id, name)
		select s.key, coalesce(s.name, s.key)
		from staged_territory s
		where not exists (select from territory known where known.external_id = s.key)
		order by s.ord`, `
		update territory t
		set name = coalesce(s.name, t.name), parent_id = coalesce(parent.id, t.parent_id)
		from staged_territory s
		left join territory parent on parent.external_id = s.parent
		where t.external_id = s.key
		  and (t.name, t.parent_id) is distinct from (coalesce(s.name, t.name), coalesce(parent.id, t.parent_id))
		returning t.id`)
}

func (a *application) mergeProducts() error {
	return a.mergeKind(kindProduct, `
		insert into product (external_id, name, family)
		select s.key, coalesce(s.name, s.key), s.family
		from staged_product s
		where not exists (select from product known where known.external_id = s.key)
		order by s.ord`, `
		update product p
		set name = coalesce(s.name, p.name), family = coalesce(s.family, p.family)
		from staged_product s
		where p.external_id = s.key
		  and (p.name, p.family) is distinct from (coalesce(s.name, p.name), coalesce(s.family, p.family))
		returning p.id`)
}

func (a *application) mergeAccounts() error {
	return a.mergeKind(kindAccount, `
		insert into account (external_id, name, industry, country)
		select s.key, coalesce(s.name, s.key), s.industry, s.country
		from staged_account s
		where not exists (select from account known where known.external_id = s.key)
		order by s.ord`, `
		update account c
		set name = coalesce(s.name, c.name), industry = coalesce(s.industry, c.industry),
		    country = coalesce(s.country, c.country), parent_id = coalesce(parent.id, c.parent_id)
		from staged_account s
		left join account parent on parent.external_id = s.parent
		where c.external_id = s.key
		  and (c.name, c.industry, c.country, c.parent_id) is distinct from
		      (coalesce(s.name, c.name), coalesce(s.industry, c.industry), coalesce(s.country, c.country), coalesce(parent.id, c.parent_id))
		returning c.id`)
}

// mergePeople writes people, then whom they report to and where they sell, and
// then who is a manager because of that. A person counts as changed once,
// whatever it was that changed.
func (a *application) mergePeople() error {
	accepted, last, err := a.before(kindPerson)
	if err != nil || accepted == 0 {
		return err
	}
	if _, err := a.exec(`create temp table touched (person_id bigint) on commit drop`); err != nil {
		return err
	}
	if err := a.freeEmails(); err != nil {
		return wrap("e-mail addresses", err)
	}
	added, err := a.exec(`
		insert into person (external_id, name, email, role)
		select s.key, coalesce(s.name, s.key), s.email, coalesce(s.role, 'rep')
		from staged_person s
		where not exists (select from person known where known.external_id = s.key)
		order by s.ord`)
	if err != nil {
		return wrap("people", err)
	}
	for _, step := range []func() error{a.changePeople, a.reassignManagers, a.reassignTerritories, a.promote} {
		if err := step(); err != nil {
			return err
		}
	}
	changed, err := a.number(`select count(distinct person_id) from touched where person_id <= $1`, last)
	if err != nil {
		return err
	}
	a.count(kindPerson, accepted, added, changed)
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
			set name = coalesce(s.name, p.name), email = coalesce(s.email, p.email), role = coalesce(s.role, p.role)
			from staged_person s
			where p.external_id = s.key
			  and (p.name, p.email, p.role) is distinct from
			      (coalesce(s.name, p.name), coalesce(s.email, p.email), coalesce(s.role, p.role))
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

// mergeOpportunities writes the deals, and every difference into their log.
func (a *application) mergeOpportunities() error {
	accepted, _, err := a.before(kindOpportunity)
	if err != nil || accepted == 0 {
		return err
	}
	if err := a.resolveOpportunities(); err != nil {
		return wrap("opportunities", err)
	}
	changed, err := a.changeOpportunities()
	if err != nil {
		return wrap("opportunities", err)
	}
	added, err := a.addOpportunities()
	if err != nil {
		return wrap("opportunities", err)
	}
	a.count(kindOpportunity, accepted, added, changed)
	a.progressed(accepted)
	return nil
}

// resolveOpportunities puts ids in place of keys.
func (a *application) resolveOpportunities() error {
	_, err := a.exec(`
		create temp table incoming on commit drop as
		select s.ord, s.key, s.name, account.id as account_id, product.id as product_id, owner.id as owner_id,
		       stage.id as stage_id, s.amount_minor, s.currency::char(3), s.created_on, s.engaged_on, s.close_on
		from staged_opportunity s
		join stage on lower(stage.name) = lower(s.stage)
		left join account on account.external_id = s.account
		left join product on product.external_id = s.product
		left join person owner on owner.external_id = s.owner`)
	if err != nil {
		return err
	}
	_, err = a.exec(`analyze incoming`)
	return err
}

// A deal's columns, and the rows that they make in its log: the old ones are
// those of o, the new ones those of i.
const (
	opportunityColumns = `name, account_id, product_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on`

	opportunityFields = `
		('name', o.name, i.name),
		('account_id', o.account_id::text, i.account_id::text),
		('product_id', o.product_id::text, i.product_id::text),
		('owner_id', o.owner_id::text, i.owner_id::text),
		('stage_id', o.stage_id::text, i.stage_id::text),
		('amount_minor', o.amount_minor::text, i.amount_minor::text),
		('currency', o.currency::text, i.currency::text),
		('created_on', o.created_on::text, i.created_on::text),
		('engaged_on', o.engaged_on::text, i.engaged_on::text),
		('close_on', o.close_on::text, i.close_on::text)`
)

func (a *application) changeOpportunities() (int, error) {
	_, err := a.exec(`
		create temp table differing on commit drop as
		select o.id, i.*
		from incoming i
		join opportunity o on o.external_id = i.key
		where (o.name, o.account_id, o.product_id, o.owner_id, o.stage_id, o.amount_minor, o.currency,
		       o.created_on, o.engaged_on, o.close_on) is distinct from
		      (i.name, i.account_id, i.product_id, i.owner_id, i.stage_id, i.amount_minor, i.currency,
		       i.created_on, i.engaged_on, i.close_on)`)
	if err != nil {
		return 0, err
	}
	_, err = a.exec(`
		insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
		select o.id, change.field, change.old, change.new, $1, $2, $3
		from differing i
		join opportunity o on o.id = i.id
		cross join lateral (values `+opportunityFields+`) change (field, old, new)
		where change.old is distinct from change.new`,
		a.batch.TakenAt, a.next, a.opts.Actor)
	if err != nil {
		return 0, err
	}
	return a.exec(`
		update opportunity o
		set name = i.name, account_id = i.account_id, product_id = i.product_id, owner_id = i.owner_id,
		    stage_id = i.stage_id, amount_minor = i.amount_minor, currency = i.currency,
		    created_on = i.created_on, engaged_on = i.engaged_on, close_on = i.close_on
		from differing i
		where o.id = i.id`)
}

func (a *application) addOpportunities() (int, error) {
	return a.number(`
		with added as (
			insert into opportunity (external_id, `+opportunityColumns+`)
			select key, `+opportunityColumns+`
			from incoming
			where not exists (select from opportunity known where known.external_id = incoming.key)
			order by ord
			returning *
		), logged as (
			insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
			select i.id, change.field, null, change.new, '-infinity', $1, $2
			from added i
			cross join (select null::text as name, null::bigint as account_id, null::bigint as product_id,
			                   null::bigint as owner_id, null::bigint as stage_id, null::bigint as amount_minor,
			                   null::text as currency, null::date as created_on, null::date as engaged_on,
			                   null::date as close_on) o
			cross join lateral (values `+opportunityFields+`) change (field, old, new)
			where change.new is not null
		)
		select count(*) from added`, a.next, a.opts.Actor)
}
