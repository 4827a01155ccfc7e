-- +goose Up

-- The receipt of a conversation's last answer: what “share this” means. A
-- question that has none, such as one of a definition, leaves none.
alter table thread add column receipt text references receipt;
