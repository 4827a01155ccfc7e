package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"salesbot/handlers"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// evalCommand asks questions of which it is known how they are to be answered.
func (p program) evalCommand() *cobra.Command {
	var demo, verbose bool
	c := &cobra.Command{
		Use:   "eval FILE…",
		Short: "Ask questions whose right answers are known, and count the right ones",
		Long: "Eval asks each question of the files and compares what is answered with what the file says is right.\n" +
			"It prints how many were right, asked back, refused, missed and wrong, per kind, and each that was not right.\n" +
			"Nothing of it is kept. It fails if an answer was wrong. The format of the files is told in docs/asking.md.",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("eval which file of questions?")}
			}
			return p.eval(c.Context(), args, demo, verbose)
		},
	}
	c.Flags().BoolVar(&demo, "demo", false, "ask the demo's made-up company")
	c.Flags().BoolVar(&verbose, "verbose", false, "print every question with its answer")
	return c
}

// verdict is how a question did.
type verdict string

// The verdicts. Whoever asks back or misses says so and leads on; whoever is
// wrong says something else than what was asked.
const (
	verdictRight     verdict = "right"
	verdictAskedBack verdict = "asked back"
	verdictRefused   verdict = "refused"
	verdictMissed    verdict = "missed"
	verdictWrong     verdict = "wrong"
)

var verdicts = []verdict{verdictRight, verdictAskedBack, verdictRefused, verdictMissed, verdictWrong}

// evalQuestion is one line of a file of questions.
type evalQuestion struct {
	at     string // file and line
	kind   string
	asker  string
	moment string
	thread string
	text   string
	want   string
}

// evalScore counts the verdicts of one kind; unavailable are those of the right
// ones that were refused because the feature or the data is not there.
type evalScore struct {
	of          map[verdict]int
	unavailable int
}

func (p program) eval(ctx context.Context, paths []string, demo, verbose bool) error {
	var questions []evalQuestion
	for _, path := range paths {
		more, err := readQuestions(path)
		if err != nil {
			return err
		}
		questions = append(questions, more...)
	}
	s, err := readSettings(p.Environ)
	if err != nil {
		return err
	}
	open := p.openDatabase
	if demo {
		open = p.openDemo
	}
	db, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.PutInForce(ctx, s.Metrics, s.Company, p.Now()); err != nil {
		return err
	}
	return p.askAll(ctx, s, db, questions, verbose)
}

func (p program) askAll(ctx context.Context, s settings, db *database, questions []evalQuestion, verbose bool) error {
	e := &evaluation{program: p, settings: s, db: db, talk: newUnkept(db), scores: map[string]*evalScore{}}
	e.desk = p.desk(s, e.talk)
	for _, q := range questions {
		said, err := e.ask(ctx, q)
		if err != nil {
			return err
		}
		v := said.verdict
		e.count(q.kind, said)
		if verbose || v != verdictRight {
			_, _ = fmt.Fprintf(p.Out, "%s: %s: %q\n  wanted %s\n  got    %s\n", q.at, v, q.text, q.want, said.got)
		}
	}
	return e.report(p.Out)
}

// unkept is the store with conversations that last as long as the evaluation.
type unkept struct {
	*database
	last     map[string]*metric.Query
	answers  map[string]string // by conversation: the receipt of the last answer
	receipts map[string]insights.Receipt
}

func newUnkept(db *database) *unkept {
	return &unkept{database: db, last: map[string]*metric.Query{}, answers: map[string]string{}, receipts: map[string]insights.Receipt{}}
}

// hear remembers what an answer leaves behind for what follows it.
func (u *unkept) hear(thread string, turn insights.Turn) {
	if turn.LastQuery != nil {
		u.last[thread], u.answers[thread] = turn.LastQuery, turn.LastAnswer
	}
	for _, r := range append([]insights.Recorded{{Receipt: turn.Receipt}}, turn.Further...) {
		if r.Receipt != nil {
			u.receipts[r.Receipt.ID] = *r.Receipt
		}
	}
}

