package ask

import "slices"

// Of a deal that entered a stage it is told whether it went on to any later one,
// as in "conversion from Discovery", and not to which: of "conversion from
// Discovery to Proposal" only a part can be told, so that part is asked back.

var (
	// wordsOfGoing say that deals get from one stage to another.
	wordsOfGoing = []string{
		"get", "gets", "got", "go", "goes", "went", "going", "come", "came", "move", "moves", "moved", "pass", "passes", "passed", "make", "makes", "made", "progress", "progresses", "progressed",
		"advance", "advances", "advanced", "convert", "converts", "converted", "converting", "reach", "reached",
	}
	// besideGoing are other words that may stand in such a sentence before the
	// stages, and say no more.
	besideGoing = []string{"deal", "deals", "opp", "opps", "opportunities", "it", "we", "our", "that", "on", "share", "percent", "percentage", "pct", "%", "part", "what", "which", "rate", "rates", "often", "how"}
)

// readConversion reads a sentence that names two stages, with "to" between them,
// and asks how many deals get from one to the other. It reports whether it is one.
func (r *reader) readConversion() bool {
	from, to, ok := r.twoStages()
	if !ok || len(r.inCatalog([]string{"stage_conversion", "stage_passes"})) < 2 {
		return false
	}
	isRate := func(p piece) bool { return slices.Contains(p.metrics(), "stage_conversion") }
	goes := slices.ContainsFunc(r.pieces[:from], func(p piece) bool { return r.saysAny(p, wordsOfGoing) })
	rate := slices.ContainsFunc(r.pieces, isRate)
	if !goes && !rate {
		return false
	}
	names := []string{"stage_conversion"}
	if goes && !rate {
		names = []string{"stage_passes", "stage_conversion"}
	}
	var kept []piece
	for i, p := range r.pieces {
		said := i < from && !p.is(keyShowDeals) && (p.isAny(keyHarmless, keyOpening, keyHowMany, keyWhatIs, keyWhich, keyShare) || r.saysOnly(p, slices.Concat(wordsOfGoing, besideGoing)))
		if said || isRate(p) || i > from && i <= to || i != from && r.isStageWord(p) && i >= from-1 && i <= to+1 {
			continue
		}
		kept = append(kept, p)
	}
	stage := r.typed(r.at(from))
	if ones := keepKind(r.at(from).names, stageField); len(ones) == 1 {
		stage = ones[0].Text
	}
	r.q.fork = &fork{ask: "Of the deals that entered " + stage + " it is told how many went on to any later stage, or were won; not to which. Which figure?"}
	for _, name := range names {
		pieces := append([]piece{{meanings: []meaning{{metrics: []string{name}}}}}, kept...)
		r.q.fork.ways = append(r.q.fork.ways, way{label: r.metricLabel(name) + ", " + stage, pieces: pieces})
	}
	if rate {
		every := slices.DeleteFunc(slices.Clone(kept), func(p piece) bool { return p.from == r.at(from).from })
		every = append([]piece{{meanings: []meaning{{metrics: []string{"stage_conversion"}}}}, {meanings: []meaning{{key: keyBy}}}, {meanings: []meaning{{dimension: stageField}}}}, every...)
		r.q.fork.ways = append(r.q.fork.ways, way{label: "that of each stage", pieces: every})
	}
	return true
}

// twoStages finds two stages with "to" between them; the second may be to be won.
func (r *reader) twoStages() (from, to int, ok bool) {
	for i := range r.pieces {
		if !r.kindMatches(stageField, i) {
			continue
		}
		at := i + 1
		if r.isStageWord(r.at(at)) {
			at++
		}
		if !r.isTo(r.at(at)) {
			continue
		}
		at++
		for r.isStageWord(r.at(at)) || r.at(at).is(keyHarmless) {
			at++
		}
		if r.kindMatches(stageField, at) || r.saysAny(r.at(at), []string{"won"}) {
			return i, at, true
		}
	}
	return 0, 0, false
}

// isTo reports whether a piece leads from one stage to the next.
func (r *reader) isTo(p piece) bool {
	return p.to > p.from && slices.Contains([]string{"to", "into", "on to", "through to", ">"}, words(r.tokens[p.from:p.to]))
}

// isStageWord reports whether a piece is the word stage.
func (r *reader) isStageWord(p piece) bool {
	d, ok := p.dimension()
	return ok && d.dimension == stageField && len(p.names) == 0
}

func (r *reader) saysAny(p piece, list []string) bool {
	return len(p.names) == 0 && slices.ContainsFunc(r.tokens[p.from:p.to], func(t token) bool { return slices.Contains(list, t.word) })
}

func (r *reader) saysOnly(p piece, list []string) bool {
	return len(p.names) == 0 && p.part == nil && !slices.ContainsFunc(r.tokens[p.from:p.to], func(t token) bool { return !slices.Contains(list, t.word) })
}
