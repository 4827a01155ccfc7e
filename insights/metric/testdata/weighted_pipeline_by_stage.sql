select o.currency::text,
       count(*)::text,
       count(o.amount_minor * stage.probability)::text,
       sum(o.amount_minor * stage.probability)::text,
       sum(o.amount_minor) filter (where o.amount_minor * stage.probability is not null)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
group by o.currency;
-- [{"open"}]

select stage.id::text,
       min(stage.name),
       min(stage.position)::text,
       o.currency::text,
       count(*)::text,
       count(o.amount_minor * stage.probability)::text,
       sum(o.amount_minor * stage.probability)::text,
       sum(o.amount_minor) filter (where o.amount_minor * stage.probability is not null)::text,
       sum(o.amount_minor)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
group by stage.id, o.currency;
-- [{"open"}]

select (exists (select from stage where probability is not null) or exists (select from stage_definition where probability is not null and upper_inf(known)))::text;
-- []

