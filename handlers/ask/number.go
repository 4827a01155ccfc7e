package ask

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/currency"
)

// number is a number as it stands in a question.
type number struct {
	value    *big.Rat
	currency []string // the currencies that a sign, a code or a word may mean
	spelled  bool     // it has a currency, a suffix or "thousand", which only amounts have
	money    bool     // it has the looks of an amount: one of these, or thousands
	percent  bool     // it is told in per cent
	times    bool     // it is told in multiples: "3x"
	scale    *big.Rat // what the suffix or the last word multiplies by; nil: none
}

// awaiting says what the words before a number call for.
type awaiting int

// What may be awaited: in a range, "and" parts its two amounts.
const (
	awaitNothing awaiting = iota
	awaitAmount
	awaitRange
)

// readNumber reads the longest number at the start of ts, with its currency or
// per cent. Where an amount is awaited ("over …"), it may also be told in words,
// be negative, or stand in groups of three digits; elsewhere these could be
// parts of a name or of a period.
func readNumber(ts []token, a awaiting) (number, int) {
	r := numberReader{ts: ts, awaited: a != awaitNothing, single: a == awaitRange}
	n, used := r.read()
	if used == 0 || !sameQuote(ts[:used]) {
		return number{}, 0
	}
	n.spelled = n.spelled || len(n.currency) > 0
	n.money = !n.percent && !n.times && (n.money || n.spelled || n.value.Cmp(big.NewRat(1000, 1)) >= 0)
	return n, used
}

// numberReader reads one number from the start of its tokens.
type numberReader struct {
	ts      []token
	awaited bool
	single  bool // "and" parts numbers, as after "between"
}

func (r numberReader) word(i int) string {
	if i < 0 || i >= len(r.ts) {
		return ""
	}
	return r.ts[i].word
}

// joins reports whether the token at i belongs to what stands before it.
func (r numberReader) joins(i int) bool {
	return i < len(r.ts) && !r.ts[i].comma
}

func (r numberReader) read() (number, int) {
	negative, at := r.readSign()
	var n number
	n.currency, at = r.readLeadingCurrency(at)
	led := len(n.currency) > 0
	if _, later := r.readLeadingCurrency(at); led && later > at {
		return number{}, 0 // two currencies
	}
	if led && !negative {
		var after int
		negative, after = numberReader{ts: r.ts[at:], awaited: r.awaited}.readSign() // "$-5"
		at += after
	}
	read, used := r.readValue(at)
	if used == at {
		return number{}, 0
	}
	lead := n.currency
	n, at = read, used
	if led {
		n.currency = lead
	}
	n, at = r.readTrail(n, at)
	if at == 0 {
		return number{}, 0
	}
	if negative {
		n.value = new(big.Rat).Neg(n.value)
	}
	return n, at
}

// readSign reads what makes a number negative.
func (r numberReader) readSign() (bool, int) {
	if r.awaited && len(r.ts) > 1 && slices.Contains([]string{"-", "minus", "negative"}, r.word(0)) {
		return true, 1
	}
	return false, 0
}

// readTrail reads what stands behind a value: a currency, a scale after it, its
// hundredths, or per cent. A currency that contradicts one before the number
// makes it none.
func (r numberReader) readTrail(n number, at int) (number, int) {
	if used := r.readPercent(at); used > at && len(n.currency) == 0 {
		n.percent = true
		return n, used
	}
	if r.awaited && r.joins(at) && len(n.currency) == 0 && !n.times && slices.Contains([]string{"x", "×", "times"}, r.word(at)) {
		n.times = true
		return n, at + 1
	}
	codes, minor, used := r.readTrailingCurrency(at)
	if scale, of, ok := readSuffix(r.word(at)); used == at && ok && scale != nil && len(of) > 0 && n.scale == nil && r.joins(at) {
		n.value, n.scale = new(big.Rat).Mul(n.value, scale), scale // "30 MUSD"
		codes, used = of, at+1
	}
	if used == at {
		return n, at
	}
	switch {
	case len(n.currency) == 0:
		n.currency = codes
	case !overlap(n.currency, codes):
		return number{}, 0
	}
	at = used
	if minor {
		n.value = new(big.Rat).Quo(n.value, big.NewRat(100, 1))
		return n, at
	}
	if scale, used := r.readScale(at); used > at && n.scale == nil {
		n.value, n.scale = new(big.Rat).Mul(n.value, scale), scale
		return n, used // "75 USD million"
	}
	return r.readHundredths(n, at)
}

