package workspace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// problems are what a check complains about.
func problems(t *testing.T, err error) (string, []string) {
	t.Helper()
	if err == nil {
		return "", nil
	}
	var r *refusal
	if !errors.As(err, &r) {
		t.Fatal(err)
	}
	found, _ := r.more["errors"].([]string)
	return r.code, found
}

func blocksFrom(t *testing.T, source string) []any {
	t.Helper()
	var blocks []any
	if err := decode([]byte(source), &blocks); err != nil {
		t.Fatalf("%v in %s", err, source)
	}
	return blocks
}

func x(n int) string { return strings.Repeat("x", n) }

// many joins n copies of an item; %d in it is the copy's number.
func many(n int, item string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.ReplaceAll(item, "%d", fmt.Sprint(i))
	}
	return strings.Join(all, ",")
}

func TestBlocksOfAMessage(t *testing.T) {
	plain := func(n int) string { return `{"type":"plain_text","text":"` + x(n) + `"}` }
	button := func(id string) string {
		return `{"type":"button","action_id":"` + id + `","text":` + plain(5) + `}`
	}
	option := `{"text":` + plain(5) + `,"value":"v%d"}`
	cell := `{"type":"raw_text","text":"a"}`
	row := func(n int) string { return "[" + many(n, cell) + "]" }
	series := func(n int) string {
		return `{"name":"` + x(n) + `","data":[{"label":"Oct","value":1},{"label":"Nov","value":-2.5}]}`
	}
	chart := func(series string) string {
		return `{"type":"data_visualization","title":"T","chart":{"type":"bar","series":[` + series + `],"axis_config":{"categories":["Oct","Nov"]}}}`
	}
	cases := []struct {
		name, block string
		want        string // the first problem, or nothing
	}{
		{"a section", `{"type":"section","text":{"type":"mrkdwn","text":"` + x(3000) + `"}}`, ""},
		{"a long section", `{"type":"section","text":{"type":"mrkdwn","text":"` + x(3001) + `"}}`, "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{"an empty text", `{"type":"section","text":{"type":"mrkdwn","text":""}}`, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
		{"a section of nothing", `{"type":"section"}`, "missing required field: text [json-pointer:/blocks/0]"},
		{"eleven fields", `{"type":"section","fields":[` + many(11, plain(5)) + `]}`, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		{"a long field", `{"type":"section","fields":[` + plain(2001) + `]}`, "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"},
		{"letters are counted, not bytes", `{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("é", 150) + `"}}`, ""},
		{"a long header", `{"type":"header","text":` + plain(151) + `}`, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
		{"mrkdwn in a header", `{"type":"header","text":{"type":"mrkdwn","text":"a"}}`, "must be one of: plain_text [json-pointer:/blocks/0/text/type]"},
		{"a header of level 5", `{"type":"header","level":5,"text":` + plain(5) + `}`, "must be no more than 4 [json-pointer:/blocks/0/level]"},
		{"a divider", `{"type":"divider"}`, ""},
		{"an unknown block", `{"type":"hologram"}`, "unsupported type: hologram [json-pointer:/blocks/0/type]"},
		{"no block", `"divider"`, "must be an object [json-pointer:/blocks/0]"},
		{"an unknown field", `{"type":"divider","colour":"red"}`, "invalid additional property: colour [json-pointer:/blocks/0]"},
		{"an alert", `{"type":"alert","text":` + plain(5) + `}`, "unsupported type: alert [json-pointer:/blocks/0/type]"},
		{"a context of 11", `{"type":"context","elements":[` + many(11, plain(5)) + `]}`, "no more than 10 items allowed [json-pointer:/blocks/0/elements]"},
		{"25 buttons", `{"type":"actions","elements":[` + many(25, button("b%d")) + `]}`, ""},
		{"26 buttons", `{"type":"actions","elements":[` + many(26, button("b%d")) + `]}`, "no more than 25 items allowed [json-pointer:/blocks/0/elements]"},
		{"no buttons", `{"type":"actions","elements":[]}`, "must contain at least 1 items [json-pointer:/blocks/0/elements]"},
		{"two buttons with one id", `{"type":"actions","block_id":"b","elements":[` + button("a") + `,` + button("a") + `]}`, `action_id "a" already exists for block with block_id "b" [json-pointer:/blocks/0]`},
		{"a long button", `{"type":"actions","elements":[{"type":"button","text":` + plain(76) + `}]}`, "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"},
		{"a button that is off", `{"type":"actions","elements":[{"type":"button","disabled":true,"text":` + plain(5) + `}]}`, "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]"},
		{"a large value", `{"type":"actions","elements":[{"type":"button","value":"` + x(2001) + `","text":` + plain(5) + `}]}`, "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
		{"a long action_id", `{"type":"actions","elements":[` + button(x(256)) + `]}`, "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"},
		{"a long block_id", `{"type":"divider","block_id":"` + x(256) + `"}`, "must be less than 256 characters [json-pointer:/blocks/0/block_id]"},
		{"a menu of 100", `{"type":"actions","elements":[{"type":"static_select","options":[` + many(100, option) + `]}]}`, ""},
		{"a menu of 101", `{"type":"actions","elements":[{"type":"static_select","options":[` + many(101, option) + `]}]}`, "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"a menu of nothing", `{"type":"actions","elements":[{"type":"static_select"}]}`, "missing required field: options [json-pointer:/blocks/0/elements/0]"},
		{"an overflow of 6", `{"type":"section","text":` + plain(5) + `,"accessory":{"type":"overflow","options":[` + many(6, option) + `]}}`, "no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]"},
		{"11 checkboxes", `{"type":"actions","elements":[{"type":"checkboxes","options":[` + many(11, option) + `]}]}`, "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"a text input among buttons", `{"type":"actions","elements":[{"type":"plain_text_input"}]}`, "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"},
		{"a confirmation", `{"type":"actions","elements":[{"type":"button","text":` + plain(5) + `,"confirm":{"title":` + plain(101) + `,"text":` + plain(5) + `,"confirm":` + plain(5) + `,"deny":` + plain(5) + `}}]}`, "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]"},
		{"an image without a source", `{"type":"image","alt_text":"a"}`, "missing required field: image_url [json-pointer:/blocks/0]"},
		{"feedback", `{"type":"context_actions","elements":[{"type":"feedback_buttons","positive_button":{"text":` + plain(4) + `,"value":"1"},"negative_button":{"text":` + plain(3) + `,"value":"0"}}]}`, ""},
		{"an icon Slack does not have", `{"type":"context_actions","elements":[{"type":"icon_button","icon":"star","text":` + plain(4) + `}]}`, "must be one of: trash [json-pointer:/blocks/0/elements/0/icon]"},
		{"rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]}]}`, ""},
		{"an empty text in rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}`, "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]"},
		{"a table", `{"type":"table","rows":[` + row(20) + `],"column_settings":[null,{"align":"right","is_wrapped":false}]}`, ""},
		{"a table of 21 columns", `{"type":"table","rows":[` + row(21) + `]}`, "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"},
		{"a table of 101 rows", `{"type":"table","rows":[` + many(101, row(1)) + `]}`, "no more than 100 items allowed [json-pointer:/blocks/0/rows]"},
		{"an empty cell", `{"type":"table","rows":[[{"type":"raw_text","text":""}]]}`, "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"},
		{"an unknown cell", `{"type":"table","rows":[[{"type":"formula"}]]}`, "unsupported type: formula [json-pointer:/blocks/0/rows/0/0/type]"},
		{"a table of too many letters", `{"type":"table","rows":[[{"type":"raw_text","text":"` + x(5001) + `"},{"type":"raw_text","text":"` + x(5000) + `"}]]}`, "no more than 10000 characters allowed [json-pointer:/blocks/0/rows]"},
		{"a data table", `{"type":"data_table","caption":"Deals","page_size":10,"rows":[` + row(2) + `,[` + cell + `,{"type":"raw_number","value":12.5,"text":"$12"}]]}`, ""},
		{"a data table with a button", `{"type":"data_table","caption":"Deals","rows":[` + row(1) + `,[{"type":"action_cell","element":` + button("open") + `,"fallback":` + cell + `}]]}`, ""},
		{"a data table without a caption", `{"type":"data_table","rows":[` + row(1) + `,` + row(1) + `]}`, "missing required field: caption [json-pointer:/blocks/0]"},
		{"a data table of a header", `{"type":"data_table","caption":"D","rows":[` + row(1) + `]}`, "must contain at least 2 items [json-pointer:/blocks/0/rows]"},
		{"a data table of 202 rows", `{"type":"data_table","caption":"D","rows":[` + many(202, row(1)) + `]}`, "no more than 201 items allowed [json-pointer:/blocks/0/rows]"},
		{"ragged rows", `{"type":"data_table","caption":"D","rows":[` + row(2) + `,` + row(1) + `]}`, "must contain 2 items [json-pointer:/blocks/0/rows/1]"},
		{"a number in the header", `{"type":"data_table","caption":"D","rows":[[{"type":"raw_number","value":1}],` + row(1) + `]}`, "must be one of: raw_text [json-pointer:/blocks/0/rows/0/0/type]"},
		{"a bar chart", chart(series(20)), ""},
		{"a chart with long names", chart(series(21)), "must be less than 21 characters [json-pointer:/blocks/0/chart/series/0/name]"},
		{"a chart with two series of one name", chart(series(3) + "," + series(3)), "series names must be unique [json-pointer:/blocks/0/chart/series/1/name]"},
		{"13 series", chart(many(13, `{"name":"s%d","data":[{"label":"Oct","value":1},{"label":"Nov","value":1}]}`)), "no more than 12 items allowed [json-pointer:/blocks/0/chart/series]"},
		{"a missing point", chart(`{"name":"s","data":[{"label":"Oct","value":1}]}`), "must contain exactly one data point for each category [json-pointer:/blocks/0/chart/series/0/data]"},
		{"a pie of nothing", `{"type":"data_visualization","title":"T","chart":{"type":"pie","segments":[{"label":"a","value":0}]}}`, "must be more than 0 [json-pointer:/blocks/0/chart/segments/0/value]"},
		{"a long chart title", `{"type":"data_visualization","title":"` + x(51) + `","chart":{"type":"pie","segments":[{"label":"a","value":1}]}}`, "must be less than 51 characters [json-pointer:/blocks/0/title]"},
		{"a container", `{"type":"container","title":` + plain(5) + `,"child_blocks":[{"type":"divider"}]}`, ""},
		{"a container in a container", `{"type":"container","child_blocks":[{"type":"container","child_blocks":[{"type":"divider"}]}]}`, "unsupported type: container [json-pointer:/blocks/0/child_blocks/0/type]"},
		{"a layout", `{"type":"layout","label":"L","rows":[{"items":[{"block":{"type":"divider"}}]}]}`, ""},
		{"a task that has not begun", `{"type":"task_card","task_id":"1","title":"T","status":"pending"}`, "must be one of: in_progress, complete, error [json-pointer:/blocks/0/status]"},
		{"a plan", `{"type":"plan","title":"P","tasks":[{"type":"task_card","task_id":"1","title":"T","status":"pending"}]}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, found := problems(t, checkMessage(blocksFrom(t, "["+c.block+"]")))
			switch {
			case c.want == "" && code != "":
				t.Errorf("refused: %s %v", code, found)
			case c.want != "" && (code != "invalid_blocks" || !slices.Contains(found, c.want)):
				t.Errorf("%s %v, want %q", code, found, c.want)
			}
		})
	}
}

func TestAMessageAsAWhole(t *testing.T) {
	table := `{"type":"table","rows":[[{"type":"raw_text","text":"a"}]]}`
	chart := `{"type":"data_visualization","title":"T","chart":{"type":"pie","segments":[{"label":"a","value":1}]}}`
	cases := []struct{ name, blocks, code string }{
		{"50 blocks", many(50, `{"type":"divider"}`), ""},
		{"51 blocks", many(51, `{"type":"divider"}`), "invalid_blocks"},
		{"one table", table, ""},
		{"two tables", table + "," + table, "invalid_attachments"},
		{"two charts", chart + "," + chart, ""},
		{"three charts", chart + "," + chart + "," + chart, "invalid_blocks"},
		{"two blocks with one id", many(2, `{"type":"divider","block_id":"d"}`), "invalid_blocks"},
		{"two equal action ids in two blocks", many(2, `{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"b"}}]}`), ""},
		{"12,000 letters of markdown", many(2, `{"type":"markdown","text":"`+x(6000)+`"}`), ""},
		{"more markdown", many(2, `{"type":"markdown","text":"`+x(6001)+`"}`), "msg_blocks_too_long"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if code, found := problems(t, checkMessage(blocksFrom(t, "["+c.blocks+"]"))); code != c.code {
				t.Errorf("%q %v, want %q", code, found, c.code)
			}
		})
	}
}

func TestAView(t *testing.T) {
	input := `{"type":"input","label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input"}}`
	modal := func(more, blocks string) string {
		return `{"type":"modal","title":{"type":"plain_text","text":"T"},` + more + `"blocks":[` + blocks + `]}`
	}
	submit := `"submit":{"type":"plain_text","text":"Go"},`
	cases := []struct{ name, view, want string }{
		{"a modal", modal(submit, input), ""},
		{"a form without a way to send it", modal("", input), "missing required field: submit [json-pointer:/view]"},
		{"a modal that is only read", modal("", `{"type":"divider"}`), ""},
		{"an alert", modal("", `{"type":"alert","text":{"type":"plain_text","text":"a"}}`), ""},
		{"a chart", modal("", `{"type":"data_visualization"}`), "unsupported type: data_visualization [json-pointer:/view/blocks/0/type]"},
		{"100 blocks", modal("", many(100, `{"type":"divider"}`)), ""},
		{"101 blocks", modal("", many(101, `{"type":"divider"}`)), "no more than 100 items allowed [json-pointer:/view/blocks]"},
		{"a long title", `{"type":"modal","title":{"type":"plain_text","text":"` + x(25) + `"},"blocks":[]}`, "must be less than 25 characters [json-pointer:/view/title/text]"},
		{"no title", `{"type":"modal","blocks":[]}`, "missing required field: title [json-pointer:/view]"},
		{"a long submit", modal(`"submit":{"type":"plain_text","text":"`+x(25)+`"},`, ""), "must be less than 25 characters [json-pointer:/view/submit/text]"},
		{"a long callback_id", modal(`"callback_id":"`+x(256)+`",`, ""), "must be less than 256 characters [json-pointer:/view/callback_id]"},
		{"much metadata", modal(`"private_metadata":"`+x(3001)+`",`, ""), "must be less than 3001 characters [json-pointer:/view/private_metadata]"},
		{"a long label", modal(submit, `{"type":"input","label":{"type":"plain_text","text":"`+x(2001)+`"},"element":{"type":"datepicker"}}`), "must be less than 2001 characters [json-pointer:/view/blocks/0/label/text]"},
		{"a button as an input", modal(submit, `{"type":"input","label":{"type":"plain_text","text":"L"},"element":{"type":"button","text":{"type":"plain_text","text":"b"}}}`), "unsupported type: button [json-pointer:/view/blocks/0/element/type]"},
		{"a long placeholder", modal(submit, `{"type":"input","label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input","placeholder":{"type":"plain_text","text":"`+x(151)+`"}}}`), "must be less than 151 characters [json-pointer:/view/blocks/0/element/placeholder/text]"},
		{"a Home tab with a data table", `{"type":"home","blocks":[{"type":"data_table","caption":"C","rows":[[{"type":"raw_text","text":"a"}],[{"type":"raw_text","text":"b"}]]}]}`, ""},
		{"a Home tab with markdown", `{"type":"home","blocks":[{"type":"markdown","text":"a"}]}`, "unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var v object
			if err := decode([]byte(c.view), &v); err != nil {
				t.Fatal(err)
			}
			code, found := problems(t, checkView(v))
			switch {
			case c.want == "" && code != "":
				t.Errorf("refused: %s %v", code, found)
			case c.want != "" && (code != "invalid_arguments" || !slices.Contains(found, c.want)):
				t.Errorf("%s %v, want %q", code, found, c.want)
			}
		})
	}
}
