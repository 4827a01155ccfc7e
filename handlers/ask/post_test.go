package ask

import "testing"

func TestAnswersToBeShownToOthers(t *testing.T) {
	for text, want := range map[string]Post{
		"share this": {}, "Share it!": {}, "post this": {}, "can you share that please": {}, "share the numbers": {}, "pls share this answer": {}, "share": {},
		"share this here": {Here: true}, "post it here pls": {Here: true}, "post that in here": {Here: true}, "share with the channel": {Here: true},
		"share this with the channel": {Here: true}, "share it in this thread": {Here: true}, "share the result in this channel": {Here: true}, "show it here": {Here: true},
		"share this in #emea-sales": {Channel: "emea-sales"}, "post this to #emea-sales please": {Channel: "emea-sales"}, "share with #emea_sales": {Channel: "emea_sales"},
		"could you post the table in the #q4.deals channel?": {Channel: "q4.deals"}, "send this to #C012AB3": {Channel: "C012AB3"}, "forward it to #vertrieb-süd": {Channel: "vertrieb-süd"},
		"tell the team": {}, "tell everyone about this": {}, "share this with my team": {}, "share this with everybody": {}, "tell #emea-sales": {Channel: "emea-sales"},
	} {
		if got, ok := ReadPost(text); !ok || got != want {
			t.Errorf("%q is read as %+v, %t", text, got, ok)
		}
	}
	for _, text := range []string{
		"share of pipeline", "what share of revenue is mine", "share this quarter", "share this with priya", "share this in #a and #b", "share this in #emea-sales every monday",
		"share won revenue this quarter", "don't share this", "did you share this", "share this as csv", "send this", "show it", "tell me", "send it to me", "post an insight", "share this tomorrow",
		"share this unless it is private", "shared deals", "",
	} {
		if got, ok := ReadPost(text); ok {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
