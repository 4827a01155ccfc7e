package blocks

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
)

// exampleForm has a field of every kind.
func exampleForm() handlers.Form {
	many := make([]handlers.Option, 130)
	for i := range many {
		many[i] = handlers.Option{Value: strconv.Itoa(i + 1), Label: "Territory " + strconv.Itoa(i+1)}
	}
	return handlers.Form{
		ID: "insight", Context: "k3j9x0c2ab:1", Title: "Correct what you said before", Submit: "Correct",
		Fields: []handlers.Field{
			{ID: "what", Label: "What do customers want?", Kind: handlers.Lines, Initial: []string{"<!channel> & leasing"}, MaxLength: 1000},
			{ID: "evidence", Label: "Evidence", Kind: handlers.Line, Hint: "A receipt, or a link."},
			{ID: "territory", Label: "Territory", Kind: handlers.Some, Options: many, Initial: []string{"2", "3", "200"}, Optional: true},
			{ID: "industry", Label: "Industry", Kind: handlers.Some, Optional: true},
			{ID: "confidence", Label: "How sure?", Kind: handlers.One, Options: []handlers.Option{{Value: "low", Label: "Low"}, {Value: "high", Label: "High"}}, Initial: []string{"high"}},
			{ID: "until", Label: "Holds until", Kind: handlers.Date, Initial: []string{"2026-12-31"}},
		},
	}
}

func TestAFormIsLaidOutAsItWas(t *testing.T) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(Modal(exampleForm())); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "form.json")
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the layout changed (-want +got); if that is meant, run with -update:\n%s", diff)
	}
}

func TestAnyFormKeepsToSlacksLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := CheckModal(Modal(anyForm().Draw(t, "form"))); err != nil {
			t.Fatal(err)
		}
	})
}

// TestTheWorkspaceOpensAnyForm asks somebody else whether the layouts are
// valid.
func TestTheWorkspaceOpensAnyForm(t *testing.T) {
	w := workspacetest.Start(t, workspace.Config{Users: []workspace.User{{Name: "ana"}}})
	api := slack.New("xoxb-test", slack.OptionAPIURL(w.URL+"/api/"), slack.OptionHTTPClient(http.DefaultClient))
	refused := func(f handlers.Form) string {
		_, err := api.OpenViewContext(t.Context(), "none", Modal(f))
		if err == nil || strings.Contains(err.Error(), "invalid_trigger_id") { // it looks at the form first
			return ""
		}
		return err.Error()
	}
	if fault := refused(exampleForm()); fault != "" {
		t.Error(fault)
	}
	rapid.Check(t, func(t *rapid.T) {
		if fault := refused(anyForm().Draw(t, "form")); fault != "" {
			t.Fatal(fault)
		}
	})
}

func anyForm() *rapid.Generator[handlers.Form] {
	kinds := []handlers.FieldKind{handlers.Line, handlers.Lines, handlers.One, handlers.Some, handlers.Date, "?"}
	return rapid.Custom(func(t *rapid.T) handlers.Form {
		f := handlers.Form{
			ID: "insight", Context: anyText().Draw(t, "context"),
			Title: anyText().Draw(t, "title"), Submit: anyText().Draw(t, "submit"),
			Fields: []handlers.Field{{ID: "what", Kind: handlers.Line}},
		}
		for range rapid.IntRange(0, 12).Draw(t, "fields") {
			field := handlers.Field{
				ID: anyText().Draw(t, "id"), Label: anyText().Draw(t, "label"), Hint: anyText().Draw(t, "hint"),
				Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Optional: rapid.Bool().Draw(t, "optional"),
				Initial:   rapid.SliceOfN(anyText(), 0, 3).Draw(t, "initial"),
				MaxLength: rapid.IntRange(-1, 5000).Draw(t, "most"),
			}
			for range rapid.SampledFrom([]int{0, 1, 3, 120}).Draw(t, "options") {
				field.Options = append(field.Options, handlers.Option{
					Value: rapid.StringN(0, 90, -1).Draw(t, "value"), Label: rapid.StringN(0, 90, -1).Draw(t, "option"),
				})
			}
			f.Fields = append(f.Fields, field)
		}
		return f
	})
}
