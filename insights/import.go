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
	Name        string
	Position    int
	Outcome     Outcome
	Probability string // that a deal in it is won, a decimal from 0 to 1; empty: unknown
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
	// Active is false for somebody who has left, who keeps their deals and has
	// no rights. Nil: as before, and true of somebody new.
	Active *bool
}

// Account is a customer or prospect.
type Account struct {
	Key      string
	Name     string
	Industry string
	Segment  string
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
	Key        string
	Name       string
	Account    string // Key; empty: unknown
	Product    string // Key; empty: unknown
	Owner      string // Key; empty: unknown
	Stage      string // Stage.Name
	Amount     *Money // nil: unknown
	CreatedOn  time.Time
	EngagedOn  time.Time // work on it started (qualified)
	CloseOn    time.Time // closed, or expected to close
	LossReason string    // why it was lost
	Competitor string    // who else was asked
}

// Change is one entry of a deal's past: until At the field had the value Old,
// from then on New. Together the changes of a field lead to the value that the
// deal has now. Values are written as the records do: a stage by its name, an
// owner by key, a day as ISO date, an amount in minor units; empty: unknown.
type Change struct {
	Opportunity string // Key
	Field       ChangeField
	Old         string // empty behind another change of the field: what that led to
	New         string
	Currency    string // of amounts
	At          time.Time
}

// ChangeField is what of a deal has a past.
type ChangeField string

// The fields of a deal whose past can be told.
const (
	ChangeStage   ChangeField = "stage"
	ChangeOwner   ChangeField = "owner"
	ChangeAmount  ChangeField = "amount"
	ChangeCloseOn ChangeField = "close_on"
)

// Key names the change among all.
func (c Change) Key() string {
	return c.Opportunity + " " + string(c.Field) + " " + c.At.UTC().Format(time.RFC3339)
}

// Assignment says under whom and where a person works from a day on, until
// their next one. The assignments of a person are told together: those in a
// batch replace what was known from the first of their days on.
type Assignment struct {
	Person    string    // Key
	Manager   string    // Key; empty: as before
	Territory string    // Key; empty: as before
	Since     time.Time // zero: since ever
}

// Key names the assignment among all.
func (a Assignment) Key() string {
	if a.Since.IsZero() {
		return a.Person
	}
	return a.Person + " " + a.Since.Format(time.DateOnly)
}

// Quota is what a person is to reach in a period.
type Quota struct {
	Person  string // Key
	Measure string // bookings
	First   time.Time
	Last    time.Time // the last day, included
	Amount  Money
}

// Key names the quota among all.
func (q Quota) Key() string {
	return q.Person + " " + q.Measure + " " + q.First.Format(time.DateOnly) + " – " + q.Last.Format(time.DateOnly)
}

// CostKind says what a deal's cost was for.
type CostKind string

// The kinds of cost.
const (
	DirectCost  CostKind = "direct"  // delivering what was sold
	SellingCost CostKind = "selling" // selling it: commission, partners, travel
)

// CostLine is one cost of a deal.
type CostLine struct {
	Key         string
	Opportunity string // Key
	Kind        CostKind
	Amount      Money
	On          time.Time // zero: unknown
}

// Overhead is what the company cost in a period beyond its deals, and the key
// by which the deals won in that period bear it: revenue or deals.
type Overhead struct {
	Key         string
	First       time.Time
	Last        time.Time // the last day, included
	Amount      Money
	AllocatedBy string
}

// Lead is somebody who may become a deal.
type Lead struct {
	Key         string
	CreatedAt   time.Time
	Source      string
	Owner       string // Key; empty: nobody
	Status      string // new, working, qualified or disqualified
	RespondedAt time.Time
	Opportunity string // Key of the deal it became; empty: none
}

// Activity is one contact with a customer about a deal.
type Activity struct {
	Key         string
	Opportunity string // Key
	Kind        string // call, email, meeting, …
	At          time.Time
	TwoWay      bool // the customer took part
	By          string
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
