select stage.id::text,
       min(stage.name),
       min(stage.position)::text,
       count(*)::text,
       count(*) filter (where exists (select 
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
                cross join (select $2::text as zone) asked
            ) visit
            where not d.deleted
        ) o
        where o.id = base.id
          and o.passed_on >= base.day
          and o.passed_on <= base.day + 90
          and o.stage_id = base.p0
          and o.passed_on is not null
          and case when o.first then 'yes' else 'no' end = any ($1::text[])))::text,
       min(o.entered_on)::text,
       max(o.entered_on)::text
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
        cross join (select $9::text as zone) asked
    ) visit
    where not d.deleted
      and d.id in (select c.opportunity_id from opportunity_change c where c.field = 'stage_id' and c.valid_at >= $7::timestamptz and c.valid_at < $8::timestamptz)
) o
left join stage on stage.id = o.stage_id
cross join lateral (select o.id, o.entered_on as day, o.stage_id as p0) base
where (case when o.first then 'yes' else 'no' end = any ($3::text[]) and o.entered_on + 90 < $4::date)
  and o.entered_on >= $5::date
  and o.entered_on < $6::date
group by stage.id;
-- [{"yes"} Europe/Oslo {"yes"} 2026-11-22 2026-08-01 2026-11-01 2026-08-01T00:00:00+02:00 2026-11-01T00:00:00+01:00 Europe/Oslo]

select (exists (select from opportunity_change c where c.field = 'stage_id' and c.retracted is null))::text;
-- []

select count(*)::text
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
        cross join (select $4::text as zone) asked
    ) visit
    where not d.deleted
      and (d.id in (select c.opportunity_id from opportunity_change c where c.field = 'stage_id' and c.valid_at >= $3::timestamptz) or d.stage_id in (select id from stage where outcome = 'open'))
) o
where o.entered_on is null
  and case when o.first then 'yes' else 'no' end = any ($1::text[])
  and (o.left_on is null or o.left_on >= $2::date);
-- [{"yes"} 2026-08-01 2026-08-01T00:00:00+02:00 Europe/Oslo]

select count(*)::text
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
        cross join (select $7::text as zone) asked
    ) visit
    where not d.deleted
      and d.id in (select c.opportunity_id from opportunity_change c where c.field = 'stage_id' and c.valid_at >= $5::timestamptz and c.valid_at < $6::timestamptz)
) o
where (case when o.first then 'yes' else 'no' end = any ($1::text[]) and o.entered_on + 90 >= $2::date)
  and o.entered_on >= $3::date
  and o.entered_on < $4::date;
-- [{"yes"} 2026-11-22 2026-08-01 2026-11-01 2026-08-01T00:00:00+02:00 2026-11-01T00:00:00+01:00 Europe/Oslo]

