package store_test

import (
	"context"
	"encoding/json"
	"math/big"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// weekly is a digest on Mondays at noon, first after the moment of these tests.
func weekly(t *testing.T, s *store.Store) insights.Digest {
	t.Helper()
	id, err := s.NewDigestID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := insights.Digest{
		ID: id, Team: "T1", Owner: "U1", Name: "Carol", Thread: "T1/D1/U1", Words: "won revenue, this week", State: insights.DigestActive,
		Query:    metric.Query{Shape: metric.ShapeFigure, Metric: "won_revenue", Where: []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: 3, Text: "EMEA"}}}}},
		Schedule: insights.Schedule{Days: []time.Weekday{time.Monday}, Hour: 12, Zone: "UTC"},
	}
	if d, err = d.Again(noon, metric.DefaultCompany()); err != nil {
		t.Fatal(err)
	}
	record(t, s, insights.Turn{Digest: &insights.DigestChange{Digest: d, New: true}})
	return read(t, s)
}

// read returns the only digest there is.
func read(t *testing.T, s *store.Store) insights.Digest {
	t.Helper()
	found, err := s.AllDigests(t.Context(), "T1")
	if err != nil || len(found) != 1 {
		t.Fatalf("%d digests, %v", len(found), err)
	}
	return found[0]
}

// ran is the turn of a run that sent something.
func ran(t *testing.T, d insights.Digest, now time.Time) insights.Turn {
	t.Helper()
	at, _, err := d.Due(now, metric.DefaultCompany())
	if err != nil {
		t.Fatal(err)
	}
	next, err := d.Again(now, metric.DefaultCompany())
	if err != nil {
		t.Fatal(err)
	}
	run := &insights.DigestRun{At: at, Outcome: insights.DigestSent, Period: metric.Period{From: noon, Label: "since noon"},
		Figures: []metric.Quantity{{Value: big.NewRat(1, 3), Unit: metric.UnitMoney, Currency: "USD"}, {Unit: metric.UnitMoney, Currency: "EUR", Reason: metric.ReasonNoRows}}, Scope: []int64{1, 2}}
	change := &insights.DigestChange{Digest: next, Run: run}
	message := insights.Delivery{Key: change.DigestKey(), Team: "T1", Target: insights.Target{Kind: insights.ToChannel, Channel: "D1"}, Payload: json.RawMessage(`{"text":"hello"}`)}
	return insights.Turn{At: now, Digest: change, Deliveries: []insights.Delivery{message}}
}

func TestADigestIsKeptWhole(t *testing.T) {
	s := open(t)
	d := weekly(t, s)
	want := insights.Digest{
		ID: d.ID, Team: "T1", Owner: "U1", Name: "Carol", Thread: "T1/D1/U1", Words: "won revenue, this week", State: insights.DigestActive,
		Query: d.Query, Schedule: d.Schedule, NextAt: noon.AddDate(0, 0, 7), LookAt: noon.AddDate(0, 0, 7), Attempt: 1, MadeAt: noon,
	}
	if diff := cmp.Diff(want, d); diff != "" || d.Query.Where[0].Values[0].ID != 3 {
		t.Errorf("kept %+v\n%s", d, diff)
	}
	for _, c := range []struct {
		team, owner string
		want        int
	}{{"T1", "U1", 1}, {"T1", "U2", 0}, {"T2", "U1", 0}} {
		if found, err := s.DigestsOf(t.Context(), c.team, c.owner, 0); err != nil || len(found) != c.want {
			t.Errorf("%s of %s has %d (%v), want %d", c.owner, c.team, len(found), err, c.want)
		}
	}
}

