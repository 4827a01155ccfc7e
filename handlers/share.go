package handlers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// Sharing is what showing answers to others needs of the store.
type Sharing interface {
	// LastAnswer is the receipt of what was last answered in a conversation, empty
	// if it has none.
	LastAnswer(ctx context.Context, thread string) (string, error)
	// Viewers finds people as Viewer does, by their e-mails in lower case.
	Viewers(ctx context.Context, emails []string, on time.Time) (map[string]metric.Viewer, error)
	// DeliveryStates tells how the deliveries with those keys stand.
	DeliveryStates(ctx context.Context, keys []string) (map[string]insights.DeliveryState, error)
}

// CodeShared is the code of an answer that says that another one is posted.
const CodeShared = "shared"

// codeUnsaid is the code of an answer that says that another one was not posted.
const codeUnsaid = "not_posted"

// pressed is a command to share an answer, as buttons hold it: ids, and no rights.
type pressed struct {
	receipt   string
	place     Place  // with an ID
	channel   string // or its name
	confirmed bool
}

// A place is a channel's id, and that of a thread in it.
var shareForm = regexp.MustCompile(`^(?i:share receipt) ([a-zA-Z0-9]+)(?i: in )(?:#(\S+)|([A-Z0-9]+)(?:/([0-9.]+))?)( confirmed)?$`)

// readShare reads “share receipt k3j9x0 in #emea-sales”.
func readShare(text string) (pressed, bool) {
	at := shareForm.FindStringSubmatch(strings.TrimSpace(text))
	if at == nil {
		return pressed{}, false
	}
	return pressed{
		receipt: strings.ToLower(at[1]), channel: at[2], place: Place{ID: at[3], Name: at[3], Channel: true, Thread: at[4]}, confirmed: at[5] != "",
	}, true
}

func shareCommand(receipt string, in Place) string {
	command := "share receipt " + receipt + " in " + in.ID
	if in.Thread != "" {
		command += "/" + in.Thread
	}
	return command
}

// notNow is the command that leaves an answer unshared.
const notNow = "do not share it"

// share answers a text that asks for an answer to be shown to others, or reports
// that it is none.
func (d *Desk) share(ctx context.Context, who asker, r Request, text string) (out reply, is bool, err error) {
	if strings.EqualFold(text, notNow) {
		return reply{Answer: Answer{Status: Answered, Headline: "Nothing was posted."}}, true, nil
	}
	p, byReceipt := readShare(text)
	post, asked := ask.ReadPost(text)
	switch {
	case !byReceipt && !asked:
		return reply{}, false, nil
	case r.Channels == nil:
		out = unshared("There is no channel here to share it in: answers are shared in Slack.")
	case byReceipt:
		out, err = d.sharePressed(ctx, who, r, p)
	default:
		out, err = d.shareLast(ctx, who, r, post)
	}
	return out, true, err
}

// unshared says why nothing is shared.
func unshared(why string, notes ...string) reply {
	return reply{Answer: Answer{Status: Refused, Code: metric.CodeNotAvailable, Headline: why, Notes: append(notes, "Nothing was posted.")}}
}

func (d *Desk) sharePressed(ctx context.Context, who asker, r Request, p pressed) (reply, error) {
	receipt, err := d.Store.Receipt(ctx, p.receipt)
	if err != nil {
		return reply{}, err
	}
	if !mayProve(who, receipt) {
		return refusal("An answer is shared by whoever it was told, and by admins. Ask the question yourself, and share your own answer."), nil
	}
	if p.channel != "" {
		var out reply
		if p.place, out, err = d.channelCalled(ctx, r, receipt, p.channel); err != nil || out.Status != "" {
			return out, err
		}
	}
	return d.shareIn(ctx, who, r, receipt, p.place, p.confirmed)
}

// shareLast shares the last answer of the conversation.
func (d *Desk) shareLast(ctx context.Context, who asker, r Request, post ask.Post) (reply, error) {
	id, err := d.lastAnswer(ctx, r)
	if err != nil {
		return reply{}, err
	}
	if id == "" {
		last, err := d.lastQuery(ctx, r)
		return nothingToShare(last), err
	}
	receipt, err := d.Store.Receipt(ctx, id)
	if err != nil {
		return reply{}, err
	}
	in, out, err := d.whereTo(ctx, r, receipt, post)
	if err != nil || out.Status != "" {
		return out, err
	}
	return d.shareIn(ctx, who, r, receipt, in, false)
}

