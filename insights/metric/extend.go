package metric

import (
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/parser"
)

// extend puts the metrics of a file that extends the default catalogue behind
// those that this has, and its words to theirs. The file adds; it changes nothing of what is there, and
// says nothing of the facts, which the default catalogue describes already.
func (p *catalogParser) extend(y *catalogYAML) {
	if y.Extends.text != "default" {
		p.fault(y.Extends.at, "only the catalogue that comes with Salesbot can be extended: extends is default")
		return
	}
	whole := defaultYAML()
	p.more = y.Synonyms
	p.inherited = map[string]bool{}
	for _, listed := range whole.metrics() {
		p.inherited[listed.Name.text] = true
	}
	for i, m := range y.Models {
		p.onlyMetrics(m, y.Models[:i])
		at := slices.IndexFunc(whole.Models, func(known modelYAML) bool { return known.Name.text == m.Name.text })
		if at < 0 {
			p.fault(m.Name.at, "the models are %s", modelNames())
			continue
		}
		whole.Models[at].Metrics = append(whole.Models[at].Metrics, p.added(m.Metrics)...)
	}
	whole.Metrics = append(whole.Metrics, p.added(y.Metrics)...)
	*y = whole
}

// defaultYAML reads the default catalogue as it is written.
func defaultYAML() catalogYAML {
	file, err := parser.ParseBytes(defaultCatalog, 0)
	if err != nil {
		panic("metric: the embedded catalogue: " + err.Error())
	}
	p := newCatalogParser("catalog.yaml", defaultCatalog)
	var y catalogYAML
	p.read(file.Docs[0].Body, reflect.ValueOf(&y).Elem())
	return y
}

// metrics lists all that are defined, whatever model they are listed with.
func (y catalogYAML) metrics() []metricYAML {
	var all []metricYAML
	for _, m := range y.Models {
		all = append(all, m.Metrics...)
	}
	return append(all, y.Metrics...)
}

// onlyMetrics refuses a model that says more than which metrics are added.
func (p *catalogParser) onlyMetrics(m modelYAML, earlier []modelYAML) {
	said := []word{m.Description, m.Semantic.Enabled, m.Clock}
	for _, c := range m.Columns {
		said = append(said, c.Name)
	}
	for _, w := range said {
		if w.at != nil {
			p.fault(w.at, "the default catalogue describes the model %s already: one that extends it lists its name and metrics", m.Name.text)
		}
	}
	if slices.ContainsFunc(earlier, func(other modelYAML) bool { return other.Name.text == m.Name.text }) {
		p.fault(m.Name.at, "model %q is listed twice", m.Name.text)
	}
}

// added leaves out the metrics whose names are taken, so that each fault is
// told once, at the word of the file.
func (p *catalogParser) added(listed []metricYAML) []metricYAML {
	var out []metricYAML
	for _, m := range listed {
		if m.Name.at != nil && p.inherited[m.Name.text] {
			p.fault(m.Name.at, "the default catalogue has a metric %q already: give this one another name", m.Name.text)
			continue
		}
		out = append(out, m)
	}
	return out
}
