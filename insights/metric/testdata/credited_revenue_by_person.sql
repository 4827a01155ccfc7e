select person.id::text,
       person.name,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from (
    select d.id, d.external_id, d.name, d.account_id, d.product_id, d.stage_id, d.close_on, d.currency, d.source, d.kind,
           part.owner_id, part.credited, part.credit, part.amount_minor
    from opportunity d
    join stage on stage.id = d.stage_id and stage.outcome = 'won'
    cross join lateral (
        select person_id as owner_id, external_id as credited, split as credit,
               case split when 'revenue' then floor(d.amount_minor * upto + 0.5) - floor(d.amount_minor * (upto - share) + 0.5)
                    else floor(d.amount_minor * share + 0.5) end as amount_minor
        from (
            select s.person_id, person.external_id, s.kind as split, s.share,
                   sum(s.share) over (partition by s.kind order by s.share desc, person.external_id collate "C") as upto
            from opportunity_split s
            join person on person.id = s.person_id
            where s.opportunity_id = d.id and upper_inf(s.known)
        ) shared
        union all
        select d.owner_id, null, 'revenue', d.amount_minor
        where not exists (select from opportunity_split s where s.opportunity_id = d.id and s.kind = 'revenue' and upper_inf(s.known))
    ) part
    where not d.deleted
) o
left join person on person.id = o.owner_id
where o.credit = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
group by person.id, o.currency;
-- [{"revenue"} 2026-08-01 2026-11-01]

