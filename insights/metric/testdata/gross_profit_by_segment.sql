select lower(account.segment)::text,
       min(account.segment collate "C"),
       o.currency::text,
       count(*)::text,
       count(o.amount_minor - cost.direct)::text,
       sum(o.amount_minor - cost.direct)::text,
       sum(o.amount_minor) filter (where o.amount_minor - cost.direct is not null)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join account on account.id = o.account_id
left join (
    select opportunity_id, case when min(currency) = max(currency) then min(currency) end as currency,
           sum(amount_minor) filter (where kind = 'direct') as direct, sum(amount_minor) filter (where kind = 'selling') as selling
    from cost_line
    where upper_inf(known)
    group by opportunity_id
) cost on cost.opportunity_id = o.id and cost.currency = o.currency
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by lower(account.segment), o.currency;
-- [{"won"} 2026-08-01 2026-11-01]

select (exists (select from cost_line where kind = 'direct' and upper_inf(known)))::text;
-- []

