package store

import (
	"cmp"
	"fmt"
	"strings"

	"salesbot/insights"
)

// mergeOpportunities writes the deals, and every difference into their log. Where
// the import tells the past of a field itself, the log is made to agree with
// that first, and what then differs comes behind it.
func (a *application) mergeOpportunities() error {
	if a.read[insights.KindOpportunity]+a.read[insights.KindChange] == 0 {
		return nil
	}
	deals, err := a.number(`select count(*) from staged_opportunity`)
	if err != nil {
		return err
	}
	changes, err := a.number(`select count(*) from staged_change`)
	if err != nil {
		return err
	}
	if err := a.resolveOpportunities(); err != nil {
		return wrap("opportunities", err)
	}
	if err := a.noteOddDays(); err != nil {
		return wrap("opportunities", err)
	}
	if err := a.tellHistory(changes); err != nil {
		return wrap("history", err)
	}
	changed, err := a.changeOpportunities()
	if err != nil {
		return wrap("opportunities", err)
	}
	added, err := a.addOpportunities()
	if err != nil {
		return wrap("opportunities", err)
	}
	a.count(insights.KindOpportunity, deals, added, changed)
	a.progressed(deals)
	return nil
}

// What is odd about the days of deals. They are used all the same, because
// systems do hold such deals; they count in the period that they name.
const (
	noteClosedAhead  = "a deal is closed, but its close date lies in the future"
	noteClosedBefore = "a deal was closed before it was created"
	noteFarAhead     = "an open deal is expected to close more than five years ahead"
)

// noteOddDays counts the deals of this import whose days are hard to believe.
func (a *application) noteOddDays() error {
	var odd struct{ ClosedAhead, ClosedBefore, FarAhead int }
	err := a.tx.QueryRowxContext(a.ctx, `
		select count(*) filter (where stage.outcome <> 'open' and i.close_on > $1::date),
		       count(*) filter (where stage.outcome <> 'open' and i.close_on < i.created_on),
		       count(*) filter (where stage.outcome = 'open' and i.close_on > $1::date + interval '5 years')
		from incoming i
		join stage on stage.id = i.stage_id`, day(a.result.TakenAt)).Scan(&odd.ClosedAhead, &odd.ClosedBefore, &odd.FarAhead)
	if err != nil {
		return err
	}
	for _, note := range []insights.Note{
		{Text: noteClosedAhead, Count: odd.ClosedAhead}, {Text: noteClosedBefore, Count: odd.ClosedBefore}, {Text: noteFarAhead, Count: odd.FarAhead},
	} {
		if note.Count > 0 {
			a.result.Notes = append(a.result.Notes, note)
		}
	}
	return nil
}

// folded makes two spellings of a name equal, like insights.Stage does.
func folded(name string) string {
	return `lower(btrim(regexp_replace(` + name + `, '\s+', ' ', 'g')))`
}

// spellStages looks every spelling of a stage up once: with a process among the
// stages of that, by what it calls them, without one among all, by name or by
// name and process. Either way the id of the source does as well.
var spellStages = strings.NewReplacer(
	"{spelling}", folded("spelling"), "{process}", folded("spelt.process"), "{name}", folded("stage.name"),
	"{title}", folded("coalesce(stage.title, stage.name)"), "{in process}", folded("coalesce(stage.title, stage.name) || ' (' || process.name || ')'"),
	"{process name}", folded("process.name"), "{process id}", folded("process.external_id"), "{id}", folded("stage.external_id"),
).Replace(`
	create temp table spelt_stage on commit drop as
	with spelt as (
		select stage as spelling, coalesce(process, '') as process from staged_opportunity
		union select old, coalesce(process, '') from staged_change where field = 'stage'
		union select new, coalesce(process, '') from staged_change where field = 'stage'
	), called as (
		select id, 1 as rank, '' as process, {name} as name from stage
		union all select id, 2, '', {id} from stage
		union all select stage.id, 3, '', {in process} from stage join process on process.id = stage.process_id
		union all select stage.id, 1, by.process, {title}
			from stage join process on process.id = stage.process_id
			cross join lateral (values ({process name}), ({process id})) by (process)
		union all select stage.id, 2, by.process, {id}
			from stage join process on process.id = stage.process_id
			cross join lateral (values ({process name}), ({process id})) by (process)
	)
	select distinct on (spelling, spelt.process) spelling, spelt.process, called.id as stage_id
	from spelt
	join called on called.name = {spelling} and called.process = {process}
	order by spelling, spelt.process, called.rank`)

const analyseSpelling = `analyze spelt_stage`

// resolveOpportunities puts ids in place of keys, and gives the new deals
// theirs. A deal whose first import was taken back is as good as new: known is
// false of it, though it has its id. What is not said of a deletion is as
// before, and so is what the files have no column for. A moment of change in
// the future of its source is none.
func (a *application) resolveOpportunities() error {
	_, err := a.exec(`
		create temp table incoming on commit drop as
		select s.ord, s."row", s.file, s.key, coalesce(o.id, nextval(pg_get_serial_sequence('opportunity', 'id'))) as id,
		       o.id is null as fresh, o.id is not null and not taken.back as known,
		       `+toldColumns()+`,
		       coalesce(s.deleted, o.deleted and not taken.back, false) as deleted,
		       case when s.changed_at <= $1 then s.changed_at end as changed_at
		from staged_opportunity s
		left join opportunity o on o.external_id = s.key
		`+toldOf+`
		left join spelt_stage stage on stage.spelling = s.stage and stage.process = coalesce(s.process, '')
		left join account on account.external_id = s.account
		left join product on product.external_id = s.product
		left join person owner on owner.external_id = s.owner
		cross join lateral (
			select coalesce(`+takenBack+`, false) as back
		) taken`, a.result.TakenAt)
	if err != nil {
		return err
	}
	_, err = a.exec(`analyze incoming`)
	return err
}

