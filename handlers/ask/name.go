package ask

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// maxGram is how many words an unquoted name can have.
const maxGram = 4

// window is a stretch of tokens that may be a name. After a word such as
// "territory" it must be of that kind, and may be any words at all.
type window struct {
	from, to int
	kind     string
	quoted   bool
}

// find looks up the names that may stand in the sentence and, where short words
// that are none were mistyped, once more; and what the asker's own patch is, if it
// is spoken of.
func (s *sentence) find(ctx context.Context, names Names) error {
	if err := s.lookUp(ctx, names); err != nil {
		return err
	}
	if s.mendShort() {
		s.pieces = s.lexicon.scan(s.calendar, s.tokens)
		if err := s.lookUp(ctx, names); err != nil {
			return err
		}
	}
	return s.findOwn(ctx, names)
}

// findOwn looks up what is the asker's own: the patch that they hold, the team that
// they are of.
func (s *sentence) findOwn(ctx context.Context, names Names) (err error) {
	asker := s.asked.Viewer.PersonID
	if names == nil || asker == 0 {
		return nil
	}
	if slices.ContainsFunc(s.pieces, func(p piece) bool { return p.is(keyMyPatch) }) {
		if s.patch, err = names.Patch(ctx, asker, s.calendar.today); err != nil {
			return err
		}
	}
	if s.leadsNobody() && slices.ContainsFunc(s.pieces, s.saysTeam) {
		s.leads, err = names.Leads(ctx, asker, s.calendar.today)
	}
	return err
}

// saysTeam reports whether a piece is of a team, and not of those who report to
// somebody, whom a rep has none of.
func (s *sentence) saysTeam(p piece) bool {
	return p.to > p.from && slices.ContainsFunc(s.tokens[p.from:p.to], func(t token) bool { return t.word == "team" || t.word == "teams" })
}

// leadsNobody reports whether the asker is a rep to whom nobody reports.
func (s *sentence) leadsNobody() bool {
	v := s.asked.Viewer
	return v.Role == metric.RoleRep && len(v.People) <= 1
}

// lookUp makes pieces of the names that stand in the sentence: in one call what
// bears such a name and, only where words of no meaning are left, in another what
// is spelled alike.
func (s *sentence) lookUp(ctx context.Context, names Names) error {
	if names == nil {
		return nil
	}
	windows := s.windows()
	phrases := s.lookups(windows)
	if slices.ContainsFunc(s.pieces, func(p piece) bool { return p.is(keyPlanned) }) {
		phrases = append(phrases, insights.AnyPlannedMap)
	}
	if len(phrases) == 0 {
		return nil
	}
	found, err := names.Find(ctx, s.asked.Viewer, phrases)
	if err != nil {
		return err
	}
	s.findPlanned(found)
	s.place(windows, found)
	return s.findAlike(ctx, names)
}

func (s *sentence) findAlike(ctx context.Context, names Names) error {
	windows := s.misspelt()
	if len(windows) == 0 {
		return nil
	}
	found, err := names.Resemble(ctx, s.asked.Viewer, s.lookups(windows))
	if err != nil {
		return err
	}
	s.place(windows, found)
	return nil
}

// lookups are the phrases to look up for windows, each once.
func (s *sentence) lookups(windows []window) []string {
	var out []string
	for _, w := range windows {
		for _, phrase := range s.phrases(w) {
			if !slices.Contains(out, phrase) {
				out = append(out, phrase)
			}
		}
	}
	return out
}

// misspelt lists the windows that may hold a misspelt name: those of words that
// mean nothing so far, and of names beside them, as the first word of "melvin
// marxn" is one.
func (s *sentence) misspelt() []window {
	unknown, named := make([]bool, len(s.tokens)), make([]bool, len(s.tokens))
	for _, p := range s.pieces {
		for i := p.from; i < p.to; i++ {
			unknown[i], named[i] = p.unknown(), len(p.names) > 0
		}
	}
	return slices.DeleteFunc(s.windows(), func(w window) bool {
		anyUnknown := slices.Contains(unknown[w.from:w.to], true)
		for i := w.from; i < w.to; i++ {
			if !unknown[i] && !named[i] {
				return true
			}
		}
		return !anyUnknown
	})
}

// windows lists where names may stand: stretches that begin or end with words
// of no other meaning, quoted passages, and what follows a kind of thing.
func (s *sentence) windows() []window {
	open := make([]bool, len(s.tokens)) // tokens that no phrase of ours holds
	for _, p := range s.pieces {
		for i := p.from; i < p.to; i++ {
			open[i] = p.unknown() || p.mended || len(p.names) > 0
		}
	}
	var out []window
	for from := range s.tokens {
		for to := from + 1; to <= min(from+maxGram, len(s.tokens)); to++ {
			if (open[from] || open[to-1]) && s.nameable(from, to) {
				out = append(out, window{from: from, to: to})
			}
		}
	}
	return append(append(out, s.quotedWindows()...), s.kindWindows()...)
}

