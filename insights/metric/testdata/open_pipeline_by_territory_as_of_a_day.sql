with stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $2::date and upper_inf(meant.known)
), opportunity as (
    select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $3::date or o.close_on is null then o.stage_id end as stage_id,
           o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.loss_reason, o.competitor,
           o.forecast_category, o.next_step, o.source, o.kind, o.deleted
    from opportunity_at($4::timestamptz, $5::bigint) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $3::date) is not false
)
select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
group by o.currency;
-- [{"open"} 2026-11-13 2026-11-13 2026-11-13T23:59:59.999999+01:00 9223372036854775807]

with stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $3::date and upper_inf(meant.known)
), opportunity as (
    select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $4::date or o.close_on is null then o.stage_id end as stage_id,
           o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.loss_reason, o.competitor,
           o.forecast_category, o.next_step, o.source, o.kind, o.deleted
    from opportunity_at($5::timestamptz, $6::bigint) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $4::date) is not false
)
select territory.id::text,
       territory.name,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, territory_id as id, range_agg(valid) * in_force.days as days
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known)
        group by person_id, territory_id, in_force.days
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
) member on member.person_id = o.owner_id and member.days @> $2::date
left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as
where not o.deleted
  and stage.outcome = any ($1::text[])
group by territory.id, o.currency;
-- [{"open"} 2026-11-13 2026-11-13 2026-11-13 2026-11-13T23:59:59.999999+01:00 9223372036854775807]

with stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $2::date and upper_inf(meant.known)
), opportunity as (
    select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $3::date or o.close_on is null then o.stage_id end as stage_id,
           o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.loss_reason, o.competitor,
           o.forecast_category, o.next_step, o.source, o.kind, o.deleted
    from opportunity_at($4::timestamptz, $5::bigint) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $3::date) is not false
)
select count(*)::text,
       coalesce((select min(taken_at) > $1::timestamptz from import), false)::text
from opportunity o
where not o.deleted
  and o.stage_id is null;
-- [2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13 2026-11-13T23:59:59.999999+01:00 9223372036854775807]

