package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
)

// UndoOptions say who takes an import back, and when.
type UndoOptions struct {
	Actor  string
	Now    time.Time
	DryRun bool // count everything, change nothing
}

// errDryUndo takes everything back that was written to count it.
var errDryUndo = errors.New("dry run")

// UndoImport takes back the last import, the one that made the revision. What
// it said is no longer believed from a new revision on, and what was believed
// before holds again; nothing of the history is lost. Records that the import
// saw first are removed or, where something refers to them, stay for that
// alone: deals as deleted since ever, people as inactive. An undo is an import too: undoing
// it takes it back.
//
// Only the last import can be taken back, since those after it built on it.
func (s *Store) UndoImport(ctx context.Context, revision int64, opts UndoOptions) (insights.Import, error) {
	var result insights.Import
	err := inTx(ctx, s.imports, nil, func(tx *sqlx.Tx) error {
		u := &undoing{ctx: ctx, tx: tx, opts: opts, undone: revision, next: revision + 1}
		if err := u.run(); err != nil {
			return err
		}
		result = u.result
		if opts.DryRun {
			return errDryUndo
		}
		return nil
	})
	if errors.Is(err, errDryUndo) {
		err = nil
	}
	return result, wrap("taking back an import", err)
}

// undoing is an import that is being taken back, within one transaction.
type undoing struct {
	ctx    context.Context
	tx     *sqlx.Tx
	opts   UndoOptions
	undone int64 // the revision that is taken back
	next   int64 // the revision that this makes
	result insights.Import
}

