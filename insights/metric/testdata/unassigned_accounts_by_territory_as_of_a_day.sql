with changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from opportunity_change
    where valid_at > $2::timestamptz and retracted is null
      and field in ('name', 'account_id', 'stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, name, account_id, stage_id, created_on, engaged_on, close_on, deleted
    from opportunity o
),
stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $3::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.name, o.account_id,
           case when stage.outcome = 'open' or o.close_on <= $4::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
    from (
    select o.id, o.external_id,
           case when past.name is null then o.name else past.name[1]::text end as name,
           case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
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
    where (coalesce(o.created_on, o.engaged_on) <= $4::date) is not false
)
select territory.id::text,
       territory.name,
       count(*)::text,
       min(o.stands_on)::text,
       max(o.stands_on)::text
from (
    select account.id, account.id as account_id, place.territory_id, $1::date as stands_on
    from account
    left join (
        select account_id, min(territory_id) as territory_id
        from account_territory
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $1::date and in_force.days @> $1::date
        group by account_id
    ) place on place.account_id = account.id
    where not account.taken_back and not exists (
        select from territory_member holder
        where holder.territory_id = place.territory_id and upper_inf(holder.known) and holder.valid @> $1::date
    )
) o
cross join lateral (select o.territory_id as id) member
left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as
group by territory.id;
-- [2026-11-13 2026-11-13T23:59:59.999999+01:00 2026-11-13 2026-11-13]

select (exists (select from account_territory where upper_inf(known)))::text;
-- []

