select count(*)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
cross join (select $5::date as day, $6::text as zone) asked
left join lateral (
    select (at at time zone $7::text)::date as entered_on
    from (
        select stage_id, nullif(valid_at, '-infinity') as at, nth
        from (
            select *, lag(stage_id) over (order by nth) as before
            from (
                select case c.field when 'deal' then c.new::jsonb ->> 'stage_id' else c.new end::bigint as stage_id, c.valid_at,
                       row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                       c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                from opportunity_change c
                where c.opportunity_id = o.id and c.field in ('deal', 'stage_id') and c.retracted is null
            ) said
            where last_word
        ) spoken
        where stage_id is distinct from before
    ) entry
    order by nth desc
    limit 1
) visit on true
left join (
    select o.stage_id, percentile_disc(0.8) within group (order by o.left_on - o.entered_on) as days
    from (
    select d.id, d.external_id, d.name, d.account_id, d.product_id, d.owner_id, d.amount_minor, d.currency,
           d.loss_reason, d.competitor, d.source, d.kind, visit.*
    from opportunity d
    cross join lateral (
        with entry as (
        select stage_id, nullif(valid_at, '-infinity') as at, nth
        from (
            select *, lag(stage_id) over (order by nth) as before
            from (
                select case c.field when 'deal' then c.new::jsonb ->> 'stage_id' else c.new end::bigint as stage_id, c.valid_at,
                       row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                       c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                from opportunity_change c
                where c.opportunity_id = d.id and c.field in ('deal', 'stage_id') and c.retracted is null
            ) said
            where last_word
        ) spoken
        where stage_id is distinct from before
        ), visit as (
            select *, lead(at) over turns as next_at, row_number() over (partition by stage_id order by nth) = 1 as first
            from entry
            window turns as (order by nth)
        )
        select visit.nth, visit.stage_id, visit.first,
               (visit.at at time zone asked.zone)::date as entered_on, (visit.next_at at time zone asked.zone)::date as left_on,
               (
                   select (min(later.at) at time zone asked.zone)::date
                   from entry later
                   join stage further on further.id = later.stage_id
                   where later.nth > visit.nth
                     and (further.outcome = 'won' or further.outcome = 'open' and further.position > stage.position
                          and further.process_id is not distinct from stage.process_id)
               ) as passed_on
        from visit
        join stage on stage.id = visit.stage_id and stage.outcome = 'open'
        cross join (select $8::text as zone) asked
    ) visit
    where not d.deleted
      and d.stage_id in (select id from stage where outcome = 'won')
) o
    group by o.stage_id
) usual on usual.stage_id = o.stage_id
where not o.deleted
  and (stage.outcome = any ($1::text[]) and case when asked.day - visit.entered_on > coalesce(stage.expected_days, usual.days) then 'yes' when asked.day - visit.entered_on <= coalesce(stage.expected_days, usual.days) then 'no' end = any ($2::text[]))
  and o.owner_id = any (array(select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $4::date and case when in_force.days @> $4::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($3::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)));
-- [{"open"} {"yes"} {3} 2026-11-22 2026-11-22 Europe/Oslo Europe/Oslo Europe/Oslo]

select (exists (select from opportunity_change c where c.field = 'stage_id' and c.retracted is null))::text;
-- []

select count(*)::text
from opportunity o
left join stage on stage.id = o.stage_id
cross join (select $5::date as day, $6::text as zone) asked
left join lateral (
    select (at at time zone $7::text)::date as entered_on
    from (
        select stage_id, nullif(valid_at, '-infinity') as at, nth
        from (
            select *, lag(stage_id) over (order by nth) as before
            from (
                select case c.field when 'deal' then c.new::jsonb ->> 'stage_id' else c.new end::bigint as stage_id, c.valid_at,
                       row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                       c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                from opportunity_change c
                where c.opportunity_id = o.id and c.field in ('deal', 'stage_id') and c.retracted is null
            ) said
            where last_word
        ) spoken
        where stage_id is distinct from before
    ) entry
    order by nth desc
    limit 1
) visit on true
left join (
    select o.stage_id, percentile_disc(0.8) within group (order by o.left_on - o.entered_on) as days
    from (
    select d.id, d.external_id, d.name, d.account_id, d.product_id, d.owner_id, d.amount_minor, d.currency,
           d.loss_reason, d.competitor, d.source, d.kind, visit.*
    from opportunity d
    cross join lateral (
        with entry as (
        select stage_id, nullif(valid_at, '-infinity') as at, nth
        from (
            select *, lag(stage_id) over (order by nth) as before
            from (
                select case c.field when 'deal' then c.new::jsonb ->> 'stage_id' else c.new end::bigint as stage_id, c.valid_at,
                       row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                       c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                from opportunity_change c
                where c.opportunity_id = d.id and c.field in ('deal', 'stage_id') and c.retracted is null
            ) said
            where last_word
        ) spoken
        where stage_id is distinct from before
        ), visit as (
            select *, lead(at) over turns as next_at, row_number() over (partition by stage_id order by nth) = 1 as first
            from entry
            window turns as (order by nth)
        )
        select visit.nth, visit.stage_id, visit.first,
               (visit.at at time zone asked.zone)::date as entered_on, (visit.next_at at time zone asked.zone)::date as left_on,
               (
                   select (min(later.at) at time zone asked.zone)::date
                   from entry later
                   join stage further on further.id = later.stage_id
                   where later.nth > visit.nth
                     and (further.outcome = 'won' or further.outcome = 'open' and further.position > stage.position
                          and further.process_id is not distinct from stage.process_id)
               ) as passed_on
        from visit
        join stage on stage.id = visit.stage_id and stage.outcome = 'open'
        cross join (select $8::text as zone) asked
    ) visit
    where not d.deleted
      and d.stage_id in (select id from stage where outcome = 'won')
) o
    group by o.stage_id
) usual on usual.stage_id = o.stage_id
where ((stage.outcome = any ($1::text[]) and case when asked.day - visit.entered_on > coalesce(stage.expected_days, usual.days) then 'yes' when asked.day - visit.entered_on <= coalesce(stage.expected_days, usual.days) then 'no' end = any ($2::text[]))) is null
  and o.stage_id is not null
  and not o.deleted
  and o.owner_id = any (array(select held.person_id from (
        select person_id, min(territory_id) as id
        from territory_member
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> $4::date and case when in_force.days @> $4::date then true end
        group by person_id
) held where held.id in (
    with recursive below as (
        select territory_id as id from territory_in_force
        where known_as in (select known_as from territory_in_force where territory_id = any ($3::bigint[]))
        union
        select t.id from territory t join below on t.parent_id = below.id
    )
    select id from below)));
-- [{"open"} {"yes"} {3} 2026-11-22 2026-11-22 Europe/Oslo Europe/Oslo Europe/Oslo]

