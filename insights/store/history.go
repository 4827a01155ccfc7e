package store

import "salesbot/insights"

// What the notes of an import say of the histories that it told.
const (
	noteGap = "a change in a history begins with another value than the one before led to; the gap is closed at its moment"
	noteEnd = "a history leads to another value than the deal has now; the difference is dated like one that nobody told"
)

// tellHistory makes the log agree with what the import tells of the past of
// fields. It leaves behind the table `told`: of which fields, and how each of
// them began and ends.
func (a *application) tellHistory(changes int) error {
	if changes == 0 {
		_, err := a.exec(`create temp table told (id bigint, field text, since_ever text) on commit drop`)
		return err
	}
	if err := a.readEntries(); err != nil {
		return err
	}
	for _, statement := range []string{sumUpTold, analyseTold, readLive, findLive, linePast, findWanted, compareLines, analyseReplaced} {
		if _, err := a.exec(statement); err != nil {
			return err
		}
	}
	if _, err := a.exec(retractReplaced, a.next); err != nil {
		return err
	}
	if _, err := a.exec(writeReplacing, a.next, a.opts.Actor); err != nil {
		return err
	}
	ends, err := a.exec(writeEnds, a.result.TakenAt, a.next, a.opts.Actor)
	if err != nil {
		return err
	}
	return a.countHistory(ends)
}

// readEntries resolves every change and takes out those that cannot be used,
// and with them all of the same field of their deal.
func (a *application) readEntries() error {
	if _, err := a.exec(readEntries, a.opts.Now); err != nil {
		return err
	}
	if err := a.rejectHistory(); err != nil {
		return err
	}
	_, err := a.exec(enterCurrencies)
	return err
}

const readEntries = `
	create temp table entry on commit drop as
	with deal as (
		select key, id, known, currency::text from incoming
		union all
		select external_id, id, true, currency::text
		from opportunity o
		where external_id in (select opportunity from staged_change)
		  and not exists (select from incoming i where i.id = o.id)
	), resolved as (
		select s.ord, s.key as change, d.id, d.known, s.at as valid_at, s.field as told_as, s.old as told_old, s.new as told_new, s.currency as told_currency,
		       case s.field when 'stage' then 'stage_id' when 'owner' then 'owner_id' when 'account' then 'account_id'
		                    when 'amount' then 'amount_minor' else s.field end as field,
		       case s.field when 'stage' then old_stage.stage_id::text when 'owner' then old_owner.id::text
		                    when 'account' then old_account.id::text else s.old end as old,
		       case s.field when 'stage' then new_stage.stage_id::text when 'owner' then new_owner.id::text
		                    when 'account' then new_account.id::text else s.new end as new,
		       d.currency as deal_currency
		from staged_change s
		join deal d on d.key = s.opportunity
		left join spelt_stage old_stage on s.field = 'stage' and old_stage.spelling = s.old and old_stage.process = coalesce(s.process, '')
		left join spelt_stage new_stage on s.field = 'stage' and new_stage.spelling = s.new and new_stage.process = coalesce(s.process, '')
		left join person old_owner on s.field = 'owner' and old_owner.external_id = s.old
		left join person new_owner on s.field = 'owner' and new_owner.external_id = s.new
		left join account old_account on s.field = 'account' and old_account.external_id = s.old
		left join account new_account on s.field = 'account' and new_account.external_id = s.new
	)
	select resolved.*,
	       case when told_old is not null and old is null then 'old' when told_new is not null and new is null then 'new'
	            when valid_at > $1 then 'at'
	            when told_as = 'amount' and coalesce(told_currency <> deal_currency, coalesce(told_currency, deal_currency) is null) then 'currency'
	       end as fault
	from resolved`

// historyFaults are the parts of a change that may be why it cannot be used,
// and the reasons, in SQL.
var historyFaults = []struct{ part, reason string }{
	{"old", nowhere},
	{"new", nowhere},
	{"at", `'lies in the future'`},
	{"currency", `case when s.currency is null then 'is not said, neither here nor of the deal' else 'is not the currency of the deal' end`},
}

const nowhere = `'names a' || case s.field when 'owner' then ' person' when 'account' then 'n account' else ' stage' end || ' that is neither stored nor in these files'`

