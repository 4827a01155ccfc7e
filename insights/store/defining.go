package store

import (
	"fmt"

	"salesbot/insights"
)

// define writes processes and stages before anything else is checked: deals are
// held against what their stages mean. What a stage means is dated: the row of
// the stage holds what it means today, its definitions what it meant when.
func (a *application) define() error {
	if err := a.mergeProcesses(); err != nil {
		return wrap("processes", err)
	}
	if _, err := a.exec(comeIntoForce, day(a.opts.Now)); err != nil {
		return wrap("stages", err)
	}
	return wrap("stages", a.mergeStages())
}

// comeIntoForce brings the rows of stages up to the day: a meaning that was told
// beforehand may have begun since.
const comeIntoForce = `
	update stage
	set position = d.position, outcome = d.outcome, probability = d.probability, forecast_category = d.forecast_category, expected_days = d.expected_days
	from stage_definition d
	where d.stage_id = stage.id and upper_inf(d.known) and d.valid @> $1::date
	  and (stage.position, stage.outcome, stage.probability, stage.forecast_category, stage.expected_days) is distinct from
	      (d.position, d.outcome, d.probability, d.forecast_category, d.expected_days)`

// mergeProcesses knows a process by its id or, if it has none yet, by its name:
// a stage may have named it, by either, before it was described itself.
func (a *application) mergeProcesses() error {
	processes := staging(insights.KindProcess)
	if a.read[processes.kind] == 0 {
		return nil
	}
	if err := a.rejectIDs(processes, `other.key <> s.key`); err != nil {
		return err
	}
	if _, err := a.exec(findToldProcesses); err != nil {
		return err
	}
	err := a.rejectHeldNames(processes, `using told_process t, process holder
		where t.ord = s.ord and lower(holder.name) = lower(t.name) and holder.id is distinct from t.process_id
		  and not exists (select from told_process renamed where renamed.process_id = holder.id and lower(renamed.name) <> lower(holder.name))`,
		"is the name of another process, too")
	if err != nil {
		return err
	}
	if _, err := a.exec(freeProcessNames); err != nil {
		return err
	}
	return a.mergeKind(processes.kind, `
		insert into process (external_id, name)
		select external_id, name
		from told_process
		where process_id is null
		order by ord
		returning lower(name) as key`, `
		update process known
		set name = t.name, external_id = coalesce(t.external_id, known.external_id)
		from told_process t
		where t.process_id = known.id and (known.name, known.external_id) is distinct from (t.name, coalesce(t.external_id, known.external_id))
		returning known.id, t.key`)
}

// findToldProcesses finds each process by its id, else by its name where not
// both have an id, else where its id is all the name it has so far.
const findToldProcesses = `
	create temp table told_process on commit drop as
	select s.ord, s.key, s.name, s.external_id, known.id as process_id
	from staged_process s
	left join lateral (
		select p.id
		from process p
		where p.external_id = s.external_id
		   or (p.external_id is null or s.external_id is null) and lower(p.name) = lower(s.name)
		   or p.external_id is null and lower(p.name) = lower(s.external_id)
		order by p.external_id = s.external_id desc nulls last, lower(p.name) = lower(s.name) desc
		limit 1
	) known on true`

// freeProcessNames lets processes swap names, and new ones have those that
// others give up.
const freeProcessNames = `
	update process set name = E'\x02' || process.id from told_process t where t.process_id = process.id and process.name <> t.name`

// rejectIDs leaves an id with the first that has it; unlike says of two with
// the same id, s and other, that they are not one and the same.
func (a *application) rejectIDs(k *stagedKind, unlike string) error {
	_, err := a.takeOut(k, fmt.Sprintf(`where exists (
		select from %s other where other.external_id = s.external_id and other.ord < s.ord and %s)`, k.table(), unlike),
		refusal{field: "key", value: "s.external_id", reason: because(fmt.Sprintf("is the id of another %s, too", k.kind))})
	return err
}

