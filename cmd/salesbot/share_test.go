package main

import (
	"strings"
	"testing"
)

func TestSharesAreToldOfTheirWholeAndProved(t *testing.T) {
	c := newTeller(t)
	rows := c.run("ask", "--json", "won revenue by rep as a percentage")
	for _, part := range []string{
		`"share":"rows"`, `{"name":"won_revenue","unit":"money","currency":"USD"},{"name":"share","unit":"ratio","currency":null}`,
		`["Bo Lind","100","0.6666666667"],["Kim Rask","50","0.3333333333"]`, `"figures":[{"label":"Won revenue","value":"150"`,
	} {
		if !strings.Contains(rows, part) {
			t.Errorf("it does not say %s:\n%s", part, rows)
		}
	}
	if csv := c.run("ask", "--csv", "won revenue by rep as a percentage"); !strings.HasPrefix(csv, "person,currency,won_revenue,share\nBo Lind,USD,100,0.6666666667\n") {
		t.Errorf("as CSV it is\n%s", csv)
	}
	first := c.run("ask", "won revenue by rep as a percentage, top 1")
	if !strings.Contains(first, "The share of all rows that are not shown: 33.33 % ($50 of $150).") {
		t.Errorf("what is not shown is not told:\n%s", first)
	}

	value, receipt := c.told("what share of won revenue is bo's")
	if value != "0.6666666667" {
		t.Fatalf("the share is %s", value)
	}
	c.proves(receipt, "Proved. Share of won revenue, person Bo Lind", "66.67 % ($100 of $150)", "Nothing has been loaded since")
	c.load(map[string]string{"opportunities.csv": "external_id,name,owner,stage,amount,currency,created_on,close_on\nd2,Two,p2,Won,50.00,USD,2026-10-02,2026-10-22\n"})
	c.proves(receipt, "By what is known today it is the same")
	c.load(map[string]string{"opportunities.csv": "external_id,name,owner,stage,amount,currency,created_on,close_on\nd3,Three,p1,Won,50.00,USD,2026-10-01,2026-10-30\n"})
	c.proves(receipt, "Proved. Share of won revenue, person Bo Lind", "66.67 % ($100 of $150)", "it is 75.00 % ($150 of $200)")
}

func TestAShareThatWouldLeavePeopleOutIsRefused(t *testing.T) {
	c := newTeller(t)
	for text, want := range map[string]string{
		"won revenue by rep as a percentage":        "You may not see shares that would leave some people out",
		"what share of won revenue is kim rask's":   "You may not see the figures of Kim Rask",
		"win rate by territory as a percentage":     "Win rate (by close date) has no shares",
		"what share of won revenue is mine":         "Share of won revenue, person Bo Lind",
		"won revenue by territory as a percentage":  "Won revenue, all time",
		"lost deals by loss reason as a percentage": "Lost deals, all time: no deals to count",
	} {
		out, _, _ := salesbot(t, c.environ, "ask", "--as", "bo@acme.test", text)
		if !strings.HasPrefix(out, want) {
			t.Errorf("%q is not answered with %q:\n%s", text, want, out)
		}
	}
}
