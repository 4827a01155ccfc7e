select person.id::text,
       person.name
from opportunity o
left join stage on stage.id = o.stage_id
left join person on person.id = o.owner_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.account_id = any ($2::bigint[])
  and o.owner_id = any ($3::bigint[])
group by person.id, person.name
order by person.name, person.id;
-- [{"open"} {9} {7}]

select distinct named.id::text, named.name
from account_territory held
join territory_in_force drawn on drawn.territory_id = held.territory_id and drawn.days @> $1::date
join territory named on named.id = drawn.known_as and not named.taken_back
where held.account_id = $2::bigint and upper_inf(held.known) and held.valid @> $1::date
order by named.name, 1;
-- [2026-11-22 9]

