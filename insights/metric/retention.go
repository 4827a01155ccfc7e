package metric

import (
	"fmt"
	"slices"
	"time"
)

// What accounts pay in a year, and how much of it stays. Both are told of the
// days asked about as one: recurring revenue as it stands at their end, and what
// became of it from their first day to their last. Of days that go on, the end is
// the day of asking, or the one asked about. By steps of time each step is asked
// by itself, and the whole is no sum of them.
//
// Movements count by the day on which they hold, in whole days: what an account
// has is what it has at the end of a day, so that a subscription that is replaced
// on one day was never lost.

// needSubscription is what all of them are made of.
var needSubscription = &need{
	what: "subscription movements", known: "amount", loaded: "exists (select from subscription_movement where upper_inf(known))",
}

// ofAnAccount are the columns by which what is of one account, and of nobody, can
// be cut.
var ofAnAccount = []*column{{name: "id", kind: kindKey}, accountColumn, industryColumn, segmentColumn, countryColumn}

// subscriptions are the movements up to the last of the days asked about, with
// the sign of the way each goes. Adding them up makes what stands that day.
var subscriptions = &facts{
	model: "subscription", noun: "movement", standing: (*builder).subscriptions, windowed: true, needs: needSubscription,
	columns: append(ofAnAccount[:len(ofAnAccount):len(ofAnAccount)],
		productColumn,
		&column{name: "stands_on", kind: kindDay, value: "o.stands_on"},
		&column{name: "change", kind: kindMoney, value: "o.amount_minor"},
	),
}

const subscriptionsSQL = `(
    select account_id, product_id, currency, span.until - 1 as stands_on, ` + grownSQL + ` as amount_minor
    from subscription_movement
    join %s on moved_on < span.until
    where upper_inf(known)
)`

// grownSQL is a movement with the sign of the way it goes.
const grownSQL = "case when kind in ('contraction', 'churn') then -amount_minor else amount_minor end"

func (b *builder) subscriptions() string { return fmt.Sprintf(subscriptionsSQL, b.windows()) }

// movements are the same one by one, each on the day on which it holds. What is to
// hold after the day asked about has not happened yet.
var movements = &facts{
	model: "movement", noun: "movement", standing: (*builder).movements, needs: needSubscription,
	columns: append(ofAnAccount[:len(ofAnAccount):len(ofAnAccount)],
		productColumn,
		&column{name: "kind", kind: kindText, value: "o.kind", words: []string{"new", "expansion", "contraction", "churn", "reactivation"}},
		&column{name: "moved_on", kind: kindDay, value: "o.moved_on"},
		&column{name: "amount", kind: kindMoney, value: "o.amount_minor"},
		&column{name: "change", kind: kindMoney, value: "o.change"},
	),
}

const movementsSQL = `(
    select account_id, product_id, kind, moved_on, currency, amount_minor, ` + grownSQL + ` as change
    from subscription_movement
    where moved_on <= %s and upper_inf(known)
)`

func (b *builder) movements() string { return fmt.Sprintf(movementsSQL, b.day(b.at.day)) }

// retention is the cohort of the accounts that paid as the days asked about
// began, a row for each currency that they paid in, with what became of that.
// Accounts that came later are not in it, whatever they pay. One that reaches
// nought is lost for good: if it is won back, that is new business. What an
// account adds, of whatever product, is expansion.
//
// Of what is net retained expansion is a part, of what is gross retained it is
// not, so that the latter is never more than there was; neither is ever less than
// nought.
var retention = &facts{
	model: "retention", noun: "account", standing: (*builder).retention, windowed: true, cohort: true, needs: needSubscription,
	columns: append(ofAnAccount[:len(ofAnAccount):len(ofAnAccount)],
		&column{name: "logo", kind: kindText, value: "o.logo", words: []string{"kept", "lost"}},
		&column{name: "starts_on", kind: kindDay, value: "o.starts_on"},
		&column{name: "amount", kind: kindMoney, value: "o.amount_minor"},
		&column{name: "net_retained", kind: kindMoney, value: "greatest(o.amount_minor + o.expansion - o.loss, 0)"},
		&column{name: "gross_retained", kind: kindMoney, value: "greatest(o.amount_minor - o.loss, 0)"},
	),
}

