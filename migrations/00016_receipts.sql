-- +goose Up

-- A receipt is proved by what was known at its revision, so what imports replace
-- in rows without a history of their own is kept for good. At the revision R a
-- row was what the first later import found in its place, and what it is now if
-- none replaced it. A column that such a table is given later has no value in
-- what was kept before.
create index import_before_row on import_before (kind, id, revision);

-- What imports before this one replaced is gone.
alter table import add column keeps_before boolean not null default false;
alter table import alter column keeps_before set default true;

-- Of the answers' rows, receipts keep ids and values for some time.
create index receipt_rows on receipt (at) where said ? 'kept';
