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

// Find says what each phrase may name: first what bears exactly that name,
// ignoring case (people also by first or last name), and for phrases without
// such a match what is spelled alike. A viewer who is nobody finds nothing.
func (s *Store) Find(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	phrases = searchable(phrases)
	if !v.Known() || len(phrases) == 0 {
		return nil, nil
	}
	var names []insights.Name
	err := inTx(ctx, s.db, &sql.TxOptions{ReadOnly: true}, func(tx *sqlx.Tx) error {
		var err error
		if names, err = exactly(ctx, tx, phrases); err != nil {
			return err
		}
		alike, err := alike(ctx, tx, without(phrases, names))
		names = append(names, alike...)
		names = slices.DeleteFunc(names, func(n insights.Name) bool { return n.Kind == insights.KindMap && !v.SeesPlans() })
		return err
	})
	return names, wrap("looking up names", err)
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

// without keeps the phrases that named nothing and are long enough to be a
// misspelling of something.
func without(phrases []string, found []insights.Name) []string {
	return slices.DeleteFunc(slices.Clone(phrases), func(phrase string) bool {
		named := slices.ContainsFunc(found, func(n insights.Name) bool { return n.Phrase == phrase })
		return named || len([]rune(phrase)) < shortestSimile
	})
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
		select phrase, lower(btrim(phrase)) as name from unnest($1::text[]) phrase
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

func exactly(ctx context.Context, tx *sqlx.Tx, phrases []string) ([]insights.Name, error) {
	var names []insights.Name
	err := tx.SelectContext(ctx, &names, `
		with recursive `+askedAndValues+`
		select kind, id, text, phrase, 1 as similarity
		from (
			select 'person' as kind, p.id, p.name as text, phrase
			from asked join person p on lower(p.name) = asked.name and not p.taken_back
			union
			select 'person', p.id, p.name, phrase
			from asked join person p on lower(split_part(p.name, ' ', 1)) = asked.name and not p.taken_back
			union
			select 'person', p.id, p.name, phrase
			from asked join person p on lower(split_part(p.name, ' ', -1)) = asked.name and not p.taken_back
			union all
			select 'territory', t.id, t.name, phrase
			from asked join territory t on lower(t.name) = asked.name`+ofMaps+`
			union all
			select '`+insights.KindMap+`', m.id, m.name, phrase
			from asked join territory_model m on m.state = 'planning' and asked.name in (lower(m.name), lower(m.external_id), '`+insights.AnyPlannedMap+`')
			union all
			select 'account', a.id, a.name, phrase
			from asked join account a on lower(a.name) = asked.name and not a.taken_back
			union all
			select 'product', p.id, p.name, phrase
			from asked join product p on lower(p.name) = asked.name and not p.taken_back
			union all
			select 'stage', s.id, s.name, phrase
			from asked join stage s on lower(s.name) = asked.name
			union all`+eachWord(`
			select '{kind}', 0, value, phrase
			from asked join {kind} on lower(value) = asked.name`, " union all")+`
		) found
		order by phrase, kind, text, id`, textArray(phrases))
	return names, err
}

// alike compares trigrams. The threshold is told to Postgres too, so that the
// indexes are used and yield little.
func alike(ctx context.Context, tx *sqlx.Tx, phrases []string) ([]insights.Name, error) {
	if len(phrases) == 0 {
		return nil, nil
	}
	_, err := tx.ExecContext(ctx, `select set_config('pg_trgm.similarity_threshold', ($1::real)::text, true)`, leastSimilar)
	if err != nil {
		return nil, err
	}
	var names []insights.Name
	err = tx.SelectContext(ctx, &names, `
		with recursive `+askedAndValues+`
		select kind, id, text, phrase, similarity
		from asked
		cross join lateral (
			select kind, id, text, max(similarity) as similarity
			from (
				select 'person' as kind, id, name as text, similarity(lower(name), asked.name) as similarity
				from person where not taken_back and lower(name) % asked.name
				union all
				select 'person', id, name, similarity(lower(split_part(name, ' ', 1)), asked.name)
				from person where not taken_back and lower(split_part(name, ' ', 1)) % asked.name
				union all
				select 'person', id, name, similarity(lower(split_part(name, ' ', -1)), asked.name)
				from person where not taken_back and lower(split_part(name, ' ', -1)) % asked.name
				union all
				select 'territory', t.id, t.name, similarity(lower(t.name), asked.name)
				from territory t`+ofMaps+` where lower(t.name) % asked.name
				union all
				select 'account', id, name, similarity(lower(name), asked.name)
				from account where not taken_back and lower(name) % asked.name
				union all
				select 'product', id, name, similarity(lower(name), asked.name)
				from product where not taken_back and lower(name) % asked.name
				union all
				select 'stage', id, name, similarity(lower(name), asked.name)
				from stage where lower(name) % asked.name
				union all`+eachWord(`
				select '{kind}', 0, value, similarity(lower(value), asked.name)
				from {kind} where lower(value) % asked.name`, " union all")+`
			) each_way
			group by kind, id, text
			order by similarity desc, text, id
			limit $2
		) best
		order by phrase, similarity desc, text, id`, textArray(phrases), mostSimilar)
	return names, err
}
