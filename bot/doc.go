// Package bot is Salesbot's ear and mouth in Slack.
//
// What Slack sends comes in over Socket Mode (socket.go), is kept in the inbox
// and acknowledged (receive.go), and is then worked on, one thing at a time in
// each conversation (converse.go, queue.go). What is to be said goes through
// the ledger of deliveries (package outbox), laid out by package blocks.
//
// docs/deliveries.md follows one question through all of it, and says what
// happens when something fails on the way.
package bot
