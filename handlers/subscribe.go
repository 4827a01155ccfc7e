package handlers

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// maxDigests is how many one person can have; more would not be read.
const maxDigests = 20

// "make it 7:30" changes the digest that was set up in the same conversation
// this recently.
const justMade = time.Hour

// every answers a text that asks to be sent something on time.
func (d *Desk) every(ctx context.Context, who asker, r Request, e ask.Every) (reply, error) {
	if e.Edit {
		return d.reschedule(ctx, who, r, e)
	}
	if r.Origin == FromTerminal || r.Actor.ID == "" {
		return reply{Answer: Answer{
			Status: Refused, Code: metric.CodeNotAvailable,
			Headline: "Digests are sent as direct messages in Slack, so they are set up there.",
			Notes:    []string{"Nothing was set up. Say the same to me in Slack."},
		}}, nil
	}
	each, err := d.eachToSend(ctx, who, r, e)
	if err != nil {
		return reply{}, err
	}
	if len(each) > 1 {
		return d.everyEach(ctx, who, r, e, each)
	}
	return d.everyOne(ctx, who, r, e)
}

// eachToSend lists the questions that are to be sent, in the words of each, where
// there are several that can be kept in them.
func (d *Desk) eachToSend(ctx context.Context, who asker, r Request, e ask.Every) ([]string, error) {
	if e.Question == "" || e.NoDay || e.NoTime || e.Unknown != "" {
		return nil, nil
	}
	r.Text = e.Question
	readings, err := d.readEach(ctx, who, r, "")
	if err != nil || len(readings) < 2 {
		return nil, err
	}
	later := r
	later.At = r.At.Add(long)
	moved, err := d.readEach(ctx, who, later, "")
	if err != nil || len(moved) != len(readings) {
		return nil, err
	}
	words := make([]string, len(readings))
	for i, reading := range readings {
		if reading.Query == nil || moved[i].Query == nil {
			return nil, nil
		}
		words[i] = d.parser.Say(*reading.Query)
		if sameDays(*reading.Query, *moved[i].Query) {
			continue
		}
		moving, err := d.movingWords(ctx, who, r, *reading.Query)
		if err != nil || len(moving) == 0 {
			return nil, err
		}
		words[i] = moving[0]
	}
	return words, nil
}

// everyEach sets a digest up for each of several questions.
func (d *Desk) everyEach(ctx context.Context, who asker, r Request, e ask.Every, each []string) (reply, error) {
	var all []reply
	for _, e.Question = range each {
		out, err := d.everyOne(ctx, who, r, e)
		if err != nil {
			return reply{}, err
		}
		all = append(all, out)
	}
	all[0].also = all[1:]
	return all[0], nil
}

// everyOne sets a digest up for one question.
func (d *Desk) everyOne(ctx context.Context, who asker, r Request, e ask.Every) (reply, error) {
	q, out, err := d.toSend(ctx, who, r, e)
	if err != nil || out.Status != "" {
		return out, err
	}
	words, out, err := d.goingAlong(ctx, who, r, e, q)
	if err != nil || out.Status != "" {
		return out, err
	}
	if out := d.unclear(r, e, words); out.Status != "" {
		return out, nil
	}
	same, err := d.readsTheSame(ctx, who, r.At, words, q)
	if err != nil {
		return reply{}, err
	}
	if !same {
		return reply{Answer: Answer{
			Status: Refused, Code: metric.CodeNotAvailable,
			Headline: "I cannot keep this question in words that will mean the same again, so there is no digest of it.",
			Notes:    []string{"In words it would be: " + words + ".", "Nothing was set up. Ask in a simpler way, and then for the digest."},
		}}, nil
	}
	return d.subscribe(ctx, who, r, e, words, q)
}

// toSend is the Query a digest is asked for: said with it, or asked last.
func (d *Desk) toSend(ctx context.Context, who asker, r Request, e ask.Every) (metric.Query, reply, error) {
	q, out, err := d.said(ctx, who, r, e)
	if err != nil || out.Status != "" {
		return q, out, err
	}
	if q.Shape == metric.ShapeDefinition || q.Shape == metric.ShapeOwner {
		return q, reply{Answer: Answer{
			Status: NotUnderstood, Headline: "Figures, lists of deals and what changed can be sent as a digest, not definitions or who owns something.",
			Notes: []string{"Nothing was set up."},
		}}, nil
	}
	_, _, err = d.compile(ctx, who, r, q)
	return q, reply{}, err
}

