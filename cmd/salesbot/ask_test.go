package main

import (
	"database/sql"
	"os"
	"path/filepath"
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

// formerReport ends the line of somebody who reports to Ingrid on the anchor
// day, and names them.
func formerReport(t *testing.T, db *sql.DB) string {
	t.Helper()
	return text(t, db, `
		update reporting_line set valid = daterange(lower(valid), '`+anchor.Format(time.DateOnly)+`')
		from person p
		where p.id = reporting_line.person_id and upper_inf(known) and upper_inf(valid) and p.id = (
			select min(line.person_id) from reporting_line line join person boss on boss.id = line.manager_id
			where boss.name = 'Ingrid Solheim' and upper_inf(line.known) and upper_inf(line.valid))
		returning p.name`)
}

func TestTheDayOfRightsIsTheCompanysDay(t *testing.T) {
	dsn := loaded(t, "company")
	former := formerReport(t, open(t, dsn))
	for zone, status := range map[string]string{"UTC": "refused", "Pacific/Pago_Pago": "answered"} { // where it is the day before
		_, environ := testProgram(t, dsn, "SALESBOT_TIMEZONE="+zone)
		out, errOut, _ := salesbot(t, environ, "ask", "--json", "--as", "Ingrid Solheim", "won revenue for "+former+" this year")
		if !strings.Contains(out, `"status":"`+status+`"`) {
			t.Errorf("in %s it is not %s:\n%s%s", zone, status, out, errOut)
		}
	}
}

func TestRightsAreThoseOfTodayWhateverMomentIsAskedAbout(t *testing.T) {
	dsn := loaded(t, "company")
	former := formerReport(t, open(t, dsn))
	_, environ := testProgram(t, dsn)
	out, errOut, _ := salesbot(t, environ, "ask", "--json", "--as", "Ingrid Solheim", "--at", "2026-11-10", "won revenue for "+former+" this year")
	if !strings.Contains(out, `"status":"refused"`) {
		t.Errorf("she is told:\n%s%s", out, errOut)
	}
}

func TestAnUndatedAssignmentBeginsOnTheCompanysDay(t *testing.T) {
	dsn := loaded(t, "company")
	db := open(t, dsn)
	person := text(t, db, `select min(p.external_id || ',' || p.name) from reporting_line line
		join person p on p.id = line.person_id join person boss on boss.id = line.manager_id
		where boss.name = 'Ingrid Solheim' and upper_inf(line.known) and upper_inf(line.valid)`)
	boss := text(t, db, `select external_id from person where role = 'manager' and name <> 'Ingrid Solheim' order by id limit 1`)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "people.csv"), []byte("external_id,name,manager\n"+person+","+boss+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, environ := testProgram(t, dsn, "SALESBOT_TIMEZONE=Pacific/Pago_Pago")
	if _, errOut, code := salesbot(t, environ, "import", dir); code != 0 {
		t.Fatal(errOut)
	}
	if day := text(t, db, `select lower(valid)::text from reporting_line where upper_inf(known) order by lower(known) desc, lower(valid) desc nulls last limit 1`); day != "2026-11-19" {
		t.Errorf("it begins on %s", day)
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

func TestTwoQuestionsPrintTwoObjectsInTheirOrder(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "maven"))
	out, errOut, code := salesbot(t, environ, "ask", "--json", "--as", "Moses Frase", "my won revenue and won revenue of Anna Snelling")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 2 || !strings.Contains(lines[0], `"status":"answered"`) || !strings.Contains(lines[1], `"code":"not_allowed"`) {
		t.Errorf("it ends with %d and prints\n%s%s", code, out, errOut)
	}
	if strings.Contains(lines[0], "Anna") {
		t.Error("the first answer says something of the second")
	}
}
