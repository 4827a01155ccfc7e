package ask

import "testing"

// TestAsides checks that orders are told from questions that were merely not
// understood, whatever words the two share.
func TestAsides(t *testing.T) {
	for text, want := range map[string]string{
		"pls move the close date of Acme to jan 15": whyReadOnly, "can u mark acme as won": whyReadOnly, "close acme as lost": whyReadOnly,
		"reassign toms accounts": whyDrawing, "split emea in three": whyDrawing, "give acme to anna": whyDrawing,
		"define a new metric": whySettings, "change win rate to exclude renewals": whySettings, "edit my quota": whySettings,
		"whats my commission on acme": whyPay, "remind me to call acme": whyOffice, "draft an email to acme": whyOffice,
		"is anna lazy": whyJudging, "did the new checklist help": whyEffect, "share this": whySharing,
		"give me revenue by wibble": "", "change in pipeline by wibble": "", "close rate of wibble": "", "split revenue by wibble": "",
		"pushes by wibble": "", "moved deals wibble": "", "call rate by wibble": "", "make it wibble": "",
	} {
		a, _ := ReadAside(text)
		if a.Why != want {
			t.Errorf("%q: %q, want %q", text, a.Why, want)
		}
	}
	for text, want := range map[string]string{
		"any insights for mining": "/insight list", "how fresh is the data": "/salesbot status", "when was the data last refreshed": "/salesbot status",
		"how do i use this": "help", "what do you send me": "my digests", "won revenue of insight partners": "",
	} {
		if a, _ := ReadAside(text); a.Command != want {
			t.Errorf("%q: %q, want %q", text, a.Command, want)
		}
	}
}
