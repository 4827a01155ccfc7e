package importer

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/currency"
	"golang.org/x/text/unicode/norm"

	"salesbot/insights"
)

// The functions here return the reason why a value cannot be used, in words
// that follow the column and the value; empty: it can. A reason never repeats
// the value, so that equal reasons can be counted together.

// Days outside these years are typing errors: 0217 for 2017, 9999 for never.
const (
	firstYear = 1900
	lastYear  = 2200
)

// dateFormat is one declared way of writing dates.
type dateFormat struct {
	shown  string // as declared, for people: DD.MM.YYYY
	layout string // as package time wants it
}

var isoDates = dates{formats: []dateFormat{{shown: "YYYY-MM-DD", layout: time.DateOnly}}}

// dateTokens are the parts a date format is made of, the longer first.
var dateTokens = []struct{ shown, layout string }{
	{"YYYY", "2006"},
	{"MMMM", "January"}, {"MMM", "Jan"}, {"MM", "01"}, {"M", "1"},
	{"DD", "02"}, {"D", "2"},
	{"HH", "15"}, {"mm", "04"}, {"ss", "05"},
	{"Z", "Z07:00"},
}

var errDateFormat = errors.New("a date format is made of YYYY, MM or M (MMM, MMMM for names), DD or D, and for moments HH, mm, ss and Z (an offset); for example DD.MM.YYYY")

func parseDateFormat(shown string) (dateFormat, error) {
	var layout strings.Builder
	rest := shown
	used := map[byte]int{}
	for rest != "" {
		token, translated := dateToken(rest)
		if token == "" {
			return dateFormat{}, errDateFormat
		}
		if translated != token {
			used[token[0]]++
		}
		layout.WriteString(translated)
		rest = rest[len(token):]
	}
	if used['Y'] != 1 || used['M'] != 1 || used['D'] != 1 {
		return dateFormat{}, errDateFormat
	}
	return dateFormat{shown: shown, layout: layout.String()}, nil
}

// dateToken cuts the next part off a format. What separates parts stands for
// itself; anything else could mean something to package time.
func dateToken(rest string) (token, layout string) {
	for _, t := range dateTokens {
		if strings.HasPrefix(rest, t.shown) {
			return t.shown, t.layout
		}
	}
	if strings.ContainsRune("-/. ,:T", rune(rest[0])) {
		return rest[:1], rest[:1]
	}
	return "", ""
}

// parseDate reads a day in one of the declared formats. A moment with an offset
// falls on the company's day. The result is midnight UTC whatever the zone, so
// that a day never slides when it is formatted.
func parseDate(text string, written dates, zone *time.Location) (time.Time, string) {
	if written.auto() {
		return written.readDay(text, zone)
	}
	var found time.Time
	for _, f := range written.formats {
		moment, err := time.Parse(f.layout, text)
		if err != nil {
			continue
		}
		if strings.Contains(f.layout, "Z07:00") {
			moment = moment.In(zone)
		}
		day := time.Date(moment.Year(), moment.Month(), moment.Day(), 0, 0, 0, 0, time.UTC)
		if !found.IsZero() && !found.Equal(day) {
			return time.Time{}, reasonTwoDays
		}
		found = day
	}
	switch {
	case found.IsZero():
		return time.Time{}, fmt.Sprintf(reasonNotADay, shownFormats(written.formats))
	case found.Year() < firstYear || found.Year() > lastYear:
		return time.Time{}, fmt.Sprintf(reasonOutsideYears, firstYear, lastYear)
	}
	return found, ""
}

// parseMoment reads a moment in one of the declared formats. Without an offset
// it is one of the company's zone; a day is its beginning there.
func parseMoment(text string, written dates, zone *time.Location) (time.Time, string) {
	if written.auto() {
		return written.readMoment(text, zone)
	}
	var found time.Time
	for _, f := range written.formats {
		moment, err := time.ParseInLocation(f.layout, text, zone)
		if err != nil {
			continue
		}
		if !found.IsZero() && !found.Equal(moment) {
			return time.Time{}, reasonTwoMoments
		}
		found = moment.UTC()
	}
	switch {
	case found.IsZero():
		return time.Time{}, fmt.Sprintf(reasonNotAMoment, shownFormats(written.formats))
	case found.Year() < firstYear || found.Year() > lastYear:
		return time.Time{}, fmt.Sprintf(reasonOutsideYears, firstYear, lastYear)
	}
	return found, ""
}

var shares = regexp.MustCompile(`^(0(\.\d{1,9})?|1(\.0{1,9})?)$`)

func isShare(text string) bool { return shares.MatchString(text) }

