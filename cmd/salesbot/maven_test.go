package main

import (
	"encoding/csv"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/bot/workspace/workspacetest"
	"salesbot/insights/store/storetest"
)

// The Maven export, read a second way: straight from the files, without any
// code of the product.
type mavenDeal struct {
	agent, manager, territory, product, account, industry, stage, engaged, closed string
	value                                                                         int64
}

func mavenDeals(t *testing.T) []mavenDeal {
	t.Helper()
	dir := testdata(t, "maven_crm")
	teams := map[string][]string{}
	for _, row := range rawRows(t, dir, "sales_teams.csv") {
		teams[row[0]] = row
	}
	sectors := map[string]string{}
	for _, row := range rawRows(t, dir, "accounts.csv") {
		sectors[row[0]] = strings.Replace(row[1], "technolgy", "technology", 1)
	}
	var deals []mavenDeal
	for _, row := range rawRows(t, dir, "sales_pipeline.csv") {
		value, _ := strconv.ParseInt(row[7], 10, 64) // open deals have none
		team := teams[row[1]]
		deals = append(deals, mavenDeal{
			agent: row[1], manager: team[1], territory: team[2],
			product: strings.Replace(row[2], "GTXPro", "GTX Pro", 1), account: row[3], industry: sectors[row[3]],
			stage: row[4], engaged: row[5], closed: row[6], value: value,
		})
	}
	return deals
}

