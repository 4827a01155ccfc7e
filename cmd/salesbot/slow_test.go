package main

import (
	"encoding/json"
	"strings"
	"testing"

	"salesbot/bot/workspace/workspacetest"
)

// A lock on the deals stands for a question that takes for ever: nothing is
// counted until it is given back.

func TestAQuestionThatTakesTooLongIsAClearAnswerInTheTerminal(t *testing.T) {
	dsn := loaded(t, "company")
	lock, err := open(t, dsn).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(`lock table opportunity in access exclusive mode`); err != nil {
		t.Fatal(err)
	}
	_, environ := testProgram(t, dsn, "SALESBOT_READ_WITHIN=200ms")
	out, errOut, _ := salesbot(t, environ, "ask", "--json", "won revenue by territory")
	var said struct {
		Status, Code, Headline string
		Query                  struct{ Metric string }
		Notes                  []string
		Choices                []struct{ Command string }
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		t.Fatalf("%v: %s%s", err, out, errOut)
	}
	if said.Status != "failed" || said.Code != "deadline" || said.Query.Metric != "won_revenue" || len(said.Choices) == 0 || len(said.Notes) != 2 {
		t.Errorf("the answer is %s", out)
	}
	if strings.Contains(out, "pq:") || strings.Contains(out, "cancel") {
		t.Errorf("a raw error is shown: %s", out)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if out, errOut, _ := salesbot(t, environ, "ask", "--json", said.Choices[0].Command); !strings.Contains(out, `"status":"answered"`) {
		t.Errorf("what was offered is not answered: %s%s", out, errOut)
	}
}

func TestAQuestionThatTakesTooLongIsAClearAnswerInSlack(t *testing.T) {
	h := startHouse(t, "company", "SALESBOT_READ_WITHIN=200ms")
	lock, err := h.db.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(`lock table opportunity in access exclusive mode`); err != nil {
		t.Fatal(err)
	}
	admin := h.person(t, demoAdmin.RealName)
	admin.Command("general", "/kpi", "won revenue by territory")
	admin.WaitFor("general", "the answer", func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "was not counted within 200ms") && strings.Contains(m.Text, "Nothing is lost")
	})
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	admin.Command("general", "/kpi", "won revenue by territory, this quarter")
	admin.WaitFor("general", "the figure", func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "Won revenue") && strings.Contains(m.Text, "$")
	})
}
