-- +goose Up

-- An import may take back the one before it.
alter table import add column undoes bigint references import;

-- What an import has found in the rows that have no history of their own, so
-- that it can be undone. `before` is null where there was no such row. Only the
-- last import can be undone, so only its rows are kept.
create table import_before (
    revision bigint not null,
    kind     text   not null,
    id       bigint not null,
    before   jsonb,
    primary key (revision, kind, id)
);

-- A process (HubSpot: pipeline) has stages of its own. The name of a stage is
-- unique among all; its title is what its process calls it, if that differs.
create table process (
    id          bigint generated always as identity primary key,
    external_id text unique, -- of the source; null: it has none
    name        text not null
);
create unique index process_name on process (lower(name));

alter table stage
    add column external_id       text unique,
    add column process_id        bigint references process,
    add column title             text,
    add column forecast_category text check (forecast_category in ('omitted', 'pipeline', 'best_case', 'commit', 'closed')),
    add column expected_days     integer check (expected_days >= 0);

-- What a stage meant on which days. The row of the stage holds what it means
-- now; stages whose meaning never changed have no rows here.
create table stage_definition (
    stage_id          bigint    not null references stage,
    position          integer   not null,
    outcome           text      not null check (outcome in ('open', 'won', 'lost')),
    probability       numeric   check (probability between 0 and 1),
    forecast_category text      check (forecast_category in ('omitted', 'pipeline', 'best_case', 'commit', 'closed')),
    expected_days     integer   check (expected_days >= 0),
    valid             daterange not null default daterange(null, null),
    known             int8range not null
);
create index stage_definition_stage on stage_definition (stage_id) where upper_inf(known);

-- A deal that was deleted where it came from is marked, not removed.
alter table opportunity
    add column forecast_category text check (forecast_category in ('omitted', 'pipeline', 'best_case', 'commit', 'closed')),
    add column next_step         text,
    add column source            text,
    add column kind              text,
    add column deleted           boolean not null default false;

-- The first sight of a deal is one row: its field is 'deal', and `new` holds
-- all its values as JSON, those it has. They hold since ever (valid_at =
-- -infinity), as do those of a later row of a field that has this moment. A
-- row is what we believed from `revision` on until, and without, `retracted`.
-- Of the rows of a field at one moment, `step` tells the order.
alter table opportunity_change
    drop constraint opportunity_change_field_check,
    add check (field in ('deal', 'name', 'account_id', 'product_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'loss_reason', 'competitor', 'forecast_category', 'next_step', 'source', 'kind', 'deleted')),
    add column retracted bigint,
    add column step      integer not null default 0,
    drop constraint opportunity_change_pkey,
    add primary key (opportunity_id, field, revision, valid_at, step),
    add check (retracted > revision);
create index opportunity_change_valid on opportunity_change using brin (valid_at);
