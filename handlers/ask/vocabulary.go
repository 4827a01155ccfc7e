package ask

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"salesbot/insights/metric"
)

// key is the part that a word of the grammar plays.
type key string

// The parts of the grammar.
const (
	keyNone        key = ""
	keyHarmless    key = "harmless"     // changes nothing
	keyThanks      key = "thanks"       // a text of nothing else is polite
	keyOpening     key = "opening"      // changes nothing where a question begins
	keyBut         key = "but"          // after "all" and the like: what follows is left out
	keyBy          key = "by"           // a breakdown follows
	keyTop         key = "top"          // the greatest first
	keyBottom      key = "bottom"       // the least first
	keyBest        key = "best"         // the good end first
	keyWorst       key = "worst"        // the bad end first
	keyLimit       key = "limit"        // so many rows
	keyWhich       key = "which"        // a dimension follows
	keyDefine      key = "define"       // a definition is asked for
	keyWhatIs      key = "what is"      // a definition, if a metric alone follows
	keyNot         key = "not"          // the next filter is turned round
	keyWithout     key = "without"      // as not; before a dimension: that has none
	keyOnly        key = "only"         // a filter follows or precedes
	keyAnd         key = "and"          // joins
	keyOr          key = "or"           // joins names
	keyCompare     key = "compare"      // what follows is set side by side
	keyVersus      key = "vs"           // a comparison follows
	keyPrevious    key = "previous"     // the period before
	keyChange      key = "change"       // a comparison with the period before
	keyWaterfall   key = "waterfall"    // what made a figure change is asked for
	keyYearAgo     key = "year ago"     // the same time of last year, compared with
	keyWhy         key = "why"          // the same, if it is said to have moved
	keyMoved       key = "moved"        // says that a figure moved
	keySince       key = "since"        // a moment follows, from which on changes are told
	keyMine        key = "mine"         // the asker's own
	keyMyTeam      key = "my team"      // of those who report to the asker
	keyMyPatch     key = "my patch"     // the territories that the asker holds
	keyTeam        key = "team"         // after a name: of those who report to them
	keyTeamOf      key = "team of"      // the same before a name
	keyEverybody   key = "everybody"    // no filter on people
	keyAll         key = "all"          // before a dimension: no filter on it
	keyOver        key = "over"         // amounts
	keyUnder       key = "under"        //
	keyAtLeast     key = "at least"     //
	keyReached     key = "reached"      // all of a quota
	keyBeaten      key = "beaten"       // more than that
	keyMissed      key = "missed"       // less than that
	keyAtMost      key = "at most"      //
	keyExactly     key = "exactly"      //
	keyBetween     key = "between"      //
	keyOrMore      key = "or more"      // behind an amount
	keyOrLess      key = "or less"      // the same
	keyRows        key = "rows"         // a comparison of the rows of a breakdown follows
	keyWhose       key = "whose"        // after a breakdown: a figure follows that its rows have
	keyAndOver     key = "and over"     // after an amount: and over another
	keyAndUnder    key = "and under"    // the same
	keyAmount      key = "amount"       // an amount follows, or money is meant
	keyHowMany     key = "how many"     // a count is meant
	keyHowMuch     key = "how much"     // not a count is meant
	keyDeals       key = "deals"        // a count of deals, of some kind, is meant
	keyClose       key = "close"        // the same, said of deals and of nobody who does it
	keyClosing     key = "closing"      // the period is of the close date
	keyNow         key = "now"          // says nothing of a stock; unclear otherwise
	keyFollow      key = "follow"       // the question goes on from the last one
	keyInstead     key = "instead"      // the same, at its end
	keyAsIs        key = "as is"        // on today's map
	keyAsWas       key = "as was"       // on the map of the time
	keyStood       key = "as it stood"  // a stock at the end of each step of time
	keyPlanned     key = "as planned"   // on a planned map, whose name may follow
	keyReported    key = "as reported"  // by what was known when the period closed
	keyConvert     key = "convert"      // a currency follows
	keyInMoney     key = "in money"     // a currency to convert into
	keyList        key = "list"         // the list of metrics
	keyMyNumber    key = "my number"    // the quota attainment of the asker
	keyOurNumber   key = "our number"   // the same of those who report to them
	keyMyCount     key = "my count"     // a count of the asker's own
	keyShowDeals   key = "show deals"   // deals are listed one by one
	keyThem        key = "them"         // the same of those of the last figure
	keyBehind      key = "behind"       // after deals: those that a figure counts
	keyPartIn      key = "part in"      // those in a part of a change that is named with it
	keyPart        key = "part"         // a part of a change
	keyOutOf       key = "out of"       // the same, and the period of close dates follows
	keyFactsBehind key = "facts behind" // leads and the like that a figure counts
	keyMore        key = "more"         // the next page of a list
	keySkip        key = "skip"         // so many deals are left out first
	keyByAmount    key = "by amount"    // a list of deals by amount
	keyNewest      key = "newest"       // a list of deals, the latest first
	keyOldest      key = "oldest"       // a list of deals, the earliest first
	keyUnavailable key = "unavailable"  // understood, but cannot be done

	keyMyPace  key = "my pace" // of the asker, and below of those who report to them
	keyOurPace key = "our pace"
	keyMyGap   key = "my gap"
	keyOurGap  key = "our gap"

	keyMyLeft    key = "my left"
	keyOurLeft   key = "our left"
	keySoFar     key = "so far"      // up to now, where no period is named
	keyLeft      key = "left"        // what is left of a quota is meant
	keyUntouched key = "untouched"   // after deals: those that nobody touched for long
	keyAccounts  key = "of accounts" // beside accounts: a figure of those
	keyLacks     key = "lacks"       // the same; the product that was never sold to them follows
	keyChurned   key = "churned"     // those who left
	keyHowLong   key = "how long"    // a figure in days or hours follows
	keyTrend     key = "trend"       // by a step of time
	keyBig       key = "big"         // says nothing more where an amount is named
	keyAndWhy    key = "and why"     // of lost deals: by reason
	keyToWhom    key = "to whom"     // of lost deals: by competitor
	keySent      key = "sent"        // of mails
	keyWhyLost   key = "why lost"    // lost deals by reason
	keyLostTo    key = "lost to"     // lost deals by competitor
	keyPartOf    key = "how much of" // before a figure: the figure of a part, or its share
	keyPerform   key = "how it went" // at the end of "how did q3"
	keyShare     key = "share"       // as parts of a whole
	keyFrom      key = "comes from"  // before a name: of that
	keyShareOf   key = "share of"    // the same; what makes the part follows
	keyTimeIn    key = "time in"     // before a stage: how long deals stay there
	keyCategory  key = "category"    // of forecasts: by forecast category
	keyNoAnswer  key = "no answer"   // of leads: those that nobody answered
	keyBreak     key = "break"       // before a figure that "by" follows
	keyTimes     key = "x"           // between two things to break down by
	keyGenerate  key = "generate"    // of a pipeline: what was created of it

	keyNo         key = "no"          // before what is meant instead
	keyBeforeThat key = "before that" // the period before the last question's
	keySlipped    key = "slipped"     // the deals that slipped are listed
	keyTo         key = "to"          // what follows is compared, after "compare"
	keySitting    key = "sitting"     // of deals that have been at a stage for as long as follows
	keyOnes       key = "ones"        // those of the last question, of which it follows how old they are, or what they are compared with
)

