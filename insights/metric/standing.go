package metric

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// standing says which facts a statement reads: as they stood at an instant, by
// what was known at a revision. The zero instant is the moment of asking and the
// revision 0 the last one; the tables hold those, and nothing is rebuilt.
//
// It is the one place that says where facts come from. All other SQL reads the
// tables by their names, and rows by their `upper_inf(known)`; for another
// standing the names stand for what the tables held then.
//
// What is not dated stands at every instant as it is known: names, accounts, and
// stages of which no dated definition is loaded; what people are to reach and
// what deals cost. All of it is revised, so an instant changes nothing of it, and
// a revision does.
type standing struct {
	instant  time.Time
	moment   time.Time // the instant, or that of asking
	day      time.Time // the company's day of that
	revision int64
}

// sources writes the tables that stand for those of the standing, as the
// beginning of the statement.
func (b *builder) sources(sql string) string {
	if b.at.isNow() {
		return ""
	}
	r := b.rebuild(sql, b.at)
	return "with " + strings.Join(slices.Concat(b.knownThen(b.at), r.candidates(), r.tables(b.at), b.happenedThen(b.at)), ",\n") + "\n"
}

// happenedThen is the table of facts that are not deals as of an instant, if
// knownThen does not write it.
func (b *builder) happenedThen(at standing) []string {
	table := b.plan.Metric.facts.table
	if table == "" || at.instant.IsZero() || at.revision != 0 {
		return nil
	}
	return []string{table + " as (" + b.happened(at, table) + "\n)"}
}

// happened are the rows of a table that tell of what had happened by the
// instant.
func (b *builder) happened(at standing, rows string) string {
	return strings.NewReplacer(":table", rows, ":instant", b.moment(at.instant)).Replace(b.plan.Metric.facts.then)
}

func (s standing) isNow() bool { return s.instant.IsZero() && s.revision == 0 }

// stagesThen are the stages of a table as they were defined on the day, where
// that is known.
func (b *builder) stagesThen(at standing, table string) string {
	return `
    select stage.id, stage.name, coalesce(meant.position, stage.position) as position, coalesce(meant.outcome, stage.outcome) as outcome,
           case when meant.stage_id is null then stage.probability else meant.probability end as probability,
           case when meant.stage_id is null then stage.forecast_category else meant.forecast_category end as forecast_category,
           case when meant.stage_id is null then stage.expected_days else meant.expected_days end as expected_days,
           stage.external_id, stage.process_id, stage.title
    from ` + table + `
    left join stage_definition meant on meant.stage_id = stage.id and meant.valid @> ` + b.day(at.day) + ` and upper_inf(meant.known)`
}

// replaced are the tables whose rows have no history of their own: what each
// import replaces in them is kept beside them.
var replaced = []string{"stage", "territory_model", "territory", "person", "account", "product", "lead", "activity"}

// knownThen are the tables without a history as they were at the revision of a
// standing, and the map in force that is drawn of them.
func (b *builder) knownThen(at standing) []string {
	if at.revision == 0 {
		return nil
	}
	var out []string
	for _, table := range replaced {
		rows := fmt.Sprintf(replacedSince, table, b.arg(at.revision))
		if table == "stage" && !at.instant.IsZero() {
			rows = b.stagesThen(at, "("+rows+"\n    ) stage")
		}
		if table == b.plan.Metric.facts.table && !at.instant.IsZero() {
			rows = b.happened(at, "("+rows+"\n    ) "+table)
		}
		out = append(out, table+" as ("+rows+"\n)")
	}
	return append(out, "territory_in_force as ("+inForceSQL+"\n)")
}

// replacedSince selects the rows of a table as they were at a revision: each is
// what the first later import found in its place, and those that none replaced
// are what they are now.
const replacedSince = `
    select %[1]s.* from %[1]s
    where not exists (select from import_before b where b.kind = '%[1]s' and b.id = %[1]s.id and b.revision > %[2]s::bigint)
    union all
    select was.*
    from (select distinct on (id) before from import_before where kind = '%[1]s' and revision > %[2]s::bigint order by id, revision) b
    cross join lateral jsonb_populate_record(null::%[1]s, b.before) was
    where b.before is not null`

