package ask

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// part is a period as it was read, with what a comparison or a range needs to
// know about it.
type part struct {
	metric.Period
	unit   unit // what it is one or several of; empty for a free range
	count  int
	fiscal bool
	civil  bool // the unit is the calendar's, whatever the company's years are
	toDate bool // it ends with today, inside a unit that is still running
	// inYear places a month, quarter, half or day that was named without a
	// year; nil when the year was said.
	inYear  func(y int) part
	note    string
	assumed bool // the year was not said
	within  bool // "within 2 weeks": those to come, of what lies ahead
	// either holds the two ways to read a date such as 3/4/2017, as ISO days;
	// such a part is asked back, never used.
	either []string
	// countedFrom is the day from which this one was counted: "2 weeks before 13
	// may" may mean the day, or the time between. Zero: it was not counted.
	countedFrom time.Time
	// isNo says that a weekday and a date contradict each other; such a part is of
	// no days.
	isNo string
}

// maxUnits bounds "last N days" to what a calendar can hold.
const maxUnits = 4000

// readLed is readPeriod after words that only lead up to a period, such as
// "over the"; lead is how many they are.
func (c calendar) readLed(ts []token) (p part, lead, n int) {
	p, n = c.readPeriod(ts)
	lead = leading(ts)
	if u, ok := unitAfterThe(ts, lead); ok {
		return c.relative(u, 0, false), lead, lead + 1
	}
	if led, m := c.readPeriod(ts[lead:]); m > 0 && lead+m > n {
		return led, lead, lead + m
	}
	return p, 0, n
}

// unitAfterThe reads the quarter of "for the quarter", which is this one.
func unitAfterThe(ts []token, lead int) (unit, bool) {
	if lead == 0 || lead >= len(ts) || ts[lead-1].word != "the" || isPhrase(ts[lead+1:], "to", "date") || isPhrase(ts[lead+1:], "before") || isPhrase(ts[lead+1:], "after", "next") {
		return "", false
	}
	if isPhraseAny(ts[lead+1:], "of", "starting", "beginning") || lead+1 < len(ts) && isDigits(ts[lead+1].word) && !isYear(ts[lead+1]) {
		return "", false // "the week of the 18th"
	}
	u, ok := units[ts[lead].word]
	return u, ok && len(ts[lead].word) > 1 && !strings.HasSuffix(ts[lead].word, "s")
}

// isPeriodWord reports whether a word names a day or month.
func isPeriodWord(word string) bool {
	_, isMonth := months[word]
	_, isWeekday := weekdays[word]
	return isMonth || isWeekday || word == "today" || word == "yesterday" || word == "tomorrow"
}

// readPeriod reads the longest period at the start of ts and says how many
// tokens it took; 0 when there is none.
func (c calendar) readPeriod(ts []token) (part, int) {
	best, most := part{}, 0
	for _, read := range []func([]token) (part, int){c.readBounded, c.readOpen, c.readOnwards, c.readUntilEnd, c.readPlain} {
		if p, n := read(ts); n > most {
			best, most = p, n
		}
	}
	return c.settle(best), most
}

// settle gives a part without a year the year it is meant in: the latest that
// has begun or, looking ahead, the next that has not ended.
func (c calendar) settle(p part) part {
	if p.inYear == nil {
		return p
	}
	settled := c.latest(p)
	if c.ahead || settled.From.IsZero() { // as a weekday may say
		settled = c.next(p)
	}
	settled.assumed = true
	settled.note = fmt.Sprintf("no year was given, so it is read as %s", settled.Label)
	return settled
}

// latest is the part in the latest year in which it has begun.
func (c calendar) latest(p part) part {
	return c.pick(p, c.yearOf(c.today)+1, -1, func(q part) bool { return !q.From.After(c.today) })
}

// next is the part in the first year in which it has not ended.
func (c calendar) next(p part) part {
	return c.pick(p, c.yearOf(c.today)-1, 1, func(q part) bool { return q.To.After(c.today) })
}

