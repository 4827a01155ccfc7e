// Package blocks turns an Answer into what Slack shows: Block Kit blocks, and
// a plain text that stands alone where blocks cannot be shown.
//
// Names and notes come from a CRM that strangers can write into, so they are
// only ever put where Slack does not look for markup: rich text, plain text
// and raw table cells. The one place that Slack does parse, the fallback text,
// is escaped.
package blocks
