package metric

// A credit is what one person is credited with of a won deal. The revenue splits
// of a deal share out its amount; of a deal without any, the owner is credited
// with all of it, and overlay splits come on top and apart. So revenue credits
// add up to what was won, and overlay credits to nothing of the company's.
//
// Credits are whole minor units: each is what the running total grows by when it
// is rounded, halves up, the largest share first, so that those of a deal are its
// amount to the cent. Of an unknown amount all are unknown. Converted credits are
// rounded each for itself.
//
// Where a credit stands on the map is where the person credited does, on the day
// the deal closed. Splits are revised and not dated: as of an earlier instant
// they are those that are known now, at an earlier revision those known then. Who
// owns the deal and what it is worth are what they were.
var credits = &facts{
	model: "credit", noun: "credit",
	from: `(
    select d.id, d.external_id, d.name, d.account_id, d.product_id, d.stage_id, d.close_on, d.currency, d.source, d.kind,
           part.owner_id, part.credited, part.credit, part.amount_minor
    from opportunity d
    join stage on stage.id = d.stage_id and stage.outcome = 'won'
    cross join lateral (
        select person_id as owner_id, external_id as credited, split as credit,
               case split when 'revenue' then floor(d.amount_minor * upto + 0.5) - floor(d.amount_minor * (upto - share) + 0.5)
                    else floor(d.amount_minor * share + 0.5) end as amount_minor
        from (
            select s.person_id, person.external_id, s.kind as split, s.share,
                   sum(s.share) over (partition by s.kind order by s.share desc, person.external_id collate "C") as upto
            from opportunity_split s
            join person on person.id = s.person_id
            where s.opportunity_id = d.id and upper_inf(s.known)
        ) shared
        union all
        select d.owner_id, null, 'revenue', d.amount_minor
        where not exists (select from opportunity_split s where s.opportunity_id = d.id and s.kind = 'revenue' and upper_inf(s.known))
    ) part
    where not d.deleted
) o`,
	columns: []*column{
		{name: "id", kind: kindKey},
		ownerColumn, managerColumn, territoryColumn,
		accountColumn, industryColumn, segmentColumn, countryColumn, productColumn,
		sourceColumn, kindColumn,
		{name: "credit", kind: kindText, value: "o.credit", words: []string{"revenue", "overlay"}},
		{name: "close_on", kind: kindDay, value: "o.close_on"},
		amountColumn,
	},
	listed: &listable{name: aDeal.name, id: aDeal.id, order: "o.credited", describes: aDeal.describes},
}
