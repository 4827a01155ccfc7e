package store_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// A world is what is believed of all deals: the times of each field of each.
type world map[string]deal

type deal struct {
	fields    map[string][]spell
	takenBack bool
}

// A spell is a value and when it began; the zero time is since ever.
type spell struct {
	from  time.Time
	value string
}

func (w world) clone() world {
	c := make(world, len(w))
	for key, d := range w {
		fields := make(map[string][]spell, len(d.fields))
		for field, spells := range d.fields {
			fields[field] = slices.Clone(spells)
		}
		c[key] = deal{fields, d.takenBack}
	}
	return c
}

func (d deal) at(t time.Time) map[string]string {
	values := map[string]string{}
	for field, spells := range d.fields {
		for _, s := range spells {
			if s.from.After(t) {
				break
			}
			if values[field] = s.value; s.value == "" {
				delete(values, field)
			}
		}
	}
	return values
}

// learn is the world after an import of deals and changes.
func (w world) learn(taken time.Time, deals []insights.Opportunity, changes []insights.Change) world {
	next := w.clone()
	told := entries(changes)
	for _, o := range deals {
		known := next[o.Key]
		values := valuesOf(o)
		if o.Deleted == nil && known.fields != nil && !known.takenBack {
			values["deleted"] = last(known.fields["deleted"]).value
		}
		if known.fields == nil || known.takenBack {
			known = deal{fields: map[string][]spell{}}
			for field, value := range values {
				known.fields[field] = []spell{{value: value}}
			}
			next[o.Key] = known
		}
		for field, value := range values {
			known.fields[field] = lead(known.fields[field], told[o.Key+" "+field], o.ChangedAt, taken, value)
		}
	}
	for key, d := range next {
		if slices.ContainsFunc(deals, func(o insights.Opportunity) bool { return o.Key == key }) {
			continue
		}
		for field, spells := range d.fields {
			d.fields[field] = lead(spells, told[key+" "+field], time.Time{}, taken, last(spells).value)
		}
	}
	return next
}

type entry struct {
	at       time.Time
	old, new string
}

// entries are the changes by deal and field.
func entries(changes []insights.Change) map[string][]entry {
	told := map[string][]entry{}
	for _, c := range changes {
		e := entry{c.At, c.Old, c.New}
		if c.Field == insights.ChangeAmount {
			e = entry{c.At, inCurrency(c.Old, c.Currency), inCurrency(c.New, c.Currency)}
		}
		key := c.Opportunity + " " + string(c.Field)
		told[key] = append(told[key], e)
	}
	for _, list := range told {
		slices.SortStableFunc(list, func(x, y entry) int { return x.at.Compare(y.at) })
	}
	return told
}

func inCurrency(amount, currency string) string {
	if amount == "" {
		return ""
	}
	return amount + " " + currency
}

// lead is what is believed of a field that was told of, and is value now.
func lead(before []spell, told []entry, changed, taken time.Time, value string) []spell {
	past := before
	if len(told) > 0 {
		past = retell(before, told)
	}
	end := last(past)
	if end.value == value {
		return past
	}
	known, least := end.from, end.from
	if len(told) > 0 {
		known = latest(known, last(told).at)
		least = known.Add(time.Microsecond)
	}
	at := taken
	if !changed.IsZero() && !changed.After(taken) && changed.After(known) {
		at = changed
	}
	if at.Before(least) {
		at = least
	}
	return append(past, spell{at, value})
}

func retell(known []spell, told []entry) []spell {
	from, to := told[0].at, told[len(told)-1].at
	var before, after []spell
	for _, s := range known[1:] {
		switch {
		case s.from.Before(from):
			before = append(before, s)
		case s.from.After(to):
			after = append(after, s)
		}
	}
	past := []spell{{value: told[0].old}}
	if len(before) > 0 {
		past = append([]spell{known[0]}, before...)
	}
	step := func(s spell) {
		if last(past).value != s.value {
			past = append(past, s)
		}
	}
	for _, e := range told {
		if e.old != "" {
			step(spell{e.at, e.old})
		}
		step(spell{e.at, e.new})
	}
	for _, s := range after {
		step(s)
	}
	return past
}

// undo is the world after taking back the import that led from before to w.
func (w world) undo(before world) world {
	next := before.clone()
	for key, d := range w.clone() {
		if _, known := before[key]; !known {
			d.fields["deleted"], d.takenBack = []spell{{value: "true"}}, true
			next[key] = d
		}
	}
	return next
}

