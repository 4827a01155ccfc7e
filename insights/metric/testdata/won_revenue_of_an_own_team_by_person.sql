with team_1 as materialized (
    select person_id, range_agg(days) as days from (
    with recursive line as (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, manager_id as id, range_agg(valid) as days
        from reporting_line
        where upper_inf(known)
        group by person_id, manager_id
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
),
    team as (
        select id as manager_id, person_id, days from line where id = any ($4::bigint[])
        union
        select team.manager_id, line.person_id, team.days * line.days
        from team
        join line on line.id = team.person_id and line.days && team.days
        where line.person_id <> team.manager_id
    )
    select person_id, days from team) under group by person_id
), moved as (
    select distinct held.person_id, date_trunc('month', edge.day::timestamp)::date as month
    from (
        select person_id, days from team_1
    ) held
    cross join lateral unnest(held.days) span
    cross join lateral (values (lower(span)), (upper(span))) edge (day)
    where edge.day <> date_trunc('month', edge.day::timestamp)::date
      and edge.day >= $6::date
      and edge.day < $7::date
)
select o.c1, person.name, o.c3, o.c4, o.c5, o.c6, o.c7, o.c8
from (
    select o.owner_id::text as c1,
           o.owner_id as owner_id,
           o.currency::text as c3,
           coalesce(sum(o.deals), 0)::text as c4,
           coalesce(sum(o.priced), 0)::text as c5,
           sum(o.amount_minor)::text as c6,
           min(o.first_on)::text as c7,
           max(o.last_on)::text as c8
    from (
        select r.owner_id, r.stage_id, r.currency, r.month as close_on, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
        from opportunity_rollup r
        where r.clock = 'close_on'
          and r.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
          and not exists (select from moved where moved.person_id = r.owner_id and moved.month = r.month)
        union all
        select o.owner_id, o.stage_id, o.currency, o.close_on, 1, (o.amount_minor is not null)::int, o.amount_minor, o.close_on, o.close_on
        from moved
        join opportunity o on o.owner_id = moved.person_id and o.close_on >= moved.month and o.close_on < moved.month + interval '1 month'
        where not o.deleted
          and o.stage_id in (select id from stage where stage.outcome = any ($1::text[]))
    ) o
    left join team_1 on team_1.person_id = o.owner_id and team_1.days @> o.close_on
    where o.close_on >= $2::date
      and o.close_on < $3::date
      and team_1.person_id is not null
      and o.owner_id = any ($5::bigint[])
    group by o.owner_id, o.currency
) o
left join person on person.id = o.owner_id;
-- [{"won"} 2026-08-01 2026-11-01 {7} {7,8} 2026-08-01 2026-11-01]

select exists (select from (
    with recursive line as (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, manager_id as id, range_agg(valid) as days
        from reporting_line
        where upper_inf(known)
        group by person_id, manager_id
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
),
    team as (
        select id as manager_id, person_id, days from line where id = any ($1::bigint[])
        union
        select team.manager_id, line.person_id, team.days * line.days
        from team
        join line on line.id = team.person_id and line.days && team.days
        where line.person_id <> team.manager_id
    )
    select person_id, days from team) team where team.days && daterange($2::date, $3::date) and team.person_id <> all ($4::bigint[]))::text;
-- [{7} 2026-08-01 2026-11-01 {7,8}]

