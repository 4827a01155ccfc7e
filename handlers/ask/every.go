package ask

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Every is what a text says about being sent something on time. What it leaves
// open or what is not understood is said in so many words, and then there is
// no schedule.
type Every struct {
	Question string // what is to be sent; empty: what was asked last
	Edit     bool   // the schedule of a digest is to be changed
	OnlyTime bool   // … and only its time of day
	Schedule insights.Schedule
	Note     string // how an hour was read that could be two

	NoDay   bool
	NoTime  bool
	Unknown string // the words that were not understood
	Reason  string // why Unknown cannot be done, if it was understood
	Rarely  bool   // of Reason: it is to come every month or less often
}

// ReadEvery reads a text that asks to be sent something on time: "send me this
// every monday 8am". It reports false for every other text. The zone of the
// schedule stays empty unless it was said. Working days are the company's, its
// holidays left out.
func ReadEvery(text string, co metric.Company) (Every, bool) {
	if len(text) > maxText {
		return Every{}, false
	}
	ws := cutWords(clean(text))
	ws = trimPolite(ws)
	if n := prefixOf(ws, editVerbs); n > 0 {
		return readEdit(ws[n:], co)
	}
	if r, n := readWhen(ws, false, co); r.timed && len(r.schedule.Days) > 0 {
		if verb := prefixOf(ws[n:], sendVerbs); verb > 0 && n+verb < len(ws) {
			return readFirst(clean(text), r, ws[n+verb:]), true
		}
	}
	verb := prefixOf(ws, sendVerbs)
	if n := prefixOf(ws, getVerbs); n > 0 && prefixOf(ws[n:], these) > 0 {
		verb = n // "can I get win rate every month" breaks it down
	}
	return readSend(clean(text), ws[verb:], verb > 0, co)
}

// word is one word of the text, and where it stands.
type word struct {
	typed, lower string // without the signs around it
	start, end   int
}

var wordForm = regexp.MustCompile(`[^\s,;]+`)

func cutWords(text string) []word {
	var ws []word
	for _, at := range wordForm.FindAllStringIndex(text, -1) {
		typed := strings.Trim(text[at[0]:at[1]], ".!?()")
		ws = append(ws, word{typed: typed, lower: strings.ToLower(typed), start: at[0], end: at[1]})
	}
	return slices.DeleteFunc(ws, func(w word) bool { return w.lower == "" })
}

var (
	polite    = []string{"please", "pls", "plz", "thanks", "thx", "hey", "hi", "ok", "okay", "and", "now", "also", "then", "so", "can you", "could you", "thank you"}
	sendVerbs = []string{"send me", "send to me", "send", "dm me", "message me", "mail me", "email me", "slack me", "deliver", "schedule", "subscribe me to", "subscribe to", "subscribe"}
	getVerbs  = []string{"get", "get me", "give me", "can i get", "can i have", "could i get", "i want", "i want to get", "i would like", "id like", "i need", "i want to see", "show me"}
	editVerbs = []string{"make it", "make that", "change it to", "change that to", "move it to", "move that to", "send it at"}
	these     = []string{"this", "that", "it", "the same", "this one", "that one", "the same thing", "this again", "this answer", "that answer", "this figure"}
)

// prefixOf counts the words of the longest phrase that the words begin with.
func prefixOf(ws []word, phrases []string) int {
	longest := 0
	for _, phrase := range phrases {
		if n := len(strings.Fields(phrase)); n > longest && n <= len(ws) && lowered(ws[:n]) == phrase {
			longest = n
		}
	}
	return longest
}

func lowered(ws []word) string {
	parts := make([]string, len(ws))
	for i, w := range ws {
		parts[i] = w.lower
	}
	return strings.Join(parts, " ")
}

func trimPolite(ws []word) []word {
	for n := prefixOf(ws, polite); n > 0; n = prefixOf(ws, polite) {
		ws = ws[n:]
	}
	for len(ws) > 0 && slices.Contains(polite, ws[len(ws)-1].lower) {
		ws = ws[:len(ws)-1]
	}
	return ws
}

