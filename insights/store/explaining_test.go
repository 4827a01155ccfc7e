package store_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
	"salesbot/insights/store/storetest/scale"
)

var update = flag.Bool("update", false, "write the golden files")

// plannedBy is the Postgres whose plans are on file: others choose otherwise.
const plannedBy = 15

// onFile are the questions whose plans are.
var onFile = []string{
	"won revenue this quarter by territory", "won revenue of a region by quarter", "win rate this quarter by rep", "open pipeline by stage",
	"open pipeline by territory", "open pipeline of a district three weeks ago", "a week's waterfall of a district",
}

// TestPlansOfHotQuestions keeps how Postgres goes about what people ask most, so
// that a lost index or a changed join shows when it is made and not when it is
// slow. If a change is meant, `go test ./insights/store -run Plans -update` writes
// it down; make bench-scale says what it costs.
//
// The plans are those of a company of twenty thousand deals of which the
// statistics know every row, on one core: all else would let them vary.
func TestPlansOfHotQuestions(t *testing.T) {
	db := explainable(t)
	for _, q := range scaleQuestions() {
		if !slices.Contains(onFile, q.name) {
			continue
		}
		t.Run(q.name, func(t *testing.T) {
			plan, err := metric.Default().Compile(q.query, metric.Viewer{Role: metric.RoleAnalyst, All: true}, metric.DefaultCompany(), scale.Now)
			if err != nil {
				t.Fatal(err)
			}
			goldenPlan(t, q.name, explained(t, db, plan))
		})
	}
}

func TestAPlanThatLostItsIndexDiffers(t *testing.T) {
	db := explainable(t)
	plan, err := metric.Default().Compile(scaleQuestions()[0].query, metric.Viewer{Role: metric.RoleAnalyst, All: true}, metric.DefaultCompany(), scale.Now)
	if err != nil {
		t.Fatal(err)
	}
	before := explained(t, db, plan)
	used := regexp.MustCompile(`Index .*using (\w+)|Bitmap Index Scan on (\w+)`).FindStringSubmatch(before)
	if used == nil {
		t.Fatalf("no index is used:\n%s", before)
	}
	db.MustExec("alter table opportunity drop constraint if exists " + used[1] + used[2] + " cascade; drop index if exists " + used[1] + used[2])
	if after := explained(t, db, plan); after == before {
		t.Errorf("without %s the plan is the same", used[1]+used[2])
	}
}

// explainable is the company that plans are made for.
func explainable(t *testing.T) *sqlx.DB {
	t.Helper()
	storetest.Template(t, "planned", func(dsn string) {
		db := sqlx.MustConnect("postgres", dsn)
		defer db.Close()
		if err := scale.Fill(t.Context(), db.DB, scale.Size{Deals: 20_000, Seed: 1}, func(string) {}); err != nil {
			t.Fatal(err)
		}
	})
	db := storetest.From(t, "planned")
	db.SetMaxOpenConns(1)
	var version int
	if err := db.Get(&version, `select current_setting('server_version_num')::int / 10000`); err != nil {
		t.Fatal(err)
	}
	if version != plannedBy {
		t.Skipf("the plans on file are those of Postgres %d, and this is %d", plannedBy, version)
	}
	db.MustExec(`set max_parallel_workers_per_gather = 0; set jit = off; set work_mem = '16MB'; set effective_cache_size = '4GB'; set random_page_cost = 4;
		set default_statistics_target = 10000; analyze`)
	return db
}

// Of two plans that cost the same to the last digit Postgres takes either, and
// they differ in what their keys and parameters are called.
var (
	arbitrary = regexp.MustCompile(`^ *(Group|Sort) Key: `)
	parameter = regexp.MustCompile(`\$\d+`)
)

// explained is how each statement of a plan is gone about.
func explained(t *testing.T, db *sqlx.DB, plan *metric.Plan) string {
	t.Helper()
	var out strings.Builder
	for i, statement := range plan.Statements {
		fmt.Fprintf(&out, "-- statement %d\n", i+1)
		args := make([]any, len(statement.Args))
		for n, arg := range statement.Args {
			switch arg.(type) {
			case []int64, []string:
				arg = pq.Array(arg)
			}
			args[n] = arg
		}
		var lines []string
		if err := db.Select(&lines, "explain (costs off) "+statement.SQL, args...); err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if !arbitrary.MatchString(line) {
				fmt.Fprintln(&out, parameter.ReplaceAllString(line, "$$n"))
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}

func goldenPlan(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "plans", strings.NewReplacer(" ", "_", "'", "").Replace(name)+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run with -update if this is meant (-want +got)\n%s", diff)
	}
}
