package metric_test

import (
	"encoding/json"
	"testing"

	"salesbot/insights/metric"
)

// TestTheSchemaNamesTheKeysOfTheCatalogue looks at the schema as an editor
// does: at a key that exists, one that does not, and a list of words.
func TestTheSchemaNamesTheKeysOfTheCatalogue(t *testing.T) {
	data, err := metric.Schema()
	if err != nil {
		t.Fatal(err)
	}
	type schema struct {
		Properties map[string]*schema
		Items      *schema
		Enum       []string
		More       *bool `json:"additionalProperties"`
	}
	var root schema
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	model := root.Properties["models"].Items
	kpi := model.Properties["metrics"].Items
	if kpi.More == nil || *kpi.More {
		t.Error("a metric may have keys that nobody reads")
	}
	if kpi.Properties["agg_time_dimension"] == nil || kpi.Properties["colour"] != nil {
		t.Error("the keys of a metric are not those that are read")
	}
	extras := kpi.Properties["config"].Properties["meta"].Properties["salesbot"]
	if got := extras.Properties["direction"].Enum; len(got) != 3 || got[0] != "up_is_good" {
		t.Errorf("directions: %v", got)
	}
	if got := extras.Properties["synonyms"].Items; got == nil {
		t.Error("synonyms are no list")
	}
}

func TestFormulasReadLikeOnPaper(t *testing.T) {
	for name, want := range map[string]string{
		"won_revenue": "sum of the amount of deals where outcome = 'won', by close day",
		"won_count":   "number of deals where outcome = 'won', by close day",
		"win_rate":    "(number of deals where outcome = 'won') ÷ (number of deals where outcome in ('won', 'lost')), by close day",
		"sales_cycle": "median cycle days of deals where outcome = 'won', by close day",
		"open_pipeline": "sum of the amount of deals where outcome = 'open', as they stand at the moment asked about; " +
			"a period keeps those with their close day in it",
	} {
		m, ok := metric.Default().Metric(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		if got := m.Formula(); got != want {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
	}
}
