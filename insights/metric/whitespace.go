package metric

import (
	"fmt"
	"slices"
)

// What an account was never sold. One fact is an account in a territory beside one
// of the products, whether or not a deal with it was ever won; it stands for each
// who holds the account, as accounts do. A figure is of one product, or of each:
// an account that lacks several is in the row of each of them, and is counted once
// where they are told together, as one that lacks one of them or more.
//
// What was sold to whoever won a deal without a product is not known: such an
// account is neither among those that lack one nor among the others, unless that
// product was sold to it as well.
var pairs = &facts{
	model: "account_product", noun: "account", standing: (*builder).pairs, placed: true, momentary: true, one: "o.account_id", each: productColumn, needs: needPlaceAndProduct,
	columns: []*column{
		{name: "id", kind: kindKey},
		ownerColumn, managerColumn, territoryColumn,
		accountColumn, industryColumn, segmentColumn, countryColumn,
		productColumn,
		{
			name: "sold", kind: kindText, value: soldSQL, words: []string{yes, no}, needs: needPlaceAndProduct,
			unsure: "that bought something of which the product is not known",
		},
		accountState("won_deal", fmt.Sprintf(dealtWithSQL, "won"), needPlaceAndProduct),
		{name: "stands_on", kind: kindDay, value: "o.stands_on"},
		{name: "as_of", kind: kindAsOf},
	},
	listed: &listable{
		name: "account.name", id: "account.external_id", from: []join{joinAccount}, describes: []*column{territoryColumn, productColumn},
	},
}

var needPlaceAndProduct = &need{
	what: "the territories of accounts and products", loaded: needPlace.loaded + " and exists (select from product where not taken_back)",
}

// soldSQL tells whether a product was ever sold to an account.
const soldSQL = `case when (o.account_id, o.product_id) in (
    select d.account_id, d.product_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = 'won'
) then 'yes' when o.account_id in (
    select d.account_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = 'won' and d.product_id is null
) then null else 'no' end`

func (b *builder) pairs() string {
	return "(\n    select held.*, product.id as product_id\n    from " + b.accounts() + " held\n    cross join product\n    where not product.taken_back\n)"
}

// isOfEach reports whether a Query tells of one of the several things that facts
// are of, or of each of them by itself.
func (m *Metric) isOfEach(q Query) bool {
	each := m.facts.each.makes
	return slices.Contains(q.By, each) || slices.ContainsFunc(q.Where, func(f Filter) bool { return f.Field == each && f.Op == Eq })
}

// resolveEach refuses to tell of several things together what is told of one.
func (p *Plan) resolveEach() *Refusal {
	if p.Metric.formula != nil || p.Metric.facts.each == nil || p.Metric.isOfEach(p.Query) {
		return nil
	}
	each := p.Metric.facts.each.makes
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("%s is told of one %s, or of each.", p.Metric.Label, each),
		Hint:    fmt.Sprintf("Name one %s, or ask for it by %s.", each, each),
		Instead: []string{phrase(p.Metric.Name) + " by " + each},
	}
}

// Overlap reports whether a fact may be in several rows of a breakdown.
func (m *Metric) Overlap(q Query) bool {
	return m.formula == nil && m.facts.each != nil && slices.Contains(q.By, m.facts.each.makes)
}
