package handlers

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
)

// aboutOne is said of one digest by its number.
var aboutOne = regexp.MustCompile(`(?i)^(?:please )?(pause|stop|resume|start|delete|remove|cancel) (?:my |the )?digest (?:number |no\.? ?|#)?(\d+)[.! ]*$`)

// ofOneDigest reads "stop digest 3" as /digest stop 3.
func ofOneDigest(text string) (command string, ok bool) {
	m := aboutOne.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	verb := strings.ToLower(m[1])
	if verb == "cancel" {
		verb = "delete"
	}
	return verb + " " + m[2], true
}

// muted is what somebody wants to be sent nothing of for a while, or again.
type muted struct {
	digests  []insights.Digest
	insights bool
}

// mute answers a text that asks to be sent nothing for a while. A digest that is
// muted comes next when that is over; insights wait until then.
func (d *Desk) mute(ctx context.Context, who asker, r Request, m ask.Mute) (reply, error) {
	mine, err := d.mine(ctx, who, r)
	if err != nil {
		return reply{}, err
	}
	of, out, err := d.toMute(ctx, who, r, m, mine)
	switch {
	case err != nil || out.Status != "":
		return out, err
	case len(of.digests) == 0 && !of.insights:
		return reply{Answer: Answer{
			Status: Answered, Headline: "You are sent no digests, so there is nothing to mute.",
			Notes:   []string{"Insights that touch your deals are sent as they are posted: “mute insights for a week” holds them back."},
			Choices: []Choice{listChoice},
		}}, nil
	case m.Again:
		return d.unmuted(who, r, of)
	case m.Until.IsZero():
		return untilWhen(m, of), nil
	}
	return d.mutedUntil(who, m.Until, of)
}

// toMute finds what the words mean: a digest by its number, those that the words
// are about, or all that comes unasked.
func (d *Desk) toMute(ctx context.Context, who asker, r Request, m ask.Mute, mine []insights.Digest) (muted, reply, error) {
	active := digestsIn(mine, insights.DigestActive)
	switch {
	case m.Number > 0:
		for _, digest := range active {
			if digest.ID == m.Number {
				return muted{digests: []insights.Digest{digest}}, reply{}, nil
			}
		}
		return muted{}, whichDigest("pause", strconv.FormatInt(m.Number, 10), mine), nil
	case m.About != "" && len(active) > 0:
		about, err := d.digestsAbout(ctx, who, r, m.About, active)
		if err != nil || len(about) > 0 {
			return muted{digests: about}, reply{}, err
		}
		return muted{}, nothingAbout(m, active), nil
	case m.About != "":
		return muted{}, reply{}, nil
	}
	all := muted{insights: who.person.ID != 0 && (m.Insights || !m.Digests)}
	if m.Digests || !m.Insights {
		all.digests = active
	}
	return all, reply{}, nil
}

func digestsIn(digests []insights.Digest, state insights.DigestState) (out []insights.Digest) {
	for _, digest := range digests {
		if digest.State == state {
			out = append(out, digest)
		}
	}
	return out
}

// digestsAbout keeps the digests of the figure that the words ask for, or with all
// of the words among their own.
func (d *Desk) digestsAbout(ctx context.Context, who asker, r Request, about string, digests []insights.Digest) (out []insights.Digest, err error) {
	reading, err := d.parser.Parse(ctx, ask.Asked{Text: about, At: r.At, Viewer: who.viewer})
	if err != nil {
		return nil, err
	}
	for _, digest := range digests {
		asked := reading.Query != nil && reading.Query.Metric == digest.Query.Metric
		if asked || hasWords(digest.Words, about) {
			out = append(out, digest)
		}
	}
	return out, nil
}

