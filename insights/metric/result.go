package metric

import (
	"math/big"
	"time"
)

// Unit is what a Quantity counts.
type Unit string

// The units of design §8.
const (
	UnitMoney       Unit = "money" // in major units of Currency
	UnitRatio       Unit = "ratio" // from 0 to 1
	UnitCount       Unit = "count"
	UnitDays        Unit = "days"
	UnitHours       Unit = "hours"
	UnitMoneyPerDay Unit = "money_per_day"
)

// The reasons a Quantity is unknown. Unknown is never zero.
const (
	ReasonNoRows    = "no_rows"    // nothing matched the question
	ReasonNoAmount  = "no_amount"  // facts matched, none has an amount
	ReasonNotLoaded = "not_loaded" // the company has not loaded such facts

	ReasonNothingToDivideBy = "nothing_to_divide_by" // what the value is to be a share of is nought or less
	ReasonLonger            = "longer"               // more than Longer: it is not over for as many facts as decide it
	ReasonMixed             = "mixed_currencies"     // it is made of amounts in several currencies and of what is in none
)

// Quantity is one exact figure, or the reason there is none.
type Quantity struct {
	Value    *big.Rat // nil: unknown, see Reason
	Unit     Unit
	Currency string // for money units and ratios of money
	Reason   string
	K, N     *int64 // a rate counts K of N
	Known    *int64 // coverage: Known of Of deals carry what is summed
	Of       *int64
	Noun     string   // what those are: "deal"
	What     string   // what is known of those: "cost"; empty: the amount
	Covered  *big.Rat // the share of all known amounts that is theirs, where more than the amount must be known
	Part     *big.Rat // a ratio of money is Part of Whole, in major units of Currency
	Whole    *big.Rat
	Longer   *big.Rat // what an unknown value is more than, or as much; nil: nothing is known of it
	Median   *big.Rat // of what Value is the average of
	Sides    Sides    // in which words a value is told that is above or below nought
	Inputs   []Input  // what the value of a metric of several is made of, unless that is Part and Whole
}

// Sides are the words for a value that says more by which side of nought it is
// on than by its sign: ahead by, behind by. Empty: the sign says it.
type Sides struct{ Above, Below string }

// Figure is the whole of a Result for one currency (or for all, when the
// metric is not money), with its comparison when one was asked for.
type Figure struct {
	Quantity
	Previous *Quantity
	Change   *big.Rat // Quantity − Previous, nil when either is unknown
	Growth   *big.Rat // Change ÷ Previous, nil when that has no meaning
	Factors  []Factor // of a Query for them: what made the change
	Facts    int64    // how many deals were counted; of money, those that are or may be in this currency
}

// Column heads one column of a breakdown: first the dimensions, then
// "currency" when the rows have several, then the metric, and "previous" and
// "change" when it is compared.
type Column struct {
	Name     string
	Unit     Unit // empty for names and ISO dates
	Currency string
}

// Cell is one value of a row: a name (Text) or a Quantity.
type Cell struct {
	Text     string
	Label    string // what people read, where it is not Text or the Quantity in words
	ID       int64  // the stored thing's id, when Text names one
	Quantity *Quantity

	place int64 // where it stands among the others, if they are not in the order of their names
}

// Result is what Postgres answered to one Query, read in one snapshot.
type Result struct {
	Query       Query
	Figures     []Figure // one a currency; the whole, whatever the breakdown
	Columns     []Column
	Rows        [][]Cell
	Total       int   // rows before the limit
	Kept        *Kept // of rows that are kept by their value: how many of how many
	Unranked    int   // rows before the limit that stand last because their rate is of too few deals
	Tied        int   // rows that the limit leaves out though they have the value of the last one it keeps
	Grain       Grain
	Narrowed    bool      // the breakdown lists only what the viewer may see
	Alone       bool      // and that is the viewer's own
	Facts       int64     // how many deals were counted; of a rate, its denominator's; of a metric of several, those of all
	Counted     []Counted // the same, for each input of a metric of several
	First       string    // ISO days of the first and last fact on the metric's clock
	Last        string
	Compared    Period       // the period compared with, when asked; of a running figure, the days it adds up
	Running     Period       // of a running figure: the days it adds up
	WorkingDays *WorkingDays // of the period, where what is expected of it goes by them
	Ahead       bool         // counts facts later than today, though the period compared with ends where today does
	// Of an earlier instant: how many of the deals that would be looked at were
	// there, but nobody knows at which stage, so that they count nowhere; and
	// whether it lies before the first import.
	Unrecorded    int64
	BeforeImports bool
	Apart         []Apart      // what is left out though it may belong to it
	Unended       string       // ISO first day of the step that has not ended, of how a stock stood
	Converted     []Conversion // a row for each currency of which facts were, in their order
	Listing       *Listing     // of a list of deals
	Whole         *Whole       // of a share that a filter makes
	RestShares    []Quantity   // of shares of rows: what those that are not shown are together, one a currency
	AssignedTo    []Cell       // of who owns an account: the territories that it is assigned to
	Revision      int64
	FreshAt       time.Time // when the data was last confirmed by an import
}

// Reading is the raw answer of the store to the statements of a Plan, all read
// in one snapshot. Every column is text as Postgres prints it, or nil.
type Reading struct {
	Revision int64
	FreshAt  time.Time
	Tables   [][][]*string // statement, row, column
}
