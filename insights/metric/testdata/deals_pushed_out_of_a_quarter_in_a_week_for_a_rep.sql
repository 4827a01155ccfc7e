with holder (id) as (
    (select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $12::date and case when in_force.days @> $12::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($11::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)
    union
    select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $13::date and case when in_force.days @> $13::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($11::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))
),
held as (
    select id from opportunity where owner_id = any (array(select id::bigint from holder))
    union
    select opportunity_id from opportunity_change
    where field = 'owner_id' and old = any (array(select id::text from holder)) and valid_at > $18::timestamptz and retracted is null
),
changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from (
    select told.*
    from (select id from held order by id) held
    cross join lateral (select opportunity_id, field, old, valid_at, revision, step
    from opportunity_change
    where valid_at > $19::timestamptz and retracted is null and opportunity_id = held.id
      and field in ('name', 'account_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'deleted') offset 0) told
    where (select count(*) from held) <= 250000
    union all
    select opportunity_id, field, old, valid_at, revision, step
    from opportunity_change
    where valid_at > $20::timestamptz and retracted is null and opportunity_id + 0 in (select id from held)
      and field in ('name', 'account_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'deleted')
      and not (select count(*) from held) <= 250000
    ) told
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, name, account_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted
    from opportunity o
    where o.owner_id = any (array(select id::bigint from holder)) and (o.stage_id = any (array(select id from stage where outcome = any ($14::text[]) union select stage_id from stage_definition where outcome = any ($14::text[]))) or o.stage_id = any (array(select id from stage)) and o.close_on > $15::date) and o.close_on >= $16::date and o.close_on < $17::date and not o.deleted
    union all
    select id, external_id, name, account_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted
    from opportunity o
    where id in (select opportunity_id from changed)
      and (o.owner_id = any (array(select id::bigint from holder)) and (o.stage_id = any (array(select id from stage where outcome = any ($14::text[]) union select stage_id from stage_definition where outcome = any ($14::text[]))) or o.stage_id = any (array(select id from stage)) and o.close_on > $15::date) and o.close_on >= $16::date and o.close_on < $17::date and not o.deleted) is not true
),
opening as (
with stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $21::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.name, o.account_id, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $22::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.deleted
    from (
    select o.id, o.external_id,
           case when past.name is null then o.name else past.name[1]::text end as name,
           case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
           case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
           case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'name') as name,
               array_agg(value) filter (where field = 'account_id') as account_id,
               array_agg(value) filter (where field = 'owner_id') as owner_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'amount_minor') as amount_minor,
               array_agg(value) filter (where field = 'currency') as currency,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $22::date) is not false
)
select o.id, o.currency as currency, o.amount_minor as amount, stage.outcome,
       (stage.outcome = any ($6::text[])) is true as counted, (o.close_on >= $7::date and o.close_on < $8::date) is true as due,
       (true) is true as matches, (o.owner_id = any (array(select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $10::date and case when in_force.days @> $10::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($9::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)))) is true as held,
       (null)::text as key, (null)::text as called, (null)::bigint as place,
       o.name, o.external_id, o.account_id, o.owner_id, o.stage_id, o.close_on, o.currency as priced_in, o.amount_minor as price
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
),
closing as (
with opportunity as (
    select * from head
)
select o.id, o.currency as currency, o.amount_minor as amount, stage.outcome,
       (stage.outcome = any ($1::text[])) is true as counted, (o.close_on >= $2::date and o.close_on < $3::date) is true as due,
       (true) is true as matches, (o.owner_id = any (array(select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $5::date and case when in_force.days @> $5::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($4::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)))) is true as held,
       (null)::text as key, (null)::text as called, (null)::bigint as place,
       o.name, o.external_id, o.account_id, o.owner_id, o.stage_id, o.close_on, o.currency as priced_in, o.amount_minor as price
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
), ended as (
    select id, was.id is not null as was_there, was.currency as was_in, was.amount as was_worth, was.outcome as was_at,
           was.counted as was_counted, was.due as was_due, was.matches as was_matching,
           was.key as was_key, was.called as was_called, was.place as was_place,
           (was.counted and was.due and was.matches and was.held) is true as opens,
           now.id is not null as is_there, now.currency as is_in, now.amount as is_worth, now.outcome as is_at,
           now.counted as is_counted, now.due as is_due, now.matches as is_matching,
           now.key as is_key, now.called as is_called, now.place as is_place,
           (now.counted and now.due and now.matches and now.held) is true as closes,
           (was.outcome is null and was.due and was.matches and was.held) is true
               or (now.outcome is null and now.due and now.matches and now.held) is true as unknown
    from opening was
    full join closing now using (id)
), moved as (
    select *, case
               when opens and closes then 'stayed'
               when closes and not was_there then 'created'
               when closes and not was_counted and was_at is distinct from 'open' then 'reopened'
               when closes and not was_due then 'pulled_in'
               when closes and not (was_counted and was_matching) then 'matched'
               when closes then 'reassigned_in'
               when not is_there then 'deleted'
               when not is_counted and is_at is null then 'unrecorded'
               when not is_counted and is_at <> 'open' then is_at
               when not is_due then 'pushed_out'
               when not (is_counted and is_matching) then 'unmatched'
               else 'reassigned_out'
           end as way
    from ended
    where opens or closes or unknown
), told as (
    select moved.id, told.*
    from moved
    cross join lateral (
        select 'opening' as part, was_key as key, was_called as called, was_place as place, was_in as currency, was_worth as worth where opens
        union all
        select 'closing', is_key, is_called, is_place, is_in, is_worth where closes
        union all
        select 'unknown', null, null, null, null, null where unknown
        union all
        select way, is_key, is_called, is_place, is_in, is_worth where closes and way in ('created', 'reopened', 'pulled_in')
        union all
        select way, is_key, is_called, is_place, was_in, was_worth where closes and way in ('matched', 'reassigned_in')
        union all
        select way, was_key, was_called, was_place, was_in, -was_worth where opens and not closes
        union all
        select 'moved_out', was_key, was_called, was_place, was_in, -was_worth where way = 'stayed' and was_key is distinct from is_key
        union all
        select 'moved_in', is_key, is_called, is_place, was_in, was_worth where way = 'stayed' and was_key is distinct from is_key
        union all
        select case when more > 0 then 'increased' else 'decreased' end, is_key, is_called, is_place, currency, more
        from (values (is_in, is_worth - case when was_in = is_in then was_worth else 0 end),
                     (case when was_in is distinct from is_in then was_in end, -was_worth)) differs (currency, more)
        where way in ('stayed', 'matched', 'reassigned_in') and closes and currency is not null and more <> 0
    ) told
), listed as (
    select told.part, told.currency, told.worth, coalesce(told.currency, is_now.priced_in, was.priced_in) as priced_in,
           was.id is not null as was_there, is_now.id is not null as is_there, was.owner_id as was_owner, is_now.owner_id as is_owner,
           was.priced_in as was_in, was.price as was_price, is_now.priced_in as is_in, is_now.price as is_price,
           was.close_on as was_close_on, is_now.close_on as is_close_on, one.*
    from told
    left join opening was on was.id = told.id
    left join closing is_now on is_now.id = told.id
    cross join lateral (
        select coalesce(is_now.name, was.name) as name, coalesce(is_now.external_id, was.external_id) as external_id,
               case when is_now.id is null then was.account_id else is_now.account_id end as account_id,
               case when is_now.id is null then was.owner_id else is_now.owner_id end as owner_id,
               case when is_now.id is null then was.stage_id else is_now.stage_id end as stage_id
    ) one
    where told.part in ($23, 'unknown')
)
select coalesce(nullif(o.name, ''), o.external_id), o.external_id, account.id::text, account.name, person.id::text, person.name, stage.id::text, stage.name,
       o.was_close_on::text, o.is_close_on::text, o.priced_in::text,
       case when o.was_in = o.priced_in then o.was_price end::text, case when o.is_in = o.priced_in then o.is_price end::text, o.worth::text, o.was_there::text, o.is_there::text
