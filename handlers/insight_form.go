package handlers

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// The forms about insights.
const (
	insightForm = "insight"
	retireForm  = "insight_retire"
	wrongForm   = "insight_wrong"
)

// The fields of the forms, besides one for each dimension of an audience.
const (
	fieldWhat       = "what"
	fieldEvidence   = "evidence"
	fieldConfidence = "confidence"
	fieldUntil      = "until"
	fieldWhy        = "why"
)

const (
	longestWhat     = 1000 // characters: longer ones are not read
	longestEvidence = 500
	longestWhy      = 500
	holdsFor        = 30 // days, unless the author says otherwise
	longestHolds    = 366
)

// postingForm asks for a new insight.
func (d *Desk) postingForm(ctx context.Context, r Request) (Form, error) {
	blank := insights.Insight{Confidence: insights.Medium, Until: d.today(r.At).AddDate(0, 0, holdsFor)}
	fields, err := d.insightFields(ctx, r, blank)
	return Form{
		ID: insightForm, Title: "New insight", Submit: "Send to the reps", Fields: fields,
		Again: Choice{Label: "Open the form", Command: "/insight new"},
	}, err
}

// correctInsight opens the form with what the insight says now.
func (d *Desk) correctInsight(ctx context.Context, who asker, r Request, id string) (reply, error) {
	i, refused, err := d.changeable(ctx, who, r, id)
	if err != nil || refused.Status != "" {
		return refused, err
	}
	fields, err := d.insightFields(ctx, r, i)
	if err != nil {
		return reply{}, err
	}
	return opens(Form{
		ID: insightForm, Context: versionKey(i), Title: "Correct the insight", Submit: "Correct", Fields: fields,
		Again: Choice{Label: "Open the form", Command: "/insight correct " + i.ID},
	}), nil
}

// retireInsight asks why an insight holds no longer.
func (d *Desk) retireInsight(ctx context.Context, who asker, r Request, id string) (reply, error) {
	i, refused, err := d.changeable(ctx, who, r, id)
	if err != nil || refused.Status != "" {
		return refused, err
	}
	return opens(Form{
		ID: retireForm, Context: versionKey(i), Title: "Retire the insight", Submit: "Retire",
		Fields: []Field{{ID: fieldWhy, Label: "Why does it hold no longer?", Kind: Lines, MaxLength: longestWhy,
			Hint: "Everybody who was told “" + shorten(i.What, 100) + "” sees this."}},
		Again: Choice{Label: "Open the form", Command: "/insight retire " + i.ID},
	}), nil
}

// opens is the answer that is nothing but a form.
func opens(f Form) reply {
	return reply{Answer: Answer{Status: Answered, Headline: f.Title + ".", Form: &f, Quiet: true}}
}

// changeable finds an insight that the asker may change, or what refuses it.
func (d *Desk) changeable(ctx context.Context, who asker, r Request, id string) (insights.Insight, reply, error) {
	versions, err := d.latest(ctx, id)
	if err != nil {
		return insights.Insight{}, reply{}, err
	}
	i := versions[len(versions)-1]
	switch {
	case !mayChange(who, r, i):
		return i, reply{Answer: Answer{
			Status: Refused, Code: metric.CodeNotAllowed, Headline: "You cannot change this insight.",
			Notes: []string{"Its author, " + i.Author.Name + ", and administrators can. If it is wrong, press Wrong below it: the author is told."},
		}}, nil
	case i.State == insights.Retired:
		return i, reply{Answer: Answer{
			Status: Refused, Code: metric.CodeNotAvailable, Headline: "This insight was retired on " + d.dayOf(i.At) + ".",
			Notes: []string{"Post a new one instead."}, Choices: []Choice{{Label: "New insight", Command: "/insight new"}},
		}}, nil
	case r.Origin == FromTerminal:
		return i, reply{Answer: Answer{
			Status: Refused, Code: metric.CodeNotAvailable, Headline: "Insights are changed in Slack, where their forms open.",
		}}, nil
	}
	return i, reply{}, nil
}

// versionKey names the version that a form was filled from.
func versionKey(i insights.Insight) string { return i.ID + ":" + strconv.Itoa(i.Version) }

