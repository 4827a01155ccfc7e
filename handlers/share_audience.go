package handlers

import (
	"context"
	"slices"
	"strings"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// obstacle is one of an audience who may not see an answer, and why.
type obstacle struct {
	name string
	why  string
}

// shareWith goes on if everybody who can read it in a place may see the answer, by
// the rights of now: each of them, asked the same, would be told the same.
// Otherwise it says who may not, by which rule, and what all may see. Nothing of
// the answer is told.
func (d *Desk) shareWith(ctx context.Context, who asker, r Request, receipt insights.Receipt, a Audience, then func(*metric.Plan) (reply, error)) (reply, error) {
	if a.Barred != "" {
		out := refusal(a.Barred)
		out.Notes = []string{"Nothing was posted."}
		return out, nil
	}
	plan, err := d.Catalog.CompileAt(receipt.Query, who.viewer, receipt.Company, receipt.At, receipt.Revision)
	if err != nil {
		return reply{}, err
	}
	viewers, obstacles, err := d.viewersOf(ctx, r, a)
	if err != nil {
		return reply{}, err
	}
	if plan.Narrowed {
		return d.onlyYours(who, r, receipt, viewers, len(obstacles)), nil
	}
	if len(obstacles) == 0 {
		if obstacles, err = mayNotRead(plan, viewers, a); err != nil {
			return reply{}, err
		}
	}
	if len(obstacles) == 0 {
		return then(plan)
	}
	return d.notForAll(who, r, receipt, a, viewers, obstacles), nil
}

// viewersOf finds the rights of an audience, in its order, and those who may see
// nothing at all.
func (d *Desk) viewersOf(ctx context.Context, r Request, a Audience) ([]metric.Viewer, []obstacle, error) {
	var emails []string
	for _, reader := range a.Readers {
		if reader.Email != "" {
			emails = append(emails, reader.Email)
		}
	}
	known, err := d.Store.Viewers(ctx, emails, r.now().In(d.Company.Zone))
	if err != nil {
		return nil, nil, err
	}
	var viewers []metric.Viewer
	var obstacles []obstacle
	for _, reader := range a.Readers {
		v := known[strings.ToLower(reader.Email)]
		if d.isAdmin(reader.Email) {
			v.Role, v.All = metric.RoleAdmin, true
		}
		switch {
		case reader.Barred != "":
			obstacles = append(obstacles, obstacle{reader.Name, reader.Barred})
		case reader.Email == "" || !v.Known():
			obstacles = append(obstacles, obstacle{reader.Name, "not known to me, as no active person has that Slack e-mail address"})
		}
		viewers = append(viewers, v)
	}
	return viewers, obstacles, nil
}

// mayNotRead are those of an audience who would be refused, or told otherwise.
func mayNotRead(plan *metric.Plan, viewers []metric.Viewer, a Audience) ([]obstacle, error) {
	refusals, err := plan.MayRead(viewers)
	if err != nil {
		return nil, err
	}
	var out []obstacle
	for i, refused := range refusals {
		if refused != nil {
			out = append(out, obstacle{a.Readers[i].Name, "refused, if they ask: “" + refused.Message + "”"})
		}
	}
	return out, nil
}

// notForAll says that an answer is not for all who would read it.
func (d *Desk) notForAll(who asker, r Request, receipt insights.Receipt, a Audience, viewers []metric.Viewer, obstacles []obstacle) reply {
	where := "#" + a.Place.Name
	out := refusal("Not shared: of the " + readerWords(len(a.Readers)) + " who can read " + where + ", " + Count(int64(len(obstacles))) + " may not see it.")
	out.Notes = becauseOfReaders(obstacles)
	if a.Public {
		out.Notes = append(out.Notes, where+" is public, so everybody in this workspace can read it. A private channel has fewer readers.")
	}
	out.Notes = append(out.Notes, "An admin decides who sees whose deals. Nothing was posted.")
	out.Choices = d.forAll(who, r, receipt, viewers, false)
	return out
}

// becauseOfReaders says why people may not see an answer, naming some for each
// reason.
func becauseOfReaders(obstacles []obstacle) []string {
	const most = 3
	var reasons []string
	names := map[string][]string{}
	for _, o := range obstacles {
		if names[o.why] == nil {
			reasons = append(reasons, o.why)
		}
		names[o.why] = append(names[o.why], o.name)
	}
	var notes []string
	for _, why := range reasons[:min(len(reasons), most)] {
		named := names[why]
		if more := len(named) - most; more > 0 {
			named = append(named[:most:most], Count(int64(more))+" more")
		}
		notes = append(notes, sentenceStart(why)+" — "+joinAnd(named)+".")
	}
	if len(reasons) > most {
		notes = append(notes, "Others may not for other reasons.")
	}
	return notes
}

// onlyYours says that an answer of the sharer's own people is not shared as if it
// were of everybody.
func (d *Desk) onlyYours(who asker, r Request, receipt insights.Receipt, viewers []metric.Viewer, unseeing int) reply {
	out := refusal("Not shared: it counts only what you may see, and others would read another figure by the same words.")
	out.Notes = []string{"Ask for what is yours by name, or for all, and share that. Nothing was posted."}
	if unseeing == 0 {
		out.Choices = d.forAll(who, r, receipt, viewers, true)
	}
	return out
}

// mostInstead bounds what is offered instead of an answer that is not shared.
const mostInstead = 3

// forAll offers what of the same figure everybody in an audience may see: the
// sharer's own, if it was narrowed to that, what it is of teams and of all, and the
// figures that go with it.
func (d *Desk) forAll(who asker, r Request, receipt insights.Receipt, viewers []metric.Viewer, narrowed bool) []Choice {
	up := d.ofEverybody(receipt.Query)
	byTeam := up
	byTeam.By = append([]string{"territory"}, up.By...)
	queries := []metric.Query{byTeam, up}
	if narrowed && who.viewer.PersonID != 0 && who.viewer.Role == metric.RoleRep {
		own := receipt.Query
		me := metric.Value{ID: who.viewer.PersonID, Text: who.viewer.Name}
		own.Where = append(slices.Clone(own.Where), metric.Filter{Field: "person", Op: metric.Eq, Values: []metric.Value{me}})
		queries = slices.Insert(queries, 0, own)
	}
	if m, ok := d.Catalog.Metric(up.Metric); ok {
		for _, name := range m.Companions {
			other := up
			other.Metric = name
			queries = append(queries, other)
		}
	}
	var choices []Choice
	for _, q := range queries {
		if len(choices) < mostInstead && d.isForAll(who, r, q, viewers) {
			choices = append(choices, d.offer(d.parser.Say(q), q))
		}
	}
	return choices
}

// isForAll reports whether everybody in an audience may see what a Query asks for.
func (d *Desk) isForAll(who asker, r Request, q metric.Query, viewers []metric.Viewer) bool {
	plan, err := d.Catalog.Compile(q, who.viewer, d.Company, r.At)
	if err != nil || plan.Narrowed {
		return false
	}
	refusals, err := plan.MayRead(viewers)
	return err == nil && !slices.ContainsFunc(refusals, func(refused *metric.Refusal) bool { return refused != nil })
}

// ofEverybody is a Query without what makes it about single people or deals.
func (d *Desk) ofEverybody(q metric.Query) metric.Query {
	personal := func(field string) bool {
		dimension, ok := d.Catalog.Dimension(field)
		return ok && (dimension.Grain == metric.GrainPerson || dimension.Grain == metric.GrainDeal)
	}
	if q.Shape == metric.ShapeDeals {
		q.Shape, q.Part = metric.ShapeFigure, ""
	}
	q.By = slices.DeleteFunc(slices.Clone(q.By), personal)
	q.Where = slices.DeleteFunc(slices.Clone(q.Where), func(f metric.Filter) bool { return personal(f.Field) })
	q.Order, q.Limit, q.Offset, q.Share, q.Having = "", 0, 0, "", nil
	return q
}
