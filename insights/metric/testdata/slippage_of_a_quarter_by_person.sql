select person.id::text,
       person.name,
       count(*)::text,
       count(*) filter (where o.fate = any ($1::text[]))::text,
       min(o.starts_on)::text,
       max(o.starts_on)::text
from (
    select $11::date as starts_on, was.*,
           case when was.stage_id is null then null
                when later.outcome = 'won' then 'won' when later.outcome = 'lost' then 'lost'
                when later.close_on >= $12::date then 'moved' else 'open' end as fate
    from (
        with changed as materialized (
            select distinct on (opportunity_id, field) opportunity_id, field, old as value
            from opportunity_change
            where valid_at > $5::timestamptz and retracted is null
              and field in ('name', 'account_id', 'product_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'loss_reason', 'competitor', 'source', 'kind', 'deleted')
            order by opportunity_id, field, valid_at, revision, step
        ),
        head as (
            select id, external_id, name, account_id, product_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, loss_reason, competitor, source, kind, deleted
            from opportunity o
        ),
        stage as (
            select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
                   case when meant.stage_id is null then stage.probability else meant.probability end as probability,
                   case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
                   case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
                   stage.external_id, stage.process_id, stage.title
            from stage
            left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $6::date and upper_inf(meant.known)
        ),
        opportunity as materialized (
            select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id,
                   case when stage.outcome = 'open' or o.close_on <= $7::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.loss_reason, o.competitor, o.source, o.kind, o.deleted
            from (
            select o.id, o.external_id,
                   case when past.name is null then o.name else past.name[1]::text end as name,
                   case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
                   case when past.product_id is null then o.product_id else past.product_id[1]::bigint end as product_id,
                   case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
                   case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
                   case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
                   case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
                   case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
                   case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
                   case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
                   case when past.loss_reason is null then o.loss_reason else past.loss_reason[1]::text end as loss_reason,
                   case when past.competitor is null then o.competitor else past.competitor[1]::text end as competitor,
                   case when past.source is null then o.source else past.source[1]::text end as source,
                   case when past.kind is null then o.kind else past.kind[1]::text end as kind,
                   case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
            from head o
            left join (
                select opportunity_id,
                       array_agg(value) filter (where field = 'name') as name,
                       array_agg(value) filter (where field = 'account_id') as account_id,
                       array_agg(value) filter (where field = 'product_id') as product_id,
                       array_agg(value) filter (where field = 'owner_id') as owner_id,
                       array_agg(value) filter (where field = 'stage_id') as stage_id,
                       array_agg(value) filter (where field = 'amount_minor') as amount_minor,
                       array_agg(value) filter (where field = 'currency') as currency,
                       array_agg(value) filter (where field = 'created_on') as created_on,
                       array_agg(value) filter (where field = 'engaged_on') as engaged_on,
                       array_agg(value) filter (where field = 'close_on') as close_on,
                       array_agg(value) filter (where field = 'loss_reason') as loss_reason,
                       array_agg(value) filter (where field = 'competitor') as competitor,
                       array_agg(value) filter (where field = 'source') as source,
                       array_agg(value) filter (where field = 'kind') as kind,
                       array_agg(value) filter (where field = 'deleted') as deleted
                from changed
                group by opportunity_id
            ) past on past.opportunity_id = o.id
            ) o
            left join stage on stage.id = o.stage_id
            where (coalesce(o.created_on, o.engaged_on) <= $7::date) is not false
        )
        select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id, o.stage_id, o.amount_minor, o.currency,
                    o.close_on, o.loss_reason, o.competitor, o.source, o.kind
        from opportunity o
        left join stage on stage.id = o.stage_id
        where not o.deleted and (stage.outcome = 'open' or o.stage_id is null) and o.close_on >= $11::date and o.close_on < $12::date
    ) was
    join (
        with changed as materialized (
            select distinct on (opportunity_id, field) opportunity_id, field, old as value
            from opportunity_change
            where valid_at > $8::timestamptz and retracted is null
              and field in ('stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
            order by opportunity_id, field, valid_at, revision, step
        ),
        head as (
            select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
            from opportunity o
        ),
        stage as (
            select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
                   case when meant.stage_id is null then stage.probability else meant.probability end as probability,
                   case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
                   case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
                   stage.external_id, stage.process_id, stage.title
            from stage
            left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $9::date and upper_inf(meant.known)
        ),
        opportunity as materialized (
            select o.id, o.external_id,
                   case when stage.outcome = 'open' or o.close_on <= $10::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
            from (
            select o.id, o.external_id,
                   case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
                   case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
                   case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
                   case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
                   case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
            from head o
            left join (
                select opportunity_id,
                       array_agg(value) filter (where field = 'stage_id') as stage_id,
                       array_agg(value) filter (where field = 'created_on') as created_on,
                       array_agg(value) filter (where field = 'engaged_on') as engaged_on,
                       array_agg(value) filter (where field = 'close_on') as close_on,
                       array_agg(value) filter (where field = 'deleted') as deleted
                from changed
                group by opportunity_id
            ) past on past.opportunity_id = o.id
            ) o
            left join stage on stage.id = o.stage_id
            where (coalesce(o.created_on, o.engaged_on) <= $10::date) is not false
        )
        select o.id, o.close_on, stage.outcome
        from opportunity o
        left join stage on stage.id = o.stage_id
        where not o.deleted
    ) later on later.id = was.id
) o
left join person on person.id = o.owner_id
where o.fate = any ($2::text[])
  and o.starts_on >= $3::date
  and o.starts_on < $4::date
group by person.id;
-- [{"moved"} {"won","lost","moved","open","in_time"} 2026-08-01 2026-11-01 2026-07-31T23:59:59.999999+02:00 2026-07-31 2026-07-31 2026-10-31T23:59:59.999999+01:00 2026-10-31 2026-10-31 2026-08-01 2026-11-01]

select count(*)::text
from (
    select $10::date as starts_on, was.*,
           case when was.stage_id is null then null
                when later.outcome = 'won' then 'won' when later.outcome = 'lost' then 'lost'
                when later.close_on >= $11::date then 'moved' else 'open' end as fate
    from (
        with changed as materialized (
            select distinct on (opportunity_id, field) opportunity_id, field, old as value
            from opportunity_change
            where valid_at > $4::timestamptz and retracted is null
              and field in ('name', 'account_id', 'product_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'loss_reason', 'competitor', 'source', 'kind', 'deleted')
            order by opportunity_id, field, valid_at, revision, step
        ),
        head as (
            select id, external_id, name, account_id, product_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, loss_reason, competitor, source, kind, deleted
            from opportunity o
        ),
        stage as (
            select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
                   case when meant.stage_id is null then stage.probability else meant.probability end as probability,
                   case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
                   case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
                   stage.external_id, stage.process_id, stage.title
            from stage
            left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $5::date and upper_inf(meant.known)
        ),
        opportunity as materialized (
            select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id,
                   case when stage.outcome = 'open' or o.close_on <= $6::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.loss_reason, o.competitor, o.source, o.kind, o.deleted
            from (
            select o.id, o.external_id,
                   case when past.name is null then o.name else past.name[1]::text end as name,
                   case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
                   case when past.product_id is null then o.product_id else past.product_id[1]::bigint end as product_id,
                   case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
                   case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
                   case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
                   case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
                   case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
                   case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
                   case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
                   case when past.loss_reason is null then o.loss_reason else past.loss_reason[1]::text end as loss_reason,
                   case when past.competitor is null then o.competitor else past.competitor[1]::text end as competitor,
                   case when past.source is null then o.source else past.source[1]::text end as source,
                   case when past.kind is null then o.kind else past.kind[1]::text end as kind,
                   case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
            from head o
            left join (
                select opportunity_id,
                       array_agg(value) filter (where field = 'name') as name,
                       array_agg(value) filter (where field = 'account_id') as account_id,
                       array_agg(value) filter (where field = 'product_id') as product_id,
                       array_agg(value) filter (where field = 'owner_id') as owner_id,
                       array_agg(value) filter (where field = 'stage_id') as stage_id,
                       array_agg(value) filter (where field = 'amount_minor') as amount_minor,
                       array_agg(value) filter (where field = 'currency') as currency,
                       array_agg(value) filter (where field = 'created_on') as created_on,
                       array_agg(value) filter (where field = 'engaged_on') as engaged_on,
                       array_agg(value) filter (where field = 'close_on') as close_on,
                       array_agg(value) filter (where field = 'loss_reason') as loss_reason,
                       array_agg(value) filter (where field = 'competitor') as competitor,
                       array_agg(value) filter (where field = 'source') as source,
                       array_agg(value) filter (where field = 'kind') as kind,
                       array_agg(value) filter (where field = 'deleted') as deleted
                from changed
                group by opportunity_id
            ) past on past.opportunity_id = o.id
            ) o
            left join stage on stage.id = o.stage_id
            where (coalesce(o.created_on, o.engaged_on) <= $6::date) is not false
        )
        select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id, o.stage_id, o.amount_minor, o.currency,
                    o.close_on, o.loss_reason, o.competitor, o.source, o.kind
        from opportunity o
        left join stage on stage.id = o.stage_id
        where not o.deleted and (stage.outcome = 'open' or o.stage_id is null) and o.close_on >= $10::date and o.close_on < $11::date
    ) was
    join (
        with changed as materialized (
            select distinct on (opportunity_id, field) opportunity_id, field, old as value
            from opportunity_change
            where valid_at > $7::timestamptz and retracted is null
              and field in ('stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
            order by opportunity_id, field, valid_at, revision, step
        ),
        head as (
            select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
            from opportunity o
        ),
        stage as (
            select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
                   case when meant.stage_id is null then stage.probability else meant.probability end as probability,
                   case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
                   case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
                   stage.external_id, stage.process_id, stage.title
            from stage
            left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $8::date and upper_inf(meant.known)
        ),
        opportunity as materialized (
            select o.id, o.external_id,
                   case when stage.outcome = 'open' or o.close_on <= $9::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
            from (
            select o.id, o.external_id,
                   case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
                   case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
                   case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
                   case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
                   case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
            from head o
            left join (
                select opportunity_id,
                       array_agg(value) filter (where field = 'stage_id') as stage_id,
                       array_agg(value) filter (where field = 'created_on') as created_on,
                       array_agg(value) filter (where field = 'engaged_on') as engaged_on,
                       array_agg(value) filter (where field = 'close_on') as close_on,
                       array_agg(value) filter (where field = 'deleted') as deleted
                from changed
                group by opportunity_id
            ) past on past.opportunity_id = o.id
            ) o
            left join stage on stage.id = o.stage_id
            where (coalesce(o.created_on, o.engaged_on) <= $9::date) is not false
        )
        select o.id, o.close_on, stage.outcome
        from opportunity o
        left join stage on stage.id = o.stage_id
        where not o.deleted
    ) later on later.id = was.id
) o
where (o.fate = any ($1::text[])) is null
  and o.starts_on >= $2::date
  and o.starts_on < $3::date;
-- [{"won","lost","moved","open","in_time"} 2026-08-01 2026-11-01 2026-07-31T23:59:59.999999+02:00 2026-07-31 2026-07-31 2026-10-31T23:59:59.999999+01:00 2026-10-31 2026-10-31 2026-08-01 2026-11-01]

select count(*)::text
from (
    select $9::date as starts_on, was.*,
           case when was.stage_id is null then null
                when later.outcome = 'won' then 'won' when later.outcome = 'lost' then 'lost'
                when later.close_on >= $10::date then 'moved' else 'open' end as fate
    from (
        with changed as materialized (
            select distinct on (opportunity_id, field) opportunity_id, field, old as value
            from opportunity_change
            where valid_at > $3::timestamptz and retracted is null
              and field in ('name', 'account_id', 'product_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'loss_reason', 'competitor', 'source', 'kind', 'deleted')
            order by opportunity_id, field, valid_at, revision, step
        ),
        head as (
            select id, external_id, name, account_id, product_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, loss_reason, competitor, source, kind, deleted
            from opportunity o
        ),
        stage as (
            select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
                   case when meant.stage_id is null then stage.probability else meant.probability end as probability,
                   case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
                   case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
                   stage.external_id, stage.process_id, stage.title
            from stage
            left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $4::date and upper_inf(meant.known)
        ),
        opportunity as materialized (
            select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id,
                   case when stage.outcome = 'open' or o.close_on <= $5::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.loss_reason, o.competitor, o.source, o.kind, o.deleted
            from (
            select o.id, o.external_id,
                   case when past.name is null then o.name else past.name[1]::text end as name,
                   case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
                   case when past.product_id is null then o.product_id else past.product_id[1]::bigint end as product_id,
                   case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
                   case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
                   case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
                   case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
                   case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
                   case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
                   case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
                   case when past.loss_reason is null then o.loss_reason else past.loss_reason[1]::text end as loss_reason,
                   case when past.competitor is null then o.competitor else past.competitor[1]::text end as competitor,
                   case when past.source is null then o.source else past.source[1]::text end as source,
                   case when past.kind is null then o.kind else past.kind[1]::text end as kind,
                   case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
            from head o
            left join (
                select opportunity_id,
                       array_agg(value) filter (where field = 'name') as name,
                       array_agg(value) filter (where field = 'account_id') as account_id,
                       array_agg(value) filter (where field = 'product_id') as product_id,
                       array_agg(value) filter (where field = 'owner_id') as owner_id,
                       array_agg(value) filter (where field = 'stage_id') as stage_id,
                       array_agg(value) filter (where field = 'amount_minor') as amount_minor,
                       array_agg(value) filter (where field = 'currency') as currency,
                       array_agg(value) filter (where field = 'created_on') as created_on,
                       array_agg(value) filter (where field = 'engaged_on') as engaged_on,
                       array_agg(value) filter (where field = 'close_on') as close_on,
                       array_agg(value) filter (where field = 'loss_reason') as loss_reason,
                       array_agg(value) filter (where field = 'competitor') as competitor,
                       array_agg(value) filter (where field = 'source') as source,
                       array_agg(value) filter (where field = 'kind') as kind,
                       array_agg(value) filter (where field = 'deleted') as deleted
                from changed
                group by opportunity_id
            ) past on past.opportunity_id = o.id
            ) o
            left join stage on stage.id = o.stage_id
            where (coalesce(o.created_on, o.engaged_on) <= $5::date) is not false
        )
        select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id, o.stage_id, o.amount_minor, o.currency,
                    o.close_on, o.loss_reason, o.competitor, o.source, o.kind
        from opportunity o
        left join stage on stage.id = o.stage_id
        where not o.deleted and (stage.outcome = 'open' or o.stage_id is null) and o.close_on >= $9::date and o.close_on < $10::date
    ) was
    join (
        with changed as materialized (
            select distinct on (opportunity_id, field) opportunity_id, field, old as value
            from opportunity_change
            where valid_at > $6::timestamptz and retracted is null
              and field in ('stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
            order by opportunity_id, field, valid_at, revision, step
        ),
        head as (
            select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
            from opportunity o
        ),
        stage as (
            select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
                   case when meant.stage_id is null then stage.probability else meant.probability end as probability,
                   case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
                   case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
                   stage.external_id, stage.process_id, stage.title
            from stage
            left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $7::date and upper_inf(meant.known)
        ),
        opportunity as materialized (
            select o.id, o.external_id,
                   case when stage.outcome = 'open' or o.close_on <= $8::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
            from (
            select o.id, o.external_id,
                   case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
                   case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
                   case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
                   case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
                   case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
            from head o
            left join (
                select opportunity_id,
                       array_agg(value) filter (where field = 'stage_id') as stage_id,
                       array_agg(value) filter (where field = 'created_on') as created_on,
                       array_agg(value) filter (where field = 'engaged_on') as engaged_on,
                       array_agg(value) filter (where field = 'close_on') as close_on,
                       array_agg(value) filter (where field = 'deleted') as deleted
                from changed
                group by opportunity_id
            ) past on past.opportunity_id = o.id
            ) o
            left join stage on stage.id = o.stage_id
            where (coalesce(o.created_on, o.engaged_on) <= $8::date) is not false
        )
        select o.id, o.close_on, stage.outcome
        from opportunity o
        left join stage on stage.id = o.stage_id
        where not o.deleted
    ) later on later.id = was.id
) o
where o.fate = 'in_time'
  and o.starts_on >= $1::date
  and o.starts_on < $2::date;
-- [2026-08-01 2026-11-01 2026-07-31T23:59:59.999999+02:00 2026-07-31 2026-07-31 2026-10-31T23:59:59.999999+01:00 2026-10-31 2026-10-31 2026-08-01 2026-11-01]

select count(*)::text
from (
    select $9::date as starts_on, was.*,
           case when was.stage_id is null then null
                when later.outcome = 'won' then 'won' when later.outcome = 'lost' then 'lost'
                when later.close_on >= $10::date then 'moved' else 'open' end as fate
    from (
        with changed as materialized (
            select distinct on (opportunity_id, field) opportunity_id, field, old as value
            from opportunity_change
            where valid_at > $3::timestamptz and retracted is null
              and field in ('name', 'account_id', 'product_id', 'owner_id', 'stage_id', 'amount_minor', 'currency', 'created_on', 'engaged_on', 'close_on', 'loss_reason', 'competitor', 'source', 'kind', 'deleted')
            order by opportunity_id, field, valid_at, revision, step
        ),
        head as (
            select id, external_id, name, account_id, product_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, loss_reason, competitor, source, kind, deleted
            from opportunity o
        ),
        stage as (
            select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
                   case when meant.stage_id is null then stage.probability else meant.probability end as probability,
                   case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
                   case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
                   stage.external_id, stage.process_id, stage.title
            from stage
            left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $4::date and upper_inf(meant.known)
        ),
        opportunity as materialized (
            select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id,
                   case when stage.outcome = 'open' or o.close_on <= $5::date or o.close_on is null then o.stage_id end as stage_id, o.amount_minor, o.currency, o.created_on, o.engaged_on, o.close_on, o.loss_reason, o.competitor, o.source, o.kind, o.deleted
            from (
            select o.id, o.external_id,
                   case when past.name is null then o.name else past.name[1]::text end as name,
                   case when past.account_id is null then o.account_id else past.account_id[1]::bigint end as account_id,
                   case when past.product_id is null then o.product_id else past.product_id[1]::bigint end as product_id,
                   case when past.owner_id is null then o.owner_id else past.owner_id[1]::bigint end as owner_id,
                   case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
                   case when past.amount_minor is null then o.amount_minor else past.amount_minor[1]::bigint end as amount_minor,
                   case when past.currency is null then o.currency else past.currency[1]::char(3) end as currency,
                   case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
                   case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
                   case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
                   case when past.loss_reason is null then o.loss_reason else past.loss_reason[1]::text end as loss_reason,
                   case when past.competitor is null then o.competitor else past.competitor[1]::text end as competitor,
                   case when past.source is null then o.source else past.source[1]::text end as source,
                   case when past.kind is null then o.kind else past.kind[1]::text end as kind,
                   case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
            from head o
            left join (
                select opportunity_id,
                       array_agg(value) filter (where field = 'name') as name,
                       array_agg(value) filter (where field = 'account_id') as account_id,
                       array_agg(value) filter (where field = 'product_id') as product_id,
                       array_agg(value) filter (where field = 'owner_id') as owner_id,
                       array_agg(value) filter (where field = 'stage_id') as stage_id,
                       array_agg(value) filter (where field = 'amount_minor') as amount_minor,
                       array_agg(value) filter (where field = 'currency') as currency,
                       array_agg(value) filter (where field = 'created_on') as created_on,
                       array_agg(value) filter (where field = 'engaged_on') as engaged_on,
                       array_agg(value) filter (where field = 'close_on') as close_on,
                       array_agg(value) filter (where field = 'loss_reason') as loss_reason,
                       array_agg(value) filter (where field = 'competitor') as competitor,
                       array_agg(value) filter (where field = 'source') as source,
                       array_agg(value) filter (where field = 'kind') as kind,
                       array_agg(value) filter (where field = 'deleted') as deleted
                from changed
                group by opportunity_id
            ) past on past.opportunity_id = o.id
            ) o
            left join stage on stage.id = o.stage_id
            where (coalesce(o.created_on, o.engaged_on) <= $5::date) is not false
        )
        select o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id, o.stage_id, o.amount_minor, o.currency,
                    o.close_on, o.loss_reason, o.competitor, o.source, o.kind
        from opportunity o
        left join stage on stage.id = o.stage_id
        where not o.deleted and (stage.outcome = 'open' or o.stage_id is null) and o.close_on >= $9::date and o.close_on < $10::date
    ) was
    join (
        with changed as materialized (
            select distinct on (opportunity_id, field) opportunity_id, field, old as value
            from opportunity_change
            where valid_at > $6::timestamptz and retracted is null
              and field in ('stage_id', 'created_on', 'engaged_on', 'close_on', 'deleted')
            order by opportunity_id, field, valid_at, revision, step
        ),
        head as (
            select id, external_id, stage_id, created_on, engaged_on, close_on, deleted
            from opportunity o
        ),
        stage as (
            select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
                   case when meant.stage_id is null then stage.probability else meant.probability end as probability,
                   case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
                   case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
                   stage.external_id, stage.process_id, stage.title
            from stage
            left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> $7::date and upper_inf(meant.known)
        ),
        opportunity as materialized (
            select o.id, o.external_id,
                   case when stage.outcome = 'open' or o.close_on <= $8::date or o.close_on is null then o.stage_id end as stage_id, o.created_on, o.engaged_on, o.close_on, o.deleted
            from (
            select o.id, o.external_id,
                   case when past.stage_id is null then o.stage_id else past.stage_id[1]::bigint end as stage_id,
                   case when past.created_on is null then o.created_on else past.created_on[1]::date end as created_on,
                   case when past.engaged_on is null then o.engaged_on else past.engaged_on[1]::date end as engaged_on,
                   case when past.close_on is null then o.close_on else past.close_on[1]::date end as close_on,
                   case when past.deleted is null then o.deleted else past.deleted[1]::boolean end as deleted
            from head o
            left join (
                select opportunity_id,
                       array_agg(value) filter (where field = 'stage_id') as stage_id,
                       array_agg(value) filter (where field = 'created_on') as created_on,
                       array_agg(value) filter (where field = 'engaged_on') as engaged_on,
                       array_agg(value) filter (where field = 'close_on') as close_on,
                       array_agg(value) filter (where field = 'deleted') as deleted
                from changed
                group by opportunity_id
            ) past on past.opportunity_id = o.id
            ) o
            left join stage on stage.id = o.stage_id
            where (coalesce(o.created_on, o.engaged_on) <= $8::date) is not false
        )
        select o.id, o.close_on, stage.outcome
        from opportunity o
        left join stage on stage.id = o.stage_id
        where not o.deleted
    ) later on later.id = was.id
) o
where o.fate is not null
  and o.starts_on < (select min(taken_at) from import)::date
  and o.starts_on >= $1::date
  and o.starts_on < $2::date;
-- [2026-08-01 2026-11-01 2026-07-31T23:59:59.999999+02:00 2026-07-31 2026-07-31 2026-10-31T23:59:59.999999+01:00 2026-10-31 2026-10-31 2026-08-01 2026-11-01]

