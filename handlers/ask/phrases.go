package ask

import "strings"

// Some phrases are made of parts, of which people take any: "where am I vs
// quota", "how are we doing against plan". They are entered as all of these.

var (
	goals   = []string{"quota", "plan", "target", "goal", "number", "the number"}
	mine    = []string{"", "my ", "our ", "the "}
	against = []string{"vs", "versus", "against", "on", "to", "with", "compared to", "relative to", "with respect to"}
	hitting = []string{"hit", "make", "reach", "get to", "meet"}
)

// howQuarter are the ways to ask how the quarter goes.
func howQuarter(whose string) []string {
	var out []string
	for _, how := range []string{"hows", "how is", "how does"} {
		for _, q := range []string{"quarter", "q", "qtr"} {
			for _, goes := range []string{"looking", "going", "look", "shaping up"} {
				out = append(out, how+" "+whose+" "+q+" "+goes)
			}
		}
	}
	return out
}

// addTracking enters the ways to ask how far somebody is with their quota, and
// how far from it.
func (l *lexicon) addTracking() {
	places := map[key][]string{
		keyMyNumber:  {"where am i", "where do i stand", "where am i at", "how am i doing", "how am i", "how do i stand"},
		keyOurNumber: {"where are we", "where do we stand", "where are we at", "how are we doing", "how are we", "how do we stand", "hows my team doing", "how is my team doing", "hows my team", "where is my team", "how is our team doing", "hows our team doing"},
	}
	gaps := map[key][]string{
		keyMyLeft:  {"how far am i from", "how far off am i from", "how far away am i from", "how far am i off"},
		keyOurLeft: {"how far are we from", "how far off are we from", "how far away are we from", "how far are we off", "how far is my team from"},
	}
	for _, goal := range goals {
		for _, own := range mine {
			what := strings.TrimPrefix(own+goal, "the the ")
			for k, starts := range places {
				l.addEach(k, starts, against, what)
			}
			for k, starts := range gaps {
				l.addEach(k, starts, []string{""}, what)
			}
			l.addEach(keyMyNumber, []string{"am i on", "am i at"}, []string{""}, what)
			l.addEach(keyOurNumber, []string{"are we on", "are we at", "is my team on", "is our team on"}, []string{""}, what)
			l.addNeeds(what)
		}
	}
}

func (l *lexicon) addEach(k key, starts, joints []string, what string) {
	for _, start := range starts {
		for _, joint := range joints {
			l.add(start+" "+joint+" "+what, meaning{key: k}, false)
		}
	}
}

// addNeeds enters "what is left to hit quota" and "enough to hit quota".
func (l *lexicon) addNeeds(what string) {
	for _, verb := range hitting {
		for _, lead := range []string{"whats left", "what is left", "how much is left", "how much more", "what do i need", "how much do i need", "how much more do i need", "how much do i still need", "what do i still need", "what do i need to close", "how much do i need to close", "what do i have to close", "how much do i have to close", "how much more do i need to close", "what do i need to book", "what do i need to sell", "what do i need to win"} {
			l.add(lead+" to "+verb+" "+what, meaning{key: leftOf(what)}, false)
		}
		for _, lead := range []string{"what do we need", "how much do we need", "how much more do we need", "how much do we still need"} {
			l.add(lead+" to "+verb+" "+what, meaning{key: keyOurLeft}, false)
		}
		for _, enough := range []string{"enough", "enough pipe", "enough pipeline", "enough open pipeline", "enough deals", "enough coverage"} {
			l.addMetric(enough+" to "+verb+" "+what, "coverage_remaining")
		}
	}
}

// leftOf tells whose what is left is, by whose the goal is.
func leftOf(what string) key {
	if strings.HasPrefix(what, "our ") {
		return keyOurLeft
	}
	return keyMyLeft
}

