package metric_test

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// factorsOf says of every metric that has factors how it is made of them.
var factorsOf = map[string]string{
	"won_revenue": "deals × average", "pipeline_created": "deals × average", "decided_revenue": "deals × average", "costed_revenue": "deals × average",
	"gross_profit": "deals × average", "contribution": "deals × average", "net_profit": "deals × average",
	"win_rate": "won_count ÷ decided_count", "win_rate_cohort": "won_of_engaged_count ÷ engaged_count", "win_rate_value": "won_revenue ÷ decided_revenue",
	"win_within_90": "converted ÷ grown", "gross_margin": "gross_profit ÷ costed_revenue",
	"sales_velocity":                "engaged_count × win_rate × average_deal_size ÷ average_sales_cycle",
	"stage_conversion":              "converted ÷ grown",
	"reps_at_quota":                 "reps_reached_quota ÷ reps_with_quota",
	"quota_attainment":              "quota_bookings ÷ quota",
	"pace":                          "quota_bookings ÷ quota_expected",
	"quota_remaining":               "quota − quota_bookings",
	"pace_gap":                      "quota_bookings − quota_expected",
	"territory_attainment":          "territory_bookings ÷ territory_quota",
	"forecast_wape":                 "forecast_missed ÷ forecast_actual",
	"lead_sla_share":                "answered_in_time_count ÷ sla_lead_count",
	"lead_conversion":               "converted_lead_count ÷ grown_lead_count",
	"lead_conversion_90":            "converted_lead_count_90 ÷ grown_lead_count_90",
	"slip_strict":                   "slipped_count ÷ expected_count",
	"slip_moved":                    "moved_out_count ÷ expected_count",
	"slip_strict_value":             "slipped_amount ÷ expected_amount",
	"slip_moved_value":              "moved_out_amount ÷ expected_amount",
	"net_revenue_retention":         "net_retained_revenue ÷ starting_recurring_revenue",
	"gross_revenue_retention":       "gross_retained_revenue ÷ starting_recurring_revenue",
	"logo_churn":                    "lost_logo_count ÷ logo_count",
	"logo_retention":                "kept_logo_count ÷ logo_count",
	"territory_coverage":            "covered_accounts ÷ territory_accounts",
	"territory_coverage_open":       "worked_accounts ÷ territory_accounts",
	"overdue_share":                 "overdue_pipeline ÷ open_pipeline",
	"silent_share":                  "silent_pipeline ÷ open_pipeline",
	"clean_pipeline_share":          "clean_pipeline ÷ open_pipeline",
	"largest_deal_share":            "greatest_open_amount ÷ open_pipeline",
	"territory_balance":             "open_pipeline_of_territories ÷ even_share_of_pipeline",
	"territory_spread":              "greatest_pipeline_of_territories ÷ least_pipeline_of_territories",
	"territory_balance_share":       "territories_near_average ÷ territories_with_average",
	"coverage_target":               "open_pipeline ÷ quota",
	"coverage_remaining":            "open_pipeline ÷ quota_remaining",
	"forecast_commit_cumulative":    "won_revenue + forecast_commit",
	"forecast_best_case_cumulative": "won_revenue + forecast_commit + forecast_best_case",
}

// TestFactorsAddUpToTheChange takes changes apart over random worlds: the figures
// are those of the same question, each factor is the figure that its metric gives
// by itself, what the factors add is the change as it is told, each adds what the
// formula of the method gives in floating point, and from the later figure back to
// the earlier one they add the opposite.
func TestFactorsAddUpToTheChange(t *testing.T) {
	db, told := storetest.New(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 6 {
				f := drawFactored(rt)
				f.t, f.rt, f.tx = t, rt, tx
				told += f.check()
			}
		})
	})
	if told == 0 {
		t.Error("no change was told by its factors")
	}
}

type factored struct {
	t  *testing.T
	rt *rapid.T
	tx *sqlx.Tx
	m  *metric.Metric
	q  metric.Query
	v  metric.Viewer
	co metric.Company
}

func drawFactored(t *rapid.T) factored {
	made := slices.DeleteFunc(slices.Clone(metric.Default().Metrics()), func(m *metric.Metric) bool { return !m.HasFactors() })
	f := factored{m: rapid.SampledFrom(made).Draw(t, "metric"), v: drawViewer(t), co: drawCompany(t)}
	days := func(label string) metric.Period {
		from := day(rapid.IntRange(0, lastDay-120).Draw(t, label))
		return metric.Period{From: midnight(f.co, from), To: midnight(f.co, from+day(rapid.SampledFrom([]int{30, 90, 120}).Draw(t, "days")))}
	}
	f.q = metric.Query{Shape: metric.ShapeFactors, Metric: f.m.Name, Where: rapid.SliceOfN(rapid.Custom(drawFilter), 0, 1).Draw(t, "where")}
	if f.m.Stock {
		f.q.Compare, f.q.Then = metric.CompareThen, endOf(f.co, day(rapid.IntRange(0, lastDay-1).Draw(t, "then")))
	} else {
		f.q.Compare, f.q.Period, f.q.Against = metric.ComparePeriod, days("now"), days("before")
	}
	return f
}

// ask asks for the Query under a shape and a metric; nil where it is refused.
func (f factored) ask(q metric.Query, shape metric.Shape, name string) (*metric.Result, string) {
	q.Shape, q.Metric = shape, name
	plan, err := metric.Default().Compile(q, f.v, f.co, endOf(f.co, lastDay))
	if err != nil {
		return nil, codeOf(f.rt, err)
	}
	result, err := tryRead(f.t, f.tx, plan)
	if err != nil {
		return nil, codeOf(f.rt, err)
	}
	return &result, ""
}

