with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $5::timestamptz and retracted is null
      and field in ('account_id', 'product_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'kind', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, account_id, product_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, kind, deleted
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
    select o.id, o.external_id, o.account_id, o.product_id,
           case when stage.outcome = 'open' or o.close_on <= $7::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.kind, o.deleted
    from (
    select o.id, o.external_id,
           case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
           case when past.product_id is null then o.product_id else past.product_id[1]::bigint end as product_id,
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
               array_agg(value) filter (where field = 'product_id') as product_id,
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
select date_trunc('month', o.moved_on::timestamp)::date::text,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.moved_on)::text,
       max(o.moved_on)::text
from (
    select account_id, product_id, kind, moved_on, currency, amount_minor, case when kind in ('contraction', 'churn') then -amount_minor else amount_minor end as change
    from subscription_movement
    where moved_on <= $4::date and upper_inf(known)
) o
where o.kind = any ($1::text[])
  and o.moved_on >= $2::date
  and o.moved_on < $3::date
group by date_trunc('month', o.moved_on::timestamp)::date, o.currency;
-- [{"churn"} 2026-08-01 2026-11-01 2026-09-13 2026-09-13T23:59:59.999999+02:00 2026-09-13 2026-09-13]

select (exists (select from subscription_movement where upper_inf(known)))::text;
-- []

