package ask

import (
	"strings"
	"testing"
)

// TestTokens shows how questions are cut: what is left out cannot change a
// meaning, and what could is a token.
func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"What's our win-rate?":              "whats our win rate",
		"“win rate” for ‘Central’ 🚀 :tada:": "win rate for central",
		"*won_revenue*, (Q3'17)…":           "won revenue q3 17",
		"over $10,000.50 and 50k":           "over $10,000.50 and 50k",
		"2017-03-01..2017-06-30":            "2017-03-01 2017-06-30",
		"25/12/2016 1.3.2017 3/4":           "25/12/2016 1.3.2017 3/4",
		"AT&T & O'Brien":                    "at&t & obrien",
		"-central":                          "- central",
		"jan - mar":                         "jan mar",
		"!central != east!":                 "! central != east",
		"win % >= 50%":                      "win % >= 50 %",
		"<@U123|newguy> #emea":              "<@u123|newguy> # emea",
		"":                                  "",
		"\xff\xfe":                          "",
	} {
		if got := words(tokenise(clean(text))); got != want {
			t.Errorf("%q is cut into %q, want %q", text, got, want)
		}
	}
}

// TestTokensStand checks that every token is found where it says it stands.
func TestTokensStand(t *testing.T) {
	for _, text := range corpusTexts(t) {
		text = clean(text)
		for _, token := range tokenise(text) {
			if got := text[token.start:token.end]; got != token.text {
				t.Errorf("%q: %q stands where %q should", text, got, token.text)
			}
		}
	}
}

// TestTooLong checks that what is too long for a question is said to be so.
func TestTooLong(t *testing.T) {
	p := testParser()
	for _, text := range []string{strings.Repeat("x", maxText+1), strings.Repeat("win ", maxTokens+1)} {
		r := parse(t, p, Asked{Text: text, Viewer: dustin})
		if len(r.Unknown) != 1 || len(r.Choices) != 2 {
			t.Errorf("%.20q…: %+v", text, r)
		}
	}
}

// TestResembles checks what is taken for a misspelt name: a word of another
// length of which few letters are known is not.
func TestResembles(t *testing.T) {
	for _, c := range []struct {
		phrase, name string
		want         bool
	}{
		{"foo", "food", false}, {"indus", "Industries", false}, {"industrial", "Industries", false},
		{"industrial", "Industrials", true}, {"gloabex", "Globex", true}, {"gtx", "GTX Pro", true}, {"gtxs", "GTX Pro", false},
		{"kenyan", "Kenya", false}, {"technology", "technologies", true}, {"gtxpro", "GTX Pro", true}, {"tech", "technology", false},
	} {
		if got := resembles(c.phrase, c.name); got != c.want {
			t.Errorf("resembles(%q, %q) = %v", c.phrase, c.name, got)
		}
	}
}
