select person.id::text,
       person.name,
       coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.deals) filter (where stage.outcome = any ($1::text[])), 0)::text,
       min(o.first_on)::text,
       max(o.last_on)::text
from (
    select r.owner_id, r.stage_id, r.currency, r.month as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup r
    where r.clock = 'close_on'
      and r.stage_id in (select id from stage where stage.outcome = any ($2::text[]))
) o
left join stage on stage.id = o.stage_id
left join person on person.id = o.owner_id
where o.close_on >= $3::date
  and o.close_on < $4::date
  and o.owner_id = any ($5::bigint[])
group by person.id;
-- [{"won"} {"won","lost"} 2026-08-01 2026-11-01 {7}]

