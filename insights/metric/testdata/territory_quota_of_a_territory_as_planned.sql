select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       count(*) filter (where false or o.starts_on < $1::date or o.ends_on >= $2::date or (select bool_or(up.days && daterange(o.starts_on, o.ends_on + 1)) from unnest(o.above, o.above_days) up (id, days) where up.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($3::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))))::text,
       min(o.starts_on)::text,
       max(o.ends_on)::text
from (
    with recursive aim as materialized (
        select q.territory_id, q.territory_id as known_as, q.period, q.amount_minor, q.currency
        from quota q
        join territory on territory.id = q.territory_id
        join territory_model on territory_model.id = territory.model_id and territory_model.state = 'planning' and territory_model.name = $8
        where upper_inf(q.known) and q.measure = 'bookings'
    ), below as (
        select aim.territory_id as top, same.territory_id as id
        from (select distinct territory_id, known_as from aim) aim
        join territory_in_force same on same.territory_id = aim.territory_id
        union
        select below.top, t.id
        from below
        join territory t on t.parent_id = below.id
    ), booking as materialized (
        select member.id as territory_id, o.close_on, o.currency, o.amount_minor
        from opportunity o
        join stage means on means.id = o.stage_id and means.outcome = 'won'
        left join (
    select distinct on (person_id) person_id, territory_id as id
    from territory_member
    join territory on territory.id = territory_member.territory_id
    join territory_model on territory_model.id = territory.model_id and territory_model.state = 'planning' and territory_model.name = $8
    where upper_inf(known)
    order by person_id, upper(valid) desc nulls first, territory_id
) member on member.person_id = o.owner_id
        where not o.deleted and o.close_on >= (select min(lower(period)) from aim) and o.close_on < (select max(upper(period)) from aim)
    )
    select aim.territory_id, null::bigint as owner_id, lower(aim.period) as starts_on, upper(aim.period) - 1 as ends_on,
           aim.amount_minor, aim.currency, won.booked, won.priced, won.deals, above.ids as above, above.days as above_days
    from aim
    cross join lateral (
        select coalesce(sum(booking.amount_minor) filter (where booking.currency = aim.currency), 0) as booked,
               count(*) filter (where booking.currency = aim.currency) as priced, count(*) as deals
        from below
        join booking on booking.territory_id = below.id
        where below.top = aim.territory_id and booking.close_on >= lower(aim.period) and booking.close_on < upper(aim.period)
    ) won
    cross join lateral (
        select array_agg(upper.territory_id) as ids, array_agg(upper.period) as days
        from aim upper
        join below on below.top = upper.territory_id and below.id = aim.territory_id
        where upper.known_as <> aim.known_as and upper.period && aim.period
    ) above
) o
cross join lateral (select o.territory_id as id) member
where o.ends_on >= $4::date
  and o.starts_on < $5::date
  and member.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($6::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))
  and (select range_agg(up.days) @> daterange(o.starts_on, o.ends_on + 1) from unnest(o.above, o.above_days) up (id, days) where up.id = any (array(
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($7::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))) is not true
group by o.currency;
-- [2026-11-01 2027-02-01 {3} 2026-11-01 2027-02-01 {3} {3} FY27 plan]

select (exists (select from quota where upper_inf(known) and territory_id is not null))::text;
-- []

select (count(*) = 1)::text from territory_model where state = 'planning' and name = $1;
-- [FY27 plan]

