package ask

import (
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// The deals in one part of what changed are listed where the change is named,
// "deals won in what changed in pipeline since last week"; behind an answer that
// told it, by the part alone, "show won"; and for the parts whose names mean
// nothing else, "which deals were pulled in since monday".

// partWords are what the deals in each part are called, first as they are said of
// a Query.
var partWords = map[metric.Part][]string{
	metric.PartOpening:       {"at the opening", "opening"},
	metric.PartCreated:       {"created"},
	metric.PartPulledIn:      {"pulled in"},
	metric.PartIncreased:     {"increased"},
	metric.PartReopened:      {"reopened"},
	metric.PartMatched:       {"that came to match", "came to match"},
	metric.PartReassignedIn:  {"reassigned in"},
	metric.PartWon:           {"won"},
	metric.PartLost:          {"lost"},
	metric.PartDecreased:     {"decreased"},
	metric.PartPushedOut:     {"pushed out"},
	metric.PartUnmatched:     {"that no longer match", "no longer match"},
	metric.PartReassignedOut: {"reassigned out", "reassigned away"},
	metric.PartDeleted:       {"deleted"},
	metric.PartUnrecorded:    {"not recorded"},
	metric.PartClosing:       {"at the closing", "closing"},
}

// ownParts are the parts whose names mean nothing else.
var ownParts = []metric.Part{metric.PartPulledIn, metric.PartPushedOut, metric.PartReassignedIn, metric.PartReassignedOut}

// outOf are the words before the period of close dates that deals left or came
// into.
var outOf = map[string]metric.Part{
	"pushed out of": metric.PartPushedOut, "moved out of": metric.PartPushedOut, "fell out of": metric.PartPushedOut, "slipped out of": metric.PartPushedOut,
	"pulled into": metric.PartPulledIn, "pulled in to": metric.PartPulledIn,
}

// addParts enters the words for the parts of a change, those that mean something
// else only before that change is named.
func (l *lexicon) addParts() {
	for part, all := range partWords {
		for _, w := range all {
			for _, lead := range []string{"", "deals ", "deals behind "} {
				for _, of := range []string{"what changed in", "what changed", "the waterfall of", "the waterfall"} {
					l.add(lead+w+" in "+of, meaning{key: keyPartIn, part: part}, false)
				}
			}
			if _, taken := l.exact[strings.Join(spell(w), " ")]; !taken {
				l.add(w, meaning{key: keyPart, part: part}, false)
			}
		}
	}
	for w, part := range outOf {
		l.add(w, meaning{key: keyOutOf, part: part}, false)
	}
}

// readPart reads the name of a part where its deals are asked for.
func (r *reader) readPart(p piece) bool {
	part := p.as(keyPartIn).part
	if part == "" {
		part = r.partAlone(p)
	}
	if part == "" || r.q.part != "" {
		return false
	}
	r.pos++
	r.q.part, r.q.changes = part, r.pos
	return true
}

// partAlone is the part that is named by itself: of the change that was told last,
// or by a name that means nothing else.
func (r *reader) partAlone(p piece) metric.Part {
	if r.asksToCount() || !r.asksToList(p) {
		return ""
	}
	if part := p.as(keyOutOf).part; part != "" {
		return part
	}
	said := words(r.tokens[p.from:p.to])
	for part, all := range partWords {
		switch {
		case !slices.Contains(all, said):
		case r.saysPartOnly(p):
			r.q.follow = true
			return part
		case slices.Contains(ownParts, part) && !r.namesFigure():
			return part
		}
	}
	return ""
}

// asksToList reports whether the other words ask for deals, or go on from a list
// of those of another part.
func (r *reader) asksToList(part piece) bool {
	return slices.ContainsFunc(r.pieces, func(p piece) bool {
		if p.from == part.from || p.to == 0 {
			return false
		}
		shows := slices.ContainsFunc(r.tokens[p.from:p.to], func(t token) bool { return slices.Contains([]string{"show", "see", "list", "open"}, t.word) })
		goesOn := p.isAny(keyFollow, keyAnd) && r.asked.Last != nil && r.asked.Last.Part != ""
		return p.isAny(keyDeals, keyShowDeals, keyBehind) || p.is(keyHarmless) && shows || p.is(keyList) || goesOn
	})
}

func (r *reader) asksToCount() bool {
	return slices.ContainsFunc(r.pieces, func(p piece) bool { return p.isAny(keyHowMany, keyHowMuch, keyBy, keyDefine) })
}

// namesFigure reports whether a figure is named whose changes are not told: "deals
// pulled in win rate" is none of ours.
func (r *reader) namesFigure() bool {
	return slices.ContainsFunc(r.pieces, func(p piece) bool {
		names := p.metrics()
		return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return r.metric(name).TellsChange() })
	})
}

// saysPartOnly reports whether a part of the change that was told last is named,
// and nothing else that a question of its own could be of.
func (r *reader) saysPartOnly(part piece) bool {
	last := r.asked.Last
	if last == nil || last.Shape != metric.ShapeChange && last.Part == "" {
		return false
	}
	return !slices.ContainsFunc(r.pieces, func(p piece) bool {
		return p.from != part.from && !p.isAny(keyHarmless, keyOpening, keyFollow, keyInstead, keyAnd, keyDeals, keyShowDeals, keyBehind, keyWhich, keyList, keyNewest, keyOldest, keyByAmount)
	})
}

// resolvePart takes the words that ask for deals for what the part says already.
func (r *reader) resolvePart() {
	q := &r.q
	if len(q.by) > 0 || q.counts > 0 || q.define > 0 {
		r.refuse(r.at(q.changes-1), "Deals are listed one by one: not broken down, compared or counted.")
	}
	q.listing.at, q.listing.firm, q.listing.behind, q.listing.top, q.deals, q.list, q.who = 0, 0, 0, 0, 0, 0, false
}

// checkWindow asks which days deals were pulled into or pushed out of, where none
// are named: those are of their close dates.
func (r *reader) checkWindow() {
	last := r.asked.Last
	kept := r.q.follow && last != nil && !last.Period.IsAll()
	if r.q.part != metric.PartPulledIn && r.q.part != metric.PartPushedOut || r.q.period != nil || kept || len(r.q.unknown) > 0 || r.q.fork != nil {
		return
	}
	said := r.at(r.q.changes - 1)
	f := &fork{ask: "By their close dates, into or out of which days?"}
	for n := range 2 {
		p := r.calendar.relative(quarter, n, false)
		pieces := append(slices.Clone(r.pieces), piece{from: said.from, to: said.to, meanings: []meaning{{key: keyClosing}}}, piece{from: said.from, to: said.to, part: &p})
		f.ways = append(f.ways, way{label: "closing " + p.Label, pieces: pieces})
	}
	r.q.fork = f
}

// goesOnFromPart reports whether a Query lists the deals of the part that was
// listed last.
func (s *sentence) goesOnFromPart(query metric.Query, q question) bool {
	last := s.asked.Last
	return q.follow && last != nil && last.Part != "" && query.Part == last.Part && query.Metric == last.Metric
}

// listPart makes a Query of shape change one of the deals in a part of it: that
// which is named, or the one that was listed last and is asked for otherwise.
func (s *sentence) listPart(query *metric.Query, q question) {
	part := q.part
	if last := s.asked.Last; part == "" && q.follow && q.changes == 0 && len(q.by) == 0 && last != nil {
		part = last.Part
	}
	query.Part = part
	if part == "" {
		return
	}
	query.Shape, query.By = metric.ShapeDeals, nil
	query.Order, query.Limit, query.Offset = "", 0, 0
	s.page(query, q)
}
