package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights"
	"salesbot/insights/store"
)

// market is a company with a deal of every kind for each of four people.
func market() batch {
	b := batch{
		Source: "market.csv", TakenAt: noon,
		Stages: []insights.Stage{
			{Name: "Talking", Position: 1, Outcome: insights.Open}, {Name: "Legal", Position: 2, Outcome: insights.Open},
			{Name: "Won", Position: 3, Outcome: insights.Won},
		},
		Territories: []insights.Territory{
			{Key: "world", Name: "World"}, {Key: "emea", Name: "EMEA", Parent: "world"},
			{Key: "north", Name: "EMEA North", Parent: "emea"}, {Key: "amer", Name: "Americas", Parent: "world"},
		},
		People: []insights.PersonRecord{
			{Key: "ana", Name: "Ana Ruiz", Email: "ana@acme.test", Territory: "north"},
			{Key: "ben", Name: "Ben Abel", Email: "ben@acme.test", Territory: "emea"},
			{Key: "cas", Name: "Cas Dorn", Email: "cas@acme.test", Territory: "amer"},
			{Key: "dee", Name: "Dee Lund"},
			{Key: "eve", Name: "Eve Analyst", Email: "eve@acme.test", Role: "analyst"},
		},
		Accounts: []insights.Account{
			{Key: "A1", Name: "Globex", Industry: "Retail", Segment: "Enterprise"}, {Key: "A2", Name: "Initech", Industry: "software", Segment: "SMB"},
		},
		Products: []insights.Product{{Key: "P1", Name: "Pump"}, {Key: "P2", Name: "Filter"}},
	}
	for _, owner := range []string{"ana", "ben", "cas", "dee"} {
		for n := range 12 {
			b.Deals = append(b.Deals, insights.Opportunity{
				Key: fmt.Sprintf("%s-%02d", owner, n), Name: fmt.Sprintf("%s deal %02d", owner, n), Owner: owner,
				Account: []string{"A1", "A2"}[n%2], Product: []string{"P1", "P2", ""}[n%3],
				Stage: []string{"Talking", "Legal", "Won"}[(n/2)%3], CloseOn: date("2026-04-01").AddDate(0, 0, n),
			})
		}
	}
	return b
}

// TestAnInsightConcernsTheOwnersOfTheOpenDealsThatMatch reads the batch itself
// and compares: over any audience, the store finds these people with these
// deals and nobody else's.
func TestAnInsightConcernsTheOwnersOfTheOpenDealsThatMatch(t *testing.T) {
	s := open(t)
	b := market()
	apply(t, s, b)
	options, err := s.AudienceOptions(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		audience := insights.Audience(rapid.SliceOfNDistinct(rapid.SampledFrom(options), 0, 6, func(c insights.Criterion) string {
			return c.Dimension + c.Text
		}).Draw(rt, "audience"))
		got, err := s.Reach(t.Context(), audience, noon)
		if err != nil {
			rt.Fatal(err)
		}
		found := map[string]int{}
		for _, r := range got.Readers {
			found[r.Name] = r.Touched
			if len(r.Deals) != min(r.Touched, insights.MostDeals) {
				rt.Fatalf("%s is named %d of %d deals", r.Name, len(r.Deals), r.Touched)
			}
			first, _, _ := strings.Cut(strings.ToLower(r.Name), " ")
			for _, d := range r.Deals {
				if !strings.HasPrefix(d.Name, first+" ") {
					rt.Fatalf("%s is shown %s", r.Name, d.Name)
				}
			}
		}
		if diff := cmp.Diff(expected(b, audience), found); diff != "" {
			rt.Fatalf("for %q (-want +got)\n%s", audience, diff)
		}
	})
}

// expected counts the matching open deals of each person.
func expected(b batch, a insights.Audience) map[string]int {
	above := map[string][]string{"north": {"EMEA North", "EMEA", "World"}, "emea": {"EMEA", "World"}, "amer": {"Americas", "World"}}
	owners, accounts := map[string]insights.PersonRecord{}, map[string]insights.Account{}
	for _, p := range b.People {
		owners[p.Key] = p
	}
	for _, account := range b.Accounts {
		accounts[account.Key] = account
	}
	products := map[string]string{"P1": "Pump", "P2": "Filter"}
	counts := map[string]int{}
	for _, d := range b.Deals {
		values := map[string][]string{
			"territory": above[owners[d.Owner].Territory], "industry": {accounts[d.Account].Industry},
			"segment": {accounts[d.Account].Segment}, "product": {products[d.Product]}, "stage": {d.Stage},
		}
		if d.Stage != "Won" && matches(a, values) {
			counts[owners[d.Owner].Name]++
		}
	}
	return counts
}

