package metric_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestSilentIsSilentForTwoWeeks: deals that nobody touched in 14 days are the silent
// ones, in any world and as of any day.
func TestSilentIsSilentForTwoWeeks(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	everybody := metric.Viewer{Role: metric.RoleAnalyst, All: true}
	rapid.Check(t, func(rt *rapid.T) {
		w, co, asked := drawWorld(rt), drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
		_, _, instant := drawStanding(rt, w, co, asked)
		by := rapid.SampledFrom(dimensions).Draw(rt, "by")
		within(db, w, func(tx *sqlx.Tx) {
			say := func(name string, where ...metric.Filter) answer {
				q := metric.Query{Shape: metric.ShapeFigure, Metric: name, By: []string{by}, Where: where, AsOf: instant}
				p, err := catalog.Compile(q, everybody, co, endOf(co, asked))
				if err != nil {
					rt.Fatal(err)
				}
				told := said(read(t, tx, p))
				told.Unrecorded = 0 // of what else was there, the filter leaves out more than the metric
				return told
			}
			silent := say("silent_pipeline")
			untouched := say("open_pipeline", metric.Filter{Field: metric.FieldSilence, Op: metric.Gte, Values: []metric.Value{{Text: "14"}}})
			if diff := cmp.Diff(silent, untouched); diff != "" {
				rt.Fatalf("by %s (-silent +untouched)\n%s", by, diff)
			}
		})
	})
}

// TestNumbersOfDealsAreOfDeals: how long something has gone on for is told of what is
// open, how often deals were pushed of deals, in whole numbers; all else is refused.
func TestNumbersOfDealsAreOfDeals(t *testing.T) {
	for _, tt := range []struct {
		metric, field string
		op            metric.Op
		value, code   string
	}{
		{"open_pipeline", metric.FieldAge, metric.Gt, "90", ""},
		{"clean_pipeline_share", metric.FieldSilence, metric.Gte, "30", ""},
		{"win_rate", metric.FieldPushes, metric.Gte, "3", ""},
		{"win_rate", metric.FieldAge, metric.Gt, "90", metric.CodeNotAvailable},
		{"won_revenue", metric.FieldSilence, metric.Gt, "90", metric.CodeNotAvailable},
		{"stage_duration", metric.FieldInStage, metric.Gt, "90", metric.CodeNotAvailable},
		{"coverage_target", metric.FieldAge, metric.Gt, "90", metric.CodeNotAvailable},
		{"quota", metric.FieldPushes, metric.Eq, "1", metric.CodeNotAvailable},
		{"open_pipeline", metric.FieldAge, metric.Gt, "2.5", metric.CodeInvalid},
		{"open_pipeline", metric.FieldAge, metric.Gt, "-1", metric.CodeInvalid},
		{"open_pipeline", metric.FieldAge, metric.In, "90", metric.CodeInvalid},
	} {
		q := metric.Query{Shape: metric.ShapeFigure, Metric: tt.metric, Where: []metric.Filter{{Field: tt.field, Op: tt.op, Values: []metric.Value{{Text: tt.value}}}}}
		_, err := metric.Default().Compile(q, metric.Viewer{Role: metric.RoleAdmin, All: true}, metric.DefaultCompany(), day(0).time())
		var refusal *metric.Refusal
		code := ""
		if errors.As(err, &refusal) {
			code = refusal.Code
		}
		if code != tt.code || code == "" && err != nil {
			t.Errorf("%s, %s %s %s: %v, want %q", tt.metric, tt.field, tt.op, tt.value, err, tt.code)
		}
	}
}
