package ask

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// Say writes a Query as a question in the words of the grammar. Parsed at the
// same moment by somebody who may know the same names, it is the same Query.
func (p *Parser) Say(q metric.Query) string {
	name := p.metricPhrase(q.Metric)
	switch q.Shape {
	case metric.ShapeDefinition:
		return "definition of " + name
	case metric.ShapeOwner:
		return p.sayOwner(q)
	}
	parts := []string{behind(q) + name + p.sayBy(q.By)}
	for _, f := range q.Where {
		parts = append(parts, p.sayFilter(f))
	}
	parts = append(parts, p.sayRows(q)...)
	if period := p.sayPeriod(q); period != "" {
		parts = append(parts, period)
	}
	if q.Stood {
		parts = append(parts, "as it stood")
	}
	c := newCalendar(time.Time{}, p.Company)
	parts = append(parts, c.sayStanding(q)...)
	switch q.Compare {
	case metric.ComparePrevious:
		parts = append(parts, "vs previous")
	case metric.ComparePeriod:
		parts = append(parts, "vs "+q.Against.Label)
	case metric.CompareThen:
		parts = append(parts, "vs as of "+c.momentLabel(q.Then))
	}
	parts = append(parts, sayRank(q)...)
	if m, ok := p.Catalog.Metric(q.Metric); ok && q.Perspective != "" && q.Perspective != m.Perspective {
		parts = append(parts, sayMap(q.Perspective))
	}
	if q.In != "" {
		parts = append(parts, "converted to "+q.In)
	}
	switch q.Share {
	case "":
	case metric.ShareOfRows:
		parts = append(parts, "as shares")
	default:
		parts = append(parts, "as the share of "+strings.ReplaceAll(q.Share, "_", " "))
	}
	return strings.Join(parts, ", ")
}

// SayMoving lists words that may mean a Query at a moment, and that mean other
// days as time goes by, the likeliest first. The caller reads them to see.
func (p *Parser) SayMoving(q metric.Query, at time.Time) []string {
	ago := func(t time.Time) string {
		days := newCalendar(at, p.Company).today.Sub(newCalendar(t, p.Company).today).Hours() / 24
		if days < 1.5 {
			return "1 day ago"
		}
		return strconv.Itoa(int(math.Round(days))) + " days ago"
	}
	standing := ""
	if !q.AsOf.IsZero() {
		standing = ", as of " + ago(q.AsOf)
	}
	var ends []string
	switch {
	case !q.Reported.IsZero():
		return nil
	case q.Compare == metric.ComparePeriod:
		ends = []string{", vs same time last year"}
	case q.Compare != metric.CompareThen:
		for _, u := range []string{"week", "month", "quarter", "year"} {
			ends = append(ends, ", as of the end of last "+u)
		}
		ends = append(ends, standing)
	case q.Shape == metric.ShapeFigure:
		ends = []string{standing + ", vs " + ago(q.Then), ", vs last week", ", vs last month", ", vs last quarter", ", vs last year"}
	default:
		ends = []string{
			", this week", ", last week", ", this month", ", last month", ", this quarter", ", last quarter", ", this year",
			standing + ", since " + ago(q.Then),
		}
	}
	q.AsOf, q.Then, q.Compare, q.Against = time.Time{}, time.Time{}, "", metric.Period{}
	out := make([]string, len(ends))
	for i, end := range ends {
		out[i] = p.Say(q) + end
	}
	return out
}

// sayStanding writes the moment at which things stood, and that until which they
// had been loaded.
func (c calendar) sayStanding(q metric.Query) []string {
	var parts []string
	if !q.AsOf.IsZero() {
		parts = append(parts, "as of "+c.momentLabel(q.AsOf))
	}
	if !q.Reported.IsZero() {
		parts = append(parts, "as reported on "+c.momentLabel(q.Reported))
	}
	return parts
}

