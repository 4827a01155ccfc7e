package importer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"salesbot/insights"
)

// The records that stand beside the deals: who was where when, how deals came
// to be what they are, what was planned, what it cost, and what was done.

func (c *cursor) assignment() insights.Assignment {
	c.required("person")
	a := insights.Assignment{
		Person:    c.text("person"),
		Manager:   c.text("manager"),
		Territory: c.text("territory"),
		Model:     c.text("model"),
		Since:     c.day("since"),
	}
	if _, column := c.raw("manager"); a.Manager != "" && a.Manager == a.Person {
		c.refuse(column, a.Manager, reasonOwnManager)
	}
	if a.Manager == "" && a.Territory == "" {
		c.refuse("", a.Person, reasonNoAssignment)
	}
	return a
}

func (c *cursor) accountTerritory() insights.AccountTerritory {
	c.required("account")
	return insights.AccountTerritory{
		Account: c.text("account"), Territory: c.text("territory"), Model: c.text("model"), Since: c.day("since"),
	}
}

func (c *cursor) change() insights.Change {
	c.required("field")
	change := insights.Change{
		Opportunity: c.required("opportunity"),
		Field:       insights.ChangeField(c.oneOf("field", changeFields)),
		At:          c.requiredMoment("at"),
	}
	switch change.Field {
	case insights.ChangeAmount:
		change.Currency = c.currency()
	case insights.ChangeStage:
		change.Process = c.text("process")
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
	case insights.ChangeCategory:
		return string(c.category(name))
	default:
		return text
	}
}

func (c *cursor) split() insights.Split {
	c.required("person")
	s := insights.Split{
		Opportunity: c.required("opportunity"),
		Person:      c.text("person"),
		Kind:        insights.SplitKind(c.oneOf("kind", splitKinds)),
	}
	c.required("share")
	s.Share = c.share("share")
	if s.Kind == "" {
		s.Kind = insights.RevenueSplit
	}
	return s
}

func (c *cursor) lineItem() insights.LineItem {
	return insights.LineItem{
		Key:         c.required("key"),
		Opportunity: c.required("opportunity"),
		Product:     c.text("product"),
		Quantity:    c.decimal("quantity"),
		Amount:      c.requiredMoney(),
	}
}

func (c *cursor) quota() insights.Quota {
	q := insights.Quota{Measure: c.oneOf("measure", measures), Amount: c.requiredMoney()}
	q.Person, q.Territory, q.Model = c.personOrTerritory()
	q.First, q.Last = c.period()
	if q.Measure == "" {
		q.Measure = measures[0]
	}
	return q
}

func (c *cursor) forecast() insights.Forecast {
	c.required("category")
	f := insights.Forecast{Category: c.category("category"), Amount: c.requiredMoney(), SubmittedAt: c.requiredMoment("submitted_at")}
	f.Person, f.Territory, f.Model = c.personOrTerritory()
	f.First, f.Last = c.period()
	if text, column := c.raw("category"); f.Category == insights.Omitted {
		c.refuse(column, text, reasonOmittedForecast)
	}
	return f
}

// personOrTerritory reads whose a plan is: exactly one of the two.
func (c *cursor) personOrTerritory() (person, territory, model string) {
	person, territory, model = c.text("person"), c.text("territory"), c.text("model")
	_, ofPerson := c.raw("person")
	_, ofTerritory := c.raw("territory")
	switch {
	case person == "" && territory == "":
		c.refuse(ofPerson, "", reasonNobodys)
	case person != "" && territory != "":
		c.refuse(ofTerritory, territory, reasonBoths)
	}
	return person, territory, model
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
		Owner:       c.text("owner"),
		Status:      c.oneOf("status", leadStatuses),
		RespondedAt: c.moment("responded_at"),
		Opportunity: c.text("opportunity"),
		ConvertedAt: c.moment("converted_at"),
	}
	c.notBefore("responded_at", l.RespondedAt, l.CreatedAt)
	c.notBefore("converted_at", l.ConvertedAt, l.CreatedAt)
	return l
}

// notBefore refuses what happened to a lead before there was one.
func (c *cursor) notBefore(name string, at, created time.Time) {
	if text, column := c.raw(name); text != "" && at.Before(created) {
		c.refuse(column, text, reasonBeforeLead)
	}
}

