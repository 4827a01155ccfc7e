-- +goose Up

-- What was said, to be set against what is counted again: the figures, and of
-- the rows of a breakdown a digest only, so that a receipt keeps no more of
-- customers than the answer's total; and a digest of what the metric meant. Null
-- in receipts of before.
alter table receipt
    add column said    jsonb,
    add column meaning text;