// pick tries one year after another until the part suits. Years that do not
// have it, as most lack a 29 February, are passed over.
func (c calendar) pick(p part, y, step int, suits func(part) bool) part {
	for range leapGap {
		if q := p.inYear(y); !q.From.IsZero() && suits(q) {
			return q
		}
		y += step
	}
	return part{}
}

// leapGap is more than the years between two days of 29 February.
const leapGap = 12

var leadWords = []string{"in", "during", "for", "within", "throughout", "on", "of", "over", "from", "across"}

// leading counts the words before a period that only lead up to it.
func leading(ts []token) int {
	n := 0
	if n < len(ts) && slices.Contains(leadWords, ts[n].word) {
		n++
	}
	if n < len(ts) && ts[n].word == "the" {
		n++
		if is(ts, n, "year") && n+1 < len(ts) && isYear(ts[n+1]) {
			n++ // "in the year 2017"
		}
	}
	if n > 0 && ts[0].word == "over" && n < len(ts) && isYear(ts[n]) {
		return 0 // "over 2017" is an amount
	}
	return n
}

// readBounded reads a period with two ends: "from A to B", "between A and B",
// "A to B", "A – B", "A..B".
func (c calendar) readBounded(ts []token) (part, int) {
	n, led := 0, is(ts, 0, "between") || is(ts, 0, "from")
	if led {
		n = 1
	}
	a, used := c.readEnd(ts[n:], false)
	if used == 0 || n+used >= len(ts) {
		return part{}, 0
	}
	yearAlone := used == 1 && isYear(ts[n])
	n += used
	switch {
	case yearAlone && ts[n].dash && months[ts[n].word] != 0:
		return part{}, 0 // "2017-aug-1" is a day
	case slices.Contains(joints, ts[n].word) && (led || ts[n].word != "and"):
		n++
	case !ts[n].dash:
		return part{}, 0
	}
	b, used := c.readEnd(ts[n:], true)
	if used == 0 {
		return part{}, 0
	}
	if len(a.either)+len(b.either) > 0 {
		return part{either: slices.Concat(a.either, b.either)}, n + used
	}
	if _, ok := weekdays[ts[n].word]; ok && used == 1 && !a.From.IsZero() {
		b = c.firstFrom(a.From, weekdays[ts[n].word])
	}
	p := c.join(a, b)
	if p.From.IsZero() || !p.From.Before(p.To) {
		return part{}, 0 // the end comes first: no such days
	}
	return p, n + used
}

// firstFrom is the first such weekday on or after a day.
func (c calendar) firstFrom(from time.Time, weekday time.Weekday) part {
	return c.oneDay(c.plusDays(from, (int(weekday-from.Weekday())+7)%7))
}

// readEnd reads one end of a range: a period of its own, or "the end of june".
// From the end of a unit on is what comes after it; up to its beginning is what
// comes before it.
func (c calendar) readEnd(ts []token, closing bool) (part, int) {
	p, last, n := c.readEdgeOf(ts)
	if n == 0 {
		return c.readPlain(ts)
	}
	if last == closing {
		return p, n
	}
	if p = c.settle(p); p.From.IsZero() || p.To.IsZero() {
		return part{}, 0
	}
	if closing {
		return c.oneDay(c.plusDays(p.From, -1)), n
	}
	return c.oneDay(p.To), n
}

// join joins two parts. Where the first has no year, it is the latest that has
// begun, and the second the first one after it; with a year behind the second
// alone, the first is the latest before it.
func (c calendar) join(a, b part) part {
	assumed := a.inYear != nil && b.inYear != nil
	switch {
	case assumed:
		a = c.settle(a)
		b = c.pick(b, c.yearOf(a.From)-1, 1, func(q part) bool { return q.To.After(a.From) })
	case b.inYear != nil:
		b = c.settle(b)
		assumed = true
	case a.inYear != nil:
		a = c.pick(a, c.yearOf(b.From)+1, -1, func(q part) bool { return !q.From.After(b.From) })
		if a.From.Before(c.plusMonths(b.From, -12)) {
			return part{} // there is no 29 February in the year meant
		}
	}
	if a.From.IsZero() || b.To.IsZero() {
		return part{}
	}
	p := c.between(a, b)
	if assumed {
		p.assumed = true
		p.note = "no year was given, so it is read as " + p.Label
	}
	return p
}

