select (o.close_on - (extract(dow from o.close_on)::int - $1::int + 7) % 7)::text,
       count(*)::text,
       count(*) filter (where stage.outcome = any ($2::text[]))::text,
       min(o.close_on)::text,
       max(o.close_on)::text
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
) member on member.person_id = o.owner_id and member.days @> o.close_on
where not o.deleted
  and stage.outcome = any ($3::text[])
  and o.close_on >= $4::date
  and o.close_on < $5::date
  and (o.owner_id = any (array(select person_id from territory_member where upper_inf(known) and territory_id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($6::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))) and member.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($6::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)))
group by (o.close_on - (extract(dow from o.close_on)::int - $1::int + 7) % 7);
-- [1 {"won"} {"won","lost"} 2026-08-01 2026-11-01 {3}]