// readFirst takes a schedule that came before what is to be sent: "every monday at 9
// send me pipeline by rep".
func readFirst(text string, r when, question []word) Every {
	e := Every{Schedule: r.schedule, Note: r.note}
	if !slices.Contains(these, lowered(question)) {
		e.Question = strings.TrimSpace(text[question[0].start:question[len(question)-1].end])
	}
	return e
}

// readEdit reads what comes after "make it". Without a time of day it is about
// something else.
func readEdit(ws []word, co metric.Company) (Every, bool) {
	r, n := readWhen(ws, true, co)
	if !r.timed || r.reason != "" {
		return Every{}, false
	}
	return Every{Edit: true, OnlyTime: len(r.schedule.Days) == 0, Schedule: r.schedule, Note: r.note, Unknown: lowered(ws[n:])}, true
}

// readSend reads what is to be sent, and when. A text that does not ask to be
// sent something must end with the days and the time: "by month" and "every month"
// break a figure down, and "on wed, 22 of jan" is a day.
func readSend(text string, ws []word, asked bool, co metric.Company) (Every, bool) {
	r, from, to := findWhen(ws, co)
	complete := r.timed && len(r.schedule.Days) > 0 && to == len(ws)
	if from < 0 || !asked && !complete {
		return Every{}, false
	}
	e := Every{
		Schedule: r.schedule, Note: r.note, Unknown: lowered(ws[to:]), Reason: r.reason, Rarely: r.rarely,
		NoDay: len(r.schedule.Days) == 0, NoTime: !r.timed,
	}
	if r.reason != "" {
		e.Unknown = lowered(ws[from:])
	}
	if question := withoutReport(ws[:from]); len(question) > 0 && !slices.Contains(these, lowered(question)) {
		e.Question = strings.TrimSpace(text[question[0].start:question[len(question)-1].end])
	}
	return e, true
}

// reports are words for what is sent that say nothing of what is in it.
var reports = []string{"report", "reports", "update", "updates", "summary", "digest", "overview"}

// withoutReport leaves out the end of "weekly pipeline report", and then what it says
// of when, which the schedule says.
func withoutReport(ws []word) []word {
	if len(ws) < 2 || !slices.Contains(reports, ws[len(ws)-1].lower) {
		return ws
	}
	ws = ws[:len(ws)-1]
	if n := prefixOf(ws, []string{"a", "the", "my", "our"}); n < len(ws)-1 && slices.Contains([]string{"weekly", "daily"}, ws[n].lower) {
		return ws[n+1:]
	}
	return ws
}

// findWhen finds the schedule: one that says days and time and ends the text
// or, failing that, the first that says both, the first that says either.
func findWhen(ws []word, co metric.Company) (best when, from, to int) {
	from, rank := -1, 0
	for i := range ws {
		r, n := readWhen(ws[i:], false, co)
		if n == 0 {
			continue
		}
		score := 1
		if r.timed && len(r.schedule.Days) > 0 {
			score = 2
			if i+n == len(ws) {
				score = 3
			}
		}
		if score > rank {
			best, from, to, rank = r, i, i+n, score
		}
	}
	return best, from, to
}

// when is a schedule on its way.
type when struct {
	company  metric.Company
	schedule insights.Schedule
	expected bool // a time of day
	repeats  bool // it is said to come again and again
	timed    bool
	half     string // am or pm, by the part of the day
	bare     bool   // an hour without am, pm or minutes
	note     string
	reason   string // understood, but not possible
	rarely   bool   // of reason: every month or less often
}

// readWhen reads a schedule at the start of the words and says how many it
// took: days and a time of day, in either order. A bare number is a time only
// after "at" or the days, unless a time is expected: the 5 of "top 5" is none.
func readWhen(ws []word, expected bool, co metric.Company) (when, int) {
	r := when{company: co, expected: expected}
	n := 0
	for n < len(ws) {
		used := 0
		for _, read := range []func(*when, []word) int{(*when).readDays, (*when).readTime, (*when).readPart, (*when).readZone, (*when).readHolidays} {
			if used = read(&r, ws[n:]); used > 0 {
				break
			}
		}
		if used == 0 {
			break
		}
		n += used
	}
	if !r.settle() {
		return when{}, 0
	}
	return r, n
}

