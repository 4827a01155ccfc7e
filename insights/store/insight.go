package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"salesbot/insights"
)

// mostOptions is how many values of a dimension are offered.
const mostOptions = 100

// AudienceOptions lists what an audience can be made of on a day: the
// territories are those of the map in force, the stages those of open deals,
// and of each dimension there are a hundred values at most.
func (s *Store) AudienceOptions(ctx context.Context, on time.Time) (insights.Audience, error) {
	var options insights.Audience
	err := s.db.SelectContext(ctx, &options, `
		select dimension, id, text
		from (
			select 'territory' as dimension, id, name as text,
			       row_number() over (order by lower(name), id) as place
			from territory join territory_in_force map on map.territory_id = id and map.days @> $2::date
			union all
			select 'industry', 0, min(industry), row_number() over (order by lower(industry))
			from account where industry <> '' group by lower(industry)
			union all
			select 'segment', 0, min(segment), row_number() over (order by lower(segment))
			from account where segment <> '' group by lower(segment)
			union all
			select 'product', id, name, row_number() over (order by lower(name), id)
			from product
			union all
			select 'stage', id, name, row_number() over (order by position, id)
			from stage where outcome = 'open'
		) option
		where place <= $1
		order by dimension, place`, mostOptions, day(on))
	return options, wrap("listing what an audience can be made of", err)
}

// Reach finds whom an audience concerns: the active owners of the open deals
// that match, with the first few of their deals, by what closes first.
func (s *Store) Reach(ctx context.Context, a insights.Audience, on time.Time) (insights.Reach, error) {
	var reach insights.Reach
	snapshot := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	err := inTx(ctx, s.db, snapshot, func(tx *sqlx.Tx) error {
		var err error
		reach, err = reachOf(ctx, tx, a, on)
		return err
	})
	return reach, wrap("finding whom an insight concerns", err)
}

func reachOf(ctx context.Context, tx *sqlx.Tx, a insights.Audience, on time.Time) (insights.Reach, error) {
	var reach insights.Reach
	var confirmed sql.NullTime
	if err := tx.QueryRowxContext(ctx, `select revision, confirmed_at from head`).Scan(&reach.Revision, &confirmed); err != nil {
		return reach, err
	}
	reach.FreshAt = confirmed.Time
	var rows []struct {
		Person                int64
		Name, Email           string
		Muted                 sql.NullTime
		Deal                  int64
		Title, Account, Stage string
	}
	err := tx.SelectContext(ctx, &rows, `
		with recursive patch (id) as (
			select territory_id from territory_in_force
			where known_as in (select known_as from territory_in_force where territory_id = any ($2::bigint[]))
			union
			select t.id from territory t join patch on t.parent_id = patch.id
		),
		resident (person_id) as (
			select distinct m.person_id
			from territory_member m
			join patch on patch.id = m.territory_id
			join territory_in_force map on map.territory_id = m.territory_id and map.days @> $1::date
			where upper_inf(m.known) and m.valid @> $1::date
		)
		select p.id as person, p.name, coalesce(p.email, '') as email, mute.until as muted,
		       o.id as deal, coalesce(o.name, o.external_id) as title,
		       coalesce(a.name, '') as account, s.name as stage
		from opportunity o
		join stage s on s.id = o.stage_id and s.outcome = 'open'
		join person p on p.id = o.owner_id and p.active
		left join account a on a.id = o.account_id
		left join mute on mute.person_id = p.id
		where not o.deleted
		  and (cardinality($2::bigint[]) = 0 or o.owner_id in (select person_id from resident))
		  and (cardinality($3::text[]) = 0 or lower(a.industry) = any (select lower(i) from unnest($3::text[]) i))
		  and (cardinality($4::text[]) = 0 or lower(a.segment) = any (select lower(i) from unnest($4::text[]) i))
		  and (cardinality($5::bigint[]) = 0 or o.product_id = any ($5::bigint[]))
		  and (cardinality($6::bigint[]) = 0 or o.stage_id = any ($6::bigint[]))
		order by lower(p.name), p.id, o.close_on nulls last, o.id`,
		day(on), pq.Array(a.Of("territory").IDs()), pq.Array(a.Of("industry").Texts()), pq.Array(a.Of("segment").Texts()),
		pq.Array(a.Of("product").IDs()), pq.Array(a.Of("stage").IDs()))
	if err != nil {
		return reach, err
	}
	for _, row := range rows {
		last := len(reach.Readers) - 1
		if last < 0 || reach.Readers[last].Person != row.Person {
			reach.Readers = append(reach.Readers, insights.Reader{Person: row.Person, Name: row.Name, Email: row.Email, Muted: row.Muted.Time})
			last++
		}
		reader := &reach.Readers[last]
		reader.Touched++
		if len(reader.Deals) < insights.MostDeals {
			reader.Deals = append(reader.Deals, insights.TouchedDeal{ID: row.Deal, Name: row.Title, Account: row.Account, Stage: row.Stage})
		}
	}
	return reach, nil
}

