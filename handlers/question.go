package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// question answers text through the one parser. The hint is the slash command
// it came by, which fills in what the text leaves open.
func (d *Desk) question(ctx context.Context, who asker, r Request, hint string) (reply, error) {
	if text, ok := readAsCSV(r.Text); ok {
		r.Text = text
		return d.asFile(ctx, who, r, hint)
	}
	readings, err := d.readEach(ctx, who, r, hint)
	if err != nil {
		return reply{}, err
	}
	if len(readings) > 1 {
		return d.several(ctx, who, r, readings), nil
	}
	reading := readings[0]
	if aside, ok := ask.ReadAside(r.Text); ok && len(reading.Unknown) > 0 && hint == "" {
		return d.aside(ctx, who, r, aside, reading)
	}
	reading, use, err := d.widen(ctx, who, r, reading)
	if err != nil {
		return reply{modelUse: use}, err
	}
	out, err := d.answer(ctx, who, r, reading)
	out.modelUse = use
	return out, err
}

// several answers the questions of one Request, each as if it had been asked
// alone: what stands in the way of one answer does not hide the others.
func (d *Desk) several(ctx context.Context, who asker, r Request, readings []ask.Reading) reply {
	var all []reply
	for _, reading := range readings {
		out, err := d.answer(ctx, who, r, reading)
		if err != nil {
			out = reply{Answer: d.inWords(err)}
		}
		all = append(all, out)
	}
	all[0].also = all[1:]
	return all[0]
}

// answer answers a question that has been read.
func (d *Desk) answer(ctx context.Context, who asker, r Request, reading ask.Reading) (reply, error) {
	if reading.List {
		return d.list(who), nil
	}
	if reading.Query == nil {
		if err := d.allRefused(ctx, who, r, reading); err != nil {
			return reply{}, err
		}
		return askBack(reading), nil
	}
	if reading.Query.Shape == metric.ShapeDefinition {
		return d.definition(*reading.Query)
	}
	query := *reading.Query
	if which, several := d.dealsOfWhich(query); several {
		return which, nil
	}
	if r.Whole && query.Shape == metric.ShapeDeals && query.Limit == 0 {
		query.Limit = metric.MostDealsListed
	}
	return d.figure(ctx, who, r, query, reading)
}

// allRefused refuses a question that could mean several people if the asker may
// see what is asked of none of them: to ask which would lead nowhere.
func (d *Desk) allRefused(ctx context.Context, who asker, r Request, reading ask.Reading) error {
	if reading.Ask == "" {
		return nil
	}
	var first *metric.Refusal
	for _, c := range reading.Choices {
		meant, err := d.parser.Parse(ctx, ask.Asked{Text: c.Command, At: r.At, Viewer: who.viewer})
		if err != nil {
			return err
		}
		var refused *metric.Refusal
		ofSomebody := func(f metric.Filter) bool { return f.Field == "person" }
		if meant.Query == nil || !slices.ContainsFunc(meant.Query.Where, ofSomebody) {
			return nil
		}
		if _, _, err := d.compile(ctx, who, r, *meant.Query); !errors.As(err, &refused) || refused.Code != metric.CodeNotAllowed {
			return nil
		}
		if first == nil {
			first = refused
		}
	}
	if first == nil {
		return nil
	}
	return &metric.Refusal{Code: metric.CodeNotAllowed, Message: "Whatever of it you mean, you may not see it.", Hint: first.Hint, Instead: first.Instead}
}

func (d *Desk) read(ctx context.Context, who asker, r Request, hint string) (ask.Reading, error) {
	last, err := d.lastQuery(ctx, r)
	if err != nil {
		return ask.Reading{}, err
	}
	return d.parser.Parse(ctx, ask.Asked{Text: r.Text, At: r.At, Viewer: who.viewer, Last: last, Hint: hint})
}

// readEach reads a text that may hold several questions. A file is of one.
func (d *Desk) readEach(ctx context.Context, who asker, r Request, hint string) ([]ask.Reading, error) {
	if r.Whole {
		one, err := d.read(ctx, who, r, hint)
		return []ask.Reading{one}, err
	}
	last, err := d.lastQuery(ctx, r)
	if err != nil {
		return nil, err
	}
	return d.parser.ParseEach(ctx, ask.Asked{Text: r.Text, At: r.At, Viewer: who.viewer, Last: last, Hint: hint})
}

