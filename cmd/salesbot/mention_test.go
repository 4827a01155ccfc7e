package main

import "testing"

// People who are mentioned are known by their e-mail address, as those who ask
// are, whatever Slack calls them; what may be seen of them stays what it is.
func TestSomebodyMentionedIsKnownByTheirEMailAddress(t *testing.T) {
	h := startHouse(t, "company")
	if _, err := open(t, h.settings.DatabaseURL).ExecContext(t.Context(), `update person set name = 'Thaddeus Quill' where name = 'Tom Farouk'`); err != nil {
		t.Fatal(err)
	}
	var tom string
	for _, u := range h.users {
		if u.RealName == "Tom Farouk" {
			tom = "<@" + u.ID + ">"
		}
	}
	admin := h.person(t, demoAdmin.RealName)
	admin.Say("dm", "won revenue of "+tom+" this year")
	admin.WaitForText("dm", "person Thaddeus Quill")
	priya := h.person(t, "Priya Farouk")
	priya.Say("dm", "won revenue of "+tom+" this year")
	priya.WaitForText("dm", "You may not see the figures of Thaddeus Quill")
}
