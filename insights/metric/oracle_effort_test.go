package metric_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// What the metrics mean that count contacts with customers, and leads.

// lead is an inquiry. It became a deal, the first being 1, or none; the zero
// moments are unknown.
type lead struct {
	owner, became                int
	source, status               string
	created, answered, converted time.Time
}

func init() {
	of := []string{"person", "manager", "territory", "account", "industry", "segment", "country", "activity_kind"}
	contacts := func(only func(o *oracle, d deal) bool) measure {
		return measure{unit: metric.UnitCount, facts: (*oracle).activities, dims: of, only: only, loaded: haveContacts, unranked: true}
	}
	kind := func(name string) func(*oracle, deal) bool {
		return func(_ *oracle, d deal) bool { return d.talk.kind == name }
	}
	bothWays := func(_ *oracle, d deal) bool { return d.talk.twoWay }
	measures["activity_count"] = contacts(nil)
	measures["two_way_count"] = contacts(bothWays)
	measures["call_count"], measures["meeting_count"], measures["email_count"] = contacts(kind("call")), contacts(kind("meeting")), contacts(kind("email"))
	touched := contacts(bothWays)
	touched.distinct = func(d deal) int { return d.account }
	measures["accounts_touched"] = touched
	measures["touches_per_open_deal"] = measure{
		unit: metric.UnitCount, counts: "open", asIs: true, stock: true, combine: mean, mean: true, number: touches, loaded: haveContacts,
	}

	of = []string{"person", "manager", "territory", "source", "lead_status"}
	inquiries := func(only func(o *oracle, d deal) bool) measure {
		return measure{unit: metric.UnitCount, facts: (*oracle).inquiries, dims: of, only: only, loaded: haveLeads}
	}
	share := func(state func(o *oracle, l *lead) string) (among, all, rate measure) {
		is := func(words ...string) func(*oracle, deal) bool {
			return func(o *oracle, d deal) bool { return slices.Contains(words, state(o, d.lead)) }
		}
		among, all, rate = inquiries(is("yes")), inquiries(is("yes", "no")), inquiries(is("yes", "no"))
		rate.unit, rate.among, rate.minFacts = metric.UnitRatio, is("yes"), 3
		for _, m := range []*measure{&among, &all, &rate} {
			m.young = is("young")
		}
		return among, all, rate
	}
	measures["lead_count"] = inquiries(nil)
	measures["unanswered_lead_count"] = inquiries(func(_ *oracle, d deal) bool { return d.lead.answered.IsZero() })
	measures["answered_in_time_count"], measures["sla_lead_count"], measures["lead_sla_share"] = share(answeredInADay)
	measures["converted_lead_count"], measures["grown_lead_count"], measures["lead_conversion"] = share(convertedIn(30))
	measures["converted_lead_count_90"], measures["grown_lead_count_90"], measures["lead_conversion_90"] = share(convertedIn(90))
	waits := func(until func(o *oracle, from, to time.Time) *big.Rat, at func(n int) []int) measure {
		m := inquiries(nil)
		m.unit, m.waits, m.at = metric.UnitHours, until, at
		return m
	}
	half := func(n int) []int { return []int{(n - 1) / 2, n / 2} }
	nineInTen := func(n int) []int { return []int{(9*n+9)/10 - 1} }
	measures["lead_response_time"], measures["lead_response_time_p90"] = waits(allHours, half), waits(allHours, nineInTen)
	measures["lead_response_time_working"], measures["lead_response_time_working_p90"] = waits(workingHours, half), waits(workingHours, nineInTen)
}

// activities are the contacts, as if they were deals of the day of each. Of a deal
// that was not there yet, nobody knew the account.
func (o *oracle) activities() []deal {
	var out []deal
	talk := func(c contact, account int) {
		if o.instant.IsZero() || !c.at.After(o.instant) {
			out = append(out, deal{owner: c.by, account: account, closed: o.dayOf(c.at), stage: 1, talk: &c})
		}
	}
	for _, d := range o.deals {
		if d.absent {
			d.account = 0
		}
		for _, c := range d.contacts {
			talk(c, d.account)
		}
	}
	for _, c := range o.talks {
		talk(c, c.account)
	}
	return out
}

