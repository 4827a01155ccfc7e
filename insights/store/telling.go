package store

import (
	"fmt"
	"slices"
	"strings"
)

// A file need not have a column for everything that is known of a deal. What it
// has none for stays as it is known: each field of a deal is a bit, and the
// bits of a staged deal are those of all rules that made it.

// toldFields are the fields of a deal as rules call them, in the order of their
// bits. The currency goes with the amount.
var toldFields = []string{
	"name", "account", "product", "owner", "stage", "amount", "created_on", "engaged_on", "close_on",
	"loss_reason", "competitor", "forecast_category", "next_step", "source", "kind",
}

// allTold has the bits of all fields.
const allTold = -1

// tells tests whether the row "told" has the bit of a field.
func tells(field string) string {
	return fmt.Sprintf("told.mask & %d <> 0", 1<<slices.Index(toldFields, field))
}

// noteTelling writes down what each rule tells of deals.
func (a *application) noteTelling() error {
	if _, err := a.exec(`create temp table telling (file integer, rule integer, mask bigint) on commit drop`); err != nil {
		return err
	}
	for by, rule := range a.rules {
		if rule.Tells == nil {
			continue
		}
		mask := 0
		for bit, field := range toldFields {
			if rule.Tells[field] {
				mask |= 1 << bit
			}
		}
		if _, err := a.exec(`insert into telling values ($1, $2, $3)`, by.file, by.rule, mask); err != nil {
			return err
		}
	}
	_, err := a.exec(`
		create temp table told_too on commit drop as
		select also.ord, bit_or(coalesce(telling.mask, $1)) as mask
		from also_by also
		left join telling using (file, rule)
		group by also.ord`, allTold)
	return err
}

// takenBack tells of a stored deal o whether the import that first saw it was
// taken back: then it is deleted since ever.
const takenBack = `o.deleted and exists (
			select from opportunity_change c
			where c.opportunity_id = o.id and c.field = 'deleted' and c.valid_at = '-infinity' and c.retracted is null
		)`

// toldOf joins, to the staged deal s and the stored one o, what is told of it:
// all, where none is stored, or the import that first saw it was taken back.
var toldOf = strings.NewReplacer("{all}", fmt.Sprint(allTold), "{taken back}", takenBack).Replace(`
	left join telling on telling.file = s.file and telling.rule = s.rule
	left join told_too on told_too.ord = s.ord
	cross join lateral (
		select case when o.id is null or {taken back} then {all} else coalesce(telling.mask, {all}) | coalesce(told_too.mask, 0) end as mask
	) told`)
