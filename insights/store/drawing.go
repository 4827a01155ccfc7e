package store

import (
	"fmt"
	"strings"

	"salesbot/insights"
)

// A territory is named by its key, or by that of its model and its own: each map
// has territories of its own. What names one without a model means the one on
// the map in force or, if that has none such, on the map that needs no model.

// findDrawn lists the territories that are staged or stored, and the map in
// force: the one that these files activate, or else the stored one.
const findDrawn = `
	create temp table drawn on commit drop as
	select key, model, external_id, lower(name) as name from staged_territory
	union
	select t.key, m.external_id, t.external_id, lower(t.name)
	from mapped_territory t
	left join territory_model m on m.id = t.model_id
	where not t.taken_back and not exists (select from staged_territory s where s.key = t.key and s.name is not null);
	create temp table model_in_force on commit drop as
	select coalesce(
		(select key from staged_territory_model where state = 'active' order by ord limit 1),
		(select external_id from territory_model where state = 'active'
		   and not exists (select from staged_territory_model s where s.key = external_id))) as key`

// placeTerritories puts, in a field that names territories by their own keys or
// names, the keys that tell them from those of other maps.
func (a *application) placeTerritories(k *stagedKind, field string) (int, error) {
	if !a.drawn {
		if _, err := a.exec(findDrawn); err != nil {
			return 0, err
		}
		a.drawn = true
	}
	model, unsaid := "null::text", "d.model is null or d.model = f.key"
	if strings.Contains(k.columns, "model text") {
		model = "s.model"
	}
	if k.kind == insights.KindTerritory {
		unsaid = "d.model is null" // what stands above it is on the same map
	}
	placed := 0
	for _, by := range []string{"external_id", "name"} {
		n, err := a.exec(strings.NewReplacer("{table}", k.table(), "{field}", field, "{model}", model, "{unsaid}", unsaid, "{by}", by).Replace(placeTerritory))
		if err != nil {
			return 0, err
		}
		placed += n
	}
	return placed, nil
}

const placeTerritory = `
	with told as (
		select distinct {model} as model, s.{field} as told
		from {table} s
		where s.{field} is not null and strpos(s.{field}, E'\x1f') = 0
	), found as (
		select told.model, told.told, d.key, rank() over (partition by told.model, told.told order by d.model nulls last) as rank,
		       count(*) over (partition by told.model, told.told, d.model) as times
		from told
		cross join model_in_force f
		join drawn d on d.{by} = case '{by}' when 'name' then lower(told.told) else told.told end
		 and case when told.model is null then {unsaid} else d.model = told.model end
	)
	update {table} s
	set {field} = found.key
	from found
	where found.rank = 1 and found.times = 1 and s.{field} = found.told and {model} is not distinct from found.model and s.{field} <> found.key`

// rejectModels keeps one map in force at a time.
func (a *application) rejectModels() error {
	models := staging(insights.KindTerritoryModel)
	if a.read[models.kind] == 0 {
		return nil
	}
	_, err := a.takeOut(models, `
		where s.state = 'active' and exists (select from staged_territory_model other where other.state = 'active' and other.ord < s.ord)`,
		refusal{field: "state", reason: because("is said of another map, too, and one is in force at a time; say archived of the other")})
	if err != nil {
		return err
	}
	if _, err := a.exec(findInForce, day(a.opts.TakenAt)); err != nil {
		return err
	}
	overlapping, err := a.takeOut(models, `
		using in_force mine
		where mine.key = s.key
		  and (exists (select from in_force other where other.key <> mine.key and other.days && mine.days and (other.ord is null or other.ord < mine.ord))
		       or s.state = 'active' and exists (select from in_force other where other.ord is null and other.state = 'archived' and isempty(other.days))
		       or s.state <> 'planning' and isempty(mine.days))`,
		refusal{field: "from", value: "s.starts_on", reason: because("begins a time in force of which another map has some days; give the first and the last day of both")})
	if err != nil || overlapping == 0 {
		return err
	}
	if _, err := a.exec(`drop table in_force`); err != nil {
		return err
	}
	_, err = a.exec(findInForce, day(a.opts.TakenAt))
	return err
}

