// Package ask turns the text of a question into a metric.Query, by a closed
// grammar and without a model. The same words asked at the same moment by the
// same person always give the same Query.
//
// A question passes through five steps, a file each: it is cut into tokens
// (token.go); the longest phrases that mean something become pieces
// (vocabulary.go, period.go, number.go); the words left over are looked up among the
// stored names (name.go); the pieces fill the slots of a question (grammar.go);
// and the slots become a Query, or an edit of the last one (assemble.go,
// followup.go). A word that no step consumes is never dropped: the question is
// then not understood, and the words are named.
package ask
