package metric

import (
	"fmt"
	"slices"
	"strings"
)

// condition is a test of one deal, written into SQL with bound arguments.
type condition interface {
	sql(b *builder) string
}

// allOf and anyOf join conditions; opposite turns one round. All three follow
// SQL: what cannot be known is not kept.
type (
	allOf    []condition
	anyOf    []condition
	opposite struct{ of condition }
)

// oneOf keeps deals whose column is one of the texts, in any case.
type oneOf struct {
	column  *column
	texts   []string
	negated bool
}

// isNull keeps deals that have nothing in the column.
type isNull struct {
	column  *column
	negated bool
}

func (c allOf) sql(b *builder) string { return joined(b, c, " and ") }
func (c anyOf) sql(b *builder) string { return joined(b, c, " or ") }

func joined(b *builder, parts []condition, with string) string {
	written := make([]string, len(parts))
	for i, p := range parts {
		written[i] = p.sql(b)
	}
	return "(" + strings.Join(written, with) + ")"
}

func (c opposite) sql(b *builder) string { return "not " + c.of.sql(b) }

func (c oneOf) sql(b *builder) string {
	b.use(c.column.from...)
	is := "= any"
	if c.negated {
		is = "<> all"
	}
	if c.column.words != nil { // in lower case on both sides already
		return fmt.Sprintf("%s %s (%s::text[])", c.column.value, is, b.arg(arrayOf(c.texts)))
	}
	return fmt.Sprintf("lower(%s) %s (lower(%s)::text[])", c.column.value, is, b.arg(arrayOf(c.texts)))
}

func (c isNull) sql(b *builder) string {
	b.use(c.column.from...)
	if c.negated {
		return c.column.value + " is not null"
	}
	return c.column.value + " is null"
}

