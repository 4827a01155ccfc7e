select lower(o.loss_reason)::text,
       min(o.loss_reason collate "C"),
       count(*)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by lower(o.loss_reason);
-- [{"lost"} 2026-08-01 2026-11-01]

