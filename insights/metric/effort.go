package metric

import "strconv"

// What people do: contacts with customers, and leads with how soon they were
// answered and what became of them. Both are dated by moments, so that as of an
// earlier instant what had happened by then counts; whose they are and what they
// are called has no past and is as it is known now.

// activities are the contacts with customers, with the account that each is
// about, itself or by way of its deal.
var activities = &facts{
	model: "activity", noun: "activity", needs: needContact,
	from: `(
    select a.id, a.external_id, a.kind, a.two_way, a.person_id as owner_id, coalesce(a.account_id, about.account_id) as account_id,
           (a.at at time zone :zone)::date as happened_on
    from activity a
    left join opportunity about on about.id = a.opportunity_id
) o`,
	table: "activity", then: "select * from :table where at <= :instant",
	undated: "whose the activities are",
	columns: []*column{
		{name: "id", kind: kindKey},
		ownerColumn, managerColumn, territoryColumn, accountColumn, industryColumn, segmentColumn, countryColumn,
		activityKind,
		yesNo("two_way", "o.two_way"),
		{name: "happened_on", kind: kindDay, value: "o.happened_on"},
	},
	listed: &listable{name: "o.external_id", id: "o.external_id", describes: []*column{activityKind, accountColumn, ownerColumn}, byDay: true},
}

var activityKind = &column{
	name: "kind", kind: kindText, makes: "activity_kind", grain: GrainCompany, value: "o.kind",
	group: "lower(o.kind)", print: `min(o.kind collate "C")`,
}

// leads are the inquiries, each with the day on which it became a deal: the one
// that is told or, if none is, the day on which the deal was entered. What of a
// lead came after the instant asked about is not known yet.
var leads = &facts{
	model: "lead", noun: "lead", needs: needLead,
	from: `(
    select l.id, l.external_id, l.source, l.status, l.owner_id, l.created_at, l.responded_at, (l.created_at at time zone :zone)::date as created_on,
           coalesce((l.converted_at at time zone :zone)::date, became.created_on) as converted_on
    from lead l
    left join opportunity became on became.id = l.opportunity_id
) o`,
	table: "lead", then: `
    select id, external_id, source, status, owner_id, created_at, case when responded_at <= :instant then responded_at end as responded_at,
           case when (converted_at <= :instant) is not false then opportunity_id end as opportunity_id,
           case when converted_at <= :instant then converted_at end as converted_at
    from :table
    where created_at <= :instant`,
	undated: "whose the leads are, their sources and statuses",
	columns: []*column{
		{name: "id", kind: kindKey},
		ownerColumn, managerColumn, territoryColumn, sourceColumn,
		leadStatus,
		yesNo("answered", "o.responded_at is not null"),
		{
			name: "answered_in_24_hours", kind: kindText, from: []join{joinMoment}, words: []string{yes, no, young},
			value: `case when o.responded_at <= o.created_at + interval '24 hours' then 'yes'
          when o.responded_at is null and o.created_at + interval '24 hours' > asking.moment then 'young' else 'no' end`,
		},
		convertedWithin("converted_in_30_days", 30), convertedWithin("converted_in_90_days", 90),
		{name: "created_on", kind: kindDay, value: "o.created_on"},
		responseHours,
		waiting("working_response_hours", workingSecondsUntil),
	},
	listed: &listable{
		name: "o.external_id", id: "o.external_id", describes: []*column{sourceColumn, leadStatus, ownerColumn},
		measured: []*column{responseHours}, byDay: true,
	},
}

var (
	leadStatus = &column{
		name: "status", kind: kindText, makes: "lead_status", grain: GrainCompany, value: "o.status",
		words: []string{"new", "working", "qualified", "disqualified"}, group: "o.status", print: "o.status",
	}
	responseHours = waiting("response_hours", secondsUntil)
)

var (
	needContact = &need{what: "activities", loaded: "exists (select from activity)"}
	needLead    = &need{what: "leads", known: "answer", loaded: "exists (select from lead)"}
)

// yesNo tells by yes or no whether something holds of a fact.
func yesNo(name, test string) *column {
	return &column{name: name, kind: kindText, value: "case when " + test + " then 'yes' else 'no' end", words: []string{yes, no}}
}

// young is the word of a fact of which it is too early to tell.
const young = "young"

// convertedWithin tells whether a lead became a deal within so many days. One
// that is younger than that is told apart even if it has become one: of its age
// only those that were quick could be counted.
func convertedWithin(name string, days int) *column {
	within := strconv.Itoa(days)
	return &column{
		name: name, kind: kindText, from: []join{joinAsked}, words: []string{yes, no, young},
		value: "case when o.created_on + " + within + " > asked.day then 'young' when o.converted_on <= o.created_on + " + within + " then 'yes' else 'no' end",
	}
}

// waiting is how long a lead waited for an answer; of one that has none all that
// is known is that it is longer than until the moment of asking. One that was
// answered before it was written down did not wait.
func waiting(name string, seconds func(until string) string) *column {
	return &column{
		name: name, kind: kindHours, value: "case when o.responded_at is not null then " + seconds("o.responded_at") + " end", longer: seconds("asking.moment"), from: []join{joinMoment},
	}
}

func secondsUntil(until string) string {
	return "greatest(extract(epoch from " + until + " - o.created_at), 0)"
}

// workingSecondsUntil counts the hours on days on which the company works: it
// has not said at which hours, so a day is all of its day.
func workingSecondsUntil(until string) string {
	return `(
        select coalesce(sum(greatest(extract(epoch from least(` + until + `, (day + interval '1 day') at time zone asking.zone) - greatest(o.created_at, day at time zone asking.zone)), 0)), 0)
        from generate_series(date_trunc('day', o.created_at at time zone asking.zone), ` + until + ` at time zone asking.zone, interval '1 day') day
        where extract(dow from day) = any (asking.works) and day::date <> all (asking.rests)
    )`
}
