package importer

import (
	"slices"

	"salesbot/insights"
)

// kind is what a mapping may say about one kind of record.
type kind struct {
	name     insights.Kind
	section  string // the key of a mapping: people
	fields   []string
	required []string                 // without these a row yields no record
	refers   map[string]insights.Kind // fields that name another record, and the kind of that
	read     func(*cursor) insights.Record
}

// kinds are in the order they are reported in.
var kinds = []kind{
	{
		name: insights.KindProcess, section: "processes", read: reads((*cursor).process),
		fields:   []string{"name", "key"},
		required: []string{"name"},
	},
	{
		name: insights.KindStage, section: "stages", read: reads((*cursor).stage),
		fields:   []string{"name", "key", "process", "position", "outcome", "probability", "forecast_category", "expected_days", "since"},
		required: []string{"name", "position", "outcome"},
	},
	{
		name: insights.KindTerritoryModel, section: "territory_models", read: reads((*cursor).territoryModel),
		fields:   []string{"key", "name", "state", "from", "until"},
		required: []string{"key", "state"},
	},
	{
		name: insights.KindTerritory, section: "territories", read: reads((*cursor).territory),
		fields:   []string{"key", "name", "parent", "model"},
		required: []string{"key"},
		refers:   map[string]insights.Kind{"parent": insights.KindTerritory, "model": insights.KindTerritoryModel},
	},
	{
		name: insights.KindPerson, section: "people", read: reads((*cursor).person),
		fields:   []string{"key", "name", "email", "role", "manager", "territory", "since", "active"},
		required: []string{"key"},
		refers:   map[string]insights.Kind{"manager": insights.KindPerson, "territory": insights.KindTerritory},
	},
	{
		name: insights.KindAccount, section: "accounts", read: reads((*cursor).account),
		fields:   []string{"key", "name", "industry", "segment", "country", "parent"},
		required: []string{"key"},
		refers:   map[string]insights.Kind{"parent": insights.KindAccount},
	},
	{
		name: insights.KindProduct, section: "products", read: reads((*cursor).product),
		fields:   []string{"key", "name", "family"},
		required: []string{"key"},
	},
	{
		name: insights.KindOpportunity, section: "opportunities", read: reads((*cursor).opportunity),
		fields: []string{
			"key", "name", "account", "product", "owner", "process", "stage", "amount", "currency", "created_on", "engaged_on", "close_on",
			"loss_reason", "competitor", "forecast_category", "next_step", "source", "kind", "deleted", "changed_at",
		},
		required: []string{"key"}, // and its stage, but that another file may say
		refers:   map[string]insights.Kind{"account": insights.KindAccount, "product": insights.KindProduct, "owner": insights.KindPerson},
	},
	{
		name: insights.KindAssignment, section: "assignments", read: reads((*cursor).assignment),
		fields:   []string{"person", "manager", "territory", "model", "since"},
		required: []string{"person"},
		refers:   map[string]insights.Kind{"person": insights.KindPerson, "manager": insights.KindPerson, "territory": insights.KindTerritory, "model": insights.KindTerritoryModel},
	},
	{
		name: insights.KindAccountTerritory, section: "account_territories", read: reads((*cursor).accountTerritory),
		fields:   []string{"account", "territory", "model", "since"},
		required: []string{"account"},
		refers:   map[string]insights.Kind{"account": insights.KindAccount, "territory": insights.KindTerritory, "model": insights.KindTerritoryModel},
	},
	{
		name: insights.KindChange, section: "history", read: reads((*cursor).change),
		fields:   []string{"opportunity", "field", "old", "new", "process", "currency", "at"},
		required: []string{"opportunity", "field", "new", "at"},
	},
	{
		name: insights.KindSplit, section: "splits", read: reads((*cursor).split),
		fields:   []string{"opportunity", "person", "kind", "share"},
		required: []string{"opportunity", "person", "share"},
		refers:   map[string]insights.Kind{"person": insights.KindPerson},
	},
	{
		name: insights.KindLineItem, section: "line_items", read: reads((*cursor).lineItem),
		fields:   []string{"key", "opportunity", "product", "quantity", "amount", "currency"},
		required: []string{"key", "opportunity", "amount"},
		refers:   map[string]insights.Kind{"product": insights.KindProduct},
	},
	{
		name: insights.KindQuota, section: "quotas", read: reads((*cursor).quota),
		fields:   []string{"person", "territory", "model", "measure", "first_day", "last_day", "amount", "currency"},
		required: []string{"first_day", "last_day", "amount"},
		refers:   map[string]insights.Kind{"person": insights.KindPerson, "territory": insights.KindTerritory, "model": insights.KindTerritoryModel},
	},
	{
		name: insights.KindForecast, section: "forecasts", read: reads((*cursor).forecast),
		fields:   []string{"person", "territory", "model", "first_day", "last_day", "category", "amount", "currency", "submitted_at"},
		required: []string{"first_day", "last_day", "category", "amount", "submitted_at"},
		refers:   map[string]insights.Kind{"person": insights.KindPerson, "territory": insights.KindTerritory, "model": insights.KindTerritoryModel},
	},
	{
		name: insights.KindCostLine, section: "costs", read: reads((*cursor).costLine),
		fields:   []string{"key", "opportunity", "kind", "amount", "currency", "on"},
		required: []string{"key", "opportunity", "kind", "amount"},
	},
	{
		name: insights.KindOverhead, section: "overhead", read: reads((*cursor).overhead),
		fields:   []string{"key", "first_day", "last_day", "amount", "currency", "allocated_by"},
		required: []string{"key", "first_day", "last_day", "amount", "allocated_by"},
	},
	{
		name: insights.KindLead, section: "leads", read: reads((*cursor).lead),
		fields:   []string{"key", "created_at", "source", "owner", "status", "responded_at", "opportunity", "converted_at"},
		required: []string{"key", "created_at", "status"},
		refers:   map[string]insights.Kind{"owner": insights.KindPerson},
	},
	{
		name: insights.KindActivity, section: "activities", read: reads((*cursor).activity),
		fields:   []string{"key", "opportunity", "account", "kind", "at", "two_way", "by"},
		required: []string{"key", "kind", "at", "two_way"},
		refers:   map[string]insights.Kind{"account": insights.KindAccount, "by": insights.KindPerson},
	},
	{
		name: insights.KindSubscription, section: "subscriptions", read: reads((*cursor).subscription),
		fields:   []string{"key", "account", "product", "kind", "on", "amount", "currency"},
		required: []string{"key", "account", "kind", "on", "amount"},
		refers:   map[string]insights.Kind{"account": insights.KindAccount, "product": insights.KindProduct},
	},
	{
		name: insights.KindExchangeRate, section: "exchange_rates", read: reads((*cursor).exchangeRate),
		fields:   []string{"currency", "into", "since", "rate"},
		required: []string{"currency", "rate"},
	},
}

