package handlers

import (
	"context"
	"io"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Origin is the door a Request came through.
type Origin string

// The doors.
const (
	FromCommand  Origin = "command"  // a slash command
	FromMention  Origin = "mention"  // the bot was mentioned in a channel
	FromMessage  Origin = "message"  // a direct message
	FromButton   Origin = "button"   // a command, pressed
	FromForm     Origin = "form"     // a form, filled in
	FromTerminal Origin = "terminal" // salesbot ask
	FromDigest   Origin = "digest"   // a schedule
	FromShare    Origin = "share"    // an answer that is about to be posted for others
)

// Request is one thing somebody asks, free of where it was typed.
type Request struct {
	// Key tells the Request from all others, and is the same when it is worked
	// on again because the process died. Empty: it is worked on once.
	Key     string
	Origin  Origin
	Actor   Actor
	Place   Place
	Thread  string // key of the conversation a follow-up belongs to; empty: none
	Around  string // key of the conversation that a thread was opened in; empty: none
	Opens   string // key of the conversation in a thread on this very request; empty: none
	Asked   string // key of the message that asks; empty: none does
	Edited  bool   // the message asked something else before
	Command string // "/kpi", or empty for plain text
	Text    string
	Whole   bool             // lists are wanted whole, not by the page
	Form    *Submission      // FromForm
	At      time.Time        // the moment it is asked as of
	Now     time.Time        // the moment it is answered, where that is another; rights are those of now
	Digest  *insights.Digest // what is sent: FromDigest
	Posting *Posting         // what is about to be posted, or was not: FromShare
	Files   []File           // what was sent with the text
	// Above finds the files of the message that the text is a reply to. Nil:
	// there can be none.
	Above func(ctx context.Context) ([]File, error)
	// Channels are where the answer could be shown to others. Nil: there are none.
	Channels Channels
	// Meanwhile says something before the answer, once, where that may take
	// long. Nil: nobody waits.
	Meanwhile func(ctx context.Context, words Answer) error
}

// File is something that a person sent along.
type File struct {
	Name string
	Size int64 // bytes, as its sender says
	// Open begins to fetch it. Nothing is fetched before.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// now is the moment a Request is answered.
func (r Request) now() time.Time {
	if r.Now.IsZero() {
		return r.At
	}
	return r.Now
}

// Actor is who asks, as the door knows them. A door that knows a reason why
// they may see nothing (a guest, somebody of another company, an address that
// is not verified) says so in Barred, in words for that person.
type Actor struct {
	ID     string // the door's own id for them
	Name   string
	Email  string // verified; empty: unknown
	Barred string
	Local  bool   // the administrator of this machine, at the terminal
	Team   string // the workspace the door belongs to; empty: none
	Zone   string // their time zone by its IANA name; empty: unknown

	// Matched is set by a door that has matched the actor to a person itself.
	Matched *Matched
}

// Matched is a person with the rights of today.
type Matched struct {
	Viewer metric.Viewer
	Person insights.Person
}

// Place is where the Request was made.
type Place struct {
	ID      string
	Name    string
	Direct  bool   // between the actor and the bot alone
	Channel bool   // a channel, which others are in too
	Thread  string // the place's own id of the thread it was made in; empty: in none
}

// Channels are the places where others read what is said, as the door knows them
// and the actor of the Request sees them.
type Channels interface {
	// Common lists the channels that both the actor and the bot are in, by name.
	Common(ctx context.Context) ([]Place, error)
	// Audience tells who can read what is said in a channel, by its id.
	Audience(ctx context.Context, id string) (Audience, error)
}

// Audience is everybody who can read what is said in a place, the actor of the
// Request among them.
type Audience struct {
	Place   Place
	Readers []Reader
	Public  bool   // it can be read without being in it
	Barred  string // why nothing may be posted there, in words for the actor; empty: it may
}

// Reader is one of an Audience, as the door knows them.
type Reader struct {
	Name   string
	Email  string // verified; empty: unknown
	Barred string // why they may see nothing, as in “a guest in Slack”; empty: no such reason is known
}

// Posting is an answer on its way to a channel, the Place of the Request.
type Posting struct {
	Receipt string
	// Unsaid is why it was not posted, as the door says it; empty: it is about to
	// be, if all who can read it still may.
	Unsaid string
	Unsure bool // of Unsaid: it may have been posted all the same
}
