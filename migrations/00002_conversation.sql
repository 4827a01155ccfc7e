-- +goose Up

-- What Slack sent, kept before it is acknowledged, letter for letter: hence
-- json, not jsonb. `key` is made of Slack's own ids, so a repeat finds the row.
create table inbox (
    id         bigint generated always as identity primary key,
    team       text        not null,
    key        text        not null,
    kind       text        not null check (kind in ('event', 'command', 'action')),
    payload    json        not null,
    at         timestamptz not null,
    attempt    integer     not null default 1,
    lease      timestamptz not null,
    done_at    timestamptz,
    outcome    text,
    unique (team, key),
    check ((done_at is null) = (outcome is null))
);
create index inbox_open on inbox (lease) where done_at is null;

-- The one mouth: every message to Slack is a row here first.
create table delivery (
    id          bigint generated always as identity primary key,
    key         text        not null unique,
    team        text        not null,
    inbox_id    bigint references inbox,
    target      jsonb       not null,
    payload     json        not null,
    not_before  timestamptz not null,
    expires     timestamptz,
    state       text        not null check (state in ('pending', 'sending', 'sent', 'unconfirmed', 'failed', 'expired')),
    attempt     integer     not null default 0,
    lease       timestamptz not null,
    created_at  timestamptz not null,
    first_try   timestamptz,
    finished_at timestamptz,
    channel     text,
    ts          text,
    error       text,
    check ((finished_at is not null) = (state in ('sent', 'unconfirmed', 'failed', 'expired'))),
    check (state <> 'sending' or first_try is not null)
);
create index delivery_open on delivery (not_before) where finished_at is null;

create table receipt (
    id       text primary key,
    at       timestamptz not null,
    query    jsonb       not null,
    viewer   jsonb       not null,
    company  jsonb       not null,
    metric   text        not null,
    version  integer     not null,
    revision bigint      not null,
    rows     bigint      not null
);

create table audit (
    id      bigint generated always as identity primary key,
    at      timestamptz not null,
    person  bigint references person,
    actor   text        not null,
    origin  text        not null,
    place   text        not null,
    text    text        not null,
    status  text        not null,
    code    text        not null default '',
    receipt text references receipt
);

create table thread (
    key        text primary key,
    query      jsonb       not null,
    updated_at timestamptz not null
);
