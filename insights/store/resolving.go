package store

import (
	"cmp"
	"fmt"
	"strings"

	"salesbot/insights"
)

// reference is a field of one kind's records that names a record of another
// kind (or of the same): by its key, or else by what people call it.
type reference struct {
	field string
	to    insights.Kind
	when  string // SQL over s: only then does the field name one, and whoever uses it checks it; empty: always
}

// checkedReference is a reference that was found to lead somewhere.
type checkedReference struct {
	from insights.Kind
	reference
}

// called are the attributes by which records are known besides their keys, the
// first that fits being meant. An attribute that several share names none.
var called = map[insights.Kind][]attribute{
	insights.KindPerson:  {{"email", "e-mail address"}, {"name", "name"}},
	insights.KindAccount: {{"name", "name"}},
	insights.KindProduct: {{"name", "name"}},
}

type attribute struct{ column, words string }

// resolve puts keys in place of addresses and names.
func (a *application) resolve() error {
	for _, k := range stagedKinds {
		if a.read[k.kind] == 0 || len(called[k.kind]) == 0 {
			continue
		}
		if err := a.recognise(k); err != nil {
			return fmt.Errorf("names of %s: %w", k.kind, err)
		}
	}
	for _, k := range stagedKinds {
		if a.read[k.kind] == 0 {
			continue
		}
		named := 0
		for _, r := range k.refers {
			n, err := a.resolveReference(k, r)
			if err != nil {
				return fmt.Errorf("%s of %s: %w", r.field, k.kind, err)
			}
			named += n
		}
		if named == 0 || len(k.identity) == 0 {
			continue
		}
		if err := a.nameAgain(k); err != nil {
			return err
		}
	}
	return nil
}

// recognise finds out who is meant by records that have no name besides their
// key, as reports have them of owners and accounts. Where the key is known as
// the name or address of another record, they are about that one.
func (a *application) recognise(k *stagedKind) error {
	nameless := "s.name is null"
	if k.kind == insights.KindPerson {
		nameless += " and s.email is null"
	}
	r := reference{field: "key", to: k.kind, when: nameless}
	words := r.words(k)
	unknown, err := a.exec(words.Replace(`
		create temp table wanted on commit drop as
		select distinct s.key as value
		from {table} s
		where {when} and not exists (select from {stored} other where other.external_id = s.key)
		  and not exists (select from {table} other where other.key = s.key and other.name is not null)`))
	if err != nil {
		return err
	}
	if unknown > 0 {
		if _, err := a.resolveNames(k, r, words); err != nil {
			return err
		}
	}
	_, err = a.exec(`drop table wanted`)
	return err
}

// words fills a reference of a kind into SQL.
func (r reference) words(k *stagedKind) *strings.Replacer {
	return strings.NewReplacer("{table}", k.table(), "{field}", r.field, "{staged}", staging(r.to).table(), "{stored}", storedAs(r.to),
		"{when}", cmp.Or(r.when, "true"))
}

// resolveReference looks at every value of the reference that is no key, and
// says in how many records it put a key in its place.
func (a *application) resolveReference(k *stagedKind, r reference) (int, error) {
	named := 0
	if r.to == insights.KindTerritory {
		placed, err := a.placeTerritories(k, r.field)
		if err != nil {
			return 0, err
		}
		named = placed
	}
	words := r.words(k)
	unknown, err := a.exec(words.Replace(`
		create temp table wanted on commit drop as
		select value
		from (select distinct s.{field} as value from {table} s where s.{field} is not null and {when}) every
		where not exists (select from {staged} other where other.key = value)
		  and not exists (select from {stored} other where other.external_id = value)`))
	if err != nil {
		return 0, err
	}
	if unknown == 0 {
		a.checked[checkedReference{k.kind, r}] = a.out[r.to]
	} else {
		found, err := a.resolveNames(k, r, words)
		if err != nil {
			return 0, err
		}
		named += found
	}
	_, err = a.exec(`drop table wanted`)
	return named, err
}

// storedAs is what of a kind is stored and was not taken back, with its key as
// external_id.
func storedAs(kind insights.Kind) string {
	switch kind {
	case insights.KindTerritory:
		return `(select key as external_id from mapped_territory where not taken_back)`
	case insights.KindPerson, insights.KindAccount, insights.KindProduct:
		return `(select * from ` + string(kind) + ` where not taken_back)`
	default:
		return string(kind)
	}
}

func (a *application) resolveNames(k *stagedKind, r reference, words *strings.Replacer) (named int, err error) {
	if _, err := a.exec(`analyze wanted`); err != nil {
		return 0, err
	}
	for _, by := range called[r.to] {
		found, err := a.exec(words.Replace(strings.NewReplacer("{called}", by.column, "{called here}", by.amongStaged(r)).Replace(findNamed)))
		if err != nil {
			return 0, err
		}
		if found > 0 {
			n, err := a.putKeys(k, r, by, words)
			if err != nil {
				return 0, err
			}
			named += n
		}
		if _, err := a.exec(`drop table named`); err != nil {
			return 0, err
		}
	}
	return named, nil
}

// amongStaged is what of a staged record a reference is held against. Without a
// name it is called by its key, but is not what makes out who is meant by one.
func (by attribute) amongStaged(r reference) string {
	if by.column == "name" && r.field != "key" {
		return "coalesce(other.name, other.key)"
	}
	return "other." + by.column
}

// findNamed finds whose address or name a value is, in any case. What is new of
// a record replaces what is stored.
const findNamed = `
	create temp table named on commit drop as
	select value, min(key) as key, count(*) as times, array_to_string((array_agg(key order by key))[1:5], ', ') as keys
	from (
		select value, other.key
		from wanted join {staged} other on lower({called here}) = lower(value)
		union
		select value, other.external_id
		from wanted join {stored} other on lower(other.{called}) = lower(value)
		where not exists (select from {staged} fresh where fresh.key = other.external_id and fresh.{called} is not null)
	) found
	group by value`

// putKeys puts keys in place of names, and rejects those of more than one.
func (a *application) putKeys(k *stagedKind, r reference, by attribute, words *strings.Replacer) (int, error) {
	several := fmt.Sprintf("is the %s of more than one %s", by.words, r.to)
	_, err := a.takeOut(k, words.Replace(`using named where s.{field} = named.value and named.times > 1 and {when}`), refusal{
		field: r.field, reason: because(several+": ") + ` || named.keys || case when named.times > 5 then ', …' else '' end`, group: because(several),
	})
	if err != nil {
		return 0, err
	}
	n, err := a.exec(words.Replace(`
		update {table} s set {field} = named.key from named where s.{field} = named.value and named.times = 1 and {when}`))
	if err != nil {
		return 0, err
	}
	_, err = a.exec(`delete from wanted using named where wanted.value = named.value`)
	return n, err
}

// nameAgain makes the keys anew of what they are made of.
func (a *application) nameAgain(k *stagedKind) error {
	parts := make([]string, len(k.identity))
	for i, column := range k.identity {
		parts[i] = fmt.Sprintf(`coalesce(%s::text, '')`, column)
	}
	_, err := a.exec(fmt.Sprintf(`update %s set key = %s`, k.table(), strings.Join(parts, ` || E'\x1f' || `)))
	return err
}
