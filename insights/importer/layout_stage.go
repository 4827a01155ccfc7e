package importer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"salesbot/insights"
)

// Reports and exports name the stages of deals without saying what they mean.
// Where nothing else explains them, the files are read for the names they hold:
// a stage whose name says won or lost is so, one whose name could mean either
// is asked about, and the others are open. Whatever is concluded is told.

// impliedStage is what an entry says about the stages that its files only name.
var impliedStage = kind{
	name: insights.KindStage, section: "implied_stages",
	fields:   []string{"stage", "process", "position", "outcome", "probability", "forecast_category"},
	required: []string{"stage"},
}

// namedStage is a stage that files name, with what their rows tell of it. Rows
// may differ, since people change the probability of a deal by hand: what most
// of them say holds.
type namedStage struct {
	process, name string
	seen          int // its place among all names, in the order of the files
	position      int // told by the columns; 0: not told
	outcome       votes
	probability   votes
	category      votes
	place         insights.Place
}

// votes count what rows say.
type votes map[string]int

func (v votes) add(text string) {
	if text != "" {
		v[text]++
	}
}

// winner is what most rows say, and of equals the first in the alphabet; empty:
// none says anything.
func (v votes) winner() string {
	best := ""
	for _, text := range slices.Sorted(maps.Keys(v)) {
		if v[text] > v[best] {
			best = text
		}
	}
	return best
}

// stageNames are the stages that files name, in the order they are met.
type stageNames struct {
	list  []*namedStage
	index map[string]*namedStage
}

func (n *stageNames) at(process, name string, place insights.Place) *namedStage {
	key := insights.Stage{Process: process, Name: name}.Named().Key
	if s := n.index[key]; s != nil {
		return s
	}
	s := &namedStage{
		process: process, name: name, seen: len(n.list), place: place,
		outcome: votes{}, probability: votes{}, category: votes{},
	}
	n.list, n.index[key] = append(n.list, s), s
	return s
}

// implyStages concludes what the stages are that files name and nothing
// explains. The mapping is left as it is, and one with these stages returned.
func (r *reading) implyStages(ctx context.Context) error {
	if len(r.opt.Mapping.stages) > 0 || slices.ContainsFunc(r.sources, func(s *source) bool { return s.feeds(insights.KindStage) }) {
		return nil
	}
	names := &stageNames{index: map[string]*namedStage{}}
	for _, s := range r.sources {
		if err := r.nameStages(ctx, s, names); err != nil {
			return err
		}
	}
	names.answer(r.opt.StageOutcomes)
	stages, guessed, err := concludeStages(names.list, r.opt)
	if err != nil {
		return err
	}
	explained := *r.opt.Mapping
	explained.stages = stages
	r.opt.Mapping, r.report.Guessed = &explained, guessed
	return nil
}

// nameStages notes the stages that a file names. Those of columns come first.
func (r *reading) nameStages(ctx context.Context, s *source, names *stageNames) error {
	if len(s.implied) == 0 {
		return nil
	}
	for _, b := range s.implied {
		if b.rule.each != nil {
			c := r.cursor(s, record{line: 1})
			c.bound = b
			c.nameStage(names)
		}
	}
	_, err := s.each(ctx, nil, func(rec record) error {
		rec.trimTo(len(s.sample.header))
		if s.check(&rec) != nil {
			return nil
		}
		c := r.cursor(s, rec)
		if c.leavesOut(s.leaves) {
			return nil
		}
		for _, c.bound = range s.implied {
			if c.bound.rule.each == nil && !c.skips() {
				c.nameStage(names)
			}
		}
		return nil
	})
	return err
}

func (c *cursor) nameStage(names *stageNames) {
	stage := c.text("stage")
	if stage == "" {
		return
	}
	named := names.at(c.text("process"), stage, c.place)
	if position, err := strconv.Atoi(c.text("position")); err == nil {
		named.position = position
	}
	named.outcome.add(strings.ToLower(c.text("outcome")))
	if share := c.text("probability"); isShare(share) {
		named.probability.add(share)
	}
	named.category.add(string(c.category("forecast_category")))
	c.fault = nil // a category nobody knows is left to the row itself
}

