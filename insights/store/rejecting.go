package store

import (
	"fmt"
	"slices"
	"strings"

	"salesbot/insights"
)

// reject takes every record out of the staging tables that cannot be used. A
// record that goes may be what others refer to, and one that is kept as it is
// stored may clash with what is new, so all checks are run until none finds
// anything.
func (a *application) reject() error {
	for {
		n, err := a.rejectOnce()
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	for _, r := range laterReferences {
		if _, err := a.rejectUnknown(r); err != nil {
			return err
		}
	}
	return a.rejectQuotas()
}

func (a *application) rejectOnce() (rejected int, err error) {
	for _, check := range []func() (int, error){
		a.rejectReferences, a.rejectEmails, a.rejectReporting, a.rejectTerritories, a.rejectAccounts,
	} {
		n, err := check()
		if err != nil {
			return 0, err
		}
		rejected += n
	}
	return rejected, nil
}

// reference is a column of one kind's records that holds keys of another.
type reference struct{ kind, column, to, key string }

var references = []reference{
	{kindTerritory, "parent", kindTerritory, "external_id"},
	{kindPerson, "manager", kindPerson, "external_id"},
	{kindPerson, "territory", kindTerritory, "external_id"},
	{kindAccount, "parent", kindAccount, "external_id"},
	{kindAssignment, "person", kindPerson, "external_id"},
	{kindAssignment, "manager", kindPerson, "external_id"},
	{kindAssignment, "territory", kindTerritory, "external_id"},
}

// laterReferences are those of records that nothing in the first list refers
// to; deals come before what refers to deals.
var laterReferences = []reference{
	{kindOpportunity, "account", kindAccount, "external_id"},
	{kindOpportunity, "product", kindProduct, "external_id"},
	{kindOpportunity, "owner", kindPerson, "external_id"},
	{kindOpportunity, "stage", kindStage, "name"},
	{kindChange, "opportunity", kindOpportunity, "external_id"},
	{kindQuota, "person", kindPerson, "external_id"},
	{kindCostLine, "opportunity", kindOpportunity, "external_id"},
	{kindLead, "owner", kindPerson, "external_id"},
	{kindLead, "opportunity", kindOpportunity, "external_id"},
	{kindActivity, "opportunity", kindOpportunity, "external_id"},
	{kindActivity, "by", kindPerson, "external_id"},
}

func (a *application) rejectReferences() (rejected int, err error) {
	for _, r := range references {
		n, err := a.rejectUnknown(r)
		if err != nil {
			return 0, err
		}
		rejected += n
	}
	return rejected, nil
}

// rejected is a record that was taken out, and the value that was its fault.
type rejected struct {
	Key   string
	Value string
}

func (a *application) rejectUnknown(r reference) (int, error) {
	wanted, staged, stored := "s."+r.column, "other.key", "other."+r.key
	if r.to == kindStage {
		wanted, staged, stored = "lower("+wanted+")", "lower("+staged+")", "lower("+stored+")"
	}
	missing := "s." + r.column + " is not null and"
	if r.to == kindStage {
		missing = "" // no stage is as bad as an unknown one
	}
	out, err := a.takeOut(fmt.Sprintf(`
		delete from staged_%[1]s s
		where %[4]s not exists (select from staged_%[2]s other where %[5]s = %[3]s)
		  and not exists (select from %[2]s other where %[6]s = %[3]s)
		returning s.key, coalesce(s.%[7]s, '') as value`,
		r.kind, r.to, wanted, missing, staged, stored, r.column))
	for _, o := range out {
		reason := fmt.Sprintf("there is no %s %q, neither stored nor in these files", r.to, short(o.Value))
		if o.Value == "" {
			reason = "it names no " + r.to
		}
		a.rejectRecord(r.kind, o.Key, r.column, o.Value, reason)
	}
	return len(out), err
}

// rejectEmails leaves an address with who has it: the first of the batch, or
// somebody stored whom the batch does not give another.
func (a *application) rejectEmails() (int, error) {
	out, err := a.takeOut(`
		delete from staged_person s
		where exists (
				select from staged_person other
				where lower(other.email) = lower(s.email) and other.ord < s.ord
			) or exists (
				select from person holder
				where lower(holder.email) = lower(s.email) and holder.external_id <> s.key
				  and not exists (select from staged_person moved where moved.key = holder.external_id and moved.email is not null
				                  and lower(moved.email) <> lower(holder.email))
			)
		returning s.key, s.email as value`)
	for _, o := range out {
		a.rejectRecord(kindPerson, o.Key, "email", o.Value, "another person has this e-mail address")
	}
	return len(out), err
}

// rejectReporting looks at who reports to whom in the end: a person may lead
// somebody today whom they reported to before.
func (a *application) rejectReporting() (int, error) {
	fresh := `
		select key, manager as above
		from staged_person p
		where manager is not null and not exists (select from staged_assignment s where s.person = p.key and s.manager is not null)
		union all
		(select distinct on (person) person, manager
		 from staged_assignment where manager is not null
		 order by person, since desc nulls last)`
	circle, err := a.circles(fresh, `
		select p.external_id as key, boss.external_id as above
		from reporting_line line
		join person p on p.id = line.person_id
		join person boss on boss.id = line.manager_id
		where upper_inf(line.known) and upper_inf(line.valid)`)
	if err != nil || len(circle) == 0 {
		return 0, err
	}
	assigned, err := a.takeOutCircle(kindAssignment, "manager", `delete from staged_assignment where person = any($1) returning key, coalesce(manager, '') as value`, circle)
	if err != nil || assigned > 0 {
		return assigned, err
	}
	return a.takeOutCircle(kindPerson, "manager", `delete from staged_person where key = any($1) returning key, coalesce(manager, '') as value`, circle)
}

func (a *application) rejectTerritories() (int, error) {
	return a.rejectCircles(kindTerritory, "parent", `
		select t.external_id as key, above.external_id as above
		from territory t join territory above on above.id = t.parent_id`)
}

func (a *application) rejectAccounts() (int, error) {
	return a.rejectCircles(kindAccount, "parent", `
		select c.external_id as key, above.external_id as above
		from account c join account above on above.id = c.parent_id`)
}

// rejectCircles takes out the new records of a kind that stand above
// themselves, by way of column or of what is stored.
func (a *application) rejectCircles(kind, column, stored string) (int, error) {
	circle, err := a.circles(fmt.Sprintf(`select key, %s as above from staged_%s where %[1]s is not null`, column, kind), stored)
	if err != nil || len(circle) == 0 {
		return 0, err
	}
	return a.takeOutCircle(kind, column, fmt.Sprintf(`
		delete from staged_%s where key = any($1) returning key, coalesce(%s, '') as value`, kind, column), circle)
}

// circles lists the keys of new records that stand above themselves.
func (a *application) circles(fresh, stored string) ([]string, error) {
	above, err := a.pairs(fresh)
	if err != nil || len(above) == 0 {
		return nil, err
	}
	fixed, err := a.pairs(stored)
	return circular(above, fixed), err
}

func (a *application) takeOutCircle(kind, column, deletion string, circle []string) (int, error) {
	out, err := a.takeOut(deletion, textArray(circle))
	for _, o := range out {
		a.rejectRecord(kind, o.Key, column, o.Value, "going up from here leads back here")
	}
	return len(out), err
}

// circular lists the new keys from which the way up leads back to them. What
// is new replaces what is stored.
func circular(fresh, stored map[string]string) []string {
	up := func(key string) string {
		if above, ok := fresh[key]; ok {
			return above
		}
		return stored[key]
	}
	var circle []string
	settled := make(map[string]bool, len(fresh)) // leads to no circle, or to one that is listed
	for start := range fresh {
		var path []string
		key := start
		for key != "" && !settled[key] && !slices.Contains(path, key) {
			path = append(path, key)
			key = up(key)
		}
		if i := slices.Index(path, key); i >= 0 {
			circle = append(circle, path[i:]...)
		}
		for _, key := range path {
			settled[key] = true
		}
	}
	slices.Sort(circle)
	return circle
}

// rejectQuotas keeps the periods of a person's quotas apart: a month and the
// quarter around it would be counted twice.
func (a *application) rejectQuotas() error {
	out, err := a.takeOut(`
		delete from staged_quota s
		where exists (
				select from staged_quota other
				where other.person = s.person and other.measure = s.measure and other.ord < s.ord
				  and daterange(other.first_day, other.last_day, '[]') && daterange(s.first_day, s.last_day, '[]')
			) or exists (
				select from quota q
				join person p on p.id = q.person_id
				where p.external_id = s.person and q.measure = s.measure and upper_inf(q.known)
				  and q.period && daterange(s.first_day, s.last_day, '[]') and q.period <> daterange(s.first_day, s.last_day, '[]')
			)
		returning s.key, s.first_day::text as value`)
	for _, o := range out {
		a.rejectRecord(kindQuota, o.Key, "first_day", o.Value, "another quota of this person covers some of these days")
	}
	return err
}

func (a *application) pairs(query string) (map[string]string, error) {
	var rows []struct{ Key, Above string }
	if err := a.tx.SelectContext(a.ctx, &rows, query); err != nil {
		return nil, err
	}
	pairs := make(map[string]string, len(rows))
	for _, row := range rows {
		pairs[row.Key] = row.Above
	}
	return pairs, nil
}

// takeOut runs a deletion from a staging table that returns what it deleted.
func (a *application) takeOut(deletion string, args ...any) ([]rejected, error) {
	var out []rejected
	err := a.tx.SelectContext(a.ctx, &out, deletion, args...)
	slices.SortFunc(out, func(x, y rejected) int { return strings.Compare(x.Key, y.Key) })
	return out, err
}

func (a *application) rejectRecord(kind, key, column, value, reason string) {
	a.result.Rejects = append(a.result.Rejects, insights.Reject{
		Place:  a.batch.At[insights.RecordKey{Kind: insights.Kind(kind), Key: key}],
		Column: column, Value: short(value), Reason: reason,
	})
}

const shownValue = 80 // letters of a rejected value

func short(value string) string {
	letters := []rune(value)
	if len(letters) <= shownValue {
		return value
	}
	return string(letters[:shownValue]) + "…"
}
