package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/store"
)

// logOf is what the log believes of a field of a deal, in its order: each value
// and the moment from which on it holds.
func logOf(t *testing.T, s *store.Store, key, field string) []string {
	t.Helper()
	return column(t, s, `
		select coalesce(stage.name, owner.external_id, c.new, '-') || case when c.valid_at > '-infinity' then to_char(c.valid_at, ' Mon DD HH24:MI') else ' ever' end
		from opportunity_change c
		join opportunity o on o.id = c.opportunity_id
		left join stage on c.field = 'stage_id' and stage.id::text = c.new
		left join person owner on c.field = 'owner_id' and owner.id::text = c.new
		where o.external_id = '`+key+`' and c.field = '`+field+`' and c.retracted is null
		order by c.valid_at, c.revision, c.step`)
}

func wantLog(t *testing.T, s *store.Store, key, field string, want ...string) {
	t.Helper()
	if got := logOf(t, s, key, field); !slices.Equal(got, want) {
		t.Errorf("the log of the %s of %s: %q, want %q", field, key, got, want)
	}
}

func TestTheFirstSightOfADealIsOneRowOfAllThatItHas(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	got := column(t, s, `select field || ' ' || (new::jsonb - 'account_id' - 'product_id' - 'owner_id' - 'stage_id')::text || ' ' || valid_at
		from opportunity_change c join opportunity o on o.id = c.opportunity_id where o.external_id = 'D1'`)
	want := []string{`deal {"name": "First", "close_on": "2026-03-31", "currency": "USD", "created_on": "2026-01-05", "amount_minor": 12345} -infinity`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestADifferenceHoldsFromWhenItsSourceSaysIfThatCanBe(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	named := func(name, taken, changed string) {
		t.Helper()
		b := acme()
		b.TakenAt, b.Deals = date(taken), b.Deals[:1]
		b.Deals[0].Name = name
		if changed != "" {
			b.Deals[0].ChangedAt = date(changed)
		}
		if got := apply(t, s, b); got.Changed["opportunity"] != 1 {
			t.Fatalf("got %+v", got)
		}
	}
	named("dated", "2026-03-10", "2026-03-05")
	named("dated before what is known", "2026-03-11", "2026-03-01")
	named("dated in the future", "2026-03-12", "2026-03-20")
	named("undated", "2026-03-13", "")
	named("of an older file", "2026-03-02", "")
	wantLog(t, s, "D1", "name", "dated Mar 05 00:00", "dated before what is known Mar 11 00:00", "dated in the future Mar 12 00:00",
		"undated Mar 13 00:00", "of an older file Mar 13 00:00")
}

func TestADealIsGoneWhenItsSourceSaysSoAndNotWhenItIsMissing(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	deleted := func(taken string, deleted *bool) {
		t.Helper()
		b := acme()
		b.TakenAt, b.Deals = date(taken), b.Deals[:1]
		b.Deals[0].Deleted = deleted
		apply(t, s, b)
	}
	deleted("2026-03-10", nil)
	wantLog(t, s, "D1", "deleted")
	deleted("2026-03-11", new(true))
	deleted("2026-03-12", nil)
	deleted("2026-03-13", new(false))
	wantLog(t, s, "D1", "deleted", "true Mar 11 00:00", "false Mar 13 00:00")
	if got, want := column(t, s, `select external_id || ' ' || deleted::text from opportunity order by 1`), []string{"D1 false", "D2 false"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// tell imports changes of D1 alone, taken on a day.
func tell(t *testing.T, s *store.Store, taken string, changes ...insights.Change) applied {
	t.Helper()
	got := apply(t, s, batch{TakenAt: date(taken), History: changes})
	if len(got.Rejects) > 0 {
		t.Fatalf("rejected %+v", got.Rejects)
	}
	return got
}

func TestWhatAHistoryRepeatsChangesNothing(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	snapshots := []insights.Change{
		change("D1", insights.ChangeStage, "", "Engaging", "2026-01-05"),
		change("D1", insights.ChangeStage, "", "Engaging", "2026-01-09"),
		change("D1", insights.ChangeStage, "", "Lost", "2026-01-10"),
		change("D1", insights.ChangeStage, "", "Engaging", "2026-01-12"),
	}
	got := tell(t, s, "2026-03-03", snapshots...)
	if got.Added["change"] != 3 || got.Unchanged["change"] != 1 || got.Total.Used != 3 || got.Total.Unchanged != 1 || len(got.Notes) != 0 {
		t.Errorf("got %+v", got)
	}
	wantLog(t, s, "D1", "stage_id", "- ever", "Engaging Jan 05 00:00", "Lost Jan 10 00:00", "Engaging Jan 12 00:00")
	for _, again := range [][]insights.Change{snapshots, snapshots[:3], snapshots[2:]} {
		if got := tell(t, s, "2026-03-04", again...); !got.Same() || got.Total.Unchanged != len(again) {
			t.Errorf("told again: %+v", got)
		}
	}
}

func TestADealThatChangedAtTheEndOfItsHistoryIsToldOnce(t *testing.T) {
	s := open(t)
	b := acme()
	b.TakenAt, b.Deals[0].ChangedAt = date("2026-02-20"), date("2026-01-20")
	b.History = []insights.Change{
		change("D1", insights.ChangeStage, "", "Lost", "2026-01-10"),
		change("D1", insights.ChangeStage, "", "Lost", "2026-01-20"),
	}
	apply(t, s, b)
	wantLog(t, s, "D1", "stage_id", "Lost Jan 10 00:00", "Engaging Feb 20 00:00")
	b.TakenAt = date("2026-02-21")
	if got := apply(t, s, b); !got.Same() {
		t.Errorf("the same again made %+v", got)
	}
}

func TestGapsOfAHistoryAreBridgedAndNoted(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	got := tell(t, s, "2026-03-03",
		change("D1", insights.ChangeStage, "Engaging", "Lost", "2026-01-10"),
		change("D1", insights.ChangeStage, "Engaging", "Won", "2026-01-20"))
	wantLog(t, s, "D1", "stage_id", "Lost Jan 10 00:00", "Engaging Jan 20 00:00", "Won Jan 20 00:00", "Engaging Mar 03 00:00")
	if len(got.Notes) != 2 || got.Notes[0].Count != 1 || got.Notes[1].Count != 1 ||
		!strings.Contains(got.Notes[0].Text, "gap") || !strings.Contains(got.Notes[1].Text, "leads to another value") {
		t.Errorf("notes %+v", got.Notes)
	}
	if list, err := s.Imports(t.Context(), 1); err != nil || !cmp.Equal(list[0].Notes, got.Notes) {
		t.Errorf("the list says %+v (%v)", list, err)
	}
}

func TestAHistoryOfEarlierTimesReplacesWhatWasBelieved(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	b := acme()
	b.TakenAt, b.Deals[0].Owner = date("2026-02-20"), "bob"
	apply(t, s, b) // by a daily load, seen in the evening
	moment := date("2026-02-19").Add(9 * time.Hour)
	tell(t, s, "2026-02-21",
		change("D1", insights.ChangeOwner, "alice", "carol", "2026-02-01"),
		insights.Change{Opportunity: "D1", Field: insights.ChangeOwner, Old: "carol", New: "bob", At: moment})
	wantLog(t, s, "D1", "owner_id", "alice ever", "carol Feb 01 00:00", "bob Feb 19 09:00")
	retracted := column(t, s, `select field || ' known ' || revision || ' to ' || retracted from opportunity_change where retracted is not null`)
	if want := []string{"owner_id known 2 to 3"}; !slices.Equal(retracted, want) {
		t.Errorf("retracted %v, want %v", retracted, want)
	}
	owner := func(at string, revision int64) (owner string) {
		err := s.DealsAt(t.Context(), date(at), revision, func(o insights.Opportunity) error {
			if o.Key == "D1" {
				owner = o.Owner
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return owner
	}
	for _, c := range []struct {
		at       string
		revision int64
		want     string
	}{
		{"2026-01-31", 3, "alice"}, {"2026-02-02", 3, "carol"}, {"2026-02-20", 3, "bob"},
		{"2026-01-31", 2, "carol"}, {"2026-02-19", 2, "carol"}, {"2026-02-21", 2, "bob"}, {"2026-02-21", 1, "carol"},
	} {
		if got := owner(c.at, c.revision); got != c.want {
			t.Errorf("on %s, as known at revision %d, it was %s's, want %s's", c.at, c.revision, got, c.want)
		}
	}
}

func TestChangesOfOneMomentHappenInTheOrderTheyAreTold(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	tell(t, s, "2026-03-03",
		change("D1", insights.ChangeStage, "Engaging", "Lost", "2026-01-10"),
		change("D1", insights.ChangeStage, "Lost", "Won", "2026-01-10"),
		change("D1", insights.ChangeStage, "Won", "Engaging", "2026-01-10"))
	wantLog(t, s, "D1", "stage_id", "Lost Jan 10 00:00", "Won Jan 10 00:00", "Engaging Jan 10 00:00")
}

func TestAStageIsFoundHoweverItIsSpeltAndInItsProcess(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	if _, err := s.DB().ExecContext(t.Context(), `
		with renewals as (insert into process (external_id, name) values ('77', 'Renewals') returning id)
		insert into stage (external_id, process_id, name, title, position, outcome)
		select '12345', id, 'Engaging (Renewals)', 'Engaging', 4, 'open' from renewals`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ process, stage, want string }{
		{"", " eNGAGING ", "Engaging"}, {"", "engaging  (renewals)", "Engaging (Renewals)"}, {"", "12345", "Engaging (Renewals)"},
		{"renewals", "Engaging", "Engaging (Renewals)"}, {"77", "ENGAGING", "Engaging (Renewals)"}, {"77", "12345", "Engaging (Renewals)"},
	} {
		b := batch{TakenAt: noon, Deals: []insights.Opportunity{{Key: "S", Process: c.process, Stage: c.stage}}}
		if got := apply(t, s, b); len(got.Rejects) > 0 {
			t.Errorf("%+v: %+v", c, got.Rejects)
		}
		got := column(t, s, `select stage.name from opportunity o join stage on stage.id = o.stage_id where o.external_id = 'S'`)
		if !slices.Equal(got, []string{c.want}) {
			t.Errorf("%+v: got %v", c, got)
		}
	}
	b := batch{TakenAt: noon, Deals: []insights.Opportunity{{Key: "S", Process: "Renewals", Stage: "Won"}}}
	if got := apply(t, s, b); len(got.Rejects) != 1 {
		t.Errorf("a stage of another process was taken: %+v", got)
	}
}

func TestALogWrittenFieldByFieldIsReadToo(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	if _, err := s.DB().ExecContext(t.Context(), `
		with taken as (delete from opportunity_change where field = 'deal' returning *)
		insert into opportunity_change (opportunity_id, field, new, valid_at, revision, actor)
		select opportunity_id, first.key, first.value, valid_at, revision, actor
		from taken cross join lateral jsonb_each_text(new::jsonb) first`); err != nil {
		t.Fatal(err)
	}
	tell(t, s, "2026-03-03", change("D1", insights.ChangeStage, "Lost", "Engaging", "2026-01-10"))
	wantLog(t, s, "D1", "stage_id", "Lost ever", "Engaging Jan 10 00:00")
	for _, query := range []string{
		`select o::text from opportunity o except select r::text from opportunity_replayed('infinity', 2) r`,
		`select o::text from opportunity_at('2026-01-01', 2) o except select r::text from opportunity_replayed('2026-01-01', 2) r`,
		`select o::text from opportunity_at('2026-01-01', 1) o except select r::text from opportunity_replayed('2026-01-01', 1) r`,
	} {
		if got := column(t, s, query); len(got) > 0 {
			t.Errorf("%s: %v", query, got)
		}
	}
}
