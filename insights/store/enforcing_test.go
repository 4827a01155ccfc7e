package store_test

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"salesbot/insights/metric"
	"salesbot/insights/store"
)

// ownCatalogue is the default catalogue as a company's own file, changed.
func ownCatalogue(t *testing.T, changes ...string) *metric.Catalog {
	t.Helper()
	source, err := os.ReadFile("../metric/catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := metric.ParseCatalog("own.yaml", []byte(strings.NewReplacer(changes...).Replace(string(source))))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What the median deal size counts, of which no other metric is made.
const (
	wonAmounts = "        agg: median\n        expr: amount\n        filter: \"{{ Dimension('opportunity__outcome') }} = 'won'\"\n        config:\n          meta:\n            salesbot:\n              version: 1"
	notLost    = "        agg: median\n        expr: amount\n        filter: \"{{ Dimension('opportunity__outcome') }} <> 'lost'\"\n        config:\n          meta:\n            salesbot:\n              version: 1"
)

var raised = strings.Replace(notLost, "version: 1", "version: 2", 1)

func putInForce(t *testing.T, s *store.Store, c *metric.Catalog, at time.Time) error {
	t.Helper()
	return s.PutInForce(t.Context(), c, metric.DefaultCompany(), at)
}

func TestDefinitionsHoldFromTheDayTheyCameIntoForce(t *testing.T) {
	s := open(t)
	later := noon.AddDate(0, 0, 3)
	for _, step := range []struct {
		c  *metric.Catalog
		at time.Time
	}{{metric.Default(), noon}, {metric.Default(), later}, {ownCatalogue(t), later}, {ownCatalogue(t, wonAmounts, raised), later}} {
		if err := putInForce(t, s, step.c, step.at); err != nil {
			t.Fatal(err)
		}
	}
	got := column(t, s, `select version || ' since ' || date(since at time zone 'UTC') from metric_version where metric = 'median_deal_size' order by version`)
	if want := []string{"1 since " + noon.Format(time.DateOnly), "2 since " + later.Format(time.DateOnly)}; strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("the median deal size is version %v, want %v", got, want)
	}
	if n := column(t, s, `select count(*)::text from company_version`); n[0] != "1" {
		t.Errorf("settings that did not change are noted %s times", n[0])
	}
}

func TestSettingsHoldFromTheDayTheyCameIntoForce(t *testing.T) {
	s := open(t)
	co := metric.DefaultCompany()
	for i, currency := range []string{"USD", "EUR", "EUR", "USD"} {
		co.Currency = currency
		if err := s.PutInForce(t.Context(), metric.Default(), co, noon.AddDate(0, 0, i)); err != nil {
			t.Fatal(err)
		}
	}
	got := column(t, s, `select settings ->> 'currency' from company_version order by id`)
	if strings.Join(got, " ") != "USD EUR USD" {
		t.Errorf("the currencies in force were %v", got)
	}
}

func TestACatalogueThatContradictsWhatWasInForceIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		before, after *metric.Catalog
		says          []string
	}{
		"a changed definition":              {ownCatalogue(t), ownCatalogue(t, wonAmounts, notLost), []string{"own.yaml:", "median_deal_size is not what its version 1 has been since", "(filter): raise its version to 2", "version: 1\n", "^"}},
		"one changed from the embedded":     {metric.Default(), ownCatalogue(t, wonAmounts, notLost), []string{"own.yaml:", "raise its version to 2"}},
		"the embedded after an own one":     {ownCatalogue(t, wonAmounts, notLost), metric.Default(), []string{"median_deal_size is not what its version 1 has been"}},
		"a version lower than was in force": {ownCatalogue(t, wonAmounts, raised), ownCatalogue(t), []string{"own.yaml:", "median_deal_size is version 1 here, but version 2 has been in force since"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			if err := putInForce(t, s, c.before, noon); err != nil {
				t.Fatal(err)
			}
			const all = `select to_jsonb(v)::text from metric_version v order by metric, version`
			before := column(t, s, all)
			err := putInForce(t, s, c.after, noon.AddDate(0, 0, 1))
			if err == nil {
				t.Fatal("it is put in force")
			}
			for _, text := range c.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("it does not say %q:\n%s", text, err)
				}
			}
			if after := column(t, s, all); strings.Join(before, "\n") != strings.Join(after, "\n") {
				t.Error("what is refused changes what is stored")
			}
		})
	}
}

func TestAnEmbeddedDefinitionReplacesAnEarlierOneOfItsVersion(t *testing.T) {
	s := open(t)
	if err := putInForce(t, s, metric.Default(), noon); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB().Exec(`update metric_version set hash = 'older', definition = 'type: simple' where metric = 'median_deal_size'`); err != nil {
		t.Fatal(err)
	}
	if err := putInForce(t, s, metric.Default(), noon.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	if n := column(t, s, `select count(*)::text from metric_version where metric = 'median_deal_size' and hash <> 'older'`); n[0] != "1" {
		t.Error("the definition that is in force is not the one that is stored")
	}
}

func TestProcessesThatStartAtOnceDoNotClash(t *testing.T) {
	s := open(t)
	one, other := ownCatalogue(t), ownCatalogue(t, wonAmounts, notLost)
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			c := one
			if i%2 == 1 {
				c = other
			}
			errs[i] = s.PutInForce(t.Context(), c, metric.DefaultCompany(), noon)
		})
	}
	all.Wait()
	refused := 0
	for i, err := range errs {
		switch {
		case err == nil && (errs[i%2] == nil):
		case err != nil && errs[i%2] != nil && strings.Contains(err.Error(), "raise its version to 2"):
			refused++
		default:
			t.Errorf("process %d of those with the same catalogue fares otherwise than the first: %v", i, err)
		}
	}
	if refused != len(errs)/2 {
		t.Errorf("%d of %d are refused, want those with the catalogue that came second", refused, len(errs))
	}
	if n := column(t, s, `select count(*)::text from company_version`); n[0] != "1" {
		t.Errorf("the settings are noted %s times", n[0])
	}
}