// grammar lists the words of the grammar by the part they play. Words that
// could change a figure are never harmless.
var grammar = map[key][]string{
	keyHarmless: {
		"please", "pls", "plz", "show", "show me", "show us", "give", "give me", "give us", "gimme", "tell", "tell me",
		"tell us", "get", "get me", "get us", "let me see", "let us see", "let me know", "see", "display", "what was", "what were",
		"what did", "how is", "hows", "how am", "how are", "how was", "how did", "how does", "is", "are", "was", "were", "the", "a", "an", "of", "for",
		"in", "at", "on", "from", "with", "did", "do", "does", "have", "has", "had", "got", "make", "made", "there", "hey",
		"hi", "hello", "thanks", "thank you", "thx", "ok", "okay", "quick question", "bot", "salesbot", "total", "in total",
		"how high is", "anything", "looking", "look", "look like", "brings", "brings in", "bring in", "brought in", "doing", "going", "again", "so", "been",
		"that is", "that are", "which are",
	},
	keyOpening: {
		"i want", "i want to see", "i wanna see", "i need", "id like", "id like to see", "i would like to see", "can i see",
		"can i get", "can i have", "may i see", "may i have", "can you", "could you", "can you show me", "could you show me", "can you show us", "could you show us",
		"would you", "do you have",
	},
	keyThanks: {
		"thanks a lot", "thanks a bunch", "thanks so much", "many thanks", "thank you so much", "thank you very much", "great", "great thanks",
		"cheers", "perfect", "nice", "cool", "awesome", "good", "very good", "great job", "good job", "well done", "got it",
	},
	keyBut: {"but"},
	keyBy: {
		"by", "per", "for each", "each", "every", "for every", "broken down by", "broken out by", "break down by", "breakdown by",
		"split by", "grouped by", "group by", "by each", "by every", "breakdown", "sliced by", "cut by", "across",
	},
	keyTop: {
		"top", "highest", "biggest", "largest", "greatest", "most", "the most", "leading", "highest first", "biggest first",
		"descending", "sorted descending", "ranked", "rank", "ranking", "ranking of", "longest", "the longest", "longest first",
		"leaderboard", "leader board", "league table",
	},
	keyBottom: {
		"bottom", "lowest", "smallest", "shortest", "the shortest", "shortest first", "least", "the least", "fewest", "lowest first", "smallest first", "ascending", "sorted ascending",
	},
	keyBest:  {"best", "best first", "best performing", "strongest"},
	keyWorst: {"worst", "worst first", "worst performing", "weakest"},
	keyLimit: {"limit", "first", "limit to"},
	keyWhich: {"which", "which of the", "which of our", "which of", "what"},
	keyDefine: {
		"definition of", "definition", "define", "meaning of", "what exactly is", "what exactly are", "whats exactly", "what do you mean by",
		"what do we mean by", "how do you calculate", "how do we calculate", "what counts as", "what counts towards", "what goes into", "how do you define", "explain", "mean", "means", "defined",
		"calculated", "computed", "what does", "how do you measure",
	},
	keyWhatIs:   {"what is", "whats", "what are", "wats"},
	keyNot:      {"not", "except", "except for", "excluding", "exclude", "excl", "ex", "other than", "but not", "minus", "not in", "isnt", "not from", "outside", "outside of", "apart from", "!=", "everything but", "anything but", "all but", "everything except", "everything other than", "but excluding", "but without", "leave out", "drop"},
	keyWithout:  {"without", "w/o", "without a", "without an"},
	keyOnly:     {"only", "just", "solely", "only in", "only for", "just for", "but only", "but only in", "but only for", "but just"},
	keyAnd:      {"and", "&", "+", "as well as", "plus"},
	keyOr:       {"or", "/"},
	keyCompare:  {"compare", "comparison of", "compare the"},
	keyVersus:   {"vs", "versus", "v", "compared to", "compared with", "compare to", "compare with", "compared against", "against", "relative to", "as compared to", "than"},
	keyPrevious: {"previous period", "the previous period", "previous", "the previous", "prior period", "the prior period", "last period", "the period before", "period before", "the one before", "last", "before", "prior", "the last one", "last one", "prev", "prev period"},
	keyChange:   {"change", "change in", "changes in", "growth", "growth of", "growth in", "delta", "difference", "how did it change", "change of", "period over period", "changes", "changes to", "changes of", "changed"},
	keyWaterfall: {"explain the change in", "explain the changes in", "explain what changed in", "whats new in", "what is new in", "waterfall", "waterfall of", "waterfall for", "what changed", "what changed in", "whats changed", "whats changed in", "what has changed", "what has changed in", "what happened to", "what happened in",
		"what drove", "what drove the change in", "what drove the drop in", "what drove the rise in", "what caused the change in", "what caused the drop in",
		"explain the drop in", "explain the rise in", "explain the decline in", "what is behind the drop in", "whats behind the drop in", "what is behind the change in", "whats behind the change in"},
	keyWhy:       {"how come", "what made", "why did", "why has", "why have", "why is", "why are", "why was", "why did it", "why has it", "why is it", "why was it"},
	keyMoved:     {"dropped", "fall", "fell", "fallen", "grow", "grew", "grown", "shrink", "shrank", "shrunk", "decline", "declined", "decrease", "decreased", "increase", "increased", "rise", "rose", "risen", "move", "moved", "go up", "went up", "gone up", "go down", "went down", "gone down", "down", "up"},
	keySince:     {"since"},
	keyMine:      {"my", "me", "i", "mine", "my own", "im", "ive", "myself", "for me", "my deals", "my opportunities"},
	keyMyTeam:    {"my team", "my teams", "our team", "our teams", "my reports", "my direct reports", "my people", "my reps", "my guys", "my sales team"},
	keyMyPatch:   {"my patch", "my territory", "my territories", "my region", "my area", "my turf", "patch", "the patch", "our patch", "our territory", "our region"},
	keyTeam:      {"team", "reports", "people", "reps", "direct reports", "sales team"},
	keyTeamOf:    {"team of", "the team of", "reports of", "people under", "those under", "reporting to", "who report to", "led by", "managed by"},
	keyEverybody: {"our", "we", "weve", "everyone", "everybody", "whole company", "the whole company", "our company", "company wide", "companywide", "across the company", "for the company", "the company", "the entire company", "company", "whole team", "all hands", "everyones"},
	keyAll:       {"all", "all the", "all our", "all of our", "all of the", "across all", "any", "across all the"},
	keyRows:      {"rows"},
	keyWhose:     {"whose", "having"},
	keyOver:      {"over", "above", "more than", "greater than", "bigger than", "larger than", ">", "exceeding", "north of", "higher than"},
	keyUnder:     {"under", "below", "less than", "fewer than", "smaller than", "<", "lower than"},
	keyAtLeast:   {"at least", ">=", "no less than", "not less than", "greater than or equal to", "more than or equal to", "bigger than or equal to", "equal to or more than", "equal to or greater than", "from at least", "minimum", "at or above", "at or over"},
	keyAtMost:    {"at most", "<=", "up to", "no more than", "not more than", "less than or equal to", "smaller than or equal to", "equal to or less than", "maximum", "at or below", "at or under"},
	keyExactly:   {"exactly", "equal to", "="},
	keyBetween:   {"between"},
	keyAndOver:   eachOf([]string{"and", "but"}, []string{"over", "above", "more than", "greater than", "bigger than", "larger than", "higher than"}),
	keyAndUnder:  eachOf([]string{"and", "but"}, []string{"under", "below", "less than", "fewer than", "smaller than", "lower than"}),
	keyOrMore:    {"or more", "or above", "or over", "or higher", "or greater", "or bigger", "and above", "and up", "and over", "and more", "and higher", "and bigger", "plus"},
	keyOrLess:    {"or less", "or below", "or under", "or lower", "or smaller", "and below", "and under", "and less"},
	keyAmount:    {"amount", "amounts", "amount of", "value", "values", "value of", "deal value", "worth", "with amount", "sized", "dollar value of"},
	keyHowMany:   {"how many", "number of", "count of", "# of", "#", "count"},
	keyHowMuch:   {"how much", "how much money", "how big is", "how big are", "$"},
	keyDeals:     {"deals", "deal"},
	keyClosing: slices.Concat(
		[]string{"that close", "to close", "close date", "close dates", "with close date", "with close dates", "with a close date", "w close date", "w close dates"},
		eachOf([]string{"", "thats", "that is", "that are", "which is", "which are"}, []string{"closing", "closing in", "due to close", "due", "expected to close", "set to close"}),
	),
	keyClose: {"close", "closes"},
	keyNow:   {"now", "right now", "currently", "current", "at the moment", "as of now", "as of today", "as of right now", "as known now", "as known today", "present", "at present", "rn", "these days", "nowadays"},
	keyFollow: {"sorry i meant", "sorry i mean", "no sorry i meant", "no sorry", "sorry", "what about", "how about", "same for", "same with", "same but", "same thing for", "no i mean", "no i meant", "i mean", "i meant", "also", "then", "and also", "and now", "ok and", "and what about", "and how about", "make it", "show that", "and for", "the same for", "now for", "also for", "instead of that",
		"how was it", "what was it", "how is it", "hows it", "how was that", "what was that", "how did it look", "how did that look"},
	keyInstead: {"of those", "of them", "of these", "instead", "too", "as well", "please instead",
		"on these deals", "on those deals", "of these deals", "of those deals", "for these deals", "for those deals", "from these deals", "from those deals"},
	keyList: {"metrics", "kpis", "kpi", "metric", "list of metrics", "list metrics", "list kpis", "which metrics", "what metrics", "which kpis", "what can i ask", "what can you do", "what metrics are there", "list"},
	keyShowDeals: {
		"show deals", "show the deals", "show me deals", "show me the deals", "show us the deals", "show single deals", "single deals", "which deals",
		"which of the deals", "what deals", "list deals", "list the deals", "list all deals", "list of deals", "list of the deals", "deal list", "see deals", "see the deals",
	},
	keyThem: {"list them", "show them", "show me them", "list those", "list these", "show me those", "show those"},
	keyBehind: {
		"behind", "behind that", "behind this", "behind it", "behind them", "behind those", "behind these", "behind the number", "behind that number",
		"behind this number", "behind the figure", "behind that figure", "behind this figure", "behind the last one",
	},
	keyMore:      {"more", "next page", "show more", "show me more", "more deals", "next", "the next"},
	keySkip:      {"skip"},
	keyByAmount:  {"by amount", "by value", "by size", "sorted by amount", "ordered by amount", "sort by amount", "order by amount", "sort by value", "sorted by value"},
	keyNewest:    {"newest", "newest first", "latest", "latest first", "most recent", "most recent first"},
	keyOldest:    {"oldest", "oldest first", "earliest", "earliest first", "soonest first", "by close date", "sorted by close date", "sort by close date", "order by close date"},
	keyMyNumber:  append([]string{"my number", "how am i tracking", "am i on track"}, howQuarter("my")...),
	keyOurNumber: append(howQuarter("our"), []string{"our number", "how are we tracking", "are we on track", "my team number", "our team number", "how is my team tracking", "team number", "the team number"}...),
	keyMyPace:    {"am i on pace", "am i pacing", "how am i pacing", "am i on pace to hit quota", "am i on pace for quota", "am i on pace to quota"},
	keyOurPace:   {"are we on pace", "are we pacing", "how are we pacing", "is my team on pace", "is our team on pace", "are we on pace to hit quota", "are we on pace for quota", "are we on pace to quota"},
	keyMyGap:     {"am i ahead", "am i behind", "am i ahead of plan", "am i behind plan", "am i ahead or behind", "am i ahead or behind plan", "am i ahead of pace", "am i behind pace", "am i ahead of quota", "am i behind quota", "how far ahead am i", "how far behind am i"},
	keyOurGap:    {"are we ahead", "are we behind", "are we ahead of plan", "are we behind plan", "are we ahead or behind", "are we ahead or behind plan", "are we ahead of pace", "are we behind pace", "are we ahead of quota", "are we behind quota", "how far ahead are we", "how far behind are we", "is my team ahead of plan", "is my team behind plan"},
	keyMyLeft:    {"how far am i from hitting quota", "whats my gap", "my gap"},
	keyOurLeft:   {"whats our gap", "our gap"},
	keySoFar:     {"so far", "thus far", "as yet", "until now", "up to now", "till now"},
	keyLeft:      {"left", "left over", "remaining"},
	keyToWhom:    {"to who", "to whom", "and to who", "and to whom", "who to"},
	keyAndWhy:    {"and why", "why", "and the reasons", "and reasons", "with reasons"},
	keySent:      {"send", "sent", "write", "wrote", "written"},
	keyWhyLost:   {"why did we lose", "why do we lose", "why are we losing", "why were we losing", "why have we lost", "why did we lose deals", "why do we lose deals"},
	keyLostTo:    {"who do we lose to", "who did we lose to", "whom do we lose to", "whom did we lose to", "who are we losing to", "who beats us", "who do we lose deals to"},
	keyBig:       {"big", "large", "bigger", "larger"},
	keyPartOf:    {"how much of", "what part of", "which part of", "what portion of", "how many of"},
	keyTimeIn:    eachOf([]string{"time", "days", "time spent", "days spent", "avg time", "average time", "mean time", "avg days", "average days", "how long are deals", "how long is a deal", "how long does a deal stay", "how long do deals sit", "how long does a deal sit"}, []string{"in", "at"}),
	keyCategory:  {"by category", "per category", "by each category"},
	keyNoAnswer:  noAnswer(),
	keyLacks:     lacks(),
	keyBreak:     {"break", "break down", "break out", "split", "slice", "cut"},
	keyTimes:     {"x", "×"},
	keyGenerate:  {"generate", "generates", "generated", "create", "creates"},
	keyPerform:   {"go", "perform", "turn out", "end up", "end", "close out", "work out"},
	keyMyCount:   {"my number of", "my team number of", "our team number of", "our number of"},
	keyAsIs:      {"as is", "as it is", "as they are", "as it is now", "as they are now", "on todays map", "on the map of today", "on the current map"},
	keyYearAgo: {
		"yoy", "y/y", "year over year", "year on year", "same period last year", "same time last year", "same quarter last year",
		"same month last year", "same week last year", "same days last year", "this time last year", "the same period last year",
		"the same time last year", "the same quarter last year", "the same month last year", "the same period of last year", "the year before",
		"year ago", "same period a year ago", "same time a year ago", "this time a year ago", "same period a year earlier", "same period of last year", "same period previous year", "same period the year before",
	},
	keyConvert:  {"converted to", "converted into", "convert to", "convert into"},
	keyInMoney:  inCurrencies(),
	keyStood:    slices.Sorted(maps.Keys(stoodWords())),
	keyPlanned:  {"as planned", "as planned under", "as planned on", "as planned by", "as planned in", "as planned under the", "as planned on the", "as it is planned", "on the planned map", "under the planned map"},
	keyNo:       {"no", "nope", "nah", "no no"},
	keyTo:       {"to"},
	keyHowLong:  {"how long is", "how long are", "how long was", "how long were", "how long"},
	keyTrend:    {"trend", "trends", "trend of", "trend in", "trend for", "trends in", "trending", "trendline", "over time", "trend over time", "the trend", "trend line"},
	keySitting:  {"sitting", "parked", "lingering", "languishing", "waiting"},
	keyOnes:     {"those", "these", "which of them", "which of those", "which of these", "which ones", "which one"},
	keyReported: {"as reported", "as reported then", "as it was reported", "as we knew it then", "as we knew it", "as known then"},
	keyShareOf:  {"as the share of"},
	keyFrom:     {"comes from", "come from", "came from", "coming from", "comes in from"},
	keyShare: {
		"share of", "the share of", "what share of", "what percent of", "what percentage of", "percent of", "percentage of", "% of", "what % of", "what is the share of", "proportion of", "as a percentage", "as percentage", "as percentages", "as a share", "as share", "as shares", "as a %", "as %", "in percent", "in %", "as a percent", "make it a %", "make it a percentage", "make that a %", "make that a percentage", "as a percentage of total", "as % of total", "% of total", "percent of total", "as a share of total", "as shares", "as shares of the whole", "as a share of the whole", "what proportion of",
	},
	keyAsWas: {"as was", "as it was", "as they were", "as it was then", "as they were then", "on the map of the time", "on the map of then"},
}

