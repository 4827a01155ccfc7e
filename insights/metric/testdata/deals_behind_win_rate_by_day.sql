select count(*)::text,
       count(*) filter (where stage.outcome = any ($1::text[]))::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($2::text[])
  and o.close_on >= $3::date
  and o.close_on < $4::date;
-- [{"won"} {"won","lost"} 2026-08-01 2026-11-01]

select coalesce(nullif(o.name, ''), o.external_id),
       o.external_id,
       account.id::text,
       account.name,
       person.id::text,
       person.name,
       stage.id::text,
       stage.name,
       o.close_on::text,
       o.currency::text,
       o.amount_minor::text,
       coalesce(stage.outcome = any ($1::text[]), false)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join account on account.id = o.account_id
left join person on person.id = o.owner_id
where not o.deleted
  and stage.outcome = any ($2::text[])
  and o.close_on >= $3::date
  and o.close_on < $4::date
order by o.close_on desc nulls last, o.external_id collate "C"
limit $5::int offset $6::int;
-- [{"won"} {"won","lost"} 2026-08-01 2026-11-01 20 0]

