select coalesce(sum(o.deals), 0)::text,
       min(o.first_on)::text,
       max(o.last_on)::text
from (
    select null::bigint as owner_id, r.stage_id, r.currency, r.month as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup_company r
    where r.clock = 'close_on'
) o
left join stage on stage.id = o.stage_id
where stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date;
-- [{"lost"} 2026-08-01 2026-11-01]

select lower(o.loss_reason)::text,
       min(o.loss_reason collate "C"),
       count(*)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by lower(o.loss_reason);
-- [{"lost"} 2026-08-01 2026-11-01]

