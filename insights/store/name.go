package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// A phrase that names nothing exactly may be a misspelling. Shorter ones have
// too few trigrams to be like anything.
const (
	leastSimilar   = 0.45
	mostSimilar    = 5 // candidates for a phrase
	shortestSimile = 3 // letters
)

// Find says what bears a phrase as its name, ignoring case, accents, apostrophes
// and hyphens; people also by first or last name. A viewer who is nobody finds
// nothing. It takes one round trip.
func (s *Store) Find(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	phrases = searchable(phrases)
	if !v.Known() || len(phrases) == 0 {
		return nil, nil
	}
	var names []insights.Name
	err := s.db.SelectContext(ctx, &names, findExactly, textArray(phrases))
	return known(v, names), wrap("looking up names", err)
}

// Resemble says which names a phrase may be a misspelling of, the likeliest
// first. Phrases of fewer than three letters are like nothing.
func (s *Store) Resemble(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	phrases = slices.DeleteFunc(searchable(phrases), func(phrase string) bool { return len([]rune(phrase)) < shortestSimile })
	if !v.Known() || len(phrases) == 0 {
		return nil, nil
	}
	var names []insights.Name
	err := inTx(ctx, s.db, &sql.TxOptions{ReadOnly: true}, func(tx *sqlx.Tx) error {
		var err error
		names, err = alike(ctx, tx, phrases)
		return err
	})
	return known(v, names), wrap("looking up names spelled alike", err)
}

// known leaves out the names that the viewer may not know of.
func known(v metric.Viewer, names []insights.Name) []insights.Name {
	return slices.DeleteFunc(names, func(n insights.Name) bool { return n.Kind == insights.KindMap && !v.SeesPlans() })
}

func searchable(phrases []string) []string {
	out := make([]string, 0, len(phrases))
	for _, phrase := range phrases {
		phrase = clean(phrase)
		if strings.TrimSpace(phrase) != "" && !slices.Contains(out, phrase) {
			out = append(out, phrase)
		}
	}
	return out
}

// words are the columns whose values are plain words that can be named: the
// dimension, the table, the column, and which of the table's rows have a say.
var words = []struct{ kind, table, column, only string }{
	{"industry", "account", "industry", "not taken_back"},
	{"segment", "account", "segment", "not taken_back"},
	{"country", "account", "country", "not taken_back"},
	{"loss_reason", "opportunity", "loss_reason", "not deleted"},
	{"competitor", "opportunity", "competitor", "not deleted"},
	{"source", "opportunity", "source", "not deleted"},
	{"kind", "opportunity", "kind", "not deleted"},
}

// eachWord writes a piece of SQL for each of them, in which {kind}, {table},
// {column} and {only} stand for theirs.
func eachWord(piece, between string) string {
	pieces := make([]string, len(words))
	for i, w := range words {
		pieces[i] = strings.NewReplacer("{kind}", w.kind, "{table}", w.table, "{column}", w.column, "{only}", w.only).Replace(piece)
	}
	return strings.Join(pieces, between)
}

// askedAndValues are the phrases, and the distinct words of each column: each
// is found by a step along the index, not by reading it.
var askedAndValues = `
	asked as (
		select phrase, plain_name(phrase) as name from unnest($1::text[]) phrase where plain_name(phrase) <> ''
	),` + eachWord(`
	{kind} (value) as (
		(select {column} from {table} where {column} is not null and {only} order by {column} limit 1)
		union all
		select (select t.{column} from {table} t where t.{column} > w.value and {only} order by t.{column} limit 1)
		from {kind} w where w.value is not null
	)`, ",") + `
`

// ofMaps keeps the territories t that are or were on a map in force, each once,
// as the latest map has it: what is only planned has no name yet.
const ofMaps = ` join territory_in_force map on map.territory_id = t.id and map.known_as = t.id and not isempty(map.days) and not t.taken_back`