// rejectHeldNames takes out what would have the name of another that keeps it.
// What is taken out may have been about to give up its own.
func (a *application) rejectHeldNames(k *stagedKind, held, reason string) error {
	for {
		n, err := a.takeOut(k, held, refusal{field: "name", reason: because(reason)})
		if err != nil || n == 0 {
			return err
		}
		_, err = a.exec(fmt.Sprintf(`delete from told_%s t where not exists (select from %s s where s.ord = t.ord)`, k.kind, k.table()))
		if err != nil {
			return err
		}
	}
}

// mergeStages writes what is told of stages. Like assignments, the rows of a
// stage are told together, and replace what was known from the first of their
// days on; a single one without a day holds since ever of a stage that is new,
// and from the day the source was taken of one that is known and differs.
func (a *application) mergeStages() error {
	stages := staging(insights.KindStage)
	if a.read[stages.kind] == 0 {
		return nil
	}
	if err := a.rejectIDs(stages, unlikeStages); err != nil {
		return err
	}
	for _, statement := range []string{addNamedProcesses, findToldStages, findStagesByID, findStagesByTitle, findStagesByTitleAlone} {
		if _, err := a.exec(statement); err != nil {
			return err
		}
	}
	if err := a.rejectHeldNames(stages, stageNameHeld, "is the name of another stage of this process, too"); err != nil {
		return err
	}
	accepted, last, err := a.before(stages.kind)
	if err != nil {
		return err
	}
	if _, err := a.exec(addToldStages); err != nil {
		return err
	}
	if err := a.redefine(last); err != nil {
		return err
	}
	for _, statement := range []string{describeStages, findStageNames, freeStageNames, giveStageNames} {
		if _, err := a.exec(statement); err != nil {
			return err
		}
	}
	return a.countStages(accepted, last)
}

// unlikeStages lets a stage that is known by its id have had another name before
// some day.
const unlikeStages = `lower(other.name) <> lower(s.name)
	and (other.since is not distinct from s.since or not exists (select from stage known where known.external_id = s.external_id))`

const stageNameHeld = `using told_stage t, stage holder
	where t.ord = s.ord and holder.id <> t.stage_id and lower(coalesce(holder.title, holder.name)) = lower(t.title)
	  and holder.process_id is not distinct from coalesce(t.process_id, (select process_id from stage where id = t.stage_id))
	  and not exists (select from told_stage renamed where renamed.stage_id = holder.id and lower(renamed.title) <> lower(t.title))`

// addNamedProcesses adds the processes that are known only by their stages.
const addNamedProcesses = `
	insert into process (name)
	select name
	from (select distinct on (lower(process)) process as name, ord from staged_stage where process is not null order by lower(process), ord) named
	where not exists (select from process known where known.external_id = named.name or lower(known.name) = lower(named.name))
	order by ord`

const findToldStages = `
	create temp table stage_before on commit drop as select * from stage;
	create temp table told_stage on commit drop as
	select s.ord, s.key, in_process.id as process_id, regexp_replace(btrim(s.name), '\s+', ' ', 'g') as title, s.external_id,
	       s.position, s.outcome, s.probability, s.forecast_category, s.expected_days, s.since, null::bigint as stage_id
	from staged_stage s
	left join lateral (
		select p.id from process p
		where p.external_id = s.process or lower(p.name) = lower(s.process)
		order by p.external_id = s.process desc nulls last
		limit 1
	) in_process on true`

const findStagesByID = `
	update told_stage t set stage_id = known.id from stage known where known.external_id = t.external_id`

// findStagesByTitle leaves out those that are told of by their ids: who is new
// may have the name that such a one gives up.
const findStagesByTitle = `
	update told_stage t
	set stage_id = known.id
	from stage known
	where t.stage_id is null and lower(coalesce(known.title, known.name)) = lower(t.title) and known.process_id is not distinct from t.process_id
	  and not exists (select from told_stage other where other.stage_id = known.id and other.external_id <> t.external_id)`

// findStagesByTitleAlone finds the stages that one side tells the process of,
// and the other leaves to be the only one.
const findStagesByTitleAlone = `
	update told_stage t
	set stage_id = known.id
	from stage known
	where t.stage_id is null and lower(coalesce(known.title, known.name)) = lower(t.title)
	  and (t.process_id is null or known.process_id is null)
	  and not exists (
	      select from stage other
	      where other.id <> known.id and lower(coalesce(other.title, other.name)) = lower(t.title))
	  and not exists (
	      select from told_stage other
	      where lower(other.title) = lower(t.title) and other.process_id is distinct from t.process_id)`

