package metric_test

import (
	"math/big"
	"slices"
	"time"

	"salesbot/insights/metric"
)

// What the metrics mean that count forecasts.

func init() {
	of := func(category string, amount func(o *oracle, f deal) *big.Rat) measure {
		return measure{
			unit: metric.UnitMoney, of: amount, loaded: haveForecasts, quota: true, forecast: true,
			only: func(_ *oracle, f deal) bool { return f.category == category },
		}
	}
	for name, m := range map[string]measure{
		"forecast_submitted":           of("commit", target),
		"forecast_submitted_best_case": of("best_case", target),
		"forecast_week3":               of("commit", (*oracle).early),
		"forecast_week3_ended":         of("commit", (*oracle).judged),
		"forecast_actual":              of("commit", (*oracle).actual),
		"forecast_missed":              of("commit", (*oracle).missed),
	} {
		measures[name] = m
	}
	wape := of("commit", (*oracle).missed)
	wape.unit, wape.over = metric.UnitRatio, (*oracle).actual
	measures["forecast_wape"] = wape
	off := func(v []*big.Rat) *big.Rat {
		if v[1].Sign() == 0 {
			return nil
		}
		return new(big.Rat).Quo(less(v[0], v[1]), v[1])
	}
	measures["forecast_error"] = measure{unit: metric.UnitRatio, made: []string{"forecast_week3_ended", "forecast_actual"}, with: off}
	measures["forecast_accuracy"] = measure{unit: metric.UnitRatio, made: []string{"forecast_week3_ended", "forecast_actual"}, with: func(v []*big.Rat) *big.Rat {
		if v[1].Sign() == 0 {
			return nil
		}
		far := new(big.Rat).Abs(less(v[0], v[1]))
		return new(big.Rat).Sub(big.NewRat(1, 1), far.Quo(far, v[1]))
	}}
}

func haveForecasts(w *world) bool {
	return slices.ContainsFunc(w.forecasts, func(f forecast) bool { return !f.superseded && f.person != 0 })
}

// submitted lists the forecasts that stand: of each person, period and category
// the one that was said last.
func (o *oracle) submitted() []deal {
	var out []deal
	for i, f := range o.forecasts {
		if f.person == 0 || !o.said(f) || slices.ContainsFunc(o.forecasts, func(g forecast) bool { return o.said(g) && isLater(g, f) }) {
			continue
		}
		out = append(out, deal{owner: f.person, amount: f.amount, currency: f.currency, closed: f.from, stage: 1, category: f.category, forecast: i + 1})
	}
	return out
}

// said reports whether a forecast is believed and had been made.
func (o *oracle) said(f forecast) bool {
	return !f.superseded && (o.q.AsOf.IsZero() || !f.at.After(o.q.AsOf))
}

// isLater reports whether one forecast took the place of another.
func isLater(g, f forecast) bool {
	return g.person == f.person && g.from == f.from && g.till == f.till && g.category == f.category && g.at.After(f.at)
}

// early is what had been said by the end of the third week.
func (o *oracle) early(d deal) *big.Rat {
	of := o.forecasts[d.forecast-1]
	y, m, dd := (of.from + 21).time().Date()
	week4 := time.Date(y, m, dd, 0, 0, 0, 0, o.co.Zone)
	var found *forecast
	for _, f := range o.forecasts {
		same := f.person == of.person && f.from == of.from && f.till == of.till && f.category == of.category && f.currency == of.currency
		if same && o.said(f) && f.at.Before(week4) && (found == nil || f.at.After(found.at)) {
			found = &f
		}
	}
	if found == nil {
		return nil
	}
	return minor(found.amount)
}

// actual is what was booked of it, once it has ended.
func (o *oracle) actual(d deal) *big.Rat {
	of := o.forecasts[d.forecast-1]
	if o.early(d) == nil || o.today < of.till-1 {
		return nil
	}
	sum := new(big.Rat)
	for _, won := range o.live() {
		if o.outcome(won) == "won" && won.owner == of.person && won.currency == of.currency && won.closed >= of.from && won.closed < of.till {
			sum.Add(sum, minor(won.amount))
		}
	}
	return sum
}

func (o *oracle) judged(d deal) *big.Rat {
	if o.actual(d) == nil {
		return nil
	}
	return o.early(d)
}

func (o *oracle) missed(d deal) *big.Rat {
	far := less(o.early(d), o.actual(d))
	if far == nil {
		return nil
	}
	return far.Abs(far)
}
