package main

import (
	"strings"
	"testing"
)

// newOwned is a small company with two territories below a third, whose reps were
// swapped on a day, and deals of two accounts.
func newOwned(t *testing.T) teller {
	c := newTeller(t)
	c.load(map[string]string{
		"territories.csv": "external_id,name,parent\nt0,World,\nt1,North,t0\nt2,South,t0\nt3,Sea,t0\nt4,Lake,\n",
		"people.csv":      "external_id,name,email,role\np3,Una Berg,una@acme.test,rep\n",
		"assignments.csv": "person,since,territory\np1,2026-01-01,t1\np1,2026-10-01,t2\np2,2026-10-01,t1\np3,,t4\n",
		"accounts.csv":    "external_id,name\na1,Acme Pumps\na2,Quiet Mills\n",
		"opportunities.csv": "external_id,name,account,owner,stage,amount,currency,created_on,close_on\n" +
			"d3,Three,a1,p1,Talking,70.00,USD,2026-10-02,2026-12-21\nd4,Four,a1,p2,Talking,,,2026-10-02,2026-12-21\nd5,Five,a2,p2,Won,5.00,USD,2026-10-02,2026-10-21\n",
	})
	return c
}

func TestWhoOwnsIsToldOfWhatOneMaySee(t *testing.T) {
	c := newOwned(t)
	for _, tt := range []struct{ who, ask, want string }{
		{"", "who owns acme pumps", "Acme Pumps: Bo Lind and Kim Rask own its open deals."},
		{"bo@acme.test", "who owns acme pumps", "Acme Pumps: Bo Lind owns its open deals."},
		{"", "whose account is quiet mills", "Quiet Mills: nobody, it has no open deals."},
		// What is not there and what is not to be seen look the same.
		{"bo@acme.test", "whose account is quiet mills", "Quiet Mills: nobody whose deals you may see has an open deal there."},
		{"bo@acme.test", "who has north", "North: Kim Rask holds it since 1 Oct 2026."},
		{"bo@acme.test", "who has north as of 30 september 2026", "North, as of Wed 30 Sep 2026, end of day: Bo Lind holds it since 1 Jan 2026."},
		{"", "who covers lake", "Lake: Una Berg holds it."},
		{"", "who has sea", "Sea: vacant, nobody holds it."},
		{"", "who has world", "World: Kim Rask holds North since 1 Oct 2026, nobody holds Sea and Bo Lind holds South since 1 Oct 2026."},
		{"", "owner of the deal Four", "Four: Kim Rask owns it."},
		{"", "owner of the deal d5", "d5: Kim Rask owns it."},
		{"kim@acme.test", "owner of the deal Four", "Four: Kim Rask owns it."},
	} {
		args := []string{"ask", "--at", "2026-11-20 09:00"}
		if tt.who != "" {
			args = append(args, "--as", tt.who)
		}
		if out := c.run(append(args, tt.ask)...); !strings.HasPrefix(out, tt.want+"\n") {
			t.Errorf("%s asks %q: it does not begin with %q:\n%s", tt.who, tt.ask, tt.want, out)
		}
	}
	unseen, _, _ := salesbot(t, c.environ, "ask", "--as", "bo@acme.test", "owner of the deal Four")
	absent, _, _ := salesbot(t, c.environ, "ask", "--as", "bo@acme.test", "owner of the deal Twenty")
	if strings.ReplaceAll(absent, "Twenty", "Four") != unseen || !strings.Contains(unseen, "No deal that you may see is called") {
		t.Errorf("a deal that is not to be seen is not refused as one that is not there:\n%s\n%s", unseen, absent)
	}
}

func TestWhoOwnsIsProved(t *testing.T) {
	c := newOwned(t)
	receipt := c.owns("who owns acme pumps")
	c.proves(receipt, "Proved. Acme Pumps: Bo Lind and Kim Rask own its open deals", "Nothing has been loaded since")
	territory := c.owns("who has world")
	c.load(map[string]string{
		"opportunities.csv": "external_id,name,account,owner,stage,amount,currency,created_on,close_on\nd3,Three,a1,p2,Talking,70.00,USD,2026-10-02,2026-12-21\n",
		"assignments.csv":   "person,since,territory\np3,2026-10-02,t3\n",
	})
	c.proves(receipt, "Proved. Acme Pumps: Bo Lind and Kim Rask own its open deals", "it is owned otherwise", "Bo Lind yes no")
	c.proves(territory, "Proved. World: Kim Rask holds North since 1 Oct 2026, nobody holds Sea and Bo Lind holds South since 1 Oct 2026", "it is owned otherwise")
}

// owns asks who owns something and returns the receipt.
func (c teller) owns(text string) string {
	c.t.Helper()
	_, receipt, _ := strings.Cut(c.run("ask", "--json", text), `"receipt":"`)
	receipt, _, _ = strings.Cut(receipt, `"`)
	return receipt
}
