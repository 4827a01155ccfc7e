package workspace

import (
	"slices"
	"time"
)

const (
	journalKeeps  = 5000
	journalAnswer = 500
)

// journal is the record of everything that passed between the workspace and
// the bot. Tokens never enter it.
type journal struct {
	last    int
	entries []object
}

func (s *Server) record(entry object) {
	s.log.last++
	entry["seq"] = s.log.last
	entry["at"] = s.cfg.Now().UTC().Format(time.RFC3339Nano)
	s.log.entries = append(s.log.entries, entry)
	if len(s.log.entries) > journalKeeps {
		s.log.entries = slices.Clone(s.log.entries[len(s.log.entries)-journalKeeps:])
	}
	s.wake()
}

// after returns the entries with a number greater than seq, oldest first. The
// numbers have no gaps, so the place of the first one follows from its number.
func (j *journal) after(seq int) []object {
	first := j.last - len(j.entries) + 1
	start := min(max(seq+1-first, 0), len(j.entries))
	end := min(start+journalAnswer, len(j.entries))
	return append([]object{}, j.entries[start:end]...)
}
