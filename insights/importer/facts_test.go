package importer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/importer"
)

// facts are files of what few companies keep, good rows before bad ones.
var facts = map[string]string{
	"territory_models.csv": "external_id,name,state,from,until\n" +
		"m1,Map 1,Archived,2023-01-01,2023-12-31\nm2,Map 2,active,2024-01-01,\nm3,Map 3,planning,,\n" +
		"m4,Map 4,planning,2025-01-01,\nm5,Map 5,active,,2024-12-31\nm6,Map 6,archived,2024-02-01,2024-01-31\nm7,Map 7,drafted,,\n",
	"account_territories.csv": "account,territory,model,since\na1,w,m2,2024-01-01\na1,,,\n,w,,\n",
	"splits.csv":              "opportunity,person,kind,share\nd1,p2,,0.25\nd1,p1,Revenue,75 %\nd1,p1,overlay,12.5%\nd1,p2,,75\nd1,p2,bonus,0.1\nd1,p2,,101%\nd1,p2,,\n",
	"line_items.csv":          "external_id,opportunity,product,quantity,amount,currency\ni1,d1,x1,2.50,10.00,EUR\ni2,d1,,,5,\ni3,d1,,many,5,\ni4,d1,,1,,\n",
	"forecasts.csv": "person,territory,first_day,last_day,category,amount,submitted_at\n" +
		"p2,,2024-01-01,2024-03-31,Best Case,10,2024-01-05T10:00:00Z\n,w,2024-01-01,2024-03-31,Forecast,20,2024-01-05\n" +
		"p2,w,2024-01-01,2024-03-31,Commit,1,2024-01-05\n,,2024-01-01,2024-03-31,Commit,1,2024-01-05\n" +
		"p2,,2024-01-01,2024-03-31,Omitted,1,2024-01-05\np2,,2024-01-01,2024-03-31,Most Likely,1,2024-01-05\n",
	"subscriptions.csv":  "external_id,account,product,kind,on,amount,currency\ns1,a1,x1,new,2024-01-01,10,EUR\ns2,a1,,churn,2024-02-01,-10,EUR\ns3,a1,,lost,2024-02-01,1,\n",
	"exchange_rates.csv": "currency,into,since,rate\nEUR,,2024-01-01,1.0825\nGBP,EUR,,1.15\nUSD,,,1\nEUR,,2024-02-01,0\nEUR,,2024-02-01,-1\nEUR,,2024-02-01,much\nEURO,,,1\n",
}

