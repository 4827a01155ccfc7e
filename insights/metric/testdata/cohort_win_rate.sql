select coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.deals) filter (where stage.outcome = any ($1::text[])), 0)::text,
       min(o.first_on)::text,
       max(o.last_on)::text
from (
    select null::bigint as owner_id, r.stage_id, r.currency, r.month as engaged_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup_company r
    where r.clock = 'engaged_on'
) o
left join stage on stage.id = o.stage_id
where o.engaged_on >= $2::date
  and o.engaged_on < $3::date;
-- [{"won"} 2026-08-01 2026-11-01]

