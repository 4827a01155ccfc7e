package ask

import (
	"fmt"
	"slices"
	"strings"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// The fields of people; the same names as in every catalogue's registry.
const (
	personField  = "person"
	managerField = "manager"

	territoryField  = "territory"
	accountField    = "account"
	productField    = "product"
	competitorField = "competitor"
	lossReasonField = "loss_reason"
	categoryField   = "forecast_category"
)

func (r *reader) kindMatches(kind string, at int) bool {
	return slices.ContainsFunc(r.at(at).names, func(n insights.Name) bool {
		_, ok := ofKind(n, kind)
		return ok
	})
}

// readNot reads "excluding Central", "not territory East", "without product",
// "everyone except me".
func (r *reader) readNot(p piece) bool {
	if p.is(keyWithout) && r.readLacks(p) {
		return true
	}
	r.pos++
	after := r.pos
	r.skipArticles()
	d, ok := r.here().dimension()
	if ok && p.is(keyWithout) && !r.isTime(d.dimension) && !r.kindMatches(d.dimension, r.pos+1) {
		r.q.where = append(r.q.where, metric.Filter{Field: d.dimension, Op: metric.IsNull})
		r.pos++
		return true
	}
	if p.is(keyWithout) && r.here().is(keyAmount) {
		r.q.where = append(r.q.where, metric.Filter{Field: metric.FieldAmount, Op: metric.IsNull})
		r.pos++
		return true
	}
	switch {
	case r.leaveOut():
	case r.tokens[p.from].word == "drop":
		r.pos, r.q.moved = after, after // "why did pipeline drop since monday"
	default:
		r.fail(p)
	}
	return true
}

// quantifiers are the words after which "but" leaves something out.
var quantifiers = []string{"all", "any", "every", "each", "everyone", "everyones", "everybody", "everything", "anything", "whole", "entire"}

// readBut reads "everyone but me", "all products but GTX Pro". Anywhere else,
// "but" could mean this or its opposite.
func (r *reader) readBut(p piece) bool {
	quantified := func(q piece) bool {
		words := r.tokens[q.from:q.to]
		return q.part == nil && slices.ContainsFunc(words, func(t token) bool { return slices.Contains(quantifiers, t.word) })
	}
	if !slices.ContainsFunc(r.pieces[:r.pos], quantified) {
		return false
	}
	r.pos++
	if r.here().is(keyHarmless) && words(r.tokens[r.here().from:r.here().to]) == "the" {
		r.pos++
	}
	if !r.leaveOut() {
		r.fail(p)
	}
	return true
}

// leaveOut reads what is left out: names, "me", "my team", or several of them.
func (r *reader) leaveOut() bool {
	if !r.leaveOutOne() {
		return false
	}
	for r.here().isAny(keyAnd, keyOr) {
		back := r.pos
		r.pos++
		if !r.leaveOutOne() {
			r.pos = back
			return true
		}
	}
	return true
}

func (r *reader) leaveOutOne() bool {
	p, kind := r.here(), ""
	if d, ok := p.dimension(); ok && r.kindMatches(d.dimension, r.pos+1) {
		kind = d.dimension
		r.pos++
	}
	switch {
	case len(r.here().names) > 0:
		r.readNames(metric.Ne, kind)
	case p.is(keyMine) && slices.Contains([]string{"me", "myself", "mine", "my deals", "my opportunities"}, words(r.tokens[p.from:p.to])):
		r.readOwn(p, metric.Ne)
	case p.is(keyMyTeam):
		r.readOwnTeam(p, metric.Ne)
	case p.is(keyMyPatch):
		r.readOwnPatch(p, metric.Ne)
	default:
		return false
	}
	if last := r.at(r.pos - 1); r.tokens[last.to-1].stem != r.tokens[last.to-1].word && len(r.here().names) > 0 {
		r.fail(r.here()) // "all but Anna's Kenya deals": neither is left out alone
	}
	return true
}

// readNames reads one name or a list of them: "Central", "Central and East",
// "Anna Snelling vs Moses Frase". Before "team", a person's name means those
// who report to them.
func (r *reader) readNames(op metric.Op, kind string) {
	first := r.pos
	name, ok := r.readName(kind)
	if !ok {
		return
	}
	names, field, side := []insights.Name{name}, name.Kind, false
	for {
		back := r.pos
		joint := r.here()
		if joint.isAny(keyAnd, keyOr, keyVersus) {
			r.pos++
		}
		if joint.is(keyVersus) {
			r.skipArticles()
		}
		if d, ok := r.here().dimension(); ok && d.dimension == field && len(r.at(r.pos+1).names) > 0 {
			r.pos++
		}
		next, ok := r.readAnother(field)
		if !ok {
			r.pos = back
			if joint.is(keyOr) {
				r.fail(joint)
				r.pos++
			}
			break
		}
		again := slices.ContainsFunc(names, func(n insights.Name) bool { return n.ID == next.ID && n.Text == next.Text })
		if again && joint.isAny(keyOr, keyVersus) {
			r.fail(joint) // "Ann or Lee", where Ann is the only Lee: somebody else was meant
		}
		side = side || joint.is(keyVersus)
		names = append(names, next)
	}
	if d, ok := r.here().dimension(); ok && d.dimension == field && !r.kindMatches(field, r.pos+1) {
		r.pos++ // "the Central territory"
	}
	if r.here().is(keyTeam) && field == personField && r.possessive(r.pos-1) {
		field = managerField
		r.pos++
	}
	if side || r.q.compareWord > 0 && len(names) > 1 {
		r.breakDown(r.at(first), field)
	}
	r.filter(field, op, names)
}

// possessive reports whether a piece ends with a possessive 's.
func (r *reader) possessive(at int) bool {
	p := r.at(at)
	if p.to == 0 {
		return false
	}
	last := r.tokens[p.to-1]
	return last.stem != last.word || strings.HasSuffix(last.word, "s")
}

// readName reads the one name that the piece means, or forks.
func (r *reader) readName(kind string) (insights.Name, bool) {
	p := r.here()
	if names := keepKind(p.names, kind); kind != "" {
		p.names = names
		r.pieces = r.with(r.pos, p)
	}
	if len(p.names) > 1 && r.at(r.pos+1).is(keyTeam) && r.possessive(r.pos) {
		p.names = dedupe(keepKind(p.names, personField))
		r.pieces = r.with(r.pos, p)
	}
	if len(p.names) != 1 || r.isPronoun(p) {
		if r.q.fork == nil {
			r.q.fork = r.nameFork(r.pos)
		}
		r.pos++
		return insights.Name{}, false
	}
	r.noteName(p)
	r.pos++
	return p.names[0], true
}

// readAnother reads a further name of the same field, if one stands here.
func (r *reader) readAnother(field string) (insights.Name, bool) {
	p := r.here()
	same := keepKind(p.names, field)
	if len(same) == 0 {
		return insights.Name{}, false
	}
	p.names = same
	r.pieces = r.with(r.pos, p)
	return r.readName(field)
}

// keepKind keeps the names that are of the kind.
func keepKind(names []insights.Name, kind string) []insights.Name {
	var out []insights.Name
	for _, n := range names {
		if n, ok := ofKind(n, kind); ok {
			out = append(out, n)
		}
	}
	return dedupe(out)
}

func (r *reader) noteName(p piece) {
	if n := p.names[0]; n.Similarity < 1 {
		r.note(fmt.Sprintf("read “%s” as %s", r.typed(p), n.Text))
	}
}

// filter adds a filter on names; several names make it a list. One that is said
// in two words, one of them mistyped, is one name.
func (r *reader) filter(field string, op metric.Op, names []insights.Name) {
	f := metric.Filter{Field: field, Op: op}
	for _, n := range names {
		if v := (metric.Value{ID: n.ID, Text: n.Text}); !slices.Contains(f.Values, v) {
			f.Values = append(f.Values, v)
		}
	}
	if len(f.Values) > 1 {
		f.Op = map[metric.Op]metric.Op{metric.Eq: metric.In, metric.Ne: metric.NotIn}[op]
	}
	for _, other := range r.q.where {
		if other.Field == field && !isNegative(other.Op) && !isNegative(f.Op) {
			r.fail(r.at(r.pos - 1)) // two different things at once: neither alone is meant
			return
		}
	}
	r.q.where = append(r.q.where, f)
}

func isNegative(op metric.Op) bool { return op == metric.Ne || op == metric.NotIn }

// readMine reads "my", "me" and the like: the asker's own deals.
func (r *reader) readMine(p piece) bool {
	if r.ownsPeople() {
		return r.readMyTeam(p) // "my worst rep"
	}
	if r.isOwnManager(p) {
		r.fail(p)
		r.fail(r.at(r.pos + 1))
		r.pos += 2
		return true
	}
	r.readOwn(p, metric.Eq)
	return true
}

// isOwnManager reports whether "my" is of "my manager", who is one person and no
// breakdown.
func (r *reader) isOwnManager(p piece) bool {
	next := r.at(r.pos + 1)
	d, ok := next.dimension()
	return ok && d.dimension == managerField && next.to == p.to+1 && r.tokens[p.from].word == "my" && p.to == p.from+1 &&
		slices.Contains([]string{"manager", "mgr"}, r.tokens[next.from].stem) && !r.kindMatches(managerField, r.pos+2)
}

// ownsPeople reports whether the people who follow a "my" and a ranking are
// meant, as in "my top 3 reps", by somebody who leads some.
func (r *reader) ownsPeople() bool {
	at := r.pos + 1
	for r.at(at).isAny(keyTop, keyBottom, keyBest, keyWorst) || r.at(at).number != nil {
		at++
	}
	d, ok := r.at(at).dimension()
	return at > r.pos+1 && ok && d.dimension == personField && r.asked.Viewer.Role != metric.RoleRep
}

// readOwn adds a filter on the asker's own deals.
func (r *reader) readOwn(p piece, op metric.Op) {
	v := r.asked.Viewer
	if v.PersonID == 0 {
		r.refuse(p, "You are asking as an administrator, who owns no deals; name the person instead.")
		r.pos++
		return
	}
	if op == metric.Eq && p.to-p.from > 1 && loose(r.tokens[p.to-1].stem) == "deal" {
		r.q.deals = r.pos + 1
	}
	r.pos++
	own := insights.Name{Kind: personField, ID: v.PersonID, Text: v.Name}
	for _, f := range r.q.where {
		if f.Field == personField && f.Op == op && len(f.Values) == 1 && f.Values[0].ID == v.PersonID {
			return // "how much did I win with my deals"
		}
	}
	r.filter(personField, op, []insights.Name{own})
}

// readMyTeam reads "my team": those who report to the asker or, of somebody to whom
// nobody does, those who report to the same manager.
func (r *reader) readMyTeam(p piece) bool {
	r.readOwnTeam(p, metric.Eq)
	return true
}

func (r *reader) readOwnTeam(p piece, op metric.Op) {
	v := r.asked.Viewer
	r.pos++
	switch {
	case v.PersonID == 0:
		r.refuse(p, "You are asking as an administrator, who leads no team; name the manager instead.")
	case r.leadsNobody() && len(r.leads) == 1 && r.saysTeam(p):
		r.note("“" + r.typed(p) + "” is that of " + r.leads[0].Text + ", to whom you report")
		r.filter(managerField, op, r.leads)
	case r.leadsNobody():
		r.refuse(p, "Nobody reports to you; name the manager whose team is meant.")
	default:
		r.filter(managerField, op, []insights.Name{{Kind: managerField, ID: v.PersonID, Text: v.Name}})
	}
}

// readMyPatch reads "my patch": the territory that the asker holds on the day of
// asking. Of several it asks which.
func (r *reader) readMyPatch(p piece) bool {
	r.readOwnPatch(p, metric.Eq)
	return true
}

func (r *reader) readOwnPatch(p piece, op metric.Op) {
	if len(r.patch) == 0 {
		r.refuse(p, "You hold no territory today; ask for one by its name.")
		r.pos++
		return
	}
	r.pieces = r.with(r.pos, piece{from: p.from, to: p.to, names: r.patch})
	if len(r.patch) == 1 {
		r.note("“" + r.typed(p) + "” is " + r.patch[0].Text + ", which you hold today")
	} else if r.q.fork == nil {
		r.q.fork = r.nameFork(r.pos)
		r.q.fork.ask = "You hold several territories. Which of them?"
	}
	r.readNames(op, territoryField)
}

// numbers are what words like "my number" ask of the asker, or of those who
// report to them.
var numbers = map[key]string{
	keyMyNumber: "quota_attainment", keyOurNumber: "quota_attainment",
	keyMyPace: "pace", keyOurPace: "pace",
	keyMyGap: "pace_gap", keyOurGap: "pace_gap",
	keyMyLeft: "quota_remaining", keyOurLeft: "quota_remaining",
}

// readMyNumber reads "my number", "how are we tracking", "am I ahead of plan".
func (r *reader) readMyNumber(p piece) bool {
	name := ""
	for k, of := range numbers {
		if p.is(k) {
			name = of
		}
	}
	if len(r.inCatalog([]string{name})) == 0 || r.tokens[p.to-1].word == "numbers" {
		return false
	}
	r.q.mentions = append(r.q.mentions, mention{at: r.pos, names: []string{name}, sure: true})
	r.q.number = r.typed(p)
	v := r.asked.Viewer
	switch {
	case p.isAny(keyMyNumber, keyMyPace, keyMyGap, keyMyLeft):
		r.readOwn(p, metric.Eq)
	case v.PersonID != 0 && (v.Role == metric.RoleManager || strings.Contains(words(r.tokens[p.from:p.to]), "team")):
		r.readOwnTeam(p, metric.Eq)
	default:
		r.pos++ // the whole company's
	}
	return true
}

// readMyCount reads "my number of", "our team's number of", "our number of".
func (r *reader) readMyCount(p piece) bool {
	switch said := words(r.tokens[p.from:p.to]); {
	case strings.Contains(said, "team"):
		r.readOwnTeam(p, metric.Eq)
	case strings.HasPrefix(said, "our"):
		r.readEverybody(p)
	default:
		r.readOwn(p, metric.Eq)
	}
	r.q.counts = r.pos
	return true
}

// readEverybody reads "our", "everyone", "company": no filter on people.
func (r *reader) readEverybody(p piece) bool {
	if d, ok := p.dimension(); ok && r.kindMatches(d.dimension, r.pos+1) {
		return false // "company Acme"
	}
	r.q.dropped = append(r.q.dropped, personField, managerField)
	r.pos++
	return true
}

// readHintedTeam reads "team" after /pipeline and the like, and where a question
// begins with it before a figure, as in "team attainment": the asker's own.
func (r *reader) readHintedTeam(p piece) bool {
	if r.asked.Hint == "" && r.isFirst() && len(r.at(r.pos+1).metrics()) > 0 && r.tokens[p.from].word == "team" {
		return r.readMyTeam(p)
	}
	if r.asked.Hint == "" || r.tokens[p.from].word != "team" || len(r.pieces) > 1 && r.at(r.pos-1).is(keyBy) {
		return false
	}
	return r.readMyTeam(p)
}

// readTeamOf reads "team of Dustin Brinkmann".
func (r *reader) readTeamOf(p piece) bool {
	r.pos++
	r.skipArticles()
	if d, ok := r.here().dimension(); ok && d.dimension == managerField {
		r.pos++
	}
	switch {
	case r.here().is(keyMine):
		return r.readMyTeam(r.here())
	case r.kindMatches(managerField, r.pos):
		r.readNames(metric.Eq, managerField)
	default:
		r.fail(p)
	}
	return true
}

// readAll reads "all territories": no filter on them. "All" alone says nothing.
func (r *reader) readAll(piece) bool {
	r.pos++
	d, ok := r.here().dimension()
	if !ok || len(r.at(r.pos+1).names) > 0 {
		return true
	}
	r.q.dropped = append(r.q.dropped, d.dimension)
	r.pos++
	return true
}
