package store

import (
	"fmt"
	"strings"

	"salesbot/insights"
)

// What stands beside the deals is restated like assignments are: what was known
// is closed, and what holds now is written anew, both at this revision.

func (a *application) mergeQuotas() error {
	return a.mergeKnown(insights.KindQuota, `
		select s.ord, p.id as person_id, t.id as territory_id, s.measure, daterange(s.first_day, s.last_day, '[]') as period,
		       s.amount_minor, s.currency::char(3)
		from staged_quota s
		left join person p on p.external_id = s.person
		left join mapped_territory t on t.key = s.territory`,
		"person_id, territory_id, measure, period", "amount_minor, currency")
}

func (a *application) mergeForecasts() error {
	return a.mergeKnown(insights.KindForecast, `
		select s.ord, p.id as person_id, t.id as territory_id, daterange(s.first_day, s.last_day, '[]') as period, s.category,
		       s.submitted_at, s.amount_minor, s.currency::char(3)
		from staged_forecast s
		left join person p on p.external_id = s.person
		left join mapped_territory t on t.key = s.territory`,
		"person_id, territory_id, period, category, submitted_at", "amount_minor, currency")
}

// mergeSplits writes the splits of deals. Those of a kind of a deal are told
// together: where one is told no more, all of them are told anew.
func (a *application) mergeSplits() error {
	if a.read[insights.KindSplit] == 0 {
		return nil
	}
	_, err := a.exec(`
		with told as (
			select distinct o.id as opportunity_id, s.kind
			from staged_opportunity_split s join opportunity o on o.external_id = s.opportunity
		), fewer as (
			select known.opportunity_id, known.kind
			from opportunity_split known
			join told using (opportunity_id, kind)
			join opportunity o on o.id = known.opportunity_id
			join person p on p.id = known.person_id
			where upper_inf(known.known) and not exists (
				select from staged_opportunity_split s
				where s.opportunity = o.external_id and s.kind = known.kind and s.person = p.external_id)
		)
		update opportunity_split known
		set known = int8range(lower(known.known), $1)
		from (select distinct * from fewer) f
		where f.opportunity_id = known.opportunity_id and f.kind = known.kind and upper_inf(known.known)`, a.next)
	if err != nil {
		return wrap("splits", err)
	}
	return a.mergeKnown(insights.KindSplit, `
		select s.ord, o.id as opportunity_id, p.id as person_id, s.kind, s.share
		from staged_opportunity_split s
		join opportunity o on o.external_id = s.opportunity
		join person p on p.external_id = s.person`,
		"opportunity_id, person_id, kind", "share")
}

func (a *application) mergeLineItems() error {
	err := a.mergeKnown(insights.KindLineItem, `
		select s.ord, s.key as external_id, o.id as opportunity_id, product.id as product_id, s.quantity, s.amount_minor, s.currency::char(3)
		from staged_line_item s
		join opportunity o on o.external_id = s.opportunity
		left join product on product.external_id = s.product`,
		"external_id", "opportunity_id, product_id, quantity, amount_minor, currency")
	if err != nil || a.read[insights.KindLineItem] == 0 {
		return err
	}
	return a.noteLineItems()
}

const noteLines = "the line items of a deal do not add up to its amount; both are kept as they are told"

// noteLineItems says of how many deals the lines do not add up to the amount.
// They are used: the amount of a deal is what the deal says.
func (a *application) noteLineItems() error {
	differing, err := a.number(`
		select count(*)
		from (
			select o.id
			from line_item l
			join opportunity o on o.id = l.opportunity_id
			where upper_inf(l.known) and o.external_id in (select opportunity from staged_line_item)
			group by o.id
			having (sum(l.amount_minor), min(l.currency), max(l.currency)) is distinct from (o.amount_minor, o.currency, o.currency)
		) differing`)
	if err != nil || differing == 0 {
		return err
	}
	a.result.Notes = append(a.result.Notes, insights.Note{Text: noteLines, Count: differing})
	return nil
}

func (a *application) mergeSubscriptions() error {
	return a.mergeKnown(insights.KindSubscription, `
		select s.ord, s.key as external_id, c.id as account_id, product.id as product_id, s.kind, s.moved_on, s.amount_minor, s.currency::char(3)
		from staged_subscription_movement s
		join account c on c.external_id = s.account
		left join product on product.external_id = s.product`,
		"external_id", "account_id, product_id, kind, moved_on, amount_minor, currency")
}

// mergeRates writes exchange rates; one without a day holds since ever.
func (a *application) mergeRates() error {
	return a.mergeKnown(insights.KindExchangeRate, `
		select s.ord, s.currency::char(3), s."into"::char(3), coalesce(s.starts_on, '-infinity') as starts_on, s.rate
		from staged_exchange_rate s`,
		`currency, "into", starts_on`, "rate")
}

func (a *application) mergeCosts() error {
	return a.mergeKnown(insights.KindCostLine, `
		select s.ord, s.key as external_id, o.id as opportunity_id, s.kind, s.amount_minor, s.currency::char(3), s.spent_on
		from staged_cost_line s
		join opportunity o on o.external_id = s.opportunity`,
		"external_id", "opportunity_id, kind, amount_minor, currency, spent_on")
}

