package main

import (
	"slices"
	"strings"
	"testing"
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
