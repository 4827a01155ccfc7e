package handlers

import "salesbot/insights/metric"

// Status is how a Request ended.
type Status string

// The statuses of the JSON contract.
const (
	Answered      Status = "answered"
	AskedBack     Status = "asked_back"
	Refused       Status = "refused"
	NotUnderstood Status = "not_understood"
	Failed        Status = "failed"
)

// Answer says what is true. How it looks is decided elsewhere: a field that
// makes no sense read aloud over the phone does not belong here.
type Answer struct {
	Status   Status
	Code     string
	Query    *metric.Query
	Headline string
	Figures  []Figure
	Table    *Table
	Notes    []string // how it was understood, what is missing, how fresh
	Choices  []Choice // next questions
	Receipt  string
}

// Figure is one number with its name.
type Figure struct {
	Label string
	metric.Figure
}

// Table is a breakdown. Total counts the rows there are, Rows holds those
// that were asked for.
type Table struct {
	Title   string
	Columns []Column
	Rows    [][]metric.Cell
	Total   int
}

// Column heads one column of a Table: Label is what people read.
type Column struct {
	metric.Column
	Label string
}

// Choice is a next question: what a person reads, and what is asked for them.
type Choice struct {
	Label   string
	Command string
}
