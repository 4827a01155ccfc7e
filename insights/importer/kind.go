package importer

import (
	"slices"

	"salesbot/insights"
)

// The kinds of records, as RecordKey.Kind and the counts of an import name
// them.
const (
	KindStage       = "stage"
	KindTerritory   = "territory"
	KindPerson      = "person"
	KindAccount     = "account"
	KindProduct     = "product"
	KindOpportunity = "opportunity"
	KindAssignment  = "assignment"
	KindChange      = "change"
	KindQuota       = "quota"
	KindCostLine    = "cost_line"
	KindOverhead    = "overhead"
	KindLead        = "lead"
	KindActivity    = "activity"
)

// kind is what a mapping may say about one kind of record.
type kind struct {
	name     string // KindPerson
	section  string // the key of a mapping: people
	fields   []string
	required []string          // without these a row yields no record
	keyField string            // empty: several fields together are the key
	refers   map[string]string // fields that hold the key of another record, and the kind of that
}

// lookupsBy are the attributes by which the records of a kind can be found.
var lookupsBy = map[string][]string{
	KindTerritory: {"name"},
	KindPerson:    {"email", "name"},
	KindAccount:   {"name"},
	KindProduct:   {"name"},
}

// kinds are in the order they are reported in. Stages come first because
// opportunities are checked against them.
var kinds = []kind{
	{
		name: KindStage, section: "stages", keyField: "name",
		fields:   []string{"name", "position", "outcome", "probability"},
		required: []string{"name", "position", "outcome"},
	},
	{
		name: KindTerritory, section: "territories", keyField: "key",
		fields:   []string{"key", "name", "parent"},
		required: []string{"key"},
		refers:   map[string]string{"parent": KindTerritory},
	},
	{
		name: KindPerson, section: "people", keyField: "key",
		fields:   []string{"key", "name", "email", "role", "manager", "territory", "since", "active"},
		required: []string{"key"},
		refers:   map[string]string{"manager": KindPerson, "territory": KindTerritory},
	},
	{
		name: KindAccount, section: "accounts", keyField: "key",
		fields:   []string{"key", "name", "industry", "segment", "country", "parent"},
		required: []string{"key"},
		refers:   map[string]string{"parent": KindAccount},
	},
	{
		name: KindProduct, section: "products", keyField: "key",
		fields:   []string{"key", "name", "family"},
		required: []string{"key"},
	},
	{
		name: KindOpportunity, section: "opportunities", keyField: "key",
		fields:   []string{"key", "name", "account", "product", "owner", "stage", "amount", "currency", "created_on", "engaged_on", "close_on", "loss_reason", "competitor"},
		required: []string{"key", "stage"},
		refers:   map[string]string{"account": KindAccount, "product": KindProduct, "owner": KindPerson},
	},
	{
		name: KindAssignment, section: "assignments",
		fields:   []string{"person", "manager", "territory", "since"},
		required: []string{"person"},
		refers:   map[string]string{"person": KindPerson, "manager": KindPerson, "territory": KindTerritory},
	},
	{
		name: KindChange, section: "history",
		fields:   []string{"opportunity", "field", "old", "new", "currency", "at"},
		required: []string{"opportunity", "field", "new", "at"},
	},
	{
		name: KindQuota, section: "quotas",
		fields:   []string{"person", "measure", "first_day", "last_day", "amount", "currency"},
		required: []string{"person", "first_day", "last_day", "amount"},
		refers:   map[string]string{"person": KindPerson},
	},
	{
		name: KindCostLine, section: "costs", keyField: "key",
		fields:   []string{"key", "opportunity", "kind", "amount", "currency", "on"},
		required: []string{"key", "opportunity", "kind", "amount"},
	},
	{
		name: KindOverhead, section: "overhead", keyField: "key",
		fields:   []string{"key", "first_day", "last_day", "amount", "currency", "allocated_by"},
		required: []string{"key", "first_day", "last_day", "amount", "allocated_by"},
	},
	{
		name: KindLead, section: "leads", keyField: "key",
		fields:   []string{"key", "created_at", "source", "owner", "status", "responded_at", "opportunity"},
		required: []string{"key", "created_at", "status"},
		refers:   map[string]string{"owner": KindPerson},
	},
	{
		name: KindActivity, section: "activities", keyField: "key",
		fields:   []string{"key", "opportunity", "kind", "at", "two_way", "by"},
		required: []string{"key", "opportunity", "kind", "at", "two_way"},
		refers:   map[string]string{"by": KindPerson},
	},
}

func kindNames(rules []*rule) []string {
	var sections []string
	for _, k := range kinds {
		if slices.ContainsFunc(rules, func(r *rule) bool { return r.kind.name == k.name }) {
			sections = append(sections, k.section)
		}
	}
	return sections
}

var (
	outcomes     = []string{string(insights.Open), string(insights.Won), string(insights.Lost)}
	roles        = []string{"rep", "manager", "analyst", "admin"}
	truths       = []string{"yes", "no", "true", "false", "1", "0"}
	measures     = []string{"bookings"}
	costKinds    = []string{string(insights.DirectCost), string(insights.SellingCost)}
	allocations  = []string{"revenue", "deals"}
	leadStatuses = []string{"new", "working", "qualified", "disqualified"}
	changeFields = []string{
		string(insights.ChangeStage), string(insights.ChangeOwner), string(insights.ChangeAmount), string(insights.ChangeCloseOn),
	}
)
