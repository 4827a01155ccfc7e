package metric

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The YAML of a catalogue, key by key. Field names become keys through their
// tags; whatever is not listed here is refused.
type (
	catalogYAML struct {
		Extends word         `yaml:"extends" enum:"default"`
		Models  []modelYAML  `yaml:"models"`
		Metrics []metricYAML `yaml:"metrics"` // those made of metrics of several models
		// More words for metrics of a catalogue that is extended.
		Synonyms []synonymYAML `yaml:"synonyms"`
	}
	synonymYAML struct {
		Metric word   `yaml:"metric"`
		Words  []word `yaml:"words"`
	}
	modelYAML struct {
		Name        word         `yaml:"name"`
		Description word         `yaml:"description"`
		Semantic    semanticYAML `yaml:"semantic_model"`
		Clock       word         `yaml:"agg_time_dimension"`
		Columns     []columnYAML `yaml:"columns"`
		Metrics     []metricYAML `yaml:"metrics"`
	}
	semanticYAML struct {
		Enabled word `yaml:"enabled"`
	}
	columnYAML struct {
		Name        word      `yaml:"name"`
		Description word      `yaml:"description"`
		Granularity word      `yaml:"granularity"`
		Entity      *roleYAML `yaml:"entity"`
		Dimension   *roleYAML `yaml:"dimension"`
		Config      struct {
			Meta struct {
				Salesbot struct {
					Plural   word   `yaml:"plural"`
					Synonyms []word `yaml:"synonyms"`
				} `yaml:"salesbot"`
			} `yaml:"meta"`
		} `yaml:"config"`
	}
	roleYAML struct {
		Type  word `yaml:"type"`
		Name  word `yaml:"name"`
		Label word `yaml:"label"`
	}
	metricYAML struct {
		Name           word `yaml:"name"`
		Label          word `yaml:"label"`
		Description    word `yaml:"description"`
		Type           word `yaml:"type" enum:"simple,ratio,derived,cumulative,conversion"`
		Agg            word `yaml:"agg" enum:"count,count_distinct,sum,average,max,min,median,percentile"`
		Percentile     word `yaml:"percentile"`
		PercentileType word `yaml:"percentile_type" enum:"discrete"`
		Expr           word `yaml:"expr"`
		Filter         word `yaml:"filter"`
		Clock          word `yaml:"agg_time_dimension"`
		NonAdditive    *struct {
			Name      word `yaml:"name"`
			WindowAgg word `yaml:"window_agg"`
		} `yaml:"non_additive_dimension"`
		Numerator   word        `yaml:"numerator"`
		Denominator word        `yaml:"denominator"`
		Inputs      []inputYAML `yaml:"input_metrics"`
		Input       *inputYAML  `yaml:"input_metric"`
		Window      word        `yaml:"window"`
		ToDate      word        `yaml:"grain_to_date" enum:"week,month,quarter,year"`
		PeriodAgg   word        `yaml:"period_agg" enum:"last"`

		Entity           word           `yaml:"entity" enum:"opportunity"`
		Calculation      word           `yaml:"calculation" enum:"conversion_rate"`
		BaseMetric       word           `yaml:"base_metric"`
		ConversionMetric word           `yaml:"conversion_metric"`
		Constant         []constantYAML `yaml:"constant_properties"`

		Config struct {
			Meta struct {
				Salesbot extrasYAML `yaml:"salesbot"`
			} `yaml:"meta"`
		} `yaml:"config"`
	}
	inputYAML struct {
		Name word `yaml:"name"`
	}
	constantYAML struct {
		Base       word `yaml:"base_property"`
		Conversion word `yaml:"conversion_property"`
	}
	extrasYAML struct {
		Version      word   `yaml:"version"`
		Effective    word   `yaml:"effective_from"`
		Unit         word   `yaml:"unit" enum:"money,ratio,count,days,hours,money_per_day"`
		Direction    word   `yaml:"direction" enum:"up_is_good,down_is_good,neutral"`
		Perspective  word   `yaml:"perspective" enum:"as_was,as_is"`
		MinN         word   `yaml:"min_n"`
		Above        word   `yaml:"above"`
		Below        word   `yaml:"below"`
		UnrankedBy   []word `yaml:"unranked_by"`
		Clearance    []word `yaml:"clearance" enum:"rep,manager,analyst,admin"`
		Owner        word   `yaml:"owner"`
		Source       word   `yaml:"source"`
		Synonyms     []word `yaml:"synonyms"`
		NotTheSameAs []word `yaml:"not_the_same_as"`
		Companions   []word `yaml:"companions"`
		Examples     []word `yaml:"examples"`
	}
)

