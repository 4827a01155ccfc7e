package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivertype"

	"salesbot/insights"
)

// A job only says "look at row N". The row alone decides what happens: a job
// that comes too early is put off, one that comes too late finds nothing to
// do. Every attempt at a row leaves a job of its own for the moment its lease
// ends, in the transaction that begins the attempt, so the jobs of earlier
// attempts may go.
const (
	jobTimeout  = 45 * time.Second
	rescueAfter = 60 * time.Second
	retryLimit  = 30 * time.Second // between two tries of one job
	maxTries    = 10_000           // a row is never given up
	workers     = 20
)

// Work is what is done about rows that a job looks at.
type Work struct {
	// Received handles what Slack sent and nobody has handled yet.
	Received func(ctx context.Context, id int64) error
	// Delivery sends, or looks up, a delivery that is due and not finished.
	Delivery func(ctx context.Context, id int64) error
	// Digest runs a digest that is due.
	Digest func(ctx context.Context, id int64) error
	Logger *slog.Logger
}

// Work runs the jobs until stop is called. stop lets those under way finish
// within its context, then ends them.
func (s *Store) Work(ctx context.Context, work Work) (stop func(context.Context) error, err error) {
	registry := river.NewWorkers()
	river.AddWorker(registry, &looker[receivedJob]{db: s.db, row: openReceived, handle: work.Received})
	river.AddWorker(registry, &looker[deliveryJob]{db: s.db, row: openDelivery, handle: work.Delivery})
	river.AddWorker(registry, &looker[digestJob]{db: s.db, row: openDigest, handle: work.Digest})
	driver := &listeningDriver{Driver: riverdatabasesql.New(s.db.DB), dsn: s.dsn}
	// River names its topics after the schema that its tables are in.
	if err := s.db.GetContext(ctx, &driver.schema, `select current_schema()`); err != nil {
		return nil, wrap("preparing the jobs", err)
	}
	client, err := river.NewClient(driver, &river.Config{
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:              registry,
		Logger:               work.Logger,
		FetchCooldown:        10 * time.Millisecond,
		FetchPollInterval:    time.Second,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		RetryPolicy:          patient{},
		MaxAttempts:          maxTries,
	})
	if err != nil {
		return nil, wrap("preparing the jobs", err)
	}
	// A cancelled context must not end jobs midway: stop decides.
	lasting := context.WithoutCancel(ctx)
	if err := client.Start(lasting); err != nil {
		return nil, wrap("starting the jobs", err)
	}
	stopSweep := s.startSweep(lasting, work)
	return func(ctx context.Context) error {
		stopSweep(ctx)
		return stopJobs(ctx, client)
	}, nil
}

func stopJobs(ctx context.Context, client *river.Client[*sql.Tx]) error {
	err := client.Stop(ctx)
	if err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return wrap("stopping the jobs", client.StopAndCancel(hard))
}

// newInserter is a River client that only inserts jobs. It tells of no two
// within its cooldown, so that is short.
func newInserter(db *sql.DB) (*river.Client[*sql.Tx], error) {
	return river.NewClient(riverdatabasesql.New(db), &river.Config{
		Logger:        slog.New(slog.DiscardHandler),
		FetchCooldown: time.Millisecond,
		MaxAttempts:   maxTries,
	})
}

type receivedJob struct {
	ID      int64 `json:"id"`
	Attempt int   `json:"attempt"`
}

// Kind is part of river.JobArgs.
func (receivedJob) Kind() string { return "received" }

func (j receivedJob) look() (int64, int) { return j.ID, j.Attempt }

type deliveryJob struct {
	ID      int64 `json:"id"`
	Attempt int   `json:"attempt"`
}

// Kind is part of river.JobArgs.
func (deliveryJob) Kind() string { return "delivery" }

func (j deliveryJob) look() (int64, int) { return j.ID, j.Attempt }

