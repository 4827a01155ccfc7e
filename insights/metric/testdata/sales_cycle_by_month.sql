select count(*)::text,
       count(case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end)::text,
       percentile_disc(0.5) within group (order by case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end)::text,
       percentile_disc(0.5) within group (order by case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end desc)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date;
-- [{"won"} 2026-08-01 2026-11-01]

select date_trunc('month', o.close_on::timestamp)::date::text,
       count(*)::text,
       count(case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end)::text,
       percentile_disc(0.5) within group (order by case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end)::text,
       percentile_disc(0.5) within group (order by case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end desc)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by date_trunc('month', o.close_on::timestamp)::date;
-- [{"won"} 2026-08-01 2026-11-01]

