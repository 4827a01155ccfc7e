package importer

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"salesbot/insights"
)

// ParseMapping reads a mapping; name is the file's, for messages. It walks the
// document itself instead of filling structs, because a person who writes a
// mapping wants every fault at once, each with its line and a caret.
func ParseMapping(name string, data []byte) (*Mapping, error) {
	if len(data) > maxMapping {
		return nil, &insights.Error{
			Code:    "bad_mapping",
			Message: fmt.Sprintf("The mapping %s is larger than %d KB. Nothing was loaded.", name, maxMapping>>10),
			Hint:    "A mapping names columns, files and stages. Check that this is one; docs/importing.md explains every key.",
		}
	}
	d := &decoder{name: name, lines: strings.Split(string(data), "\n"), anchors: map[string]ast.Node{}}
	m := d.mapping(d.parse(data))
	if len(d.faults) > 0 {
		return nil, d.failure()
	}
	if m.name == "" {
		m.name = strings.TrimSuffix(name, path.Ext(name))
	}
	return m, nil
}

// Mappings come from people, over Slack too, and YAML can say without end what
// takes up little: these limits are far beyond what a mapping needs. In bytes,
// and in fields with those that aliases repeat.
const (
	maxMapping = 128 << 10
	maxFields  = 10_000
)

type decoder struct {
	name    string
	lines   []string
	anchors map[string]ast.Node
	fields  int // read so far
	faults  []mappingFault
}

type mappingFault struct {
	line, column int
	text         string
}

func (d *decoder) fault(at *token.Token, text string, args ...any) {
	f := mappingFault{line: 1, column: 1, text: fmt.Sprintf(text, args...)}
	if at != nil && at.Position != nil {
		f.line, f.column = at.Position.Line, at.Position.Column
	}
	d.faults = append(d.faults, f)
}

// failure puts all faults into one error, in the order of the file. Of several
// at one place the first is the cause of the others.
func (d *decoder) failure() error {
	slices.SortStableFunc(d.faults, func(a, b mappingFault) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	d.faults = slices.CompactFunc(d.faults, func(a, b mappingFault) bool { return a.line == b.line && a.column == b.column })
	var out strings.Builder
	fmt.Fprintf(&out, "The mapping %s has %s. Nothing was loaded.", d.name, count(len(d.faults), "fault", "faults"))
	for _, f := range d.faults {
		fmt.Fprintf(&out, "\n\n%s:%d:%d: %s", d.name, f.line, f.column, f.text)
		if f.line > len(d.lines) {
			continue
		}
		margin := fmt.Sprintf("%5d | ", f.line)
		line := strings.TrimRight(d.lines[f.line-1], "\r")
		fmt.Fprintf(&out, "\n%s%s\n%s^", margin, strings.ReplaceAll(line, "\t", " "), strings.Repeat(" ", len(margin)+f.column-1))
	}
	return &insights.Error{Code: "bad_mapping", Message: out.String(), Hint: "Correct the mapping and import again; docs/importing.md explains every key."}
}

func (d *decoder) parse(data []byte) ast.Node {
	file, err := parser.ParseBytes(data, 0)
	var syntax *yaml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		d.fault(syntax.Token, "%s", syntax.Message)
		return nil
	case err != nil:
		d.fault(nil, "this is not YAML: %v", err)
		return nil
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		d.fault(nil, "the mapping is empty")
		return nil
	case len(file.Docs) > 1:
		d.fault(file.Docs[1].Start, "a mapping is one document, and here a second one begins")
	}
	ast.Walk(d, file.Docs[0].Body)
	return file.Docs[0].Body
}

// Visit notes what the document anchors, whatever order its keys are read in.
func (d *decoder) Visit(n ast.Node) ast.Visitor {
	if anchor, ok := n.(*ast.AnchorNode); ok {
		d.anchors[anchor.Name.GetToken().Value] = anchor.Value
	}
	return d
}

