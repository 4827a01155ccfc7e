-- The trigram indexes can tell names that are equal, and Postgres took them for
-- it, at many times the price. Under another collation only these indexes can.

-- +goose Up
drop index person_plain_name;
drop index person_first_name;
drop index person_last_name;
drop index territory_name;
drop index account_name;
drop index product_name;

create index person_plain_name on person (plain_name(name) collate "C");
create index person_first_name on person (plain_name(split_part(name, ' ', 1)) collate "C");
create index person_last_name on person (plain_name(split_part(name, ' ', -1)) collate "C");
create index territory_name on territory (plain_name(name) collate "C");
create index account_name on account (plain_name(name) collate "C");
create index product_name on product (plain_name(name) collate "C");
