package ask

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file reads periods that are called by a name or a number: "Q3 2017",
// "FY26", "first half of 2017", "march", "1 mar 2017", "2017-03".

var (
	quarterForm  = regexp.MustCompile(`^([fc]?)q([1-4])$`)
	quarterForm2 = regexp.MustCompile(`^([1-4])q(\d{2}|\d{4})?$`)
	quarterYear  = regexp.MustCompile(`^([fc]?)q([1-4])(fy)?(\d{4}|\d{2})$`)
	yearQuarter  = regexp.MustCompile(`^(fy)?(\d{4}|\d{2})q([1-4])$`)
	halfForm     = regexp.MustCompile(`^([fc]?)h([12])$`)
	halfForm2    = regexp.MustCompile(`^([12])h(\d{2}|\d{4})?$`)
	yearForm     = regexp.MustCompile(`^(fy|cy)(\d{4}|\d{2})$`)
	ordinalForm  = regexp.MustCompile(`^(\d{1,2})(st|nd|rd|th)?$`)
)

// nthOf is a quarter or half by its number, before its year is known.
type nthOf struct {
	unit  unit
	n     int
	civil bool
	year  int // 0: not said
}

// readNamed reads a quarter, half or year by its name.
func (c calendar) readNamed(ts []token) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	if p, n := c.readYearFirst(ts); n > 0 {
		return p, n
	}
	if p, n := c.readOwned(ts); n > 0 {
		return p, n
	}
	if name, n := readNth(ts); n > 0 {
		return c.placeNth(name, ts, n)
	}
	if y, civil, n := c.readYear(ts); n > 0 {
		return c.nthOrCivil(year, 1, y, civil), n
	}
	return part{}, 0
}

// readYearFirst reads "2017 Q3", "fy26 q3".
func (c calendar) readYearFirst(ts []token) (part, int) {
	y, civilYear, n := c.readYear(ts)
	if n == 0 || n >= len(ts) {
		return part{}, 0
	}
	name, used := readNth(ts[n:])
	if used == 0 || name.year != 0 {
		return part{}, 0
	}
	return c.nthOrCivil(name.unit, name.n, y, name.civil || civilYear), n + used
}

// readOwned reads "next year's first quarter".
func (c calendar) readOwned(ts []token) (part, int) {
	if len(ts) < 3 || ts[1].stem != "year" || ts[1].word == ts[1].stem {
		return part{}, 0
	}
	step, ok := steps[ts[0].word]
	name, n := readNth(ts[2:])
	if !ok || n == 0 || name.year != 0 {
		return part{}, 0
	}
	return c.nthOrCivil(name.unit, name.n, c.yearOf(c.today)+step, name.civil), 2 + n
}

// placeNth gives a quarter or half the year that follows it, or none.
func (c calendar) placeNth(name nthOf, ts []token, n int) (part, int) {
	if name.year != 0 {
		return c.nthOrCivil(name.unit, name.n, name.year, name.civil), n
	}
	y, civilYear, used := c.readYearAfter(ts[n:])
	if used > 0 {
		return c.nthOrCivil(name.unit, name.n, y, name.civil || civilYear), n + used
	}
	p := part{unit: name.unit, count: 1}
	p.inYear = func(y int) part { return c.nthOrCivil(name.unit, name.n, y, name.civil) }
	return p, n
}

