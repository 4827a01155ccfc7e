package store_test

import (
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

func TestWhatIsDoneIsForgottenAfterAMonth(t *testing.T) {
	s := open(t)
	done, todo := receive(t, s, "Ev1"), receive(t, s, "Ev2")
	said, unsaid := hello("k1"), hello("k2")
	sent := record(t, s, insights.Turn{
		Received: done.ID, Thread: "T1/C1/U1", LastQuery: &metric.Query{Metric: "won_revenue"}, Deliveries: []insights.Delivery{said, unsaid},
	})[0]
	if err := s.FinishDelivery(t.Context(), sent.ID, sent.Attempt, insights.Sent, "C1", "1.2", "", noon); err != nil {
		t.Fatal(err)
	}
	texts := func() (all string) {
		if err := s.DB().QueryRowContext(t.Context(), `
			select concat_ws(' ', (select string_agg(key || case when payload::text = '{}' then ' forgotten' else ' kept' end, ' ' order by key) from inbox),
			       (select string_agg(key || case when payload::text = '{}' then ' forgotten' else ' kept' end, ' ' order by key) from delivery),
			       (select count(*) from thread), 'thread')`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	for _, at := range []struct {
		after time.Duration
		want  string
	}{
		{29 * 24 * time.Hour, "Ev1 kept Ev2 kept k1 kept k2 kept 1 thread"},
		{31 * 24 * time.Hour, "Ev1 forgotten Ev2 kept k1 forgotten k2 kept 0 thread"},
	} {
		if err := s.Forget(t.Context(), noon.Add(at.after)); err != nil {
			t.Fatal(err)
		}
		if got := texts(); got != at.want {
			t.Errorf("after %s: %s; want %s", at.after, got, at.want)
		}
	}
	if _, fresh, err := s.Receive(t.Context(), received("Ev1"), noon, lease); err != nil || fresh {
		t.Errorf("what was forgotten is taken for new (%v)", err)
	}
	if _, claimed, err := s.ClaimReceived(t.Context(), todo.ID, noon.Add(31*24*time.Hour), lease); err != nil || !claimed {
		t.Errorf("what is still to be done is lost (%v)", err)
	}
}