func matches(a insights.Audience, values map[string][]string) bool {
	for dimension, has := range values {
		wanted := a.Of(dimension).Texts()
		if len(wanted) > 0 && !slices.ContainsFunc(has, func(v string) bool { return slices.Contains(wanted, v) }) {
			return false
		}
	}
	return true
}

func TestAnAudienceIsMadeOfWhatThereIs(t *testing.T) {
	s := open(t)
	apply(t, s, market())
	options, err := s.AudienceOptions(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"territory": {"Americas", "EMEA", "EMEA North", "World"}, "industry": {"Retail", "software"},
		"segment": {"Enterprise", "SMB"}, "product": {"Filter", "Pump"}, "stage": {"Talking", "Legal"},
	}
	for dimension, texts := range want {
		if diff := cmp.Diff(texts, options.Of(dimension).Texts()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", dimension, diff)
		}
	}
}

// posted is an insight for everybody in EMEA, told to them.
func posted(t *testing.T, s *store.Store) (insights.Insight, []insights.Reader) {
	t.Helper()
	apply(t, s, market())
	options, err := s.AudienceOptions(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	i := insights.Insight{
		ID: "i1", Version: 1, Author: insights.Author{Name: "Eve Analyst", Email: "eve@acme.test"},
		What: "They want leasing", Evidence: "https://example.com/calls", Confidence: insights.High,
		Audience: options.Of("territory")[1:2], Until: date("2026-04-01"), State: insights.Live, At: noon, PostedAt: noon,
	}
	reach, err := s.Reach(t.Context(), i.Audience, noon)
	if err != nil {
		t.Fatal(err)
	}
	turn := insights.Turn{At: noon, Insight: &insights.InsightChange{Insight: i, Written: true}}
	for _, r := range reach.Readers {
		r.First, r.Version, r.Delivery = 1, 1, "insight:i1:1:"+r.Email
		turn.Insight.Readers = append(turn.Insight.Readers, r)
		turn.Deliveries = append(turn.Deliveries, insights.Delivery{
			Key: r.Delivery, Target: insights.Target{Kind: insights.ToPerson, Email: r.Email}, Payload: []byte(`{"text":"x"}`), NotBefore: noon.Add(time.Hour),
		})
	}
	keep(t, s, turn)
	return i, turn.Insight.Readers
}

func keep(t *testing.T, s *store.Store, turn insights.Turn) {
	t.Helper()
	if _, _, err := s.Record(t.Context(), turn, noon, lease); err != nil {
		t.Fatal(err)
	}
}

func TestEveryTextOfAnInsightIsKept(t *testing.T) {
	s := open(t)
	i, _ := posted(t, s)
	next := i
	next.Version, next.What, next.At = 2, "They want leasing, or rent", noon.Add(time.Hour)
	keep(t, s, insights.Turn{At: next.At, Insight: &insights.InsightChange{Insight: next, Written: true}})
	versions, err := s.InsightVersions(t.Context(), "i1")
	if err != nil {
		t.Fatal(err)
	}
	if len(versions) != 2 || versions[0].What != i.What || versions[1].What != next.What || !versions[1].PostedAt.Equal(noon) {
		t.Errorf("the versions are %+v", versions)
	}
	if _, _, err := s.Record(t.Context(), insights.Turn{At: noon, Insight: &insights.InsightChange{Insight: next, Written: true}}, noon, lease); err == nil {
		t.Error("a version is written twice")
	}
}

func TestAMarkCountsOnceAndCanBeTakenBack(t *testing.T) {
	s := open(t)
	i, readers := posted(t, s)
	mark := func(set bool) {
		keep(t, s, insights.Turn{At: noon, Insight: &insights.InsightChange{
			Insight: i, Marked: &insights.Marked{Person: readers[0].Person, Mark: insights.Useful, Set: set},
		}})
	}
	useful := func() int {
		standings, err := s.InsightsBy(t.Context(), i.Author)
		if err != nil {
			t.Fatal(err)
		}
		return standings[0].Marks[insights.Useful]
	}
	mark(true)
	mark(true)
	if n := useful(); n != 1 {
		t.Errorf("two presses count %d times", n)
	}
	mark(false)
	if n := useful(); n != 0 {
		t.Errorf("taken back, it counts %d times", n)
	}
	stale := i
	stale.Version = 7
	_, _, err := s.Record(t.Context(), insights.Turn{At: noon, Insight: &insights.InsightChange{
		Insight: stale, Marked: &insights.Marked{Person: readers[0].Person, Mark: insights.Wrong, Set: true},
	}}, noon, lease)
	if err == nil {
		t.Error("a mark was set on a version that is not the latest")
	}
}

func TestARetiredInsightIsNotSentAnyMore(t *testing.T) {
	s := open(t)
	i, readers := posted(t, s)
	i.Version, i.State, i.Why = 2, insights.Retired, "it was one customer"
	keep(t, s, insights.Turn{At: noon, Insight: &insights.InsightChange{Insight: i, Written: true}})
	counts, err := s.DeliveryCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(len(readers)); counts[insights.Expired] != want || counts[insights.Pending] != 0 {
		t.Errorf("want %d withheld and none pending, got %v", want, counts)
	}
	standings, err := s.InsightsBy(t.Context(), i.Author)
	if err != nil {
		t.Fatal(err)
	}
	if standings[0].Told != 0 || standings[0].Missed != len(readers) {
		t.Errorf("its standing is %+v", standings[0])
	}
}

func TestAnInsightIsForThoseWhoWereToldWhileItHolds(t *testing.T) {
	s := open(t)
	i, readers := posted(t, s)
	cases := map[string]struct {
		person int64
		on     time.Time
		want   int
	}{
		"a reader, on its last day": {readers[0].Person, i.Until, 1},
		"a reader, a day later":     {readers[0].Person, i.Until.AddDate(0, 0, 1), 0},
		"somebody who was not told": {-1, noon, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := s.InsightsFor(t.Context(), c.person, c.on)
			if err != nil || len(got) != c.want {
				t.Errorf("want %d, got %d (%v)", c.want, len(got), err)
			}
		})
	}
}

