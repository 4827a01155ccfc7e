package handlers

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// Store is what the handlers need to know of what is stored.
type Store interface {
	ask.Names
	InsightStore
	Operations
	Digests
	Receipts
	Sharing
	ModelUses
	// Read runs the statements of one plan in one snapshot.
	Read(ctx context.Context, statements []metric.Statement) (metric.Reading, error)
	// Viewer finds the active person with that e-mail and their rights on a day: the
	// one that the moment falls on in its own zone.
	Viewer(ctx context.Context, email string, on time.Time) (metric.Viewer, insights.Person, bool, error)
	// LastQuery is what was last asked in a conversation, nil if nothing was.
	LastQuery(ctx context.Context, thread string) (*metric.Query, error)
	// QueryBefore is what was asked in a conversation before a message asked. It
	// reports false when that message was not the last one.
	QueryBefore(ctx context.Context, thread, asked string) (*metric.Query, bool, error)
}

// Config is what a Desk needs; every field but Admins, ReadWithin, Connected,
// Loader, Watched, Model and Budget is required.
type Config struct {
	Catalog *metric.Catalog
	Company metric.Company
	Store   Store
	Order   ask.DateOrder // of dates in numbers; empty: those of two meanings are asked about
	Admins  []string      // e-mails that administer whatever their CRM role is
	NewID   func() string // random ids for receipts and fault references
	Log     *slog.Logger
	// StaleAfter is how old the data of a digest may be; 0: any age.
	StaleAfter time.Duration
	// ReadWithin is how long somebody waits for a figure to be counted; 0: as long
	// as the store allows.
	ReadWithin time.Duration
	// Connected counts the sockets to Slack that are open, of how many. Nil
	// where there is no Slack.
	Connected func() (open, all int)
	// Loader imports files that people send. Nil where nobody can send any.
	Loader Loader
	// Watched tells the last failure of the watched folder, and reports whether
	// there is one. Nil where none is watched.
	Watched func() (WatchFailure, bool)
	// Model reads what the grammar does not. Nil: none is asked.
	Model  Model
	Budget ModelBudget
}

// Desk answers requests.
type Desk struct {
	Config
	parser *ask.Parser
}

// NewDesk opens a Desk.
func NewDesk(cfg Config) *Desk {
	d := &Desk{Config: cfg, parser: &ask.Parser{Catalog: cfg.Catalog, Names: cfg.Store, Company: cfg.Company, Order: cfg.Order}}
	d.parser.Learn()
	return d
}

// asker is the person behind a Request, with their rights.
type asker struct {
	viewer metric.Viewer
	person insights.Person
}

// reply is an Answer and what it leaves behind.
type reply struct {
	Answer
	receipt   *insights.Receipt
	lastQuery *metric.Query
	result    *metric.Result // of a figure
	past      bool           // what a stock was is not known
	digest    *insights.DigestChange
	digests   []insights.DigestChange // beside
	mute      *insights.Mute
	insight   *insights.InsightChange
	modelUse  *insights.ModelUse
	also      []reply // to the further questions of the same Request
	place     string  // id of the place that it is about, where that is not where it was asked
}

// Handle answers one Request and says what is to be recorded about it. It
// never fails: a fault is an Answer too.
func (d *Desk) Handle(ctx context.Context, r Request) (Answer, insights.Turn) {
	who, out, err := d.admit(ctx, r)
	if err == nil && out.Status == "" {
		out, err = d.dispatch(ctx, who, r)
	}
	if err != nil {
		out = reply{Answer: d.inWords(err), modelUse: out.modelUse}
	}
	if r.Digest != nil {
		out = d.ran(r, out)
	}
	if r.Posting != nil {
		out = d.posted(ctx, r, out)
	}
	for _, more := range out.also {
		out.Also = append(out.Also, more.Answer)
	}
	return out.Answer, d.turn(r, who, out)
}

