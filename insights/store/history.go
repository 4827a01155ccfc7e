package store

import "fmt"

// resolveHistory puts log fields and ids in place of what the batch's changes
// say, takes out those that do not lead to the deals as they are told now, and
// keeps in `past` those that the log does not have, in `told` whose they are.
func (a *application) resolveHistory() error {
	if _, err := a.exec(readPast, a.opts.Now); err != nil {
		return err
	}
	faulty, err := a.faultyHistory()
	if err != nil {
		return err
	}
	for _, f := range faulty {
		a.rejectRecord(kindChange, f.Key, f.Column, f.Value, f.Reason)
	}
	if _, err := a.exec(forgetKnown); err != nil {
		return err
	}
	_, err = a.exec(`
		create temp table told on commit drop as select distinct key, field from past;
		analyze past;
		analyze told`)
	return err
}

// readPast resolves every change, and says what is wrong with it. The changes
// of one field of a deal are a row in which each begins where the one before
// ended; a blank old value is just that.
const readPast = `
	create temp table past on commit drop as
	with resolved as (
		select s.ord, s.key as change, s.opportunity as key, o.id, s.at as valid_at, s.field as told_as, s.old as told_old, s.new as told_new,
		       case s.field when 'stage' then 'stage_id' when 'owner' then 'owner_id' when 'amount' then 'amount_minor' else s.field end as field,
		       case s.field when 'stage' then old_stage.id::text when 'owner' then old_owner.id::text else s.old end as old,
		       case s.field when 'stage' then new_stage.id::text when 'owner' then new_owner.id::text else s.new end as new,
		       case s.field when 'stage' then o.stage_id::text when 'owner' then o.owner_id::text
		                    when 'amount' then o.amount_minor::text else o.close_on::text end as stored,
		       case s.field when 'stage' then coalesce(i.stage_id, o.stage_id)::text
		                    when 'owner' then case when i.key is null then o.owner_id else i.owner_id end::text
		                    when 'amount' then case when i.key is null then o.amount_minor else i.amount_minor end::text
		                    else case when i.key is null then o.close_on else i.close_on end::text end as head,
		       s.currency as told_currency, case when i.key is null then o.currency else i.currency end as currency
		from staged_change s
		left join incoming i on i.key = s.opportunity
		left join opportunity o on o.external_id = s.opportunity
		left join stage old_stage on s.field = 'stage' and lower(old_stage.name) = lower(s.old)
		left join stage new_stage on s.field = 'stage' and lower(new_stage.name) = lower(s.new)
		left join person old_owner on s.field = 'owner' and old_owner.external_id = s.old
		left join person new_owner on s.field = 'owner' and new_owner.external_id = s.new
	), chained as (
		select resolved.*, row_number() over each_field as step, lag(new) over each_field as before,
		       lead(ord) over each_field is null as last
		from resolved
		window each_field as (partition by key, field order by valid_at, ord)
	)
	select ord, change, key, id, field, valid_at, stored, head, step,
	       case when step > 1 then coalesce(old, before) else old end as old, new,
	       case when told_old is not null and old is null then 'old' when told_new is not null and new is null then 'new'
	            when valid_at > $1 then 'at' when step > 1 and coalesce(old, before) is distinct from before then 'old'
	            when last and new is distinct from head then 'new'
	            when told_currency <> currency then 'currency' end as fault,
	       (told_old is not null and old is null) or (told_new is not null and new is null) as unresolved,
	       told_as, told_old, told_new, told_currency
	from chained`

// historyFault is a change that cannot be used, and which part of it is why.
type historyFault struct{ Key, Column, Value, Reason string }

// faultyHistory takes the changes of a field out as a whole when one of them
// cannot be used: the others alone would tell a past that never was.
func (a *application) faultyHistory() ([]historyFault, error) {
	var out []struct {
		Change, Column, Field, Value string
		Unknown                      bool
	}
	err := a.tx.SelectContext(a.ctx, &out, `
		with gone as (
			delete from past
			where (key, field) in (select key, field from past where fault is not null)
			returning *
		), unstaged as (
			delete from staged_change where key in (select change from gone)
		)
		select change, coalesce(fault, '') as column, told_as as field,
		       coalesce(case fault when 'old' then told_old when 'new' then told_new when 'currency' then told_currency end, '') as value,
		       fault is not null and unresolved as unknown
		from gone
		order by ord`)
	if err != nil {
		return nil, err
	}
	faults := make([]historyFault, len(out))
	for i, o := range out {
		faults[i] = historyFault{Key: o.Change, Column: o.Column, Value: o.Value, Reason: historyReason(o.Column, o.Field, o.Unknown)}
	}
	return faults, nil
}

func historyReason(column, field string, unknown bool) string {
	kind := map[string]string{"stage": kindStage, "owner": kindPerson}[field]
	switch {
	case unknown:
		return fmt.Sprintf("there is no such %s, neither stored nor in these files", kind)
	case column == "old":
		return "the change before it ends with another value"
	case column == "new":
		return "it is the last change of the " + field + ", but the deal has another value now"
	case column == "at":
		return "it lies in the future"
	case column == "currency":
		return "the deal is in another currency"
	default:
		return "another change of the " + field + " of this deal cannot be used"
	}
}

// forgetKnown leaves of each row of changes what the log does not have: nothing
// if it has them all, the end if that goes on from where the log stands, and
// otherwise the whole row, which then replaces what was believed.
const forgetKnown = `
	with known as (
		select p.ord, p.key, p.field, p.valid_at, exists (
			select from opportunity_change c
			where c.opportunity_id = p.id and c.field = p.field and c.valid_at = p.valid_at
			  and c.old is not distinct from p.old and c.new is not distinct from p.new
		) as is_known, p.old is not distinct from p.stored as goes_on
		from past p
	), state as (
		select k.key, k.field, bool_and(k.is_known) as all_known,
		       (array_agg(k.goes_on order by k.valid_at, k.ord) filter (where not k.is_known))[1]
		       and min(k.valid_at) filter (where not k.is_known) > max(k.valid_at) filter (where k.is_known) as tail
		from known k
		group by k.key, k.field
	)
	delete from past
	using known, state
	where past.ord = known.ord and state.key = known.key and state.field = known.field
	  and (state.all_known or state.tail and known.is_known)`

// writeHistory adds to the log what the batch tells of the past. A row of
// changes that is told from its beginning begins with what the field was before
// all of them.
func (a *application) writeHistory() error {
	if len(a.batch.History) == 0 {
		return nil
	}
	_, err := a.exec(`
		insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
		select o.id, p.field, p.stored, p.old, '-infinity', $1, $2
		from past p
		join opportunity o on o.external_id = p.key
		where p.step = 1 and p.stored is distinct from p.old`, a.next, a.opts.Actor)
	if err != nil {
		return err
	}
	added, err := a.exec(`
		insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
		select o.id, p.field, p.old, p.new, p.valid_at, $1, $2
		from past p
		join opportunity o on o.external_id = p.key`, a.next, a.opts.Actor)
	if err != nil {
		return err
	}
	accepted, err := a.number(`select count(*) from staged_change`)
	if err != nil {
		return err
	}
	a.count(kindChange, accepted, added, 0)
	a.progressed(accepted)
	return nil
}
