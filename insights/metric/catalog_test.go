package metric_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/currency"

	"salesbot/insights/metric"
)

func TestDefaultCatalogIsComplete(t *testing.T) {
	c := metric.Default()
	for name := range measures {
		if _, ok := c.Metric(name); !ok {
			t.Errorf("metric %s is gone: names are written once", name)
		}
	}
	if got, want := len(c.Metrics()), len(measures); got != want {
		t.Errorf("%d metrics, %d are tested", got, want)
	}
	grains := map[string]metric.Grain{}
	for _, d := range c.Dimensions() {
		grains[d.Name] = d.Grain
	}
	want := map[string]metric.Grain{
		"person": metric.GrainPerson, "manager": metric.GrainTeam, "territory": metric.GrainTeam, "account": metric.GrainDeal,
		"industry": metric.GrainCompany, "country": metric.GrainCompany, "product": metric.GrainCompany, "pushed": metric.GrainCompany, "stage": metric.GrainCompany,
		"outcome": metric.GrainCompany, "segment": metric.GrainCompany, "loss_reason": metric.GrainCompany, "competitor": metric.GrainCompany,
		"source": metric.GrainCompany, "kind": metric.GrainCompany, "forecast_category": metric.GrainCompany,
		"activity_kind": metric.GrainCompany, "lead_status": metric.GrainCompany,
		"day": metric.GrainCompany, "week": metric.GrainCompany, "month": metric.GrainCompany, "quarter": metric.GrainCompany, "year": metric.GrainCompany,
	}
	if diff := cmp.Diff(want, grains); diff != "" {
		t.Errorf("grains (-want +got)\n%s", diff)
	}
}

// TestFaultsOfACatalogue changes the default catalogue at one place and expects
// the fault, with its line and a caret under the word.
func TestFaultsOfACatalogue(t *testing.T) {
	source, err := os.ReadFile("catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want, under string }{
		{"unknown key", "        agg: sum\n", "        aggg: sum\n", `unknown key "aggg"`, "aggg"},
		{"unknown extra", "              min_n: 20", "              minn: 20", `unknown key "minn"`, "minn"},
		{"unknown column", "- name: industry", "- name: industri", `column "industri" is not one that the facts have`, "industri"},
		{"misnamed entity", "name: person,", "name: people,", "owner_id is called person", "people"},
		{"wrong kind", "dimension: {type: categorical, label: Industry}", "dimension: {type: time, label: Industry}", "industry is described by dimension: {type: categorical}", "industry"},
		{"unknown type", "type: ratio", "type: ratios", "type is simple, ratio", "ratios"},
		{"running figure of both kinds", "grain_to_date: year", "grain_to_date: year\n        window: 12 months", "has a window or a grain_to_date, and not both", "12 months"},
		{"running figure of no kind", "        window: 12 months\n", "", "has a window or a grain_to_date, and not both", "won_revenue_running_12m"},
		{"window of what is no time", "window: 12 months", "window: 12 deals", "window is so many days", "12 deals"},
		{"running figure of a period's first day", "period_agg: last", "period_agg: first", "period_agg is last", "first"},
		{"running figure of a ratio", "input_metric: {name: won_revenue}", "input_metric: {name: win_rate}", "a sum or a count of facts of one day", "win_rate"},
		{"running figure of a stock", "input_metric: {name: won_revenue}", "input_metric: {name: open_pipeline}", "a sum or a count of facts of one day", "open_pipeline"},
		{"ratio of a running figure", "numerator: gross_profit", "numerator: won_revenue_running_ytd", "numerator is a metric of agg count", "won_revenue_running_ytd"},
		{"unsupported agg", "agg: sum", "agg: sum_boolean", "agg sum_boolean is not supported yet", "sum_boolean"},
		{"unknown value", "direction: down_is_good", "direction: down", "direction is one of", "down"},
		{"wrong unit", "unit: money", "unit: count", "the unit of won_revenue is money", "count"},
		{"unknown clock", "agg_time_dimension: engaged_on", "agg_time_dimension: opened_on", "agg_time_dimension names a time dimension", "opened_on"},
		{"dangling reference", "companions: [open_count,", "companions: [open_counts,", `there is no other metric "open_counts"`, "open_counts"},
		{"ratio of a count and money", "numerator: won_count", "numerator: won_revenue", "numerator and denominator are two counts, or two sums", "decided_count"},
		{"ratio of a median", "numerator: won_count", "numerator: median_deal_size", "numerator is a metric of agg count, an amount of agg sum, max or min", "median_deal_size"},
		{"ratio of different clocks", "numerator: gross_profit", "numerator: pipeline_created", "different clocks", "costed_revenue"},
		{"expression of nothing known", "expr: quota - quota_bookings", "expr: quota - bookings_of_quota", "expr: bookings_of_quota is not one of the input_metrics", "bookings_of_quota"},
		{"expression that ends early", "expr: quota - quota_bookings", "expr: (quota - quota_bookings", "expr: expected )", ""},
		{"expression of an input less", "expr: quota - quota_bookings", "expr: quota", "quota_bookings does not stand in expr", "quota_bookings"},
		{"sum of money and a plain number", "expr: quota - quota_bookings", "expr: quota - 2 * quota_bookings / quota", "are measured differently", "quota - 2"},
		{"unit that the inputs do not make", "expr: quota - quota_bookings", "expr: quota / quota_bookings", "the unit of quota_remaining is not what its inputs make", "money"},
		{"made of itself", "numerator: open_pipeline\n    denominator: quota_remaining", "numerator: open_pipeline\n    denominator: coverage_remaining", "denominator is", "coverage_remaining"},
		{"simple metric of no model", "    type: ratio\n    numerator: open_pipeline\n    denominator: quota\n", "    type: simple\n", "a simple metric is listed with the model whose facts it counts", "simple"},
		{"average of what can only be added", "agg: sum\n        expr: weighted_amount", "agg: average\n        expr: weighted_amount", "weighted_amount can only be added up", "average"},
		{"unknown expr", "expr: booked", "expr: cycle_days", "expr is one of amount, booked", "cycle_days"},
		{"unknown role", "clearance: [manager,", "clearance: [boss,", "clearance is one of", "boss"},
		{"unknown model", "- name: quota\n    description", "- name: leads\n    description", "the models are opportunity, quota", "leads"},
		{"a model twice", "- name: quota\n    description", "- name: opportunity\n    description", `model "opportunity" is listed twice`, "opportunity"},
		{"a dimension described twice", "entity: {type: foreign, name: person}", "entity: {type: foreign, name: person, label: Rep}", "person is described already", "owner_id"},
		{"two clocks", "denominator: decided_count", "denominator: engaged_count", "different clocks", "engaged_count"},
		{"two meanings", "synonyms: [pipe,", "synonyms: [bookings,", `"bookings" already means won_revenue`, "bookings"},
		{"two dimensions", "synonyms: [customer,", "synonyms: [patch,", `already means`, "patch"},
		{"not a list", "synonyms: [nation]", "synonyms: nation", "expected a list", "nation"},
		{"misspelt outcome", "}} = 'lost'", "}} = 'losst'", "outcome is one of open, won, lost", "'losst'"},
		{"filter by nothing", "opportunity__outcome') }} = 'lost'", "opportunity__owner_id') }} = 'lost'", "owner_id is not a dimension that can be filtered by", "'opportunity__owner_id'"},
		{"a version from no day", "version: 1\n", "version: 2\n              effective_from: february\n", "effective_from is a day, such as 2026-02-01", "february"},
		{"a first version with a day", "version: 1\n", "version: 1\n              effective_from: 2026-02-01\n", "the first version holds since ever", "2026-02-01"},
		{"no label", "        label: Won deals\n", "", "metric won_count needs a label", "won_count"},
		{"defined twice", "- name: lost_count", "- name: won_count", `metric "won_count" is defined twice`, "won_count"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := strings.Replace(string(source), tt.old, tt.new, 1)
			if changed == string(source) {
				t.Fatal("nothing changed")
			}
			_, err := metric.ParseCatalog("my.yaml", []byte(changed))
			if err == nil {
				t.Fatal("no fault")
			}
			// A fault may bring others with it: a misspelt key is also missing.
			lines := strings.Split(err.Error(), "\n")
			i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "my.yaml:") && strings.Contains(l, tt.want) })
			if i < 0 {
				t.Fatalf("%q is not among\n%s", tt.want, err)
			}
			source, caret := lines[i+1], strings.Index(lines[i+2], "^")
			if !strings.HasPrefix(source[caret:], tt.under) {
				t.Errorf("the caret stands under %q, not under %q", source[caret:], tt.under)
			}
		})
	}
}

