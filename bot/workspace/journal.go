package workspace

import "time"

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
		s.log.entries = append([]object(nil), s.log.entries[len(s.log.entries)-journalKeeps:]...)
	}
	s.wake()
}

// after returns the entries with a number greater than seq, oldest first.
func (j *journal) after(seq int) []object {
	found := []object{}
	for _, e := range j.entries {
		if e["seq"].(int) > seq && len(found) < journalAnswer {
			found = append(found, e)
		}
	}
	return found
}