// readNth reads "q3", "fq3", "3q17", "third quarter", "quarter 3", "h1".
func readNth(ts []token) (nthOf, int) {
	word := ts[0].word
	if m := quarterForm.FindStringSubmatch(word); m != nil {
		return nthOf{unit: quarter, n: digit(m[2]), civil: m[1] == "c"}, 1
	}
	if m := halfForm.FindStringSubmatch(word); m != nil {
		return nthOf{unit: half, n: digit(m[2]), civil: m[1] == "c"}, 1
	}
	if m := quarterYear.FindStringSubmatch(word); m != nil {
		return nthOf{unit: quarter, n: digit(m[2]), civil: m[1] == "c", year: fullYear(m[4])}, 1
	}
	if m := yearQuarter.FindStringSubmatch(word); m != nil {
		return nthOf{unit: quarter, n: digit(m[3]), year: fullYear(m[2])}, 1
	}
	if m := quarterForm2.FindStringSubmatch(word); m != nil {
		return nthOf{unit: quarter, n: digit(m[1]), year: fullYear(m[2])}, 1
	}
	if m := halfForm2.FindStringSubmatch(word); m != nil {
		return nthOf{unit: half, n: digit(m[1]), year: fullYear(m[2])}, 1
	}
	return readSpelledNth(ts)
}

// readSpelledNth reads "third quarter", "2nd half", "quarter 3".
func readSpelledNth(ts []token) (nthOf, int) {
	n, civil := 0, false
	if is(ts, 0, "fiscal") || is(ts, 0, "calendar") {
		n, civil = 1, ts[0].word == "calendar"
	}
	if n+1 >= len(ts) {
		if n < len(ts) {
			return readFiscalNth(ts, n, civil)
		}
		return nthOf{}, 0
	}
	if i := slices.Index([]string{"first", "second", "third", "fourth"}, ts[n].word); i >= 0 {
		return countedNth(ts[n+1].word, i+1, civil, n+2)
	}
	if m := ordinalForm.FindStringSubmatch(ts[n].word); m != nil && m[2] != "" {
		return countedNth(ts[n+1].word, digit(m[1]), civil, n+2)
	}
	if m := ordinalForm.FindStringSubmatch(ts[n+1].word); m != nil && m[2] == "" && len(ts[n].word) > 1 && !ts[n+1].comma {
		if name, used := countedNth(ts[n].word, digit(m[1]), civil, n+2); used > 0 {
			return name, used
		}
	}
	return readFiscalNth(ts, n, civil)
}

// readFiscalNth reads the rest of "fiscal q3" and "calendar h1".
func readFiscalNth(ts []token, n int, civil bool) (nthOf, int) {
	if n == 0 {
		return nthOf{}, 0
	}
	for u, form := range map[unit]*regexp.Regexp{quarter: quarterForm, half: halfForm} {
		if m := form.FindStringSubmatch(ts[n].word); m != nil {
			return nthOf{unit: u, n: digit(m[2]), civil: civil}, n + 1
		}
	}
	return nthOf{}, 0
}

func countedNth(word string, number int, civil bool, n int) (nthOf, int) {
	u, ok := units[word]
	most := map[unit]int{quarter: 4, half: 2}[u]
	if !ok || number < 1 || number > most {
		return nthOf{}, 0
	}
	return nthOf{unit: u, n: number, civil: civil}, n
}

func (c calendar) nthOrCivil(u unit, n, y int, civil bool) part {
	if !civil || !c.isFiscal() {
		return c.nth(u, n, y)
	}
	p := c.civil().nth(u, n, y)
	p.Label = "calendar " + p.Label
	return p
}

// readYear reads "2017", "FY26", "fy 2017", "fiscal year 2017", "calendar 2017".
func (c calendar) readYear(ts []token) (y int, civil bool, n int) {
	if len(ts) == 0 {
		return 0, false, 0
	}
	if m := yearForm.FindStringSubmatch(ts[0].word); m != nil {
		return fullYear(m[2]), m[1] == "cy", 1
	}
	n = 0
	switch ts[0].word {
	case "fy", "fiscal", "financial":
		n = 1
	case "cy", "calendar":
		n, civil = 1, true
	case "year":
		if len(ts) > 1 && isYear(ts[1]) && !ts[1].comma {
			n = 1
		}
	}
	if n > 0 && is(ts, n, "year") {
		n++
	}
	if n >= len(ts) {
		return 0, false, 0
	}
	if n > 0 && len(ts[n].word) == 2 && isDigits(ts[n].word) {
		return fullYear(ts[n].word), civil, n + 1
	}
	if !isYear(ts[n]) {
		return 0, false, 0
	}
	return fullYear(ts[n].word), civil, n + 1
}

