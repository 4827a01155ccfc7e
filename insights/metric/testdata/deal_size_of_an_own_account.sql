select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       percentile_disc(0.5) within group (order by o.amount_minor)::text,
       percentile_disc(0.5) within group (order by o.amount_minor desc)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and o.close_on is not null
  and stage.outcome = any ($1::text[])
  and o.account_id = any ($2::bigint[])
  and o.owner_id = any ($3::bigint[])
group by o.currency;
-- [{"won"} {9} {7}]

