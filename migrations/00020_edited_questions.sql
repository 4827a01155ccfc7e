-- +goose Up

-- A question that is edited takes the place of what it was, and one that is
-- deleted is forgotten: so each conversation knows which message asked last, and
-- what was asked before that.
alter table thread
    add column asked  text, -- key of the message; null: it is not known
    add column before jsonb;
