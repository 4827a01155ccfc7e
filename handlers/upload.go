package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	Said
}

// MaxUpload is how large the files of one message may be together, in bytes.
// Larger ones are for `salesbot import`.
const MaxUpload = 50 << 20

// Said is what a person says of their files where these do not show it.
type Said struct {
	Dates    string   // what comes first in 3/4/2025: dmy or mdy
	Decimal  string   // the decimal sign: . or ,
	Currency string   // of amounts that name none: an ISO 4217 code
	Stages   []string // what stages mean that the files only name: NAME=won, lost or open
}

// undecided are the codes of the faults that the files do not show how they are
// meant, and how to answer each in the thread.
var undecided = map[string]string{
	"undecided_format": "Press what is right, or write it in this thread, for example: dates dmy.",
	"unclear_stages":   "Write in this thread what each stage means, a line each, for example: stage Signed = won.",
}

// readSaid finds what a text says of files, in the words of the flags of
// `salesbot import`: "dates dmy", "--dates dmy --decimal ,", and on lines of
// their own "stage Signed = won". It reports false when it says anything else.
func readSaid(text string) (said Said, ok bool) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		if !said.takeStage(line) && !said.takePairs(strings.Fields(strings.ToLower(line))) {
			return Said{}, false
		}
		ok = true
	}
	return said, ok
}

func (s *Said) takeStage(line string) bool {
	rest, is := strings.CutPrefix(strings.TrimPrefix(strings.TrimSpace(line), "--"), "stage ")
	at := strings.LastIndex(rest, "=")
	if !is || at < 0 {
		return false
	}
	const quotes = " \"“”"
	name, meaning := strings.Trim(rest[:at], quotes), strings.ToLower(strings.Trim(rest[at+1:], quotes))
	if name == "" || !slices.Contains([]string{"won", "lost", "open"}, meaning) {
		return false
	}
	s.Stages = append(s.Stages, name+"="+meaning)
	return true
}

func (s *Said) takePairs(words []string) bool {
	if len(words) == 0 || len(words)%2 != 0 {
		return false
	}
	for pair := range slices.Chunk(words, 2) {
		if !s.take(strings.TrimPrefix(pair[0], "--"), pair[1]) {
			return false
		}
	}
	return true
}

func (s *Said) take(about, value string) bool {
	signs := map[string]string{".": ".", ",": ",", "point": ".", "comma": ","}
	switch about {
	case "dates":
		s.Dates = value
		return value == "dmy" || value == "mdy"
	case "decimal":
		s.Decimal = signs[value]
		return s.Decimal != ""
	case "currency":
		s.Currency = strings.ToUpper(value)
		return len(value) == 3
	}
	return false
}

// undecidedChoices are the answers to what a fault asks. Where it asks two
// things, each choice answers both.
func undecidedChoices(fault *insights.Error) []Choice {
	asked := []struct {
		flag    string
		answers []Choice
	}{
		{"--dates", []Choice{{"Day first", "dates dmy"}, {"Month first", "dates mdy"}}},
		{"--decimal", []Choice{{"1,5 is one and a half", "decimal ,"}, {"1.5 is one and a half", "decimal ."}}},
	}
	var choices []Choice
	for _, question := range asked {
		if !strings.Contains(fault.Hint, question.flag) {
			continue
		}
		if choices == nil {
			choices = question.answers
			continue
		}
		var both []Choice
		for _, first := range choices {
			for _, second := range question.answers {
				both = append(both, Choice{Label: first.Label + ", " + second.Label, Command: first.Command + " " + second.Command})
			}
		}
		choices = both
	}
	return choices
}

// sent is a message with files: a manager or an administrator loads them.
func (d *Desk) sent(ctx context.Context, who asker, r Request) (reply, error) {
	said, _ := readSaid(r.Text)
	return d.load(ctx, who, r, r.Files, said)
}

// sentAgain loads the files that the text replies to, with what it says of
// them.
func (d *Desk) sentAgain(ctx context.Context, who asker, r Request, said Said) (reply, error) {
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
	return d.load(ctx, who, r, files, said)
}

// load checks who sends what before anything of it is fetched.
func (d *Desk) load(ctx context.Context, who asker, r Request, files []File, said Said) (reply, error) {
	if refused := d.unloadable(who, r, files); refused != nil {
		return *refused, nil
	}
	names := fileNames(files)
	if r.Meanwhile != nil {
		if err := r.Meanwhile(ctx, Answer{Status: Answered, Headline: "I am reading " + names + ". The report follows here."}); err != nil {
			return reply{}, err
		}
	}
	done, err := d.Loader.Load(ctx, Upload{Key: r.Key, By: cmp.Or(who.viewer.Name, r.Actor.Name) + ", in Slack", Files: files, Said: said})
	var fault *insights.Error
	switch {
	case errors.As(err, &fault) && undecided[fault.Code] != "":
		return reply{Answer: Answer{
			Status: AskedBack, Code: fault.Code, Headline: fault.Message,
			Notes:   []string{undecided[fault.Code]}, // the fault itself hints at flags, which Slack has none of
			Choices: undecidedChoices(fault),
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
		Notes:    slices.Concat(guessedWords(done), []string{rowWords(done.Total)}, notedWords(done), rejectedWords(done)),
	}
	if done.Same() {
		answer.Headline = names + ": nothing in it is new. The data is still at revision " + Count(done.Revision) + "."
	}
	return answer
}

func rowWords(t insights.Tally) string {
	return plural(Count(int64(t.Rows)), "row") + " read: " + Count(int64(t.Used)) + " used, " +
		Count(int64(t.Unchanged)) + " unchanged, " + Count(int64(t.Rejected)) + " rejected."
}

func guessedWords(done insights.Import) []string {
	var words []string
	for _, conclusion := range done.Guessed {
		words = append(words, "Guessed: "+conclusion)
	}
	return words
}

// notedWords say what was used although it is not as it should be.
func notedWords(done insights.Import) []string {
	var words []string
	for _, n := range done.Notes {
		words = append(words, plural(Count(int64(n.Count)), "time")+": "+n.Text)
	}
	return words
}

// shownReasons is how many reasons for rejection are told in Slack; the largest
// come first.
const shownReasons = 8

// rejectedWords say why rows were rejected, each reason with its first row.
func rejectedWords(done insights.Import) []string {
	var words []string
	for _, g := range done.Groups[:min(len(done.Groups), shownReasons)] {
		word := Count(int64(g.Count)) + " rejected: " + strings.TrimSpace(g.Column+" "+g.Reason)
		if len(g.Samples) > 0 {
			first := g.Samples[0]
			word += fmt.Sprintf(" (first: %s line %d, %q)", first.File, first.Line, first.Value)
		}
		words = append(words, word)
	}
	if more := len(done.Groups) - shownReasons; more > 0 {
		words = append(words, "And "+plural(Count(int64(more)), "more reason")+".")
	}
	if len(done.Groups) > 0 && !done.Same() {
		words = append(words, fmt.Sprintf("All of it: salesbot imports show %d.", done.Revision))
	}
	return words
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
	kinds := map[insights.Kind]bool{}
	for _, counts := range []map[insights.Kind]int{done.Added, done.Changed, done.Unchanged} {
		for kind := range counts {
			kinds[kind] = true
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		table.Rows = append(table.Rows, []metric.Cell{
			{Text: strings.ReplaceAll(string(kind), "_", " ")}, count(done.Added[kind]), count(done.Changed[kind]), count(done.Unchanged[kind]),
		})
	}
	if table.Total = len(table.Rows); table.Total == 0 {
		return nil
	}
	return table
}