// metricPhrase is what to call a metric: its label if that can mean nothing
// else, otherwise its name.
func (p *Parser) metricPhrase(name string) string {
	plain := strings.ReplaceAll(name, "_", " ")
	m, ok := p.Catalog.Metric(name)
	if !ok || strings.Contains(m.Label, "(") {
		return plain
	}
	ts := tokenise(clean(m.Label))
	meanings, n := p.words().find(ts)
	if n != len(ts) || len(meanings) != 1 || len(meanings[0].metrics) != 1 {
		return plain
	}
	return lowerFirst(m.Label)
}

func (p *Parser) sayBy(by []string) string {
	if len(by) == 0 {
		return ""
	}
	names := make([]string, 0, len(by))
	for _, name := range by {
		names = append(names, strings.ReplaceAll(name, "_", " "))
	}
	return " by " + strings.Join(names, " and ")
}

var amountWords = map[metric.Op]string{
	metric.Gt: "over", metric.Lt: "under", metric.Gte: "at least", metric.Lte: "at most", metric.Eq: "exactly",
}

func (p *Parser) sayFilter(f metric.Filter) string {
	field := strings.ReplaceAll(f.Field, "_", " ")
	if said := SayLength(f); said != "" {
		return said
	}
	if f.Op == metric.IsNull {
		return "without " + field
	}
	names := make([]string, 0, len(f.Values))
	for _, v := range f.Values {
		names = append(names, p.sayName(f.Field, v))
	}
	list := strings.Join(names, " or ")
	switch {
	case f.Field == metric.FieldAmount:
		return field + " " + amountWords[f.Op] + " " + list
	case isNegative(f.Op):
		return "not " + field + " " + list
	default:
		return field + " " + list
	}
}

// sayName writes a name, in quotation marks if any of its words could be read
// as something else.
func (p *Parser) sayName(field string, v metric.Value) string {
	switch field {
	case metric.FieldAmount:
		return v.Text
	case metric.FieldDeal:
		return `"` + v.Text + `"`
	}
	ts := tokenise(clean(v.Text))
	plain := len(ts) > 0 && len(ts) <= maxGram && words(ts) == strings.ToLower(v.Text)
	for i, t := range ts {
		_, mistyped := p.words().mend(t.stem)
		known := p.words().known[t.word] || p.words().known[loose(t.word)]
		_, used := newCalendar(time.Time{}, p.Company).readPeriod(ts[i:])
		_, figure := readNumber(ts[i:], awaitNothing)
		if known || mistyped || used > 0 || figure > 0 || t.stem != t.word {
			plain = false
		}
	}
	if plain {
		return v.Text
	}
	return `"` + v.Text + `"`
}

// sayPeriod writes the period. A stock is open now whatever the period, which
// is when it is to close.
func (p *Parser) sayPeriod(q metric.Query) string {
	m, ok := p.Catalog.Metric(q.Metric)
	if q.Period.IsAll() {
		stepped := slices.ContainsFunc(q.By, p.isTime)
		if ok && (m.Fact == "quota" || m.Fact == "territory quota" || m.Fact == "seat" || m.OfAPeriod() || m.StandsAtEnd() && stepped) {
			return AllTime // without it, a quota is of this quarter
		}
		return ""
	}
	if ok && m.Stock && !q.Stood {
		return "closing " + q.Period.Label
	}
	return q.Period.Label
}

// behind begins a question for the deals that a figure counts, or for what made
// it change.
func behind(q metric.Query) string {
	switch {
	case q.Part != "":
		return "deals " + partWords[q.Part][0] + " in what changed in "
	case q.Shape == metric.ShapeDeals:
		return "deals behind "
	case q.Shape == metric.ShapeChange || q.Shape == metric.ShapeFactors:
		return "what changed in "
	default:
		return ""
	}
}

