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

// askedAndValues are the phrases, and the distinct industries and countries of
// all accounts: each is found by a step along the index, not by reading it.
const askedAndValues = `
	asked as (
		select phrase, lower(btrim(phrase)) as name from unnest($1::text[]) phrase
	),
	industry (value) as (
		(select industry from account where industry is not null order by industry limit 1)
		union all
		select (select a.industry from account a where a.industry > i.value order by a.industry limit 1)
		from industry i where i.value is not null
	),
	country (value) as (
		(select country from account where country is not null order by country limit 1)
		union all
		select (select a.country from account a where a.country > c.value order by a.country limit 1)
		from country c where c.value is not null
	)`

func exactly(ctx context.Context, tx *sqlx.Tx, phrases []string) ([]insights.Name, error) {
	var names []insights.Name
	err := tx.SelectContext(ctx, &names, `
		with recursive `+askedAndValues+`
		select kind, id, text, phrase, 1 as similarity
		from (
			select 'person' as kind, p.id, p.name as text, phrase
			from asked join person p on lower(p.name) = asked.name
			union
			select 'person', p.id, p.name, phrase
			from asked join person p on lower(split_part(p.name, ' ', 1)) = asked.name
			union
			select 'person', p.id, p.name, phrase
			from asked join person p on lower(split_part(p.name, ' ', -1)) = asked.name
			union all
			select 'territory', t.id, t.name, phrase
			from asked join territory t on lower(t.name) = asked.name
			union all
			select 'account', a.id, a.name, phrase
			from asked join account a on lower(a.name) = asked.name
			union all
			select 'product', p.id, p.name, phrase
			from asked join product p on lower(p.name) = asked.name
			union all
			select 'stage', s.id, s.name, phrase
			from asked join stage s on lower(s.name) = asked.name
			union all
			select 'industry', 0, value, phrase
			from asked join industry on lower(value) = asked.name
			union all
			select 'country', 0, value, phrase
			from asked join country on lower(value) = asked.name
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
				from person where lower(name) % asked.name
				union all
				select 'person', id, name, similarity(lower(split_part(name, ' ', 1)), asked.name)
				from person where lower(split_part(name, ' ', 1)) % asked.name
				union all
				select 'person', id, name, similarity(lower(split_part(name, ' ', -1)), asked.name)
				from person where lower(split_part(name, ' ', -1)) % asked.name
				union all
				select 'territory', id, name, similarity(lower(name), asked.name)
				from territory where lower(name) % asked.name
				union all
				select 'account', id, name, similarity(lower(name), asked.name)
				from account where lower(name) % asked.name
				union all
				select 'product', id, name, similarity(lower(name), asked.name)
				from product where lower(name) % asked.name
				union all
				select 'stage', id, name, similarity(lower(name), asked.name)
				from stage where lower(name) % asked.name
				union all
				select 'industry', 0, value, similarity(lower(value), asked.name)
				from industry where lower(value) % asked.name
				union all
				select 'country', 0, value, similarity(lower(value), asked.name)
				from country where lower(value) % asked.name
			) each_way
			group by kind, id, text
			order by similarity desc, text, id
			limit $2
		) best
		order by phrase, similarity desc, text, id`, textArray(phrases), mostSimilar)
	return names, err
}