// lastAnswer is the receipt of the answer that a follow-up would go on from: none
// if that has none, whatever was answered around it.
func (d *Desk) lastAnswer(ctx context.Context, r Request) (string, error) {
	for _, key := range []string{r.Thread, r.Around} {
		if key == "" {
			continue
		}
		id, err := d.Store.LastAnswer(ctx, key)
		if id != "" || err != nil {
			return id, err
		}
		if last, err := d.Store.LastQuery(ctx, key); last != nil || err != nil {
			return "", err
		}
	}
	return "", nil
}

func nothingToShare(last *metric.Query) reply {
	switch {
	case last == nil:
		return unshared("There is no answer here to share.", "Ask a question first.")
	case last.Shape == metric.ShapeDefinition:
		return unshared("Only figures and lists are shared: what a KPI means can be asked by everybody.")
	default:
		return unshared("I do not know any more what exactly you were told.", "Ask it once more, and then share it.")
	}
}

// whereTo is the place that is named, the one where it is asked, or a question
// back.
func (d *Desk) whereTo(ctx context.Context, r Request, receipt insights.Receipt, post ask.Post) (Place, reply, error) {
	if post.Channel != "" {
		return d.channelCalled(ctx, r, receipt, post.Channel)
	}
	if r.Place.Channel {
		return r.Place, reply{}, nil
	}
	if post.Here {
		return Place{}, unshared("Only you and I are here.", "Say in which channel, as in: share this in #sales."), nil
	}
	common, err := r.Channels.Common(ctx)
	if err != nil {
		return Place{}, reply{}, err
	}
	if len(common) == 0 {
		return Place{}, unshared("There is no channel that both you and I are in.", "Somebody in it can add me: /invite and my name."), nil
	}
	return Place{}, reply{Answer: Answer{
		Status: AskedBack, Headline: "Share it in which channel?", Receipt: receipt.ID,
		Notes:   []string{"Before it is posted I look whether all who can read it there may see it.", "Nothing was posted yet."},
		Choices: channelChoices(receipt, common),
	}}, nil
}

func channelChoices(receipt insights.Receipt, all []Place) []Choice {
	const most = 8
	choices := make([]Choice, 0, most)
	for _, in := range all[:min(len(all), most)] {
		choices = append(choices, Choice{Label: "#" + in.Name, Command: shareCommand(receipt.ID, in)})
	}
	return choices
}

// channelCalled finds a channel by its name, or by the id that the door writes for
// it, among those that both are in: of others nothing is told, their names
// included.
func (d *Desk) channelCalled(ctx context.Context, r Request, receipt insights.Receipt, name string) (Place, reply, error) {
	common, err := r.Channels.Common(ctx)
	if err != nil {
		return Place{}, reply{}, err
	}
	i := slices.IndexFunc(common, func(p Place) bool { return strings.EqualFold(p.Name, name) || strings.EqualFold(p.ID, name) })
	if i >= 0 {
		return common[i], reply{}, nil
	}
	out := unshared("I know no channel #"+name+" that both you and I are in.", "Somebody in it can add me: /invite and my name.")
	out.Choices = channelChoices(receipt, common)
	return Place{}, out, nil
}

// shareIn asks whether to share an answer in a channel or, when that is confirmed,
// shares it. Each time it is looked who can read it there.
func (d *Desk) shareIn(ctx context.Context, who asker, r Request, receipt insights.Receipt, in Place, confirmed bool) (reply, error) {
	audience, err := r.Channels.Audience(ctx, in.ID)
	if err != nil {
		return reply{}, err
	}
	in.Name = audience.Place.Name
	out, err := d.shareWith(ctx, who, r, receipt, audience, func(plan *metric.Plan) (reply, error) {
		shown, err := d.shown(ctx, who, r, receipt, plan)
		if err != nil {
			return reply{}, err
		}
		if confirmed {
			return d.postShared(ctx, r, receipt, in, shown)
		}
		return confirm(receipt, audience, in, shown), nil
	})
	out.place, out.Receipt = in.ID, receipt.ID
	return out, err
}