func TestAllFaultsAreReported(t *testing.T) {
	source, err := os.ReadFile("catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{{"agg: sum", "agg: sum_boolean"}, {"unit: ratio", "unit: share"}, {"plural: people", "plurall: people"}} {
		source = bytes.Replace(source, []byte(change[0]), []byte(change[1]), 1)
	}
	_, err = metric.ParseCatalog("my.yaml", source)
	for _, want := range []string{"agg sum_boolean", "the unit of win_rate", `"plurall"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%s", want, err)
		}
	}
}

func FuzzParseCatalog(f *testing.F) {
	f.Add([]byte("models:\n  - name: opportunity\n    metrics: [{name: x, filter: \"{{ Dimension('a')\"}]\n"))
	f.Add([]byte("models: &a [*a]\n"))
	f.Add([]byte("models: [{columns: [{name: owner_id, entity: {type: foreign, name: person}}], metrics: [{name: a, type: ratio, numerator: a, denominator: a}]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := metric.ParseCatalog("f.yaml", data)
		if (c == nil) == (err == nil) {
			t.Errorf("catalogue %v, error %v", c, err)
		}
	})
}

// TestMinorUnits holds what amounts are read and printed by against what they
// are computed by.
func TestMinorUnits(t *testing.T) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				code := string([]rune{a, b, c})
				unit, err := currency.ParseISO(code)
				if err != nil {
					continue
				}
				digits, _ := currency.Standard.Rounding(unit)
				want := int64(1)
				for range digits {
					want *= 10
				}
				if got := metric.MinorPerMajor(code); got != want {
					t.Errorf("%s: %d minor units, want %d", code, got, want)
				}
			}
		}
	}
}