// answer notes what somebody said that stages mean. A stage that no file names
// is added, because it may be the only one that means won.
func (n *stageNames) answer(outcomes map[string]insights.Outcome) {
	for _, wanted := range slices.Sorted(maps.Keys(outcomes)) {
		found := false
		for _, s := range n.list {
			if stageIs(s.process, s.name, wanted) {
				s.outcome, found = votes{string(outcomes[wanted]): 1}, true
			}
		}
		if !found {
			n.at("", wanted, insights.Place{}).outcome.add(string(outcomes[wanted]))
		}
	}
}

// stageIs reports whether a stage is called so, alone or with its process
// behind it: "Demo (Renewals)".
func stageIs(process, name, called string) bool {
	return sameName(name, called) || process != "" && sameName(name+" ("+process+")", called)
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// concludeStages says what the stages mean, process by process, or asks.
func concludeStages(names []*namedStage, opt Options) (stages []listedStage, guessed []string, err error) {
	names = slices.DeleteFunc(slices.Clone(names), func(s *namedStage) bool { return s.isAmong(opt.Stages) })
	for _, s := range names {
		s.inherit(opt.Stages)
	}
	var questions []string
	for _, process := range processesOf(names) {
		of := slices.DeleteFunc(slices.Clone(names), func(s *namedStage) bool { return s.process != process })
		questions = append(questions, ask(process, of, opt.Stages)...)
		listed, conclusions := order(of, lastPosition(process, opt.Stages))
		stages, guessed = append(stages, listed...), append(guessed, conclusions...)
	}
	if len(questions) == 0 {
		return stages, guessed, nil
	}
	return nil, nil, &insights.Error{
		Code:    "unclear_stages",
		Message: "The files name stages without saying what they mean, and their names leave it open. Nothing was loaded.\n" + strings.Join(questions, "\n"),
		Hint:    `Answer with --stage "NAME=won" (or lost, or open), once for each, or add stages.csv with the columns name, position and outcome.`,
	}
}

// isAmong reports whether the stage is known already.
func (s *namedStage) isAmong(stored []insights.Stage) bool {
	return slices.ContainsFunc(stored, func(known insights.Stage) bool {
		return sameName(known.Name, s.name) && (s.process == "" || sameName(known.Process, s.process)) ||
			sameName(known.Name, s.title()) // a deal may name a stage so
	})
}

// inherit takes what the stage means from one of its name that is known without
// a process, unless something else says it.
func (s *namedStage) inherit(stored []insights.Stage) {
	at := slices.IndexFunc(stored, func(known insights.Stage) bool { return known.Process == "" && sameName(known.Name, s.name) })
	if at < 0 || s.outcome.winner() != "" {
		return
	}
	s.outcome.add(string(stored[at].Outcome))
	s.probability.add(stored[at].Probability)
}

func processesOf(names []*namedStage) []string {
	var processes []string
	for _, s := range names {
		if !slices.Contains(processes, s.process) {
			processes = append(processes, s.process)
		}
	}
	return processes
}

// ask lists what has to be asked about the stages of a process.
func ask(process string, stages []*namedStage, stored []insights.Stage) []string {
	var questions, names []string
	won, told := slices.ContainsFunc(stored, func(s insights.Stage) bool { return s.Outcome == insights.Won }), true
	for _, s := range stages {
		outcome, sure := s.means()
		won = won || outcome == insights.Won
		told = told && s.outcome.winner() != ""
		names = append(names, s.name)
		if !sure {
			questions = append(questions, fmt.Sprintf("  %s: is it won, lost or open?", s.title()))
		}
	}
	if !won && !told {
		of := ""
		if process != "" {
			of = " of " + process
		}
		questions = append(questions, fmt.Sprintf("  Which stage%s means that a deal is won? There are %s.", of, strings.Join(names, ", ")))
	}
	return questions
}

func (s *namedStage) title() string {
	if s.process == "" {
		return s.name
	}
	return s.name + " (" + s.process + ")"
}

// means says what the stage means: as rows tell or somebody answered, else by
// its name.
func (s *namedStage) means() (outcome insights.Outcome, sure bool) {
	if told := s.outcome.winner(); told != "" {
		return insights.Outcome(told), true
	}
	return outcomeByName(s.name)
}

// closedWords are the words of stages in which deals end, one way or another.
var closedWords = []string{
	"closed", "close", "done", "signed", "dead", "abandoned", "cancelled", "canceled", "completed", "complete", "finished",
	"rejected", "disqualified", "unqualified", "declined", "withdrawn", "churned", "expired", "win", "loss", "lose",
}

// outcomeByName reads what a stage means from its name, and reports whether the
// name says it.
func outcomeByName(name string) (outcome insights.Outcome, sure bool) {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	won, lost := slices.Contains(words, "won"), slices.Contains(words, "lost")
	switch {
	case won && lost || (won || lost) && slices.Contains(words, "not"):
		return insights.Open, false
	case won:
		return insights.Won, true
	case lost:
		return insights.Lost, true
	}
	return insights.Open, !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(closedWords, w) })
}