from listed o
left join account on account.id = o.account_id
left join person on person.id = o.owner_id
left join stage on stage.id = o.stage_id
where o.part <> 'unknown' and (not was_there or was_owner = any ($24::bigint[])) and (not is_there or is_owner = any ($24::bigint[]))
order by o.priced_in is distinct from $25, o.priced_in, abs(o.worth) desc nulls last, o.external_id collate "C", o.priced_in
limit $26::int offset $27::int;
-- [{"open"} 2026-11-01 2027-02-01 {3} 2026-11-22 {"open"} 2026-11-01 2027-02-01 {3} 2026-11-15 {3} 2026-11-15 2026-11-22 {"open"} 2026-11-15 2026-11-01 2027-02-01 2026-11-15T23:59:59.999999+01:00 2026-11-15T23:59:59.999999+01:00 2026-11-15T23:59:59.999999+01:00 2026-11-15 2026-11-15 pushed_out {7} NOK 20 0]

with holder (id) as (
    (select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $12::date and case when in_force.days @> $12::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($11::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)
    union
    select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $13::date and case when in_force.days @> $13::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($11::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below))
),
held as (
    select id from opportunity where owner_id = any (array(select id::bigint from holder))
    union
    select opportunity_id from opportunity_change
    where field = 'owner_id' and old = any (array(select id::text from holder)) and valid_at > $18::timestamptz and retracted is null
),
changed as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old as value
    from (
    select told.*
    from (select id from held order by id) held
    cross join lateral (select opportunity_id, field, old, valid_at, revision, step
    from opportunity_change
    where valid_at > $19::timestamptz and retracted is null and opportunity_id = held.id
      and field in ('name', 'account_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'deleted') offset 0) told
    where (select count(*) from held) <= 250000
    union all
    select opportunity_id, field, old, valid_at, revision, step
    from opportunity_change
    where valid_at > $20::timestamptz and retracted is null and opportunity_id + 0 in (select id from held)
      and field in ('name', 'account_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'deleted')
      and not (select count(*) from held) <= 250000
    ) told
    order by opportunity_id, field, valid_at, revision, step
),
head as (
    select id, external_id, name, account_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted
    from opportunity o
    where o.owner_id = any (array(select id::bigint from holder)) and (o.stage_id = any (array(select id from stage where outcome = any ($14::text[]) union select stage_id from stage_definition where outcome = any ($14::text[]))) or o.stage_id = any (array(select id from stage)) and o.close_on > $15::date) and o.close_on >= $16::date and o.close_on < $17::date and not o.deleted
    union all
    select id, external_id, name, account_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted
    from opportunity o
    where id in (select opportunity_id from changed)
      and (o.owner_id = any (array(select id::bigint from holder)) and (o.stage_id = any (array(select id from stage where outcome = any ($14::text[]) union select stage_id from stage_definition where outcome = any ($14::text[]))) or o.stage_id = any (array(select id from stage)) and o.close_on > $15::date) and o.close_on >= $16::date and o.close_on < $17::date and not o.deleted) is not true
),
opening as (
with stage as (
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from stage
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $21::date and upper_inf(meant.known)
),
opportunity as materialized (
    select o.id, o.external_id, o.name, o.account_id, o.owner_id,
           case when stage.outcome = 'open' or o.close_on <= $22::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.deleted
    from (
    select o.id, o.external_id,
           case when past.name is null then o.name else past.name[1]::text end as name,
           case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
           case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
           case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
           case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
           case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
           case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
           case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
           case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
           case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
    from head o
    left join (
        select opportunity_id,
               array_agg(value) filter (where field = 'name') as name,
               array_agg(value) filter (where field = 'account_id') as account_id,
               array_agg(value) filter (where field = 'owner_id') as owner_id,
               array_agg(value) filter (where field = 'stage_id') as stage_id,
               array_agg(value) filter (where field = 'amount_minor') as amount_minor,
               array_agg(value) filter (where field = 'currency') as currency,
               array_agg(value) filter (where field = 'created_on') as created_on,
               array_agg(value) filter (where field = 'engaged_on') as engaged_on,
               array_agg(value) filter (where field = 'close_on') as close_on,
               array_agg(value) filter (where field = 'deleted') as deleted
        from changed
        group by opportunity_id
    ) past on past.opportunity_id = o.id
    ) o
    left join stage on stage.id = o.stage_id
    where (coalesce(o.created_on, o.engaged_on) <= $22::date) is not false
)
select o.id, o.currency as currency, o.amount_minor as amount, stage.outcome,
       (stage.outcome = any ($6::text[])) is true as counted, (o.close_on >= $7::date and o.close_on < $8::date) is true as due,
       (true) is true as matches, (o.owner_id = any (array(select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $10::date and case when in_force.days @> $10::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($9::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)))) is true as held,
       (null)::text as key, (null)::text as called, (null)::bigint as place,
       o.name, o.external_id, o.account_id, o.owner_id, o.stage_id, o.close_on, o.currency as priced_in, o.amount_minor as price
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
),
closing as (
with opportunity as (
    select * from head
)
select o.id, o.currency as currency, o.amount_minor as amount, stage.outcome,
       (stage.outcome = any ($1::text[])) is true as counted, (o.close_on >= $2::date and o.close_on < $3::date) is true as due,
       (true) is true as matches, (o.owner_id = any (array(select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $5::date and case when in_force.days @> $5::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($4::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)))) is true as held,
       (null)::text as key, (null)::text as called, (null)::bigint as place,
       o.name, o.external_id, o.account_id, o.owner_id, o.stage_id, o.close_on, o.currency as priced_in, o.amount_minor as price
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
), ended as (
    select id, was.id is not null as was_there, was.currency as was_in, was.amount as was_worth, was.outcome as was_at,
           was.counted as was_counted, was.due as was_due, was.matches as was_matching,
           was.key as was_key, was.called as was_called, was.place as was_place,
           (was.counted and was.due and was.matches and was.held) is true as opens,
           now.id is not null as is_there, now.currency as is_in, now.amount as is_worth, now.outcome as is_at,
           now.counted as is_counted, now.due as is_due, now.matches as is_matching,
           now.key as is_key, now.called as is_called, now.place as is_place,
           (now.counted and now.due and now.matches and now.held) is true as closes,
           (was.outcome is null and was.due and was.matches and was.held) is true
               or (now.outcome is null and now.due and now.matches and now.held) is true as unknown
    from opening was
    full join closing now using (id)
), moved as (
    select *, case
               when opens and closes then 'stayed'
               when closes and not was_there then 'created'
               when closes and not was_counted and was_at is distinct from 'open' then 'reopened'
               when closes and not was_due then 'pulled_in'
               when closes and not (was_counted and was_matching) then 'matched'
               when closes then 'reassigned_in'
               when not is_there then 'deleted'
               when not is_counted and is_at is null then 'unrecorded'
               when not is_counted and is_at <> 'open' then is_at
               when not is_due then 'pushed_out'
               when not (is_counted and is_matching) then 'unmatched'
               else 'reassigned_out'
           end as way
    from ended
    where opens or closes or unknown
), told as (
    select moved.id, told.*
    from moved
    cross join lateral (
        select 'opening' as part, was_key as key, was_called as called, was_place as place, was_in as currency, was_worth as worth where opens
        union all
        select 'closing', is_key, is_called, is_place, is_in, is_worth where closes
        union all
        select 'unknown', null, null, null, null, null where unknown
        union all
        select way, is_key, is_called, is_place, is_in, is_worth where closes and way in ('created', 'reopened', 'pulled_in')
        union all
        select way, is_key, is_called, is_place, was_in, was_worth where closes and way in ('matched', 'reassigned_in')
        union all
        select way, was_key, was_called, was_place, was_in, -was_worth where opens and not closes
        union all
        select 'moved_out', was_key, was_called, was_place, was_in, -was_worth where way = 'stayed' and was_key is distinct from is_key
        union all
        select 'moved_in', is_key, is_called, is_place, was_in, was_worth where way = 'stayed' and was_key is distinct from is_key
        union all
        select case when more > 0 then 'increased' else 'decreased' end, is_key, is_called, is_place, currency, more
        from (values (is_in, is_worth - case when was_in = is_in then was_worth else 0 end),
                     (case when was_in is distinct from is_in then was_in end, -was_worth)) differs (currency, more)
        where way in ('stayed', 'matched', 'reassigned_in') and closes and currency is not null and more <> 0
    ) told
), listed as (
    select told.part, told.currency, told.worth, coalesce(told.currency, is_now.priced_in, was.priced_in) as priced_in,
           was.id is not null as was_there, is_now.id is not null as is_there, was.owner_id as was_owner, is_now.owner_id as is_owner,
           was.priced_in as was_in, was.price as was_price, is_now.priced_in as is_in, is_now.price as is_price,
           was.close_on as was_close_on, is_now.close_on as is_close_on, one.*
    from told
    left join opening was on was.id = told.id
    left join closing is_now on is_now.id = told.id
    cross join lateral (
        select coalesce(is_now.name, was.name) as name, coalesce(is_now.external_id, was.external_id) as external_id,
               case when is_now.id is null then was.account_id else is_now.account_id end as account_id,
               case when is_now.id is null then was.owner_id else is_now.owner_id end as owner_id,
               case when is_now.id is null then was.stage_id else is_now.stage_id end as stage_id
    ) one
    where told.part in ($23, 'unknown')
)
select part, currency::text, count(*) filter (where (not was_there or was_owner = any ($24::bigint[])) and (not is_there or is_owner = any ($24::bigint[])))::text, count(worth) filter (where (not was_there or was_owner = any ($24::bigint[])) and (not is_there or is_owner = any ($24::bigint[])))::text, (sum(worth) filter (where (not was_there or was_owner = any ($24::bigint[])) and (not is_there or is_owner = any ($24::bigint[]))))::text, count(*)::text
from listed o
group by part, currency;
-- [{"open"} 2026-11-01 2027-02-01 {3} 2026-11-22 {"open"} 2026-11-01 2027-02-01 {3} 2026-11-15 {3} 2026-11-15 2026-11-22 {"open"} 2026-11-15 2026-11-01 2027-02-01 2026-11-15T23:59:59.999999+01:00 2026-11-15T23:59:59.999999+01:00 2026-11-15T23:59:59.999999+01:00 2026-11-15 2026-11-15 pushed_out {7}]

select coalesce((select min(taken_at) > $1::timestamptz from import), false)::text;
-- [2026-11-15T23:59:59.999999+01:00]

