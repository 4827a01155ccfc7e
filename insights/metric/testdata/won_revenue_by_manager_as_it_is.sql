select o.currency::text,
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
where o.close_on >= $2::date
  and o.close_on < $3::date
group by o.currency;
-- [{"won"} 2026-08-01 2026-11-01]

select manager.id::text,
       manager.name,
       o.currency::text,
       coalesce(sum(o.deals), 0)::text,
       coalesce(sum(o.priced), 0)::text,
       sum(o.amount_minor)::text
from (
    select r.owner_id, r.stage_id, r.currency, r.month as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from opportunity_rollup r
    where r.clock = 'close_on'
      and r.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
) o
left join (
        select person_id, min(manager_id) as id
        from reporting_line
        where upper_inf(known) and valid @> $4::date
        group by person_id
) line on line.person_id = o.owner_id
left join person manager on manager.id = line.id
where o.close_on >= $2::date
  and o.close_on < $3::date
group by manager.id, o.currency;
-- [{"won"} 2026-08-01 2026-11-01 2026-11-22]

