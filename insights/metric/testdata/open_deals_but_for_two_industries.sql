select count(*)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
left join account on account.id = o.account_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and (lower(account.industry) = any (lower($2)::text[])) is not true;
-- [{"open"} {"Retail","\"}); drop table deal"}]

