package main

import (
	"strings"
	"testing"
	"time"

	"salesbot/insights/metric"
)

func TestEveryLineOfInputIsAQuestionHoweverLong(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	texts, err := questions(nil, strings.NewReader("won revenue\n"+long+"\n\nwin rate\n"))
	if err != nil || len(texts) != 3 || texts[1] != long || texts[2] != "win rate" {
		t.Errorf("%d questions (%v)", len(texts), err)
	}
	if _, err := questions(nil, strings.NewReader("won revenue\n"+strings.Repeat("x", longestLine+1)+"\nwin rate\n")); err == nil {
		t.Error("the questions from a line that is too long on are left out in silence")
	}
}

func TestADayBeginsWhereItsClocksDo(t *testing.T) {
	zone, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	co := metric.DefaultCompany()
	co.Zone = zone
	at, err := moment("2026-04-24", co, clock())
	if want := "2026-04-24T01:00:00+03:00"; err != nil || at.Format(time.RFC3339) != want {
		t.Errorf("--at means %s (%v), want %s", at.Format(time.RFC3339), err, want)
	}
}

func TestWhoIsNotActiveSeesNothingAtTheTerminalEither(t *testing.T) {
	dsn := loaded(t, "maven")
	_, environ := testProgram(t, dsn)
	if _, err := open(t, dsn).ExecContext(t.Context(), `update person set active = false where name = 'Moses Frase'`); err != nil {
		t.Fatal(err)
	}
	out, errOut, _ := salesbot(t, environ, "ask", "--json", "--as", "Moses Frase", "my won revenue")
	if !strings.Contains(out, `"status":"refused"`) {
		t.Errorf("they are told:\n%s%s", out, errOut)
	}
}