// settle decides between morning and evening.
func (r *when) settle() bool {
	if !r.timed {
		return true
	}
	if r.half != "" {
		hour, ok := halfDay(r.schedule.Hour, r.half)
		if !ok {
			return r.schedule.Hour > 12 // "17:00 in the afternoon" says it twice
		}
		r.schedule.Hour, r.bare = hour, false
	}
	if r.bare && r.schedule.Hour <= 12 {
		r.note = fmt.Sprintf("“%d” without am or pm is read as %02d:00", r.schedule.Hour, r.schedule.Hour)
	}
	return true
}

var workdayPhrases = []string{
	"every workday", "each workday", "workdays", "on workdays", "every working day", "each working day", "working days", "on working days",
	"every business day", "each business day", "business days", "on business days",
}

// workdays are the weekdays on which the company works, from Monday.
func workdays(co metric.Company) []time.Weekday {
	co.Holidays = nil
	monday := time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)
	var days []time.Weekday
	for i, day := range everyDay {
		if co.IsWorkingDay(monday.AddDate(0, 0, i)) {
			days = append(days, day)
		}
	}
	return days
}

var everyDay = append(insights.Weekdays(), time.Saturday, time.Sunday)

// readDays reads "every monday and thursday", "daily", "weekdays", "mondays".
func (r *when) readDays(ws []word) int {
	if len(r.schedule.Days) > 0 || r.reason != "" {
		return 0
	}
	weekly := r.repeats
	if n := prefixOf(ws, []string{"monthly", "every month", "each month", "quarterly", "every quarter", "each quarter", "yearly", "every year"}); n > 0 {
		r.rarely = true
		return r.cannot(n)
	}
	if n := prefixOf(ws, []string{"every other", "every second", "biweekly", "fortnightly", "hourly", "every hour", "once", "tomorrow"}); n > 0 {
		return r.cannot(n)
	}
	if n := prefixOf(ws, []string{"every morning", "each morning", "every afternoon", "every evening", "each evening"}); n > 0 {
		r.schedule.Days, r.repeats = slices.Clone(everyDay), true
		return n - 1 // the part of the day is read next
	}
	for phrase, days := range map[string][]time.Weekday{
		"daily": everyDay, "every day": everyDay, "each day": everyDay, "everyday": everyDay,
		"every weekday": insights.Weekdays(), "each weekday": insights.Weekdays(), "weekdays": insights.Weekdays(), "on weekdays": insights.Weekdays(),
	} {
		if n := prefixOf(ws, []string{phrase}); n > 0 {
			r.schedule.Days, r.repeats = slices.Clone(days), true
			return n
		}
	}
	if n := prefixOf(ws, workdayPhrases); n > 0 {
		r.schedule.Days, r.schedule.ButHolidays, r.repeats = workdays(r.company), true, true
		return n
	}
	if n := prefixOf(ws, []string{"every week", "each week", "weekly", "once a week"}); n > 0 && !r.repeats {
		r.repeats = true // on which day is said next, if at all
		return n
	}
	lead := prefixOf(ws, []string{"every", "each", "on"})
	n := r.readDayList(ws, lead)
	if _, plural := dayNames(lastOf(ws[:n]).lower); n > 0 && ws[0].lower == "on" && !plural && !weekly {
		return r.cannot(n)
	}
	return n
}

// cannot says that the words name a time, but none that comes every week.
func (r *when) cannot(n int) int {
	r.reason = "Digests come on days of the week, such as every weekday, or every Monday and Thursday."
	return n
}

func lastOf(ws []word) word {
	if len(ws) == 0 {
		return word{}
	}
	return ws[len(ws)-1]
}