func (d *Desk) said(ctx context.Context, who asker, r Request, e ask.Every) (metric.Query, reply, error) {
	if e.Question == "" {
		last, err := d.lastQuery(ctx, r)
		if err != nil || last == nil {
			return metric.Query{}, sendWhat(e), err
		}
		return *last, reply{}, nil
	}
	r.Text = e.Question
	readings, err := d.readEach(ctx, who, r, "")
	if err != nil {
		return metric.Query{}, reply{}, err
	}
	reading := readings[0]
	if len(readings) > 1 { // as one it asks which
		reading, err = d.read(ctx, who, r, "")
	}
	if err != nil {
		return metric.Query{}, reply{}, err
	}
	if reading.Query != nil {
		return *reading.Query, reply{}, nil
	}
	if reading.List {
		return metric.Query{}, sendWhat(e), nil
	}
	out := askBack(reading)
	out.Notes = append(out.Notes, "Nothing was set up.")
	for i, c := range out.Choices {
		if out.Choices[i].Command = c.Command; !e.NoDay && !e.NoTime {
			out.Choices[i].Command = sendMe(c.Command, e.Schedule)
		}
	}
	return metric.Query{}, out, nil
}

func sendWhat(e ask.Every) reply {
	s := e.Schedule
	if e.NoDay || e.NoTime {
		s.Days, s.Hour, s.Minute = []time.Weekday{time.Monday}, 8, 0
	}
	const example = "won revenue by territory this week"
	return reply{Answer: Answer{
		Status: AskedBack, Headline: "Send you what? Nothing was asked here yet.",
		Notes:   []string{"Ask a question first, or say both in one go, as in: send me " + example + " every Monday at 8am."},
		Choices: []Choice{{Label: "Won revenue by territory this week", Command: sendMe(example, s)}},
	}}
}