func (d *decoder) mapping(n ast.Node) *Mapping {
	if n == nil {
		return nil
	}
	m := &Mapping{}
	o := d.object(n, "a mapping")
	m.name = d.text(o.take("name"))
	d.text(o.take("about"))
	defaults := fileMapping{format: format{dates: isoDates, money: moneyFormat{decimal: "."}}}
	d.writing(o, &defaults)
	m.stages = d.stages(o.take("stages"))
	files := o.take("files")
	if files == nil {
		d.fault(d.token(n), "the mapping names no files; it needs the key files")
	}
	for _, entry := range d.list(files) {
		f := d.file(entry, defaults)
		f.layout = m
		if slices.ContainsFunc(m.files, func(earlier *fileMapping) bool { return f.match != "" && earlier.match == f.match }) {
			d.fault(d.token(entry), "there is an entry for %s already; one entry can feed several kinds, and a kind several times", f.match)
		}
		m.files = append(m.files, f)
	}
	o.done()
	return m
}

// writing reads the keys that say how a file is written. They stand at the top
// for all files and in an entry for its own.
func (d *decoder) writing(o *object, f *fileMapping) {
	if n := o.take("encoding"); n != nil {
		f.dialect.encoding = d.oneOf(n, encodings)
	}
	if n := o.take("delimiter"); n != nil {
		f.dialect.delim = d.delimiter(n)
	}
	if n := o.take("escape"); n != nil {
		f.dialect.escapes = d.oneOf(n, []string{"none", "backslash"}) == "backslash"
	}
	if n := o.take("dates"); n != nil {
		f.format.dates = d.dates(n)
	}
	if n := o.take("money"); n != nil {
		f.format.money = d.money(n)
	}
	if n := o.take("blanks"); n != nil {
		f.format.blanks = d.blanks(n)
	}
	if n := o.take("ids"); n != nil {
		f.format.salesforceIDs = d.oneOf(n, []string{idsSalesforce}) == idsSalesforce
	}
}

func (d *decoder) delimiter(n ast.Node) byte {
	switch d.text(n) {
	case ",":
		return ','
	case ";":
		return ';'
	case "\t", "tab":
		return '\t'
	case "|":
		return '|'
	}
	d.fault(d.token(n), `the delimiter is one of ",", ";", "|" and tab`)
	return 0
}

// dates reads a list of formats, or auto, or what of auto is declared.
func (d *decoder) dates(n ast.Node) dates {
	n = d.resolve(n)
	if _, declared := n.(ast.MapNode); declared {
		return d.dayOrder(n)
	}
	entries := d.list(n)
	if len(entries) == 1 && d.text(entries[0]) == formatAuto {
		return dates{}
	}
	written := dates{formats: []dateFormat{}}
	for _, entry := range entries {
		f, err := parseDateFormat(d.text(entry))
		if err != nil {
			d.fault(d.token(entry), "%v; or it is %s alone, for every way that can be read in one way only", err, formatAuto)
			continue
		}
		written.formats = append(written.formats, f)
	}
	return written
}

// formatAuto is the word for every way of writing that can be read in one way
// only.
const formatAuto = "auto"

// dayOrder reads what is declared of dates whose format is found out.
func (d *decoder) dayOrder(n ast.Node) dates {
	var written dates
	o := d.object(n, "dates")
	if n := o.take("order"); n != nil {
		written.order = dayOrders[d.oneOf(n, []string{"dmy", "mdy"})]
	}
	if n := o.take("epoch"); n != nil {
		written.epoch = d.oneOf(n, []string{epochMilliseconds}) == epochMilliseconds
	}
	o.done()
	return written
}

