package ask

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file reads days, and stretches of days inside a month, a quarter or a
// year: "the ninth of april", "april 9–17", "week of the 18th", "first two weeks
// of q3", "friday 7/6".

var ordinals = []string{
	"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
	"fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty first", "twenty second",
	"twenty third", "twenty fourth", "twenty fifth", "twenty sixth", "twenty seventh", "twenty eighth", "twenty ninth", "thirtieth", "thirty first",
}

// readOrdinal reads "9th", "ninth", "twenty-third".
func readOrdinal(ts []token) (number, n int) {
	if len(ts) == 0 {
		return 0, 0
	}
	if m := ordinalForm.FindStringSubmatch(ts[0].word); m != nil && m[2] != "" {
		return digit(m[1]), 1
	}
	if len(ts) > 1 {
		if i := slices.Index(ordinals, ts[0].word+" "+ts[1].word); i > 0 {
			return i, 2
		}
	}
	return max(slices.Index(ordinals, ts[0].word), 0), min(max(slices.Index(ordinals, ts[0].word), 0), 1)
}

// readDayNumber reads the day of a month by its number: "9", "9th", "ninth",
// "15th day".
func readDayNumber(ts []token) (number, n int) {
	if number, n = readOrdinal(ts); n == 0 && len(ts) > 0 && ordinalForm.MatchString(ts[0].word) {
		number, n = digit(ts[0].word), 1
	}
	if n == 0 && len(ts) > 0 && slices.Index(numerals, ts[0].word) < 0 {
		number, n = readBelowHundred(ts)
	}
	if n > 0 && is(ts, n, "day") {
		n++
	}
	if number < 1 || number > 31 {
		return 0, 0
	}
	return number, n
}

// monthIn is a month and, if it was said, its year.
type monthIn struct {
	month time.Month
	year  int // 0: not said
}

// readMonthIn reads "april", "of april 2017", "in next month", "of the month".
func (c calendar) readMonthIn(ts []token) (monthIn, int) {
	n := 0
	if is(ts, 0, "of") || is(ts, 0, "in") {
		n = 1
	}
	if n < len(ts) && months[ts[n].word] != 0 {
		in := monthIn{month: months[ts[n].word]}
		if y, used := c.readDayYear(ts[n+1:]); used > 0 {
			in.year, n = y, n+used
		}
		return in, n + 1
	}
	if n+1 >= len(ts) || units[ts[n+1].word] != month || len(ts[n+1].word) < 2 {
		return monthIn{}, 0
	}
	step, ok := steps[ts[n].word]
	if ts[n].word == "the" && n > 0 {
		step, ok = 0, true
	}
	if !ok {
		return monthIn{}, 0
	}
	there := c.plusMonths(c.date(c.today.Year(), c.today.Month(), 1), step)
	return monthIn{month: there.Month(), year: there.Year()}, n + 2
}

// readDayYear reads the year behind a day or month: "2017", "of 2017".
func (c calendar) readDayYear(ts []token) (int, int) {
	if y, n := readCivilYearAfter(ts); n > 0 {
		return y, n
	}
	return 0, 0
}

// days is the part from one day of a month to another, both included.
func (c calendar) days(in monthIn, first, last int) part {
	if first > last || last > daysIn(in.month) {
		return part{}
	}
	place := func(y int) part {
		a, n := c.exactDay(y, int(in.month), first, 1)
		b, m := c.exactDay(y, int(in.month), last, 1)
		if n == 0 || m == 0 {
			return part{}
		}
		if first == last {
			return a
		}
		return c.between(a, b)
	}
	if in.year != 0 {
		return place(in.year)
	}
	p := part{inYear: place}
	if first == last {
		p.unit, p.count = day, 1
	}
	return p
}

// found is a part with the tokens it took, none if it is of no days.
func found(p part, n int) (part, int) {
	if p.inYear == nil && p.From.IsZero() {
		return part{}, 0
	}
	return p, n
}