// confirm asks before an answer is posted.
func confirm(receipt insights.Receipt, a Audience, in Place, shown Answer) reply {
	where := "#" + in.Name
	if in.Thread != "" {
		where = "this thread of " + where
	}
	notes := []string{"It will say: " + shown.Headline, "All of them may see it; that is looked at again at the moment it is posted."}
	if a.Public {
		notes = append(notes, "The channel is public: whoever is in this workspace can read it without being in it.")
	}
	return reply{Answer: Answer{
		Status: AskedBack, Headline: "Share it in " + where + ", with the " + readerWords(len(a.Readers)) + " who can read it there?", Notes: notes,
		Choices: []Choice{
			{Label: "Share in #" + in.Name, Command: shareCommand(receipt.ID, in) + " confirmed"},
			{Label: "Not now", Command: notNow},
		},
	}}
}

func readerWords(n int) string {
	if n == 1 {
		return "one person"
	}
	return Count(int64(n)) + " people"
}

// shown is the answer as the channel reads it: the very figures that the sharer was
// told, or none. What is said beside them is of the same question, on another map
// or by another revision, so whoever may see the one may see the other.
func (d *Desk) shown(ctx context.Context, who asker, r Request, receipt insights.Receipt, plan *metric.Plan) (Answer, error) {
	statements := append(slices.Clone(plan.Statements), metric.KnownBy(receipt.Revision))
	read, err := d.readWithin(ctx, slow{query: receipt.Query, viewer: who.viewer, at: receipt.At, within: 2 * d.ReadWithin}, statements)
	if err != nil {
		return Answer{}, err
	}
	known, err := metric.ReadKnown(read.Tables[len(plan.Statements)])
	if err != nil {
		return Answer{}, err
	}
	result, err := plan.Result(metric.Reading{Revision: receipt.Revision, FreshAt: known.FreshAt, Tables: read.Tables[:len(plan.Statements)]})
	if err != nil {
		return Answer{}, err
	}
	if receipt.Said == nil || !result.Said().Equal(*receipt.Said) {
		return Answer{}, &metric.Refusal{
			Code: metric.CodeNotAvailable, Message: "Counted again, it is not what you were told, so it is not shared.",
			Hint: "Ask it once more, and share that answer.", Instead: []string{d.parser.Say(receipt.Query)},
		}
	}
	reading, err := d.readAgain(ctx, who, receipt)
	if err != nil {
		return Answer{}, err
	}
	answer := d.compose(plan.Metric, result, reading)
	r.At, r.Now = receipt.At, r.now()
	if err := d.beside(ctx, who, r, plan.Metric, result, &answer); err != nil {
		return Answer{}, err
	}
	if err := d.dropCutting(ctx, who, r, plan.Metric, &answer); err != nil {
		return Answer{}, err
	}
	answer.Receipt = receipt.ID
	if r.Now.Sub(receipt.At) > soon {
		answer.Headline = "On " + d.momentWords(receipt.At) + ": " + answer.Headline
	}
	answer.Notes = append([]string{fmt.Sprintf("Shared by %s, as told on %s.", sharer(who, r), d.momentWords(receipt.At))}, answer.Notes...)
	return answer, nil
}

// readAgain is how the question of a receipt is read: as its words are, if they
// still mean the same.
func (d *Desk) readAgain(ctx context.Context, who asker, receipt insights.Receipt) (ask.Reading, error) {
	q := receipt.Query
	words := d.parser.Say(q)
	again, err := d.parser.Parse(ctx, ask.Asked{Text: words, At: receipt.At, Viewer: who.viewer})
	if err != nil || again.Query == nil {
		return ask.Reading{Understood: words}, err
	}
	meant := *again.Query
	meant.Perspective = q.Perspective // a receipt has the one that goes without saying
	if !sameQuestion(meant, q) {
		return ask.Reading{Understood: words}, nil
	}
	return ask.Reading{Understood: again.Understood}, nil
}

// What is shared later than this says of when it is: its “now” has passed.
const soon = time.Hour

func sharer(who asker, r Request) string {
	if who.viewer.Name != "" {
		return who.viewer.Name
	}
	return r.Actor.Name
}