// unclear asks back what a schedule leaves open, each time with whole commands
// to press.
func (d *Desk) unclear(r Request, e ask.Every, words string) reply {
	at := func(days []time.Weekday, hour, minute int) Choice {
		s := e.Schedule
		s.Days, s.Hour, s.Minute = days, hour, minute
		return Choice{Label: upperFirst(ask.SayEvery(s)), Command: sendMe(words, s)}
	}
	s := e.Schedule
	a := Answer{Status: AskedBack, Notes: []string{"Nothing was set up yet. Times are in " + d.zoneWords(r, s) + "."}}
	switch {
	case e.Unknown != "":
		a.Status, a.Headline = NotUnderstood, "I did not understand “"+e.Unknown+"”, so nothing was set up."
		if e.Reason != "" {
			a.Status, a.Code, a.Headline = Refused, metric.CodeNotAvailable, "I cannot do “"+e.Unknown+"”, so nothing was set up."
		}
		a.Notes = nonEmpty(e.Reason, "Times are in "+d.zoneWords(r, s)+"; another zone is named like Europe/Berlin.")
		switch {
		case !e.NoDay && !e.NoTime:
			a.Choices = []Choice{at(s.Days, s.Hour, s.Minute)}
		case e.Rarely:
			a.Status, a.Code, a.Headline = AskedBack, "", "I cannot do “"+e.Unknown+"”: "+lowerFirst(e.Reason)+" On which?"
			a.Notes = []string{"Nothing was set up yet. Times are in " + d.zoneWords(r, s) + "."}
			a.Choices = []Choice{at([]time.Weekday{time.Monday}, 8, 0), at(insights.Weekdays(), 8, 0)}
		}
	case e.NoDay && e.NoTime:
		a.Headline = "On which days, and at what time?"
		a.Choices = []Choice{at([]time.Weekday{time.Monday}, 8, 0), at(insights.Weekdays(), 8, 0)}
	case e.NoDay:
		a.Headline = "On which days?"
		a.Choices = []Choice{at([]time.Weekday{time.Monday}, s.Hour, s.Minute), at(insights.Weekdays(), s.Hour, s.Minute)}
	case e.NoTime:
		a.Headline = "At what time?"
		a.Choices = []Choice{at(s.Days, 8, 0), at(s.Days, 16, 0)}
	default:
		return reply{}
	}
	return reply{Answer: a}
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// readsTheSame reports whether the words, read by themselves, ask for q.
func (d *Desk) readsTheSame(ctx context.Context, who asker, at time.Time, words string, q metric.Query) (bool, error) {
	reading, err := d.parser.Parse(ctx, ask.Asked{Text: words, At: at, Viewer: who.viewer})
	if err != nil || reading.Query == nil {
		return false, err
	}
	return sameQuestion(*reading.Query, q), nil
}

// sameQuestion reports whether two Queries, read of one question at two times, are
// the same but for what time changes: periods are the same if they are called the
// same, and days that words may have moved are any days. Stored things are told
// apart by their ids: a name may have come to mean another.
func sameQuestion(a, b metric.Query) bool {
	one, errOne := timeless(a).Encode()
	other, errOther := timeless(b).Encode()
	return errOne == nil && errOther == nil && bytes.Equal(one, other)
}

func timeless(q metric.Query) metric.Query {
	q.Period = metric.Period{Label: periodName(q.Period)}
	q.Against.Label = ""
	for _, day := range []*time.Time{&q.Against.From, &q.Against.To, &q.AsOf, &q.Reported, &q.Then} {
		if !day.IsZero() {
			*day = time.Unix(0, 0).UTC()
		}
	}
	q.By = slices.Clone(q.By)
	var where []metric.Filter
	for _, f := range q.Where {
		f.Values = slices.Clone(f.Values)
		for i, v := range f.Values {
			if v.ID != 0 {
				f.Values[i].Text = ""
			}
		}
		where = append(where, f)
	}
	q.Where = where
	return q
}

func periodName(p metric.Period) string {
	if p.IsAll() {
		return ask.AllTime
	}
	return p.Label
}

// subscribe sets the digest up.
func (d *Desk) subscribe(ctx context.Context, who asker, r Request, e ask.Every, words string, q metric.Query) (reply, error) {
	mine, err := d.mine(ctx, who, r)
	if err != nil {
		return reply{}, err
	}
	s := e.Schedule
	s.Zone = d.zone(r, s)
	if twin, ok := twinOf(mine, words, s); ok {
		return d.alreadySent(twin, r), nil
	}
	if len(mine) >= maxDigests {
		return reply{Answer: Answer{
			Status: Refused, Code: metric.CodeNotAvailable,
			Headline: "You have " + Count(maxDigests) + " digests already, and more than that are not read.",
			Notes:    []string{"Nothing was set up. Delete one first."}, Choices: []Choice{listChoice},
		}}, nil
	}
	digest := insights.Digest{
		Team: r.Actor.Team, Owner: r.Actor.ID, Name: r.Actor.Name, Person: who.person.ID, Thread: r.Thread,
		Words: words, Query: q, Schedule: s, State: insights.DigestActive,
	}
	if digest, err = digest.Again(r.now(), d.Company); err != nil {
		return reply{}, err
	}
	if digest.ID, err = d.Store.NewDigestID(ctx); err != nil {
		return reply{}, err
	}
	out := d.arranged(r, e, digest, "From now on I send you")
	out.lastQuery = &q
	out.digest = &insights.DigestChange{Digest: digest, New: true}
	return out, nil
}

func twinOf(mine []insights.Digest, words string, s insights.Schedule) (insights.Digest, bool) {
	i := slices.IndexFunc(mine, func(d insights.Digest) bool { return d.Words == words && d.Schedule.String() == s.String() })
	if i < 0 {
		return insights.Digest{}, false
	}
	return mine[i], true
}

func (d *Desk) alreadySent(twin insights.Digest, r Request) reply {
	a := Answer{
		Status:   Answered,
		Headline: "You have this digest already: number " + number(twin) + ", " + twin.Words + ", " + twin.Schedule.String() + ".",
		Notes:    []string{"Next: " + nextWords(twin, r.now(), d.Company) + "."},
		Choices:  []Choice{pauseOrResume(twin), deleteChoice(twin), listChoice},
	}
	if twin.State == insights.DigestPaused {
		a.Notes = []string{"It is paused."}
	}
	return reply{Answer: a}
}

// arranged says what was arranged: what, when, where, and the next three times.
func (d *Desk) arranged(r Request, e ask.Every, digest insights.Digest, verb string) reply {
	return reply{Answer: Answer{
		Status:   Answered,
		Headline: verb + " “" + digest.Words + "” " + digest.Schedule.String() + ", as a direct message.",
		Notes: nonEmpty(
			"Next: "+nextWords(digest, r.now(), d.Company)+".",
			"Times are in "+d.zoneWords(r, e.Schedule)+".",
			e.Note,
			d.holidaysNote(digest.Schedule),
			d.periodNote(digest.Query.Period),
			d.daysNote(digest),
			"This is digest "+number(digest)+". You see in it what you may see on that day.",
		),
		Choices: []Choice{
			{Label: "Pause", Command: "/digest pause " + number(digest)},
			{Label: "Delete", Command: "/digest delete " + number(digest)},
			listChoice,
		},
	}}
}

// periodNote says whether the period goes along with time.
func (d *Desk) periodNote(p metric.Period) string {
	switch {
	case p.IsAll():
		return ""
	case d.parser.Moves(p):
		return "“" + p.Label + "” is worked out anew each time."
	default:
		return "It always covers " + Days(p) + ". To have it go along with time, ask for this week, last month or the like."
	}
}

// holidaysNote says that none are left out, where none are known.
func (d *Desk) holidaysNote(s insights.Schedule) string {
	if !s.ButHolidays || len(d.Company.Holidays) > 0 {
		return ""
	}
	return "No holidays are loaded, so none are left out until then: your administrator lists them for SALESBOT_HOLIDAYS."
}

// zone is where a schedule's clock stands: the zone that was said, the
// asker's, or the company's.
func (d *Desk) zone(r Request, s insights.Schedule) string {
	if s.Zone != "" {
		return s.Zone
	}
	if _, err := time.LoadLocation(r.Actor.Zone); err == nil && r.Actor.Zone != "" {
		return r.Actor.Zone
	}
	return d.Company.Zone.String()
}

// zoneOf is the asker's time zone, or the company's.
func (d *Desk) zoneOf(r Request) *time.Location {
	zone, err := time.LoadLocation(d.zone(r, insights.Schedule{}))
	if err != nil {
		return d.Company.Zone
	}
	return zone
}

func (d *Desk) zoneWords(r Request, s insights.Schedule) string {
	zone := d.zone(r, s)
	switch zone {
	case s.Zone:
		return zone
	case r.Actor.Zone:
		return zone + ", your time zone in Slack"
	default:
		return zone + ", the company's time zone"
	}
}

// reschedule changes the digest that was just set up in this conversation.
// Where there is none, the text is a question like any other.
func (d *Desk) reschedule(ctx context.Context, who asker, r Request, e ask.Every) (reply, error) {
	mine, err := d.mine(ctx, who, r)
	if err != nil {
		return reply{}, err
	}
	i := slices.IndexFunc(mine, func(digest insights.Digest) bool {
		return r.Thread != "" && digest.Thread == r.Thread && digest.MadeAt.After(r.At.Add(-justMade)) && digest.State == insights.DigestActive
	})
	if i < 0 {
		return d.question(ctx, who, r, "")
	}
	digest := mine[i]
	for _, later := range mine[i:] {
		if later.Thread == r.Thread && later.State == insights.DigestActive {
			digest = later
		}
	}
	if e.Unknown != "" {
		a := Answer{
			Status: NotUnderstood, Headline: "I did not understand “" + e.Unknown + "”, so digest " + number(digest) + " stays as it is.",
			Notes:   nonEmpty(e.Reason, "It is sent "+digest.Schedule.String()+"."),
			Choices: []Choice{pauseOrResume(digest), deleteChoice(digest), listChoice},
		}
		if e.Reason != "" {
			a.Status, a.Code, a.Headline = Refused, metric.CodeNotAvailable, "I cannot do “"+e.Unknown+"”, so digest "+number(digest)+" stays as it is."
		}
		return reply{Answer: a}, nil
	}
	digest.Schedule.Hour, digest.Schedule.Minute = e.Schedule.Hour, e.Schedule.Minute
	if !e.OnlyTime {
		digest.Schedule.Days, digest.Schedule.ButHolidays = e.Schedule.Days, false
	}
	digest.Schedule.ButHolidays = digest.Schedule.ButHolidays || e.Schedule.ButHolidays
	if e.Schedule.Zone != "" {
		digest.Schedule.Zone = e.Schedule.Zone
	}
	if twin, ok := twinOf(mine, digest.Words, digest.Schedule); ok {
		return d.alreadySent(twin, r), nil
	}
	if digest, err = digest.Again(r.now(), d.Company); err != nil {
		return reply{}, err
	}
	e.Schedule.Zone = digest.Schedule.Zone
	out := d.arranged(r, e, digest, "Changed: I send you")
	out.digest = &insights.DigestChange{Digest: digest}
	return out, nil
}

// offerDigest adds to the next questions that an answer be sent on time, if it
// is one that time changes.
func (d *Desk) offerDigest(r Request, q metric.Query, choices []Choice) []Choice {
	const most = 6
	moves := d.parser.Moves(q.Period) || q.Period.IsAll() && len(q.By) > 0
	if q.Shape != metric.ShapeFigure || !moves || len(choices) >= most || r.Origin == FromTerminal || r.Digest != nil {
		return choices
	}
	monday := insights.Schedule{Days: []time.Weekday{time.Monday}, Hour: 8}
	return append(choices, Choice{Label: "Send me this every Monday at 8", Command: sendMe(d.parser.Say(q), monday)})
}
