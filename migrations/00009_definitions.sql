-- +goose Up

-- What decided the figures of a metric under each of its versions, and from
-- when on. A receipt names the metric and the version.
create table metric_version (
    metric     text        not null,
    version    integer     not null check (version > 0),
    hash       text        not null,
    definition text        not null,
    embedded   boolean     not null,
    since      timestamptz not null,
    primary key (metric, version)
);

-- The settings by which facts fall into periods and amounts get a currency, and
-- from when on they were in force.
create table company_version (
    id       bigint generated always as identity primary key,
    settings jsonb       not null,
    since    timestamptz not null
);
