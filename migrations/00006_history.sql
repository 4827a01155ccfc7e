-- +goose Up

-- An import may take back the one before it.
alter table import add column undoes bigint references import;

-- Whoever may be killed and must not import twice (a watched folder, a file that
-- was sent) gives each import a key, and looks for it when they begin again.
alter table import add column key text unique;

-- Those made until now cannot be taken back: what they replaced was not kept.
alter table import add column undoable boolean not null default false;
alter table import alter column undoable set default true;

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

-- Writes import_before for whatever an import does to a table that has
-- triggers of this function: rows that are changed, removed (as they were) and
-- added (null). The import says its revision; without, nothing is kept.
-- +goose StatementBegin
create function keep_before() returns trigger language plpgsql as $$
declare
    revision bigint := nullif(current_setting('salesbot.revision', true), '');
begin
    if revision is null then
        return null;
    elsif tg_op = 'INSERT' then
        insert into import_before
        select revision, tg_table_name, later.id, null from later
        on conflict do nothing;
    else
        insert into import_before
        select revision, tg_table_name, earlier.id, to_jsonb(earlier) from earlier
        on conflict do nothing;
    end if;
    return null;
end $$;
-- +goose StatementEnd

-- A process (HubSpot: pipeline) has stages of its own. The name of a stage is
-- unique among all; its title is what its process calls it, if that differs.
create table process (
    id          bigint generated always as identity primary key,
    external_id text unique, -- of the source; null: it has none
    name        text not null
);
create unique index process_name on process (lower(name));

-- The kinds whose rows have no history of their own.
-- +goose StatementBegin
do $$
declare
    kind text;
begin
    foreach kind in array array['process', 'stage', 'territory', 'person', 'account', 'product', 'lead', 'activity'] loop
        execute format('create trigger %1$s_added after insert on %1$I referencing new table as later for each statement execute function keep_before()', kind);
        execute format('create trigger %1$s_changed after update on %1$I referencing old table as earlier for each statement execute function keep_before()', kind);
        execute format('create trigger %1$s_removed after delete on %1$I referencing old table as earlier for each statement execute function keep_before()', kind);
    end loop;
end $$;
-- +goose StatementEnd

-- An account can be removed again without a look at all others.
create index account_parent on account (parent_id) where parent_id is not null;

-- Of whoever and whatever was first seen by an import that was taken back, and
-- is still referred to, the row stays: people inactive, all found by no name.
-- When an import describes them again, they are new to it.
alter table person add column taken_back boolean not null default false;
alter table account add column taken_back boolean not null default false;
alter table product add column taken_back boolean not null default false;
alter table territory add column taken_back boolean not null default false;

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

-- A deal that was deleted where it came from is marked, not removed. Like its
-- log, it has no foreign keys any more: checking them row by row would double
-- the time of an import, and only imports write here, with ids that they have
-- just joined.
alter table opportunity
    drop constraint opportunity_account_id_fkey,
    drop constraint opportunity_product_id_fkey,
    drop constraint opportunity_owner_id_fkey,
    drop constraint opportunity_stage_id_fkey,
    add column forecast_category text check (forecast_category in ('omitted', 'pipeline', 'best_case', 'commit', 'closed')),
    add column next_step         text,
    add column source            text,
    add column kind              text,
    add column deleted           boolean not null default false;

-- What is deleted counts nowhere, so what finds deals by their days and words
-- leaves them out, and still answers from the index alone.
drop index opportunity_stage_close, opportunity_engaged, opportunity_created, opportunity_loss_reason, opportunity_competitor;
create index opportunity_stage_close on opportunity (stage_id, close_on) include (owner_id, amount_minor, currency) where not deleted;
create index opportunity_engaged on opportunity (engaged_on) where not deleted;
create index opportunity_created on opportunity (created_on) where not deleted;
create index opportunity_loss_reason on opportunity (loss_reason) where not deleted;
create index opportunity_competitor on opportunity (competitor) where not deleted;
create index opportunity_source on opportunity (source) where not deleted;
create index opportunity_kind on opportunity (kind) where not deleted;

