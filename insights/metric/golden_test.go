package metric_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/metric"
)

var update = flag.Bool("update", false, "write the golden files")

// TestSQL shows what representative Queries compile to.
func TestSQL(t *testing.T) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	co := metric.Company{Zone: oslo, FiscalStart: time.February, WeekStart: time.Monday, Currency: "NOK"}
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, oslo) }
	quarter := metric.Period{From: at(2026, 8, 1), To: at(2026, 11, 1)}
	running := metric.Period{From: at(2026, 11, 1), To: at(2027, 2, 1)}
	rep := metric.Viewer{PersonID: 7, Role: metric.RoleRep, People: []int64{7}}
	manager := metric.Viewer{PersonID: 7, Role: metric.RoleManager, People: []int64{7, 8}}
	all := metric.Viewer{PersonID: 1, Role: metric.RoleAnalyst, All: true}
	is := func(field string, op metric.Op, values ...metric.Value) []metric.Filter {
		return []metric.Filter{{Field: field, Op: op, Values: values}}
	}

	for _, tt := range []struct {
		name   string
		viewer metric.Viewer
		query  metric.Query
	}{
		{"won revenue in a quarter", all, metric.Query{Metric: "won_revenue", Period: quarter}},
		{"won revenue by territory as it was", all, metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"territory"}}},
		{"won revenue by manager as it is", all, metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"manager"}, Perspective: metric.AsIs}},
		{"won revenue of an own team by person", manager, metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"person"}, Where: is("manager", metric.Eq, metric.Value{ID: 7, Text: "me"})}},
		{"won revenue compared", all, metric.Query{Metric: "won_revenue", Period: running, By: []string{"product"}, Compare: metric.ComparePrevious}},
		{"won revenue by quarter of the fiscal year", all, metric.Query{Metric: "won_revenue", By: []string{"quarter"}}},
		{"win rate by person for a rep", rep, metric.Query{Metric: "win_rate", Period: quarter, By: []string{"person"}}},
		{"win rate of a territory by week", all, metric.Query{Metric: "win_rate", Period: quarter, By: []string{"week"}, Where: is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"})}},
		{"cohort win rate", all, metric.Query{Metric: "win_rate_cohort", Period: quarter}},
		{"open pipeline by stage", all, metric.Query{Metric: "open_pipeline", By: []string{"stage"}}},
		{"open pipeline over an amount", all, metric.Query{Metric: "open_pipeline", Period: running, Where: is("amount", metric.Gt, metric.Value{Text: "50000"})}},
		{"open pipeline long at a stage and silent as of a day", all, metric.Query{Metric: "open_pipeline", Where: append(is("days_in_stage", metric.Gt, metric.Value{Text: "30"}), is("silence", metric.Gte, metric.Value{Text: "14"})...), AsOf: at(2026, 11, 14).Add(-time.Microsecond)}},
		{"open deals but those of an age", all, metric.Query{Metric: "open_count", Where: is("age", metric.Ne, metric.Value{Text: "90"})}},
		{"win rate of deals pushed three times by person", all, metric.Query{Metric: "win_rate", Period: quarter, By: []string{"person"}, Where: is("pushes", metric.Gte, metric.Value{Text: "3"})}},
		{"open deals but for two industries", all, metric.Query{Metric: "open_count", Where: is("industry", metric.NotIn, metric.Value{Text: "Retail"}, metric.Value{Text: `"}); drop table deal`})}},
		{"open deals without a territory", all, metric.Query{Metric: "open_count", Where: is("territory", metric.IsNull)}},
		{"sales cycle by month", all, metric.Query{Metric: "sales_cycle", Period: quarter, By: []string{"month"}}},
		{"sales cycle of four in five", all, metric.Query{Metric: "sales_cycle_p80", Period: quarter, By: []string{"country"}}},
		{"open pipeline by territory as of a day", all, metric.Query{Metric: "open_pipeline", By: []string{"territory"}, AsOf: at(2026, 11, 14).Add(-time.Microsecond)}},
		{"open pipeline against that of a quarter ago", all, metric.Query{Metric: "open_pipeline", Compare: metric.CompareThen, Then: at(2026, 11, 1).Add(-time.Microsecond)}},
		{"what changed in a territory in a week", all, metric.Query{Shape: metric.ShapeChange, Metric: "open_pipeline", Period: running, Where: append(is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"}), is("amount", metric.Gt, metric.Value{Text: "50000"})...), Compare: metric.CompareThen, Then: at(2026, 11, 16).Add(-time.Microsecond)}},
		{"weighted pipeline by stage", all, metric.Query{Metric: "weighted_pipeline", By: []string{"stage"}}},
		{"gross profit by segment", all, metric.Query{Metric: "gross_profit", Period: quarter, By: []string{"segment"}}},
		{"net profit in a quarter", all, metric.Query{Metric: "net_profit", Period: quarter}},
		{"gross margin in a quarter", all, metric.Query{Metric: "gross_margin", Period: quarter}},
		{"quota attainment by manager and month", all, metric.Query{Metric: "quota_attainment", Period: quarter, By: []string{"manager", "month"}}},
		{"lost deals by reason", all, metric.Query{Metric: "lost_count", Period: quarter, By: []string{"loss_reason"}}},
		{"deals pushed out of a quarter in a week for a rep", rep, metric.Query{Shape: metric.ShapeDeals, Part: metric.PartPushedOut, Metric: "open_pipeline", Period: running, Where: is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"}), Compare: metric.CompareThen, Then: at(2026, 11, 16).Add(-time.Microsecond), Limit: 20}},
		{"deals behind won revenue for a rep", rep, metric.Query{Shape: metric.ShapeDeals, Metric: "won_revenue", Period: quarter, Where: is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"}), Limit: 20, Offset: 20}},
		{"deals behind win rate by day", all, metric.Query{Shape: metric.ShapeDeals, Metric: "win_rate", Period: quarter, Order: metric.Latest}},
		{"stage duration by stage in a quarter", all, metric.Query{Metric: "stage_duration", Period: quarter, By: []string{"stage"}}},
		{"stage conversion by stage", all, metric.Query{Metric: "stage_conversion", Period: quarter, By: []string{"stage"}}},
		{"pushes by person", all, metric.Query{Metric: "push_count", Period: quarter, By: []string{"person"}}},
		{"slippage of a quarter by person", all, metric.Query{Metric: "slip_moved", Period: quarter, By: []string{"person"}}},
		{"aged deals of a territory", all, metric.Query{Metric: "aged_count", Where: is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"})}},
		{"lead response time by person as of a day", all, metric.Query{Metric: "lead_response_time", Period: running, By: []string{"person"}, AsOf: at(2026, 11, 14).Add(-time.Microsecond)}},
		{"lead response time of nine in ten in working days", all, metric.Query{Metric: "lead_response_time_working_p90", Period: quarter}},
		{"lead conversion by source", all, metric.Query{Metric: "lead_conversion", Period: quarter, By: []string{"source"}}},
		{"accounts touched by person for a rep", rep, metric.Query{Metric: "accounts_touched", Period: quarter, By: []string{"person"}}},
		{"credited revenue by person", all, metric.Query{Metric: "credited_revenue", Period: quarter, By: []string{"person"}}},
		{"whitespace by territory", all, metric.Query{Metric: "whitespace_accounts", By: []string{"territory"}}},
		{"territory coverage of a territory by person for a rep as of a day", rep, metric.Query{Metric: "territory_coverage", By: []string{"person"}, Where: is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"}), AsOf: at(2026, 11, 14).Add(-time.Microsecond)}},
		{"accounts behind whitespace for a rep", rep, metric.Query{Shape: metric.ShapeDeals, Metric: "whitespace_accounts"}},
		{"unassigned accounts by territory as of a day", all, metric.Query{Metric: "unassigned_accounts", By: []string{"territory"}, AsOf: at(2026, 11, 14).Add(-time.Microsecond)}},
		{"accounts yet to buy a product by territory", all, metric.Query{Metric: "accounts_lacking_product", By: []string{"territory"}, Where: is("product", metric.Eq, metric.Value{ID: 5, Text: "Pump"})}},
		{"vacant territories for a rep", rep, metric.Query{Shape: metric.ShapeDeals, Metric: "vacant_territories"}},
		{"vacant territories as planned", manager, metric.Query{Metric: "vacant_territories", Perspective: metric.AsPlanned("FY27 plan")}},
		{"net revenue retention by segment and month as of a day", all, metric.Query{Metric: "net_revenue_retention", Period: quarter, By: []string{"segment", "month"}, AsOf: at(2026, 9, 14).Add(-time.Microsecond)}},
		{"logo churn in a quarter", all, metric.Query{Metric: "logo_churn", Period: quarter}},
		{"churned revenue by month as of a day", all, metric.Query{Metric: "churned_revenue", Period: quarter, By: []string{"month"}, AsOf: at(2026, 9, 14).Add(-time.Microsecond)}},
		{"recurring revenue by product", all, metric.Query{Metric: "recurring_revenue", By: []string{"product"}}},
		{"territory attainment by territory", all, metric.Query{Metric: "territory_attainment", Period: quarter, By: []string{"territory"}}},
		{"territory quota of a territory as planned", manager, metric.Query{Metric: "territory_quota", Period: running, Where: is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"}), Perspective: metric.AsPlanned("FY27 plan")}},
		{"territory balance by territory", all, metric.Query{Metric: "territory_balance", By: []string{"territory"}}},
		{"touches per open deal", all, metric.Query{Metric: "touches_per_open_deal"}},
		{"share of a territory in open pipeline", all, metric.Query{Metric: "open_pipeline", Where: is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"}), Share: "territory"}},
		{"who owns an account for a rep", rep, metric.Query{Shape: metric.ShapeOwner, Where: is("account", metric.Eq, metric.Value{ID: 9, Text: "Acme"})}},
		{"who owns a territory", rep, metric.Query{Shape: metric.ShapeOwner, Where: is("territory", metric.Eq, metric.Value{ID: 3, Text: "EMEA"})}},
		{"deal size of an own account", rep, metric.Query{Metric: "average_deal_size", Where: append(is("account", metric.Eq, metric.Value{ID: 9, Text: "Acme"}), is("person", metric.Eq, metric.Value{ID: 7, Text: "me"})...)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.query.Shape == "" {
				tt.query.Shape = metric.ShapeFigure
			}
			p, err := metric.Default().Compile(tt.query, tt.viewer, co, at(2026, 11, 22))
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, s := range p.Statements {
				fmt.Fprintf(&got, "%s;\n-- %v\n\n", s.SQL, s.Args)
			}
			golden(t, strings.ReplaceAll(tt.name, " ", "_")+".sql", got.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run with -update if this is meant (-want +got)\n%s", diff)
	}
}
