package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salesbot/handlers"
	"salesbot/insights/metric"
)

type askOptions struct {
	as     string
	at     string
	thread string
	asJSON bool
	asCSV  bool
	demo   bool
}

func (p program) askCommand() *cobra.Command {
	var opt askOptions
	c := &cobra.Command{
		Use:   `ask [flags] "question" ["another question" …]`,
		Short: "Ask a question from the terminal, as in Slack",
		Long: "Ask goes through the same door as Slack. Each argument is a question when any of them holds several words;\n" +
			"otherwise the words together are one. Without arguments, or with -, each line of standard input is one.",
		Example: "  salesbot ask \"won revenue by territory this year\"\n  salesbot ask --as priya.adeyemi@tidewater.example --json \"my win rate\"",
		RunE: func(c *cobra.Command, args []string) error {
			texts, err := questions(args, p.In)
			if err != nil {
				return err
			}
			return p.ask(c.Context(), opt, texts)
		},
	}
	c.Flags().StringVar(&opt.as, "as", "", "ask as this person: an e-mail, external id or exact name (default: the local administrator)")
	c.Flags().StringVar(&opt.at, "at", "", "ask as if it were this moment: RFC 3339, or a day")
	c.Flags().StringVar(&opt.thread, "thread", "", "keep the conversation under this name, so that follow-ups are understood")
	c.Flags().BoolVar(&opt.asJSON, "json", false, "print one JSON object per answer, of which a question may have several")
	c.Flags().BoolVar(&opt.asCSV, "csv", false, "print the whole table, or the figures, as CSV; what is said of it goes to standard error")
	c.MarkFlagsMutuallyExclusive("json", "csv")
	c.Flags().BoolVar(&opt.demo, "demo", false, "ask the demo's made-up company")
	return c
}

// proveCommand counts the figure of a receipt again, through the same door.
func (p program) proveCommand() *cobra.Command {
	var opt askOptions
	c := &cobra.Command{
		Use:   "prove RECEIPT",
		Short: "Count a figure again, from the facts as they were known when it was said",
		Long: "Each answer ends with the id of its receipt. Prove counts its figure again from the facts as they were known then,\n" +
			"whatever has been loaded since, and says how it differs by what is known today.",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("prove which receipt? Its id stands below the answer")}
			}
			return p.ask(c.Context(), opt, []string{"/salesbot prove " + args[0]})
		},
	}
	c.Flags().StringVar(&opt.as, "as", "", "prove as this person: an e-mail, external id or exact name (default: the local administrator)")
	c.Flags().BoolVar(&opt.asJSON, "json", false, "print one JSON object")
	c.Flags().BoolVar(&opt.demo, "demo", false, "prove a figure of the demo's made-up company")
	return c
}

// questions tells apart one question typed without quotes and several.
func questions(args []string, in io.Reader) ([]string, error) {
	if len(args) == 0 || len(args) == 1 && args[0] == "-" {
		return lines(in)
	}
	if slices.ContainsFunc(args, func(a string) bool { return strings.ContainsAny(a, " \t") }) {
		return args, nil
	}
	return []string{strings.Join(args, " ")}, nil
}

// longestLine is how many bytes of standard input one question can be.
const longestLine = 1 << 20

func lines(in io.Reader) ([]string, error) {
	var out []string
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, longestLine)
	for scanner.Scan() {
		if text := strings.TrimSpace(scanner.Text()); text != "" {
			out = append(out, text)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("reading the questions: %w; nothing was asked", err)
	}
	return out, nil
}

func (p program) ask(ctx context.Context, opt askOptions, texts []string) error {
	if len(texts) == 0 {
		return usageError{errors.New(`ask what? For example: salesbot ask "won revenue by territory"`)}
	}
	if opt.asCSV && len(texts) > 1 {
		return usageError{errors.New("--csv takes one question: each has a table of its own")}
	}
	s, err := readSettings(p.Environ)
	if err != nil {
		return err
	}
	at, err := moment(opt.at, s.Company, p.Now())
	if err != nil {
		return usageError{err}
	}
	open := p.openDatabase
	if opt.demo {
		open = p.openDemo
	}
	db, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	actor, err := actorFor(ctx, db, opt.as, p.Now().In(s.Company.Zone)) // rights are those of today, whatever is asked about
	if err != nil {
		return err
	}
	desk, err := p.deskInForce(ctx, s, db)
	if err != nil {
		return err
	}
	failed := false
	for _, text := range texts {
		request := handlers.Request{Origin: handlers.FromTerminal, Actor: actor, Place: handlers.Place{ID: "terminal", Direct: true}, Text: text, At: at, Whole: opt.asCSV}
		if opt.thread != "" {
			request.Thread = "terminal:" + opt.thread
		}
		answer, turn := desk.Handle(ctx, request)
		if _, _, err := db.Record(ctx, turn, at, 0); err != nil {
			return err
		}
		for _, one := range answer.Each() {
			if err := p.print(one, opt); err != nil {
				return err
			}
			failed = failed || one.Status == handlers.Failed || opt.asCSV && one.Status != handlers.Answered
		}
	}
	if failed {
		return quietError{errors.New("a question failed")}
	}
	return nil
}

func (p program) print(a handlers.Answer, opt askOptions) error {
	switch {
	case opt.asCSV:
		return p.printCSV(a)
	case !opt.asJSON:
		_, err := fmt.Fprintln(p.Out, handlers.Text(a))
		return err
	}
	encoder := json.NewEncoder(p.Out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(a)
}

// printCSV keeps standard output for the rows: what else an answer says goes to
// standard error, and so does what is no answer.
func (p program) printCSV(a handlers.Answer) error {
	if a.Status == handlers.Answered {
		if err := handlers.CSV(p.Out, a); err != nil {
			return err
		}
		a.Table, a.Choices = nil, nil
	}
	_, err := fmt.Fprintln(p.Err, handlers.Text(a))
	return err
}

// moment reads --at; a day is its first instant in the company's zone.
func moment(text string, co metric.Company, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return metric.Midnight(t.Year(), t.Month(), t.Day(), co.Zone), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, co.Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--at %q is neither an RFC 3339 time (2026-11-22T09:00:00Z) nor a day (2026-11-22)", text)
}

// actorFor finds who asks. The local administrator needs no account: whoever
// can run the program on this data can read the data.
func actorFor(ctx context.Context, db *database, who string, on time.Time) (handlers.Actor, error) {
	if who == "" {
		return handlers.Actor{ID: "local", Name: "the local administrator", Local: true}, nil
	}
	viewer, person, err := db.PersonBy(ctx, who, on)
	if err != nil {
		return handlers.Actor{}, err
	}
	actor := handlers.Actor{ID: fmt.Sprintf("person:%d", person.ID), Name: person.Name, Email: person.Email}
	if person.Active { // others are unknown, as they are in Slack
		actor.Matched = &handlers.Matched{Viewer: viewer, Person: person}
	}
	return actor, nil
}
