package handlers

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math/big"
	"path"
	"slices"
	"strings"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Loader imports files that somebody sent.
type Loader interface {
	// Load reads the files and applies what they say, all of it or nothing. What
	// was loaded under the key of an Upload before is not loaded again: its
	// outcome is that of then.
	Load(ctx context.Context, u Upload) (insights.Import, error)
}

// Upload is files that are to be imported together.
type Upload struct {
	Key   string // tells it from all others
	By    string // who it is noted as done by
	Files []File
	Dates string // the order of day and month where the files do not show it: dmy or mdy; empty: nobody said
}

// MaxUpload is how large the files of one message may be together, in bytes.
// Larger ones are for `salesbot import`.
const MaxUpload = 50 << 20

// codeDateOrder is the code of the fault that the files do not show which
// number of a date is the day.
const codeDateOrder = "date_order"

// dateOrders are what can be said about the order of day and month, and how
// people call it.
var dateOrders = []Choice{
	{Label: "Day first (31/12/2026)", Command: "dates dmy"},
	{Label: "Month first (12/31/2026)", Command: "dates mdy"},
}

// readOrder finds what a text says about dates: "dates dmy".
func readOrder(text string) (order string, said bool) {
	words := strings.Fields(strings.ToLower(text))
	if len(words) != 2 || words[0] != "dates" {
		return "", false
	}
	order = words[1]
	return order, slices.ContainsFunc(dateOrders, func(c Choice) bool { return c.Command == "dates "+order })
}

// sent is a message with files: a manager or an administrator loads them.
func (d *Desk) sent(ctx context.Context, who asker, r Request) (reply, error) {
	order, _ := readOrder(r.Text)
	return d.load(ctx, who, r, r.Files, order)
}

// sentAgain loads the files that the text replies to, with what it says about
// them.
func (d *Desk) sentAgain(ctx context.Context, who asker, r Request, order string) (reply, error) {
	var files []File
	if r.Above != nil {
		var err error
		if files, err = r.Above(ctx); err != nil {
			return reply{}, err
		}
	}
	if len(files) == 0 {
		return reply{Answer: Answer{
			Status: NotUnderstood, Headline: "I do not see which files this is about.",
			Notes: []string{"Write it as a reply in the thread of the message with the files, or send them again with these words."},
		}}, nil
	}
	return d.load(ctx, who, r, files, order)
}

// load checks who sends what before anything of it is fetched.
func (d *Desk) load(ctx context.Context, who asker, r Request, files []File, order string) (reply, error) {
	if refused := d.unloadable(who, r, files); refused != nil {
		return *refused, nil
	}
	names := fileNames(files)
	if r.Meanwhile != nil {
		if err := r.Meanwhile(ctx, Answer{Status: Answered, Headline: "I am reading " + names + ". The report follows here."}); err != nil {
			return reply{}, err
		}
	}
	done, err := d.Loader.Load(ctx, Upload{Key: r.Key, By: cmp.Or(who.viewer.Name, r.Actor.Name) + ", in Slack", Files: files, Dates: order})
	var fault *insights.Error
	switch {
	case errors.As(err, &fault) && fault.Code == codeDateOrder:
		return reply{Answer: Answer{
			Status: AskedBack, Code: fault.Code, Headline: fault.Message,
			Notes:   []string{"Press what is right, or write “dates dmy” or “dates mdy” in this thread. Nothing was loaded yet."},
			Choices: dateOrders,
		}}, nil
	case err != nil:
		return reply{}, err
	}
	return reply{Answer: loadedWords(names, done)}, nil
}

// unloadable is the answer to files that are not even looked at.
func (d *Desk) unloadable(who asker, r Request, files []File) *reply {
	no := func(code, headline string, notes ...string) *reply {
		return &reply{Answer: Answer{Status: Refused, Code: code, Headline: headline, Notes: notes}}
	}
	var size int64
	for _, f := range files {
		size += f.Size
	}
	switch other := otherKinds(files); {
	case who.viewer.Role != metric.RoleManager && who.viewer.Role != metric.RoleAdmin:
		return no(metric.CodeNotAllowed, "Only managers and administrators may load data. I have not opened "+fileNames(files)+".",
			"Ask your manager or your sales-ops administrator to send it to me.")
	case d.Loader == nil:
		return no(metric.CodeNotAvailable, "I cannot take files here.", "Load them with: salesbot import.")
	case !r.Place.Direct:
		return no("not_here", "I take files only in a direct message. I have not opened "+fileNames(files)+".",
			"Send it to me directly: what a CRM exports is not for a channel.")
	case len(other) > 0:
		return no("not_csv", "I read CSV files and zip archives of them, so I have not opened "+strings.Join(other, ", ")+".",
			"Export as CSV, and send it again.")
	case size > MaxUpload:
		return no("too_large", "That is "+megabytes(size)+", and I take at most "+megabytes(MaxUpload)+" in a message.",
			"Zip it, send it in parts, or load it with: salesbot import.")
	}
	return nil
}

// loadedKinds are the files that may be sent; a mapping says how to read the
// others.
var loadedKinds = []string{".csv", ".tsv", ".txt", ".zip", ".yaml", ".yml"}

func otherKinds(files []File) []string {
	var names []string
	for _, f := range files {
		if !slices.Contains(loadedKinds, strings.ToLower(path.Ext(f.Name))) {
			names = append(names, f.Name)
		}
	}
	return names
}

func fileNames(files []File) string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

func megabytes(bytes int64) string { return Count((bytes+1<<20-1)>>20) + " MB" }

// loadedWords are the report of an import.
func loadedWords(names string, done insights.Import) Answer {
	answer := Answer{
		Status: Answered, Code: "loaded",
		Headline: names + ": loaded, as revision " + Count(done.Revision) + ".",
		Table:    loadedTable(done),
	}
	if done.Same() {
		answer.Headline = names + ": nothing in it is new. The data is still at revision " + Count(done.Revision) + "."
	}
	return answer
}

// loadedTable counts the records by kind; nil if there are none.
func loadedTable(done insights.Import) *Table {
	table := &Table{Title: "Records", Columns: []Column{
		{Column: metric.Column{Name: "kind"}, Label: "Records"},
		{Column: metric.Column{Name: "added", Unit: metric.UnitCount}, Label: "Added"},
		{Column: metric.Column{Name: "changed", Unit: metric.UnitCount}, Label: "Changed"},
		{Column: metric.Column{Name: "unchanged", Unit: metric.UnitCount}, Label: "Unchanged"},
	}}
	count := func(n int) metric.Cell {
		return metric.Cell{Quantity: &metric.Quantity{Value: new(big.Rat).SetInt64(int64(n)), Unit: metric.UnitCount}}
	}
	kinds := map[string]bool{}
	for _, counts := range []map[string]int{done.Added, done.Changed, done.Unchanged} {
		for kind := range counts {
			kinds[kind] = true
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		table.Rows = append(table.Rows, []metric.Cell{
			{Text: strings.ReplaceAll(kind, "_", " ")}, count(done.Added[kind]), count(done.Changed[kind]), count(done.Unchanged[kind]),
		})
	}
	if table.Total = len(table.Rows); table.Total == 0 {
		return nil
	}
	return table
}
