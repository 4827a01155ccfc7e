package metric

import (
	"fmt"
	"slices"
	"strings"
)

// On a planned map each person has the territory that the plan gives them, whenever
// it is to begin: what is asked is how things would stand if it were live. Who
// reports to whom is not planned, and is as it is.

const asPlanned = "as_planned:"

// AsPlanned is the perspective of the planned map of a name.
func AsPlanned(model string) Perspective { return Perspective(asPlanned + model) }

// Planned returns the name of the planned map of a perspective, if it is one of one.
func (p Perspective) Planned() (model string, ok bool) {
	return strings.CutPrefix(string(p), asPlanned)
}

// SeesPlans reports whether somebody may see planned maps: those who plan do, and
// those who are planned for are told when it is decided.
func (v Viewer) SeesPlans() bool {
	return slices.Contains([]Role{RoleManager, RoleAnalyst, RoleAdmin}, v.Role)
}

// resolvePlanned sees to it that a planned map is one that the viewer may see, and
// that it matters: what stands in territories, and these themselves, are those of a map.
func (p *Plan) resolvePlanned() *Refusal {
	model, planned := p.Query.Perspective.Planned()
	if !planned {
		return nil
	}
	cut := slices.Contains(p.Query.By, "territory") || slices.ContainsFunc(p.Query.Where, func(f Filter) bool { return f.Field == "territory" })
	switch {
	case !printable(model):
		return invalid("A planned map has a name.")
	case !p.viewer.SeesPlans():
		return &Refusal{
			Code:    CodeNotAllowed,
			Message: "You may not see territories that are only planned: they are for managers, analysts and admins.",
			Hint:    "Once the map is in force, it is everybody's.",
		}
	case p.Query.Shape == ShapeChange || p.Query.Shape == ShapeFactors || p.Query.Part != "":
		return invalid("What changed is told on the maps that were in force.")
	case !cut && !p.Metric.Momentary():
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: fmt.Sprintf("Only territories are planned, and nothing here is cut by them: %s is the same on every map.", lowerFirst(p.Metric.Label)),
			Hint:    "Ask for it by territory, or of one.",
			Instead: []string{phrase(p.Metric.Name) + " by territory"},
		}
	}
	p.planned = model
	return nil
}

// plannedSQL joins the territory that a person has on the planned map: of several,
// that which ends last, and of those the one with the lowest id.
const plannedSQL = `left join (
    select distinct on (person_id) person_id, territory_id as id
    from territory_member
    join territory on territory.id = territory_member.territory_id
    join territory_model on territory_model.id = territory.model_id and territory_model.state = 'planning' and territory_model.name = %s
    where upper_inf(known)
    order by person_id, upper(valid) desc nulls first, territory_id
) member on member.person_id = o.owner_id`

// plannedTerritorySQL joins what that territory is called: what it is known as on
// the maps in force or, new there, what the plan calls it. Another plan that has it
// too may call it otherwise.
const plannedTerritorySQL = `left join territory_in_force planned on planned.territory_id = member.id
left join territory_in_force drawn on drawn.territory_id = planned.known_as
left join territory on territory.id = case when isempty(drawn.days) then member.id else drawn.territory_id end`

// isPlanned tells whether there is exactly one planned map of the name.
func (p *Plan) isPlanned() Statement {
	b := p.builder(p.standing)
	sql := "select (count(*) = 1)::text from territory_model where state = 'planning' and name = " + b.arg(p.planned)
	return Statement{SQL: sql, Args: b.args}
}

func (p *Plan) notPlanned() *Refusal {
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("There is no one planned map called %q: it may be in force by now, or have been dropped.", p.planned),
		Hint:    "Ask as it is, or name another map.",
	}
}