// rejectHistory takes the changes of a field out as a whole when one of them
// cannot be used: the others alone would tell a past that never was.
func (a *application) rejectHistory() error {
	changes := staging(insights.KindChange)
	for _, f := range historyFaults {
		_, err := a.takeOut(changes, `using entry where entry.ord = s.ord and entry.fault = $1`, refusal{field: f.part, reason: f.reason}, f.part)
		if err != nil {
			return err
		}
	}
	_, err := a.takeOut(changes, `using entry where entry.ord = s.ord and (entry.id, entry.field) in (select id, field from entry where fault is not null)`,
		refusal{value: `''`, reason: `'another change of the ' || s.field || ' of this deal cannot be used'`})
	if err != nil {
		return err
	}
	_, err = a.exec(`delete from entry where (id, field) in (select id, field from entry where fault is not null)`)
	return err
}

// enterCurrencies lets the currency of a deal have the past of its amount:
// there is none without an amount.
const enterCurrencies = `
	insert into entry (ord, id, known, valid_at, field, old, new)
	select ord, id, known, valid_at, 'currency',
	       case when old is not null then coalesce(told_currency, deal_currency) end,
	       case when new is not null then coalesce(told_currency, deal_currency) end
	from entry
	where field = 'amount_minor'`

// sumUpTold says of each field of a deal whose past is told: from when to when
// that speaks, what the field was before, what the first row of the deal's log
// says of it, and what it is now. The log of a new deal begins with what was
// before.
const sumUpTold = `
	create temp table told on commit drop as
	with spoken as (
		select id, field, bool_and(known) as known, min(valid_at) as first_at, max(valid_at) as last_at,
		       (array_agg(old order by valid_at, ord))[1] as before
		from entry
		group by id, field
	)
	select s.*, i.changed_at, case s.field when 'currency' then 'amount_minor' else s.field end as track,
	       case when s.known then c.new::jsonb ->> s.field else s.before end as since_ever,
	       case when i.id is not null then to_jsonb(i) else to_jsonb(o) end ->> s.field as head
	from spoken s
	left join incoming i on i.id = s.id
	left join opportunity o on o.id = s.id
	left join opportunity_change c on s.known and c.opportunity_id = s.id and c.field = 'deal' and c.retracted is null`

const analyseTold = `analyze entry, told`

// readLive reads what the log says now of what is told.
const readLive = `
	create temp table live on commit drop as
	select c.opportunity_id as id, c.field, t.track, c.revision, c.valid_at, c.step, c.new,
	       row_number() over (partition by c.opportunity_id, c.field order by c.valid_at, c.revision, c.step) as n
	from told t
	join opportunity_change c on c.opportunity_id = t.id and c.field = t.field and c.retracted is null
	where t.known`

const findLive = `create index on live (id, field, n); analyze live`

// linePast writes down what the log ought to say of what is told. What is told
// speaks for the time from its first entry to its last; what the log knows of
// the time before and after stays. Before the first of all entries was what
// that began with. Each entry is two steps, to its old value and to its new
// one, and a step that leads nowhere else is none: so the first of the two is
// left only where there is a gap, and entries that change nothing leave nothing.
// The amount and its currency are one track: whenever one of them changed, the
// other is said again.
const linePast = `
	create temp table wanted on commit drop as
	with step as (
		select t.id, t.field, '-infinity'::timestamptz as valid_at, 0 as part, 0::bigint as position, t.since_ever,
		       case when exists (select from live l where l.id = t.id and l.track = t.track and l.valid_at > '-infinity' and l.valid_at < t.first_at)
		            then case when began.n is null then t.since_ever else began.new end
		            else t.before end as value,
		       null::integer as ord, false as gap
		from told t
		left join lateral (
			select l.n, l.new from live l where l.id = t.id and l.field = t.field and l.valid_at = '-infinity' order by l.n desc limit 1
		) began on true
		union all
		select l.id, l.field, l.valid_at, case when l.valid_at < t.first_at then 1 else 3 end, l.n, t.since_ever, l.new, null, false
		from live l
		join told t on t.id = l.id and t.field = l.field
		where l.valid_at > '-infinity' and (l.valid_at < t.first_at or l.valid_at > t.last_at)
		union all
		select t.id, t.field, l.valid_at, case when l.valid_at < t.first_at then 1 else 3 end, null, t.since_ever, coalesce(held.new, case when held.n is null then t.since_ever end), null, false
		from live l
		join told t on t.id = l.id and t.track = l.track and t.field <> l.field
		left join lateral (
			select other.n, other.new from live other
			where other.id = t.id and other.field = t.field and other.valid_at <= l.valid_at
			order by other.n desc limit 1
		) held on true
		where l.valid_at > '-infinity' and (l.valid_at < t.first_at or l.valid_at > t.last_at)
		union all
		select e.id, e.field, e.valid_at, 2, 2 * e.ord::bigint, t.since_ever, e.old, null, true
		from entry e
		join told t on t.id = e.id and t.field = e.field
		where e.old is not null
		union all
		select e.id, e.field, e.valid_at, 2, 2 * e.ord::bigint + 1, t.since_ever, e.new, case when e.change is not null then e.ord end, false
		from entry e
		join told t on t.id = e.id and t.field = e.field
	), led as (
		select step.*, case when part = 0 then since_ever else lag(value) over line end as before
		from step
		window line as (partition by id, field order by valid_at, part, position)
	)
	select id, field, valid_at, before as old, value as new, ord, gap and field <> 'currency' as gap,
	       row_number() over (partition by id, field order by valid_at, part, position) as n,
	       row_number() over (partition by id, field, valid_at order by part, position) - 1 as step
	from led
	where value is distinct from before`