func TestWhatFewCompaniesKeepIsRead(t *testing.T) {
	got, _, err := read(t, facts, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, got)
	eur := func(minor int64) insights.Money { return insights.Money{Minor: minor, Currency: "EUR"} }
	usd := func(minor int64) insights.Money { return insights.Money{Minor: minor, Currency: "USD"} }
	first, last := day(2024, 1, 1), day(2024, 3, 31)
	records := map[insights.Kind][]insights.Record{}
	for _, r := range got.Others {
		kind := r.Named().Kind
		records[kind] = append(records[kind], r)
	}
	want := map[insights.Kind][]insights.Record{
		insights.KindTerritoryModel: {
			insights.TerritoryModel{Key: "m1", Name: "Map 1", State: insights.Archived, From: day(2023, 1, 1), Until: day(2023, 12, 31)},
			insights.TerritoryModel{Key: "m2", Name: "Map 2", State: insights.Active, From: first},
			insights.TerritoryModel{Key: "m3", Name: "Map 3", State: insights.Planning},
		},
		insights.KindAccountTerritory: {
			insights.AccountTerritory{Account: "a1", Territory: "w", Model: "m2", Since: first}, insights.AccountTerritory{Account: "a1"},
		},
		insights.KindSplit: {
			insights.Split{Opportunity: "d1", Person: "p2", Kind: insights.RevenueSplit, Share: "0.25"},
			insights.Split{Opportunity: "d1", Person: "p1", Kind: insights.RevenueSplit, Share: "0.75"},
			insights.Split{Opportunity: "d1", Person: "p1", Kind: insights.OverlaySplit, Share: "0.125"},
		},
		insights.KindLineItem: {
			insights.LineItem{Key: "i1", Opportunity: "d1", Product: "x1", Quantity: "2.5", Amount: eur(1000)},
			insights.LineItem{Key: "i2", Opportunity: "d1", Amount: usd(500)},
		},
		insights.KindForecast: {
			insights.Forecast{Person: "p2", First: first, Last: last, Category: insights.BestCase, Amount: usd(1000), SubmittedAt: time.Date(2024, 1, 5, 10, 0, 0, 0, time.UTC)},
			insights.Forecast{Territory: "w", First: first, Last: last, Category: insights.Commit, Amount: usd(2000), SubmittedAt: day(2024, 1, 5)},
		},
		insights.KindSubscription: {
			insights.Subscription{Key: "s1", Account: "a1", Product: "x1", Kind: "new", On: first, Amount: eur(1000)},
		},
		insights.KindExchangeRate: {
			insights.ExchangeRate{Currency: "EUR", Into: "USD", Since: first, Rate: "1.0825"},
			insights.ExchangeRate{Currency: "GBP", Into: "EUR", Rate: "1.15"},
		},
	}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFaultsOfWhatFewCompaniesKeep(t *testing.T) {
	batch, _, err := read(t, facts, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range batch.Rejects {
		got = append(got, strings.Join([]string{r.File, r.Column, r.Value, r.Reason}, " | "))
	}
	const share = "is not a decimal from 0 to 1, such as 0.25, nor a percentage such as 25 %"
	want := []string{
		"account_territories.csv | account |  | is empty, and every account territory needs its account",
		"exchange_rates.csv | currency | USD | is exchanged into itself",
		"exchange_rates.csv | rate | 0 | is not above 0",
		"exchange_rates.csv | rate | -1 | is not above 0",
		"exchange_rates.csv | rate | much | is no number, if the decimal sign is .",
		"exchange_rates.csv | currency | EURO | is not a currency code of ISO 4217, such as EUR",
		"forecasts.csv | territory | w | stands beside a person, but the row is either the person's or the territory's",
		"forecasts.csv | person |  | is empty, and so is the territory; the row needs one of them",
		"forecasts.csv | category | Omitted | is what no forecast counts",
		"forecasts.csv | category | Most Likely | is not one of omitted, pipeline, best_case, commit, closed",
		"line_items.csv | quantity | many | is no number, if the decimal sign is .",
		"line_items.csv | amount |  | is empty, and every line item needs its amount",
		"splits.csv | share | 75 | " + share,
		"splits.csv | kind | bonus | is not one of revenue, overlay",
		"splits.csv | share | 101% | " + share,
		"splits.csv | share |  | is empty, and every opportunity split needs its share",
		"subscriptions.csv | amount | -10 | is negative, but the kind says already which way it goes",
		"subscriptions.csv | kind | lost | is not one of new, expansion, contraction, churn, reactivation",
		"territory_models.csv | from | 2025-01-01 | is a day in force, but the model is still planned",
		"territory_models.csv | until | 2024-12-31 | is a last day in force, but the model is not archived",
		"territory_models.csv | until | 2024-01-31 | lies before the first day",
		"territory_models.csv | state | drafted | is not one of planning, active, archived",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A stage and a deal may say all that is known of them.
func TestStagesAndDealsAreReadWhole(t *testing.T) {
	got, _, err := read(t, map[string]string{
		"stages.csv": "name,process,position,outcome,probability,forecast_category,expected_days,since\n" +
			"Demo,New business,1,open,40 %,bestcase,14,2024-01-01\nWon,,2,won,1,Closed Won,,\nLost,,3,lost,,,-1,\n",
		"opportunities.csv": "external_id,owner,process,stage,amount,close_on,forecast_category,next_step,source,kind,deleted,changed_at\n" +
			"d1,p1,New business,Demo,,2024-05-01,Not forecasted,Call back,Web,Renewal,yes,2024-04-01T08:00:00Z\n",
		"history.csv": "opportunity,field,old,new,process,at\n" +
			"d1,stage,Demo,Won,New business,2024-02-01\nd1,forecast_category,Pipeline,Best Case,,2024-02-01\nd1,account,a1,a2,,2024-02-01\nd1,next_step,,Call back,,2024-02-01\n",
	}, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	days, deleted := 14, true
	for name, pair := range map[string][2]any{
		"stages": {got.Stages, []insights.Stage{
			{Process: "New business", Name: "Demo", Position: 1, Outcome: insights.Open, Probability: "0.4", Category: insights.BestCase, ExpectedDays: &days, Since: day(2024, 1, 1)},
			{Name: "Won", Position: 2, Outcome: insights.Won, Probability: "1", Category: insights.Closed},
		}},
		"deals": {got.Deals, []insights.Opportunity{{
			Key: "d1", Owner: "p1", Process: "New business", Stage: "Demo", CloseOn: day(2024, 5, 1), Category: insights.Omitted,
			NextStep: "Call back", Source: "Web", Kind: "Renewal", Deleted: &deleted, ChangedAt: time.Date(2024, 4, 1, 8, 0, 0, 0, time.UTC),
		}}},
		"history": {got.History, []insights.Change{
			{Opportunity: "d1", Field: insights.ChangeStage, Old: "Demo", New: "Won", Process: "New business", At: day(2024, 2, 1)},
			{Opportunity: "d1", Field: insights.ChangeCategory, Old: "pipeline", New: "best_case", At: day(2024, 2, 1)},
			{Opportunity: "d1", Field: insights.ChangeAccount, Old: "a1", New: "a2", At: day(2024, 2, 1)},
			{Opportunity: "d1", Field: insights.ChangeNextStep, New: "Call back", At: day(2024, 2, 1)},
		}},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-got +want)\n%s", name, diff)
		}
	}
	if len(got.Rejects) != 1 || got.Rejects[0].Column != "expected_days" || got.Rejects[0].Reason != "is not a whole number of days, such as 14" {
		t.Errorf("rejected %+v", got.Rejects)
	}
}