// readDay reads "1 march 2017", "march 1st", "first of march", "the 21st of next
// month", "22/jan/2019", "dec31".
func (c calendar) readDay(ts []token) (part, int) {
	for _, read := range []func([]token) (part, int){c.readDayFirst, c.readMonthFirst, c.readSlashedMonth} {
		if p, n := read(ts); n > 0 {
			return p, n
		}
	}
	return part{}, 0
}

func (c calendar) readDayFirst(ts []token) (part, int) {
	number, n := readDayNumber(ts)
	if n == 0 {
		return part{}, 0
	}
	in, used := c.readMonthIn(ts[n:])
	if used == 0 || ts[n].tick {
		return part{}, 0
	}
	return found(c.days(in, number, number), n+used)
}

var gluedDay = regexp.MustCompile(`^([a-z]{3,9})(\d{1,2})$`)

func (c calendar) readMonthFirst(ts []token) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	m, n := months[ts[0].word], 1
	if len(ts) > 2 && isYear(ts[0]) && months[ts[1].word] != 0 && ts[2].dash {
		return c.exactDay(fullYear(ts[0].word), int(months[ts[1].word]), digit(ts[2].word), 3)
	}
	number, used := 0, 0
	if glued := gluedDay.FindStringSubmatch(ts[0].word); glued != nil && months[glued[1]] != 0 {
		m, number = months[glued[1]], digit(glued[2])
	} else if m != 0 && len(ts) > 1 && !ts[1].tick {
		number, used = readDayNumber(ts[1:])
		if used == 0 || spelledLimit(ts[1:], used) {
			return part{}, 0
		}
	}
	if m == 0 || number == 0 {
		return part{}, 0
	}
	n += used
	in := monthIn{month: m}
	if y, more := c.readDayYear(ts[n:]); more > 0 {
		in.year, n = y, n+more
	}
	return found(c.days(in, number, number), n)
}

// spelledLimit reports whether an ordinal in words begins "first 10", which is no
// day of the month before it.
func spelledLimit(ts []token, used int) bool {
	return !ordinalForm.MatchString(ts[0].word) && used < len(ts) && isDigits(ts[used].word) && !isYear(ts[used])
}

// readSlashedMonth reads "22/jan/2019", "2019/jan/22", "nov/2".
func (c calendar) readSlashedMonth(ts []token) (part, int) {
	words := []string{}
	n := 0
	for n < len(ts) && len(words) < 3 {
		words = append(words, ts[n].word)
		n++
		if !is(ts, n, "/") || n+1 >= len(ts) {
			break
		}
		n++
	}
	switch {
	case len(words) == 3 && months[words[1]] != 0 && len(words[0]) == 4:
		return c.exactDay(digit(words[0]), int(months[words[1]]), digit(words[2]), n)
	case len(words) == 3 && months[words[1]] != 0 && len(words[2]) == 4:
		return c.exactDay(digit(words[2]), int(months[words[1]]), digit(words[0]), n)
	case len(words) == 2 && months[words[0]] != 0 && isDigits(words[1]):
		return found(c.days(monthIn{month: months[words[0]]}, digit(words[1]), digit(words[1])), n)
	default:
		return part{}, 0
	}
}

// Words that join the two ends of a range.
var joints = []string{"to", "until", "till", "til", "through", "thru", "and"}

