select count(*)::text,
       count((
    select count(*)
    from activity
    where activity.opportunity_id = o.id and activity.two_way
      and (activity.at at time zone asked.zone)::date > asked.day - 30 and (activity.at at time zone asked.zone)::date <= asked.day
))::text,
       sum((
    select count(*)
    from activity
    where activity.opportunity_id = o.id and activity.two_way
      and (activity.at at time zone asked.zone)::date > asked.day - 30 and (activity.at at time zone asked.zone)::date <= asked.day
))::text,
       percentile_disc(0.5) within group (order by (
    select count(*)
    from activity
    where activity.opportunity_id = o.id and activity.two_way
      and (activity.at at time zone asked.zone)::date > asked.day - 30 and (activity.at at time zone asked.zone)::date <= asked.day
))::text,
       percentile_disc(0.5) within group (order by (
    select count(*)
    from activity
    where activity.opportunity_id = o.id and activity.two_way
      and (activity.at at time zone asked.zone)::date > asked.day - 30 and (activity.at at time zone asked.zone)::date <= asked.day
) desc)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
cross join (select $2::date as day, $3::text as zone) asked
where not o.deleted
  and stage.outcome = any ($1::text[]);
-- [{"open"} 2026-11-22 Europe/Oslo]

select (exists (select from activity))::text;
-- []