// inquiries are the leads, as if they were deals of the day each came in, with
// what was known of them at the instant.
func (o *oracle) inquiries() []deal {
	var out []deal
	for _, l := range o.leads {
		if known := o.instant; !known.IsZero() {
			if l.created.After(known) {
				continue
			}
			if l.answered.After(known) {
				l.answered = time.Time{}
			}
			if l.converted.After(known) {
				l.converted, l.became = time.Time{}, 0
			}
		}
		out = append(out, deal{owner: l.owner, source: l.source, closed: o.dayOf(l.created), stage: 1, lead: &l})
	}
	return out
}

// becameOf is the deal that a lead became, if there is one of that number.
func (w *world) becameOf(l lead) int {
	if l.became > len(w.deals) {
		return 0
	}
	return l.became
}

// moment is the one asked about.
func (o *oracle) moment() time.Time {
	if !o.instant.IsZero() {
		return o.instant
	}
	y, m, d := o.today.time().Date()
	return time.Date(y, m, d, 23, 59, 0, 0, o.co.Zone)
}

func answeredInADay(o *oracle, l *lead) string {
	until := l.created.Add(24 * time.Hour)
	switch {
	case !l.answered.IsZero() && !l.answered.After(until):
		return "yes"
	case l.answered.IsZero() && until.After(o.moment()):
		return "young"
	default:
		return "no"
	}
}

func convertedIn(days day) func(o *oracle, l *lead) string {
	return func(o *oracle, l *lead) string {
		on, became := o.dayOf(l.created), noDay
		switch {
		case !l.converted.IsZero():
			became = o.dayOf(l.converted)
		case o.becameOf(*l) > 0 && !o.deals[l.became-1].absent:
			became = o.deals[l.became-1].created
		}
		switch {
		case on+days > o.today:
			return "young"
		case became != noDay && became <= on+days:
			return "yes"
		default:
			return "no"
		}
	}
}

func allHours(_ *oracle, from, to time.Time) *big.Rat {
	return big.NewRat(max(0, to.Sub(from).Microseconds()), 1_000_000)
}

// workingHours walks from day to day.
func workingHours(o *oracle, from, to time.Time) *big.Rat {
	sum := new(big.Rat)
	for on := o.dayOf(from); on <= o.dayOf(to); on++ {
		y, m, d := on.time().Date()
		begins, ends := time.Date(y, m, d, 0, 0, 0, 0, o.co.Zone), time.Date(y, m, d+1, 0, 0, 0, 0, o.co.Zone)
		if from.After(begins) {
			begins = from
		}
		if to.Before(ends) {
			ends = to
		}
		if o.co.IsWorkingDay(on.time()) {
			sum.Add(sum, allHours(o, begins, ends))
		}
	}
	return sum
}

// touches counts the contacts both ways of thirty days up to today.
func touches(o *oracle, d deal) int64 {
	n := int64(0)
	for _, c := range d.contacts {
		if on := o.dayOf(c.at); c.twoWay && on > o.today-30 && on <= o.today {
			n++
		}
	}
	return n
}

// waited is the middle, or what nine in ten reach, of the times until leads were
// answered. Those that were not come after all others; where the value is one of
// theirs, it is only known to be at least that of as many times so far.
func (o *oracle) waited(leads []deal) quantity {
	type wait struct {
		over bool
		long *big.Rat
	}
	var waits []wait
	answered, m := 0, o.measure()
	for _, d := range leads {
		w := wait{over: !d.lead.answered.IsZero(), long: m.waits(o, d.lead.created, o.moment())}
		if w.over {
			answered++
			w.long = m.waits(o, d.lead.created, d.lead.answered)
		}
		waits = append(waits, w)
	}
	q := quantity{n: len(leads), known: [2]int{answered, len(leads)}, reason: metric.ReasonNoRows}
	counts := fmt.Sprintf("known %d of %d", answered, len(leads))
	if len(leads) > 0 && m.loaded(o.world.whole()) {
		mean := func() (over bool, hours *big.Rat) {
			over, hours = true, new(big.Rat)
			at := m.at(len(waits))
			for _, i := range at {
				over = over && waits[i].over
				hours.Add(hours, waits[i].long)
			}
			return over, hours.Quo(hours, big.NewRat(int64(3600*len(at)), 1))
		}
		byLength := func(a, b wait) int { return a.long.Cmp(b.long) }
		slices.SortFunc(waits, func(a, b wait) int {
			if a.over != b.over {
				return map[bool]int{true: -1, false: 1}[a.over]
			}
			return byLength(a, b)
		})
		over, hours := mean()
		q.value, q.reason = hours, ""
		if !over {
			slices.SortFunc(waits, byLength)
			_, hours = mean()
			counts += ", longer than " + hours.RatString()
			q.value, q.reason = nil, metric.ReasonLonger
		}
	}
	if !m.loaded(o.world.whole()) {
		q.reason = metric.ReasonNotLoaded
	}
	q.words = words(q.value, "", counts, q.reason)
	return q
}

