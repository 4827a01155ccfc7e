package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
)

// ImportOptions say how a batch is applied.
type ImportOptions struct {
	Actor    string
	Now      time.Time
	DryRun   bool                  // count everything, change nothing
	Progress func(done, total int) // of the batch's records; may be nil
}

// Apply compares the batch with what is stored and writes the differences as
// one revision: all of it, or nothing. Imports wait for each other. When
// nothing differs, no revision is made; the facts are only confirmed.
//
// Records that refer to nothing known, contradict each other or would close a
// circle are left out and come back as rejects. In what a batch says about
// people, territories, accounts and products a blank leaves what is known as
// it is; everything else is always meant whole.
func (s *Store) Apply(ctx context.Context, batch insights.Batch, opts ImportOptions) (insights.Import, error) {
	if batch.TakenAt.IsZero() {
		batch.TakenAt = opts.Now
	}
	if opts.Progress == nil {
		opts.Progress = func(int, int) {}
	}
	var result insights.Import
	err := inTx(ctx, s.imports, nil, func(tx *sqlx.Tx) error {
		a := &application{ctx: ctx, tx: tx, batch: batch, opts: opts}
		if err := a.run(); err != nil {
			return err
		}
		result = a.result
		if opts.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return result, wrap("applying an import", err)
}

// errDryRun takes everything back that was written to count it.
var errDryRun = errors.New("dry run")

// application is one batch on its way into the facts, within one transaction.
type application struct {
	ctx    context.Context
	tx     *sqlx.Tx
	batch  insights.Batch
	opts   ImportOptions
	next   int64 // the revision that this import makes, if it makes one
	result insights.Import
	done   int // records staged and records merged
}

func (a *application) run() error {
	if err := a.begin(); err != nil {
		return wrap("waiting for another import", err)
	}
	if err := a.stage(); err != nil {
		return wrap("comparing", err)
	}
	if err := a.reject(); err != nil {
		return wrap("checking references", err)
	}
	if err := a.merge(); err != nil {
		return wrap("writing", err)
	}
	return wrap("numbering the import", a.conclude())
}

// begin locks the head, so that one import is applied at a time.
func (a *application) begin() error {
	// Whole tables are joined and sorted: not on disk, if it can be helped.
	if _, err := a.exec(`set local work_mem = '64MB'`); err != nil {
		return err
	}
	var revision int64
	if err := a.tx.GetContext(a.ctx, &revision, `select revision from head for update`); err != nil {
		return err
	}
	a.next = revision + 1
	if err := keepBefore(a.ctx, a.tx, a.next); err != nil {
		return err
	}
	a.result = insights.Import{
		Revision: revision, At: a.opts.Now, By: a.opts.Actor,
		Source: a.batch.Source, TakenAt: a.batch.TakenAt, DryRun: a.opts.DryRun,
		Added: map[string]int{}, Changed: map[string]int{}, Unchanged: map[string]int{},
	}
	return nil
}

// conclude moves the head, and numbers the import if it changed anything.
func (a *application) conclude() error {
	a.opts.Progress(a.batchSize(), a.batchSize())
	if a.result.Same() {
		_, err := a.tx.ExecContext(a.ctx, `update head set confirmed_at = $1`, a.opts.Now)
		return err
	}
	if err := a.analyse(); err != nil {
		return err
	}
	a.result.Revision = a.next
	summary, err := json.Marshal(summaryOf(a.result))
	if err != nil {
		return err
	}
	_, err = a.tx.ExecContext(a.ctx, `
		insert into import (revision, at, actor, source, taken_at, summary) values ($1, $2, $3, $4, $5, $6)`,
		a.next, a.opts.Now, a.opts.Actor, a.batch.Source, a.batch.TakenAt, string(summary))
	if err != nil {
		return err
	}
	if _, err := a.exec(`delete from import_before where revision < $1`, a.next); err != nil {
		return err
	}
	_, err = a.tx.ExecContext(a.ctx, `update head set revision = $1, confirmed_at = $2`, a.next, a.opts.Now)
	return err
}

// manyWritten is how many records make the statistics that plans are made from
// worth renewing at once: the first question may come before autovacuum does.
const manyWritten = 1000

func (a *application) analyse() error {
	written := 0
	for _, counts := range []map[string]int{a.result.Added, a.result.Changed} {
		for _, n := range counts {
			written += n
		}
	}
	if written < manyWritten {
		return nil
	}
	_, err := a.exec(`
		analyze person, reporting_line, territory, territory_member, account, product, stage, opportunity, opportunity_change,
			quota, cost_line, overhead, lead, activity`)
	return err
}

// count puts on record how many records of a kind were new and how many
// differed.
func (a *application) count(kind string, accepted, added, changed int) {
	set := func(counts map[string]int, n int) {
		if n > 0 {
			counts[kind] = n
		}
	}
	set(a.result.Added, added)
	set(a.result.Changed, changed)
	set(a.result.Unchanged, accepted-added-changed)
}

// progressed counts every record twice: when it is staged and when it is
// merged.
func (a *application) progressed(records int) {
	a.done += records
	a.opts.Progress(a.done/2, a.batchSize())
}

func (a *application) batchSize() int {
	b := a.batch
	return len(b.Stages) + len(b.Territories) + len(b.People) + len(b.Accounts) + len(b.Products) + len(b.Deals) +
		len(b.Assignments) + len(b.History) + len(b.Quotas) + len(b.Costs) + len(b.Overhead) + len(b.Leads) + len(b.Activities)
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
	Added     map[string]int    `json:"added"`
	Changed   map[string]int    `json:"changed"`
	Unchanged map[string]int    `json:"unchanged"`
	Rejects   []insights.Reject `json:"rejects"`
	Notes     []insights.Note   `json:"notes,omitempty"`
}

// keptRejects bounds how many rejects are stored with an import.
const keptRejects = 1000

func summaryOf(i insights.Import) summary {
	rejects := i.Rejects
	if len(rejects) > keptRejects {
		rejects = rejects[:keptRejects]
	}
	return summary{Added: i.Added, Changed: i.Changed, Unchanged: i.Unchanged, Rejects: rejects, Notes: i.Notes}
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
	}
	err := s.db.SelectContext(ctx, &rows, `
		select i.revision, i.at, i.actor, i.source, i.taken_at, i.summary, coalesce(i.undoes, 0) as undoes,
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
			Added: kept.Added, Changed: kept.Changed, Unchanged: kept.Unchanged, Rejects: kept.Rejects,
			Notes: kept.Notes, Undoes: row.Undoes, UndoneBy: row.UndoneBy,
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
