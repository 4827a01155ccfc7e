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
	Accounts    []Account
	Products    []Product
	Deals       []Opportunity
	// At says where each record came from, by kind and key, for rejects that
	// only the store can find (a reference to something that is nowhere).
	At map[RecordKey]Place
}

// RecordKey names one record of a Batch.
type RecordKey struct{ Kind, Key string }

// Place is a line of an input file. Line counts physical lines from 1, the
// header being line 1.
type Place struct {
	File string
	Line int
}

// Outcome is what a stage means for a deal that stands in it.
type Outcome string

// The outcomes of a stage.
const (
	Open Outcome = "open"
	Won  Outcome = "won"
	Lost Outcome = "lost"
)

// Stage is a step of the sales process.
type Stage struct {
	Name     string
	Position int
	Outcome  Outcome
}

// Territory is a patch: a region, a segment, a list of accounts.
type Territory struct {
	Key    string
	Name   string
	Parent string // Key of the territory above, empty at the top
}

// PersonRecord is a person as a source describes them.
type PersonRecord struct {
	Key       string
	Name      string
	Email     string
	Role      string // rep, manager, analyst or admin; empty: rep, or manager when somebody reports to them
	Manager   string // Key; empty: none named
	Territory string // Key; empty: none named
	// Since is the first day of the Manager and Territory named here. Zero:
	// undated, so it holds since ever if it is the first one known, and from
	// the day the source was taken if it replaces another.
	Since time.Time
}

// Account is a customer or prospect.
type Account struct {
	Key      string
	Name     string
	Industry string
	Country  string
	Parent   string // Key
}

// Product is something sold.
type Product struct {
	Key    string
	Name   string
	Family string
}

// Opportunity is a deal. Days are in the company's zone; zero: unknown.
type Opportunity struct {
	Key       string
	Name      string
	Account   string // Key; empty: unknown
	Product   string // Key; empty: unknown
	Owner     string // Key; empty: unknown
	Stage     string // Stage.Name
	Amount    *Money // nil: unknown
	CreatedOn time.Time
	EngagedOn time.Time // work on it started (qualified)
	CloseOn   time.Time // closed, or expected to close
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
	DryRun    bool
}

// Same reports whether the import changed nothing, so that no revision was
// made.
func (i Import) Same() bool { return len(i.Added) == 0 && len(i.Changed) == 0 }