// readYearAfter reads the year of what was named before it: "of 2017", "'17",
// "17", "FY26", "last year".
func (c calendar) readYearAfter(ts []token) (y int, civil bool, n int) {
	if is(ts, 0, "of") || is(ts, 0, "in") {
		n = 1
	}
	if y, civil, used := c.readYear(ts[n:]); used > 0 {
		return y, civil, n + used
	}
	if y, used := c.readSteppedYear(ts[n:]); used > 0 {
		return y, false, n + used
	}
	if n == 1 && isPhrase(ts[1:], "the", "year") {
		return c.yearOf(c.today), false, 3
	}
	if n == 0 && len(ts) > 0 && len(ts[0].text) == 2 && isDigits(ts[0].word) {
		return fullYear(ts[0].word), false, 1
	}
	return 0, false, 0
}

// readSteppedYear reads "this year", "last year", "next fiscal year".
func (c calendar) readSteppedYear(ts []token) (int, int) {
	if len(ts) < 2 {
		return 0, 0
	}
	step, ok := steps[ts[0].word]
	n := 1
	if is(ts, n, "fiscal") {
		n++
	}
	if !ok || !is(ts, n, "year") && !is(ts, n, "yr") {
		return 0, 0
	}
	return c.yearOf(c.today) + step, n + 1
}

// readCivil reads "this calendar quarter" written the other way round, as the
// labels are: "calendar Q3 2017" and "calendar 2017".
func (c calendar) readCivil(ts []token) (part, int) {
	if !is(ts, 0, "calendar") || len(ts) < 2 {
		return part{}, 0
	}
	name, n := readNth(ts[1:])
	if n == 0 {
		return part{}, 0
	}
	name.civil = true
	return c.placeNth(name, ts, 1+n)
}

var months = map[string]time.Month{
	"january": 1, "jan": 1, "february": 2, "feb": 2, "febr": 2, "march": 3, "mar": 3, "april": 4, "apr": 4,
	"may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9,
	"sept": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}

// readMonth reads "march", "mar 2017", "march last year", "mar '17". A plain
// two-digit number after a month is a day, so it is left to readDay.
func (c calendar) readMonth(ts []token) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	if len(ts) > 1 && isYear(ts[0]) && months[ts[1].word] != 0 {
		return c.monthOf(months[ts[1].word], fullYear(ts[0].word)), 2
	}
	m, ok := months[ts[0].word]
	if !ok {
		return part{}, 0
	}
	if len(ts) > 1 && ts[1].tick && len(ts[1].word) == 2 && isDigits(ts[1].word) {
		return c.monthOf(m, fullYear(ts[1].word)), 2
	}
	if y, n := readCivilYearAfter(ts[1:]); n > 0 {
		return c.monthOf(m, y), 1 + n
	}
	if y, n := c.civil().readSteppedYear(afterOf(ts[1:])); n > 0 {
		return c.monthOf(m, y), 1 + n + len(ts[1:]) - len(afterOf(ts[1:]))
	}
	p := part{unit: month, count: 1}
	p.inYear = func(y int) part { return c.monthOf(m, y) }
	return p, 1
}

// afterOf skips the "of" or "in" before a year.
func afterOf(ts []token) []token {
	if is(ts, 0, "of") || is(ts, 0, "in") {
		return ts[1:]
	}
	return ts
}

// readCivilYearAfter reads a year of the calendar: "2017", "of 2017".
func readCivilYearAfter(ts []token) (int, int) {
	rest := afterOf(ts)
	if y, n := readYearInWords(rest); n > 0 {
		return y, len(ts) - len(rest) + n
	}
	if len(rest) == 0 || !isYear(rest[0]) {
		return 0, 0
	}
	return fullYear(rest[0].word), len(ts) - len(rest) + 1
}

