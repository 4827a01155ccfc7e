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
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $2::date and case when in_force.days @> $2::date then true end
        group by person_id
) member on member.person_id = o.owner_id
where member.id is null;
-- [{"open"} 2026-11-22]