// word is a scalar of the file, with its place.
type word struct {
	text string
	at   *token.Position
}

// ParseCatalog reads a catalogue; file is what it is called in faults. It
// reports every fault it finds, each with its line and a caret under the word.
func ParseCatalog(file string, data []byte) (*Catalog, error) {
	return newCatalogParser(file, data).whole(data)
}

func newCatalogParser(file string, data []byte) *catalogParser {
	return &catalogParser{file: file, lines: strings.Split(string(data), "\n")}
}

func (p *catalogParser) whole(data []byte) (*Catalog, error) {
	c := p.parse(data)
	if len(p.faults) > 0 {
		return nil, p.report()
	}
	return c, nil
}

type catalogParser struct {
	file      string
	lines     []string
	faults    []fault
	embedded  bool                   // it is the default catalogue that is read
	inherited map[string]bool        // the metrics of a catalogue that the file extends
	more      []synonymYAML          // words for any of the metrics, its own and those
	listed    map[string]*metricYAML // the metrics by their names
	resolved  map[string]bool        // those whose references are, false while that is going on
	*listing                         // of the model that is being read, nil of none
}

// listing is what a model says of its facts.
type listing struct {
	facts     *facts
	entity    string // name of the model's primary entity
	described map[string]*columnYAML
}

type fault struct {
	line, column int
	message      string
}

func (p *catalogParser) fault(at *token.Position, format string, args ...any) {
	f := fault{line: 1, column: 1, message: fmt.Sprintf(format, args...)}
	if at != nil {
		f.line, f.column = at.Line, at.Column
	}
	p.faults = append(p.faults, f)
}

// faultWithin is a fault so many bytes into a text, under the very word where
// the text stands in one line: behind the quote, if there is one.
func (p *catalogParser) faultWithin(text *token.Position, bytes int, format string, args ...any) {
	at := *text
	line := p.source(at.Line)
	if at.Column <= len(line) {
		switch line[at.Column-1] {
		case '"', '\'':
			at.Column += 1 + bytes
		case '|', '>': // the text begins below
		default:
			at.Column += bytes
		}
	}
	p.fault(&at, format, args...)
}

// report joins the faults in the order of the file.
func (p *catalogParser) report() error {
	slices.SortFunc(p.faults, func(a, b fault) int {
		return cmp.Or(a.line-b.line, a.column-b.column, strings.Compare(a.message, b.message))
	})
	errs := make([]error, len(p.faults))
	for i, f := range p.faults {
		errs[i] = errors.New(p.place(f.line, f.column).say(f.message))
	}
	return errors.Join(errs...)
}

// source returns a line of the file, tabs one wide, as columns are counted.
func (p *catalogParser) source(line int) []rune {
	if line > len(p.lines) {
		return nil
	}
	return []rune(strings.ReplaceAll(strings.TrimSuffix(p.lines[line-1], "\r"), "\t", " "))
}

func (p *catalogParser) parse(data []byte) *Catalog {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		p.syntax(err)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		p.fault(nil, "a catalogue is one YAML document with a list of models")
		return nil
	}
	body := file.Docs[0].Body
	var y catalogYAML
	p.read(body, reflect.ValueOf(&y).Elem())
	switch {
	case y.Extends.at != nil:
		p.extend(&y)
	case len(y.Synonyms) > 0:
		p.fault(y.Synonyms[0].Metric.at, "synonyms stand with their metric, in a catalogue that extends no other")
	}
	if len(y.Models) == 0 || y.Models[0].Name.text != deals.model {
		p.fault(body.GetToken().Position, "expected the model opportunity first: it describes the deals")
		return nil
	}
	return p.catalog(y, body.GetToken().Position)
}

func (p *catalogParser) syntax(err error) {
	var known yaml.Error
	if !errors.As(err, &known) || known.GetToken() == nil {
		p.fault(nil, "%s", err)
		return
	}
	p.fault(known.GetToken().Position, "%s", known.GetMessage())
}

// read fills a struct, list or word from the YAML, strictly.
func (p *catalogParser) read(node ast.Node, into reflect.Value) {
	if w, ok := into.Addr().Interface().(*word); ok {
		p.readWord(node, w)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		p.read(node, into.Elem())
	case reflect.Slice:
		p.readList(node, into)
	default:
		p.readStruct(node, into)
	}
}

