-- +goose Up

alter table stage add column probability numeric check (probability between 0 and 1);

alter table account add column segment text;
create index account_segment on account (segment);

alter table opportunity add column loss_reason text, add column competitor text;
create index opportunity_created on opportunity (created_on);
create index opportunity_loss_reason on opportunity (loss_reason);
create index opportunity_competitor on opportunity (competitor);

-- A source may tell how a deal came to be what it is, so one revision can hold
-- several changes of a field. What holds is the last word of the last revision.
alter table opportunity_change
    drop constraint opportunity_change_field_check,
    add check (field in ('name', 'account_id', 'product_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'loss_reason', 'competitor')),
    drop constraint opportunity_change_pkey,
    add primary key (opportunity_id, field, revision, valid_at);

-- What a person is to reach in a period; `known` keeps what was asked of them
-- before it was revised. The periods of one person's quotas never overlap.
create table quota (
    person_id    bigint    not null references person,
    measure      text      not null check (measure in ('bookings')),
    period       daterange not null check (not isempty(period) and not lower_inf(period) and not upper_inf(period)),
    amount_minor bigint    not null,
    currency     char(3)   not null,
    known        int8range not null
);
create unique index quota_key on quota (person_id, measure, period) where upper_inf(known);

-- What a deal cost: direct lines deliver what was sold, selling lines are what
-- it took to sell it. A deal without lines of a kind has unknown costs of it.
create table cost_line (
    external_id    text      not null,
    opportunity_id bigint    not null references opportunity,
    kind           text      not null check (kind in ('direct', 'selling')),
    amount_minor   bigint    not null,
    currency       char(3)   not null,
    spent_on       date,
    known          int8range not null
);
create unique index cost_line_key on cost_line (external_id) where upper_inf(known);
create index cost_line_opportunity on cost_line (opportunity_id) where upper_inf(known);

-- What the company cost in a period beyond its deals, and the key by which the
-- deals won in it bear that.
create table overhead (
    external_id  text      not null,
    period       daterange not null check (not isempty(period) and not lower_inf(period) and not upper_inf(period)),
    amount_minor bigint    not null,
    currency     char(3)   not null,
    allocated_by text      not null check (allocated_by in ('revenue', 'deals')),
    known        int8range not null
);
create unique index overhead_key on overhead (external_id) where upper_inf(known);

create table lead (
    id             bigint generated always as identity primary key,
    external_id    text        not null unique,
    created_at     timestamptz not null,
    source         text,
    owner_id       bigint references person,
    status         text        not null check (status in ('new', 'working', 'qualified', 'disqualified')),
    responded_at   timestamptz,
    opportunity_id bigint references opportunity
);
create index lead_created on lead (created_at);

create table activity (
    id             bigint generated always as identity primary key,
    external_id    text        not null unique,
    opportunity_id bigint      not null references opportunity,
    kind           text        not null,
    at             timestamptz not null,
    two_way        boolean     not null,
    person_id      bigint references person
);
create index activity_opportunity on activity (opportunity_id, at);
