package store

import (
	"context"
	"time"

	"salesbot/insights"
)

// Asked lists the questions that people asked since a moment, each wording once a
// person and outcome, the latest first. What forms, files and digests said is not
// among them.
func (s *Store) Asked(ctx context.Context, since time.Time) ([]insights.Asked, error) {
	var out []insights.Asked
	err := s.db.SelectContext(ctx, &out, `
		select max(audit.at) as at, audit.text, coalesce(person.id, 0) as person, coalesce(person.name, '') as name, coalesce(person.role, '') as role, audit.status
		from audit
		left join person on person.id = audit.person
		where audit.at >= $1 and audit.origin in ('command', 'mention', 'message', 'terminal') and audit.text <> '' and audit.text not like 'files %'
		group by audit.text, person.id, audit.status
		order by at desc, audit.text`, since)
	return out, wrap("reading what was asked", err)
}