func (p *catalogParser) readWord(node ast.Node, w *word) {
	scalar, ok := node.(ast.ScalarNode)
	if !ok || node.Type() == ast.NullType {
		p.fault(node.GetToken().Position, "expected a plain value")
		return
	}
	text := node.GetToken().Value
	if _, block := node.(*ast.LiteralNode); block {
		text = fmt.Sprint(scalar.GetValue())
	}
	*w = word{text: strings.TrimSpace(text), at: node.GetToken().Position}
}

func (p *catalogParser) readList(node ast.Node, into reflect.Value) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		p.fault(node.GetToken().Position, "expected a list")
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(list.Values), len(list.Values)))
	for i, v := range list.Values {
		p.read(v, into.Index(i))
	}
}

func (p *catalogParser) readStruct(node ast.Node, into reflect.Value) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		p.fault(node.GetToken().Position, "expected keys and values")
		return
	}
	keys := map[string]reflect.Value{}
	for i := range into.NumField() {
		keys[into.Type().Field(i).Tag.Get("yaml")] = into.Field(i)
	}
	for entries := mapping.MapRange(); entries.Next(); {
		key := entries.Key().GetToken()
		field, ok := keys[key.Value]
		if !ok {
			p.fault(key.Position, "unknown key %q; one of %s", key.Value, strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
			continue
		}
		p.read(entries.Value(), field)
	}
}

// catalog turns the models into a Catalog, looking for every fault on the way.
func (p *catalogParser) catalog(y catalogYAML, top *token.Position) *Catalog {
	c := &Catalog{metric: map[string]*Metric{}, dimension: map[string]*Dimension{}}
	models := y.Models
	listings := make([]*listing, len(models))
	for i := range models {
		listings[i] = p.model(c, &models[i], models[:i], top)
	}
	for _, d := range timeDimensions {
		c.dimensions = append(c.dimensions, d)
		c.dimension[d.Name] = d
	}
	p.listed = map[string]*metricYAML{}
	for i := range models {
		if p.listing = listings[i]; p.facts != nil {
			p.metrics(c, models[i].Metrics, &models[i], top)
		}
	}
	p.listing = nil
	p.metrics(c, y.Metrics, nil, top)
	// Metrics may refer to later ones, so references are resolved at the end.
	for _, m := range c.metrics {
		p.references(c, m)
	}
	p.synonyms(c, models)
	for _, m := range c.metrics {
		p.define(c, m)
	}
	return c
}

// model reads what a model says of its facts.
func (p *catalogParser) model(c *Catalog, m *modelYAML, earlier []modelYAML, top *token.Position) *listing {
	p.listing = &listing{described: map[string]*columnYAML{}}
	if m.Semantic.Enabled.text != "true" {
		p.fault(m.Semantic.Enabled.or(top), "semantic_model.enabled must be true")
	}
	found, ok := factsNamed(m.Name.text)
	switch {
	case !ok:
		p.fault(m.Name.or(top), "the models are %s", modelNames())
	case slices.ContainsFunc(earlier, func(other modelYAML) bool { return other.Name.text == m.Name.text }):
		p.fault(m.Name.or(top), "model %q is listed twice", m.Name.text)
	default:
		p.facts = found
		p.columns(c, m)
	}
	return p.listing
}

func (w word) or(at *token.Position) *token.Position {
	if w.at != nil {
		return w.at
	}
	return at
}

// modelNames lists the models that there are.
func modelNames() string {
	names := make([]string, len(allFacts))
	for i, f := range allFacts {
		names[i] = f.model
	}
	return strings.Join(names, ", ")
}

func (p *catalogParser) columns(c *Catalog, m *modelYAML) {
	for i := range m.Columns {
		y := &m.Columns[i]
		col, ok := p.facts.column(y.Name.text)
		if !ok || col.measured() {
			p.fault(y.Name.at, "column %q is not one that the facts have", y.Name.text)
			continue
		}
		if p.described[col.name] != nil {
			p.fault(y.Name.at, "column %q is listed twice", col.name)
			continue
		}
		p.described[col.name] = y
		p.column(c, y, col)
	}
}

