package blocks

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
)

// TestTheWorkspaceTakesEachMessage asks somebody else whether the layouts are
// valid: the workspace has its own idea of Slack's rules.
func TestTheWorkspaceTakesEachMessage(t *testing.T) {
	w := workspacetest.Start(t, workspace.Config{Users: []workspace.User{{Name: "ana"}}})
	for name, answer := range examples() {
		t.Run(name, func(t *testing.T) {
			m := Render(answer)
			body, err := json.Marshal(map[string]any{"channel": "U0ANA", "text": m.Text, "blocks": m.Blocks})
			if err != nil {
				t.Fatal(err)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/api/chat.postMessage", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json; charset=utf-8")
			request.Header.Set("Authorization", "Bearer xoxb-test")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var answered struct {
				OK     bool     `json:"ok"`
				Error  string   `json:"error"`
				Errors []string `json:"errors"`
			}
			if err := json.NewDecoder(response.Body).Decode(&answered); err != nil {
				t.Fatal(err)
			}
			if !answered.OK {
				t.Errorf("%s %v", answered.Error, answered.Errors)
			}
		})
	}
}
