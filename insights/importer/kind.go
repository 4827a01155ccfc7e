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
)

// kind is what a mapping may say about one kind of record.
type kind struct {
	name     string // KindPerson
	section  string // the key of a mapping: people
	fields   []string
	required []string // without these a row yields no record
	keyField string
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
		fields:   []string{"name", "position", "outcome"},
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
		fields:   []string{"key", "name", "email", "role", "manager", "territory", "since"},
		required: []string{"key"},
		refers:   map[string]string{"manager": KindPerson, "territory": KindTerritory},
	},
	{
		name: KindAccount, section: "accounts", keyField: "key",
		fields:   []string{"key", "name", "industry", "country", "parent"},
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
		fields:   []string{"key", "name", "account", "product", "owner", "stage", "amount", "currency", "created_on", "engaged_on", "close_on"},
		required: []string{"key", "stage"},
		refers:   map[string]string{"account": KindAccount, "product": KindProduct, "owner": KindPerson},
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
	outcomes = []string{string(insights.Open), string(insights.Won), string(insights.Lost)}
	roles    = []string{"rep", "manager", "analyst", "admin"}
)