// unavailable lists what is understood but cannot be done yet, and why.
var unavailable = map[string]string{
	"as of": noDay, "as at": noDay, "at the end of": noDay, "at end of": noDay, "at the close of": noDay, "at the start of": noDay,
	"at the beginning of": noDay, "at start of": noDay,
}

const (
	noDay = "I can tell figures as of a day, as in “as of last friday” or “as of 30 june 2026”."
)

// running lists the comparisons that name the unit they compare by.
var running = map[string]unit{
	"qoq": quarter, "quarter over quarter": quarter, "quarter on quarter": quarter, "q over q": quarter,
	"mom": month, "month over month": month, "month on month": month,
	"wow": week, "week over week": week, "week on week": week,
}

// shorthand lists the words that mean one of several metrics: which, is
// decided by the other words ("how many … won") or asked back.
var shorthand = map[string][]string{
	"won": {"won_revenue", "won_count"}, "win": {"won_revenue", "won_count"}, "winning": {"won_revenue", "won_count"},
	"lost": {"lost_count"}, "lose": {"lost_count"},
	"open":    {"open_pipeline", "open_count"},
	"closed":  {"won_revenue", "won_count", "decided_count"},
	"close":   {"won_revenue", "won_count", "decided_count"},
	"open $":  {"open_pipeline"},
	"booked":  {"won_revenue"},
	"book":    {"won_revenue"},
	"sell":    {"won_revenue", "won_count"},
	"sold":    {"won_revenue", "won_count"},
	"engaged": {"engaged_count"},
	"decided": {"decided_count"},

	"quota check": {"quota_attainment"}, "check my quota": {"quota_attainment"},
	"commit including closed": {"forecast_commit_cumulative"}, "commit including won": {"forecast_commit_cumulative"}, "commit with closed": {"forecast_commit_cumulative"}, "commit plus closed": {"forecast_commit_cumulative"},
	"in commit": {"forecast_commit"}, "in best case": {"forecast_best_case"}, "commit number": {"forecast_commit_cumulative", "forecast_commit"},
	"enough pipe": {"coverage_target"}, "enough pipeline": {"coverage_target"}, "enough coverage": {"coverage_target"},
	"pushed twice or more": pushedTwice, "pushed two times or more": pushedTwice, "pushed at least twice": pushedTwice,
	"how profitable are": {"net_profit"}, "how profitable is": {"net_profit"}, "how profitable were": {"net_profit"}, "are we making money": {"net_profit"}, "do we make money": {"net_profit"},
	"how good are our forecasts": {"forecast_accuracy"}, "how good is our forecast": {"forecast_accuracy"}, "how good was our forecast": {"forecast_accuracy"}, "how good were our forecasts": {"forecast_accuracy"},
	"forecast vs actual": {"forecast_accuracy"}, "forecast vs actuals": {"forecast_accuracy"}, "forecast against actuals": {"forecast_accuracy"}, "forecast versus actual": {"forecast_accuracy"},
	"forecast slipped": {"slip_strict_value"}, "forecast slip": {"slip_strict_value"}, "of the forecast slipped": {"slip_strict_value"},
	"ones we created": cohort, "ones created": cohort, "those we created": cohort, "ones that we created": cohort, "ones we opened": cohort, "deals we created": cohort,
	"median cycle time": {"sales_cycle"}, "median cycle": {"sales_cycle"}, "average cycle time": {"average_sales_cycle"}, "average cycle": {"average_sales_cycle"},
	"conversion rate": conversions, "conversion rates": conversions, "conversion": conversions,
	"pipeline gen": {"pipeline_created"}, "pipe gen": {"pipeline_created"}, "pipeline added": {"pipeline_created"}, "pipe added": {"pipeline_created"}, "added to pipeline": {"pipeline_created"}, "added to the pipeline": {"pipeline_created"},
	"over forecast": {"forecast_error"}, "under forecast": {"forecast_error"}, "overforecast": {"forecast_error"}, "underforecast": {"forecast_error"},
	"how often do we win": {"win_rate"}, "how often did we win": {"win_rate"},
	"how often do i win": {"win_rate"}, "win rates": {"win_rate"},
	"retention": retained, "retention rate": retained, "retention rates": retained, "customer retention": retained, "customer retention rate": retained, "account retention": retained, "revenue retention": retained[:2], "dollar retention": retained[:2], "arr retention": retained[:2],
	"profit": {"gross_profit", "contribution", "net_profit"}, "profits": {"gross_profit", "contribution", "net_profit"},
	"rev": {"won_revenue"}, "how long does it take to close": {"sales_cycle"}, "how long do deals take": {"sales_cycle"},
	"how long does it take us to close": {"sales_cycle"}, "how long does it take us to close a deal": {"sales_cycle"},
	"how long does it take us to close deals": {"sales_cycle"}, "how long does it take to close a deal": {"sales_cycle"},
	"how long does it take to close deals": {"sales_cycle"}, "how long do we take to close a deal": {"sales_cycle"},
	"how long does it take us to win a deal": {"sales_cycle"}, "how long does it take to win a deal": {"sales_cycle"},
	"new deals": newDeals, "new opportunities": newDeals,
	"deals were created": created, "deals did we create": created, "deals have we created": created, "deals got created": created,
	"how big is a deal": {"average_deal_size"}, "how old are": {"age_of_open_deals"}, "age of": {"age_of_open_deals"}, "average age of": {"average_age_of_open_deals"},
	"overdue": {"overdue_pipeline", "overdue_count"}, "silent": {"silent_pipeline", "silent_count"}, "stale": {"silent_pipeline", "silent_count"},
	"got pushed": {"push_count"}, "get pushed": {"push_count"},
	"pushed twice": pushedTwice, "were pushed twice": pushedTwice, "have been pushed twice": pushedTwice,
	"pushed more than once": pushedTwice, "were pushed more than once": pushedTwice, "have been pushed more than once": pushedTwice,
	"slipped out of": {"slipped_amount", "slipped_count"}, "slipped from": {"slipped_amount", "slipped_count"},
	"slipped": {"slipped_amount", "slipped_count"}, "slip": {"slipped_amount", "slipped_count"},
	"past their close date": overdueDeals, "are past their close date": overdueDeals, "past close date": overdueDeals, "past due": overdueDeals, "are past due": overdueDeals, "past the close date": overdueDeals,
	"close date in the past": overdueDeals, "close dates in the past": overdueDeals, "with a close date in the past": overdueDeals, "with close date in the past": overdueDeals, "with close dates in the past": overdueDeals, "whose close date has passed": overdueDeals, "close date has passed": overdueDeals, "close date passed": overdueDeals,
	"aged": {"aged_pipeline", "aged_count"}, "stalled": {"stalled_pipeline", "stalled_count"}, "stuck": {"stalled_pipeline", "stalled_count"},
	"forecast": forecasts, "forecasts": forecasts,
	"coverage vs target": {"coverage_target"}, "coverage against target": {"coverage_target"}, "coverage versus target": {"coverage_target"},
	"coverage vs quota": {"coverage_target"}, "coverage against quota": {"coverage_target"}, "coverage versus quota": {"coverage_target"},
	"commit": {"forecast_commit_cumulative", "forecast_commit"}, "best case": {"forecast_best_case_cumulative", "forecast_best_case"},
}

