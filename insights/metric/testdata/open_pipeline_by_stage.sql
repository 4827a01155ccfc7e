select stage.id::text,
       min(stage.name),
       min(stage.position)::text,
       o.currency::text,
       coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.priced), 0)::text,
       sum(o.amount_minor)::text,
       min(o.first_on)::text,
       max(o.last_on)::text
from (
    select null::bigint as owner_id, r.stage_id, r.currency, r.month as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup_company r
    where r.clock = 'close_on'
      and r.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
) o
left join stage on stage.id = o.stage_id
group by stage.id, o.currency;
-- [{"open"}]

