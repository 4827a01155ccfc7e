// Package workspace is a Slack workspace for one machine.
//
// A bot connects to it as it connects to Slack: the Web API under /api/, Socket
// Mode, response URLs and file uploads, with Slack's own answers, errors and
// limits. People and tests act in it through a small JSON interface under
// /sim/, which docs/workspace.md describes, and the page at / uses the same
// interface. Everything lives in memory.
//
// The package knows nothing of the bot and uses no Slack library, so that it
// cannot share a misunderstanding with the code it is there to test.
//
// What it leaves out on purpose: user tokens, several apps, group direct
// messages, scheduled messages, streaming, and rate limits that are not asked
// for (a fault brings a 429 whenever a test wants one).
package workspace
