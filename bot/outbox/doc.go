// Package outbox says things in Slack: at Slack's pace, never twice without
// knowing it, and with the row in the ledger as the only truth.
//
// A delivery comes here claimed, so nobody else is sending it. What Slack does
// with one attempt is an outcome (outcome.go); what follows from it is decided
// by a pure function (decide.go); the rest is getting the words out (post.go)
// and finding out afterwards whether they got there (history.go).
package outbox