func TestALaterChangeOfAMessageTakesThePlaceOfAnEarlierOne(t *testing.T) {
	s := open(t)
	_, readers := posted(t, s)
	of := readers[0].Delivery
	update := func(key string) insights.Delivery {
		due, _, err := s.Record(t.Context(), insights.Turn{At: noon, Deliveries: []insights.Delivery{{
			Key: key, Target: insights.Target{Kind: insights.ToUpdate, Of: of}, Payload: []byte(`{"text":"x"}`),
		}}}, noon, lease)
		if err != nil || len(due) != 1 {
			t.Fatalf("%d deliveries, %v", len(due), err)
		}
		return due[0]
	}
	first, second := update("one"), update("two")
	later := noon.Add(time.Hour)
	for name, c := range map[string]struct {
		id   int64
		now  time.Time
		want insights.Original
	}{
		"the earlier one is superseded":          {first.ID, noon, insights.Original{State: insights.Pending, NotBefore: later, Superseded: true}},
		"the later one waits for the earlier":    {second.ID, noon, insights.Original{State: insights.Pending, NotBefore: later, Busy: true}},
		"but not longer than its attempt can be": {second.ID, noon.Add(2 * lease), insights.Original{State: insights.Pending, NotBefore: later}},
	} {
		t.Run(name, func(t *testing.T) {
			got, found, err := s.Original(t.Context(), c.id, of, c.now)
			got.NotBefore = got.NotBefore.UTC()
			if err != nil || !found || got != c.want {
				t.Errorf("want %+v, got %+v (%t, %v)", c.want, got, found, err)
			}
		})
	}
	if _, found, err := s.Original(t.Context(), first.ID, "nothing", noon); found || err != nil {
		t.Errorf("found %t, %v", found, err)
	}
}

func TestWhoMutedInsightsIsKnownToThoseWhoPost(t *testing.T) {
	s := open(t)
	_, readers := posted(t, s)
	until := noon.Add(72 * time.Hour)
	for _, until := range []time.Time{noon.Add(time.Hour), until} {
		if _, _, err := s.Record(t.Context(), insights.Turn{At: noon, Mute: &insights.Mute{Person: readers[0].Person, Until: until}}, noon, lease); err != nil {
			t.Fatal(err)
		}
	}
	reach, err := s.Reach(t.Context(), nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reach.Readers {
		if muted := r.Person == readers[0].Person; muted != r.Muted.Equal(until) || !muted && !r.Muted.IsZero() {
			t.Errorf("%s muted insights until %s", r.Name, r.Muted)
		}
	}
}
