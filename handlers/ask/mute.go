package ask

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Mute is what a text says about being sent nothing for a while, or again.
type Mute struct {
	Again    bool // it is to be sent again
	Digests  bool // it names digests …
	Insights bool // … or insights; neither: all that comes unasked
	Number   int64
	About    string    // the words that say which digests
	Until    time.Time // zero: it was not said, or not understood
	Unknown  string    // the words of a time that were not understood
}

var (
	muteVerbs = []string{
		"mute", "snooze", "silence", "mute me", "be quiet", "quiet", "do not disturb", "do not disturb me", "dont disturb", "dont disturb me", "shut up", "hush",
		"stop pinging me", "stop messaging me", "stop notifying me", "dont ping me", "do not ping me", "dont message me", "do not message me", "no pings", "no messages", "no notifications",
		"pause", "pause all", "hold",
	}
	againVerbs = []string{"unmute", "unmute me", "unsnooze", "resume", "wake up"}
	// needMore are those that may be said of something else, unless a time, digests
	// or insights are named.
	needMore = []string{"pause", "pause all", "hold", "resume", "silence", "quiet", "wake up"}
)

// sendings are the words for what comes unasked; they say nothing of which.
var sendings = []string{
	"the", "a", "an", "my", "all", "your", "from", "of", "about", "on", "any", "me", "it", "this", "that", "them", "these", "those", "please", "pls", "everything", "anything", "you", "and", "with", "please",
	"ping", "pings", "message", "messages", "dm", "dms", "notification", "notifications", "alert", "alerts", "update", "updates", "reminder", "reminders", "sending", "no", "number",
}

var (
	digestWords  = []string{"digest", "digests", "report", "reports", "subscription", "subscriptions"}
	insightWords = []string{"insight", "insights"}
)

var digestNumber = regexp.MustCompile(`^#?(\d{1,9})$`)

// ReadMute reads a text that asks to be sent nothing for a while: "mute the stale
// deal pings till monday", "unmute digest 3". It reports false for every other text. A
// day is that of the zone given; until a day is until it begins.
func (p *Parser) ReadMute(text string, at time.Time, zone *time.Location) (Mute, bool) {
	if len(text) > maxText {
		return Mute{}, false
	}
	ws := trimPolite(cutWords(strings.ReplaceAll(clean(text), "'", "")))
	verb, m := prefixOf(ws, muteVerbs), Mute{}
	if n := prefixOf(ws, againVerbs); n > 0 {
		verb, m.Again = n, true
	}
	if verb == 0 {
		return Mute{}, false
	}
	what, timed := ws[verb:], false
	if !m.Again {
		what, timed = p.muteUntil(&m, what, at, zone)
	}
	m.readWhat(what)
	named := timed || m.Digests || m.Insights || m.Number > 0
	if slices.Contains(needMore, lowered(ws[:verb])) && !named {
		return Mute{}, false
	}
	return m, true
}

// readWhat finds out what is meant. Words that are none of ours say which digests.
func (m *Mute) readWhat(ws []word) {
	var about []string
	for _, w := range ws {
		number := digestNumber.FindStringSubmatch(w.lower)
		switch {
		case slices.Contains(digestWords, w.lower):
			m.Digests = true
		case slices.Contains(insightWords, w.lower):
			m.Insights = true
		case number != nil:
			m.Number, _ = strconv.ParseInt(number[1], 10, 64) // nine digits at most
		case !slices.Contains(sendings, w.lower):
			about = append(about, w.typed)
		}
	}
	m.About = strings.Join(about, " ")
}

// muteUntil reads the end of a text: "till monday", "for two weeks", "this week".
// It returns the words before it.
func (p *Parser) muteUntil(m *Mute, ws []word, at time.Time, zone *time.Location) (what []word, timed bool) {
	company := p.Company
	company.Zone = zone
	c := newCalendar(at, company)
	c.ahead, c.order = true, p.Order
	for i, w := range ws {
		rest := lowered(ws[i+1:])
		switch w.lower {
		case "until", "till", "til":
			m.Until = c.untilDay(rest)
		case "for":
			m.Until = c.after(at, rest)
		default:
			if m.Until = c.endOfThis(lowered(ws[i:])); m.Until.IsZero() {
				continue
			}
		}
		if m.Until.IsZero() {
			m.Unknown = lowered(ws[i:])
		}
		return ws[:i], true
	}
	return ws, false
}

// untilDay is when the period that the words name begins or, of "the end of" one,
// ends.
func (c calendar) untilDay(text string) time.Time {
	ts := tokenise(clean(text))
	ts = ts[countArticle(ts):]
	if len(ts) == 1 {
		if weekday, ok := weekdays[ts[0].word]; ok {
			return c.firstFrom(c.plusDays(c.today, 1), weekday).From
		}
	}
	end := isPhrase(ts, "end", "of")
	if end {
		ts = ts[2+countArticle(ts[2:]):]
	}
	read, lead, n := c.readLed(ts)
	if unit, m := c.readUnit(ts); end && m > lead+n {
		read, lead, n = unit, 0, m
	}
	switch {
	case n == 0 || lead+n != len(ts) && n != len(ts) || len(read.either) > 0 || read.isNo != "":
		return time.Time{}
	case end:
		return c.future(read.To)
	case !read.From.After(c.today):
		return c.future(read.To)
	default:
		return read.From
	}
}

func (c calendar) future(t time.Time) time.Time {
	if t.After(c.today) {
		return t
	}
	return time.Time{}
}

// after is a length of time from a moment.
func (c calendar) after(at time.Time, text string) time.Time {
	ts := tokenise(clean(text))
	count, u, n := 1, unit(""), 2
	switch {
	case len(ts) < 2:
		return time.Time{}
	case ts[0].word == "a" || ts[0].word == "an" || ts[0].word == "the" && ts[1].word != "next":
		u = units[ts[1].word]
	default:
		count, u, n = readCount(ts)
	}
	if n != len(ts) || u == "" || count < 1 || count > maxUnits/monthsOrOne(u) {
		return time.Time{}
	}
	local := at.In(c.today.Location())
	day := c.civil().plus(c.today, u, count)
	return day.Add(local.Sub(c.today))
}

// endOfThis is the end of "today", "this week" or "this month".
func (c calendar) endOfThis(text string) time.Time {
	ts := tokenise(text)
	if !is(ts, 0, "this") && !is(ts, 0, "today") {
		return time.Time{}
	}
	read, n := c.readPeriod(ts)
	if n != len(ts) {
		return time.Time{}
	}
	return c.future(read.To)
}
