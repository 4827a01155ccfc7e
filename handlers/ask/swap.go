package ask

import (
	"slices"
	"strings"
)

// A short word is mended only if two of its letters behind the first are
// swapped, as in "wno" and "qouta". Any other single letter makes too many
// words of a short one: "dead" is not "deal", and "lots" is not "lost".

// unswapped are words of their own, or of names, that are others with two
// letters swapped.
var unswapped = strings.Fields("arp beast beta betas bene bets bia chere clod colo cots dails dce dorp dose fir form fra gaol geo geos godo goe greta grd " +
	"hadn inst isn juts kidn kip kips leda lief lien lits lots lte mali mena menas mete mial mien mmo mots mra mya nah net pats perv pre pul quite roes sal " +
	"salse seta setas silo sla spilt sti tow trial tuh wast worts wroth")

// addSwaps enters the short words that are known with two letters swapped. What
// could be several words, or is one itself, is left out.
func (l *lexicon) addSwaps() {
	l.swapped = map[string]string{}
	several := map[string]bool{}
	for word := range l.known {
		for _, typed := range swaps(word) {
			other, twice := l.swapped[typed]
			several[typed] = several[typed] || twice && loose(other) != loose(word)
			if !twice || word < other {
				l.swapped[typed] = word
			}
		}
	}
	for typed := range l.swapped {
		if several[typed] || l.known[typed] || l.known[loose(typed)] || slices.Contains(unswapped, typed) {
			delete(l.swapped, typed)
		}
	}
}

// swaps are a word of three to five letters with two of them swapped.
func swaps(word string) []string {
	const least, most = 3, 5
	letters := strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == ""
	if len(word) < least || len(word) > most || !letters {
		return nil
	}
	var out []string
	for i := 1; i+1 < len(word); i++ {
		if word[i] != word[i+1] {
			out = append(out, word[:i]+word[i+1:i+2]+word[i:i+1]+word[i+2:])
		}
	}
	return out
}

// mendShort mends the short words that mean nothing, and are no names. It
// reports whether there were any.
func (s *sentence) mendShort() bool {
	mended := false
	for _, p := range s.pieces {
		if !p.unknown() || p.to != p.from+1 {
			continue
		}
		t := &s.tokens[p.from]
		if right, ok := s.lexicon.swapped[t.word]; ok && t.quote == 0 {
			t.mended, t.word, t.stem, mended = t.text, right, right, true
		}
	}
	return mended
}
