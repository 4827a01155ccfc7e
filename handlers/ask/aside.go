package ask

import (
	"regexp"
	"strings"
)

// Aside is what a text asks for that is no figure: it is answered by a command,
// asked back, or is nothing that is done here. Exactly one of Command, Ask and
// Why is set.
type Aside struct {
	Command string   // the command that answers it
	Ask     string   // a question back, with Choices
	Why     string   // why it is not done here
	Missing bool     // of Why: it belongs here, but is not there yet
	Note    string   // what the answer leaves out
	Choices []Choice // the nearest that can be asked
}

// DealsBehindThat goes on from the last question.
const DealsBehindThat = "list the deals behind that"

// ReadAside reads a text that the grammar did not understand. It looks for
// words of a closed list in their places, so that a figure of an account called
// Move or Task is not taken for an order: such a question is understood, and
// does not come here.
func ReadAside(text string) (Aside, bool) {
	if len(text) > maxText {
		return Aside{}, false
	}
	said := plainWords(text)
	if nounForm.MatchString(said) {
		return Aside{}, false
	}
	for _, rule := range asides {
		if at := rule.form.FindStringSubmatch(said); at != nil {
			return rule.fill(at[1:]), true
		}
	}
	return Aside{}, false
}

// plainWords writes a text in lower case, without signs and without what only
// leads up to it or is polite.
func plainWords(text string) string {
	ts := tokenise(clean(text))
	if len(ts) > maxTokens {
		return ""
	}
	for i := range ts {
		if full, ok := chatted[ts[i].word]; ok {
			ts[i].word = full
		}
	}
	said := words(ts)
	for {
		rest := politeForm.ReplaceAllString(leadForm.ReplaceAllString(said, ""), "")
		if rest == said {
			return said
		}
		said = rest
	}
}

// chatted maps what is typed in chats to the word in full.
var chatted = map[string]string{"u": "you", "ur": "your", "w": "with", "r": "are", "acct": "account", "accts": "accounts", "opp": "deal", "opps": "deals", "opportunity": "deal", "opportunities": "deals"}

var (
	leadForm = regexp.MustCompile(`^(?:please|pls|plz|hey|hi|hello|ok|okay|so|and|also|can you|could you|would you|will you|can we|i want to|i want you to|i need to|i need you to|id like to|lets|salesbot) `)
	// nounForm is a figure whose first word could be an order.
	nounForm   = regexp.MustCompile(`^(?:change|increase|decrease|move|update|push|pull|set|split|cut|call|e ?mail|mail|message|text) (?:in|of|since|vs|by|over|between|per|rates?|volume|counts?|this|last)\b`)
	politeForm = regexp.MustCompile(` (?:please|pls|plz|thanks|thx|thank you|for me|now|asap)$`)
)

// asideRule is one form of a text, and what is made of it: $1 stands for its
// first group.
type asideRule struct {
	form  *regexp.Regexp
	aside Aside
}

func (r asideRule) fill(groups []string) Aside {
	out := r.aside
	out.Choices = make([]Choice, 0, len(r.aside.Choices))
	var pairs []string
	for i, group := range groups {
		pairs = append(pairs, "$"+string(rune('1'+i)), group)
	}
	put := strings.NewReplacer(pairs...)
	for _, c := range r.aside.Choices {
		out.Choices = append(out.Choices, Choice{Label: tidy(put.Replace(c.Label)), Command: tidy(put.Replace(c.Command))})
	}
	return out
}

// tidy takes out the room that a group that is empty leaves.
func tidy(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), " ,", ",")
}

// choicesOf makes choices of questions that are their own labels.
func choicesOf(questions ...string) []Choice {
	out := make([]Choice, len(questions))
	for i, q := range questions {
		out[i] = Choice{Label: q, Command: q}
	}
	return out
}