// readDaysOf reads days of one month: "between 3 and 12 of september", "april 9th
// through 17th", "from the ninth till the seventeenth of april", "18–19 november".
func (c calendar) readDaysOf(ts []token) (part, int) {
	n, led := 0, is(ts, 0, "from") || is(ts, 0, "between")
	if led {
		n = 1
	}
	monthFirst := n < len(ts) && months[ts[n].word] != 0
	in := monthIn{}
	if monthFirst {
		in.month = months[ts[n].word]
		n++
	}
	n += countArticle(ts[n:])
	first, used := readDayNumber(ts[n:])
	if n += used; used == 0 || n >= len(ts) {
		return part{}, 0
	}
	joined := slices.Contains(joints, ts[n].word) && (led || ts[n].word != "and")
	switch {
	case joined:
		n++
		n += countArticle(ts[n:])
	case !ts[n].dash:
		return part{}, 0
	}
	last, used := readDayNumber(ts[n:])
	if n += used; used == 0 {
		return part{}, 0
	}
	if monthFirst {
		y, used := c.readDayYear(ts[n:])
		in.year, n = y, n+used
		return found(c.days(in, first, last), n)
	}
	in, used = c.readMonthIn(ts[n:])
	if used == 0 {
		return part{}, 0
	}
	return found(c.days(in, first, last), n+used)
}

// nthOfUnit is a count of units inside a longer one: the first two, the ninth,
// the last.
type nthOfUnit struct {
	unit  unit
	from  int // the first of them, counted from 1, or from the end if negative
	count int
}

// readNthOfUnit reads "first", "last two weeks", "9th month", "second week".
func readNthOfUnit(ts []token) (nthOfUnit, int) {
	if len(ts) < 2 {
		return nthOfUnit{}, 0
	}
	last := ts[0].word == "last" || ts[0].word == "final"
	if last || ts[0].word == "first" {
		if count, u, n := readCount(ts[1:]); n > 0 && count > 0 && count < maxUnits {
			if last {
				return nthOfUnit{unit: u, from: -count, count: count}, 1 + n
			}
			return nthOfUnit{unit: u, from: 1, count: count}, 1 + n
		}
	}
	number, n := readOrdinal(ts)
	if last {
		number, n = -1, 1
	}
	if n == 0 || n >= len(ts) {
		return nthOfUnit{}, 0
	}
	u, ok := units[ts[n].word]
	if !ok || len(ts[n].word) < 2 {
		return nthOfUnit{}, 0
	}
	return nthOfUnit{unit: u, from: number, count: 1}, n + 1
}

// readPartOf reads "first ten days of last year", "last week of july", "the 9th
// month of next year", "first month of q3".
func (c calendar) readPartOf(ts []token) (part, int) {
	nth, n := readNthOfUnit(ts)
	if n == 0 || !is(ts, n, "of") && !is(ts, n, "in") {
		return part{}, 0
	}
	n++
	n += countArticle(ts[n:])
	whole, used := c.readUnit(ts[n:])
	if used == 0 || len(whole.either) > 0 || whole.unit == "" || whole.count != 1 || !shorter(nth.unit, whole.unit) {
		return part{}, 0
	}
	if whole.inYear != nil {
		place := whole.inYear
		return part{unit: nth.unit, count: nth.count, inYear: func(y int) part { return c.cutOut(place(y), nth) }}, n + used
	}
	return found(c.cutOut(whole, nth), n+used)
}

var unitLength = map[unit]int{day: 1, week: 2, month: 3, quarter: 4, half: 5, year: 6}

func shorter(a, b unit) bool { return unitLength[a] < unitLength[b] }

// cutOut is the stretch of a longer part. A week belongs to the part that has
// most of its days.
func (c calendar) cutOut(whole part, nth nthOfUnit) part {
	if whole.From.IsZero() {
		return part{}
	}
	if whole.civil {
		c = c.civil()
	}
	from, to := whole.From, whole.To
	if nth.unit == week {
		from, to = c.nearestWeek(from), c.nearestWeek(to)
	}
	start := c.plus(from, nth.unit, nth.from-1)
	if nth.from < 0 {
		start = c.plus(to, nth.unit, nth.from)
	}
	end := c.plus(start, nth.unit, nth.count)
	if start.Before(from) || end.After(to) {
		return part{}
	}
	p := c.between(c.oneDay(start), c.oneDay(c.plusDays(end, -1)))
	if nth.unit == day && nth.count == 1 {
		return c.oneDay(start)
	}
	p.unit, p.count, p.civil = nth.unit, nth.count, whole.civil
	return p
}

