select count(*)::text,
       count(case when o.responded_at is not null then (
        select coalesce(sum(greatest(extract(epoch from least(o.responded_at, (day + interval '1 day') at time zone asking.zone) - greatest(o.created_at, day at time zone asking.zone)), 0)), 0)
        from generate_series(date_trunc('day', o.created_at at time zone asking.zone), o.responded_at at time zone asking.zone, interval '1 day') day
        where extract(dow from day) = any (asking.works) and day::date <> all (asking.rests)
    ) end)::text,
       nullif(percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then (
        select coalesce(sum(greatest(extract(epoch from least(o.responded_at, (day + interval '1 day') at time zone asking.zone) - greatest(o.created_at, day at time zone asking.zone)), 0)), 0)
        from generate_series(date_trunc('day', o.created_at at time zone asking.zone), o.responded_at at time zone asking.zone, interval '1 day') day
        where extract(dow from day) = any (asking.works) and day::date <> all (asking.rests)
    ) end, 'Infinity'::numeric)), 'Infinity'::numeric)::text,
       percentile_disc($1::float8) within group (order by coalesce(case when o.responded_at is not null then (
        select coalesce(sum(greatest(extract(epoch from least(o.responded_at, (day + interval '1 day') at time zone asking.zone) - greatest(o.created_at, day at time zone asking.zone)), 0)), 0)
        from generate_series(date_trunc('day', o.created_at at time zone asking.zone), o.responded_at at time zone asking.zone, interval '1 day') day
        where extract(dow from day) = any (asking.works) and day::date <> all (asking.rests)
    ) end, (
        select coalesce(sum(greatest(extract(epoch from least(asking.moment, (day + interval '1 day') at time zone asking.zone) - greatest(o.created_at, day at time zone asking.zone)), 0)), 0)
        from generate_series(date_trunc('day', o.created_at at time zone asking.zone), asking.moment at time zone asking.zone, interval '1 day') day
        where extract(dow from day) = any (asking.works) and day::date <> all (asking.rests)
    )))::text,
       min(o.created_on)::text,
       max(o.created_on)::text
from (
    select l.id, l.external_id, l.source, l.status, l.owner_id, l.created_at, l.responded_at, (l.created_at at time zone $8::text)::date as created_on,
           coalesce((l.converted_at at time zone $8::text)::date, became.created_on) as converted_on
    from lead l
    left join opportunity became on became.id = l.opportunity_id
) o
cross join (select $4::timestamptz as moment, $5::text as zone, $6::int[] as works, $7::date[] as rests) asking
where o.created_on >= $2::date
  and o.created_on < $3::date;
-- [0.9 2026-08-01 2026-11-01 2026-11-22T00:00:00+01:00 Europe/Oslo {"0","1","2","3","4","5","6"} {} Europe/Oslo]

select (exists (select from lead))::text;
-- []