func last[T any](list []T) T { return list[len(list)-1] }

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func valuesOf(o insights.Opportunity) map[string]string {
	values := map[string]string{
		"name": o.Name, "account": o.Account, "product": o.Product, "owner": o.Owner, "stage": o.Stage,
		"amount":     "",
		"created_on": dayOf(o.CreatedOn), "engaged_on": dayOf(o.EngagedOn), "close_on": dayOf(o.CloseOn),
		"loss_reason": o.LossReason, "competitor": o.Competitor, "forecast_category": string(o.Category),
		"next_step": o.NextStep, "source": o.Source, "kind": o.Kind, "deleted": "false",
	}
	if o.Amount != nil {
		values["amount"] = inCurrency(amountOf(o), o.Amount.Currency)
	}
	if o.Deleted != nil {
		values["deleted"] = strconv.FormatBool(*o.Deleted)
	}
	return values
}

// historian plays imports against a store and against what a plain model says.
type historian struct {
	rt     *rapid.T
	t      *testing.T
	s      *store.Store
	worlds []world // by revision
	prefix string  // of the keys of deals, so that each run has its own
	base   int64   // the revision before the first
}

func TestTheLogRebuildsTheDealsOfAnyInstantAtAnyRevision(t *testing.T) {
	dsn := storetest.DSN(t)
	s := openAt(t, dsn)
	apply(t, s, acme())
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		revision, _, err := s.Head(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		h := &historian{rt: rt, t: t, s: s, worlds: []world{{}}, prefix: fmt.Sprintf("run%d-", run), base: revision}
		for range rapid.IntRange(1, 6).Draw(rt, "imports") {
			if len(h.worlds) > 1 && rapid.IntRange(0, 3).Draw(rt, "undo") == 0 {
				h.undo()
			} else {
				h.load()
			}
		}
		h.check()
	})
}

func (h *historian) world() world { return h.worlds[len(h.worlds)-1] }

func (h *historian) load() {
	taken := noon.Add(time.Duration(rapid.IntRange(-5, 5).Draw(h.rt, "taken")) * 24 * time.Hour)
	var deals []insights.Opportunity
	for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"D1", "D2", "D3"}), rapid.ID[string]).Draw(h.rt, "keys") {
		deals = append(deals, someDeal(h.prefix+key).Draw(h.rt, key))
	}
	changes := h.someHistory(deals)
	next := h.world().learn(taken, deals, changes)
	b := batch{TakenAt: taken, Deals: deals, History: changes}
	got, err := b.apply(h.t.Context(), h.s, store.ImportOptions{Actor: "rapid", Now: noon.AddDate(0, 0, 30)})
	if err != nil {
		h.rt.Fatal(err)
	}
	if len(got.Rejects) > 0 {
		h.rt.Fatalf("rejected %+v", got.Rejects)
	}
	if same := gocmp.Equal(h.world(), next, gocmp.AllowUnexported(deal{}, spell{})); got.Same() != same {
		h.rt.Fatalf("the import changed nothing: %v, want %v: %+v", got.Same(), same, got)
	}
	if !got.Same() {
		h.worlds = append(h.worlds, next)
	}
}

func (h *historian) undo() {
	revision := h.base + int64(len(h.worlds)) - 1
	if _, err := h.s.UndoImport(h.t.Context(), revision, store.UndoOptions{Actor: "rapid", Now: noon}); err != nil {
		h.rt.Fatal(err)
	}
	h.worlds = append(h.worlds, h.world().undo(h.worlds[len(h.worlds)-2]))
}

// check compares the store with the model: at an instant, as it was known at
// each revision, which later ones must have left as it was.
func (h *historian) check() {
	head := h.base + int64(len(h.worlds)) - 1
	instant := noon.Add(time.Duration(rapid.IntRange(-12*24, 8*24).Draw(h.rt, "instant")) * time.Hour)
	for i := range h.worlds {
		h.compare(instant, h.base+int64(i))
	}
	revision := rapid.Int64Range(h.base, head).Draw(h.rt, "revision")
	for _, differing := range []string{
		"(table opportunity except select * from opportunity_replayed('infinity', %[2]d))",
		"(select * from opportunity_replayed('infinity', %[2]d) except table opportunity)",
		"(select * from opportunity_at('%[1]s', %[2]d) except select * from opportunity_replayed('%[1]s', %[2]d))",
		"(select * from opportunity_replayed('%[1]s', %[2]d) except select * from opportunity_at('%[1]s', %[2]d))",
		"(select * from opportunity_at('%[1]s', %[3]d) except select * from opportunity_replayed('%[1]s', %[3]d))",
		"(select * from opportunity_replayed('%[1]s', %[3]d) except select * from opportunity_at('%[1]s', %[3]d))",
	} {
		query := fmt.Sprintf(differing, instant.Format(time.RFC3339), head, revision)
		if got := column(h.t, h.s, "select differing::text from "+query+" differing"); len(got) > 0 {
			h.rt.Fatalf("%s: %v", query, got)
		}
	}
}

