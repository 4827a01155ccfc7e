package ask

import (
	"slices"
	"strings"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// sentence is one question on its way from text to Query.
type sentence struct {
	parser   *Parser
	asked    Asked
	text     string
	tokens   []token
	pieces   []piece
	calendar calendar
	lexicon  *lexicon
	planned  []insights.Name // the territory maps that are planned, if that is asked for
	patch    []insights.Name // the territories that the asker holds, if that is asked for
	leads    []insights.Name // whom the asker reports to, if a team of theirs is asked for

	afterOwner bool // the last question was who owned something
}

func (p *Parser) newSentence(text string, asked Asked) *sentence {
	s := &sentence{
		parser: p, asked: asked, text: text, tokens: tokenise(text),
		calendar: newCalendar(asked.At, p.Company), lexicon: p.words(),
	}
	s.calendar.order = p.Order
	if last := asked.Last; last != nil && last.Shape == metric.ShapeOwner {
		s.asked.Last, s.afterOwner = nil, true // no figure goes on from it
	}
	if len(s.tokens) > maxTokens {
		return s
	}
	for i, t := range s.tokens {
		if full, ok := typedShort[t.word]; ok {
			s.tokens[i].word, s.tokens[i].stem = full, full
			continue
		}
		if t.stem != t.word && isPeriodWord(t.stem) {
			s.tokens[i].word = t.stem // "march's revenue"
			continue
		}
		if right, ok := s.lexicon.mend(t.stem); ok {
			s.tokens[i].mended = t.text
			s.tokens[i].word, s.tokens[i].stem = right, right
		}
	}
	readWhyLower(s.tokens)
	s.pieces = s.lexicon.scan(s.calendar, s.tokens)
	return s
}

// read makes a Reading of the pieces: a Query, a question back, or the words
// that were not understood.
func (s *sentence) read() Reading {
	q := s.interpret()
	if len(q.unknown) > 0 {
		return s.notUnderstood(q)
	}
	if q.fork != nil {
		return s.askBack(q)
	}
	if q.owner != nil {
		return s.ownerOf(q)
	}
	if q.list > 0 && q.metric == "" {
		return Reading{List: true}
	}
	return s.assemble(q)
}

// typed returns the text of a piece as it was typed.
func (s *sentence) typed(p piece) string {
	if p.to == 0 {
		return ""
	}
	return s.text[s.tokens[p.from].start:s.tokens[p.to-1].end]
}

// fork is a point at which a question can be read in several ways. Each way is
// the sentence with that point decided.
type fork struct {
	ask  string
	ways []way
}

type way struct {
	label  string
	pieces []piece
}

// with returns the sentence's pieces with one replaced.
func (s *sentence) with(at int, p piece) []piece {
	out := slices.Clone(s.pieces)
	out[at] = p
	return out
}

// askBack asks which of several readings is meant. A reading that would not
// itself lead to a Query is no answer, and is left out.
func (s *sentence) askBack(q question) Reading {
	r := Reading{Ask: q.fork.ask, Notes: q.notes}
	for _, w := range q.fork.ways {
		decided := *s
		decided.pieces = w.pieces
		for _, c := range decided.finish(w.label) {
			if !slices.ContainsFunc(r.Choices, func(o Choice) bool { return o.Command == c.Command }) {
				r.Choices = append(r.Choices, c)
			}
		}
	}
	if len(r.Choices) == 0 {
		q.unknown = []string{strings.TrimSpace(s.text)}
		return s.notUnderstood(q)
	}
	const most = 8
	r.Choices = r.Choices[:min(len(r.Choices), most)]
	return r
}

// finish returns the finished questions of a decided sentence: one, or one for
// each way of a further fork.
func (s *sentence) finish(label string) []Choice {
	r := s.read()
	switch {
	case r.Query != nil:
		return []Choice{{Label: label, Command: s.parser.Say(*r.Query)}}
	case r.Ask != "":
		for i := range r.Choices {
			r.Choices[i].Label = label + ", " + r.Choices[i].Label
		}
		return r.Choices
	default:
		return nil
	}
}

// nameFork asks which of several things a name means.
func (s *sentence) nameFork(at int) *fork {
	p := s.pieces[at]
	f := &fork{ask: "Which " + s.typed(p) + " do you mean?"}
	for _, n := range p.names {
		one := p
		one.names, one.settled = []insights.Name{n}, true
		f.ways = append(f.ways, way{label: s.kindLabel(n.Kind) + " " + n.Text, pieces: s.with(at, one)})
	}
	if s.isPronoun(p) {
		all := piece{from: p.from, to: p.to, meanings: []meaning{{key: keyEverybody}}}
		f.ways = append(f.ways, way{label: "the whole company", pieces: s.with(at, all)})
	}
	return f
}

// isPronoun reports whether a name may be the pronoun "us": "win rate for us".
func (s *sentence) isPronoun(p piece) bool {
	return !p.settled && p.to-p.from == 1 && p.from > 0 && s.tokens[p.from].text == "us" && s.tokens[p.from-1].word == "for"
}

func (s *sentence) kindLabel(kind string) string {
	if d, ok := s.parser.Catalog.Dimension(kind); ok {
		return strings.ToLower(d.Label)
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// metricFork asks which of several metrics a piece means.
func (s *sentence) metricFork(at int, names []string) *fork {
	f := &fork{ask: "Which figure do you mean by “" + s.typed(s.pieces[at]) + "”?"}
	for _, name := range names {
		one := s.pieces[at]
		one.meanings = []meaning{{metrics: []string{name}, key: one.as(keyAccounts).key}}
		f.ways = append(f.ways, way{label: s.metricLabel(name), pieces: s.with(at, one)})
	}
	return f
}

// mentionsFork asks which of several metrics that were named is meant.
func (s *sentence) mentionsFork(mentions []mention) *fork {
	f := &fork{ask: "One figure at a time. Which first?"}
	for _, keep := range mentions {
		pieces := slices.Clone(s.pieces)
		for _, m := range mentions {
			if m.at != keep.at {
				pieces[m.at].meanings = []meaning{{key: keyHarmless}}
			}
		}
		pieces[keep.at].meanings = []meaning{{metrics: keep.names[:1]}}
		f.ways = append(f.ways, way{label: s.metricLabel(keep.names[0]), pieces: pieces})
	}
	return f
}

// dateFork asks which order the numbers of a date stand in.
func (s *sentence) dateFork(at int) *fork {
	f := &fork{ask: "Which date is meant by " + s.typed(s.pieces[at]) + "?"}
	for order := range 2 {
		tokens := slices.Clone(s.tokens)
		for i, t := range tokens {
			for _, read := range []func([]token) (part, int){s.calendar.readNumeric, s.calendar.readShortSlashes} {
				if p, n := read([]token{t}); n == 1 && len(p.either) == 2 {
					tokens[i].word = p.either[order]
				}
			}
		}
		one := s.pieces[at]
		read, _ := s.calendar.readPeriod(tokens[one.from:one.to])
		if read.IsAll() {
			continue // in this order there are no such days
		}
		one.part = &read
		pieces := s.with(at, one)
		for i, p := range pieces {
			if i != at && p.part != nil && len(p.part.either) > 0 {
				again, _ := s.calendar.readPeriod(tokens[p.from:p.to])
				pieces[i].part = &again
			}
		}
		f.ways = append(f.ways, way{label: read.Label, pieces: pieces})
	}
	return f
}

// countedFork asks whether a day that is counted from another is meant, or the
// time between the two.
func (s *sentence) countedFork(at int) *fork {
	f := &fork{ask: "That day, or the time up to it?"}
	day := *s.pieces[at].part
	base := s.calendar.oneDay(day.countedFrom)
	day.countedFrom = time.Time{}
	between := s.calendar.between(day, s.calendar.oneDay(s.calendar.plusDays(base.From, -1)))
	if day.From.After(base.From) {
		between = s.calendar.between(base, day)
	}
	for _, p := range []part{day, between} {
		one := s.pieces[at]
		one.part = &p
		f.ways = append(f.ways, way{label: p.Label, pieces: s.with(at, one)})
	}
	return f
}

// periodFork asks which of several periods is meant.
func (s *sentence) periodFork(ats []int) *fork {
	f := &fork{ask: "One period at a time. Which first?"}
	for _, keep := range ats {
		pieces := slices.Clone(s.pieces)
		for _, at := range ats {
			if at != keep {
				pieces[at] = piece{from: pieces[at].from, to: pieces[at].to, meanings: []meaning{{key: keyHarmless}}}
			}
		}
		f.ways = append(f.ways, way{label: s.pieces[keep].part.Label, pieces: pieces})
	}
	return f
}

// metricLabel is a metric's label within a sentence.
func (s *sentence) metricLabel(name string) string {
	m, ok := s.parser.Catalog.Metric(name)
	if !ok {
		return name
	}
	return lowerFirst(m.Label)
}

func lowerFirst(text string) string {
	if len(text) > 1 && text[1] >= 'A' && text[1] <= 'Z' {
		return text // an abbreviation
	}
	return strings.ToLower(text[:min(1, len(text))]) + text[min(1, len(text)):]
}

// metric returns a metric that is known to be in the catalogue.
func (s *sentence) metric(name string) *metric.Metric {
	m, ok := s.parser.Catalog.Metric(name)
	if !ok {
		return &metric.Metric{Name: name, Label: name}
	}
	return m
}