// nearestWeek is the first day of the first week that has most of its days on or
// after a day.
func (c calendar) nearestWeek(from time.Time) time.Time {
	start := c.start(from, week)
	if c.plusDays(start, 3).Before(from) {
		return c.plusDays(start, 7)
	}
	return start
}

// readWeekOf reads "week of april 10th", "week starting on 4 february", "week of
// the 18th", "week 12", "week 3 of 2027".
func (c calendar) readWeekOf(ts []token) (part, int) {
	if !isPhraseAny(ts, "week", "wk") || len(ts) < 2 {
		return part{}, 0
	}
	if isDigits(ts[1].word) && len(ts[1].word) <= 2 {
		if ts[1].comma || len(ts) > 2 && months[ts[2].word] != 0 {
			return part{}, 0 // "by week, 1 march"
		}
		return c.readWeekNumber(ts)
	}
	n := 2
	switch {
	case is(ts, 1, "of"):
	case (is(ts, 1, "starting") || is(ts, 1, "beginning")) && is(ts, 2, "on"):
		n = 3
	case is(ts, 1, "starting") || is(ts, 1, "beginning"):
	default:
		return part{}, 0
	}
	n += countArticle(ts[min(n, len(ts)):])
	on, used := c.readPlain(ts[min(n, len(ts)):])
	if number, short := readOrdinal(ts[min(n, len(ts)):]); used == 0 && short > 0 {
		on, used = c.dayOfMonth(number), short
	}
	if used == 0 || on.unit != day || on.count != 1 || len(on.either) > 0 {
		return part{}, 0
	}
	around := func(p part) part {
		if p.From.IsZero() {
			return part{}
		}
		start := c.start(p.From, week)
		return c.whole(start, week, 1, dayLabel(start)+" – "+dayLabel(c.plusDays(start, 6)))
	}
	if on.inYear != nil {
		place := on.inYear
		return part{unit: week, count: 1, inYear: func(y int) part { return around(place(y)) }}, n + used
	}
	return found(around(on), n+used)
}

// dayOfMonth is the latest such day of a month that has begun or, looking ahead,
// the next one.
func (c calendar) dayOfMonth(number int) part {
	step := -1
	if c.ahead {
		step = 1
	}
	first := c.date(c.today.Year(), c.today.Month(), 1)
	for i := range leapGap {
		month := c.plusMonths(first, step*i)
		p, n := c.exactDay(month.Year(), int(month.Month()), number, 1)
		if n > 0 && (step < 0 && !p.From.After(c.today) || step > 0 && !p.From.Before(c.today)) {
			p.note = "it is read as " + p.Label
			return p
		}
	}
	return part{}
}

// readWeekNumber reads "week 12 of 2027": weeks are counted from the one that has
// most of its days in the year, as ISO 8601 does.
func (c calendar) readWeekNumber(ts []token) (part, int) {
	number, n := digit(ts[1].word), 2
	place := func(y int) part {
		return c.cutOut(c.nth(year, 1, y), nthOfUnit{unit: week, from: number, count: 1})
	}
	if y, civil, used := c.readYearAfter(ts[n:]); used > 0 {
		if civil {
			return found(c.civil().cutOut(c.civil().nth(year, 1, y), nthOfUnit{unit: week, from: number, count: 1}), n+used)
		}
		return found(place(y), n+used)
	}
	return part{unit: week, count: 1, inYear: place}, n
}