// forecasts are what a forecast may mean: what the deals in hand come to, more
// or less surely, or what people said.
var forecasts = []string{"forecast_commit_cumulative", "forecast_best_case_cumulative", "forecast_submitted"}

// byCategory are what a forecast by category may mean: what is open in each.
var byCategory = []string{"open_pipeline", "weighted_pipeline", "open_count"}

// overdueDeals are what deals past their close date may mean.
var overdueDeals = []string{"overdue_pipeline", "overdue_count"}

// retained are what retention may mean; they differ, so it is always asked back.
var retained = []string{"net_revenue_retention", "gross_revenue_retention", "logo_retention", "logo_churn"}

// conversions are what "conversion" may mean; it is always asked back.
var conversions = []string{"win_rate", "stage_conversion", "lead_conversion"}

// pushedTwice are what deals that were pushed twice may mean.
var pushedTwice = []string{"pushed_twice_pipeline", "pushed_twice_count"}

// newDeals are what "new deals" may mean; it is always asked back.
var newDeals = []string{"created_count", "pipeline_created", "engaged_count"}

var created = []string{"created_count"}

// cohort is what a figure of the deals that were created may mean; it is always
// asked back.
var cohort = []string{"win_rate_cohort", "pipeline_created"}

// spoken lists what people call a dimension beside the catalogue's synonyms.
var spoken = map[string]string{"team": "manager", "line manager": "manager", "salesman": "person", "account manager": "person", "account owner": "person", "whos": "person"}