// An answer that Slack did not take can be shared again, this often.
const maxShares = 9

// shareKeys are the keys of the deliveries of one answer to one place, one for each
// time it is shared there after it had failed.
func shareKeys(receipt insights.Receipt, in Place) []string {
	key := "share:" + receipt.ID + ":" + in.ID
	if in.Thread != "" {
		key += ":" + in.Thread
	}
	keys := make([]string, maxShares)
	for n := range keys {
		if keys[n] = key; n > 0 {
			keys[n] = fmt.Sprintf("%s#%d", key, n+1)
		}
	}
	return keys
}

// postShared puts the answer on its way, unless it is there or under way.
func (d *Desk) postShared(ctx context.Context, r Request, receipt insights.Receipt, in Place, shown Answer) (reply, error) {
	keys := shareKeys(receipt, in)
	states, err := d.Store.DeliveryStates(ctx, keys)
	if err != nil {
		return reply{}, err
	}
	for _, key := range keys {
		switch states[key] {
		case insights.Failed, insights.Expired:
			continue
		case insights.Pending, insights.Sending:
			return reply{Answer: Answer{Status: Answered, Headline: "It is on its way to #" + in.Name + " already."}}, nil
		case insights.Sent, insights.Unconfirmed:
			return reply{Answer: Answer{Status: Answered, Headline: "It is already shared in #" + in.Name + "."}}, nil
		}
		to := insights.Target{Kind: insights.ToChannel, Channel: in.ID, Thread: in.Thread, User: r.Actor.ID, Receipt: receipt.ID}
		return reply{Answer: Answer{
			Status: Answered, Code: CodeShared, Headline: "I post it in #" + in.Name + " now.",
			Notes:   []string{"Should somebody be able to read it there by then who may not see it, it is not posted, and I tell you."},
			Notices: []Notice{{Key: key, To: to, Answer: shown}},
		}}, nil
	}
	return unshared("It could not be posted in #"+in.Name+" "+Count(maxShares)+" times, so it is not tried again.", "Ask it once more, and share that answer."), nil
}

// posting rules over an answer that is about to be posted, with the rights of now.
func (d *Desk) posting(ctx context.Context, who asker, r Request) (reply, error) {
	if p := r.Posting; p.Unsaid != "" {
		return reply{Answer: Answer{Status: Failed, Code: codeUnsaid, Headline: "Slack did not take it: " + p.Unsaid + ".", Notes: []string{"Nothing was posted."}}}, nil
	}
	receipt, err := d.Store.Receipt(ctx, r.Posting.Receipt)
	if err != nil {
		return reply{}, err
	}
	audience, err := r.Channels.Audience(ctx, r.Place.ID)
	if err != nil {
		return reply{}, err
	}
	return d.shareWith(ctx, who, r, receipt, audience, func(*metric.Plan) (reply, error) {
		return reply{Answer: Answer{Status: Answered, Code: CodeShared, Headline: "It may be posted."}}, nil
	})
}

// posted turns what came of an answer on its way into what whoever shared it is
// told, who did not ask just now.
func (d *Desk) posted(ctx context.Context, r Request, out reply) reply {
	out.Receipt = r.Posting.Receipt
	if out.Status == Answered {
		return out
	}
	about := "The answer that you shared"
	if receipt, err := d.Store.Receipt(ctx, r.Posting.Receipt); err == nil {
		about += ", “" + d.parser.Say(receipt.Query) + "”,"
	}
	out.Notes = append([]string{out.Headline}, out.Notes...)
	out.Headline = about + " was not posted."
	if r.Posting.Unsure {
		out.Headline = "Nobody can tell whether " + lowerFirst(about) + " was posted."
		out.Notes = []string{"Slack lost it on the way: " + r.Posting.Unsaid + ".", "Please look in the channel. It is not posted twice."}
	}
	return out
}

// offerShare adds to the next questions of an answer in a channel that it be shown
// to everybody there. One that says “yours” is for nobody else.
func offerShare(r Request, receipt insights.Receipt, result metric.Result, choices []Choice) []Choice {
	if r.Channels == nil || !r.Place.Channel || result.Narrowed {
		return choices
	}
	return append(choices, Choice{Label: "Share here", Command: shareCommand(receipt.ID, r.Place)})
}