func (s *sentence) quotedWindows() []window {
	var out []window
	for from := 0; from < len(s.tokens); {
		to := from + 1
		for to < len(s.tokens) && s.tokens[to].quote == s.tokens[from].quote {
			to++
		}
		if s.tokens[from].quote != 0 {
			out = append(out, window{from: from, to: to, quoted: true})
		}
		from = to
	}
	return out
}

// kindWindows lists what stands after the name of a dimension, unless the
// dimension is a breakdown: "stage won", but not "by stage won"; and after "as
// planned".
func (s *sentence) kindWindows() []window {
	var out []window
	for i, p := range s.pieces {
		d, ok := p.dimension()
		planned := p.is(keyPlanned)
		if planned {
			d.dimension = kindMap
		}
		if !planned && (!ok || i > 0 && s.pieces[i-1].isAny(keyBy, keyTop, keyBottom, keyBest, keyWorst)) {
			continue
		}
		for to := p.to + 1; to <= min(p.to+maxGram, len(s.tokens)); to++ {
			if s.nameable(p.to, to) {
				out = append(out, window{from: p.to, to: to, kind: d.dimension})
			}
		}
	}
	return out
}

// nameable reports whether tokens can be a name together: they hold a letter
// or digit, and lie within one quoted passage or outside all.
func (s *sentence) nameable(from, to int) bool {
	ts := s.tokens[from:to]
	return sameQuote(ts) && startsLetterOrDigit(ts[0].word) && startsLetterOrDigit(ts[len(ts)-1].word)
}

func startsLetterOrDigit(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return isWordRune(r)
}

// phrase is the text of a window as typed, without the possessive at its end.
func (s *sentence) phrase(w window) string {
	text := s.text[s.tokens[w.from].start:s.tokens[w.to-1].end]
	if w.quoted {
		return s.quotedText(w)
	}
	if last := s.tokens[w.to-1]; last.stem != last.word {
		text = text[:len(text)-2]
	}
	return text
}

// phrases returns what to look up for a window: its phrase and, if that may
// be a possessive typed without its apostrophe, the phrase without the s.
func (s *sentence) phrases(w window) []string {
	phrase := s.phrase(w)
	if s.isUnitedStates(w) {
		return append([]string{phrase}, unitedStates...)
	}
	last := s.tokens[w.to-1]
	if bare, ok := strings.CutSuffix(phrase, "s"); ok && !w.quoted && last.stem == last.word && len(last.word) > 3 {
		return []string{phrase, bare}
	}
	return []string{phrase}
}

// unitedStates are the names that a country may have which people call "US".
var unitedStates = []string{"United States", "United States of America", "USA", "US"}

// isUnitedStates reports whether a window says "USA", "U.S." or "US". In small
// letters "us" may be a pronoun: only "in us", "for us" and "the us" may be the
// country.
func (s *sentence) isUnitedStates(w window) bool {
	ts := s.tokens[w.from:w.to]
	switch words(ts) {
	case "usa", "u s", "u s a":
		return true
	case "us":
		return ts[0].text == "US" || w.quoted || w.kind == "country" ||
			w.from > 0 && slices.Contains([]string{"in", "for", "the", "from", "within", "outside"}, s.tokens[w.from-1].word)
	default:
		return false
	}
}

// quotedText is all that stands between the quotation marks around a window.
func (s *sentence) quotedText(w window) string {
	start, end := s.tokens[w.from].start, s.tokens[w.to-1].end
	open := strings.LastIndex(s.text[:start], `"`)
	closed := strings.Index(s.text[end:], `"`)
	return s.text[open+1 : end+max(closed, 0)]
}

// placed is a window and the names that were found for it.
type placed struct {
	window
	names []insights.Name
}

// exact reports whether the names are spelled as they were typed.
func (p placed) exact() bool { return p.names[0].Similarity >= 1 }

// place puts the found names where they stand. What follows a kind of thing
// comes first, then exact names before similar ones, and longer before shorter.
func (s *sentence) place(windows []window, found []insights.Name) {
	var all []placed
	for _, w := range windows {
		if names := candidates(s.phrases(w), w, found); len(names) > 0 {
			all = append(all, placed{w, names})
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return b.rank() - a.rank() })
	taken := map[int]bool{} // tokens of exact names that did not fit
	for _, p := range all {
		switch {
		case s.fits(p) && (p.exact() || !taken[p.from] && !taken[p.to-1]):
			s.put(p)
		case p.exact() && p.to-p.from > 1:
			for i := p.from; i < p.to; i++ {
				taken[i] = true
			}
		}
	}
}

func (p placed) rank() int {
	rank := p.to - p.from
	if p.quoted && p.exact() {
		rank += 400
	}
	if p.exact() {
		rank += 200
	}
	if p.kind != "" {
		rank += 100
	}
	return rank
}

