package metric

import "slices"

// Role is what a person does here; it decides the default scope.
type Role string

// The roles of design §9.
const (
	RoleRep     Role = "rep"
	RoleManager Role = "manager"
	RoleAnalyst Role = "analyst"
	RoleAdmin   Role = "admin"
)

// Viewer is whose rights a Query is compiled with. Rights are those of today,
// whatever time is asked about. The zero Viewer may see nothing.
type Viewer struct {
	PersonID int64
	Name     string
	Role     Role
	// People are those whose deals and own figures the viewer may see: the
	// viewer and, for managers, the tree below. Ignored when All is set.
	People []int64
	// All lifts the limit to People: admins and analysts.
	All bool
}

// Known reports whether the viewer is anybody at all.
func (v Viewer) Known() bool { return v.Role != "" }

// Sees reports whether the person's own figures are in the viewer's scope.
func (v Viewer) Sees(personID int64) bool {
	return v.All || slices.Contains(v.People, personID)
}

// Grain is how fine a Query cuts: it follows from its breakdown and filters
// and decides which part of the viewer's scope applies.
type Grain string

// The grains, from fine to coarse.
const (
	GrainDeal    Grain = "deal"
	GrainPerson  Grain = "person"
	GrainTeam    Grain = "team"
	GrainCompany Grain = "company"
)
