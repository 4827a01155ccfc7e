package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// kept is what became of the recurring revenue of some accounts, in cents.
type kept struct{ start, net, gross, logos, lost int64 }

// keptBy follows each account that paid as the first of the days began, movement
// by movement, until the last of them: one that reaches nought is lost, whatever
// it does later.
func keptBy(movements rows, from, to string, of func(account string) bool) (k kept) {
	byAccount := map[string]rows{}
	for _, m := range movements {
		byAccount[m["account"]] = append(byAccount[m["account"]], m)
	}
	for account, moved := range byAccount {
		slices.SortStableFunc(moved, func(a, b map[string]string) int { return cmp.Compare(a["on"], b["on"]) })
		start, gain, loss, lost := int64(0), int64(0), int64(0), false
		for _, m := range moved {
			switch amount := cents(m["amount"]); {
			case m["on"] > to || lost:
			case m["on"] < from:
				start += signed(m)
			case signed(m) > 0:
				gain += amount
			default:
				loss += amount
				lost = start > 0 && start+gain == loss
			}
		}
		if start == 0 || !of(account) {
			continue
		}
		k.start, k.logos = k.start+start, k.logos+1
		k.net, k.gross = k.net+start+gain-loss, k.gross+max(0, start-loss)
		if lost {
			k.lost++
		}
	}
	return k
}

// signed is the amount of a movement, in cents, less than nought if less is paid.
func signed(m map[string]string) int64 {
	if m["kind"] == "churn" || m["kind"] == "contraction" {
		return -cents(m["amount"])
	}
	return cents(m["amount"])
}

func TestWhatStaysOfTheRecurringRevenueOfTheCompanyIsThatOfItsFiles(t *testing.T) {
	files := companyRows(t)
	ask := asker(t, "company", "--at", anchor.Format("2006-01-02")+"T12:00:00Z")
	accounts, moved, today := files["accounts"].by("external_id"), files["subscriptions"], anchor.Format(time.DateOnly)
	everybody := func(string) bool { return true }
	standing := func(day string, of func(map[string]string) bool) (sum int64) {
		for _, m := range moved {
			if m["on"] <= day && of(m) {
				sum += signed(m)
			}
		}
		return sum
	}
	all := func(map[string]string) bool { return true }
	first, err := time.Parse(time.DateOnly, thisQuarter[0])
	if err != nil {
		t.Fatal(err)
	}
	lastQuarter := [2]string{first.AddDate(0, -3, 0).Format(time.DateOnly), first.AddDate(0, 0, -1).Format(time.DateOnly)}

	t.Run("recurring revenue", func(t *testing.T) {
		ask(t, "arr").figure(t, rounded(standing(today, all), 100))
		ask(t, "what was our arr at the end of last quarter").figure(t, rounded(standing(lastQuarter[1], all), 100))
		want := map[string]string{}
		for _, product := range []string{"Harbour Care", "Harbour Care Plus"} {
			key := map[string]string{"Harbour Care": "S-1", "Harbour Care Plus": "S-2"}[product]
			want[product] = rounded(standing(today, func(m map[string]string) bool { return m["product"] == key }), 100)
		}
		if diff := gocmp.Diff(want, ask(t, "arr by product").rows()); diff != "" {
			t.Errorf("(-files +answer)\n%s", diff)
		}
	})
	for words, days := range map[string][2]string{"last quarter": lastQuarter, "this quarter": {thisQuarter[0], today}, "this year": {anchor.Format("2006") + "-01-01", today}} {
		t.Run("retention "+words, func(t *testing.T) {
			k := keptBy(moved, days[0], days[1], everybody)
			ask(t, "nrr "+words).figure(t, rounded(k.net, k.start))
			ask(t, "grr "+words).figure(t, rounded(k.gross, k.start))
			churn := ask(t, "logo churn "+words)
			churn.figure(t, rounded(k.lost, k.logos))
			if f := churn.Figures[0]; *f.K != k.lost || *f.N != k.logos || k.lost == 0 {
				t.Errorf("%d of %d, want %d of %d", *f.K, *f.N, k.lost, k.logos)
			}
			ask(t, "customers lost "+words).figure(t, strconv.FormatInt(k.lost, 10))
			ask(t, "paying accounts "+words).figure(t, strconv.FormatInt(k.logos, 10))
			if k.gross >= k.start || k.gross > k.net {
				t.Errorf("%+v: nothing was lost", k)
			}
		})
	}
	t.Run("movements of this quarter", func(t *testing.T) {
		of := map[string]int64{}
		for _, m := range moved {
			if m["on"] >= thisQuarter[0] && m["on"] <= today {
				of[m["kind"]] += cents(m["amount"])
				of["all"] += signed(m)
			}
		}
		ask(t, "mrr").figure(t, rounded(standing(today, all), 1200))
		ask(t, "churned mrr this quarter").figure(t, rounded(of["churn"], 1200))
		for question, kind := range map[string]string{
			"new arr": "new", "expansion": "expansion", "contraction": "contraction", "churned arr": "churn", "reactivated arr": "reactivation", "net new arr": "all",
		} {
			ask(t, question+" this quarter").figure(t, rounded(of[kind], 100))
		}
	})
	t.Run("net retention by segment", func(t *testing.T) {
		want := map[string]string{}
		for _, segment := range []string{"Enterprise", "Mid-Market", "Small Business"} {
			k := keptBy(moved, lastQuarter[0], lastQuarter[1], func(account string) bool { return accounts[account]["segment"] == segment })
			want[segment] = rounded(k.net, k.start)
		}
		got := ask(t, "net retention by segment")
		if diff := gocmp.Diff(want, got.rows()); diff != "" {
			t.Errorf("(-files +answer)\n%s", diff)
		}
		if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, "No period was named, so it is last quarter") {
			t.Errorf("it is not said which period it is: %s", notes)
		}
	})
}