// column checks what the catalogue says of a column against what it is.
func (p *catalogParser) column(c *Catalog, y *columnYAML, col *column) {
	role, want := y.Dimension, "dimension: {type: categorical}"
	switch col.kind {
	case kindKey:
		role, want = y.Entity, "entity: {type: primary}"
	case kindEntity:
		role, want = y.Entity, "entity: {type: foreign}"
	case kindDay, kindAsOf:
		want = "dimension: {type: time}"
		if y.Granularity.text != "day" {
			p.fault(y.Granularity.or(y.Name.at), "the granularity of %s is day", col.name)
		}
	}
	if role == nil || (y.Entity != nil && y.Dimension != nil) || !strings.Contains(want, ": "+role.Type.text+"}") {
		p.fault(y.Name.at, "%s is described by %s", col.name, want)
		return
	}
	if col.kind == kindKey {
		p.entity = role.Name.text
	}
	if col.makes == "" {
		return
	}
	if name := role.Name.text; name != col.makes && (name != "" || col.kind == kindEntity) {
		p.fault(role.Name.or(y.Name.at), "%s is called %s", col.name, col.makes)
	}
	extras := y.Config.Meta.Salesbot
	if c.dimension[col.makes] != nil {
		if role.Label.at != nil || extras.Plural.at != nil || len(extras.Synonyms) > 0 {
			p.fault(y.Name.at, "%s is described already: only its entity and name are repeated", col.makes)
		}
		return
	}
	d := &Dimension{
		Name: col.makes, Label: role.Label.text, Plural: extras.Plural.text, Synonyms: texts(extras.Synonyms),
		Grain: col.grain, Entity: col.kind == kindEntity, column: col,
	}
	if d.Label == "" || d.Plural == "" {
		p.fault(y.Name.at, "%s needs a label and config.meta.salesbot.plural", col.name)
	}
	c.dimensions = append(c.dimensions, d)
	c.dimension[d.Name] = d
}

// metrics reads the metrics of a model, or those of none.
func (p *catalogParser) metrics(c *Catalog, listed []metricYAML, m *modelYAML, top *token.Position) {
	for i := range listed {
		y := &listed[i]
		if y.Name.at == nil {
			p.fault(top, "metric %d has no name", i+1)
			continue
		}
		if c.metric[y.Name.text] != nil {
			p.fault(y.Name.at, "metric %q is defined twice", y.Name.text)
			continue
		}
		metric := p.metric(y, m)
		p.listed[metric.Name] = y
		c.metrics = append(c.metrics, metric)
		c.metric[metric.Name] = metric
	}
}

// metric reads all of a metric but its references to others.
func (p *catalogParser) metric(y *metricYAML, model *modelYAML) *Metric {
	e := y.Config.Meta.Salesbot
	m := &Metric{
		Name: y.Name.text, Label: y.Label.text, Description: y.Description.text,
		Unit: Unit(e.Unit.text), Direction: Direction(e.Direction.text), Perspective: Perspective(e.Perspective.text),
		Owner: e.Owner.text, Source: e.Source.text, Synonyms: texts(e.Synonyms),
		UnrankedBy: texts(e.UnrankedBy), NotTheSameAs: texts(e.NotTheSameAs), Companions: texts(e.Companions), Examples: texts(e.Examples),
		Version: p.number(e.Version, y.Name.at, "version", 1),
		Stock:   y.NonAdditive != nil && (model == nil || !p.facts.windowed), // what stands at the end of a period is told of it
		Sides:   Sides{e.Above.text, e.Below.text},
	}
	if (e.Above.text == "") != (e.Below.text == "") {
		p.fault(e.Above.or(e.Below.or(y.Name.at)), "above and below go together: they are said in the place of a sign")
	}
	m.Effective = p.effective(e.Effective, m.Version)
	for _, w := range e.Clearance {
		chosen(p, w, w.at, "clearance", RoleRep, RoleManager, RoleAnalyst, RoleAdmin)
		m.Clearance = append(m.Clearance, Role(w.text))
	}
	if strings.Trim(m.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		p.fault(y.Name.at, "a name is made of a-z, 0-9 and _")
	}
	for key, w := range map[string]word{"label": y.Label, "description": y.Description, "source": e.Source, "owner": e.Owner} {
		if w.text == "" {
			p.fault(w.or(y.Name.at), "metric %s needs a %s", m.Name, key)
		}
	}
	chosen(p, e.Direction, y.Name.at, "direction", UpIsGood, DownIsGood, Neutral)
	chosen(p, e.Perspective, y.Name.at, "perspective", AsWas, AsIs)
	if y.NonAdditive != nil && (y.NonAdditive.Name.text != "as_of" || y.NonAdditive.WindowAgg.text != "max") {
		p.fault(y.NonAdditive.Name.or(y.Name.at), "only {name: as_of, window_agg: max} is supported: a stock is what stands at the moment of asking")
	}
	if model != nil {
		m.Fact, m.facts, m.Clock = p.facts.noun, p.facts, p.clock(y, model)
	}
	if y.Type.text != string(TypeConversion) {
		p.absent(m.Name, "no conversion", map[string]word{
			"entity": y.Entity, "calculation": y.Calculation, "base_metric": y.BaseMetric, "conversion_metric": y.ConversionMetric,
			"constant_properties": firstConstant(y.Constant),
		})
	}
	switch Type(y.Type.text) {
	case TypeSimple:
		if model == nil {
			p.fault(y.Type.at, "a simple metric is listed with the model whose facts it counts")
			return m
		}
		p.simple(m, y)
	case TypeRatio:
		p.ratio(m, y)
	case TypeDerived:
		p.derived(m, y)
	case TypeCumulative:
		p.cumulative(m, y)
	case TypeConversion:
		p.conversion(m, y)
	default:
		p.fault(y.Type.or(y.Name.at), "type is simple, ratio, derived, cumulative or conversion")
	}
	return m
}

