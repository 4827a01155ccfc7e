package ask

import (
	"slices"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// kindMap is the kind of the names of territory maps, which no dimension has:
// beside "as planned" alone they are names.
const kindMap = insights.KindMap

// readPlanned reads "as planned" and the name of the map, or takes the only one
// that is planned, or asks which.
func (r *reader) readPlanned(p piece) bool {
	at := r.pos
	r.pos++
	maps := r.planned
	if named := r.here().names; len(named) > 0 && named[0].Kind == kindMap {
		maps = named
		if r.pos++; r.here().unknown() && r.pos < len(r.pieces) && words(r.tokens[r.here().from:r.here().to]) == "map" {
			r.pos++
		}
	}
	switch len(maps) {
	case 0:
		r.refuse(p, "No territories are planned, or none that you may see: planned maps are for managers, analysts and admins.")
	case 1:
		r.q.view = metric.AsPlanned(maps[0].Text)
	default:
		r.q.fork = &fork{ask: "As planned on which map?"}
		for _, m := range maps {
			pieces := slices.Insert(slices.Clone(r.pieces), at+1, piece{from: p.from, to: p.to, names: []insights.Name{m}})
			r.q.fork.ways = append(r.q.fork.ways, way{label: "as planned under " + m.Text, pieces: pieces})
		}
	}
	return true
}

// findPlanned keeps the maps that are planned, which all go by "as planned".
func (s *sentence) findPlanned(found []insights.Name) {
	for _, n := range found {
		if n.Kind == kindMap && n.Phrase == insights.AnyPlannedMap {
			s.planned = append(s.planned, n)
		}
	}
}
