// Package ask turns the text of a question into a metric.Query, by a closed
// grammar and without a model. The same words asked at the same moment by the
// same person always give the same Query.
//
// A question passes through five steps. It is cut into tokens (token.go). The
// longest phrases that mean something become pieces (piece.go, vocabulary.go,
// and for periods period.go, named.go and calendar.go). What is left is looked
// up among the stored names, in one call (name.go). The pieces fill the slots
// of a question (grammar.go, breakdown.go, filter.go, amount.go, compare.go,
// resolve.go). The slots become a Query or an edit of the last one
// (assemble.go, followup.go), which say.go can write as a question again.
//
// A word that no step consumes is never dropped: the question is then not
// understood, the words are named, and suggest.go offers what would be. What
// could mean several things is asked back (sentence.go).
package ask