// readOnwards reads "1 march and after", "2016 or later".
func (c calendar) readOnwards(ts []token) (part, int) {
	p, n := c.readPlain(ts)
	more := onwards(ts[n:])
	if n == 0 || more == 0 {
		return part{}, 0
	}
	if len(p.either) > 0 {
		return p, n + more
	}
	if p = c.settle(p); p.From.IsZero() {
		return part{}, 0
	}
	return part{Period: metric.Period{From: p.From, Label: "since " + dayLabel(p.From)}, note: p.note, assumed: p.assumed}, n + more
}

var openWords = []string{"since", "starting", "beginning", "from", "after", "before", "until", "till", "til", "through", "thru", "up"}

// readOpen reads a period with one end: "since A", "before A", "until A".
func (c calendar) readOpen(ts []token) (part, int) {
	if len(ts) < 2 || !slices.Contains(openWords, ts[0].word) || isPhrase(ts, "beginning", "of") {
		return part{}, 0
	}
	n := 1
	if ts[0].word == "up" {
		if ts[1].word != "to" || len(ts) > 2 && isYear(ts[2]) {
			return part{}, 0 // "up to 2017" may be an amount
		}
		n++
	}
	if is(ts, n, "on") && (ts[0].word == "starting" || ts[0].word == "beginning") {
		n++
	}
	n += leading(ts[n:])
	p, used := c.readPlain(ts[n:])
	isStart := isPhrase(ts[n:], "start", "of") || isPhrase(ts[n:], "beginning", "of")
	if isStart && isPhraseAny(ts, "since", "starting", "before") {
		n += 2
		n += leading(ts[n:])
		p, used = c.readUnit(ts[n:])
	}
	if used == 0 {
		return part{}, 0
	}
	if len(p.either) > 0 {
		return p, n + used
	}
	p = c.settle(p)
	open := part{note: p.note, assumed: p.assumed}
	switch ts[0].word {
	case "since", "starting", "beginning", "from":
		open.Period = metric.Period{From: p.From, Label: "since " + dayLabel(p.From)}
	case "after":
		open.Period = metric.Period{From: p.To, Label: "since " + dayLabel(p.To)}
	case "before":
		open.Period = metric.Period{To: p.From, Label: "before " + dayLabel(p.From)}
	default:
		open.Period = metric.Period{To: p.To, Label: untilLabel(c, p.To)}
	}
	if ts[0].word == "from" && !isPhraseAny(ts[n+used:], "on", "onwards", "onward") {
		return part{}, 0
	}
	if ts[0].word == "from" {
		used++
	}
	return open, n + used
}

func untilLabel(c calendar, to time.Time) string {
	return "until " + dayLabel(c.plusDays(to, -1))
}

// readUntilEnd reads "by end of quarter", "before the end of march", "eoq".
func (c calendar) readUntilEnd(ts []token) (part, int) {
	n := 0
	if n < len(ts) && slices.Contains([]string{"by", "before", "until", "till"}, ts[n].word) {
		n++
	}
	if is(ts, n, "the") {
		n++
	}
	if n < len(ts) {
		if u, ok := map[string]unit{"eom": month, "eoq": quarter, "eoy": year, "eow": week}[ts[n].word]; ok {
			return c.untilEnd(c.relative(u, 0, false)), n + 1
		}
	}
	if !isPhrase(ts[n:], "end", "of") || n == 0 {
		return part{}, 0
	}
	n += 2
	if is(ts, n, "the") {
		n++
	}
	p, used := c.readUnit(ts[n:])
	if used == 0 || len(p.either) > 0 {
		return part{}, 0
	}
	return c.untilEnd(c.settle(p)), n + used
}

