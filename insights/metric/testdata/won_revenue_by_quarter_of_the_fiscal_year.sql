select (date_trunc('quarter', o.close_on - make_interval(months => $1::int)) + make_interval(months => $1::int))::date::text,
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
      and r.stage_id in (select id from stage where stage.outcome = any ($2::text[]))
) o
where o.close_on is not null
group by (date_trunc('quarter', o.close_on - make_interval(months => $1::int)) + make_interval(months => $1::int))::date, o.currency;
-- [1 {"won"}]

