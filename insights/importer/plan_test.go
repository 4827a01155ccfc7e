package importer_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/importer"
)

// plan is what stands beside the deals of the small firm.
var plan = map[string]string{
	"stages.csv":      "name,position,outcome,probability\nTalking,1,open,0.25\nWon,2,won,1\nLost,3,lost,0\n",
	"assignments.csv": "person,manager,territory,since\np2,p1,w,\np2,,n,2024-07-01\np2,p2,,2024-08-01\np2,,,2024-09-01\n",
	"history.csv": "opportunity,field,old,new,currency,at\n" +
		"d1,stage,Talking,Won,,2024-02-01T09:30:00+01:00\nd1,close_on,2024-01-31,2024-02-01,,2024-01-20\nd1,amount,,1054.50,EUR,2024-01-05\n" +
		"d1,amount,,12.5,JPY,2024-01-06\nd1,colour,,red,,2024-01-06\nd1,stage,,Won,,yesterday\n",
	"quotas.csv":     "person,measure,first_day,last_day,amount,currency\np2,,2024-01-01,2024-03-31,5000,EUR\np2,Bookings,2024-04-01,2024-04-30,1,\np2,,2024-05-02,2024-05-01,1,\np2,visits,2024-06-01,2024-06-30,1,\n",
	"costs.csv":      "external_id,opportunity,kind,amount,currency,on\nk1,d1,direct,500,EUR,2024-02-03\nk2,d1,Selling,20,EUR,\nk3,d1,direct,,EUR,\nk4,d1,travel,1,EUR,\n",
	"overhead.csv":   "external_id,first_day,last_day,amount,currency,allocated_by\no1,2024-01-01,2024-12-31,900,EUR,revenue\no2,2024-01-01,2024-12-31,900,EUR,heads\n",
	"leads.csv":      "external_id,created_at,source,owner,status,responded_at,opportunity\nl1,2024-01-02T08:00:00Z,fair,p2,qualified,2024-01-02T10:00:00Z,d1\nl2,2024-01-03,,,new,,\nl3,2024-01-03,,,new,2024-01-02,\n",
	"activities.csv": "external_id,opportunity,kind,at,two_way,by\na1,d1,call,2024-01-10T10:00:00Z,yes,p2\na2,d1,email,2024-01-11,no,\na3,d1,email,2024-01-12,,\n",
}

func withPlan() map[string]string {
	files := company()
	maps.Copy(files, plan)
	files["accounts.csv"] = "external_id,name,industry,segment,country,parent\na1,Acme,Steel,Enterprise,Norway,\n"
	files["opportunities.csv"] = "external_id,account,owner,stage,amount,currency,close_on,loss_reason,competitor\nd1,a1,p2,Lost,1054.50,EUR,2024-02-01,price,Globex\n"
	return files
}

func TestWhatStandsBesideTheDeals(t *testing.T) {
	got, _, err := read(t, withPlan(), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, got)
	at := func(day, hour, minute int) time.Time { return time.Date(2024, 1, day, hour, minute, 0, 0, time.UTC) }
	eur := func(minor int64) insights.Money { return insights.Money{Minor: minor, Currency: "EUR"} }
	for name, pair := range map[string][2]any{
		"stages":  {got.Stages[0], insights.Stage{Name: "Talking", Position: 1, Outcome: insights.Open, Probability: "0.25"}},
		"account": {got.Accounts[0], insights.Account{Key: "a1", Name: "Acme", Industry: "Steel", Segment: "Enterprise", Country: "Norway"}},
		"deal": {got.Deals[0], insights.Opportunity{
			Key: "d1", Account: "a1", Owner: "p2", Stage: "Lost", Amount: &insights.Money{Minor: 105450, Currency: "EUR"},
			CloseOn: day(2024, 2, 1), LossReason: "price", Competitor: "Globex",
		}},
		"assignments": {got.Assignments, []insights.Assignment{
			{Person: "p2", Manager: "p1", Territory: "w"}, {Person: "p2", Territory: "n", Since: day(2024, 7, 1)},
		}},
		"history": {got.History, []insights.Change{
			{Opportunity: "d1", Field: "stage", Old: "Talking", New: "Won", At: time.Date(2024, 2, 1, 8, 30, 0, 0, time.UTC)},
			{Opportunity: "d1", Field: "close_on", Old: "2024-01-31", New: "2024-02-01", At: at(20, 0, 0)},
			{Opportunity: "d1", Field: "amount", New: "105450", Currency: "EUR", At: at(5, 0, 0)},
		}},
		"quotas": {got.Quotas, []insights.Quota{
			{Person: "p2", Measure: "bookings", First: day(2024, 1, 1), Last: day(2024, 3, 31), Amount: eur(500000)},
			{Person: "p2", Measure: "bookings", First: day(2024, 4, 1), Last: day(2024, 4, 30), Amount: insights.Money{Minor: 100, Currency: "USD"}},
		}},
		"costs": {got.Costs, []insights.CostLine{
			{Key: "k1", Opportunity: "d1", Kind: "direct", Amount: eur(50000), On: day(2024, 2, 3)},
			{Key: "k2", Opportunity: "d1", Kind: "selling", Amount: eur(2000)},
		}},
		"overhead": {got.Overhead, []insights.Overhead{
			{Key: "o1", First: day(2024, 1, 1), Last: day(2024, 12, 31), Amount: eur(90000), AllocatedBy: "revenue"},
		}},
		"leads": {got.Leads, []insights.Lead{
			{Key: "l1", CreatedAt: at(2, 8, 0), Source: "fair", Owner: "p2", Status: "qualified", RespondedAt: at(2, 10, 0), Opportunity: "d1"},
			{Key: "l2", CreatedAt: at(3, 0, 0), Status: "new"},
		}},
		"activities": {got.Activities, []insights.Activity{
			{Key: "a1", Opportunity: "d1", Kind: "call", At: at(10, 10, 0), TwoWay: true, By: "p2"},
			{Key: "a2", Opportunity: "d1", Kind: "email", At: at(11, 0, 0)},
		}},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	if place := got.At[insights.RecordKey{Kind: insights.KindQuota, Key: got.Quotas[0].Named().Key}]; place != (insights.Place{File: "quotas.csv", Line: 2}) {
		t.Errorf("the quota stands at %+v", place)
	}
}

func TestFaultsOfWhatStandsBesideTheDeals(t *testing.T) {
	batch, _, err := read(t, withPlan(), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range batch.Rejects {
		got = append(got, strings.Join([]string{r.File, r.Column, r.Value, r.Reason}, " | "))
	}
	want := []string{
		"activities.csv | two_way |  | is empty, and every activity needs its two way",
		"assignments.csv | manager | p2 | is the person themselves",
		"assignments.csv |  | p2 | the row names neither a manager nor a territory",
		"costs.csv | amount |  | is empty, and every cost line needs its amount",
		"costs.csv | kind | travel | is not one of direct, selling",
		"history.csv | new | 12.5 | has more decimals than JPY (0)",
		"history.csv | field | colour | is not one of stage, owner, amount, close_on, forecast_category, account, next_step",
		"history.csv | at | yesterday | is not a day or moment in any way of writing that is known",
		"leads.csv | responded_at | 2024-01-02 | lies before the lead was created",
		"overhead.csv | allocated_by | heads | is not one of revenue, deals",
		"quotas.csv | last_day | 2024-05-01 | lies before the first day",
		"quotas.csv | measure | visits | is not one of bookings",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
