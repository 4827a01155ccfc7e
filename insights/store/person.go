package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Viewer finds the active person with that e-mail, and what they may see on a
// day: themselves; managers, everybody below them too; analysts and admins,
// all.
func (s *Store) Viewer(ctx context.Context, email string, on time.Time) (metric.Viewer, insights.Person, bool, error) {
	person, err := s.person(ctx, `p.active and lower(p.email) = lower($2)`, on, email)
	if errors.Is(err, sql.ErrNoRows) {
		return metric.Viewer{}, insights.Person{}, false, nil
	}
	if err != nil {
		return metric.Viewer{}, insights.Person{}, false, wrap("finding the person who asks", err)
	}
	viewer, err := s.viewerOf(ctx, person, on)
	return viewer, person, err == nil, wrap("finding what the person may see", err)
}

func (s *Store) viewerOf(ctx context.Context, p insights.Person, on time.Time) (metric.Viewer, error) {
	viewers, err := s.viewersOf(ctx, []insights.Person{p}, on)
	if err != nil {
		return metric.Viewer{}, err
	}
	return viewers[0], nil
}

// viewersOf is what each of several people may see.
func (s *Store) viewersOf(ctx context.Context, people []insights.Person, on time.Time) ([]metric.Viewer, error) {
	out := make([]metric.Viewer, len(people))
	var leaders []int64
	for i, p := range people {
		out[i] = metric.Viewer{PersonID: p.ID, Name: p.Name, Role: p.Role, People: []int64{p.ID}}
		out[i].All = p.Role == metric.RoleAdmin || p.Role == metric.RoleAnalyst
		if p.Role == metric.RoleManager {
			leaders = append(leaders, p.ID)
		}
	}
	if leaders == nil {
		return out, nil
	}
	below, err := s.below(ctx, leaders, on)
	if err != nil {
		return nil, err
	}
	for i, v := range out {
		if v.Role == metric.RoleManager {
			out[i].People = below[v.PersonID]
		}
	}
	return out, nil
}

// Patch lists the territories that a person holds on a day, by name: what they
// call their patch. It gives no rights.
func (s *Store) Patch(ctx context.Context, person int64, on time.Time) ([]insights.Name, error) {
	var held []insights.Name
	err := s.db.SelectContext(ctx, &held, `
		select distinct 'territory' as kind, t.id, t.name as text, 1 as similarity
		from territory_member member
		join territory t on t.id = member.territory_id
		join territory_in_force map on map.territory_id = t.id and map.days @> $2::date
		where member.person_id = $1 and upper_inf(member.known) and member.valid @> $2::date
		order by t.name, t.id`, person, day(on))
	return held, wrap("finding the territories that a person holds", err)
}

// Leads lists those to whom a person reports on a day: whose team theirs is. It
// gives no rights.
func (s *Store) Leads(ctx context.Context, person int64, on time.Time) ([]insights.Name, error) {
	var leads []insights.Name
	err := s.db.SelectContext(ctx, &leads, `
		select distinct 'manager' as kind, boss.id, boss.name as text, 1 as similarity
		from reporting_line line
		join person boss on boss.id = line.manager_id
		where line.person_id = $1 and upper_inf(line.known) and line.valid @> $2::date
		order by boss.name, boss.id`, person, day(on))
	return leads, wrap("finding to whom a person reports", err)
}

// below lists for each of several people them and everybody who reports to them,
// at whatever distance.
func (s *Store) below(ctx context.Context, ids []int64, on time.Time) (map[int64][]int64, error) {
	var rows []struct{ Leader, ID int64 }
	err := s.db.SelectContext(ctx, &rows, `
		with recursive tree (leader, id) as (
			select id, id from unnest($1::bigint[]) id
			union
			select tree.leader, line.person_id
			from tree
			join reporting_line line on line.manager_id = tree.id
			where upper_inf(line.known) and line.valid @> $2::date
		)
		select leader, id from tree order by leader, id`, pq.Array(ids), day(on))
	out := map[int64][]int64{}
	for _, row := range rows {
		out[row.Leader] = append(out[row.Leader], row.ID)
	}
	return out, err
}

