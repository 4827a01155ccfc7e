package store

import (
	"context"

	"salesbot/insights"
)

// Stages lists the stages of the sales process in their order; an empty list,
// never nil, when none are stored.
func (s *Store) Stages(ctx context.Context) ([]insights.Stage, error) {
	stages := []insights.Stage{}
	err := s.db.SelectContext(ctx, &stages, `select name, position, outcome from stage order by position, id`)
	return stages, wrap("listing the stages", err)
}