func (d *decoder) money(n ast.Node) moneyFormat {
	n = d.resolve(n)
	if _, declared := n.(ast.MapNode); !declared && d.text(n) == formatAuto {
		return moneyFormat{auto: true}
	}
	o := d.object(n, "money")
	f := moneyFormat{auto: d.yes(o.take(formatAuto))}
	if !f.auto {
		f.decimal = "."
	}
	if n := o.take("decimal"); n != nil {
		f.decimal = d.oneOf(n, decimalSigns)
	}
	if n := o.take("thousands"); n != nil {
		f.thousands = d.oneOf(n, []string{"", ",", ".", " ", "'"})
	}
	f.symbol = d.text(o.take("symbol"))
	if n := o.take("currency"); n != nil {
		f.currency = d.currency(n)
	}
	switch {
	case f.auto && f.thousands+f.symbol != "":
		d.fault(d.token(n), "thousands and symbol are found out with auto, so they are not declared")
	case !f.auto && f.decimal == f.thousands:
		d.fault(d.token(n), "decimal and thousands are the same sign, so amounts could be read in two ways")
	}
	o.done()
	return f
}

// blanks reads the values that mean that nobody knows.
func (d *decoder) blanks(n ast.Node) []string {
	words := []string{}
	for _, entry := range d.list(n) {
		if word := strings.TrimSpace(d.text(entry)); word != "" {
			words = append(words, word)
		}
	}
	return words
}

func (d *decoder) currency(n ast.Node) string {
	code, reason := parseCurrency(d.text(n))
	if reason != "" {
		d.fault(d.token(n), "%q %s", d.text(n), reason)
	}
	return code
}

// stages reads the list of stages: its order is the order of the process. Each
// is a name with its outcome, or says more in keys of its own.
func (d *decoder) stages(n ast.Node) []listedStage {
	if n == nil {
		return nil
	}
	var stages []listedStage
	add := func(stage insights.Stage, at *token.Token) {
		if stage.Name == "" || slices.ContainsFunc(stages, func(s listedStage) bool { return s.Named() == stage.Named() }) {
			d.fault(at, "a stage has a name of its own; case and blanks around it make no difference")
		}
		for _, s := range stages {
			if s.Process == stage.Process {
				stage.Position = s.Position
			}
		}
		stage.Position++
		stages = append(stages, listedStage{stage, insights.Place{File: d.name, Line: at.Position.Line}})
	}
	if list, isList := d.resolve(n).(*ast.SequenceNode); isList {
		for _, entry := range list.Values {
			add(d.stage(entry), d.token(entry))
		}
		return stages
	}
	o := d.object(n, "stages")
	for _, p := range o.pairs {
		o.known = append(o.known, p.key)
		add(insights.Stage{Name: strings.TrimSpace(p.key), Outcome: insights.Outcome(d.oneOf(p.value, outcomes))}, p.at)
	}
	return stages
}

// stage reads a stage of the list that says more than its outcome.
func (d *decoder) stage(n ast.Node) insights.Stage {
	o := d.object(n, "a stage")
	s := insights.Stage{
		Name:    strings.TrimSpace(d.text(o.take("name"))),
		Process: strings.TrimSpace(d.text(o.take("process"))),
	}
	outcome := o.take("outcome")
	if outcome == nil {
		d.fault(d.token(n), "a stage needs its outcome: %s", alternatives(outcomes))
	} else {
		s.Outcome = insights.Outcome(d.oneOf(outcome, outcomes))
	}
	if probability := o.take("probability"); probability != nil {
		if s.Probability = d.text(probability); !isShare(s.Probability) {
			d.fault(d.token(probability), "a probability is a decimal from 0 to 1, such as 0.25")
		}
	}
	if category := o.take("forecast_category"); category != nil {
		s.Category = insights.ForecastCategory(d.oneOf(category, categoryNames))
	}
	o.done()
	return s
}

// categoryNames are the forecast categories as a list of stages writes them.
var categoryNames = []string{
	string(insights.Omitted), string(insights.Pipeline), string(insights.BestCase), string(insights.Commit), string(insights.Closed),
}

