package ask

import (
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// stageField is the field of the stages that deals go through.
const stageField = "stage"

// readTimeIn reads "time in" and "avg days in" before a stage: how long deals stay
// there.
func (r *reader) readTimeIn(p piece) bool {
	at := r.pos + 1
	for r.at(at).is(keyHarmless) {
		at++
	}
	if d, ok := r.at(at).dimension(); ok && d.dimension == stageField {
		at++
	}
	name := "stage_duration"
	if slices.Contains([]string{"avg", "average", "mean"}, r.tokens[p.from].word) {
		name = "average_stage_duration"
	}
	if !r.kindMatches(stageField, at) || len(r.inCatalog([]string{name})) == 0 {
		return false
	}
	r.mention([]string{name})
	return true
}

// isOfNow reports whether deals that are not said to be open, won or lost are
// those open now: "how many deals are in Legal", "the biggest deal I have". What
// is closed stays where it is for good, so a stage that says so in its name is
// not meant, and a time could be that of anything.
func (r *reader) isOfNow() bool {
	if len(r.q.periods) > 0 || len(r.q.mentions) > 0 {
		return false
	}
	return r.haveNow() || slices.ContainsFunc(r.q.where, func(f metric.Filter) bool {
		return f.Field == stageField && !isNegative(f.Op) && f.Op != metric.IsNull && !slices.ContainsFunc(f.Values, saysClosed)
	})
}

// saysClosed reports whether the name of a stage says that its deals are closed.
func saysClosed(v metric.Value) bool {
	return slices.ContainsFunc(strings.Fields(strings.ToLower(v.Text)), func(w string) bool {
		return slices.Contains([]string{"won", "win", "lost", "loss", "closed", "dead", "signed"}, w)
	})
}

// haveNow reports whether "I have" and the like say whose deals are meant.
func (r *reader) haveNow() bool {
	for i, t := range r.tokens[:max(len(r.tokens)-1, 0)] {
		if slices.Contains([]string{"i", "we"}, t.word) && r.tokens[i+1].word == "have" {
			return true
		}
	}
	return false
}

// readBreak reads "break" at the beginning of "break pipeline created by source".
func (r *reader) readBreak(piece) bool {
	if !r.isFirst() || !slices.ContainsFunc(r.pieces[r.pos+1:], func(p piece) bool { return p.is(keyBy) }) {
		return false
	}
	r.pos++
	return true
}

// isComparedTo reports whether a word is the "to" of "compare me to last year".
func (r *reader) isComparedTo(p piece) bool {
	next := r.at(r.pos + 1)
	return p.to == p.from+1 && slices.Contains([]string{"to", "with"}, r.tokens[p.from].word) && r.q.compareWord > 0 && !r.q.compare &&
		(next.part != nil || next.moment != nil || next.isAny(keyYearAgo, keyPrevious))
}

// takeCreated reads "how many deals did Priya create".
func (r *reader) takeCreated() {
	if r.q.generated == 0 || r.q.deals == 0 || len(r.q.mentions) > 0 || r.q.listing.at > 0 || len(r.inCatalog(created)) == 0 {
		return
	}
	r.q.mentions = []mention{{at: r.q.generated - 1, names: created, sure: true}}
	r.q.generated = 0
}

// generatedOf is the figure that is meant where something is said to have been
// generated: of a pipeline what was created of it, of anything else the same.
func (r *reader) generatedOf(name string) string {
	if r.q.generated == 0 {
		return name
	}
	switch {
	case name == "open_pipeline" && len(r.inCatalog([]string{"pipeline_created"})) > 0:
		return "pipeline_created"
	case !strings.HasPrefix(r.typed(r.at(r.q.generated-1)), "generate"):
		r.fail(r.at(r.q.generated - 1))
	}
	return name
}
