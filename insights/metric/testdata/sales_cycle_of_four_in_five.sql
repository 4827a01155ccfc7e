select count(*)::text,
       count(case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end)::text,
       percentile_disc($1::float8) within group (order by case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($2::text[])
  and o.close_on >= $3::date
  and o.close_on < $4::date;
-- [0.8 {"won"} 2026-08-01 2026-11-01]

select lower(account.country)::text,
       min(account.country collate "C"),
       count(*)::text,
       count(case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end)::text,
       percentile_disc($1::float8) within group (order by case when o.close_on >= o.engaged_on then o.close_on - o.engaged_on end)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join account on account.id = o.account_id
where not o.deleted
  and stage.outcome = any ($2::text[])
  and o.close_on >= $3::date
  and o.close_on < $4::date
group by lower(account.country);
-- [0.8 {"won"} 2026-08-01 2026-11-01]