// readDatedWeekday reads "tue may 9", "this friday 7/6", "friday 2018-07-06": the
// weekday tells which of several days is meant. A day that is no such weekday
// this year, last year or next is not understood.
func (c calendar) readDatedWeekday(ts []token) (part, int) {
	if len(ts) > 0 {
		if _, ok := steps[ts[0].word]; ok {
			if p, used := c.readDatedWeekday(ts[1:]); used > 0 && c.isNear(p) {
				return p, 1 + used
			}
			return part{}, 0
		}
	}
	if len(ts) < 2 {
		return part{}, 0
	}
	weekday, ok := weekdays[ts[0].word]
	if !ok {
		return part{}, 0
	}
	n := 1
	on, used := c.readDay(ts[n:])
	for _, read := range []func([]token) (part, int){c.readNumeric, c.readShortSlashes} {
		if numeric, more := read(ts[n:]); more > used {
			on, used = numeric, more
		}
	}
	if used == 0 {
		return c.readWeekdayNumbers(ts[n:], weekday, n)
	}
	suits := func(p part) bool { return p.unit == day && !p.From.IsZero() && p.From.Weekday() == weekday }
	contradicts := part{isNo: fmt.Sprintf("%s is no %s.", words(ts[n:n+used]), weekday)}
	switch {
	case len(on.either) > 0:
		if p, m := c.theOne(on.either, suits, n+used); m > 0 {
			return p, m
		}
		return contradicts, n + used
	case on.inYear != nil:
		place := on.inYear
		dated := part{unit: day, count: 1, inYear: func(y int) part {
			if p := place(y); suits(p) && y >= c.today.Year()-1 && y <= c.today.Year()+1 {
				return p
			}
			return part{}
		}}
		if c.settle(dated).From.IsZero() {
			return contradicts, n + used
		}
		return dated, n + used
	case suits(on):
		return on, n + used
	default:
		return contradicts, n + used
	}
}

// isNear reports whether "this friday 7/6" may be said of a day: it lies at most
// two weeks from today.
func (c calendar) isNear(p part) bool {
	p = c.settle(p)
	return !p.From.IsZero() && p.From.After(c.plusDays(c.today, -15)) && p.From.Before(c.plusDays(c.today, 15))
}

// theOne is the only one of several days that suits.
func (c calendar) theOne(days []string, suits func(part) bool, n int) (part, int) {
	var fit []part
	for _, iso := range days {
		at, err := time.Parse(time.DateOnly, iso)
		if err != nil {
			continue
		}
		if p := c.oneDay(c.on(at)); suits(p) {
			fit = append(fit, p)
		}
	}
	if len(fit) != 1 {
		return part{}, 0
	}
	return fit[0], n
}

// readWeekend reads "the weekend", "last weekend": Saturday and Sunday.
func (c calendar) readWeekend(ts []token) (part, int) {
	n, step := 0, 0
	if len(ts) > 1 {
		if s, ok := steps[ts[0].word]; ok {
			n, step = 1, s
		}
	}
	if !is(ts, n, "weekend") {
		return part{}, 0
	}
	monday := c.plusDays(c.today, -(int(c.today.Weekday()+6) % 7))
	saturday := c.plusDays(monday, 5+7*step)
	return c.between(c.oneDay(saturday), c.oneDay(c.plusDays(saturday, 1))), n + 1
}

// readDashed reads "02-02-2020" and "12-2015", whose numbers cling together.
func (c calendar) readDashed(ts []token) (part, int) {
	clings := func(i int) bool {
		return i < len(ts) && ts[i].dash && ts[i].start == ts[i-1].end+1 && isDigits(ts[i].word)
	}
	if len(ts) < 2 || !isDigits(ts[0].word) || len(ts[0].word) > 2 || !clings(1) {
		return part{}, 0
	}
	if m := digit(ts[0].word); isYear(ts[1]) && m >= 1 && m <= 12 {
		return c.monthOf(time.Month(m), fullYear(ts[1].word)), 2
	}
	if len(ts[1].word) > 2 || !clings(2) || !isYear(ts[2]) {
		return part{}, 0
	}
	p, n := c.readSlashes([]string{ts[0].word, ts[1].word, ts[2].word})
	if n == 0 {
		return part{}, 0
	}
	return p, 3
}

