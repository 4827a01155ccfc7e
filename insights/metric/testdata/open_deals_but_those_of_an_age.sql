select count(*)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
cross join (select $3::date as day, $4::text as zone) asked
where not o.deleted
  and stage.outcome = any ($1::text[])
  and (coalesce(o.created_on, o.engaged_on) = asked.day - $2::int) is not true;
-- [{"open"} 90 2026-11-22 Europe/Oslo]