func (h *historian) compare(instant time.Time, revision int64) {
	want := map[string]map[string]string{}
	for key, d := range h.worlds[revision-h.base] {
		want[key] = d.at(instant)
	}
	got := map[string]map[string]string{}
	err := h.s.DealsAt(h.t.Context(), instant, revision, func(o insights.Opportunity) error {
		if len(o.Key) > len(h.prefix) && o.Key[:len(h.prefix)] == h.prefix {
			values := valuesOf(o)
			maps.DeleteFunc(values, func(_, value string) bool { return value == "" })
			got[o.Key] = values
		}
		return nil
	})
	if err != nil {
		h.rt.Fatal(err)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		h.rt.Fatalf("at %s, as known at revision %d of %d (-want +got):\n%s", instant, revision, len(h.worlds)-1, diff)
	}
}

// someDeal draws a deal in any state.
func someDeal(key string) *rapid.Generator[insights.Opportunity] {
	return rapid.Custom(func(rt *rapid.T) insights.Opportunity {
		days := rapid.SampledFrom([]time.Time{{}, date("2026-01-01"), date("2026-02-01")})
		o := insights.Opportunity{
			Key:       key,
			Name:      rapid.SampledFrom([]string{"", "Big", "Größe \t\\N"}).Draw(rt, "name"),
			Account:   rapid.SampledFrom([]string{"", "A1", "A2"}).Draw(rt, "account"),
			Product:   rapid.SampledFrom([]string{"", "P1"}).Draw(rt, "product"),
			Owner:     rapid.SampledFrom([]string{"", "bob", "carol"}).Draw(rt, "owner"),
			Stage:     rapid.SampledFrom([]string{"Engaging", "Won", "Lost"}).Draw(rt, "stage"),
			Amount:    rapid.SampledFrom([]*insights.Money{nil, usd(0), usd(1), {Minor: 1, Currency: "EUR"}}).Draw(rt, "amount"),
			CreatedOn: days.Draw(rt, "created"), EngagedOn: days.Draw(rt, "engaged"), CloseOn: days.Draw(rt, "closed"),
			LossReason: rapid.SampledFrom([]string{"", "price"}).Draw(rt, "loss"),
			Category:   rapid.SampledFrom([]insights.ForecastCategory{"", insights.Commit}).Draw(rt, "category"),
			NextStep:   rapid.SampledFrom([]string{"", "call"}).Draw(rt, "step"),
			Kind:       rapid.SampledFrom([]string{"", "renewal"}).Draw(rt, "kind"),
			Deleted:    rapid.SampledFrom([]*bool{nil, nil, new(false), new(true)}).Draw(rt, "deleted"),
		}
		if o.Stage != "Engaging" && o.CloseOn.IsZero() {
			o.CloseOn = date("2026-02-02") // or it would be rejected
		}
		if rapid.Bool().Draw(rt, "dated") {
			o.ChangedAt = noon.Add(time.Duration(rapid.IntRange(-8*24, 8*24).Draw(rt, "changed")) * time.Hour)
		}
		return o
	})
}

// someHistory draws pasts of deals that are told or known, gaps and all.
func (h *historian) someHistory(deals []insights.Opportunity) []insights.Change {
	currency := map[string]string{}
	for key, d := range h.world() {
		_, currency[key], _ = strings.Cut(last(d.fields["amount"]).value, " ")
	}
	for _, o := range deals {
		_, currency[o.Key], _ = strings.Cut(valuesOf(o)["amount"], " ")
	}
	values := map[insights.ChangeField][]string{
		insights.ChangeStage:    {"Engaging", "Won", "Lost"},
		insights.ChangeOwner:    {"", "bob", "carol"},
		insights.ChangeAmount:   {"", "1", "5"},
		insights.ChangeCloseOn:  {"", "2026-01-01", "2026-02-01"},
		insights.ChangeCategory: {"", "commit", "pipeline"},
		insights.ChangeAccount:  {"", "A1", "A2"},
		insights.ChangeNextStep: {"", "call", "write"},
	}
	var changes []insights.Change
	for _, key := range slices.Sorted(maps.Keys(currency)) {
		for _, field := range slices.Sorted(maps.Keys(values)) {
			if rapid.IntRange(0, 3).Draw(h.rt, "told") > 0 {
				continue
			}
			for range rapid.IntRange(1, 4).Draw(h.rt, "changes") {
				c := insights.Change{Opportunity: key, Field: field, At: noon.AddDate(0, 0, rapid.IntRange(-9, 2).Draw(h.rt, "day"))}
				c.New = rapid.SampledFrom(values[field]).Draw(h.rt, "new")
				if rapid.Bool().Draw(h.rt, "stated") {
					c.Old = rapid.SampledFrom(values[field]).Draw(h.rt, "old")
				}
				if field == insights.ChangeAmount {
					c.Currency = cmp.Or(currency[key], "USD")
				}
				changes = append(changes, c)
			}
		}
	}
	seen := map[insights.RecordKey]bool{}
	return slices.DeleteFunc(changes, func(c insights.Change) bool {
		again := seen[c.Named()]
		seen[c.Named()] = true
		return again
	})
}
