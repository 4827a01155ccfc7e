-- +goose Up

-- Amounts in another currency than the company's are worth, from a day on,
-- `rate` of `into` for one of `currency`.
create table exchange_rate (
    currency  char(3)   not null,
    "into"    char(3)   not null,
    starts_on date      not null,
    rate      numeric   not null check (rate > 0),
    known     int8range not null,
    check (currency <> "into")
);
create unique index exchange_rate_key on exchange_rate (currency, "into", starts_on) where upper_inf(known);

-- A map of territories: the one in force, one that is planned, one that was.
-- Territories without a model belong to the map that needs none.
create table territory_model (
    id          bigint generated always as identity primary key,
    external_id text      not null unique,
    name        text      not null,
    state       text      not null check (state in ('planning', 'active', 'archived')),
    active      daterange not null default 'empty',
    check ((state = 'planning') = isempty(active))
);
create unique index territory_model_active on territory_model (state) where state = 'active';
create trigger territory_model_added after insert on territory_model
    referencing new table as later for each statement execute function keep_before();
create trigger territory_model_changed after update on territory_model
    referencing old table as earlier for each statement execute function keep_before();
create trigger territory_model_removed after delete on territory_model
    referencing old table as earlier for each statement execute function keep_before();

alter table territory
    add column model_id bigint references territory_model,
    drop constraint territory_external_id_key,
    add constraint territory_key unique nulls not distinct (external_id, model_id);

-- What tells a territory from all others: its external id, behind that of its
-- model if it has one.
create view mapped_territory as
select t.id, t.external_id, t.name, t.model_id, t.taken_back, coalesce(m.external_id || E'\x1f', '') || t.external_id as key
from territory t
left join territory_model m on m.id = t.model_id;

-- The days on which each territory is drawn on the map in force: those of its
-- model or, of the map that needs none, those that no model has. One with the
-- same external id is the same territory on another map; all of them go by
-- `known_as`, the one on the latest map. A planned map is in force on no day.
create view territory_in_force as
select territory_id, days, first_value(territory_id) over (
           partition by external_id order by isempty(days), upper(days) desc nulls first, territory_id
       ) as known_as
from (
    select territory.id as territory_id, territory.external_id,
           case when territory.model_id is null
               then '{(,)}'::datemultirange - coalesce((select range_agg(active) from territory_model), '{}')
               else datemultirange(territory_model.active)
           end as days
    from territory
    left join territory_model on territory_model.id = territory.model_id
) drawn;

create table account_territory (
    account_id   bigint    not null references account,
    territory_id bigint    not null references territory,
    valid        daterange not null default daterange(null, null),
    known        int8range not null
);
create index account_territory_account on account_territory (account_id) where upper_inf(known);
create index account_territory_territory on account_territory (territory_id) where upper_inf(known);

-- A quota is a person's or a territory's.
drop index quota_key;
alter table quota
    alter column person_id drop not null,
    add column territory_id bigint references territory,
    add check (num_nonnulls(person_id, territory_id) = 1);
create unique index quota_key on quota (person_id, territory_id, measure, period) nulls not distinct where upper_inf(known);

-- What was forecast for a period, by whom or for which territory, and when.
create table forecast (
    person_id    bigint      references person,
    territory_id bigint      references territory,
    period       daterange   not null check (not isempty(period) and not lower_inf(period) and not upper_inf(period)),
    category     text        not null check (category in ('pipeline', 'best_case', 'commit', 'closed')),
    amount_minor bigint      not null,
    currency     char(3)     not null,
    submitted_at timestamptz not null,
    known        int8range   not null,
    check (num_nonnulls(person_id, territory_id) = 1)
);
create unique index forecast_key on forecast (person_id, territory_id, period, category, submitted_at) nulls not distinct where upper_inf(known);

-- Whose a deal is, in parts: revenue splits make up the whole, overlay splits
-- come on top of it.
create table opportunity_split (
    opportunity_id bigint    not null references opportunity,
    person_id      bigint    not null references person,
    kind           text      not null check (kind in ('revenue', 'overlay')),
    share          numeric   not null check (share between 0 and 1),
    known          int8range not null
);
create unique index opportunity_split_key on opportunity_split (opportunity_id, person_id, kind) where upper_inf(known);

create table line_item (
    external_id    text      not null,
    opportunity_id bigint    not null references opportunity,
    product_id     bigint    references product,
    quantity       numeric,
    amount_minor   bigint    not null,
    currency       char(3)   not null,
    known          int8range not null
);
create unique index line_item_key on line_item (external_id) where upper_inf(known);
create index line_item_opportunity on line_item (opportunity_id) where upper_inf(known);

-- What an account's recurring revenue of a year grew or shrank by. The amount
-- is never negative: its kind says which way it goes.
create table subscription_movement (
    external_id  text      not null,
    account_id   bigint    not null references account,
    product_id   bigint    references product,
    kind         text      not null check (kind in ('new', 'expansion', 'contraction', 'churn', 'reactivation')),
    moved_on     date      not null,
    amount_minor bigint    not null check (amount_minor >= 0),
    currency     char(3)   not null,
    known        int8range not null
);
create unique index subscription_movement_key on subscription_movement (external_id) where upper_inf(known);
create index subscription_movement_moved on subscription_movement (moved_on) where upper_inf(known);

alter table lead add column converted_at timestamptz;

-- A contact with a customer is about a deal, or at least with an account.
alter table activity
    alter column opportunity_id drop not null,
    add column account_id bigint references account,
    add check (num_nonnulls(opportunity_id, account_id) > 0);
create index activity_account on activity (account_id, at);
