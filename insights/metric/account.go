package metric

import "fmt"

// An account stands in a territory on the day asked about, and says what the
// company has with it on that day: an open deal, a won one, a contact both ways.
// Accounts that are in no territory on that day are not among them.
//
// Where it stands is told of the account itself, not of whoever sells to it: on
// the map in force on that day or, as planned, on the planned one, where of
// several territories that counts which it is in longest. Both maps of the past
// are that of the day asked about. Of several territories of one day the one with
// the lowest id is taken.
//
// An account is held by whoever holds its territory on that day, a vacant one by
// nobody. It stands here once for each of them, so that each of a shared territory
// has all of it; in every figure it is counted once.
//
// The day is one and the same for all of them: they can be asked as of a day, and
// are of no period.
var accounts = &facts{
	model: "account", noun: "account", standing: (*builder).accounts, placed: true, momentary: true, one: "o.account_id", needs: needPlace,
	table: "activity", then: "select * from :table where at <= :instant",
	columns: []*column{
		{name: "id", kind: kindKey},
		ownerColumn, managerColumn, territoryColumn,
		accountColumn, industryColumn, segmentColumn, countryColumn,
		accountState("open_deal", fmt.Sprintf(dealtWithSQL, "open"), needPlace),
		accountState("won_deal", fmt.Sprintf(dealtWithSQL, "won"), needPlace),
		accountState("touched", touchedSQL, needPlaceAndContact, joinAsked),
		{name: "stands_on", kind: kindDay, value: "o.stands_on"},
		{name: "as_of", kind: kindAsOf},
	},
	listed: &listable{
		name: "account.name", id: "account.external_id", from: []join{joinAccount}, describes: []*column{territoryColumn},
	},
}

var (
	needPlace = &need{
		what: "the territories of accounts", loaded: "exists (select from account_territory where upper_inf(known))",
	}
	needPlaceAndContact = &need{
		what: "the territories of accounts and activities", loaded: needPlace.loaded + " and " + needContact.loaded,
	}
)

// accountState tells by yes or no whether an account is among those of a query.
func accountState(name, among string, needs *need, from ...join) *column {
	c := yesNo(name, "o.account_id in ("+among+")")
	c.needs, c.from = needs, from
	return c
}

// dealtWithSQL lists the accounts that have a deal of the outcome %s.
const dealtWithSQL = `
    select d.account_id
    from opportunity d
    join stage means on means.id = d.stage_id
    where not d.deleted and means.outcome = '%s'
`

// touchedSQL lists the accounts that somebody was in touch with, both ways, in
// the last 90 days, about a deal or not.
const touchedSQL = `
    select coalesce(activity.account_id, about.account_id)
    from activity
    left join opportunity about on about.id = activity.opportunity_id
    where activity.two_way
      and (activity.at at time zone asked.zone)::date > asked.day - 90 and (activity.at at time zone asked.zone)::date <= asked.day
`

// placedSQL selects the accounts in territories, once for each who holds them.
// %s are the territories of accounts, who holds a territory, and the day.
const placedSQL = `(
    select place.account_id as id, place.account_id, place.territory_id, holder.person_id as owner_id, %[3]s as stands_on
    from (%[1]s
    ) place
    left join territory_member holder on holder.territory_id = place.territory_id and upper_inf(holder.known)%[2]s
)`

const placesInForceSQL = `
        select account_id, min(territory_id) as territory_id
        from account_territory
        join territory_in_force in_force using (territory_id)
        where upper_inf(known) and valid @> %[1]s and in_force.days @> %[1]s
        group by account_id`

const placesPlannedSQL = `
        select distinct on (account_id) account_id, territory_id
        from account_territory
        join territory on territory.id = account_territory.territory_id
        join territory_model on territory_model.id = territory.model_id and territory_model.state = 'planning' and territory_model.name = %s
        where upper_inf(known)
        order by account_id, upper(valid) desc nulls first, territory_id`

func (b *builder) accounts() string {
	day := b.day(b.at.day)
	if planned := b.plan.planned; planned != "" {
		return fmt.Sprintf(placedSQL, fmt.Sprintf(placesPlannedSQL, b.arg(planned)), "", day)
	}
	return fmt.Sprintf(placedSQL, fmt.Sprintf(placesInForceSQL, day), " and holder.valid @> "+day, day)
}