// sameWord maps abbreviations to the word that the catalogue uses.
var sameWord = map[string]string{
	"rev": "revenue", "revs": "revenue", "avg": "average", "ave": "average", "pct": "pct", "%": "pct", "percent": "pct",
	"percentage": "pct", "opp": "deal", "opps": "deal", "opportunity": "deal", "opportunities": "deal", "mgr": "manager",
	"mgrs": "manager", "terr": "territory", "acct": "account", "accts": "account", "cust": "customer", "custs": "customer", "num": "number",
	"hw": "how", "wat": "what", "wats": "whats", "hm": "how", "btwn": "between", "qrtly": "quarterly",
}

// typedShort maps what people type short, and nothing else means, to the word.
var typedShort = map[string]string{"nxt": "next", "prv": "previous"}

// meaning is what a phrase stands for.
type meaning struct {
	metrics   []string // one of these; one, if it is certain
	dimension string
	plural    bool // the phrase names the dimension's values as a whole
	key       key
	unit      unit        // of a keyChange that names its unit
	reason    string      // of a keyUnavailable
	part      metric.Part // of a change
	fact      string      // that is listed, of a keyFactsBehind
	field     string      // that makes a share, of a keyShareOf that names it
}

// lexicon finds phrases of the catalogue and of the grammar.
type lexicon struct {
	exact   map[string][]meaning // as spelled
	loose   map[string][]meaning // without regard to plurals and abbreviations
	known   map[string]bool      // every single word
	typable []string             // the words that a typing error may be mended to
	swapped map[string]string    // short words with two letters swapped
	longest int
	catalog *metric.Catalog
}

