package insights

import "time"

// Asked is a question that was asked: its words, never its figures.
type Asked struct {
	At     time.Time
	Text   string
	Person int64  // who asked; 0: nobody who is stored
	Name   string // of the person
	Role   string // of the person
	Status string // how it ended
}