func TestADigestRunsOnceAndGoesOn(t *testing.T) {
	s := open(t)
	d := weekly(t, s)
	if _, due, err := s.DueDigest(t.Context(), d.ID, d.NextAt.Add(-time.Second)); err != nil || due {
		t.Errorf("due %v too early (%v)", due, err)
	}
	now := d.NextAt.Add(3 * time.Second)
	due, ok, err := s.DueDigest(t.Context(), d.ID, now)
	if err != nil || !ok {
		t.Fatalf("not due: %v", err)
	}
	sent, fresh, err := s.Record(t.Context(), ran(t, due, now), now, lease)
	if err != nil || !fresh || len(sent) != 1 {
		t.Fatalf("recorded %d, fresh %v, %v", len(sent), fresh, err)
	}
	again, fresh, err := s.Record(t.Context(), ran(t, due, now), now, lease)
	if err != nil || fresh || len(again) != 0 {
		t.Errorf("recorded again: %d, fresh %v, %v", len(again), fresh, err)
	}
	if err := s.FinishDelivery(t.Context(), sent[0].ID, 1, insights.Unconfirmed, "", "", "lost", now); err != nil {
		t.Fatal(err)
	}
	after := read(t, s)
	if !after.NextAt.Equal(d.NextAt.AddDate(0, 0, 7)) || after.Last == nil || !after.Last.At.Equal(d.NextAt) || after.Last.Delivery != insights.Unconfirmed {
		t.Errorf("it goes on as %+v after %+v", after, after.Last)
	}
	if after.Said == nil || after.Said.Figures[0].Value.Cmp(big.NewRat(1, 3)) != 0 || after.Said.Figures[1].Value != nil || !after.Said.Period.From.Equal(noon) || len(after.Said.Scope) != 2 {
		t.Errorf("it said %+v", after.Said)
	}
	if _, due, err := s.DueDigest(t.Context(), d.ID, now); err != nil || due {
		t.Errorf("due %v again (%v)", due, err)
	}
}

func TestOfTwoReplicasOneSendsADigest(t *testing.T) {
	dsn := storetest.DSN(t)
	replicas := []*store.Store{openAt(t, dsn), openAt(t, dsn)}
	d := weekly(t, replicas[0])
	now := d.NextAt.Add(time.Second)
	var spoke atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_, fresh, err := replicas[i%2].Record(t.Context(), ran(t, d, now), now, lease)
			if err != nil {
				t.Error(err)
			}
			if fresh {
				spoke.Add(1)
			}
		})
	}
	wg.Wait()
	if n := column(t, replicas[0], `select count(*)::text from delivery`)[0]; spoke.Load() != 1 || n != "1" {
		t.Errorf("%d spoke, %s messages", spoke.Load(), n)
	}
}

func TestAMomentThatWasSentIsNotSentAgain(t *testing.T) {
	s := open(t)
	d := weekly(t, s)
	now := d.NextAt.Add(time.Second)
	if _, fresh, err := s.Record(t.Context(), ran(t, d, now), now, lease); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	column(t, s, `update digest set next_run_at = '2026-03-09T12:00:00Z', look_at = '2026-03-09T12:00:00Z' returning ''`)
	back := read(t, s)
	if _, fresh, err := s.Record(t.Context(), ran(t, back, now), now, lease); err != nil || fresh {
		t.Errorf("sent again: fresh %v, %v", fresh, err)
	}
	if after := read(t, s); !after.NextAt.After(now) {
		t.Errorf("it is stuck at %v", after.NextAt)
	}
}

func TestWhatItsOwnerDecidesEndsARunUnderWay(t *testing.T) {
	for _, state := range []insights.DigestState{insights.DigestPaused, insights.DigestDeleted, insights.DigestActive} {
		s := open(t)
		d := weekly(t, s)
		now := d.NextAt.Add(time.Second)
		changed, err := d.Again(now, metric.DefaultCompany())
		if err != nil {
			t.Fatal(err)
		}
		changed.State, changed.Schedule.Hour = state, 7
		record(t, s, insights.Turn{Digest: &insights.DigestChange{Digest: changed}})
		if _, fresh, err := s.Record(t.Context(), ran(t, d, now), now, lease); err != nil || fresh {
			t.Errorf("%s: sent all the same: fresh %v, %v", state, fresh, err)
		}
		if n := column(t, s, `select count(*)::text from delivery`)[0]; n != "0" {
			t.Errorf("%s: %s messages", state, n)
		}
	}
}

