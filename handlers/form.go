package handlers

import (
	"context"
	"maps"
	"slices"
)

// Form is what a person is asked to fill in. What they fill in comes back as a
// Request from FromForm.
type Form struct {
	ID      string // says who takes what is filled in
	Context string // what it is about: ids only, since it goes through the person's hands
	Title   string
	Submit  string
	Fields  []Field
	Again   Choice // how to ask for it again, should it not open
}

// Field is one thing to fill in.
type Field struct {
	ID        string
	Label     string
	Hint      string
	Kind      FieldKind
	Options   []Option // of One and Some
	Initial   []string // text, day (2026-11-22) or option values
	Optional  bool
	MaxLength int // of Line and Lines; 0: as much as the place takes
}

// FieldKind is what a Field takes.
type FieldKind string

// The kinds of fields.
const (
	Line  FieldKind = "line"  // one line of text
	Lines FieldKind = "lines" // several lines of text
	One   FieldKind = "one"   // one of the options
	Some  FieldKind = "some"  // any of the options
	Date  FieldKind = "date"
)

// Option can be chosen: Value is what comes back, Label what people read.
type Option struct {
	Value string
	Label string
}

// Submission is a Form, filled in. Who fills it in could have written anything
// into it, so it is checked like any other text.
type Submission struct {
	ID      string
	Context string
	Values  map[string][]string // by field; empty ones may be missing
}

// first is the value of a field that has one at most.
func (s Submission) first(field string) string {
	if values := s.Values[field]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Faults say what is wrong with a Submission, by field.
type Faults map[string]string

// form is what is done about a Form that was filled in. check may be nil.
type form struct {
	check func(d *Desk, ctx context.Context, who asker, r Request) (Faults, error)
	run   func(d *Desk, ctx context.Context, who asker, r Request) (reply, error)
}

// forms lists what can be filled in.
func forms() map[string]form {
	return map[string]form{
		insightForm: {check: (*Desk).checkInsight, run: (*Desk).submitInsight},
		retireForm:  {run: (*Desk).submitRetirement},
		wrongForm:   {run: (*Desk).submitWrong},
	}
}

// Check says what is wrong with a filled-in form, so that its door can show it
// in the form itself. It finds nothing where the person may not submit the form
// or the check cannot be made: Handle says so.
func (d *Desk) Check(ctx context.Context, r Request) Faults {
	found, known := forms()[r.Form.ID]
	if !known || found.check == nil {
		return nil
	}
	who, out, err := d.admit(ctx, r)
	if err != nil || out.Status != "" {
		return nil
	}
	faults, err := found.check(d, ctx, who, r)
	if err != nil {
		return nil
	}
	return faults
}

// submitted handles a form that was filled in. It is checked again: between
// the check and now, or without it, anything may have happened.
func (d *Desk) submitted(ctx context.Context, who asker, r Request) (reply, error) {
	found, known := forms()[r.Form.ID]
	if !known {
		return reply{Answer: Answer{Status: NotUnderstood, Headline: "I do not know this form any more.", Choices: helpChoices(who)}}, nil
	}
	if found.check == nil {
		return found.run(d, ctx, who, r)
	}
	faults, err := found.check(d, ctx, who, r)
	if err != nil {
		return reply{}, err
	}
	if len(faults) > 0 {
		return reply{Answer: Answer{
			Status: NotUnderstood, Headline: "Nothing was done, because something in the form is not right.", Notes: faults.sorted(),
		}}, nil
	}
	return found.run(d, ctx, who, r)
}

func (f Faults) sorted() []string {
	lines := make([]string, 0, len(f))
	for _, field := range slices.Sorted(maps.Keys(f)) {
		lines = append(lines, f[field])
	}
	return lines
}
