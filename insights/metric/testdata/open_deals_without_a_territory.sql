select coalesce(sum(o.deals), 0)::text,
       min(o.first_on)::text,
       max(o.last_on)::text
from (
    select r.owner_id, r.stage_id, r.currency, null::date as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup_person r
    where r.clock = 'close_on'
      and r.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
) o
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
) member on case when member.days @> $2::date then member.person_id end = o.owner_id
where member.id is null;
-- [{"open"} 2026-11-22]