var shortSlash = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})$`)

// readShortSlashes reads "10/25", whose year is not said. Where both numbers can
// be a month the order decides; without one, which is meant is asked.
func (c calendar) readShortSlashes(ts []token) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	m := shortSlash.FindStringSubmatch(ts[0].word)
	if m == nil {
		return part{}, 0
	}
	if y, n := c.readDayYear(ts[1:]); n > 0 {
		p, used := c.readSlashes([]string{m[1], m[2], strconv.Itoa(y)})
		return p, used * (1 + n)
	}
	a, b := digit(m[1]), digit(m[2])
	monthFirst, dayFirst := c.inMonth(a, b), c.inMonth(b, a)
	switch {
	case monthFirst.inYear == nil && dayFirst.inYear == nil:
		return part{}, 0
	case dayFirst.inYear == nil || c.order == MonthFirst && monthFirst.inYear != nil:
		return monthFirst, 1
	case monthFirst.inYear == nil || c.order == DayFirst || a == b:
		return dayFirst, 1
	default:
		const iso = "2006-01-02"
		return part{either: []string{c.settle(dayFirst).From.Format(iso), c.settle(monthFirst).From.Format(iso)}}, 1
	}
}

func (c calendar) inMonth(m, d int) part {
	if m < 1 || m > 12 || d < 1 {
		return part{}
	}
	return c.days(monthIn{month: time.Month(m)}, d, d)
}

// readEdgeOf reads "the end of june" and "the beginning of next year" as one end
// of a range; last tells which end of the unit is meant.
func (c calendar) readEdgeOf(ts []token) (p part, last bool, n int) {
	n = countArticle(ts)
	if n+2 >= len(ts) || ts[n+1].word != "of" {
		return part{}, false, 0
	}
	last = ts[n].word == "end"
	if !last && !slices.Contains([]string{"start", "beginning"}, ts[n].word) {
		return part{}, false, 0
	}
	n += 2
	n += countArticle(ts[n:])
	p, used := c.readUnit(ts[n:])
	if used == 0 || len(p.either) > 0 {
		return part{}, false, 0
	}
	return p, last, n + used
}

// onwards counts the words that make a period an open one: "and after", "or
// later", "onwards".
func onwards(ts []token) int {
	for _, phrase := range []string{"and after", "and later", "or later", "and onward", "and onwards", "onwards", "onward", "and greater", "and since", "and beyond"} {
		words := strings.Fields(phrase)
		if isPhrase(ts, words...) {
			return len(words)
		}
	}
	return 0
}

// readOfThisMonth reads "the 21st this month", "15th day of next month", without
// an "of" before the month too.
func (c calendar) readOfThisMonth(ts []token) (part, int) {
	n := countArticle(ts)
	number, used := readOrdinal(ts[n:])
	n += used
	if is(ts, n, "day") {
		n++
	}
	if is(ts, n, "of") {
		n++
	}
	if used == 0 || n+1 >= len(ts) || units[ts[n+1].word] != month || len(ts[n+1].word) < 2 {
		return part{}, 0
	}
	step, ok := steps[ts[n].word]
	if !ok {
		return part{}, 0
	}
	there := c.plusMonths(c.date(c.today.Year(), c.today.Month(), 1), step)
	return c.exactDay(there.Year(), int(there.Month()), number, n+2)
}

var dayAndMonth = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})$`)

// readWeekdayNumbers reads what only a weekday before it makes a day: "7.6",
// "7-6", "31". before is how many tokens lead up to it.
func (c calendar) readWeekdayNumbers(ts []token, weekday time.Weekday, before int) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	if m := dayAndMonth.FindStringSubmatch(ts[0].word); m != nil {
		return c.theWeekday(weekday, digit(m[1]), digit(m[2]), before+1)
	}
	if len(ts[0].word) > 2 || !isDigits(ts[0].word) {
		return part{}, 0
	}
	if len(ts) > 1 && ts[1].dash && len(ts[1].word) <= 2 && isDigits(ts[1].word) {
		return c.theWeekday(weekday, digit(ts[0].word), digit(ts[1].word), before+2)
	}
	step, first := -1, c.date(c.today.Year(), c.today.Month(), 1)
	if c.ahead {
		step = 1
	}
	for i := range 2 * leapGap {
		there := c.plusMonths(first, step*i)
		p, n := c.exactDay(there.Year(), int(there.Month()), digit(ts[0].word), 1)
		past := !p.From.After(c.today)
		if n > 0 && p.From.Weekday() == weekday && past == (step < 0) {
			return p, before + 1
		}
	}
	return part{}, 0
}