// readHundredths reads the cents of "3 dollars 50 cents".
func (r numberReader) readHundredths(n number, at int) (number, int) {
	start := at
	if r.word(at) == "and" {
		start++
	}
	cents, used := r.readValue(start)
	if used == start || !r.joins(start) || !n.value.IsInt() || !cents.value.IsInt() || cents.value.Cmp(big.NewRat(100, 1)) >= 0 {
		return n, at
	}
	if _, minor, end := r.readTrailingCurrency(used); minor {
		n.value = new(big.Rat).Add(n.value, cents.value.Quo(cents.value, big.NewRat(100, 1)))
		return n, end
	}
	return n, at
}

func (r numberReader) readPercent(at int) int {
	switch {
	case !r.joins(at):
		return at
	case slices.Contains([]string{"%", "pct", "pcts", "percent", "percents", "percentage"}, r.word(at)):
		return at + 1
	case r.word(at) == "per" && r.word(at+1) == "cent":
		return at + 2
	default:
		return at
	}
}

// readValue reads a number without sign or currency from the token at.
func (r numberReader) readValue(at int) (number, int) {
	if at >= len(r.ts) {
		return number{}, at
	}
	if n, used := r.readFigure(at); used > at {
		return n, used
	}
	if !r.awaited {
		return number{}, at
	}
	return r.readWords(at)
}