// inForceSQL is the view territory_in_force, of the tables that stand here under
// those names.
const inForceSQL = `
    select territory_id, days, first_value(territory_id) over (
               partition by external_id order by isempty(days), upper(days) desc nulls first, territory_id
           ) as known_as
    from (
        select territory.id as territory_id, territory.external_id,
               case when territory.model_id is null
                   then '{(,)}'::datemultirange - coalesce((select range_agg(active) from territory_model), '{}')
                   else datemultirange(territory_model.active)
               end as days
        from territory
        left join territory_model on territory_model.id = territory.model_id
    ) drawn`

var believedNow = regexp.MustCompile(`upper_inf\((\w+\.)?known\)`)

// finish makes the statement of what was written for the builder's standing.
// What is of several standings says of each part whose it is, and only what has
// no history is as it was known.
func (b *builder) finish(sql string) Statement {
	if m := b.plan.Metric; m.formula != nil || !m.facts.snapshots {
		return b.believed(b.sources(sql) + sql)
	}
	if known := b.knownThen(standing{revision: b.at.revision}); known != nil {
		sql = "with " + strings.Join(known, ",\n") + "\n" + sql
	}
	return b.believed(sql)
}

// believed makes the statement of what was known at the builder's revision.
func (b *builder) believed(sql string) Statement {
	if b.at.revision != 0 && believedNow.MatchString(sql) {
		sql = believedNow.ReplaceAllString(sql, "${1}known @> $"+b.arg(b.at.revision)+"::bigint") // $$ is a dollar
	}
	return Statement{SQL: sql, Args: b.args}
}

// resolveStanding decides which day the facts are those of.
func (p *Plan) resolveStanding() *Refusal {
	p.standing = p.present
	at := &p.standing
	if at.instant = p.Query.AsOf; at.instant.IsZero() {
		return nil
	}
	day := p.company.today(at.instant)
	if day.After(at.day) {
		return invalid("That day has not come: figures can be told as of today or earlier.")
	}
	at.day, at.moment = day, at.instant
	return nil
}

// tellsUnrecorded reports whether the metric tells stages apart, of an earlier
// instant.
func (p *Plan) tellsUnrecorded() bool {
	counted := p.Metric.counting()
	if of := p.Metric.conversion; of != nil {
		counted = of.base // what became of a deal later is not yet of the instant
	}
	return !p.Query.AsOf.IsZero() && counted.facts == deals && counted.filter != nil
}

// unrecorded counts the deals that were there at the instant and would be looked
// at, but of which nobody knows at which stage they were then; and tells whether
// the instant lies before the first import, when all deals are taken as they were
// first seen, but for what their histories tell.
func (p *Plan) unrecorded() Statement {
	b := p.builder(p.standing)
	b.columns = []string{"count(*)::text", "coalesce((select min(taken_at) > " + b.arg(p.Query.AsOf.Format(time.RFC3339Nano)) + "::timestamptz from import), false)::text"}
	tests := append([]string{"not o.deleted", "o.stage_id is null"}, p.kept(b, p.asked)...)
	b.narrow.unknown = true
	return p.assemble(b, tests)
}

// unrecorded is what an answer as of an earlier instant lacks.
type unrecorded struct {
	deals         int64
	beforeImports bool
}

func (r *reading) unrecorded(table [][]*string) unrecorded {
	if len(table) != 1 || len(table[0]) != 2 || table[0][1] == nil {
		r.err = fmt.Errorf("it is not said what is unrecorded")
		return unrecorded{}
	}
	return unrecorded{deals: r.place(table[0][0]), beforeImports: *table[0][1] == "true"}
}
