package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"salesbot/insights"
)

// content is what the values of a field are, which decides how they are cleaned
// before they are read.
type content byte

const (
	contentName      content = iota // a name or a word of a list
	contentText                     // prose
	contentKey                      // the key of the record
	contentReference                // the key of another record, or what it is looked up by
	contentDay                      // a day or moment
	contentAmount                   // of money
	contentNumber                   // any other decimal
	contentChanged                  // as the field that changed
)

// content tells what the values of a field are.
func (k *kind) content(name string) content {
	switch name {
	case "since", "from", "until", "on", "at", "first_day", "last_day":
		return contentDay
	case "amount":
		return contentAmount
	case "quantity", "rate":
		return contentNumber
	case "key":
		return contentKey
	case "opportunity":
		return contentReference
	case "next_step", "loss_reason":
		return contentText
	case "old", "new":
		return contentChanged
	}
	switch {
	case strings.HasSuffix(name, "_on"), strings.HasSuffix(name, "_at"):
		return contentDay
	case k.refers[name] != "":
		return contentReference
	}
	return contentName
}

// contentOf tells what the value of a field is in this row.
func (c *cursor) contentOf(f *boundField) content {
	if f.content != contentChanged {
		return f.content
	}
	switch insights.ChangeField(strings.ToLower(c.text("field"))) {
	case insights.ChangeAmount:
		return contentAmount
	case insights.ChangeCloseOn:
		return contentDay
	case insights.ChangeOwner, insights.ChangeAccount:
		return contentReference
	default:
		return contentText
	}
}

// Names longer than this cannot be names, and text longer than this was not
// meant as text: quotes are missing, or the row is shifted.
const (
	nameLetters = 500
	textLetters = 10_000
)

// tooLong says why a value is longer than its field can be; empty: it is not.
func tooLong(text string, of content) string {
	letters, reason := nameLetters, reasonLongName
	if of == contentText {
		letters, reason = textLetters, reasonLongText
	}
	if len(text) <= letters || utf8.RuneCountInString(text) <= letters {
		return ""
	}
	return fmt.Sprintf(reason, letters)
}

// clean brings a value into the form in which it is read: blank if it says that
// nobody knows, and ids in the one way they are written here.
func (c *cursor) clean(f *boundField, text, column string) string {
	if text == "" {
		return ""
	}
	of := c.contentOf(f)
	if c.format.saysUnknown(text, of) {
		if c.evidence != nil {
			c.evidence.unknown(column, c.place.Line)
		}
		return ""
	}
	if reason := tooLong(text, of); reason != "" {
		c.refuse(column, text, reason)
		return ""
	}
	if !c.format.salesforceIDs || of != contentKey && of != contentReference {
		return text
	}
	id, reason := salesforceID(text)
	if reason != "" {
		c.refuse(column, text, reason)
	}
	return id
}

// unknownWords are how people and programs say that a date, an amount or a
// reference is not known, in lower case. Names are not compared with them: there
// are people called None.
var unknownWords = []string{
	"tbd", "tba", "n/a", "na", "#n/a", "none", "null", "nil", "-", "--", "–", "—", "?", "unknown", `\n`,
	"000000000000000aaa", "000000000000000",
}

// mayBeUnknown rules out most dates, amounts and ids at a glance.
func mayBeUnknown(text string) bool {
	if text[0] >= '0' && text[0] <= '9' {
		return text[0] == '0' && (len(text) == shortID || len(text) == longID)
	}
	return len(text) <= len("unknown")
}

// saysUnknown reports whether a value means that nobody knows.
func (f format) saysUnknown(text string, of content) bool {
	same := func(word string) bool { return strings.EqualFold(word, text) }
	if slices.ContainsFunc(f.blanks, same) {
		return true
	}
	return f.auto() && of.measured() && mayBeUnknown(text) && slices.ContainsFunc(unknownWords, same)
}

// measured reports whether no value of the content is a word.
func (of content) measured() bool {
	return of == contentReference || of == contentDay || of == contentAmount || of == contentNumber
}