-- The first sight of a deal is one row: its field is 'deal', and `new` holds
-- all its values as JSON, those it has. They hold since ever (valid_at =
-- -infinity), as do those of a later row of a field that has this moment. A
-- row is what we believed from `revision` on until, and without, `retracted`:
-- setting that is the only update ever made of the log.
--
-- At the instant T, as it was known at revision R, a field of a deal had the
-- value of the last of its rows that were known at R (revision <= R and not
-- retracted <= R) and valid at T (valid_at <= T), in the order
--
--     valid_at, revision, step
--
-- where the row 'deal' is a row of each field. So a later revision has the last
-- word about a moment, and `step` orders what one revision says of a moment.
-- Of the rows known at any one revision, `old` is always the `new` of the row
-- before. A deal with no row known at R was not known at R.
--
-- A row of the field 'deleted' that holds since ever says that the import that
-- saw the deal first was taken back.
alter table opportunity_change
    drop constraint opportunity_change_field_check,
    add check (field in ('deal', 'name', 'account_id', 'product_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'loss_reason', 'competitor', 'forecast_category', 'next_step', 'source', 'kind', 'deleted')),
    add column retracted bigint,
    add column step      integer not null default 0,
    drop constraint opportunity_change_pkey,
    add primary key (opportunity_id, field, revision, valid_at, step),
    add check (retracted > revision);
create index opportunity_change_valid on opportunity_change using brin (valid_at);
create index opportunity_change_retracted on opportunity_change (retracted) where retracted is not null;

-- Until now the last word was that of the last revision: what it said replaced
-- what earlier ones had said of later moments.
update opportunity_change earlier
set retracted = (
    select min(later.revision)
    from opportunity_change later
    where later.opportunity_id = earlier.opportunity_id and later.field = earlier.field
      and later.revision > earlier.revision and later.valid_at < earlier.valid_at)
where exists (
    select from opportunity_change later
    where later.opportunity_id = earlier.opportunity_id and later.field = earlier.field
      and later.revision > earlier.revision and later.valid_at < earlier.valid_at);

-- The deals at an instant as they were known at a revision, from their logs
-- alone: all of them, or those whose ids are given.
-- +goose StatementBegin
create function opportunity_replayed(instant timestamptz, known_at bigint, ids bigint[] default null)
returns setof opportunity language sql stable parallel safe as $$
    with said as (
        select c.opportunity_id, c.field, c.new, c.valid_at, c.revision, c.step
        from opportunity_change c
        where c.revision <= known_at and (c.retracted is null or c.retracted > known_at) and c.valid_at <= instant
          and (ids is null or c.opportunity_id = any (ids))
    ), each_field as (
        select opportunity_id, field, new, valid_at, revision, step from said where field <> 'deal'
        union all
        select opportunity_id, first.key, first.value, valid_at, revision, step
        from said cross join lateral jsonb_each_text(said.new::jsonb) first
        where field = 'deal'
    ), last_word as (
        select distinct on (opportunity_id, field) opportunity_id, field, new
        from each_field
        order by opportunity_id, field, valid_at desc, revision desc, step desc
    ), replayed as (
        select opportunity_id, jsonb_object_agg(field, new) filter (where new is not null) as fields
        from last_word
        group by opportunity_id
    )
    select deal.*
    from replayed r
    join opportunity o on o.id = r.opportunity_id
    cross join lateral jsonb_populate_record(null::opportunity,
        '{"deleted": false}' || coalesce(r.fields, '{}') || jsonb_build_object('id', o.id, 'external_id', o.external_id)) deal
$$;
-- +goose StatementEnd

-- The same, by rolling back from the deals as they are now: only what happened
-- after the instant, and deals of which something was learnt after the
-- revision, are looked up in the log. Cheaper the closer both are to now.
-- +goose StatementBegin
create function opportunity_at(instant timestamptz, known_at bigint)
returns setof opportunity language sql stable parallel safe as $$
    with relearnt as (
        select opportunity_id from opportunity_change where revision > known_at
        union
        select opportunity_id from opportunity_change where retracted > known_at
    ), ahead as (
        select distinct on (opportunity_id, field) opportunity_id, field, old
        from opportunity_change
        where valid_at > instant and retracted is null
        order by opportunity_id, field, valid_at, revision, step
    ), rolled_back as (
        select opportunity_id, jsonb_object_agg(field, old) as fields
        from ahead
        group by opportunity_id
    )
    select o.*
    from opportunity o
    where not exists (select from relearnt r where r.opportunity_id = o.id)
      and not exists (select from rolled_back b where b.opportunity_id = o.id)
    union all
    select deal.*
    from rolled_back b
    join opportunity o on o.id = b.opportunity_id
    cross join lateral jsonb_populate_record(o, b.fields) deal
    where not exists (select from relearnt r where r.opportunity_id = o.id)
    union all
    select deal.*
    from opportunity_replayed(instant, known_at, array(select opportunity_id from relearnt)) deal
$$;
-- +goose StatementEnd
