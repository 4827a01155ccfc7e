package insights

import (
	"strings"
	"time"
)

// Kind names a kind of record, as counts and rejects do.
type Kind string

// The kinds of records.
const (
	KindProcess          Kind = "process"
	KindStage            Kind = "stage"
	KindTerritoryModel   Kind = "territory_model"
	KindTerritory        Kind = "territory"
	KindPerson           Kind = "person"
	KindAssignment       Kind = "assignment"
	KindAccount          Kind = "account"
	KindAccountTerritory Kind = "account_territory"
	KindProduct          Kind = "product"
	KindOpportunity      Kind = "opportunity"
	KindChange           Kind = "change"
	KindSplit            Kind = "opportunity_split"
	KindLineItem         Kind = "line_item"
	KindQuota            Kind = "quota"
	KindForecast         Kind = "forecast"
	KindCostLine         Kind = "cost_line"
	KindOverhead         Kind = "overhead"
	KindLead             Kind = "lead"
	KindActivity         Kind = "activity"
	KindSubscription     Kind = "subscription_movement"
	KindExchangeRate     Kind = "exchange_rate"
)

// Record is one thing that an import says of the world: a Stage, a Person, an
// Opportunity. References between records are by key: the external id or, where
// the source has none, the name.
type Record interface {
	// Named tells the record from all others of its kind.
	Named() RecordKey
}

// Outcome is what a stage means for a deal that stands in it.
type Outcome string

// The outcomes of a stage.
const (
	Open Outcome = "open"
	Won  Outcome = "won"
	Lost Outcome = "lost"
)

// Process is a way of selling with stages of its own, such as new business or
// renewals. Stages without one belong to the company's only process.
type Process struct {
	Name string
	// Key is its id where the source has one, by which stages and deals may
	// refer to it as well as by its name. Empty: it has none.
	Key string
}

// Named tells the process from others: by its name, in any case.
func (p Process) Named() RecordKey { return RecordKey{KindProcess, strings.ToLower(p.Name)} }

// ForecastCategory says how sure a deal is, in the trade's words.
type ForecastCategory string

// The forecast categories, from the least sure to the surest.
const (
	Omitted  ForecastCategory = "omitted"
	Pipeline ForecastCategory = "pipeline"
	BestCase ForecastCategory = "best_case"
	Commit   ForecastCategory = "commit"
	Closed   ForecastCategory = "closed"
)

// Stage is a step of a sales process.
type Stage struct {
	Process string // Process.Name or Key; empty: the only one
	Name    string
	// Key is its id where the source has one, by which deals and changes may
	// refer to it as well as by its name. Empty: it has none.
	Key         string
	Position    int
	Outcome     Outcome
	Probability string           // that a deal in it is won, a decimal from 0 to 1; empty: unknown
	Category    ForecastCategory // of deals in it that name none; empty: unknown
	// ExpectedDays is how long a deal should stay in it; nil: nobody said.
	ExpectedDays *int
	// Since is the first day of what is said here. Zero: it always was so, or,
	// of a stage that is known and differs, from the day the source was taken.
	Since time.Time
}

// Named tells the stage from others: by process and name, in any case and
// however they are spaced, and by the day from which on it is described.
func (s Stage) Named() RecordKey {
	key := foldedName(s.Name)
	if s.Process != "" {
		key = foldedName(s.Process) + "\x1f" + key
	}
	if !s.Since.IsZero() {
		key += "\x1f" + s.Since.Format(time.DateOnly)
	}
	return RecordKey{KindStage, key}
}

