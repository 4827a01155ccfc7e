-- +goose Up

-- Until when somebody is told no insights; what is posted before is sent then.
-- Digests say themselves when they come next.
create table mute (
    person_id bigint primary key references person,
    until     timestamptz not null,
    made_at   timestamptz not null
);
