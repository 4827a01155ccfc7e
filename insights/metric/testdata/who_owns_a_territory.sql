select named.id::text, named.name, person.id::text, person.name,
       (select lower(run) from unnest(held.days) run where run @> $1::date)::text
from territory_in_force drawn
join territory named on named.id = drawn.known_as and not named.taken_back
left join (
    select territory_id, person_id, range_agg(valid) as days
    from territory_member
    where upper_inf(known)
    group by territory_id, person_id
) held on held.territory_id = drawn.territory_id and held.days @> $1::date
left join person on person.id = held.person_id
where drawn.days @> $1::date and drawn.territory_id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($2::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)
  and (held.person_id is not null or not exists (
    select from territory part
    join territory_in_force of_it on of_it.territory_id = part.id and of_it.days @> $1::date
    where part.parent_id = drawn.territory_id
  ))
order by named.name, named.id, person.name, person.id;
-- [2026-11-22 {3}]

