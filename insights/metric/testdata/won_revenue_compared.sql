select o.currency::text,
       coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.priced) filter (where o.amount_minor is not null), 0)::text,
       sum(o.amount_minor)::text,
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
  and o.close_on < $3::date
group by o.currency;
-- [{"won"} 2026-11-01 2027-02-01]

select product.id::text,
       product.name,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join product on product.id = o.product_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by product.id, o.currency;
-- [{"won"} 2026-11-01 2027-02-01]

select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by o.currency;
-- [{"won"} 2026-08-01 2026-08-23]

select product.id::text,
       product.name,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join product on product.id = o.product_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by product.id, o.currency;
-- [{"won"} 2026-08-01 2026-08-23]