func (u *undoing) run() error {
	for _, step := range []func() error{u.begin, u.putDealsBack, u.putKnownBack, u.putKindsBack, u.conclude} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// begin locks the head, and lets what is changed from here on be kept as it
// was, so that this can be taken back too.
func (u *undoing) begin() error {
	var last int64
	if err := u.tx.GetContext(u.ctx, &last, `select revision from head for update`); err != nil {
		return err
	}
	if u.undone != last || last == 0 {
		return notTheLast(u.undone, last)
	}
	var undoable bool
	if err := u.tx.GetContext(u.ctx, &undoable, `select undoable from import where revision = $1`, last); err != nil {
		return err
	}
	if !undoable {
		return &insights.Error{
			Code:    "import_too_old",
			Message: fmt.Sprintf("Import %d was made by an earlier version of Salesbot, which did not keep what it replaced. Nothing was changed.", last),
			Hint:    "Load a corrected file: what differs from it is corrected.",
		}
	}
	u.result = insights.Import{
		Revision: u.next, At: u.opts.Now, By: u.opts.Actor, Source: fmt.Sprintf("undo of import %d", u.undone),
		Added: map[insights.Kind]int{}, Changed: map[insights.Kind]int{}, Unchanged: map[insights.Kind]int{}, DryRun: u.opts.DryRun, Undoes: u.undone,
	}
	return keepBefore(u.ctx, u.tx, u.next)
}

func notTheLast(revision, last int64) error {
	e := &insights.Error{
		Code:    "import_not_last",
		Message: fmt.Sprintf("Import %d is not the last one, and only the last can be taken back. Nothing was changed.", revision),
		Hint:    fmt.Sprintf("The last is %d. Load a corrected file: what differs from it is corrected.", last),
	}
	if last == 0 {
		e.Hint = "Nothing has been imported yet."
	}
	return e
}

// keepBefore has the tables without a history of their own write down, until
// the transaction ends, what they held before a revision.
func keepBefore(ctx context.Context, tx *sqlx.Tx, revision int64) error {
	_, err := tx.ExecContext(ctx, `select set_config('salesbot.revision', $1::text, true)`, revision)
	return err
}

// putDealsBack takes the log back to what it said before, and the deals with
// it. Deals that were seen first keep their log, and were deleted since ever.
func (u *undoing) putDealsBack() error {
	for _, s := range []struct {
		statement string
		args      []any
	}{
		{findFirstSeen, []any{u.undone}},
		{`analyze first_seen`, nil},
		{writeRetracted, []any{u.undone, u.next, u.opts.Actor}},
		{retractWritten, []any{u.undone, u.next}},
		{logFirstSeen, []any{u.next, u.opts.Actor}},
	} {
		if _, err := u.exec(s.statement, s.args...); err != nil {
			return err
		}
	}
	forgotten, err := u.exec(`update opportunity o set deleted = true from first_seen f where o.id = f.id`)
	if err != nil {
		return err
	}
	changed, err := u.exec(`create temp table put_back on commit drop as
		select distinct opportunity_id as id from opportunity_change
		where (revision = $1 or retracted = $1) and opportunity_id not in (select id from first_seen)`, u.next)
	if err != nil {
		return err
	}
	if _, err := u.exec(setToHead, u.next); err != nil {
		return err
	}
	u.changed(insights.KindOpportunity, forgotten+changed)
	return nil
}

const (
	findFirstSeen = `
		create temp table first_seen on commit drop as
		select c.opportunity_id as id
		from opportunity_change c
		where c.revision = $1 and c.field = 'deal'
		  and not exists (select from opportunity_change earlier where earlier.opportunity_id = c.opportunity_id and earlier.revision < $1)`

	// The order of the rows of a moment is that of their revisions, which are
	// now all the same.
	writeRetracted = `
		insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor, step)
		select opportunity_id, field, old, new, valid_at, $2, $3, row_number() over (partition by opportunity_id, valid_at order by revision, step) - 1
		from opportunity_change
		where retracted = $1`

	retractWritten = `
		update opportunity_change
		set retracted = $2
		where revision = $1 and retracted is null and opportunity_id not in (select id from first_seen)`

	logFirstSeen = `
		insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
		select o.id, 'deleted', o.deleted::text, 'true', '-infinity', $1, $2
		from first_seen f
		join opportunity o on o.id = f.id`
)

var setToHead = `
	update opportunity o
	set ` + eachField("%s = replayed.%s") + `
	from opportunity_replayed('infinity', $1, array(select id from put_back)) replayed
	where o.id = replayed.id`

// putKnownBack closes what the import opened, and opens again what it closed,
// in every table whose rows are known from a revision to another.
func (u *undoing) putKnownBack() error {
	tables, err := u.tables(`
		select table_name from information_schema.columns
		where table_schema = current_schema() and column_name = 'known' and udt_name = 'int8range'`)
	if err != nil {
		return err
	}
	for _, t := range tables {
		closed, err := u.exec(t.in(`update {table} set known = int8range(lower(known), $2) where lower(known) = $1 and upper_inf(known)`), u.undone, u.next)
		if err != nil {
			return wrap(t.name, err)
		}
		opened, err := u.exec(t.in(`
			insert into {table} ({columns}, known)
			select {columns}, int8range($2, null) from {table} where upper(known) = $1`), u.undone, u.next)
		if err != nil {
			return wrap(t.name, err)
		}
		u.changed(cmp.Or(partOf[t.name], insights.Kind(t.name)), max(closed, opened))
	}
	return nil
}

// partOf says of which kind of record the rows are that have no kind of their own.
var partOf = map[string]insights.Kind{
	"reporting_line": insights.KindAssignment, "territory_member": insights.KindAssignment, "stage_definition": insights.KindStage,
}

// putKindsBack restores the rows that have no history of their own.
func (u *undoing) putKindsBack() error {
	tables, err := u.tables(`select kind as table_name from import_before where revision = $1`, u.undone)
	if err != nil {
		return err
	}
	slices.SortFunc(tables, func(x, y table) int { return slices.Index(keptKinds, x.name) - slices.Index(keptKinds, y.name) })
	for _, put := range []func(table) error{u.free, u.insertAgain, u.changeBack} {
		for _, t := range tables {
			if err := put(t); err != nil {
				return wrap(t.name, err)
			}
		}
	}
	return u.removeAdded(tables)
}

// keptKinds are the tables that import_before speaks of; what is referred to
// comes before what refers to it.
var keptKinds = []string{"process", "stage", "territory_model", "territory", "person", "account", "product", "lead", "activity"}

// freed empties what no two rows may share, so that rows can exchange it.
var freed = map[string]string{
	"person":          `update person set email = null where id in (%s)`,
	"stage":           `update stage set name = 'being put back: ' || id, external_id = null where id in (%s and before is not null)`,
	"process":         `update process set name = 'being put back: ' || id, external_id = null where id in (%s and before is not null)`,
	"territory_model": `update territory_model set state = 'planning', active = 'empty' where id in (%s)`,
}

func (u *undoing) free(t table) error {
	statement, shared := freed[t.name]
	if !shared {
		return nil
	}
	_, err := u.exec(fmt.Sprintf(statement, `select id from import_before where revision = $1 and kind = '`+t.name+`'`), u.undone)
	return err
}

func (u *undoing) insertAgain(t table) error {
	_, err := u.exec(t.in(`
		insert into {table} (id, {columns}) overriding system value
		select id, {columns}
		from (select (jsonb_populate_record(null::{table}, before)).* from import_before where revision = $1 and kind = '{table}' and before is not null) gone
		where not exists (select from {table} kept where kept.id = gone.id)`), u.undone)
	return err
}

func (u *undoing) changeBack(t table) error {
	n, err := u.exec(t.in(`
		update {table} t
		set {columns = b.columns}
		from import_before i
		cross join lateral jsonb_populate_record(null::{table}, i.before) b
		where i.revision = $1 and i.kind = '{table}' and i.before is not null and t.id = i.id`), u.undone)
	u.changed(insights.Kind(t.name), n)
	return err
}

// removeAdded removes what the import saw first and nothing refers to, neither
// a row nor the log. A row that goes may be what kept another.
func (u *undoing) removeAdded(tables []table) error {
	if _, err := u.exec(findLogged, u.undone); err != nil {
		return err
	}
	removed := make(map[string]int, len(tables))
	for again := true; again; {
		again = false
		for _, t := range slices.Backward(tables) {
			n, err := u.removeUnreferred(t)
			if err != nil {
				return wrap(t.name, err)
			}
			removed[t.name] += n
			again = again || n > 0
		}
	}
	for _, t := range tables {
		u.changed(insights.Kind(t.name), removed[t.name])
	}
	return u.markKept(tables)
}

// markKept marks what could not be removed, so that no name finds it.
func (u *undoing) markKept(tables []table) error {
	for _, t := range tables {
		if !slices.Contains(t.columns, "taken_back") {
			continue
		}
		mark := `taken_back = true`
		if t.name == "person" {
			mark += `, active = false`
		}
		n, err := u.exec(t.in(`
			update {table} set `+mark+`
			where id in (select id from import_before where revision = $1 and kind = '{table}' and before is null)`), u.undone)
		if err != nil {
			return wrap(t.name, err)
		}
		u.changed(insights.Kind(t.name), n)
	}
	return nil
}

// findLogged lists what the log of the import names: as it was reported, it
// can be rebuilt only while that is there.
const findLogged = `
	create temp table logged on commit drop as
	select field, new as id from opportunity_change where revision = $1 and field like '%\_id'
	union
	select first.key, first.value
	from opportunity_change
	cross join lateral jsonb_each_text(new::jsonb) first
	where revision = $1 and field = 'deal' and first.key like '%\_id'`

func (u *undoing) removeUnreferred(t table) (int, error) {
	var references []struct{ Table, Column string }
	err := u.tx.SelectContext(u.ctx, &references, `
		select c.conrelid::regclass::text as table, quote_ident(a.attname) as column
		from pg_constraint c
		join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
		where c.contype = 'f' and c.confrelid = $1::regclass`, t.name)
	if err != nil {
		return 0, err
	}
	var unreferred strings.Builder
	for _, r := range references {
		fmt.Fprintf(&unreferred, ` and not exists (select from %s referring where referring.%s = t.id)`, r.Table, r.Column)
	}
	return u.exec(t.in(`
		delete from {table} t
		where t.id in (select id from import_before where revision = $1 and kind = '{table}' and before is null)
		  and not exists (select from logged where logged.id = t.id::text
		                  and logged.field = case '{table}' when 'person' then 'owner_id' else '{table}_id' end)`)+unreferred.String(), u.undone)
}

// conclude numbers the undo. The facts are as fresh again as they were before
// the import, and as the last import left them that now stands.
func (u *undoing) conclude() error {
	standing, err := u.standing()
	if err != nil {
		return err
	}
	u.result.TakenAt = u.opts.Now
	if !standing.TakenAt.IsZero() {
		u.result.TakenAt = standing.TakenAt
	}
	summary, err := json.Marshal(summaryOf(u.result))
	if err != nil {
		return err
	}
	_, err = u.exec(`
		insert into import (revision, at, actor, source, taken_at, summary, undoes) values ($1, $2, $3, $4, $5, $6, $7)`,
		u.next, u.opts.Now, u.opts.Actor, u.result.Source, u.result.TakenAt, string(summary), u.undone)
	if err != nil {
		return err
	}
	_, err = u.exec(`update head set revision = $1, confirmed_at = $2`, u.next, sql.NullTime{Time: standing.At, Valid: !standing.At.IsZero()})
	return err
}

// standing finds the import that left the facts as they are again; the zero
// import if there was none. An undo left them as the import before the one
// that it took back.
func (u *undoing) standing() (insights.Import, error) {
	for revision := u.undone - 1; revision > 0; {
		var i struct {
			At      time.Time
			TakenAt time.Time     `db:"taken_at"`
			Undoes  sql.NullInt64 `db:"undoes"`
		}
		if err := u.tx.GetContext(u.ctx, &i, `select at, taken_at, undoes from import where revision = $1`, revision); err != nil {
			return insights.Import{}, err
		}
		if !i.Undoes.Valid {
			return insights.Import{Revision: revision, At: i.At, TakenAt: i.TakenAt}, nil
		}
		revision = i.Undoes.Int64 - 1
	}
	return insights.Import{}, nil
}

// table is a table and its columns, without the id and what it is known from.
type table struct {
	name    string
	columns []string
}

// in writes the names of the table and its columns into a statement.
func (t table) in(statement string) string {
	each := make([]string, len(t.columns))
	for i, column := range t.columns {
		each[i] = column + " = b." + column
	}
	return strings.NewReplacer("{table}", t.name, "{columns}", strings.Join(t.columns, ", "), "{columns = b.columns}", strings.Join(each, ", ")).Replace(statement)
}

// tables describes the tables whose names a query answers.
func (u *undoing) tables(named string, args ...any) ([]table, error) {
	var columns []struct{ Table, Column string }
	err := u.tx.SelectContext(u.ctx, &columns, `
		select table_name as table, quote_ident(column_name) as column
		from information_schema.columns
		where table_schema = current_schema() and table_name in (`+named+`) and is_identity = 'NO' and column_name <> 'known'
		order by table_name, ordinal_position`, args...)
	if err != nil {
		return nil, err
	}
	var tables []table
	for _, c := range columns {
		if len(tables) == 0 || tables[len(tables)-1].name != c.Table {
			tables = append(tables, table{name: c.Table})
		}
		last := &tables[len(tables)-1]
		last.columns = append(last.columns, c.Column)
	}
	return tables, nil
}

func (u *undoing) changed(kind insights.Kind, n int) {
	if n > 0 {
		u.result.Changed[kind] += n
	}
}

func (u *undoing) exec(statement string, args ...any) (int, error) {
	result, err := u.tx.ExecContext(u.ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
