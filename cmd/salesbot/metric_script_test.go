package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"salesbot/handlers"
	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// metricScripts holds a folder a metric, named like it, with scripts that a
// sales analyst can read and write: small data, a question, and the figures that
// are right, worked out by hand. There is no flag that writes them.
//
// A script is read line by line:
//
//	# what it shows
//	SALESBOT_CURRENCY=EUR        a setting, before anything else
//	on 2026-03-31 17:00          the moment from here on; nine o'clock if none is told
//	opportunities.csv:           a file of the own layout, as far as the next blank line;
//	  external_id, amount        cells may be padded with spaces
//	import                       loads the files told since the last one; the first question does it too
//	? win rate this quarter      asked by an admin
//	Ada Brook? my win rate       asked by her
//	  0.5, 1 of 2                what must be answered, line by line
//
// Answers are told so: a figure by its value and currency; a rate with how many
// of how many; what is known of how many in brackets, unless that is all; what it
// is compared with behind "before"; what is unknown by its reason; each row of a table as its cells
// between bars, its header left out; anything but an answer by its status and
// code. A line that begins with "note" must stand in one of the answer's notes,
// and one with "without note" in none; one that begins with "headline" must stand
// in its headline.
//
// Stages, territories and people are those of the folder company, unless the
// script tells its own.
const metricScripts = "testdata/metrics"

const commonCompany = "company"

func TestMetricScripts(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join(metricScripts, "*", "*.script"))
	if err != nil || len(scripts) == 0 {
		t.Fatal("there are no scripts:", err)
	}
	for _, path := range scripts {
		name := strings.TrimSuffix(strings.TrimPrefix(path, metricScripts+"/"), ".script")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playMetricScript(t, path)
		})
	}
}

// TestEveryMetricHasAScript finds metrics without one, and folders that are of
// no metric any more.
func TestEveryMetricHasAScript(t *testing.T) {
	folders, err := os.ReadDir(metricScripts)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, folder := range folders {
		told[folder.Name()] = true
		if _, ok := metric.Default().Metric(folder.Name()); !ok && folder.Name() != commonCompany {
			t.Errorf("%s is the name of no metric", filepath.Join(metricScripts, folder.Name()))
		}
	}
	for _, m := range metric.Default().Metrics() {
		if !told[m.Name] {
			t.Errorf("%s has no script in %s", m.Name, metricScripts)
		}
	}
}

// metricScript is a script being played on a database of its own.
type metricScript struct {
	t       *testing.T
	dsn     string
	environ []string
	now     time.Time
	path    string
	line    int
	files   map[string][]string // told, and not loaded yet
	file    string              // being told; empty: none
	loaded  bool
	asked   string   // the question whose answer is being told
	wanted  []string // of the answer
	asker   string
	metrics []string // that have been asked about
}

func playMetricScript(t *testing.T, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := playScript(t, path, string(data))
	if folder := filepath.Base(filepath.Dir(path)); !slices.Contains(s.metrics, folder) {
		t.Errorf("%s: no question is about %s, but about %s", path, folder, strings.Join(s.metrics, ", "))
	}
}

// playScript plays the text of a script that stands at a path.
func playScript(t *testing.T, path, text string) *metricScript {
	s := &metricScript{t: t, dsn: storetest.DSN(t), path: path, now: anchor.Add(9 * time.Hour), files: map[string][]string{}}
	_, s.environ = testProgram(t, s.dsn)
	s.tellCompany()
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		s.line++
		s.read(lines.Text())
	}
	s.check()
	return s
}

func (s *metricScript) fatalf(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: %s", s.path, s.line, fmt.Sprintf(format, args...))
}

