package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"salesbot/handlers"
	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

type missesOptions struct {
	days    int
	teach   string
	catalog string
	demo    bool
}

// missesCommand lists what was asked and not understood, and teaches a word.
func (p program) missesCommand() *cobra.Command {
	var opt missesOptions
	c := &cobra.Command{
		Use:   "misses",
		Short: "List what was asked and not understood, and teach a word",
		Long: "Misses reads again what people asked, as the grammar stands today, and groups what is not understood by the words in the way.\n" +
			"With --teach it adds a word to the company's catalogue, after reading all kept questions with it: it is refused if any\n" +
			"question would be read otherwise than now. No figure is kept or shown.",
		Example: "  salesbot misses --days 30\n  salesbot misses --teach \"dosh=won_revenue\" --catalog own.yaml",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.misses(c.Context(), opt) },
	}
	c.Flags().IntVar(&opt.days, "days", 90, "how many days to look back")
	c.Flags().StringVar(&opt.teach, "teach", "", "a word and the metric it means: word=metric")
	c.Flags().StringVar(&opt.catalog, "catalog", "", "the file that the word is added to (default: SALESBOT_CATALOG)")
	c.Flags().BoolVar(&opt.demo, "demo", false, "look at the demo's made-up company")
	return c
}

func (p program) misses(ctx context.Context, opt missesOptions) error {
	s, err := readSettings(p.Environ)
	if err != nil {
		return err
	}
	open := p.openDatabase
	if opt.demo {
		open = p.openDemo
	}
	db, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	kept, err := db.Asked(ctx, p.Now().AddDate(0, 0, -opt.days))
	if err != nil {
		return err
	}
	if opt.teach != "" {
		return p.teach(ctx, s, db, kept, opt)
	}
	return p.listMisses(ctx, s, db, kept)
}

// reads reads a kept question again; a slash command is no part of it, unless it
// fills in what the text leaves open.
func reads(ctx context.Context, parser *ask.Parser, q insights.Asked) (ask.Reading, error) {
	text, hint := q.Text, ""
	if command, rest, ok := strings.Cut(text, " "); ok && strings.HasPrefix(command, "/") {
		text, hint = rest, map[string]string{"/pipeline": ask.HintPipeline, "/territory": ask.HintTerritory, "/kpi": ask.HintKPI}[command]
	}
	// All names may be known: what is looked at is how words are read.
	viewer := metric.Viewer{PersonID: q.Person, Name: q.Name, Role: metric.RoleAdmin, All: true}
	return parser.Parse(ctx, ask.Asked{Text: text, At: q.At, Viewer: viewer, Hint: hint})
}

// miss is what was not understood because of the same words.
type miss struct {
	words string
	texts []string
	roles []string
}

func (p program) listMisses(ctx context.Context, s settings, db *database, kept []insights.Asked) error {
	parser := &ask.Parser{Catalog: s.Metrics, Names: db, Company: s.Company, Order: ask.DateOrder(s.DateOrder)}
	var groups []*miss
	by := map[string]*miss{}
	for _, q := range kept {
		if q.Status != string(handlers.NotUnderstood) {
			continue
		}
		reading, err := reads(ctx, parser, q)
		if err != nil {
			return err
		}
		if len(reading.Unknown) == 0 {
			continue // it would be understood today, or is another command's
		}
		words := strings.ToLower(strings.Join(reading.Unknown, ", "))
		group := by[words]
		if group == nil {
			group = &miss{words: words}
			by[words], groups = group, append(groups, group)
		}
		group.texts = append(group.texts, q.Text)
		if q.Role != "" && !slices.Contains(group.roles, q.Role) {
			group.roles = append(group.roles, q.Role)
		}
	}
	slices.SortStableFunc(groups, func(a, b *miss) int { return len(b.texts) - len(a.texts) })
	return p.printMisses(groups)
}

