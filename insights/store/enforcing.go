package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// versionRow is a definition that was put in force, and when.
type versionRow struct {
	Metric     string
	Version    int
	Hash       string
	Definition string
	Embedded   bool
	Since      time.Time
}

// PutInForce notes the definitions of a catalogue and the settings of the
// company, with the moment from which they hold. It refuses a catalogue that
// gives a metric another meaning under a version that has been in force, or
// that is older than what has been, or whose day has not begun: receipts name the
// version, and several processes on one database must not differ. What is refused
// changes nothing.
//
// A definition of the embedded catalogue replaces one that came from there:
// until a release, it may change under its version.
func (s *Store) PutInForce(ctx context.Context, c *metric.Catalog, co metric.Company, now time.Time) error {
	settings, err := json.Marshal(co)
	if err != nil {
		return err
	}
	err = inTx(ctx, s.db, nil, func(tx *sqlx.Tx) error {
		news, differs, err := compareInForce(ctx, tx, c, co, settings, now)
		if err != nil || len(news) == 0 && !differs {
			return err
		}
		// Another process may be at the same: the later one compares again with
		// what the first wrote.
		if _, err := tx.ExecContext(ctx, `lock table metric_version, company_version in share row exclusive mode`); err != nil {
			return err
		}
		news, differs, err = compareInForce(ctx, tx, c, co, settings, now)
		if err != nil {
			return err
		}
		return writeInForce(ctx, tx, news, differs, settings, now)
	})
	return wrap("putting the catalogue in force", err)
}

// compareInForce finds the definitions that are not stored yet, and whether the
// settings are others than those in force.
func compareInForce(ctx context.Context, tx *sqlx.Tx, c *metric.Catalog, co metric.Company, settings []byte, now time.Time) (news []metric.Definition, differs bool, err error) {
	var rows []versionRow
	err = tx.SelectContext(ctx, &rows, `select metric, version, hash, definition, embedded, since from metric_version order by metric, version`)
	if err != nil {
		return nil, false, err
	}
	news, err = notStored(c, co.Zone, rows, now)
	if err != nil {
		return nil, false, err
	}
	err = tx.GetContext(ctx, &differs, `
		select $1::jsonb is distinct from (select settings from company_version order by id desc limit 1)`, string(settings))
	return news, differs, err
}

// notStored finds the definitions that are to be stored, or refuses them.
func notStored(c *metric.Catalog, zone *time.Location, rows []versionRow, now time.Time) ([]metric.Definition, error) {
	latest := map[string]versionRow{}
	for _, row := range rows { // each metric's from the first version to the last
		latest[row.Metric] = row
	}
	var news []metric.Definition
	var faults []string
	for _, m := range c.Metrics() {
		d := m.Definition()
		stored, ok := latest[d.Metric]
		switch {
		case m.EffectiveIn(zone).After(now):
			faults = append(faults, m.Fault(fmt.Sprintf("%s has its version %d from %s on, and that day has not begun: leave version %d until then",
				d.Metric, d.Version, m.Effective.Format("2 Jan 2006"), d.Version-1)))
		case !ok || d.Version > stored.Version:
			news = append(news, d)
		case d.Version < stored.Version:
			faults = append(faults, m.Fault(fmt.Sprintf("%s is version %d here, but version %d has been in force since %s",
				d.Metric, d.Version, stored.Version, stored.Since.In(zone).Format("2 Jan 2006"))))
		case d.Hash == stored.Hash:
		case d.Embedded && stored.Embedded:
			news = append(news, d)
		default:
			faults = append(faults, m.Fault(fmt.Sprintf("%s is not what its version %d has been since %s (%s): raise its version to %d",
				d.Metric, d.Version, stored.Since.In(zone).Format("2 Jan 2006"), strings.Join(d.Differing(stored.Definition), ", "), stored.Version+1)))
		}
	}
	if len(faults) == 0 {
		return news, nil
	}
	return nil, &insights.Error{
		Code:    "catalog_changed",
		Message: "The catalogue cannot be put in force:\n  - " + strings.Join(faults, "\n  - "),
		Hint:    "A definition that changes takes the next version, in the catalogue of every process on this database. Nothing was changed.",
	}
}

func writeInForce(ctx context.Context, tx *sqlx.Tx, news []metric.Definition, differs bool, settings []byte, now time.Time) error {
	for _, d := range news {
		_, err := tx.ExecContext(ctx, `
			insert into metric_version (metric, version, hash, definition, embedded, since) values ($1, $2, $3, $4, $5, $6)
			on conflict (metric, version) do update
			set hash = excluded.hash, definition = excluded.definition, since = excluded.since`,
			d.Metric, d.Version, d.Hash, d.Text, d.Embedded, now)
		if err != nil {
			return err
		}
	}
	if !differs {
		return nil
	}
	_, err := tx.ExecContext(ctx, `insert into company_version (settings, since) values ($1, $2)`, string(settings), now)
	return err
}