func (f factored) check() (told int) {
	got, code := f.ask(f.q, metric.ShapeFactors, f.m.Name)
	plain, want := f.ask(f.q, metric.ShapeFigure, f.m.Name)
	if code != want {
		f.rt.Fatalf("refused as %q, the figure as %q\n%+v", code, want, f.q)
	}
	if got == nil {
		return 0
	}
	if diff := diffFigures(*plain, *got); diff != "" {
		f.rt.Fatalf("it is another figure: %s\n%+v", diff, f.q)
	}
	for _, figure := range got.Figures {
		if f.isTold(figure) {
			told++
			f.checkShares(figure)
			f.checkBack(figure)
		}
		f.checkAlone(figure)
	}
	return told
}

func (f factored) isTold(figure metric.Figure) bool {
	return len(figure.Factors) > 0 && figure.Factors[0].Adds != nil
}

// checkShares checks that the factors add up, and each by itself.
func (f factored) checkShares(figure metric.Figure) {
	sum, step := new(big.Rat), toldIn(figure)
	words := strings.Fields(factorsOf[f.m.Name])
	first := "×"
	if strings.ContainsAny(factorsOf[f.m.Name], "+−") {
		first = "+"
	}
	words = append([]string{first}, words...)
	for i, factor := range figure.Factors {
		if words[2*i+1] != factor.Name {
			f.rt.Fatalf("the factors of %s are not %q: %s", f.m.Name, factorsOf[f.m.Name], factor.Name)
		}
		want := shareOf(figure, factor, words[2*i])
		if math.Abs(want-float(factor.Adds)) > 1.001*float(step) {
			f.rt.Errorf("%s adds %s, not %g\n%+v", factor.Name, factor.Adds.FloatString(6), want, f.q)
		}
		sum.Add(sum, factor.Adds)
	}
	apart := new(big.Rat).Sub(sum, figure.Change)
	if apart.Abs(apart).Cmp(new(big.Rat).Quo(step, big.NewRat(2, 1))) > 0 {
		f.rt.Errorf("the factors add %s to a change of %s\n%+v", sum.FloatString(6), figure.Change.FloatString(6), f.q)
	}
}

// shareOf is what a factor adds by the formula, in floating point.
func shareOf(figure metric.Figure, factor metric.Factor, does string) float64 {
	now, before := float(factor.Now.Value), float(factor.Previous.Value)
	switch does {
	case "+":
		return now - before
	case "−":
		return before - now
	case "÷":
		now, before = before, now
	}
	value, previous := float(figure.Value), float(figure.Previous.Value)
	mean := value
	if value != previous {
		mean = (value - previous) / math.Log(value/previous)
	}
	return mean * math.Log(now/before)
}

// checkAlone checks that each factor that is a metric is what that metric gives.
func (f factored) checkAlone(figure metric.Figure) {
	for _, factor := range figure.Factors {
		if _, known := metric.Default().Metric(factor.Name); !known {
			continue
		}
		alone, _ := f.ask(f.q, metric.ShapeFigure, factor.Name)
		if alone == nil {
			continue // it is not for the viewer, or needs more
		}
		i := slices.IndexFunc(alone.Figures, func(a metric.Figure) bool { return a.Currency == factor.Now.Currency })
		if i < 0 || alone.Figures[i].Value == nil || factor.Now.Value == nil {
			continue
		}
		if alone.Figures[i].Value.Cmp(factor.Now.Value) != 0 {
			f.rt.Errorf("%s is %s as a factor of %s, and by itself %s\n%+v", factor.Name, factor.Now.Value, f.m.Name, alone.Figures[i].Value, f.q)
		}
	}
}

// checkBack checks that the other way about each factor adds the opposite, but for
// what is rounded.
func (f factored) checkBack(figure metric.Figure) {
	back := f.q
	back.Period, back.Against = f.q.Against, f.q.Period
	if f.m.Stock {
		return // the earlier moment cannot be set against the later
	}
	got, _ := f.ask(back, metric.ShapeFactors, f.m.Name)
	if got == nil {
		f.rt.Fatalf("it is refused the other way about\n%+v", back)
	}
	for _, other := range got.Figures {
		for i, factor := range other.Factors {
			if other.Currency != figure.Currency || !f.isTold(other) || other.Previous.Value.Cmp(figure.Value) != 0 {
				continue
			}
			both := new(big.Rat).Add(factor.Adds, figure.Factors[i].Adds)
			if both.Abs(both).Cmp(toldIn(figure)) > 0 {
				f.rt.Errorf("there and back %s adds %s\n%+v", factor.Name, both.FloatString(6), f.q)
			}
		}
	}
}

// toldIn is the step in which values of the figure's unit are told.
func toldIn(figure metric.Figure) *big.Rat {
	if figure.Unit == metric.UnitRatio {
		return big.NewRat(1, 10_000)
	}
	return big.NewRat(1, metric.MinorPerMajor(figure.Currency))
}

func float(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f
}

// TestEveryFactorIsNamed: what the table says of metrics is what the catalogue does.
func TestEveryFactorIsNamed(t *testing.T) {
	for _, m := range metric.Default().Metrics() {
		if _, named := factorsOf[m.Name]; named != m.HasFactors() {
			t.Errorf("%s has factors: %v, and its factors are named: %v", m.Name, m.HasFactors(), named)
		}
	}
}
