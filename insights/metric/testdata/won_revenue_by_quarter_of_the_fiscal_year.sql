select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and o.close_on is not null
  and stage.outcome = any ($1::text[])
group by o.currency;
-- [{"won"}]

select (date_trunc('quarter', o.close_on - make_interval(months => $1::int)) + make_interval(months => $1::int))::date::text,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and o.close_on is not null
  and stage.outcome = any ($2::text[])
group by (date_trunc('quarter', o.close_on - make_interval(months => $1::int)) + make_interval(months => $1::int))::date, o.currency;
-- [1 {"won"}]

