package ask

import (
	"regexp"
	"slices"
)

// Post is what a text asks for that wants the last answer shown to others.
type Post struct {
	Channel string // its name, or the door's id for it, without the #; empty: none is named
	Here    bool   // where it is asked
}

// ReadPost reads “share this in #emea-sales”, “post it here”, “tell the team”. All
// of the text must be that: what else is said could change what is meant.
func ReadPost(text string) (Post, bool) {
	if len(text) > maxText {
		return Post{}, false
	}
	channels := channelForm.FindAllStringSubmatch(text, -1)
	said := plainWords(channelForm.ReplaceAllString(text, " "+channelWord+" "))
	if len(channels) > 1 || !slices.ContainsFunc(postForms, func(form *regexp.Regexp) bool { return form.MatchString(said) }) {
		return Post{}, false
	}
	post := Post{Here: hereForm.MatchString(said)}
	if len(channels) == 1 {
		post.Channel = channels[0][1]
	}
	return post, true
}

// A channel is written with a #, which no other word here begins with.
var channelForm = regexp.MustCompile(`#([\p{L}\p{N}][\p{L}\p{N}._-]*)`)

const channelWord = "thatchannel"

const (
	postedThing = `(?:(?:this|it|that|these|those|them)|(?:the |this |that |these |those |my |your |last )*(?:last )?(?:answers?|numbers?|figures?|results?|tables?|lists?))`
	postedHere  = `(?:(?:right )?(?:in )?here|(?:in|to|with|on|into) (?:this|the) (?:channel|thread|room))`
	postedTo    = `(?:(?:in|to|into|on|with|at) (?:the )?)?` + channelWord + `(?: channel)?`
	postedAll   = `(?:with |to |for )?(?:the (?:team|group|others|rest|whole team)|my team|our team|everyone|everybody|all|all of us|us all|them|others|the others)`
)

var (
	postForms = []*regexp.Regexp{
		regexp.MustCompile(`^(?:share|post|publish|broadcast|forward) ` + postedThing + `(?: (?:` + postedHere + `|` + postedTo + `|` + postedAll + `))?$`),
		regexp.MustCompile(`^(?:send|copy|show|put|write|say|drop) ` + postedThing + ` (?:` + postedHere + `|` + postedTo + `)$`),
		regexp.MustCompile(`^tell (?:the team|everyone|everybody|my team|our team|them|` + channelWord + `)(?: (?:this|that|it|about (?:this|that|it)))?$`),
		regexp.MustCompile(`^share(?: (?:` + postedHere + `|` + postedTo + `))?$`),
	}
	hereForm = regexp.MustCompile(` ` + postedHere + `$`)
)
