select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, territory_id as id, range_agg(valid) * in_force.days as days
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known)
        group by person_id, territory_id, in_force.days
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
) member on member.person_id = o.owner_id and member.days @> o.close_on
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
  and (o.owner_id = any (array(select person_id from territory_member where upper_inf(known) and territory_id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($4::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))) and member.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($4::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)))
  and o.owner_id = any ($5::bigint[])
group by o.currency;
-- [{"won"} 2026-08-01 2026-11-01 {3} {7}]

select coalesce(nullif(o.name, ''), o.external_id),
       o.external_id,
       account.id::text,
       account.name,
       person.id::text,
       person.name,
       stage.id::text,
       stage.name,
       o.close_on::text,
       o.currency::text,
       o.amount_minor::text
from opportunity o
left join stage on stage.id = o.stage_id
left join account on account.id = o.account_id
left join person on person.id = o.owner_id
left join (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, territory_id as id, range_agg(valid) * in_force.days as days
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known)
        group by person_id, territory_id, in_force.days
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
) member on member.person_id = o.owner_id and member.days @> o.close_on
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
  and (o.owner_id = any (array(select person_id from territory_member where upper_inf(known) and territory_id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($4::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))) and member.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($4::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)))
  and o.owner_id = any ($5::bigint[])
order by o.currency is distinct from $6, o.currency, o.amount_minor desc nulls last, o.external_id collate "C"
limit $7::int offset $8::int;
-- [{"won"} 2026-08-01 2026-11-01 {3} {7} NOK 20 20]

select count(*)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join (
    select person_id, id, days - coalesce(range_agg(days) over lower, '{}') as days
    from (
        select person_id, territory_id as id, range_agg(valid) * in_force.days as days
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known)
        group by person_id, territory_id, in_force.days
    ) held
    window lower as (partition by person_id order by id rows between unbounded preceding and 1 preceding)
) member on member.person_id = o.owner_id and member.days @> o.close_on
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
  and (o.owner_id = any (array(select person_id from territory_member where upper_inf(known) and territory_id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($4::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))) and member.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($4::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)));
-- [{"won"} 2026-08-01 2026-11-01 {3}]

