package importer

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"salesbot/insights"
)

// collection holds the records read so far and refuses what contradicts them.
type collection struct {
	stages      shelf[insights.Stage]
	territories shelf[insights.Territory]
	people      shelf[insights.PersonRecord]
	accounts    shelf[insights.Account]
	products    shelf[insights.Product]
	deals       shelf[insights.Opportunity]
	assignments shelf[insights.Assignment]
	history     shelf[insights.Change]
	quotas      shelf[insights.Quota]
	costs       shelf[insights.CostLine]
	overhead    shelf[insights.Overhead]
	leads       shelf[insights.Lead]
	activities  shelf[insights.Activity]
	others      shelf[insights.Record] // of kinds that the store does not take yet
	stored      []insights.Stage       // known before, and no part of the batch
	emails      map[string]owner       // by lower-case address
}

func newCollection(listed []listedStage, stored []insights.Stage) *collection {
	c := &collection{
		stages:      newShelf[insights.Stage](KindStage),
		territories: newShelf[insights.Territory](KindTerritory),
		people:      newShelf[insights.PersonRecord](KindPerson),
		accounts:    newShelf[insights.Account](KindAccount),
		products:    newShelf[insights.Product](KindProduct),
		deals:       newShelf[insights.Opportunity](KindOpportunity),
		assignments: newShelf[insights.Assignment](KindAssignment),
		history:     newShelf[insights.Change](KindChange),
		quotas:      newShelf[insights.Quota](KindQuota),
		costs:       newShelf[insights.CostLine](KindCostLine),
		overhead:    newShelf[insights.Overhead](KindOverhead),
		leads:       newShelf[insights.Lead](KindLead),
		activities:  newShelf[insights.Activity](KindActivity),
		others:      newShelf[insights.Record](""),
		stored:      stored,
		emails:      map[string]owner{},
	}
	for _, stage := range listed {
		c.stages.put(item[insights.Stage]{key: stageKey(stage.Name), name: stage.Name, place: stage.place, record: stage.Stage})
	}
	return c
}

// knowStages reports whether deals can be checked against the stages at all.
func (c *collection) knowStages() bool { return len(c.stages.list)+len(c.stored) > 0 }

// stageNames lists the stages known, those read before those stored.
func (c *collection) stageNames() []string {
	var names []string
	for _, stage := range slices.Concat(c.stages.list, c.stored) {
		if !slices.Contains(names, stage.Name) {
			names = append(names, stage.Name)
		}
	}
	return names
}

// outcome says what a stage means. Its name must be written exactly as it is
// known.
func (c *collection) outcome(name string) (insights.Outcome, bool) {
	if at, found := c.stages.index[stageKey(name)]; found && c.stages.list[at].Name == name {
		return c.stages.list[at].Outcome, true
	}
	at := slices.IndexFunc(c.stored, func(s insights.Stage) bool { return s.Name == name })
	if at < 0 {
		return "", false
	}
	return c.stored[at].Outcome, true
}

// stageKey is what makes a stage the same stage: the store ignores its case.
func stageKey(name string) string { return strings.ToLower(name) }

// shelf holds the records of one kind in the order they were read.
type shelf[T any] struct {
	kind  string
	list  []T
	slots []slot
	index map[string]int
}

// slot says where a record came from.
type slot struct {
	name  string // its key as it is written
	rule  *rule  // nil: listed in the mapping
	place insights.Place
}

func newShelf[T any](kind string) shelf[T] {
	return shelf[T]{kind: kind, index: map[string]int{}}
}

// item is a record on its way to a shelf.
type item[T any] struct {
	key    string // what makes it the same record
	name   string // the key as it is written
	column string // the column the key is from
	rule   *rule
	place  insights.Place
	record T
}

// staged is an item together with its shelf: all records of a row are checked
// before the first is put, so that a rejected row leaves nothing behind.
type staged interface {
	clash() *fault
	put() bool
}

type staging[T any] struct {
	shelf *shelf[T]
	item  item[T]
}

func (s staging[T]) clash() *fault { return s.shelf.clash(s.item) }
func (s staging[T]) put() bool     { return s.shelf.put(s.item) }

