package importer

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// fault is why a row cannot be used.
type fault struct {
	column string // as the header spells it; empty: the whole row
	value  string
	reason string
	group  string // the reason without what differs from row to row; empty: the same
}

// cursor reads the typed fields of one row. After the first fault it returns
// blanks, so that the functions below can read a record straight through.
type cursor struct {
	header []string
	format format
	// evidence takes what the values of the row show, while a file is looked
	// through for how it is written; else nil.
	evidence *evidence
	company  metric.Company
	cells    [][]byte
	bound    binding
	place    insights.Place
	fault    *fault
}

func (c *cursor) refuse(column, value, reason string) {
	c.refuseAs("", column, value, reason)
}

// refuseAs refuses for a reason that is counted together with others as group.
func (c *cursor) refuseAs(group, column, value, reason string) {
	if c.fault == nil {
		c.fault = &fault{column: column, value: value, reason: reason, group: group}
	}
}

func (c *cursor) text(name string) string {
	text, _ := c.raw(name)
	return text
}

func (c *cursor) required(name string) string {
	text, column := c.raw(name)
	if text == "" {
		c.refuse(column, "", c.isEmpty(name))
	}
	return text
}

func (c *cursor) isEmpty(name string) string {
	words := strings.NewReplacer("_", " ")
	return fmt.Sprintf(reasonIsEmpty, words.Replace(string(c.bound.rule.kind.name)), words.Replace(name))
}

// name is the name of a record. One that has no column for it has none: its key
// is what somebody or something is called, which may be known already.
func (c *cursor) name() string {
	if f := c.bound.fields["name"]; f == nil || f.missing() {
		return ""
	}
	return c.required("name")
}

func (c *cursor) oneOf(name string, allowed []string) string {
	text, column := c.raw(name)
	if text == "" {
		return ""
	}
	if reason := checkOneOf(text, allowed); reason != "" {
		c.refuse(column, text, reason)
	}
	return strings.ToLower(text)
}

// truth reads whether something is so; nil: it is not said.
func (c *cursor) truth(name string) *bool {
	text := c.oneOf(name, truths)
	if text == "" {
		return nil
	}
	so := text == "yes" || text == "true" || text == "1"
	return &so
}

func (c *cursor) day(name string) time.Time {
	text, column := c.raw(name)
	if text == "" {
		return time.Time{}
	}
	day, reason := parseDate(text, c.format.dates, c.company.Zone)
	if reason != "" {
		c.refuse(column, text, reason)
	}
	return day
}

// money reads the amount together with its currency: of the row, else what the
// amount names itself, else of the mapping, else of the company.
func (c *cursor) money() *insights.Money {
	if c.text("amount") == "" {
		return nil
	}
	amount := c.amount("amount", c.rowCurrency())
	return &amount
}

// minor reads a field as an amount in minor units of a currency.
func (c *cursor) minor(name, code string) int64 { return c.amount(name, code).Minor }

// amount reads a field as an amount in the currency of its row; empty: the row
// names none.
func (c *cursor) amount(name, ofRow string) insights.Money {
	text, column := c.raw(name)
	if c.fault != nil {
		return insights.Money{}
	}
	amount, reason := readAmount(text, c.format.money, ofRow, c.usualCurrency())
	if reason != "" {
		c.refuse(column, text, reason)
	}
	return amount
}

// currency is that of the row, else the usual one.
func (c *cursor) currency() string { return cmp.Or(c.rowCurrency(), c.usualCurrency()) }

// rowCurrency is the currency that the row names; empty: none.
func (c *cursor) rowCurrency() string {
	text, column := c.raw("currency")
	if text == "" {
		return ""
	}
	code, reason := parseCurrency(text)
	if reason != "" {
		c.refuse(column, text, reason)
	}
	return code
}

// usualCurrency is that of amounts that name none: of the mapping, else of the
// company.
func (c *cursor) usualCurrency() string {
	return cmp.Or(c.format.money.currency, c.company.Currency)
}

func (c *cursor) email() string {
	text, column := c.raw("email")
	if text == "" {
		return ""
	}
	if reason := checkEmail(text); reason != "" {
		c.refuse(column, text, reason)
	}
	return text
}

