select o.currency::text,
       coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.priced), 0)::text,
       sum(o.amount_minor)::text,
       min(o.first_on)::text,
       max(o.last_on)::text
from (
    select r.owner_id, r.stage_id, r.currency, null::date as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup_person r
    where r.clock = 'close_on'
      and r.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
) o
where o.owner_id = any (array(select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $3::date and case when in_force.days @> $3::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($2::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)))
group by o.currency;
-- [{"open"} {3} 2026-11-22]

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
group by o.currency;
-- [{"open"}]