// order puts the stages of a process in order and says what was concluded: as
// their columns stand, or open ones by probability or as they are met, and
// closed ones behind. They come behind the last position that is known.
func order(of []*namedStage, last int) (listed []listedStage, conclusions []string) {
	by := "in the order in which they are met"
	switch {
	case slices.ContainsFunc(of, func(s *namedStage) bool { return s.position > 0 }):
		by = "in the order of their columns"
		slices.SortStableFunc(of, func(a, b *namedStage) int { return cmp.Compare(a.columnOrder(), b.columnOrder()) })
	case !slices.ContainsFunc(of, func(s *namedStage) bool { return s.probability.winner() == "" }):
		by = "in the order of their probability"
		slices.SortStableFunc(of, func(a, b *namedStage) int {
			return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.chance(), b.chance()))
		})
	default:
		slices.SortStableFunc(of, func(a, b *namedStage) int { return cmp.Compare(a.rank(), b.rank()) })
	}
	var meanings []string
	for i, s := range of {
		outcome, _ := s.means()
		listed = append(listed, listedStage{insights.Stage{
			Process: s.process, Name: s.name, Position: last + i + 1, Outcome: outcome,
			Probability: s.probability.winner(), Category: insights.ForecastCategory(s.category.winner()),
		}, s.place})
		why := ""
		if s.outcome.winner() == "" && outcome != insights.Open {
			why = " by its name"
		}
		meanings = append(meanings, fmt.Sprintf("%s (%s%s)", s.name, outcome, why))
	}
	what := "the stages"
	if of[0].process != "" {
		what += " of " + of[0].process
	}
	return listed, []string{fmt.Sprintf("%s, %s: %s", what, by, strings.Join(meanings, ", "))}
}

// lastPosition is that of the last stage of a process that is stored; 0: none is.
func lastPosition(process string, stored []insights.Stage) int {
	last := 0
	for _, s := range stored {
		if sameName(s.Process, process) {
			last = max(last, s.Position)
		}
	}
	return last
}

// columnOrder puts stages without a column behind those with one.
func (s *namedStage) columnOrder() int {
	if s.position == 0 {
		return 1<<20 + s.seen
	}
	return s.position
}

// rank puts open stages before won ones, and those before lost ones.
func (s *namedStage) rank() int {
	outcome, _ := s.means()
	return slices.Index(outcomes, string(outcome))
}

// chance is the stage's probability as a number, to order by only.
func (s *namedStage) chance() float64 {
	chance, err := strconv.ParseFloat(s.probability.winner(), 64)
	if err != nil {
		return 0
	}
	return chance
}

// ParseStageOutcome reads the answer to a question about a stage: NAME=won.
func ParseStageOutcome(answer string) (stage string, outcome insights.Outcome, err error) {
	at := strings.LastIndex(answer, "=")
	if at > 0 {
		stage, outcome = strings.TrimSpace(answer[:at]), insights.Outcome(strings.ToLower(strings.TrimSpace(answer[at+1:])))
	}
	if stage == "" || !slices.Contains(outcomes, string(outcome)) {
		return "", "", &insights.Error{
			Code:    "bad_stage",
			Message: fmt.Sprintf("--stage %q does not say what a stage means.", answer),
			Hint:    `Write the name of the stage and what it means: --stage "Signed=won" (or lost, or open).`,
		}
	}
	return stage, outcome, nil
}