// findInForce says on which days each map is in force once what is told is
// written: those told and those stored. Activating a map archives the one before
// it. Days that end before they begin are none.
const findInForce = `
	create temp table in_force on commit drop as
	with activated as (
		select s.key, coalesce(s.starts_on, lower(m.active), case when exists (
		           select from territory_model other where other.state <> 'planning' and other.external_id <> s.key
		           union all
		           select from staged_territory_model other where other.state = 'archived' and other.key <> s.key
		       ) then $1::date end) as from_day
		from staged_territory_model s
		left join territory_model m on m.external_id = s.key and m.state = 'active'
		where s.state = 'active'
	), told as (
		select s.ord, s.key, s.state, case s.state when 'active' then activated.from_day else coalesce(s.starts_on, lower(m.active)) end as from_day,
		       case s.state when 'archived' then coalesce(s.until + 1, upper(m.active), (select from_day from activated), $1::date) end as until_day
		from staged_territory_model s
		left join territory_model m on m.external_id = s.key
		left join activated on activated.key = s.key
		union all
		select null, m.external_id, case when activated.key is null then m.state else 'archived' end, lower(m.active), coalesce(upper(m.active), activated.from_day)
		from territory_model m
		left join activated on m.state = 'active'
		where m.state <> 'planning' and not exists (select from staged_territory_model s where s.key = m.external_id)
	)
	select ord, key, state,
	       case when state = 'planning' or from_day >= until_day then 'empty'::daterange else daterange(from_day, until_day) end as days
	from told`

// mergeModels archives what is no longer in force before it activates what is.
func (a *application) mergeModels() error {
	if a.read[insights.KindTerritoryModel] == 0 {
		return nil
	}
	_, err := a.exec(`
		update territory_model m
		set state = 'archived', active = case when i.ord is null then i.days else m.active end
		from in_force i
		where i.key = m.external_id and m.state = 'active' and i.state <> 'active'`)
	if err != nil {
		return err
	}
	return a.mergeKind(insights.KindTerritoryModel, `
		insert into territory_model (external_id, name, state, active)
		select s.key, coalesce(s.name, s.key), i.state, i.days
		from staged_territory_model s
		join in_force i on i.key = s.key
		where not exists (select from territory_model known where known.external_id = s.key)
		order by s.ord
		returning external_id as key`, `
		update territory_model m
		set name = coalesce(s.name, m.name), state = i.state, active = i.days
		from staged_territory_model s
		join in_force i on i.key = s.key
		where m.external_id = s.key and (m.name, m.state, m.active) is distinct from (coalesce(s.name, m.name), i.state, i.days)
		returning m.id, m.external_id as key`)
}

// mergeAccountTerritories writes which territories accounts are in: told like
// assignments, on each map for itself.
func (a *application) mergeAccountTerritories() error {
	placements := staging(insights.KindAccountTerritory)
	if a.read[placements.kind] == 0 {
		return nil
	}
	accepted, err := a.number(fmt.Sprintf(`select count(*) from %s`, placements.table()))
	if err != nil {
		return err
	}
	if _, err := a.exec(`create temp table restated (id bigint) on commit drop`); err != nil {
		return err
	}
	if err := a.restate(accountTerritories); err != nil {
		return err
	}
	added, err := a.madeDifference(placements, `
		made as (
			select s.key
			from staged_account_territory s
			join account c on c.external_id = s.account
			where c.id in (select id from restated)
		)`)
	if err != nil {
		return err
	}
	a.count(placements.kind, accepted, added, 0)
	a.progressed(accepted)
	_, err = a.exec(`drop table restated`)
	return err
}