func (p *catalogParser) clock(y *metricYAML, model *modelYAML) string {
	w := y.Clock
	if w.at == nil {
		w = model.Clock
	}
	col, ok := p.facts.column(w.text)
	if !ok || col.kind != kindDay || p.described[w.text] == nil {
		p.fault(w.or(y.Name.at), "agg_time_dimension names a time dimension among the columns")
	}
	return w.text
}

func (p *catalogParser) simple(m *Metric, y *metricYAML) {
	m.Type = TypeSimple
	p.absent(m.Name, "a simple metric", map[string]word{
		"numerator": y.Numerator, "denominator": y.Denominator, "min_n": y.Config.Meta.Salesbot.MinN, "input_metrics": firstOf(y.Inputs),
	})
	p.aggregation(m, y)
	p.expr(m, y)
	p.filter(m, y)
}

func (p *catalogParser) aggregation(m *Metric, y *metricYAML) {
	m.agg = aggregation(y.Agg.text)
	switch m.agg {
	case aggCount, aggCountDistinct, aggSum, aggAverage, aggMax, aggMin, aggMedian, aggPercentile:
	case "":
		p.fault(y.Name.at, "metric %s needs an agg", m.Name)
	default:
		p.fault(y.Agg.at, "agg %s is not supported yet; one of count, count_distinct, sum, average, max, min, median, percentile", y.Agg.text)
	}
	if m.agg != aggPercentile {
		p.absent(m.Name, "agg "+y.Agg.text, map[string]word{"percentile": y.Percentile, "percentile_type": y.PercentileType})
		return
	}
	share, ok := new(big.Rat).SetString(y.Percentile.text)
	if !ok || share.Sign() < 0 || share.Cmp(big.NewRat(1, 1)) > 0 {
		p.fault(y.Percentile.or(y.Name.at), "percentile is a number from 0 to 1")
	}
	if y.PercentileType.text != "discrete" {
		p.fault(y.PercentileType.or(y.Name.at), "only percentile_type: discrete is supported: a percentile is the value of a deal")
	}
	m.percentile = y.Percentile.text
}

// expr checks what is aggregated, and that the unit is the one it gives.
func (p *catalogParser) expr(m *Metric, y *metricYAML) {
	if m.agg == aggCount {
		if y.Expr.text != "1" {
			p.fault(y.Expr.or(y.Name.at), "a count counts %s: expr is 1", Plural(p.facts.noun))
		}
		p.unit(y, UnitCount)
		return
	}
	col, ok := p.facts.column(y.Expr.text)
	if m.agg == aggCountDistinct {
		p.distinct(m, y, col)
		return
	}
	if !ok || !col.measured() {
		p.fault(y.Expr.or(y.Name.at), "expr is one of %s", strings.Join(p.facts.measures(), ", "))
		return
	}
	switch {
	case col.needs != nil && m.agg != aggSum && col.kind == kindMoney:
		p.fault(y.Agg.or(y.Name.at), "%s can only be added up: agg is sum", col.name)
	case col.longer != "" && m.agg != aggMedian && m.agg != aggPercentile:
		p.fault(y.Agg.or(y.Name.at), "%s is not over for all %s: agg is median or percentile", col.name, Plural(p.facts.noun))
	}
	m.expr = col
	m.setNeeds()
	p.unit(y, col.unit())
}

// distinct checks a count of the things that facts refer to, each once.
func (p *catalogParser) distinct(m *Metric, y *metricYAML, col *column) {
	if col == nil || col.kind != kindEntity {
		p.fault(y.Expr.or(y.Name.at), "a distinct count counts what %s refer to: expr is a foreign entity", Plural(p.facts.noun))
		return
	}
	m.expr = col
	m.setNeeds()
	p.unit(y, UnitCount)
}

