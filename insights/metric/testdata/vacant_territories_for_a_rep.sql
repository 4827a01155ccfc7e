select count(*)::text,
       min(o.stands_on)::text,
       max(o.stands_on)::text
from (
    with drawn as (
        select t.id
        from territory t
        join territory_in_force in_force on in_force.territory_id = t.id
        where in_force.days @> $2::date and not t.taken_back
    )
    select drawn.id, drawn.id as territory_id, $2::date as stands_on, exists (
        select from territory_member holder
        where holder.territory_id = drawn.id and upper_inf(holder.known) and holder.valid @> $2::date
    ) as held
    from drawn
    where not exists (select from territory lower join drawn here on here.id = lower.id where lower.parent_id = drawn.id)
) o
where case when o.held then 'yes' else 'no' end = any ($1::text[]);
-- [{"no"} 2026-11-22]

select (exists (select from territory where not taken_back))::text;
-- []

select territory.name,
       territory.external_id,
       o.stands_on::text,
       null::text,
       null::text
from (
    with drawn as (
        select t.id
        from territory t
        join territory_in_force in_force on in_force.territory_id = t.id
        where in_force.days @> $2::date and not t.taken_back
    )
    select drawn.id, drawn.id as territory_id, $2::date as stands_on, exists (
        select from territory_member holder
        where holder.territory_id = drawn.id and upper_inf(holder.known) and holder.valid @> $2::date
    ) as held
    from drawn
    where not exists (select from territory lower join drawn here on here.id = lower.id where lower.parent_id = drawn.id)
) o
cross join lateral (select o.territory_id as id) member
left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as
where case when o.held then 'yes' else 'no' end = any ($1::text[])
order by territory.external_id collate "C"
limit $3::int offset $4::int;
-- [{"no"} 2026-11-22 20 0]