func newLexicon(c *metric.Catalog) *lexicon {
	l := &lexicon{
		exact: map[string][]meaning{}, loose: map[string][]meaning{}, known: map[string]bool{}, catalog: c,
	}
	for _, m := range c.Metrics() {
		for _, phrase := range append([]string{m.Name, m.Label}, m.Synonyms...) {
			l.add(phrase, meaning{metrics: []string{m.Name}}, true)
		}
	}
	for _, d := range c.Dimensions() {
		l.addDimension(d)
	}
	l.addShorthand()
	for k, phrases := range grammar {
		for _, phrase := range phrases {
			l.add(phrase, meaning{key: k}, false)
		}
	}
	l.addHitting()
	l.addReaching()
	l.addAnswering()
	l.addTracking()
	l.addWinning()
	l.addUntouched()
	l.addLengths()
	l.addParts()
	l.addFactsBehind()
	l.addAccounts()
	l.addBalance()
	for phrase, reason := range unavailable {
		l.add(phrase, meaning{key: keyUnavailable, reason: reason}, false)
	}
	for _, u := range []unit{day, week, month, quarter, year} {
		for _, phrase := range []string{"the " + string(u) + " before", string(u) + " before", "the " + string(u) + " before that", string(u) + " before that", "the " + string(u) + " prior"} {
			if phrase != "the year before" { // the same time of that year, after a comparison
				l.add(phrase, meaning{key: keyBeforeThat, unit: u}, false)
			}
		}
	}
	l.addSlipped()
	for phrase, u := range running {
		l.add(phrase, meaning{key: keyChange, unit: u}, false)
	}
	l.knowPeriods()
	slices.Sort(l.typable)
	l.typable = slices.Compact(l.typable)
	l.addSwaps()
	return l
}

