package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A reference may hold another attribute of a record than its key: deals by the
// owner's e-mail address while people are keyed by an id. Such attributes are
// looked up among the records of the files read. Those stand in any order, and
// may even be the file that refers to them, so the files that hold them are
// read twice: once for what they call their records, once for the records.

// attribute is what one kind of record can be found by.
type attribute struct{ kind, field string }

// lookups holds, for each attribute that is looked up, the keys of the records
// that have a value of it.
type lookups map[attribute]keysByValue

type keysByValue map[string][]string

// lookupsOf collects the attributes by which the mapping's files refer to each
// other.
func (r *reading) lookupsOf(ctx context.Context) error {
	r.lookups = lookups{}
	for _, s := range r.sources {
		for _, rule := range s.mapping.rules {
			for name, f := range rule.fields {
				if f.lookup != "" {
					r.lookups[attribute{rule.kind.refers[name], f.lookup}] = keysByValue{}
				}
			}
		}
	}
	for _, s := range r.sources {
		if !s.isLookedUp(r.lookups) {
			continue
		}
		if err := r.collect(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) isLookedUp(all lookups) bool {
	for wanted := range all {
		if s.feeds(wanted.kind) {
			return true
		}
	}
	return false
}

// collect notes what the file calls its records. Rows that cannot be used are
// left for the second reading to reject.
func (r *reading) collect(ctx context.Context, s *source) error {
	_, err := s.each(ctx, r.opt.Progress, func(rec record) {
		rec.trimTo(len(s.sample.header))
		if s.check(&rec) != nil {
			return
		}
		c := r.cursor(s, rec)
		for _, c.bound = range s.rules {
			for wanted, found := range r.lookups {
				if wanted.kind == c.bound.rule.kind.name {
					found.note(wanted.field, c)
				}
			}
		}
	})
	return err
}

// note adds the record of the cursor's row under its attribute.
func (found keysByValue) note(field string, c *cursor) {
	key, value := c.text("key"), c.text(field)
	if field == "name" {
		value = c.name()
	}
	value = lookupValue(field, value)
	if key == "" || value == "" || slices.Contains(found[value], key) {
		return
	}
	found[value] = append(found[value], key)
}

// lookupValue is what makes two values of an attribute the same: addresses are
// so in any case, names as they are written.
func lookupValue(field, value string) string {
	if field == "email" {
		return strings.ToLower(value)
	}
	return value
}

// reference reads the key of another record, looking it up if the field holds
// something else.
func (c *cursor) reference(name string) string {
	text, column := c.raw(name)
	f := c.bound.fields[name]
	if text == "" || f.lookup == "" {
		return text
	}
	kind := c.bound.rule.kind.refers[name]
	keys := c.lookups[attribute{kind, f.lookup}][lookupValue(f.lookup, text)]
	if len(keys) == 1 {
		return keys[0]
	}
	what := lookupWords[f.lookup]
	if len(keys) == 0 {
		c.refuse(column, text, fmt.Sprintf("is the %s of no %s in these files", what, kind))
		return ""
	}
	several := fmt.Sprintf("is the %s of more than one %s in these files", what, kind)
	c.refuseAs(several, column, text, several+": "+strings.Join(keys, ", "))
	return ""
}

// lookupWords are the attributes that can be looked up, as people call them.
var lookupWords = map[string]string{"email": "e-mail address", "name": "name"}