// counting is the quantity of facts that are counted, or of what they refer to,
// or of some among them.
func (o *oracle) counting(facts []deal) quantity {
	m := o.measure()
	if m.placed {
		facts = eachAccountOnce(facts)
	}
	q, counts := quantity{n: len(facts)}, ""
	switch {
	case m.among != nil:
		k := len(slices.DeleteFunc(slices.Clone(facts), func(d deal) bool { return !m.among(o, d) }))
		counts, q.reason, q.few = fmt.Sprintf("%d of %d", k, q.n), metric.ReasonNoRows, q.n < m.minFacts
		if q.n > 0 {
			q.value = big.NewRat(int64(k), int64(q.n))
		}
	case m.distinct != nil:
		found := map[int]bool{}
		for _, d := range facts {
			found[m.distinct(d)] = true
		}
		delete(found, 0)
		q.value = big.NewRat(int64(len(found)), 1)
	default:
		q.value = big.NewRat(int64(q.n), 1)
	}
	if !m.loaded(o.world.whole()) {
		q.value, q.reason = nil, metric.ReasonNotLoaded
	}
	q.words = words(q.value, "", counts, q.reason)
	return q
}

// tooYoung counts the facts of which it is too early to tell.
func (o *oracle) tooYoung(from, till day) int {
	m := o.measure()
	return len(slices.DeleteFunc(o.within(from, till), func(d deal) bool { return !m.young(o, d) }))
}

func haveLeads(w *world) bool { return len(w.leads) > 0 }

func drawContact(t *rapid.T) contact {
	return contact{
		at: drawMoment(t, "contact"), twoWay: rapid.IntRange(0, 2).Draw(t, "two way") > 0, by: rapid.IntRange(0, 4).Draw(t, "by"),
		kind: rapid.SampledFrom([]string{"call", "email", "meeting", "demo"}).Draw(t, "kind of contact"),
	}
}

func drawMoment(t *rapid.T, label string) time.Time {
	return day(0).time().Add(time.Duration(rapid.IntRange(24*60, 24*60*lastDay).Draw(t, label)) * time.Minute)
}

// drawLead draws leads of which most are answered within days, and some became
// one of the deals.
func drawLead(deals int) *rapid.Generator[lead] {
	return rapid.Custom(func(t *rapid.T) lead {
		l := lead{
			owner: rapid.IntRange(0, 4).Draw(t, "owner"), source: rapid.SampledFrom([]string{"", "web", "Web", "fair"}).Draw(t, "source"),
			status:  rapid.SampledFrom([]string{"new", "working", "qualified", "disqualified"}).Draw(t, "status"),
			created: drawMoment(t, "created"), became: rapid.IntRange(0, deals).Draw(t, "became"),
		}
		if rapid.IntRange(0, 3).Draw(t, "answered") > 0 {
			l.answered = l.created.Add(time.Duration(rapid.IntRange(-60, 8*24*60).Draw(t, "minutes until the answer")) * time.Minute)
		}
		if rapid.Bool().Draw(t, "converted") {
			l.converted = l.created.Add(time.Duration(rapid.IntRange(0, 120*24).Draw(t, "hours until it was converted")) * time.Hour)
		}
		return l
	})
}

// byDay reports whether what is listed has no amount: leads, activities and people
// with quotas.
func (l lister) byDay() bool {
	m := l.measure()
	return m.facts != nil && m.combine == nil && !m.placed && !m.open
}

