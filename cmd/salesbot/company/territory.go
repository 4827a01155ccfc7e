package company

import (
	"fmt"
	"strings"
	"time"
)

// The subjects of chance that these are drawn from.
const (
	subjectProspects   = 11
	subjectTerritories = 12
)

// prospects are companies that nobody has sold to yet, of the same kinds as the
// customers.
func (m *maker) prospects() {
	by, out := m.apart(subjectProspects), m.files["accounts.csv"]
	for _, head := range nameHeads {
		for _, tail := range []string{"Shipyards", "Ceramics"} {
			country := pick(by, countries)
			size := weighted(by, segments, func(s segment) float64 { return s.weight })
			c := customer{key: fmt.Sprintf("C%03d", len(m.accounts)+len(m.unsold)+1), region: country.region}
			m.unsold = append(m.unsold, c)
			out.add(c.key, head+" "+tail, "manufacturing", size.name, country.name, "")
		}
	}
}

// accountTerritories puts each customer into the patch that most of its deals are
// of, and prospects into one of their region; a few are in none. With the
// re-organisation some went to the other patch of their region. The plan keeps
// those of the Americas and of Asia together.
func (m *maker) accountTerritories() {
	m = m.apart(subjectTerritories)
	out := m.sheet("account_territories.csv", "account", "territory", "model", "since")
	deals := map[string]map[string]int{}
	for _, d := range m.deals {
		if deals[d.account.key] == nil {
			deals[d.account.key] = map[string]int{}
		}
		deals[d.account.key][d.owner.place.territory]++
	}
	for i, c := range append(append([]customer{}, m.accounts...), m.unsold...) {
		of := patches(c.region)
		at := pick(m, of)
		if most := deals[c.key]; most[of[0]] != most[of[1]] {
			at = of[0]
			if most[of[1]] > most[of[0]] {
				at = of[1]
			}
		}
		if i >= len(m.accounts) && m.chance(0.1) {
			continue
		}
		out.add(c.key, at, "", "")
		if m.chance(0.08) {
			at = other(of, at)
			out.add(c.key, at, "", iso(m.reorganised))
		}
		out.add(c.key, plannedPatch(at, c.key), m.plan(), iso(m.planBegins()))
	}
}

// patches are the two patches of a region.
func patches(region string) []string {
	var out []string
	for _, t := range territories {
		if t.parent == region {
			out = append(out, t.key)
		}
	}
	return out
}

func other(of []string, one string) string {
	if of[0] == one {
		return of[1]
	}
	return of[0]
}

// The plan for the next year is a map of its own: the patches of Asia become one,
// and Europe gets a third, of some who are in the south today.
func (m *maker) plan() string { return "FY" + m.planBegins().Format("06") }

// planBegins is the first day of the plan.
func (m *maker) planBegins() time.Time {
	return time.Date(m.anchor.Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC)
}

func (m *maker) plannedMap() {
	models := m.sheet("territory_models.csv", "external_id", "name", "state", "from", "until")
	models.add(m.plan(), m.plan()+" plan", "planning", "", "")
	out := m.files["territories.csv"]
	for _, t := range territories {
		if t.parent != "APAC" {
			out.add(t.key, t.name, t.parent, m.plan())
		}
	}
	out.add("EMEA-C", "EMEA Central", "EMEA", m.plan())
	for _, r := range m.reps {
		m.files["assignments.csv"].add(r.key, "", plannedPatch(r.today().territory, r.key), m.plan(), iso(m.planBegins()))
	}
}

// plannedPatch is where the plan puts somebody, or an account, that is in a patch: of
// those in the south of Europe, every other one goes to the new patch.
func plannedPatch(patch, key string) string {
	switch {
	case strings.HasPrefix(patch, "APAC"):
		return "APAC"
	case patch == "EMEA-S" && (key[len(key)-1]-'0')%2 == 1:
		return "EMEA-C"
	default:
		return patch
	}
}

// territoryQuotas are laid on patches and regions by the quarter: somewhat less
// than their people are to reach, so that one who falls behind does not take the
// patch along.
func (m *maker) territoryQuotas() {
	out := m.files["quotas.csv"]
	for _, first := range m.months() {
		if first.Month()%3 != 1 {
			continue
		}
		last := first.AddDate(0, 3, -1)
		for _, t := range territories {
			sum := 0.0
			for month := first; month.Before(last); month = month.AddDate(0, 1, 0) {
				sum += m.aims[aim{month, t.key}]
			}
			less := 0.95
			if t.parent == "" {
				less = 0.92
			}
			if sum > 0 {
				out.add("", "bookings", iso(first), iso(last), dollars(less*sum, 1000), "USD", t.key)
			}
		}
	}
}

// aim is a month of a territory.
type aim struct {
	month     time.Time
	territory string
}

// aimsAt adds to what the people of the rep's patch, and of its region, are to
// reach in a month.
func (m *maker) aimsAt(r *rep, month time.Time, amount float64) {
	at := r.place
	if r.moved != nil && !month.Before(m.reorganised) {
		at = *r.moved
	}
	region, _, _ := strings.Cut(at.territory, "-")
	m.aims[aim{month, at.territory}] += amount
	m.aims[aim{month, region}] += amount
}
