package insights

import "time"

// Batch is what an import file set says, cleaned and typed, before it is
// compared with what is stored. References between records are by Key: the
// external id or, where the source has none, the name.
type Batch struct {
	Source      string    // what the import is called in lists: file names
	TakenAt     time.Time // as of when the source describes the world
	Stages      []Stage
	Territories []Territory
	People      []PersonRecord
	Assignments []Assignment
	Accounts    []Account
	Products    []Product
	Deals       []Opportunity
	History     []Change
	Quotas      []Quota
	Costs       []CostLine
	Overhead    []Overhead
	Leads       []Lead
	Activities  []Activity
	// At says where each record came from, by kind and key, for rejects that
	// only the store can find (a reference to something that is nowhere).
	At map[RecordKey]Place
}

// Sink takes what is read from files, row by row and in their order. An error
// from it ends the reading.
type Sink interface {
	// Row takes the records that a row makes. What of them cannot be used is
	// for the sink to say.
	Row(at Place, records []Record) error
	// Reject takes a row that makes none.
	Reject(Reject) error
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
	Column  string
	Reason  string
	Count   int
	Samples []Reject // the first few
}

// Import is one accepted import: its number is the revision it made.
type Import struct {
	Revision  int64
	At        time.Time
	By        string
	Source    string
	TakenAt   time.Time
	Added     map[string]int // by kind: person, account, opportunity, …
	Changed   map[string]int
	Unchanged map[string]int
	Rejects   []Reject // found while applying
	Notes     []Note
	DryRun    bool
	Undoes    int64 // the import that this one took back; zero: it is no undo
	UndoneBy  int64 // the import that took this one back; zero: it stands
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
