-- +goose Up

-- What somebody holds is looked for at its stage, the few that are open, or in
-- the log.
drop index opportunity_owner;
create index opportunity_owner on opportunity (owner_id, stage_id, id);

-- What changed after an instant. First sights hold since ever and are not in it,
-- so that a first import does not pay for it.
drop index opportunity_change_valid;
create index opportunity_change_valid on opportunity_change (valid_at) where valid_at > '-infinity' and retracted is null;

-- What somebody gave away.
create index opportunity_change_given on opportunity_change (old, valid_at) where field = 'owner_id';