// retentionSQL puts the movements of each account and currency together by days,
// those before the cohort's first as one, and leaves out what came after the day
// on which the account reached nought. An account that pays in several currencies
// is one logo, told by the first of them, and lost when it pays in none.
const retentionSQL = `(
    select account_id, currency, starts_on, amount_minor, expansion, loss,
           case when row_number() over account > 1 then null when bool_and(lost) over account_all then 'lost' else 'kept' end as logo
    from (
        select account_id, currency, starts_on, sum(balance) filter (where moved_on < starts_on) as amount_minor,
               coalesce(sum(gain) filter (where moved_on >= starts_on and not gone), 0) as expansion,
               coalesce(sum(loss) filter (where moved_on >= starts_on and not gone), 0) as loss,
               bool_or(moved_on >= starts_on and balance <= 0) as lost
        from (
            select *, coalesce(bool_or(moved_on >= starts_on and balance <= 0)
                      over (partition by account_id, currency, starts_on order by moved_on rows between unbounded preceding and 1 preceding), false) as gone
            from (
                select account_id, currency, span.since as starts_on, greatest(moved_on, span.since - 1) as moved_on,
                       sum(amount_minor) filter (where kind not in ('contraction', 'churn')) as gain,
                       sum(amount_minor) filter (where kind in ('contraction', 'churn')) as loss,
                       sum(sum(` + grownSQL + `)) over (partition by account_id, currency, span.since order by greatest(moved_on, span.since - 1)) as balance
                from subscription_movement
                join %s on moved_on < span.until
                where upper_inf(known)
                group by account_id, currency, span.since, greatest(moved_on, span.since - 1)
            ) by_day
        ) by_day
        group by account_id, currency, starts_on
    ) cohort
    where amount_minor > 0
    window account as (partition by account_id, starts_on order by currency), account_all as (partition by account_id, starts_on)
)`

func (b *builder) retention() string { return fmt.Sprintf(retentionSQL, b.windows()) }

// windows are the days asked about as one or, in a breakdown by a step of time,
// each step, none of them beyond the day that is asked about. Without a
// beginning, they begin with all that is known.
func (b *builder) windows() string {
	spans := []days{b.span}
	if b.stepped {
		spans = b.plan.periods(b.span, b.at.day)
	}
	var since, until []string
	for _, span := range spans {
		to := b.at.day.AddDate(0, 0, 1)
		if !span.to.IsZero() {
			to = earlier(span.to, to)
		}
		from := "-infinity"
		if !span.from.IsZero() {
			from = span.from.Format(time.DateOnly)
		}
		since, until = append(since, from), append(until, to.Format(time.DateOnly))
	}
	dates := func(list []string) string { return b.arg(arrayOf(list)) + "::date[]" }
	return fmt.Sprintf("unnest(%s, %s) span (since, until)", dates(since), dates(until))
}

// windowed reports whether each step of the breakdown is asked by itself.
func (p *Plan) windowed() bool { return p.step() != "" && p.Metric.facts.windowed }

// resolveWindow refuses what is asked of no days, or of days that have not begun.
func (p *Plan) resolveWindow() *Refusal {
	m := p.Metric
	if m.formula != nil || !m.facts.windowed {
		return nil
	}
	switch {
	case m.facts.cohort && p.asked.from.IsZero():
		return &Refusal{
			Code:    CodeInvalid,
			Message: m.Label + " is of a period: of the accounts that paid as it began.",
			Hint:    "Name one, such as last quarter.",
			Instead: []string{phrase(m.Name) + " last quarter"},
		}
	case p.step() != "" && !p.asked.bounded():
		return invalid("By %s, %s needs a period with a beginning and an end.", p.step(), lowerFirst(m.Label))
	case p.asked.from.After(p.standing.day):
		return invalid("That period has not begun.")
	case p.before.from.After(p.standing.day):
		return invalid("What it is compared with has not begun.")
	default:
		return nil
	}
}

// OfAPeriod reports whether the metric tells what became of how things stood as a
// period began, so that it cannot be asked without one.
func (m *Metric) OfAPeriod() bool {
	return m.formula == nil && (m.facts.snapshots || m.facts.cohort)
}

// StandsAtEnd reports whether the metric tells how things stand at the end of the
// days that are asked about.
func (m *Metric) StandsAtEnd() bool {
	if m.formula != nil {
		return !slices.ContainsFunc(m.inputs, func(in *Metric) bool { return !in.StandsAtEnd() })
	}
	return m.facts.windowed && !m.facts.cohort
}

// isOpen reports whether everybody may be told each single thing that is counted.
func (m *Metric) isOpen() bool { return m.formula == nil && m.facts.open }

// ofNobody reports whether what is counted has no owner, so that no viewer's own
// can be told from that of others.
func (m *Metric) ofNobody() bool {
	if m.formula != nil {
		for _, in := range m.inputs {
			if in.ofNobody() {
				return true
			}
		}
		return false
	}
	_, owned := m.facts.column(ownerColumn.name)
	return !owned
}
