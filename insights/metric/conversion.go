package metric

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A conversion metric tells how many deals of those that one metric counts came
// to be counted by another within so many days: of each fact of the base, whether
// there is one of the conversion of the same deal, on its day or up to that many
// days later, that is alike in what is to stay constant.
//
// It is MetricFlow's conversion type, and its rate. All facts of a rate had the
// same time: those that began fewer days ago still have some, and are told apart.
// MetricFlow takes them in, so that a young cohort looks worse than it is, and
// leaves out the last day: there 7 days end with the sixth after the first.
type conversion struct {
	base, to *Metric
	days     int
	constant []*column
}

// words say what is to happen to a fact of the base.
func (c *conversion) words() string {
	return fmt.Sprintf("%s within %d days", lowerFirst(c.to.Label), c.days)
}

// isConverted keeps facts of the base that were converted.
type isConverted struct{ *conversion }

func (c isConverted) sql(b *builder) string {
	b.use(joinBase)
	in := *b.plan
	in.Metric, in.where, in.by, in.runs = c.to, nil, nil, nil
	inner := &builder{plan: &in, at: b.at, args: b.args, columns: []string{""}}
	tests := []string{"o.id = base.id", in.clock() + " >= base.day", in.clock() + " <= base.day + " + strconv.Itoa(c.days)}
	for i, property := range c.constant {
		tests = append(tests, fmt.Sprintf("%s = base.p%d", property.compared(), i))
	}
	sql := in.body(inner, append(tests, in.tests(inner, days{})...))
	b.args = inner.args
	return "exists (" + strings.ReplaceAll(sql, "\n", "\n        ") + ")"
}

// compared is what two values of the column are told apart by.
func (c *column) compared() string {
	if c.kind == kindText {
		return "lower(" + c.value + ")"
	}
	return c.value
}

// baseSQL names what a fact of the base is compared by, which the facts of the
// conversion go by the same names of.
func (b *builder) baseSQL() string {
	columns := []string{"o.id", b.plan.clock() + " as day"}
	for i, property := range b.plan.Metric.conversion.constant {
		columns = append(columns, fmt.Sprintf("%s as p%d", property.compared(), i))
	}
	return "cross join lateral (select " + strings.Join(columns, ", ") + ") base"
}

// hadTime keeps facts that began so many days ago that their time is over, or
// the others.
type hadTime struct {
	*conversion
	yet bool
}

func (c hadTime) sql(b *builder) string {
	relation := " < "
	if c.yet {
		relation = " >= "
	}
	return "o." + c.base.Clock + " + " + strconv.Itoa(c.days) + relation + b.day(b.at.day)
}

// conversion reads what a conversion metric says of itself.
func (p *catalogParser) conversion(m *Metric, y *metricYAML) {
	m.Type = TypeConversion
	p.absent(m.Name, "a conversion", map[string]word{
		"agg": y.Agg, "expr": y.Expr, "filter": y.Filter, "percentile": y.Percentile, "percentile_type": y.PercentileType,
		"numerator": y.Numerator, "denominator": y.Denominator, "agg_time_dimension": y.Clock, "input_metrics": firstOf(y.Inputs),
		"grain_to_date": y.ToDate, "period_agg": y.PeriodAgg,
	})
	if y.NonAdditive != nil {
		p.fault(y.NonAdditive.Name.or(y.Name.at), "%s is a conversion: what stands at a moment becomes nothing", m.Name)
	}
	if y.Entity.text != deals.model {
		p.fault(y.Entity.or(y.Name.at), "the entity that converts is %s", deals.model)
	}
	if y.Calculation.at != nil && y.Calculation.text != "conversion_rate" {
		p.fault(y.Calculation.at, "only calculation: conversion_rate is supported")
	}
	m.MinN = p.number(y.Config.Meta.Salesbot.MinN, y.Name.at, "min_n", 0)
	p.unit(y, UnitRatio)
}

// conversionOf gives a conversion metric what it is made of: a rate, of the
// facts of the base whose time is over, of those that were converted.
func (p *catalogParser) conversionOf(c *Catalog, m *Metric, y *metricYAML) {
	base := p.converting(c, y.BaseMetric, y.Name, "base_metric")
	to := p.converting(c, y.ConversionMetric, y.Name, "conversion_metric")
	of := &conversion{base: base, to: to, days: p.daysOf(y)}
	if base == nil || to == nil {
		return
	}
	if m.facts != nil && m.facts != base.facts {
		p.fault(y.Name.at, "%s is of %ss, and is listed with %ss", m.Name, base.Fact, m.Fact)
	}
	for _, property := range y.Constant {
		of.constant = append(of.constant, p.constant(c, property, y, base, to))
	}
	if slices.Contains(of.constant, nil) {
		return
	}
	whole, part := *base, *base
	whole.filter = also(base.filter, hadTime{of, false})
	part.filter, part.filterNeeds = isConverted{of}, to.need()
	m.conversion, m.denominator, m.numerator = of, &whole, &part
	m.Fact, m.facts, m.Clock = base.Fact, base.facts, base.Clock
	m.Clearance = clearedForBoth(m.Clearance, clearedForBoth(base.Clearance, to.Clearance))
	m.setNeeds()
}

// also adds a condition to one that may be none.
func also(filter, more condition) condition {
	if filter == nil {
		return more
	}
	return allOf{filter, more}
}

// converting finds one of the two metrics of a conversion.
func (p *catalogParser) converting(c *Catalog, w, name word, key string) *Metric {
	m, err := p.other(c, w.text)
	if err != nil || m.Type != TypeSimple || m.agg != aggCount || m.Stock || !m.facts.ofDeals() {
		p.fault(w.or(name.at), "%s is a metric that counts deals, or what is of one, by a day", key)
		return nil
	}
	return m
}

// daysOf reads the window of a conversion.
func (p *catalogParser) daysOf(y *metricYAML) int {
	said := windowWords.FindStringSubmatch(y.Window.text)
	if said == nil || said[2] != "day" && said[2] != "week" {
		p.fault(y.Window.or(y.Name.at), "window is so many days or weeks: 90 days")
		return 0
	}
	count, err := strconv.Atoi(said[1])
	if err != nil || count < 1 {
		p.fault(y.Window.at, "a window is of one or more")
	}
	if said[2] == "week" {
		count *= 7
	}
	return count
}

// constant finds the column in which a fact and what it becomes are alike.
func (p *catalogParser) constant(c *Catalog, property constantYAML, y *metricYAML, base, to *Metric) *column {
	name := property.Base.text
	d := c.dimension[name]
	switch {
	case property.Conversion.text != name:
		p.fault(property.Conversion.or(property.Base.or(y.Name.at)), "both sides of a constant property are one dimension")
	case d == nil || d.Time != "" || !base.has(d) || !to.has(d) || len(d.column.from) > 0:
		p.fault(property.Base.or(y.Name.at), "a constant property is a dimension that is of the deal itself and that both metrics have")
	default:
		return d.column
	}
	return nil
}
