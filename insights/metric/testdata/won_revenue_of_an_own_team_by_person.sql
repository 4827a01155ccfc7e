select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join (
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
) team_1 on team_1.person_id = o.owner_id and team_1.days @> o.close_on
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
  and team_1.person_id is not null
  and o.owner_id = any ($5::bigint[])
group by o.currency;
-- [{"won"} 2026-08-01 2026-11-01 {7} {7,8}]

select person.id::text,
       person.name,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join person on person.id = o.owner_id
left join (
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
) team_1 on team_1.person_id = o.owner_id and team_1.days @> o.close_on
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
  and team_1.person_id is not null
  and o.owner_id = any ($5::bigint[])
group by person.id, o.currency;
-- [{"won"} 2026-08-01 2026-11-01 {7} {7,8}]

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

