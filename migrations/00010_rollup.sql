-- +goose Up

-- What the deals add up to, by each of their days (`clock`) and its calendar
-- month, owner, stage and currency: the first answer to every figure that can
-- be added up. Deleted deals are in no cell, and no cell is empty.
create type opportunity_clock as enum ('close_on', 'created_on', 'engaged_on');
create table opportunity_rollup (
    owner_id     bigint,
    stage_id     bigint            not null,
    clock        opportunity_clock not null,
    month        date,                       -- its first day; null: the deals have no such day
    first_on     date,                       -- the first and the last day of the clock
    last_on      date,                       -- that one of these deals has
    deals        integer           not null check (deals > 0),
    priced       integer           not null, -- deals that have an amount
    amount_minor numeric           not null, -- the sum of those amounts
    currency     char(3)
) partition by list (clock);
create table opportunity_rollup_close partition of opportunity_rollup for values in ('close_on');
create table opportunity_rollup_created partition of opportunity_rollup for values in ('created_on');
create table opportunity_rollup_engaged partition of opportunity_rollup for values in ('engaged_on');
create unique index opportunity_rollup_key on opportunity_rollup (stage_id, month, owner_id, currency, clock) nulls not distinct;
create index opportunity_rollup_month on opportunity_rollup (month);

-- Finds the deals of a person in a month.
create index opportunity_owner_close on opportunity (owner_id, close_on) where not deleted;

-- Writes the query that rolls up deals: of those that another query selects,
-- whatever a condition keeps of them and their days.
-- +goose StatementBegin
create function rollup_of(deals text, kept text default 'true') returns text language sql immutable as $$
    select format('
        select day.clock, date_trunc(''month'', day.day::timestamp)::date as month, deal.owner_id, deal.stage_id, deal.currency,
               count(*) as deals, count(deal.amount_minor) as priced, coalesce(sum(deal.amount_minor), 0) as amount_minor,
               min(day.day) as first_on, max(day.day) as last_on
        from (%s) deal
        cross join lateral (values (''close_on''::opportunity_clock, deal.close_on), (''created_on'', deal.created_on), (''engaged_on'', deal.engaged_on)) day (clock, day)
        where not deal.deleted and %s
        group by 1, 2, 3, 4, 5
        order by clock, stage_id, month, owner_id', deals, kept)
$$;
-- +goose StatementEnd

-- Keeps the rollup true to whatever is done to deals, in the statement that does
-- it: nobody who writes deals can forget to. New deals are added to their cells.
-- The cells that others were in and are in now, where that is not the same or
-- their amounts are not, are counted again.
-- +goose StatementBegin
create function keep_rollup() returns trigger language plpgsql as $$
declare
    written constant text := 'insert into opportunity_rollup as known (clock, month, owner_id, stage_id, currency, deals, priced, amount_minor, first_on, last_on)';
    key     constant text := ' on conflict (clock, month, owner_id, stage_id, currency)';
    touched text := 'select * from earlier';
begin
    if tg_op = 'INSERT' then
        execute written || rollup_of('select * from later') || key || '
            do update
            set deals = known.deals + excluded.deals, priced = known.priced + excluded.priced, amount_minor = known.amount_minor + excluded.amount_minor,
                first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on)';
        return null;
    end if;
    if tg_op = 'UPDATE' then
        touched := 'select * from earlier union all select * from later';
    end if;
    execute '
        with dirty as (
            select distinct clock, coalesce(month, ''-infinity'') as month, coalesce(owner_id, 0) as owner_id, stage_id, coalesce(currency, '''') as currency
            from (
                select day.clock, date_trunc(''month'', day.day::timestamp)::date as month, deal.owner_id, deal.stage_id, deal.currency
                from (' || touched || ') deal
                cross join lateral (values (''close_on''::opportunity_clock, deal.close_on), (''created_on'', deal.created_on), (''engaged_on'', deal.engaged_on)) day (clock, day)
                where not deal.deleted
                group by day.clock, day.day, deal.owner_id, deal.stage_id, deal.currency, deal.id, deal.amount_minor
                having count(*) = 1 -- else it is what it was
            ) differing
        ), counted as materialized (' || rollup_of('
            select deal.* from (select distinct owner_id from dirty) whose join opportunity deal on deal.owner_id = whose.owner_id
            union all
            select * from opportunity where owner_id is null and exists (select from dirty where owner_id = 0)', '
            (day.clock, coalesce(date_trunc(''month'', day.day::timestamp)::date, ''-infinity''), coalesce(deal.owner_id, 0), deal.stage_id, coalesce(deal.currency, ''''))
            in (select clock, month, owner_id, stage_id, currency from dirty)') || '
        ), emptied as (
            delete from opportunity_rollup known
            using dirty
            where known.clock = dirty.clock and coalesce(known.month, ''-infinity'') = dirty.month and coalesce(known.owner_id, 0) = dirty.owner_id
              and known.stage_id = dirty.stage_id and coalesce(known.currency, '''') = dirty.currency
              and not exists (
                select from counted
                where counted.clock = dirty.clock and coalesce(counted.month, ''-infinity'') = dirty.month and coalesce(counted.owner_id, 0) = dirty.owner_id
                  and counted.stage_id = dirty.stage_id and coalesce(counted.currency, '''') = dirty.currency)
        )
        ' || written || ' select * from counted' || key || '
        do update
        set deals = excluded.deals, priced = excluded.priced, amount_minor = excluded.amount_minor, first_on = excluded.first_on, last_on = excluded.last_on';
    return null;
end $$;
-- +goose StatementEnd

create trigger opportunity_added after insert on opportunity
    referencing new table as later for each statement execute function keep_rollup();
create trigger opportunity_changed after update on opportunity
    referencing old table as earlier new table as later for each statement execute function keep_rollup();
create trigger opportunity_removed after delete on opportunity
    referencing old table as earlier for each statement execute function keep_rollup();

-- +goose StatementBegin
do $$
begin
    execute 'insert into opportunity_rollup (clock, month, owner_id, stage_id, currency, deals, priced, amount_minor, first_on, last_on)' || rollup_of('select * from opportunity');
end $$;
-- +goose StatementEnd

analyze opportunity_rollup;
