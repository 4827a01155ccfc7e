-- +goose Up

-- What asking a language model cost. It holds no word of what was asked.
create table model_use (
    at                timestamptz not null,
    person_id         bigint, -- null: nobody who is stored
    model             text        not null,
    prompt_tokens     bigint      not null,
    completion_tokens bigint      not null,
    cost_micros       bigint      not null -- millionths of what the company is billed in
);
create index model_use_at on model_use (at);
