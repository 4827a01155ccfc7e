package blocks

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/slack-go/slack"
)

// Slack's limits, as far as the blocks used here can meet them.
const (
	maxFallback    = 4000 // of text; Slack recommends it and cuts at ten times that
	maxBlocks      = 50
	maxID          = 255
	maxText        = 3000
	maxFields      = 10
	maxField       = 2000
	maxContext     = 10
	maxActions     = 25
	maxButtonText  = 75
	maxButtonValue = 2000
	maxColumns     = 20
	maxTableRows   = 100 // the head included
	maxTableText   = 10_000
	maxDataRows    = 200 // Slack takes 201
	maxDataText    = 20_000
	maxPageSize    = 100
	maxTables      = 1 // a second one is refused in practice
)

// Our own limits, where Slack names none.
const (
	maxCell    = 200
	maxCaption = 150
)

// Check says what Slack would refuse in a message, or nil.
func Check(m Message) error {
	faults := checker{ids: map[string]bool{}}
	faults.within("text", m.Text, maxFallback)
	if len(m.Blocks) > maxBlocks {
		faults.add("%d blocks", len(m.Blocks))
	}
	for _, b := range m.Blocks {
		faults.block(b)
	}
	if faults.tables > maxTables {
		faults.add("%d tables", faults.tables)
	}
	if _, err := json.Marshal(m); err != nil {
		faults.add("not JSON: %v", err)
	}
	return errors.Join(faults.found...)
}

type checker struct {
	found  []error
	ids    map[string]bool
	tables int
	charts int
}

func (c *checker) add(format string, args ...any) {
	c.found = append(c.found, fmt.Errorf(format, args...))
}

// within checks a text that must not be empty.
func (c *checker) within(what, text string, limit int) {
	if clean(text) == "" {
		c.add("%s is empty", what)
	}
	if n := length(text); n > limit {
		c.add("%s has %d characters of %d", what, n, limit)
	}
}

func (c *checker) id(what, id string) {
	c.within(what, id, maxID)
	if c.ids[what+id] {
		c.add("%s %q is used twice", what, id)
	}
	c.ids[what+id] = true
}

func (c *checker) block(b slack.Block) {
	c.id("block_id", b.ID())
	switch b := b.(type) {
	case *slack.RichTextBlock:
		c.richText(b)
	case *slack.SectionBlock:
		c.section(b)
	case *slack.ContextBlock:
		c.context(b)
	case *slack.ActionBlock:
		c.actions(b)
	case *slack.TableBlock:
		c.table(b)
	case *slack.DataTableBlock:
		c.dataTable(b)
	case *slack.DataVisualizationBlock:
		c.chart(b)
	default:
		c.add("a %s block, which nobody checks", b.BlockType())
	}
}

// chart leaves the details to the library, whose limits are the stricter ones.
func (c *checker) chart(b *slack.DataVisualizationBlock) {
	c.charts++
	if c.charts > maxCharts {
		c.add("%d charts", c.charts)
	}
	if err := b.Validate(); err != nil {
		c.add("chart: %v", err)
	}
}

func (c *checker) richText(b *slack.RichTextBlock) {
	if len(b.Elements) == 0 {
		c.add("rich_text without elements")
	}
	for _, e := range b.Elements {
		section, ok := e.(*slack.RichTextSection)
		if !ok {
			c.add("a %s, which nobody checks", e.RichTextElementType())
			continue
		}
		for _, part := range section.Elements {
			if text, ok := part.(*slack.RichTextSectionTextElement); ok && (text.Text == "" || length(text.Text) > maxText) {
				c.add("rich text of %d characters", length(text.Text))
			}
		}
	}
}

func (c *checker) section(b *slack.SectionBlock) {
	if b.Text == nil && len(b.Fields) == 0 {
		c.add("section without text and fields")
	}
	if b.Text != nil {
		c.within("section text", b.Text.Text, maxText)
	}
	if len(b.Fields) > maxFields {
		c.add("%d fields", len(b.Fields))
	}
	for _, f := range b.Fields {
		c.within("field", f.Text, maxField)
	}
}

func (c *checker) context(b *slack.ContextBlock) {
	if n := len(b.ContextElements.Elements); n == 0 || n > maxContext {
		c.add("%d context elements", n)
	}
	for _, e := range b.ContextElements.Elements {
		if text, ok := e.(*slack.TextBlockObject); ok {
			c.within("context", text.Text, maxText)
		}
	}
}

func (c *checker) actions(b *slack.ActionBlock) {
	if n := len(b.Elements.ElementSet); n == 0 || n > maxActions {
		c.add("%d actions", n)
	}
	for _, e := range b.Elements.ElementSet {
		button, ok := e.(*slack.ButtonBlockElement)
		if !ok {
			c.add("a %s, which nobody checks", e.ElementType())
			continue
		}
		c.id("action_id", button.ActionID)
		c.within("button", button.Text.Text, maxButtonText)
		c.within("button value", button.Value, maxButtonValue)
	}
}

func (c *checker) table(b *slack.TableBlock) {
	c.tables++
	total := 0
	for _, row := range b.Rows {
		c.rowLength(len(row), len(b.Rows[0]))
		for _, cell := range row {
			total += c.cell(cell)
		}
	}
	c.tableSize(len(b.Rows), maxTableRows, total, maxTableText)
	if len(b.ColumnSettings) > maxColumns {
		c.add("%d column settings", len(b.ColumnSettings))
	}
}

func (c *checker) dataTable(b *slack.DataTableBlock) {
	c.tables++
	c.within("caption", b.Caption, maxCaption)
	if b.PageSize < 1 || b.PageSize > maxPageSize {
		c.add("pages of %d rows", b.PageSize)
	}
	total := 0
	for _, row := range b.Rows {
		c.rowLength(len(row), len(b.Rows[0]))
		for _, cell := range row {
			total += c.cell(cell)
		}
	}
	c.tableSize(len(b.Rows), maxDataRows, total, maxDataText)
}

func (c *checker) rowLength(cells, want int) {
	if cells == 0 || cells > maxColumns || cells != want {
		c.add("a row of %d cells under a head of %d", cells, want)
	}
}

func (c *checker) tableSize(rows, maxRows, text, maxText int) {
	if rows < 2 || rows > maxRows {
		c.add("a table of %d rows", rows)
	}
	if text > maxText {
		c.add("a table of %d characters", text)
	}
}

// cell checks the text of a cell of either kind of table and returns its
// length.
func (c *checker) cell(cell any) int {
	text := ""
	switch cell := cell.(type) {
	case *slack.TableRawTextCell:
		text = cell.Text
	case *slack.DataTableRawTextCell:
		text = cell.Text
	case *slack.DataTableRawNumberCell:
		text = cell.Text
	default:
		c.add("a cell %T, which nobody checks", cell)
	}
	c.within("cell", text, maxCell)
	return length(text)
}
