select count(distinct o.account_id)::text,
       min(o.stands_on)::text,
       max(o.stands_on)::text
from (
    select held.*, product.id as product_id
    from (
    select place.account_id as id, place.account_id, place.territory_id, holder.person_id as owner_id, $3::date as stands_on
    from (
        select account_id, min(territory_id) as territory_id
        from account_territory
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $3::date and in_force.days @> $3::date
        group by account_id
    ) place
    left join territory_member holder on holder.territory_id = place.territory_id and upper_inf(holder.known) and holder.valid @> $3::date
) held
    cross join product
    where not product.taken_back
) o
where case when (o.account_id, o.product_id) in (
    select d.account_id, d.product_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = 'won'
) then 'yes' when o.account_id in (
    select d.account_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = 'won' and d.product_id is null
) then null else 'no' end = any ($1::text[])
  and o.product_id = any ($2::bigint[]);
-- [{"no"} {5} 2026-11-22]

select territory.id::text,
       territory.name,
       count(distinct o.account_id)::text
from (
    select held.*, product.id as product_id
    from (
    select place.account_id as id, place.account_id, place.territory_id, holder.person_id as owner_id, $3::date as stands_on
    from (
        select account_id, min(territory_id) as territory_id
        from account_territory
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $3::date and in_force.days @> $3::date
        group by account_id
    ) place
    left join territory_member holder on holder.territory_id = place.territory_id and upper_inf(holder.known) and holder.valid @> $3::date
) held
    cross join product
    where not product.taken_back
) o
cross join lateral (select o.territory_id as id) member
left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as
where case when (o.account_id, o.product_id) in (
    select d.account_id, d.product_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = 'won'
) then 'yes' when o.account_id in (
    select d.account_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = 'won' and d.product_id is null
) then null else 'no' end = any ($1::text[])
  and o.product_id = any ($2::bigint[])
group by territory.id;
-- [{"no"} {5} 2026-11-22]

select (exists (select from account_territory where upper_inf(known)) and exists (select from product where not taken_back))::text;
-- []

select count(distinct o.account_id)::text
from (
    select held.*, product.id as product_id
    from (
    select place.account_id as id, place.account_id, place.territory_id, holder.person_id as owner_id, $3::date as stands_on
    from (
        select account_id, min(territory_id) as territory_id
        from account_territory
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $3::date and in_force.days @> $3::date
        group by account_id
    ) place
    left join territory_member holder on holder.territory_id = place.territory_id and upper_inf(holder.known) and holder.valid @> $3::date
) held
    cross join product
    where not product.taken_back
) o
where (case when (o.account_id, o.product_id) in (
    select d.account_id, d.product_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = 'won'
) then 'yes' when o.account_id in (
    select d.account_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = 'won' and d.product_id is null
) then null else 'no' end = any ($1::text[])) is null
  and o.product_id = any ($2::bigint[]);
-- [{"no"} {5} 2026-11-22]

