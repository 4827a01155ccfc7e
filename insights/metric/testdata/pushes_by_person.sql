select person.id::text,
       person.name,
       count(*)::text,
       min(o.moved_on)::text,
       max(o.moved_on)::text
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
      and d.id in (select c.opportunity_id from opportunity_change c where c.field = 'close_on' and c.valid_at >= $4::timestamptz and c.valid_at < $5::timestamptz)
) o
left join person on person.id = o.owner_id
where o.move = any ($1::text[])
  and o.moved_on >= $2::date
  and o.moved_on < $3::date
group by person.id;
-- [{"pushed"} 2026-08-01 2026-11-01 2026-08-01T00:00:00+02:00 2026-11-01T00:00:00+01:00 Europe/Oslo Europe/Oslo Europe/Oslo]

select (exists (select from opportunity_change c where c.field = 'close_on' and c.retracted is null))::text;
-- []