// foldedName is equal for two spellings of one name.
func foldedName(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// ModelState says whether a map of territories is in force.
type ModelState string

// The states of a map of territories. One is active at a time: activating a map
// archives the one before it on that day.
const (
	Planning ModelState = "planning"
	Active   ModelState = "active"
	Archived ModelState = "archived"
)

// TerritoryModel is a map of territories.
type TerritoryModel struct {
	Key   string
	Name  string
	State ModelState
	// From is the first day it was in force. Zero: as before; of the first map
	// that is active, since ever; of one that replaces another, from the day the
	// source was taken.
	From  time.Time
	Until time.Time // the last day it was in force, included; zero: as before
}

// Named tells the model from others.
func (m TerritoryModel) Named() RecordKey { return RecordKey{KindTerritoryModel, m.Key} }

// Territory is a patch: a region, a segment, a list of accounts.
type Territory struct {
	Key    string
	Name   string
	Parent string // Key of the territory above, empty at the top
	Model  string // Key of the TerritoryModel; empty: the map that needs none
}

// Named tells the territory from others of its model.
func (t Territory) Named() RecordKey {
	if t.Model == "" {
		return RecordKey{KindTerritory, t.Key}
	}
	return RecordKey{KindTerritory, t.Model + "\x1f" + t.Key}
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

// Named tells the person from others.
func (p PersonRecord) Named() RecordKey { return RecordKey{KindPerson, p.Key} }

// Account is a customer or prospect.
type Account struct {
	Key      string
	Name     string
	Industry string
	Segment  string
	Country  string
	Parent   string // Key
}

// Named tells the account from others.
func (c Account) Named() RecordKey { return RecordKey{KindAccount, c.Key} }

// AccountTerritory says in which territory an account is from a day on, until
// its next one. Those of an account are told together, like Assignments.
type AccountTerritory struct {
	Account   string    // Key
	Territory string    // Key; empty: in none
	Model     string    // Key of the territory's model; empty: the one in force
	Since     time.Time // zero: since ever
}

// Named tells the assignment from others.
func (a AccountTerritory) Named() RecordKey {
	return RecordKey{KindAccountTerritory, joined(a.Account, a.Model, dayOf(a.Since))}
}

// Product is something sold.
type Product struct {
	Key    string
	Name   string
	Family string
}

// Named tells the product from others.
func (p Product) Named() RecordKey { return RecordKey{KindProduct, p.Key} }

// Opportunity is a deal. Days are in the company's zone; zero: unknown.
type Opportunity struct {
	Key        string
	Name       string
	Account    string // Key; empty: unknown
	Product    string // Key; empty: unknown
	Owner      string // Key; empty: unknown
	Process    string // Process.Name or Key, where Stage is the name of one of its stages
	Stage      string // Stage.Name or Key, or the name with its process behind it: "Demo (Renewals)"
	Amount     *Money // nil: unknown
	CreatedOn  time.Time
	EngagedOn  time.Time // work on it started (qualified)
	CloseOn    time.Time // closed, or expected to close
	LossReason string    // why it was lost
	Competitor string    // who else was asked
	Category   ForecastCategory
	NextStep   string
	Source     string // where it came from: web, partner, …
	Kind       string // new business, renewal, …
	// Deleted says that it is gone where it came from. Nil: as before, and not
	// so of a new one.
	Deleted *bool
	// ChangedAt is when the source last changed it, if it says so: what differs
	// from what is known has been so from then on. Zero: from the day the source was taken.
	ChangedAt time.Time
}

// Named tells the deal from others.
func (o Opportunity) Named() RecordKey { return RecordKey{KindOpportunity, o.Key} }

// Change is one entry of a deal's past: until At the field had the value Old,
// from then on New. Values are written as the records do: a stage by its name,
// an owner by key, a day as ISO date, an amount in minor units; empty: unknown.
// Changes of one field at one moment happened in the order they are told.
type Change struct {
	Opportunity string // Key
	Field       ChangeField
	Old         string // empty behind another change of the field: what that led to
	New         string
	Process     string // of stages, as in Opportunity
	Currency    string // of amounts
	At          time.Time
}

// Named tells the change from others.
func (c Change) Named() RecordKey {
	return RecordKey{KindChange, joined(c.Opportunity, string(c.Field), c.At.UTC().Format(time.RFC3339Nano), c.Old, c.New)}
}

// ChangeField is what of a deal has a past.
type ChangeField string

// The fields of a deal whose past can be told.
const (
	ChangeStage    ChangeField = "stage"
	ChangeOwner    ChangeField = "owner"
	ChangeAmount   ChangeField = "amount"
	ChangeCloseOn  ChangeField = "close_on"
	ChangeCategory ChangeField = "forecast_category"
	ChangeAccount  ChangeField = "account"
	ChangeNextStep ChangeField = "next_step"
)

// SplitKind says what the shares of a deal add up to.
type SplitKind string

// The kinds of split.
const (
	RevenueSplit SplitKind = "revenue" // parts of the whole
	OverlaySplit SplitKind = "overlay" // on top of it
)

// Split is the part of a deal that is a person's. The splits of a kind of a
// deal are told together.
type Split struct {
	Opportunity string // Key
	Person      string // Key
	Kind        SplitKind
	Share       string // a decimal from 0 to 1
}

// Named tells the split from others.
func (s Split) Named() RecordKey {
	return RecordKey{KindSplit, joined(s.Opportunity, s.Person, string(s.Kind))}
}

// LineItem is what of a product is sold with a deal.
type LineItem struct {
	Key         string
	Opportunity string // Key
	Product     string // Key; empty: unknown
	Quantity    string // a decimal; empty: unknown
	Amount      Money  // of the whole line
}

// Named tells the line from others.
func (l LineItem) Named() RecordKey { return RecordKey{KindLineItem, l.Key} }

// Assignment says under whom and where a person works from a day on, until
// their next one. The assignments of a person are told together: those in an
// import replace what was known from the first of their days on. Each model has
// territories of its own, so those of a model replace what is known in it.
type Assignment struct {
	Person    string    // Key
	Manager   string    // Key; empty: as before
	Territory string    // Key; empty: as before
	Model     string    // Key of the territory's model; empty: the one in force
	Since     time.Time // zero: since ever
}

// Named tells the assignment from others.
func (a Assignment) Named() RecordKey {
	return RecordKey{KindAssignment, joined(a.Person, a.Model, dayOf(a.Since))}
}

// Quota is what a person or a territory is to reach in a period.
type Quota struct {
	Person    string // Key; empty: it is a territory's
	Territory string // Key
	Model     string // Key of the territory's model; empty: the one in force
	Measure   string // bookings
	First     time.Time
	Last      time.Time // the last day, included
	Amount    Money
}

// Named tells the quota from others.
func (q Quota) Named() RecordKey {
	return RecordKey{KindQuota, joined(q.Person, q.Territory, q.Model, q.Measure, dayOf(q.First), dayOf(q.Last))}
}

// Forecast is what somebody said would be reached in a period, on some day.
type Forecast struct {
	Person      string // Key; empty: it is a territory's
	Territory   string // Key
	Model       string // Key of the territory's model; empty: the one in force
	First       time.Time
	Last        time.Time // the last day, included
	Category    ForecastCategory
	Amount      Money
	SubmittedAt time.Time
}

// Named tells the forecast from others.
func (f Forecast) Named() RecordKey {
	return RecordKey{KindForecast, joined(f.Person, f.Territory, f.Model, dayOf(f.First), dayOf(f.Last), string(f.Category), f.SubmittedAt.UTC().Format(time.RFC3339Nano))}
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

// Named tells the cost from others.
func (c CostLine) Named() RecordKey { return RecordKey{KindCostLine, c.Key} }

// Overhead is what the company cost in a period beyond its deals, and the key
// by which the deals won in that period bear it: revenue or deals.
type Overhead struct {
	Key         string
	First       time.Time
	Last        time.Time // the last day, included
	Amount      Money
	AllocatedBy string
}

// Named tells the overhead from others.
func (o Overhead) Named() RecordKey { return RecordKey{KindOverhead, o.Key} }

// Lead is somebody who may become a deal.
type Lead struct {
	Key         string
	CreatedAt   time.Time
	Source      string
	Owner       string // Key; empty: nobody
	Status      string // new, working, qualified or disqualified
	RespondedAt time.Time
	Opportunity string // Key of the deal it became; empty: none
	ConvertedAt time.Time
}

// Named tells the lead from others.
func (l Lead) Named() RecordKey { return RecordKey{KindLead, l.Key} }

// Activity is one contact with a customer: about a deal, or with an account.
type Activity struct {
	Key         string
	Opportunity string // Key; empty: about none
	Account     string // Key; empty: that of the deal
	Kind        string // call, email, meeting, …
	At          time.Time
	TwoWay      bool // the customer took part
	By          string
}

// Named tells the activity from others.
func (a Activity) Named() RecordKey { return RecordKey{KindActivity, a.Key} }

// Subscription is a movement of what an account pays in a year.
type Subscription struct {
	Key     string
	Account string // Key
	Product string // Key; empty: unknown
	Kind    string // new, expansion, contraction, churn or reactivation
	On      time.Time
	Amount  Money // of a year, never negative
}

// Named tells the movement from others.
func (s Subscription) Named() RecordKey { return RecordKey{KindSubscription, s.Key} }

// ExchangeRate is what one unit of a currency is worth in another from a day
// on, until the next rate of the two.
type ExchangeRate struct {
	Currency string // ISO 4217
	Into     string // ISO 4217
	Since    time.Time
	Rate     string // a decimal above 0
}

// Named tells the rate from others.
func (r ExchangeRate) Named() RecordKey {
	return RecordKey{KindExchangeRate, joined(r.Currency, r.Into, dayOf(r.Since))}
}

// joined makes one key of several parts.
func joined(parts ...string) string { return strings.Join(parts, "\x1f") }

// dayOf writes a day; empty: none.
func dayOf(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}