// tellCompany tells the files that all scripts share.
func (s *metricScript) tellCompany() {
	paths, err := filepath.Glob(filepath.Join(metricScripts, commonCompany, "*.csv"))
	if err != nil || len(paths) == 0 {
		s.t.Fatal("there is no company:", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		s.files[filepath.Base(path)] = strings.Split(strings.TrimSpace(string(data)), "\n")
	}
}

func (s *metricScript) read(line string) {
	asker, question, asks := strings.Cut(line, "? ")
	switch {
	case strings.HasPrefix(line, "#"):
	case strings.TrimSpace(line) == "":
		s.check()
		s.file = ""
	case strings.HasPrefix(line, " ") && s.file != "":
		s.files[s.file] = append(s.files[s.file], unpadded(line))
	case strings.HasPrefix(line, " ") && s.asked != "":
		s.wanted = append(s.wanted, strings.TrimSpace(line))
	case strings.HasSuffix(line, ".csv:"):
		s.check()
		s.file = strings.TrimSuffix(line, ":")
		s.files[s.file] = nil
	case line == "import":
		s.check()
		s.load()
	case strings.HasPrefix(line, "on "):
		s.check()
		s.now = s.moment(strings.TrimPrefix(line, "on "))
	case strings.HasPrefix(line, "SALESBOT_") && !s.loaded:
		s.environ = append(s.environ, line)
	case asks || strings.HasPrefix(line, "? "):
		s.check()
		s.asker, s.asked = asker, question
	default:
		s.fatalf("this line says nothing: %q", line)
	}
}

// unpadded is a line of CSV without the spaces that align its cells.
func unpadded(line string) string {
	cells := strings.Split(line, ",")
	for i, cell := range cells {
		cells[i] = strings.TrimSpace(cell)
	}
	return strings.Join(cells, ",")
}

func (s *metricScript) moment(text string) time.Time {
	if at, err := time.Parse("2006-01-02 15:04", text); err == nil {
		return at
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		s.fatalf("this is no moment: %q", text)
	}
	return day.Add(9 * time.Hour)
}

// load imports what was told since the last time.
func (s *metricScript) load() {
	dir := openDir(s.t)
	for name, lines := range s.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	if out, errOut, code := s.salesbot("import", "--max-rejected", "0%", dir); code != 0 {
		s.fatalf("the files cannot be loaded:\n%s%s", out, errOut)
	}
	s.files, s.loaded = map[string][]string{}, true
}

func (s *metricScript) salesbot(args ...string) (out, errOut string, code int) {
	var stdout, stderr bytes.Buffer
	p := program{In: strings.NewReader(""), Environ: s.environ, Out: &stdout, Err: &stderr, Now: func() time.Time { return s.now }}
	code = p.run(s.t.Context(), args)
	return stdout.String(), stderr.String(), code
}

// check asks the question that has been told and compares what is answered.
func (s *metricScript) check() {
	if s.asked == "" {
		return
	}
	if !s.loaded || len(s.files) > 0 {
		s.load()
	}
	args := []string{"ask", "--json", s.asked + " "} // the space makes one word a question too
	if s.asker != "" {
		args = append(args, "--as", s.asker)
	}
	out, errOut, _ := s.salesbot(args...)
	var said scriptAnswer
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		s.fatalf("%q is answered by %s%s: %v", s.asked, out, errOut, err)
	}
	if said.Query != nil {
		s.metrics = append(s.metrics, said.Query.Metric)
	}
	if len(s.wanted) == 0 {
		s.fatalf("nothing is wanted of %q, which says:\n  %s", s.asked, strings.Join(said.lines(), "\n  "))
	}
	notes, wanted := partition(s.wanted, func(line string) bool { return strings.HasPrefix(line, "note ") })
	without, wanted := partition(wanted, func(line string) bool { return strings.HasPrefix(line, "without note ") })
	headlines, wanted := partition(wanted, func(line string) bool { return strings.HasPrefix(line, "headline ") })
	if got := said.lines(); !slices.Equal(got, wanted) {
		s.t.Errorf("%s:%d: %q says\n  %s\nand not\n  %s\n(%s)", s.path, s.line, s.asked,
			strings.Join(got, "\n  "), strings.Join(wanted, "\n  "), said.Headline)
	}
	for _, note := range notes {
		text := strings.TrimPrefix(note, "note ")
		if !slices.ContainsFunc(said.Notes, func(n string) bool { return strings.Contains(n, text) }) {
			s.t.Errorf("%s:%d: no note of %q says %q:\n  %s", s.path, s.line, s.asked, text, strings.Join(said.Notes, "\n  "))
		}
	}
	for _, note := range without {
		text := strings.TrimPrefix(note, "without note ")
		if slices.ContainsFunc(said.Notes, func(n string) bool { return strings.Contains(n, text) }) {
			s.t.Errorf("%s:%d: a note of %q says %q:\n  %s", s.path, s.line, s.asked, text, strings.Join(said.Notes, "\n  "))
		}
	}
	for _, headline := range headlines {
		if text := strings.TrimPrefix(headline, "headline "); !strings.Contains(said.Headline, text) {
			s.t.Errorf("%s:%d: the headline of %q does not say %q: %s", s.path, s.line, s.asked, text, said.Headline)
		}
	}
	s.asked, s.wanted = "", nil
}

func partition(lines []string, first func(string) bool) (yes, no []string) {
	for _, line := range lines {
		if first(line) {
			yes = append(yes, line)
		} else {
			no = append(no, line)
		}
	}
	return yes, no
}

// scriptAnswer is what a script looks at of `ask --json`.
type scriptAnswer struct {
	Status  handlers.Status
	Code    string
	Query   *struct{ Metric string }
	Figures []struct {
		Value, Currency, Previous, Reason *string
		Longer                            *string `json:"longer_than"`
		Unit                              metric.Unit
		K, N, Known, Of                   *int64
	}
	Table    *struct{ Rows [][]any }
	Headline string
	Notes    []string
}

// lines writes an answer as scripts do.
func (a scriptAnswer) lines() []string {
	if a.Status != handlers.Answered {
		return []string{strings.TrimSpace(string(a.Status) + " " + a.Code)}
	}
	var out []string
	for _, f := range a.Figures {
		line := told(f.Value)
		if f.Value == nil {
			line = "unknown " + told(f.Reason)
		}
		if f.Longer != nil {
			line = "longer than " + *f.Longer
		}
		if f.Currency != nil && f.Value != nil && f.Unit != metric.UnitRatio {
			line += " " + *f.Currency
		}
		if f.N != nil {
			line += fmt.Sprintf(", %d of %d", *f.K, *f.N)
		}
		if f.Of != nil && *f.Known < *f.Of {
			line += fmt.Sprintf(" (known of %d of %d)", *f.Known, *f.Of)
		}
		if f.Previous != nil {
			line += ", before " + *f.Previous
		}
		out = append(out, line)
	}
	if a.Table == nil {
		return out
	}
	for _, row := range a.Table.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			if cells[i] = "unknown"; cell != nil {
				cells[i] = fmt.Sprint(cell)
			}
		}
		out = append(out, "| "+strings.Join(cells, " | ")+" |")
	}
	return out
}

func told(text *string) string {
	if text == nil {
		return "unknown"
	}
	return *text
}
