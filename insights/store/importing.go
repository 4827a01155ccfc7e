package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
)

// ImportOptions say how what is read is applied.
type ImportOptions struct {
	Actor   string
	Now     time.Time
	TakenAt time.Time // as of when the source describes the world; zero: Now
	Source  string    // what the import is called in lists; empty: the names of its files
	Key     string    // tells it from all other imports, see ImportUnder; empty: nobody asks
	DryRun  bool      // count everything, change nothing
	// MaxRejected is the share of all rows, from 0 to 1, of which none may be
	// rejected more, or nothing changes. Nil: no limit.
	MaxRejected *float64
	// Rejects gets every single reject, file by file and line by line, before
	// anything is changed for good. Nil: only the groups are kept.
	Rejects  func(insights.Reject) error
	Progress func(done, total int) // of the records read; may be nil
}

// Import takes in what read gives to its sink, compares it with what is stored
// and writes the differences as one revision: all of it, or nothing. Imports
// wait for each other, but only when they have been read. When nothing differs,
// no revision is made; the facts are only confirmed.
//
// Records that refer to nothing known, contradict each other or would close a
// circle are left out and counted as rejects. In what is said about people,
// territories, accounts, products, leads and activities a blank leaves what is
// known as it is. Of deals a blank says that nobody knows, but what a rule does
// not tell stays. Everything else is always meant whole.
//
// When more rows are rejected than may be, the import comes back with the
// error, so that it can be said why.
func (s *Store) Import(ctx context.Context, opts ImportOptions, read func(insights.Sink) error) (insights.Import, error) {
	if opts.TakenAt.IsZero() {
		opts.TakenAt = opts.Now
	}
	if opts.Progress == nil {
		opts.Progress = func(int, int) {}
	}
	conn, err := s.imports.Connx(ctx)
	if err != nil {
		return insights.Import{}, wrap("beginning an import", err)
	}
	defer conn.Close()
	tx, err := conn.BeginTxx(ctx, nil)
	if err != nil {
		return insights.Import{}, wrap("beginning an import", err)
	}
	a := newApplication(ctx, conn, tx, opts)
	err = a.run(read)
	if err == nil && !opts.DryRun {
		return a.result, wrap("committing an import", tx.Commit())
	}
	if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
		err = errors.Join(err, wrap("taking back an import", back))
	}
	return a.result, err
}

// application is what is read on its way into the facts, within one
// transaction.
type application struct {
	ctx     context.Context
	conn    *sqlx.Conn
	tx      *sqlx.Tx
	opts    ImportOptions
	next    int64 // the revision that this import makes, if it makes one
	result  insights.Import
	read    map[insights.Kind]int // records staged
	out     map[insights.Kind]int // records taken out again
	checked map[checkedReference]int
	rules   map[ruleOfFile]*insights.Rule
	// stagesChecked says that every deal is in a known stage: none of those is
	// ever taken out.
	stagesChecked bool
	drawn         bool // the territories of all maps are listed
	staged        int  // records staged, of all kinds
	done          int  // and merged
}

func newApplication(ctx context.Context, conn *sqlx.Conn, tx *sqlx.Tx, opts ImportOptions) *application {
	return &application{
		ctx: ctx, conn: conn, tx: tx, opts: opts,
		read: map[insights.Kind]int{}, out: map[insights.Kind]int{},
		checked: map[checkedReference]int{}, rules: map[ruleOfFile]*insights.Rule{},
		result: insights.Import{
			At: opts.Now, By: opts.Actor, Source: opts.Source, TakenAt: opts.TakenAt, DryRun: opts.DryRun,
			Added: map[insights.Kind]int{}, Changed: map[insights.Kind]int{}, Unchanged: map[insights.Kind]int{},
		},
	}
}

func (a *application) run(read func(insights.Sink) error) error {
	if err := a.takeIn(read); err != nil {
		return err
	}
	for _, step := range []struct {
		doing string
		do    func() error
	}{
		{"waiting for another import", a.begin},
		{"resolving references", a.resolve},
		{"looking for duplicates", a.settleDuplicates},
		{"defining stages", a.define},
		{"checking references", a.reject},
		{"writing", a.merge},
		{"counting rows", a.tally},
		{"numbering the import", a.conclude},
	} {
		if err := step.do(); err != nil {
			return wrap(step.doing, err)
		}
	}
	return nil
}

// begin locks the head, so that one import is applied at a time.
func (a *application) begin() error {
	if err := a.tx.GetContext(a.ctx, &a.result.Revision, `select revision from head for update`); err != nil {
		return err
	}
	a.next = a.result.Revision + 1
	return keepBefore(a.ctx, a.tx, a.next)
}

// conclude moves the head, and numbers the import if it changed anything.
func (a *application) conclude() error {
	a.opts.Progress(a.staged, a.staged)
	if a.result.Same() {
		_, err := a.tx.ExecContext(a.ctx, `update head set confirmed_at = $1`, a.opts.Now)
		return err
	}
	if err := a.analyse(); err != nil {
		return err
	}
	a.result.Revision = a.next
	a.result.Source = cmp.Or(a.opts.Source, fileNames(a.result.Files))
	summary, err := json.Marshal(summaryOf(a.result))
	if err != nil {
		return err
	}
	_, err = a.tx.ExecContext(a.ctx, `
		insert into import (revision, at, actor, source, taken_at, summary, key) values ($1, $2, $3, $4, $5, $6, nullif($7, ''))`,
		a.next, a.opts.Now, a.opts.Actor, a.result.Source, a.opts.TakenAt, string(summary), a.opts.Key)
	if err != nil {
		return err
	}
	_, err = a.tx.ExecContext(a.ctx, `update head set revision = $1, confirmed_at = $2`, a.next, a.opts.Now)
	return err
}