func (d *decoder) file(n ast.Node, defaults fileMapping) *fileMapping {
	f := defaults
	o := d.object(n, "an entry of files")
	match := o.take("match")
	f.match = d.text(match)
	f.about = d.text(o.take("about"))
	f.columns = d.texts(o.take("columns"))
	f.without = d.texts(o.take("not"))
	f.leaveOut = d.conditions(o.take("leave_out"), "leave_out")
	_, err := path.Match(f.match, "")
	switch {
	case err != nil:
		d.fault(d.token(match), "match names the file, for example deals.csv or deals-*.csv")
	case f.match == "" && len(f.columns) == 0:
		d.fault(d.token(cmp.Or(match, n)), "a file is told by its name (match: deals.csv, or deals-*.csv) or by columns of its header (columns)")
	case len(f.without) > 0 && len(f.columns) == 0:
		d.fault(d.token(n), "not excludes files that have all of columns, and here are none")
	}
	d.writing(o, &f)
	for i := range kinds {
		section := o.take(kinds[i].section)
		if section == nil {
			continue
		}
		for _, entry := range d.list(section) {
			f.rules = append(f.rules, d.rule(entry, &kinds[i], f.format))
		}
	}
	for _, entry := range d.list(o.take(impliedStage.section)) {
		f.implied = append(f.implied, d.rule(entry, &impliedStage, f.format))
	}
	o.done()
	f.known = f.allColumns()
	if len(f.rules) == 0 && o.ok {
		d.fault(d.token(n), "the file feeds nothing; name at least one of %s", sectionNames())
	}
	return &f
}

func (d *decoder) rule(n ast.Node, k *kind, written format) *rule {
	r := &rule{kind: k, fields: map[string]*field{}}
	o := d.object(n, k.section)
	r.each = d.shape(o.take("each"))
	r.onlyWhen = d.conditions(o.take("only_when"), "only_when")
	in := fieldPlace{written: written, each: r.each}
	for _, name := range k.fields {
		if value := o.take(name); value != nil {
			in.name = name
			r.fields[name] = d.field(value, in)
		}
	}
	for _, name := range k.required {
		if r.fields[name] == nil && o.ok {
			d.fault(d.token(n), "%s need %s", k.section, name)
		}
	}
	o.done()
	return r
}

// shape reads the names of columns that make a record each.
func (d *decoder) shape(n ast.Node) *shape {
	if n == nil {
		return nil
	}
	parts := d.template(n)
	if !slices.ContainsFunc(parts, func(p templatePart) bool { return p.column != "" }) {
		d.fault(d.token(n), `each is the name of columns with a part in braces, such as Date entered "{stage}"`)
		return nil
	}
	return newShape(d.text(n), parts)
}

// fieldPlace is where in a mapping a field stands.
type fieldPlace struct {
	name    string
	written format
	each    *shape // of its section; nil: none
}

// field reads where a field comes from; plain text is the name of a column.
func (d *decoder) field(n ast.Node, in fieldPlace) *field {
	if d.fields++; d.fields > maxFields {
		if d.fields == maxFields+1 {
			d.fault(d.token(n), "here the mapping has more than %d fields; an alias may lead back to where it stands", maxFields)
		}
		return &field{}
	}
	n = d.resolve(n)
	if _, isMap := n.(ast.MapNode); !isMap {
		column := d.text(n)
		if column == "" {
			d.fault(d.token(n), "here stands the name of a column, or %s", alternatives(fieldSources))
		}
		return &field{column: []string{column}}
	}
	o := d.object(n, "a field")
	f := &field{}
	sources := 0
	for _, key := range fieldSources {
		value := o.take(key)
		if value == nil {
			continue
		}
		sources++
		d.source(f, key, value, in)
	}
	if sources != 1 && o.ok {
		d.fault(d.token(n), "a field comes from exactly one of %s", alternatives(fieldSources))
	}
	f.slug = d.yes(o.take("slug"))
	if f.slug && o.take("template") == nil {
		d.fault(d.token(n), "slug changes how columns are written into a template, and here is none")
	}
	f.percent = d.yes(o.take("percent"))
	f.optional = d.yes(o.take("optional"))
	f.rename = d.rename(o.take("rename"))
	f.onlyWhen = d.conditions(o.take("only_when"), "only_when")
	o.done()
	d.checkConstant(n, in.name, f.constant, in.written)
	return f
}