const findWanted = `create index on wanted (id, field, n); analyze wanted`

// compareLines finds from which step on the log does not say what it ought to.
const compareLines = `
	create temp table replaced on commit drop as
	select id, field, min(n) as n
	from wanted
	full join live using (id, field, n)
	where wanted.valid_at is null or live.valid_at is null or wanted.valid_at <> live.valid_at or wanted.new is distinct from live.new
	group by id, field`

const analyseReplaced = `analyze replaced`

const retractReplaced = `
	update opportunity_change c
	set retracted = $1
	from live l
	join replaced r on r.id = l.id and r.field = l.field and l.n >= r.n
	where c.opportunity_id = l.id and c.field = l.field and c.revision = l.revision and c.valid_at = l.valid_at and c.step = l.step`

const writeReplacing = `
	insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor, step)
	select w.id, w.field, w.old, w.new, w.valid_at, $1, $2, w.step
	from wanted w
	join replaced r on r.id = w.id and r.field = w.field and w.n >= r.n`

// writeEnds goes on from where the past leads to what the deal is now, behind
// everything that is told, also behind entries that change nothing, so that
// telling it again leaves this where it is.
const writeEnds = `
	with ended as (
		select t.id, t.field, t.head, t.changed_at, max(greatest(last.valid_at, t.last_at)) over (partition by t.id, t.track) as valid_at,
		       case when last.n is null then t.since_ever else last.new end as value
		from told t
		left join lateral (
			select w.valid_at, w.new, w.n from wanted w where w.id = t.id and w.field = t.field order by w.n desc limit 1
		) last on true
	)
	insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
	select id, field, value, head,
	       greatest(case when changed_at > valid_at then changed_at else $1 end, valid_at + interval '1 microsecond'), $2, $3
	from ended
	where value is distinct from head`

// noteUsed notes the rows of the changes that made a difference: those that
// the log has from now on, and the first of those that took something out of it
// only.
const noteUsed = `
	with written as (
		select w.id, w.field, w.ord
		from wanted w
		join replaced r on r.id = w.id and r.field = w.field and w.n >= r.n
		where w.ord is not null
	), used as (
		select ord from written
		union
		select min(e.ord)
		from entry e
		join replaced r on r.id = e.id and r.field = e.field
		where not exists (select from written w where w.id = r.id and w.field = r.field)
		group by r.id, r.field
	)
	insert into difference
	select s."row", s.file from staged_change s join used on used.ord = s.ord`

// countHistory counts the changes that made a difference to the log, and notes
// what did not hang together.
func (a *application) countHistory(ends int) error {
	accepted, err := a.number(`select count(*) from staged_change`)
	if err != nil {
		return err
	}
	used, err := a.exec(noteUsed)
	if err != nil {
		return err
	}
	gaps, err := a.number(`
		select count(*)
		from wanted w
		join replaced r on r.id = w.id and r.field = w.field and w.n >= r.n
		where w.gap`)
	if err != nil {
		return err
	}
	a.count(insights.KindChange, accepted, used, 0)
	a.note(noteGap, gaps)
	a.note(noteEnd, ends)
	a.progressed(accepted)
	return nil
}

// note puts on record what was used although it is not as it should be.
func (a *application) note(text string, count int) {
	if count > 0 {
		a.result.Notes = append(a.result.Notes, insights.Note{Text: text, Count: count})
	}
}
