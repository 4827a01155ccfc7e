package ask

import (
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// sharing is what was said of parts of a whole. A place is counted from 1; 0:
// nowhere.
type sharing struct {
	at     int
	field  string // of what makes the part, where that is said in so many words
	since  int    // filters that were read before it was asked for
	before int    // filters that were read before the figure was named
	why    string // why there is none
}

// readShare reads "what share of" and "as a percentage". "Make it a %" goes on from
// the last question.
func (r *reader) readShare(p piece) bool {
	if r.q.share.at > 0 {
		return false
	}
	r.pos++
	r.q.share.at, r.q.share.since = r.pos, len(r.q.where)
	r.q.follow = r.q.follow || r.tokens[p.from].word == "make"
	return true
}

// statePart are the figures of open deals in a state, and what share of all that is
// open they are.
var statePart = map[string]string{"overdue_pipeline": "overdue_share", "silent_pipeline": "silent_share"}

// takeStateShare reads "what share of pipeline is overdue": that of a state has a
// figure of its own.
func (r *reader) takeStateShare() {
	isWhole := func(m mention) bool { return slices.Equal(m.names, []string{"open_pipeline"}) }
	if r.q.share.at > 0 && len(r.q.mentions) == 1 && r.isWonOfDeals(r.q.mentions[0]) {
		r.q.mentions = []mention{{at: r.q.mentions[0].at, names: []string{"win_rate"}, sure: true}}
		r.q.share.at, r.q.deals = 0, 0
		return
	}
	if r.q.share.at == 0 || len(r.q.mentions) != 2 || !isWhole(r.q.mentions[0]) {
		return
	}
	state := r.q.mentions[1]
	for part, share := range statePart {
		if slices.Contains(state.names, part) && len(r.inCatalog([]string{share})) > 0 {
			r.q.mentions = []mention{{at: state.at, names: []string{share}, sure: true}}
			r.q.share.at = 0
		}
	}
}

// isWonOfDeals reports whether "won" is said of the deals that a share is asked of,
// as in "what percent of my deals did I win": that is the win rate.
func (r *reader) isWonOfDeals(m mention) bool {
	return slices.Contains(m.names, "won_count") && !m.sure && r.q.deals > r.q.share.at && m.at >= r.q.deals && len(r.inCatalog([]string{"win_rate"})) > 0
}

// readShareOf reads "as the share of territory".
func (r *reader) readShareOf(p piece) bool {
	if field := p.as(keyShareOf).field; field != "" && r.q.share.at == 0 {
		r.pos++
		r.q.share.at, r.q.share.field = r.pos, field
		return true
	}
	next := r.at(r.pos + 1)
	d, ok := next.dimension()
	field := d.dimension
	if next.is(keyAmount) {
		ok, field = true, metric.FieldAmount
	}
	if !ok || r.q.share.at > 0 {
		return false
	}
	r.pos += 2
	r.q.share.at, r.q.share.field = r.pos, field
	return true
}

// takeShare tells a figure as parts of a whole: its rows, or what makes a part of
// it. One that was told so before stays so as long as there is a part.
func (s *sentence) takeShare(query *metric.Query, q *question) {
	said := q.share.at > 0
	switch {
	case !said && query.Share == "":
		return
	case said && (query.Shape != metric.ShapeFigure || query.Stood):
		q.share.why = "Only figures are told as shares."
		return
	case said && query.Compare != "":
		q.share.why = "Shares are not compared yet: ask for one period, and then for the other."
		return
	case query.Shape != metric.ShapeFigure || query.Stood || query.Compare != "":
		query.Share = ""
		return
	case len(query.By) > 0:
		query.Share = metric.ShareOfRows
		return
	}
	kept := query.Share
	if query.Share = q.share.field; query.Share == "" && said {
		query.Share = q.shared(query.Where)
	} else if !said {
		query.Share = kept
	}
	only := 0
	for _, f := range query.Where {
		if f.Field == query.Share {
			only++
		}
	}
	switch {
	case only == 1:
	case said:
		query.Share, q.share.why = "", "Say a share of what: of one thing, as in “what share of open pipeline is in Proposal”, or by something, as in “won revenue by territory as a percentage”."
	default:
		query.Share = ""
	}
}

// shared is the field of what makes the part: what is said behind the figure or,
// where nothing is, the one thing that is not whose it is.
func (q question) shared(where []metric.Filter) string {
	behind := q.where[min(q.share.before, len(q.where)):]
	state := len(q.mentions) > 0 && (q.deals > 0 || !q.mentions[0].sure)
	if state && len(behind) == 0 && q.share.before > q.share.since && q.mentions[0].at >= q.share.at {
		return "" // "what share of my deals are stale" is of my deals, and not of all that are stale
	}
	if len(q.mentions) == 0 || len(behind) == 0 {
		behind = where
	}
	if len(behind) > 1 {
		whose := func(f metric.Filter) bool { return f.Field == personField || f.Field == managerField }
		behind = slices.DeleteFunc(slices.Clone(behind), whose)
	}
	if len(behind) != 1 {
		return ""
	}
	return behind[0].Field
}

// echoShare says what the whole is.
func (s *sentence) echoShare(q metric.Query) string {
	if q.Share == metric.ShareOfRows {
		return "as shares of all rows together"
	}
	words := []string{"as a share of all " + s.metricLabel(q.Metric)}
	for _, f := range q.Where {
		if f.Field != q.Share {
			words = append(words, s.echoFilter(f))
		}
	}
	if !q.Period.IsAll() {
		words = append(words, q.Period.Label)
	}
	return strings.Join(words, ", ")
}

// readFrom reads "comes from" before what a part comes from.
func (r *reader) readFrom(piece) bool {
	at := r.pos + 1
	for r.at(at).is(keyHarmless) {
		at++
	}
	_, kind := r.at(at).dimension()
	if len(r.at(at).names) == 0 && !kind {
		return false
	}
	r.pos++
	return true
}
