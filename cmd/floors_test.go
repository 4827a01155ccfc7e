// Package cmd_test keeps the house in order: which package may import which,
// and what may stand where (docs/adr/0001).
package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "salesbot"

// floors, from the ground up: a package imports its own floor and those below.
var floors = []string{"migrations", "insights", "handlers", "bot", "cmd"}

// fences keep a dependency in the rooms named; a trailing /... takes in the
// rooms below.
var fences = []struct {
	dependency string
	rooms      []string
}{
	{"github.com/slack-go/slack", []string{"bot", "bot/blocks", "bot/outbox"}},
	{"github.com/sashabaranov/go-openai", []string{"handlers/ask/llm"}},
	{"github.com/jmoiron/sqlx", []string{"insights/store/..."}},
	{"github.com/lib/pq", []string{"insights/store/..."}},
	{"github.com/riverqueue/river/rivermigrate", []string{"migrations"}},
	{"github.com/riverqueue/river/riverdriver", []string{"insights/store", "migrations"}},
	{"github.com/riverqueue/river", []string{"insights/store", "migrations"}},
	{"github.com/pressly/goose", []string{"migrations"}},
	{"github.com/gorilla/websocket", []string{"bot/workspace"}},
	{module + "/insights/store", []string{"cmd/..."}},
}

// own says which of our packages a package may import, where that is less
// than its floor allows.
var own = map[string][]string{
	"insights/metric":          {},
	"insights":                 {"insights/metric"},
	"insights/store":           {"insights", "insights/metric"},
	"insights/importer":        {"insights", "insights/metric"},
	"insights/store/pgserver":  {"insights"},
	"insights/store/storetest": {"insights", "insights/store/pgserver", "migrations"},
	"handlers/ask":             {"insights", "insights/metric"},
	"bot/workspace":            {},
}

// clocks may read the time; everyone else is told it.
var clocks = []string{"cmd/...", "bot", "bot/workspace/..."}

// tongues may contain SQL.
var tongues = []string{"insights/metric", "insights/store/...", "migrations"}

var (
	sqlText   = regexp.MustCompile(`(?is)^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(table|index|database|role)\s|with\s+\w+\s+as\s*\()`)
	grabBags  = []string{"util", "utils", "common", "models", "types", "helpers", "shared", "misc"}
	topFolder = []string{"bot", "cmd", "docs", "handlers", "insights", "migrations"}
)

func TestTheHouseKeepsItsFloorsAndFences(t *testing.T) {
	for _, v := range violations(t, os.DirFS("..")) {
		t.Error(v)
	}
}

func TestEachPlantedViolationIsFound(t *testing.T) {
	cases := map[string]struct{ file, source, want string }{
		"a lower floor imports a higher one":          {"insights/x.go", `package insights; import _ "salesbot/handlers"`, "imports salesbot/handlers"},
		"migrations imports anything of ours":         {"migrations/x.go", `package migrations; import _ "salesbot/insights"`, "imports salesbot/insights"},
		"metric imports the domain":                   {"insights/metric/x.go", `package metric; import _ "salesbot/insights"`, "imports salesbot/insights"},
		"the importer reaches into the store":         {"insights/importer/x.go", `package importer; import _ "salesbot/insights/store"`, "imports salesbot/insights/store"},
		"a handler knows Slack":                       {"handlers/x.go", `package handlers; import _ "github.com/slack-go/slack"`, "imports github.com/slack-go/slack"},
		"a handler opens the store":                   {"handlers/x.go", `package handlers; import _ "salesbot/insights/store"`, "imports salesbot/insights/store"},
		"the bot opens the store":                     {"bot/x.go", `package bot; import _ "salesbot/insights/store"`, "imports salesbot/insights/store"},
		"the workspace shares Slack's client":         {"bot/workspace/x.go", `package workspace; import _ "github.com/slack-go/slack/socketmode"`, "imports github.com/slack-go/slack/socketmode"},
		"the workspace imports something of ours":     {"bot/workspace/x.go", `package workspace; import _ "salesbot/insights"`, "imports salesbot/insights"},
		"a model is asked outside its room":           {"handlers/ask/x.go", `package ask; import _ "github.com/sashabaranov/go-openai"`, "imports github.com/sashabaranov/go-openai"},
		"sqlx leaves the store":                       {"cmd/salesbot/x.go", `package main; import _ "github.com/jmoiron/sqlx"`, "imports github.com/jmoiron/sqlx"},
		"pq leaves the store":                         {"insights/importer/x.go", `package importer; import _ "github.com/lib/pq"`, "imports github.com/lib/pq"},
		"River leaves the store":                      {"bot/outbox/x.go", `package outbox; import _ "github.com/riverqueue/river"`, "imports github.com/riverqueue/river"},
		"goose leaves migrations":                     {"insights/store/x.go", `package store; import _ "github.com/pressly/goose/v3"`, "imports github.com/pressly/goose/v3"},
		"a websocket is opened outside the workspace": {"bot/x.go", `package bot; import _ "github.com/gorilla/websocket"`, "imports github.com/gorilla/websocket"},
		"a handler reads the clock":                   {"handlers/x.go", `package handlers; import "time"; var t = time.Now()`, "reads the clock"},
		"the clock is read under another name":        {"insights/x.go", `package insights; import clock "time"; var t = clock.Now`, "reads the clock"},
		"time is measured with Since":                 {"insights/x.go", `package insights; import "time"; var d = time.Since(time.Time{})`, "reads the clock"},
		"a handler writes SQL":                        {"handlers/x.go", "package handlers; const q = `select sum(amount) from opportunity`", "contains SQL"},
		"the bot writes SQL":                          {"bot/x.go", `package bot; const q = "update delivery set state = 'sent'"`, "contains SQL"},
		"somebody opens a grab-bag":                   {"insights/util/x.go", `package util`, "is a grab-bag"},
		"a folder appears at the top":                 {"pkg/x.go", `package pkg`, "is no room of the house"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found := violations(t, fstest.MapFS{c.file: {Data: []byte(c.source)}})
			if len(found) != 1 || !strings.Contains(found[0], c.want) {
				t.Fatalf("planted in %s; want one violation that says %q, got %q", c.file, c.want, found)
			}
		})
	}
}

