package scale

// drawing defines draw, which gives the nth thing its own number from 0 to 1 for
// each of its traits, by the seed.
const drawing = `
create function pg_temp.draw(n bigint, trait int) returns float8 language sql immutable as $$
    select (hashint8extended(n * 64 + trait, %d) & 9007199254740991) / 9007199254740992.0::float8
$$`

// telling defines which of the imports, one a week, told what happened at a
// moment.
const telling = `
create function pg_temp.told_by(at timestamptz) returns bigint language sql immutable as $$
    select greatest(1, 2 + floor(extract(epoch from at - timestamptz '2026-10-25 02:00+00') / (7 * 86400)))::bigint
$$`

// people are one head, ten directors, 190 managers and 1800 reps.
const people = `
insert into person (id, external_id, name, email, role) overriding system value
select n, 'P' || n, 'Person ' || lpad(n::text, 4, '0'), 'p' || n || '@scale.example', case when n < 202 then 'manager' else 'rep' end
from generate_series(1, 2001) n;
insert into reporting_line (person_id, manager_id, valid, known)
select n, case when n < 12 then 1 else 2 + (n - 12) % 10 end, daterange '(,)', int8range '[1,)' from generate_series(2, 201) n
union all
select n, 12 + (n - 202) % 190, case when pg_temp.draw(n, 1) < 0.25 then daterange(null, '2026-07-01') else daterange '(,)' end, int8range '[1,)' from generate_series(202, 2001) n
union all
select n, 12 + (n - 202 + 37) % 190, daterange '[2026-07-01,)', int8range '[1,)' from generate_series(202, 2001) n where pg_temp.draw(n, 1) < 0.25`

// territories are four areas, sixteen regions and eighty districts.
const territories = `
insert into territory (id, external_id, name, parent_id) overriding system value
select n, 'T' || n, case when n < 5 then 'Area ' when n < 21 then 'Region ' else 'District ' end || n,
       case when n < 5 then null when n < 21 then 1 + (n - 5) % 4 else 5 + (n - 21) % 16 end
from generate_series(1, 100) n;
insert into territory_member (territory_id, person_id, valid, known)
select case when n < 12 then 1 + n % 4 else 5 + (n - 12) % 16 end, n, daterange '(,)', int8range '[1,)' from generate_series(2, 201) n
union all
select 21 + (n - 202) % 80, n, case when pg_temp.draw(n, 1) < 0.25 then daterange(null, '2026-07-01') else daterange '(,)' end, int8range '[1,)' from generate_series(202, 2001) n
union all
select 21 + (n - 202 + 13) % 80, n, daterange '[2026-07-01,)', int8range '[1,)' from generate_series(202, 2001) n where pg_temp.draw(n, 1) < 0.25`

// accounts are %d.
const accounts = `
insert into account (id, external_id, name, industry, country, segment) overriding system value
select n, 'A' || n, 'Account ' || n, 'Industry ' || 1 + n %% 12, 'Country ' || 1 + n %% 20, (array['Small', 'Medium', 'Large'])[1 + n %% 3]
from generate_series(1, %[1]d) n;
insert into account_territory (account_id, territory_id, valid, known)
select n, 21 + n %% 80, daterange '(,)', int8range '[1,)' from generate_series(1, %[1]d) n`

const products = `
insert into product (id, external_id, name, family) overriding system value
select n, 'X' || n, 'Product ' || n, 'Family ' || 1 + n % 6 from generate_series(1, 40) n`

const stages = `
insert into stage (id, name, position, outcome, probability) overriding system value
values (1, 'Lead', 1, 'open', 0.05), (2, 'Qualified', 2, 'open', 0.1), (3, 'Discovery', 3, 'open', 0.25), (4, 'Proposal', 4, 'open', 0.4),
       (5, 'Negotiation', 5, 'open', 0.6), (6, 'Contract', 6, 'open', 0.8), (7, 'Won', 7, 'won', 1), (8, 'Lost', 8, 'lost', 0)`

// quotas are those of each rep and quarter.
const quotas = `
insert into quota (person_id, measure, period, amount_minor, currency, known)
select n, 'bookings', daterange(begins::date, (begins + interval '3 months')::date), 100 * (100000 + floor(pg_temp.draw(n, 2) * 400000)::bigint), 'USD', '[1,)'
from generate_series(202, 2001) n cross join generate_series(timestamp '2022-01-01', '2026-10-01', interval '3 months') begins`