var (
	figureForm  = regexp.MustCompile(`^([$€£¥]|[a-z]{3})?(\d[\d,]*(?:\.\d+)?|\.\d+)(\p{L}*)$`)
	decimalForm = regexp.MustCompile(`^(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?$`)
	groupForm   = regexp.MustCompile(`^\d{3}(\.\d+)?$`)
	partForm    = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})$`)
)

// readFigure reads a number in digits: "40k", "1.5 million", "115EUR", and where
// an amount is awaited "50 000", "2 1/4" and "4 thousand 3 hundred and 21".
func (r numberReader) readFigure(at int) (number, int) {
	m := figureForm.FindStringSubmatch(r.word(at))
	if m == nil {
		part, used := r.readPart(at)
		if used == at {
			return number{}, at
		}
		return r.scaled(part, used)
	}
	n := number{money: strings.Contains(m[2], ",")}
	var ok bool
	if n.currency, _ = currencyOf(m[1]); len(n.currency) == 0 && m[1] != "" {
		return number{}, at
	}
	if n.value, ok = parseDecimal(m[2]); !ok {
		return number{}, at
	}
	if n.times = r.awaited && m[3] == "x" && len(n.currency) == 0; n.times {
		return n, at + 1
	}
	scale, codes, ok := readSuffix(m[3])
	if !ok || len(codes) > 0 && len(n.currency) > 0 {
		return number{}, at
	}
	if len(codes) > 0 {
		n.currency = codes
	}
	if scale != nil {
		n.value.Mul(n.value, scale)
		n.scale, n.spelled = scale, true
		return n, at + 1
	}
	if m[3] != "" {
		return n, at + 1
	}
	return r.readAfterFigure(n, m[2], at+1)
}

// readAfterFigure goes on from digits without a suffix.
func (r numberReader) readAfterFigure(n number, digits string, at int) (number, int) {
	if r.awaited && len(digits) <= 3 && isDigits(digits) {
		if value, used := r.readGroups(digits, at); used > at {
			return number{value: value, currency: n.currency, money: true}, used
		}
	}
	for _, read := range []func(int) (*big.Rat, int){r.readPart, r.readAndHalf} {
		if part, used := read(at); used > at && n.value.IsInt() && r.joins(at) {
			n.value, at = new(big.Rat).Add(n.value, part), used
		}
	}
	if r.awaited && r.isScaleWord(at) {
		lower, used := r.readLower(n.value, at)
		lower.currency = n.currency
		return lower, used
	}
	if scale, used := r.readScale(at); used > at {
		n.value, n.scale, n.spelled = new(big.Rat).Mul(n.value, scale), scale, true
		at = used
	}
	return n, at
}

// readGroups reads further groups of three digits: "1 414 021.50".
func (r numberReader) readGroups(digits string, at int) (*big.Rat, int) {
	start := at
	for r.joins(at) && !r.ts[at].dash && groupForm.MatchString(r.word(at)) && !strings.Contains(digits, ".") {
		digits += r.word(at)
		at++
	}
	value, ok := parseDecimal(digits)
	if at == start || !ok {
		return nil, start
	}
	return value, at
}

// readPart reads a part in signs: ½ or, where an amount is awaited, 3/4.
func (r numberReader) readPart(at int) (*big.Rat, int) {
	if at >= len(r.ts) || !r.awaited {
		return nil, at
	}
	if value, ok := parts[r.word(at)]; ok {
		return value, at + 1
	}
	m := partForm.FindStringSubmatch(r.word(at))
	if m == nil || strings.TrimLeft(m[2], "0") == "" {
		return nil, at
	}
	value, _ := new(big.Rat).SetString(m[1] + "/" + m[2])
	return value, at + 1
}

// scaled reads the scale that follows a value, if there is one.
func (r numberReader) scaled(value *big.Rat, at int) (number, int) {
	scale, used := r.readScale(at)
	if used == at {
		return number{value: value}, at
	}
	return number{value: new(big.Rat).Mul(value, scale), scale: scale, spelled: true}, used
}

var parts = map[string]*big.Rat{
	"½": big.NewRat(1, 2), "⅓": big.NewRat(1, 3), "⅔": big.NewRat(2, 3), "¼": big.NewRat(1, 4), "¾": big.NewRat(3, 4),
	"⅕": big.NewRat(1, 5), "⅙": big.NewRat(1, 6), "⅛": big.NewRat(1, 8),
}

func parseDecimal(digits string) (*big.Rat, bool) {
	if !decimalForm.MatchString(digits) {
		return nil, false
	}
	return new(big.Rat).SetString(strings.ReplaceAll(digits, ",", ""))
}

// scaleWords multiply the number before them; the letters stand behind digits.
var scaleWords = map[string]int64{
	"thousand": 1e3, "thousands": 1e3, "grand": 1e3, "million": 1e6, "millions": 1e6, "mil": 1e6, "mill": 1e6, "mio": 1e6,
	"billion": 1e9, "billions": 1e9, "bil": 1e9, "trillion": 1e12, "trillions": 1e12, "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7,
}

var scaleLetters = map[string]int64{"k": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9}

func (r numberReader) isScaleWord(at int) bool {
	return r.joins(at) && (scaleWords[r.word(at)] > 0 || r.word(at) == "hundred" || r.word(at) == "hundreds")
}

// readScale reads what a number before it is multiplied by. A single letter that
// stands apart is one only where an amount is awaited, since "q2 10 m" is not.
func (r numberReader) readScale(at int) (*big.Rat, int) {
	if !r.joins(at) {
		return nil, at
	}
	times := scaleWords[r.word(at)]
	if times == 0 && (r.awaited || len(r.word(at)) > 1) {
		times = scaleLetters[r.word(at)]
	}
	if times == 0 {
		return nil, at
	}
	return big.NewRat(times, 1), at + 1
}

// readSuffix takes apart what clings to digits: a scale, a currency, or both as
// in "30musd".
func readSuffix(text string) (*big.Rat, []string, bool) {
	if text == "" {
		return nil, nil, true
	}
	if codes, _ := currencyOf(text); len(codes) > 0 {
		return nil, codes, true
	}
	times, code := scaleWords[text], ""
	for _, n := range []int{2, 1} {
		if len(text) < n || times > 0 {
			continue
		}
		times, code = scaleLetters[text[:n]], text[n:]
		if times > 0 && code != "" && !isCode(code) {
			times = 0
		}
	}
	if times == 0 {
		return nil, nil, false
	}
	if code == "" {
		return big.NewRat(times, 1), nil, true
	}
	codes, _ := currencyOf(code)
	return big.NewRat(times, 1), codes, true
}

// overlap reports whether two words may mean the same currency.
func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(code string) bool { return slices.Contains(b, code) })
}

var dollars = []string{"USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN"}

// currencyWords are signs and words for currencies; a word may stand for several.
var currencyWords = map[string][]string{
	"$": dollars, "dollar": dollars, "dollars": dollars, "buck": dollars, "bucks": dollars,
	"us$": {"USD"}, "us dollar": {"USD"}, "us dollars": {"USD"}, "c$": {"CAD"}, "ca$": {"CAD"}, "canadian dollar": {"CAD"}, "canadian dollars": {"CAD"},
	"a$": {"AUD"}, "au$": {"AUD"}, "australian dollar": {"AUD"}, "australian dollars": {"AUD"}, "nz$": {"NZD"}, "s$": {"SGD"}, "hk$": {"HKD"},
	"€": {"EUR"}, "euro": {"EUR"}, "euros": {"EUR"},
	"£": {"GBP"}, "pound": {"GBP"}, "pounds": {"GBP"}, "quid": {"GBP"}, "british pound": {"GBP"}, "british pounds": {"GBP"}, "pounds sterling": {"GBP"},
	"¥": {"JPY", "CNY"}, "yen": {"JPY"}, "japanese yen": {"JPY"}, "yuan": {"CNY"}, "chinese yuan": {"CNY"}, "rmb": {"CNY"}, "renminbi": {"CNY"}, "元": {"CNY"},
	"franc": {"CHF"}, "francs": {"CHF"}, "swiss franc": {"CHF"}, "swiss francs": {"CHF"},
	"₹": {"INR"}, "rupee": {"INR", "PKR", "LKR"}, "rupees": {"INR", "PKR", "LKR"}, "₺": {"TRY"}, "lira": {"TRY"}, "turkish lira": {"TRY"}, "₩": {"KRW"},
	"krona": {"SEK", "ISK"}, "kronor": {"SEK"}, "krone": {"NOK", "DKK"}, "kroner": {"NOK", "DKK"}, "zloty": {"PLN"}, "zlotys": {"PLN"},
	"peso": {"MXN", "PHP"}, "pesos": {"MXN", "PHP"}, "dutch guilder": {"NLG"}, "dutch guilders": {"NLG"}, "guilders": {"NLG", "ANG"},
}

// minorWords are hundredths of currencies.
var minorWords = map[string][]string{
	"cent": append([]string{"EUR"}, dollars...), "cents": append([]string{"EUR"}, dollars...), "pence": {"GBP"}, "penny": {"GBP"},
}

// notCodes are codes of currencies that are also words, names or ranks.
var notCodes = []string{"all", "amd", "bam", "bob", "cop", "cup", "gel", "kid", "lak", "mad", "mop", "pen", "ron", "sos", "top", "try", "won", "xxx"}

func isCode(word string) bool {
	if len(word) != 3 || slices.Contains(notCodes, word) {
		return false
	}
	_, err := currency.ParseISO(word)
	return err == nil
}

// currencyOf returns the currencies that a sign, word or code may mean, and
// whether it is their hundredth.
func currencyOf(word string) ([]string, bool) {
	switch {
	case len(currencyWords[word]) > 0:
		return currencyWords[word], false
	case len(minorWords[word]) > 0:
		return minorWords[word], true
	case isCode(word):
		return []string{strings.ToUpper(word)}, false
	default:
		return nil, false
	}
}

// readLeadingCurrency reads a sign or code before a number: "$", "USD", "C$",
// "USD$". Words for currencies stand behind it.
func (r numberReader) readLeadingCurrency(at int) ([]string, int) {
	if at+1 >= len(r.ts) || r.ts[at+1].comma || r.ts[at+1].dash {
		return nil, at
	}
	word := r.word(at)
	apart := r.ts[at].end < r.ts[at+1].start && len(word) == 1 && word != "c" // "exceeds a $4m"
	if sign := currencyWords[r.word(at+1)]; len(sign) > 0 && isSign(r.word(at+1)) && !apart {
		both := currencyWords[word+r.word(at+1)]
		if isCode(word) && overlap(sign, []string{strings.ToUpper(word)}) {
			both = []string{strings.ToUpper(word)}
		}
		if len(both) > 0 && at+2 < len(r.ts) {
			return both, at + 2
		}
	}
	next := r.word(at + 1)
	switch m := figureForm.FindStringSubmatch(next); {
	case isCode(word) && m != nil && m[1] != "" && overlap(currencyWords[m[1]], []string{strings.ToUpper(word)}):
		return nil, at // "usd $40": the sign says it again
	case isSign(word):
		return currencyWords[word], at + 1
	case isCode(word):
		return []string{strings.ToUpper(word)}, at + 1
	default:
		return nil, at
	}
}

// leads reports whether a sign belongs to the number behind it: "6 billion $ 2".
func (r numberReader) leads(at int) bool {
	if !isSign(r.word(at)) || !r.joins(at+1) || !isFigure(r.ts[at+1]) {
		return false
	}
	return at+2 >= len(r.ts) || len(minorWords[r.word(at+2)]) == 0
}

// isSign reports whether a token is the sign of a currency.
func isSign(word string) bool {
	rs := []rune(word)
	return len(rs) == 1 && unicode.Is(unicode.Sc, rs[0]) && len(currencyWords[word]) > 0
}

// readTrailingCurrency reads a currency behind a number: "eur", "US dollars",
// "€", "MUSD" after its number apart.
func (r numberReader) readTrailingCurrency(at int) ([]string, bool, int) {
	if !r.joins(at) || r.ts[at].dash || r.leads(at) {
		return nil, false, at
	}
	if at+1 < len(r.ts) {
		if codes := currencyWords[r.word(at)+" "+r.word(at+1)]; len(codes) > 0 {
			return codes, false, at + 2
		}
	}
	codes, minor := currencyOf(r.word(at))
	if len(codes) == 0 && slices.Contains(notCodes, r.word(at)) && r.ts[at].text == strings.ToUpper(r.word(at)) && r.word(at) != "all" && r.word(at) != "top" {
		if unit, err := currency.ParseISO(r.word(at)); err == nil {
			codes = []string{unit.String()}
		}
	}
	if len(codes) == 0 {
		return nil, false, at
	}
	return codes, minor, at + 1
}