// fieldSources are what a field can come from.
var fieldSources = []string{"column", "constant", "template", "first_of", "part"}

// source reads one of fieldSources.
func (d *decoder) source(f *field, key string, n ast.Node, in fieldPlace) {
	if _, scalar := d.resolve(n).(ast.ScalarNode); scalar && d.text(n) == "" {
		d.fault(d.token(n), "%s is empty", key)
		return
	}
	switch key {
	case "column":
		f.column = d.texts(n)
	case "constant":
		f.constant = d.text(n)
	case "template":
		f.template = d.template(n)
	case "first_of":
		for _, entry := range d.list(n) {
			f.firstOf = append(f.firstOf, d.field(entry, in))
		}
	case "part":
		f.part = d.part(n, in.each)
	}
}

// part reads which part of a column of the section's shape a field is.
func (d *decoder) part(n ast.Node, each *shape) string {
	if each == nil {
		d.fault(d.token(n), "a part is of the columns that each names, and this section has no each")
		return ""
	}
	return d.oneOf(n, append([]string{partCell, partNumber}, each.parts...))
}

// checkConstant refuses a constant that would have every row rejected.
func (d *decoder) checkConstant(n ast.Node, name, text string, written format) {
	if text == "" {
		return
	}
	reason := ""
	switch name {
	case "role":
		reason = checkOneOf(text, roles)
	case "active", "deleted":
		reason = checkOneOf(text, truths)
	case "state":
		reason = checkOneOf(text, modelStates)
	case "outcome":
		reason = checkOneOf(text, outcomes)
	case "currency", "into":
		_, reason = parseCurrency(text)
	case "email":
		reason = checkEmail(text)
	case "measure":
		reason = checkOneOf(text, measures)
	case "allocated_by":
		reason = checkOneOf(text, allocations)
	case "status":
		reason = checkOneOf(text, leadStatuses)
	case "since", "created_on", "engaged_on", "close_on", "first_day", "last_day", "on", "from", "until":
		_, reason = parseDate(text, written.dates, time.UTC)
	}
	if reason != "" {
		d.fault(d.token(n), "%q %s", text, reason)
	}
}

// template reads "{first}.{last}@example.com" into its parts.
func (d *decoder) template(n ast.Node) []templatePart {
	rest := d.text(n)
	var parts []templatePart
	for rest != "" {
		text, after, open := strings.Cut(rest, "{")
		if text != "" {
			parts = append(parts, templatePart{text: text})
		}
		if !open {
			break
		}
		column, behind, closed := strings.Cut(after, "}")
		if !closed || strings.TrimSpace(column) == "" {
			d.fault(d.token(n), "in a template every { opens the name of a column and } closes it")
			return nil
		}
		parts = append(parts, templatePart{column: strings.TrimSpace(column)})
		rest = behind
	}
	return parts
}

func (d *decoder) rename(n ast.Node) map[string]string {
	if n == nil {
		return nil
	}
	table := map[string]string{}
	o := d.object(n, "rename")
	for _, p := range o.pairs {
		o.known = append(o.known, p.key)
		table[p.key] = d.text(p.value)
	}
	return table
}

func (d *decoder) conditions(n ast.Node, what string) []condition {
	if n == nil {
		return nil
	}
	var all []condition
	o := d.object(n, what)
	for _, p := range o.pairs {
		o.known = append(o.known, p.key)
		c := condition{column: p.key}
		for _, value := range d.list(p.value) {
			c.values = append(c.values, d.text(value))
		}
		all = append(all, c)
	}
	return all
}