// addHitting enters "am I gonna hit quota" and the like.
func (l *lexicon) addHitting() {
	for k, starts := range map[key][]string{
		keyMyNumber:  {"am i gonna", "am i going to", "will i", "did i"},
		keyOurNumber: {"are we gonna", "are we going to", "will we", "did we", "is my team gonna", "is my team going to"},
	} {
		for _, start := range starts {
			for _, verb := range []string{"hit", "make", "reach"} {
				for _, what := range []string{"it", "plan", "the plan", "our plan", "my goal", "our goal", "the goal", "quota", "my quota", "our quota", "target", "my target", "our target", "my number", "our number", "the number"} {
					l.add(start+" "+verb+" "+what, meaning{key: k}, false)
				}
			}
		}
	}
}

// addReaching enters "who made quota" and the like.
func (l *lexicon) addReaching() {
	for k, verbs := range map[key][]string{
		keyReached: {"made", "makes", "make", "hit", "hits", "met", "meets", "meet", "reached", "reaches", "reach", "achieved", "attained", "got", "at", "on", "is at", "is on", "are at", "are on"},
		keyBeaten:  {"beat", "beats", "exceeded", "exceeds", "exceed", "surpassed"},
		keyMissed: {
			"missed", "misses", "miss", "missing", "didnt make", "didnt hit", "did not make", "did not hit", "hasnt made", "hasnt hit", "havent made", "havent hit", "has not made", "has not hit", "have not made", "have not hit",
			"not made", "not hit", "not at", "isnt at", "arent at", "is not at", "are not at", "not on", "isnt on", "arent on", "is not on", "are not on", "fell short of", "short of", "is short of", "are short of",
		},
	} {
		for _, verb := range verbs {
			for _, whose := range []string{"", "the ", "their "} {
				for _, what := range append([]string{"quota", "quotas"}, goals...) {
					l.add(verb+" "+whose+what, meaning{key: k}, false)
				}
			}
		}
	}
}

// addAnswering enters "how fast do we respond to leads" and the like. Only what
// is asked of everybody: "how fast do I" is about the asker alone.
func (l *lexicon) addAnswering() {
	time := meaning{metrics: []string{"lead_response_time"}}
	if _, ok := l.catalog.Metric(time.metrics[0]); !ok {
		return
	}
	for _, how := range []string{"how fast", "how quickly", "how soon"} {
		for _, verb := range []string{"respond to", "answer", "react to", "get back to", "reply to"} {
			for _, which := range []string{"leads", "our leads", "new leads"} {
				l.add(how+" do we "+verb+" "+which, time, false)
				l.add(how+" did we "+verb+" "+which, time, false)
			}
		}
		for _, verb := range []string{"answer", "answer them", "respond", "reply", "react", "get back"} {
			l.add(how+" do we "+verb, time, false)
			l.add(how+" did we "+verb, time, false)
		}
		l.add(how+" are leads answered", time, false)
		l.add(how+" were leads answered", time, false)
	}
}

// noAnswer are the ways to say of leads that nobody answered them.
func noAnswer() []string {
	lacks := []string{"without an answer", "without answer", "without a reply", "without a response", "with no answer", "with no reply", "with no response", "no answer", "no reply", "no response", "never answered", "not yet answered", "not answered yet"}
	verbs := []string{"answered", "replied to", "responded to", "got back to", "gotten back to", "reacted to"}
	lacks = append(lacks, eachOf([]string{"havent", "have not", "havent yet", "hasnt", "nobody has", "no one has", "nobody", "no one", "havent been", "have not been", "are not", "arent", "werent", "were not", "never got", "didnt get", "still not"}, verbs)...)
	return append(lacks, eachOf([]string{"didnt", "did not", "did we not", "have we not", "dont", "never"}, []string{"answer", "reply to", "respond to", "get back to", "react to"})...)
}

func (l *lexicon) addDimension(d *metric.Dimension) {
	whole := []string{d.Plural, d.Name, d.Label}
	for _, phrase := range append(whole, d.Synonyms...) {
		named := slices.Contains(whole, phrase)
		l.add(phrase, meaning{dimension: d.Name, plural: named}, true)
		l.add(phrase+"s", meaning{dimension: d.Name, plural: true}, true)
	}
}