func fileNames(files []insights.FileTally) string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// manyWritten is how many records make the statistics that plans are made from
// worth renewing at once: the first question may come before autovacuum does.
const manyWritten = 1000

func (a *application) analyse() error {
	written := 0
	for _, counts := range []map[insights.Kind]int{a.result.Added, a.result.Changed} {
		for _, n := range counts {
			written += n
		}
	}
	if written < manyWritten {
		return nil
	}
	_, err := a.exec(`
		analyze person, reporting_line, territory, territory_member, account, product, stage, opportunity, opportunity_change,
			quota, cost_line, overhead, lead, activity, account_territory, opportunity_split, line_item, forecast, subscription_movement, opportunity_rollup,
			opportunity_rollup_company, opportunity_rollup_person`)
	return err
}

// count puts on record how many records of a kind were new and how many
// differed.
func (a *application) count(kind insights.Kind, accepted, added, changed int) {
	set := func(counts map[insights.Kind]int, n int) {
		if n > 0 {
			counts[kind] = n
		}
	}
	set(a.result.Added, added)
	set(a.result.Changed, changed)
	set(a.result.Unchanged, accepted-added-changed)
}

func (a *application) exec(statement string, args ...any) (int, error) {
	result, err := a.tx.ExecContext(a.ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// number runs a statement that answers one number.
func (a *application) number(statement string, args ...any) (int, error) {
	var n int
	err := a.tx.GetContext(a.ctx, &n, statement, args...)
	return n, err
}

// summary is what the import's row keeps of its result.
type summary struct {
	Added     map[insights.Kind]int  `json:"added"`
	Changed   map[insights.Kind]int  `json:"changed"`
	Unchanged map[insights.Kind]int  `json:"unchanged"`
	Files     []insights.FileTally   `json:"files,omitempty"`
	Total     insights.Tally         `json:"total"`
	Groups    []insights.RejectGroup `json:"groups,omitempty"`
	Notes     []insights.Note        `json:"notes,omitempty"`
}

func summaryOf(i insights.Import) summary {
	return summary{
		Added: i.Added, Changed: i.Changed, Unchanged: i.Unchanged,
		Files: i.Files, Total: i.Total, Groups: i.Groups, Notes: i.Notes,
	}
}

// Imports lists the latest imports that changed something, newest first.
func (s *Store) Imports(ctx context.Context, limit int) ([]insights.Import, error) {
	var rows []struct {
		Revision int64
		At       time.Time
		Actor    string
		Source   string
		TakenAt  time.Time `db:"taken_at"`
		Summary  []byte
		Undoes   int64
		UndoneBy int64 `db:"undone_by"`
		Kept     bool  `db:"keeps_before"`
	}
	err := s.db.SelectContext(ctx, &rows, `
		select i.revision, i.at, i.actor, i.source, i.taken_at, i.summary, coalesce(i.undoes, 0) as undoes, i.keeps_before,
		       coalesce((select undo.revision from import undo where undo.undoes = i.revision), 0) as undone_by
		from import i order by i.revision desc limit $1`, limit)
	if err != nil {
		return nil, wrap("listing imports", err)
	}
	imports := make([]insights.Import, 0, len(rows))
	for _, row := range rows {
		var kept summary
		if err := json.Unmarshal(row.Summary, &kept); err != nil {
			return nil, wrap("listing imports", err)
		}
		imports = append(imports, insights.Import{
			Revision: row.Revision, At: row.At, By: row.Actor, Source: row.Source, TakenAt: row.TakenAt,
			Added: kept.Added, Changed: kept.Changed, Unchanged: kept.Unchanged,
			Files: kept.Files, Total: kept.Total, Groups: kept.Groups, Notes: kept.Notes, Undoes: row.Undoes, UndoneBy: row.UndoneBy, Kept: row.Kept,
		})
	}
	reinstate(imports)
	return imports, nil
}

// reinstate lets an import stand whose undoing was taken back itself. The list
// begins with the newest, so what is found out about an undo comes first.
func reinstate(imports []insights.Import) {
	undone := make(map[int64]bool, len(imports))
	for n, i := range imports {
		if undone[i.UndoneBy] {
			imports[n].UndoneBy = 0
		}
		undone[i.Revision] = imports[n].UndoneBy != 0
	}
}

// Head is the revision of the facts and when an import last confirmed them;
// the zero time when nothing was ever loaded.
func (s *Store) Head(ctx context.Context) (revision int64, confirmed time.Time, err error) {
	var at sql.NullTime
	err = s.db.QueryRowxContext(ctx, `select revision, confirmed_at from head`).Scan(&revision, &at)
	return revision, at.Time, wrap("reading the head of the facts", err)
}