// Say writes a Query as a question that is read as that Query.
func (d *Desk) Say(q metric.Query) string { return d.parser.Say(q) }

// lastQuery is what a follow-up would edit: the last question of the thread,
// which may be the one it was opened on, or where the thread has none, of the
// conversation it was opened in. One that is edited goes on from what was asked
// before it.
func (d *Desk) lastQuery(ctx context.Context, r Request) (*metric.Query, error) {
	if r.Edited {
		before, _, err := d.Store.QueryBefore(ctx, r.Thread, r.Asked)
		return before, err
	}
	for _, key := range []string{r.Thread, r.Around} {
		if key == "" {
			continue
		}
		if last, err := d.Store.LastQuery(ctx, key); last != nil || err != nil {
			return last, err
		}
	}
	return nil, nil
}

// askBack says what was not understood, or which of several was meant.
func askBack(reading ask.Reading) reply {
	a := Answer{Status: AskedBack, Headline: reading.Ask, Notes: reading.Notes}
	switch {
	case reading.Unavailable:
		a.Status, a.Code = Refused, metric.CodeNotAvailable
		a.Headline = "I understand " + quoteAll(reading.Unknown) + ", but cannot do that."
	case len(reading.Unknown) > 0:
		a.Status = NotUnderstood
		a.Headline = "I did not understand " + quoteAll(reading.Unknown) + ", so I have not answered: it could change the number."
	}
	a.Choices = choices(reading.Choices)
	return reply{Answer: a}
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "“" + w + "”"
	}
	return joinAnd(quoted)
}

