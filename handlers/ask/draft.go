package ask

import (
	"context"
	"math/big"
	"slices"
	"strings"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Draft is a question that something other than the grammar has put into slots,
// such as a language model. Its slots hold words: the grammar finds the names
// and the days in them, as in any question.
type Draft struct {
	Shape   metric.Shape
	Metric  string // its name in the catalogue
	By      []string
	Where   []DraftFilter
	Period  string // "last quarter"; empty: none
	AsOf    string // "last friday"; empty: now
	Compare bool   // with the period before
	Order   metric.Order
	Limit   int
}

// DraftFilter keeps or leaves out some values of a field.
type DraftFilter struct {
	Field  string
	Op     metric.Op
	Values []string
}

// ReadDraft reads a draft of the question that was asked. It returns no Query
// unless the draft's words are read as just what its slots say, and the Query
// has a place for every word of the question that the grammar understood by
// itself: a draft may explain what the grammar did not know, never drop or
// change what it did.
func (p *Parser) ReadDraft(ctx context.Context, asked Asked, d Draft) (Reading, error) {
	spelt := asked
	spelt.Text, spelt.Last, spelt.Hint = p.spell(d), nil, ""
	r, err := p.Parse(ctx, spelt)
	if err != nil || r.Query == nil || !d.isRead(*r.Query) {
		return Reading{}, err
	}
	typed := p.newSentence(clean(asked.Text), asked)
	if err := typed.find(ctx, p.Names); err != nil {
		return Reading{}, err
	}
	if !typed.isKeptBy(*r.Query) {
		return Reading{}, nil
	}
	return r, nil
}

// spell writes a draft as a question.
func (p *Parser) spell(d Draft) string {
	q := metric.Query{Shape: d.Shape, Metric: d.Metric, By: d.By, Order: d.Order, Limit: d.Limit}
	for _, f := range d.Where {
		values := make([]metric.Value, len(f.Values))
		for i, text := range f.Values {
			values[i] = metric.Value{Text: text}
		}
		q.Where = append(q.Where, metric.Filter{Field: f.Field, Op: f.Op, Values: values})
	}
	if d.Compare {
		q.Compare = metric.ComparePrevious
	}
	parts := []string{p.Say(q)}
	if m, ok := p.Catalog.Metric(d.Metric); ok && m.Stock && d.Period != "" {
		parts = append(parts, "closing")
	}
	parts = append(parts, d.Period)
	if d.AsOf != "" {
		parts = append(parts, "as of "+d.AsOf)
	}
	return strings.Join(parts, " ")
}

// isRead reports whether a Query is what the slots say. Days and names are the
// grammar's to find; all else must be the same.
func (d Draft) isRead(q metric.Query) bool {
	same := func(f metric.Filter, said DraftFilter) bool {
		return f.Field == said.Field && f.Op == said.Op && len(f.Values) == len(said.Values)
	}
	return q.Shape == d.Shape && q.Metric == d.Metric && slices.Equal(q.By, d.By) && slices.EqualFunc(q.Where, d.Where, same) &&
		q.Period.IsAll() == (d.Period == "") && q.AsOf.IsZero() == (d.AsOf == "") && (q.Compare != "") == d.Compare &&
		q.Order == d.Order && q.Limit == d.Limit && len(q.Having) == 0
}

// isKeptBy reports whether a Query has a place for everything in the sentence
// that the grammar understands by itself, and there is something: of a sentence
// of which it understands nothing, no draft can be checked.
func (s *sentence) isKeptBy(q metric.Query) bool {
	dated := slices.ContainsFunc(s.pieces, func(p piece) bool { return p.part != nil || p.moment != nil })
	if !dated && !q.Period.IsAll() {
		return false // nobody named a period
	}
	understood := false
	for _, p := range s.pieces {
		if !s.keeps(q, p) {
			return false
		}
		_, isDimension := p.dimension()
		said := p.part != nil || p.moment != nil || p.number != nil || p.length != nil || len(p.names) > 0 || isDimension || len(p.metrics()) > 0
		understood = understood || said && !p.is(keyHarmless) || p.isAny(keyMine, keyMyTeam, keyMyPatch, keyDeals)
	}
	return understood
}

func (s *sentence) keeps(q metric.Query, p piece) bool {
	d, isDimension := p.dimension()
	metrics := p.metrics()
	switch {
	case p.part != nil:
		return s.keepsPeriod(q, *p.part)
	case p.moment != nil:
		return q.AsOf.Equal(p.moment.at) || q.Then.Equal(p.moment.at)
	case len(p.names) > 0:
		return slices.ContainsFunc(p.names, func(n insights.Name) bool { return keepsName(q, n) })
	case p.length != nil:
		return p.length.isKeptBy(q)
	case p.number != nil:
		return keepsNumber(q, p.number.value)
	case len(metrics) > 0 && !p.isAny(keyHarmless):
		return slices.Contains(metrics, q.Metric)
	case isDimension:
		return slices.Contains(q.By, d.dimension) || hasField(q, d.dimension)
	default:
		return s.keepsKey(q, p)
	}
}

func (s *sentence) keepsPeriod(q metric.Query, p part) bool {
	if p.IsAll() {
		return q.Period.IsAll()
	}
	end := s.calendar.endOfDay(s.calendar.plusDays(p.To, -1))
	return q.Period.From.Equal(p.From) && q.Period.To.Equal(p.To) || !p.To.IsZero() && (q.AsOf.Equal(end) || q.Then.Equal(end))
}

func keepsName(q metric.Query, n insights.Name) bool {
	return slices.ContainsFunc(q.Where, func(f metric.Filter) bool {
		return f.Field == n.Kind && slices.ContainsFunc(f.Values, func(v metric.Value) bool { return v.ID == n.ID && strings.EqualFold(v.Text, n.Text) })
	})
}

func keepsNumber(q metric.Query, number *big.Rat) bool {
	if q.Limit != 0 && number.Cmp(big.NewRat(int64(q.Limit), 1)) == 0 {
		return true
	}
	return slices.ContainsFunc(q.Where, func(f metric.Filter) bool {
		return slices.ContainsFunc(f.Values, func(v metric.Value) bool {
			value, ok := new(big.Rat).SetString(v.Text)
			return ok && value.Cmp(number) == 0
		})
	})
}

func hasField(q metric.Query, field string) bool {
	return slices.ContainsFunc(q.Where, func(f metric.Filter) bool { return f.Field == field })
}

// keepsKey looks for the place of a word of the grammar. Words that only lead up
// to others need none; those that a draft has no slot for can be in none.
func (s *sentence) keepsKey(q metric.Query, p piece) bool {
	viewer := func(field string) bool {
		return slices.ContainsFunc(q.Where, func(f metric.Filter) bool {
			return f.Field == field && slices.ContainsFunc(f.Values, func(v metric.Value) bool { return v.ID == s.asked.Viewer.PersonID })
		})
	}
	negative := slices.ContainsFunc(q.Where, func(f metric.Filter) bool { return isNegative(f.Op) || f.Op == metric.IsNull })
	switch {
	case len(p.meanings) == 0 || p.isAny(keyHarmless, keyThanks, keyOpening, keyBy, keyWhich, keyAnd, keyOnly, keyHowMany, keyHowMuch, keyWhatIs, keyAll):
		return true
	case p.isAny(keyNot, keyWithout, keyBut):
		return negative
	case p.isAny(keyMine, keyMyNumber, keyMyCount):
		return viewer("person")
	case p.isAny(keyMyTeam):
		return viewer("manager")
	case p.isAny(keyTop, keyBottom, keyBest, keyWorst, keyLimit, keyNewest, keyOldest, keyByAmount):
		return q.Order != "" || q.Limit > 0
	case p.isAny(keyVersus, keyCompare, keyChange, keyPrevious):
		return q.Compare != ""
	case p.isAny(keyOver, keyUnder, keyAtLeast, keyAtMost, keyBetween, keyExactly, keyAmount):
		return hasField(q, metric.FieldAmount)
	case p.isAny(keyDeals, keyList):
		return q.Shape == metric.ShapeDeals || s.metric(q.Metric).Unit == metric.UnitCount
	case p.isAny(keyClosing, keyNow):
		return s.metric(q.Metric).Stock
	default:
		return false
	}
}
