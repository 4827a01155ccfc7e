select o.currency::text,
       count(*)::text,
       sum(o.priced)::text,
       sum(o.booked)::text,
       sum(o.amount_minor)::text,
       sum(o.deals)::text,
       count(*) filter (where false or o.starts_on < $1::date or o.ends_on >= $2::date or (select bool_or(up.days && daterange(o.starts_on, o.ends_on + 1)) from unnest(o.above, o.above_days) up (id, days)))::text,
       min(o.starts_on)::text,
       max(o.ends_on)::text
from (
    with recursive aim as materialized (
        select distinct on (drawn.known_as, q.period) q.territory_id, drawn.known_as, q.period, q.amount_minor, q.currency
        from quota q
        join territory_in_force drawn on drawn.territory_id = q.territory_id and not isempty(drawn.days)
        where upper_inf(q.known) and q.measure = 'bookings'
        order by drawn.known_as, q.period, upper(drawn.days) desc nulls first, q.territory_id
    ), below as (
        select aim.territory_id as top, same.territory_id as id
        from (select distinct territory_id, known_as from aim) aim
        join territory_in_force same on same.known_as = aim.known_as
        union
        select below.top, t.id
        from below
        join territory t on t.parent_id = below.id
    ), booking as materialized (
        select member.id as territory_id, o.close_on, o.currency, o.amount_minor
        from opportunity o
        join stage means on means.id = o.stage_id and means.outcome = 'won'
        join (
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
where o.ends_on >= $3::date
  and o.starts_on < $4::date
  and (select range_agg(up.days) @> daterange(o.starts_on, o.ends_on + 1) from unnest(o.above, o.above_days) up (id, days)) is not true
group by o.currency;
-- [2026-08-01 2026-11-01 2026-08-01 2026-11-01]

select territory.id::text,
       territory.name,
       o.currency::text,
       count(*)::text,
       sum(o.priced)::text,
       sum(o.booked)::text,
       sum(o.amount_minor)::text,
       sum(o.deals)::text,
       count(*) filter (where false or o.starts_on < $1::date or o.ends_on >= $2::date)::text
from (
    with recursive aim as materialized (
        select distinct on (drawn.known_as, q.period) q.territory_id, drawn.known_as, q.period, q.amount_minor, q.currency
        from quota q
        join territory_in_force drawn on drawn.territory_id = q.territory_id and not isempty(drawn.days)
        where upper_inf(q.known) and q.measure = 'bookings'
        order by drawn.known_as, q.period, upper(drawn.days) desc nulls first, q.territory_id
    ), below as (
        select aim.territory_id as top, same.territory_id as id
        from (select distinct territory_id, known_as from aim) aim
        join territory_in_force same on same.known_as = aim.known_as
        union
        select below.top, t.id
        from below
        join territory t on t.parent_id = below.id
    ), booking as materialized (
        select member.id as territory_id, o.close_on, o.currency, o.amount_minor
        from opportunity o
        join stage means on means.id = o.stage_id and means.outcome = 'won'
        join (
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
left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as
where o.ends_on >= $3::date
  and o.starts_on < $4::date
group by territory.id, o.currency;
-- [2026-08-01 2026-11-01 2026-08-01 2026-11-01]

select (exists (select from quota where upper_inf(known) and territory_id is not null))::text;
-- []

