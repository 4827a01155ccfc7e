package ask

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"salesbot/insights/metric"
)

// TestCorpus reads what people type from testdata/*.ask. A line is a question
// and how it is read:
//
//	text => the canonical question
//	text => one && another | several questions
//	text ! the words | not understood
//	text !! the words | understood, but not available
//	text ? the choices | asked back
//	text @ list
//
// Lines that begin with @ set who asks, when, and what was asked before.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.ask")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { testCorpus(t, file) })
	}
}

func testCorpus(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, asked := testParser(), Asked{At: testNow, Viewer: dustin}
	for i, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "@") {
			p, asked = direct(t, p, asked, line)
			continue
		}
		text, want := splitCorpus(line)
		asked.Text = text
		all, err := p.ParseEach(t.Context(), asked)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := outcomes(p, all); got != want {
			t.Errorf("%s:%d: %s\n got %s\nwant %s", file, i+1, text, got, want)
		}
	}
}

// splitCorpus cuts a line at the sign of its outcome.
func splitCorpus(line string) (text, want string) {
	for _, sign := range []string{" => ", " !! ", " ! ", " ? ", " @ "} {
		if text, rest, ok := strings.Cut(line, sign); ok {
			return strings.TrimSpace(text), strings.TrimSpace(sign) + " " + strings.TrimSpace(rest)
		}
	}
	return line, ""
}

// outcome writes a Reading the way the corpus does.
func outcome(p *Parser, r Reading) string {
	switch {
	case r.Query != nil:
		return "=> " + p.Say(*r.Query)
	case r.List:
		return "@ list"
	case r.Ask != "":
		var labels []string
		for _, c := range r.Choices {
			labels = append(labels, c.Label)
		}
		return "? " + strings.Join(labels, " | ")
	case r.Unavailable:
		return "!! " + strings.Join(r.Unknown, " | ")
	default:
		return "! " + strings.Join(r.Unknown, " | ")
	}
}

// direct follows a line such as "@ viewer anna".
func direct(t *testing.T, p *Parser, asked Asked, line string) (*Parser, Asked) {
	t.Helper()
	word, rest, _ := strings.Cut(strings.TrimSpace(line[1:]), " ")
	switch word {
	case "viewer":
		asked.Viewer = map[string]metric.Viewer{"anna": anna, "dustin": dustin, "admin": admin}[rest]
	case "hint":
		asked.Hint = rest
	case "at":
		at, err := time.Parse(time.DateOnly, rest)
		if err != nil {
			t.Fatal(err)
		}
		asked.At = at.Add(10 * time.Hour)
	case "fiscal":
		p = testParser()
		p.Company.FiscalStart = months[rest]
	case "last":
		asked.Last = nil
		if rest != "" {
			r := parse(t, p, Asked{Text: rest, At: asked.At, Viewer: asked.Viewer})
			if r.Query == nil {
				t.Fatalf("%s: %s", line, outcome(p, r))
			}
			asked.Last = r.Query
		}
	default:
		t.Fatalf("what is %q?", line)
	}
	return p, asked
}

// corpusTexts returns every question of the corpus.
func corpusTexts(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.ask")
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if line != "" && !strings.ContainsAny(line[:1], "#@") {
				text, _ := splitCorpus(line)
				out = append(out, text)
			}
		}
	}
	return out
}