// theWeekday is the day of two numbers, in either order, that is such a weekday
// this year, last year or next.
func (c calendar) theWeekday(weekday time.Weekday, a, b, n int) (part, int) {
	p := part{unit: day, count: 1, inYear: func(y int) part {
		if y < c.today.Year()-1 || y > c.today.Year()+1 {
			return part{}
		}
		var fit []part
		for _, numbers := range [][2]int{{a, b}, {b, a}} {
			on, ok := c.exactDay(y, numbers[0], numbers[1], 1)
			if ok > 0 && on.From.Weekday() == weekday && (len(fit) == 0 || !fit[0].From.Equal(on.From)) {
				fit = append(fit, on)
			}
		}
		if len(fit) != 1 {
			return part{}
		}
		return fit[0]
	}}
	return p, n
}

// readCountedDay reads a day that is counted from another: "three weeks from
// tomorrow", "2 weeks before may 13". Of figures it may as well mean the time
// between, so it carries both readings.
func (c calendar) readCountedDay(ts []token) (part, int) {
	if len(ts) < 3 {
		return part{}, 0
	}
	count, u, n := readCount(ts)
	if n == 0 || count < 1 || count > maxUnits/monthsOrOne(u) || !isPhraseAny(ts[n:], "before", "after", "from") {
		return part{}, 0
	}
	if ts[n].word == "before" {
		count = -count
	}
	n++
	from, used := c.readPlain(ts[n:])
	_, isWeekday := weekdays[ts[n].word]
	if used == 0 || isWeekday || from.inYear != nil || len(from.either) > 0 || from.unit != day || from.count != 1 || ts[n-1].comma {
		return part{}, 0 // which of several days it is counted from is not said
	}
	p := c.oneDay(c.civil().plus(from.From, u, count))
	p.countedFrom = from.From
	return p, n + used
}

var decades = map[string]int{"ten": 10, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}

var teens = []string{"ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}

// readYearInWords reads "nineteen eighty six" and "two thousand and fifteen".
func readYearInWords(ts []token) (int, int) {
	century, n := 0, 0
	switch {
	case isPhrase(ts, "two", "thousand"):
		century, n = 2000, 2
	case isPhrase(ts, "nineteen", "hundred"):
		century, n = 1900, 2
	case isPhraseAny(ts, "nineteen"):
		century, n = 1900, 1
	case isPhraseAny(ts, "twenty"):
		century, n = 2000, 1
	default:
		return 0, 0
	}
	if n == 2 && is(ts, n, "and") {
		n++
	}
	if n >= len(ts) {
		return century, n
	}
	rest, used := readBelowHundred(ts[n:])
	if used == 0 && (n == 1 || ts[n-1].word == "and") || n == 1 && rest < 10 {
		return 0, 0
	}
	return century + rest, n + used
}

func readBelowHundred(ts []token) (int, int) {
	if i := slices.Index(teens, ts[0].word); i >= 0 {
		return 10 + i, 1
	}
	if tens := decades[ts[0].word]; tens > 0 {
		if len(ts) > 1 {
			if one := slices.Index(numerals[:10], ts[1].word); one > 0 {
				return tens + one, 2
			}
		}
		return tens, 1
	}
	one := slices.Index(numerals[:10], ts[0].word)
	return max(one, 0), min(max(one, 0), 1)
}
