package ask

import (
	"slices"
	"testing"
)

// TestAsides checks that orders are told from questions that were merely not
// understood, whatever words the two share.
func TestAsides(t *testing.T) {
	for text, want := range map[string]string{
		"pls move the close date of Acme to jan 15": whyReadOnly, "can u mark acme as won": whyReadOnly, "close acme as lost": whyReadOnly,
		"reassign toms accounts": whyDrawing, "split emea in three": whyDrawing, "give acme to anna": whyDrawing,
		"define a new metric": whySettings, "change win rate to exclude renewals": whySettings, "edit my quota": whyQuotas, "set the target for emea to 2m": whyQuotas, "give anna a quota of 200k": whyQuotas, "discount by wibble": whyDiscounts, "whats our cac": whyNoData, "who hasnt closed anything this quarter": whyNobody, "and the discounts?": whyDiscounts,
		"activity this month": "", "deals in legal over 50k": "",
		"territories with no pipeline": "", "whats my commission on acme": whyPay, "remind me to call acme": whyOffice, "draft an email to acme": whyOffice,
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
		"what will we close this quarter": "weighted pipeline closing this quarter", "forecast vs target": "pace", "who on my team is behind": "pace by rep, lowest first",
		"are we growing": "recurring revenue trend", "what should i work on today": "list my overdue deals", "when does globex close": "list open deals at globex",
		"am i top 5": "my won revenue this quarter", "is globex a customer": "list won deals at globex", "how many customers do we have": "accounts ever won", "number of paying customers": "paying accounts at the start, this month", "customer count": "accounts ever won", "how many clients are there": "accounts ever won", "how many customers churned": "", "numbers for the board": "open pipeline", "pipeline vs quota this quarter": "coverage of quota this quarter",
		"new vs renewal revenue": "won revenue by deal type", "is wibble a thing": "",
	} {
		a, _ := ReadAside(text)
		if offers := slices.ContainsFunc(a.Choices, func(c Choice) bool { return c.Command == want }); offers != (want != "") {
			t.Errorf("%q offers %v, want %q", text, a.Choices, want)
		}
	}
	for text, want := range map[string]string{
		"any insights for mining": "/insight list", "how fresh is the data": "/salesbot status", "when was the data last refreshed": "/salesbot status",
		"how do i use this": "help", "who is my manager": "who am i", "whos my line manager": "who am i", "who do i report to": "who am i", "what do you send me": "my digests", "won revenue of insight partners": "",
		"this insight is wrong": "/insight mark wrong", "that insight about procurement was wrong btw": "/insight mark wrong", "the pricing insight is outdated": "/insight mark wrong",
		"that insight isnt true": "/insight mark wrong", "thanks the insight helped": "/insight mark useful", "i used that insight": "/insight mark used", "your insight on pricing was not helpful": "/insight list",
		"correct the insight about pricing": "/insight list",
	} {
		if a, _ := ReadAside(text); a.Command != want {
			t.Errorf("%q: %q, want %q", text, a.Command, want)
		}
	}
}
