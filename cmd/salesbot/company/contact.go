package company

import "time"

var sources = []share{
	{"website", 0.34}, {"trade fair", 0.22}, {"referral", 0.2}, {"partner", 0.14}, {"outbound", 0.1},
}

// leads are where some of the deals came from, and others that led nowhere.
func (m *maker) leads() {
	out := m.sheet("leads.csv", "external_id", "created_at", "source", "owner", "status", "responded_at", "opportunity")
	for _, d := range m.deals {
		if !m.chance(0.35) {
			continue
		}
		created := m.moment(d.created.AddDate(0, 0, -m.between(3, 20)))
		out.add(out.key("L"), written(created), m.share(sources), d.owner.key, "qualified", written(m.answered(created)), d.key)
	}
	for range 700 {
		created := m.moment(m.start.AddDate(0, 0, m.rand.IntN(daysBetween(m.start, m.anchor)-1)))
		status, answered := "disqualified", m.answered(created)
		switch age := daysBetween(created, m.anchor); {
		case age < 5:
			status, answered = "new", time.Time{}
		case age < 30:
			status = "working"
		}
		out.add(out.key("L"), written(created), m.share(sources), pick(m, m.reps).key, status, written(answered), "")
	}
}

// answered is some hours later; a few leads never are.
func (m *maker) answered(created time.Time) time.Time {
	at := created.Add(time.Duration(7 * m.spread(1) * float64(time.Hour))).Truncate(time.Minute)
	if m.chance(0.04) || !at.Before(m.anchor) {
		return time.Time{}
	}
	return at
}

// activities are the contacts about deals. Nobody calls about those that are
// stuck.
func (m *maker) activities() {
	out := m.sheet("activities.csv", "external_id", "opportunity", "kind", "at", "two_way", "by")
	kinds := []string{"call", "call", "email", "email", "email", "meeting", "demo"}
	for _, d := range m.deals {
		last := earlier(d.closing, m.anchor)
		if d.stuck {
			last = d.engaged.AddDate(0, 0, 1+daysBetween(d.engaged, last)/3)
		}
		days := daysBetween(d.engaged, last)
		if days < 1 {
			continue
		}
		for range 1 + min(3, days/18) {
			kind := pick(m, kinds)
			at := m.moment(d.engaged.AddDate(0, 0, m.rand.IntN(days)))
			twoWay := "yes"
			if kind == "email" && m.chance(0.6) {
				twoWay = "no"
			}
			out.add(out.key("V"), d.key, kind, written(at), twoWay, d.owner.key)
		}
	}
}

// moment is some time of a working day.
func (m *maker) moment(day time.Time) time.Time {
	return day.Add(time.Duration(m.between(8*60, 17*60)) * time.Minute)
}

func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