func (a *application) mergeOverhead() error {
	return a.mergeKnown(insights.KindOverhead, `
		select s.ord, s.key as external_id, daterange(s.first_day, s.last_day, '[]') as period, s.amount_minor, s.currency::char(3), s.allocated_by
		from staged_overhead s`,
		"external_id", "period, amount_minor, currency, allocated_by")
}

// mergeKnown writes records whose earlier values are kept. resolving selects
// them with the columns of the table and s.ord; key names those that make two
// of them the same record, value the others.
func (a *application) mergeKnown(kind insights.Kind, resolving, key, value string) error {
	if a.read[kind] == 0 {
		return nil
	}
	accepted, err := a.number(`select count(*) from staged_` + string(kind))
	if err != nil {
		return err
	}
	words := strings.NewReplacer("{table}", string(kind), "{key}", key, "{value}", value,
		"{same}", fmt.Sprintf("(%s) is not distinct from (%s)", columnsOf("known", key), columnsOf("i", key)),
		"{equal}", fmt.Sprintf("(%s) is not distinct from (%s)", columnsOf("known", value), columnsOf("i", value)))
	if _, err := a.exec(`create temp table resolved on commit drop as ` + resolving); err != nil {
		return wrap(string(kind), err)
	}
	_, err = a.exec(words.Replace(`
		delete from resolved i using {table} known where {same} and upper_inf(known.known) and {equal}`))
	if err != nil {
		return wrap(string(kind), err)
	}
	changed, err := a.exec(words.Replace(`
		update {table} known
		set known = int8range(lower(known.known), $1)
		from resolved i
		where {same} and upper_inf(known.known)`), a.next)
	if err != nil {
		return wrap(string(kind), err)
	}
	written, err := a.exec(words.Replace(`
		insert into {table} ({key}, {value}, known)
		select {key}, {value}, int8range($1, null) from resolved order by ord`), a.next)
	if err != nil {
		return wrap(string(kind), err)
	}
	a.count(kind, accepted, written-changed, changed)
	a.progressed(accepted)
	_, err = a.exec(fmt.Sprintf(`
		insert into difference select s."row", s.file from staged_%s s join resolved on resolved.ord = s.ord;
		drop table resolved`, kind))
	return err
}

// columnsOf puts the name of a table before each column.
func columnsOf(table, columns string) string {
	return table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
}

func (a *application) mergeLeads() error {
	return a.mergeKind(insights.KindLead, `
		insert into lead (external_id, created_at, source, owner_id, status, responded_at, opportunity_id, converted_at)
		select s.key, s.created_at, s.source, owner.id, s.status, s.responded_at, o.id, s.converted_at
		from staged_lead s
		left join person owner on owner.external_id = s.owner
		left join opportunity o on o.external_id = s.opportunity
		where not exists (select from lead known where known.external_id = s.key)
		order by s.ord
		returning external_id as key`, `
		update lead l
		set created_at = s.created_at, source = coalesce(s.source, l.source), owner_id = coalesce(owner.id, l.owner_id), status = s.status,
		    responded_at = coalesce(s.responded_at, l.responded_at), opportunity_id = coalesce(o.id, l.opportunity_id),
		    converted_at = coalesce(s.converted_at, l.converted_at)
		from staged_lead s
		left join person owner on owner.external_id = s.owner
		left join opportunity o on o.external_id = s.opportunity
		where l.external_id = s.key
		  and (l.created_at, l.source, l.owner_id, l.status, l.responded_at, l.opportunity_id, l.converted_at) is distinct from
		      (s.created_at, coalesce(s.source, l.source), coalesce(owner.id, l.owner_id), s.status,
		       coalesce(s.responded_at, l.responded_at), coalesce(o.id, l.opportunity_id), coalesce(s.converted_at, l.converted_at))
		returning l.id, l.external_id as key`)
}

func (a *application) mergeActivities() error {
	return a.mergeKind(insights.KindActivity, `
		insert into activity (external_id, opportunity_id, account_id, kind, at, two_way, person_id)
		select s.key, o.id, c.id, s.kind, s.at, s.two_way, p.id
		from staged_activity s
		left join opportunity o on o.external_id = s.opportunity
		left join account c on c.external_id = s.account
		left join person p on p.external_id = s.by
		where not exists (select from activity known where known.external_id = s.key)
		order by s.ord
		returning external_id as key`, `
		update activity a
		set opportunity_id = coalesce(o.id, a.opportunity_id), account_id = coalesce(c.id, a.account_id),
		    kind = s.kind, at = s.at, two_way = s.two_way, person_id = coalesce(p.id, a.person_id)
		from staged_activity s
		left join opportunity o on o.external_id = s.opportunity
		left join account c on c.external_id = s.account
		left join person p on p.external_id = s.by
		where a.external_id = s.key
		  and (a.opportunity_id, a.account_id, a.kind, a.at, a.two_way, a.person_id) is distinct from
		      (coalesce(o.id, a.opportunity_id), coalesce(c.id, a.account_id), s.kind, s.at, s.two_way, coalesce(p.id, a.person_id))
		returning a.id, a.external_id as key`)
}
