// Package handlers turns a Request into an Answer: one list of commands, one
// file a feature. It knows neither Slack nor SQL.
package handlers