// readUnit reads what has a start and an end: "the quarter" is this quarter,
// and any plain period is itself.
func (c calendar) readUnit(ts []token) (part, int) {
	if p, n := c.readPlain(ts); n > 0 {
		return p, n
	}
	if len(ts) == 0 {
		return part{}, 0
	}
	u, ok := units[ts[0].word]
	if !ok {
		return part{}, 0
	}
	return c.relative(u, 0, false), 1
}

func (c calendar) untilEnd(p part) part {
	return part{Period: metric.Period{To: p.To, Label: untilLabel(c, p.To)}, note: p.note, assumed: p.assumed}
}

// readPlain reads a period that needs no second one.
func (c calendar) readPlain(ts []token) (part, int) {
	best, most := part{}, 0
	for _, read := range []func([]token) (part, int){
		readAllTime, c.readUpToNow, c.readToDate, c.readRelative, c.readOneFurther, c.readRolling, c.readWeekday, c.readWeekdayOfWeek, c.readNthWeekday,
		c.readNamed, c.readCivil, c.readMonth, c.readDay, c.readNumeric, c.readDashed, c.readShortSlashes,
		c.readDaysOf, c.readWeekOf, c.readPartOf, c.readDatedWeekday, c.readWeekend, c.readOfThisMonth, c.readCountedDay,
	} {
		if p, n := read(ts); n > most {
			best, most = p, n
		}
	}
	return best, most
}

// AllTime is what an unbounded period is called.
const AllTime = "all time"

func readAllTime(ts []token) (part, int) {
	for _, phrase := range [][]string{{"all", "time"}, {"of", "all", "time"}, {"since", "ever"}, {"ever"}, {"overall"}, {"lifetime"}, {"all", "years"}} {
		if isPhrase(ts, phrase...) {
			return part{Period: metric.Period{Label: AllTime}}, len(phrase)
		}
	}
	return part{}, 0
}

// readUpToNow reads "to date" alone, which begins nowhere.
func (c calendar) readUpToNow(ts []token) (part, int) {
	if !isPhrase(ts, "to", "date") {
		return part{}, 0
	}
	tomorrow := c.plusDays(c.today, 1)
	return part{Period: metric.Period{To: tomorrow, Label: untilLabel(c, tomorrow)}}, 2
}

var units = map[string]unit{
	"day": day, "days": day, "d": day,
	"week": week, "weeks": week, "wk": week, "wks": week, "w": week,
	"month": month, "months": month, "mo": month, "mos": month, "mth": month, "mths": month, "mnth": month, "mnths": month,
	"quarter": quarter, "quarters": quarter, "q": quarter, "qs": quarter, "qtr": quarter, "qtrs": quarter, "qrtr": quarter, "qrtrs": quarter,
	"half": half, "halves": half, "halfyear": half,
	"year": year, "years": year, "yr": year, "yrs": year, "y": year,
}

// readToDate reads "ytd", "year to date", "so far this quarter".
func (c calendar) readToDate(ts []token) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	if u, ok := map[string]unit{"ytd": year, "qtd": quarter, "mtd": month, "wtd": week, "fytd": year}[ts[0].word]; ok {
		return c.toDate(u), 1
	}
	n := 0
	for _, before := range [][]string{{"so", "far", "this"}, {"this"}, {"current"}, nil} {
		if isPhrase(ts, before...) {
			n = len(before)
			break
		}
	}
	if n >= len(ts) {
		return part{}, 0
	}
	u, ok := units[ts[n].word]
	if !ok || u == day {
		return part{}, 0
	}
	after := ts[n+1:]
	switch {
	case n == 3:
		return c.toDate(u), n + 1
	case isPhrase(after, "to", "date") || isPhrase(after, "so", "far"):
		return c.toDate(u), n + 3
	default:
		return part{}, 0
	}
}

func (c calendar) toDate(u unit) part {
	from := c.start(c.today, u)
	return part{
		Period: metric.Period{From: from, To: c.plusDays(c.today, 1), Label: string(u) + " to date"},
		unit:   u, count: 1, fiscal: c.cutsOwn(u), toDate: true,
	}
}

