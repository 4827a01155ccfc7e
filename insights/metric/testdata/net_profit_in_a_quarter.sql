select o.currency::text,
       count(*)::text,
       count(o.amount_minor - cost.direct - cost.selling - overhead.share)::text,
       sum(o.amount_minor - cost.direct - cost.selling - overhead.share)::text,
       sum(o.amount_minor) filter (where o.amount_minor - cost.direct - cost.selling - overhead.share is not null)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join (
    select opportunity_id, case when min(currency) = max(currency) then min(currency) end as currency,
           sum(amount_minor) filter (where kind = 'direct') as direct, sum(amount_minor) filter (where kind = 'selling') as selling
    from cost_line
    where upper_inf(known)
    group by opportunity_id
) cost on cost.opportunity_id = o.id and cost.currency = o.currency
left join (
    select id, case when bool_and(same_currency and whole > 0) then
               sum(div(2 * amount_minor * upto + whole, 2 * nullif(whole, 0)) - div(2 * amount_minor * (upto - weight) + whole, 2 * nullif(whole, 0)))
           end as share
    from (
        select d.id, h.amount_minor::numeric, d.currency = h.currency as same_currency, bears.weight,
               sum(bears.weight) over (partition by h.external_id order by d.id) as upto,
               sum(bears.weight) over (partition by h.external_id) as whole
        from overhead h
        join opportunity d on d.close_on >= lower(h.period) and d.close_on < upper(h.period) and d.currency is not null and not d.deleted
        join stage on stage.id = d.stage_id and stage.outcome = 'won'
        cross join lateral (
            select case when d.currency <> h.currency then 0 when h.allocated_by = 'revenue' then d.amount_minor else 1 end::numeric as weight
        ) bears
        where upper_inf(h.known)
    ) piece
    group by id
) overhead on overhead.id = o.id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by o.currency;
-- [{"won"} 2026-08-01 2026-11-01]

select (exists (select from cost_line where kind = 'direct' and upper_inf(known)) and exists (select from cost_line where kind = 'selling' and upper_inf(known)) and exists (select from overhead where upper_inf(known)))::text;
-- []

