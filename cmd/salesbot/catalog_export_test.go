package main

import (
	"context"
	"database/sql"
	"math/big"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"salesbot/insights/metric"
)

// exported is what another tool reads of the document.
type exported struct {
	Model []struct {
		Datasets []struct{ Name, Source string }
		Metrics  []struct {
			Name       string
			Expression struct{ Dialects []struct{ Expression string } }
		}
	} `yaml:"semantic_model"`
}

// TestAnotherToolComputesTheSameOfTheExport runs each exported metric over its
// exported dataset, as a tool does that knows nothing else, and expects the
// figure of all time.
func TestAnotherToolComputesTheSameOfTheExport(t *testing.T) {
	dsn := loaded(t, "company")
	p, environ := testProgram(t, dsn)
	out, said, code := salesbot(t, environ, "catalog", "export", "--to", "ossie")
	if code != 0 || !strings.Contains(said, "win_rate: ") {
		t.Fatal(said)
	}
	var document exported
	if err := yaml.Unmarshal([]byte(out), &document); err != nil {
		t.Fatal(err)
	}
	s, err := readSettings(environ)
	if err != nil {
		t.Fatal(err)
	}
	db, err := p.openDatabase(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	sources := map[string]string{}
	for _, set := range document.Model[0].Datasets {
		sources[set.Name] = set.Source
	}
	sql := open(t, dsn)
	for _, m := range document.Model[0].Metrics {
		expression := m.Expression.Dialects[0].Expression
		for name, source := range sources {
			if strings.Contains(expression, name+".") && strings.HasPrefix(source, "select") {
				got := computed(t, sql, "with "+name+" as (\n"+source+"\n) select ("+expression+")::text from "+name)
				want := figureOfAllTime(t.Context(), t, p, s, db, m.Name)
				if want.Reason != metric.ReasonNotLoaded && !near(got, want.Value) { // the export says that it cannot tell
					t.Errorf("%s is %v by the export, and %v\n%s", m.Name, got, want.Value, expression)
				}
			}
		}
	}
}

func computed(t *testing.T, db *sql.DB, query string) *big.Rat {
	t.Helper()
	var text sql.NullString
	if err := db.QueryRowContext(t.Context(), query).Scan(&text); err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	if !text.Valid {
		return nil
	}
	value, ok := new(big.Rat).SetString(text.String)
	if !ok {
		t.Fatalf("%q is no number", text.String)
	}
	return value
}

func figureOfAllTime(ctx context.Context, t *testing.T, p program, s settings, db *database, name string) metric.Quantity {
	t.Helper()
	viewer := metric.Viewer{Name: "the local administrator", Role: metric.RoleAdmin, All: true}
	plan, err := s.Metrics.Compile(metric.Query{Shape: metric.ShapeFigure, Metric: name}, viewer, s.Company, p.Now())
	if err != nil {
		t.Fatal(err)
	}
	reading, err := db.Read(ctx, plan.Statements)
	if err != nil {
		t.Fatal(err)
	}
	result, err := plan.Result(reading)
	if err != nil || len(result.Figures) != 1 {
		t.Fatalf("%s has %d figures (%v)", name, len(result.Figures), err)
	}
	return result.Figures[0].Quantity
}

// near allows for the places that SQL gives a quotient.
func near(a, b *big.Rat) bool {
	if a == nil || b == nil {
		return a == b
	}
	off := new(big.Rat).Sub(a, b)
	return off.Abs(off).Cmp(big.NewRat(1, 1_000_000)) < 0
}
