package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThePageOfMetricsIsThatOfTheCatalogue(t *testing.T) {
	out, errOut, code := salesbot(t, nil, "catalog", "docs")
	if code != 0 {
		t.Fatal(errOut)
	}
	page := filepath.Join("..", "..", "docs", "metrics.md")
	if *update {
		if err := os.WriteFile(page, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out); diff != "" {
		t.Errorf("docs/metrics.md is not that of the catalogue; make golden writes it anew (-page +catalogue)\n%s", diff)
	}
}

func TestACatalogueIsLookedAtWithoutADatabase(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.yaml"), filepath.Join(dir, "bad.yaml")
	embedded, err := os.ReadFile(filepath.Join("..", "..", "insights", "metric", "catalog.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{good: string(embedded), bad: strings.Replace(string(embedded), "agg: sum", "aggregate: sum", 1)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		args []string
		code int
		says []string
	}{
		"the list":            {[]string{"list"}, 0, []string{"win_rate ", "Win rate (by close date)", "version 1"}},
		"one of them":         {[]string{"show", "win_rate"}, 0, []string{"÷", "Not the same as", "Win rate (of deals engaged)", "Varicent"}},
		"one that is not":     {[]string{"show", "win_rat"}, 1, []string{`no KPI called "win_rat"`, "catalog list"}},
		"a good file":         {[]string{"check", good}, 0, []string{"without a fault"}},
		"an unknown key":      {[]string{"check", bad}, 1, []string{`unknown key "aggregate"`, "^"}},
		"a file that is not":  {[]string{"check", filepath.Join(dir, "none.yaml")}, 1, []string{"cannot be read", "no such file"}},
		"nothing to check":    {[]string{"check"}, 2, []string{"check which file?"}},
		"the schema":          {[]string{"schema"}, 0, []string{"https://json-schema.org/draft/2020-12/schema", "agg_time_dimension"}},
		"no word after it":    {nil, 0, []string{"catalog [command]", "check"}},
		"a word that is none": {[]string{"lst"}, 2, []string{"salesbot catalog"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			out, errOut, code := salesbot(t, nil, append([]string{"catalog"}, c.args...)...)
			if code != c.code {
				t.Errorf("it ends with %d", code)
			}
			for _, text := range c.says {
				if !strings.Contains(out+errOut, text) {
					t.Errorf("it does not say %q:\n%s%s", text, out, errOut)
				}
			}
		})
	}
}
