package importer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Options say how files are to be understood.
type Options struct {
	Mapping *Mapping // nil: each file is of the layout that its header tells
	// Stages are those already stored: files that only name their stages need not
	// say again what those mean.
	Stages []insights.Stage
	// StageOutcomes say what stages mean that the files only name, by name or by
	// name with the process behind it: "Signed", "Signed (Renewals)".
	StageOutcomes map[string]insights.Outcome

	Company metric.Company
	// Dates, Decimal and Currency declare what the mapping leaves open: whether
	// day or month comes first (dmy, mdy), the decimal sign (. or ,), and the
	// currency of amounts that name none (ISO 4217). Empty: the files show it.
	Dates    string
	Decimal  string
	Currency string
	Progress func(file string, done, total int64) // called as bytes are read; may be nil
}

// Read reads files and folders row by row into a sink, which is told of every
// row what records it makes or why it makes none. Nothing is kept of a row that
// has been read. An error means that nothing can be used, and says why in words.
func Read(ctx context.Context, paths []string, opt Options, sink insights.Sink) (Report, error) {
	r, err := newReading(paths, opt)
	if err != nil {
		return Report{}, err
	}
	if faults := r.prepare(ctx); len(faults) > 0 {
		return Report{}, joined(faults)
	}
	r.sink = sink
	if err := r.presets(); err != nil {
		return Report{}, err
	}
	for _, s := range r.sources {
		if err := r.read(ctx, s); err != nil {
			return Report{}, err
		}
	}
	return r.report, nil
}

// reading is one call of Read.
type reading struct {
	opt     Options
	auto    bool // no mapping was given
	sink    insights.Sink
	sources []*source
	made    []insights.Told // of the row that is being read
	report  Report
}

// newReadingOf begins a reading of files that are not known yet.
func newReadingOf(opt Options) *reading {
	r := &reading{opt: opt, auto: opt.Mapping == nil}
	if r.auto {
		r.opt.Mapping = layouts()
	}
	if r.opt.Company.Zone == nil {
		r.opt.Company.Zone = time.UTC
	}
	return r
}