// above reads a reference to a record of the same kind, which cannot be the
// record itself.
func (c *cursor) above(name string) string {
	key := c.text(name)
	if key != "" && key == c.text("key") {
		text, column := c.raw(name)
		c.refuse(column, text, fmt.Sprintf(reasonItself, c.bound.rule.kind.name))
	}
	return key
}

func (c *cursor) process() insights.Process {
	return insights.Process{Name: c.required("name"), Key: c.text("key")}
}

func (c *cursor) stage() insights.Stage {
	c.required("outcome")
	return insights.Stage{
		Process:      c.text("process"),
		Name:         c.required("name"),
		Key:          c.text("key"),
		Position:     c.position(),
		Outcome:      insights.Outcome(c.oneOf("outcome", outcomes)),
		Probability:  c.share("probability"),
		Category:     c.category("forecast_category"),
		ExpectedDays: c.days("expected_days"),
		Since:        c.day("since"),
	}
}

func (c *cursor) position() int {
	text, column := c.raw("position")
	position, err := strconv.ParseInt(text, 10, 32)
	if err != nil || position < 0 {
		c.refuse(column, text, reasonNotAPosition)
	}
	return int(position)
}

// days reads a number of days; nil: it is not said.
func (c *cursor) days(name string) *int {
	text, column := c.raw(name)
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		c.refuse(column, text, reasonNotDays)
		return nil
	}
	days := int(n)
	return &days
}

func (c *cursor) territoryModel() insights.TerritoryModel {
	c.required("state")
	m := insights.TerritoryModel{
		Key: c.required("key"), Name: c.name(), State: insights.ModelState(c.oneOf("state", modelStates)),
		From: c.day("from"), Until: c.day("until"),
	}
	from, fromColumn := c.raw("from")
	until, untilColumn := c.raw("until")
	switch {
	case m.State == insights.Planning && from != "":
		c.refuse(fromColumn, from, reasonPlannedFrom)
	case m.State != insights.Archived && until != "":
		c.refuse(untilColumn, until, reasonNotArchived)
	case until != "" && m.Until.Before(m.From):
		c.refuse(untilColumn, until, reasonFirstDay)
	}
	return m
}

func (c *cursor) territory() insights.Territory {
	return insights.Territory{Key: c.required("key"), Name: c.name(), Parent: c.above("parent"), Model: c.text("model")}
}

func (c *cursor) person() insights.PersonRecord {
	return insights.PersonRecord{
		Key:       c.required("key"),
		Name:      c.name(),
		Email:     c.email(),
		Role:      c.oneOf("role", roles),
		Manager:   c.above("manager"),
		Territory: c.text("territory"),
		Since:     c.day("since"),
		Active:    c.truth("active"),
	}
}

func (c *cursor) account() insights.Account {
	return insights.Account{
		Key:      c.required("key"),
		Name:     c.name(),
		Industry: c.text("industry"),
		Segment:  c.text("segment"),
		Country:  c.text("country"),
		Parent:   c.above("parent"),
	}
}

func (c *cursor) product() insights.Product {
	return insights.Product{Key: c.required("key"), Name: c.name(), Family: c.text("family")}
}

func (c *cursor) opportunity() insights.Opportunity {
	if f := c.bound.fields["stage"]; f != nil && !f.optional {
		c.required("stage")
	}
	return insights.Opportunity{
		Key:        c.required("key"),
		Name:       c.text("name"),
		Account:    c.text("account"),
		Product:    c.text("product"),
		Owner:      c.text("owner"),
		Process:    c.text("process"),
		Stage:      c.text("stage"),
		Amount:     c.money(),
		CreatedOn:  c.day("created_on"),
		EngagedOn:  c.day("engaged_on"),
		CloseOn:    c.day("close_on"),
		LossReason: c.text("loss_reason"),
		Competitor: c.text("competitor"),
		Category:   c.category("forecast_category"),
		NextStep:   c.text("next_step"),
		Source:     c.text("source"),
		Kind:       c.text("kind"),
		Deleted:    c.truth("deleted"),
		ChangedAt:  c.moment("changed_at"),
	}
}
