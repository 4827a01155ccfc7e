-- Names are found as people type them: without accents, apostrophes, dots and
-- commas, and with a space for a hyphen. In plpgsql, the function is not written
-- out in the plan wherever it is used.

-- +goose Up
-- +goose StatementBegin
create function plain_name(text) returns text language plpgsql immutable strict parallel safe as $$
begin
    return btrim(regexp_replace(translate(
        replace(replace(replace(lower(normalize($1, nfc)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
        '-‐‑–_áàâäãåāąăçćčďđèéêëēęěğíìîïīıłľñńňòóôöõøōőŕřśšşșťțúùûüůūűýÿźżž''’‘´`.,',
        '     aaaaaaaaacccddeeeeeeegiiiiiillnnnoooooooorrssssttuuuuuuuyyzzz'), ' +', ' ', 'g'));
end
$$;
-- +goose StatementEnd

drop index person_first_name;
drop index person_last_name;
drop index person_name_similar;
drop index person_first_name_similar;
drop index person_last_name_similar;
drop index territory_name;
drop index territory_name_similar;
drop index account_name;
drop index account_name_similar;
drop index product_name;
drop index product_name_similar;

create index person_plain_name on person (plain_name(name));
create index person_first_name on person (plain_name(split_part(name, ' ', 1)));
create index person_last_name on person (plain_name(split_part(name, ' ', -1)));
create index person_name_similar on person using gin (plain_name(name) gin_trgm_ops);
create index person_first_name_similar on person using gin (plain_name(split_part(name, ' ', 1)) gin_trgm_ops);
create index person_last_name_similar on person using gin (plain_name(split_part(name, ' ', -1)) gin_trgm_ops);
create index territory_name on territory (plain_name(name));
create index territory_name_similar on territory using gin (plain_name(name) gin_trgm_ops);
create index account_name on account (plain_name(name));
create index account_name_similar on account using gin (plain_name(name) gin_trgm_ops);
create index product_name on product (plain_name(name));
create index product_name_similar on product using gin (plain_name(name) gin_trgm_ops);
