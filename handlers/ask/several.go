package ask

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// A message may hold several questions: "pipeline? and who's top?", "won revenue
// this quarter and win rate by rep". It is cut only where it does not read as one
// question and each part, every word of it, is a question of its own.

// mostJoints is how many places are looked at for where one question ends.
const mostJoints = 6

// ParseEach reads a message that may hold several questions: as one Reading, as
// Parse does, or as one for each of them, in their order, all with a Query.
func (p *Parser) ParseEach(ctx context.Context, asked Asked) ([]Reading, error) {
	whole, err := p.Parse(ctx, asked)
	one := []Reading{whole}
	text := clean(asked.Text)
	if err != nil || whole.List || len(text) > maxText || asked.Hint != "" && asked.Hint != HintKPI {
		return one, err
	}
	several, plainly, err := p.oneByOne(ctx, asked, text)
	if err != nil || len(several) > 0 && (plainly || whole.Query == nil) {
		return several, err
	}
	if whole.Query != nil {
		return one, nil
	}
	pairs, err := p.pairs(ctx, asked, text)
	switch {
	case err != nil || len(pairs) == 0:
		return one, err
	case len(pairs) == 1:
		return pairs[0], nil
	default:
		return []Reading{p.whichPair(pairs)}, nil
	}
}

// oneByOne reads a text that signs part into questions as a conversation: each
// as if it had been sent after the one before. It returns nothing unless all
// are questions, and reports whether they are plainly several: each further one
// names a figure, or says that it goes on.
func (p *Parser) oneByOne(ctx context.Context, asked Asked, text string) (out []Reading, plainly bool, err error) {
	parts := cutAtSigns(text)
	if len(parts) < 2 || len(parts) > insights.MostAnswers {
		return nil, false, nil
	}
	plainly = true
	for i, part := range parts {
		asked.Text = part
		r, err := p.Parse(ctx, asked)
		if err != nil || r.Query == nil {
			return nil, false, err
		}
		s := p.newSentence(part, asked)
		goesOn := i > 0 && s.pieces[0].isAny(keyAnd, keyFollow)
		plainly = plainly && (goesOn || r.Query.Shape == metric.ShapeOwner || slices.ContainsFunc(s.pieces, s.namesFigure))
		out, asked.Last = append(out, r), r.Query
	}
	return out, plainly, nil
}

// cutAtSigns cuts a text where a question mark, a semicolon or the end of a line
// ends a question or, if none does, a full stop, as one may also shorten a word.
func cutAtSigns(text string) []string {
	if parts := cutAt(text, "?;\n"); len(parts) > 1 {
		return parts
	}
	return cutAt(text, ".")
}

// cutAt cuts a text behind signs outside quotation marks.
func cutAt(text, signs string) []string {
	var parts []string
	quoted, from := false, 0
	for i, r := range text {
		quoted = quoted != (r == '"')
		within := r == '.' && !strings.HasPrefix(text[i+1:], " ")
		if quoted || within || !strings.ContainsRune(signs, r) {
			continue
		}
		parts, from = append(parts, text[from:i]), i+1
	}
	parts = append(parts, text[from:])
	return slices.DeleteFunc(parts, func(part string) bool { return len(tokenise(part)) == 0 })
}

// pairs lists the ways to read a text as two questions with a word such as "and"
// between them.
func (p *Parser) pairs(ctx context.Context, asked Asked, text string) ([][]Reading, error) {
	var out [][]Reading
	s := p.newSentence(text, asked)
	if len(s.joints()) > mostJoints {
		return nil, nil
	}
	if err := s.find(ctx, p.Names); err != nil {
		return nil, err
	}
	joints := s.joints()
	for i, joint := range joints {
		if others := slices.Delete(slices.Clone(joints), i, i+1); slices.ContainsFunc(others, s.partsUnlike) {
			continue
		}
		left, right := text[:s.tokens[joint.from-1].end], text[s.tokens[joint.to].start:]
		more, err := p.pair(ctx, asked, left, right, joint.is(keyVersus))
		if err != nil {
			return nil, err
		}
		for _, pair := range more {
			same := func(o []Reading) bool {
				return asksSame(o[0].Query, pair[0].Query) && asksSame(o[1].Query, pair[1].Query)
			}
			if !slices.ContainsFunc(out, same) {
				out = append(out, pair)
			}
		}
	}
	return out, nil
}