func hasWords(text, words string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// nothingAbout offers the digests that there are instead.
func nothingAbout(m ask.Mute, active []insights.Digest) reply {
	a := Answer{Status: AskedBack, Headline: "You are sent no digest about “" + m.About + "”. Which do you mean?", Notes: []string{"Nothing was muted yet."}}
	for _, digest := range active[:min(len(active), 4)] {
		a.Choices = append(a.Choices, Choice{Label: number(digest) + ": " + digest.Words, Command: muteWords(m, "digest "+number(digest))})
	}
	a.Choices = append(a.Choices, listChoice)
	return reply{Answer: a}
}

// muteWords is the command that mutes something else for as long.
func muteWords(m ask.Mute, what string) string {
	switch {
	case m.Again:
		return "unmute " + what
	case m.Until.IsZero():
		return "mute " + what
	default:
		return "mute " + what + " until " + m.Until.Format(time.DateOnly)
	}
}

// untilWhen asks back how long.
func untilWhen(m ask.Mute, of muted) reply {
	a := Answer{Status: AskedBack, Headline: "Until when?", Notes: []string{"Nothing was muted yet."}}
	if m.Unknown != "" {
		a.Headline = "I did not understand “" + m.Unknown + "”. Until when?"
	}
	for _, until := range []string{"until tomorrow", "until monday", "for a week", "for a month"} {
		a.Choices = append(a.Choices, Choice{Label: upperFirst(until), Command: "mute " + whatWords(of) + " " + until})
	}
	if len(of.digests) == 1 && !of.insights {
		a.Choices = append(a.Choices, pauseOrResume(of.digests[0]))
	}
	return reply{Answer: a}
}

// mutedUntil puts off what was to be sent before then.
func (d *Desk) mutedUntil(who asker, until time.Time, of muted) (reply, error) {
	out := reply{Answer: Answer{Status: Answered, Headline: "Muted until " + Moment(until) + ": " + sendingWords(of) + "."}}
	for _, digest := range of.digests {
		digest, err := digest.Again(until.Add(-time.Nanosecond), d.Company)
		if err != nil {
			return reply{}, err
		}
		out.digests = append(out.digests, insights.DigestChange{Digest: digest})
		if len(out.digests) <= 3 {
			out.Notes = append(out.Notes, "Digest "+number(digest)+" comes next on "+momentOf(digest, digest.NextAt)+": "+digest.Words+".")
		}
	}
	if of.insights {
		out.mute = &insights.Mute{Person: who.person.ID, Until: until}
		out.Notes = append(out.Notes, "Insights that are posted meanwhile are sent to you then; “/insight list” shows them at any time.")
	}
	out.Notes = append(out.Notes, "Your own questions are answered as ever.")
	out.Choices = []Choice{{Label: "Unmute", Command: "unmute " + whatWords(of)}, listChoice}
	return out, nil
}

// unmuted has all sent again as it was arranged.
func (d *Desk) unmuted(who asker, r Request, of muted) (reply, error) {
	out := reply{Answer: Answer{Status: Answered, Headline: "Sent again from now on: " + sendingWords(of) + ".", Choices: []Choice{listChoice}}}
	for _, digest := range of.digests {
		digest, err := digest.Again(r.now(), d.Company)
		if err != nil {
			return reply{}, err
		}
		out.digests = append(out.digests, insights.DigestChange{Digest: digest})
	}
	if of.insights {
		out.mute = &insights.Mute{Person: who.person.ID, Until: r.now()}
		out.Notes = []string{"Insights that wait already come when they were to."}
	}
	return out, nil
}

func sendingWords(of muted) string {
	var words []string
	switch len(of.digests) {
	case 0:
	case 1:
		words = append(words, "digest "+number(of.digests[0])+" ("+of.digests[0].Words+")")
	default:
		words = append(words, "your "+plural(Count(int64(len(of.digests))), "digest"))
	}
	if of.insights {
		words = append(words, "insights")
	}
	return joinAnd(words)
}

func whatWords(of muted) string {
	switch {
	case of.insights && len(of.digests) > 0:
		return "everything"
	case of.insights:
		return "insights"
	case len(of.digests) == 1:
		return "digest " + number(of.digests[0])
	default:
		return "my digests"
	}
}