// insightFields are the form's, filled in with what i says.
func (d *Desk) insightFields(ctx context.Context, r Request, i insights.Insight) ([]Field, error) {
	options, err := d.Store.AudienceOptions(ctx, d.today(r.At))
	if err != nil {
		return nil, err
	}
	fields := []Field{
		{ID: fieldWhat, Label: "What do customers want or do?", Kind: Lines, Initial: nonEmpty(i.What), MaxLength: longestWhat},
		{ID: fieldEvidence, Label: "Evidence", Kind: Line, Initial: nonEmpty(i.Evidence), MaxLength: longestEvidence,
			Hint: "The receipt below one of my answers, or a link that begins with https."},
	}
	for _, dimension := range insights.AudienceDimensions() {
		fields = append(fields, Field{
			ID: dimension, Label: "Open deals by " + dimension, Kind: Some, Optional: true,
			Options: criterionOptions(options.Of(dimension)), Initial: criterionValues(i.Audience.Of(dimension)),
			Hint: "Left empty, any " + dimension + " will do.",
		})
	}
	levels := make([]Option, 0, len(insights.Confidences()))
	for _, c := range insights.Confidences() {
		levels = append(levels, Option{Value: string(c), Label: capital(string(c))})
	}
	return append(fields,
		Field{ID: fieldConfidence, Label: "How sure are you?", Kind: One, Options: levels, Initial: []string{string(i.Confidence)}},
		Field{ID: fieldUntil, Label: "Holds until", Kind: Date, Initial: []string{i.Until.Format(time.DateOnly)}, Hint: "It is not sent any more after this day."},
	), nil
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// criterionValue is a criterion as an option's value.
func criterionValue(c insights.Criterion) string {
	if c.ID != 0 {
		return strconv.FormatInt(c.ID, 10)
	}
	return c.Text
}

func criterionValues(a insights.Audience) []string {
	values := make([]string, len(a))
	for i, c := range a {
		values[i] = criterionValue(c)
	}
	return values
}

func criterionOptions(a insights.Audience) []Option {
	options := make([]Option, len(a))
	for i, c := range a {
		options[i] = Option{Value: criterionValue(c), Label: c.Text}
	}
	return options
}

// readInsight reads the form into an insight, without what the form does not
// say, and finds what is wrong with it.
func (d *Desk) readInsight(ctx context.Context, r Request) (insights.Insight, insights.Reach, Faults, error) {
	faults := Faults{}
	i := insights.Insight{
		What: strings.TrimSpace(r.Form.first(fieldWhat)), Confidence: insights.Confidence(r.Form.first(fieldConfidence)),
		State: insights.Live, At: r.At,
	}
	if i.What == "" || len([]rune(i.What)) > longestWhat {
		faults[fieldWhat] = "Say in up to " + Count(longestWhat) + " characters what customers want or do."
	}
	if !slices.Contains(insights.Confidences(), i.Confidence) {
		faults[fieldConfidence] = "Choose how sure you are."
	}
	var err error
	if i.Evidence, err = d.readEvidence(ctx, r.Form.first(fieldEvidence), faults); err != nil {
		return i, insights.Reach{}, nil, err
	}
	i.Until = d.readUntil(r, faults)
	reach, err := d.readAudience(ctx, r, &i, faults)
	return i, reach, faults, err
}

const badEvidence = "Give the receipt below one of my answers, or a whole link that begins with https://."

// readEvidence takes an address over https, or the id of a receipt that there
// is.
func (d *Desk) readEvidence(ctx context.Context, text string, faults Faults) (string, error) {
	text = strings.TrimSpace(text)
	if address, err := url.Parse(text); err == nil && address.Scheme == "https" {
		if address.Host == "" || address.User != nil || len(text) > longestEvidence {
			faults[fieldEvidence] = badEvidence
		}
		return text, nil
	}
	if words := strings.Fields(text); len(words) == 2 && strings.EqualFold(words[0], "receipt") {
		text = words[1]
	}
	if text == "" || len(text) > longestEvidence || strings.ContainsAny(text, " :/") {
		faults[fieldEvidence] = badEvidence
		return text, nil
	}
	_, err := d.Store.Receipt(ctx, text)
	var mendable *insights.Error
	if errors.As(err, &mendable) && mendable.Code == "no_receipt" {
		faults[fieldEvidence] = "There is no receipt “" + text + "”. " + badEvidence
		return text, nil
	}
	return text, err
}

func (d *Desk) readUntil(r Request, faults Faults) time.Time {
	until, err := time.Parse(time.DateOnly, r.Form.first(fieldUntil))
	today := d.today(r.At)
	switch {
	case err != nil:
		faults[fieldUntil] = "Choose a day."
	case !until.After(today):
		faults[fieldUntil] = "Choose a day after today."
	case until.After(today.AddDate(0, 0, longestHolds)):
		faults[fieldUntil] = "Choose a day within a year; it can be moved later."
	}
	return until
}

// readAudience takes only what can be chosen, and only an audience that there
// is: an insight for nobody, or for everybody, is a mistake.
func (d *Desk) readAudience(ctx context.Context, r Request, i *insights.Insight, faults Faults) (insights.Reach, error) {
	options, err := d.Store.AudienceOptions(ctx, d.today(r.At))
	if err != nil {
		return insights.Reach{}, err
	}
	fieldOfAll := insights.AudienceDimensions()[0]
	for _, dimension := range insights.AudienceDimensions() {
		for _, value := range r.Form.Values[dimension] {
			n := slices.IndexFunc(options, func(c insights.Criterion) bool {
				return c.Dimension == dimension && criterionValue(c) == value
			})
			if n < 0 {
				faults[dimension] = "One of these is not there any more. Open the form again."
				continue
			}
			i.Audience = append(i.Audience, options[n])
		}
	}
	if len(i.Audience) == 0 {
		if faults[fieldOfAll] == "" {
			faults[fieldOfAll] = "Choose at least one of territory, industry, segment, product or stage: whom does it concern?"
		}
		return insights.Reach{}, nil
	}
	reach, err := d.Store.Reach(ctx, i.Audience, d.today(r.At))
	if err == nil && len(reach.Readers) == 0 {
		faults[i.Audience[0].Dimension] = "No open deal matches all of this, so nobody would be told. Widen it."
	}
	return reach, err
}

// checkInsight is the check before the form closes.
func (d *Desk) checkInsight(ctx context.Context, who asker, r Request) (Faults, error) {
	if !mayPost(who) {
		return nil, nil // submitInsight says so
	}
	_, _, faults, err := d.readInsight(ctx, r)
	return faults, err
}

// submitInsight posts a new insight, or corrects the one the form was about.
func (d *Desk) submitInsight(ctx context.Context, who asker, r Request) (reply, error) {
	if !mayPost(who) {
		return reply{Answer: Answer{Status: Refused, Code: metric.CodeNotAllowed, Headline: "You cannot post insights.", Notes: []string{whoPosts}}}, nil
	}
	i, reach, faults, err := d.readInsight(ctx, r)
	if err != nil {
		return reply{}, err
	}
	if len(faults) > 0 {
		return reply{}, &metric.Refusal{Code: metric.CodeInvalid, Message: "Something in the form is not right any more.", Hint: strings.Join(slices.Sorted(maps.Values(faults)), " ")}
	}
	if r.Form.Context == "" {
		return d.post(who, r, i, reach), nil
	}
	before, refused, err := d.unchanged(ctx, who, r)
	if err != nil || refused.Status != "" {
		return refused, err
	}
	return d.correct(ctx, before, i, reach)
}

// unchanged finds the versions of the insight that a form is about, if it is
// still as it was when the form opened.
func (d *Desk) unchanged(ctx context.Context, who asker, r Request) ([]insights.Insight, reply, error) {
	id, _, _ := strings.Cut(r.Form.Context, ":")
	i, refused, err := d.changeable(ctx, who, r, id)
	if err != nil || refused.Status != "" {
		return nil, refused, err
	}
	if versionKey(i) != r.Form.Context {
		return nil, reply{Answer: Answer{
			Status: Refused, Code: metric.CodeNotAvailable, Headline: "The insight was changed meanwhile, so this was not applied.",
			Notes:   []string{"It reads now: “" + i.What + "”"},
			Choices: []Choice{{Label: "Correct it", Command: "/insight correct " + id}},
		}}, nil
	}
	versions, err := d.latest(ctx, id)
	return versions, reply{}, err
}

// submitRetirement takes an insight back.
func (d *Desk) submitRetirement(ctx context.Context, who asker, r Request) (reply, error) {
	before, refused, err := d.unchanged(ctx, who, r)
	if err != nil || refused.Status != "" {
		return refused, err
	}
	why := strings.TrimSpace(r.Form.first(fieldWhy))
	if why == "" {
		return reply{}, &metric.Refusal{Code: metric.CodeInvalid, Message: "Say why it holds no longer."}
	}
	i := before[len(before)-1]
	i.Version, i.State, i.Why, i.At = i.Version+1, insights.Retired, shorten(why, longestWhy), r.At
	return d.retire(ctx, before, i)
}
