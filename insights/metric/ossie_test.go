package metric_test

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"salesbot/insights/metric"
)

// osi011 is all that a document can have under the JSON Schema of Apache Ossie
// 0.1.1, which allows no other key.
type (
	osi011 struct {
		Version string `yaml:"version"`
		Model   []struct {
			Name          string            `yaml:"name"`
			Description   string            `yaml:"description"`
			Context       any               `yaml:"ai_context"`
			Datasets      []osiDataset      `yaml:"datasets"`
			Relationships []osiRelationship `yaml:"relationships"`
			Metrics       []osiField        `yaml:"metrics"`
			Extensions    []osiExtension    `yaml:"custom_extensions"`
		} `yaml:"semantic_model"`
	}
	osiDataset struct {
		Name        string         `yaml:"name"`
		Source      string         `yaml:"source"`
		PrimaryKey  []string       `yaml:"primary_key"`
		UniqueKeys  [][]string     `yaml:"unique_keys"`
		Description string         `yaml:"description"`
		Context     any            `yaml:"ai_context"`
		Fields      []osiField     `yaml:"fields"`
		Extensions  []osiExtension `yaml:"custom_extensions"`
	}
	osiRelationship struct {
		Name        string         `yaml:"name"`
		From        string         `yaml:"from"`
		To          string         `yaml:"to"`
		FromColumns []string       `yaml:"from_columns"`
		ToColumns   []string       `yaml:"to_columns"`
		Context     any            `yaml:"ai_context"`
		Extensions  []osiExtension `yaml:"custom_extensions"`
	}
	osiField struct { // and a metric, which has neither dimension nor label
		Name       string `yaml:"name"`
		Expression struct {
			Dialects []struct {
				Dialect    string `yaml:"dialect"`
				Expression string `yaml:"expression"`
			} `yaml:"dialects"`
		} `yaml:"expression"`
		Dimension *struct {
			IsTime bool `yaml:"is_time"`
		} `yaml:"dimension"`
		Label       string         `yaml:"label"`
		Description string         `yaml:"description"`
		Context     any            `yaml:"ai_context"`
		Extensions  []osiExtension `yaml:"custom_extensions"`
	}
	osiExtension struct {
		Vendor string `yaml:"vendor_name"`
		Data   string `yaml:"data"`
	}
)

func ossie(t *testing.T) (osi011, map[string]string) {
	t.Helper()
	data, lost, err := metric.Default().Ossie()
	if err != nil {
		t.Fatal(err)
	}
	var document osi011
	if err := yaml.UnmarshalWithOptions(data, &document, yaml.Strict()); err != nil {
		t.Fatalf("it has what the schema does not allow: %v", err)
	}
	said := map[string]string{}
	for _, fact := range lost {
		said[fact.Name] = fact.Text
	}
	return document, said
}

func TestTheOssieDocumentIsOneOfItsVersion(t *testing.T) {
	document, lost := ossie(t)
	if document.Version != "0.1.1" || len(document.Model) != 1 || document.Model[0].Name == "" {
		t.Fatalf("it is of version %q with %d models", document.Version, len(document.Model))
	}
	model := document.Model[0]
	fields := map[string]bool{}
	for _, set := range model.Datasets {
		if set.Name == "" || set.Source == "" {
			t.Errorf("a dataset lacks what is required: %+v", set)
		}
		for _, f := range set.Fields {
			wellSaid(t, f)
			fields[set.Name+"."+f.Name] = true
		}
	}
	for _, r := range model.Relationships {
		if len(r.FromColumns) != 1 || len(r.ToColumns) != 1 || !fields[r.From+"."+r.FromColumns[0]] || !fields[r.To+"."+r.ToColumns[0]] {
			t.Errorf("%s relates what is not there: %+v", r.Name, r)
		}
	}
	for _, m := range model.Metrics {
		wellSaid(t, m)
		if m.Dimension != nil || m.Label != "" {
			t.Errorf("the metric %s has what only fields have", m.Name)
		}
	}
	if got, want := len(lost), len(metric.Default().Metrics()); got != want {
		t.Errorf("what is lost is told of %d metrics of %d", got, want)
	}
	for name, says := range map[string]string{
		"win_rate": "ranked from 20 on", "open_pipeline": "does not add over time", "gross_profit": "who may see it",
		"quota": "it needs quotas", "won_revenue": "each currency", "coverage_target": "left out: it is made of facts of several kinds",
	} {
		if !strings.Contains(lost[name], says) {
			t.Errorf("of %s it is not said that %q is lost: %s", name, says, lost[name])
		}
	}
}

func wellSaid(t *testing.T, f osiField) {
	t.Helper()
	if f.Name == "" || len(f.Expression.Dialects) == 0 || f.Expression.Dialects[0].Dialect != "ANSI_SQL" || f.Expression.Dialects[0].Expression == "" {
		t.Errorf("%q lacks what is required: %+v", f.Name, f.Expression)
	}
}