// bears compares a name with those asked, by the index on it: which ones those
// are is said first, and under a collation in which the trigram indexes, which
// would do as well at many times the price, cannot be taken.
func bears(name string) string {
	name = "plain_name(" + name + `) collate "C"`
	return name + " = asked.name and " + name + " = any (array(select name from asked))"
}

// findExactly finds by the indexes on plain_name.
var findExactly = `
		with recursive ` + askedAndValues + `
		select kind, id, text, phrase, 1 as similarity
		from (
			select 'person' as kind, p.id, p.name as text, phrase
			from asked join person p on ` + bears("p.name") + ` and not p.taken_back
			union
			select 'person', p.id, p.name, phrase
			from asked join person p on ` + bears("split_part(p.name, ' ', 1)") + ` and not p.taken_back
			union
			select 'person', p.id, p.name, phrase
			from asked join person p on ` + bears("split_part(p.name, ' ', -1)") + ` and not p.taken_back
			union all
			select 'territory', t.id, t.name, phrase
			from asked join territory t on ` + bears("t.name") + ofMaps + `
			union all
			select '` + insights.KindMap + `', m.id, m.name, phrase
			from asked join territory_model m on m.state = 'planning' and asked.name in (plain_name(m.name), plain_name(m.external_id), '` + insights.AnyPlannedMap + `')
			union all
			select 'account', a.id, a.name, phrase
			from asked join account a on ` + bears("a.name") + ` and not a.taken_back
			union all
			select 'product', p.id, p.name, phrase
			from asked join product p on ` + bears("p.name") + ` and not p.taken_back
			union all
			select 'stage', s.id, s.name, phrase
			from asked join stage s on plain_name(s.name) = asked.name
			union all` + eachWord(`
			select '{kind}', 0, value, phrase
			from asked join {kind} on plain_name(value) = asked.name`, " union all") + `
		) found
		order by phrase, kind, text, id`

// alike compares trigrams. The threshold is told to Postgres too, so that the
// indexes are used and yield little.
func alike(ctx context.Context, tx *sqlx.Tx, phrases []string) ([]insights.Name, error) {
	_, err := tx.ExecContext(ctx, `select set_config('pg_trgm.similarity_threshold', ($1::real)::text, true)`, leastSimilar)
	if err != nil {
		return nil, err
	}
	var names []insights.Name
	err = tx.SelectContext(ctx, &names, findAlike, textArray(phrases), mostSimilar)
	return names, err
}

// findAlike finds by the trigram indexes on plain_name.
var findAlike = `
		with recursive ` + askedAndValues + `
		select kind, id, text, phrase, similarity
		from asked
		cross join lateral (
			select kind, id, text, max(similarity) as similarity
			from (
				select 'person' as kind, id, name as text, similarity(plain_name(name), asked.name) as similarity
				from person where not taken_back and plain_name(name) % asked.name
				union all
				select 'person', id, name, similarity(plain_name(split_part(name, ' ', 1)), asked.name)
				from person where not taken_back and plain_name(split_part(name, ' ', 1)) % asked.name
				union all
				select 'person', id, name, similarity(plain_name(split_part(name, ' ', -1)), asked.name)
				from person where not taken_back and plain_name(split_part(name, ' ', -1)) % asked.name
				union all
				select 'territory', t.id, t.name, similarity(plain_name(t.name), asked.name)
				from territory t` + ofMaps + ` where plain_name(t.name) % asked.name
				union all
				select 'account', id, name, similarity(plain_name(name), asked.name)
				from account where not taken_back and plain_name(name) % asked.name
				union all
				select 'product', id, name, similarity(plain_name(name), asked.name)
				from product where not taken_back and plain_name(name) % asked.name
				union all
				select 'stage', id, name, similarity(plain_name(name), asked.name)
				from stage where plain_name(name) % asked.name
				union all` + eachWord(`
				select '{kind}', 0, value, similarity(plain_name(value), asked.name)
				from {kind} where plain_name(value) % asked.name`, " union all") + `
			) each_way
			group by kind, id, text
			order by similarity desc, text, id
			limit $2
		) best
		order by phrase, similarity desc, text, id`
