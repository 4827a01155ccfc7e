package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"salesbot/insights/store/storetest"
)

// teller is a small company that files are loaded into, in a folder of its own.
type teller struct {
	t       *testing.T
	environ []string
	dir     string
}

func (c teller) load(files map[string]string) {
	c.t.Helper()
	args := []string{"import"}
	for name, content := range files {
		path := filepath.Join(c.dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			c.t.Fatal(err)
		}
		args = append(args, path)
	}
	c.run(args...)
}

func (c teller) run(args ...string) string {
	c.t.Helper()
	out, errOut, code := salesbot(c.t, c.environ, args...)
	if code != 0 {
		c.t.Fatalf("%q failed (%d): %s%s", args, code, out, errOut)
	}
	return out
}

// told asks for a figure and returns it with its receipt.
func (c teller) told(args ...string) (value, receipt string) {
	c.t.Helper()
	var answer struct {
		Status  string
		Figures []struct{ Value string }
		Receipt string
	}
	out := c.run(append([]string{"ask", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.Status != "answered" || len(answer.Figures) != 1 {
		c.t.Fatalf("%q: %v %s", args, err, out)
	}
	return answer.Figures[0].Value, answer.Receipt
}

// proves checks what is said of a receipt, line by line.
func (c teller) proves(receipt string, want ...string) {
	c.t.Helper()
	out := c.run("prove", receipt)
	words := strings.Join(strings.FieldsFunc(out, func(r rune) bool { return r == ' ' || r == '\n' || r == '│' || r == '|' }), " ")
	for _, part := range want {
		if !strings.Contains(words, part) {
			c.t.Errorf("it does not say %q:\n%s", part, out)
		}
	}
}

func newTeller(t *testing.T) teller {
	c := teller{t: t, dir: t.TempDir(), environ: []string{"DATABASE_URL=" + storetest.DSN(t)}}
	c.load(map[string]string{
		"stages.csv": "name,position,outcome\nTalking,1,open\nWon,2,won\nLost,3,lost\n",
		"people.csv": "external_id,name,email,role\np1,Bo Lind,bo@acme.test,rep\np2,Kim Rask,kim@acme.test,rep\n",
		"opportunities.csv": "external_id,name,owner,stage,amount,currency,created_on,close_on\n" +
			"d1,One,p1,Won,100.00,USD,2026-10-01,2026-10-20\nd2,Two,p2,Won,50.00,USD,2026-10-02,2026-10-21\nd3,Three,p1,Talking,70.00,USD,2026-10-02,2026-12-21\n",
	})
	return c
}

func TestAFigureIsProvedWhateverWasLoadedSince(t *testing.T) {
	c := newTeller(t)
	value, receipt := c.told("won revenue by rep")
	if value != "150" {
		t.Fatalf("won revenue is %s", value)
	}
	c.proves(receipt, "Proved. Won revenue", "$150", "so are its 2 rows", "Nothing has been loaded since")

	c.load(map[string]string{"opportunities.csv": "external_id,name,owner,stage,amount,currency,created_on,close_on\n" +
		"d1,One,p1,Won,120.00,USD,2026-10-01,2026-10-20\nd3,Three,p1,Won,70.00,USD,2026-10-02,2026-10-30\n"})
	if value, _ := c.told("won revenue"); value != "240" {
		t.Fatalf("won revenue is then %s", value)
	}
	c.proves(receipt, "Proved. Won revenue", ": $150", "By what is known today, asked at that moment, it is $240",
		"Import 2 of ", "said something else of 2 deals that it counts")

	c.run("imports", "undo", "2")
	c.proves(receipt, "Proved.", "By what is known today it is the same")
}

func TestAnUndoRestatesWhatWasSaidInBetween(t *testing.T) {
	c := newTeller(t)
	c.load(map[string]string{"opportunities.csv": "external_id,name,owner,stage,amount,currency,created_on,close_on\nd4,Four,p2,Won,9.00,USD,2026-10-02,2026-10-03\n"})
	_, receipt := c.told("won revenue")
	c.run("imports", "undo", "2")
	c.proves(receipt, "Proved.", "$159", "it is $150", "which took back import 2", "of 1 deal that it counts")
}

func TestAFigureIsProvedThoughWhatStagesMeanHasChanged(t *testing.T) {
	c := newTeller(t)
	_, receipt := c.told("won deals")
	c.load(map[string]string{"stages.csv": "name,position,outcome\nTalking,1,won\n"}) // as if it had always been so
	c.proves(receipt, "Proved. Won deals", ": 2.", "By what is known today, asked at that moment, it is 3.", "Import 2 of ", "added or changed 1 stage")
}

func TestProveShowsTheRowsThatAreDifferentToday(t *testing.T) {
	c := newTeller(t)
	_, byRep := c.told("won revenue by rep")
	_, list := c.told("deals behind won revenue")
	_, top := c.told("top 1 rep by won revenue")
	_, compared := c.told("--at", "2026-10-22T12:00:00Z", "won revenue this month vs last month by rep")
	_, parts := c.told("--at", "2026-11-22T12:00:00Z", "what changed in the pipeline since 2026-10-01")
	c.proves(byRep, "Proved.", "so are its 2 rows", "Bo Lind")
	c.load(map[string]string{"opportunities.csv": "external_id,name,owner,stage,amount,currency,created_on,close_on\n" +
		"d1,One,p1,Won,120.00,USD,2026-10-01,2026-10-20\nd2,Two,p2,Lost,50.00,USD,2026-10-02,2026-10-21\nd3,Three,p1,Won,70.00,USD,2026-10-02,2026-10-30\n"})
	c.proves(byRep, "Proved. Won revenue", "Its rows that are different are in the table", row("Bo Lind", "$100", "$190"), row("Kim Rask", "$50", "—"))
	c.proves(list, "Proved.", "so are its 2 rows", row("One", "d1", "Amount", "$100", "$120", "2"), row("Two", "d2", "Counted", "yes", "no", "2"), row("Three", "d3", "Counted", "no", "yes", "2"))
	c.proves(top, "Proved.", row("Kim Rask", "$50", "—"))
	c.proves(compared, "Proved.", row("Bo Lind", "$100", "$190"))
	c.proves(parts, "Proved.", row("Closing", "Deals", "1", "0"), row("Closing", "Amount", "$70", "$0"))
}

// row is a row of a table, however wide its columns are.
func row(cells ...string) string { return strings.Join(cells, " ") }

func TestAFigureIsProvedToThoseItWasToldAndToAdmins(t *testing.T) {
	c := newTeller(t)
	_, receipt := c.told("--as", "bo@acme.test", "my won revenue")
	c.proves(receipt, "Proved.", "$100")
	if out := c.run("prove", "--as", "bo@acme.test", receipt); !strings.Contains(out, "Proved.") {
		t.Error(out)
	}
	for _, args := range [][]string{{"prove", "--as", "kim@acme.test", receipt}, {"ask", "--as", "kim@acme.test", "prove " + receipt}} {
		if out := c.run(args...); !strings.Contains(out, "A figure is proved to whoever it was told") || strings.Contains(out, "$") {
			t.Error(out)
		}
	}
	out, _, _ := salesbot(t, c.environ, "prove", "nonesuch")
	if !slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool { return strings.Contains(line, "There is no receipt with this id.") }) {
		t.Error(out)
	}
}
