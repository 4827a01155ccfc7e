-- +goose Up

-- What is open is read for all people at once and by one clock: apart from those of
-- the other two, its cells are a third as many. Nobody has deals for more than an
-- integer, and integers are added up in a fraction of the time.
alter table opportunity_rollup_person rename to rollup_person_before;
alter index opportunity_rollup_person_key rename to rollup_person_before_key;
create table opportunity_rollup_person (
    owner_id     bigint,
    stage_id     bigint            not null,
    clock        opportunity_clock not null,
    first_on     date,
    last_on      date,
    deals        integer           not null,
    priced       integer           not null,
    amount_minor numeric           not null,
    currency     char(3)
) partition by list (clock);
create table opportunity_rollup_person_close partition of opportunity_rollup_person for values in ('close_on');
create table opportunity_rollup_person_created partition of opportunity_rollup_person for values in ('created_on');
create table opportunity_rollup_person_engaged partition of opportunity_rollup_person for values in ('engaged_on');
create unique index opportunity_rollup_person_key on opportunity_rollup_person (clock, stage_id, owner_id, currency) nulls not distinct;

insert into opportunity_rollup_person (owner_id, stage_id, clock, first_on, last_on, deals, priced, amount_minor, currency)
select owner_id, stage_id, clock, first_on, last_on, deals, priced, amount_minor, currency
from rollup_person_before
order by clock, stage_id, owner_id;
drop table rollup_person_before;

analyze opportunity_rollup_person;
