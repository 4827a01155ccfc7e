package metric

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// ossieVersion is the version of Apache Ossie (formerly Open Semantic
// Interchange) that is written.
const ossieVersion = "0.1.1"

// The parts of an Apache Ossie document that are written.
type (
	ossieDocument struct {
		Version string       `yaml:"version"`
		Models  []ossieModel `yaml:"semantic_model"`
	}
	ossieModel struct {
		Name          string              `yaml:"name"`
		Description   string              `yaml:"description"`
		Datasets      []ossieDataset      `yaml:"datasets"`
		Relationships []ossieRelationship `yaml:"relationships"`
		Metrics       []ossieMetric       `yaml:"metrics"`
	}
	ossieDataset struct {
		Name       string       `yaml:"name"`
		Source     string       `yaml:"source"`
		PrimaryKey []string     `yaml:"primary_key,omitempty"`
		Fields     []ossieField `yaml:"fields"`
	}
	ossieField struct {
		Name       string          `yaml:"name"`
		Expression ossieExpression `yaml:"expression"`
		Dimension  *ossieDimension `yaml:"dimension,omitempty"`
		Context    *ossieContext   `yaml:"ai_context,omitempty"`
	}
	ossieDimension struct {
		IsTime bool `yaml:"is_time"`
	}
	ossieRelationship struct {
		Name        string   `yaml:"name"`
		From        string   `yaml:"from"`
		To          string   `yaml:"to"`
		FromColumns []string `yaml:"from_columns"`
		ToColumns   []string `yaml:"to_columns"`
	}
	ossieMetric struct {
		Name        string           `yaml:"name"`
		Expression  ossieExpression  `yaml:"expression"`
		Description string           `yaml:"description"`
		Context     *ossieContext    `yaml:"ai_context,omitempty"`
		Extensions  []ossieExtension `yaml:"custom_extensions"`
	}
	ossieExpression struct {
		Dialects []ossieDialect `yaml:"dialects"`
	}
	ossieDialect struct {
		Dialect    string `yaml:"dialect"`
		Expression string `yaml:"expression"`
	}
	ossieContext struct {
		Synonyms []string `yaml:"synonyms,omitempty"`
		Examples []string `yaml:"examples,omitempty"`
	}
	ossieExtension struct {
		Vendor string `yaml:"vendor_name"`
		Data   string `yaml:"data"` // JSON
	}
)

