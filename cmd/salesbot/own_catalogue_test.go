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

// raisedTo is the own catalogue with a second version of its KPI, that holds from a
// day on.
func raisedTo(t *testing.T, own, day string) string {
	t.Helper()
	text, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, "raised.yaml", strings.NewReplacer(
		"= 'Enterprise'", "<> 'Small Business'", "version: 1\n", "version: 2\n              effective_from: "+day+"\n",
	).Replace(string(text)))
}

// TestAnAnswerOfDaysBeforeADefinitionHeldSaysSo asks on 20 November 2026 of a KPI
// whose second version holds from 1 October.
func TestAnAnswerOfDaysBeforeADefinitionHeldSaysSo(t *testing.T) {
	own := ownCatalogue(t)
	raised := raisedTo(t, own, "2026-10-01")
	const (
		then   = "Version 2 of Enterprise bookings holds from 1 Oct 2026; version 1 was in force then. This is counted by version 2."
		partly = "Version 2 of Enterprise bookings holds from 1 Oct 2026; until then version 1 was in force. All of this is counted by version 2."
	)
	dsn := loaded(t, "company")
	_, environ := testProgram(t, dsn, "SALESBOT_CATALOG="+own)
	first, _, _ := salesbot(t, environ, "ask", "enterprise bookings this quarter")
	_, environ = testProgram(t, dsn, "SALESBOT_CATALOG="+raised)
	for question, says := range map[string]string{
		"enterprise bookings last quarter":                 then,
		"enterprise bookings this year":                    partly,
		"enterprise bookings by quarter this year":         partly,
		"enterprise bookings":                              partly,
		"enterprise bookings this year as of 30 sep 2026":  then,
		"enterprise bookings this year as of 1 oct 2026":   partly,
		"enterprise bookings this quarter vs last quarter": partly,
		"enterprise bookings this quarter":                 "",
		"won revenue last quarter":                         "",
		"what is enterprise bookings":                      "This is version 2 of it, which holds from 1 Oct 2026.",
	} {
		got, errOut, _ := salesbot(t, environ, "ask", question)
		if !strings.Contains(got, says) || says == "" && strings.Contains(got, "Version ") {
			t.Errorf("%q says, and not %q:\n%s%s", question, says, got, errOut)
		}
	}
	if second, _, _ := salesbot(t, environ, "ask", "enterprise bookings this quarter"); first == second {
		t.Errorf("both versions say\n%s", first)
	}
	_, environ = testProgram(t, loaded(t, "company"), "SALESBOT_CATALOG="+raised)
	if got, _, _ := salesbot(t, environ, "ask", "enterprise bookings last quarter"); !strings.Contains(got, "an earlier one, which is not stored here, was in force then") {
		t.Errorf("where the first version never was in force, it says\n%s", got)
	}
}

func TestADatedDefinitionIsShownWithItsDay(t *testing.T) {
	own := ownCatalogue(t)
	raised := raisedTo(t, own, "2026-10-01")
	_, environ := testProgram(t, loaded(t, "company"), "SALESBOT_CATALOG="+raised)
	for _, c := range []struct {
		command []string
		says    []string
	}{
		{[]string{"catalog", "check", raised}, []string{"without a fault"}},
		{[]string{"catalog", "show", "enterprise_bookings"}, []string{"version 2)", "In force", "version 2 from 1 Oct 2026 on"}},
		{[]string{"catalog", "docs"}, []string{"- In force: version 2 from 1 Oct 2026 on"}},
		{[]string{"catalog", "schema"}, []string{`"effective_from"`}},
		{[]string{"catalog", "diff", own, raised}, []string{
			"version: 1 → 2", "effective_from: nothing → 2026-10-01",
			"Enterprise bookings, version 1 → 2, in force from 1 Oct 2026, by the first days of the fiscal quarters",
			"2025-01-01", "2026-10-01", "difference",
		}},
	} {
		got, errOut, _ := salesbot(t, environ, c.command...)
		for _, says := range c.says {
			if !strings.Contains(got, says) {
				t.Errorf("%v does not say %q:\n%s%s", c.command, says, got, errOut)
			}
		}
	}
}

func TestADefinitionDoesNotHoldBeforeItsDay(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"), "SALESBOT_CATALOG="+raisedTo(t, ownCatalogue(t), "2026-11-21"))
	out, errOut, code := salesbot(t, environ, "ask", "enterprise bookings")
	if says := "enterprise_bookings has its version 2 from 21 Nov 2026 on, and that day has not begun: leave version 1 until then"; code != 1 || out != "" || !strings.Contains(errOut, says) {
		t.Errorf("it does not say %q:\n%s%s", says, out, errOut)
	}
}

func TestTheDifferenceOfTwoCataloguesIsToldWithItsFigures(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "..", "insights", "metric", "catalog.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	changed := written(t, "changed.yaml", strings.NewReplacer(
		"label: Lost deals\n", "label: Deals lost\n",
		"agg_time_dimension: created_on\n        config:", "agg_time_dimension: close_on\n        config:",
	).Replace(string(source)))
	_, environ := testProgram(t, loaded(t, "company"))
	got, errOut, code := salesbot(t, environ, "catalog", "diff", "default", changed)
	if code != 0 {
		t.Fatal(errOut)
	}
	for _, says := range []string{
		"Changed  lost_count, in words only\n           label: Lost deals → Deals lost\n",
		"Changed  pipeline_created; its version must be raised to 2\n           agg_time_dimension: created_on → close_on\n",
		"Pipeline created, version 1 → 1, by the first days of the fiscal quarters\n", "difference",
	} {
		if !strings.Contains(got, says) {
			t.Errorf("it does not say %q:\n%s", says, got)
		}
	}
	if strings.Contains(got, "Deals lost, version") {
		t.Errorf("figures are shown of what has only other words:\n%s", got)
	}
	_, lastQuarter, _ := strings.Cut(got, "2026-07-01")
	sides := strings.Fields(lastQuarter)
	for i, catalogue := range []string{"", changed} {
		_, environ := testProgram(t, loaded(t, "company"), "SALESBOT_CATALOG="+catalogue) // each on its own database: they contradict each other
		if asked, errOut, _ := salesbot(t, environ, "ask", "pipeline created last quarter"); !strings.Contains(asked, sides[i]) {
			t.Errorf("the answer under %q is not %s:\n%s%s", catalogue, sides[i], asked, errOut)
		}
	}
}

func TestCataloguesThatDefineTheSameHaveNoDifference(t *testing.T) {
	got, errOut, code := salesbot(t, nil, "catalog", "diff", "default", filepath.Join("..", "..", "insights", "metric", "catalog.yaml"))
	if code != 0 || !strings.Contains(got, "the same KPIs") {
		t.Errorf("%s%s", got, errOut)
	}
	got, errOut, code = salesbot(t, nil, "catalog", "diff", "default", ownCatalogue(t)) // and without a database
	if code != 0 || !strings.HasPrefix(got, "Added    enterprise_bookings, version 1: sum of the amount of deals where outcome = 'won'") || strings.Count(got, "\n") != 1 {
		t.Errorf("%s%s", got, errOut)
	}
	if _, _, code = salesbot(t, nil, "catalog", "diff", "default"); code != 2 {
		t.Error("one catalogue is compared with nothing")
	}
}