// addToldStages adds what was not found, under names that are none yet.
const addToldStages = `
	with added as (
		insert into stage (name, title, process_id, position, outcome)
		select E'\x01' || ord, title, process_id, position, outcome
		from (
			select distinct on (lower(title), process_id) * from told_stage where stage_id is null order by lower(title), process_id, ord
		) fresh
		order by ord
		returning id, title, process_id
	)
	update told_stage t
	set stage_id = added.id
	from added
	where t.stage_id is null and lower(t.title) = lower(added.title) and t.process_id is not distinct from added.process_id`

// describeStages writes what of a stage has no days.
const describeStages = `
	update stage
	set title = t.title, process_id = coalesce(t.process_id, stage.process_id), external_id = coalesce(t.external_id, stage.external_id)
	from (select distinct on (stage_id) * from told_stage order by stage_id, since desc nulls last, ord desc) t
	where stage.id = t.stage_id`

// findStageNames shows stages by their titles, with the process behind it where
// another process has the same.
const findStageNames = `
	create temp table stage_name on commit drop as
	select id, title, case when process is not null and shared then title || ' (' || process || ')' else title end as name
	from (
		select stage.id, coalesce(stage.title, stage.name) as title, process.name as process,
		       count(*) over (partition by lower(coalesce(stage.title, stage.name))) > 1 as shared
		from stage
		left join process on process.id = stage.process_id
	) titled`

// freeStageNames lets stages swap names. The names meanwhile begin otherwise
// than those of addToldStages, whose numbers count something else.
const freeStageNames = `
	update stage set name = E'\x02' || stage.id from stage_name n where n.id = stage.id and n.name <> stage.name`

const giveStageNames = `
	update stage
	set name = n.name, title = nullif(n.title, n.name)
	from stage_name n
	where n.id = stage.id and (stage.name, stage.title) is distinct from (n.name, nullif(n.title, n.name))`

func (a *application) countStages(accepted, last int) error {
	const changed = `(
		select now.id from stage now join stage_before before on before.id = now.id where now is distinct from before
		union select stage_id from redefined)`
	added, err := a.madeDifference(staging(insights.KindStage), `made as (select key from told_stage where stage_id > $1)`, last)
	if err != nil {
		return err
	}
	differing, err := a.madeDifference(staging(insights.KindStage), `
		made as (select key from told_stage where stage_id <= $1 and stage_id in `+changed+`)`, last)
	if err != nil {
		return err
	}
	a.count(insights.KindStage, accepted, added, differing)
	a.progressed(accepted)
	return nil
}

// redefine writes what stages mean from when on. Those above last are new.
func (a *application) redefine(last int) error {
	for _, s := range []struct {
		statement string
		args      []any
	}{
		{findMeanings, []any{last}},
		{findMeant, []any{last, day(a.opts.TakenAt)}},
		{findRedefined, nil},
		{keepMeaning, []any{last, a.next}},
		{closeDefinitions, []any{a.next}},
		{keepEarlier, []any{a.next}},
		{openDefinitions, []any{last, a.next}},
		{meanToday, []any{last, day(a.opts.Now)}},
	} {
		if _, err := a.exec(s.statement, s.args...); err != nil {
			return err
		}
	}
	return nil
}

const (
	meaning     = `position, outcome, probability, forecast_category, expected_days`
	meaningText = `concat_ws(' ', position, outcome, coalesce(trim_scale(probability)::text, '-'), coalesce(forecast_category, '-'), coalesce(expected_days::text, '-'))`
)

// findMeanings lists what is known of the stages told: their definitions, or the
// stage itself since ever. What is new means nothing yet.
const findMeanings = `
	create temp table known_meaning on commit drop as
	select stage_id, valid, ` + meaning + `, ` + meaningText + ` as meaning
	from stage_definition
	where upper_inf(known) and stage_id in (select stage_id from told_stage)
	union all
	select id, daterange(null, null), ` + meaning + `, ` + meaningText + `
	from stage
	where id in (select stage_id from told_stage) and id <= $1
	  and not exists (select from stage_definition d where d.stage_id = stage.id and upper_inf(d.known))`

