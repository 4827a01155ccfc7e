package metric

import (
	"fmt"
	"math/big"
	"strings"
)

// expression is what a metric of several does with them, in exact arithmetic:
// an input, a number, or an operation on two expressions.
type expression struct {
	op          byte // one of + - * /; | for the size of what is left; 0: an input or a number
	left, right *expression
	input       *Metric
	number      *big.Rat
}

// value computes the expression, nil if it divides by nothing.
func (e *expression) value(of func(*Metric) *big.Rat) *big.Rat {
	switch {
	case e.input != nil:
		return of(e.input)
	case e.number != nil:
		return e.number
	}
	x := e.left.value(of)
	if e.op == '|' {
		if x == nil {
			return nil
		}
		return new(big.Rat).Abs(x)
	}
	y := e.right.value(of)
	if x == nil || y == nil {
		return nil
	}
	switch e.op {
	case '+':
		return new(big.Rat).Add(x, y)
	case '-':
		return new(big.Rat).Sub(x, y)
	case '*':
		return new(big.Rat).Mul(x, y)
	default:
		return share(x, y)
	}
}

// inputs lists the metrics of the expression in the order in which they stand,
// each once.
func (e *expression) inputs(sofar []*Metric) []*Metric {
	switch {
	case e.op == '|':
		return e.left.inputs(sofar)
	case e.op != 0:
		return e.right.inputs(e.left.inputs(sofar))
	case e.input == nil:
		return sofar
	}
	for _, m := range sofar {
		if m == e.input {
			return sofar
		}
	}
	return append(sofar, e.input)
}

// words writes the expression as it is written on paper.
func (e *expression) words() string {
	switch {
	case e.input != nil:
		return e.input.Label
	case e.number != nil:
		return strings.TrimSuffix(strings.TrimRight(e.number.FloatString(6), "0"), ".")
	}
	if e.op == '|' {
		return "|" + e.left.words() + "|"
	}
	sign := map[byte]string{'+': "+", '-': "−", '*': "×", '/': "÷"}[e.op]
	return e.left.within(e.op, false) + " " + sign + " " + e.right.within(e.op, true)
}

// within writes a side of an operation, in brackets where it needs them.
func (e *expression) within(op byte, right bool) string {
	if e.op != 0 && e.op != '|' && (binds(e.op) < binds(op) || right && binds(e.op) == binds(op)) {
		return "(" + e.words() + ")"
	}
	return e.words()
}

// binds says how closely an operation holds its sides together.
func binds(op byte) int {
	if op == '*' || op == '/' {
		return 2
	}
	return 1
}

// measured is what a value is measured in: money to a power, by days to one.
// Counts and ratios are plain numbers.
type measured struct{ money, days, hours int }

func (u Unit) measured() measured {
	switch u {
	case UnitMoney:
		return measured{money: 1}
	case UnitDays:
		return measured{days: 1}
	case UnitHours:
		return measured{hours: 1}
	case UnitMoneyPerDay:
		return measured{money: 1, days: -1}
	default:
		return measured{}
	}
}

// measured is what the expression's value is measured in. What is measured
// differently cannot be added.
func (e *expression) measured() (measured, error) {
	switch {
	case e.input != nil:
		return e.input.Unit.measured(), nil
	case e.number != nil:
		return measured{}, nil
	}
	x, err := e.left.measured()
	if err != nil || e.op == '|' {
		return x, err
	}
	y, err := e.right.measured()
	switch {
	case err != nil:
		return measured{}, err
	case e.op == '*':
		return measured{x.money + y.money, x.days + y.days, x.hours + y.hours}, nil
	case e.op == '/':
		return measured{x.money - y.money, x.days - y.days, x.hours - y.hours}, nil
	case x != y:
		return measured{}, fmt.Errorf("%s and %s are measured differently: they cannot be added", e.left.words(), e.right.words())
	default:
		return x, nil
	}
}

// exprError is a fault in an expression, At bytes into it.
type exprError struct {
	At      int
	Message string
}

func (e *exprError) Error() string { return e.Message }

// parseExpression reads what a derived metric does with its inputs:
//
//	sum     = product { ( "+" | "-" ) product }
//	product = value { ( "*" | "/" ) value }
//	value   = number | metric | "(" sum ")" | "abs" "(" sum ")"
//
// input finds the metric of a name.
func parseExpression(text string, input func(name string) (*Metric, error)) (*expression, error) {
	p := &exprParser{text: text, input: input}
	e, err := p.sum(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(p.text) {
		return nil, p.fault("expected +, -, *, / or the end")
	}
	return e, nil
}

type exprParser struct {
	text  string
	at    int
	input func(name string) (*Metric, error)
}

func (p *exprParser) skip() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// accept reads one of the signs, 0 if none stands here.
func (p *exprParser) accept(signs string) byte {
	if p.skip(); p.at == len(p.text) || strings.IndexByte(signs, p.text[p.at]) < 0 {
		return 0
	}
	p.at++
	return p.text[p.at-1]
}

func (p *exprParser) sum(depth int) (*expression, error) {
	return p.chain("+-", func() (*expression, error) { return p.product(depth) })
}

func (p *exprParser) product(depth int) (*expression, error) {
	return p.chain("*/", func() (*expression, error) { return p.value(depth) })
}

// chain reads parts with signs between them, from the left.
func (p *exprParser) chain(signs string, part func() (*expression, error)) (*expression, error) {
	e, err := part()
	for err == nil {
		op := p.accept(signs)
		if op == 0 {
			return e, nil
		}
		var right *expression
		right, err = part()
		e = &expression{op: op, left: e, right: right}
	}
	return nil, err
}

// maxExprDepth bounds how deep brackets may nest.
const maxExprDepth = 50

func (p *exprParser) value(depth int) (*expression, error) {
	if depth > maxExprDepth {
		return nil, p.fault("the expression nests too deeply")
	}
	if p.accept("(") != 0 {
		e, err := p.sum(depth + 1)
		if err == nil && p.accept(")") == 0 {
			return nil, p.fault("expected )")
		}
		return e, err
	}
	start := p.at
	for p.at < len(p.text) && (isLetter(p.text[p.at]) || isDigit(p.text[p.at]) || p.text[p.at] == '.') {
		p.at++
	}
	word := p.text[start:p.at]
	if decimal.MatchString(word) {
		number, _ := new(big.Rat).SetString(word)
		return &expression{number: number}, nil
	}
	if word == "abs" && p.accept("(") != 0 {
		e, err := p.sum(depth + 1)
		if err == nil && p.accept(")") == 0 {
			return nil, p.fault("expected )")
		}
		return &expression{op: '|', left: e}, err
	}
	p.at = start
	if word == "" {
		return nil, p.fault("expected a metric, a number or (")
	}
	m, err := p.input(word)
	if err != nil {
		return nil, p.fault(err.Error())
	}
	p.at += len(word)
	if m.formula != nil {
		return m.formula, nil
	}
	return &expression{input: m}, nil
}

func (p *exprParser) fault(message string) error { return &exprError{At: p.at, Message: message} }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