// keepMute remembers until when somebody is told no insights.
func keepMute(ctx context.Context, tx *sqlx.Tx, m *insights.Mute, now time.Time) error {
	if m == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		insert into mute (person_id, until, made_at)
		values ($1, $2, $3)
		on conflict (person_id) do update set until = excluded.until, made_at = excluded.made_at`, m.Person, m.Until, now)
	return err
}

// insightColumns are those of a version v of the insight i.
const insightColumns = `i.id, v.version, coalesce(i.author_id, 0) as author_id, i.author_name, i.author_email,
	v.what, v.evidence, v.audience, v.confidence, v.until, v.state, v.why, v.at, i.posted_at`

type insightRow struct {
	ID          string
	Version     int
	AuthorID    int64  `db:"author_id"`
	AuthorName  string `db:"author_name"`
	AuthorEmail string `db:"author_email"`
	What        string
	Evidence    string
	Audience    []byte
	Confidence  insights.Confidence
	Until       time.Time
	State       insights.InsightState
	Why         string
	At          time.Time
	PostedAt    time.Time `db:"posted_at"`
}

func (r insightRow) insight() (insights.Insight, error) {
	i := insights.Insight{
		ID: r.ID, Version: r.Version, Author: insights.Author{Person: r.AuthorID, Name: r.AuthorName, Email: r.AuthorEmail},
		What: r.What, Evidence: r.Evidence, Confidence: r.Confidence, Until: r.Until,
		State: r.State, Why: r.Why, At: r.At, PostedAt: r.PostedAt,
	}
	if err := json.Unmarshal(r.Audience, &i.Audience); err != nil {
		return i, fmt.Errorf("reading the audience of insight %s: %w", r.ID, err)
	}
	return i, nil
}

// InsightVersions lists every version of an insight, the first one first; none
// when there is no such insight.
func (s *Store) InsightVersions(ctx context.Context, id string) ([]insights.Insight, error) {
	var rows []insightRow
	err := s.db.SelectContext(ctx, &rows, `
		select `+insightColumns+`
		from insight i
		join insight_version v on v.insight = i.id
		where i.id = $1
		order by v.version`, clean(id))
	if err != nil {
		return nil, wrap("reading an insight", err)
	}
	versions := make([]insights.Insight, len(rows))
	for n, row := range rows {
		if versions[n], err = row.insight(); err != nil {
			return nil, err
		}
	}
	return versions, nil
}

// InsightReaders lists who was told an insight, by name.
func (s *Store) InsightReaders(ctx context.Context, id string) ([]insights.Reader, error) {
	return s.insightReaders(ctx, `r.insight = $1`, clean(id))
}

// InsightReader finds one of those who were told an insight.
func (s *Store) InsightReader(ctx context.Context, id string, person int64) (insights.Reader, bool, error) {
	found, err := s.insightReaders(ctx, `r.insight = $1 and r.person = $2`, clean(id), person)
	if err != nil || len(found) == 0 {
		return insights.Reader{}, false, err
	}
	return found[0], true, nil
}

func (s *Store) insightReaders(ctx context.Context, where string, args ...any) ([]insights.Reader, error) {
	var rows []struct {
		Person      int64
		Name, Email string
		Delivery    string
		State       insights.DeliveryState
		First       int
		Version     int
		Deals       []byte
		Touched     int
		Marks       pq.StringArray
	}
	err := s.db.SelectContext(ctx, &rows, `
		select r.person, p.name, coalesce(p.email, '') as email, r.delivery, coalesce(d.state, '') as state,
		       r.first, r.version, r.deals, r.touched,
		       array(select m.kind from insight_reaction m
		             where m.insight = r.insight and m.person = r.person and m.taken_off is null
		             order by m.at, m.kind) as marks
		from insight_reader r
		join person p on p.id = r.person
		left join delivery d on d.key = r.delivery
		where `+where+`
		order by lower(p.name), p.id`, args...)
	if err != nil {
		return nil, wrap("reading whom an insight was told", err)
	}
	readers := make([]insights.Reader, len(rows))
	for n, row := range rows {
		readers[n] = insights.Reader{
			Person: row.Person, Name: row.Name, Email: row.Email, Delivery: row.Delivery, State: row.State,
			First: row.First, Version: row.Version, Touched: row.Touched,
		}
		for _, kind := range row.Marks {
			readers[n].Marks = append(readers[n].Marks, insights.Mark(kind))
		}
		if err := json.Unmarshal(row.Deals, &readers[n].Deals); err != nil {
			return nil, fmt.Errorf("reading the deals of a reader: %w", err)
		}
	}
	return readers, nil
}

// InsightsBy lists the insights of an author and how far they came, the latest
// first: fifty at most.
func (s *Store) InsightsBy(ctx context.Context, author insights.Author) ([]insights.InsightStanding, error) {
	var rows []struct {
		insightRow
		Told, Waiting, Missed, Touched int
		Useful, Used, Wrong            int
	}
	err := s.db.SelectContext(ctx, &rows, `
		select `+insightColumns+`, reach.*, marks.*
		from insight i
		join insight_version v on v.insight = i.id and v.version = i.version
		cross join lateral (
			select count(*) filter (where d.state in ('sent', 'unconfirmed')) as told,
			       count(*) filter (where d.state in ('pending', 'sending')) as waiting,
			       count(*) filter (where d.state in ('failed', 'expired') or d.id is null) as missed,
			       coalesce(sum(r.touched) filter (where d.state not in ('failed', 'expired')), 0) as touched
			from insight_reader r
			left join delivery d on d.key = r.delivery
			where r.insight = i.id
		) reach
		cross join lateral (
			select count(*) filter (where m.kind = 'useful') as useful,
			       count(*) filter (where m.kind = 'used') as used,
			       count(*) filter (where m.kind = 'wrong') as wrong
			from insight_reaction m
			where m.insight = i.id and m.taken_off is null
		) marks
		where i.author_id = nullif($1, 0) or ($2 <> '' and lower(i.author_email) = lower($2))
		order by i.posted_at desc, i.id
		limit 50`, author.Person, author.Email)
	if err != nil {
		return nil, wrap("listing insights", err)
	}
	standings := make([]insights.InsightStanding, len(rows))
	for n, row := range rows {
		i, err := row.insight()
		if err != nil {
			return nil, err
		}
		standings[n] = insights.InsightStanding{
			Insight: i, Told: row.Told, Waiting: row.Waiting, Missed: row.Missed, Touched: row.Touched,
			Marks: map[insights.Mark]int{insights.Useful: row.Useful, insights.Used: row.Used, insights.Wrong: row.Wrong},
		}
	}
	return standings, nil
}

// InsightsFor lists the insights that a person was told and that hold on a
// day, the latest first: fifty at most.
func (s *Store) InsightsFor(ctx context.Context, person int64, on time.Time) ([]insights.Insight, error) {
	var rows []insightRow
	err := s.db.SelectContext(ctx, &rows, `
		select `+insightColumns+`
		from insight_reader r
		join insight i on i.id = r.insight
		join insight_version v on v.insight = i.id and v.version = i.version
		where r.person = $1 and v.state = 'live' and v.until >= $2::date
		order by i.posted_at desc, i.id
		limit 50`, person, day(on))
	if err != nil {
		return nil, wrap("listing insights", err)
	}
	found := make([]insights.Insight, len(rows))
	for n, row := range rows {
		if found[n], err = row.insight(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// errInsightMoved says that an insight is no longer as it was read, so what was
// decided from it does not hold. The request is handled again.
var errInsightMoved = errors.New("the insight was changed by somebody else meanwhile")

func keepInsight(ctx context.Context, tx *sqlx.Tx, c *insights.InsightChange, at time.Time) error {
	if c == nil {
		return nil
	}
	if err := keepVersion(ctx, tx, c); err != nil {
		return err
	}
	for _, r := range c.Readers {
		if err := keepReader(ctx, tx, c.Insight.ID, r); err != nil {
			return err
		}
	}
	return keepMark(ctx, tx, c.Insight.ID, c.Marked, at)
}

// keepVersion writes a new version, or makes sure that the one that was read
// still is the latest and stays so until the end of the transaction.
func keepVersion(ctx context.Context, tx *sqlx.Tx, c *insights.InsightChange) error {
	i := c.Insight
	if !c.Written {
		var version int
		err := tx.GetContext(ctx, &version, `select version from insight where id = $1 for share`, i.ID)
		if err == nil && version != i.Version {
			return errInsightMoved
		}
		return err
	}
	if err := moveHead(ctx, tx, i); err != nil {
		return err
	}
	audience, err := json.Marshal(i.Audience)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into insight_version (insight, version, at, what, evidence, audience, confidence, until, state, why)
		values ($1, $2, $3, $4, $5, $6, $7, $8::date, $9, $10)`,
		i.ID, i.Version, i.At, clean(i.What), clean(i.Evidence), clean(string(audience)), string(i.Confidence), day(i.Until), string(i.State), clean(i.Why))
	if err != nil || i.State == insights.Live {
		return err
	}
	return withhold(ctx, tx, i)
}

