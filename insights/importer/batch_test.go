package importer_test

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"salesbot/insights"
	"salesbot/insights/importer"
)

// batch is a sink that keeps everything, for tests to look at.
type batch struct {
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
	Others      []insights.Record
	// At says where each record stands, by its first mention.
	At      map[insights.RecordKey]insights.Place
	Rules   map[insights.RecordKey]*insights.Rule
	Rejects []insights.Reject
	said    map[insights.RecordKey][]insights.Record
	Files   []insights.FileTally // those with records count as used
}

// readAll reads everything into a batch.
func readAll(ctx context.Context, paths []string, opt importer.Options) (batch, importer.Report, error) {
	b := batch{At: map[insights.RecordKey]insights.Place{}, Rules: map[insights.RecordKey]*insights.Rule{}, said: map[insights.RecordKey][]insights.Record{}}
	report, err := importer.Read(ctx, paths, opt, &b)
	return b, report, err
}

func (b *batch) Preset(at insights.Place, record insights.Record) error {
	b.keep(at, insights.Told{Record: record})
	return nil
}

func (b *batch) Row(at insights.Place, records []insights.Told) error {
	t := b.file(at.File)
	t.Rows++
	t.Used++
	for _, told := range records {
		b.keep(at, told)
	}
	return nil
}

func (b *batch) Reject(r insights.Reject) error {
	t := b.file(r.File)
	t.Rows++
	t.Rejected++
	b.Rejects = append(b.Rejects, r)
	return nil
}

func (b *batch) file(name string) *insights.FileTally {
	at := slices.IndexFunc(b.Files, func(f insights.FileTally) bool { return f.Name == name })
	if at < 0 {
		at = len(b.Files)
		b.Files = append(b.Files, insights.FileTally{Name: name})
	}
	return &b.Files[at]
}

func (b *batch) keep(at insights.Place, told insights.Told) {
	name := told.Record.Named()
	if slices.ContainsFunc(b.said[name], func(r insights.Record) bool { return reflect.DeepEqual(r, told.Record) }) {
		return // the same again
	}
	b.said[name] = append(b.said[name], told.Record)
	if _, found := b.At[name]; !found {
		b.At[name], b.Rules[name] = at, told.Rule
	}
	switch r := told.Record.(type) {
	case insights.Stage:
		b.Stages = append(b.Stages, r)
	case insights.Territory:
		b.Territories = append(b.Territories, r)
	case insights.PersonRecord:
		b.People = append(b.People, r)
	case insights.Assignment:
		b.Assignments = append(b.Assignments, r)
	case insights.Account:
		b.Accounts = append(b.Accounts, r)
	case insights.Product:
		b.Products = append(b.Products, r)
	case insights.Opportunity:
		b.Deals = append(b.Deals, r)
	case insights.Change:
		b.History = append(b.History, r)
	case insights.Quota:
		b.Quotas = append(b.Quotas, r)
	case insights.CostLine:
		b.Costs = append(b.Costs, r)
	case insights.Overhead:
		b.Overhead = append(b.Overhead, r)
	case insights.Lead:
		b.Leads = append(b.Leads, r)
	case insights.Activity:
		b.Activities = append(b.Activities, r)
	default:
		b.Others = append(b.Others, r)
	}
}

// imported is what the store would say of the batch if it took everything.
func (b *batch) imported() insights.Import {
	i := insights.Import{Files: b.Files}
	for _, f := range b.Files {
		i.Total.Rows += f.Rows
		i.Total.Used += f.Used
		i.Total.Rejected += f.Rejected
	}
	for _, r := range b.Rejects {
		reason := cmp.Or(r.Group, r.Reason)
		at := slices.IndexFunc(i.Groups, func(g insights.RejectGroup) bool { return g.Column == r.Column && g.Reason == reason })
		if at < 0 {
			at = len(i.Groups)
			i.Groups = append(i.Groups, insights.RejectGroup{Column: r.Column, Reason: reason})
		}
		g := &i.Groups[at]
		g.Count++
		if len(g.Samples) < 3 {
			g.Samples = append(g.Samples, r)
		}
	}
	return i
}
