package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"salesbot/insights"
)

// reject takes every record out of the staging tables that cannot be used. A
// record that goes may be what others refer to, and one that is kept as it is
// stored may clash with what is new, so all checks are run until none finds
// anything.
func (a *application) reject() error {
	if err := a.rejectModels(); err != nil {
		return err
	}
	for {
		n, err := a.rejectOnce()
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	if err := a.rejectQuotas(); err != nil {
		return err
	}
	return a.rejectSplits()
}

func (a *application) rejectOnce() (rejected int, err error) {
	for _, check := range []func() (int, error){
		a.rejectReferences, a.rejectStages, a.rejectEmails, a.rejectReporting, a.rejectTerritories, a.rejectAccounts,
	} {
		n, err := check()
		if err != nil {
			return 0, err
		}
		rejected += n
	}
	return rejected, nil
}

// refusal says why records are left out. What is SQL may speak of s, the staged
// record, and of what the condition has joined.
type refusal struct {
	field  string // whose column is at fault; empty: the whole record
	value  string // SQL: what is shown of it; empty: the field
	reason string // SQL
	group  string // SQL: the reason without what differs from row to row; empty: the same
	with   string // SQL: common table expressions that the condition uses
}

// because is a reason that is the same for all.
func because(reason string) string { return pq.QuoteLiteral(reason) }

// shownRunes is how much of a rejected value is kept.
const shownRunes = 40

// takeOut rejects the staged records that meet a condition, which begins with
// "where" or "using".
func (a *application) takeOut(k *stagedKind, condition string, why refusal, args ...any) (int, error) {
	value, group := why.value, why.group
	if value == "" {
		value = "s." + why.field
	}
	if group == "" {
		group = "null"
	}
	with := ""
	if why.with != "" {
		with = why.with + ", "
	}
	n, err := a.exec(fmt.Sprintf(`
		with %s gone as (
			delete from %s s %s
			returning s."row" as at_row, s.file as at_file, s.line as at_line, s.rule as by_rule,
			          (%s)::text as shown, (%s)::text as reason, (%s)::text as grouped
		)
		insert into rejected ("row", file, line, rule, field, value, reason, grouped)
		select at_row, at_file, at_line, by_rule, %s,
		       case when length(shown) > %[8]d then left(shown, %[8]d - 1) || '…' else shown end, reason, grouped
		from gone`, with, k.table(), condition, value, why.reason, group, pq.QuoteLiteral(why.field), shownRunes), args...)
	a.out[k.kind] += n
	return n, err
}

// rejectReferences looks at the references that may lead nowhere: those not
// looked at since something was taken out that they could be to.
func (a *application) rejectReferences() (rejected int, err error) {
	for _, k := range stagedKinds {
		for _, r := range k.refers {
			checked := checkedReference{k.kind, r}
			if at, done := a.checked[checked]; a.read[k.kind] == 0 || r.when != "" || done && at == a.out[r.to] {
				continue
			}
			a.checked[checked] = a.out[r.to]
			n, err := a.takeOut(k, fmt.Sprintf(`
				where s.%[1]s is not null
				  and not exists (select from %[2]s other where other.key = s.%[1]s)
				  and not exists (select from %[3]s other where other.external_id = s.%[1]s)`,
				r.field, staging(r.to).table(), storedAs(r.to)),
				refusal{field: r.field, reason: because(fmt.Sprintf("names a%s that is neither stored nor in these files", article(r.to)))})
			if err != nil {
				return 0, err
			}
			rejected += n
		}
	}
	return rejected, nil
}

// article is the kind in words, behind an a that may have to be an an.
func article(kind insights.Kind) string {
	word := strings.ReplaceAll(string(kind), "_", " ")
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "n " + word
	}
	return " " + word
}

// rejectStages leaves out deals whose stage nobody has explained, and closed
// ones that fall into no period. The stages of this import have been written.
func (a *application) rejectStages() (int, error) {
	if a.read[insights.KindOpportunity]+a.read[insights.KindChange] == 0 || a.stagesChecked {
		return 0, nil
	}
	a.stagesChecked = true
	if err := a.noteTelling(); err != nil {
		return 0, err
	}
	for _, statement := range []string{spellStages, analyseSpelling} {
		if _, err := a.exec(statement); err != nil {
			return 0, err
		}
	}
	deals, rejected := staging(insights.KindOpportunity), 0
	for _, check := range stageChecks {
		n, err := a.takeOut(deals, check.condition, check.refusal)
		if err != nil {
			return 0, err
		}
		rejected += n
	}
	return rejected, nil
}

var stageChecks = []struct {
	condition string
	refusal
}{
	{`using (select s.ord from staged_opportunity s left join opportunity o on o.external_id = s.key ` + toldOf + `
		where s.stage is null and ` + tells("stage") + `) faulty where faulty.ord = s.ord`, refusal{field: "stage", reason: because("is empty, and every deal needs its stage")}},
	{`where s.stage is not null and not exists (select from spelt_stage spelt where spelt.spelling = s.stage and spelt.process = coalesce(s.process, ''))`, refusal{
		field: "stage", reason: `(
			select case when count(*) = 0 then 'is not a known stage, and none are known: add stages.csv, or list the stages in a mapping'
			       else 'is not a known stage; the stages are ' || string_agg(name, ', ' order by position, id) end from stage)`,
	}},
	{`using (
			select s.ord, stage.outcome
			from staged_opportunity s
			left join opportunity o on o.external_id = s.key ` + toldOf + `
			left join spelt_stage spelt on spelt.spelling = s.stage and spelt.process = coalesce(s.process, '')
			join stage on stage.id = coalesce(spelt.stage_id, o.stage_id)
			where s.close_on is null and (o.close_on is null or ` + tells("close_on") + `) and stage.outcome <> 'open'
		) faulty
		where faulty.ord = s.ord`, refusal{
		field: "close_on", reason: `'has no close date, and without one a deal that is ' || faulty.outcome || ' falls into no period'`,
	}},
}

