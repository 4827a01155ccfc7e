package company

import (
	"math"
	"slices"
	"time"
)

// Most of those who bought a pump have it looked after: they pay for that every
// year, more or less of it as time goes by, and some give it up and seldom come
// back.
const (
	subscribes   = 0.3 // with a deal
	expands      = 0.045
	contracts    = 0.012
	churns       = 0.012 // all three in a month
	comesBack    = 0.04  // in a month, of those who gave up
	forTheBetter = 0.3   // take the better service
)

// subscription is what an account pays in a year, and for what.
type subscription struct {
	account customer
	product product
	amount  float64
	lost    bool
}

// subscriptions are the movements of what accounts pay in a year for having their
// pumps looked after, from some weeks after one of the deals that they bought on.
func (m *maker) subscriptions() {
	m = m.apart(4)
	out := m.sheet("subscriptions.csv", "external_id", "account", "product", "kind", "on", "amount", "currency")
	for _, account := range m.accounts {
		bought := slices.DeleteFunc(m.bought(account), func(time.Time) bool { return !m.chance(subscribes) })
		if len(bought) == 0 {
			continue
		}
		s := &subscription{account: account, product: products[len(products)-2]}
		if m.chance(forTheBetter) {
			s.product = products[len(products)-1]
		}
		on := bought[0].AddDate(0, 0, m.between(7, 45))
		if m.book(out, s, "new", on, s.product.typical*account.scale*m.spread(0.3)) {
			m.goesOn(out, s, on)
		}
	}
}

// bought are the days on which an account bought something, in their order.
func (m *maker) bought(account customer) []time.Time {
	var days []time.Time
	for _, d := range m.deals {
		if d.stage == stageWon && d.account == account {
			days = append(days, d.closing)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return days
}

// goesOn moves a subscription in some of the months after a day.
func (m *maker) goesOn(out *sheet, s *subscription, from time.Time) {
	for month := from.AddDate(0, 0, 1-from.Day()).AddDate(0, 1, 0); month.Before(m.anchor); month = month.AddDate(0, 1, 0) {
		on, chance := month.AddDate(0, 0, m.between(0, 27)), m.rand.Float64()
		switch {
		case s.lost && chance < comesBack:
			m.book(out, s, "reactivation", on, s.product.typical*s.account.scale*0.8*m.spread(0.2))
		case s.lost:
		case chance < churns:
			m.book(out, s, "churn", on, s.amount)
		case chance < churns+contracts:
			m.book(out, s, "contraction", on, s.amount*(0.1+0.3*m.rand.Float64()))
		case chance < churns+contracts+expands:
			m.book(out, s, "expansion", on, s.amount*(0.1+0.4*m.rand.Float64()))
		}
	}
}

// book writes a movement down, unless it has not happened yet. Amounts are whole
// hundreds of dollars.
func (m *maker) book(out *sheet, s *subscription, kind string, on time.Time, amount float64) bool {
	if !on.Before(m.anchor) {
		return false
	}
	amount = math.Max(1, math.Round(amount/100)) * 100
	out.add(out.key("R"), s.account.key, s.product.key, kind, iso(on), dollars(amount, 100), "USD")
	if slices.Contains([]string{"contraction", "churn"}, kind) {
		amount = -amount
	}
	s.amount += amount
	s.lost = s.amount <= 0
	return true
}
