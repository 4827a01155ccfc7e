-- +goose Up

-- What analysts found out about customers. The head says which version holds.
create table insight (
    id           text        primary key,
    version      integer     not null,
    author_id    bigint references person,
    author_name  text        not null,
    author_email text        not null,
    posted_at    timestamptz not null
);
create index insight_author on insight (lower(author_email));

-- Every text that was ever told. Append-only.
create table insight_version (
    insight    text        not null references insight,
    version    integer     not null,
    at         timestamptz not null,
    what       text        not null,
    evidence   text        not null,
    audience   jsonb       not null,
    confidence text        not null check (confidence in ('low', 'medium', 'high')),
    until      date        not null,
    state      text        not null check (state in ('live', 'retired')),
    why        text        not null default '',
    primary key (insight, version)
);

-- Who was told, in which message (a key of delivery; empty: there was no way
-- to reach them), and which of their deals it named.
create table insight_reader (
    insight  text    not null references insight,
    person   bigint  not null references person,
    delivery text    not null,
    first    integer not null,
    version  integer not null,
    deals    jsonb   not null,
    touched  integer not null,
    primary key (insight, person)
);
create index insight_reader_person on insight_reader (person);

-- What readers say of it, one row for each kind. Taking a mark back keeps it.
create table insight_reaction (
    insight   text        not null,
    person    bigint      not null,
    kind      text        not null check (kind in ('useful', 'used', 'wrong')),
    at        timestamptz not null,
    taken_off timestamptz,
    primary key (insight, person, kind),
    foreign key (insight, person) references insight_reader
);

-- Finds what changes a message.
create index delivery_of on delivery ((target ->> 'of')) where target ? 'of';