// toldColumns are the columns of a deal as it is told, or else as it is known.
func toldColumns() string {
	staged := map[string]string{
		"account_id": "account.id", "product_id": "product.id", "owner_id": "owner.id", "stage_id": "stage.stage_id", "currency": "s.currency::char(3)",
	}
	var columns []string
	for _, column := range dealFields {
		if column == "deleted" { // it has a rule of its own
			continue
		}
		field := map[string]string{"amount_minor": "amount", "currency": "amount"}[column]
		columns = append(columns, fmt.Sprintf("case when %s then %s else o.%s end as %[3]s",
			tells(cmp.Or(field, strings.TrimSuffix(column, "_id"))), cmp.Or(staged[column], "s."+column), column))
	}
	return strings.Join(columns, ", ")
}

// dealFields are a deal's columns, which are the fields of its log.
var dealFields = []string{
	"name", "account_id", "product_id", "owner_id", "stage_id", "amount_minor", "currency", "created_on", "engaged_on", "close_on",
	"loss_reason", "competitor", "forecast_category", "next_step", "source", "kind", "deleted",
}

// eachField writes one for every field of a deal, with its name in place of %s.
func eachField(one string) string {
	each := make([]string, len(dealFields))
	for i, field := range dealFields {
		each[i] = strings.ReplaceAll(one, "%s", field)
	}
	return strings.Join(each, ", ")
}

// changeOpportunities writes what differs of the known deals, and what is told
// of those that had been taken back, and says how many known ones differed.
func (a *application) changeOpportunities() (int, error) {
	_, err := a.exec(fmt.Sprintf(`
		create temp table differing on commit drop as
		select i.*
		from incoming i
		join opportunity o on o.id = i.id
		where not i.known or (%s) is distinct from (%s)`, eachField("o.%s"), eachField("i.%s")))
	if err != nil {
		return 0, err
	}
	if _, err := a.exec(`insert into difference select "row", file from differing where known`); err != nil {
		return 0, err
	}
	if _, err := a.exec(logDifferences, a.result.TakenAt, a.next, a.opts.Actor); err != nil {
		return 0, err
	}
	if _, err := a.exec(forgetTakenBack, a.next); err != nil {
		return 0, err
	}
	if _, err := a.exec(`
		update opportunity o
		set ` + eachField("%s = i.%s") + `
		from differing i
		where o.id = i.id`); err != nil {
		return 0, err
	}
	return a.number(`select count(*) from differing where known`)
}

// A difference holds from when its source says that it came to be, if that is
// later than all that is known of the field (the currency goes with the amount); else from when the source was
// taken, and never from before what is known.
var logDifferences = `
	insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
	select o.id, change.field, change.old, change.new,
	       greatest(case when i.changed_at > coalesce(last.valid_at, '-infinity') then i.changed_at else $1 end, last.valid_at), $2, $3
	from differing i
	join opportunity o on o.id = i.id
	cross join lateral (values ` + eachField("('%s', o.%s::text, i.%s::text)") + `) change (field, old, new)
	cross join lateral (
		select max(c.valid_at) as valid_at
		from opportunity_change c
		where c.opportunity_id = o.id and c.retracted is null
		  and c.field = any (case when change.field in ('amount_minor', 'currency') then '{amount_minor, currency}' else array[change.field] end)
	) last
	where i.known and change.old is distinct from change.new
	  and not exists (select from told where told.id = i.id and told.field = change.field)`

// forgetTakenBack makes room for a first sight where one was taken back.
const forgetTakenBack = `
	update opportunity_change c
	set retracted = $1
	from differing i
	where c.opportunity_id = i.id and not i.known and c.retracted is null and c.revision < $1`

// addOpportunities writes the deals that are new, and the first row of their
// logs: what they are now or, where their past is told, were before that.
func (a *application) addOpportunities() (int, error) {
	_, err := a.exec(`
		insert into opportunity (id, external_id, ` + eachField("%s") + `) overriding system value
		select id, key, ` + eachField("%s") + `
		from incoming
		where fresh
		order by ord`)
	if err != nil {
		return 0, err
	}
	if _, err := a.exec(`insert into difference select "row", file from incoming where not known`); err != nil {
		return 0, err
	}
	return a.exec(`
		insert into opportunity_change (opportunity_id, field, new, valid_at, revision, actor)
		select i.id, 'deal', jsonb_strip_nulls(
		           jsonb_build_object(`+eachField("'%s', i.%s")+`) || case when i.deleted then '{}'::jsonb else '{"deleted": null}' end
		           || coalesce(past.began, '{}'))::text,
		       '-infinity', $1, $2
		from incoming i
		left join (select id, jsonb_object_agg(field, since_ever) as began from told group by id) past on past.id = i.id
		where not i.known
		order by i.ord`, a.next, a.opts.Actor)
}
