select o.currency::text,
       coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.priced), 0)::text,
       sum(o.amount_minor)::text,
       min(o.first_on)::text,
       max(o.last_on)::text
from (
    select null::bigint as owner_id, r.stage_id, r.currency, r.month as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup_company r
    where r.clock = 'close_on'
      and r.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
) o
where o.close_on >= $2::date
  and o.close_on < $3::date
group by o.currency;
-- [{"won"} 2026-08-01 2026-11-01]

with member as materialized (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, territory_id as id, range_agg(valid) * in_force.days as days
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known)
        group by person_id, territory_id, in_force.days
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
), moved as (
    select distinct held.person_id, date_trunc('month', edge.day::timestamp)::date as month
    from (
        select person_id, days from member
    ) held
    cross join lateral unnest(held.days) span
    cross join lateral (values (lower(span)), (upper(span))) edge (day)
    where edge.day <> date_trunc('month', edge.day::timestamp)::date
      and edge.day >= $4::date
      and edge.day < $5::date
)
select territory.id::text,
       territory.name,
       o.currency::text,
       coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.priced), 0)::text,
       sum(o.amount_minor)::text
from (
    select r.owner_id, r.stage_id, r.currency, r.month as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup r
    where r.clock = 'close_on'
      and r.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
      and not exists (select from moved where moved.person_id = r.owner_id and moved.month = r.month)
    union all
    select o.owner_id, o.stage_id, o.currency, o.close_on, 1, (o.amount_minor is not null)::int, o.amount_minor, o.close_on, o.close_on
    from moved
    join opportunity o on o.owner_id = moved.person_id and o.close_on >= moved.month and o.close_on < moved.month + interval '1 month'
    where not o.deleted
      and o.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
) o
left join member on member.person_id = o.owner_id and member.days @> o.close_on
left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as
where o.close_on >= $2::date
  and o.close_on < $3::date
group by territory.id, o.currency;
-- [{"won"} 2026-08-01 2026-11-01 2026-08-01 2026-11-01]

