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
		select s.ord, p.id as person_id, s.measure, daterange(s.first_day, s.last_day, '[]') as period, s.amount_minor, s.currency::char(3)
		from staged_quota s
		join person p on p.external_id = s.person`,
		"person_id, measure, period", "amount_minor, currency")
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
		insert into lead (external_id, created_at, source, owner_id, status, responded_at, opportunity_id)
		select s.key, s.created_at, s.source, owner.id, s.status, s.responded_at, o.id
		from staged_lead s
		left join person owner on owner.external_id = s.owner
		left join opportunity o on o.external_id = s.opportunity
		where not exists (select from lead known where known.external_id = s.key)
		order by s.ord
		returning external_id as key`, `
		update lead l
		set created_at = s.created_at, source = s.source, owner_id = owner.id, status = s.status,
		    responded_at = s.responded_at, opportunity_id = o.id
		from staged_lead s
		left join person owner on owner.external_id = s.owner
		left join opportunity o on o.external_id = s.opportunity
		where l.external_id = s.key
		  and (l.created_at, l.source, l.owner_id, l.status, l.responded_at, l.opportunity_id) is distinct from
		      (s.created_at, s.source, owner.id, s.status, s.responded_at, o.id)
		returning l.id, l.external_id as key`)
}

func (a *application) mergeActivities() error {
	return a.mergeKind(insights.KindActivity, `
		insert into activity (external_id, opportunity_id, kind, at, two_way, person_id)
		select s.key, o.id, s.kind, s.at, s.two_way, p.id
		from staged_activity s
		join opportunity o on o.external_id = s.opportunity
		left join person p on p.external_id = s.by
		where not exists (select from activity known where known.external_id = s.key)
		order by s.ord
		returning external_id as key`, `
		update activity c
		set opportunity_id = o.id, kind = s.kind, at = s.at, two_way = s.two_way, person_id = p.id
		from staged_activity s
		join opportunity o on o.external_id = s.opportunity
		left join person p on p.external_id = s.by
		where c.external_id = s.key
		  and (c.opportunity_id, c.kind, c.at, c.two_way, c.person_id) is distinct from (o.id, s.kind, s.at, s.two_way, p.id)
		returning c.id, c.external_id as key`)
}
