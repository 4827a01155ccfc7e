package store

import (
	"context"

	"salesbot/insights"
)

// Stages lists the stages of all sales processes in their order, by the names
// that their processes call them; an empty list, never nil, when none are stored.
func (s *Store) Stages(ctx context.Context) ([]insights.Stage, error) {
	stages := []insights.Stage{}
	err := s.db.SelectContext(ctx, &stages, `
		select coalesce(stage.title, stage.name) as name, coalesce(process.name, '') as process, stage.position, stage.outcome
		from stage left join process on process.id = stage.process_id
		order by stage.position, stage.id`)
	return stages, wrap("listing the stages", err)
}
