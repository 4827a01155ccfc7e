package store_test

import (
	"encoding/json"
	"errors"
	"strings"
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

const responseURL = "https://hooks.slack.test/commands/T1/secret"

func hello(key string) insights.Delivery {
	return insights.Delivery{
		Key: key, Team: "T1",
		Target:  insights.Target{Kind: insights.ToResponseURL, Channel: "C1", URL: responseURL},
		Payload: json.RawMessage(`{"text":"hello"}`),
	}
}

func received(key string) insights.Received {
	return insights.Received{Team: "T1", Key: key, Kind: "event", Payload: json.RawMessage(`{"text":"a \u0000 b"}`), At: noon}
}

func receive(t *testing.T, s *store.Store, key string) insights.Received {
	t.Helper()
	r, fresh, err := s.Receive(t.Context(), received(key), noon, lease)
	if err != nil || !fresh {
		t.Fatalf("receiving: fresh %v, %v", fresh, err)
	}
	return r
}

func record(t *testing.T, s *store.Store, turn insights.Turn) []insights.Delivery {
	t.Helper()
	turn.At = noon
	deliveries, fresh, err := s.Record(t.Context(), turn, noon, lease)
	if err != nil || !fresh {
		t.Fatalf("recording: fresh %v, %v", fresh, err)
	}
	return deliveries
}

func TestWhatSlackRepeatsIsTheSameRowAndNotFresh(t *testing.T) {
	s := open(t)
	first := receive(t, s, "Ev1")
	again, fresh, err := s.Receive(t.Context(), received("Ev1"), noon.Add(time.Second), lease)
	if err != nil || fresh || again.ID != first.ID {
		t.Errorf("a repeat gave row %d, fresh %v (%v); want row %d", again.ID, fresh, err, first.ID)
	}
	if string(again.Payload) != string(first.Payload) {
		t.Errorf("kept %s, sent %s", again.Payload, first.Payload)
	}
	if other := receive(t, s, "Ev2"); other.ID == first.ID {
		t.Error("another event has the same row")
	}
}

func TestWhatWasReceivedIsTakenOverOnlyWhenItsLeaseHasEnded(t *testing.T) {
	s := open(t)
	r := receive(t, s, "Ev1")
	if _, claimed, err := s.ClaimReceived(t.Context(), r.ID, noon.Add(lease-time.Second), lease); err != nil || claimed {
		t.Errorf("claimed %v under a lease (%v)", claimed, err)
	}
	late := noon.Add(lease)
	got, claimed, err := s.ClaimReceived(t.Context(), r.ID, late, lease)
	if err != nil || !claimed || got.Attempt != 2 || !got.Lease.Equal(late.Add(lease)) || got.Key != "Ev1" {
		t.Errorf("claimed %v, %+v (%v)", claimed, got, err)
	}
	record(t, s, insights.Turn{Received: r.ID})
	if _, claimed, err := s.ClaimReceived(t.Context(), r.ID, late.Add(time.Hour), lease); err != nil || claimed {
		t.Errorf("claimed %v though it is done (%v)", claimed, err)
	}
}

func TestWhoeverWorksOnWhatWasReceivedMayHoldItLonger(t *testing.T) {
	s := open(t)
	r := receive(t, s, "Ev1")
	hold := func(attempt int, now time.Time) bool {
		t.Helper()
		held, err := s.HoldReceived(t.Context(), r.ID, attempt, now, lease)
		if err != nil {
			t.Fatal(err)
		}
		return held
	}
	late := noon.Add(lease)
	if !hold(1, late) {
		t.Error("its holder cannot hold it longer")
	}
	if _, claimed, err := s.ClaimReceived(t.Context(), r.ID, late, lease); err != nil || claimed {
		t.Errorf("claimed %v while it is held (%v)", claimed, err)
	}
	if _, claimed, err := s.ClaimReceived(t.Context(), r.ID, late.Add(lease), lease); err != nil || !claimed {
		t.Errorf("claimed %v when the hold has ended (%v)", claimed, err)
	}
	if hold(1, late.Add(lease)) {
		t.Error("who held it before holds it beside its new holder")
	}
	record(t, s, insights.Turn{Received: r.ID})
	if hold(2, late.Add(lease)) {
		t.Error("it is held though it is done")
	}
}

func TestOneRequestIsAnsweredOnce(t *testing.T) {
	s := open(t)
	r := receive(t, s, "Ev1")
	turn := insights.Turn{Received: r.ID, At: noon, Deliveries: []insights.Delivery{hello("k1")}}
	if got := record(t, s, turn); len(got) != 1 {
		t.Fatalf("%d deliveries, want 1", len(got))
	}
	turn.Deliveries[0].Key = "k2"
	got, fresh, err := s.Record(t.Context(), turn, noon, lease)
	if err != nil || fresh || len(got) != 0 {
		t.Errorf("the second time gave %d deliveries, fresh %v (%v)", len(got), fresh, err)
	}
	if counts, err := s.DeliveryCounts(t.Context()); err != nil || !cmp.Equal(counts, map[insights.DeliveryState]int64{insights.Sending: 1}) {
		t.Errorf("ledger %v (%v)", counts, err)
	}
}

func TestWhatIsDoneKeepsNoSecrets(t *testing.T) {
	s := open(t)
	r := received("command:1")
	r.Kind = "command"
	r.Payload = json.RawMessage(`{"token":"tok-secret", "text":"a \u0000 \"response_url\":\"stays\"", "response_url" : "https:\/\/hooks.slack.test\/secret\"x",` +
		`"response_urls":[{"block_id":"b","response_url":"https://hooks.slack.test/secret"}],"user_id":"U1"}`)
	kept, _, err := s.Receive(t.Context(), r, noon, lease)
	if err != nil {
		t.Fatal(err)
	}
	payload := func() (text string) {
		if err := s.DB().QueryRowContext(t.Context(), `select payload from inbox where id = $1`, kept.ID).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	if got := payload(); got != string(r.Payload) {
		t.Errorf("while it is to be done it is kept as %s", got)
	}
	record(t, s, insights.Turn{Received: kept.ID})
	want := `{"token":"", "text":"a \u0000 \"response_url\":\"stays\"", "response_url" : "","response_urls":[{"block_id":"b","response_url":""}],"user_id":"U1"}`
	if diff := cmp.Diff(want, payload()); diff != "" {
		t.Errorf("when it is done (-want +got)\n%s", diff)
	}
}

func TestAKeyIsSaidOnceWhoeverAsksForIt(t *testing.T) {
	s := open(t)
	if got := record(t, s, insights.Turn{Deliveries: []insights.Delivery{hello("digest-7")}}); len(got) != 1 {
		t.Errorf("%d deliveries, want 1", len(got))
	}
	if got := record(t, s, insights.Turn{Deliveries: []insights.Delivery{hello("digest-7")}}); len(got) != 0 {
		t.Errorf("%d deliveries, want none", len(got))
	}
}

func TestWhatIsDueComesBackClaimedAndIsFinishedOnce(t *testing.T) {
	s := open(t)
	d := record(t, s, insights.Turn{Deliveries: []insights.Delivery{hello("k1")}})[0]
	if d.State != insights.Sending || d.Attempt != 1 || !d.FirstTry.Equal(noon) || d.Target.URL != responseURL {
		t.Errorf("recorded %+v", d)
	}
	if _, claimed, err := s.ClaimDelivery(t.Context(), d.ID, noon, lease); err != nil || claimed {
		t.Errorf("somebody else claimed it: %v (%v)", claimed, err)
	}
	if err := s.FinishDelivery(t.Context(), d.ID, 1, insights.Sent, "C1", "1.2", "", noon); err != nil {
		t.Fatal(err)
	}
	if _, claimed, err := s.ClaimDelivery(t.Context(), d.ID, noon.Add(time.Hour), lease); err != nil || claimed {
		t.Errorf("claimed %v though it is sent (%v)", claimed, err)
	}
	if got := column(t, s, `select state || ' ' || channel || ' ' || ts || ' ' || target::text from delivery`); strings.Contains(got[0], "secret") || !strings.HasPrefix(got[0], "sent C1 1.2") {
		t.Errorf("kept %q", got[0])
	}
}

func TestADeliveryLeftInTheMiddleComesBackToBeLookedUp(t *testing.T) {
	dsn := storetest.DSN(t)
	crashed, other := openAt(t, dsn), openAt(t, dsn)
	d := record(t, crashed, insights.Turn{Deliveries: []insights.Delivery{hello("k1")}})[0]

	got, claimed, err := other.ClaimDelivery(t.Context(), d.ID, noon.Add(lease), lease)
	if err != nil || !claimed || got.State != insights.Sending || got.Attempt != 2 || !got.FirstTry.Equal(noon) {
		t.Errorf("claimed %v, %+v (%v)", claimed, got, err)
	}
	err = crashed.FinishDelivery(t.Context(), d.ID, 1, insights.Sent, "C1", "1.2", "", noon)
	var told *insights.Error
	if !errors.As(err, &told) || told.Code != "delivery_taken_over" {
		t.Errorf("the first attempt still has a say: %v", err)
	}
	if err := other.FinishDelivery(t.Context(), d.ID, 2, insights.Unconfirmed, "", "", "lost", noon); err != nil {
		t.Error(err)
	}
}

func TestOfManyWhoClaimADeliveryOneWins(t *testing.T) {
	dsn := storetest.DSN(t)
	later := hello("k1")
	later.NotBefore = noon.Add(time.Hour)
	stores := []*store.Store{openAt(t, dsn), openAt(t, dsn)}
	record(t, stores[0], insights.Turn{Deliveries: []insights.Delivery{later}})
	id := onlyDelivery(t, stores[0])
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			d, claimed, err := stores[i%2].ClaimDelivery(t.Context(), id, later.NotBefore, lease)
			if err != nil {
				t.Error(err)
			}
			if claimed {
				won.Add(1)
				if d.State != insights.Pending || d.Attempt != 1 {
					t.Errorf("claimed %+v", d)
				}
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won, want 1", won.Load())
	}
}

func TestADeliveryForLaterWaits(t *testing.T) {
	s := open(t)
	later := hello("k1")
	later.NotBefore = noon.Add(time.Hour)
	d := record(t, s, insights.Turn{Deliveries: []insights.Delivery{later}})[0]
	if d.State != insights.Pending || d.Attempt != 0 {
		t.Errorf("recorded %+v", d)
	}
	if _, claimed, err := s.ClaimDelivery(t.Context(), d.ID, noon.Add(59*time.Minute), lease); err != nil || claimed {
		t.Errorf("claimed %v before its time (%v)", claimed, err)
	}
	if due, err := s.Overdue(t.Context(), noon.Add(time.Hour)); err != nil || len(due) != 0 {
		t.Errorf("%d overdue at its very moment (%v)", len(due), err)
	}
	if due, err := s.Overdue(t.Context(), noon.Add(61*time.Minute)); err != nil || len(due) != 1 || due[0].Key != "k1" {
		t.Errorf("overdue %+v (%v), want k1", due, err)
	}
}

func TestADeliveryThatSlackDefersIsPendingAgainAsIfNothingWasSaid(t *testing.T) {
	s := open(t)
	d := record(t, s, insights.Turn{Deliveries: []insights.Delivery{hello("k1")}})[0]
	until := noon.Add(30 * time.Second)
	if err := s.DeferDelivery(t.Context(), d.ID, 1, until, "ratelimited", noon); err != nil {
		t.Fatal(err)
	}
	if _, claimed, err := s.ClaimDelivery(t.Context(), d.ID, until.Add(-time.Second), lease); err != nil || claimed {
		t.Errorf("claimed %v too early (%v)", claimed, err)
	}
	got, claimed, err := s.ClaimDelivery(t.Context(), d.ID, until, lease)
	if err != nil || !claimed || got.State != insights.Pending || got.Attempt != 2 || got.Error != "ratelimited" {
		t.Errorf("claimed %v, %+v (%v)", claimed, got, err)
	}
	if err := s.DeferDelivery(t.Context(), d.ID, 1, until, "", noon); err == nil {
		t.Error("an attempt that was taken over could still put the delivery back")
	}
}

func TestADeliveryWhoseTimePassedIsNotSaid(t *testing.T) {
	s := open(t)
	later := hello("later")
	later.NotBefore, later.Expires = noon.Add(time.Minute), noon.Add(time.Hour)
	deferred := hello("deferred")
	deferred.Expires = noon.Add(time.Minute)
	got := record(t, s, insights.Turn{Deliveries: []insights.Delivery{later, deferred}})

	if _, claimed, err := s.ClaimDelivery(t.Context(), got[0].ID, later.Expires, lease); err != nil || claimed {
		t.Errorf("claimed %v after its time (%v)", claimed, err)
	}
	if err := s.DeferDelivery(t.Context(), got[1].ID, 1, noon.Add(time.Hour), "ratelimited", noon); err != nil {
		t.Fatal(err)
	}
	counts, err := s.DeliveryCounts(t.Context())
	if err != nil || !cmp.Equal(counts, map[insights.DeliveryState]int64{insights.Expired: 2}) {
		t.Errorf("ledger %v (%v), want two expired", counts, err)
	}
	if left := column(t, s, `select target::text from delivery where target ? 'url'`); len(left) != 0 {
		t.Errorf("a response URL was kept: %v", left)
	}
}

func TestAnExpiredDeliveryThatMayHaveBeenSaidIsStillLookedUp(t *testing.T) {
	s := open(t)
	d := hello("k1")
	d.Expires = noon.Add(time.Second)
	d = record(t, s, insights.Turn{Deliveries: []insights.Delivery{d}})[0]
	got, claimed, err := s.ClaimDelivery(t.Context(), d.ID, noon.Add(lease), lease)
	if err != nil || !claimed || got.State != insights.Sending {
		t.Errorf("claimed %v, %+v (%v)", claimed, got, err)
	}
}

func TestATurnIsWrittenWholeOrNotAtAll(t *testing.T) {
	s := open(t)
	r := receive(t, s, "Ev1")
	bad := hello("k1")
	bad.Payload = json.RawMessage(`{`)
	turn := insights.Turn{Received: r.ID, At: noon, Deliveries: []insights.Delivery{bad},
		Audit: &insights.AuditEntry{At: noon, Status: "answered"}, Thread: "T1:C1", LastQuery: &metric.Query{Metric: "won_amount"}}
	if _, _, err := s.Record(t.Context(), turn, noon, lease); err == nil {
		t.Fatal("a payload that is no JSON was taken")
	}
	if n := column(t, s, `select (select count(*) from audit) + (select count(*) from thread) + (select count(*) from inbox where done_at is not null)`); n[0] != "0" {
		t.Errorf("%s rows were written", n[0])
	}
	turn.Deliveries = nil
	record(t, s, turn)
}

func TestAThreadRemembersItsLastQuestion(t *testing.T) {
	s := open(t)
	if q, err := s.LastQuery(t.Context(), "T1:C1"); err != nil || q != nil {
		t.Errorf("a new thread remembers %v (%v)", q, err)
	}
	for _, name := range []string{"won_amount", "win_rate"} {
		q := metric.Query{Shape: metric.ShapeFigure, Metric: name, By: []string{"person"},
			Where: []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: 3, Text: "EMEA"}}}}}
		record(t, s, insights.Turn{Thread: "T1:C1", LastQuery: &q})
		got, err := s.LastQuery(t.Context(), "T1:C1")
		if err != nil || got == nil {
			t.Fatalf("%v, %v", got, err)
		}
		if diff := cmp.Diff(q, *got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAReceiptKeepsWhatAFigureWasComputedWith(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	want := insights.Receipt{
		ID: "r7k2", At: noon, Query: metric.Query{Shape: metric.ShapeFigure, Metric: "won_amount"},
		Viewer:  metric.Viewer{PersonID: 1, Name: "Carol", Role: metric.RoleRep, People: []int64{1}},
		Company: metric.Company{Zone: zone, FiscalStart: time.February, Calendar: metric.Weeks445, WeekStart: time.Sunday, Currency: "EUR"},
		Metric:  "won_amount", Version: 2, Revision: 1, Rows: 42, Meaning: "5e1f",
		Said: &metric.Said{
			Figures: []metric.SaidFigure{{
				SaidQuantity: metric.SaidQuantity{Value: "1/3", Unit: metric.UnitRatio, Counts: "1 3"},
				Previous:     &metric.SaidQuantity{Unit: metric.UnitRatio, Reason: metric.ReasonNoRows},
			}},
			Rows: "9c2d", Total: 4,
		},
	}
	audit := insights.AuditEntry{At: noon, Person: 1, Actor: "U1", Origin: "command", Text: "won\x00 \xff", Status: "answered", Receipt: want.ID}
	record(t, s, insights.Turn{Receipt: &want, Audit: &audit})
	got, err := s.Receipt(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	same := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Error(diff)
	}
	var told *insights.Error
	if _, err := s.Receipt(t.Context(), "none"); !errors.As(err, &told) || told.Code != "no_receipt" {
		t.Errorf("an unknown receipt: %v", err)
	}
}

func onlyDelivery(t *testing.T, s *store.Store) int64 {
	t.Helper()
	var id int64
	if err := s.DB().QueryRowContext(t.Context(), `select id from delivery`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}
