package company

import (
	"fmt"
	"strings"
)

// rep is somebody who sells. The second place is theirs since the
// re-organisation, if it moved them.
type rep struct {
	key   string
	place place
	moved *place
	skill float64 // chance of winning a decided deal
	pace  float64 // share of the company's new deals, relative
}

// place is under whom and where somebody sells.
type place struct{ manager, territory string }

var territories = []struct{ key, name, parent string }{
	{"AMER", "Americas", ""},
	{"AMER-E", "Americas East", "AMER"},
	{"AMER-W", "Americas West", "AMER"},
	{"EMEA", "EMEA", ""},
	{"EMEA-N", "EMEA North", "EMEA"},
	{"EMEA-S", "EMEA South", "EMEA"},
	{"APAC", "APAC", ""},
	{"APAC-N", "APAC North", "APAC"},
	{"APAC-S", "APAC South", "APAC"},
}

var managers = []struct{ key, name, territory string }{
	{"M1", "Odile Marchetti", "AMER-E"},
	{"M2", "Tobias Renner", "AMER-W"},
	{"M3", "Ingrid Solheim", "EMEA-N"},
	{"M4", "Rafael Quintero", "EMEA-S"},
	{"M5", "Haruka Nomura", "APAC-N"},
	{"M6", "Callum Fairweather", "APAC-S"},
}

// moves is the re-organisation: which rep goes to which manager and patch. The
// west of the Americas and the north of Europe grow; APAC changes managers.
var moves = map[int]int{7: 1, 13: 1, 4: 3, 10: 3, 16: 3, 6: 5, 12: 5, 5: 6}

var (
	firstNames = []string{"Priya", "Tom", "Lena", "Marcus", "Yara", "Felix", "Noor", "Ivan", "Greta", "Samuel", "Mina", "Oscar", "Dalia", "Hugo", "Keiko", "Anton", "Bela", "Rosa", "Jonas", "Amara"}
	lastNames  = []string{"Adeyemi", "Bergstrom", "Castellan", "Dorfmann", "Eklund", "Farouk", "Galloway", "Halvorsen", "Iwata", "Jansen", "Kowalczyk", "Lindqvist"}
)

const repCount = 40

func (m *maker) territories() {
	out := m.sheet("territories.csv", "external_id", "name", "parent", "model")
	for _, t := range territories {
		out.add(t.key, t.name, t.parent, "")
	}
}

func (m *maker) people() {
	people := m.sheet("people.csv", "external_id", "name", "email", "role", "manager", "territory")
	assignments := m.sheet("assignments.csv", "person", "manager", "territory", "model", "since")
	add := func(key, name, role string, at place) {
		people.add(key, name, email(name), role, at.manager, at.territory)
	}
	add("D1", "Sabine Aldous", "manager", place{})
	add("O1", "Wren Castillo", "admin", place{})
	add("A1", "Emeka Obi-Lindgren", "analyst", place{})
	for _, b := range managers {
		add(b.key, b.name, "manager", place{"D1", b.territory})
	}
	for i := range repCount {
		r := &rep{key: fmt.Sprintf("R%02d", i+1), place: placeUnder(i % len(managers)), skill: 0.26 + 0.24*m.rand.Float64(), pace: 0.7 + 0.6*m.rand.Float64()}
		assignments.add(r.key, r.place.manager, r.place.territory, "", "")
		if to, ok := moves[i+1]; ok {
			moved := placeUnder(to - 1)
			r.moved = &moved
			assignments.add(r.key, moved.manager, moved.territory, "", iso(m.reorganised))
		}
		add(r.key, firstNames[i%len(firstNames)]+" "+lastNames[(i*5+i/len(firstNames))%len(lastNames)], "rep", r.today())
		m.reps = append(m.reps, r)
	}
}

func placeUnder(manager int) place { return place{managers[manager].key, managers[manager].territory} }

// today is where the rep sells since the re-organisation.
func (r *rep) today() place {
	if r.moved != nil {
		return *r.moved
	}
	return r.place
}

func email(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@" + Domain
}