// checkByDay compares all rows of such a list with the facts, which come in the
// order of their days, and its figure with the rows.
func (l lister) checkByDay(t *rapid.T, tx *sqlx.Tx, catalog *metric.Catalog, now time.Time, mine []deal) {
	q := l.q
	q.Limit = metric.MostDealsListed
	plan, err := catalog.Compile(q, l.who, l.co, now)
	if code := codeOf(t, err); code != l.refusal() {
		t.Fatalf("refused as %q, not %q: %v\n%+v", code, l.refusal(), err, q)
	}
	if err != nil {
		return
	}
	list, err := tryReadIn(tx, plan)
	if err != nil {
		if code := codeOf(t, err); code != metric.CodeNotAvailable {
			t.Fatal(err)
		}
		return // the period cuts through quotas
	}
	var want, got []string
	for _, d := range mine {
		want = append(want, l.lineByDay(d))
	}
	at := slices.IndexFunc(list.Columns, func(c metric.Column) bool { return strings.HasSuffix(c.Name, "_on") })
	var days []string
	for _, row := range list.Rows {
		days = append(days, row[at].Text)
		got = append(got, saidByDay(row))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" || list.Total != len(want) {
		t.Fatalf("%d in all (-want +got)\n%s\n%+v", list.Total, diff, q)
	}
	if q.Order != metric.Earliest {
		slices.Reverse(days)
	}
	if !slices.IsSorted(days) {
		t.Fatalf("out of order: %v\n%+v", days, q)
	}
	l.checkCounted(t, list)
	l.checkFigure(t, tx, catalog, now, list)
}

// checkCounted compares the figure of a list with its rows, where it counts them.
func (l lister) checkCounted(t *rapid.T, list metric.Result) {
	f, n := list.Figures[0], int64(len(list.Rows))
	switch m := l.measure(); {
	case f.Reason == metric.ReasonNotLoaded:
	case f.N != nil && (*f.K != among(list.Rows) || *f.N != n):
		t.Fatalf("%d of %d, by the rows %d of %d\n%+v", *f.K, *f.N, among(list.Rows), n, l.q)
	case f.N == nil && m.waits == nil && m.distinct == nil && f.Value.Cmp(big.NewRat(n, 1)) != 0:
		t.Fatalf("%s, by the rows %d\n%+v", f.Value.RatString(), n, l.q)
	}
}

// lineByDay writes a lead, an activity or a person with quotas as its row is
// written: what describes it, its day, what is told of it beside, and whether it is
// among those that a rate counts.
func (l lister) lineByDay(d deal) string {
	name := func(by string) string {
		if id, _, text := l.of(d, by); id != 0 {
			return text
		}
		return metric.None
	}
	words := func(text string) string { return cmp.Or(text, metric.None) }
	var cells []string
	switch {
	case d.lead != nil:
		cells = append(cells, words(d.source), d.lead.status, name("person"), l.clock(d).String())
		waits := []func(*oracle, time.Time, time.Time) *big.Rat{allHours}
		if m := l.measure(); m.waits != nil && (l.q.Metric == "lead_response_time_working" || l.q.Metric == "lead_response_time_working_p90") {
			waits = append([]func(*oracle, time.Time, time.Time) *big.Rat{m.waits}, waits...)
		}
		for _, until := range waits {
			hours := func(to time.Time) string {
				return new(big.Rat).Quo(until(l.oracle, d.lead.created, to), big.NewRat(3600, 1)).RatString()
			}
			if d.lead.answered.IsZero() {
				cells = append(cells, "longer than "+hours(l.moment()))
			} else {
				cells = append(cells, hours(d.lead.answered))
			}
		}
	case d.talk != nil:
		cells = append(cells, d.talk.kind, name("account"), name("person"), l.clock(d).String())
	default:
		cells = append(cells, name("person"), l.clock(d).String())
	}
	if m := l.measure(); m.among != nil {
		cells = append(cells, map[bool]string{true: "yes", false: "no"}[m.among(l.oracle, d)])
	}
	return strings.Join(cells, " / ")
}

// saidByDay writes a row without its name and id.
func saidByDay(row []metric.Cell) string {
	var cells []string
	for _, c := range row[1 : len(row)-1] {
		switch {
		case c.Quantity == nil:
			cells = append(cells, c.Text)
		case c.Quantity.Value != nil:
			cells = append(cells, c.Quantity.Value.RatString())
		default:
			cells = append(cells, "longer than "+c.Quantity.Longer.RatString())
		}
	}
	return strings.Join(cells, " / ")
}
