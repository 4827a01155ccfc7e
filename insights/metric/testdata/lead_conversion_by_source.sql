select lower(o.source)::text,
       min(o.source collate "C"),
       count(*)::text,
       count(*) filter (where case when o.created_on + 30 > asked.day then 'young' when o.converted_on <= o.created_on + 30 then 'yes' else 'no' end = any ($1::text[]))::text,
       min(o.created_on)::text,
       max(o.created_on)::text
from (
    select l.id, l.external_id, l.source, l.status, l.owner_id, l.created_at, l.responded_at, (l.created_at at time zone $7::text)::date as created_on,
           coalesce((l.converted_at at time zone $7::text)::date, became.created_on) as converted_on
    from lead l
    left join opportunity became on became.id = l.opportunity_id
) o
cross join (select $5::date as day, $6::text as zone) asked
where case when o.created_on + 30 > asked.day then 'young' when o.converted_on <= o.created_on + 30 then 'yes' else 'no' end = any ($2::text[])
  and o.created_on >= $3::date
  and o.created_on < $4::date
group by lower(o.source);
-- [{"yes"} {"yes","no"} 2026-08-01 2026-11-01 2026-11-22 Europe/Oslo Europe/Oslo]

select (exists (select from lead))::text;
-- []

select count(*)::text
from (
    select l.id, l.external_id, l.source, l.status, l.owner_id, l.created_at, l.responded_at, (l.created_at at time zone $6::text)::date as created_on,
           coalesce((l.converted_at at time zone $6::text)::date, became.created_on) as converted_on
    from lead l
    left join opportunity became on became.id = l.opportunity_id
) o
cross join (select $4::date as day, $5::text as zone) asked
where case when o.created_on + 30 > asked.day then 'young' when o.converted_on <= o.created_on + 30 then 'yes' else 'no' end = any ($1::text[])
  and o.created_on >= $2::date
  and o.created_on < $3::date;
-- [{"young"} 2026-08-01 2026-11-01 2026-11-22 Europe/Oslo Europe/Oslo]