func (p program) printMisses(groups []*miss) error {
	if len(groups) == 0 {
		_, err := fmt.Fprintln(p.Out, "Everything that was asked is understood today.")
		return err
	}
	const shown = 3
	for _, g := range groups {
		who := "nobody who is stored"
		if len(g.roles) > 0 {
			who = strings.Join(g.roles, ", ")
		}
		_, _ = fmt.Fprintf(p.Out, "%s: %s, asked by %s\n", g.words, times(len(g.texts)), who)
		for _, text := range g.texts[:min(shown, len(g.texts))] {
			_, _ = fmt.Fprintf(p.Out, "  %s\n", text)
		}
	}
	_, err := fmt.Fprintln(p.Out, "\nTo teach a word: salesbot misses --teach \"word=metric\" --catalog own.yaml")
	return err
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// teach adds a word to the catalogue if no kept question is read otherwise with
// it.
func (p program) teach(ctx context.Context, s settings, db *database, kept []insights.Asked, opt missesOptions) error {
	word, name, ok := strings.Cut(opt.teach, "=")
	word, name = strings.TrimSpace(word), strings.TrimSpace(name)
	if !ok || word == "" || name == "" {
		return usageError{fmt.Errorf(`--teach %q is not of the form word=metric, for example "dosh=won_revenue"`, opt.teach)}
	}
	path := opt.catalog
	if path == "" {
		path = s.Catalog
	}
	if path == "" {
		return usageError{errors.New("teach it to which catalogue? Name a file with --catalog, or with SALESBOT_CATALOG; one that does not exist is made")}
	}
	was, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("reading the catalogue: %w; nothing was changed", err)
	}
	is := withSynonym(string(was), word, name)
	taught, err := metric.ParseCatalog(path, []byte(is))
	if err != nil {
		return fmt.Errorf("%w\n(nothing was changed)", err)
	}
	helped, harmed, err := compareReadings(ctx, s, db, kept, taught)
	if err != nil {
		return err
	}
	if len(harmed) > 0 {
		return fmt.Errorf("with %q as %s, %s would be read otherwise than now, so nothing was changed:\n  %s",
			word, name, plural(len(harmed), "question"), strings.Join(harmed, "\n  "))
	}
	if err := replaceFile(path, is); err != nil {
		return fmt.Errorf("writing the catalogue: %w; nothing was changed", err)
	}
	_, _ = fmt.Fprintf(p.Out, "%s now knows %q as %s. Of %s, none is read otherwise, and %d that were not understood now are.\n",
		path, word, name, plural(len(kept), "kept question"), len(helped))
	for _, text := range helped {
		_, _ = fmt.Fprintf(p.Out, "  %s\n", text)
	}
	_, err = fmt.Fprintln(p.Out, "It is in force from the next start on, with SALESBOT_CATALOG naming this file.")
	return err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// compareReadings reads the kept questions by both catalogues: which are
// understood by the new one alone, and which otherwise.
func compareReadings(ctx context.Context, s settings, db *database, kept []insights.Asked, taught *metric.Catalog) (helped, harmed []string, err error) {
	before := &ask.Parser{Catalog: s.Metrics, Names: db, Company: s.Company, Order: ask.DateOrder(s.DateOrder)}
	after := &ask.Parser{Catalog: taught, Names: db, Company: s.Company, Order: ask.DateOrder(s.DateOrder)}
	for _, q := range kept {
		was, err := reads(ctx, before, q)
		if err != nil {
			return nil, nil, err
		}
		is, err := reads(ctx, after, q)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case was.Query == nil && is.Query != nil:
			helped = append(helped, q.Text+" → "+is.Understood)
		case was.Query != nil && (is.Query == nil || before.Say(*was.Query) != after.Say(*is.Query)):
			harmed = append(harmed, q.Text)
		}
	}
	return helped, harmed, nil
}

// withSynonym is the text of a catalogue with one more word in it. Text that is
// there stays as it is written, comments and all.
func withSynonym(text, word, name string) string {
	entry := fmt.Sprintf("  - metric: %s\n    words: [%q]\n", name, word)
	const head = "synonyms:\n"
	switch {
	case strings.TrimSpace(text) == "":
		return "extends: default\n" + head + entry
	case strings.HasPrefix(text, head):
		return head + entry + strings.TrimPrefix(text, head)
	case strings.Contains(text, "\n"+head):
		return strings.Replace(text, "\n"+head, "\n"+head+entry, 1)
	default:
		return strings.TrimRight(text, "\n") + "\n\n" + head + entry
	}
}

// replaceFile puts a text in the place of a file, whole or not at all.
func replaceFile(path, text string) error {
	next := path + ".new"
	if err := os.WriteFile(next, []byte(text), 0o644); err != nil { //nolint:gosec // a catalogue is no secret
		return err
	}
	return os.Rename(next, path)
}