func violations(t *testing.T, root fs.FS) []string {
	t.Helper()
	var found []string
	report := func(file, format string, args ...any) {
		found = append(found, file+" "+fmt.Sprintf(format, args...))
	}
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		return checkFile(root, file, report)
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

type reporter func(file, format string, args ...any)

func checkFile(root fs.FS, file string, report reporter) error {
	source, err := fs.ReadFile(root, file)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
	if err != nil {
		return err
	}
	room := path.Dir(file)
	checkRoom(file, room, report)
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if !mayImport(room, imported) {
			report(file, "imports %s, which its room may not", imported)
		}
	}
	if !within(room, clocks) && readsClock(parsed) {
		report(file, "reads the clock; it is told the time")
	}
	if !within(room, tongues) && containsSQL(parsed) {
		report(file, "contains SQL, which stands in metric, store and migrations only")
	}
	return nil
}

func checkRoom(file, room string, report reporter) {
	top, _, _ := strings.Cut(room, "/")
	if !slices.Contains(topFolder, top) {
		report(file, "is no room of the house")
	}
	for part := range strings.SplitSeq(room, "/") {
		if slices.Contains(grabBags, part) {
			report(file, "is a grab-bag; name it after what it does")
		}
	}
}

func mayImport(room, imported string) bool {
	for _, fence := range fences {
		if imported == fence.dependency || strings.HasPrefix(imported, fence.dependency+"/") {
			if within(room, fence.rooms) {
				break
			}
			if !strings.HasPrefix(imported, module+"/insights/store/") || !within(room, []string{"insights/store/..."}) {
				return false
			}
		}
	}
	target, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return true
	}
	if allowed, limited := own[room]; limited {
		return slices.Contains(allowed, target)
	}
	return floor(target) <= floor(room)
}

func floor(room string) int {
	top, _, _ := strings.Cut(room, "/")
	return slices.Index(floors, top)
}

func within(room string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool {
		below, deep := strings.CutSuffix(r, "/...")
		return room == r || deep && (room == below || strings.HasPrefix(room, below+"/"))
	})
}

func readsClock(file *ast.File) bool {
	name := ""
	for _, spec := range file.Imports {
		if spec.Path.Value == `"time"` {
			name = "time"
			if spec.Name != nil {
				name = spec.Name.Name
			}
		}
	}
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := selector.X.(*ast.Ident)
		if ok && name != "" && pkg.Name == name && slices.Contains([]string{"Now", "Since", "Until"}, selector.Sel.Name) {
			found = true
		}
		return true
	})
	return found
}

func containsSQL(file *ast.File) bool {
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		found = found || err == nil && sqlText.MatchString(text)
		return true
	})
	return found
}