func (p *catalogParser) ratio(m *Metric, y *metricYAML) {
	m.Type = TypeRatio
	p.absent(m.Name, "a ratio", map[string]word{
		"agg": y.Agg, "expr": y.Expr, "filter": y.Filter, "percentile": y.Percentile, "percentile_type": y.PercentileType, "input_metrics": firstOf(y.Inputs),
	})
	m.MinN = p.number(y.Config.Meta.Salesbot.MinN, y.Name.at, "min_n", 0)
	p.unit(y, UnitRatio)
}

func (p *catalogParser) derived(m *Metric, y *metricYAML) {
	m.Type = TypeDerived
	p.absent(m.Name, "derived", map[string]word{
		"agg": y.Agg, "filter": y.Filter, "percentile": y.Percentile, "percentile_type": y.PercentileType,
		"numerator": y.Numerator, "denominator": y.Denominator, "agg_time_dimension": y.Clock, "min_n": y.Config.Meta.Salesbot.MinN,
	})
	if y.NonAdditive != nil {
		p.fault(y.NonAdditive.Name.or(y.Name.at), "%s is derived: what of it is counted at the moment of asking, its inputs say", m.Name)
	}
	chosen(p, y.Config.Meta.Salesbot.Unit, y.Name.at, "unit", UnitMoney, UnitRatio, UnitCount, UnitDays, UnitMoneyPerDay)
}

// firstOf is the first of the inputs, for a fault to point at.
func firstOf(inputs []inputYAML) word {
	if len(inputs) == 0 {
		return word{}
	}
	return inputs[0].Name
}

// firstConstant is the first constant property, for a fault to point at.
func firstConstant(constant []constantYAML) word {
	if len(constant) == 0 {
		return word{}
	}
	return constant[0].Base
}

func (p *catalogParser) unit(y *metricYAML, want Unit) {
	if got := y.Config.Meta.Salesbot.Unit; got.text != string(want) {
		p.fault(got.or(y.Name.at), "the unit of %s is %s", y.Name.text, want)
	}
}

// chosen refuses a word that is not one of a list.
func chosen[T ~string](p *catalogParser, w word, at *token.Position, key string, allowed ...T) {
	if !slices.Contains(allowed, T(w.text)) {
		p.fault(w.or(at), "%s is one of %v", key, allowed)
	}
}

// absent refuses keys that belong to another kind of metric.
func (p *catalogParser) absent(name, what string, words map[string]word) {
	for key, w := range words {
		if w.at != nil {
			p.fault(w.at, "%s is %s, which has no %s", name, what, key)
		}
	}
}

func (p *catalogParser) number(w word, at *token.Position, key string, least int) int {
	if w.at == nil && least == 0 {
		return 0
	}
	n, err := strconv.Atoi(w.text)
	if err != nil || n < least {
		p.fault(w.or(at), "%s is a whole number from %d", key, least)
	}
	return n
}

func (p *catalogParser) filter(m *Metric, y *metricYAML) {
	if y.Filter.at == nil {
		return
	}
	c, err := parseFilter(y.Filter.text, func(name string) (*column, error) {
		col, err := p.filterColumn(name)
		if err == nil && col.needs != nil {
			m.filterNeeds = col.needs
		}
		if err == nil && col.unsure != "" {
			m.unsure = col.unsure
		}
		if err == nil && slices.Contains(col.words, young) {
			m.early = col
		}
		return col, err
	})
	var f *filterError
	if errors.As(err, &f) {
		p.faultWithin(y.Filter.at, f.At, "filter: %s", f.Message)
	}
	m.filter, m.filterText = c, y.Filter.text
	m.setNeeds()
}

// filterColumn finds the column that a filter calls entity__dimension.
func (p *catalogParser) filterColumn(qualified string) (*column, error) {
	name, ok := strings.CutPrefix(qualified, p.entity+"__")
	if !ok {
		return nil, fmt.Errorf("a dimension is called %s__…", p.entity)
	}
	y := p.described[name]
	col, ok := p.facts.column(name)
	if !ok || y == nil || y.Dimension == nil || col.kind == kindAsOf {
		return nil, fmt.Errorf("%s is not a dimension that can be filtered by", name)
	}
	return col, nil
}

