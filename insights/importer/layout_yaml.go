package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"salesbot/insights"
)

// A mapping is written down as it was bound to the files at hand: with the
// columns that are there, spelled as they are, and without what is not. Read
// again, it understands these files as before.

// node is a piece of YAML: a text, a list, or keys in their order.
type node any

type keyed []struct {
	key   string
	value node
}

func (k keyed) with(key string, value node) keyed {
	return append(k, struct {
		key   string
		value node
	}{key, value})
}

// inferred is the mapping of the reading as YAML.
func (r *reading) inferred() string {
	var out strings.Builder
	fmt.Fprintf(&out, "name: %s\n", scalar(r.opt.Mapping.name))
	if len(r.opt.Mapping.stages) > 0 {
		out.WriteString("\n# In the order of the sales process.\nstages:\n")
		writeStages(&out, r.opt.Mapping.stages)
	}
	out.WriteString("\nfiles:\n")
	for i, entry := range r.entries() {
		if i > 0 {
			out.WriteString("\n")
		}
		out.WriteString(entry)
	}
	return out.String()
}

func writeStages(out *strings.Builder, stages []listedStage) {
	plain := !slices.ContainsFunc(stages, func(s listedStage) bool { return s.Process+s.Probability+string(s.Category) != "" })
	for _, s := range stages {
		if plain {
			fmt.Fprintf(out, "  %s: %s\n", scalar(s.Name), s.Outcome)
			continue
		}
		stage := keyed{}.with("name", s.Name)
		for _, f := range []struct{ key, value string }{
			{"process", s.Process}, {"outcome", string(s.Outcome)}, {"probability", s.Probability}, {"forecast_category", string(s.Category)},
		} {
			if f.value != "" {
				stage = stage.with(f.key, f.value)
			}
		}
		fmt.Fprintf(out, "  - %s\n", flow(stage))
	}
}

// entries writes an entry for each file, and one for all that are read alike. An
// entry that is told by its columns needs no name, unless another is told by
// the same.
func (r *reading) entries() []string {
	type written struct {
		text  string
		by    string // the columns that tell it; empty: only its name does
		names []string
	}
	var all []*written
	unexplained := len(r.opt.Mapping.stages) == 0 && !slices.ContainsFunc(r.sources, func(s *source) bool { return s.feeds(insights.KindStage) })
	for _, s := range r.sources {
		text := s.entryText(unexplained)
		at := slices.IndexFunc(all, func(w *written) bool { return w.text == text })
		if at < 0 {
			at = len(all)
			all = append(all, &written{text: text, by: strings.Join(s.mapping.columns, "\x00")})
		}
		all[at].names = append(all[at].names, s.base())
	}
	var entries []string
	for _, w := range all {
		alike := slices.ContainsFunc(all, func(other *written) bool { return other != w && other.by == w.by })
		if w.by != "" && !alike {
			entries = append(entries, "  - "+strings.TrimPrefix(w.text, "    "))
			continue
		}
		slices.Sort(w.names)
		for _, name := range slices.Compact(w.names) {
			entries = append(entries, "  - match: "+scalar(name)+"\n"+w.text)
		}
	}
	return entries
}

// entryText writes what the mapping says about the file, without its name. What
// its stages are is left to be concluded if they are unexplained.
func (s *source) entryText(unexplained bool) string {
	var out strings.Builder
	line := func(key string, value node) { fmt.Fprintf(&out, "    %s: %s\n", key, flow(value)) }
	if s.mapping.about != "" {
		line("about", s.mapping.about)
	}
	if len(s.mapping.columns) > 0 {
		line("columns", s.mapping.columns)
	}
	if len(s.mapping.without) > 0 {
		line("not", s.mapping.without)
	}
	if s.mapping.dialect.encoding != "" {
		line("encoding", s.mapping.dialect.encoding)
	}
	if delim := s.mapping.dialect.delim; delim != 0 {
		line("delimiter", string(delim))
	}
	if s.mapping.dialect.escapes {
		line("escape", "backslash")
	}
	for _, p := range s.format.keys() {
		line(p.key, p.value)
	}
	if left := s.conditionsNode(s.leaves); len(left) > 0 {
		line("leave_out", left)
	}
	for _, k := range kinds {
		s.writeSection(&out, k.section, s.rules)
	}
	if unexplained {
		s.writeSection(&out, impliedStage.section, s.implied)
	}
	return out.String()
}

// writeSection writes the rules of a section that the header has the columns
// for.
func (s *source) writeSection(out *strings.Builder, section string, bound []binding) {
	var rules []keyed
	seen := map[*rule]bool{}
	for _, b := range bound {
		if b.rule.kind.section == section && !seen[b.rule] {
			seen[b.rule] = true
			rules = append(rules, s.ruleNode(b))
		}
	}
	if len(rules) == 0 {
		return
	}
	fmt.Fprintf(out, "    %s:\n", section)
	for _, rule := range rules {
		lead, indent := "      ", "      "
		if len(rules) > 1 {
			lead, indent = "      - ", "        "
		}
		for _, p := range rule {
			fmt.Fprintf(out, "%s%s: %s\n", lead, scalar(p.key), flow(p.value))
			lead = indent
		}
	}
}

