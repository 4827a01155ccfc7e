select person.id::text,
       person.name,
       count(*)::text,
       count(*) filter (where stage.outcome = any ($1::text[]))::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join person on person.id = o.owner_id
left join lateral (
    select count(*) as n
    from (
    select d.id, d.external_id, d.name, d.account_id, d.product_id, d.owner_id, d.stage_id, d.amount_minor, d.currency,
           d.loss_reason, d.competitor, d.source, d.kind, moved.*
    from opportunity d
    cross join lateral (
        select dated.day as moved_on, dated.now - dated.was as days,
               case when date_trunc('month', dated.now::timestamp)::date > date_trunc('month', dated.was::timestamp)::date then 'pushed' when date_trunc('month', dated.now::timestamp)::date < date_trunc('month', dated.was::timestamp)::date then 'pulled' else 'corrected' end as move
        from (
            select (valid_at at time zone $6::text)::date as day,
                   (array_agg(before order by nth))[1] as was, (array_agg(close_on order by nth desc))[1] as now,
                   (array_agg(beginning order by nth))[1] as beginning
            from (
                select *, lag(close_on) over (order by nth) as before,
                       date_trunc('day', valid_at, $7::text) as beginning
                from (
                    select case c.field when 'deal' then c.new::jsonb ->> 'close_on' else c.new end::date as close_on, c.valid_at,
                           row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                           c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                    from opportunity_change c
                    where c.opportunity_id = d.id and c.field in ('deal', 'close_on') and c.retracted is null
                ) said
                where last_word
            ) spoken
            where valid_at > '-infinity'
            group by 1
        ) dated
        cross join lateral (
            select bool_and(stage.outcome = 'open') as open, count(*) as ends
            from (
                (select stage_id from (
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
        where stage_id is distinct from before) entry where at is null or at < dated.beginning order by nth desc limit 1)
                union all
                (select stage_id from (
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
        where stage_id is distinct from before) entry where at is null or (at at time zone $8::text)::date <= dated.day order by nth desc limit 1)
            ) stood
            join stage on stage.id = stood.stage_id
        ) throughout
        where dated.was <> dated.now and throughout.open and throughout.ends = 2
    ) moved
    where not d.deleted
      and d.id = o.id
) moved
    where moved.move = 'pushed'
) pushes on true
where not o.deleted
  and stage.outcome = any ($2::text[])
  and o.close_on >= $3::date
  and o.close_on < $4::date
  and pushes.n >= $5::int
group by person.id;
-- [{"won"} {"won","lost"} 2026-08-01 2026-11-01 3 Europe/Oslo Europe/Oslo Europe/Oslo]

select (exists (select from opportunity_change c where c.field = 'close_on' and c.retracted is null))::text;
-- []

