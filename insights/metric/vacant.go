package metric

import "fmt"

// Who holds nothing, and what nobody holds. Both are told on the map in force on
// the day asked about or, as planned, on the planned one, and one by one as well:
// who holds what is open to everybody, and so is that nobody does.

// An account is unassigned if nobody holds it on the day asked about: it is in no
// territory, or in one that is vacant. Who sells to it does not matter. Accounts
// have no past: one that came to be known later counts on earlier days as well.
var unassigned = &facts{
	model: "unassigned_account", noun: "account", standing: (*builder).unassigned, placed: true, momentary: true, open: true, needs: needPlace,
	undated: "which accounts there are",
	columns: []*column{
		{name: "id", kind: kindKey},
		territoryColumn,
		accountColumn, industryColumn, segmentColumn, countryColumn,
		yesNo("in_territory", "o.territory_id is not null"),
		{name: "stands_on", kind: kindDay, value: "o.stands_on"},
		{name: "as_of", kind: kindAsOf},
	},
	listed: &listable{
		name: "account.name", id: "account.external_id", from: []join{joinAccount}, describes: []*column{territoryColumn},
	},
}

// unassignedSQL selects them. %[1]s are the territories of accounts, %[2]s is the
// day, and %[3]s keeps who holds a territory on it.
const unassignedSQL = `(
    select account.id, account.id as account_id, place.territory_id, %[2]s as stands_on
    from account
    left join (%[1]s
    ) place on place.account_id = account.id
    where not account.taken_back and not exists (
        select from territory_member holder
        where holder.territory_id = place.territory_id and upper_inf(holder.known)%[3]s
    )
)`

func (b *builder) unassigned() string {
	day := b.day(b.at.day)
	if planned := b.plan.planned; planned != "" {
		return fmt.Sprintf(unassignedSQL, fmt.Sprintf(placesPlannedSQL, b.arg(planned)), day, "")
	}
	return fmt.Sprintf(unassignedSQL, fmt.Sprintf(placesInForceSQL, day), day, " and holder.valid @> "+day)
}

// A territory with none below it, whoever holds it. One that only holds others
// together is not among them, and nobody need hold it.
var lowest = &facts{
	model: "lowest_territory", noun: "territory", standing: (*builder).lowest, placed: true, momentary: true, open: true, needs: needTerritory,
	undated: "which territories there are on a map",
	columns: []*column{
		{name: "id", kind: kindKey},
		territoryColumn,
		yesNo("held", "o.held"),
		{name: "stands_on", kind: kindDay, value: "o.stands_on"},
		{name: "as_of", kind: kindAsOf},
	},
	listed: &listable{name: "territory.name", id: "territory.external_id", from: territoryColumn.join},
}

var needTerritory = &need{what: "territories", loaded: "exists (select from territory where not taken_back)"}

// lowestSQL selects them. %[1]s lists territories, %[2]s is the day, and %[3]s
// keeps who holds one on it.
const lowestSQL = `(
    with drawn as (%[1]s
    )
    select drawn.id, drawn.id as territory_id, %[2]s as stands_on, exists (
        select from territory_member holder
        where holder.territory_id = drawn.id and upper_inf(holder.known)%[3]s
    ) as held
    from drawn
    where ` + noneBelowSQL + `
)`

// noneBelowSQL keeps of the territories drawn those that have none below them.
const noneBelowSQL = "not exists (select from territory lower join drawn here on here.id = lower.id where lower.parent_id = drawn.id)"

func (b *builder) lowest() string {
	day := b.day(b.at.day)
	if planned := b.plan.planned; planned != "" {
		return fmt.Sprintf(lowestSQL, fmt.Sprintf(drawnPlannedSQL, b.arg(planned)), day, "")
	}
	return fmt.Sprintf(lowestSQL, fmt.Sprintf(drawnInForceSQL, day), day, " and holder.valid @> "+day)
}
