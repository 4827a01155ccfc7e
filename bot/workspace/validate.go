package workspace

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of Block Kit, as Slack documents and applies them. A rule looks at
// one value and reports what is wrong with it, at its JSON pointer, in the words
// of Slack's answers.

type rule func(c *checker, value any, at string)

type checker struct {
	surface  string // message, modal or home
	problems []string
	blockIDs map[string]bool
	counts   map[string]int // blocks by type
	markdown int            // characters in all markdown blocks
}

func (c *checker) report(at, format string, a ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, a...)+" [json-pointer:"+at+"]")
}

// invalid is a refusal that lists problems as Slack does.
func invalid(code string, problems []string) error {
	messages := make([]string, len(problems))
	for i, p := range problems {
		messages[i] = "[ERROR] " + p
	}
	return refuseWith(code, object{
		"errors": problems, "response_metadata": object{"messages": messages},
	})
}

const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxMarkdown      = 12000
	maxCharts        = 2
)

// checkMessage checks the blocks of a message.
func checkMessage(blocks []any) error {
	c := newChecker("message")
	c.blocks(blocks, "/blocks", maxMessageBlocks)
	if len(c.problems) > 0 {
		return invalid("invalid_blocks", c.problems)
	}
	if c.counts["table"] > 1 {
		return invalid("invalid_attachments", []string{"only_one_table_allowed [json-pointer:/blocks]"})
	}
	if c.markdown > maxMarkdown {
		return refuse("msg_blocks_too_long")
	}
	return nil
}

// checkView checks a modal or a Home tab.
func checkView(view object) error {
	c := newChecker(text(view, "type"))
	viewRules[c.surface](c, view, "/view")
	c.blocks(list(view, "blocks"), "/view/blocks", maxViewBlocks)
	if c.surface == "modal" && c.counts["input"] > 0 && view["submit"] == nil {
		c.report("/view", "missing required field: submit")
	}
	if len(c.problems) > 0 {
		return invalid("invalid_arguments", c.problems)
	}
	return nil
}

// checkOptions checks what the bot offers in an external select; it answers
// the first problem or nothing.
func checkOptions(said object) string {
	c := newChecker("message")
	offer := shape{"options": optionList(100), "option_groups": optionGroups}
	offer.rule()(c, said, "")
	if len(c.problems) > 0 {
		return c.problems[0]
	}
	return ""
}

func newChecker(surface string) *checker {
	return &checker{surface: surface, blockIDs: map[string]bool{}, counts: map[string]int{}}
}

func (c *checker) blocks(blocks []any, at string, most int) {
	if len(blocks) > most {
		c.report(at, "no more than %d items allowed", most)
	}
	for i, b := range blocks {
		c.block(b, at+"/"+strconv.Itoa(i))
	}
	if c.counts["data_visualization"] > maxCharts {
		c.report(at, "no more than %d data_visualization blocks allowed", maxCharts)
	}
}