// Why something is not done here.
const (
	whyReadOnly  = "I read the CRM and never write to it, so nothing was changed. Change it there: figures follow with the next load."
	whyDrawing   = "Territories and owners are drawn in the CRM, not by me, so nothing was changed. What figures would be on a planned map can be asked: “as planned”."
	whyQuotas    = "Quotas are loaded with the other data, not set by asking, so nothing was changed. Your sales-ops administrator loads another, and figures follow."
	whySettings  = "KPIs and the calendar are set by your administrator in the catalogue and the configuration, not by asking, so nothing was changed. What a KPI counts can be asked: “what is win rate”."
	whyPay       = "Pay is not among what I know: no commissions, salaries or bonuses. What they are paid for can be asked."
	whyDiscounts = "No discounts and no list prices are loaded, so there is no telling how much was discounted. What deals were won for can be asked and, where their costs are known, what was left of it."
	whyOffice    = "That is none of mine: I tell figures of sales and keep no calendar, tasks, reminders or letters. Nothing was written down."
	whyJudging   = "I tell figures and do not judge people. What can be counted can be asked, by person where you may see it."
	whyEffect    = "I tell what was, not what caused it: no figure here says what a change led to. Two periods can be compared."
	whyNobody    = "Whoever has none is in no row: only those are listed who have something that is counted. The least come first if you ask so."
	whyNoData    = "No data of that kind is loaded: I know of deals and accounts, quotas and forecasts, costs, activities, leads and subscriptions."
	whyElsehow   = "I see only what was loaded here, not what another system shows. “prove” and the id below an answer tells which deals were counted."
	whySharing   = "An answer is shared whole, now, and in a channel: “share this in #sales”, or “share this here”. Nothing was posted."
)

// The things in the CRM, and of ours, that people want changed.
const (
	records  = `(?:deals?|stages?|amounts?|values?|close dates?|next steps?|owners?|forecast categor(?:y|ies)|accounts?|contacts?|notes?|fields?|probabilit(?:y|ies)|price)`
	settings = `(?:kpis?|metrics?|definitions?|fiscal year|calendar|formulas?|synonyms?|currenc(?:y|ies))`
	edits    = `(?:move|push|pull|change|update|set|reset|edit|delete|remove|reopen|rename|mark|adjust|raise|lower|increase|decrease|bump|shift|switch|correct|fix|put|mark|enter|log|add|create|make)`
)

// insightSaid begins what somebody says of an insight.
const insightSaid = `^(?:(?:thanks|thank you|btw|fyi|i think|i found|i find|mark|flag) )*(?:this|that|the|your|last|latest) (?:\w+ )*?insights?\b.*`

