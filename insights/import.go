package insights

import "time"

// Sink takes what is read from files, row by row and in their order. An error
// from it ends the reading. What it is given is the reader's: a sink that keeps
// a slice copies it.
type Sink interface {
	// Preset takes a record that no row makes: the layout itself tells it, at
	// this line of its mapping.
	Preset(at Place, record Record) error
	// Row takes the records that a row makes. What of them cannot be used is
	// for the sink to say.
	Row(at Place, records []Told) error
	// Reject takes a row that makes none.
	Reject(reject Reject) error
}

// Told is a record, and the rule by which it was read.
type Told struct {
	Rule   *Rule
	Record Record
}

// Rule is how rows make one record. Records of one rule that have the same key
// must be equal. Those of different rules, such as a person who is listed and
// also named as somebody's manager, may each leave blank what the other knows.
type Rule struct {
	Number  int               // tells it from all others of an import, from 1
	Columns map[string]string // by field: the column it is from, as the header spells it
	// Tells are the fields that its rows are read for. A blank in one of them
	// says that nobody knows; of a deal's other fields nothing is said, and what
	// is known of them stays. Nil: all.
	Tells map[string]bool
}

// RecordKey names one record among all.
type RecordKey struct {
	Kind Kind
	Key  string
}

// Place is a line of an input file. Line counts physical lines from 1, the
// header being line 1.
type Place struct {
	File string
	Line int
}

// Money is an exact amount in minor units (cents) of an ISO 4217 currency.
type Money struct {
	Minor    int64
	Currency string
}

// Reject is an input row, or part of one, that could not be used.
type Reject struct {
	Place
	Column string // as the file's header spells it; empty: the whole row
	Value  string // as read, shortened
	Reason string
	// Group is the reason without what differs from row to row. Empty: the same.
	Group string `json:",omitempty"`
}

// Tally is what became of the rows of a file, or of several. A row is used if
// it made a difference to what is stored, unchanged if it said nothing new, and
// rejected if anything of it was left out: Rows is the sum of the three.
type Tally struct {
	Rows      int
	Used      int
	Unchanged int
	Rejected  int
}

// RejectGroup is all rejects of one column for one reason.
type RejectGroup struct {
	Column  string // empty: it is no one column's fault
	Reason  string
	Count   int
	Samples []Reject // the first few, of different values
}

// FileTally is what became of the rows of a file.
type FileTally struct {
	Name string
	Tally
}

// Import is one accepted import: its number is the revision it made.
type Import struct {
	Revision  int64
	At        time.Time
	By        string
	Source    string // what it is called in lists: file names
	TakenAt   time.Time
	Added     map[Kind]int
	Changed   map[Kind]int
	Unchanged map[Kind]int
	Files     []FileTally   // in the order they were read
	Total     Tally         // of all files
	Groups    []RejectGroup // the largest first
	Notes     []Note
	Guessed   []string // what was concluded that no file says; told once and not kept
	DryRun    bool
	Aborted   bool  // more was rejected than may be, so nothing was changed
	Undoes    int64 // the import that this one took back; zero: it is no undo
	UndoneBy  int64 // the import that took this one back; zero: it stands
	Kept      bool  // whether what it replaced can be known; of old imports it is forgotten
}

// Note is something that was used although it is not as it should be, such as
// a gap in a history, and how often that was so.
type Note struct {
	Text  string
	Count int
}

// Same reports whether the import changed nothing, so that no revision was
// made.
func (i Import) Same() bool { return len(i.Added) == 0 && len(i.Changed) == 0 }
