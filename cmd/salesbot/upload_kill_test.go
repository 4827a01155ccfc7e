package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A manager sends a file, and the bot dies. The next one reads the file again
// if it must, and the report is that of the one import there was.
func TestABotThatIsKilledWhileItLoadsAFileReportsOnceAndLoadsOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		hold step   // where the process waits to be killed; empty: at the lock
		lock string // held by somebody else
		late bool   // the process dies with the word that it reads on its lips: it is not said late
	}{
		{name: "before it says that it reads", hold: stepAnswered},
		{name: "when it is about to say that it reads", hold: stepRecorded, late: true},
		{name: "when the import is done and its report is not recorded", hold: stepHandled},
		{name: "when all is written and the import is not numbered", lock: lockNumbering},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			release := locked(t, s.db, test.lock)
			first := s.serve(test.hold)
			s.WaitForConnections(2)
			sent := s.As("ingrid").Do("say", map[string]any{"channel": "dm", "files": []map[string]any{
				{"name": "accounts.csv", "content": "external_id,name\nUP-1,Harbour Works\n"},
			}})
			if !sent.Delivery.Acked {
				t.Error("the file was not acknowledged")
			}
			if test.lock == "" {
				first.waitHeld(1)
			} else {
				await(t, s.db, "the import to be about to be numbered", seenNumbering, "1")
			}
			first.kill()
			release()
			s.WaitForConnections(0)

			second := s.serve("")
			s.WaitForConnections(2)
			await(t, s.db, "everything to be finished", `
				select (select count(*) from inbox where done_at is null) || ' ' || (select count(*) from delivery where finished_at is null)
				       || ' ' || (select count(*) from delivery) || ' ' || (select count(*) from import)`, "0 0 2 2")
			second.stop()
			var said []string
			for _, m := range s.As("ingrid").Thread("dm", sent.TS) {
				if m.Name == "salesbot" {
					headline, _, _ := strings.Cut(m.Text, "\n")
					said = append(said, headline)
				}
			}
			want := []string{"I am reading accounts.csv. The report follows here.", "accounts.csv: loaded, as revision 2."}
			if test.late {
				want = want[1:]
			}
			if diff := cmp.Diff(want, said); diff != "" {
				t.Errorf("said (-want +got)\n%s", diff)
			}
		})
	}
}
