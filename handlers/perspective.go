package handlers

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// otherMap adds to an answer what it would be on the other map, the one of the
// time or today's, where that is something else, and offers to ask it. Both are
// figures of Queries compiled under the asker's rights.
func (d *Desk) otherMap(ctx context.Context, who asker, r Request, this metric.Result, a *Answer) error {
	q, ok := d.Catalog.OnOtherMap(this.Query)
	if !ok {
		return nil
	}
	m, other, err := d.compute(ctx, who, r, q)
	if errors.Is(err, context.DeadlineExceeded) {
		a.note(mapWords(q) + ": not counted, that took too long.")
		return nil
	}
	if err != nil || other.Revision != this.Revision || other.Narrowed != this.Narrowed {
		return err // another revision may differ for other reasons, and what is narrowed is another figure
	}
	differences := m.Differences(this, other)
	if len(differences) == 0 {
		return nil
	}
	moved, err := d.movers(ctx, who, r, q)
	if err != nil {
		return err
	}
	label := mapWords(q)
	note := label + ": " + d.differenceWords(this, differences)
	if moved > 0 {
		note += ", because " + people(moved) + " changed " + d.cutWords(q) + " in between"
	}
	a.note(sentence(note))
	asked := this.Query
	asked.Perspective = q.Perspective
	a.Choices = slices.Insert(a.Choices, 0, d.offer(label, asked))
	return nil
}

// note adds a note to an answer, before the last one, which says how fresh it is.
func (a *Answer) note(text string) { a.Notes = slices.Insert(a.Notes, len(a.Notes)-1, text) }

// mapWords name the map a Query is drawn on.
func mapWords(q metric.Query) string {
	switch {
	case q.Perspective == metric.AsWas:
		return "As it was"
	case q.AsOf.IsZero():
		return "As it is now"
	default:
		return "On the map of that day"
	}
}

// differenceWords say what the figure is on the other map; where only rows
// differ, how many do, and those that differ most.
func (d *Desk) differenceWords(this metric.Result, differences []metric.Difference) string {
	var figures, rows []string
	slices.SortStableFunc(differences, func(a, b metric.Difference) int { return away(b).Cmp(away(a)) })
	for _, one := range differences {
		words := Words(one.Other) + " instead of " + Words(one.This)
		if len(one.Names) == 0 {
			figures = append(figures, words)
			continue
		}
		rows = append(rows, d.rowWords(this, one.Names)+" "+words)
	}
	if len(figures) > 0 {
		return joinAnd(figures)
	}
	if len(rows) <= mostNamed {
		return joinAnd(rows)
	}
	return Count(int64(len(rows))) + " rows differ by more than 1 %, above all " + joinAnd(rows[:mostNamed])
}

// rowWords name a row of a breakdown.
func (d *Desk) rowWords(result metric.Result, names []metric.Cell) string {
	words := make([]string, len(names))
	for i, cell := range names {
		words[i] = cell.Text
		if start, err := time.Parse(time.DateOnly, cell.Text); err == nil {
			words[i] = d.bucketWords(result.Columns[i].Name, start)
		}
	}
	return strings.Join(words, ", ")
}

// mostNamed bounds how many rows a note names.
const mostNamed = 2

// away is how far two quantities are from each other, what is unknown being
// nought.
func away(d metric.Difference) *big.Rat {
	out := new(big.Rat)
	if d.This.Value != nil {
		out.Sub(out, d.This.Value)
	}
	if d.Other.Value != nil {
		out.Add(out, d.Other.Value)
	}
	return out.Abs(out)
}

// movers counts the people whose facts are counted elsewhere on the other map.
func (d *Desk) movers(ctx context.Context, who asker, r Request, q metric.Query) (int, error) {
	plan, _, err := d.compile(ctx, who, r, q)
	if err != nil {
		return 0, err
	}
	read, err := d.readWithin(ctx, slow{query: q, viewer: who.viewer, at: r.At, within: d.patience(r)}, plan.Movers())
	if errors.Is(err, context.DeadlineExceeded) {
		return 0, nil // why it differs is more than whether it does
	}
	return metric.CountListed(read.Tables), err
}

// cutWords name what a Query is cut by that people are assigned to.
func (d *Desk) cutWords(q metric.Query) string {
	var words []string
	for _, name := range []string{"territory", "manager"} {
		of := func(f metric.Filter) bool { return f.Field == name }
		if slices.Contains(q.By, name) || slices.ContainsFunc(q.Where, of) {
			words = append(words, map[string]string{"territory": "territory", "manager": "team"}[name])
		}
	}
	return strings.Join(words, " or ")
}