func daysIn(m time.Month) int { return time.Date(2000, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// exactDay is a day by its numbers; n is 0 when the calendar has no such day.
func (c calendar) exactDay(y, m, d, n int) (part, int) {
	t := c.date(y, time.Month(m), d)
	if m < 1 || m > 12 || t.Day() != d || t.Month() != time.Month(m) {
		return part{}, 0
	}
	return c.oneDay(t), n
}

// readNumeric reads "2017-03-01", "2017-03", "25/12/2017", "1.3.2017". Dots
// stand in dates that begin with the day; slashes may mean either order.
func (c calendar) readNumeric(ts []token) (part, int) {
	if len(ts) == 0 {
		return part{}, 0
	}
	word := ts[0].word
	switch {
	case isoForm.FindString(word) == word && strings.Count(word, "-") == 2:
		f := numbersIn(word)
		return c.exactDay(f[0], f[1], f[2], 1)
	case isoForm.FindString(word) == word && word != "":
		f := numbersIn(word)
		if f[1] < 1 || f[1] > 12 {
			return part{}, 0
		}
		return c.monthOf(time.Month(f[1]), f[0]), 1
	case dottedForm.FindString(word) == word && word != "":
		f := numbersIn(word)
		return c.exactDay(f[2], f[1], f[0], 1)
	case slashForm.FindString(word) == word && word != "":
		return c.readSlashes(strings.Split(word, "/"))
	default:
		return part{}, 0
	}
}

func (c calendar) readSlashes(f []string) (part, int) {
	if len(f[0]) == 4 {
		return c.exactDay(digit(f[0]), digit(f[1]), digit(f[2]), 1)
	}
	if len(f[0]) > 2 || len(f[2]) != 2 && len(f[2]) != 4 {
		return part{}, 0
	}
	a, b, y := digit(f[0]), digit(f[1]), fullYear(f[2])
	dayFirst, dayOK := c.exactDay(y, b, a, 1)
	monthFirst, monthOK := c.exactDay(y, a, b, 1)
	switch {
	case dayOK > 0 && monthOK > 0 && c.order == MonthFirst:
		return monthFirst, 1
	case dayOK > 0 && monthOK > 0 && c.order == DayFirst:
		return dayFirst, 1
	case dayOK > 0 && monthOK > 0 && a != b:
		const iso = "2006-01-02"
		return part{either: []string{dayFirst.From.Format(iso), monthFirst.From.Format(iso)}}, 1
	case dayOK > 0:
		return dayFirst, 1
	default:
		return monthFirst, monthOK
	}
}

func numbersIn(word string) []int {
	var out []int
	for _, f := range strings.FieldsFunc(word, func(r rune) bool { return r == '-' || r == '.' }) {
		out = append(out, digit(f))
	}
	return out
}

// digit reads digits that a form has matched.
func digit(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// fullYear completes a year of two digits, of which those from 70 on are of the
// last century; "" is 0, no year.
func fullYear(s string) int {
	n := digit(s)
	switch {
	case len(s) == 2 && n >= 70:
		return n + 1900
	case len(s) == 2:
		return n + 2000
	default:
		return n
	}
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// isYear reports whether a token is a year on its own.
func isYear(t token) bool {
	return len(t.word) == 4 && isDigits(t.word) && t.word >= "1980" && t.word < "2100"
}

// is reports whether the token at i is the word.
func is(ts []token, i int, word string) bool {
	return i < len(ts) && ts[i].word == word
}

// isPhrase reports whether ts begins with the words.
func isPhrase(ts []token, words ...string) bool {
	if len(ts) < len(words) {
		return false
	}
	for i, w := range words {
		if ts[i].word != w {
			return false
		}
	}
	return true
}

func isPhraseAny(ts []token, words ...string) bool {
	return len(ts) > 0 && slices.Contains(words, ts[0].word)
}
