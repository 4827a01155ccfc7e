select product.id::text,
       product.name,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.stands_on)::text,
       max(o.stands_on)::text
from (
    select account_id, product_id, currency, span.until - 1 as stands_on, case when kind in ('contraction', 'churn') then -amount_minor else amount_minor end as amount_minor
    from subscription_movement
    join unnest($1::date[], $2::date[]) span (since, until) on moved_on < span.until
    where upper_inf(known)
) o
left join product on product.id = o.product_id
where o.stands_on is not null
group by product.id, o.currency;
-- [{"-infinity"} {"2026-11-23"}]

select (exists (select from subscription_movement where upper_inf(known)))::text;
-- []

