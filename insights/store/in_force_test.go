package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// redrawn is a company whose territories were drawn anew on 1 January 2026 and
// are to be again: Ana held EMEA South until then, and EMEA since.
func redrawn(t *testing.T) (*store.Store, *sqlx.DB) {
	t.Helper()
	dsn := storetest.DSN(t)
	db := sqlx.MustConnect("postgres", dsn)
	t.Cleanup(func() { _ = db.Close() })
	db.MustExec(`
		insert into person (external_id, name, email, role) values ('ana', 'Ana Ruiz', 'ana@acme.test', 'rep');
		insert into territory_model (external_id, name, state, active) values
			('m25', 'Map of 2025', 'archived', '[2025-01-01,2026-01-01)'), ('m26', 'Map of 2026', 'active', '[2026-01-01,)'),
			('m27', 'Map of 2027', 'planning', 'empty');
		insert into territory (external_id, name, model_id) values
			('emea', 'EMEA before', 1), ('south', 'EMEA South', 1), ('emea', 'EMEA', 2), ('emea', 'EMEA to be', 3), ('moon', 'Moon', 3), ('old', 'Founders', null);
		insert into territory_member (territory_id, person_id, known) values (2, 1, '[1,)'), (3, 1, '[1,)'), (5, 1, '[1,)'), (6, 1, '[1,)');
		insert into stage (name, position, outcome) values ('Talking', 1, 'open'), ('Lost', 2, 'lost');
		insert into opportunity (external_id, owner_id, stage_id, competitor, deleted) values
			('kept', 1, 1, 'Hooli', false), ('gone', 1, 1, 'Initrode', true);
		insert into opportunity (external_id, owner_id, stage_id, loss_reason, deleted) values
			('lost', 1, 2, 'price', false), ('lost too', 1, 2, 'weather', true);`)
	return openAt(t, dsn), db
}

func TestATerritoryIsThatOfTheMapInForceOnTheDay(t *testing.T) {
	s, _ := redrawn(t)
	for on, want := range map[string]string{"2024-12-31": "Founders", "2025-01-01": "EMEA South", "2025-12-31": "EMEA South", "2026-01-01": "EMEA", "2030-01-01": "EMEA"} {
		people, err := s.People(t.Context(), date(on))
		if err != nil || len(people) != 1 || people[0].Territory != want {
			t.Errorf("on %s Ana holds %q, not %s (%v)", on, people[0].Territory, want, err)
		}
	}
}

// TestATerritoryIsNamedAsTheLatestMapInForceHasIt: a planned one has no name yet.
func TestATerritoryIsNamedAsTheLatestMapInForceHasIt(t *testing.T) {
	s, _ := redrawn(t)
	for phrase, want := range map[string][]string{
		"EMEA": {"EMEA=territory EMEA"}, "EMEA South": {"EMEA South=territory EMEA South"}, "founders": {"founders=territory Founders"},
		"moon": nil, "EMEA to be": {"EMEA to be~=territory EMEA"}, "EMEA before": nil,
	} {
		if got := find(t, s, phrase); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", phrase, got, want)
		}
	}
}

func TestAnAudienceIsOfTheMapInForce(t *testing.T) {
	s, _ := redrawn(t)
	for _, tt := range []struct {
		on        time.Time
		want      string
		territory int64
	}{{date("2025-06-01"), "EMEA South", 2}, {date("2026-06-01"), "EMEA", 3}} {
		options, err := s.AudienceOptions(t.Context(), tt.on)
		if err != nil || !slices.Contains(options.Of("territory").Texts(), tt.want) || slices.Contains(options.Of("territory").Texts(), "Moon") {
			t.Errorf("on %s an audience can be %q (%v)", tt.on, options.Of("territory").Texts(), err)
		}
		for id := range int64(6) {
			reach, err := s.Reach(t.Context(), insights.Audience{{Dimension: "territory", ID: id + 1}}, tt.on)
			same := map[int64]int64{1: 3, 4: 3} // EMEA on the other maps
			of := id + 1
			if same[of] != 0 {
				of = same[of]
			}
			if told := len(reach.Readers) == 1; err != nil || told != (of == tt.territory) {
				t.Errorf("on %s an insight for territory %d finds Ana: %v (%v)", tt.on, id+1, told, err)
			}
		}
	}
}

// TestADeletedDealIsNowhere: neither as one that an insight touches, nor by the
// words that it alone has.
func TestADeletedDealIsNowhere(t *testing.T) {
	s, db := redrawn(t)
	touched := func() int {
		reach, err := s.Reach(t.Context(), insights.Audience{{Dimension: "stage", ID: 1}}, noon)
		if err != nil || len(reach.Readers) != 1 {
			t.Fatalf("%d are told (%v)", len(reach.Readers), err)
		}
		return reach.Readers[0].Touched
	}
	if n := touched(); n != 1 {
		t.Errorf("%d deals are touched, one of them deleted", n)
	}
	for phrase, want := range map[string]int{"hooli": 1, "price": 1, "initrode": 0, "weather": 0} {
		if got := find(t, s, phrase); len(got) != want {
			t.Errorf("%q finds %q", phrase, got)
		}
	}
	db.MustExec(`update opportunity set deleted = false`)
	if n, found := touched(), find(t, s, "initrode"); n != 2 || len(found) != 1 {
		t.Errorf("back again, %d deals are touched and %q is found", n, found)
	}
}
