select count(*)::text,
       count(*) filter (where stage.outcome = any ($1::text[]))::text,
       min(o.engaged_on)::text,
       max(o.engaged_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and o.engaged_on >= $2::date
  and o.engaged_on < $3::date;
-- [{"won"} 2026-08-01 2026-11-01]

