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
	for _, part := range want {
		if !strings.Contains(out, part) {
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

func TestAFigureThatCannotBeReproducedIsNotProved(t *testing.T) {
	c := newTeller(t)
	_, receipt := c.told("won deals")
	c.load(map[string]string{"stages.csv": "name,position,outcome\nTalking,1,won\n"}) // as stages have no history, it is as if it had always been so
	c.proves(receipt, "Not reproduced.", "It was said to be 2", "How stages were then is not kept")
}

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
