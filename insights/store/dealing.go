package store

// mergeOpportunities writes the deals, and every difference into their log. Where
// the batch tells the past of a field itself, that is what the log gets.
func (a *application) mergeOpportunities() error {
	accepted, _, err := a.before(kindOpportunity)
	if err != nil || accepted == 0 && len(a.batch.History) == 0 {
		return err
	}
	if err := a.resolveOpportunities(); err != nil {
		return wrap("opportunities", err)
	}
	if err := a.resolveHistory(); err != nil {
		return wrap("history", err)
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
	return wrap("history", a.writeHistory())
}

// resolveOpportunities puts ids in place of keys.
func (a *application) resolveOpportunities() error {
	_, err := a.exec(`
		create temp table incoming on commit drop as
		select s.ord, s.key, s.name, account.id as account_id, product.id as product_id, owner.id as owner_id,
		       stage.id as stage_id, s.amount_minor, s.currency::char(3), s.created_on, s.engaged_on, s.close_on,
		       s.loss_reason, s.competitor
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
	opportunityColumns = `name, account_id, product_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, loss_reason, competitor`

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
		('close_on', o.close_on::text, i.close_on::text),
		('loss_reason', o.loss_reason, i.loss_reason),
		('competitor', o.competitor, i.competitor)`
)

func (a *application) changeOpportunities() (int, error) {
	_, err := a.exec(`
		create temp table differing on commit drop as
		select o.id, i.*
		from incoming i
		join opportunity o on o.external_id = i.key
		where (o.name, o.account_id, o.product_id, o.owner_id, o.stage_id, o.amount_minor, o.currency,
		       o.created_on, o.engaged_on, o.close_on, o.loss_reason, o.competitor) is distinct from
		      (i.name, i.account_id, i.product_id, i.owner_id, i.stage_id, i.amount_minor, i.currency,
		       i.created_on, i.engaged_on, i.close_on, i.loss_reason, i.competitor)`)
	if err != nil {
		return 0, err
	}
	_, err = a.exec(`
		insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
		select o.id, change.field, change.old, change.new, $1, $2, $3
		from differing i
		join opportunity o on o.id = i.id
		cross join lateral (values `+opportunityFields+`) change (field, old, new)
		where change.old is distinct from change.new
		  and not exists (select from told where told.key = i.key and told.field = change.field)`,
		a.batch.TakenAt, a.next, a.opts.Actor)
	if err != nil {
		return 0, err
	}
	return a.exec(`
		update opportunity o
		set name = i.name, account_id = i.account_id, product_id = i.product_id, owner_id = i.owner_id,
		    stage_id = i.stage_id, amount_minor = i.amount_minor, currency = i.currency,
		    created_on = i.created_on, engaged_on = i.engaged_on, close_on = i.close_on,
		    loss_reason = i.loss_reason, competitor = i.competitor
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
			                   null::date as close_on, null::text as loss_reason, null::text as competitor) o
			cross join lateral (values `+opportunityFields+`) change (field, old, new)
			where change.new is not null
			  and not exists (select from told where told.key = i.external_id and told.field = change.field)
		)
		select count(*) from added`, a.next, a.opts.Actor)
}