func (l *lexicon) addShorthand() {
	for phrase, names := range shorthand {
		var there []string
		for _, name := range names {
			if _, ok := l.catalog.Metric(name); ok {
				there = append(there, name)
			}
		}
		if len(there) > 0 {
			l.add(phrase, meaning{metrics: there}, false)
		}
	}
	for phrase, name := range spoken {
		if _, ok := l.catalog.Dimension(name); ok {
			l.add(phrase, meaning{dimension: name}, false)
			l.add(phrase+"s", meaning{dimension: name, plural: true}, false)
		}
	}
}

// add enters a phrase; the words of the catalogue can also be mistyped.
func (l *lexicon) add(phrase string, m meaning, typable bool) {
	spelled := spell(phrase)
	if len(spelled) == 0 {
		return
	}
	l.longest = max(l.longest, len(spelled))
	addMeaning(l.exact, strings.Join(spelled, " "), m)
	addMeaning(l.loose, strings.Join(loosen(spelled), " "), m)
	for _, w := range spelled {
		l.known[w] = true
		l.known[loose(w)] = true
		if typable {
			l.typable = append(l.typable, w)
		}
	}
}

func addMeaning(in map[string][]meaning, phrase string, m meaning) {
	for i, other := range in[phrase] {
		if other.dimension != "" && other.dimension == m.dimension {
			in[phrase][i].plural = other.plural || m.plural
			return
		}
		if slices.Equal(other.metrics, m.metrics) && other.dimension == m.dimension && other.key == m.key && other.part == m.part && other.fact == m.fact {
			return
		}
	}
	in[phrase] = append(in[phrase], m)
}

// knowPeriods enters the words of periods, so that they count as known and can
// be mended when mistyped.
func (l *lexicon) knowPeriods() {
	var all []string
	for w := range units {
		all = append(all, w)
	}
	for w := range months {
		all = append(all, w)
	}
	for w := range weekdays {
		all = append(all, w)
	}
	all = append(all, "yesterday", "today", "tomorrow", "previous", "fiscal", "calendar")
	for _, w := range all {
		l.known[w] = true
		if len(w) >= minTypo-1 {
			l.typable = append(l.typable, w)
		}
	}
	for _, w := range []string{"since", "until", "till", "after", "through", "during", "within", "first", "second", "third", "fourth", "trailing", "rolling", "upcoming", "coming", "following", "preceding", "lifetime", "overall", "starting", "beginning", "onwards", "throughout", "these"} {
		l.known[w] = true
	}
}

// find returns what the longest phrase at the start of ts means, and how many
// tokens it has. Spelled as it stands it means more surely than without its
// plural.
func (l *lexicon) find(ts []token) ([]meaning, int) {
	for n := min(l.longest, len(ts)); n > 0; n-- {
		if !together(ts[:n]) {
			continue
		}
		if m, ok := l.exact[words(ts[:n])]; ok {
			return m, n
		}
		if m, ok := l.loose[strings.Join(loosenTokens(ts[:n]), " ")]; ok {
			return m, n
		}
	}
	return nil, 0
}

// together reports whether tokens can make one phrase of ours: no quotation
// begins or ends between them, and no comma parts them. Names may hold commas.
func together(ts []token) bool {
	return sameQuote(ts) && !slices.ContainsFunc(ts[1:], func(t token) bool { return t.comma })
}

func sameQuote(ts []token) bool {
	for _, t := range ts {
		if t.quote != ts[0].quote {
			return false
		}
	}
	return true
}

// spell cuts a phrase of the catalogue the way questions are cut.
func spell(phrase string) []string {
	var out []string
	for _, t := range tokenise(strings.ReplaceAll(phrase, "w/o", "without")) {
		out = append(out, t.word)
	}
	return out
}

func loosen(ws []string) []string {
	out := make([]string, 0, len(ws))
	for _, w := range ws {
		out = append(out, loose(w))
	}
	return out
}

func loosenTokens(ts []token) []string {
	out := make([]string, 0, len(ts))
	for _, t := range ts {
		out = append(out, loose(t.stem))
	}
	return out
}

// loose is the word that a form of it is looked up by: singular, in full.
func loose(w string) string {
	if full, ok := sameWord[w]; ok {
		w = full
	}
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"):
		return w[:len(w)-2]
	case len(w) > 3 && strings.HasSuffix(w, "ys") && w != "days" && w != "always":
		return w[:len(w)-1] // territorys
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	default:
		return w
	}
}

// minTypo is the least length of a word that is taken to be mistyped.
const minTypo = 6

// mend returns the one word of the vocabulary that a word is a typing error
// of: one letter wrong, missing, too many or swapped; two in long words. The
// first letter is taken to be right.
func (l *lexicon) mend(word string) (string, bool) {
	if utf8.RuneCountInString(word) < minTypo || l.known[word] || l.known[loose(word)] {
		return "", false
	}
	for reach := 1; reach <= 1+len(word)/9; reach++ {
		var found []string
		for _, w := range l.typable {
			if w[0] == word[0] && len(w) >= minTypo-1 && distance(w, word) <= reach && !isOtherForm(word, w, distance(w, word)) {
				found = append(found, w)
			}
		}
		found = sameInLoose(found)
		if len(found) == 1 {
			return found[0], true
		}
		if len(found) > 1 {
			return "", false
		}
	}
	return "", false
}

// sameInLoose keeps one of several forms of the same word.
func sameInLoose(ws []string) []string {
	return slices.CompactFunc(ws, func(a, b string) bool { return loose(a) == loose(b) })
}

// distance counts the letters to change, insert, leave out or swap between two
// words.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	var before, last []int
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(s); i++ {
		before, last, row = last, row, make([]int, len(t)+1)
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(t)]
}
