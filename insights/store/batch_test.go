package store_test

import (
	"context"
	"time"

	"salesbot/insights"
	"salesbot/insights/store"
)

// batch is what a test says of the world, a row for each record. The rows of a
// kind are read by one rule.
type batch struct {
	Source      string
	TakenAt     time.Time
	Stages      []insights.Stage
	Territories []insights.Territory
	People      []insights.PersonRecord
	Assignments []insights.Assignment
	Accounts    []insights.Account
	Products    []insights.Product
	Deals       []insights.Opportunity
	History     []insights.Change
	Quotas      []insights.Quota
	Costs       []insights.CostLine
	Overhead    []insights.Overhead
	Leads       []insights.Lead
	Activities  []insights.Activity
	Others      []insights.Record // of kinds that few tests need
	// At says where some of the records stand; the others are in "batch", line
	// by line.
	At map[insights.RecordKey]insights.Place
}

// applied is an import and every single reject of it.
type applied struct {
	insights.Import
	Rejects []insights.Reject
}

func (b batch) apply(ctx context.Context, s *store.Store, opts store.ImportOptions) (applied, error) {
	var got applied
	opts.Source, opts.TakenAt = b.Source, b.TakenAt
	opts.Rejects = func(r insights.Reject) error {
		got.Rejects = append(got.Rejects, r)
		return nil
	}
	var err error
	got.Import, err = s.Import(ctx, opts, b.read)
	return got, err
}

func (b batch) read(sink insights.Sink) error {
	r := &rows{sink: sink, at: b.At, rules: map[insights.Kind]*insights.Rule{}}
	each(r, b.Stages)
	each(r, b.Territories)
	each(r, b.People)
	each(r, b.Assignments)
	each(r, b.Accounts)
	each(r, b.Products)
	each(r, b.Deals)
	each(r, b.History)
	each(r, b.Quotas)
	each(r, b.Costs)
	each(r, b.Overhead)
	each(r, b.Leads)
	each(r, b.Activities)
	each(r, b.Others)
	return r.err
}

// rows gives records to a sink, each as a row.
type rows struct {
	sink  insights.Sink
	at    map[insights.RecordKey]insights.Place
	rules map[insights.Kind]*insights.Rule
	line  int
	err   error
}

func each[T insights.Record](r *rows, records []T) {
	for _, record := range records {
		if r.err == nil {
			r.err = r.row(record)
		}
	}
}

func (r *rows) row(record insights.Record) error {
	name := record.Named()
	if r.rules[name.Kind] == nil {
		r.rules[name.Kind] = &insights.Rule{Number: len(r.rules) + 1}
	}
	r.line++
	place, found := r.at[name]
	if !found {
		place = insights.Place{File: "batch", Line: r.line}
	}
	return r.sink.Row(place, []insights.Told{{Rule: r.rules[name.Kind], Record: record}})
}