// arrayOf writes texts as a Postgres array, which a driver can pass as one
// argument.
func arrayOf(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(t) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

// filterError is a fault in a filter, At bytes into it.
type filterError struct {
	At      int
	Message string
}

func (e *filterError) Error() string { return e.Message }

// parseFilter reads a metric's filter:
//
//	filter    = and { "or" and }
//	and       = not { "and" not }
//	not       = "not" not | "(" filter ")" | test
//	test      = dimension ( ( "=" | "<>" | "!=" ) text
//	                      | [ "not" ] "in" "(" text { "," text } ")"
//	                      | "is" [ "not" ] "null" )
//	dimension = "{{" "Dimension" "(" text ")" "}}"
//
// where text stands in single quotes, doubled inside. column finds what a
// dimension's qualified name stands for.
func parseFilter(text string, column func(name string) (*column, error)) (condition, error) {
	tokens, err := scanFilter(text)
	if err != nil {
		return nil, err
	}
	p := &filterParser{tokens: tokens, column: column}
	c, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if !p.done() {
		return nil, p.fault("expected and, or, or the end")
	}
	return c, nil
}

// maxFilterDepth bounds how deep parentheses and nots may nest.
const maxFilterDepth = 50

type filterParser struct {
	tokens []filterToken
	column func(name string) (*column, error)
}

// filterToken is a word, sign or quoted text; the last one is empty.
type filterToken struct {
	at     int
	text   string // words in lower case, quoted texts without their quotes
	quoted bool
}

func (p *filterParser) or(depth int) (condition, error) {
	return p.chain("or", depth, p.and, func(c []condition) condition { return anyOf(c) })
}

func (p *filterParser) and(depth int) (condition, error) {
	return p.chain("and", depth, p.not, func(c []condition) condition { return allOf(c) })
}

// chain reads one or more parts with a word between them.
func (p *filterParser) chain(word string, depth int, part func(int) (condition, error), join func([]condition) condition) (condition, error) {
	var parts []condition
	for {
		c, err := part(depth)
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
		if !p.accept(word) {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return join(parts), nil
}

func (p *filterParser) not(depth int) (condition, error) {
	if depth > maxFilterDepth {
		return nil, p.fault("the filter nests too deeply")
	}
	switch {
	case p.accept("not"):
		c, err := p.not(depth + 1)
		return opposite{c}, err
	case p.accept("("):
		c, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		return c, p.expect(")")
	default:
		return p.test()
	}
}

func (p *filterParser) test() (condition, error) {
	c, err := p.dimension()
	if err != nil {
		return nil, err
	}
	if p.accept("is") {
		negated := p.accept("not")
		return isNull{c, negated}, p.expect("null")
	}
	if c.kind != kindText {
		return nil, p.fault("expected is null or is not null: only texts can be compared")
	}
	if p.accept("=") {
		texts, err := p.texts(c)
		return oneOf{c, texts, false}, err
	}
	if p.accept("<>") || p.accept("!=") {
		texts, err := p.texts(c)
		return oneOf{c, texts, true}, err
	}
	negated := p.accept("not")
	if !p.accept("in") {
		return nil, p.fault("expected =, <>, in, not in, is null or is not null")
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	texts, err := p.texts(c)
	if err != nil {
		return nil, err
	}
	for p.accept(",") {
		more, err := p.texts(c)
		if err != nil {
			return nil, err
		}
		texts = append(texts, more...)
	}
	return oneOf{c, texts, negated}, p.expect(")")
}

func (p *filterParser) dimension() (*column, error) {
	for _, word := range []string{"{{", "dimension", "("} {
		if p.accept(word) {
			continue
		}
		return nil, p.fault("expected {{ Dimension('…') }}")
	}
	name := p.tokens[0]
	if !name.quoted {
		return nil, p.fault("expected the dimension's name in quotes")
	}
	c, err := p.column(name.text)
	if err != nil {
		return nil, p.fault(err.Error())
	}
	p.tokens = p.tokens[1:]
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return c, p.expect("}}")
}

// texts reads one quoted text that the column can be.
func (p *filterParser) texts(c *column) ([]string, error) {
	t := p.tokens[0]
	if !t.quoted {
		return nil, p.fault("expected a text in quotes")
	}
	if !c.canBe(t.text) {
		return nil, p.fault(fmt.Sprintf("%s is one of %s", c.name, strings.Join(c.words, ", ")))
	}
	p.tokens = p.tokens[1:]
	return []string{c.spelt(t.text)}, nil
}

func (p *filterParser) done() bool { return p.tokens[0] == filterToken{at: p.tokens[0].at} }

func (p *filterParser) accept(word string) bool {
	if p.tokens[0].quoted || p.tokens[0].text != word {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *filterParser) expect(word string) error {
	if p.accept(word) {
		return nil
	}
	return p.fault("expected " + word)
}

func (p *filterParser) fault(message string) error {
	return &filterError{At: p.tokens[0].at, Message: message}
}

// signs are the filter's signs, longer ones first.
var signs = []string{"{{", "}}", "<>", "!=", "=", "(", ")", ","}

func scanFilter(text string) ([]filterToken, error) {
	var tokens []filterToken
	for at := 0; at < len(text); {
		switch c := text[at]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			at++
		case c == '\'':
			quoted, n := scanQuoted(text[at:])
			if n == 0 {
				return nil, &filterError{At: at, Message: "the quote is never closed"}
			}
			tokens = append(tokens, filterToken{at, quoted, true})
			at += n
		case isLetter(c):
			n := 1
			for at+n < len(text) && isLetter(text[at+n]) {
				n++
			}
			tokens = append(tokens, filterToken{at, strings.ToLower(text[at : at+n]), false})
			at += n
		default:
			i := slices.IndexFunc(signs, func(s string) bool { return strings.HasPrefix(text[at:], s) })
			if i < 0 {
				return nil, &filterError{At: at, Message: fmt.Sprintf("%q is not supported in a filter", c)}
			}
			tokens = append(tokens, filterToken{at, signs[i], false})
			at += len(signs[i])
		}
	}
	return append(tokens, filterToken{at: len(text)}), nil
}

// scanQuoted reads the quoted text at the start of s and says how many bytes
// it takes, 0 when its quote is never closed.
func scanQuoted(s string) (text string, n int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1
	}
	return "", 0
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}
