package metric_test

import (
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// additive are metrics of every kind that has shares.
var additive = []string{"won_revenue", "won_count", "lost_count", "open_pipeline", "open_count", "pipeline_created", "weighted_pipeline", "gross_profit"}

// TestSharesAreOfThePlainReading compares parts and wholes with those that plain
// loops over the rows give: the share is the one over the other, and those of all
// rows add up to one.
func TestSharesAreOfThePlainReading(t *testing.T) {
	db := storetest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 6 {
				co, asked := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
				here, today, instant := drawStanding(rt, w, co, asked)
				q := drawQuery(rt, co, today)
				q.Metric, q.AsOf = rapid.SampledFrom(additive).Draw(rt, "of"), instant
				q.Compare, q.Against, q.beforeFrom, q.beforeTill = "", metric.Period{}, noDay, noDay
				q.Perspective, q.By = rapid.SampledFrom([]metric.Perspective{metric.AsWas, metric.AsIs}).Draw(rt, "map"), deleteUnheld(q.By)
				q.Where = rapid.SliceOfNDistinct(rapid.Custom(drawFilter), 0, 2, func(f metric.Filter) string { return f.Field }).Draw(rt, "kept")
				if !measures[q.Metric].byCurrency() {
					q.In = ""
				}
				c := sharing{t: t, rt: rt, tx: tx, o: &oracle{world: here, v: drawViewer(rt), co: co, today: today, from: q.from, till: q.till}, asked: asked}
				switch {
				case len(q.By) > 0:
					c.rows(q)
				case len(q.Where) > 0:
					q.Order, q.Limit = "", 0
					c.part(q)
				}
			}
		})
	})
}

func deleteUnheld(by []string) []string {
	return slices.DeleteFunc(slices.Clone(by), func(d string) bool { return d == "activity_kind" || d == "lead_status" })
}

// sharing checks the shares of one Query.
type sharing struct {
	t     *testing.T
	rt    *rapid.T
	tx    *sqlx.Tx
	o     *oracle
	asked day
}

// plain is the oracle of a Query without its share.
func (c sharing) plain(q metric.Query) *oracle {
	o := *c.o
	o.q = q
	o.q.Share = ""
	return &o
}

func (c sharing) compile(q metric.Query) (*metric.Plan, error) {
	now := c.asked.time()
	return metric.Default().Compile(q, c.o.v, c.o.co, time.Date(now.Year(), now.Month(), now.Day(), 23, 59, 0, 0, c.o.co.Zone))
}

// refused reports whether a share is refused as it is to be: as the part or the
// whole by itself, or because people would be left out.
func (c sharing) refused(err error, codes ...string) bool {
	code := codeOf(c.rt, err)
	for _, want := range codes {
		if want != "" && code != want {
			c.rt.Fatalf("refused as %q, not %q: %v", code, want, err)
		}
		if want != "" {
			return true
		}
	}
	if code != "" {
		c.rt.Fatalf("refused: %v", err)
	}
	return false
}

func (c sharing) rows(q asked) {
	o := c.plain(q.Query)
	q.Share = metric.ShareOfRows
	p, err := c.compile(q.Query)
	leavesOut := ""
	ofTeam := func(f metric.Filter) bool { return f.Field == "manager" && (f.Op == metric.Eq || f.Op == metric.In) }
	if o.narrowed() && !slices.ContainsFunc(q.Where, ofTeam) {
		leavesOut = metric.CodeNotAllowed
	}
	if c.refused(err, o.refusal(), leavesOut) {
		return
	}
	result, err := tryRead(c.t, c.tx, p)
	if o.narrowingSaid(q.from, q.till) {
		leavesOut = metric.CodeNotAllowed
	}
	if c.refused(err, leavesOut) {
		return
	}
	at := slices.IndexFunc(result.Columns, func(col metric.Column) bool { return col.Name == metric.ColumnShare })
	sums, plain := map[string]*big.Rat{}, result
	plain.Query.Share, plain.Rows = "", nil
	plain.Columns = slices.Delete(slices.Clone(result.Columns), at, at+1)
	for _, row := range result.Rows {
		value, part := row[at-1].Quantity, row[at].Quantity
		plain.Rows = append(plain.Rows, slices.Delete(slices.Clone(row), at, at+1))
		c.isShare(*part, *value, result.Figures)
		if part.Value != nil {
			if sums[part.Currency] == nil {
				sums[part.Currency] = new(big.Rat)
			}
			sums[part.Currency].Add(sums[part.Currency], part.Value)
		}
	}
	for _, rest := range result.RestShares {
		if rest.Value != nil && sums[rest.Currency] != nil {
			sums[rest.Currency].Add(sums[rest.Currency], rest.Value)
		}
	}
	for currency, sum := range sums {
		if sum.Cmp(big.NewRat(1, 1)) != 0 {
			c.rt.Fatalf("the shares in %q add up to %s\n%+v", currency, sum, q)
		}
	}
	if diff := cmp.Diff(o.expected(q.from, q.till, noDay, noDay), said(plain)); diff != "" {
		c.rt.Fatalf("beside the shares (-want +got)\n%s\n%+v", diff, q)
	}
}