// LastQuery is what was last asked in a conversation of the evaluation.
func (u *unkept) LastQuery(_ context.Context, thread string) (*metric.Query, error) {
	return u.last[thread], nil
}

// LastAnswer is the receipt of what was last answered in a conversation.
func (u *unkept) LastAnswer(_ context.Context, thread string) (string, error) {
	return u.answers[thread], nil
}

// Receipt reads a receipt of the evaluation, or one that was kept before.
func (u *unkept) Receipt(ctx context.Context, id string) (insights.Receipt, error) {
	if r, ok := u.receipts[id]; ok {
		return r, nil
	}
	return u.database.Receipt(ctx, id)
}

// evalChannels are the channels of an evaluation, which takes place in direct
// messages: there is one, and nobody but the asker can read it.
type evalChannels struct{ asker handlers.Actor }

var evalChannel = handlers.Place{ID: "C0SALES", Name: "sales", Channel: true}

func (c evalChannels) Common(context.Context) ([]handlers.Place, error) {
	return []handlers.Place{evalChannel}, nil
}

func (c evalChannels) Audience(context.Context, string) (handlers.Audience, error) {
	return handlers.Audience{Place: evalChannel, Readers: []handlers.Reader{{Name: c.asker.Name, Email: c.asker.Email}}}, nil
}

type evaluation struct {
	program
	settings settings
	db       *database
	desk     *handlers.Desk
	talk     *unkept
	kinds    []string
	scores   map[string]*evalScore
}

// evalOutcome is what became of one question.
type evalOutcome struct {
	verdict     verdict
	got         string
	unavailable bool
}

func (e *evaluation) ask(ctx context.Context, q evalQuestion) (evalOutcome, error) {
	request, err := e.request(ctx, q)
	if err != nil {
		return evalOutcome{}, fmt.Errorf("%s: %w", q.at, err)
	}
	answer, turn := e.desk.Handle(ctx, request)
	e.talk.hear(request.Thread, turn)
	got := evalOutcome{got: e.inWords(answer), unavailable: answer.Code == metric.CodeNotAvailable}
	got.verdict, err = e.judge(ctx, q, request, answer)
	return got, err
}

func (e *evaluation) request(ctx context.Context, q evalQuestion) (handlers.Request, error) {
	at, err := moment(q.moment, e.settings.Company, e.Now())
	if err != nil {
		return handlers.Request{}, err
	}
	actor, err := actorFor(ctx, e.db, q.asker, e.Now().In(e.settings.Company.Zone))
	if err != nil {
		return handlers.Request{}, err
	}
	return handlers.Request{
		Origin: handlers.FromMessage, Actor: actor, Place: handlers.Place{ID: "eval", Direct: true},
		Thread: q.thread, Text: q.text, At: at, Channels: evalChannels{actor},
	}, nil
}

func (e *evaluation) inWords(a handlers.Answer) string {
	var all []string
	for _, one := range a.Each() {
		said := strings.TrimSpace(string(one.Status)+" "+one.Code) + ": " + one.Headline
		if one.Query != nil {
			said = "=> " + e.desk.Say(*one.Query)
		}
		all = append(all, said)
	}
	return strings.Join(all, " && ")
}

// judge compares an answer with what the question wants, or with each of several
// that are right.
func (e *evaluation) judge(ctx context.Context, q evalQuestion, r handlers.Request, a handlers.Answer) (verdict, error) {
	right, sign := false, ""
	for _, want := range strings.Split(q.want, " || ") {
		if len(want) >= 2 && slices.Contains(signs, want[:2]) {
			sign, want = want[:2], strings.TrimSpace(want[2:])
		}
		is, err := e.isWanted(ctx, q, r, a, sign, want)
		if err != nil {
			return "", err
		}
		right = right || is
	}
	switch {
	case right:
		return verdictRight, nil
	case slices.ContainsFunc(a.Each(), func(one handlers.Answer) bool { return one.Status == handlers.Answered }):
		return verdictWrong, nil
	case a.Status == handlers.AskedBack:
		return verdictAskedBack, nil
	case a.Status == handlers.Refused:
		return verdictRefused, nil
	case a.Status == handlers.Failed:
		return "", fmt.Errorf("%s: %q failed: %s", q.at, q.text, a.Headline)
	default:
		return verdictMissed, nil
	}
}

