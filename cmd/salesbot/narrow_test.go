package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salesbot/insights/store/storetest"
)

// A file with fewer columns than what is known says nothing of the rest; a
// blank in a column that it has says that nobody knows.
func TestWhatAFileHasNoColumnForStaysAsItIsKnown(t *testing.T) {
	dsn := storetest.DSN(t)
	_, environ := testProgram(t, dsn)
	load := func(files map[string]string) string {
		dir := openDir(t)
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out, errOut, code := salesbot(t, environ, "import", dir)
		if code != 0 {
			t.Fatalf("the import says:\n%s%s", out, errOut)
		}
		return out
	}
	deal := func() string {
		return text(t, open(t, dsn), `
			select concat_ws(' | ', stage.name, o.amount_minor, o.close_on, o.created_on, account.name, o.next_step, o.kind, o.forecast_category)
			from opportunity o join stage on stage.id = o.stage_id left join account on account.id = o.account_id`)
	}
	load(map[string]string{
		"stages.csv":   "name,position,outcome\nTalking,1,open\nWon,2,won\n",
		"people.csv":   "external_id,name\np1,Ada Brook\n",
		"accounts.csv": "external_id,name\na1,Nimbus\na2,Acorn\n",
		"opportunities.csv": "external_id,owner,stage,amount,close_on,created_on,account,next_step,kind,forecast_category\n" +
			"d1,p1,Talking,100.00,2026-03-01,2026-01-05,a1,Call Bo,renewal,commit\n",
	})
	known := deal()
	if want := "Talking | 10000 | 2026-03-01 | 2026-01-05 | Nimbus | Call Bo | renewal | commit"; known != want {
		t.Fatalf("the deal is %s, want %s", known, want)
	}

	out := load(map[string]string{"opportunities.csv": "external_id,owner,stage,amount,close_on\nd1,p1,Talking,100,2026-03-01\n"})
	if deal() != known || !strings.Contains(out, "Nothing is new") {
		t.Errorf("the deal is %s after a file that says nothing new:\n%s", deal(), out)
	}
	load(map[string]string{"opportunities.csv": "external_id,owner,stage,amount,close_on,next_step\nd1,p1,Won,120,2026-03-01,\n"})
	if want := "Won | 12000 | 2026-03-01 | 2026-01-05 | Nimbus | renewal | commit"; deal() != want {
		t.Errorf("the deal is %s, want %s", deal(), want)
	}
	// The companies of deals alone, as a warehouse has them.
	load(map[string]string{"deal_company_data.csv": "company_id,deal_id,type_id,category\na2,d1,5,HUBSPOT_DEFINED\n"})
	if want := "Won | 12000 | 2026-03-01 | 2026-01-05 | Acorn | renewal | commit"; deal() != want {
		t.Errorf("the deal is %s, want %s", deal(), want)
	}
	// A closed deal keeps the day that the file does not tell, and needs one
	// where the file takes it away.
	out = load(map[string]string{"opportunities.csv": "external_id,owner,stage,amount,close_on\nd1,p1,Won,130,\n"})
	if !strings.Contains(out, "1 rejected: close_on has no close date") {
		t.Errorf("a won deal lost its day:\n%s", out)
	}
}

func TestALeadKeepsWhatALaterFileDoesNotSay(t *testing.T) {
	dsn := storetest.DSN(t)
	_, environ := testProgram(t, dsn)
	load := func(text string) {
		dir := openDir(t)
		for name, text := range map[string]string{"leads.csv": text, "people.csv": "external_id,name\np1,Ada Brook\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out, errOut, code := salesbot(t, environ, "import", dir); code != 0 {
			t.Fatalf("the import says:\n%s%s", out, errOut)
		}
	}
	load("external_id,created_at,status,source,owner,responded_at\nl1,2026-01-05,new,web,p1,2026-01-06\n")
	load("external_id,created_at,status\nl1,2026-01-05,qualified\n")
	got := text(t, open(t, dsn), `
		select concat_ws(' | ', l.status, l.source, p.name, (l.responded_at at time zone 'UTC')::date) from lead l left join person p on p.id = l.owner_id`)
	if want := "qualified | web | Ada Brook | 2026-01-06"; got != want {
		t.Errorf("the lead is %s, want %s", got, want)
	}
}

func TestOddDaysAreUsedAndSaid(t *testing.T) {
	dsn := storetest.DSN(t)
	_, environ := testProgram(t, dsn)
	dir := openDir(t)
	for name, text := range map[string]string{
		"stages.csv": "name,position,outcome\nTalking,1,open\nWon,2,won\n",
		"opportunities.csv": "external_id,owner,stage,amount,close_on,created_on\n" +
			"d1,,Won,100,2031-03-01,2026-01-05\nd2,,Won,100,2025-03-01,2026-01-05\nd3,,Talking,100,2040-03-01,2026-01-05\nd4,,Talking,100,2026-12-01,2026-01-05\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, errOut, code := salesbot(t, environ, "import", dir)
	if code != 0 {
		t.Fatal(out, errOut)
	}
	for _, note := range []string{
		"6 used", "1 time: a deal is closed, but its close date lies in the future", "1 time: a deal was closed before it was created",
		"1 time: an open deal is expected to close more than five years ahead",
	} {
		if !strings.Contains(out, note) {
			t.Errorf("the report does not say %q:\n%s", note, out)
		}
	}
}