func (c *checker) block(value any, at string) {
	b, isObject := value.(object)
	if !isObject {
		c.report(at, "must be an object")
		return
	}
	kind := text(b, "type")
	known := allBlocks[kind]
	if known.rule == nil || !strings.Contains(known.surfaces, c.surface) {
		c.report(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.counts[kind]++
	if id := text(b, "block_id"); id != "" {
		if c.blockIDs[id] {
			c.report(at+"/block_id", "block_id %q already exists", id)
		}
		c.blockIDs[id] = true
	}
	known.rule(c, value, at)
	c.uniqueActions(b, at)
}

func (c *checker) uniqueActions(b object, at string) {
	seen := map[string]bool{}
	for _, e := range search(nil, b, "", nil) {
		id := e.actionID()
		if id != "" && seen[e.blockID+"\x00"+id] {
			c.report(at, "action_id %q already exists for block with block_id %q", id, e.blockID)
		}
		seen[e.blockID+"\x00"+id] = true
	}
}

// shape is an object by its fields. A field whose name ends in "!" is required;
// a field that is not listed is refused.
type shape map[string]rule

func (s shape) rule() rule {
	return func(c *checker, value any, at string) {
		o, isObject := value.(object)
		if !isObject {
			c.report(at, "must be an object")
			return
		}
		for _, name := range s.names() {
			field, required := strings.CutSuffix(name, "!")
			given, present := o[field]
			switch {
			case present && given != nil:
				s[name](c, given, at+"/"+field)
			case required:
				c.report(at, "missing required field: %s", field)
			}
		}
		for _, name := range sortedKeys(o) {
			if s[name] == nil && s[name+"!"] == nil {
				c.report(at, "invalid additional property: %s", name)
			}
		}
	}
}

func (s shape) names() []string {
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// and adds fields to a shape.
func (s shape) and(more shape) shape {
	all := shape{}
	for name, r := range s {
		all[name] = r
	}
	for name, r := range more {
		all[name] = r
	}
	return all
}

// asObject is the value that a shape has found to be an object.
func asObject(value any) object {
	o, _ := value.(object)
	return o
}

func anything(*checker, any, string) {}

func boolean(c *checker, value any, at string) {
	if _, ok := value.(bool); !ok {
		c.report(at, "must be a boolean")
	}
}

func number(least, most float64) rule {
	return func(c *checker, value any, at string) {
		n, isNumber := numeric(value)
		switch {
		case !isNumber:
			c.report(at, "must be a number")
		case n < least:
			c.report(at, "must be no less than %v", least)
		case n > most:
			c.report(at, "must be no more than %v", most)
		}
	}
}

func anyNumber(c *checker, value any, at string) {
	if _, ok := numeric(value); !ok {
		c.report(at, "must be a number")
	}
}

func numeric(value any) (float64, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

func str(least, most int) rule {
	return func(c *checker, value any, at string) {
		s, isString := value.(string)
		length := utf8.RuneCountInString(s)
		switch {
		case !isString:
			c.report(at, "must be a string")
		case length < least:
			c.report(at, "must be more than %d characters", least-1)
		case length > most:
			c.report(at, "must be less than %d characters", most+1)
		}
	}
}

func oneOf(allowed ...string) rule {
	return func(c *checker, value any, at string) {
		if s, _ := value.(string); !slices.Contains(allowed, s) {
			c.report(at, "must be one of: %s", strings.Join(allowed, ", "))
		}
	}
}

func items(least, most int, each rule) rule {
	return func(c *checker, value any, at string) {
		l, isList := value.([]any)
		switch {
		case !isList:
			c.report(at, "must be an array")
			return
		case len(l) < least:
			c.report(at, "must contain at least %d items", least)
		case len(l) > most:
			c.report(at, "no more than %d items allowed", most)
		}
		for i, item := range l {
			each(c, item, at+"/"+strconv.Itoa(i))
		}
	}
}

// byType picks the rule by the value's own type field.
func byType(known map[string]rule) rule {
	return func(c *checker, value any, at string) {
		o, isObject := value.(object)
		if !isObject {
			c.report(at, "must be an object")
			return
		}
		r := known[text(o, "type")]
		if r == nil {
			c.report(at+"/type", "unsupported type: %s", text(o, "type"))
			return
		}
		r(c, value, at)
	}
}

// Composition objects.

func plain(most int) rule { return textObject(most, "plain_text") }

func words(most int) rule { return textObject(most, "plain_text", "mrkdwn") }

func textObject(most int, kinds ...string) rule {
	return shape{"type!": oneOf(kinds...), "text!": str(1, most), "emoji": boolean, "verbatim": boolean}.rule()
}

var confirm = shape{
	"title!": plain(100), "text!": words(300), "confirm!": plain(30), "deny!": plain(30),
	"style": oneOf("primary", "danger"),
}.rule()

var option1 = shape{
	"text!": words(75), "value": str(0, 75), "description": words(75), "url": str(1, 3000),
}.rule()

func optionList(most int) rule { return items(1, most, option1) }

var optionGroups = items(1, 100, shape{"label!": plain(75), "options!": optionList(100)}.rule())

var slackFile = shape{"id": str(1, 255), "url": str(1, 3000)}.rule()

// Elements.

var (
	anElement = shape{"type!": anything, "action_id": str(0, 255), "confirm": confirm}
	focused   = anElement.and(shape{"focus_on_load": boolean, "placeholder": plain(150)})
	onAction  = focused.and(shape{"dispatch_action_config": anything})
	visibleTo = shape{"visible_to_user_ids": items(0, 100, str(1, 255))}
	selects   = focused.and(shape{"max_selected_items": number(1, 1000)})
)

var button = anElement.and(visibleTo).and(shape{
	"text!": plain(75), "value": str(0, 2000), "url": str(0, 3000), "style": oneOf("primary", "danger"),
	"accessibility_label": str(0, 75), "agent_prompt": anything, "agent_prompt_display": anything,
}).rule()

var imageElement = withImage(shape{"type!": anything, "alt_text!": str(1, 2000)})

// withImage demands a URL or an uploaded file.
func withImage(s shape) rule {
	known := s.and(shape{"image_url": str(1, 3000), "slack_file": slackFile}).rule()
	return func(c *checker, value any, at string) {
		known(c, value, at)
		if o := asObject(value); o != nil && o["image_url"] == nil && o["slack_file"] == nil {
			c.report(at, "missing required field: image_url")
		}
	}
}

// choices demands options or groups of options.
func choices(s shape) rule {
	known := s.and(shape{"options": optionList(100), "option_groups": optionGroups}).rule()
	return func(c *checker, value any, at string) {
		known(c, value, at)
		if o := asObject(value); o != nil && o["options"] == nil && o["option_groups"] == nil {
			c.report(at, "missing required field: options")
		}
	}
}

var conversationFields = shape{"filter": anything, "default_to_current_conversation": boolean}

var feedbackButton = shape{"text!": plain(75), "value!": str(1, 2000), "accessibility_label": str(0, 75)}.rule()

var actionElements = map[string]rule{
	"button":                     button,
	"checkboxes":                 focused.and(visibleTo).and(shape{"options!": optionList(10), "initial_options": optionList(10)}).rule(),
	"radio_buttons":              focused.and(shape{"options!": optionList(10), "initial_option": option1}).rule(),
	"overflow":                   anElement.and(shape{"options!": optionList(5)}).rule(),
	"datepicker":                 focused.and(shape{"initial_date": str(10, 10)}).rule(),
	"timepicker":                 focused.and(shape{"initial_time": str(5, 5), "timezone": str(1, 255)}).rule(),
	"datetimepicker":             focused.and(shape{"initial_date_time": anyNumber}).rule(),
	"static_select":              choices(focused.and(shape{"initial_option": option1})),
	"multi_static_select":        choices(selects.and(shape{"initial_options": optionList(100)})),
	"external_select":            focused.and(shape{"initial_option": option1, "min_query_length": anyNumber}).rule(),
	"multi_external_select":      selects.and(shape{"initial_options": optionList(100), "min_query_length": anyNumber}).rule(),
	"users_select":               focused.and(shape{"initial_user": anything}).rule(),
	"multi_users_select":         selects.and(shape{"initial_users": anything}).rule(),
	"conversations_select":       focused.and(conversationFields).and(shape{"initial_conversation": anything, "response_url_enabled": boolean}).rule(),
	"multi_conversations_select": selects.and(conversationFields).and(shape{"initial_conversations": anything}).rule(),
	"channels_select":            focused.and(shape{"initial_channel": anything, "response_url_enabled": boolean}).rule(),
	"multi_channels_select":      selects.and(shape{"initial_channels": anything}).rule(),
	"workflow_button":            anElement.and(shape{"text!": plain(75), "workflow!": anything, "style": anything, "accessibility_label": str(0, 75)}).rule(),
	"rich_text_input":            onAction.and(shape{"initial_value": anything, "min_lines": anyNumber, "max_lines": anyNumber}).rule(),
}

var inputOnly = map[string]rule{
	"plain_text_input": onAction.and(shape{
		"initial_value": str(0, 3000), "multiline": boolean, "min_length": number(0, 3000), "max_length": number(1, 3000),
	}).rule(),
	"email_text_input": onAction.and(shape{"initial_value": str(0, 3000)}).rule(),
	"url_text_input":   onAction.and(shape{"initial_value": str(0, 3000)}).rule(),
	"number_input": onAction.and(shape{
		"is_decimal_allowed!": boolean, "initial_value": str(0, 3000), "min_value": str(0, 3000), "max_value": str(0, 3000),
	}).rule(),
	"file_input": anElement.and(shape{"filetypes": anything, "max_files": number(1, 10)}).rule(),
}

var contextActionElements = map[string]rule{
	"feedback_buttons": anElement.and(shape{"positive_button!": feedbackButton, "negative_button!": feedbackButton}).rule(),
	"icon_button": anElement.and(visibleTo).and(shape{
		"icon!": oneOf("trash"), "text!": plain(75), "value": str(0, 2000), "accessibility_label": str(0, 75),
	}).rule(),
}

var contextElements = map[string]rule{
	"plain_text": plain(3000), "mrkdwn": words(3000), "image": imageElement,
}

func merged(sets ...map[string]rule) map[string]rule {
	all := map[string]rule{}
	for _, set := range sets {
		for name, r := range set {
			all[name] = r
		}
	}
	return all
}

var (
	actionRule    = byType(actionElements)
	accessoryRule = byType(merged(actionElements, map[string]rule{"image": imageElement}))
	inputRule     = byType(merged(actionElements, inputOnly))
)

// Blocks.

var aBlock = shape{"type!": anything, "block_id": str(0, 255)}

type blockRule struct {
	surfaces string
	rule     rule
}

const (
	everywhere    = "message modal home"
	messagesOnly  = "message"
	notModals     = "message home"
	modalsOnly    = "modal"
	tableColumns  = 20
	tableRows     = 100
	tableLetters  = 10000
	dataRows      = 201
	dataLetters   = 20000
	chartSeries   = 12
	chartPoints   = 20
	chartLabel    = 20
	containerKids = 10
)

// allBlocks is filled at start, because containers hold blocks again.
var allBlocks map[string]blockRule

func init() {
	card := aBlock.and(shape{
		"hero_image": imageElement, "icon": imageElement, "slack_icon": anything, "title": words(150),
		"subtitle": words(150), "body": words(200), "subtext": words(200), "actions": items(1, 3, byType(map[string]rule{"button": button})),
	}).rule()
	task := shape{
		"type": oneOf("task_card"), "block_id": str(0, 255), // in a plan, tasks need no type
		"task_id!": str(1, 255), "title!": str(1, 256), "status": oneOf("pending", "in_progress", "complete", "error"),
		"details": richTextRule, "output": richTextRule, "sources": anything, "hide_title": boolean,
	}.rule()
	allBlocks = map[string]blockRule{
		"actions":         {everywhere, aBlock.and(shape{"elements!": items(1, 25, actionRule)}).rule()},
		"alert":           {modalsOnly, aBlock.and(shape{"text!": words(200), "level": oneOf("default", "info", "warning", "error", "success")}).rule()},
		"card":            {notModals, card},
		"carousel":        {notModals, aBlock.and(shape{"elements!": items(1, 10, card)}).rule()},
		"container":       {notModals, containerRule},
		"context":         {everywhere, aBlock.and(shape{"elements!": items(1, 10, byType(contextElements))}).rule()},
		"context_actions": {messagesOnly, aBlock.and(shape{"elements!": items(1, 5, byType(contextActionElements))}).rule()},
		"data_table":      {notModals, dataTableRule},
		"data_visualization": {messagesOnly, aBlock.and(shape{
			"title!": str(1, 50), "chart!": byType(map[string]rule{
				"pie": pieRule, "bar": seriesRule, "line": seriesRule, "area": seriesRule,
			}),
		}).rule()},
		"divider":   {everywhere, aBlock.rule()},
		"file":      {messagesOnly, aBlock.and(shape{"external_id!": str(1, 255), "source!": oneOf("remote")}).rule()},
		"header":    {everywhere, aBlock.and(shape{"text!": plain(150), "level": number(1, 4)}).rule()},
		"image":     {everywhere, withImage(aBlock.and(shape{"alt_text!": str(1, 2000), "title": plain(2000)}))},
		"input":     {everywhere, inputBlockRule},
		"layout":    {notModals, layoutRule},
		"markdown":  {messagesOnly, markdownRule},
		"plan":      {messagesOnly, aBlock.and(shape{"title!": str(1, 256), "tasks": items(0, 100, task)}).rule()},
		"rich_text": {everywhere, richTextRule},
		"section":   {everywhere, sectionRule},
		"table":     {notModals, tableRule},
		"task_card": {messagesOnly, taskCardRule(task)},
		"video": {everywhere, aBlock.and(shape{
			"video_url!": str(1, 3000), "thumbnail_url!": str(1, 3000), "alt_text!": str(1, 2000), "title!": plain(200),
			"title_url": anything, "author_name": anything, "provider_name": anything, "provider_icon_url": anything, "description": plain(200),
		}).rule()},
	}
}

var sectionFields = aBlock.and(shape{
	"text": words(3000), "fields": items(1, 10, words(2000)), "accessory": accessoryRule, "expand": boolean,
}).rule()

func sectionRule(c *checker, value any, at string) {
	sectionFields(c, value, at)
	if o := asObject(value); o["text"] == nil && o["fields"] == nil {
		c.report(at, "missing required field: text")
	}
}

var inputFields = aBlock.and(shape{
	"label!": plain(2000), "element!": inputRule, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean,
}).rule()

func inputBlockRule(c *checker, value any, at string) {
	inputFields(c, value, at)
	if kind := text(sub(asObject(value), "element"), "type"); kind == "button" || kind == "overflow" || kind == "workflow_button" {
		c.report(at+"/element/type", "unsupported type: %s", kind)
	}
}

var markdownFields = aBlock.and(shape{"text!": str(1, maxMarkdown)}).rule()

func markdownRule(c *checker, value any, at string) {
	markdownFields(c, value, at)
	c.markdown += utf8.RuneCountInString(text(asObject(value), "text"))
}

// richTextRule knows the outer elements; what stands in them is literal text.
var richTextRule = aBlock.and(shape{"elements!": items(0, 500, byType(map[string]rule{
	"rich_text_section": richTextPart, "rich_text_quote": richTextPart,
	"rich_text_preformatted": richTextPart, "rich_text_list": richTextPart,
}))}).rule()

func richTextPart(c *checker, value any, at string) {
	parts, isList := asObject(value)["elements"].([]any)
	if !isList {
		c.report(at, "missing required field: elements")
		return
	}
	for i, p := range parts {
		part, _ := p.(object)
		here := at + "/elements/" + strconv.Itoa(i)
		if text(part, "type") == "" {
			c.report(here, "missing required field: type")
		}
		if text(part, "type") == "text" && text(part, "text") == "" {
			c.report(here+"/text", "must be more than 0 characters")
		}
	}
}

// taskCardRule: a task that stands alone has begun.
func taskCardRule(task rule) rule {
	return func(c *checker, value any, at string) {
		task(c, value, at)
		if text(asObject(value), "status") == "pending" {
			c.report(at+"/status", "must be one of: in_progress, complete, error")
		}
	}
}

// Tables.

var (
	rawText   = shape{"type!": anything, "text!": str(1, 10000)}.rule()
	rawNumber = shape{"type!": anything, "value!": anyNumber, "text": str(1, 10000)}.rule()
	cells     = map[string]rule{"raw_text": rawText, "raw_number": rawNumber, "rich_text": richTextRule}
	dataCells = merged(cells, map[string]rule{"action_cell": shape{
		"type!": anything, "element!": byType(map[string]rule{"button": button}), "fallback": byType(cells),
	}.rule()})
)

var tableFields = aBlock.and(shape{
	"rows!":           items(1, tableRows, items(1, tableColumns, byType(cells))),
	"column_settings": items(0, tableColumns, nullable(shape{"align": oneOf("", "left", "center", "right"), "is_wrapped": boolean}.rule())),
}).rule()

func nullable(r rule) rule {
	return func(c *checker, value any, at string) {
		if value != nil {
			r(c, value, at)
		}
	}
}

func tableRule(c *checker, value any, at string) {
	tableFields(c, value, at)
	if letters(asObject(value)["rows"]) > tableLetters {
		c.report(at+"/rows", "no more than %d characters allowed", tableLetters)
	}
}

var dataTableFields = aBlock.and(shape{
	"caption!":  str(1, 3000),
	"rows!":     items(2, dataRows, items(1, tableColumns, byType(dataCells))),
	"page_size": number(1, 100), "row_header_column_index": number(0, tableColumns-1),
}).rule()

func dataTableRule(c *checker, value any, at string) {
	dataTableFields(c, value, at)
	rows := list(asObject(value), "rows")
	if len(rows) == 0 {
		return
	}
	header, _ := rows[0].([]any)
	for i, cell := range header {
		if o, _ := cell.(object); text(o, "type") != "raw_text" {
			c.report(fmt.Sprintf("%s/rows/0/%d/type", at, i), "must be one of: raw_text")
		}
	}
	for i, row := range rows {
		if r, _ := row.([]any); len(r) != len(header) {
			c.report(fmt.Sprintf("%s/rows/%d", at, i), "must contain %d items", len(header))
		}
	}
	if letters(rows) > dataLetters {
		c.report(at+"/rows", "no more than %d characters allowed", dataLetters)
	}
}

// letters counts the characters people see in a table.
func letters(value any) int {
	n := 0
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			n += letters(item)
		}
	case object:
		n += utf8.RuneCountInString(text(v, "text"))
		n += letters(v["elements"])
	}
	return n
}

// Charts.

var pieRule = shape{"type!": anything, "segments!": items(1, chartSeries, shape{
	"label!": str(1, chartLabel), "value!": aboveZero,
}.rule())}.rule()

func aboveZero(c *checker, value any, at string) {
	if n, ok := numeric(value); !ok || n <= 0 {
		c.report(at, "must be more than 0")
	}
}

var seriesFields = shape{
	"type!": anything,
	"series!": items(1, chartSeries, shape{
		"name!": str(1, chartLabel),
		"data!": items(1, chartPoints, shape{"label!": str(1, chartLabel), "value!": anyNumber}.rule()),
	}.rule()),
	"axis_config!": shape{
		"categories!": items(1, chartPoints, str(1, chartLabel)), "x_label": str(0, 50), "y_label": str(0, 50),
	}.rule(),
}.rule()

// seriesRule adds that every series has exactly one point for each category.
func seriesRule(c *checker, value any, at string) {
	seriesFields(c, value, at)
	chart := asObject(value)
	categories := list(sub(chart, "axis_config"), "categories")
	names := map[string]bool{}
	for i, item := range list(chart, "series") {
		series, _ := item.(object)
		here := at + "/series/" + strconv.Itoa(i)
		if names[text(series, "name")] {
			c.report(here+"/name", "series names must be unique")
		}
		names[text(series, "name")] = true
		if !samePoints(list(series, "data"), categories) {
			c.report(here+"/data", "must contain exactly one data point for each category")
		}
	}
}

func samePoints(data, categories []any) bool {
	points := map[string]int{}
	for _, d := range data {
		point, _ := d.(object)
		points[text(point, "label")]++
	}
	for _, category := range categories {
		if name, _ := category.(string); points[name] != 1 {
			return false
		}
	}
	return len(data) == len(categories)
}

// Blocks of blocks.

func containerRule(c *checker, value any, at string) {
	aBlock.and(shape{
		"title": words(150), "rich_text_title": richTextRule, "subtitle": words(150), "icon": imageElement, "width": anything,
		"is_collapsible": boolean, "default_collapsed": boolean, "has_header_divider": boolean,
		"child_blocks!": items(1, containerKids, nested),
	}).rule()(c, value, at)
}

func layoutRule(c *checker, value any, at string) {
	item := shape{"block!": nested, "width": anything, "horizontal_alignment": anything}.rule()
	aBlock.and(shape{
		"label!": str(1, 150), "is_label_visible": boolean, "grid_lines": anything, "fallback": anything,
		"rows!": items(1, 5, shape{"items!": items(1, 3, item)}.rule()),
	}).rule()(c, value, at)
}

func nested(c *checker, value any, at string) {
	b, _ := value.(object)
	if kind := text(b, "type"); kind == "container" || kind == "layout" {
		c.report(at+"/type", "unsupported type: %s", kind)
		return
	}
	c.block(value, at)
}

// Views.

var viewFields = shape{
	"type!": anything, "blocks!": items(0, maxViewBlocks, anything), "private_metadata": str(0, 3000),
	"callback_id": str(0, 255), "external_id": str(0, 255),
	"clear_on_close": boolean, "notify_on_close": boolean, "submit_disabled": boolean,
}

var viewRules = map[string]rule{
	"modal": viewFields.and(shape{"title!": plain(24), "submit": plain(24), "close": plain(24)}).rule(),
	"home":  viewFields.and(shape{"title": plain(24), "submit": anything, "close": anything}).rule(),
}