// Viewers finds the active people with those e-mails, by e-mail in lower case, and
// what each may see on a day: each as Viewer finds them.
func (s *Store) Viewers(ctx context.Context, emails []string, on time.Time) (map[string]metric.Viewer, error) {
	lower := make([]string, len(emails))
	for i, email := range emails {
		lower[i] = strings.ToLower(email)
	}
	people, err := s.people(ctx, `p.active and lower(p.email) = any ($2::text[])`, on, textArray(lower))
	if err != nil {
		return nil, wrap("finding the people of an audience", err)
	}
	viewers, err := s.viewersOf(ctx, people, on)
	out := map[string]metric.Viewer{}
	for i, v := range viewers {
		if email := strings.ToLower(people[i].Email); !out[email].Known() {
			out[email] = v
		}
	}
	return out, wrap("finding what an audience may see", err)
}

// PersonBy finds a person as somebody at a terminal names them: by e-mail,
// external id or full name. A name that several people bear is refused.
func (s *Store) PersonBy(ctx context.Context, who string, on time.Time) (metric.Viewer, insights.Person, error) {
	who = strings.TrimSpace(who)
	found, err := s.people(ctx, `
		lower(p.email) = lower($2) or p.external_id = $2 or lower(p.name) = lower($2)`, on, who)
	if err != nil {
		return metric.Viewer{}, insights.Person{}, wrap("finding a person", err)
	}
	person, err := only(found, who)
	if err != nil {
		return metric.Viewer{}, insights.Person{}, err
	}
	viewer, err := s.viewerOf(ctx, person, on)
	return viewer, person, wrap("finding what the person may see", err)
}

func only(found []insights.Person, who string) (insights.Person, error) {
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return insights.Person{}, &insights.Error{
			Code:    "unknown_person",
			Message: fmt.Sprintf("There is no person with the e-mail, id or name %q.", who),
			Hint:    "Names are matched in full, ignoring case.",
		}
	}
	each := make([]string, 0, len(found))
	for _, p := range found {
		each = append(each, fmt.Sprintf("%s (id %s)", p.Name, p.ExternalID))
	}
	return insights.Person{}, &insights.Error{
		Code:    "ambiguous_person",
		Message: fmt.Sprintf("%q names several people: %s.", who, strings.Join(each, ", ")),
		Hint:    "Name the one meant by e-mail or id.",
	}
}

// People lists everybody by name, with the manager and the territory they have
// on a day.
func (s *Store) People(ctx context.Context, on time.Time) ([]insights.Person, error) {
	found, err := s.people(ctx, `true`, on)
	return found, wrap("listing people", err)
}

func (s *Store) person(ctx context.Context, where string, on time.Time, args ...any) (insights.Person, error) {
	var p insights.Person
	err := s.db.GetContext(ctx, &p, personQuery(where), append([]any{day(on)}, args...)...)
	return p, err
}

func (s *Store) people(ctx context.Context, where string, on time.Time, args ...any) ([]insights.Person, error) {
	var people []insights.Person
	err := s.db.SelectContext(ctx, &people, personQuery(where), append([]any{day(on)}, args...)...)
	return people, err
}

// personQuery takes the day as $1; where is one of the conditions above.
func personQuery(where string) string {
	return `
		select p.id, p.external_id as externalid, p.name, coalesce(p.email, '') as email, p.role, p.active,
		       coalesce(manager.name, '') as manager, coalesce(territory.name, '') as territory
		from person p
		left join lateral (
			select boss.name
			from reporting_line line
			join person boss on boss.id = line.manager_id
			where line.person_id = p.id and upper_inf(line.known) and line.valid @> $1::date
			limit 1
		) manager on true
		left join lateral (
			select t.name
			from territory_member member
			join territory t on t.id = member.territory_id
			join territory_in_force map on map.territory_id = t.id and map.days @> $1::date
			where member.person_id = p.id and upper_inf(member.known) and member.valid @> $1::date
			order by lower(member.valid) desc nulls last, t.id
			limit 1
		) territory on true
		where not p.taken_back and (` + where + `)
		order by lower(p.name), p.id`
}

// day is the date that a moment falls on in its own zone: callers give it in the
// company's.
func day(t time.Time) string { return t.Format(time.DateOnly) }

// textArray is a text[] parameter.
func textArray(texts []string) any { return pq.Array(texts) }
