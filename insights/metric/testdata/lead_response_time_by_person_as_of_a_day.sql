with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $9::timestamptz and retracted is null
      and field in ('owner_id', 'stage_id', 'created_on', 'engaged_on', 'close_on', 'source', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, owner_id, stage_id, created_on, engaged_on, close_on, source, deleted
    from opportunity o
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $10::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $11::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.source, o.deleted
    from (
    select o.id, o.external_id,
           case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.source is null then o.source else past.source[1]::text end as source,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'owner_id') as owner_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'source') as source,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $11::date) is not false
),
lead as (
    select id, external_id, source, status, owner_id, created_at, case when responded_at <= $12::timestamptz then responded_at end as responded_at,
           case when (converted_at <= $12::timestamptz) is not false then opportunity_id end as opportunity_id,
           case when converted_at <= $12::timestamptz then converted_at end as converted_at
    from lead
    where created_at <= $12::timestamptz
)
select count(*)::text,
       count(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end)::text,
       nullif(percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end, 'Infinity'::numeric)), 'Infinity'::numeric)::text,
       nullif(percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end, 'Infinity'::numeric) desc), 'Infinity'::numeric)::text,
       percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end, greatest(extract(epoch from asking.moment - o.created_at), 0)))::text,
       percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end, greatest(extract(epoch from asking.moment - o.created_at), 0)) desc)::text,
       min(o.created_on)::text,
       max(o.created_on)::text
from (
    select l.id, l.external_id, l.source, l.status, l.owner_id, l.created_at, l.responded_at, (l.created_at at time zone $8::text)::date as created_on,
           coalesce((l.converted_at at time zone $8::text)::date, became.created_on) as converted_on
    from lead l
    left join opportunity became on became.id = l.opportunity_id
) o
cross join (select $4::timestamptz as moment, $5::text as zone, $6::int[] as works, $7::date[] as rests) asking
where o.created_on >= $2::date
  and o.created_on < $3::date;
-- [0.5 2026-11-01 2027-02-01 2026-11-13T23:59:59.999999+01:00 Europe/Oslo {"0","1","2","3","4","5","6"} {} Europe/Oslo 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13 2026-11-13T23:59:59.999999+01:00]

with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $9::timestamptz and retracted is null
      and field in ('name', 'owner_id', 'stage_id', 'created_on', 'engaged_on', 'close_on', 'source', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, name, owner_id, stage_id, created_on, engaged_on, close_on, source, deleted
    from opportunity o
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $10::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.name, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $11::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.source, o.deleted
    from (
    select o.id, o.external_id,
           case when past.name is null then o.name else past.name[1]::text end as name,
           case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.source is null then o.source else past.source[1]::text end as source,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'name') as name,
               array_agg(value) filter (where field = 'owner_id') as owner_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'source') as source,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $11::date) is not false
),
lead as (
    select id, external_id, source, status, owner_id, created_at, case when responded_at <= $12::timestamptz then responded_at end as responded_at,
           case when (converted_at <= $12::timestamptz) is not false then opportunity_id end as opportunity_id,
           case when converted_at <= $12::timestamptz then converted_at end as converted_at
    from lead
    where created_at <= $12::timestamptz
)
select person.id::text,
       person.name,
       count(*)::text,
       count(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end)::text,
       nullif(percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end, 'Infinity'::numeric)), 'Infinity'::numeric)::text,
       nullif(percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end, 'Infinity'::numeric) desc), 'Infinity'::numeric)::text,
       percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end, greatest(extract(epoch from asking.moment - o.created_at), 0)))::text,
       percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then greatest(extract(epoch from o.responded_at - o.created_at), 0) end, greatest(extract(epoch from asking.moment - o.created_at), 0)) desc)::text
from (
    select l.id, l.external_id, l.source, l.status, l.owner_id, l.created_at, l.responded_at, (l.created_at at time zone $8::text)::date as created_on,
           coalesce((l.converted_at at time zone $8::text)::date, became.created_on) as converted_on
    from lead l
    left join opportunity became on became.id = l.opportunity_id
) o
left join person on person.id = o.owner_id
cross join (select $4::timestamptz as moment, $5::text as zone, $6::int[] as works, $7::date[] as rests) asking
where o.created_on >= $2::date
  and o.created_on < $3::date
group by person.id;
-- [0.5 2026-11-01 2027-02-01 2026-11-13T23:59:59.999999+01:00 Europe/Oslo {"0","1","2","3","4","5","6"} {} Europe/Oslo 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13 2026-11-13T23:59:59.999999+01:00]

select (exists (select from lead))::text;
-- []