// joints are the places where one question may end and the next begin: words
// such as "and", and commas.
func (s *sentence) joints() []piece {
	var out []piece
	for _, p := range s.pieces {
		if p.from == 0 {
			continue
		}
		inside := s.tokens[p.from].quote != 0 && s.tokens[p.from].quote == s.tokens[p.from-1].quote
		switch {
		case inside:
		case p.isAny(keyAnd, keyFollow, keyVersus) && p.to < len(s.tokens):
			out = append(out, p)
		case s.tokens[p.from].comma:
			out = append(out, piece{from: p.from, to: p.from})
		}
	}
	return out
}

// partsUnlike reports whether what stands on both sides of a joint is not of one
// kind: it then joins no list, and what it does part is not clear.
func (s *sentence) partsUnlike(joint piece) bool {
	before := slices.IndexFunc(s.pieces, func(p piece) bool { return p.to == joint.from })
	after := slices.IndexFunc(s.pieces, func(p piece) bool { return p.from == joint.to })
	if before < 0 || after < 0 {
		return true
	}
	a, b := s.pieces[before], s.pieces[after]
	_, listed := a.dimension()
	_, goesOn := b.dimension()
	return !(listed && goesOn) && (len(a.names) == 0 || len(b.names) == 0) && (a.number == nil || b.number == nil)
}

// clause is one of two questions in a sentence.
type clause struct {
	Reading
	figure string // the words that name its figure
	tail   bool   // words behind its figure say more of it
	dated  bool   // it names a period
}

// pair reads two texts as two questions, in each way that they can be meant. A
// period that one of them names is that of the other too. What else stands
// before the first figure or behind the second may be meant of both; where the
// two are set beside each other, as in "won vs lost by rep", it is.
func (p *Parser) pair(ctx context.Context, asked Asked, left, right string, beside bool) ([][]Reading, error) {
	asked.Text = left
	first, ok, err := p.clause(ctx, asked)
	if err != nil || !ok {
		return nil, err
	}
	asked.Text, asked.Last = right, nil
	second, ok, err := p.clause(ctx, asked)
	if err != nil || !ok {
		return nil, err
	}
	if left, err = p.settle(ctx, asked, &first, second, left); err != nil {
		return nil, err
	}
	if right, err = p.settle(ctx, asked, &second, first, right); err != nil {
		return nil, err
	}
	if first.Query == nil || second.Query == nil || beside && !standBeside(first, second) {
		return nil, nil
	}
	p.sharePeriod(first, &second)
	p.sharePeriod(second, &first)
	firsts, seconds := []Reading{first.Reading}, []Reading{second.Reading}
	if seconds, err = p.goingOn(ctx, asked, seconds, right, *first.Query); err != nil {
		return nil, err
	}
	if second.tail && !first.tail {
		if firsts, err = p.goingOn(ctx, asked, firsts, left, *second.Query); err != nil {
			return nil, err
		}
		if beside {
			firsts = firsts[len(firsts)-1:]
		}
	}
	var out [][]Reading
	for _, a := range firsts {
		for _, b := range seconds {
			out = append(out, []Reading{a, b})
		}
	}
	return out, nil
}

// standBeside reports whether "vs" between two questions asks for both. Against a
// quota something else is meant by it, and of one figure without days of its own
// a comparison of two periods.
func standBeside(a, b clause) bool {
	goal := func(c clause) bool { return slices.Contains([]string{"quota", "territory_quota"}, c.Query.Metric) }
	return !goal(a) && !goal(b) && (a.Query.Metric != b.Query.Metric || a.dated && b.dated)
}

// clause reads a part of a sentence that is a whole question by itself, with a
// figure that it names or, as a word such as "won" does, one of several.
func (p *Parser) clause(ctx context.Context, asked Asked) (clause, bool, error) {
	s := p.newSentence(asked.Text, asked)
	if err := s.find(ctx, p.Names); err != nil {
		return clause{}, false, err
	}
	c := clause{Reading: s.read()}
	says := func(p piece) bool {
		return !p.isAny(keyHarmless, keyOpening, keyWhatIs, keyWhich, keyHowMany, keyHowMuch)
	}
	first := slices.IndexFunc(s.pieces, s.namesFigure)
	if first < 0 || c.Query == nil && (c.Ask == "" || !s.pieces[first].unsure()) || c.Query != nil && c.Query.Shape == metric.ShapeDefinition {
		return clause{}, false, nil
	}
	behind := func(p piece) bool { return says(p) && !s.namesFigure(p) }
	c.figure = s.typed(s.pieces[first])
	c.tail = slices.ContainsFunc(s.pieces[first+1:], behind)
	c.dated = slices.ContainsFunc(s.pieces, func(p piece) bool { return p.part != nil || p.moment != nil })
	return c, true, nil
}

