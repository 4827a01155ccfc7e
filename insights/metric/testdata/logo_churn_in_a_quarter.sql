select count(*)::text,
       count(*) filter (where o.logo = any ($1::text[]))::text,
       min(o.starts_on)::text,
       max(o.starts_on)::text
from (
    select account_id, currency, starts_on, amount_minor, expansion, loss,
           case when row_number() over account > 1 then null when bool_and(lost) over account_all then 'lost' else 'kept' end as logo
    from (
        select account_id, currency, starts_on, sum(balance) filter (where moved_on < starts_on) as amount_minor,
               coalesce(sum(gain) filter (where moved_on >= starts_on and not gone), 0) as expansion,
               coalesce(sum(loss) filter (where moved_on >= starts_on and not gone), 0) as loss,
               bool_or(moved_on >= starts_on and balance <= 0) as lost
        from (
            select *, coalesce(bool_or(moved_on >= starts_on and balance <= 0)
                      over (partition by account_id, currency, starts_on order by moved_on rows between unbounded preceding and 1 preceding), false) as gone
            from (
                select account_id, currency, span.since as starts_on, greatest(moved_on, span.since - 1) as moved_on,
                       sum(amount_minor) filter (where kind not in ('contraction', 'churn')) as gain,
                       sum(amount_minor) filter (where kind in ('contraction', 'churn')) as loss,
                       sum(sum(case when kind in ('contraction', 'churn') then -amount_minor else amount_minor end)) over (partition by account_id, currency, span.since order by greatest(moved_on, span.since - 1)) as balance
                from subscription_movement
                join unnest($5::date[], $6::date[]) span (since, until) on moved_on < span.until
                where upper_inf(known)
                group by account_id, currency, span.since, greatest(moved_on, span.since - 1)
            ) by_day
        ) by_day
        group by account_id, currency, starts_on
    ) cohort
    where amount_minor > 0
    window account as (partition by account_id, starts_on order by currency), account_all as (partition by account_id, starts_on)
) o
where o.logo = any ($2::text[])
  and o.starts_on >= $3::date
  and o.starts_on < $4::date;
-- [{"lost"} {"kept","lost"} 2026-08-01 2026-11-01 {"2026-08-01"} {"2026-11-01"}]

select (exists (select from subscription_movement where upper_inf(known)))::text;
-- []