var steps = map[string]int{
	"this": 0, "current": 0, "these": 0,
	"last": -1, "previous": -1, "prev": -1, "prior": -1, "past": -1, "preceding": -1, "lst": -1,
	"next": 1, "coming": 1, "upcoming": 1, "following": 1,
}

// readRelative reads "this quarter", "last fiscal year", "yesterday".
func (c calendar) readRelative(ts []token) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	switch ts[0].word {
	case "today", "tdy", "todays":
		return c.named(c.oneDay(c.today), "today"), 1
	case "yesterday", "yesterdays":
		return c.named(c.oneDay(c.plusDays(c.today, -1)), "yesterday"), 1
	case "tomorrow", "tomorrows", "tmrw", "tmr":
		return c.named(c.oneDay(c.plusDays(c.today, 1)), "tomorrow"), 1
	}
	step, ok := steps[ts[0].word]
	if !ok || ts[0].word == "past" || len(ts) < 2 {
		return part{}, 0
	}
	n, civil := 1, false
	if ts[n].word == "fiscal" || ts[n].word == "calendar" {
		civil = ts[n].word == "calendar"
		n++
	}
	if is(ts, n, "half") && is(ts, n+1, "year") {
		return c.relative(half, step, civil), n + 2
	}
	if n >= len(ts) {
		return part{}, 0
	}
	if u, ok := units[ts[n].word]; ok && len(ts[n].word) > 1 || is(ts, n, "q") {
		return c.relative(u, step, civil), n + 1
	}
	return c.readStepped(ts[n:], step, n)
}

// readStepped reads a named month, quarter or half after "last" or "next":
// "last march" is the latest that has ended, "next q1" the first to begin.
func (c calendar) readStepped(ts []token, step, n int) (part, int) {
	p, used := c.readNamed(ts)
	for _, read := range []func([]token) (part, int){c.readMonth, c.readDay, c.readShortSlashes} {
		if more, longer := read(ts); longer > used {
			p, used = more, longer
		}
	}
	if used == 0 || p.inYear == nil {
		return part{}, 0
	}
	y := c.yearOf(c.today)
	if p.unit == month {
		y = c.today.Year() // months belong to the calendar's years
	}
	found := p.inYear(y)
	switch step {
	case -1:
		found = c.pick(p, y+1, -1, func(q part) bool { return !q.To.After(c.today) })
	case 1:
		found = c.pick(p, y-1, 1, func(q part) bool { return q.From.After(c.today) })
	}
	found.note = "it is read as " + found.Label
	return found, n + used
}

func (c calendar) named(p part, label string) part {
	p.Label = label
	return p
}

var stepLabels = map[int]string{-1: "last", 0: "this", 1: "next"}

// readOneFurther reads "the month before last" and "the week after next".
func (c calendar) readOneFurther(ts []token) (part, int) {
	n := countArticle(ts)
	if len(ts) < n+3 {
		return part{}, 0
	}
	u, ok := units[ts[n].word]
	if !ok || u == day || len(ts[n].word) < 2 {
		return part{}, 0
	}
	for step, after := range map[int][]string{-2: {"before", "last"}, 2: {"after", "next"}} {
		if isPhrase(ts[n+1:], after...) {
			return c.whole(c.plus(c.start(c.today, u), u, step), u, 1, string(u)+" "+strings.Join(after, " ")), n + 3
		}
	}
	return part{}, 0
}

// relative is the unit that lies step units from the one of today.
func (c calendar) relative(u unit, step int, civil bool) part {
	label := stepLabels[step] + " " + string(u)
	if civil && c.cutsOwn(u) {
		c = c.civil()
		label = stepLabels[step] + " calendar " + string(u)
	}
	if u == day {
		return c.named(c.oneDay(c.plusDays(c.today, step)), map[int]string{-1: "yesterday", 0: "today", 1: "tomorrow"}[step])
	}
	return c.whole(c.plus(c.start(c.today, u), u, step), u, 1, label)
}

var numerals = []string{
	"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
}

var countedForm = regexp.MustCompile(`^(\d{1,4})(d|days?|w|wks?|weeks?|m|mos?|months?|q|qtrs?|quarters?|y|yrs?|years?)$`)