// admit finds the asker, or the answer that those get who may see nothing.
func (d *Desk) admit(ctx context.Context, r Request) (asker, reply, error) {
	if r.Actor.Local {
		return asker{viewer: metric.Viewer{Name: r.Actor.Name, Role: metric.RoleAdmin, All: true}}, reply{}, nil
	}
	if r.Actor.Barred != "" {
		return asker{}, refusal(r.Actor.Barred), nil
	}
	who, found, err := d.match(ctx, r)
	if err != nil {
		return asker{}, reply{}, err
	}
	if !found {
		return asker{}, refusal("I do not know you yet: no active person has your Slack e-mail address. " +
			"Ask your sales-ops administrator to load you with that address, then try again."), nil
	}
	return who, reply{}, nil
}

// match finds the person behind an actor. An administrator by configuration
// need not be a person of the CRM.
func (d *Desk) match(ctx context.Context, r Request) (who asker, found bool, err error) {
	if r.Actor.Matched != nil {
		who, found = asker{viewer: r.Actor.Matched.Viewer, person: r.Actor.Matched.Person}, true
	} else if r.Actor.Email != "" {
		who.viewer, who.person, found, err = d.Store.Viewer(ctx, r.Actor.Email, r.now().In(d.Company.Zone))
	}
	if err != nil || !d.isAdmin(r.Actor.Email) {
		return who, found, err
	}
	if !found {
		who.viewer.Name = r.Actor.Name
	}
	who.viewer.Role, who.viewer.All = metric.RoleAdmin, true
	return who, true, nil
}

// NameOf is the name of the active person with a verified e-mail address, empty
// if there is none.
func (d *Desk) NameOf(ctx context.Context, email string, now time.Time) (string, error) {
	_, person, found, err := d.Store.Viewer(ctx, email, now.In(d.Company.Zone))
	if err != nil || !found {
		return "", err
	}
	return person.Name, nil
}

func (d *Desk) isAdmin(email string) bool {
	return email != "" && slices.ContainsFunc(d.Admins, func(a string) bool { return strings.EqualFold(a, email) })
}

func refusal(message string) reply {
	return reply{Answer: Answer{Status: Refused, Code: metric.CodeNotAllowed, Headline: message}}
}

// dispatch finds the command, typed, pressed or written as plain text.
func (d *Desk) dispatch(ctx context.Context, who asker, r Request) (reply, error) {
	if r.Form != nil {
		return d.submitted(ctx, who, r)
	}
	if r.Digest != nil {
		return d.again(ctx, who, r)
	}
	if r.Posting != nil {
		return d.posting(ctx, who, r)
	}
	if len(r.Files) > 0 {
		return d.sent(ctx, who, r)
	}
	name, text := r.Command, strings.TrimSpace(r.Text)
	if name == "" && strings.HasPrefix(text, "/") {
		name, text, _ = strings.Cut(text, " ")
		text = strings.TrimSpace(text)
	}
	if name == "" {
		return d.plain(ctx, who, r, text)
	}
	command, ok := findCommand(name)
	if !ok {
		return reply{Answer: Answer{
			Status:   NotUnderstood,
			Headline: "There is no command " + name + ".",
			Choices:  helpChoices(who),
		}}, nil
	}
	r.Text = text
	return command.run(d, ctx, who, r)
}

// plain handles text without a command: a few words that everybody tries
// first, and otherwise a question.
func (d *Desk) plain(ctx context.Context, who asker, r Request, text string) (reply, error) {
	r.Text = text
	switch strings.ToLower(strings.Trim(text, " ?!.")) {
	case "", "help", "hi", "hello", "hey":
		return d.help(ctx, who, r)
	case "whoami", "who am i":
		return d.whoami(ctx, who, r)
	case "digests", "my digests":
		return d.myDigests(ctx, who, r)
	}
	if id, ok := readProve(text); ok {
		return d.prove(ctx, who, id)
	}
	if said, ok := readSaid(text); ok {
		return d.sentAgain(ctx, who, r, said)
	}
	if out, ok, err := d.share(ctx, who, r, text); ok || err != nil {
		return out, err
	}
	if command, ok := ofOneDigest(text); ok {
		r.Text = command
		return d.digest(ctx, who, r)
	}
	if m, ok := d.parser.ReadMute(text, r.At, d.zoneOf(r)); ok {
		return d.mute(ctx, who, r, m)
	}
	if every, ok := ask.ReadEvery(text, d.Company); ok {
		return d.every(ctx, who, r, every)
	}
	return d.question(ctx, who, r, "")
}

