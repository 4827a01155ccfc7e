package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// The example company of the guide loads without a single reject, and loading
// it again changes nothing.
func TestTheExampleCompanyLoads(t *testing.T) {
	s, err := store.Open(t.Context(), storetest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	load := func() insights.Import {
		t.Helper()
		got, err := s.Import(t.Context(), store.ImportOptions{
			Actor: "tester", Now: time.Date(2026, time.April, 15, 9, 0, 0, 0, time.UTC),
			Rejects: func(r insights.Reject) error { t.Errorf("rejected %+v", r); return nil },
		}, func(sink insights.Sink) error {
			company := metric.DefaultCompany()
			company.Currency = "EUR"
			_, err := importer.Read(t.Context(), []string{filepath.Join("..", "..", "docs", "examples", "company")}, importer.Options{Company: company}, sink)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := map[insights.Kind]int{
		insights.KindStage: 11, insights.KindTerritoryModel: 5, insights.KindTerritory: 14, insights.KindPerson: 10, insights.KindAssignment: 17,
		insights.KindAccount: 10, insights.KindAccountTerritory: 16, insights.KindProduct: 10, insights.KindOpportunity: 15, insights.KindChange: 19,
		insights.KindSplit: 11, insights.KindLineItem: 11, insights.KindQuota: 12, insights.KindForecast: 10, insights.KindCostLine: 11,
		insights.KindOverhead: 10, insights.KindLead: 10, insights.KindActivity: 12, insights.KindSubscription: 10, insights.KindExchangeRate: 10,
	}
	first := load()
	if diff := cmp.Diff(want, first.Added); diff != "" || len(first.Changed) != 0 || len(first.Notes) != 0 {
		t.Errorf("the first load changed %v, noted %v and added, wanted and got:\n%s", first.Changed, first.Notes, diff)
	}
	again := load()
	if diff := cmp.Diff(want, again.Unchanged); diff != "" || !again.Same() {
		t.Errorf("the second load added %v, changed %v and left, wanted and got:\n%s", again.Added, again.Changed, diff)
	}
	if total := again.Total; total.Unchanged != total.Rows || total.Rows != 234 {
		t.Errorf("the second load read %+v", total)
	}
}
