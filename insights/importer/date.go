package importer

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// dates is how days and moments are written: in declared formats, or in any way
// that can be read in one way only.
type dates struct {
	formats []dateFormat // nil: any way of writing
	order   dayOrder     // of numbers such as 3/4/2025
	epoch   bool         // thirteen digits are milliseconds since 1970
}

// auto reports whether no format is declared.
func (d dates) auto() bool { return d.formats == nil }

// epochMilliseconds is how a mapping declares that moments are numbers.
const epochMilliseconds = "milliseconds"

// dayOrder is the order of day and month.
type dayOrder byte

// The orders. In unknownOrder, 3/4/2025 is no day, and 3/14/2025 is.
const (
	unknownOrder dayOrder = iota
	dayFirst
	monthFirst
	yearFirst // of short years only: 25-03-14
)

// dayOrders are the orders that can be declared.
var dayOrders = map[string]dayOrder{"dmy": dayFirst, "mdy": monthFirst}

// writtenMoment is a day or moment as it is written, before it is known which
// number is what.
type writtenMoment struct {
	numbers   [3]int   // as they stand
	order     dayOrder // if the way of writing says it
	shortYear bool     // of two digits
	dashed    bool

	timed          bool
	hour, min, sec int
	nano           int
	placed         bool // it has an offset
	offset         int  // seconds east of UTC
}

// civilDay is a day of some calendar year, which need not exist.
type civilDay struct {
	year  int
	month time.Month
	day   int
}

// in reads the numbers in an order.
func (w writtenMoment) in(order dayOrder) civilDay {
	n := w.numbers
	var d civilDay
	switch order {
	case dayFirst:
		d = civilDay{n[2], time.Month(n[1]), n[0]}
	case monthFirst:
		d = civilDay{n[2], time.Month(n[0]), n[1]}
	default:
		d = civilDay{n[0], time.Month(n[1]), n[2]}
	}
	if w.shortYear {
		d.year += 2000
	}
	return d
}

// exists reports whether the calendar has the day.
func (d civilDay) exists() bool {
	return d.month >= time.January && d.month <= time.December && d.day >= 1 && d.day <= d.length()
}

