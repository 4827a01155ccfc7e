with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $5::timestamptz and retracted is null
      and field in ('account_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'kind', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, account_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, kind, deleted
    from opportunity o
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $6::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.account_id,
           case when stage.outcome = 'open' or o.close_on <= $7::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.kind, o.deleted
    from (
    select o.id, o.external_id,
           case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
           case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.kind is null then o.kind else past.kind[1]::text end as kind,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'account_id') as account_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'amount_minor') as amount_minor,
               array_agg(value) filter (where field = 'currency') as currency,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'kind') as kind,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $7::date) is not false
)
select o.currency::text,
       count(*)::text,
       count(greatest(o.amount_minor + o.expansion - o.loss, 0))::text,
       sum(greatest(o.amount_minor + o.expansion - o.loss, 0))::text,
       sum(o.amount_minor)::text,
       min(o.starts_on)::text,
       max(o.starts_on)::text
from (
    select account_id, currency, starts_on, amount_minor, expansion, loss,
           case when row_number() over account > 1 then null when bool_and(lost) over account_all then 'lost' else 'kept' end as logo
    from (
        select account_id, currency, starts_on, sum(balance) filter (where moved_on < starts_on) as amount_minor,
               coalesce(sum(gain) filter (where moved_on >= starts_on and not gone), 0) as expansion,
               coalesce(sum(loss) filter (where moved_on >= starts_on and not gone), 0) as loss,
               bool_or(moved_on >= starts_on and balance <= 0) as lost
        from (
            select *, coalesce(bool_or(moved_on >= starts_on and balance <= 0)
                      over (partition by account_id, currency, starts_on order by moved_on rows between unbounded preceding and 1 preceding), false) as gone
            from (
                select account_id, currency, span.since as starts_on, greatest(moved_on, span.since - 1) as moved_on,
                       sum(amount_minor) filter (where kind not in ('contraction', 'churn')) as gain,
                       sum(amount_minor) filter (where kind in ('contraction', 'churn')) as loss,
                       sum(sum(case when kind in ('contraction', 'churn') then -amount_minor else amount_minor end)) over (partition by account_id, currency, span.since order by greatest(moved_on, span.since - 1)) as balance
                from subscription_movement
                join unnest($3::date[], $4::date[]) span (since, until) on moved_on < span.until
                where upper_inf(known)
                group by account_id, currency, span.since, greatest(moved_on, span.since - 1)
            ) by_day
        ) by_day
        group by account_id, currency, starts_on
    ) cohort
    where amount_minor > 0
    window account as (partition by account_id, starts_on order by currency), account_all as (partition by account_id, starts_on)
) o
where o.starts_on >= $1::date
  and o.starts_on < $2::date
group by o.currency;
-- [2026-08-01 2026-11-01 {"2026-08-01"} {"2026-09-14"} 2026-09-13T23:59:59.999999+02:00 2026-09-13 2026-09-13]

with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $5::timestamptz and retracted is null
      and field in ('account_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'kind', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, account_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, kind, deleted
    from opportunity o
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $6::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.account_id,
           case when stage.outcome = 'open' or o.close_on <= $7::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.kind, o.deleted
    from (
    select o.id, o.external_id,
           case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
           case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.kind is null then o.kind else past.kind[1]::text end as kind,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'account_id') as account_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'amount_minor') as amount_minor,
               array_agg(value) filter (where field = 'currency') as currency,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'kind') as kind,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $7::date) is not false
)
select lower(account.segment)::text,
       min(account.segment collate "C"),
       date_trunc('month', o.starts_on::timestamp)::date::text,
       o.currency::text,
       count(*)::text,
       count(greatest(o.amount_minor + o.expansion - o.loss, 0))::text,
       sum(greatest(o.amount_minor + o.expansion - o.loss, 0))::text,
       sum(o.amount_minor)::text
from (
    select account_id, currency, starts_on, amount_minor, expansion, loss,
           case when row_number() over account > 1 then null when bool_and(lost) over account_all then 'lost' else 'kept' end as logo
    from (
        select account_id, currency, starts_on, sum(balance) filter (where moved_on < starts_on) as amount_minor,
               coalesce(sum(gain) filter (where moved_on >= starts_on and not gone), 0) as expansion,
               coalesce(sum(loss) filter (where moved_on >= starts_on and not gone), 0) as loss,
               bool_or(moved_on >= starts_on and balance <= 0) as lost
        from (
            select *, coalesce(bool_or(moved_on >= starts_on and balance <= 0)
                      over (partition by account_id, currency, starts_on order by moved_on rows between unbounded preceding and 1 preceding), false) as gone
            from (
                select account_id, currency, span.since as starts_on, greatest(moved_on, span.since - 1) as moved_on,
                       sum(amount_minor) filter (where kind not in ('contraction', 'churn')) as gain,
                       sum(amount_minor) filter (where kind in ('contraction', 'churn')) as loss,
                       sum(sum(case when kind in ('contraction', 'churn') then -amount_minor else amount_minor end)) over (partition by account_id, currency, span.since order by greatest(moved_on, span.since - 1)) as balance
                from subscription_movement
                join unnest($3::date[], $4::date[]) span (since, until) on moved_on < span.until
                where upper_inf(known)
                group by account_id, currency, span.since, greatest(moved_on, span.since - 1)
            ) by_day
        ) by_day
        group by account_id, currency, starts_on
    ) cohort
    where amount_minor > 0
    window account as (partition by account_id, starts_on order by currency), account_all as (partition by account_id, starts_on)
) o
left join account on account.id = o.account_id
where o.starts_on >= $1::date
  and o.starts_on < $2::date
group by lower(account.segment), date_trunc('month', o.starts_on::timestamp)::date, o.currency;
-- [2026-08-01 2026-11-01 {"2026-08-01","2026-09-01"} {"2026-09-01","2026-09-14"} 2026-09-13T23:59:59.999999+02:00 2026-09-13 2026-09-13]

select (exists (select from subscription_movement where upper_inf(known)))::text;
-- []

