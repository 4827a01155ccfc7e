package importer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Options say how files are to be understood.
type Options struct {
	Mapping *Mapping // nil: each file is of the layout that its header tells
	// Stages are those already stored, so that deals can be loaded without
	// listing the stages again. Nil: not known here, and the stages of deals are
	// left to the store if the files and the mapping say nothing about them.
	Stages []insights.Stage
	// StageOutcomes say what stages mean that the files only name, by name or by
	// name with the process behind it: "Signed", "Signed (Renewals)".
	StageOutcomes map[string]insights.Outcome

	Company metric.Company
	TakenAt time.Time
	// Dates, Decimal and Currency declare what the mapping leaves open: whether
	// day or month comes first (dmy, mdy), the decimal sign (. or ,), and the
	// currency of amounts that name none (ISO 4217). Empty: the files show it.
	Dates    string
	Decimal  string
	Currency string
	Progress func(file string, done, total int64) // called as bytes are read; may be nil
}

// Read reads files and folders into a Batch. Rows that cannot be used are in
// the Report; an error means that nothing can be used, and says why in words.
func Read(ctx context.Context, paths []string, opt Options) (insights.Batch, Report, error) {
	r, err := newReading(paths, opt)
	if err != nil {
		return insights.Batch{}, Report{}, err
	}
	if err := r.settleAll(ctx); err != nil {
		return insights.Batch{}, Report{}, err
	}
	if err := r.implyStages(ctx); err != nil {
		return insights.Batch{}, Report{}, err
	}
	if err := checkStages(r.sources, r.opt); err != nil {
		return insights.Batch{}, Report{}, err
	}
	r.all = newCollection(r.opt.Mapping.stages, r.opt.Stages)
	if err := r.lookupsOf(ctx); err != nil {
		return insights.Batch{}, Report{}, err
	}
	for _, s := range r.sources {
		if err := r.read(ctx, s); err != nil {
			return insights.Batch{}, Report{}, err
		}
	}
	return r.finish()
}

// reading is one call of Read.
type reading struct {
	opt     Options
	sources []*source
	lookups lookups
	all     *collection
	report  Report
}

// newReading finds the files and checks all headers before the first row.
func newReading(paths []string, opt Options) (*reading, error) {
	auto := opt.Mapping == nil
	if auto {
		opt.Mapping = layouts()
	}
	if opt.Company.Zone == nil {
		opt.Company.Zone = time.UTC
	}
	sources, unread, err := find(paths, opt.Mapping)
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, s := range sources {
		if err := s.inspect(opt.Mapping); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > 0 {
		return nil, joined(faults)
	}
	if err := declare(sources, opt); err != nil {
		return nil, err
	}
	if auto {
		opt.Mapping = opt.Mapping.used(sources)
	}
	slices.SortStableFunc(sources, func(a, b *source) int { return cmp.Compare(a.rank(), b.rank()) })
	r := &reading{opt: opt, sources: sources}
	r.report.Unread = unread
	r.report.Missing = missingFiles(opt.Mapping, sources)
	return r, nil
}

// checkStages refuses deals when it is certain that no stage is known: every
// one of them would be rejected.
func checkStages(sources []*source, opt Options) error {
	deals := slices.IndexFunc(sources, func(s *source) bool { return s.feeds(KindOpportunity) })
	listed := len(opt.Mapping.stages) > 0 || slices.ContainsFunc(sources, func(s *source) bool { return s.feeds(KindStage) })
	if deals < 0 || listed || opt.Stages == nil || len(opt.Stages) > 0 {
		return nil
	}
	return sources[deals].failure("no_stages", "has deals in stages, but nothing says what the stages are, and none are stored",
		"Add stages.csv with the columns name, position and outcome (open, won or lost), or list the stages in the mapping.")
}

func (s *source) feeds(kind string) bool {
	return slices.ContainsFunc(s.mapping.rules, func(r *rule) bool { return r.kind.name == kind })
}

// rank puts files with stages first, because deals are checked against them.
func (s *source) rank() int {
	if s.feeds(KindStage) {
		return 0
	}
	return 1
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
	out := FileReport{Name: s.name, Layout: s.mapping.title(), Kinds: kindNames(s.mapping.rules), Ignored: s.ignored}
	notes, err := s.each(ctx, r.opt.Progress, func(rec record) { r.row(s, &out, rec) })
	if err != nil {
		return err
	}
	out.Notes = slices.Concat(notes, s.notes)
	r.report.Files = append(r.report.Files, out)
	return nil
}

// each hands over the rows of the file, and returns what was left out of it
// that people should know of.
func (s *source) each(ctx context.Context, progress func(file string, done, total int64), use func(record)) (notes []string, err error) {
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
		use(rec)
	}
}