// listed begins the reading of a question with what is listed.
func (s *sentence) listed(q metric.Query) string {
	if m := s.metric(q.Metric); q.Shape == metric.ShapeDeals && q.Part == "" && m.CountsDeals() {
		return metric.Plural(m.ListedFact()) + " behind "
	}
	return behind(q)
}

// sayRank writes the order and which rows are wanted.
func sayRank(q metric.Query) []string {
	var out []string
	limited := q.Limit > 0
	switch {
	case q.Order == metric.Descending && limited:
		out, limited = append(out, "top "+strconv.Itoa(q.Limit)), false
	case q.Order == metric.Ascending && limited:
		out, limited = append(out, "bottom "+strconv.Itoa(q.Limit)), false
	case q.Order != "":
		out = append(out, orderWords[q.Order])
	}
	if limited {
		out = append(out, "limit "+strconv.Itoa(q.Limit))
	}
	if q.Offset > 0 {
		out = append(out, "skip "+strconv.Itoa(q.Offset))
	}
	return out
}

var orderWords = map[metric.Order]string{
	metric.Descending: "highest first", metric.Ascending: "lowest first", metric.Latest: "latest first", metric.Earliest: "earliest first",
}

// understood is the one line that says how a Query was read, with the days.
func (s *sentence) understood(q metric.Query) string {
	switch q.Shape {
	case metric.ShapeDefinition:
		return "definition of " + s.metricLabel(q.Metric)
	case metric.ShapeOwner:
		return strings.Join(append([]string{"who owns " + s.echoFilter(q.Where[0])}, s.echoStanding(q)...), " · ")
	}
	parts := []string{s.listed(q) + s.metricLabel(q.Metric)}
	for _, f := range q.Where {
		parts = append(parts, s.echoFilter(f))
	}
	switch standing := s.standsNow(q); {
	case standing && q.AsOf.IsZero() && q.Compare != metric.CompareThen:
		parts = append(parts, "now")
	case !standing && (q.Shape != metric.ShapeChange && q.Part == "" || !q.Period.IsAll()):
		parts = append(parts, s.echoClosing(q))
	}
	parts = append(parts, s.echoStanding(q)...)
	switch q.Compare {
	case metric.ComparePrevious:
		parts = append(parts, "compared with the period before")
	case metric.ComparePeriod:
		parts = append(parts, "compared with "+s.echoPeriod(q.Against))
	case metric.CompareThen:
		against := "compared with how it stood as of "
		if q.Shape == metric.ShapeChange || q.Part != "" {
			against = "since "
		}
		parts = append(parts, against+s.echoMoment(q.Then))
	}
	if len(q.By) > 0 {
		parts = append(parts, s.echoBy(q))
	}
	parts = append(parts, s.echoRows(q)...)
	parts = append(parts, sayRank(q)...)
	switch q.Perspective {
	case metric.AsIs:
		parts = append(parts, onMapOf(q))
	case metric.AsWas:
		parts = append(parts, "on the map of the time")
	}
	if model, ok := q.Perspective.Planned(); ok {
		parts = append(parts, "on the map planned as "+model)
	}
	if q.In != "" {
		parts = append(parts, "converted to "+q.In)
	}
	if q.Share != "" {
		parts = append(parts, s.echoShare(q))
	}
	return strings.Join(parts, " · ")
}

// standsNow reports whether a Query asks for what stands at one moment, whenever
// it is to close: of that "all time" would say nothing.
func (s *sentence) standsNow(q metric.Query) bool {
	m := s.metric(q.Metric)
	return q.Period.IsAll() && (m.Stock || m.StandsAtEnd()) && !slices.ContainsFunc(q.By, s.parser.isTime)
}

// echoStanding writes the moment at which things stood, and that until which they
// had been loaded.
func (s *sentence) echoStanding(q metric.Query) []string {
	var parts []string
	if !q.AsOf.IsZero() {
		parts = append(parts, "as of "+s.echoMoment(q.AsOf))
	}
	if !q.Reported.IsZero() {
		parts = append(parts, "as known on "+s.echoMoment(q.Reported))
	}
	return parts
}

