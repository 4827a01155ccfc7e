select stage.id::text,
       min(stage.name),
       min(stage.position)::text,
       o.currency::text,
       coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.priced) filter (where o.amount_minor * stage.probability is not null), 0)::text,
       sum(o.amount_minor * stage.probability)::text,
       sum(o.amount_minor) filter (where o.amount_minor * stage.probability is not null)::text,
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

select (exists (select from stage where probability is not null) or exists (select from stage_definition where probability is not null and upper_inf(known)))::text;
-- []