// length is the number of days of the month.
func (d civilDay) length() int {
	switch d.month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if d.year%4 == 0 && (d.year%100 != 0 || d.year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// readings returns the days that the text can mean if nothing is known about
// it, each once, and the order of the first.
func (w writtenMoment) readings() (first civilDay, order dayOrder, several bool) {
	if w.order != unknownOrder {
		d := w.in(w.order)
		return d, w.order, false
	}
	orders := [...]dayOrder{dayFirst, monthFirst, yearFirst}
	tried := orders[:2]
	if w.dashed && w.shortYear {
		tried = orders[:] // a short form of YYYY-MM-DD
	}
	for _, o := range tried {
		d := w.in(o)
		switch {
		case !d.exists():
		case order == unknownOrder:
			first, order = d, o
		case d != first:
			several = true
		}
	}
	return first, order, several
}

// day is the day the text means by the order that is known.
func (d dates) day(w writtenMoment) (civilDay, string) {
	if w.order == unknownOrder && d.order != unknownOrder {
		day := w.in(d.order)
		if !day.exists() {
			return day, reasonAgainst[d.order]
		}
		return day, ""
	}
	day, order, several := w.readings()
	switch {
	case several:
		return day, reasonTwoOrders
	case order == unknownOrder || !day.exists():
		return day, reasonNoSuchDay
	}
	return day, ""
}

var reasonAgainst = map[dayOrder]string{dayFirst: reasonNotDayFirst, monthFirst: reasonNotMonthFirst}

// read reads a day or moment in any way of writing. What has no offset is of the
// zone.
func (d dates) read(text string, zone *time.Location) (moment time.Time, w writtenMoment, reason string) {
	w, ok := scanMoment(text)
	if !ok {
		return d.readNumber(text)
	}
	day, reason := d.day(w)
	if reason != "" {
		return time.Time{}, w, reason
	}
	at := time.UTC
	if !w.placed {
		at = zone
	}
	moment = time.Date(day.year, day.month, day.day, w.hour, w.min, w.sec, w.nano, at)
	return moment.Add(-time.Duration(w.offset) * time.Second), w, ""
}

// readNumber reads milliseconds since 1970, or says what a number seems to be.
func (d dates) readNumber(text string) (time.Time, writtenMoment, string) {
	number, fits := atoi(text)
	switch {
	case len(text) == 13 && digits(text) && fits && d.epoch:
		return time.UnixMilli(number).UTC(), writtenMoment{timed: true, placed: true}, ""
	case len(text) == 13 && digits(text):
		return time.Time{}, writtenMoment{}, reasonEpoch
	case isSerialDay(text):
		return time.Time{}, writtenMoment{}, reasonSerialDay
	}
	return time.Time{}, writtenMoment{}, reasonNoWayOfDays
}

// isSerialDay reports whether the text is what a spreadsheet keeps for a day of
// the years 1927 to 2173: five digits, and a fraction for the time.
func isSerialDay(text string) bool {
	whole, fraction, timed := strings.Cut(text, ".")
	return len(whole) == 5 && digits(whole) && (!timed || digits(fraction))
}

// readDay reads a day in any way of writing, as midnight UTC.
func (d dates) readDay(text string, zone *time.Location) (time.Time, string) {
	if day, ok := isoDay(text); ok {
		return inYears(day)
	}
	moment, w, reason := d.read(text, zone)
	if reason != "" {
		return time.Time{}, reason
	}
	if w.placed && !isMidnight(moment.UTC()) {
		moment = moment.In(zone)
	}
	return inYears(time.Date(moment.Year(), moment.Month(), moment.Day(), 0, 0, 0, 0, time.UTC))
}

// isMidnight reports whether a moment begins a day. Systems that keep days as
// moments write them so in UTC, and in another zone it would be another day.
func isMidnight(moment time.Time) bool {
	return moment.Hour() == 0 && moment.Minute() == 0 && moment.Second() == 0 && moment.Nanosecond() == 0
}

// readMoment reads a moment in any way of writing.
func (d dates) readMoment(text string, zone *time.Location) (time.Time, string) {
	moment, _, reason := d.read(text, zone)
	if reason != "" {
		return time.Time{}, reason
	}
	return inYears(moment.UTC())
}

// inYears refuses days that are typing errors.
func inYears(moment time.Time) (time.Time, string) {
	if moment.Year() < firstYear || moment.Year() > lastYear {
		return time.Time{}, fmt.Sprintf(reasonOutsideYears, firstYear, lastYear)
	}
	return moment, ""
}

// isoDay reads YYYY-MM-DD, which is what most files have.
func isoDay(text string) (time.Time, bool) {
	if len(text) != len(time.DateOnly) || text[4] != '-' || text[7] != '-' || !digits(text[:4]) || !digits(text[5:7]) || !digits(text[8:]) {
		return time.Time{}, false
	}
	d := civilDay{number(text[:4]), time.Month(number(text[5:7])), number(text[8:])}
	if !d.exists() {
		return time.Time{}, false
	}
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC), true
}

// number reads a few digits.
func number(text string) int {
	n := 0
	for i := range len(text) {
		n = n*10 + int(text[i]-'0')
	}
	return n
}

// scanMoment takes a text apart into the numbers of a day and of a time.
func scanMoment(text string) (writtenMoment, bool) {
	s := scan{rest: foldBlanks(text)}
	var w writtenMoment
	if !s.day(&w) {
		return w, false
	}
	if s.rest == "" {
		return w, true
	}
	if !s.take('T') {
		s.take(',')
		if !s.blanks() {
			return w, false
		}
	}
	return w, s.time(&w) && s.zone(&w) && s.rest == ""
}

// scan takes a text apart from its beginning.
type scan struct{ rest string }

// digits takes the digits at the beginning.
func (s *scan) digits() string {
	n := 0
	for n < len(s.rest) && s.rest[n] >= '0' && s.rest[n] <= '9' {
		n++
	}
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	return taken
}

// word takes the letters at the beginning.
func (s *scan) word() string {
	n := 0
	for n < len(s.rest) && isLetter(s.rest[n]) {
		n++
	}
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	return taken
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

func (s *scan) take(b byte) bool {
	if s.rest == "" || s.rest[0] != b {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scan) blanks() bool {
	before := len(s.rest)
	s.rest = strings.TrimLeft(s.rest, " ")
	return len(s.rest) < before
}

// gap takes what stands between the parts of a day with a month's name.
func (s *scan) gap() bool {
	before := len(s.rest)
	for s.rest != "" && strings.IndexByte("-/.", s.rest[0]) >= 0 && len(s.rest) == before {
		s.rest = s.rest[1:]
	}
	s.take(',')
	s.blanks()
	return len(s.rest) < before
}

// day takes a day: 2025-03-14, 3/14/2025, 14.03.25, 20250314, 14 Mar 2025 or
// March 14, 2025.
func (s *scan) day(w *writtenMoment) bool {
	if s.rest != "" && isLetter(s.rest[0]) {
		return s.monthAndDay(w)
	}
	first := s.digits()
	switch len(first) {
	case 8:
		w.numbers = [3]int{number(first[:4]), number(first[4:6]), number(first[6:])}
		w.order = yearFirst
		return s.rest == ""
	case 4:
		w.order = yearFirst
	case 1, 2:
	default:
		return false
	}
	w.numbers[0] = number(first)
	if s.named() {
		return s.monthName(w)
	}
	return s.numbers(w)
}

// named reports whether a month's name comes behind a sign or a blank.
func (s *scan) named() bool {
	ahead := *s
	return ahead.gap() && ahead.rest != "" && isLetter(ahead.rest[0])
}

// numbers takes the second and the third number of a day, which a sign stands
// before.
func (s *scan) numbers(w *writtenMoment) bool {
	if s.rest == "" || strings.IndexByte("-/.", s.rest[0]) < 0 {
		return false
	}
	sign := s.rest[0]
	s.take(sign)
	second := s.digits()
	if !s.take(sign) || len(second) < 1 || len(second) > 2 {
		return false
	}
	third := s.digits()
	w.numbers[1] = number(second)
	if w.order == yearFirst {
		w.numbers[2] = shortNumber(third)
		return len(third) == 1 || len(third) == 2
	}
	w.dashed = sign == '-'
	if sign == '.' {
		w.order = dayFirst // nobody writes the month first with points
	}
	return s.year(w, third)
}

func shortNumber(text string) int {
	if len(text) > 4 {
		return 0
	}
	return number(text)
}

// year notes the year of a day that ends with it.
func (s *scan) year(w *writtenMoment, text string) bool {
	w.shortYear = len(text) == 2
	w.numbers[2] = shortNumber(text)
	return len(text) == 2 || len(text) == 4
}

// monthName takes the rest of 14 Mar 2025 or 2025-Mar-14.
func (s *scan) monthName(w *writtenMoment) bool {
	s.gap()
	month, ok := monthNamed(s.word())
	if !ok || !s.gap() {
		return false
	}
	w.numbers[1] = month
	third := s.digits()
	if w.order == yearFirst {
		w.numbers[2] = shortNumber(third)
		return len(third) == 1 || len(third) == 2
	}
	w.order = dayFirst
	return s.year(w, third)
}

// monthAndDay takes March 14, 2025.
func (s *scan) monthAndDay(w *writtenMoment) bool {
	month, ok := monthNamed(s.word())
	if !ok || !s.gap() {
		return false
	}
	day := s.digits()
	if len(day) < 1 || len(day) > 2 || !s.gap() {
		return false
	}
	w.numbers[0], w.numbers[1], w.order = month, number(day), monthFirst
	return s.year(w, s.digits())
}

// monthNamed reads the English name of a month, or its first letters.
func monthNamed(word string) (int, bool) {
	for month := time.January; month <= time.December; month++ {
		name := month.String()
		if strings.EqualFold(word, name) || strings.EqualFold(word, name[:3]) {
			return int(month), true
		}
	}
	if strings.EqualFold(word, "Sept") {
		return int(time.September), true
	}
	return 0, false
}

// time takes 6:49, 20:55:01.250 or 8:55 PM.
func (s *scan) time(w *writtenMoment) bool {
	hour := s.digits()
	if len(hour) < 1 || len(hour) > 2 || !s.take(':') {
		return false
	}
	minute := s.digits()
	w.timed, w.hour, w.min = true, number(hour), shortNumber(minute)
	if len(minute) != 2 || w.hour > 23 || w.min > 59 {
		return false
	}
	return s.seconds(w) && s.half(w)
}

// seconds takes the seconds and their fraction, if there are any.
func (s *scan) seconds(w *writtenMoment) bool {
	if !s.take(':') {
		return true
	}
	second := s.digits()
	w.sec = shortNumber(second)
	if len(second) != 2 || w.sec > 59 {
		return false
	}
	if !s.take('.') && !s.take(',') {
		return true
	}
	fraction := s.digits()
	if len(fraction) < 1 || len(fraction) > 9 {
		return false
	}
	w.nano = number(fraction)
	for range 9 - len(fraction) {
		w.nano *= 10
	}
	return true
}

// half takes AM or PM, if it is there.
func (s *scan) half(w *writtenMoment) bool {
	ahead := *s
	ahead.blanks()
	word := ahead.word()
	afternoon := strings.EqualFold(word, "PM")
	if !afternoon && !strings.EqualFold(word, "AM") {
		return true
	}
	if w.hour < 1 || w.hour > 12 {
		return false
	}
	w.hour %= 12
	if afternoon {
		w.hour += 12
	}
	*s = ahead
	return true
}

// zone takes Z, UTC, GMT, +02:00, +0200 or +02, if one of them is there.
func (s *scan) zone(w *writtenMoment) bool {
	if s.rest == "" {
		return true
	}
	s.blanks()
	w.placed = true
	switch s.word() {
	case "Z":
		return true // and nothing may follow
	case "UTC", "GMT":
		if s.rest == "" {
			return true
		}
	case "":
	default:
		return false
	}
	east := s.take('+')
	if !east && !s.take('-') {
		return false
	}
	return s.offset(w, east)
}

// offset takes 02:00, 0200 or 02.
func (s *scan) offset(w *writtenMoment, east bool) bool {
	hours := s.digits()
	minutes := "00"
	switch {
	case len(hours) == 4:
		hours, minutes = hours[:2], hours[2:]
	case len(hours) != 2:
		return false
	case s.take(':'):
		minutes = s.digits()
	}
	if len(minutes) != 2 || number(hours) > 14 || number(minutes) > 59 {
		return false
	}
	w.offset = number(hours)*3600 + number(minutes)*60
	if !east {
		w.offset = -w.offset
	}
	return true
}

// foldBlanks writes the blanks of other scripts and programs as ordinary ones,
// and leaves out those around the text.
func foldBlanks(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			text = otherBlanks.Replace(text)
			break
		}
	}
	return strings.TrimSpace(text)
}

// otherBlanks are the no-break, narrow, thin, figure and full-width blanks.
var otherBlanks = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2007", " ", "\u3000", " ")
