with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $7::timestamptz and retracted is null
      and field in ('account_id', 'owner_id', 'stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, account_id, owner_id, stage_id, created_on, engaged_on, close_on, deleted
    from opportunity o
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $8::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.account_id, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $9::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
    from (
    select o.id, o.external_id,
           case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
           case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'account_id') as account_id,
               array_agg(value) filter (where field = 'owner_id') as owner_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $9::date) is not false
),
activity as (select * from activity where at <= $10::timestamptz
)
select count(distinct o.account_id)::text,
       count(distinct o.account_id) filter (where case when o.account_id in (
    select coalesce(activity.account_id, about.account_id)
    from activity
    left join opportunity about on about.id = activity.opportunity_id
    where activity.two_way
      and (activity.at at time zone asked.zone)::date > asked.day - 90 and (activity.at at time zone asked.zone)::date <= asked.day
) then 'yes' else 'no' end = any ($1::text[]))::text,
       min(o.stands_on)::text,
       max(o.stands_on)::text
from (
    select place.account_id as id, place.account_id, place.territory_id, holder.person_id as owner_id, $6::date as stands_on
    from (
        select account_id, min(territory_id) as territory_id
        from account_territory
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $6::date and in_force.days @> $6::date
        group by account_id
    ) place
    left join territory_member holder on holder.territory_id = place.territory_id and upper_inf(holder.known) and holder.valid @> $6::date
) o
cross join lateral (select o.territory_id as id) member
cross join (select $4::date as day, $5::text as zone) asked
where member.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($2::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))
  and o.owner_id = any ($3::bigint[]);
-- [{"yes"} {3} {7} 2026-11-13 Europe/Oslo 2026-11-13 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13 2026-11-13T23:59:59.999999+01:00]

with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $7::timestamptz and retracted is null
      and field in ('name', 'account_id', 'owner_id', 'stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, name, account_id, owner_id, stage_id, created_on, engaged_on, close_on, deleted
    from opportunity o
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $8::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.name, o.account_id, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $9::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
    from (
    select o.id, o.external_id,
           case when past.name is null then o.name else past.name[1]::text end as name,
           case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
           case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'name') as name,
               array_agg(value) filter (where field = 'account_id') as account_id,
               array_agg(value) filter (where field = 'owner_id') as owner_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $9::date) is not false
),
activity as (select * from activity where at <= $10::timestamptz
)
select person.id::text,
       person.name,
       count(distinct o.account_id)::text,
       count(distinct o.account_id) filter (where case when o.account_id in (
    select coalesce(activity.account_id, about.account_id)
    from activity
    left join opportunity about on about.id = activity.opportunity_id
    where activity.two_way
      and (activity.at at time zone asked.zone)::date > asked.day - 90 and (activity.at at time zone asked.zone)::date <= asked.day
) then 'yes' else 'no' end = any ($1::text[]))::text
from (
    select place.account_id as id, place.account_id, place.territory_id, holder.person_id as owner_id, $6::date as stands_on
    from (
        select account_id, min(territory_id) as territory_id
        from account_territory
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $6::date and in_force.days @> $6::date
        group by account_id
    ) place
    left join territory_member holder on holder.territory_id = place.territory_id and upper_inf(holder.known) and holder.valid @> $6::date
) o
left join person on person.id = o.owner_id
cross join lateral (select o.territory_id as id) member
cross join (select $4::date as day, $5::text as zone) asked
where member.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($2::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))
  and o.owner_id = any ($3::bigint[])
group by person.id;
-- [{"yes"} {3} {7} 2026-11-13 Europe/Oslo 2026-11-13 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13 2026-11-13T23:59:59.999999+01:00]

select (exists (select from account_territory where upper_inf(known)) and exists (select from activity))::text;
-- []