func shownFormats(formats []dateFormat) string {
	shown := make([]string, len(formats))
	for i, f := range formats {
		shown[i] = f.shown
	}
	return strings.Join(shown, " or ")
}

// moneyFormat is how amounts are written.
type moneyFormat struct {
	decimal   string // "." or ","
	thousands string // empty: amounts have no thousands separators
	symbol    string // stands before or behind amounts and means nothing
	currency  string // of amounts that name none; empty: the company's
	auto      bool   // in any way that can be read in one way only; decimal may be empty then
}

// parseCurrency reads an ISO 4217 code.
func parseCurrency(text string) (code, reason string) {
	unit, err := currency.ParseISO(text)
	if err != nil {
		return "", reasonNotACurrency
	}
	return unit.String(), ""
}

// exponent is the number of decimals of a currency's minor unit.
func exponent(code string) int {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	places, _ := currency.Standard.Rounding(unit)
	return places
}

// readAmount reads an amount. Its currency is that of its row (empty: the row
// names none), or what it names itself, or the usual one.
func readAmount(text string, f moneyFormat, ofRow, usual string) (insights.Money, string) {
	if f.auto {
		return f.readMoney(text, ofRow, usual)
	}
	code := cmp.Or(ofRow, usual)
	minor, reason := parseMoney(text, f, code)
	return insights.Money{Minor: minor, Currency: code}, reason
}

// parseMoney reads an exact amount in minor units. Nothing is rounded: more
// decimals than the currency has are refused, even noughts, because 1.000 may
// well mean a thousand.
func parseMoney(text string, f moneyFormat, code string) (int64, string) {
	number, negative := strings.CutPrefix(f.withoutSymbol(text), "-")
	number = f.withoutSymbol(number)
	places := exponent(code)
	whole, fraction, hasFraction := strings.Cut(number, f.decimal)
	whole, grouped := ungroup(whole, f.thousands)
	if !grouped || !digits(whole+fraction) || hasFraction && fraction == "" {
		return 0, fmt.Sprintf(reasonNotAnAmount, f.example(places))
	}
	if len(fraction) > places {
		return 0, fmt.Sprintf(reasonDecimals, code, places)
	}
	minor, fits := atoi(whole + fraction + strings.Repeat("0", places-len(fraction)))
	if !fits {
		return 0, reasonTooLarge
	}
	if negative {
		return -minor, ""
	}
	return minor, ""
}

// withoutSymbol drops the symbol at either end: "$5", "5 €".
func (f moneyFormat) withoutSymbol(text string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, f.symbol), f.symbol))
}

// example shows how an amount with that many decimals is written.
func (f moneyFormat) example(places int) string {
	whole := "1" + f.thousands + "054"
	if places == 0 {
		return whole
	}
	return whole + f.decimal + strings.Repeat("0", places-1) + "5"
}

// ungroup takes the thousands separators out of the digits before the decimal
// sign, and reports whether they stand where they should.
func ungroup(whole, separator string) (string, bool) {
	if separator == " " {
		whole = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(whole)
	}
	if separator == "" || !strings.Contains(whole, separator) {
		return whole, true
	}
	groups := strings.Split(whole, separator)
	if len(groups[0]) < 1 || len(groups[0]) > 3 {
		return "", false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func atoi(s string) (int64, bool) {
	var n int64
	for i := range len(s) {
		d := int64(s[i] - '0')
		if n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// checkOneOf refuses a word that is not in the list; its case does not count.
func checkOneOf(text string, allowed []string) string {
	if slices.Contains(allowed, strings.ToLower(text)) {
		return ""
	}
	return fmt.Sprintf(reasonNotOneOf, strings.Join(allowed, ", "))
}

// checkEmail refuses what cannot be an address; whether it is one, only mail
// can tell.
func checkEmail(text string) string {
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || domain == "" || strings.Contains(domain, "@") || strings.ContainsFunc(text, unicode.IsSpace) {
		return reasonNotAnAddress
	}
	return ""
}

// undecomposed are the letters that Unicode does not take apart.
var undecomposed = strings.NewReplacer("ß", "ss", "æ", "ae", "ø", "o", "œ", "oe", "đ", "d", "ð", "d", "ł", "l", "þ", "th", "ı", "i")

// slug writes a name the way addresses do: "Zoë O'Neil-Straß" is
// zoe.oneil-strass.
func slug(name string) string {
	var out strings.Builder
	gap := false
	for _, r := range norm.NFD.String(undecomposed.Replace(strings.ToLower(name))) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			if gap && out.Len() > 0 {
				out.WriteByte('.')
			}
			gap = false
			out.WriteRune(r)
		default:
			gap = true
		}
	}
	return out.String()
}
