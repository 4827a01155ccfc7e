select count(*)::text,
       count(*) filter (where stage.outcome = any ($1::text[]))::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($2::text[])
  and o.close_on >= $3::date
  and o.close_on < $4::date
  and o.owner_id = any ($5::bigint[]);
-- [{"won"} {"won","lost"} 2026-08-01 2026-11-01 {7}]

select person.id::text,
       person.name,
       count(*)::text,
       count(*) filter (where stage.outcome = any ($1::text[]))::text
from opportunity o
left join stage on stage.id = o.stage_id
left join person on person.id = o.owner_id
where not o.deleted
  and stage.outcome = any ($2::text[])
  and o.close_on >= $3::date
  and o.close_on < $4::date
  and o.owner_id = any ($5::bigint[])
group by person.id;
-- [{"won"} {"won","lost"} 2026-08-01 2026-11-01 {7}]