// asides are the forms, the more particular first.
var asides = compileAsides([]struct {
	forms []string
	aside Aside
}{
	// Our own commands.
	{[]string{
		`^(?:post|write|share|add|create|new|submit|record|make) ?(?:a|an|my)? ?(?:new )?insight$`, `^how (?:do i|can i|to|do you|does one) (?:post|write|share|add|create|submit) (?:a|an|my)? ?(?:new )?insights?$`,
	}, Aside{Ask: "Post an insight, or see those there are?", Choices: []Choice{{Label: "Post an insight", Command: "/insight new"}, {Label: "List insights", Command: "/insight list"}}}},
	{[]string{
		`^(?:(?:are there|is there|any|anything|show|me|list|see|get|give|whats|what are|what|latest|newest|new|recent|current|my|our|all|the|of) ?)*insights?(?: (?:there|for me|of mine|today|(?:this|last) (?:week|month|quarter)))?$`,
		`^(?:did|has|have) (?:anybody|anyone|somebody|someone|people) (?:use|used|read|seen|see|act on|acted on) my insights?$`,
		`^how many (?:people|reps|persons) (?:have |has )?(?:read|seen|saw|used|use|got|reacted to) my (?:last |latest )?insights?$`,
	}, Aside{Command: "/insight list"}},
	{[]string{
		`^(?:(?:are there|is there|any|anything|show|me|list|see|get|give|whats|what are|what|latest|newest|new|recent|current|my|our|all|the) ?)*insights? (?:for|on|about|in|of|into|regarding) .+$`,
		`^(?:is there )?(?:anything|something|any news|whats) new (?:on|about|for|with|in|from) (?:the )?.*(?:customer|buyer|client|account|prospect|industry|segment|market)s?\b.*$`,
		`^what (?:do|did) we (?:know|learn|hear) (?:about|on|of|from) .+$`,
		`^(?:whats|what is) the word (?:on|about|from) .+$`,
	}, Aside{Command: "/insight list", Note: "Insights are not looked up by subject yet: these are all there are for you."}},
	{[]string{insightSaid + `\b(?:not|isnt|wasnt|didnt|doesnt|never|no) (?:\w+ )*(?:useful|helpful|helping|help|helped|good|great|relevant|for me)\b.*$`, `^(?:retire|delete|remove|take back|withdraw|correct|fix|change|update|edit) (?:\w+ )*insights?\b.*$`},
		Aside{Command: "/insight list", Note: "What readers say of an insight, useful, used or wrong, they press below its message. Its author corrects or retires it, by the buttons of the list."}},
	{[]string{insightSaid + `\b(?:wrong|incorrect|false|untrue|not (?:true|right|correct|valid)|isnt (?:true|right|correct|valid)|outdated|out of date|stale|obsolete|misleading|no longer (?:true|right|valid|holds))\b.*$`},
		Aside{Command: "/insight mark wrong"}},
	{[]string{insightSaid + `\b(?:useful|helpful|helps|helped|valuable|spot on|great|good|right|true)\b.*$`}, Aside{Command: "/insight mark useful"}},
	{[]string{insightSaid + `\bused\b.*$`, `^i (?:have )?used (?:this|that|the|your) (?:\w+ )*insights?\b.*$`}, Aside{Command: "/insight mark used"}},
	{[]string{
		`^(?:is|are|how (?:fresh|old|recent|current|stale|up to date) (?:is|are)) (?:the|our|your|this|my) (?:data|numbers|figures|crm data)(?: (?:is|are))?(?: (?:fresh|current|up to date|stale|old|recent|live))?$`,
		`^when (?:was|were|is|did|do|does) (?:the|our|your|this) (?:data|crm|crm data|numbers|figures) (?:get )?(?:last )?(?:loaded|refreshed|updated|imported|synced|load|refresh|update|sync)(?: last)?$`,
		`^(?:when was the )?last (?:import|load|refresh|sync|data load|update)$`, `^(?:is|was|has|did) (?:the |our |todays |last )?(?:nightly )?(?:import|load|data load|sync|refresh) (?:done|run|finished|finish|over|complete|completed|in|through|work|ok|okay)(?: (?:today|yet|last night))?$`, `^when did (?:the |our )?(?:data|crm|numbers) (?:last )?(?:load|refresh|update|sync|import)$`, `^data (?:freshness|status|age)$`, `^how (?:fresh|old|recent) is (?:it|this)$`,
	}, Aside{Command: "/salesbot status"}},
	{[]string{`^how (?:does|do) (?:this|it|that|you|salesbot|this bot|this thing) works?$`, `^how (?:do|can|should) i use (?:this|you|it|salesbot|this bot)$`, `^who are you$`, `^what (?:are you|do you do|is this)$`, `^how (?:do|can|should) i ask(?: you)?(?: questions?| things?)?$`},
		Aside{Command: "help"}},
	{[]string{`^status(?: update| report)?$`}, Aside{Ask: "The status of what?", Choices: []Choice{{Label: "Salesbot and its data", Command: "/salesbot status"}, {Label: "The open pipeline", Command: "open pipeline by stage"}, {Label: "Quota attainment", Command: "quota attainment, this quarter"}}}},
	{[]string{`^(?:who(?:s| is)|whats|what is) my (?:boss|team lead|role|manager|line manager|supervisor|territory|team)$`, `^(?:who|whom) (?:do|am) i (?:report|reporting) to$`, `^(?:to )?whom do i report$`}, Aside{Command: "who am i"}},
	{[]string{`^(?:what|which) (?:digests? )?(?:do you|will you|are you) (?:send|sending|sends) (?:to )?me$`, `^(?:which|what|show|list|see) (?:are )?(?:my |me my )?(?:digests|subscriptions)(?: do i (?:have|get))?$`},
		Aside{Command: "my digests"}},
	{[]string{
		`^unsubscribe(?: me)?(?: from (?:everything|all|digests|the digests?|my digests?))?$`,
		`^(?:stop|cancel|end|turn off|switch off|no more)(?: sending(?: me)?)?(?: (?:me|my|the|all|all my|these|those))? (?:digests?|subscriptions?|mails|messages)$`,
	}, Aside{Ask: "Digests are paused or deleted one by one. Which?", Choices: []Choice{{Label: "My digests", Command: "/digest"}}}},
	{[]string{
		`^(?:did|have|has|were|was|are) (?:all )?(?:the |my |our )?(?:\w+ )?digests?\b.*\b(?:out|sent|delivered|go|gone|arrive|arrived)$`,
		`^how many (?:digests|messages) (?:were|have been|are|did) .*$`,
	}, Aside{Ask: "What was sent and what is overdue is told by the status; your own digests by their list.", Choices: []Choice{{Label: "Status", Command: "/salesbot status"}, {Label: "My digests", Command: "/digest"}}}},
	{[]string{`^(?:share|post|forward|publish|broadcast|copy) (?:this|it|that|these|those|the answer|the number|the figure)\b.*$`, `^tell (?:the team|everyone|everybody|my team|them)(?: (?:this|that|it|about (?:this|that|it)))?$`},
		Aside{Why: whySharing, Missing: true}},

	// What a figure is.
	{[]string{`^(?:whats|what is|explain|tell me) the difference between (.+) and (.+)$`, `^how (?:is|are|does|do) (.+) differ(?:ent)? from (.+)$`},
		Aside{Ask: "Each definition says what it is not the same as. Which first?", Choices: []Choice{{Label: "What is $1", Command: "what is $1"}, {Label: "What is $2", Command: "what is $2"}}}},
	{[]string{`^who (?:can|may|is allowed to|gets to) (?:see|view|read|look at) (.+)$`},
		Aside{Ask: "A definition says who may see a figure. Of which?", Choices: []Choice{{Label: "What is $1", Command: "what is $1"}, {Label: "Who am I", Command: "who am i"}}}},
	{[]string{`^(?:what|how) (?:did you|you) (?:say|said|tell|told|report|reported)\b.*$`, `^why (?:is|are|was|were) .* (?:different|other|higher|lower|not the same) (?:from|than|as|to) (?:what )?(?:you|before|earlier|yesterday|last time)\b.*$`, `^(?:that|this|the|your|these|those) (?:numbers?|figures?|answers?|totals?|one)? ?(?:looks?|seems?|is|are|cant be|must be|sounds?) (?:wrong|off|weird|odd|strange|too (?:high|low)|not right|incorrect)$`},
		Aside{Ask: "A figure is proven by what stands below its answer: “prove” and the id. Which do you want to see?", Choices: []Choice{{Label: "The deals behind it", Command: DealsBehindThat}, {Label: "How fresh the data is", Command: "/salesbot status"}}}},
	{[]string{`^why (?:is|are|was|were|does|do|dont|doesnt) .* (?:dashboard|salesforce|hubspot|spreadsheet|excel|crm|report|tableau|looker|power bi)\b.*$`},
		Aside{Why: whyElsehow}},

	{[]string{`^(?:.* and )?(?:what|which|whats|which deals|what deals)(?: deals?| of them| ones?)? (?:could|might|can|may|would|will) (?:blow (?:it|them|up)|go wrong|kill|hurt|slip|sink|break|fall through|fall out)\b.*$`, `^(?:.* and )?(?:whats|what is|which deals are|what deals are|which are|deals) at risk\b.*$`, `^(?:whats|what is|what are) the risks?\b.*$`},
		Aside{Ask: "What could go wrong is no figure, but its signs can be counted. Which?", Choices: choicesOf("overdue deals", "silent deals", "deals pushed twice", "whats in commit")}},
	{[]string{`^(?:whats |what is )?(?:the |our |my )?(commit|best case)(?: number| amount| figure)? (?:including|incl|with|plus|and) (?:what is |whats )?(?:already )?(?:closed|won)$`},
		Aside{Ask: "Of which period?", Choices: choicesOf("$1 incl closed this quarter", "$1 incl closed this month", "$1 incl closed this year")}},
	{[]string{`^(.+?) (?:closing |due |that close |to close )?by (?:the )?(?:end of (?:the |this )?)?(month|quarter|year|week)(?: end)?$`},
		Aside{Ask: "All that is to close then, or also what was to close before and is still open?", Choices: choicesOf("$1 closing this $2", "overdue deals")}},

	// Out of scope.
	{[]string{`\b(?:commissions?|salar(?:y|ies)|payouts?|bonus(?:es)?|paychecks?|payslips?|wages?|spiffs?|accelerators?)\b`},
		Aside{Why: whyPay, Choices: choicesOf("quota attainment, this quarter", "won revenue, this quarter")}},
	{[]string{
		`^(?:remind|reminder|note to self|todo|to do|follow up|ping|call|invite|notify|nudge|email|mail|message|text)\b`, `\breminders?\b`, `^(?:write|draft|compose|send|reply)(?: (?:me|us|an?|the))* (?:e mail|email|mail|letter|message|note|reply|proposal|quote|contract)\b`,
		`^(?:schedule|book|arrange|set up|plan|cancel)(?: (?:me|us|an?|the))* (?:call|meeting|meeting room|room|demo|appointment|slot|flight|table|lunch|dinner)\b`,
		`^(?:add|create|make|set|log|open)(?: (?:me|an?|the|new|another))* (?:tasks?|todo|to do|reminder|event|activity|call|meeting|note)\b`, `\b(?:weather|forecast for rain|joke|lunch menu)\b`, `^i promised\b`,
	}, Aside{Why: whyOffice, Choices: choicesOf("overdue deals", "open deals without a next step")}},
	{[]string{`^(?:` + edits + `|give|assign) (?:.* )?(?:quotas?|targets?)\b.*$`}, Aside{Why: whyQuotas, Choices: choicesOf("quota by person, this quarter", "quota attainment by territory, this quarter")}},
	{[]string{
		`^` + edits + ` (?:.* )?` + settings + `\b`, `^(?:define|invent|introduce) (?:a|an|another|new|our own|my own)\b`, `^(?:change|adjust|edit|redefine|modify) .* to (?:exclude|include|ignore|count|leave out|use)\b`,
	}, Aside{Why: whySettings, Choices: []Choice{{Label: "List of KPIs", Command: "/kpi"}}}},
	{[]string{
		`^(?:give|hand|assign|reassign|transfer|hand over) (?:.+ )?(?:to|from) .+$`, `^(?:reassign|redraw|redistribute|rebalance|draw)\b`, `^(?:split|divide|cut) .+ (?:in|into|between) .+$`,
		`^(?:merge|combine|join|consolidate) .+ (?:and|with|into|to) .+$`, `^(?:move|shift|swap) .*(?:accounts?|territor(?:y|ies)|reps?|patch(?:es)?|regions?|customers?)\b.*$`,
	}, Aside{Why: whyDrawing, Choices: choicesOf("open pipeline by territory", "quota by territory, this quarter")}},
	{[]string{
		`^` + edits + ` (?:.* )?` + records + `\b.*$`, `^(?:move|push|pull|change|update|set|reset|mark|put|bump|shift|switch|raise|lower|rename|delete|remove|reopen) .+ (?:to|as|from|into|until|till|by) .+$`,
		`^(?:close|win|lose) .+ as (?:closed )?(?:won|lost|closed)\b`, `^(?:close|delete|remove|reopen|archive|win|lose) (?:the|this|that|my) .+$`, `^edit\b`,
	}, Aside{Why: whyReadOnly, Choices: choicesOf("list open deals", "overdue deals")}},
	{[]string{`\bdiscount(?:s|ed|ing)?\b`, `^(?:list|catalog(?:ue)?) prices? (?:vs|versus|against|compared to) .*$`},
		Aside{Why: whyDiscounts, Missing: true, Choices: choicesOf("gross margin this year", "average deal size this quarter", "gross margin by segment, this year")}},
	{[]string{`^(?:is|are|who|whos|which|should|does|do|why) .*\b(?:overloaded|lazy|slacking|slackers?|slow|incompetent|fire|firing|lay off|promote|bad at|useless|sandbagging|sandbaggers?)\b`},
		Aside{Why: whyJudging, Choices: choicesOf("open deals by person", "quota attainment by person, this quarter")}},
	{[]string{`^before and after .+$`, `^(?:.+) before (?:and|vs|versus) after .+$`},
		Aside{Ask: "When was it? Two periods can be compared, by their days.", Choices: choicesOf("won revenue, this quarter, vs previous", "win rate, this quarter, vs previous")}},
	{[]string{`^(?:did|does|do|has|have|is|are) .*\b(?:help|helped|helping|work|worked|working|pay off|paid off|hurt|make a difference)\b`, `\b(?:impact|effects?|influence|consequences?|roi) (?:of|on|did|does|do)\b`},
		Aside{Why: whyEffect, Choices: choicesOf("won revenue, this quarter, vs previous", "win rate, this quarter, vs previous")}},

	{[]string{`^(?:(?:whats|what is|what are|show|me|our|the|my|by|average|total) )*(?:cac|customer acquisition costs?|ltv|clv|cltv|lifetime value|ltv to cac|nps|net promoter score|csat|head ?count|ebitda|burn(?: rate)?|runway|cash(?: flow)?|opex|marketing spend|marketing budget|mqls?|website (?:traffic|visits)|support tickets?|invoices?|payments?|stock price|share price)(?: (?:this|last) (?:month|quarter|year)| today| now)?$`},
		Aside{Why: whyNoData, Missing: true, Choices: []Choice{{Label: "List of KPIs", Command: "/kpi"}}}},

	// What is ahead, and who is behind.
	{[]string{`^when (?:does|will|do|is|are|did) (?:the )?(.+?) (?:deal |deals )?(?:close|closing|closed|due|expected to close|going to close)$`},
		Aside{Ask: "A list says by when each deal is expected to close, or when it did. Of which?", Choices: choicesOf("list open deals at $1", "list won deals at $1")}},
	{[]string{`^(?:what|which (?:deals?|accounts?)|who) (?:should|do|can|must) (?:i|we) (?:work on|focus on|do|prioriti[sz]e|call|chase|look at)\b.*$`, `^(?:what|whats) (?:needs|need) (?:my )?(?:attention|doing|work)\b.*$`},
		Aside{Ask: "What to do is yours to say; what may need it can be listed. Which?", Choices: choicesOf("list my overdue deals", "list my silent deals", "list my open deals closing this month")}},
	{[]string{`^(?:am i|where am i|what is my|whats my|do i) (?:in (?:the )?)?(?:rank(?:ed|ing)?|top(?: \d+)?|number (?:one|1)|first|best)\b.*$`},
		Aside{Ask: "Others' own figures are theirs, so there is no rank. Yours, or the team's?", Choices: choicesOf("my won revenue this quarter", "won revenue of my team this quarter")}},
	{[]string{`^(?:is|are) (.+?) (?:a |an? existing |still a |our |already a )?(?:customers?|clients?)(?: of ours)?$`},
		Aside{Ask: "What was won there, or what is open?", Choices: choicesOf("list won deals at $1", "list open deals at $1")}},
	{[]string{`^(?:what|how much|how many deals) (?:will|are|do|am|is) (?:we|i|my team|the team|they) (?:(?:going to|gonna|expect to|expected to|expecting to|likely to|on track to) )?(?:close|book|win|land|sell|make|bring in)\b ?(.*)$`, `^what(?:s| is) (?:going to|gonna) (?:close|land|come in) ?(.*)$`},
		Aside{Ask: "What will be is no figure; what it can be told by is. Which?", Choices: choicesOf("commit incl closed $1", "weighted pipeline closing $1", "open pipeline closing $1")}},
	{[]string{`^(?:(?:our|my|the) )*(?:forecast|commit|bookings|revenue|sales|actuals?) (?:vs|versus|against|compared to|to) (?:the |our |my )*(?:quotas?|targets?|plan|goals?|budget)\b ?(.*)$`},
		Aside{Ask: "What is booked against quota, or what is forecast?", Choices: choicesOf("quota attainment $1", "pace $1", "commit incl closed $1")}},
	{[]string{`^(?:(?:our|my|the|open) )*(?:pipeline|pipe) (?:vs|versus|against|compared to|to) (?:the |our |my )*(?:quotas?|targets?|plan|goals?)\b ?(.*)$`},
		Aside{Ask: "Pipeline is set against one of two things. Which?", Choices: choicesOf("coverage of quota $1", "coverage of what is left $1")}},
	{[]string{`^who(?:s| is| are)? (?:(?:on|in) my team )?(?:is |are )?(?:behind|ahead|off track|on track|below|under|above|missing|lagging)(?: (?:on |of )?(?:the |their )?(?:quota|plan|target|pace|number))?s? ?(this (?:month|quarter|year))?$`},
		Aside{Ask: "By which figure?", Choices: choicesOf("pace by rep $1, lowest first", "quota attainment by rep $1, lowest first")}},
	{[]string{`^(?:who|which reps?|which people) (?:hasnt|has not|havent|have not|didnt|did not) (?:closed?|won|win|sold|sell|booked?|landed?) (?:anything|any deals?|a deal|a thing|one)(?: yet)? ?(.*)$`},
		Aside{Why: whyNobody, Missing: true, Choices: choicesOf("won deals by rep $1, lowest first", "quota attainment by rep, lowest first")}},
	{[]string{`^(?:are|is) (?:we|the business|business|the company|sales) (?:growing|shrinking|improving|doing better|getting better|up|down)\b ?(.*)$`},
		Aside{Ask: "By which figure?", Choices: choicesOf("won revenue, this quarter, vs same time last year", "won revenue, this year, vs same time last year", "recurring revenue trend", "what changed in open pipeline this month")}},
	{[]string{`^(?:is|are) (?:the |our |my )?(.+?) (?:growing|shrinking|improving|declining|trending (?:up|down)|going (?:up|down)|getting (?:better|worse))$`},
		Aside{Ask: "Over time, or against last year?", Choices: choicesOf("$1 trend", "$1 vs last year")}},
	{[]string{`^(?:new|new business|renewals?|expansions?|upsells?) (?:vs|versus|or|and|compared to) (?:new|new business|renewals?|expansions?|upsells?|existing)(?: business)?(?: revenue| deals| bookings)? ?(.*)$`},
		Aside{Ask: "Of which figure?", Choices: choicesOf("won revenue by deal type $1", "won deals by deal type $1", "open pipeline by deal type")}},

	// What is not counted yet, and the nearest that is.
	{[]string{`^(?:how many|number of|count of|whats the number of) (?:(?:active|paying|current|existing|total|live|real) )*(?:customers?|clients?|logos)(?: (?:do we have|have we got|we have|do we have now|are there|there are|are active|in total|overall|today|right now|currently))*$`, `^(?:our |total |the )*(?:customer|client|logo) (?:count|total|number)$`},
		Aside{Ask: "Those who paid as this month began, or all with whom a deal was ever won?", Choices: choicesOf("paying accounts at the start, this month", "accounts ever won")}},

	// What is too wide, or said of no figure.
	{[]string{`^(?:(?:whats|what is|how is|hows|how does|is) )?(?:my )?(.+?) (?:vs|versus|against|compared (?:to|with)|relative to|next to) (?:the )?(?:rest of )?(?:the |my |our )?(?:team|others|other reps|peers|rest|everyone else|everybody else)$`, `^how (?:does|do|is) (?:my )?(.+?) (?:stack up|compare|measure up|rank)$`},
		Aside{Ask: "One at a time, as others' own figures are theirs. Which first?", Choices: choicesOf("my $1", "$1")}},
	{[]string{`^(?:a )?(?:daily|weekly) (.+) (?:report|digest|update|summary|email|mail)(?: (?:at|on|by) .+)?$`},
		Aside{Ask: "A digest is sent on days that you name. On which?", Choices: choicesOf("send me $1 every weekday at 8am", "send me $1 every monday at 8am")}},
	{[]string{`^(?:(?:whats|what are|show|give|me|us|the|our) )*(?:top line|topline|headline|key|main|most important) (?:numbers|figures|metrics|kpis|results)(?: (?:for|of|in))? ?(.*)$`, `^(?:(?:whats|what are|show|give|me|us|the|our) )*(?:board )?(?:numbers|figures|metrics|kpis|results)(?: for (?:the|our|my) (?:board|qbr|execs?|management|review|all hands))?()$`},
		Aside{Ask: "Which figure first?", Choices: choicesOf("won revenue $1", "quota attainment $1", "win rate $1", "open pipeline")}},
	{[]string{`^(?:is|was|are|were) (?:the |our |my )?(.+) (?:better|worse|higher|lower|bigger|smaller|stronger|weaker|longer|shorter) (?:in|for|with|at|among|on) (.+) (?:or|than (?:in|for|with|at|among|on)) (.+)$`, `^(?:which|who|where) (?:has|have|is) (?:the )?(?:better|worse|higher|lower|bigger|smaller|stronger|weaker|longer|shorter) (.+?),? (.+) or (.+)$`},
		Aside{Ask: "Side by side, each is told with what it counts:", Choices: choicesOf("$1 of $2 vs $3")}},
	{[]string{`^(?:(?:which|what|show|list|me|the|my|our|all) )*(?:reps?|people|persons|managers) (?:(?:with|that have|who have|having|have) (?:no|zero|0)|without(?: any)?) (?:activity|activities|calls?|meetings?|e ?mails?|leads?|wins?|won deals?|deals? won|revenue|sales|bookings|logged activities)\b ?(.*)$`},
		Aside{Why: whyNobody, Missing: true, Choices: choicesOf("activities by rep $1, lowest first", "won deals by rep $1, lowest first")}},
	{[]string{`^(?:is|was|are|were) (.+) (?:bigger|larger|smaller|better|worse|stronger|weaker|ahead|faster|slower|more|less)(?: of)? than (.+)$`, `^(?:which|who|whats) is (?:bigger|larger|smaller|better|worse|stronger) (.+) or (.+)$`},
		Aside{Ask: "By which figure?", Choices: choicesOf("won revenue $1 vs $2", "open pipeline $1 vs $2", "win rate $1 vs $2")}},
	{[]string{`^(?:show me |show |give me )?(?:the |a )?(?:deal|account) (?:card|summary|overview|page)(?: (?:for|of|on|about))? (.+)$`},
		Aside{Ask: "There are no cards of single deals yet. Its deals can be listed: which?", Choices: choicesOf("list open deals at $1", "list won deals at $1", "list lost deals at $1")}},
	{[]string{`^(?:who|which reps?|whos|which people) (?:hasnt|has not|havent|have not|didnt|did not|isnt|is not|arent|are not|never) (?:updated?|updating|touched|touching|maintained|kept up) .*(?:deals?|pipeline|crm|opportunities|data)\b.*$`},
		Aside{Ask: "What was not done about them?", Choices: choicesOf("silent deals by person", "open deals without a next step by person", "overdue deals by person")}},
	{[]string{`^(?:whats|what are|show|list|give|me|my|the| )*next (?:\d+ )?deals? (?:to close|closing|due|that close)(?: of mine| for me)?$`},
		Aside{Ask: "Closing by when?", Choices: choicesOf("list my open deals closing this month", "list my open deals closing next 30 days", "list my open deals closing this quarter")}},
	{[]string{`^(?:\d+(?:\.\d+)?x) (?:pipeline )?coverage(?: (?:for|in|of))? ?(.*)$`},
		Aside{Ask: "Coverage is told as it is, of one of two things. Of which?", Choices: choicesOf("coverage of quota $1", "coverage of what is left $1")}},
	{[]string{`^when (?:did|was|were) (?:we|i|my team|the team|our|my|the)(?: (?:last|latest|most recent))? (?:last |latest )?(?:win|won|close|closed|sell|sold)(?: (?:something|anything|a deal|one|deals?|win))?(?: (?:in|at|with|to|for) (.+))?$`},
		Aside{Ask: "A list of what was won begins with the latest:", Choices: choicesOf("list won deals of $1, newest first")}},
	{[]string{`^(?:(?:which|what|show|list|the|me|my|our|deals?|that|got|have|has|had|were|was) )*(?:changed|moved|change|move|new) (?:their |its |the |a )?close ?dates?\b.*$`},
		Aside{Ask: "What moved is told in three ways. Which?", Choices: choicesOf("what changed in open pipeline this month", "list slipped deals this quarter", "pushes this month")}},
	{[]string{`^(?:(?:which|what|show|list|the|me|deals?|that|got|have|has|were|was) )*(?:fell|fallen|moved|slipped|pushed|dropped|slid|pulled)(?: out)? (?:of|to|into|from|in) (?:this|the|next|last) (?:quarter|month|year)\b.*$`},
		Aside{Ask: "What moved is told in three ways. Which?", Choices: choicesOf("what changed in open pipeline this month", "list slipped deals this quarter", "pushes this month")}},
	{[]string{`^(?:what|whats) (?:changed|new|happened) since (?:our|the|my) last (?:\w+ )?(?:call|meeting|review|sync|1:1|one on one|qbr|session|catch up|standup)$`},
		Aside{Ask: "When was that?", Choices: choicesOf("what changed in open pipeline since last week", "what changed in open pipeline since last month")}},
	{[]string{`^what (?:would|will|does) the (?:new|next|planned|future) (?:territory )?(?:map|plan|territories)\b.*$`},
		Aside{Ask: "Figures can be drawn on a planned map. Which?", Choices: choicesOf("open pipeline by territory as planned", "won revenue by territory this year as planned")}},
	{[]string{`^(?:count|show|see|have|get|look at) (?:the )?(renewals|upsells|expansions|new business|new logos) (?:separately|apart|on their own|alone)$`},
		Aside{Ask: "Of which figure?", Choices: choicesOf("won revenue by deal type", "won deals by deal type", "open pipeline by deal type")}},
})

func compileAsides(rules []struct {
	forms []string
	aside Aside
}) []asideRule {
	var out []asideRule
	for _, rule := range rules {
		for _, form := range rule.forms {
			out = append(out, asideRule{regexp.MustCompile(form), rule.aside})
		}
	}
	return out
}