// deals makes those from %[3]d to %[4]d of %[1]d and their log. Each was created
// on its day, went through some of the open stages, and was closed if its day has
// come; on the way its amount, its close date and its owner may have changed. So
// a deal is drawn as it is, with how it began, and each change as a share of the
// way between.
const deals = `
with drawn as materialized (
    select n as id, 'D' || n as external_id, 'Deal ' || n as name,
           1 + floor(pg_temp.draw(n, 1) * %[2]d)::bigint as account_id, 1 + floor(pg_temp.draw(n, 2) * 40)::bigint as product_id,
           202 + floor(pg_temp.draw(n, 3) * 1800)::bigint as owner_id,
           case when pg_temp.draw(n, 4) < 0.08 then 202 + floor(pg_temp.draw(n, 5) * 1800)::bigint end as first_owner,
           created_on, case when pg_temp.draw(n, 6) < 0.9 then created_on + 3 end as engaged_on, created_on + cycle as close_on,
           case when pg_temp.draw(n, 7) < 0.55 then 0 when pg_temp.draw(n, 7) < 0.85 then 1 else 2 end as pushes,
           least(30, cycle / 3) as pushed_by, closed, floor(pg_temp.draw(n, 8) * 5.5)::bigint as moves,
           case when not closed then 1 + floor(pg_temp.draw(n, 8) * 5.5)::bigint when pg_temp.draw(n, 9) < 0.24 then 7 else 8 end as stage_id,
           amount, case when pg_temp.draw(n, 12) < 0.4 then amount + amount / 400 * 100 * case when pg_temp.draw(n, 12) < 0.2 then 1 else -1 end end as first_amount,
           case when pg_temp.draw(n, 13) < 0.85 then 'USD' else 'EUR' end as currency,
           'Reason ' || 1 + floor(pg_temp.draw(n, 14) * 6) as reason,
           case when pg_temp.draw(n, 15) < 0.3 then 'Competitor ' || 1 + floor(pg_temp.draw(n, 15) * 20) end as competitor,
           (array['Web', 'Event', 'Partner', 'Outbound', 'Referral'])[1 + floor(pg_temp.draw(n, 16) * 5)] as source,
           (array['New', 'Renewal', 'Expansion'])[1 + floor(pg_temp.draw(n, 17) * 3)] as kind,
           pg_temp.draw(n, 18) < 0.005 as deleted,
           created_on + time '08:00' at time zone 'UTC' as began,
           case when closed then created_on + cycle + time '17:00' at time zone 'UTC' else timestamptz '2026-11-21 20:00+00' end as ended
    from (
        select n, created_on, cycle, created_on + cycle <= date '2026-11-21' and not (created_on + cycle > date '2026-08-22' and pg_temp.draw(n, 19) < 0.05) as closed,
               case when pg_temp.draw(n, 10) >= 0.03 then
                   100 * (100 + floor(exp(9 + 1.2 * sqrt(-2 * ln(1 - pg_temp.draw(n, 10))) * cos(2 * pi() * pg_temp.draw(n, 11))))::bigint)
               end as amount
        from (
            select n, date '2021-11-22' + floor(1824 * power((n - 1) / %[1]d::float8, 0.8))::int as created_on,
                   15 + least(385, floor(-75 * ln(1 - pg_temp.draw(n, 20))))::int as cycle
            from generate_series(%[3]d::bigint, %[4]d) n
        ) timed
    ) priced
), stored as (
    insert into opportunity (id, external_id, name, account_id, product_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on,
                             loss_reason, competitor, source, kind, deleted) overriding system value
    select id, external_id, name, account_id, product_id, owner_id, stage_id, amount, case when amount is not null then currency end, created_on, engaged_on, close_on,
           case when stage_id = 8 then reason end, competitor, source, kind, deleted
    from drawn
    order by id
)
insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
select id, field, old, new, valid_at, pg_temp.told_by(coalesce(happened, began)), 'scale'
from drawn
cross join lateral (
    select 'deal' as field, null as old, jsonb_strip_nulls(jsonb_build_object(
               'name', name, 'account_id', account_id, 'product_id', product_id, 'owner_id', coalesce(first_owner, owner_id), 'stage_id', 1,
               'amount_minor', coalesce(first_amount, amount), 'currency', case when amount is not null then currency end,
               'created_on', created_on, 'engaged_on', engaged_on, 'close_on', close_on - pushes * pushed_by,
               'competitor', competitor, 'source', source, 'kind', kind))::text as new, null::timestamptz as happened
    union all
    select 'stage_id', step::text, (step + 1)::text, began + (ended - began) * ((step - pg_temp.draw(id, 21)) / (moves + 1)) from generate_series(1, moves) step
    union all
    select 'stage_id', (moves + 1)::text, stage_id::text, ended where closed
    union all
    select 'loss_reason', null, reason, ended where stage_id = 8
    union all
    select 'amount_minor', first_amount::text, amount::text, began + (ended - began) * pg_temp.draw(id, 22) where first_amount <> amount
    union all
    select 'close_on', (close_on - (pushes - step + 1) * pushed_by)::text, (close_on - (pushes - step) * pushed_by)::text,
           began + (ended - began) * ((step - pg_temp.draw(id, 23)) / pushes)
    from generate_series(1, pushes) step
    union all
    select 'owner_id', first_owner::text, owner_id::text, began + (ended - began) * pg_temp.draw(id, 24) where first_owner <> owner_id
    union all
    select 'deleted', 'false', 'true', ended + interval '1 hour' where deleted
) told
cross join lateral (select coalesce(date_trunc('second', happened), '-infinity') as valid_at) dated
order by id, valid_at`

// imports numbers as many as %d, a week apart, the last of them at %s.
const imports = `
insert into import (revision, at, actor, source, taken_at, summary, undoable)
select n, at, 'scale', 'week ' || n, at, '{"added": {}, "changed": {}, "unchanged": {}, "total": {}}', false
from generate_series(1, %[1]d) n cross join lateral (select timestamptz %[2]s - (%[1]d - n) * interval '7 days' as at) made;
update head set revision = %[1]d, confirmed_at = %[2]s`