// Ossie writes the catalogue as an Apache Ossie document, and lists by metric
// what that format does not say: a tool that reads it computes without these.
// Each dataset is a query on Salesbot's own tables with every column worked
// out, so that a metric is one aggregation in standard SQL; amounts are in major
// units.
func (c *Catalog) Ossie() (document []byte, lost []Fact, err error) {
	model := ossieModel{
		Name:        "salesbot",
		Description: "The metrics of Salesbot. One figure of money a currency: group those by the field currency.",
	}
	for _, f := range allFacts {
		if set, ok := c.ossieFacts(f); ok {
			model.Datasets = append(model.Datasets, set)
			model.Relationships = append(model.Relationships, c.ossieRelationships(f)...)
		}
	}
	for _, to := range ossieThings(model.Relationships) {
		model.Datasets = append(model.Datasets, ossieThing(to))
	}
	for _, m := range c.metrics {
		expression, err := m.ossie()
		if err != nil {
			lost = append(lost, Fact{m.Name, "left out: " + err.Error()})
			continue
		}
		written, err := m.ossieMetric(expression)
		if err != nil {
			return nil, nil, err
		}
		model.Metrics = append(model.Metrics, written)
		lost = append(lost, Fact{m.Name, strings.Join(m.unsaid(), "; ")})
	}
	document, err = yaml.MarshalWithOptions(ossieDocument{Version: ossieVersion, Models: []ossieModel{model}}, yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	return document, lost, err
}

// portable reports whether the column's value needs no day and no other
// argument, so that it can be part of a query on its own.
func (c *column) portable() bool {
	return c.value != "" && !strings.ContainsAny(c.value, "%$") && !slices.ContainsFunc(c.from, func(j join) bool {
		return strings.ContainsAny(joinSQL[j], "%$") || joinSQL[j] == ""
	})
}

// sayable says why a column that is not portable cannot be said.
func (c *column) sayable() error {
	if c.portable() {
		return nil
	}
	return fmt.Errorf("%s depends on the day that is asked about", strings.ReplaceAll(c.name, "_", " "))
}

func (c *Catalog) ossieFacts(f *facts) (ossieDataset, bool) {
	if f.rebuilt != nil || f.standing != nil || strings.Contains(f.from, ":zone") {
		return ossieDataset{}, false
	}
	set := ossieDataset{Name: f.model}
	values, needed := []string{"o.currency as currency"}, map[join]bool{}
	set.Fields = append(set.Fields, ossieField{Name: "currency", Expression: ansi("currency"), Dimension: &ossieDimension{}})
	if f == deals {
		values, set.PrimaryKey = append(values, "o.id as id"), []string{"id"}
		set.Fields = append(set.Fields, ossieField{Name: "id", Expression: ansi("id")})
	}
	for _, col := range f.columns {
		if !col.portable() {
			continue
		}
		for _, j := range col.from {
			needed[j] = true
		}
		values = append(values, col.major()+" as "+col.name)
		set.Fields = append(set.Fields, c.ossieField(col))
	}
	query := "select " + strings.Join(values, ",\n       ") + "\nfrom " + f.from
	for j := range joins {
		if needed[j] {
			query += "\n" + joinSQL[j]
		}
	}
	query += "\n" + minorUnits
	if f.only != "" {
		query += "\nwhere " + f.only
	}
	set.Source = query
	return set, true
}

// major is the value of a column, of amounts in major units.
func (c *column) major() string {
	if c.kind != kindMoney {
		return c.value
	}
	return "(" + c.value + ")::numeric / minor.units"
}

// minorUnits joins how many minor units make one of a fact's currency.
var minorUnits = fmt.Sprintf("cross join lateral (select coalesce(('%s'::jsonb ->> o.currency)::int, %d) as units) minor", unusualMinorJSON, usualMinor)

func (c *Catalog) ossieField(col *column) ossieField {
	field := ossieField{Name: col.name, Expression: ansi(col.name)}
	if !col.measured() {
		field.Dimension = &ossieDimension{IsTime: col.kind == kindDay}
	}
	if d := c.dimension[col.makes]; d != nil {
		field.Context = &ossieContext{Synonyms: d.Synonyms}
	}
	return field
}

func (c *Catalog) ossieRelationships(f *facts) []ossieRelationship {
	var out []ossieRelationship
	for _, col := range f.columns {
		if col.kind == kindEntity && col.portable() {
			out = append(out, ossieRelationship{
				Name: f.model + "_" + col.makes, From: f.model, To: col.makes, FromColumns: []string{col.name}, ToColumns: []string{"id"},
			})
		}
	}
	return out
}

// ossieThings lists what facts refer to, each once.
func ossieThings(relationships []ossieRelationship) []string {
	var names []string
	for _, r := range relationships {
		if !slices.Contains(names, r.To) {
			names = append(names, r.To)
		}
	}
	return names
}

// ossieThing is a table of things with names.
func ossieThing(name string) ossieDataset {
	return ossieDataset{Name: name, Source: "public." + name, PrimaryKey: []string{"id"}, Fields: []ossieField{
		{Name: "id", Expression: ansi("id")}, {Name: "name", Expression: ansi("name"), Dimension: &ossieDimension{}},
	}}
}

func ansi(expression string) ossieExpression {
	return ossieExpression{Dialects: []ossieDialect{{Dialect: "ANSI_SQL", Expression: expression}}}
}

func (m *Metric) ossieMetric(expression string) (ossieMetric, error) {
	data, err := json.Marshal(map[string]any{"label": m.Label, "version": m.Version, "unit": m.Unit})
	if err != nil {
		return ossieMetric{}, err
	}
	return ossieMetric{
		Name: m.Name, Expression: ansi(expression), Description: m.Description,
		Context:    &ossieContext{Synonyms: append([]string{m.Label}, m.Synonyms...), Examples: m.Examples},
		Extensions: []ossieExtension{{Vendor: "SALESBOT", Data: string(data)}},
	}, nil
}

// ossie writes the metric as one expression, or says why it cannot be.
func (m *Metric) ossie() (string, error) {
	switch {
	case m.conversion != nil:
		return "", errors.New("it is a conversion, and one aggregation sets no facts against each other")
	case m.running != nil:
		return "", errors.New("it runs up " + m.running.words() + ", and one aggregation has no such days")
	case m.facts.standing != nil:
		return "", errors.New("which " + m.Fact + "s stand depends on the moment that is asked about")
	case m.facts.rebuilt != nil:
		return "", errors.New("what it counts is rebuilt from the log of deals")
	case m.formula != nil && slices.ContainsFunc(m.inputs, func(in *Metric) bool { return in.facts != m.facts }):
		return "", errors.New("it is made of facts of several kinds, which nothing joins")
	case strings.Contains(m.facts.from, ":zone"):
		return "", fmt.Errorf("the days of %s are those of the company's zone", Plural(m.Fact))
	case m.formula != nil:
		return m.formula.ossie()
	case m.isShare():
		return (&expression{op: '/', left: &expression{input: m.counted()}, right: &expression{input: m.denominator}}).ossie()
	}
	value := m.facts.model + ".id"
	switch {
	case m.expr != nil:
		if err := m.expr.sayable(); err != nil {
			return "", err
		}
		value = m.facts.model + "." + m.expr.name
	case m.facts != deals:
		return "", fmt.Errorf("a %s has no key to be counted by", m.Fact)
	}
	tests, err := m.ossieTests()
	if err != nil {
		return "", err
	}
	if len(tests) > 0 {
		value = "CASE WHEN " + strings.Join(tests, " AND ") + " THEN " + value + " END"
	}
	return m.agg.ossie(value, m.percentile)
}

// ossieTests are what a fact must pass to be counted. But for what is counted at
// the moment of asking, one without a day falls into no period.
func (m *Metric) ossieTests() ([]string, error) {
	var tests []string
	if !m.Stock {
		tests = append(tests, m.facts.model+"."+m.Clock+" IS NOT NULL")
	}
	if m.filter == nil {
		return tests, nil
	}
	test, err := ossieTest(m.filter, m.facts.model)
	return append(tests, test), err
}

// counted is the numerator of a ratio of the denominator's facts.
func (m *Metric) counted() *Metric {
	if m.denominator.filter == nil || m.ofSums() {
		return m.numerator
	}
	of := *m.numerator
	of.filter = m.denominator.filter
	if m.numerator.filter != nil {
		of.filter = allOf{m.denominator.filter, m.numerator.filter}
	}
	return &of
}

func (a aggregation) ossie(value, percentile string) (string, error) {
	switch a {
	case aggCount:
		return "COUNT(" + value + ")", nil
	case aggCountDistinct:
		return "COUNT(DISTINCT " + value + ")", nil
	case aggSum:
		return "SUM(" + value + ")", nil
	case aggAverage:
		return "AVG(" + value + ")", nil
	case aggMax:
		return "MAX(" + value + ")", nil
	case aggMin:
		return "MIN(" + value + ")", nil
	case aggMedian:
		return "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY " + value + ")", nil
	case aggPercentile:
		return "PERCENTILE_DISC(" + percentile + ") WITHIN GROUP (ORDER BY " + value + ")", nil
	default:
		return "", fmt.Errorf("agg %s is none of SQL", a)
	}
}

func (e *expression) ossie() (string, error) {
	switch {
	case e.input != nil:
		return e.input.ossie()
	case e.number != nil:
		return e.number.FloatString(6), nil
	}
	left, err := e.left.ossie()
	if err != nil {
		return "", err
	}
	if e.op == '|' {
		return "ABS(" + left + ")", nil
	}
	right, err := e.right.ossie()
	if err != nil {
		return "", err
	}
	if e.op == '/' { // whole numbers would be divided into whole numbers
		return "(1.0 * " + left + " / NULLIF(" + right + ", 0))", nil
	}
	return fmt.Sprintf("(%s %c %s)", left, e.op, right), nil
}

// ossieTest writes a filter over the fields of a dataset.
func ossieTest(c condition, dataset string) (string, error) {
	switch c := c.(type) {
	case allOf:
		return ossieTests(c, dataset, " AND ")
	case anyOf:
		return ossieTests(c, dataset, " OR ")
	case opposite:
		test, err := ossieTest(c.of, dataset)
		return "NOT " + test, err
	case oneOf:
		return c.ossie(dataset), c.column.sayable()
	case isNull:
		return dataset + "." + c.column.name + map[bool]string{false: " IS NULL", true: " IS NOT NULL"}[c.negated], c.column.sayable()
	default:
		return "", errors.New("its filter cannot be said")
	}
}

func ossieTests(parts []condition, dataset, with string) (string, error) {
	written := make([]string, len(parts))
	for i, part := range parts {
		test, err := ossieTest(part, dataset)
		if err != nil {
			return "", err
		}
		written[i] = test
	}
	return "(" + strings.Join(written, with) + ")", nil
}

func (c oneOf) ossie(dataset string) string {
	quoted := make([]string, len(c.texts))
	for i, text := range c.texts {
		quoted[i] = "'" + strings.ReplaceAll(strings.ToLower(text), "'", "''") + "'"
	}
	not := ""
	if c.negated {
		not = "NOT "
	}
	return "LOWER(" + dataset + "." + c.column.name + ") " + not + "IN (" + strings.Join(quoted, ", ") + ")"
}

// unsaid lists what an Apache Ossie document does not say of a metric.
func (m *Metric) unsaid() []string {
	out := []string{"which day puts it into a period (" + m.Clock + ")", "territory and manager (" + string(m.Perspective) + ")"}
	add := func(is bool, text string) {
		if is {
			out = append(out, text)
		}
	}
	add(m.Stock, "it does not add over time")
	add(m.ByCurrency(), "a figure for each currency, and how much of the amounts is known")
	add(m.facts.last != "", "only periods that hold all of a "+m.Fact)
	add(m.Needs != "", "that it needs "+m.Needs)
	add(m.MinN > 0, fmt.Sprintf("that it is ranked from %d on", m.MinN))
	add(len(m.Clearance) > 0, "who may see it")
	return out
}
