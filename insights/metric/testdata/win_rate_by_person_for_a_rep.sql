select o.c1, person.name, o.c3, o.c4, o.c5, o.c6
from (
    select o.owner_id::text as c1,
           o.owner_id as owner_id,
           coalesce(sum(o.deals), 0)::text as c3,
           coalesce(sum(o.deals) filter (where stage.outcome = any ($1::text[])), 0)::text as c4,
           min(o.first_on)::text as c5,
           max(o.last_on)::text as c6
    from (
        select r.owner_id, r.stage_id, r.currency, r.month as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
        from opportunity_rollup r
        where r.clock = 'close_on'
          and r.stage_id in (select id from stage where stage.outcome = any ($2::text[]))
    ) o
    left join stage on stage.id = o.stage_id
    where o.close_on >= $3::date
      and o.close_on < $4::date
      and o.owner_id = any ($5::bigint[])
    group by o.owner_id
) o
left join person on person.id = o.owner_id;
-- [{"won"} {"won","lost"} 2026-08-01 2026-11-01 {7}]

