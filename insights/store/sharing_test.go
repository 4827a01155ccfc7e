package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/metric"
)

func TestAConversationRemembersTheReceiptOfItsLastAnswer(t *testing.T) {
	s := open(t)
	apply(t, s, acme())
	answered := func(id, asked string, change func(*insights.Turn)) {
		t.Helper()
		q := metric.Query{Shape: metric.ShapeFigure, Metric: "won_revenue"}
		turn := insights.Turn{At: noon, Thread: "T1/C1/U1", Opens: "T1/C1/1.2/U1", Asked: asked, LastQuery: &q, LastAnswer: id}
		if id != "" {
			turn.Receipt = &insights.Receipt{ID: id, At: noon, Query: q, Company: metric.DefaultCompany(), Metric: q.Metric, Revision: 1}
		}
		change(&turn)
		record(t, s, turn)
	}
	last := func(thread, want string) {
		t.Helper()
		if got, err := s.LastAnswer(t.Context(), thread); err != nil || got != want {
			t.Errorf("the last answer in %s is %q, want %q (%v)", thread, got, want, err)
		}
	}
	asIs := func(*insights.Turn) {}
	last("T1/C1/U1", "")
	answered("r1", "m1", asIs)
	last("T1/C1/U1", "r1")
	last("T1/C1/1.2/U1", "r1")
	answered("", "m2", asIs) // a definition has no receipt
	last("T1/C1/U1", "")
	answered("r2", "m3", asIs)
	answered("r3", "m1", func(turn *insights.Turn) { turn.Edited = true }) // an older one is not the last
	last("T1/C1/U1", "r2")
	record(t, s, insights.Turn{At: noon, Thread: "T1/C1/U1", Forgets: "m3"})
	last("T1/C1/U1", "")
}

func TestADeliveryEndsUnsaidTogetherWithWhatFollows(t *testing.T) {
	s := open(t)
	d := record(t, s, insights.Turn{Deliveries: []insights.Delivery{hello("share:r1:C1")}})[0]
	told := insights.Turn{At: noon, Audit: &insights.AuditEntry{At: noon, Status: "refused", Code: "not_allowed"}, Deliveries: []insights.Delivery{hello("unshared:r1")}}
	if _, err := s.FinishDeliveryWith(t.Context(), d.ID, d.Attempt+1, insights.Failed, "late", told, noon, lease); err == nil {
		t.Fatal("an attempt that was taken over ends the delivery")
	}
	due, err := s.FinishDeliveryWith(t.Context(), d.ID, d.Attempt, insights.Failed, "not all may read it", told, noon, lease)
	if err != nil || len(due) != 1 || due[0].Key != "unshared:r1" || due[0].State != insights.Sending {
		t.Fatalf("due are %+v (%v)", due, err)
	}
	states, err := s.DeliveryStates(t.Context(), []string{"share:r1:C1", "unshared:r1", "share:r2:C1"})
	want := map[string]insights.DeliveryState{"share:r1:C1": insights.Failed, "unshared:r1": insights.Sending}
	if diff := cmp.Diff(want, states); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if n := column(t, s, `select count(*) from audit where status = 'refused'`); n[0] != "1" {
		t.Errorf("%s refusals are in the audit log", n[0])
	}
}