// readRolling reads "last 30 days", "past 2 quarters", "next 3 months", "ttm",
// "within 2 weeks".
func (c calendar) readRolling(ts []token) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	if ts[0].word == "ttm" || ts[0].word == "ltm" {
		return c.rolling(month, 12, -1), 1
	}
	if count, n := smallNumber(ts), 1; count > 0 && len(ts) > 2 && steps[ts[n].word] != 0 {
		if u, ok := units[ts[n+1].word]; ok && strings.HasSuffix(ts[n+1].word, "s") && count <= maxUnits/monthsOrOne(u) {
			return c.rolling(u, count, steps[ts[n].word]), n + 2 // "3 next weeks"
		}
	}
	step, ok := steps[ts[0].word]
	if trailing := ts[0].word == "trailing" || ts[0].word == "rolling"; trailing {
		step, ok = -1, true
	}
	within := ts[0].word == "within"
	if within {
		step, ok = 1, true
	}
	if !ok || step == 0 || len(ts) < 2 {
		return part{}, 0
	}
	count, u, n := readCount(ts[1:])
	if n == 0 && ts[0].word == "past" {
		u, ok = units[ts[1].word]
		if !ok {
			return part{}, 0
		}
		count, n = 1, 1
	}
	if n == 0 || count < 1 || count > maxUnits/monthsOrOne(u) {
		return part{}, 0
	}
	p := c.rolling(u, count, step)
	p.within = within
	return p, 1 + n
}

// smallNumber reads a count at the start of ts, 0 when there is none.
func smallNumber(ts []token) int {
	if i := slices.Index(numerals, ts[0].word); i > 0 {
		return i
	}
	if len(ts[0].word) > 2 || !isDigits(ts[0].word) {
		return 0
	}
	return digit(ts[0].word)
}

func monthsOrOne(u unit) int { return max(monthsIn[u]*10, 1) }

// readCount reads "30 days", "two full quarters", "6mo".
func readCount(ts []token) (int, unit, int) {
	if m := countedForm.FindStringSubmatch(ts[0].word); m != nil {
		count, err := strconv.Atoi(m[1])
		if err != nil {
			return 0, "", 0
		}
		u, ok := units[m[2]]
		if !ok {
			u = month // "6m"
		}
		return count, u, 1
	}
	count := slices.Index(numerals, ts[0].word)
	if count < 0 {
		var err error
		if count, err = strconv.Atoi(ts[0].word); err != nil {
			return 0, "", 0
		}
	}
	n := 1
	if is(ts, n, "fiscal") && n+1 < len(ts) && monthsIn[units[ts[n+1].word]] > 1 {
		n++ // quarters, halves and years are fiscal
	}
	if n >= len(ts) {
		return 0, "", 0
	}
	u, ok := units[ts[n].stem]
	if !ok {
		u, ok = units[ts[n].word]
	}
	if !ok {
		return 0, "", 0
	}
	return count, u, n + 1
}

// rolling is count units back from today or ahead of it. Days, weeks and
// months include today; quarters and years are the full ones beside this one.
func (c calendar) rolling(u unit, count, step int) part {
	label := fmt.Sprintf("%s %d %ss", stepLabels[step], count, u)
	if count == 1 {
		label = fmt.Sprintf("%s 1 %s", stepLabels[step], u)
	}
	if u == half {
		label = strings.Replace(label, "halfs", "halves", 1)
	}
	if monthsIn[u] > 1 {
		from := c.start(c.today, u)
		if step < 0 {
			return c.whole(c.plus(from, u, -count), u, count, label)
		}
		return c.whole(c.plus(from, u, 1), u, count, label)
	}
	c = c.civil() // as long as so many of the calendar's months
	if step > 0 {
		return c.whole(c.today, u, count, label)
	}
	to := c.plusDays(c.today, 1)
	p := part{Period: metric.Period{From: c.plus(to, u, -count), To: to, Label: label}, unit: u, count: count, civil: true}
	return p
}
