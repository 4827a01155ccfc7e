package metric_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/metric"
)

// TestTheEmbeddedDefinitionsAreThoseOfTheirVersions holds the catalogue that
// comes with Salesbot to what a company's own is held to when it starts.
func TestTheEmbeddedDefinitionsAreThoseOfTheirVersions(t *testing.T) {
	var lines strings.Builder
	for _, m := range metric.Default().Metrics() {
		d := m.Definition()
		fmt.Fprintf(&lines, "%s version %d %s\n", d.Metric, d.Version, d.Hash[:16])
	}
	path := filepath.Join("testdata", "versions.golden")
	if *update {
		if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(lines.String(), "\n")); diff != "" {
		t.Errorf("what decides the figures of these metrics is not what it was under that version; once it was released, raise its version; then run with -update (-golden +catalogue)\n%s", diff)
	}
}

func TestADefinitionIsWhatDecidesTheFigures(t *testing.T) {
	source := defaultSource(t)
	cases := map[string]struct {
		metric, old, new string
		differs          []string
	}{
		"another label":      {"won_revenue", "label: Won revenue\n", "label: Revenue won\n", nil},
		"another synonym":    {"win_rate", "synonyms: [cohort win rate,", "synonyms: [cohort win rates,", nil},
		"another filter":     {"won_revenue", "filter: \"{{ Dimension('opportunity__outcome') }} = 'won'\"", "filter: \"{{ Dimension('opportunity__outcome') }} <> 'lost'\"", []string{"filter"}},
		"another direction":  {"sales_cycle", "direction: down_is_good", "direction: neutral", nil},
		"another clock":      {"pipeline_created", "agg_time_dimension: created_on", "agg_time_dimension: engaged_on", []string{"agg_time_dimension"}},
		"its model's clock":  {"won_revenue", "agg_time_dimension: close_on", "agg_time_dimension: created_on", []string{"agg_time_dimension"}},
		"another percentile": {"sales_cycle_p80", "percentile: 0.8", "percentile: 0.75", []string{"percentile"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(source, c.old, c.new, 1)
			if text == source {
				t.Fatalf("the catalogue has no %q", c.old)
			}
			changed, err := metric.ParseCatalog("own.yaml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			before, after := definition(t, metric.Default(), c.metric), definition(t, changed, c.metric)
			if got := after.Differing(before.Text); !slices.Equal(got, c.differs) || (before.Hash != after.Hash) != (len(c.differs) > 0) {
				t.Errorf("it differs in %v, want %v\n%s\n%s", got, c.differs, before.Text, after.Text)
			}
		})
	}
}

func TestARatioOfAnotherVersionOfItsPartsIsAnotherRatio(t *testing.T) {
	source := defaultSource(t)
	at := strings.Index(source, "- name: won_count")
	raised := source[:at] + strings.Replace(source[at:], "version: 1", "version: 2", 1)
	changed, err := metric.ParseCatalog("own.yaml", []byte(raised))
	if err != nil {
		t.Fatal(err)
	}
	before, after := definition(t, metric.Default(), "win_rate"), definition(t, changed, "win_rate")
	if got := after.Differing(before.Text); !slices.Equal(got, []string{"numerator"}) {
		t.Errorf("the win rate differs in %v", got)
	}
	if fault := metricNamed(t, changed, "won_count").Fault("no"); !strings.HasPrefix(fault, "own.yaml:") || !strings.Contains(fault, "version: 2\n") || !strings.HasSuffix(fault, "^") {
		t.Errorf("a fault does not show the line of the version:\n%s", fault)
	}
}

func metricNamed(t *testing.T, c *metric.Catalog, name string) *metric.Metric {
	t.Helper()
	m, ok := c.Metric(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return m
}

func definition(t *testing.T, c *metric.Catalog, name string) metric.Definition {
	t.Helper()
	return metricNamed(t, c, name).Definition()
}

func defaultSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}