// findMeant lists what the stages are told to mean, from when until when. What
// is left blank is as it was known of the day. Rows that change nothing are left
// out.
const findMeant = `
	create temp table meant on commit drop as
	with dated as (
		select *, stage_id <= $1 and since is null and count(*) over (partition by stage_id) = 1 as undated
		from told_stage
	), filled as (
		select d.stage_id, d.ord, case when undated then $2::date else since end as from_day, undated, m.meaning as before,
		       d.position, d.outcome, coalesce(d.probability, m.probability) as probability,
		       coalesce(d.forecast_category, m.forecast_category) as forecast_category, coalesce(d.expected_days, m.expected_days) as expected_days
		from dated d
		left join known_meaning m on m.stage_id = d.stage_id and m.valid @> coalesce(case when undated then $2::date else since end, '-infinity')
	), worded as (
		select *, ` + meaningText + ` as meaning from filled
	), stepped as (
		select *, lag(meaning) over (partition by stage_id order by from_day nulls first, ord) as earlier from worded
	)
	select stage_id, daterange(from_day, lead(from_day) over (partition by stage_id order by from_day nulls first, ord)) as valid,
	       ` + meaning + `, meaning
	from stepped
	where meaning is distinct from earlier and not (undated and meaning is not distinct from before)`

const findRedefined = `
	create temp table redefined on commit drop as
	select stage_id, from_day
	from (
		select stage_id, case when not bool_or(lower_inf(valid)) then min(lower(valid)) end as from_day,
		       string_agg(meaning || ' ' || valid, ',' order by valid) as wanted
		from meant
		group by stage_id
	) wish
	where wanted is distinct from (
		select string_agg(m.meaning || ' ' || m.valid * daterange(wish.from_day, null), ',' order by m.valid)
		from known_meaning m
		where m.stage_id = wish.stage_id and m.valid && daterange(wish.from_day, null))`

// keepMeaning notes, of a stage whose meaning never changed so far, that until
// now it was known to have meant one thing since ever.
const keepMeaning = `
	insert into stage_definition (stage_id, ` + meaning + `, valid, known)
	select id, ` + meaning + `, daterange(null, null), int8range(null, $2)
	from stage
	where id in (select stage_id from redefined) and id <= $1
	  and not exists (select from stage_definition d where d.stage_id = stage.id)`

const closeDefinitions = `
	update stage_definition d
	set known = int8range(lower(d.known), $1)
	from redefined r
	where r.stage_id = d.stage_id and upper_inf(d.known) and d.valid && daterange(r.from_day, null)`

const keepEarlier = `
	insert into stage_definition (stage_id, ` + meaning + `, valid, known)
	select m.stage_id, ` + meaning + `, m.valid * daterange(null, r.from_day), int8range($1, null)
	from known_meaning m
	join redefined r on r.stage_id = m.stage_id
	where r.from_day is not null and m.valid && daterange(r.from_day, null) and not isempty(m.valid * daterange(null, r.from_day))`

// openDefinitions writes the new meanings. A new stage that has always meant one
// thing needs no definition.
const openDefinitions = `
	insert into stage_definition (stage_id, ` + meaning + `, valid, known)
	select m.stage_id, ` + meaning + `, m.valid, int8range($2, null)
	from meant m
	join redefined r on r.stage_id = m.stage_id
	where m.stage_id <= $1 or m.valid <> daterange(null, null)`

// meanToday gives each stage what it means today or, if it begins later, first.
const meanToday = `
	update stage
	set position = m.position, outcome = m.outcome, probability = m.probability, forecast_category = m.forecast_category, expected_days = m.expected_days
	from (
		select distinct on (stage_id) *
		from (
			select stage_id, valid, ` + meaning + ` from stage_definition where upper_inf(known) and stage_id in (select stage_id from redefined)
			union all
			select stage_id, valid, ` + meaning + ` from meant where stage_id > $1 and valid = daterange(null, null)
		) every
		order by stage_id, valid @> $2::date desc, valid
	) m
	where m.stage_id = stage.id`