// settle decides which of several figures a question is about by the other one:
// beside lost deals "won" is of deals. It returns the question in words that say
// so, and leaves one that is not settled by it as it is.
func (p *Parser) settle(ctx context.Context, asked Asked, c *clause, by clause, text string) (string, error) {
	if c.Query != nil || by.Query == nil {
		return text, nil
	}
	var alike []Reading
	for _, choice := range c.Choices {
		asked.Text = choice.Command
		r, err := p.Parse(ctx, asked)
		if err != nil {
			return "", err
		}
		if r.Query != nil && p.unit(*r.Query) == p.unit(*by.Query) {
			alike = append(alike, r)
		}
	}
	if len(alike) != 1 {
		return text, nil
	}
	s, q := p.newSentence("", Asked{}), alike[0].Query
	c.Reading = alike[0]
	c.Notes = append(slices.Clone(c.Notes), "“"+c.figure+"” is read as "+s.metricLabel(q.Metric)+", beside "+s.metricLabel(by.Query.Metric))
	return p.Say(*q), nil
}

func (p *Parser) unit(q metric.Query) metric.Unit {
	m, _ := p.Catalog.Metric(q.Metric)
	return m.Unit
}

// namesFigure reports whether a piece says which figure is meant.
func (s *sentence) namesFigure(p piece) bool {
	for k := range numbers {
		if p.is(k) {
			return true
		}
	}
	return len(p.metrics()) > 0 && !p.is(keyHarmless) || p.isAny(keyShowDeals, keyWhyLost, keyLostTo)
}

// sharePeriod gives a question that names no period that of the other, where
// both are of what happened in one.
func (p *Parser) sharePeriod(from clause, to *clause) {
	if to.dated || !from.dated || from.Query.Period.IsAll() || !to.Query.Period.IsAll() || p.isStock(*from.Query) || p.isStock(*to.Query) {
		return
	}
	shared := *to.Query
	shared.Period = from.Query.Period
	to.Query, to.Understood = &shared, p.newSentence("", Asked{}).understood(shared)
	to.Notes = append(slices.Clone(to.Notes), "the period is that of the other question: "+shared.Period.Label)
}

func (p *Parser) isStock(q metric.Query) bool {
	m, ok := p.Catalog.Metric(q.Metric)
	return ok && m.Stock
}

// goingOn adds the way to read a question on which what was said of another
// holds for it too, if that is another question.
func (p *Parser) goingOn(ctx context.Context, asked Asked, ways []Reading, text string, other metric.Query) ([]Reading, error) {
	asked.Text, asked.Last = "and "+text, &other
	r, err := p.Parse(ctx, asked)
	if err != nil || r.Query == nil || asksSame(r.Query, ways[0].Query) {
		return ways, err
	}
	return append(ways, r), nil
}

// asksSame reports whether two Queries ask the same, whatever their periods are
// called.
func asksSame(a, b *metric.Query) bool {
	x, y := *a, *b
	x.Period.Label, y.Period.Label = "", ""
	x.Against.Label, y.Against.Label = "", ""
	if len(x.By)+len(y.By) == 0 {
		x.By, y.By = nil, nil
	}
	if len(x.Where)+len(y.Where) == 0 {
		x.Where, y.Where = nil, nil
	}
	return reflect.DeepEqual(x, y)
}

// whichPair asks which two questions are meant. The choices are written with
// what parts questions for certain.
func (p *Parser) whichPair(pairs [][]Reading) Reading {
	const most = 4
	r := Reading{Ask: "These are two questions. Which two?"}
	for _, pair := range pairs[:min(len(pairs), most)] {
		command := p.Say(*pair[0].Query) + "; " + p.Say(*pair[1].Query)
		r.Choices = append(r.Choices, Choice{Label: command, Command: command})
	}
	return r
}
