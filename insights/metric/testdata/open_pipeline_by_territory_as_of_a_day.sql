with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $4::timestamptz and retracted is null
      and field in ('name', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, name, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted
    from opportunity o
    where o.stage_id = any (array(select id from stage where outcome = any ($3::text[]) union select stage_id from stage_definition where outcome = any ($3::text[]))) and not o.deleted
    union all
    select id, external_id, name, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted
    from opportunity o
    where id in (select opportunity_id from changed)
      and (o.stage_id = any (array(select id from stage where outcome = any ($3::text[]) union select stage_id from stage_definition where outcome = any ($3::text[]))) and not o.deleted) is not true
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $5::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.name, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $6::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.deleted
    from (
    select o.id, o.external_id,
           case when past.name is null then o.name else past.name[1]::text end as name,
           case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
           case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'name') as name,
               array_agg(value) filter (where field = 'owner_id') as owner_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'amount_minor') as amount_minor,
               array_agg(value) filter (where field = 'currency') as currency,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $6::date) is not false
)
select territory.id::text,
       territory.name,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $2::date and case when in_force.days @> $2::date then true end
        group by person_id
) member on member.person_id = o.owner_id
left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as
where not o.deleted
  and stage.outcome = any ($1::text[])
group by territory.id, o.currency;
-- [{"open"} 2026-11-13 {"open"} 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13]

with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $3::timestamptz and retracted is null
      and field in ('stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
    from opportunity o
    where o.stage_id = any (array(select id from stage)) and o.close_on > $2::date and not o.deleted
    union all
    select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
    from opportunity o
    where id in (select opportunity_id from changed)
      and (o.stage_id = any (array(select id from stage)) and o.close_on > $2::date and not o.deleted) is not true
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $4::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id,
           case when stage.outcome = 'open' or o.close_on <= $5::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
    from (
    select o.id, o.external_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
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
    where (coalesce(o.created_on, o.engaged_on) <= $5::date) is not false
)
select count(*)::text,
       coalesce((select min(taken_at) > $1::timestamptz from import), false)::text
from opportunity o
where not o.deleted
  and o.stage_id is null;
-- [2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13]

