package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"salesbot/insights/metric"
)

func TestAdministratorsAreReadAsPeopleWriteLists(t *testing.T) {
	s, err := readSettings([]string{"SALESBOT_ADMINS=ana@example.com, max@example.com ,"})
	if err != nil || !slices.Equal(s.Admins, []string{"ana@example.com", "max@example.com"}) {
		t.Errorf("they are %q (%v)", s.Admins, err)
	}
	for _, wrong := range []string{"ana;max", "ana@example.com max@example.com", "ana@example.com;max@example.com"} {
		if _, err := readSettings([]string{"SALESBOT_ADMINS=" + wrong}); err == nil || !strings.Contains(err.Error(), "SALESBOT_ADMINS") {
			t.Errorf("%q is taken: %v", wrong, err)
		}
	}
}

func TestTheCalendarIsReadAsPeopleWriteIt(t *testing.T) {
	holidays := filepath.Join(t.TempDir(), "holidays.csv")
	if err := os.WriteFile(holidays, []byte("\ufeffday,name\n2026-01-01,New Year\n2026-12-25,\"Christmas, first day\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := readSettings([]string{"SALESBOT_CALENDAR=4-4-5", "SALESBOT_WEEK_START=Sunday", "SALESBOT_WORKING_DAYS=sun-wed, Sat", "SALESBOT_HOLIDAYS=" + holidays})
	if err != nil {
		t.Fatal(err)
	}
	co := s.Company
	if co.Calendar != metric.Weeks445 || co.WeekStart != time.Sunday || co.WorkingDays != [7]bool{true, true, true, true, false, false, true} {
		t.Errorf("it is %+v", co)
	}
	if len(co.Holidays) != 2 || co.Holidays[1].Name != "Christmas, first day" || co.IsWorkingDay(time.Date(2026, 12, 27, 0, 0, 0, 0, time.UTC)) != true ||
		co.IsWorkingDay(co.Holidays[0].Day) {
		t.Errorf("the holidays are %v", co.Holidays)
	}
	if s, err := readSettings(nil); err != nil || s.Company.Calendar != metric.Gregorian || s.Company.WorkingDays != metric.DefaultCompany().WorkingDays {
		t.Errorf("unless told otherwise it is %+v (%v)", s.Company, err)
	}
	if s, err := readSettings([]string{"SALESBOT_WORKING_DAYS=fri-mon"}); err != nil || s.Company.WorkingDays != [7]bool{true, true, false, false, false, true, true} {
		t.Errorf("from Friday to Monday is %v (%v)", s.Company.WorkingDays, err)
	}
}