// rejectEmails leaves an address with who has it: the first of the batch, or
// somebody stored whom the batch does not give another.
func (a *application) rejectEmails() (int, error) {
	if a.read[insights.KindPerson] == 0 {
		return 0, nil
	}
	return a.takeOut(staging(insights.KindPerson), `
		where exists (
				select from staged_person other
				where lower(other.email) = lower(s.email) and other.ord < s.ord
			) or exists (
				select from person holder
				where lower(holder.email) = lower(s.email) and holder.external_id <> s.key
				  and not exists (select from staged_person moved where moved.key = holder.external_id and moved.email is not null
				                  and lower(moved.email) <> lower(holder.email))
			)
`, refusal{field: "email", reason: because("is the e-mail address of another person, too")})
}

// rejectReporting looks at who reports to whom in the end: a person may lead
// somebody today whom they reported to before.
func (a *application) rejectReporting() (int, error) {
	if a.read[insights.KindPerson]+a.read[insights.KindAssignment] == 0 {
		return 0, nil
	}
	themselves, err := a.takeOut(staging(insights.KindAssignment), `where s.manager = s.person`,
		refusal{field: "manager", reason: because("is the person themselves")})
	if err != nil || themselves > 0 {
		return themselves, err
	}
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
	assigned, err := a.takeOutCircle(insights.KindAssignment, "manager", "person", circle)
	if err != nil || assigned > 0 {
		return assigned, err
	}
	return a.takeOutCircle(insights.KindPerson, "manager", "key", circle)
}

func (a *application) rejectTerritories() (int, error) {
	return a.rejectCircles(insights.KindTerritory, "parent", `
		select t.key, above.key as above
		from territory
		join mapped_territory t on t.id = territory.id
		join mapped_territory above on above.id = territory.parent_id`)
}

func (a *application) rejectAccounts() (int, error) {
	return a.rejectCircles(insights.KindAccount, "parent", `
		select c.external_id as key, above.external_id as above
		from account c join account above on above.id = c.parent_id`)
}

// rejectCircles takes out the new records of a kind that stand above
// themselves, by way of column or of what is stored.
func (a *application) rejectCircles(kind insights.Kind, field, stored string) (int, error) {
	if a.read[kind] == 0 {
		return 0, nil
	}
	circle, err := a.circles(fmt.Sprintf(`select key, %s as above from staged_%s where %[1]s is not null`, field, kind), stored)
	if err != nil || len(circle) == 0 {
		return 0, err
	}
	return a.takeOutCircle(kind, field, "key", circle)
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

// takeOutCircle takes out the records in which the column holds one of these
// keys.
func (a *application) takeOutCircle(kind insights.Kind, field, column string, keys []string) (int, error) {
	return a.takeOut(staging(kind), fmt.Sprintf(`where s.%s = any($1)`, column),
		refusal{field: field, reason: because("leads back here, going up from one to the next")}, textArray(keys))
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

// rejectQuotas keeps the periods of one person's or one territory's quotas
// apart: a month and the quarter around it would be counted twice.
func (a *application) rejectQuotas() error {
	if a.read[insights.KindQuota] == 0 {
		return nil
	}
	_, err := a.takeOut(staging(insights.KindQuota), `
		where exists (
				select from staged_quota other
				where (other.person = s.person or other.territory = s.territory) and other.measure = s.measure and other.ord < s.ord
				  and daterange(other.first_day, other.last_day, '[]') && daterange(s.first_day, s.last_day, '[]')
			) or exists (
				select from quota q
				left join person p on p.id = q.person_id
				left join mapped_territory t on t.id = q.territory_id
				where (p.external_id = s.person or t.key = s.territory) and q.measure = s.measure and upper_inf(q.known)
				  and q.period && daterange(s.first_day, s.last_day, '[]') and q.period <> daterange(s.first_day, s.last_day, '[]')
			)`,
		refusal{
			field:  "first_day",
			reason: `'begins a period of which some days have another quota of this ' || case when s.person is null then 'territory' else 'person' end`,
		})
	return err
}

// rejectSplits leaves out all splits of a deal whose revenue splits do not make
// up the whole.
func (a *application) rejectSplits() error {
	if a.read[insights.KindSplit] == 0 {
		return nil
	}
	_, err := a.takeOut(staging(insights.KindSplit), `using uneven where uneven.opportunity = s.opportunity`, refusal{
		with: `uneven as (
			select opportunity, sum(share) as share from staged_opportunity_split where kind = 'revenue' group by opportunity having sum(share) <> 1
		)`,
		field: "share", reason: `'is one of the revenue splits of a deal that add up to ' || trim_scale(uneven.share) || ' instead of 1; all its splits are left out'`,
		group: because("is one of the revenue splits of a deal that do not add up to 1; all its splits are left out"),
	})
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
