package store

import (
	"cmp"
	"fmt"
	"slices"

	"salesbot/insights"
)

// ruleOfFile names a rule as it reads a file: the same one may find its fields
// in other columns elsewhere.
type ruleOfFile struct{ file, rule int }

// How much is kept of rejects: so many groups, with so many samples each.
const (
	maxGroups  = 300
	maxSamples = 3
)

// tally says what became of the rows, and ends the import if too many of them
// were rejected.
func (a *application) tally() error {
	if err := a.groupRejects(); err != nil {
		return err
	}
	if err := a.tallyFiles(); err != nil {
		return err
	}
	return a.tooMany()
}

// groupRejects goes through all rejects, file by file and line by line.
func (a *application) groupRejects() error {
	rows, err := a.tx.QueryxContext(a.ctx, `
		select file, f.name, line, rule, coalesce(field, '') as field, coalesce("column", '') as "column",
		       coalesce(value, '') as value, reason, coalesce(grouped, '') as grouped
		from rejected
		join input_file f on f.id = file
		order by file, line, rule, reason`)
	if err != nil {
		return err
	}
	defer rows.Close()
	groups := newRejectGroups()
	for rows.Next() {
		var file, rule int
		var field string
		var r insights.Reject
		if err := rows.Scan(&file, &r.File, &r.Line, &rule, &field, &r.Column, &r.Value, &r.Reason, &r.Group); err != nil {
			return err
		}
		if field != "" {
			r.Column = a.columnOf(ruleOfFile{file, rule}, field)
		}
		groups.add(r)
		if a.opts.Rejects == nil {
			continue
		}
		if err := a.opts.Rejects(r); err != nil {
			return err
		}
	}
	a.result.Groups = groups.sorted()
	return rows.Err()
}

// columnOf is the column that a field is read from, or the field itself where
// it comes from none.
func (a *application) columnOf(by ruleOfFile, field string) string {
	if rule := a.rules[by]; rule != nil {
		return cmp.Or(rule.Columns[field], field)
	}
	return field
}

// rejectGroups puts rejects together by column and reason.
type rejectGroups struct {
	list []insights.RejectGroup
	at   map[groupName]int
	rest insights.RejectGroup // beyond maxGroups
}

type groupName struct{ column, reason string }

func newRejectGroups() *rejectGroups {
	return &rejectGroups{at: map[groupName]int{}, rest: insights.RejectGroup{Reason: "other reasons"}}
}

func (g *rejectGroups) add(r insights.Reject) {
	group := g.of(groupName{r.Column, cmp.Or(r.Group, r.Reason)})
	group.Count++
	alike := func(sample insights.Reject) bool { return sample.Value == r.Value && sample.Reason == r.Reason }
	if len(group.Samples) < maxSamples && !slices.ContainsFunc(group.Samples, alike) {
		group.Samples = append(group.Samples, r)
	}
}

func (g *rejectGroups) of(name groupName) *insights.RejectGroup {
	at, found := g.at[name]
	switch {
	case found:
		return &g.list[at]
	case len(g.list) == maxGroups:
		return &g.rest
	}
	g.at[name] = len(g.list)
	g.list = append(g.list, insights.RejectGroup{Column: name.column, Reason: name.reason})
	return &g.list[len(g.list)-1]
}

// sorted puts the largest groups first, and what has no group of its own last.
func (g *rejectGroups) sorted() []insights.RejectGroup {
	slices.SortStableFunc(g.list, func(x, y insights.RejectGroup) int { return cmp.Compare(y.Count, x.Count) })
	if g.rest.Count > 0 {
		g.list = append(g.list, g.rest)
	}
	return g.list
}

// tallyFiles counts rows: those of which anything was left out are rejected,
// of the others those that made a difference are used. Whoever filled a blank
// of a record shares in the difference that it made.
func (a *application) tallyFiles() error {
	_, err := a.exec(`
		insert into difference
		select f."row", f.file from filled f where f.into_row in (select "row" from difference)`)
	if err != nil {
		return err
	}
	counts := []struct {
		query string
		of    func(*insights.Tally) *int
	}{
		{`select file, count(distinct "row") from rejected where "row" > 0 group by file`,
			func(t *insights.Tally) *int { return &t.Rejected }},
		{`select file, count(*) from (
			select distinct file, "row" from difference d
			where "row" > 0 and not exists (select from rejected r where r."row" = d."row")) used group by file`,
			func(t *insights.Tally) *int { return &t.Used }},
	}
	for _, c := range counts {
		if err := a.countRows(c.query, c.of); err != nil {
			return err
		}
	}
	files := slices.DeleteFunc(a.result.Files, func(f insights.FileTally) bool { return f.Rows == 0 }) // a mapping with presets
	for i := range files {
		f := &files[i]
		f.Unchanged = f.Rows - f.Used - f.Rejected
		a.result.Total.Rows += f.Rows
		a.result.Total.Used += f.Used
		a.result.Total.Unchanged += f.Unchanged
		a.result.Total.Rejected += f.Rejected
	}
	a.result.Files = files
	return nil
}

// countRows runs a query for numbers by file.
func (a *application) countRows(query string, of func(*insights.Tally) *int) error {
	rows, err := a.tx.QueryContext(a.ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var file, n int
		if err := rows.Scan(&file, &n); err != nil {
			return err
		}
		*of(&a.result.Files[file].Tally) = n
	}
	return rows.Err()
}

// tooMany ends an import of which more was rejected than may be.
func (a *application) tooMany() error {
	total, limit := a.result.Total, a.opts.MaxRejected
	if limit == nil || float64(total.Rejected) <= *limit*float64(total.Rows) {
		return nil
	}
	a.result.Aborted = true
	return &insights.Error{
		Code: "too_many_rejected",
		Message: fmt.Sprintf("%d of %d rows cannot be used (%.1f %%), and at most %g %% may be. Nothing was loaded.",
			total.Rejected, total.Rows, 100*float64(total.Rejected)/float64(total.Rows), 100**limit),
		Hint: "The reasons are in the report. Mend the files or the mapping, or allow more.",
	}
}

// madeDifference notes the rows of the staged records that were the reason to
// add or change something: tables are common table expressions of which `made`
// lists their keys, as `key`.
func (a *application) madeDifference(k *stagedKind, tables string, args ...any) (int, error) {
	return a.exec(fmt.Sprintf(`
		with %s
		insert into difference
		select s."row", s.file from %s s join made on made.key = s.key`, tables, k.table()), args...)
}
