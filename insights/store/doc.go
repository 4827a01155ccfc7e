// Package store keeps everything in Postgres: the facts and their history, the
// people, what Slack sent, what is said to it, and the jobs that look after
// both. It is told the time; only the job queue inside has a clock of its own.
//
// A public method opens the transaction, a private function takes it.
package store
