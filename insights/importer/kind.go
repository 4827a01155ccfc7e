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
}

// kinds are in the order they are reported in. Stages come first because
// opportunities are checked against them.
var kinds = []kind{
	{KindStage, "stages", []string{"name", "position", "outcome"}, []string{"name", "position", "outcome"}, "name"},
	{KindTerritory, "territories", []string{"key", "name", "parent"}, []string{"key"}, "key"},
	{KindPerson, "people", []string{"key", "name", "email", "role", "manager", "territory", "since"}, []string{"key"}, "key"},
	{KindAccount, "accounts", []string{"key", "name", "industry", "country", "parent"}, []string{"key"}, "key"},
	{KindProduct, "products", []string{"key", "name", "family"}, []string{"key"}, "key"},
	{KindOpportunity, "opportunities", []string{"key", "name", "account", "product", "owner", "stage", "amount", "currency", "created_on", "engaged_on", "close_on"}, []string{"key", "stage"}, "key"},
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