// references resolves the metrics that one metric names, and before it those
// that they name themselves.
func (p *catalogParser) references(c *Catalog, m *Metric) {
	if p.resolved == nil {
		p.resolved = map[string]bool{}
	}
	if _, begun := p.resolved[m.Name]; begun {
		return
	}
	p.resolved[m.Name] = false
	defer func() { p.resolved[m.Name] = true }()
	y := p.listed[m.Name]
	extras := y.Config.Meta.Salesbot
	for _, w := range extras.UnrankedBy {
		if c.dimension[w.text] == nil {
			p.fault(w.at, "there is no dimension %q", w.text)
		}
	}
	for _, w := range slices.Concat(extras.NotTheSameAs, extras.Companions) {
		if c.metric[w.text] == nil || w.text == m.Name {
			p.fault(w.at, "there is no other metric %q", w.text)
		}
	}
	switch m.Type {
	case TypeRatio:
		p.ratioOf(c, m, y)
	case TypeDerived:
		p.derivedOf(c, m, y)
	case TypeCumulative:
		p.cumulativeOf(c, m, y)
	case TypeConversion:
		p.conversionOf(c, m, y)
	}
}

// other finds a metric that m is made of, with all that it is made of.
func (p *catalogParser) other(c *Catalog, name string) (*Metric, error) {
	found := c.metric[name]
	if found == nil {
		return nil, fmt.Errorf("there is no metric %q", name)
	}
	p.references(c, found)
	if !p.resolved[name] {
		return nil, fmt.Errorf("%s is made of itself", name)
	}
	return found, nil
}

func (p *catalogParser) ratioOf(c *Catalog, m *Metric, y *metricYAML) {
	m.numerator = p.part(c, y.Numerator, y.Name.at, "numerator")
	m.denominator = p.part(c, y.Denominator, y.Name.at, "denominator")
	if m.numerator == nil || m.denominator == nil {
		m.numerator, m.denominator = nil, nil
		return
	}
	switch one := m.numerator.formula == nil && m.denominator.formula == nil && m.numerator.facts == m.denominator.facts; {
	case m.numerator.Unit != m.denominator.Unit:
		p.fault(y.Denominator.at, "numerator and denominator are two counts, or two sums")
	case one && m.numerator.Clock != m.denominator.Clock:
		p.fault(y.Denominator.at, "numerator and denominator have different clocks: %s and %s", m.numerator.Clock, m.denominator.Clock)
	case one && m.numerator.agg == m.denominator.agg && (m.denominator.agg == aggCount || m.numerator.filterText == m.denominator.filterText):
		p.shareOf(m, y)
	default:
		side := func(of *Metric) *expression {
			if of.formula != nil {
				return of.formula
			}
			return &expression{input: of}
		}
		p.compose(m, y, &expression{op: '/', left: side(m.numerator), right: side(m.denominator)})
	}
}

// shareOf checks a ratio of facts of one kind: it is read in one statement.
func (p *catalogParser) shareOf(m *Metric, y *metricYAML) {
	if m.facts != nil && m.facts != m.denominator.facts {
		p.fault(y.Name.at, "%s is of %s, and is listed with %s", m.Name, Plural(m.denominator.Fact), Plural(m.Fact))
	}
	if m.ofSums() && m.MinN > 0 {
		p.fault(y.Config.Meta.Salesbot.MinN.at, "%s counts no deals, so it has no min_n", m.Name)
	}
	if y.Clock.at != nil && y.Clock.text != m.denominator.Clock {
		p.fault(y.Clock.at, "the clock of a ratio is its denominator's, %s", m.denominator.Clock)
	}
	m.Fact, m.facts, m.Clock = m.denominator.Fact, m.denominator.facts, m.denominator.Clock
	m.Stock = m.Stock || m.denominator.Stock
	m.setNeeds()
}

func (p *catalogParser) derivedOf(c *Catalog, m *Metric, y *metricYAML) {
	inputs := map[string]bool{}
	for _, in := range y.Inputs {
		if _, err := p.other(c, in.Name.text); err != nil {
			p.fault(in.Name.or(y.Name.at), "%s", err)
			return
		}
		inputs[in.Name.text] = false
	}
	e, err := parseExpression(y.Expr.text, func(name string) (*Metric, error) {
		if _, listed := inputs[name]; !listed {
			return nil, fmt.Errorf("%s is not one of the input_metrics", name)
		}
		inputs[name] = true
		return p.other(c, name)
	})
	var fault *exprError
	if errors.As(err, &fault) {
		p.faultWithin(y.Expr.or(y.Name.at), fault.At, "expr: %s", fault.Message)
		return
	}
	for _, in := range y.Inputs {
		if !inputs[in.Name.text] {
			p.fault(in.Name.at, "%s does not stand in expr", in.Name.text)
			return
		}
	}
	p.compose(m, y, e)
}

