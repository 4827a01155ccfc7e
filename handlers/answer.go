package handlers

import (
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

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
	Status    Status
	Code      string
	Query     *metric.Query
	Headline  string
	Retracted string // what was said before and holds no more
	Figures   []Figure
	Table     *Table
	Links     []Link   // where it comes from
	Notes     []string // how it was understood, what is missing, how fresh
	Choices   []Choice // next questions
	Receipt   string

	// Form is what the asker is asked to fill in.
	Form *Form
	// Notices are what others are told because of this.
	Notices []Notice
	// Quiet leaves the answer unsaid where it was asked: the Form or the Notices
	// show it.
	Quiet bool

	// Also are the answers to the further questions of the same Request. Each is
	// said by itself, after this one; none of them has an Also, a Form or Notices.
	Also []Answer
}

// Each lists the answers to the questions of one Request, in their order.
func (a Answer) Each() []Answer {
	all := append([]Answer{a}, a.Also...)
	all[0].Also = nil
	return all
}

// Link is a source to look up.
type Link struct {
	Label string
	URL   string // https
}

// Notice is something that is said to somebody who did not ask. Key is unique
// to it: what has that key is said once.
type Notice struct {
	Key     string
	To      insights.Target
	Due     time.Time // when it is to be said; zero: now
	Expires time.Time // when it is of no more use; zero: never
	Answer  Answer
	File    *Attachment // sent along; nil: none
}

// Attachment is a file that is sent to somebody.
type Attachment struct {
	Name    string
	Content []byte
	Instead Answer // what they are told if it cannot be sent
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
	Kept    bool   // of all rows only those whose value was asked for: by steps of time it has gaps
	Short   *Table // the same in fewer columns, for where a wide one reads badly; nil: it reads well
}

// Readable is what people read of a table.
func (t *Table) Readable() *Table {
	if t == nil || t.Short == nil {
		return t
	}
	return t.Short
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