// resolve follows anchors and aliases.
func (d *decoder) resolve(n ast.Node) ast.Node {
	switch x := n.(type) {
	case *ast.AnchorNode:
		return d.resolve(x.Value)
	case *ast.AliasNode:
		name := x.Value.GetToken().Value
		target, known := d.anchors[name]
		if !known {
			d.fault(x.GetToken(), "nothing above is anchored as &%s", name)
			return &ast.NullNode{BaseNode: &ast.BaseNode{}, Token: x.GetToken()}
		}
		return target
	case *ast.TagNode:
		return d.resolve(x.Value)
	}
	return n
}

// token is where a fault of the node is shown.
func (d *decoder) token(n ast.Node) *token.Token {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return m.Values[0].Key.GetToken()
	}
	return n.GetToken()
}

// text reads a scalar as it is written: 007 and no are text here.
func (d *decoder) text(n ast.Node) string {
	if n == nil {
		return ""
	}
	switch x := d.resolve(n).(type) {
	case *ast.NullNode:
		return ""
	case *ast.LiteralNode:
		return x.Value.Value
	case ast.ScalarNode:
		return x.GetToken().Value
	}
	d.fault(d.token(n), "here stands text")
	return ""
}

func (d *decoder) oneOf(n ast.Node, allowed []string) string {
	text := d.text(n)
	if !slices.Contains(allowed, text) {
		d.fault(d.token(n), "%q is not one of %s", text, quotedList(allowed))
	}
	return text
}

func (d *decoder) yes(n ast.Node) bool {
	if n == nil {
		return false
	}
	return d.oneOf(n, []string{"true", "false"}) == "true"
}

// texts reads a list of texts, none of them empty.
func (d *decoder) texts(n ast.Node) []string {
	var all []string
	for _, entry := range d.list(n) {
		text := d.text(entry)
		if text == "" {
			d.fault(d.token(entry), "here stands the name of a column")
		}
		all = append(all, text)
	}
	return all
}

// list reads a sequence; a single value is a list of one.
func (d *decoder) list(n ast.Node) []ast.Node {
	if n == nil {
		return nil
	}
	n = d.resolve(n)
	if s, ok := n.(*ast.SequenceNode); ok {
		return s.Values
	}
	return []ast.Node{n}
}

// object is a YAML mapping whose keys are taken one by one, so that what is
// left over is known to be unknown.
type object struct {
	d     *decoder
	what  string
	ok    bool
	pairs []pair
	known []string
}

type pair struct {
	key   string
	at    *token.Token
	value ast.Node
}

func (d *decoder) object(n ast.Node, what string) *object {
	o := &object{d: d, what: what}
	m, ok := d.resolve(n).(ast.MapNode)
	if !ok {
		d.fault(d.token(n), "%s is written as keys with values", what)
		return o
	}
	o.ok = true
	for it := m.MapRange(); it.Next(); {
		at := it.Key().GetToken()
		if it.Key().IsMergeKey() {
			d.fault(at, "<< is not used in mappings")
			continue
		}
		o.pairs = append(o.pairs, pair{key: keyText(it.Key()), at: at, value: it.Value()})
	}
	return o
}

func keyText(n ast.MapKeyNode) string {
	if m, ok := n.(*ast.MappingKeyNode); ok {
		return m.Value.GetToken().Value
	}
	return n.GetToken().Value
}

// take returns the value of a key, or nil.
func (o *object) take(key string) ast.Node {
	if !slices.Contains(o.known, key) {
		o.known = append(o.known, key)
	}
	for _, p := range o.pairs {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

// done refuses the keys that nobody took.
func (o *object) done() {
	for _, p := range o.pairs {
		if !slices.Contains(o.known, p.key) {
			o.d.fault(p.at, "unknown key %q; %s has %s", p.key, o.what, strings.Join(o.known, ", "))
		}
	}
}

func sectionNames() string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.section
	}
	return strings.Join(names, ", ")
}

// alternatives writes "a, b or c".
func alternatives(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
