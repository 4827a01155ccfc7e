package store

import (
	"fmt"
	"strings"
)

// settleDuplicates leaves one record of every key. Rows that one rule has read
// must be equal, and repeats of them say nothing new. Records of different
// rules are put together, each filling the blanks of those before it.
func (a *application) settleDuplicates() error {
	for _, k := range stagedKinds {
		if a.read[k.kind] < 2 {
			continue
		}
		if err := a.settle(k); err != nil {
			return fmt.Errorf("%s: %w", k.kind, err)
		}
	}
	return nil
}

func (a *application) settle(k *stagedKind) error {
	found, err := a.exec(fmt.Sprintf(`
		create temp table doubled on commit drop as
		select * from %[1]s where key in (select key from %[1]s group by key having count(*) > 1)`, k.table()))
	if err != nil {
		return err
	}
	if found > 0 {
		if err := a.settleDoubled(k); err != nil {
			return err
		}
	}
	_, err = a.exec(`drop table doubled`)
	return err
}

func (a *application) settleDoubled(k *stagedKind) error {
	if _, err := a.exec(`analyze doubled`); err != nil {
		return err
	}
	sql := newDoublingSQL(k)
	if _, err := a.exec(sql.dropRepeats); err != nil {
		return err
	}
	if err := a.rejectDoubled(k, sql.unlikeFirst); err != nil {
		return err
	}
	for {
		before := a.out[k.kind]
		if err := a.rejectDoubled(k, sql.unlikeOthers); err != nil {
			return err
		}
		if a.out[k.kind] == before {
			break
		}
	}
	_, err := a.exec(sql.putTogether)
	return err
}

// rejectDoubled takes out the records that contradict an earlier one.
func (a *application) rejectDoubled(k *stagedKind, contradicting string) error {
	value := `s.` + k.named
	if k.named == "" || k.named == "key" {
		value = `replace(s.key, E'\x1f', ' ')`
	}
	_, err := a.takeOut(k, `using clash, input_file f where s.ord = clash.ord and f.id = clash.first_file`, refusal{
		field: k.named, value: value,
		reason: `'is a duplicate of ' || f.name || ' line ' || clash.first_line || ', with different content; the first is kept'`,
		group:  `'is a duplicate of an earlier row, with different content; the first is kept'`,
		with:   `clash as (` + contradicting + `), undoubled as (delete from doubled using clash where doubled.ord = clash.ord)`,
	})
	return err
}

// doublingSQL is made of the columns of a kind.
type doublingSQL struct {
	dropRepeats  string // those that are equal to the first of their rule
	unlikeFirst  string // lists those that are not
	unlikeOthers string // lists, of each key, the first that contradicts one of another rule
	putTogether  string
}

func newDoublingSQL(k *stagedKind) doublingSQL {
	var held, from, contradicts, merged []string
	columns := k.columnNames()
	for _, c := range columns {
		held = append(held, fmt.Sprintf(`(array_agg(%[1]s order by ord) filter (where %[1]s is not null))[1] as %[1]s`, c))
		from = append(from, fmt.Sprintf(`min(ord) filter (where %s is not null)`, c))
		contradicts = append(contradicts, fmt.Sprintf(`d.%[1]s <> held.%[1]s`, c))
		merged = append(merged, fmt.Sprintf(`%[1]s = held.%[1]s`, c))
	}
	words := strings.NewReplacer(
		"{table}", k.table(),
		"{first}", `select distinct on (key, rule) * from doubled order by key, rule, ord`,
		"{of d}", "d."+strings.Join(columns, ", d."), "{of first}", "first."+strings.Join(columns, ", first."),
		"{held}", strings.Join(held, ", "), "{from}", strings.Join(from, ", "),
		"{contradicts}", strings.Join(contradicts, " or "), "{merged}", strings.Join(merged, ", "),
	)
	return doublingSQL{
		dropRepeats: words.Replace(`
			with repeats as (
				delete from doubled d
				using ({first}) first
				where d.key = first.key and d.rule = first.rule and d.ord > first.ord
				  and ({of d}) is not distinct from ({of first})
				returning d.ord
			)
			delete from {table} s using repeats where s.ord = repeats.ord`),
		unlikeFirst: words.Replace(`
			select d.ord, first.file as first_file, first.line as first_line
			from doubled d
			join ({first}) first on d.key = first.key and d.rule = first.rule and d.ord > first.ord`),
		unlikeOthers: words.Replace(`
			select distinct on (d.key) d.ord, held.first_file, held.first_line
			from doubled d
			join (
				select key, (array_agg(file order by ord))[1] as first_file, (array_agg(line order by ord))[1] as first_line, {held}
				from doubled group by key having count(*) > 1
			) held on held.key = d.key
			where {contradicts}
			order by d.key, d.ord`),
		putTogether: words.Replace(`
			with held as (
				select key, min(ord) as ord, (array_agg("row" order by ord))[1] as "row", array[{from}] as said_by, {held}
				from doubled group by key having count(*) > 1
			), merged as (
				update {table} s set {merged} from held where s.ord = held.ord
			), also as (
				insert into also_by select held.ord, d.file, d.rule from doubled d join held on held.key = d.key where d.ord > held.ord
			), rest as (
				delete from {table} s using doubled d, held where d.key = held.key and d.ord > held.ord and s.ord = d.ord
			)
			insert into filled
			select held."row", d."row", d.file
			from doubled d
			join held on held.key = d.key
			where d.ord > held.ord and d.ord = any(held.said_by)`),
	}
}
