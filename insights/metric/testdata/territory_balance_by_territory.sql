select territory.id::text,
       territory.name,
       o.currency::text,
       count(*)::text,
       sum(o.priced)::text,
       sum(o.open_minor)::text,
       sum(o.share_minor)::text,
       sum(o.deals)::text,
       min(o.stands_on)::text,
       max(o.stands_on)::text
from (
    with drawn as (
        select t.id
        from territory t
        join territory_in_force in_force on in_force.territory_id = t.id
        where in_force.days @> $1::date and not t.taken_back
    ), leaf as materialized (
        select drawn.id
        from drawn
        where not exists (select from territory lower join drawn here on here.id = lower.id where lower.parent_id = drawn.id)
    ), pipeline as materialized (
        select member.id as territory_id, o.currency, o.amount_minor
        from opportunity o
        join stage means on means.id = o.stage_id and means.outcome = 'open'
        join (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $1::date and case when in_force.days @> $1::date then true end
        group by person_id) member on member.person_id = o.owner_id
        where not o.deleted and member.id in (select id from leaf)
    ), held as (
        select leaf.id as territory_id, money.currency, open.amount_minor, open.priced, open.deals,
               sum(open.amount_minor) over (partition by money.currency) as whole,
               row_number() over (partition by money.currency order by leaf.id) as nth,
               count(*) over (partition by money.currency) as many
        from leaf
        cross join (select distinct currency from pipeline where currency is not null) money
        cross join lateral (
            select coalesce(sum(amount_minor) filter (where currency = money.currency), 0) as amount_minor,
                   count(*) filter (where currency = money.currency) as priced,
                   count(*) filter (where currency = money.currency or currency is null) as deals
            from pipeline
            where pipeline.territory_id = leaf.id
        ) open
    )
    select territory_id, null::bigint as owner_id, $1::date as stands_on, currency, amount_minor as open_minor, priced, deals,
           ceil(whole * nth / many) - ceil(whole * (nth - 1) / many) as share_minor,
           case when whole > 0 then case when abs(amount_minor * many - whole) * 100 <= whole * 15 then 'yes' else 'no' end end as near
    from held
) o
cross join lateral (select o.territory_id as id) member
left join territory_in_force drawn on drawn.territory_id = member.id left join territory on territory.id = drawn.known_as
group by territory.id, o.currency;
-- [2026-11-22]

