package ask

import (
	"context"
	"sync"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Names finds the stored things that phrases may mean, among those the viewer
// may know of. A phrase may find several things, or nothing. Find tells what
// bears a phrase as its name; Resemble what it may be a misspelling of; Patch which
// territories a person holds on a day, and Leads to whom a person reports on it.
type Names interface {
	Find(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error)
	Resemble(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error)
	Patch(ctx context.Context, person int64, on time.Time) ([]insights.Name, error)
	Leads(ctx context.Context, person int64, on time.Time) ([]insights.Name, error)
}

// Parser reads questions. It is safe for concurrent use; its fields must not
// change after the first question.
type Parser struct {
	Catalog *metric.Catalog
	Names   Names
	Company metric.Company
	Order   DateOrder // of dates written in numbers; empty: both are asked about

	once    sync.Once
	lexicon *lexicon
}

// The hints of the slash commands: what is meant when a question leaves the
// metric out.
const (
	HintPipeline  = "pipeline"
	HintTerritory = "territory"
	HintKPI       = "kpi"
)

// Asked is one question: plain text as the person typed it, who asks, when,
// and what the conversation asked last.
type Asked struct {
	Text   string
	At     time.Time
	Viewer metric.Viewer
	Last   *metric.Query // the last Query of the conversation; nil: none
	Hint   string        // one of the Hint constants, or empty
}

// Reading is how a question was understood. Exactly one of these holds: Query
// is set; Ask is set, and Choices are its answers; Unknown is not empty, and
// Choices are questions that could be asked instead; List is set.
type Reading struct {
	Query       *metric.Query
	Understood  string   // one line: how it was read, or as much as was
	Notes       []string // what was assumed, corrected or changed
	Ask         string   // a question back
	Choices     []Choice
	Unknown     []string // the words that were not understood, as typed
	Unavailable bool     // Unknown is understood, but cannot be done; Notes say why
	FollowUp    bool     // the Query is an edit of the last one
	List        bool     // the list of metrics is asked for
	ByModel     bool     // a model put the question into slots
}

// Choice is a finished question: what a person reads, and what to ask.
type Choice struct {
	Label   string
	Command string
}

// Parse reads a question. An error means that names could not be looked up;
// a question that cannot be read is a Reading that says so.
func (p *Parser) Parse(ctx context.Context, asked Asked) (Reading, error) {
	text := clean(asked.Text)
	if len(text) > maxText {
		return p.tooLong(asked), nil
	}
	s := p.newSentence(text, asked)
	if len(s.tokens) > maxTokens {
		return p.tooLong(asked), nil
	}
	if err := s.find(ctx, p.Names); err != nil {
		return Reading{}, err
	}
	return s.read(), nil
}

// A question longer than this is no question.
const (
	maxText   = 2000
	maxTokens = 80
)

func (p *Parser) tooLong(asked Asked) Reading {
	s := p.newSentence("", asked)
	return Reading{
		Unknown: []string{"so long a text"},
		Choices: s.suggest(question{}),
	}
}

// Learn puts the words of the catalogue together, so that the first question does
// not wait for it.
func (p *Parser) Learn() { p.words() }

func (p *Parser) words() *lexicon {
	p.once.Do(func() {
		if p.Catalog == metric.Default() {
			p.lexicon = defaultWords()
			return
		}
		p.lexicon = newLexicon(p.Catalog)
	})
	return p.lexicon
}

// defaultWords are those of the catalogue that comes with Salesbot, put together
// once a process.
var defaultWords = sync.OnceValue(func() *lexicon { return newLexicon(metric.Default()) })