func TestADeletedDigestStaysDeleted(t *testing.T) {
	s := open(t)
	d := weekly(t, s)
	d.State = insights.DigestDeleted
	record(t, s, insights.Turn{Digest: &insights.DigestChange{Digest: d}})
	d.State = insights.DigestActive
	record(t, s, insights.Turn{Digest: &insights.DigestChange{Digest: d}})
	if found, err := s.AllDigests(t.Context(), "T1"); err != nil || len(found) != 0 {
		t.Errorf("%d digests (%v)", len(found), err)
	}
}

func TestAHeldSendingIsLookedAtAgainAndSentOnce(t *testing.T) {
	s := open(t)
	d := weekly(t, s)
	now := d.NextAt.Add(time.Second)
	held := d
	held.Held, held.LookAt = true, now.Add(15*time.Minute)
	run := &insights.DigestRun{At: d.NextAt, Outcome: insights.DigestHeld}
	if _, fresh, err := s.Record(t.Context(), insights.Turn{Digest: &insights.DigestChange{Digest: held, Run: run}}, now, lease); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	if _, due, err := s.DueDigest(t.Context(), d.ID, now.Add(14*time.Minute)); err != nil || due {
		t.Errorf("looked at too soon: %v (%v)", due, err)
	}
	now = now.Add(15 * time.Minute)
	due, ok, err := s.DueDigest(t.Context(), d.ID, now)
	if err != nil || !ok || !due.Held || !due.NextAt.Equal(d.NextAt) || due.Last.Outcome != insights.DigestHeld {
		t.Fatalf("due %v: %+v (%v)", ok, due, err)
	}
	if counts, err := s.DigestCounts(t.Context(), now.Add(time.Second)); err != nil || counts != (insights.DigestCounts{Active: 1, Held: 1, Late: 1}) {
		t.Errorf("counted %+v (%v)", counts, err)
	}
	if _, fresh, err := s.Record(t.Context(), ran(t, due, now), now, lease); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	if after := read(t, s); after.Held || after.Last.Outcome != insights.DigestSent {
		t.Errorf("it goes on as %+v", after)
	}
}

func TestLateDigestsAreListed(t *testing.T) {
	s := open(t)
	d := weekly(t, s)
	if late, err := s.OverdueDigests(t.Context(), d.NextAt); err != nil || len(late) != 0 {
		t.Errorf("%d are late at the very moment (%v)", len(late), err)
	}
	if late, err := s.OverdueDigests(t.Context(), d.NextAt.Add(time.Second)); err != nil || len(late) != 1 || late[0].ID != d.ID {
		t.Errorf("late: %+v (%v)", late, err)
	}
	d.State = insights.DigestPaused
	record(t, s, insights.Turn{Digest: &insights.DigestChange{Digest: d}})
	if late, err := s.OverdueDigests(t.Context(), d.NextAt.AddDate(1, 0, 0)); err != nil || len(late) != 0 {
		t.Errorf("%d are late though paused (%v)", len(late), err)
	}
}

func TestADigestIsLookedAtWhenItsTimeComes(t *testing.T) {
	t.Parallel()
	s := openAt(t, storetest.DSN(t))
	looked := make(chan int64, 10)
	stop := work(t, s, store.Work{Digest: func(ctx context.Context, id int64) error {
		d, due, err := s.DueDigest(ctx, id, time.Now())
		if err != nil || !due {
			return err
		}
		_, fresh, err := s.Record(ctx, ran(t, d, time.Now()), time.Now(), time.Hour)
		if fresh {
			looked <- id
		}
		return err
	}})
	defer stop()
	id, err := s.NewDigestID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(50 * time.Millisecond)
	d := insights.Digest{ID: id, Team: "T1", Owner: "U1", Words: "won revenue", NextAt: soon, LookAt: soon,
		Schedule: insights.Schedule{Days: insights.Weekdays(), Hour: 8, Zone: "UTC"}}
	if _, _, err := s.Record(t.Context(), insights.Turn{Digest: &insights.DigestChange{Digest: d, New: true}}, time.Now(), lease); err != nil {
		t.Fatal(err)
	}
	if got := await(t, looked); got != id {
		t.Errorf("digest %d was looked at, want %d", got, id)
	}
}