// ruleNode writes a rule.
func (s *source) ruleNode(b binding) keyed {
	var rule keyed
	if b.rule.each != nil {
		rule = rule.with("each", b.rule.each.text)
	}
	if when := s.conditionsNode(b.when); len(when) > 0 {
		rule = rule.with("only_when", when)
	}
	for _, name := range b.rule.kind.fields {
		f := b.fields[name]
		if f != nil && f.possible() {
			rule = rule.with(name, s.emit(f, slices.Contains(b.rule.kind.required, name) || name == "stage"))
		}
	}
	return rule
}

// emit writes a field. That it is optional is left out where its column is
// there, unless a blank cell means something.
func (s *source) emit(f *boundField, optional bool) node {
	var field keyed
	switch {
	case f.template != nil:
		field = field.with("template", s.templateText(f))
	case f.firstOf != nil:
		var of []node
		for _, other := range f.firstOf {
			if other.possible() {
				of = append(of, s.emit(other, false))
			}
		}
		field = field.with("first_of", of)
	case f.part != "":
		field = field.with("part", f.part)
	case f.col != absent:
		field = field.with("column", s.sample.header[f.col])
	default:
		field = field.with("constant", f.constant)
	}
	return s.attributes(f, field, optional)
}

func (s *source) attributes(f *boundField, field keyed, optional bool) node {
	if f.slug {
		field = field.with("slug", "true")
	}
	if f.percent {
		field = field.with("percent", "true")
	}
	if f.optional && optional {
		field = field.with("optional", "true")
	}
	if len(f.rename) > 0 {
		var table keyed
		for _, from := range slices.Sorted(maps.Keys(f.rename)) {
			table = table.with(from, f.rename[from])
		}
		field = field.with("rename", table)
	}
	if len(f.when) > 0 {
		field = field.with("only_when", s.conditionsNode(f.when))
	}
	if len(field) == 1 && field[0].key == "column" {
		return field[0].value
	}
	return field
}

func (s *source) templateText(f *boundField) string {
	var text strings.Builder
	for i, part := range f.template {
		if part.column == "" {
			text.WriteString(part.text)
			continue
		}
		text.WriteString("{" + s.sample.header[f.parts[i]] + "}")
	}
	return text.String()
}

// conditionsNode writes the conditions whose columns the header has.
func (s *source) conditionsNode(all []boundCondition) keyed {
	var conditions keyed
	for _, c := range all {
		if c.col != absent {
			conditions = conditions.with(s.sample.header[c.col], c.values)
		}
	}
	return conditions
}

// flow writes a node on one line.
func flow(n node) string {
	switch x := n.(type) {
	case string:
		return scalar(x)
	case []string:
		texts := make([]string, len(x))
		for i, text := range x {
			texts[i] = scalar(text)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case []node:
		texts := make([]string, len(x))
		for i, item := range x {
			texts[i] = flow(item)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case keyed:
		texts := make([]string, len(x))
		for i, p := range x {
			texts[i] = scalar(p.key) + ": " + flow(p.value)
		}
		return "{" + strings.Join(texts, ", ") + "}"
	}
	panic(fmt.Sprintf("%T is no node", n))
}

// plainScalar is text that YAML takes as it stands, in a list too.
var plainScalar = regexp.MustCompile(`^[\pL_][\pL\pN _./()*-]*$`)

// scalar writes a text, quoted if YAML or a reader could take it for something
// else.
func scalar(text string) string {
	switch strings.ToLower(text) {
	case "yes", "no", "on", "off", "null", "y", "n":
	default:
		if plainScalar.MatchString(text) && text == strings.TrimSpace(text) {
			return text
		}
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(quoted))
}

// keys writes how values are written, as a mapping declares it.
func (f format) keys() keyed {
	keys := keyed{}.with("dates", f.dates.node()).with("money", f.money.node())
	if len(f.blanks) > 0 {
		keys = keys.with("blanks", f.blanks)
	}
	if f.salesforceIDs {
		keys = keys.with("ids", idsSalesforce)
	}
	return keys
}

func (d dates) node() node {
	if !d.auto() {
		shown := make([]string, len(d.formats))
		for i, format := range d.formats {
			shown[i] = format.shown
		}
		return shown
	}
	var declared keyed
	for _, word := range slices.Sorted(maps.Keys(dayOrders)) {
		if dayOrders[word] == d.order {
			declared = declared.with("order", word)
		}
	}
	if d.epoch {
		declared = declared.with("epoch", epochMilliseconds)
	}
	if len(declared) == 0 {
		return formatAuto
	}
	return declared
}

func (f moneyFormat) node() node {
	var declared keyed
	if f.auto {
		declared = declared.with(formatAuto, "true")
	}
	for _, p := range []struct{ key, value string }{
		{"decimal", f.decimal}, {"thousands", f.thousands}, {"symbol", f.symbol}, {"currency", f.currency},
	} {
		if p.value != "" {
			declared = declared.with(p.key, p.value)
		}
	}
	return declared
}

// words says how values are written.
func (f format) words() []string {
	var words []string
	for _, word := range slices.Sorted(maps.Keys(dayOrders)) {
		if f.dates.auto() && dayOrders[word] == f.dates.order {
			words = append(words, "in dates the "+map[dayOrder]string{dayFirst: "day", monthFirst: "month"}[f.dates.order]+" comes first")
		}
	}
	if f.money.auto && f.money.decimal != "" {
		words = append(words, fmt.Sprintf("the decimal sign of amounts is %q", f.money.decimal))
	}
	return words
}
