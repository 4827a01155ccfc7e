select count(*)::text,
       min(o.stands_on)::text,
       max(o.stands_on)::text
from (
    with drawn as (
        select t.id
        from territory t
        join territory_model on territory_model.id = t.model_id and territory_model.state = 'planning' and territory_model.name = $3
        where not t.taken_back
    )
    select drawn.id, drawn.id as territory_id, $2::date as stands_on, exists (
        select from territory_member holder
        where holder.territory_id = drawn.id and upper_inf(holder.known)
    ) as held
    from drawn
    where not exists (select from territory lower join drawn here on here.id = lower.id where lower.parent_id = drawn.id)
) o
where case when o.held then 'yes' else 'no' end = any ($1::text[]);
-- [{"no"} 2026-11-22 FY27 plan]

select (exists (select from territory where not taken_back))::text;
-- []

select (count(*) = 1)::text from territory_model where state = 'planning' and name = $1;
-- [FY27 plan]