func moveHead(ctx context.Context, tx *sqlx.Tx, i insights.Insight) error {
	if i.Version == 1 {
		_, err := tx.ExecContext(ctx, `
			insert into insight (id, version, author_id, author_name, author_email, posted_at)
			values ($1, 1, nullif($2, 0), $3, $4, $5)`,
			i.ID, i.Author.Person, clean(i.Author.Name), clean(i.Author.Email), i.PostedAt)
		return err
	}
	result, err := tx.ExecContext(ctx, `update insight set version = $2 where id = $1 and version = $2 - 1`, i.ID, i.Version)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return errInsightMoved
}

// withhold takes back what was not said yet of a retired insight.
func withhold(ctx context.Context, tx *sqlx.Tx, i insights.Insight) error {
	_, err := tx.ExecContext(ctx, `
		update delivery
		set state = 'expired', finished_at = $2, error = 'the insight was retired before it was sent'
		where state = 'pending' and key in (select delivery from insight_reader where insight = $1)`, i.ID, i.At)
	return err
}

func keepReader(ctx context.Context, tx *sqlx.Tx, insight string, r insights.Reader) error {
	deals, err := json.Marshal(r.Deals)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into insight_reader (insight, person, delivery, first, version, deals, touched)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (insight, person) do update set version = excluded.version`,
		insight, r.Person, r.Delivery, r.First, r.Version, clean(string(deals)), r.Touched)
	return err
}

func keepMark(ctx context.Context, tx *sqlx.Tx, insight string, m *insights.Marked, at time.Time) error {
	switch {
	case m == nil:
		return nil
	case m.Set:
		_, err := tx.ExecContext(ctx, `
			insert into insight_reaction (insight, person, kind, at) values ($1, $2, $3, $4)
			on conflict (insight, person, kind) do update set at = excluded.at, taken_off = null
			where insight_reaction.taken_off is not null`,
			insight, m.Person, string(m.Mark), at)
		return err
	default:
		_, err := tx.ExecContext(ctx, `
			update insight_reaction set taken_off = $4
			where insight = $1 and person = $2 and kind = $3 and taken_off is null`,
			insight, m.Person, string(m.Mark), at)
		return err
	}
}
