package ask

import (
	"slices"
	"strings"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Who owns something is asked in one sentence: words that ask for an owner, the
// one thing that is asked about, and nothing else that means anything but a
// moment. All of the words must be of such a sentence, so that "who has the most
// open pipeline in East" is a ranking.

// ownerLeads are the words before the thing, ownerTails those behind it. Either
// asks by itself.
var (
	ownerLeads = slices.Concat(
		[]string{"who owns", "who own", "who has", "whos got", "who has got", "who holds", "who covers", "who handles", "who looks after", "who works on", "who takes care of", "owner of", "owners of", "owner", "owner for", "account owner of", "account owner for", "rep for", "rep on", "whose", "whose is", "whose account is", "whose territory is", "whose deal is"},
		eachOf([]string{"who is", "whos"}, []string{"on", "owner of", "owner for", "account owner of", "account owner for", "owner on", "rep for", "rep on", "account rep for", "account manager for", "account manager of", "account executive for", "ae for", "ae on", "responsible for", "in charge of", "looking after", "covering", "working on", "handling", "working"}),
	)
	ownerTails = slices.Concat(
		[]string{"who owns it", "who owns that", "who has it", "who holds it", "who covers it", "whose is it", "whose is that", "whose account is it", "owner", "owners", "account owner", "is whose", "is owned by who", "is owned by whom", "belongs to who", "belongs to whom"},
		eachOf([]string{"who is", "whos"}, []string{"on it", "on that", "owner", "account owner", "rep", "responsible", "in charge", "working on it", "working it", "looking after it"}),
	)
)

func eachOf(starts, ends []string) []string {
	var out []string
	for _, start := range starts {
		for _, end := range ends {
			out = append(out, start+" "+end)
		}
	}
	return out
}

// owned are the kinds of things that have owners and are found by their names.
var owned = []string{territoryField, "account"}

// readOwner reads a sentence that asks who owns something, and reports whether it
// is one.
func (r *reader) readOwner() bool {
	if r.readOwnerOfDeal() {
		return true
	}
	at := slices.IndexFunc(r.pieces, func(p piece) bool { return len(ownedNames(p)) > 0 })
	if at < 0 || slices.ContainsFunc(r.pieces[at+1:], func(p piece) bool { return len(p.names) > 0 }) {
		return false
	}
	before, after := r.saidOfOwner(r.pieces[:at]), r.saidOfOwner(r.pieces[at+1:])
	asks := slices.Contains(ownerLeads, before) && after == "" || before == "" && slices.Contains(ownerTails, after)
	if goesOn := r.goesOnFromOwner(at) && after == ""; !asks && !goesOn {
		r.q = question{}
		return false
	}
	p := r.at(at)
	p.names = ownedNames(p)
	if len(p.names) > 1 {
		r.pieces = r.with(at, p)
		r.q.fork = r.nameFork(at)
		return true
	}
	r.noteName(p)
	n := p.names[0]
	r.q.owner = &metric.Filter{Field: n.Kind, Op: metric.Eq, Values: []metric.Value{{ID: n.ID, Text: n.Text}}}
	return true
}

// readOwnerOfDeal reads "who owns the deal" and what it is called, which is all
// that follows. Deals are not among the names that are looked up.
func (r *reader) readOwnerOfDeal() bool {
	at := slices.IndexFunc(r.pieces, func(p piece) bool { return p.to == p.from+1 && r.tokens[p.from].word == "deal" })
	if at < 0 || !slices.Contains(ownerLeads, r.saidOfOwner(r.pieces[:at])) {
		r.q = question{}
		return false
	}
	end := at + 1
	for end < len(r.pieces) && r.pieces[end].moment == nil && r.sameQuotation(r.pieces[at+1], r.pieces[end]) {
		end++
	}
	first, last := r.at(at+1), r.at(end-1)
	called := end > at+1 && (r.tokens[first.from].quote != 0 || len(first.meanings) == 0 || first.is(keyDeals))
	if !called || r.saidOfOwner(r.pieces[end:]) != "" {
		r.q = question{}
		return false
	}
	text := r.text[r.tokens[first.from].start:r.tokens[last.to-1].end]
	r.q.owner = &metric.Filter{Field: metric.FieldDeal, Op: metric.Eq, Values: []metric.Value{{Text: text}}}
	return true
}

// sameQuotation reports whether a piece goes on with a name: with all of one that
// is in quotation marks, and no more.
func (r *reader) sameQuotation(first, p piece) bool {
	quote := r.tokens[first.from].quote
	return quote == 0 || r.tokens[p.from].quote == quote
}

func ownedNames(p piece) []insights.Name {
	var out []insights.Name
	for _, kind := range owned {
		out = append(out, keepKind(p.names, kind)...)
	}
	return out
}

// saidOfOwner are the words of pieces on one side of the thing, without those
// that change nothing there; a moment says as of when it is asked.
func (r *reader) saidOfOwner(pieces []piece) string {
	var said []string
	for i, p := range pieces {
		d, kind := p.dimension()
		switch {
		case p.moment != nil && !p.moment.ahead && r.q.asOf == nil:
			r.q.asOf = p.moment
		case p.part != nil && p.part.Label == "today":
		case p.part != nil || p.moment != nil || p.number != nil:
			return "?" // no such sentence
		case p.isAny(keyNow, keyThanks, keyInstead):
		case kind && slices.Contains(owned, d.dimension) && (i == len(pieces)-1 && len(said) > 0 || i == 0):
			continue // "the account Globex", "the Central territory"
		default:
			said = append(said, r.ownerWords(p)...)
		}
	}
	for len(said) > 0 && slices.Contains(openings, said[0]) {
		said = said[1:]
	}
	return strings.Join(said, " ")
}

// openings change nothing where such a sentence begins.
var openings = []string{"hey", "hi", "hello", "ok", "please", "pls", "plz", "so", "and", "tell", "show", "me", "bot", "salesbot", "thanks"}

// ownerWords are the words of a piece without articles, "who's" being one word.
func (r *reader) ownerWords(p piece) []string {
	var out []string
	for _, t := range r.tokens[p.from:p.to] {
		switch {
		case slices.Contains([]string{"the", "a", "an", "our", "please", "pls", "thanks", "currently"}, t.word):
		case t.stem == "who" && t.word != t.stem:
			out = append(out, "whos")
		default:
			out = append(out, t.word)
		}
	}
	return out
}

// goesOnFromOwner reports whether a name alone goes on from who owned something
// else: "and Globex?"
func (r *reader) goesOnFromOwner(at int) bool {
	more := func(p piece) bool { return p.isAny(keyAnd, keyFollow) }
	other := func(p piece) bool { return !p.isAny(keyAnd, keyFollow, keyHarmless) && p.moment == nil }
	return r.afterOwner && slices.ContainsFunc(r.pieces[:at], more) && !slices.ContainsFunc(r.pieces[:at], other)
}

// ownerOf makes the Query of who owns something.
func (s *sentence) ownerOf(q question) Reading {
	query := metric.Query{Shape: metric.ShapeOwner, Where: []metric.Filter{*q.owner}, Period: metric.Period{Label: AllTime}}
	if q.asOf != nil && q.asOf.known {
		query.Reported = q.asOf.at
	} else if q.asOf != nil {
		query.AsOf = q.asOf.at
	}
	return Reading{Query: &query, Understood: s.understood(query), Notes: q.notes}
}

// sayOwner writes such a Query in words.
func (p *Parser) sayOwner(q metric.Query) string {
	said := append([]string{"who owns " + p.sayFilter(q.Where[0])}, newCalendar(time.Time{}, p.Company).sayStanding(q)...)
	return strings.Join(said, ", ")
}