// turn is what is recorded of a Request: who asked what, how it ended, the
// receipt of each figure, and what a follow-up would edit: the last that was
// answered.
func (d *Desk) turn(r Request, who asker, out reply) insights.Turn {
	turn := insights.Turn{At: r.now(), Receipt: out.receipt, Audit: d.audit(r, who, out), Insight: out.insight, ModelUse: out.modelUse}
	turn.Digest, turn.Digests, turn.Mute = out.digest, out.digests, out.mute
	for _, more := range out.also {
		if more.digest != nil {
			turn.Digests = append(turn.Digests, *more.digest)
		}
	}
	last, answered := out.lastQuery, out.receipt
	for _, more := range out.also {
		turn.Further = append(turn.Further, insights.Recorded{Receipt: more.receipt, Audit: d.audit(r, who, more)})
		if more.lastQuery != nil {
			last, answered = more.lastQuery, more.receipt
		}
	}
	if last != nil {
		turn.Thread, turn.Opens, turn.LastQuery, turn.Asked = r.Thread, r.Opens, last, r.Asked
		turn.Edited = r.Edited
	}
	if last != nil && answered != nil {
		turn.LastAnswer = answered.ID
	}
	return turn
}

// audit is the line of the audit log on one answer.
func (d *Desk) audit(r Request, who asker, out reply) *insights.AuditEntry {
	audit := &insights.AuditEntry{
		At: r.now(), Person: who.viewer.PersonID, Actor: r.Actor.ID, Origin: string(r.Origin), Place: r.Place.ID,
		Text: strings.TrimSpace(r.Command + " " + r.Text), Status: string(out.Status), Code: out.Code, Receipt: out.Receipt,
	}
	if r.Form != nil {
		audit.Text = "form " + r.Form.ID + " " + r.Form.Context
	}
	if len(r.Files) > 0 {
		audit.Text = strings.TrimSpace("files " + fileNames(r.Files) + " " + r.Text)
	}
	if r.Posting != nil {
		audit.Text = "post receipt " + r.Posting.Receipt
	}
	if out.place != "" {
		audit.Place = out.place
	}
	return audit
}

// inWords is the one place where an error becomes something people read.
func (d *Desk) inWords(err error) Answer {
	var refused *metric.Refusal
	if errors.As(err, &refused) {
		status := Refused
		if refused.Code == metric.CodeInvalid {
			status = NotUnderstood
		}
		return Answer{Status: status, Code: refused.Code, Headline: refused.Message, Notes: nonEmpty(refused.Hint), Choices: commands(refused.Instead)}
	}
	var mendable *insights.Error
	if errors.As(err, &mendable) {
		d.Log.Error("a request failed", slog.String("code", mendable.Code), slog.Any("cause", mendable.Err))
		return Answer{Status: Failed, Code: mendable.Code, Headline: mendable.Message, Notes: nonEmpty(mendable.Hint)}
	}
	var late *slow
	if errors.As(err, &late) {
		d.Log.Warn("a question took too long", slog.String("cause", late.Error()))
		return d.slowWords(late)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Answer{Status: Failed, Code: codeDeadline, Headline: "That took too long, so I stopped it.",
			Notes: []string{"Nothing was changed. Ask for a shorter period or fewer breakdowns, or try again in a moment."}}
	}
	reference := d.NewID()
	d.Log.Error("a request failed", slog.String("reference", reference), slog.String("cause", err.Error()))
	return Answer{Status: Failed, Code: "internal", Headline: "Something went wrong on my side, so there is no answer.",
		Notes: []string{"Nothing was changed. Try again in a moment; if it happens again, give your administrator this reference: " + reference + "."}}
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

func commands(texts []string) []Choice {
	choices := make([]Choice, len(texts))
	for i, text := range texts {
		choices[i] = Choice{Label: text, Command: text}
	}
	return choices
}
