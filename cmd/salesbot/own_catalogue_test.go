package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/metric"
)

func TestTheSchemaThatIsPublishedIsThatOfTheCatalogue(t *testing.T) {
	schema, err := metric.Schema()
	if err != nil {
		t.Fatal(err)
	}
	page := filepath.Join("..", "..", "docs", "catalog.schema.json")
	if *update {
		if err := os.WriteFile(page, append(schema, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(schema)+"\n"); diff != "" {
		t.Errorf("docs/catalog.schema.json is not what the program reads; make golden writes it anew (-page +program)\n%s", diff)
	}
}

// ownCatalogue is the example of docs/catalogue.md, as a file.
func ownCatalogue(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "catalogue.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```yaml\n")
	example, _, ended := strings.Cut(rest, "```\n")
	if !found || !ended {
		t.Fatal("docs/catalogue.md shows no catalogue")
	}
	return written(t, "own.yaml", example)
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestACompanyAddsAKPIByYAMLAlone(t *testing.T) {
	own := ownCatalogue(t)
	dsn := loaded(t, "company")
	ask := func(words ...string) string {
		_, environ := testProgram(t, dsn, "SALESBOT_CATALOG="+own)
		out, errOut, _ := salesbot(t, environ, words...)
		return out + errOut
	}
	for name, c := range map[string]struct {
		command []string
		says    []string
	}{
		"it is asked":               {[]string{"ask", "enterprise bookings this year"}, []string{"Enterprise bookings", "$"}},
		"by its synonym":            {[]string{"ask", "enterprise revenue by quarter"}, []string{"Enterprise bookings", "Q3"}},
		"what it means":             {[]string{"ask", "what is enterprise bookings"}, []string{"segment is Enterprise", "managers, analysts and admins only"}},
		"for a manager":             {[]string{"ask", "--as", "Ingrid Solheim", "enterprise bookings this year"}, []string{"$"}},
		"refused to a rep":          {[]string{"ask", "--as", "Priya Farouk", "--json", "enterprise bookings"}, []string{`"status":"refused"`}},
		"among the KPIs":            {[]string{"ask", "kpi"}, []string{"Enterprise bookings"}},
		"in the list":               {[]string{"catalog", "list"}, []string{"enterprise_bookings", "win_rate"}},
		"on the page":               {[]string{"catalog", "docs"}, []string{"## Enterprise bookings", "segment = 'Enterprise'"}},
		"and checked before it all": {[]string{"catalog", "check", own}, []string{"without a fault"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(c.command...)
			for _, text := range c.says {
				if !strings.Contains(got, text) {
					t.Errorf("it does not say %q:\n%s", text, got)
				}
			}
		})
	}
}

func TestAnAddedKPIIsChartedAndSentAsADigest(t *testing.T) {
	c := conversation{t: t, house: startHouse(t, "company", "SALESBOT_CATALOG="+ownCatalogue(t))}
	for _, line := range []string{
		"[Ingrid Solheim, direct message]",
		"> enterprise bookings by quarter",
		"< Enterprise bookings",
	} {
		c.step(line)
	}
	if blocks := fmt.Sprint(c.reply.Blocks); !strings.Contains(blocks, "data_visualization") {
		t.Errorf("there is no chart: %s", blocks)
	}
	for _, line := range []string{
		"> send me this every monday 8am",
		"< every Monday at 08:00",
		"due",
		"< Enterprise bookings",
		"[Priya Farouk, direct message]",
		"> enterprise bookings by quarter",
		"! $",
		"> send me enterprise bookings every monday",
		"! $",
	} {
		c.step(line)
	}
}

func TestAnAddedKPIIsPartOfTheWhole(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"), "SALESBOT_CATALOG="+ownCatalogue(t))
	own, errOut, _ := salesbot(t, environ, "ask", "enterprise bookings 2025")
	filtered, _, _ := salesbot(t, environ, "ask", "won revenue 2025 for enterprise")
	amount := func(text string) string {
		_, rest, _ := strings.Cut(text, "$")
		return strings.Fields(rest)[0]
	}
	if amount(own) != amount(filtered) {
		t.Errorf("enterprise bookings are not the won revenue of that segment:\n%s%s%s", own, filtered, errOut)
	}
}

func TestACatalogueWithAChangedDefinitionDoesNotStart(t *testing.T) {
	own := ownCatalogue(t)
	dsn := loaded(t, "company")
	_, environ := testProgram(t, dsn, "SALESBOT_CATALOG="+own)
	if _, errOut, code := salesbot(t, environ, "ask", "enterprise bookings"); code != 0 {
		t.Fatal(errOut)
	}
	text, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	changed := written(t, "changed.yaml", strings.Replace(string(text), "= 'Enterprise'", "<> 'Small Business'", 1))
	_, environ = testProgram(t, dsn, "SALESBOT_CATALOG="+changed)
	out, errOut, code := salesbot(t, environ, "ask", "enterprise bookings")
	if code != 1 || out != "" {
		t.Errorf("it is answered: %s", out)
	}
	for _, says := range []string{"changed.yaml:", "enterprise_bookings is not what its version 1 has been since 20 Nov 2026 (filter): raise its version to 2", "version: 1\n", "^", "Nothing was changed"} {
		if !strings.Contains(errOut, says) {
			t.Errorf("it does not say %q:\n%s", says, errOut)
		}
	}
}
