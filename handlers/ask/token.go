package ask

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one word, number or sign of a question.
type token struct {
	text       string // as typed
	word       string // lower case, without apostrophes
	stem       string // the word without a possessive 's; otherwise the word
	start, end int    // where it stands in the cleaned text
	dash       bool   // a dash or two dots stand before it, as in a range
	comma      bool   // a comma stands before it
	tick       bool   // an apostrophe stands before it, as in '17
	quote      int    // the quoted passage it belongs to; 0: none
	mended     string // the word it was typed as, when word corrects an error
}

// plainSigns maps what keyboards and word processors substitute back to the
// sign that was meant.
var plainSigns = strings.NewReplacer(
	"’", "'", "‘", "'", "ʼ", "'", "´", "'",
	"“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"–", "-", "—", "-", "−", "-", "‐", "-", "‑", "-", "‒", "-", "―", "-",
	"…", " ", "\u00a0", " ", "\u202f", " ", "\u2009", " ",
	"≥", ">=", "≤", "<=", "≠", "!=",
)

// shortForms are what is typed short and is told from a name by the signs or the
// words around it.
var shortForms = []struct {
	form *regexp.Regexp
	full string
}{
	{regexp.MustCompile(`(?i)\bw/o\b`), "without"},
	{regexp.MustCompile(`(?i)\bthat'?s\b`), "that is"},
	{regexp.MustCompile(`(?i)\bw/\s*`), "with "},
	{regexp.MustCompile(`(?i)\b(vs\.?|versus|than|against|compared to) ly\b`), "$1 last year"},
}

// clean makes the text valid, its signs plain and what is typed short long.
func clean(text string) string {
	text = plainSigns.Replace(strings.ToValidUTF8(text, " "))
	for _, short := range shortForms {
		if short.form.MatchString(text) {
			text = short.form.ReplaceAllString(text, short.full)
		}
	}
	return text
}

// The forms that are one token although they hold signs. Each is tried where
// a word may begin, in this order.
var (
	entityForm    = regexp.MustCompile(`^<[@#!][^<>]*>`)
	emojiForm     = regexp.MustCompile(`^:[a-z][a-z0-9_+-]*:(\s|$)`)
	isoForm       = regexp.MustCompile(`^\d{4}-\d{1,2}(-\d{1,2})?`)
	slashForm     = regexp.MustCompile(`^\d{1,4}/\d{1,2}/\d{1,4}`)
	monthDayForm  = regexp.MustCompile(`^\d{1,2}/\d{1,2}`)
	dottedForm    = regexp.MustCompile(`^\d{1,2}\.\d{1,2}\.\d{4}`)
	numberForm    = regexp.MustCompile(`^[$€£¥]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([kK]|[mM]{1,2}|[mM][nN]|[bB][nN]?)?`)
	gluedForm     = regexp.MustCompile(`^(\d{1,3}(,\d{3})+|\d+)\.\d+\p{L}+`)
	pointForm     = regexp.MustCompile(`^[$€£¥]?\.\d+([kK]|[mM]{1,2}|[mM][nN]|[bB][nN]?)?`)
	commaForm     = regexp.MustCompile(`^\d{1,3}(\.\d{3})*,\d{1,2}`)
	signForm      = regexp.MustCompile(`^(>=|<=|!=|<|>|=)`)
	numberForms   = []*regexp.Regexp{isoForm, slashForm, monthDayForm, dottedForm, numberForm, gluedForm, commaForm, pointForm}
	separatorRune = ",?;:.()[]{}*_~`\\"
)

// lexer cuts a cleaned text into tokens.
type lexer struct {
	text   string
	at     int
	tokens []token
	dash   bool // seen since the last token
	comma  bool // the same
	quote  int  // the open passage; 0: none
	quotes int  // passages opened so far
}

// tokenise cuts a cleaned text into words, numbers, dates and signs. Signs
// that cannot change a meaning are left out; all others become tokens, so that
// nothing can be overlooked.
func tokenise(text string) []token {
	l := lexer{text: text}
	for l.at < len(l.text) {
		l.next()
	}
	return l.tokens
}

