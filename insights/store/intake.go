package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"salesbot/insights"
)

// takeIn reads everything into the staging tables.
func (a *application) takeIn(read func(insights.Sink) error) error {
	// Whole tables are joined and sorted: not on disk, if it can be helped.
	// Compiling a statement takes longer than it saves.
	if _, err := a.exec(`set local work_mem = '64MB'; set local jit = off;` + stagingTables()); err != nil {
		return wrap("preparing an import", err)
	}
	in := newIntake(a)
	if err := read(in); err != nil {
		return err
	}
	return wrap("taking in records", in.finish())
}

// intake is the sink of an import. It keeps of what it is given only what has
// not gone to the database yet.
type intake struct {
	a       *application
	kinds   map[insights.Kind]*buffer
	rejects *buffer
	files   map[string]int // by name, the index into the files of the result
	rows    int
}

// buffer is what waits to be copied into a table: one COPY runs at a time.
type buffer struct {
	*stagedKind
	into string
	rows copyRow
}

// enough is how many bytes are worth a COPY.
const enough = 256 << 10

func newIntake(a *application) *intake {
	in := &intake{
		a: a, kinds: map[insights.Kind]*buffer{}, files: map[string]int{},
		rejects: &buffer{into: `rejected ("row", file, line, rule, field, "column", value, reason, grouped)`},
	}
	for _, k := range stagedKinds {
		in.kinds[k.kind] = &buffer{stagedKind: k, into: k.table()}
	}
	return in
}

// file is the number of a file, from 0.
func (in *intake) file(name string) int {
	at, found := in.files[name]
	if !found {
		at = len(in.a.result.Files)
		in.files[name] = at
		in.a.result.Files = append(in.a.result.Files, insights.FileTally{Name: name})
	}
	return at
}

func (in *intake) Preset(at insights.Place, record insights.Record) error {
	return in.stage(origin{file: in.file(at.File), line: at.Line}, record)
}

func (in *intake) Row(at insights.Place, records []insights.Told) error {
	from := in.row(at)
	for _, told := range records {
		from.rule = told.Rule.Number
		in.a.rules[ruleOfFile{from.file, from.rule}] = told.Rule
		if err := in.stage(from, told.Record); err != nil {
			return err
		}
	}
	return nil
}

func (in *intake) Reject(r insights.Reject) error {
	in.rejects.rows.origin(in.row(r.Place))
	in.rejects.rows.text("", r.Column, r.Value, r.Reason, r.Group)
	in.rejects.rows.end()
	return in.a.flushIf(in.rejects, enough)
}

// row counts a row.
func (in *intake) row(at insights.Place) origin {
	in.rows++
	file := in.file(at.File)
	in.a.result.Files[file].Rows++
	return origin{row: in.rows, file: file, line: at.Line}
}

func (in *intake) stage(from origin, record insights.Record) error {
	name := record.Named()
	b := in.kinds[name.Kind]
	if b == nil {
		return fmt.Errorf("records of the kind %s cannot be stored", name.Kind)
	}
	in.a.staged++
	in.a.read[name.Kind]++
	b.rows.number(int64(in.a.staged))
	b.rows.origin(from)
	b.rows.text(name.Key)
	b.write(&b.rows, record)
	b.rows.end()
	return in.a.flushIf(b, enough)
}

// finish copies what is left, and has the server look at what it got, since it
// plans by that.
func (in *intake) finish() error {
	if err := in.a.flushIf(in.rejects, 1); err != nil {
		return err
	}
	for at, f := range in.a.result.Files {
		if _, err := in.a.exec(`insert into input_file values ($1, $2)`, at, f.Name); err != nil {
			return err
		}
	}
	for _, k := range stagedKinds {
		if in.a.read[k.kind] == 0 {
			continue
		}
		if err := in.a.flushIf(in.kinds[k.kind], 1); err != nil {
			return err
		}
		if _, err := in.a.exec(`analyze ` + k.table()); err != nil {
			return err
		}
	}
	return nil
}

// flushIf copies the buffer into its table if it holds so many bytes.
func (a *application) flushIf(b *buffer, bytes int) error {
	if len(b.rows.lines) < bytes {
		return nil
	}
	var copied error
	raw := a.conn.Raw(func(connection any) error {
		// Kept from Raw: told that the connection is gone it would wait for the
		// transaction to end, which waits for it.
		copied = b.copyOver(a.ctx, connection)
		return nil
	})
	b.rows.lines = b.rows.lines[:0]
	return errors.Join(copied, raw)
}

// copyOver hands the lines to the driver as they are: going by database/sql
// value by value takes several times as long.
func (b *buffer) copyOver(ctx context.Context, connection any) (err error) {
	preparer, ok := connection.(driver.ConnPrepareContext)
	if !ok {
		return fmt.Errorf("a connection of type %T cannot copy", connection)
	}
	stmt, err := preparer.PrepareContext(ctx, "copy "+b.into+" from stdin")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	copying, ok := stmt.(copier)
	if !ok {
		return fmt.Errorf("a statement of type %T cannot copy", stmt)
	}
	lines := b.rows.lines[:len(b.rows.lines)-1] // CopyData ends the last one
	if _, err := copying.CopyData(ctx, string(lines)); err != nil {
		return err
	}
	_, err = stmt.Exec(nil) //nolint:staticcheck // the way of lib/pq to end a COPY
	return err
}

// copier is what lib/pq prepares for a COPY.
type copier interface {
	CopyData(ctx context.Context, lines string) (driver.Result, error)
}
