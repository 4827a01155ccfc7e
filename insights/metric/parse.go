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
		Models []modelYAML `yaml:"models"`
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
		Type           word `yaml:"type" enum:"simple,ratio"`
		Agg            word `yaml:"agg" enum:"count,sum,average,median,percentile"`
		Percentile     word `yaml:"percentile"`
		PercentileType word `yaml:"percentile_type" enum:"discrete"`
		Expr           word `yaml:"expr"`
		Filter         word `yaml:"filter"`
		Clock          word `yaml:"agg_time_dimension"`
		NonAdditive    *struct {
			Name      word `yaml:"name"`
			WindowAgg word `yaml:"window_agg"`
		} `yaml:"non_additive_dimension"`
		Numerator   word `yaml:"numerator"`
		Denominator word `yaml:"denominator"`
		Config      struct {
			Meta struct {
				Salesbot extrasYAML `yaml:"salesbot"`
			} `yaml:"meta"`
		} `yaml:"config"`
	}
	extrasYAML struct {
		Version      word   `yaml:"version"`
		Unit         word   `yaml:"unit" enum:"money,ratio,count,days"`
		Direction    word   `yaml:"direction" enum:"up_is_good,down_is_good,neutral"`
		Perspective  word   `yaml:"perspective" enum:"as_was,as_is"`
		MinN         word   `yaml:"min_n"`
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
	p := &catalogParser{file: file, lines: strings.Split(string(data), "\n")}
	c := p.parse(data)
	if len(p.faults) > 0 {
		return nil, p.report()
	}
	return c, nil
}

type catalogParser struct {
	file     string
	lines    []string
	faults   []fault
	*listing // of the model that is being read
}