// candidates returns the best of the names found for phrases: the exact ones
// or, if there are none, the most similar.
func candidates(phrases []string, w window, found []insights.Name) []insights.Name {
	var out []insights.Name
	for _, n := range found {
		same := func(phrase string) bool { return strings.EqualFold(n.Phrase, phrase) }
		if !slices.ContainsFunc(phrases, same) {
			continue
		}
		isAlias := !strings.EqualFold(n.Phrase, phrases[0]) && slices.Contains(unitedStates, n.Phrase)
		if isAlias && (n.Kind != "country" || n.Similarity < 1) {
			continue // only the country goes by another name
		}
		n, ok := ofKind(n, w.kind)
		if !ok || n.Similarity < 1 && !resembles(n.Phrase, n.Text) {
			continue
		}
		out = append(out, n)
	}
	slices.SortStableFunc(out, func(a, b insights.Name) int { return compareSimilarity(b, a) })
	end := 0
	for end < len(out) && closeTo(out[end], out[0]) {
		end++
	}
	return dedupe(out[:end])
}

// ofKind reports whether a name can be of the kind; managers are people.
func ofKind(n insights.Name, kind string) (insights.Name, bool) {
	switch {
	case kind == "" && n.Kind != kindMap || n.Kind == kind:
		return n, true
	case kind == "manager" && n.Kind == "person" || kind == "person" && n.Kind == "manager":
		n.Kind = kind
		return n, true
	default:
		return n, false
	}
}

func compareSimilarity(a, b insights.Name) int {
	switch {
	case a.Similarity < b.Similarity:
		return -1
	case a.Similarity > b.Similarity:
		return 1
	default:
		return 0
	}
}

// closeTo reports whether a name is as good a candidate as the best one.
func closeTo(n, best insights.Name) bool {
	const near = 0.15
	if best.Similarity >= 1 {
		return n.Similarity >= 1
	}
	return best.Similarity-n.Similarity < near
}

func dedupe(names []insights.Name) []insights.Name {
	var out []insights.Name
	for _, n := range names {
		same := func(o insights.Name) bool {
			return o.Kind == n.Kind && o.ID == n.ID && strings.EqualFold(o.Text, n.Text)
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, n)
		}
	}
	return out
}

// resembles reports whether every word of a phrase is a word of the name, in
// the singular or plural, or nearly that word: similarity alone would swallow
// words that have nothing to do with the name. Beside a word that is right, a
// short one may be mistyped too: "fjrod foods".
func resembles(phrase, name string) bool {
	parts, right := spell(name), false
	typed := spell(phrase)
	for _, w := range typed {
		right = right || len(w) >= shortTypo && slices.Contains(parts, w)
	}
	for _, w := range typed {
		like := func(part string) bool { return w == part || isTypo(w, part) || right && isShortTypo(w, part) }
		if !slices.ContainsFunc(parts, like) && !like(strings.Join(parts, "")) {
			return false
		}
	}
	return true
}

// shortTypo is the least length of a mistyped word of a name whose other words
// are right.
const shortTypo = 4

func isShortTypo(word, right string) bool {
	return len(word) >= shortTypo && len(right) >= shortTypo && word[0] == right[0] && distance(word, right) == 1
}

// isTypo reports whether a word is another, mistyped or in the other number.
// Words of fewer than six letters are too like others: "foo" is not "food".
func isTypo(word, right string) bool {
	if utf8.RuneCountInString(word) < minTypo || utf8.RuneCountInString(right) < minTypo || word[0] != right[0] {
		return false
	}
	far := distance(word, right)
	return loose(word) == loose(right) || far <= 1+len(word)/7 && !isOtherForm(word, right, far)
}

// isOtherForm reports whether two words differ by their endings alone, as
// "industrial" and "industries" do: such a word is not mistyped.
func isOtherForm(a, b string, far int) bool {
	if far < 2 || loose(a) == loose(b) {
		return false
	}
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	const ending = 3
	return same >= max(len(a), len(b))-ending
}

// fits reports whether a name can stand where it was found. A similar name
// takes words of no other meaning only; an exact one also those of phrases
// that it wholly covers and exceeds.
func (s *sentence) fits(p placed) bool {
	for _, q := range s.pieces {
		if q.to <= p.from || q.from >= p.to || q.unknown() {
			continue
		}
		whole := q.from >= p.from && q.to <= p.to
		if whole && !p.exact() && p.to-p.from > q.to-q.from && within(p.names, q.names) {
			continue // the other words tell which of the names is meant
		}
		longer := p.to-p.from > q.to-q.from || p.quoted || p.kind != "" || q.mended
		if len(q.names) > 0 || !whole || !p.exact() || !longer {
			return false
		}
	}
	return true
}

// within reports whether all names are among others.
func within(names, others []insights.Name) bool {
	return !slices.ContainsFunc(names, func(n insights.Name) bool {
		return !slices.ContainsFunc(others, func(o insights.Name) bool { return o.Kind == n.Kind && o.ID == n.ID && o.Text == n.Text })
	})
}

// put replaces the pieces under a name by one.
func (s *sentence) put(p placed) {
	var out []piece
	done := false
	for _, q := range s.pieces {
		switch {
		case q.to <= p.from || q.from >= p.to:
			out = append(out, q)
		case !done:
			out = append(out, piece{from: p.from, to: p.to, names: p.names})
			done = true
		}
	}
	s.pieces = out
}
