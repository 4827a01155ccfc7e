with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $9::timestamptz and retracted is null
      and field in ('stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted
    from opportunity o
    where o.stage_id = any (array(select id from stage where outcome = any ($8::text[]) union select stage_id from stage_definition where outcome = any ($8::text[]))) and not o.deleted
    union all
    select id, external_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted
    from opportunity o
    where id in (select opportunity_id from changed)
      and (o.stage_id = any (array(select id from stage where outcome = any ($8::text[]) union select stage_id from stage_definition where outcome = any ($8::text[]))) and not o.deleted) is not true
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
    select o.id, o.external_id,
           case when stage.outcome = 'open' or o.close_on <= $11::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.deleted
    from (
    select o.id, o.external_id,
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
    where (coalesce(o.created_on, o.engaged_on) <= $11::date) is not false
)
select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
cross join (select $4::date as day, $5::text as zone) asked
left join lateral (
    select (at at time zone $6::text)::date as entered_on
    from (
        select stage_id, nullif(valid_at, '-infinity') as at, nth
        from (
            select *, lag(stage_id) over (order by nth) as before
            from (
                select case c.field when 'deal' then c.new::jsonb ->> 'stage_id' else c.new end::bigint as stage_id, c.valid_at,
                       row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                       c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                from opportunity_change c
                where c.opportunity_id = o.id and c.field in ('deal', 'stage_id') and c.retracted is null and c.valid_at <= $7::timestamptz
            ) said
            where last_word
        ) spoken
        where stage_id is distinct from before
    ) entry
    order by nth desc
    limit 1
) visit on true
where not o.deleted
  and stage.outcome = any ($1::text[])
  and visit.entered_on < asked.day - $2::int
  and greatest(coalesce(o.created_on, o.engaged_on, '-infinity'), (
    select max((activity.at at time zone asked.zone)::date)
    from activity
    where activity.opportunity_id = o.id and activity.two_way and (activity.at at time zone asked.zone)::date <= asked.day
)) <= asked.day - $3::int
group by o.currency;
-- [{"open"} 30 14 2026-11-13 Europe/Oslo Europe/Oslo 2026-11-13T23:59:59.999999+01:00 {"open"} 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13]

select ((exists (select from opportunity_change c where c.field = 'stage_id' and c.retracted is null)) and (exists (select from activity)))::text;
-- []

with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $9::timestamptz and retracted is null
      and field in ('stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
    from opportunity o
    where o.stage_id = any (array(select id from stage)) and o.close_on > $8::date and not o.deleted
    union all
    select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
    from opportunity o
    where id in (select opportunity_id from changed)
      and (o.stage_id = any (array(select id from stage)) and o.close_on > $8::date and not o.deleted) is not true
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
    select o.id, o.external_id,
           case when stage.outcome = 'open' or o.close_on <= $11::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
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
    where (coalesce(o.created_on, o.engaged_on) <= $11::date) is not false
)
select count(*)::text,
       coalesce((select min(taken_at) > $1::timestamptz from import), false)::text
from opportunity o
cross join (select $4::date as day, $5::text as zone) asked
left join lateral (
    select (at at time zone $6::text)::date as entered_on
    from (
        select stage_id, nullif(valid_at, '-infinity') as at, nth
        from (
            select *, lag(stage_id) over (order by nth) as before
            from (
                select case c.field when 'deal' then c.new::jsonb ->> 'stage_id' else c.new end::bigint as stage_id, c.valid_at,
                       row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                       c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                from opportunity_change c
                where c.opportunity_id = o.id and c.field in ('deal', 'stage_id') and c.retracted is null and c.valid_at <= $7::timestamptz
            ) said
            where last_word
        ) spoken
        where stage_id is distinct from before
    ) entry
    order by nth desc
    limit 1
) visit on true
where not o.deleted
  and o.stage_id is null
  and visit.entered_on < asked.day - $2::int
  and greatest(coalesce(o.created_on, o.engaged_on, '-infinity'), (
    select max((activity.at at time zone asked.zone)::date)
    from activity
    where activity.opportunity_id = o.id and activity.two_way and (activity.at at time zone asked.zone)::date <= asked.day
)) <= asked.day - $3::int;
-- [2026-11-13T23:59:59.999999+01:00 30 14 2026-11-13 Europe/Oslo Europe/Oslo 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13]

with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $7::timestamptz and retracted is null
      and field in ('stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
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
    select o.id, o.external_id,
           case when stage.outcome = 'open' or o.close_on <= $9::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
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
    where (coalesce(o.created_on, o.engaged_on) <= $9::date) is not false
)
select count(*)::text
from opportunity o
left join stage on stage.id = o.stage_id
cross join (select $3::date as day, $4::text as zone) asked
left join lateral (
    select (at at time zone $5::text)::date as entered_on
    from (
        select stage_id, nullif(valid_at, '-infinity') as at, nth
        from (
            select *, lag(stage_id) over (order by nth) as before
            from (
                select case c.field when 'deal' then c.new::jsonb ->> 'stage_id' else c.new end::bigint as stage_id, c.valid_at,
                       row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                       c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                from opportunity_change c
                where c.opportunity_id = o.id and c.field in ('deal', 'stage_id') and c.retracted is null and c.valid_at <= $6::timestamptz
            ) said
            where last_word
        ) spoken
        where stage_id is distinct from before
    ) entry
    order by nth desc
    limit 1
) visit on true
where visit.entered_on is null
  and stage.outcome = any ($1::text[])
  and not o.deleted
  and greatest(coalesce(o.created_on, o.engaged_on, '-infinity'), (
    select max((activity.at at time zone asked.zone)::date)
    from activity
    where activity.opportunity_id = o.id and activity.two_way and (activity.at at time zone asked.zone)::date <= asked.day
)) <= asked.day - $2::int;
-- [{"open"} 14 2026-11-13 Europe/Oslo Europe/Oslo 2026-11-13T23:59:59.999999+01:00 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13]