// isWanted reports whether an answer is the one wanted.
func (e *evaluation) isWanted(ctx context.Context, q evalQuestion, r handlers.Request, a handlers.Answer, sign, want string) (bool, error) {
	switch sign {
	case signAsk:
		return a.Status == handlers.AskedBack && e.offers(a, want), nil
	case signRefuse:
		return want != "" && a.Status == handlers.Refused && a.Code == want ||
			want == "" && (a.Status == handlers.Refused || a.Status == handlers.NotUnderstood), nil
	default:
		return e.readsAll(ctx, q, r, a.Each(), strings.Split(want, " && "))
	}
}

// readsAll reports whether the answers are those wanted, one by one.
func (e *evaluation) readsAll(ctx context.Context, q evalQuestion, r handlers.Request, answers []handlers.Answer, wanted []string) (bool, error) {
	if len(answers) != len(wanted) {
		return false, nil
	}
	for i, want := range wanted {
		if is, err := e.reads(ctx, q, r, answers[i], want); err != nil || !is {
			return false, err
		}
	}
	return true, nil
}

// offers reports whether an answer offers all the choices wanted, by their
// labels.
func (e *evaluation) offers(a handlers.Answer, want string) bool {
	if want == "" {
		return true
	}
	for _, label := range strings.Split(want, "|") {
		label = strings.TrimSpace(label)
		if !slices.ContainsFunc(a.Choices, func(c handlers.Choice) bool { return strings.EqualFold(c.Label, label) }) {
			return false
		}
	}
	return true
}

// reads reports whether an answer is the one to the question as the file spells
// it out, or says the words that the file quotes.
func (e *evaluation) reads(ctx context.Context, q evalQuestion, r handlers.Request, a handlers.Answer, want string) (bool, error) {
	if a.Status != handlers.Answered {
		return false, nil
	}
	if quoted, ok := strings.CutPrefix(want, `"`); ok {
		return strings.Contains(a.Headline, strings.TrimSuffix(quoted, `"`)), nil
	}
	r.Text, r.Thread = want, ""
	meant, _ := e.desk.Handle(ctx, r)
	if meant.Status != handlers.Answered || meant.Query == nil {
		return false, fmt.Errorf("%s: what is wanted is not answered itself: %q: %s", q.at, want, meant.Headline)
	}
	got, err := asked(a.Query)
	if err != nil {
		return false, err
	}
	wanted, err := asked(meant.Query)
	return got == wanted, err
}

// asked writes a Query without what its periods are called.
func asked(q *metric.Query) (string, error) {
	if q == nil {
		return "", nil
	}
	plain := *q
	plain.Period.Label, plain.Against.Label = "", ""
	slices.SortFunc(plain.Where, func(a, b metric.Filter) int { return strings.Compare(a.Field+string(a.Op), b.Field+string(b.Op)) })
	text, err := json.Marshal(plain)
	return string(text), err
}

func (e *evaluation) count(kind string, said evalOutcome) {
	score, ok := e.scores[kind]
	if !ok {
		score = &evalScore{of: map[verdict]int{}}
		e.scores[kind], e.kinds = score, append(e.kinds, kind)
	}
	score.of[said.verdict]++
	if said.verdict == verdictRight && said.unavailable {
		score.unavailable++
	}
}

// report prints the table, and fails if an answer was wrong.
func (e *evaluation) report(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprint(table, "questions\t")
	for _, v := range verdicts {
		_, _ = fmt.Fprintf(table, "%s\t", v)
	}
	_, _ = fmt.Fprintln(table, "not available yet\t  kind")
	all := &evalScore{of: map[verdict]int{}}
	for _, kind := range e.kinds {
		score := e.scores[kind]
		score.print(table, kind)
		for v, n := range score.of {
			all.of[v] += n
		}
		all.unavailable += score.unavailable
	}
	all.print(table, "all")
	if err := table.Flush(); err != nil {
		return err
	}
	if wrong := all.of[verdictWrong]; wrong > 0 {
		return quietError{fmt.Errorf("%d answers were wrong", wrong)}
	}
	return nil
}

