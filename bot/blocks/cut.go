package blocks

import (
	"strconv"
	"strings"
	"unicode"
)

const ellipsis = "…"

// length counts as Slack's clients do, in UTF-16 units.
func length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// clean returns s as valid UTF-8 without blank ends.
func clean(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
}

// orElse returns s cleaned, or other when nothing is left of it.
func orElse(s, other string) string {
	if s = clean(s); s == "" {
		return other
	}
	return s
}

// andMore says how much was left out.
func andMore(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return ellipsis + "and " + strconv.Itoa(n) + " more " + noun
}

// cut shortens s to the limit at the end of a word. What is left never ends in
// a number, because the half of a number, or one without its unit, would mean
// something else.
func cut(s string, limit int) string {
	if length(s) <= limit {
		return s
	}
	kept := head(s, limit-1)
	if space := strings.LastIndexFunc(kept, unicode.IsSpace); space >= 0 {
		kept = kept[:space]
	}
	return dropNumbers(kept) + ellipsis
}

// head returns the longest beginning of s within the limit.
func head(s string, limit int) string {
	used := 0
	for i, r := range s {
		used += length(string(r))
		if used > limit {
			return s[:i]
		}
	}
	return s
}

// dropNumbers takes away words with digits, and signs such as "$" and "%",
// from the end of s.
func dropNumbers(s string) string {
	for {
		s = strings.TrimRightFunc(s, unicode.IsSpace)
		word := s[strings.LastIndexFunc(s, unicode.IsSpace)+1:]
		if word == "" || strings.ContainsFunc(word, unicode.IsLetter) && !strings.ContainsFunc(word, unicode.IsDigit) {
			return s
		}
		s = s[:len(s)-len(word)]
	}
}

// wholeLines keeps as many whole lines of text as fit, and counts the others.
func wholeLines(text string, limit int) string {
	if length(text) <= limit {
		return text
	}
	if kept, ok := fill(strings.Split(text, "\n"), limit); ok {
		return kept
	}
	return cut(text, limit)
}

// fill joins lines from the first on until the next would not fit, and counts
// those left out. It reports false when not even the first one fits.
func fill(lines []string, limit int) (string, bool) {
	used := length(andMore(len(lines), "line"))
	n := 0
	for n < len(lines) && used+length(lines[n])+1 <= limit {
		used += length(lines[n]) + 1
		n++
	}
	if n == 0 {
		return "", false
	}
	return strings.Join(lines[:n], "\n") + "\n" + andMore(len(lines)-n, "line"), true
}
