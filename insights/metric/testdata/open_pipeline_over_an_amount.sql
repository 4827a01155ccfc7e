select o.currency::text,
       count(*)::text,
       count(o.amount_minor)::text,
       sum(o.amount_minor)::text,
       min(o.close_on)::text,
       max(o.close_on)::text
from opportunity o
left join stage on stage.id = o.stage_id
where not o.deleted
  and stage.outcome = any ($1::text[])
  and o.close_on >= $2::date
  and o.close_on < $3::date
  and o.amount_minor > $4::numeric * coalesce(($5::jsonb ->> o.currency)::int, 100)
group by o.currency;
-- [{"open"} 2026-11-01 2027-02-01 50000 {"ADP":1,"AFN":1,"ALL":1,"AMD":1,"BHD":1000,"BIF":1,"BYR":1,"CLF":10000,"CLP":1,"COP":1,"DJF":1,"ESP":1,"GNF":1,"GYD":1,"IDR":1,"IQD":1,"IRR":1,"ISK":1,"ITL":1,"JOD":1000,"JPY":1,"KMF":1,"KPW":1,"KRW":1,"KWD":1000,"LAK":1,"LBP":1,"LUF":1,"LYD":1000,"MGA":1,"MGF":1,"MMK":1,"MNT":1,"MRO":1,"MUR":1,"OMR":1000,"PKR":1,"PYG":1,"RSD":1,"RWF":1,"SLL":1,"SOS":1,"STD":1,"SYP":1,"TMM":1,"TND":1000,"TRL":1,"TZS":1,"UGX":1,"UYI":1,"UZS":1,"VND":1,"VUV":1,"XAF":1,"XOF":1,"XPF":1,"YER":1,"ZMK":1,"ZWD":1}]