func (s *evalScore) print(out io.Writer, kind string) {
	total := 0
	for _, n := range s.of {
		total += n
	}
	_, _ = fmt.Fprintf(out, "%d\t", total)
	for _, v := range verdicts {
		_, _ = fmt.Fprintf(out, "%d\t", s.of[v])
	}
	_, _ = fmt.Fprintf(out, "%d\t  %s\n", s.unavailable, kind)
}

// What a question wants: an answer, a question back, a refusal.
const (
	signAnswer = "=>"
	signAsk    = "??"
	signRefuse = "!!"
)

var signs = []string{signAnswer, signAsk, signRefuse}

// followUp begins a line that goes on from the one above.
const followUp = "↳"

// readQuestions reads a file of questions, line by line:
//
//	## One figure                    the kind of what follows
//	as Priya Adeyemi                 who asks; nobody: the local administrator
//	on 2026-11-20 09:00              when; else now
//	win rate last q => win rate last quarter       the same question, spelt out
//	↳ and by rep => win rate last quarter by person   goes on from the line above
//	my digests => "no digests"       the words that the answer says
//	my quota and win rate => my quota && my win rate   two questions, two answers
//	my open deals => open deals of priya || list open deals of priya   either is right
//	revenue by fax => won revenue by fax || !! not_available   right too when refused so
//	who owns acme ?? Acme Foods | Acme Toys        asked back, with these choices
//	rev of the others !! not_allowed               refused with this code
//	# a comment
func readQuestions(path string) ([]evalQuestion, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the questions: %w", err)
	}
	defer file.Close()
	var (
		out  []evalQuestion
		next = evalQuestion{kind: "questions"}
		line int
	)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line++
		text := strings.TrimSpace(lines.Text())
		next.at = fmt.Sprintf("%s:%d", path, line)
		switch {
		case strings.HasPrefix(text, "## "):
			next.kind = strings.TrimPrefix(text, "## ")
		case text == "" || strings.HasPrefix(text, "#"):
		case strings.HasPrefix(text, "as ") && !hasSign(text):
			next.asker = strings.TrimPrefix(text, "as ")
		case strings.HasPrefix(text, "on ") && !hasSign(text):
			next.moment = strings.TrimPrefix(text, "on ")
		default:
			q, err := next.read(text)
			if err != nil {
				return nil, err
			}
			next.thread = q.thread
			out = append(out, q)
		}
	}
	return out, lines.Err()
}

func hasSign(text string) bool {
	_, _, ok := cutSign(text)
	return ok
}

// cutSign cuts a line at the last sign in it that does not begin a further thing
// that is right: a question may hold others.
func cutSign(text string) (question, want string, ok bool) {
	at, whole := -1, text
	for before, after, more := cutLast(text, " || "); more && len(after) >= 2 && slices.Contains(signs, after[:2]); before, after, more = cutLast(text, " || ") {
		text = before
	}
	rest := whole[len(text):]
	for _, sign := range signs {
		i := strings.LastIndex(text, " "+sign+" ")
		if strings.HasSuffix(text, " "+sign) {
			i = len(text) - len(sign) - 1
		}
		at = max(at, i)
	}
	if at < 0 {
		return "", "", false
	}
	return strings.TrimSpace(text[:at]), strings.TrimSpace(text[at:]) + rest, true
}

func cutLast(text, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

func (next evalQuestion) read(text string) (evalQuestion, error) {
	question, want, ok := cutSign(text)
	if !ok || question == "" {
		return next, fmt.Errorf("%s: the line does not say what is wanted: %q", next.at, text)
	}
	after, goesOn := strings.CutPrefix(question, followUp)
	if !goesOn {
		next.thread = next.at
	}
	if want == signAnswer {
		return next, fmt.Errorf("%s: an answer to what is wanted? %q", next.at, text)
	}
	next.text, next.want = strings.TrimSpace(after), want
	return next, nil
}