// reads makes a reader of records of one of any kind.
func reads[T insights.Record](read func(*cursor) T) func(*cursor) insights.Record {
	return func(c *cursor) insights.Record { return read(c) }
}

// kindNames are the sections of the records that a file makes.
func kindNames(rules []binding) []string {
	var sections []string
	for _, k := range kinds {
		if slices.ContainsFunc(rules, func(b binding) bool { return b.rule.kind.name == k.name }) {
			sections = append(sections, k.section)
		}
	}
	return sections
}

var (
	outcomes      = []string{string(insights.Open), string(insights.Won), string(insights.Lost)}
	modelStates   = []string{string(insights.Planning), string(insights.Active), string(insights.Archived)}
	roles         = []string{"rep", "manager", "analyst", "admin"}
	truths        = []string{"yes", "no", "true", "false", "1", "0"}
	measures      = []string{"bookings"}
	splitKinds    = []string{string(insights.RevenueSplit), string(insights.OverlaySplit)}
	costKinds     = []string{string(insights.DirectCost), string(insights.SellingCost)}
	allocations   = []string{"revenue", "deals"}
	leadStatuses  = []string{"new", "working", "qualified", "disqualified"}
	movementKinds = []string{"new", "expansion", "contraction", "churn", "reactivation"}
	changeFields  = []string{
		string(insights.ChangeStage), string(insights.ChangeOwner), string(insights.ChangeAmount), string(insights.ChangeCloseOn),
		string(insights.ChangeCategory), string(insights.ChangeAccount), string(insights.ChangeNextStep),
	}
)

// forecastCategories are the words that people export for each category,
// without blanks and signs: Salesforce calls commit Forecast behind the scenes,
// and HubSpot says Not forecasted.
var forecastCategories = []struct {
	category insights.ForecastCategory
	words    []string
}{
	{insights.Omitted, []string{"omitted", "omit", "notforecasted"}},
	{insights.Pipeline, []string{"pipeline"}},
	{insights.BestCase, []string{"bestcase"}},
	{insights.Commit, []string{"commit", "forecast"}},
	{insights.Closed, []string{"closed", "closedwon"}},
}