type digestJob struct {
	ID      int64 `json:"id"`
	Attempt int   `json:"attempt"`
}

// Kind is part of river.JobArgs.
func (digestJob) Kind() string { return "digest" }

func (j digestJob) look() (int64, int) { return j.ID, j.Attempt }

func (s *Store) lookAtReceived(ctx context.Context, tx *sqlx.Tx, r insights.Received) error {
	return s.insertJob(ctx, tx, receivedJob{r.ID, r.Attempt}, r.Lease)
}

func (s *Store) lookAtDelivery(ctx context.Context, tx *sqlx.Tx, id int64, attempt int, at time.Time) error {
	return s.insertJob(ctx, tx, deliveryJob{id, attempt}, at)
}

func (s *Store) lookAtDigest(ctx context.Context, tx *sqlx.Tx, id int64, attempt int, at time.Time) error {
	return s.insertJob(ctx, tx, digestJob{id, attempt}, at)
}

// insertJob leaves a job for the moment given, or for now if that is zero. The
// call for many has the lighter statement: it hands nothing back.
func (s *Store) insertJob(ctx context.Context, tx *sqlx.Tx, args river.JobArgs, at time.Time) error {
	_, err := s.jobs.InsertManyFastTx(ctx, tx.Tx, []river.InsertManyParams{
		{Args: args, InsertOpts: &river.InsertOpts{ScheduledAt: at}},
	})
	return wrap("leaving a job", err)
}

// openRow is how an unfinished row stands: the attempts begun, and how long
// until it can be claimed.
type openRow struct {
	Attempt int
	Wait    float64 // seconds; not positive: claimable
}

const openReceived = `
	select attempt, extract(epoch from lease - clock_timestamp()) as wait
	from inbox where id = $1 and done_at is null`

const openDelivery = `
	select attempt, extract(epoch from greatest(lease, not_before) - clock_timestamp()) as wait
	from delivery where id = $1 and finished_at is null`

const openDigest = `
	select attempt, extract(epoch from look_at - clock_timestamp()) as wait
	from digest where id = $1 and state = 'active'`

// looker is the worker behind every kind of job.
type looker[J interface {
	river.JobArgs
	look() (id int64, attempt int)
}] struct {
	river.WorkerDefaults[J]
	db     *sqlx.DB
	row    string // the query for an openRow
	handle func(ctx context.Context, id int64) error
}

// Work is part of river.Worker.
func (l *looker[J]) Work(ctx context.Context, job *river.Job[J]) error {
	id, attempt := job.Args.look()
	row, open, err := l.find(ctx, id, attempt)
	if err != nil || !open {
		return err
	}
	if row.Wait > 0 {
		return river.JobSnooze(seconds(row.Wait))
	}
	if err := l.handle(ctx, id); err != nil {
		return err
	}
	return l.again(ctx, id, attempt)
}

// again keeps the job while the handler has left the row as it was.
func (l *looker[J]) again(ctx context.Context, id int64, attempt int) error {
	row, open, err := l.find(ctx, id, attempt)
	if err != nil || !open {
		return err
	}
	return river.JobSnooze(max(seconds(row.Wait), time.Second))
}

// find reports whether the row is unfinished and this job still the one that
// looks after it.
func (l *looker[J]) find(ctx context.Context, id int64, attempt int) (row openRow, open bool, err error) {
	err = l.db.GetContext(ctx, &row, l.row, id)
	if errors.Is(err, sql.ErrNoRows) {
		return row, false, nil
	}
	return row, err == nil && row.Attempt <= attempt, err
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// patient tries again soon, then every half minute, for as long as it takes.
type patient struct{}

// NextRetry is part of river.ClientRetryPolicy.
func (patient) NextRetry(job *rivertype.JobRow) time.Time {
	wait := time.Duration(len(job.Errors)+1) * time.Second
	return job.AttemptedAt.Add(min(wait, retryLimit))
}