// readDayList reads the days after a word that leads up to them. Without such
// a word they are read only as "mondays", or the day would be a date.
func (r *when) readDayList(ws []word, lead int) int {
	n := lead
	for n < len(ws) {
		days, plural := dayNames(ws[n].lower)
		joined := n > lead && slices.Contains([]string{"and", "&", "+"}, ws[n].lower)
		switch {
		case joined && n+1 < len(ws):
			if next, _ := dayNames(ws[n+1].lower); next == nil {
				return r.daysRead(n)
			}
		case days == nil && n > lead && isRange(ws, n):
			until, _ := dayNames(ws[n+1].lower)
			r.addDays(span(r.schedule.Days[len(r.schedule.Days)-1], until[0])...)
			n++
		case days == nil, lead == 0 && !plural && !strings.Contains(ws[n].lower, "-"):
			return r.daysRead(n)
		default:
			r.addDays(days...)
		}
		n++
	}
	return r.daysRead(n)
}

func (r *when) daysRead(n int) int {
	if len(r.schedule.Days) > 0 {
		r.repeats = true
		return n
	}
	return 0
}

func isRange(ws []word, n int) bool {
	if n+1 >= len(ws) || !slices.Contains([]string{"to", "through", "thru", "until", "-"}, ws[n].lower) {
		return false
	}
	days, _ := dayNames(ws[n+1].lower)
	return len(days) == 1
}

// addDays keeps the days in the order of the week, each once.
func (r *when) addDays(days ...time.Weekday) {
	r.schedule.Days = append(r.schedule.Days, days...)
	slices.SortFunc(r.schedule.Days, func(a, b time.Weekday) int { return fromMonday(a) - fromMonday(b) })
	r.schedule.Days = slices.Compact(r.schedule.Days)
}

func fromMonday(d time.Weekday) int { return (int(d) + 6) % 7 }

// span lists the days from one to another, both included.
func span(from, to time.Weekday) []time.Weekday {
	days := []time.Weekday{from}
	for d := from; d != to; {
		d = (d + 1) % 7
		days = append(days, d)
	}
	return days
}

var shortDays = map[string]time.Weekday{"weds": time.Wednesday, "thur": time.Thursday, "sat": time.Saturday, "sun": time.Sunday}

// dayNames reads "monday", "mondays", "mon-fri" and "mon/thu".
func dayNames(text string) (days []time.Weekday, plural bool) {
	if from, to, ok := strings.Cut(text, "-"); ok {
		a, _ := dayName(from)
		b, _ := dayName(to)
		if a < 0 || b < 0 {
			return nil, false
		}
		return span(a, b), false
	}
	for part := range strings.SplitSeq(text, "/") {
		d, many := dayName(part)
		if d < 0 {
			return nil, false
		}
		days, plural = append(days, d), plural || many
	}
	return days, plural
}

func dayName(text string) (d time.Weekday, plural bool) {
	for _, names := range []map[string]time.Weekday{weekdays, shortDays} {
		if d, ok := names[text]; ok {
			return d, false
		}
		if d, ok := names[strings.TrimSuffix(text, "s")]; ok {
			return d, true
		}
	}
	return -1, false
}

var clockForm = regexp.MustCompile(`^(\d{1,2})(?:[:.h](\d{2}))?(am|pm|a\.m|p\.m|h)?$`)

// readTime reads "8am", "at 7:30", "16:00", "8 pm", "noon".
func (r *when) readTime(ws []word) int {
	n := prefixOf(ws, []string{"at", "@"})
	if r.timed || n >= len(ws) {
		return 0
	}
	switch ws[n].lower {
	case "noon", "midday":
		r.schedule.Hour, r.timed = 12, true
		return n + 1
	case "midnight":
		r.schedule.Hour, r.timed = 0, true
		return n + 1
	}
	m := clockForm.FindStringSubmatch(ws[n].lower)
	if m == nil {
		return 0
	}
	hour, _ := strconv.Atoi(m[1]) // two digits at most
	minute, _ := strconv.Atoi("0" + m[2])
	half := strings.ReplaceAll(m[3], ".", "")
	n++
	if half == "" && n < len(ws) && slices.Contains([]string{"am", "pm", "a.m", "p.m", "oclock", "o'clock", "h"}, ws[n].lower) {
		half = strings.ReplaceAll(ws[n].lower, ".", "")
		n++
	}
	if m[2] == "" && half == "" && !(r.expected || r.repeats || n > 1) {
		return 0
	}
	ok := hour < 24 && minute < 60
	if half == "am" || half == "pm" {
		hour, ok = halfDay(hour, half)
		ok = ok && minute < 60
	}
	if !ok {
		return 0
	}
	r.schedule.Hour, r.schedule.Minute, r.timed = hour, minute, true
	r.bare = m[2] == "" && half == ""
	return n
}