// sayMap writes a perspective.
func sayMap(p metric.Perspective) string {
	if model, ok := p.Planned(); ok {
		return `as planned under "` + model + `"`
	}
	return map[metric.Perspective]string{metric.AsIs: "as it is", metric.AsWas: "as it was"}[p]
}

// onMapOf says of which day the map is that things are on as it is.
func onMapOf(q metric.Query) string {
	switch {
	case q.Stood:
		return "on the map of each end"
	case q.AsOf.IsZero():
		return "on today's map"
	default:
		return "on the map of that day"
	}
}

// echoMoment names the day of which a moment is the end.
func (s *sentence) echoMoment(at time.Time) string {
	return at.In(s.calendar.today.Location()).Format("Mon 2 Jan 2006") + ", end of day"
}

func (s *sentence) echoFilter(f metric.Filter) string {
	label := s.kindLabel(f.Field)
	if said := SayLength(f); said != "" {
		return said
	}
	if f.Op == metric.IsNull {
		return "without " + label
	}
	texts := make([]string, 0, len(f.Values))
	for _, v := range f.Values {
		texts = append(texts, v.Text)
	}
	list := strings.Join(texts, " or ")
	switch {
	case f.Field == metric.FieldAmount:
		return "deals of " + amountWords[f.Op] + " " + groupThousands(list)
	case isNegative(f.Op):
		return "not " + label + " " + list
	default:
		return label + " " + list
	}
}

// groupThousands writes 50000 as 50,000.
func groupThousands(number string) string {
	if size, negative := strings.CutPrefix(number, "-"); negative {
		return "-" + groupThousands(size)
	}
	whole, fraction, cut := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if cut {
		whole += "." + fraction
	}
	return whole
}

// echoClosing writes the period. That of a stock is said to be of the close
// date, so that nobody reads it as history.
func (s *sentence) echoClosing(q metric.Query) string {
	period := s.echoPeriod(q.Period)
	if s.metric(q.Metric).Cumulative() && q.Period.IsAll() {
		return "to date"
	}
	if !s.metric(q.Metric).Stock || q.Stood || q.Period.IsAll() {
		return period
	}
	first, _, _ := strings.Cut(period, " ")
	switch {
	case slices.Contains([]string{"since", "before", "until", "today", "yesterday", "tomorrow"}, first):
		return "expected to close " + period
	case s.calendar.plusDays(q.Period.From, 1).Equal(q.Period.To):
		return "expected to close on " + period
	default:
		return "expected to close in " + period
	}
}

// echoPeriod writes a period with its first and last day.
func (s *sentence) echoPeriod(p metric.Period) string {
	if p.IsAll() {
		return AllTime
	}
	var days string
	switch {
	case p.To.IsZero():
		days = "from " + dayLabel(p.From)
	case p.From.IsZero():
		days = "to " + dayLabel(s.calendar.plusDays(p.To, -1))
	default:
		first, last := dayLabel(p.From), dayLabel(s.calendar.plusDays(p.To, -1))
		days = first + " – " + last
		if first == last {
			days = first
		}
	}
	if days == p.Label || strings.HasSuffix(p.Label, dayLabelOf(days)) {
		return p.Label
	}
	if s.isFiscal(p) {
		days = "fiscal, " + days
	}
	return p.Label + " (" + days + ")"
}

// dayLabelOf is the day in "from 1 Mar 2017".
func dayLabelOf(days string) string {
	return strings.TrimPrefix(strings.TrimPrefix(days, "from "), "to ")
}

func (s *sentence) isFiscal(p metric.Period) bool {
	read, n := s.calendar.readPeriod(tokenise(clean(p.Label)))
	return n > 0 && read.fiscal && !strings.Contains(p.Label, "calendar")
}
