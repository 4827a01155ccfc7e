-- +goose Up

-- Finds misspelt names. The owner of a database may create it.
create extension if not exists pg_trgm;

-- The head of the facts: how many imports have been applied, and when the
-- last one confirmed them. Locking its row serialises imports.
create table head (
    singleton    boolean primary key default true check (singleton),
    revision     bigint      not null default 0,
    confirmed_at timestamptz
);
insert into head default values;

create table import (
    revision  bigint primary key,
    at        timestamptz not null,
    actor     text        not null,
    source    text        not null,
    taken_at  timestamptz not null,
    summary   jsonb       not null
);

create table person (
    id          bigint generated always as identity primary key,
    external_id text not null unique,
    name        text not null,
    email       text,
    role        text not null check (role in ('rep', 'manager', 'analyst', 'admin')),
    active      boolean not null default true
);
create unique index person_email on person (lower(email));
create index person_name on person (lower(name));
create index person_first_name on person (lower(split_part(name, ' ', 1)));
create index person_last_name on person (lower(split_part(name, ' ', -1)));
create index person_name_similar on person using gin (lower(name) gin_trgm_ops);
create index person_first_name_similar on person using gin (lower(split_part(name, ' ', 1)) gin_trgm_ops);
create index person_last_name_similar on person using gin (lower(split_part(name, ' ', -1)) gin_trgm_ops);

-- Assignments hold in business for `valid` (days) and are what we believed
-- during `known` (revisions). Closing an open range is the only update of
-- history ever made.
create table reporting_line (
    person_id  bigint    not null references person,
    manager_id bigint    not null references person,
    valid      daterange not null default daterange(null, null),
    known      int8range not null,
    check (person_id <> manager_id)
);
create index reporting_line_person on reporting_line (person_id) where upper_inf(known);
create index reporting_line_manager on reporting_line (manager_id) where upper_inf(known);

create table territory (
    id          bigint generated always as identity primary key,
    external_id text not null unique,
    name        text not null,
    parent_id   bigint references territory
);
create index territory_name on territory (lower(name));
create index territory_name_similar on territory using gin (lower(name) gin_trgm_ops);

create table territory_member (
    territory_id bigint    not null references territory,
    person_id    bigint    not null references person,
    valid        daterange not null default daterange(null, null),
    known        int8range not null
);
create index territory_member_person on territory_member (person_id) where upper_inf(known);
create index territory_member_territory on territory_member (territory_id) where upper_inf(known);

create table account (
    id          bigint generated always as identity primary key,
    external_id text not null unique,
    name        text not null,
    industry    text,
    country     text,
    parent_id   bigint references account
);
create index account_name on account (lower(name));
create index account_name_similar on account using gin (lower(name) gin_trgm_ops);
create index account_industry on account (industry);
create index account_country on account (country);

create table product (
    id          bigint generated always as identity primary key,
    external_id text not null unique,
    name        text not null,
    family      text
);
create index product_name on product (lower(name));
create index product_name_similar on product using gin (lower(name) gin_trgm_ops);

create table stage (
    id       bigint generated always as identity primary key,
    name     text not null,
    position integer not null,
    outcome  text not null check (outcome in ('open', 'won', 'lost'))
);
create unique index stage_name on stage (lower(name));

-- The head of opportunity_change: always what replaying the log gives.
create table opportunity (
    id           bigint generated always as identity primary key,
    external_id  text not null unique,
    name         text,
    account_id   bigint references account,
    product_id   bigint references product,
    owner_id     bigint references person,
    stage_id     bigint not null references stage,
    amount_minor bigint,
    currency     char(3),
    created_on   date,
    engaged_on   date,
    close_on     date,
    check ((amount_minor is null) = (currency is null))
);
create index opportunity_owner on opportunity (owner_id);
create index opportunity_account on opportunity (account_id);
create index opportunity_stage_close on opportunity (stage_id, close_on) include (owner_id, amount_minor, currency);
create index opportunity_engaged on opportunity (engaged_on);

-- Append-only. A first sight has no old value and holds since ever
-- (valid_at = -infinity); a later difference holds from the moment its source
-- was taken. Values are text: ids of stored things, minor units, ISO days. A
-- field that was never known has no row. There are no foreign keys: checking
-- them would double the time of an import, and only imports write here.
create table opportunity_change (
    opportunity_id bigint      not null,
    field          text        not null check (field in ('name', 'account_id', 'product_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on')),
    old            text,
    new            text,
    valid_at       timestamptz not null,
    revision       bigint      not null,
    actor          text        not null,
    primary key (opportunity_id, field, revision)
);
create index opportunity_change_revision on opportunity_change using brin (revision);