func (c *cursor) activity() insights.Activity {
	a := insights.Activity{
		Key:         c.required("key"),
		Opportunity: c.text("opportunity"),
		Account:     c.text("account"),
		Kind:        c.required("kind"),
		At:          c.requiredMoment("at"),
		TwoWay:      c.yes("two_way"),
		By:          c.text("by"),
	}
	if _, column := c.raw("opportunity"); a.Opportunity == "" && a.Account == "" {
		c.refuse(column, "", reasonAboutNothing)
	}
	return a
}

func (c *cursor) subscription() insights.Subscription {
	c.required("account")
	c.required("kind")
	c.required("on")
	s := insights.Subscription{
		Key:     c.required("key"),
		Account: c.text("account"),
		Product: c.text("product"),
		Kind:    c.oneOf("kind", movementKinds),
		On:      c.day("on"),
		Amount:  c.requiredMoney(),
	}
	if text, column := c.raw("amount"); s.Amount.Minor < 0 {
		c.refuse(column, text, reasonNegative)
	}
	return s
}

func (c *cursor) exchangeRate() insights.ExchangeRate {
	c.required("currency")
	c.required("rate")
	r := insights.ExchangeRate{Currency: c.currency(), Into: c.into(), Since: c.day("since"), Rate: c.decimal("rate")}
	if text, column := c.raw("rate"); strings.Trim(r.Rate, "0.") == "" || strings.HasPrefix(r.Rate, "-") {
		c.refuse(column, text, reasonNotAboveZero)
	}
	if _, column := c.raw("currency"); r.Currency == r.Into {
		c.refuse(column, r.Currency, reasonIntoItself)
	}
	return r
}

// into reads the currency that a rate leads to, which is the company's unless
// the row says otherwise.
func (c *cursor) into() string {
	text, column := c.raw("into")
	if text == "" {
		return c.company.Currency
	}
	code, reason := parseCurrency(text)
	if reason != "" {
		c.refuse(column, text, reason)
	}
	return code
}

// period reads the first and the last day of a period.
func (c *cursor) period() (first, last time.Time) {
	c.required("first_day")
	c.required("last_day")
	first, last = c.day("first_day"), c.day("last_day")
	if text, column := c.raw("last_day"); last.Before(first) {
		c.refuse(column, text, reasonFirstDay)
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

// share reads a part of a whole: a decimal from 0 to 1, or a percentage with
// its sign.
func (c *cursor) share(name string) string {
	text, column := c.raw(name)
	if text == "" {
		return ""
	}
	share := text
	if percent, found := strings.CutSuffix(text, "%"); found {
		share = hundredth(strings.TrimSpace(percent))
	}
	if !isShare(share) {
		c.refuse(column, text, reasonNotAShare)
	}
	return share
}

// hundredth writes a hundredth of a decimal that is not negative; anything else
// stays as it is.
func hundredth(decimal string) string {
	whole, fraction, _ := strings.Cut(decimal, ".")
	if !digits(whole) || len(whole) > 3 || fraction != "" && !digits(fraction) {
		return decimal + "%"
	}
	whole = "00" + whole
	at := len(whole) - 2
	whole, fraction = strings.TrimLeft(whole[:at], "0"), strings.TrimRight(whole[at:]+fraction, "0")
	switch {
	case whole == "" && fraction == "":
		return "0"
	case fraction == "":
		return whole
	default:
		return cmp.Or(whole, "0") + "." + fraction
	}
}

// decimal reads a number that is no amount of money, such as a quantity. It is
// written like amounts.
func (c *cursor) decimal(name string) string {
	text, column := c.raw(name)
	if text == "" {
		return ""
	}
	number, reason := readDecimal(text, c.format.money)
	if reason != "" {
		c.refuse(column, text, reason)
	}
	return number
}

// category reads a forecast category, in our words or in those of the systems
// it comes from.
func (c *cursor) category(name string) insights.ForecastCategory {
	text, column := c.raw(name)
	if text == "" {
		return ""
	}
	word := strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(text))
	for _, known := range forecastCategories {
		if slices.Contains(known.words, word) {
			return known.category
		}
	}
	c.refuse(column, text, reasonNotACategory)
	return ""
}
