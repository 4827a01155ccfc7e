package main

import (
	"testing"
	"time"

	"salesbot/insights/store/storetest"
)

// TestTheDemoKeepsItsCompanyFresh starts on an empty database, then again on
// what is there, and then when that has grown old.
func TestTheDemoKeepsItsCompanyFresh(t *testing.T) {
	p, env := testProgram(t, storetest.DSN(t))
	s, err := readSettings(env)
	if err != nil {
		t.Fatal(err)
	}
	db, err := p.openDatabase(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state := func() (revision int64, confirmed, taken time.Time) {
		t.Helper()
		if err := p.loadDemo(t.Context(), s, db, demoOptions{}); err != nil {
			t.Fatal(err)
		}
		revision, confirmed, err := db.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		past, err := db.Imports(t.Context(), 2)
		if err != nil || len(past) != 1 {
			t.Fatalf("%d imports (%v), want the company's alone", len(past), err)
		}
		return revision, confirmed, past[0].TakenAt
	}

	_, first, taken := state()
	revision, second, again := state()
	if revision != 1 || !again.Equal(taken) || !second.After(first) {
		t.Errorf("a second start leads to revision %d taken at %s and confirmed at %s; the first was taken at %s and confirmed at %s", revision, again, second, taken, first)
	}
	if _, err := db.DB().ExecContext(t.Context(), `update import set taken_at = taken_at - interval '15 days'`); err != nil {
		t.Fatal(err)
	}
	if revision, _, fresh := state(); revision != 1 || fresh.Before(taken) {
		t.Errorf("after a fortnight: revision %d, taken at %s", revision, fresh)
	}
}
