package importer

import (
	"strconv"
	"time"

	"salesbot/insights"
)

// The records that stand beside the deals: who was where when, how deals came
// to be what they are, what was planned, what it cost, and what was done.

func (c *cursor) assignment() insights.Assignment {
	c.required("person")
	a := insights.Assignment{
		Person:    c.reference("person"),
		Manager:   c.reference("manager"),
		Territory: c.reference("territory"),
		Since:     c.day("since"),
	}
	if _, column := c.raw("manager"); a.Manager != "" && a.Manager == a.Person {
		c.refuse(column, a.Manager, "is the person themselves")
	}
	if a.Manager == "" && a.Territory == "" {
		c.refuse("", a.Person, "the row names neither a manager nor a territory")
	}
	return a
}

func (c *cursor) change() insights.Change {
	c.required("field")
	change := insights.Change{
		Opportunity: c.required("opportunity"),
		Field:       insights.ChangeField(c.oneOf("field", changeFields)),
		At:          c.requiredMoment("at"),
	}
	if change.Field == insights.ChangeAmount {
		change.Currency = c.currency()
	}
	change.Old, change.New = c.changed("old", change), c.changed("new", change)
	return change
}

// changed reads a value of the field that changed, as records write it.
func (c *cursor) changed(name string, change insights.Change) string {
	text := c.text(name)
	if text == "" || c.fault != nil {
		return ""
	}
	switch change.Field {
	case insights.ChangeAmount:
		return strconv.FormatInt(c.minor(name, change.Currency), 10)
	case insights.ChangeCloseOn:
		return c.day(name).Format(time.DateOnly)
	default:
		return text
	}
}

func (c *cursor) quota() insights.Quota {
	c.required("person")
	q := insights.Quota{Person: c.reference("person"), Measure: c.oneOf("measure", measures), Amount: c.requiredMoney()}
	q.First, q.Last = c.period()
	if q.Measure == "" {
		q.Measure = measures[0]
	}
	return q
}

func (c *cursor) costLine() insights.CostLine {
	c.required("kind")
	return insights.CostLine{
		Key:         c.required("key"),
		Opportunity: c.required("opportunity"),
		Kind:        insights.CostKind(c.oneOf("kind", costKinds)),
		Amount:      c.requiredMoney(),
		On:          c.day("on"),
	}
}

func (c *cursor) overhead() insights.Overhead {
	c.required("allocated_by")
	o := insights.Overhead{Key: c.required("key"), Amount: c.requiredMoney(), AllocatedBy: c.oneOf("allocated_by", allocations)}
	o.First, o.Last = c.period()
	return o
}

func (c *cursor) lead() insights.Lead {
	c.required("status")
	l := insights.Lead{
		Key:         c.required("key"),
		CreatedAt:   c.requiredMoment("created_at"),
		Source:      c.text("source"),
		Owner:       c.reference("owner"),
		Status:      c.oneOf("status", leadStatuses),
		RespondedAt: c.moment("responded_at"),
		Opportunity: c.text("opportunity"),
	}
	if text, column := c.raw("responded_at"); text != "" && l.RespondedAt.Before(l.CreatedAt) {
		c.refuse(column, text, "lies before the lead was created")
	}
	return l
}

func (c *cursor) activity() insights.Activity {
	return insights.Activity{
		Key:         c.required("key"),
		Opportunity: c.required("opportunity"),
		Kind:        c.required("kind"),
		At:          c.requiredMoment("at"),
		TwoWay:      c.yes("two_way"),
		By:          c.reference("by"),
	}
}

// period reads the first and the last day of a period.
func (c *cursor) period() (first, last time.Time) {
	c.required("first_day")
	c.required("last_day")
	first, last = c.day("first_day"), c.day("last_day")
	if text, column := c.raw("last_day"); last.Before(first) {
		c.refuse(column, text, "lies before the first day")
	}
	return first, last
}

func (c *cursor) requiredMoney() insights.Money {
	c.required("amount")
	if amount := c.money(); amount != nil {
		return *amount
	}
	return insights.Money{}
}

func (c *cursor) moment(name string) time.Time {
	text, column := c.raw(name)
	if text == "" {
		return time.Time{}
	}
	moment, reason := parseMoment(text, c.format.dates, c.company.Zone)
	if reason != "" {
		c.refuse(column, text, reason)
	}
	return moment
}

func (c *cursor) requiredMoment(name string) time.Time {
	c.required(name)
	return c.moment(name)
}

func (c *cursor) yes(name string) bool {
	c.required(name)
	return c.oneOf(name, []string{"yes", "no"}) == "yes"
}

// share reads a part of a whole, a decimal from 0 to 1.
func (c *cursor) share(name string) string {
	text, column := c.raw(name)
	if text != "" && !isShare(text) {
		c.refuse(column, text, "is not a decimal from 0 to 1, such as 0.25")
	}
	return text
}