func (l *lexer) next() {
	rest := l.text[l.at:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case unicode.IsSpace(r) || isDecoration(r):
		l.at += size
	case strings.HasPrefix(rest, ".."):
		l.dash = true
		l.at += 2
	case r == '.' && numberLength(rest) > 0 && (l.at == 0 || !isWordAt(l.text, l.at-1)):
		l.emit(numberLength(rest)) // ".5m"
	case r == '-':
		l.readDash()
	case r == '~' && l.at > 0 && isWordAt(l.text, l.at-1) && startsWord(rest[size:]):
		l.dash = true
		l.at += size
	case r == '"':
		l.toggleQuote()
		l.at += size
	case r == '<' && entityForm.MatchString(rest):
		l.emit(len(entityForm.FindString(rest)))
	case r == ':' && l.readEmoji(rest):
	case r == '!' && !startsWord(rest[size:]) && !strings.HasPrefix(rest, "!="):
		l.at += size
	case r == '\'' || strings.ContainsRune(separatorRune, r):
		l.comma = l.comma || r == ','
		l.at += size
	default:
		l.emit(l.tokenLength(rest))
	}
}

// readDash reads a dash. One that clings to the front of a word, as in
// "-central", may be meant as "without": it becomes a token of its own.
func (l *lexer) readDash() {
	before := l.at == 0 || isSpaceAt(l.text, l.at-1)
	if before && startsWord(l.text[l.at+1:]) {
		l.emit(1)
		return
	}
	l.dash = true
	l.at++
}

// readEmoji skips an emoji written as Slack sends it, :tada:.
func (l *lexer) readEmoji(rest string) bool {
	if l.at > 0 && !isSpaceAt(l.text, l.at-1) {
		return false
	}
	match := emojiForm.FindString(rest)
	l.at += len(match)
	return match != ""
}

func (l *lexer) toggleQuote() {
	if l.quote != 0 {
		l.quote = 0
		return
	}
	if !strings.Contains(l.text[l.at+1:], `"`) {
		return // a lone quotation mark quotes nothing
	}
	l.quotes++
	l.quote = l.quotes
}

// tokenLength measures the token at the start of rest.
func (l *lexer) tokenLength(rest string) int {
	if n := numberLength(rest); n > 0 {
		return n
	}
	if n := wordLength(rest); n > 0 {
		return n
	}
	if match := signForm.FindString(rest); match != "" {
		return len(match)
	}
	_, size := utf8.DecodeRuneInString(rest)
	return size
}

// numberLength measures the number or date at the start of rest.
func numberLength(rest string) int {
	if r, _ := utf8.DecodeRuneInString(rest); !unicode.IsDigit(r) && !strings.ContainsRune(".$€£¥", r) {
		return 0
	}
	for _, form := range numberForms {
		match := form.FindString(rest)
		if match != "" && !continuesWord(rest[len(match):]) && !isDecimalComma(rest, match) {
			return len(match)
		}
	}
	return 0
}

// isDecimalComma reports whether a number goes on behind a comma with one or two
// digits, as in "1,5": elsewhere that is a fraction, so it is not read as two
// numbers.
func isDecimalComma(rest, match string) bool {
	whole := commaForm.FindString(rest)
	return len(whole) > len(match) && !continuesWord(rest[len(whole):])
}

// wordLength measures a run of letters and digits; apostrophes and ampersands
// between letters belong to it.
func wordLength(text string) int {
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRuneInString(text[n:])
		inner := n > 0 && (r == '\'' || r == '&') && startsLetter(text[n+size:])
		if !isWordRune(r) && !inner {
			break
		}
		n += size
	}
	return n
}

// emit appends the next n bytes as one token.
func (l *lexer) emit(n int) {
	text := l.text[l.at : l.at+n]
	word := strings.ToLower(strings.ReplaceAll(text, "'", ""))
	stem := word
	if owner, ok := strings.CutSuffix(strings.ToLower(text), "'s"); ok {
		stem = strings.ReplaceAll(owner, "'", "")
	}
	l.tokens = append(l.tokens, token{
		text: text, word: word, stem: stem, start: l.at, end: l.at + n,
		dash: l.dash, comma: l.comma, quote: l.quote, tick: l.at > 0 && l.text[l.at-1] == '\'',
	})
	l.dash, l.comma = false, false
	l.at += n
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// isDecoration reports whether a rune is an emoji or an invisible mark.
func isDecoration(r rune) bool {
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) && r != '`' && r != '^' ||
		unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) || unicode.IsMark(r)
}

func startsWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(`"$€£¥`, r)
}

func startsLetter(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r)
}

// continuesWord reports whether a word that ended here would go on.
func continuesWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return isWordRune(r)
}

func isSpaceAt(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at+1])
	return unicode.IsSpace(r)
}

func isWordAt(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at+1])
	return isWordRune(r)
}

// words returns the tokens' words joined by spaces.
func words(tokens []token) string {
	parts := make([]string, 0, len(tokens))
	for _, t := range tokens {
		parts = append(parts, t.word)
	}
	return strings.Join(parts, " ")
}