// isShare checks that a share of the whole in its currency is the part.
func (c sharing) isShare(got, part metric.Quantity, wholes []metric.Figure) {
	i := slices.IndexFunc(wholes, func(f metric.Figure) bool { return f.Currency == part.Currency })
	if i < 0 || wholes[i].Value == nil || wholes[i].Value.Sign() <= 0 || part.Value == nil && part.Reason != metric.ReasonNoRows {
		if got.Value != nil || got.Reason == "" {
			c.rt.Fatalf("there is a share of what has none: %+v", got)
		}
		return
	}
	value := part.Value
	if value == nil {
		value = new(big.Rat)
	}
	if got.Value == nil || new(big.Rat).Mul(got.Value, wholes[i].Value).Cmp(value) != 0 || got.Unit != metric.UnitRatio {
		c.rt.Fatalf("share × whole is not the part: %s of %s is %s", got.Value, wholes[i].Value, value)
	}
}

func (c sharing) part(q asked) {
	part := c.plain(q.Query)
	at := rapid.IntRange(0, len(q.Where)-1).Draw(c.rt, "the filter that makes the part")
	without := q.Query
	without.Where = slices.Delete(slices.Clone(q.Where), at, at+1)
	whole := c.plain(without)
	q.Share = q.Where[at].Field
	p, err := c.compile(q.Query)
	if c.refused(err, part.refusal(), whole.refusal()) {
		return
	}
	result, err := tryRead(c.t, c.tx, p)
	if c.refused(err) {
		return
	}
	plainPlan, err := c.compile(without)
	if err != nil {
		c.rt.Fatal(err)
	}
	of := read(c.t, c.tx, plainPlan)
	if diff := cmp.Diff(whole.expected(q.from, q.till, noDay, noDay), said(of)); diff != "" {
		c.rt.Fatalf("the whole (-want +got)\n%s\n%+v", diff, q)
	}
	withPart := q.Query
	withPart.Share = ""
	partPlan, err := c.compile(withPart)
	if err != nil {
		c.rt.Fatal(err)
	}
	alone := read(c.t, c.tx, partPlan)
	for _, f := range result.Figures {
		one := metric.Quantity{Currency: f.Currency, Reason: metric.ReasonNoRows}
		if i := slices.IndexFunc(alone.Figures, func(o metric.Figure) bool { return o.Currency == f.Currency }); i >= 0 {
			one = alone.Figures[i].Quantity
		}
		c.isShare(f.Quantity, one, of.Figures)
	}
	if len(result.Figures) != len(of.Figures) || result.Facts != alone.Facts || result.Whole == nil || result.Whole.Facts != of.Facts {
		c.rt.Fatalf("not of its whole: %+v", result)
	}
}

func TestSharesRefused(t *testing.T) {
	rep := metric.Viewer{PersonID: 1, Role: metric.RoleRep, People: []int64{1}}
	east := where("territory", metric.Eq, metric.Value{ID: 3, Text: "East"})
	period := metric.Period{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
	for name, tt := range map[string]struct {
		q    metric.Query
		want string
	}{
		"of a rate":           {metric.Query{Metric: "win_rate", By: []string{"territory"}, Share: metric.ShareOfRows}, metric.CodeNotAvailable},
		"of a median":         {metric.Query{Metric: "median_deal_size", By: []string{"territory"}, Share: metric.ShareOfRows}, metric.CodeNotAvailable},
		"of several":          {metric.Query{Metric: "quota_remaining", By: []string{"territory"}, Share: metric.ShareOfRows}, metric.CodeNotAvailable},
		"of people for a rep": {metric.Query{Metric: "won_revenue", By: []string{"person"}, Share: metric.ShareOfRows}, metric.CodeNotAllowed},
		"of an account":       {metric.Query{Metric: "won_revenue", Where: []metric.Filter{where("account", metric.Eq, acme)}, Share: "account"}, metric.CodeNotAllowed},
		"of no rows":          {metric.Query{Metric: "won_revenue", Share: metric.ShareOfRows}, metric.CodeInvalid},
		"of no filter":        {metric.Query{Metric: "won_revenue", Share: "territory"}, metric.CodeInvalid},
		"of both":             {metric.Query{Metric: "won_revenue", By: []string{"product"}, Where: []metric.Filter{east}, Share: "territory"}, metric.CodeInvalid},
		"of two":              {metric.Query{Metric: "won_revenue", Where: []metric.Filter{east, where("territory", metric.Ne, metric.Value{ID: 4})}, Share: "territory"}, metric.CodeInvalid},
		"compared":            {metric.Query{Metric: "won_revenue", Period: period, Compare: metric.ComparePrevious, Where: []metric.Filter{east}, Share: "territory"}, metric.CodeInvalid},
		"of a list":           {metric.Query{Shape: metric.ShapeDeals, Metric: "won_revenue", Where: []metric.Filter{east}, Share: "territory"}, metric.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.q.Shape == "" {
				tt.q.Shape = metric.ShapeFigure
			}
			_, err := metric.Default().Compile(tt.q, rep, metric.DefaultCompany(), time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
			var refusal *metric.Refusal
			if !errors.As(err, &refusal) || refusal.Code != tt.want {
				t.Errorf("it is not refused as %s: %v", tt.want, err)
			}
		})
	}
}
