package handlers

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Operations is what the status needs to know of how things run.
type Operations interface {
	// Head is the revision of the data and when an import last confirmed it.
	Head(ctx context.Context) (revision int64, confirmed time.Time, err error)
	// DeliveryCounts counts all messages by how far they came.
	DeliveryCounts(ctx context.Context) (map[insights.DeliveryState]int64, error)
	// Overdue are messages that should have been sent by now.
	Overdue(ctx context.Context, now time.Time) ([]insights.Delivery, error)
	// Imports lists the latest imports that changed something, newest first.
	Imports(ctx context.Context, limit int) ([]insights.Import, error)
	// DigestCounts says how the digests stand; late are those due before then.
	DigestCounts(ctx context.Context, before time.Time) (insights.DigestCounts, error)
}

// WatchFailure is something from the watched folder that could not be loaded.
type WatchFailure struct {
	Name   string
	At     time.Time
	Reason string
}

// status says how Salesbot is doing: to everybody how fresh the data is, to
// administrators also what was delivered and what was not.
func (d *Desk) status(ctx context.Context, who asker, r Request) (reply, error) {
	revision, confirmed, err := d.Store.Head(ctx)
	if err != nil {
		return reply{}, err
	}
	answer := Answer{
		Status:   Answered,
		Headline: d.connection(),
		Notes:    []string{d.freshness(metric.Result{Revision: revision, FreshAt: confirmed})},
	}
	if who.viewer.Role != metric.RoleAdmin {
		return reply{Answer: answer}, nil
	}
	counts, err := d.Store.DeliveryCounts(ctx)
	if err != nil {
		return reply{}, err
	}
	late, err := d.Store.Overdue(ctx, r.At)
	if err != nil {
		return reply{}, err
	}
	answer.Table = deliveryTable(counts)
	digests, err := d.Store.DigestCounts(ctx, r.now().Add(-insights.DigestGrace))
	if err != nil {
		return reply{}, err
	}
	answer.Notes = append(answer.Notes, plural(Count(int64(len(late))), "message")+" overdue.", digestCountWords(digests))
	imports, err := d.importWords(ctx)
	if err != nil {
		return reply{}, err
	}
	answer.Notes = append(answer.Notes, imports...)
	return reply{Answer: answer}, nil
}

// importWords say what was loaded last, and what of the watched folder could
// not be.
func (d *Desk) importWords(ctx context.Context) ([]string, error) {
	last, err := d.Store.Imports(ctx, 1)
	if err != nil {
		return nil, err
	}
	var words []string
	for _, i := range last {
		words = append(words, fmt.Sprintf("Last import: revision %s, %s, by %s, from %s.", Count(i.Revision), d.moment(i.At), i.By, i.Source))
	}
	if d.Watched == nil {
		return words, nil
	}
	if f, failed := d.Watched(); failed {
		words = append(words, fmt.Sprintf("Of the watched folder, %s could not be loaded (%s): %s", f.Name, d.moment(f.At), f.Reason))
	}
	return words, nil
}

// moment writes a moment in the company's zone.
func (d *Desk) moment(at time.Time) string { return at.In(d.Company.Zone).Format("2 Jan 2006 15:04") }

func (d *Desk) connection() string {
	if d.Connected == nil {
		return "Salesbot runs; this is the terminal, so nothing is said of Slack."
	}
	up, all := d.Connected()
	return "Salesbot runs, with " + Count(int64(up)) + " of " + Count(int64(all)) + " sockets to Slack open."
}

// deliveryWords are the states of a delivery in the order in which they come.
var deliveryWords = []struct {
	state   insights.DeliveryState
	meaning string
}{
	{insights.Sent, "arrived"},
	{insights.Pending, "waiting for their time"},
	{insights.Sending, "on their way"},
	{insights.Unconfirmed, "said once, but nothing shows whether they arrived"},
	{insights.Failed, "refused by Slack"},
	{insights.Expired, "too late to be sent"},
}

func deliveryTable(counts map[insights.DeliveryState]int64) *Table {
	table := &Table{Title: "Messages", Columns: []Column{
		{Column: metric.Column{Name: "state"}, Label: "Messages"},
		{Column: metric.Column{Name: "meaning"}, Label: "That is"},
		{Column: metric.Column{Name: "count", Unit: metric.UnitCount}, Label: "Count"},
	}}
	for _, s := range deliveryWords {
		count := metric.Quantity{Value: new(big.Rat).SetInt64(counts[s.state]), Unit: metric.UnitCount}
		table.Rows = append(table.Rows, []metric.Cell{{Text: string(s.state)}, {Text: s.meaning}, {Quantity: &count}})
	}
	table.Total = len(table.Rows)
	return table
}
