select count(*)::text,
       count(distinct o.account_id)::text,
       min(o.happened_on)::text,
       max(o.happened_on)::text
from (
    select a.id, a.external_id, a.kind, a.two_way, a.person_id as owner_id, coalesce(a.account_id, about.account_id) as account_id,
           (a.at at time zone $5::text)::date as happened_on
    from activity a
    left join opportunity about on about.id = a.opportunity_id
) o
where case when o.two_way then 'yes' else 'no' end = any ($1::text[])
  and o.happened_on >= $2::date
  and o.happened_on < $3::date
  and o.owner_id = any ($4::bigint[]);
-- [{"yes"} 2026-08-01 2026-11-01 {7} Europe/Oslo]

select person.id::text,
       person.name,
       count(*)::text,
       count(distinct o.account_id)::text
from (
    select a.id, a.external_id, a.kind, a.two_way, a.person_id as owner_id, coalesce(a.account_id, about.account_id) as account_id,
           (a.at at time zone $5::text)::date as happened_on
    from activity a
    left join opportunity about on about.id = a.opportunity_id
) o
left join person on person.id = o.owner_id
where case when o.two_way then 'yes' else 'no' end = any ($1::text[])
  and o.happened_on >= $2::date
  and o.happened_on < $3::date
  and o.owner_id = any ($4::bigint[])
group by person.id;
-- [{"yes"} 2026-08-01 2026-11-01 {7} Europe/Oslo]

select (exists (select from activity))::text;
-- []