// halfDay is the hour of the day that the clock's twelve hours mean.
func halfDay(hour int, half string) (int, bool) {
	if hour < 1 || hour > 12 {
		return 0, false
	}
	if half == "pm" {
		return hour%12 + 12, true
	}
	return hour % 12, true
}

// readPart reads "in the morning", which says which eight o'clock is meant.
func (r *when) readPart(ws []word) int {
	for half, phrases := range map[string][]string{
		"am": {"in the morning", "morning", "mornings"},
		"pm": {"in the afternoon", "afternoon", "afternoons", "in the evening", "evening", "evenings"},
	} {
		if n := prefixOf(ws, phrases); n > 0 && r.half == "" && (r.repeats || r.timed) {
			r.half = half
			return n
		}
	}
	return 0
}

// readHolidays reads "and skip holidays", after days or a time.
func (r *when) readHolidays(ws []word) int {
	if !r.timed && !r.repeats {
		return 0
	}
	lead := prefixOf(ws, []string{"and", "but"})
	lead += prefixOf(ws[lead:], []string{"skip", "skipping", "except", "except on", "excluding", "not on", "without", "no", "minus", "leave out", "not"})
	n := prefixOf(ws[lead:], []string{"holidays", "public holidays", "bank holidays", "company holidays", "the holidays", "our holidays", "holiday"})
	if lead == 0 || n == 0 {
		return 0
	}
	r.schedule.ButHolidays = true
	return lead + n
}

var zoneForm = regexp.MustCompile(`^(utc|gmt|[a-z]+/[a-z_+\-/0-9]+)$`)

// readZone reads a zone by its IANA name.
func (r *when) readZone(ws []word) int {
	if r.schedule.Zone != "" || !r.timed || !zoneForm.MatchString(ws[0].lower) {
		return 0
	}
	zone, ok := zoneNamed(ws[0])
	if !ok {
		return 0
	}
	r.schedule.Zone = zone
	return 1
}

// zoneNamed finds the zone, written as its name or all in lower case.
func zoneNamed(w word) (string, bool) {
	if w.lower == "utc" || w.lower == "gmt" {
		return strings.ToUpper(w.lower), true
	}
	capital := func(after string, text string) string {
		parts := strings.Split(text, after)
		for i, part := range parts {
			if part != "" {
				parts[i] = strings.ToUpper(part[:1]) + part[1:]
			}
		}
		return strings.Join(parts, after)
	}
	for _, name := range []string{w.typed, capital("/", capital("_", w.lower))} {
		if _, err := time.LoadLocation(name); err == nil {
			return name, true
		}
	}
	return "", false
}

// SayEvery writes a schedule in the words that ReadEvery reads.
func SayEvery(s insights.Schedule) string {
	phrase, _, _ := strings.Cut(s.String(), " (")
	return phrase
}

// Moves reports whether a period is another one as time goes by: this week is,
// Q3 2017 is not.
func (p *Parser) Moves(period metric.Period) bool {
	if period.IsAll() {
		return false
	}
	ts := tokenise(clean(period.Label))
	at := time.Date(2020, time.May, 15, 0, 0, 0, 0, time.UTC)
	then, n := newCalendar(at, p.Company).readPeriod(ts)
	now, _ := newCalendar(at.AddDate(3, 5, 9), p.Company).readPeriod(ts)
	return n == len(ts) && n > 0 && !(then.From.Equal(now.From) && then.To.Equal(now.To))
}