// addWinning enters "what share of deals did we win" and the like.
func (l *lexicon) addWinning() {
	for _, part := range []string{"share", "percentage", "percent", "%", "part", "proportion"} {
		for _, lead := range []string{"what ", "which ", "what is the ", "whats the "} {
			for _, deals := range []string{"deals", "our deals", "the deals", "all deals"} {
				for _, verb := range []string{"did we win", "do we win", "have we won", "we won", "we win", "were won", "was won", "are won"} {
					l.addMetric(lead+part+" of "+deals+" "+verb, "win_rate")
				}
			}
		}
	}
}

// addUntouched enters "not touched in two weeks" and the like: after as many
// days a deal counts as silent. Silence of any other length is a number of days.
func (l *lexicon) addUntouched() {
	for _, how := range []string{
		"not touched", "untouched", "havent touched", "have not touched", "havent been touched", "have not been touched", "that i havent touched", "i havent touched", "we havent touched", "nobody touched", "nobody has touched",
		"not contacted", "no contact", "with no contact", "without contact", "without any contact", "no activity", "with no activity", "without activity", "no touch", "nobody has talked to", "nobody talked to", "that nobody has talked to",
		"gone quiet", "have gone quiet", "has gone quiet", "that have gone quiet", "that went quiet", "went quiet", "gone silent", "have gone silent", "gone dark", "have gone dark", "gone cold", "have gone cold", "silent", "quiet", "without a reply",
	} {
		for _, joint := range []string{"", "in", "for", "in the last", "for the last", "in the past", "over the last", "since"} {
			for _, days := range []string{"2 weeks", "two weeks", "14 days", "2 wks", "2 wk", "fourteen days", "a fortnight", "2w", "14d"} {
				l.add(how+" "+joint+" "+days, meaning{key: keyUntouched, metrics: l.there("silent_pipeline", "silent_count")}, false)
			}
		}
	}
}

// addSlipped enters "what slipped", of which the deals are listed.
func (l *lexicon) addSlipped() {
	names := l.there("slipped_amount", "slipped_count")
	if len(names) == 0 {
		return
	}
	for _, phrase := range []string{"what slipped", "what slipped out of", "whats slipped", "what has slipped", "which ones slipped", "which of them slipped", "which of those slipped"} {
		l.add(phrase, meaning{key: keySlipped, metrics: names}, false)
	}
	for _, phrase := range []string{"slipped out of", "slipped out"} {
		l.add(phrase, meaning{metrics: names}, false)
	}
}

// addBalance enters the usual ways to ask whether territories are even.
func (l *lexicon) addBalance() {
	for _, whose := range []string{"our", "the", "my", "all"} {
		for _, territories := range []string{"territories", "patches", "regions"} {
			l.addMetric("how balanced are "+whose+" "+territories, "territory_balance")
			l.addMetric("how even are "+whose+" "+territories, "territory_balance")
			l.addMetric("are "+whose+" "+territories+" balanced", "territory_balance")
		}
	}
	for _, inside := range eachOf([]string{"", "are", "is", "within", "are within", "inside", "are inside"}, []string{"balanced", "near the average", "close to the average", "15 % of the average", "15 % of average"}) {
		l.addMetric("territories "+inside, "territories_near_average")
		l.addMetric("share of territories "+inside, "territory_balance_share")
		l.addMetric("what share of territories "+inside, "territory_balance_share")
	}
	for _, each := range []string{"per", "by", "of each"} {
		for _, against := range []string{"vs", "versus", "against", "compared to"} {
			for _, average := range []string{"average", "the average", "avg"} {
				l.addMetric("pipeline "+each+" territory "+against+" "+average, "territory_balance")
			}
		}
	}
}

// addMetric enters a phrase for a metric, if the catalogue has it.
func (l *lexicon) addMetric(phrase, name string) {
	if _, ok := l.catalog.Metric(name); ok {
		l.add(phrase, meaning{metrics: []string{name}}, false)
	}
}

func (l *lexicon) there(names ...string) []string {
	var out []string
	for _, name := range names {
		if _, ok := l.catalog.Metric(name); ok {
			out = append(out, name)
		}
	}
	return out
}