func rawRows(t *testing.T, dir, name string) [][]string {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func quarterOf(day string) string {
	month, _ := strconv.Atoi(day[5:7])
	return day[:4] + "-" + []string{"01", "04", "07", "10"}[(month-1)/3] + "-01"
}

func TestMavenFiguresAreThoseOfTheFiles(t *testing.T) {
	deals := mavenDeals(t)
	won := func(d mavenDeal) bool { return d.stage == "Won" }
	decided := func(d mavenDeal) bool { return d.stage == "Won" || d.stage == "Lost" }
	ask := mavenAsker(t)

	t.Run("won revenue", func(t *testing.T) {
		got := ask(t, "won revenue")
		want := sum(deals, won)
		if want != 10005534 {
			t.Fatalf("the files themselves say %d", want)
		}
		got.figure(t, strconv.FormatInt(want, 10))
		if f := got.Figures[0]; f.Currency == nil || *f.Currency != "USD" || f.Unit != "money" {
			t.Errorf("got %+v", f)
		}
	})
	t.Run("win rate", func(t *testing.T) {
		got := ask(t, "win rate")
		k, n := count(deals, won), count(deals, decided)
		f := got.Figures[0]
		if f.K == nil || f.N == nil || *f.K != k || *f.N != n || k != 4238 || n != 6711 {
			t.Fatalf("%v of %v, want %d of %d", f.K, f.N, k, n)
		}
		got.figure(t, rounded(k, n))
		if !strings.Contains(got.Headline, "63.15 % (4,238 of 6,711; 62.0–64.3 % with 95 % confidence)") {
			t.Errorf("headline %q", got.Headline)
		}
	})
	t.Run("open pipeline has no amounts", func(t *testing.T) {
		got := ask(t, "open pipeline")
		f := got.Figures[0]
		if f.Value != nil || f.Reason == nil || *f.Reason != "no_amount" || f.Known == nil || *f.Known != 0 || f.Of == nil || *f.Of != 2089 {
			t.Errorf("got %+v", f)
		}
	})
	t.Run("median and average deal size", func(t *testing.T) {
		var values []int64
		for _, d := range deals {
			if won(d) {
				values = append(values, d.value)
			}
		}
		slices.Sort(values)
		middle := rounded(values[(len(values)-1)/2]+values[len(values)/2], 2)
		ask(t, "median deal size").figure(t, middle)
		ask(t, "average deal size").figure(t, rounded(sum(deals, won), count(deals, won)))
	})
	counts := map[string]func(mavenDeal) bool{
		"won deals": won, "lost deals": func(d mavenDeal) bool { return d.stage == "Lost" },
		"decided deals": decided, "open deals": func(d mavenDeal) bool { return !decided(d) },
		"engaged deals": func(d mavenDeal) bool { return d.engaged != "" },
	}
	for question, keep := range counts {
		t.Run(question, func(t *testing.T) {
			ask(t, question).figure(t, strconv.FormatInt(count(deals, keep), 10))
		})
	}
	cuts := map[string]func(mavenDeal) string{
		"territory": func(d mavenDeal) string { return d.territory },
		"manager":   func(d mavenDeal) string { return d.manager },
		"product":   func(d mavenDeal) string { return d.product },
		"person":    func(d mavenDeal) string { return d.agent },
		"account":   func(d mavenDeal) string { return d.account },
		"industry":  func(d mavenDeal) string { return d.industry },
		"quarter":   func(d mavenDeal) string { return quarterOf(d.closed) },
		"month":     func(d mavenDeal) string { return d.closed[:7] + "-01" },
		"year":      func(d mavenDeal) string { return d.closed[:4] + "-01-01" },
		"day":       func(d mavenDeal) string { return d.closed },
	}
	for by, key := range cuts {
		t.Run("won revenue by "+by, func(t *testing.T) {
			want := map[string]string{}
			for name, value := range sums(deals, won, key) {
				want[name] = strconv.FormatInt(value, 10)
			}
			if diff := cmp.Diff(want, ask(t, "won revenue by "+by).rows()); diff != "" {
				t.Errorf("(-files +answer)\n%s", diff)
			}
		})
		t.Run("win rate by "+by, func(t *testing.T) {
			want := map[string]string{}
			k, n := counted(deals, won, key), counted(deals, decided, key)
			for name := range n {
				want[name] = rounded(k[name], n[name])
			}
			if diff := cmp.Diff(want, ask(t, "win rate by "+by).rows()); diff != "" {
				t.Errorf("(-files +answer)\n%s", diff)
			}
		})
	}
	t.Run("top 5 agents", func(t *testing.T) {
		got := ask(t, "top 5 agents by won revenue")
		byAgent := sums(deals, won, func(d mavenDeal) string { return d.agent })
		var want [][]any
		for _, name := range ranked(byAgent)[:5] {
			want = append(want, []any{name, strconv.FormatInt(byAgent[name], 10)})
		}
		if diff := cmp.Diff(want, got.Table.Rows); diff != "" {
			t.Errorf("(-files +answer)\n%s", diff)
		}
	})
	t.Run("one quarter of one territory against the one before", func(t *testing.T) {
		got := ask(t, "won revenue for territory Central Q3 2017 vs previous quarter")
		central := func(quarter string) func(mavenDeal) bool {
			return func(d mavenDeal) bool {
				return won(d) && d.territory == "Central" && quarterOf(d.closed) == quarter
			}
		}
		now, before := sum(deals, central("2017-07-01")), sum(deals, central("2017-04-01"))
		got.figure(t, strconv.FormatInt(now, 10))
		f := got.Figures[0]
		if f.Previous == nil || *f.Previous != strconv.FormatInt(before, 10) || f.Change == nil || *f.Change != strconv.FormatInt(now-before, 10) {
			t.Errorf("previous %v, change %v; want %d and %d", f.Previous, f.Change, before, now-before)
		}
	})
}

// TestMavenFiguresAreThoseOfPlainSQL checks the same figures a third way.
func TestMavenFiguresAreThoseOfPlainSQL(t *testing.T) {
	ask := mavenAsker(t)
	db := storetest.From(t, "maven")
	var wonMinor int64
	var rate string
	err := db.QueryRowx(`select sum(o.amount_minor) filter (where s.name = 'Won'),
		round(count(*) filter (where s.name = 'Won')::numeric / count(*) filter (where s.name in ('Won', 'Lost')), 10)::text
		from opportunity o join stage s on s.id = o.stage_id`).Scan(&wonMinor, &rate)
	if err != nil {
		t.Fatal(err)
	}
	ask(t, "won revenue").figure(t, rounded(wonMinor, 100))
	ask(t, "win rate").figure(t, strings.TrimRight(rate, "0"))
}

// TestTheSameQuestionHasTheSameAnswerEverywhere asks through the workspace
// what is asked at the terminal.
func TestTheSameQuestionHasTheSameAnswerEverywhere(t *testing.T) {
	h := startHouse(t, "maven")
	ask := mavenAsker(t)
	admin := h.person(t, demoAdmin.RealName)
	for _, question := range []string{
		"won revenue", "win rate", "won revenue by territory", "won revenue by manager", "won revenue by product",
		"win rate by quarter", "top 5 agents by won revenue", "open pipeline", "median deal size", "sales cycle",
	} {
		t.Run(question, func(t *testing.T) {
			want := ask(t, question).Headline
			seen := admin.See("dm")
			admin.Say("dm", question)
			reply := admin.WaitFor("dm", question, func(m workspacetest.Message) bool {
				return m.Bot && (len(seen) == 0 || m.TS > seen[len(seen)-1].TS)
			})
			if !strings.Contains(reply.Text, want) {
				t.Errorf("the terminal says %q, Slack shows:\n%s", want, reply.Text)
			}
		})
	}
}

// answerJSON is the documented contract of ask --json, written down again.
type answerJSON struct {
	Status   string
	Code     string
	Headline string
	Query    struct {
		Shape, Metric, Perspective string
		By                         []string
		Where                      []struct {
			Field, Op string
			Value     any
		}
		Period struct{ From, To, Label string }
	}
	Figures []struct {
		Label, Unit             string
		Currency, Reason        *string
		Value, Previous, Change *string
		K, N, Known, Of         *int64
	}
	Table struct {
		Columns   []struct{ Name, Unit, Currency string }
		Rows      [][]any
		TotalRows int `json:"total_rows"`
	}
	Notes   []string
	Choices []struct{ Label, Command string }
	Receipt string
}

func (a answerJSON) figure(t *testing.T, want string) {
	t.Helper()
	if len(a.Figures) != 1 || a.Figures[0].Value == nil || *a.Figures[0].Value != want {
		t.Errorf("want %s, got %+v (%s)", want, a.Figures, a.Headline)
	}
}

// rows are the values of a one-way breakdown by name.
func (a answerJSON) rows() map[string]string {
	out := map[string]string{}
	for _, row := range a.Table.Rows {
		name, _ := row[0].(string)
		value, _ := row[1].(string)
		out[name] = value
	}
	return out
}

// mavenAsker asks the Maven data.
func mavenAsker(t *testing.T) func(*testing.T, string) answerJSON {
	t.Helper()
	return asker(t, "maven")
}

// asker asks a data set at the terminal, as the local administrator.
func asker(t *testing.T, data string, flags ...string) func(*testing.T, string) answerJSON {
	t.Helper()
	_, environ := testProgram(t, loaded(t, data))
	return func(t *testing.T, question string) answerJSON {
		t.Helper()
		out, errOut, code := salesbot(t, environ, append(append([]string{"ask", "--json"}, flags...), question)...)
		if code != 0 {
			t.Fatalf("asking %q failed (%d): %s%s", question, code, out, errOut)
		}
		var answer answerJSON
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if answer.Status != "answered" {
			t.Fatalf("asking %q ends as %s: %s", question, answer.Status, answer.Headline)
		}
		return answer
	}
}

func count(deals []mavenDeal, keep func(mavenDeal) bool) (n int64) {
	for _, d := range deals {
		if keep(d) {
			n++
		}
	}
	return n
}

func sum(deals []mavenDeal, keep func(mavenDeal) bool) (total int64) {
	for _, d := range deals {
		if keep(d) {
			total += d.value
		}
	}
	return total
}

func sums(deals []mavenDeal, keep func(mavenDeal) bool, key func(mavenDeal) string) map[string]int64 {
	out := map[string]int64{}
	for _, d := range deals {
		if keep(d) {
			out[key(d)] += d.value
		}
	}
	return out
}

func counted(deals []mavenDeal, keep func(mavenDeal) bool, key func(mavenDeal) string) map[string]int64 {
	out := map[string]int64{}
	for _, d := range deals {
		if keep(d) {
			out[key(d)]++
		}
	}
	return out
}

func ranked(values map[string]int64) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return int(values[b] - values[a]) })
	return names
}

// rounded is a quotient as the contract writes it: ten places, no zeros at
// the end.
func rounded(k, n int64) string {
	text := big.NewRat(k, n).FloatString(10)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
