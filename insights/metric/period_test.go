package metric

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func date(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPrevious(t *testing.T) {
	for _, tt := range []struct{ name, from, to, today, wantFrom, wantTo string }{
		{"a full month", "2026-10-01", "2026-11-01", "2026-11-22", "2026-09-01", "2026-10-01"},
		{"a full February", "2026-02-01", "2026-03-01", "2026-11-22", "2026-01-01", "2026-02-01"},
		{"a fiscal quarter", "2026-08-01", "2026-11-01", "2026-11-22", "2026-05-01", "2026-08-01"},
		{"a year", "2025-01-01", "2026-01-01", "2026-11-22", "2024-01-01", "2025-01-01"},
		{"a week", "2026-11-09", "2026-11-16", "2026-11-22", "2026-11-02", "2026-11-09"},
		{"some days", "2026-11-03", "2026-11-10", "2026-11-22", "2026-10-27", "2026-11-03"},
		{"the running quarter", "2026-11-01", "2027-02-01", "2026-11-22", "2026-08-01", "2026-08-23"},
		{"the first day of a month", "2026-11-01", "2026-12-01", "2026-11-01", "2026-10-01", "2026-10-02"},
		{"the last day of a month", "2026-11-01", "2026-12-01", "2026-11-30", "2026-10-01", "2026-11-01"},
		{"longer than the one before", "2026-03-01", "2026-04-01", "2026-03-30", "2026-02-01", "2026-03-01"},
		{"the running year", "2026-01-01", "2027-01-01", "2026-11-22", "2025-01-01", "2025-11-23"},
	} {
		got, ok := DefaultCompany().previous(days{date(t, tt.from), date(t, tt.to)}, date(t, tt.today))
		if want := (days{date(t, tt.wantFrom), date(t, tt.wantTo)}); !ok || got != want {
			t.Errorf("%s: %v to %v", tt.name, got.from, got.to)
		}
	}
	if _, ok := DefaultCompany().previous(days{date(t, "2026-12-01"), date(t, "2027-01-01")}, date(t, "2026-11-30")); ok {
		t.Error("a month that has not begun can be compared")
	}
}

func TestCivil(t *testing.T) {
	saoPaulo := zone(t, "America/Sao_Paulo") // midnight of 4 November 2018 does not exist there
	for _, at := range []time.Time{
		time.Date(2018, 11, 4, 0, 0, 0, 0, saoPaulo),
		time.Date(2018, 2, 18, 0, 0, 0, 0, saoPaulo), // 23:00 comes twice the evening before
		time.Date(2026, 11, 22, 0, 0, 0, 0, zone(t, "Pacific/Auckland")),
		time.Date(1900, 1, 1, 0, 0, 0, 0, zone(t, "Europe/Amsterdam")), // offsets of seconds
	} {
		text, err := json.Marshal(at)
		if err != nil {
			t.Fatal(err)
		}
		var stored time.Time
		if err := json.Unmarshal(text, &stored); err != nil {
			t.Fatal(err)
		}
		if first := Midnight(at.Year(), at.Month(), at.Day(), at.Location()); first.Day() != at.Day() || first.Add(-time.Second).Day() == at.Day() {
			t.Errorf("the day of %s begins at %s", at, first)
		}
		want := at.Add(2 * time.Hour).Format(time.DateOnly)
		for _, at := range []time.Time{at, stored} {
			if day, ok := civil(at); !ok || day.Format(time.DateOnly) != want {
				t.Errorf("%s: %s, %v", at, day, ok)
			}
		}
	}
	if _, ok := civil(time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)); ok {
		t.Error("two in the afternoon is the beginning of a day")
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestQueryRoundTrip: a stored Query compiles to what it compiled to before.
func TestQueryRoundTrip(t *testing.T) {
	co := Company{Zone: zone(t, "America/Sao_Paulo"), FiscalStart: time.February, WeekStart: time.Sunday, Currency: "BRL"}
	q := Query{
		Shape: ShapeFigure, Metric: "won_revenue", By: []string{"territory"}, Compare: ComparePrevious, Order: Descending, Limit: 3,
		Where:  []Filter{{Field: "product", Op: In, Values: []Value{{ID: 7, Text: "Anvil"}, {ID: 8, Text: "Bellows"}}}},
		Period: Period{From: time.Date(2018, 11, 4, 0, 0, 0, 0, co.Zone), To: time.Date(2018, 11, 11, 0, 0, 0, 0, co.Zone), Label: "that week"},
	}
	data, err := q.Encode()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := DecodeQuery(data)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := json.Marshal(co)
	if err != nil {
		t.Fatal(err)
	}
	var same Company
	if err := json.Unmarshal(settings, &same); err != nil {
		t.Fatal(err)
	}
	now, all := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Viewer{Role: RoleAdmin, All: true}
	before, err := Default().Compile(q, all, co, now)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Default().Compile(stored, all, same, now)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before.Statements, after.Statements); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
	if json.Unmarshal([]byte(`{"zone":"Mars/Base"}`), &same) == nil {
		t.Error("a zone that nobody knows is accepted")
	}
}