// compose makes a metric of several of what is done with them.
func (p *catalogParser) compose(m *Metric, y *metricYAML, e *expression) {
	in, err := e.measured()
	switch {
	case err != nil:
		p.fault(y.Expr.or(y.Denominator.at), "%s", err)
	case in != m.Unit.measured():
		p.fault(y.Config.Meta.Salesbot.Unit.or(y.Name.at), "the unit of %s is not what its inputs make", m.Name)
	}
	if m.MinN > 0 {
		p.fault(y.Config.Meta.Salesbot.MinN.at, "%s is made of other metrics, whose min_n holds", m.Name)
	}
	m.formula, m.inputs = e, e.inputs(nil)
	if len(m.inputs) == 0 {
		p.fault(y.Expr.or(y.Name.at), "%s is made of no metric", m.Name)
		return
	}
	m.Fact, m.facts, m.Clock = m.longest(), m.inputs[0].facts, m.clock()
	var needs []string
	for _, in := range m.inputs {
		m.Stock = m.Stock || in.Stock
		m.Clearance = clearedForBoth(m.Clearance, in.Clearance)
		if in.Needs != "" && !slices.Contains(needs, in.Needs) {
			needs = append(needs, in.Needs)
		}
	}
	m.Needs = strings.Join(needs, ", ")
}

// clearedForBoth lists who may see two things, none being everybody.
func clearedForBoth(a, b []Role) []Role {
	if len(a) == 0 || len(b) == 0 {
		return slices.Concat(a, b)
	}
	return slices.DeleteFunc(slices.Clone(a), func(role Role) bool { return !slices.Contains(b, role) })
}

// part finds the numerator or denominator of a ratio.
func (p *catalogParser) part(c *Catalog, w word, at *token.Position, key string) *Metric {
	m, err := p.other(c, w.text)
	if err != nil || m.running != nil || m.Unit == UnitDays || m.Unit == UnitHours || m.Type != TypeDerived && m.agg != aggCount && m.agg != aggSum && m.agg != aggMax && m.agg != aggMin {
		p.fault(w.or(at), "%s is a metric of agg count, an amount of agg sum, max or min, or derived of such; other ratios are not supported", key)
		return nil
	}
	return m
}

// setNeeds says in words what the metric needs.
func (m *Metric) setNeeds() {
	if need := m.need(); need != nil {
		m.Needs = need.what
	}
}

// synonyms refuses a phrase that would mean two metrics, or two dimensions.
func (p *catalogParser) synonyms(c *Catalog, models []modelYAML) {
	metrics := map[string]string{}
	for _, inherited := range []bool{true, false} { // so that it is the file's own words that clash
		p.names(c, metrics, inherited)
	}
	dimensions := map[string]string{}
	for _, d := range c.dimensions {
		for _, s := range append([]string{d.Name, d.Plural}, d.Synonyms...) {
			if d.Time != "" || s == d.Name || s == d.Plural {
				dimensions[phrase(s)] = d.Name
			}
		}
	}
	for _, more := range p.more {
		m, ok := c.metric[more.Metric.text]
		if !ok {
			p.fault(more.Metric.at, "there is no metric %q", more.Metric.text)
			continue
		}
		p.claim(metrics, m.Name, more.Words)
		m.Synonyms = append(m.Synonyms, texts(more.Words)...)
	}
	for _, model := range models {
		for _, y := range model.Columns {
			if facts, ok := factsNamed(model.Name.text); ok {
				if col, ok := facts.column(y.Name.text); ok {
					p.claim(dimensions, col.makes, y.Config.Meta.Salesbot.Synonyms)
				}
			}
		}
	}
}

// names claims the names and synonyms of the metrics that a catalogue extends,
// or of those that it defines itself.
func (p *catalogParser) names(c *Catalog, taken map[string]string, inherited bool) {
	var own []*Metric
	for _, m := range c.metrics {
		if p.inherited[m.Name] == inherited {
			own = append(own, m)
		}
	}
	for _, m := range own {
		name := p.listed[m.Name].Name
		p.claim(taken, m.Name, []word{name})
	}
	for _, m := range own {
		p.claim(taken, m.Name, p.listed[m.Name].Config.Meta.Salesbot.Synonyms)
	}
}

func (p *catalogParser) claim(taken map[string]string, name string, synonyms []word) {
	for _, w := range synonyms {
		s := phrase(w.text)
		if other := taken[s]; other != "" {
			p.fault(w.at, "%q already means %s", w.text, other)
			continue
		}
		taken[s] = name
	}
}

// phrase is how a name or synonym is compared: in lower case, as words.
func phrase(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(s, "_", " "))), " ")
}

func texts(words []word) []string {
	var out []string
	for _, w := range words {
		out = append(out, w.text)
	}
	return out
}