func joinAnd(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// figure computes a Query and puts its Result into an Answer.
func (d *Desk) figure(ctx context.Context, who asker, r Request, q metric.Query, reading ask.Reading) (reply, error) {
	m, result, err := d.compute(ctx, who, r, q)
	if err != nil {
		return reply{}, err
	}
	if isPast(m, r, result) {
		return reply{Answer: d.inWords(d.noPast(m, r, q)), past: true}, nil
	}
	if result.Facts == 0 && !q.Period.IsAll() && !notLoaded(result) && q.Shape != metric.ShapeChange && q.Part == "" {
		note, err := d.whereTheDataLies(ctx, who, r, q)
		if err != nil {
			return reply{}, err
		}
		reading.Notes = append(reading.Notes, nonEmpty(note)...)
	}
	receipt := d.receipt(who, r, m, result)
	answer := d.compose(m, result, reading)
	answer.Receipt = receipt.ID
	if err := d.beside(ctx, who, r, m, result, &answer); err != nil {
		return reply{}, err
	}
	if err := d.dropCutting(ctx, who, r, m, &answer); err != nil {
		return reply{}, err
	}
	answer.Choices = d.offerDeals(who, r, m, result, answer.Choices)
	answer.Choices = d.offerFile(r, result, answer.Choices)
	answer.Choices = d.offerDigest(r, q, answer.Choices)
	answer.Choices = offerShare(r, receipt, result, answer.Choices)
	return reply{Answer: answer, receipt: &receipt, lastQuery: &q, result: &result}, nil
}

// dropCutting drops the offers of steps of time that would cut through what lasts:
// through which of them, the quotas and forecasts that there are tell.
func (d *Desk) dropCutting(ctx context.Context, who asker, r Request, m *metric.Metric, a *Answer) error {
	if !m.Lasts() {
		return nil
	}
	var kept []Choice
	for _, c := range a.Choices {
		offered, err := d.parser.Parse(ctx, ask.Asked{Text: c.Command, At: r.At, Viewer: who.viewer})
		if err != nil {
			return err
		}
		var refused *metric.Refusal
		if offered.Query != nil && offered.Query.Shape == metric.ShapeFigure && slices.ContainsFunc(offered.Query.By, d.isStep) {
			_, _, err = d.compute(ctx, who, r, *offered.Query)
		}
		switch {
		case err == nil:
			kept = append(kept, c)
		case !errors.As(err, &refused) && !errors.Is(err, context.DeadlineExceeded):
			return err
		}
	}
	a.Choices = kept
	return nil
}

func (d *Desk) isStep(dimension string) bool {
	found, ok := d.Catalog.Dimension(dimension)
	return ok && found.Time != ""
}

// beside adds to an answer what it would be on the other map, what it was when its
// period had closed, and by which definition, where that is something else.
func (d *Desk) beside(ctx context.Context, who asker, r Request, m *metric.Metric, result metric.Result, a *Answer) error {
	if err := d.otherMap(ctx, who, r, result, a); err != nil {
		return err
	}
	if err := d.restated(ctx, who, r, result, a); err != nil {
		return err
	}
	return d.versions(ctx, r, m, result, a)
}

// isPast reports whether how a stock stands now is asked at a moment clearly
// before the data that it would be counted on.
func isPast(m *metric.Metric, r Request, result metric.Result) bool {
	return m.Stock && result.Query.AsOf.IsZero() && result.FreshAt.Sub(r.At) > 24*time.Hour
}

func (d *Desk) noPast(m *metric.Metric, r Request, q metric.Query) *metric.Refusal {
	y, month, day := r.At.In(d.Company.Zone).Date()
	q.AsOf = metric.Midnight(y, month, day+1, d.Company.Zone).Add(-time.Microsecond)
	if q.Shape != metric.ShapeOwner {
		q.Shape, q.Part, q.Compare, q.Then = metric.ShapeFigure, "", "", time.Time{}
	}
	return &metric.Refusal{
		Code: metric.CodeNotAvailable,
		Message: fmt.Sprintf("%s is counted as it stands now, and the data goes beyond %s.",
			m.Label, Day(r.At.In(d.Company.Zone))),
		Hint:    "Ask as of now to see how it stands, or as of that day to see how it stood.",
		Instead: []string{d.parser.Say(q)},
	}
}

// compute compiles a Query under the asker's rights and runs it.
func (d *Desk) compute(ctx context.Context, who asker, r Request, q metric.Query) (*metric.Metric, metric.Result, error) {
	plan, known, err := d.compile(ctx, who, r, q)
	if err != nil {
		return nil, metric.Result{}, err
	}
	facts, err := d.readWithin(ctx, slow{query: q, viewer: who.viewer, at: r.At, within: d.patience(r)}, plan.Statements)
	if err != nil {
		return nil, metric.Result{}, err
	}
	if known.Revision != 0 {
		facts.Revision, facts.FreshAt = known.Revision, known.FreshAt
	}
	result, err := plan.Result(facts)
	return plan.Metric, result, err
}

// whereTheDataLies tells somebody whose period holds nothing which one would.
func (d *Desk) whereTheDataLies(ctx context.Context, who asker, r Request, q metric.Query) (string, error) {
	m, result, err := d.compute(ctx, who, r, allTime(q))
	if errors.Is(err, context.DeadlineExceeded) {
		return "Where there are any was not looked for any longer: that took too long.", nil
	}
	var refused *metric.Refusal
	if errors.As(err, &refused) {
		return "", nil // it is of a period, whatever is there
	}
	if err != nil {
		return "", err
	}
	if result.First == "" && result.Facts > 0 {
		return "No period has any: of the " + plural(Count(result.Facts), "such "+m.Fact) + " none has a day to count it by.", nil
	}
	if result.First == "" {
		return "Without a period there are none either.", nil
	}
	return "The " + m.Fact + "s that this counts run from " + isoDay(result.First) + " to " + isoDay(result.Last) + ".", nil
}

func (d *Desk) receipt(who asker, r Request, m *metric.Metric, result metric.Result) insights.Receipt {
	said := result.Said()
	return insights.Receipt{
		ID: d.NewID(), At: r.At, Query: result.Query, Viewer: who.viewer, Company: d.Company,
		Metric: m.Name, Version: m.Version, Revision: result.Revision, Rows: result.Facts,
		Said: &said, Meaning: m.Meaning(),
	}
}