// listing is what a model says of its facts.
type listing struct {
	facts  *facts
	entity string // name of the model's primary entity
	listed map[string]*columnYAML
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

// report joins the faults in the order of the file.
func (p *catalogParser) report() error {
	slices.SortFunc(p.faults, func(a, b fault) int {
		return cmp.Or(a.line-b.line, a.column-b.column, strings.Compare(a.message, b.message))
	})
	errs := make([]error, len(p.faults))
	for i, f := range p.faults {
		errs[i] = fmt.Errorf("%s:%d:%d: %s\n    %s\n    %s^",
			p.file, f.line, f.column, f.message, string(p.source(f.line)), strings.Repeat(" ", f.column-1))
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
	if len(y.Models) == 0 || y.Models[0].Name.text != deals.model {
		p.fault(body.GetToken().Position, "expected the model opportunity first: it describes the deals")
		return nil
	}
	return p.catalog(y.Models, body.GetToken().Position)
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
func (p *catalogParser) catalog(models []modelYAML, top *token.Position) *Catalog {
	c := &Catalog{metric: map[string]*Metric{}, dimension: map[string]*Dimension{}}
	listings := make([]*listing, len(models))
	for i := range models {
		listings[i] = p.model(c, &models[i], models[:i], top)
	}
	for _, d := range timeDimensions {
		c.dimensions = append(c.dimensions, d)
		c.dimension[d.Name] = d
	}
	for i := range models {
		if p.listing = listings[i]; p.facts != nil {
			p.metrics(c, &models[i], top)
		}
	}
	// Metrics may refer to later ones, so references are resolved at the end.
	for i := range models {
		for j := range models[i].Metrics {
			p.references(c, &models[i].Metrics[j])
		}
	}
	p.synonyms(c, models)
	return c
}

// model reads what a model says of its facts.
func (p *catalogParser) model(c *Catalog, m *modelYAML, earlier []modelYAML, top *token.Position) *listing {
	p.listing = &listing{listed: map[string]*columnYAML{}}
	if m.Semantic.Enabled.text != "true" {
		p.fault(m.Semantic.Enabled.or(top), "semantic_model.enabled must be true")
	}
	found, ok := factsNamed(m.Name.text)
	switch {
	case !ok:
		p.fault(m.Name.or(top), "the models are opportunity and quota")
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

func (p *catalogParser) columns(c *Catalog, m *modelYAML) {
	for i := range m.Columns {
		y := &m.Columns[i]
		col, ok := p.facts.column(y.Name.text)
		if !ok || col.measured() {
			p.fault(y.Name.at, "column %q is not one that the facts have", y.Name.text)
			continue
		}
		if p.listed[col.name] != nil {
			p.fault(y.Name.at, "column %q is listed twice", col.name)
			continue
		}
		p.listed[col.name] = y
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

func (p *catalogParser) metrics(c *Catalog, m *modelYAML, top *token.Position) {
	for i := range m.Metrics {
		y := &m.Metrics[i]
		if y.Name.at == nil {
			p.fault(top, "metric %d has no name", i+1)
			continue
		}
		if c.metric[y.Name.text] != nil {
			p.fault(y.Name.at, "metric %q is defined twice", y.Name.text)
			continue
		}
		metric := p.metric(y, m)
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
		NotTheSameAs: texts(e.NotTheSameAs), Companions: texts(e.Companions), Examples: texts(e.Examples),
		Version: p.number(e.Version, y.Name.at, "version", 1),
		Stock:   y.NonAdditive != nil,
		Fact:    p.facts.noun, facts: p.facts,
	}
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
	m.Clock = p.clock(y, model)
	switch Type(y.Type.text) {
	case TypeSimple:
		p.simple(m, y)
	case TypeRatio:
		p.ratio(m, y)
	case "derived", "cumulative", "conversion":
		p.fault(y.Type.at, "metrics of type %s are not supported yet", y.Type.text)
	default:
		p.fault(y.Type.or(y.Name.at), "type is simple or ratio")
	}
	return m
}

func (p *catalogParser) clock(y *metricYAML, model *modelYAML) string {
	w := y.Clock
	if w.at == nil {
		w = model.Clock
	}
	col, ok := p.facts.column(w.text)
	if !ok || col.kind != kindDay || p.listed[w.text] == nil {
		p.fault(w.or(y.Name.at), "agg_time_dimension names a time dimension among the columns")
	}
	return w.text
}

func (p *catalogParser) simple(m *Metric, y *metricYAML) {
	m.Type = TypeSimple
	p.absent(m.Name, "a simple metric", map[string]word{
		"numerator": y.Numerator, "denominator": y.Denominator, "min_n": y.Config.Meta.Salesbot.MinN,
	})
	p.aggregation(m, y)
	p.expr(m, y)
	p.filter(m, y)
}

func (p *catalogParser) aggregation(m *Metric, y *metricYAML) {
	m.agg = aggregation(y.Agg.text)
	switch m.agg {
	case aggCount, aggSum, aggAverage, aggMedian, aggPercentile:
	case "":
		p.fault(y.Name.at, "metric %s needs an agg", m.Name)
	default:
		p.fault(y.Agg.at, "agg %s is not supported yet; one of count, sum, average, median, percentile", y.Agg.text)
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
			p.fault(y.Expr.or(y.Name.at), "a count counts %ss: expr is 1", p.facts.noun)
		}
		p.unit(y, UnitCount)
		return
	}
	col, ok := p.facts.column(y.Expr.text)
	if !ok || !col.measured() {
		p.fault(y.Expr.or(y.Name.at), "expr is one of %s", strings.Join(p.facts.measures(), ", "))
		return
	}
	if col.needs != nil && m.agg != aggSum {
		p.fault(y.Agg.or(y.Name.at), "%s can only be added up: agg is sum", col.name)
	}
	m.expr = col
	m.setNeeds()
	if col.kind == kindMoney {
		p.unit(y, UnitMoney)
		return
	}
	p.unit(y, UnitDays)
}

func (p *catalogParser) ratio(m *Metric, y *metricYAML) {
	m.Type = TypeRatio
	p.absent(m.Name, "a ratio", map[string]word{
		"agg": y.Agg, "expr": y.Expr, "filter": y.Filter, "percentile": y.Percentile, "percentile_type": y.PercentileType,
	})
	m.MinN = p.number(y.Config.Meta.Salesbot.MinN, y.Name.at, "min_n", 0)
	p.unit(y, UnitRatio)
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
	c, err := parseFilter(y.Filter.text, p.filterColumn)
	var f *filterError
	if errors.As(err, &f) {
		at := *y.Filter.at
		line := p.source(at.Line)
		if at.Column <= len(line) && (line[at.Column-1] == '"' || line[at.Column-1] == '\'') {
			at.Column += 1 + f.At // under the very word, behind the quote
		}
		p.fault(&at, "filter: %s", f.Message)
	}
	m.filter, m.filterText = c, y.Filter.text
}

// filterColumn finds the column that a filter calls entity__dimension.
func (p *catalogParser) filterColumn(qualified string) (*column, error) {
	name, ok := strings.CutPrefix(qualified, p.entity+"__")
	if !ok {
		return nil, fmt.Errorf("a dimension is called %s__…", p.entity)
	}
	y := p.listed[name]
	col, ok := p.facts.column(name)
	if !ok || y == nil || y.Dimension == nil || col.kind == kindAsOf {
		return nil, fmt.Errorf("%s is not a dimension that can be filtered by", name)
	}
	return col, nil
}

// references resolves the metrics that one metric names.
func (p *catalogParser) references(c *Catalog, y *metricYAML) {
	m := c.metric[y.Name.text]
	if m == nil {
		return
	}
	extras := y.Config.Meta.Salesbot
	for _, w := range slices.Concat(extras.NotTheSameAs, extras.Companions) {
		if c.metric[w.text] == nil || w.text == m.Name {
			p.fault(w.at, "there is no other metric %q", w.text)
		}
	}
	if m.Type != TypeRatio {
		return
	}
	m.numerator = p.part(c, m, y.Numerator, y.Name.at, "numerator")
	m.denominator = p.part(c, m, y.Denominator, y.Name.at, "denominator")
	if m.numerator == nil || m.denominator == nil {
		return
	}
	if m.numerator.agg != m.denominator.agg {
		p.fault(y.Denominator.at, "numerator and denominator are two counts, or two sums")
	}
	if m.denominator.agg == aggSum && m.numerator.filterText != m.denominator.filterText {
		p.fault(y.Denominator.at, "the sums of a ratio are of the same %ss: their filters are equal", m.Fact)
	}
	if m.ofSums() && m.MinN > 0 {
		p.fault(y.Config.Meta.Salesbot.MinN.at, "%s counts no deals, so it has no min_n", m.Name)
	}
	m.setNeeds()
	if m.numerator.Clock != m.denominator.Clock {
		p.fault(y.Denominator.at, "numerator and denominator have different clocks: %s and %s", m.numerator.Clock, m.denominator.Clock)
	}
	if y.Clock.at != nil && y.Clock.text != m.denominator.Clock {
		p.fault(y.Clock.at, "the clock of a ratio is its denominator's, %s", m.denominator.Clock)
	}
	m.Clock = m.denominator.Clock
}

func (p *catalogParser) part(c *Catalog, of *Metric, w word, at *token.Position, key string) *Metric {
	m := c.metric[w.text]
	switch {
	case m == nil || m.Unit == UnitDays || m.agg != aggCount && m.agg != aggSum:
		p.fault(w.or(at), "%s is a metric of agg count, or an amount of agg sum; other ratios are not supported yet", key)
		return nil
	case m.facts != of.facts:
		p.fault(w.or(at), "%s counts %ss, and %s %ss", m.Name, m.Fact, of.Name, of.Fact)
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
	for _, metric := range c.metrics {
		metrics[phrase(metric.Name)] = metric.Name
	}
	for _, m := range models {
		for i := range m.Metrics {
			p.claim(metrics, m.Metrics[i].Name.text, m.Metrics[i].Config.Meta.Salesbot.Synonyms)
		}
	}
	dimensions := map[string]string{}
	for _, d := range c.dimensions {
		for _, s := range append([]string{d.Name, d.Plural}, d.Synonyms...) {
			if d.Time != "" || s == d.Name || s == d.Plural {
				dimensions[phrase(s)] = d.Name
			}
		}
	}
	for _, y := range models[0].Columns {
		if col, ok := deals.column(y.Name.text); ok {
			p.claim(dimensions, col.makes, y.Config.Meta.Salesbot.Synonyms)
		}
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
