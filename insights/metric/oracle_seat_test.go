package metric_test

import (
	"slices"

	"salesbot/insights/metric"
)

// What the metrics mean that count people with quotas, person by person.

// seat is one person's quotas of a period.
type seat struct {
	last  day
	reach string // reached, below, or nothing that is known
}

func init() {
	reach := func(of ...string) func(o *oracle, d deal) bool {
		return func(_ *oracle, d deal) bool { return slices.Contains(of, d.seat.reach) }
	}
	none := func(*oracle) []deal { return nil } // they are of the days asked about
	of := measure{
		quota: true, seats: true, facts: none, dims: []string{"person", "manager", "territory"}, loaded: haveQuotas, young: reach(""),
		unit: metric.UnitCount, only: reach("reached", "below"),
	}
	measures["reps_with_quota"] = of
	share := of
	share.unit, share.among, share.minFacts = metric.UnitRatio, reach("reached"), 5
	measures["reps_at_quota"] = share
	of.only = reach("reached")
	measures["reps_reached_quota"] = of
}

// seats lists the people with quotas in the days, once for each step of time.
func (o *oracle) seats(from, till day) []deal {
	step := ""
	if n := len(o.q.By); n > 0 && slices.Contains(steps, o.q.By[n-1]) {
		step = o.q.By[n-1]
	}
	type key struct {
		person int
		period string
	}
	quotas := map[key][]quota{}
	of := func(q quota) key {
		k := key{person: q.person}
		if step != "" {
			k.period = o.bucket(step, q.from)
		}
		return k
	}
	for _, q := range o.quotas {
		if !q.superseded && q.person != 0 && (from == noDay || q.till > from) && (till == noDay || q.from < till) {
			quotas[of(q)] = append(quotas[of(q)], q)
		}
	}
	var out []deal
	for k, all := range quotas {
		d := deal{owner: k.person, closed: all[0].from, stage: 1, seat: &seat{last: all[0].till - 1}}
		aim, booked, sure, single := int64(0), int64(0), true, true
		for _, q := range all {
			d.closed, d.seat.last = min(d.closed, q.from), max(d.seat.last, q.till-1)
			single = single && q.currency == all[0].currency
			aim += q.amount
			for _, won := range o.live() {
				if o.outcome(won) != "won" || won.owner != q.person || won.closed < q.from || won.closed >= q.till {
					continue
				}
				if won.currency == q.currency {
					booked += won.amount
				} else {
					sure = false
				}
			}
		}
		switch {
		case !single || aim <= 0:
		case booked >= aim:
			d.seat.reach = "reached"
		case sure:
			d.seat.reach = "below"
		}
		out = append(out, d)
	}
	return out
}
