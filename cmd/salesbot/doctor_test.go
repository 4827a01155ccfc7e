package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
)

func TestTheManifestOffersEveryCommandAndNoAgentFeatures(t *testing.T) {
	out, errOut, code := salesbot(t, nil, "manifest")
	if code != 0 {
		t.Fatal(errOut)
	}
	decoder := json.NewDecoder(bytes.NewBufferString(out))
	decoder.DisallowUnknownFields()
	var manifest slack.Manifest
	if err := decoder.Decode(&manifest); err != nil {
		t.Fatal(err)
	}
	offered := map[string]bool{}
	for _, c := range manifest.Features.SlashCommands {
		offered[c.Command] = true
		if len(c.Description) > 2000 || len(c.UsageHint) > 1000 || len(c.Command) > 32 {
			t.Errorf("%s is longer than Slack allows", c.Command)
		}
	}
	for _, c := range handlers.Commands() {
		if !offered[c.Name] {
			t.Errorf("%s can be typed but is not in the manifest", c.Name)
		}
	}
	if manifest.Features.AgentView != nil || manifest.Features.AssistantView != nil || strings.Contains(out, "assistant:") {
		t.Error("the manifest asks for agent features, which shut guests out")
	}
	if len(manifest.Display.Name) > 35 || len(manifest.Display.Description) > 140 {
		t.Error("name or description is longer than Slack allows")
	}
	for _, scope := range manifest.OAuthConfig.Scopes.Bot {
		if !strings.Contains(errOut, scope+" ") {
			t.Errorf("no reason is given for the scope %s", scope)
		}
	}
	for _, event := range manifest.Settings.EventSubscriptions.BotEvents {
		if !strings.Contains(errOut, event+" ") {
			t.Errorf("no reason is given for the event %s", event)
		}
	}
}

func TestTheDoctorSaysAllThatMustBeMended(t *testing.T) {
	t.Run("nothing", func(t *testing.T) {
		slack := workspacetest.Start(t, workspace.Config{Scopes: scopes()})
		_, environ := testProgram(t, loaded(t, "company"), "SLACK_APP_TOKEN=xapp-1", "SLACK_BOT_TOKEN=xoxb-1", "SLACK_API_URL="+slack.URL+"/api/")
		out, errOut, code := salesbot(t, environ, "doctor")
		if code != 0 || strings.Contains(out, "MEND") || strings.Count(out, "ok ") != 6 {
			t.Errorf("code %d\n%s%s", code, out, errOut)
		}
	})
	t.Run("scopes that are missing, each with its reason", func(t *testing.T) {
		slack := workspacetest.Start(t, workspace.Config{Scopes: []string{"chat:write", "commands"}})
		_, environ := testProgram(t, loaded(t, "company"), "SLACK_APP_TOKEN=xapp-1", "SLACK_BOT_TOKEN=xoxb-1", "SLACK_API_URL="+slack.URL+"/api/")
		out, _, code := salesbot(t, environ, "doctor")
		if code != 1 || !strings.Contains(out, "im:history: to read direct messages") || strings.Contains(out, "chat:write:") {
			t.Errorf("code %d\n%s", code, out)
		}
	})
	t.Run("a token that Slack does not know, without showing it", func(t *testing.T) {
		slack := workspacetest.Start(t, workspace.Config{BotToken: "xoxb-right"})
		_, environ := testProgram(t, loaded(t, "company"), "SLACK_APP_TOKEN=xapp-1", "SLACK_BOT_TOKEN=xoxb-wrong-secret", "SLACK_API_URL="+slack.URL+"/api/")
		out, errOut, code := salesbot(t, environ, "doctor")
		if code != 1 || !strings.Contains(out, "Slack does not know the bot token") {
			t.Errorf("code %d\n%s", code, out)
		}
		if strings.Contains(out+errOut, "wrong-secret") {
			t.Error("the token is shown")
		}
	})
	t.Run("a database without tables and without data", func(t *testing.T) {
		_, environ := testProgram(t, "postgres://salesbot:hunter2@127.0.0.1:1/none?sslmode=disable")
		out, errOut, code := salesbot(t, environ, "doctor")
		if code != 1 || !strings.Contains(out, "MEND  database") || !strings.Contains(out, "MEND  tokens") {
			t.Errorf("code %d\n%s", code, out)
		}
		if strings.Contains(out+errOut, "hunter2") {
			t.Error("the password is shown")
		}
	})
}