// newReading finds the files and checks all headers before the first row.
func newReading(paths []string, opt Options) (*reading, error) {
	r := newReadingOf(opt)
	var err error
	if r.sources, r.report.Unread, err = find(paths, r.opt.Mapping); err != nil {
		return nil, err
	}
	var faults []error
	for _, s := range r.sources {
		if err := s.inspect(r.opt.Mapping); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > 0 {
		return nil, joined(faults)
	}
	if err := declare(r.sources, r.opt); err != nil {
		return nil, err
	}
	if !r.auto { // nobody has all files of all layouts
		r.report.Missing = missingFiles(r.opt.Mapping, r.sources)
	}
	r.arrange()
	return r, nil
}

// arrange takes the layouts that the files are of for the mapping.
func (r *reading) arrange() {
	if r.auto {
		r.opt.Mapping = r.opt.Mapping.used(r.sources)
	}
	numberRules(r.sources)
}

// prepare finds out what the files leave open, and returns all that it could
// not.
func (r *reading) prepare(ctx context.Context) (faults []error) {
	if err := r.settleAll(ctx); err != nil {
		faults = append(faults, err)
	}
	if err := r.implyStages(ctx); err != nil {
		faults = append(faults, err)
	}
	if err := ctx.Err(); err != nil {
		return []error{err}
	}
	return faults
}

// numberRules tells the sink which records were made by one rule, and where
// their fields are from.
func numberRules(sources []*source) {
	numbers := map[*rule]int{}
	for _, s := range sources {
		for i := range s.rules {
			b := &s.rules[i]
			if numbers[b.rule] == 0 {
				numbers[b.rule] = len(numbers) + 1
			}
			b.told = &insights.Rule{Number: numbers[b.rule], Columns: b.columns(s.sample.header), Tells: b.tells()}
		}
	}
}

// presets tells the sink the stages that the mapping lists.
func (r *reading) presets() error {
	for _, stage := range r.opt.Mapping.stages {
		if err := r.sink.Preset(stage.place, stage.Stage); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) feeds(kind insights.Kind) bool {
	return slices.ContainsFunc(s.rules, func(b binding) bool { return b.rule.kind.name == kind })
}

func missingFiles(m *Mapping, sources []*source) []string {
	var missing []string
	for _, f := range m.files {
		if f.match != "" && !slices.ContainsFunc(sources, func(s *source) bool { return s.mapping == f }) {
			missing = append(missing, f.match)
		}
	}
	return missing
}

// read reads one file, row by row.
func (r *reading) read(ctx context.Context, s *source) error {
	out := FileReport{Name: s.name, Layout: s.mapping.title(), Kinds: kindNames(s.rules), Ignored: s.ignored}
	notes, err := s.each(ctx, r.opt.Progress, func(rec record) error { return r.row(s, &out, rec) })
	if err != nil {
		return err
	}
	out.Notes = slices.Concat(notes, s.notes)
	r.report.Files = append(r.report.Files, out)
	return nil
}

// each hands over the rows of the file, and returns what was left out of it
// that people should know of.
func (s *source) each(ctx context.Context, progress func(file string, done, total int64), use func(record) error) (notes []string, err error) {
	t, err := s.table(s.sample, progress)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	for {
		rec, err := t.next()
		if errors.Is(err, io.EOF) {
			return t.notes(), nil
		}
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := use(rec); err != nil {
			return nil, err
		}
	}
}

// row gives the sink the records of one row, all or none.
func (r *reading) row(s *source, out *FileReport, rec record) error {
	rec.trimTo(len(s.sample.header))
	out.Cut = out.Cut || rec.cutOff(len(s.sample.header))
	place := insights.Place{File: s.name, Line: rec.line}
	f := s.check(&rec)
	if f == nil {
		f = r.use(s, rec)
	}
	if f == nil {
		return r.sink.Row(place, r.made)
	}
	return r.sink.Reject(insights.Reject{Place: place, Column: f.column, Value: shorten(f.value), Reason: f.reason, Group: f.group})
}

// cutOff reports whether the file ends in the middle of the record.
func (r record) cutOff(columns int) bool {
	return r.cut && (r.fault != "" || len(r.cells) < columns)
}

// check refuses a row that is not what the header promises, and brings its
// cells into UTF-8.
func (s *source) check(rec *record) *fault {
	whole := func(reason, group string) *fault {
		return &fault{value: string(bytes.Join(rec.cells, []byte{s.sample.delim})), reason: reason, group: group}
	}
	switch {
	case rec.fault != "":
		return whole(rec.fault+rec.where, rec.fault)
	case rec.cutOff(len(s.sample.header)):
		return whole("the file ends in the middle of the row", "")
	case len(rec.cells) != len(s.sample.header):
		return whole(s.sample.misfit(len(rec.cells)), "")
	}
	for i, cell := range rec.cells {
		if bytes.IndexByte(cell, 0) >= 0 {
			return &fault{column: s.sample.header[i], value: string(cell), reason: reasonNULByte}
		}
		if isASCII(cell) {
			continue
		}
		text, ok := decode(cell, s.sample.encoding)
		if !ok {
			return &fault{column: s.sample.header[i], value: string(cell), reason: "is not written in " + s.sample.encoding + "; " + otherEncoding(s.sample.encoding)}
		}
		rec.cells[i] = []byte(text)
	}
	return nil
}

// use makes the records of a row.
func (r *reading) use(s *source, rec record) *fault {
	r.made = r.made[:0]
	c := r.cursor(s, rec)
	if c.leavesOut(s.leaves) {
		return nil
	}
	passed := false
	for _, b := range s.rules {
		c.bound = b
		if c.skips() {
			passed = passed || !c.holds(b.when)
			continue
		}
		made := b.rule.kind.read(c)
		if c.fault != nil {
			return c.fault
		}
		r.made = append(r.made, insights.Told{Rule: b.told, Record: made})
	}
	if len(r.made) == 0 && !passed {
		return &fault{value: string(bytes.Join(rec.cells, []byte{s.sample.delim})), reason: "the row has no key, so it names nothing"}
	}
	return nil
}

// cursor begins to read a row.
func (r *reading) cursor(s *source, rec record) *cursor {
	return &cursor{
		header: s.sample.header, format: s.format, company: r.opt.Company,
		cells: rec.cells, place: insights.Place{File: s.name, Line: rec.line},
	}
}
