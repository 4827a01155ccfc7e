package metric

// What a deal is like on the day of asking, or on the day asked about: words
// that metrics are filtered by, and nothing is broken down by.

var (
	needCategory = &need{
		what: "the forecast categories of deals or stages",
		loaded: "exists (select from opportunity where forecast_category is not null and not deleted) or exists (select from stage where forecast_category is not null)" +
			" or exists (select from stage_definition where forecast_category is not null and upper_inf(known))",
	}
	needNextStep = &need{
		what: "the next steps of deals", loaded: "exists (select from opportunity where next_step is not null and not deleted)",
	}
	needActivity = &need{
		what: "the activities of deals", loaded: "exists (select from activity)",
	}
)

// categoryColumn is the forecast category that the deal has itself or, if it has
// none, that of its stage.
var categoryColumn = &column{
	name: "forecast_category", kind: kindText, makes: "forecast_category", grain: GrainCompany,
	value: categorySQL, from: []join{joinStage}, words: []string{"omitted", "pipeline", "best_case", "commit", "closed"},
	group: categorySQL, print: categorySQL, join: []join{joinStage}, needs: needCategory,
}

const categorySQL = "coalesce(o.forecast_category, stage.forecast_category)"

// dealState tells by yes or no whether a deal is in a state.
func dealState(name, test string, needs *need, from ...join) *column {
	return &column{
		name: name, kind: kindText, value: "case when " + test + " then 'yes' else 'no' end", from: from,
		words: []string{yes, no}, needs: needs,
	}
}

// begunSQL is the day since which a deal has been there, as far as that is known.
const begunSQL = "coalesce(o.created_on, o.engaged_on)"

// lastTouchSQL is the last day, up to the one asked about, on which somebody was in
// touch with the customer of a deal, both ways: a mail that nobody answers is no
// contact, nor is the editing of a field. A deal about which nobody ever was counts
// from the day on which it was created, as does one that is younger than its last
// contact; where that is not known, since ever.
const lastTouchSQL = `greatest(coalesce(o.created_on, o.engaged_on, '-infinity'), (
    select max((activity.at at time zone asked.zone)::date)
    from activity
    where activity.opportunity_id = o.id and activity.two_way and (activity.at at time zone asked.zone)::date <= asked.day
))`

// silentSQL tells whether nobody has been in touch with the customer of a deal for
// the last 14 days. A deal that is younger had no time to fall silent.
const silentSQL = lastTouchSQL + " <= asked.day - 14"

// touchesSQL counts the contacts about a deal, both ways, in the last 30 days.
const touchesSQL = `(
    select count(*)
    from activity
    where activity.opportunity_id = o.id and activity.two_way
      and (activity.at at time zone asked.zone)::date > asked.day - 30 and (activity.at at time zone asked.zone)::date <= asked.day
)`

// firstWinColumn tells by yes or no whether no deal with the same account was won
// before a deal, by the days they closed and, of one day, in the order in which they
// were first loaded. It is unknown of a deal without an account.
var firstWinColumn = &column{
	name: "first_win", kind: kindText, words: []string{yes, no},
	value:  "case when o.account_id is not null then case when " + firstWinSQL + " then 'yes' else 'no' end end",
	unsure: "of which it is not known with whom they were won",
}

const firstWinSQL = `not exists (
    select from opportunity d
    join stage means on means.id = d.stage_id
    where d.account_id = o.account_id and not d.deleted and means.outcome = 'won' and (d.close_on, d.id) < (o.close_on, o.id)
)`