// personStaging also keeps an e-mail address to one person, because it is how
// somebody in Slack is recognised.
type personStaging struct {
	staging[insights.PersonRecord]
	emails map[string]owner
	column string // the column the address is from
}

// owner is the person an address belongs to.
type owner struct {
	key   string
	place insights.Place
}

func (s personStaging) clash() *fault {
	email := s.item.record.Email
	held, taken := s.emails[strings.ToLower(email)]
	if !taken || held.key == s.item.key {
		return s.staging.clash()
	}
	return &fault{
		column: s.column,
		value:  email,
		reason: fmt.Sprintf("is the e-mail address of %s already (%s line %d)", held.key, held.place.File, held.place.Line),
		group:  "is the e-mail address of somebody else already",
	}
}

func (s personStaging) put() bool {
	if email := s.item.record.Email; email != "" {
		s.emails[strings.ToLower(email)] = owner{key: s.item.key, place: s.item.place}
	}
	return s.staging.put()
}

// clash says why the item contradicts what is on the shelf. Two rows read by
// one rule must be equal. Records made by different rules, such as a person
// named as somebody's manager and listed in a line of their own, may each leave
// blank what the other knows.
func (s *shelf[T]) clash(it item[T]) *fault {
	at, found := s.index[it.key]
	if !found {
		return nil
	}
	held, slot := s.list[at], s.slots[at]
	if slot.rule == it.rule && reflect.DeepEqual(held, it.record) {
		return nil
	}
	if slot.rule != it.rule && merge(&held, it.record) {
		return nil
	}
	return &fault{
		column: it.column,
		value:  it.name,
		reason: fmt.Sprintf("is a duplicate of %s, with different content; the first is kept", slot),
		group:  "is a duplicate of an earlier row, with different content; the first is kept",
	}
}

// put adds the item, or fills the blanks of the one it repeats. It reports
// whether the shelf has changed.
func (s *shelf[T]) put(it item[T]) bool {
	at, found := s.index[it.key]
	if !found {
		s.index[it.key] = len(s.list)
		s.list = append(s.list, it.record)
		s.slots = append(s.slots, slot{name: it.name, rule: it.rule, place: it.place})
		return true
	}
	before := s.list[at]
	merge(&s.list[at], it.record)
	return !reflect.DeepEqual(before, s.list[at])
}

func (s *shelf[T]) places(at map[insights.RecordKey]insights.Place) {
	for _, slot := range s.slots {
		at[insights.RecordKey{Kind: insights.Kind(s.kind), Key: slot.name}] = slot.place
	}
}

func (s slot) String() string {
	return fmt.Sprintf("%s line %d", s.place.File, s.place.Line)
}

// merge fills the blank fields of a with those of b, and reports whether the
// two agree where both say something.
func merge[T any](a *T, b T) bool {
	into, from := reflect.ValueOf(a).Elem(), reflect.ValueOf(b)
	if into.Kind() == reflect.Interface {
		return reflect.DeepEqual(*a, b) // a record that nothing is merged into yet
	}
	agree := true
	for i := range into.NumField() {
		old, new := into.Field(i), from.Field(i)
		switch {
		case new.IsZero():
		case old.IsZero():
			old.Set(new)
		case !reflect.DeepEqual(old.Interface(), new.Interface()):
			agree = false
		}
	}
	return agree
}

func (c *collection) batch() insights.Batch {
	b := insights.Batch{
		Stages: c.stages.list, Territories: c.territories.list, People: c.people.list,
		Accounts: c.accounts.list, Products: c.products.list, Deals: c.deals.list,
		Assignments: c.assignments.list, History: c.history.list, Quotas: c.quotas.list,
		Costs: c.costs.list, Overhead: c.overhead.list, Leads: c.leads.list, Activities: c.activities.list,
		At: map[insights.RecordKey]insights.Place{},
	}
	for _, s := range []interface {
		places(map[insights.RecordKey]insights.Place)
	}{
		&c.stages, &c.territories, &c.people, &c.accounts, &c.products, &c.deals,
		&c.assignments, &c.history, &c.quotas, &c.costs, &c.overhead, &c.leads, &c.activities,
	} {
		s.places(b.At)
	}
	return b
}
