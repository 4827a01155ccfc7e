select manager.id::text,
       manager.name,
       date_trunc('month', o.starts_on::timestamp)::date::text,
       o.currency::text,
       count(*)::text,
       sum(o.priced)::text,
       sum(o.booked)::text,
       sum(o.amount_minor)::text,
       sum(o.deals)::text,
       count(*) filter (where false or o.starts_on < $1::date or o.ends_on >= $2::date or date_trunc('month', o.starts_on::timestamp)::date <> date_trunc('month', o.ends_on::timestamp)::date)::text,
       min(o.starts_on)::text,
       max(o.ends_on)::text
from (
    select q.person_id as owner_id, lower(q.period) as starts_on, upper(q.period) - 1 as ends_on,
           q.amount_minor, q.currency, won.booked, won.priced, won.deals
    from quota q
    cross join lateral (
        select coalesce(sum(d.amount_minor) filter (where d.currency = q.currency), 0) as booked,
               count(*) filter (where d.currency = q.currency) as priced, count(*) as deals
        from opportunity d
        join stage on stage.id = d.stage_id
        where d.owner_id = q.person_id and not d.deleted
          and stage.outcome = 'won' and d.close_on >= lower(q.period) and d.close_on < upper(q.period)
    ) won
    where upper_inf(q.known) and q.measure = 'bookings' and q.person_id is not null
) o
left join (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, manager_id as id, range_agg(valid) as days
        from reporting_line
        where upper_inf(known)
        group by person_id, manager_id
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
) line on line.person_id = o.owner_id and line.days @> o.starts_on
left join person manager on manager.id = line.id
where o.ends_on >= $3::date
  and o.starts_on < $4::date
group by manager.id, date_trunc('month', o.starts_on::timestamp)::date, o.currency;
-- [2026-08-01 2026-11-01 2026-08-01 2026-11-01]

select (exists (select from quota where upper_inf(known) and person_id is not null))::text;
-- []

