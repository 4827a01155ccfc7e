-- +goose Up

-- Finds the cells of a few people: those of a territory.
create index opportunity_rollup_owner on opportunity_rollup (owner_id, month);

-- Two coarser rollups, added up from the first: without the owner for what is
-- asked of all deals, and without the month for what stands whatever the month.
-- Most questions read one of these, and a hundred times fewer cells.
create table opportunity_rollup_company (
    stage_id     bigint            not null,
    clock        opportunity_clock not null,
    month        date,
    first_on     date,
    last_on      date,
    deals        bigint            not null,
    priced       bigint            not null,
    amount_minor numeric           not null,
    currency     char(3)
);
create unique index opportunity_rollup_company_key on opportunity_rollup_company (clock, stage_id, month, currency) nulls not distinct;
create table opportunity_rollup_person (
    owner_id     bigint,
    stage_id     bigint            not null,
    clock        opportunity_clock not null,
    first_on     date,
    last_on      date,
    deals        bigint            not null,
    priced       bigint            not null,
    amount_minor numeric           not null,
    currency     char(3)
);
create unique index opportunity_rollup_person_key on opportunity_rollup_person (clock, stage_id, owner_id, currency) nulls not distinct;

-- Adds both up again where cells of the first rollup were written, in the
-- statement that writes them.
-- +goose StatementBegin
create function keep_rollup_grains() returns trigger language plpgsql as $$
declare
    touched constant text := case tg_op when 'INSERT' then 'select * from later' when 'DELETE' then 'select * from earlier' else 'select * from earlier union all select * from later' end;
    grain   record;
begin
    for grain in values ('opportunity_rollup_company', 'month', 'date ''-infinity'''), ('opportunity_rollup_person', 'owner_id', '0') loop
        execute format('
            delete from %1$I known
            using (select distinct clock, stage_id, coalesce(%2$I, %3$s) as kept, coalesce(currency, '''') as currency from (%4$s) cell) dirty
            where known.clock = dirty.clock and known.stage_id = dirty.stage_id and coalesce(known.%2$I, %3$s) = dirty.kept and coalesce(known.currency, '''') = dirty.currency',
            grain.column1, grain.column2, grain.column3, touched);
        execute format('
            insert into %1$I (clock, stage_id, %2$I, currency, deals, priced, amount_minor, first_on, last_on)
            select cell.clock, cell.stage_id, cell.%2$I, cell.currency, sum(cell.deals), sum(cell.priced), sum(cell.amount_minor), min(cell.first_on), max(cell.last_on)
            from opportunity_rollup cell
            join (select distinct clock, stage_id, coalesce(%2$I, %3$s) as kept, coalesce(currency, '''') as currency from (%4$s) cell) dirty
              on cell.clock = dirty.clock and cell.stage_id = dirty.stage_id and coalesce(cell.%2$I, %3$s) = dirty.kept and coalesce(cell.currency, '''') = dirty.currency
            group by 1, 2, 3, 4
            order by 1, 2, 3',
            grain.column1, grain.column2, grain.column3, touched);
    end loop;
    return null;
end $$;
-- +goose StatementEnd

create trigger cells_added after insert on opportunity_rollup
    referencing new table as later for each statement execute function keep_rollup_grains();
create trigger cells_changed after update on opportunity_rollup
    referencing old table as earlier new table as later for each statement execute function keep_rollup_grains();
create trigger cells_removed after delete on opportunity_rollup
    referencing old table as earlier for each statement execute function keep_rollup_grains();

insert into opportunity_rollup_company (clock, stage_id, month, currency, deals, priced, amount_minor, first_on, last_on)
select clock, stage_id, month, currency, sum(deals), sum(priced), sum(amount_minor), min(first_on), max(last_on)
from opportunity_rollup group by 1, 2, 3, 4 order by 1, 2, 3;
insert into opportunity_rollup_person (clock, stage_id, owner_id, currency, deals, priced, amount_minor, first_on, last_on)
select clock, stage_id, owner_id, currency, sum(deals), sum(priced), sum(amount_minor), min(first_on), max(last_on)
from opportunity_rollup group by 1, 2, 3, 4 order by 1, 2, 3;

analyze opportunity_rollup_company, opportunity_rollup_person;
