package metric

import (
	"fmt"
	"slices"
	"strings"
)

// What one may see of whom, in full:
//
//   - Company and team figures are everybody's. Whoever sees a team of one sees
//     that person's figures; a smaller team than the rule allows is a matter of
//     drawing territories, not of adding up.
//   - The figures of a person, and of an account, whose deals may be anybody's,
//     are for those who have the deals' owners in their scope. Naming a person
//     or account in a filter outside it is refused. So is leaving one out, or
//     asking for those without: the rest, taken from the whole, is the figure
//     that was refused.
//   - A breakdown by person or account counts only the deals of the viewer's
//     people, its whole included, and says so, unless a filter on a team
//     leaves the same people.
//   - What has no owner, such as what an account pays, is of the team and the
//     company; by account it is for those who see everybody's deals.
//   - What nobody holds is told one by one to everybody: who holds what, and the
//     names, are no figures, and nothing is told of anybody's deals.
//   - Some metrics are for certain roles alone, at whatever grain: the
//     catalogue's clearance says which.
//   - A list of deals holds those of the viewer's people alone, and says of how
//     many they are where that is a figure the viewer may see.
//   - A filter on amounts, and on how old deals are and the like, is company
//     grain: it tells that a deal of a size exists in a team, never whose it is.

// finest is the order of grains, from fine to coarse.
var finest = []Grain{GrainDeal, GrainPerson, GrainTeam, GrainCompany}

// grain returns the finest grain among the Query's breakdown and filters.
func (p *Plan) grain() Grain {
	at := len(finest) - 1
	for _, d := range p.by {
		at = min(at, slices.Index(finest, d.Grain))
	}
	for _, f := range p.Query.Where {
		if d, ok := p.catalog.Dimension(f.Field); ok {
			at = min(at, slices.Index(finest, d.Grain))
		}
	}
	return finest[at]
}

// clear applies the metric's clearance.
func (p *Plan) clear() *Refusal {
	m := p.Metric
	if len(m.Clearance) == 0 || slices.Contains(m.Clearance, p.viewer.Role) {
		return nil
	}
	names := make([]string, len(m.Clearance))
	for i, role := range m.Clearance {
		names[i] = string(role) + "s"
	}
	return &Refusal{
		Code: CodeNotAllowed,
		Message: fmt.Sprintf("You may not see %s: by its clearance it is for %s, and you are a %s.",
			strings.ToLower(m.Label), strings.Join(names, ", "), p.viewer.Role),
		Hint:    "An admin decides who has which role, and the catalogue which roles a figure is for.",
		Instead: p.catalog.clearedFor(p.viewer.Role, m),
	}
}

// clearedFor lists what the role can ask instead of a metric.
func (c *Catalog) clearedFor(role Role, m *Metric) []string {
	var out []string
	for _, name := range m.Companions {
		if other := c.metric[name]; len(other.Clearance) == 0 || slices.Contains(other.Clearance, role) {
			out = append(out, phrase(name), phrase(name)+" by territory")
		}
	}
	return out
}

// allow applies the viewer's scope: it refuses, narrows, or leaves the Plan as
// it is.
func (p *Plan) allow() *Refusal {
	if p.list != nil {
		return p.allowList()
	}
	p.Grain = p.grain()
	v := p.viewer
	if v.All || p.Grain == GrainTeam || p.Grain == GrainCompany || p.Metric.isOpen() {
		return nil
	}
	if p.Metric.ofNobody() {
		return p.nobodys()
	}
	if refusal, scoped := p.ownPeople(); refusal != nil || scoped {
		return refusal
	}
	for _, f := range p.Query.Where {
		switch f.Field {
		case fieldPerson:
			return p.notAllowed("figures that leave some people out")
		case fieldAccount:
			return p.notAllowed("the figures of an account, whose deals may be other people's")
		}
	}
	p.narrow()
	return nil
}

// ownPeople reports whether the Query asks for people by their names and all are
// the viewer's, and refuses it if one is not.
func (p *Plan) ownPeople() (refusal *Refusal, scoped bool) {
	for _, f := range p.Query.Where {
		if f.Field != fieldPerson || (f.Op != Eq && f.Op != In) {
			continue
		}
		for _, person := range f.Values {
			if !p.viewer.Sees(person.ID) {
				return p.notAllowed(fmt.Sprintf("the figures of %s", person.Text)), false
			}
		}
		scoped = true
	}
	return nil, scoped
}

// narrow keeps the deals of the viewer's people alone.
func (p *Plan) narrow() {
	p.where = append(p.where, isThing{ownerColumn, p.viewer.People})
	p.Narrowed = true
	for _, f := range p.Query.Where {
		if f.Field == fieldManager && (f.Op == Eq || f.Op == In) && len(p.teams) == 0 {
			p.teams = f.Values
		}
	}
}

// outsiders tells whether somebody stood in the teams asked for, in the days
// asked about, whose deals the viewer may not see. It is read from the reporting
// lines, which are open to all, and not from deals: those of others, there or
// not, do not show.
func (p *Plan) outsiders() Statement {
	b := p.builder(p.standing)
	var ids []int64
	for _, v := range p.teams {
		ids = append(ids, v.ID)
	}
	team := fmt.Sprintf(teamSQL, b.ids(ids))
	when := ""
	if p.Query.Perspective != AsWas {
		when = "team.days @> " + b.day(b.at.day)
		if p.Query.Compare == CompareThen {
			when = "(" + when + " or team.days @> " + b.day(p.earlier.day) + ")"
		}
	} else {
		within := func(span days) string {
			return "team.days && daterange(" + b.dayOrNull(span.from) + ", " + b.dayOrNull(span.to) + ")"
		}
		if when = within(p.asked); p.Query.comparesPeriods() {
			when = "(" + when + " or " + within(p.before) + ")"
		}
	}
	return b.finish("select exists (select from (" + team + ") team where " + when + " and team.person_id <> all (" + b.ids(p.viewer.People) + "::bigint[]))::text")
}

// The dimensions whose values are somebody's own, and the one of those who
// lead teams.
const (
	fieldPerson  = "person"
	fieldAccount = "account"
	fieldManager = "manager"
)

func (p *Plan) notAllowed(what string) *Refusal {
	mine, whose := "for me", "your own deals"
	if p.viewer.Role == RoleManager {
		mine, whose = "for my team", "the deals of your team"
	}
	name := phrase(p.Metric.Name)
	return &Refusal{
		Code:    CodeNotAllowed,
		Message: fmt.Sprintf("You may not see %s: %s are yours to see, and the figures of teams and the company.", what, whose),
		Hint:    "An admin decides who sees whose deals.",
		Instead: []string{name + " " + mine, name + " by territory"},
	}
}

// nobodys refuses what is finer than a team, of what belongs to nobody.
func (p *Plan) nobodys() *Refusal {
	name := phrase(p.Metric.Name)
	return &Refusal{
		Code:    CodeNotAllowed,
		Message: fmt.Sprintf("You may not see %s of single accounts: it belongs to nobody, so it is for those who see everybody's deals.", lowerFirst(p.Metric.Label)),
		Hint:    "An admin decides who sees whose deals.",
		Instead: []string{name + " by segment", name + " by industry"},
	}
}

func notKnown() *Refusal {
	return &Refusal{
		Code:    CodeNotAllowed,
		Message: "Figures are for people of the company, and you are not known as one of them.",
		Hint:    "An admin can add you with your e-mail address.",
	}
}