// row uses or rejects one row.
func (r *reading) row(s *source, out *FileReport, rec record) {
	out.Rows++
	rec.trimTo(len(s.sample.header))
	out.Cut = out.Cut || rec.cutOff(len(s.sample.header))
	f := s.check(&rec)
	if f == nil {
		var changed bool
		if changed, f = r.use(s, rec); f == nil {
			out.Used++
			if !changed {
				out.Repeats++
			}
			return
		}
	}
	r.report.reject(out, rec.line, *f)
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
			return &fault{column: s.sample.header[i], value: string(cell), reason: "holds a NUL byte, which no text has; the file may be damaged"}
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

// use makes the records of a row and puts them into the collection: all of them
// or none. It reports whether they said anything new.
func (r *reading) use(s *source, rec record) (changed bool, f *fault) {
	c := r.cursor(s, rec)
	if c.leavesOut(s.leaves) {
		return false, nil
	}
	var made []staged
	passed := false
	for _, b := range s.rules {
		c.bound = b
		if c.skips() {
			passed = passed || !c.holds(b.when)
			continue
		}
		made = append(made, r.make(c))
		if c.fault != nil {
			return false, c.fault
		}
	}
	if len(made) == 0 && !passed {
		return false, &fault{value: string(bytes.Join(rec.cells, []byte{s.sample.delim})), reason: "the row has no key, so it names nothing"}
	}
	for _, m := range made {
		if f := m.clash(); f != nil {
			return false, f
		}
	}
	for _, m := range made {
		changed = m.put() || changed
	}
	return changed, nil
}

// cursor begins to read a row.
func (r *reading) cursor(s *source, rec record) *cursor {
	return &cursor{
		lookups: r.lookups, header: s.sample.header, format: s.format, company: r.opt.Company,
		cells: rec.cells, place: insights.Place{File: s.name, Line: rec.line},
	}
}

// make reads one record of the row.
func (r *reading) make(c *cursor) staged {
	switch c.bound.rule.kind.name {
	case KindStage:
		stage := c.stage()
		return onto(&r.all.stages, c, stageKey(stage.Name), stage)
	case KindTerritory:
		return onto(&r.all.territories, c, c.text("key"), c.territory())
	case KindPerson:
		_, column := c.raw("email")
		return personStaging{staging: onto(&r.all.people, c, c.text("key"), c.person()), emails: r.all.emails, column: column}
	case KindAccount:
		return onto(&r.all.accounts, c, c.text("key"), c.account())
	case KindProduct:
		return onto(&r.all.products, c, c.text("key"), c.product())
	case KindOpportunity:
		deal := c.opportunity()
		c.checkStage(deal, r.all)
		return onto(&r.all.deals, c, deal.Key, deal)
	default:
		return r.makePlan(c)
	}
}

// makePlan reads one record of what stands beside the deals.
func (r *reading) makePlan(c *cursor) staged {
	switch c.bound.rule.kind.name {
	case KindAssignment:
		assignment := c.assignment()
		return together(&r.all.assignments, c, assignment.Named().Key, assignment)
	case KindChange:
		change := c.change()
		return together(&r.all.history, c, change.Named().Key, change)
	case KindQuota:
		quota := c.quota()
		return together(&r.all.quotas, c, quota.Named().Key, quota)
	case KindCostLine:
		return onto(&r.all.costs, c, c.text("key"), c.costLine())
	case KindOverhead:
		return onto(&r.all.overhead, c, c.text("key"), c.overhead())
	case KindLead:
		return onto(&r.all.leads, c, c.text("key"), c.lead())
	case KindActivity:
		return onto(&r.all.activities, c, c.text("key"), c.activity())
	default:
		other := c.bound.rule.kind.read(c)
		return together(&r.all.others, c, string(other.Named().Kind)+other.Named().Key, other)
	}
}

// onto sets a record that was read before its shelf.
func onto[T any](s *shelf[T], c *cursor, key string, rec T) staging[T] {
	name, column := c.raw(c.bound.rule.kind.keyField)
	return staging[T]{shelf: s, item: item[T]{key: key, name: name, column: column, rule: c.bound.rule, place: c.place, record: rec}}
}

// together sets a record whose key is made of several fields before its shelf.
func together[T any](s *shelf[T], c *cursor, key string, rec T) staging[T] {
	return staging[T]{shelf: s, item: item[T]{key: key, name: key, rule: c.bound.rule, place: c.place, record: rec}}
}

func (r *reading) finish() (insights.Batch, Report, error) {
	b := r.all.batch()
	names := make([]string, len(r.sources))
	for i, s := range r.sources {
		names[i] = s.name
	}
	b.Source, b.TakenAt = strings.Join(names, ", "), r.opt.TakenAt
	for _, c := range []Count{
		{"stages", len(b.Stages)}, {"territories", len(b.Territories)}, {"people", len(b.People)},
		{"accounts", len(b.Accounts)}, {"products", len(b.Products)}, {"opportunities", len(b.Deals)},
		{"assignments", len(b.Assignments)}, {"changes", len(b.History)}, {"quotas", len(b.Quotas)},
		{"costs", len(b.Costs)}, {"overhead", len(b.Overhead)}, {"leads", len(b.Leads)}, {"activities", len(b.Activities)},
	} {
		if c.Records > 0 {
			r.report.Counts = append(r.report.Counts, c)
		}
	}
	return b, r.report, nil
}
