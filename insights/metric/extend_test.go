package metric_test

import (
	"strings"
	"testing"

	"salesbot/insights/metric"
)

// ownMetric is a KPI that a company adds, its name and synonyms to be chosen.
func ownMetric(name, synonyms string) string {
	return `extends: default
models:
  - name: opportunity
    metrics:
      - name: ` + name + `
        label: Enterprise bookings
        description: The known amounts of won deals with customers of the segment Enterprise.
        type: simple
        agg: sum
        expr: amount
        filter: "{{ Dimension('opportunity__outcome') }} = 'won' and {{ Dimension('opportunity__segment') }} = 'enterprise'"
        config:
          meta:
            salesbot:
              version: 1
              unit: money
              direction: up_is_good
              perspective: as_was
              owner: sales operations
              synonyms: [` + synonyms + `]
              source: "Ours"
`
}

func TestACatalogueCanBeTheDefaultOneAndMore(t *testing.T) {
	share := `      - name: enterprise_share
        label: Enterprise share
        description: Enterprise bookings as a share of won revenue.
        type: derived
        expr: enterprise_bookings / won_revenue
        input_metrics: [{name: enterprise_bookings}, {name: won_revenue}]
        config:
          meta:
            salesbot: {version: 1, unit: ratio, direction: up_is_good, perspective: as_was, owner: sales operations, source: Ours}
`
	c, err := metric.ParseCatalog("own.yaml", []byte(ownMetric("enterprise_bookings", "enterprise revenue")+share))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(c.Metrics()), len(metric.Default().Metrics())+2; got != want {
		t.Errorf("it has %d metrics, want %d", got, want)
	}
	if d := definition(t, c, "enterprise_bookings"); d.Embedded || !strings.Contains(d.Text, "segment") {
		t.Errorf("what is added is not what was written: %+v", d)
	}
	for _, m := range metric.Default().Metrics() {
		if got, want := definition(t, c, m.Name), m.Definition(); got != want {
			t.Errorf("the catalogue that is extended has another %s:\n%+v\n%+v", m.Name, got, want)
		}
	}
}

func TestWhatClashesWithTheDefaultCatalogueIsShownInTheFile(t *testing.T) {
	for name, c := range map[string]struct{ text, want, under string }{
		"a name of the default":           {ownMetric("won_revenue", "x"), `has a metric "won_revenue" already`, "won_revenue"},
		"a name of another model's":       {ownMetric("quota_attainment", "x"), `has a metric "quota_attainment" already`, "quota_attainment"},
		"a name that is a synonym":        {ownMetric("attainment", "x"), `"attainment" already means quota_attainment`, "attainment"},
		"a synonym of the default":        {ownMetric("own", "pipe"), `"pipe" already means open_pipeline`, "pipe"},
		"a synonym of another model's":    {ownMetric("own", "to quota"), `"to quota" already means quota_attainment`, "to quota"},
		"a synonym that is a name":        {ownMetric("own", "win rate"), `"win rate" already means win_rate`, "win rate"},
		"a model that is not":             {strings.Replace(ownMetric("own", "x"), "- name: opportunity", "- name: deals", 1), "the models are opportunity", "deals"},
		"columns":                         {strings.Replace(ownMetric("own", "x"), "    metrics:", "    columns:\n      - name: industry\n    metrics:", 1), "describes the model opportunity already", "industry"},
		"another clock for the model":     {strings.Replace(ownMetric("own", "x"), "    metrics:", "    agg_time_dimension: created_on\n    metrics:", 1), "describes the model opportunity already", "created_on"},
		"something else that is extended": {strings.Replace(ownMetric("own", "x"), "extends: default", "extends: base.yaml", 1), "extends is default", "base.yaml"},
		"a fault in what is added":        {strings.Replace(ownMetric("own", "x"), "opportunity__segment", "opportunity__region", 1), "region is not a dimension", "'opportunity__region'"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := metric.ParseCatalog("own.yaml", []byte(c.text))
			if err == nil {
				t.Fatal("it is taken")
			}
			lines := strings.Split(err.Error(), "\n")
			for i, line := range lines {
				if strings.Contains(line, c.want) && i+2 < len(lines) {
					column := strings.IndexByte(lines[i+2], '^')
					if column < 0 || !strings.HasPrefix(lines[i+1][column:], c.under) {
						t.Errorf("the caret is not under %q:\n%s", c.under, err)
					}
					return
				}
			}
			t.Errorf("it does not say %q:\n%s", c.want, err)
		})
	}
}

func TestACatalogueThatExtendsAddsWords(t *testing.T) {
	c, err := metric.ParseCatalog("own.yaml", []byte("extends: default\nsynonyms:\n  - metric: won_revenue\n    words: [dosh, the numbers]\n  - metric: quota_attainment\n    words: [target hit]\n"))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := c.Metric("won_revenue")
	if n := len(m.Synonyms); m.Synonyms[n-2] != "dosh" || m.Synonyms[n-1] != "the numbers" {
		t.Errorf("won revenue is also called %v", m.Synonyms)
	}
	if was, _ := metric.Default().Metric("won_revenue"); was.Definition() != m.Definition() || len(was.Synonyms)+2 != len(m.Synonyms) {
		t.Error("words changed the definition, or the catalogue that is extended")
	}
	for text, want := range map[string]string{
		"extends: default\nsynonyms:\n  - metric: won_revenue\n    words: [pipe]\n":  `own.yaml:4:13: "pipe" already means open_pipeline`,
		"extends: default\nsynonyms:\n  - metric: commission\n    words: [dosh]\n":   `own.yaml:3:13: there is no metric "commission"`,
		"extends: default\nsynonyms:\n  - metrics: won_revenue\n    words: [dosh]\n": `own.yaml:3:5: unknown key "metrics"`,
	} {
		if _, err := metric.ParseCatalog("own.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s says %v, want %s", text, err, want)
		}
	}
}
