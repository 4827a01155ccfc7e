package metric_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

const ownConversion = `extends: default
models:
  - name: opportunity
    metrics:
      - name: entered_deals
        label: Deals entered
        description: How many deals were entered.
        type: simple
        agg: count
        expr: 1
        agg_time_dimension: created_on
        config: {meta: {salesbot: {version: 1, unit: count, direction: up_is_good, perspective: as_was, owner: us, source: ours}}}

      - name: won_of_entered
        label: Won within 60 days
        description: Of deals entered, those won within 60 days.
        type: conversion
        entity: opportunity
        calculation: conversion_rate
        base_metric: entered_deals
        conversion_metric: won_count
        window: 60 days
        constant_properties:
          - base_property: product
            conversion_property: product
        config: {meta: {salesbot: {version: 1, unit: ratio, direction: up_is_good, perspective: as_was, owner: us, source: ours}}}
`

// TestAConversionOfACompany writes one in a catalogue of its own, over other
// facts than the default one's, and counts it deal by deal.
func TestAConversionOfACompany(t *testing.T) {
	catalog, err := metric.ParseCatalog("own.yaml", []byte(ownConversion))
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			co, today := metric.DefaultCompany(), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
			plan, err := catalog.Compile(metric.Query{Shape: metric.ShapeFigure, Metric: "won_of_entered"}, metric.Viewer{Role: metric.RoleAdmin, All: true}, co, endOf(co, today))
			if err != nil {
				rt.Fatal(err)
			}
			result := read(t, tx, plan)
			k, n, intime := 0, 0, 0
			for _, d := range w.live() {
				switch {
				case d.created == noDay:
				case d.created+60 >= today:
					intime++
				default:
					n++
					if w.outcome(d) == "won" && d.product != 0 && d.closed >= d.created && d.closed <= d.created+60 {
						k++
					}
				}
			}
			apart := int64(0)
			for _, a := range result.Apart {
				apart += a.Facts
			}
			got := fmt.Sprintf("%d of %d, %d in time", *result.Figures[0].K, *result.Figures[0].N, apart)
			if want := fmt.Sprintf("%d of %d, %d in time", k, n, intime); got != want {
				rt.Fatalf("%s, want %s", got, want)
			}
		})
	})
}

// TestConversionsRefused shows under which word of a conversion what is wrong
// is told.
func TestConversionsRefused(t *testing.T) {
	for name, tt := range map[string]struct{ is, becomes, fault string }{
		"entity":             {"entity: opportunity", "entity: person", `the entity that converts is opportunity`},
		"no entity":          {"entity: opportunity\n        calc", "calc", `the entity that converts is opportunity`},
		"calculation":        {"conversion_rate", "conversions", "only calculation: conversion_rate is supported"},
		"base of amounts":    {"base_metric: entered_deals", "base_metric: won_revenue", "base_metric is a metric that counts deals"},
		"base that stands":   {"base_metric: entered_deals", "base_metric: open_count", "base_metric is a metric that counts deals"},
		"no such conversion": {"conversion_metric: won_count", "conversion_metric: win", "conversion_metric is a metric that counts deals"},
		"window of months":   {"window: 60 days", "window: 2 months", "window is so many days or weeks: 90 days"},
		"constant that moves": {
			"base_property: product\n            conversion_property: product", "base_property: territory\n            conversion_property: territory",
			"a constant property is a dimension that is of the deal itself",
		},
		"two constants":    {"conversion_property: product", "conversion_property: stage", "both sides of a constant property are one dimension"},
		"keys of others":   {"window: 60 days", "window: 60 days\n        numerator: won_count", "which has no numerator"},
		"keys of this one": {"expr: 1", "expr: 1\n        entity: opportunity", "which has no entity"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(ownConversion, tt.is) {
				t.Fatal("the catalogue does not say", tt.is)
			}
			_, err := metric.ParseCatalog("own.yaml", []byte(strings.Replace(ownConversion, tt.is, tt.becomes, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("%v, want %s", err, tt.fault)
			}
		})
	}
}
