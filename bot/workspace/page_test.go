package workspace_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
)

// TestPage drives the page in a real browser, as a person would: with the
// keyboard and the mouse. One browser serves all parts; each has a workspace
// of its own.
func TestPage(t *testing.T) {
	browser := startBrowser(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *tab)
	}{
		{"a command is completed and answered to its person alone", pageCommand},
		{"a button asks first, reaches the bot and keeps the focus", pageButton},
		{"a data table is sorted and turned", pageDataTable},
		{"a form shows its errors and is submitted", pageForm},
		{"a form on top of another one leaves that as it was", pageForms},
		{"a broken block never hides the others, and data is never markup", pageBroken},
		{"a thread is opened and answered", pageThread},
		{"the bot's home is shown", pageHome},
		{"without a bot the page says so", pageWithoutBot},
		{"it fits narrow screens and follows the theme", pageNarrowAndDark},
		{"the wire log and the faults", pageTools},
	} {
		t.Run(part.name, func(t *testing.T) {
			p := &tab{t: t, ctx: browser.ctx, console: browser.console}
			p.size(1280, 800)
			p.media("light", "")
			part.run(t, p)
			p.noErrors()
		})
	}
}

func pageCommand(t *testing.T, p *tab) {
	w, _ := online(t, salesPage(), answering)
	p.open(w, "ana", "sales")
	p.until(`$$('.try').length === 3`)

	p.press("#say", "/as")
	p.until(`$('.offer[aria-selected=true]').textContent.includes('Ask a question')`)
	p.press("#say", kb.Tab, "win rate")
	p.until(`$('.offers').hidden && $('#say').value === '/ask win rate'`)
	p.press("#say", kb.Enter)
	p.until(`text('.message.ephemeral', 'Win rate: 31 %') && text('.only-you', 'Only visible to you')`)
	p.until(`/acknowledged in .* answered in \d+ ms/.test($('.status').textContent)`)
	p.press("#say", kb.ArrowUp)
	p.until(`$('#say').value === '/ask win rate'`)

	if _, _, err := apiFor(w).PostMessage("C0SALES", slack.MsgOptionText("good *morning* <@U0BO>", false)); err != nil {
		t.Fatal(err)
	}
	p.until(`text('.message strong', 'morning') && text('.mention', '@bo')`)

	p.click("#me")
	p.until(`document.activeElement.classList.contains('menu-item')`)
	p.clickText(".menu-item", "Bo Lind")
	p.until(`text('#me', 'Bo Lind') && location.hash.includes('U0BO')`)
	p.click("[data-place=C0SALES]")
	p.until(`text('.message', 'good morning') && !$('.message.ephemeral')`)
}

func pageButton(t *testing.T, p *tab) {
	w, b := online(t, salesPage(), answering)
	p.open(w, "ana", "dm")
	b.say(t, "D0ANA", `{"type":"section","text":{"type":"mrkdwn","text":"Ready"}}`,
		`{"type":"actions","block_id":"next","elements":[
			{"type":"button","action_id":"share","value":"1","text":{"type":"plain_text","text":"Share"},"style":"primary",
			 "confirm":{"title":{"type":"plain_text","text":"Sure?"},"text":{"type":"plain_text","text":"All will see it"},
			            "confirm":{"type":"plain_text","text":"Yes"},"deny":{"type":"plain_text","text":"No"}}},
			{"type":"static_select","action_id":"period","options":[
				{"text":{"type":"plain_text","text":"This year"},"value":"year"},{"text":{"type":"plain_text","text":"This month"},"value":"month"}]},
			{"type":"multi_static_select","action_id":"stages","placeholder":{"type":"plain_text","text":"Stages"},"options":[
				{"text":{"type":"plain_text","text":"Discovery"},"value":"d"},{"text":{"type":"plain_text","text":"Proposal"},"value":"p"}]}]}`)
	p.until(`text('.button', 'Share')`)

	p.clickText(".button", "Share")
	p.until(`$('dialog[open] h2').textContent === 'Sure?'`)
	p.clickText("dialog .button", "No")
	p.until(`!$('dialog') && document.activeElement.textContent === 'Share'`)
	p.clickText(".button", "Share")
	p.until(`$('dialog[open]')`)
	p.clickText("dialog .button", "Yes")
	p.until(`text('.message', 'share was pressed')`)

	p.run(`const s = $('select'); s.focus(); s.value = 'month'; s.dispatchEvent(new Event('change', { bubbles: true }))`)
	p.until(`text('.message', 'period was pressed')`)
	if !p.is(`$('select').value === 'month' && document.activeElement === $('select')`) {
		t.Error("the select lost what was chosen, or the focus")
	}

	p.click(".picker input")
	p.until(`$$('.list-item').length === 2`)
	p.press(".picker input", "prop")
	p.until(`$$('.list-item').length === 1`)
	p.press(".picker input", kb.Enter)
	p.until(`text('.message', 'stages was pressed') && text('.picker .chip', 'Proposal')`)
	if n := len(w.Calls("chat.postMessage")); n != 4 {
		t.Errorf("%d messages were posted", n)
	}
}

func pageDataTable(t *testing.T, p *tab) {
	w, b := online(t, salesPage(), answering)
	p.open(w, "ana", "dm")
	rows := []string{`[{"type":"raw_text","text":"Deal"},{"type":"raw_text","text":"Amount"},{"type":"raw_text","text":"Act"}]`}
	for i, amount := range []int{900, 120000, 45000, 7, 30000, 1000} {
		rows = append(rows, fmt.Sprintf(`[{"type":"raw_text","text":"Deal %c"},{"type":"raw_number","value":%d,"text":"$%d"},
			{"type":"action_cell","element":{"type":"button","action_id":"open_%d","text":{"type":"plain_text","text":"Open"}},"fallback":{"type":"raw_text","text":"-"}}]`, 'A'+i, amount, amount, i))
	}
	b.say(t, "D0ANA", `{"type":"data_table","block_id":"deals","caption":"Open deals","page_size":4,"rows":[`+strings.Join(rows, ",")+`]}`)

	order := `[...$$('.data-table tbody th')].map((n) => n.textContent.slice(-1)).join('')`
	p.until(order + ` === 'ABCD'`)
	p.clickText(".sort", "Amount")
	p.until(order + ` === 'DAFE' && text('th', 'Amount').ariaSort === 'ascending'`)
	p.clickText(".sort", "Amount")
	p.until(order + ` === 'BCEF' && text('th', 'Amount').ariaSort === 'descending'`)
	p.clickText(".pager button", "Next")
	p.until(order + ` === 'AD' && text('.pager', '5–6 of 6')`)
	p.click(".data-table tbody tr:last-child .button")
	p.until(`text('.message', 'open_3 was pressed')`)
	p.until(order + ` === 'AD'`) // a new message leaves the table as it was
}

func pageForm(t *testing.T, p *tab) {
	w, _ := online(t, salesPage(), opening(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		if c.Type != slack.InteractionTypeViewSubmission {
			b.ack(e)
			return
		}
		if !strings.Contains(c.View.State.Values["note"]["words"].Value, "because") {
			b.ack(e, slack.NewErrorsViewSubmissionResponse(map[string]string{"note": "Say why"}))
			return
		}
		b.ack(e)
		if _, _, err := b.PostMessage("U0ANA", slack.MsgOptionText("thanks for the "+c.View.State.Values["type"]["kind"].SelectedOption.Value, false)); err != nil {
			b.t.Error(err)
		}
	}))
	p.open(w, "ana", "dm")
	p.press("#say", "/ask", kb.Enter)
	p.until(`$('dialog[open] h2').textContent === 'Insight' && document.activeElement.closest('[data-block-id=note]')`)

	p.clickText("dialog .button", "Post")
	p.until(`$('[data-block-id=note] .field-error').textContent.includes('required')`)
	p.press("[data-block-id=note] input", "too dear")
	p.until(`$('[data-block-id=note] .field-error').textContent === ''`)
	p.press("[data-block-id=note] input", kb.Enter)
	p.until(`$('[data-block-id=note] .field-error').textContent === 'Say why'`)
	p.press("[data-block-id=note] input", " because")
	p.run(`const s = $('dialog select'); s.value = 'win'; s.dispatchEvent(new Event('change', { bubbles: true }))`)
	p.clickText("dialog .button", "Post")
	p.until(`!$('dialog') && text('.message', 'thanks for the win')`)
}

func pageForms(t *testing.T, p *tab) {
	w, _ := online(t, salesPage(), opening(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		next := form()
		next.Title, next.CallbackID = plainText("Are you sure?"), "sure"
		if c.Type == slack.InteractionTypeViewSubmission && c.View.CallbackID == "insight" {
			b.ack(e, slack.NewPushViewSubmissionResponse(&next))
			return
		}
		b.ack(e)
	}))
	p.open(w, "ana", "dm")
	p.press("#say", "/ask", kb.Enter)
	p.until(`$('dialog[open] h2').textContent === 'Insight'`)
	p.press("[data-block-id=note] input", "too dear")
	p.clickText("dialog .button", "Post")
	p.until(`$('dialog[open] h2').textContent === 'Are you sure?' && $('.crumb').textContent === 'Insight ›' && $$('dialog').length === 1`)
	p.until(`$('[data-block-id=note] input').value === ''`)
	p.press("[data-block-id=note] input", kb.Escape)
	p.until(`$('dialog[open] h2').textContent === 'Insight' && $('[data-block-id=note] input').value === 'too dear'`)
	p.clickText("dialog .button", "Cancel")
	p.until(`!$('dialog') && document.activeElement.id === 'say'`)
}

func pageBroken(t *testing.T, p *tab) {
	w, b := online(t, salesPage(), answering)
	p.open(w, "ana", "dm")
	hostile := `<img src=x onerror=alert(1)> <script>alert(2)</script> <javascript:alert(3)|here>`
	if _, _, err := b.PostMessage("D0ANA", slack.MsgOptionText(hostile, false)); err != nil {
		t.Fatal(err)
	}
	b.say(t, "D0ANA", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"javascript:alert(4)","text":"`+`there"}]}]}`)
	p.until(`text('.message', 'onerror=alert(1)') && text('.message', 'there')`)
	if p.is(`$('.content img, .content script, .content a')`) {
		t.Error("data became markup")
	}

	// The workspace refuses what Slack does not know, so these come from nobody.
	p.run(`window.shown = import('/blocks.js').then(({ showBlocks }) => {
		const place = document.createElement('div');
		place.id = 'gallery';
		$('#messages').append(place);
		showBlocks(place, [{ type: 'hologram', beams: 3 }, { type: 'section' , text: { type: 'mrkdwn', text: 'still *here*' } },
			{ type: 'table', rows: null }, { type: 'actions', elements: [{ type: 'lever', action_id: 'l' }] }, null], {});
	})`)
	p.until(`text('#gallery', 'A block of type hologram could not be shown') && text('#gallery strong', 'here')`)
	if n := p.number(`$$('#gallery .broken').length`); n != 4 {
		t.Errorf("%v blocks are marked as broken", n)
	}
	p.until(`$('#gallery details pre').textContent.includes('"beams": 3')`)
}

func pageThread(t *testing.T, p *tab) {
	w, b := online(t, salesPage(), answering)
	_, ts, err := b.PostMessage("C0SALES", slack.MsgOptionText("the week in one line", false))
	if err != nil {
		t.Fatal(err)
	}
	p.open(w, "ana", "sales")
	p.until(`text('.message', 'the week')`)
	p.click(`.message [aria-label="Reply in a thread"]`)
	p.until(`!$('#thread').hidden && text('#thread .message', 'the week') && document.activeElement.id === 'thread-say'`)
	p.press("#thread-say", "why, @sa", kb.Enter, "?", kb.Enter)
	p.until(`text('#thread .message', 'why, @salesbot')`)
	w.As("ana").WaitForReply("sales", ts, "the bot's reply", func(m workspacetest.Message) bool { return m.Bot && m.TS != ts })
	p.until(`text('#thread .message', 'you said') && text('#messages .thread-link', '2 replies')`)
	p.press("#thread-say", kb.Escape)
	p.until(`$('#thread').hidden`)
}

func pageHome(t *testing.T, p *tab) {
	w, _ := online(t, salesPage(), answering)
	p.open(w, "ana", "dm")
	p.click("#tab-home")
	p.until(`text('#home h3', 'Good morning') && $('#conversation').hidden`)
	p.clickText("#home .button", "Change")
	p.until(`text('.status', 'acknowledged')`)
	p.press("#tab-home", kb.ArrowLeft)
	p.until(`$('#home').hidden && $('#tab-messages').ariaSelected === 'true'`)
}

func pageWithoutBot(t *testing.T, p *tab) {
	w := workspacetest.Start(t, salesPage())
	p.open(w, "ana", "dm")
	p.until(`text('#banner', 'salesbot is not connected')`)
	p.press("#say", "/ask anything", kb.Enter)
	p.until(`text('.status.bad', 'dispatch_failed') && text('.message', 'Slackbot')`)
	connect(t, w, answering)
	p.until(`$('#banner').hidden && text('#presence', 'salesbot is connected')`)
}

func pageNarrowAndDark(t *testing.T, p *tab) {
	w, b := online(t, salesPage(), answering)
	b.say(t, "C0SALES", `{"type":"section","text":{"type":"mrkdwn","text":"`+strings.Repeat("averylongword", 9)+`"}}`, wideTable(), chartBlock("bar"))
	b.say(t, "C0SALES", `{"type":"rich_text","elements":[{"type":"rich_text_preformatted","elements":[{"type":"text","text":"`+strings.Repeat("wide ", 60)+`"}]}]}`, chartBlock("area"))
	p.size(360, 720)
	p.media("dark", "reduce")
	p.open(w, "ana", "sales")
	p.until(`$$('.chart svg .category').length === 8`)
	if width := p.number(`document.documentElement.scrollWidth`); width > 360 {
		t.Errorf("the page is %v wide", width)
	}
	if p.is(`$$('.message *').some((n) => !n.closest('.table-scroll, pre, svg, .sr-only, .message-tools') && n.getBoundingClientRect().right > 361)`) {
		t.Error("something of a message is cut off")
	}
	shade := `getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)`
	if light := p.number(shade); light > 200 {
		t.Errorf("dark is %v bright", light)
	}

	p.click("#open-side")
	p.until(`$('#side').getBoundingClientRect().left === 0`)
	p.click("#toggle-theme")
	p.until(shade + ` > 600`)
	p.do(chromedp.Reload())
	p.until(`$('.chart svg') && ` + shade + ` > 600`)
	p.click("#open-side")
	p.until(`$('#side').getBoundingClientRect().left === 0`)
	p.click("[data-place=C0DEALS]")
	p.until(`$('#title').textContent === '#deals' && $('#side').getBoundingClientRect().right <= 0`)
}

func pageTools(t *testing.T, p *tab) {
	w, b := online(t, salesPage(), answering)
	p.open(w, "ana", "dm")
	p.click("#toggle-faults")
	p.clickText(".faults .button", "Fail the next post")
	p.until(`text('.faults', 'chat.postMessage 500')`)
	p.click("#toggle-log")
	if _, _, err := b.PostMessage("D0ANA", slack.MsgOptionText("into the void", false)); err == nil {
		t.Error("the post did not fail")
	}
	b.say(t, "D0ANA", `{"type":"divider"}`)
	p.until(`text('.log-row.bad', 'HTTP 500') && $$('.log-row').filter((n) => n.textContent.includes('chat.postMessage')).length === 2`)
	p.clickText(".log-row.bad summary", "HTTP 500")
	p.until(`$('.log-row.bad pre').textContent.includes('into the void')`)
	p.until(`document.activeElement.closest('#log')`)
}

// ---- the workspace and the bot of these tests ----

func salesPage() workspace.Config {
	cfg := sales()
	cfg.Commands = []workspace.Command{
		{Command: "/ask", Description: "Ask a question", UsageHint: "win rate"},
		{Command: "/help", Description: "What it can do"},
	}
	return cfg
}

// answering is a bot with a short answer to everything.
func answering(b *bot, e socketmode.Event) {
	b.ack(e)
	var err error
	switch data := e.Data.(type) {
	case slack.SlashCommand:
		_, err = b.PostEphemeral(data.ChannelID, data.UserID, slack.MsgOptionText("*Win rate: 31 %*", false))
	case slack.InteractionCallback:
		if data.View.Type == slack.VTHomeTab {
			return
		}
		_, _, err = b.PostMessage(data.Channel.ID, slack.MsgOptionText(data.ActionCallback.BlockActions[0].ActionID+" was pressed", false))
	case slackevents.EventsAPIEvent:
		switch ev := data.InnerEvent.Data.(type) {
		case *slackevents.AppMentionEvent:
			_, _, err = b.PostMessage(ev.Channel, slack.MsgOptionText("you said something", false), slack.MsgOptionTS(ev.ThreadTimeStamp))
		case *slackevents.AppHomeOpenedEvent:
			if ev.Tab == "home" {
				_, err = b.PublishView(ev.User, home(), "")
			}
		}
	}
	if err != nil && b.t.Context().Err() == nil {
		b.t.Errorf("answer: %v", err)
	}
}

func home() slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewHeaderBlock(plainText("Good morning")),
		slack.NewActionBlock("do", slack.NewButtonBlockElement("change", "1", plainText("Change"))),
	}}}
}

// say posts blocks as they stand.
func (b *bot) say(t *testing.T, channel string, blocks ...string) {
	t.Helper()
	set := make([]slack.Block, len(blocks))
	for i, source := range blocks {
		block, err := slack.BlockFromJSON(source)
		if err != nil {
			t.Fatal(err)
		}
		set[i] = block
	}
	if _, _, err := b.PostMessage(channel, slack.MsgOptionText("blocks", false), slack.MsgOptionBlocks(set...)); err != nil {
		t.Fatal(err)
	}
}

func wideTable() string {
	row := `[` + strings.TrimSuffix(strings.Repeat(`{"type":"raw_text","text":"quite a wide cell"},`, 8), ",") + `]`
	return `{"type":"table","rows":[` + row + `,` + row + `]}`
}

func chartBlock(kind string) string {
	return `{"type":"data_visualization","title":"Bookings","chart":{"type":"` + kind + `","axis_config":{"categories":["Q1","Q2","Q3","Q4"],"y_label":"USD k"},
		"series":[{"name":"Won","data":[{"label":"Q1","value":10},{"label":"Q2","value":-4},{"label":"Q3","value":0},{"label":"Q4","value":31}]}]}}`
}

// ---- the browser ----

// tab is a tab of the browser, used by one part of the test at a time.
type tab struct {
	t       *testing.T
	ctx     context.Context
	console *console
}

// startBrowser finds a Chromium and starts it, or skips the test.
func startBrowser(t *testing.T) *tab {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" && os.Getenv("SALESBOT_REQUIRE_BROWSER") != "" {
			t.Fatal("no Chromium on the PATH")
		}
		t.Skip("no Chromium on the PATH; the page is not tested")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // containers run as root; the browser only sees the workspace
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-GB"),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800)); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return &tab{t: t, ctx: ctx, console: listen(ctx)}
}

// open goes to a conversation as a person.
func (p *tab) open(w *workspacetest.Workspace, as, channel string) {
	p.t.Helper()
	p.do(chromedp.Navigate(w.URL + "/#as=" + as + "&channel=" + channel))
	p.until(`$('#say') && !$('#say').disabled && $('#title').textContent.trim() !== ''`)
}

// Short names for the expressions of the tests. The page's own policy forbids
// eval, so they are given with every expression.
const helpers = `const $ = (s) => document.querySelector(s); const $$ = (s) => [...document.querySelectorAll(s)];
	const text = (s, words) => $$(s).find((n) => n.textContent.includes(words));`

// until waits, frame by frame, for an expression to become true.
func (p *tab) until(expression string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`new Promise((resolve, reject) => {`+helpers+`
		const end = performance.now() + 8000;
		const look = () => {
			let done = false;
			let why = '';
			try { done = Boolean(`+expression+`); } catch (error) { why = error.message; }
			if (done) resolve(true);
			else if (performance.now() > end) reject(new Error(why + ' page: ' + document.body.innerText.slice(0, 1500)));
			else requestAnimationFrame(look);
		};
		look();
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("never true: %s\n%v", expression, err)
	}
}

func (p *tab) run(statements string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`(() => {`+helpers+statements+`; return true; })()`)); err != nil {
		p.t.Fatalf("%s: %v", statements, err)
	}
}

func (p *tab) is(expression string) bool {
	p.t.Helper()
	return p.number(`(`+expression+`) ? 1 : 0`) == 1
}

func (p *tab) number(expression string) float64 {
	p.t.Helper()
	n, err := chromedp.Run(p.ctx, chromedp.Evaluate[float64](`(() => {`+helpers+`return `+expression+`; })()`))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return n
}

// press focuses what the selector finds and types.
func (p *tab) press(selector string, keys ...string) {
	p.t.Helper()
	p.run(fmt.Sprintf(`$(%s).focus()`, quoted(selector)))
	for _, k := range keys {
		p.do(chromedp.KeyEvent(k))
	}
}

// click clicks the middle of what the selector finds, as the mouse does.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.clickNode(fmt.Sprintf(`$(%s)`, quoted(selector)))
}

// clickText clicks the first match of the selector that holds the words.
func (p *tab) clickText(selector, words string) {
	p.t.Helper()
	p.clickNode(fmt.Sprintf(`text(%s, %s)`, quoted(selector), quoted(words)))
}

func (p *tab) clickNode(node string) {
	p.t.Helper()
	p.until(node + ` !== null && ` + node + ` !== undefined`)
	p.run(node + `.scrollIntoView({ block: 'nearest', inline: 'nearest' })`)
	x := p.number(`(() => { const r = ` + node + `.getBoundingClientRect(); return r.left + r.width / 2; })()`)
	y := p.number(`(() => { const r = ` + node + `.getBoundingClientRect(); return r.top + r.height / 2; })()`)
	p.do(chromedp.MouseClickXY(x, y))
}

func (p *tab) size(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}

func (p *tab) media(scheme, motion string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
		}})
		return err
	}))
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// noErrors checks that the part left no error in the console and loaded
// nothing from elsewhere, and leaves the page, so that its workspace can end.
func (p *tab) noErrors() {
	p.t.Helper()
	if p.t.Failed() {
		return
	}
	if p.is(`performance.getEntriesByType('resource').some((e) => !e.name.startsWith(location.origin))`) {
		p.t.Error("the page asked somebody else for something")
	}
	mark := "end of " + p.t.Name()
	p.run(`console.info(` + quoted(mark) + `)`)
	for _, m := range p.console.upTo(p.t, mark) {
		p.t.Errorf("console: %s: %s (%s)", m.Type, m.Text, m.URL)
	}
	p.do(chromedp.Navigate("about:blank"))
}

// console collects what the browser's console shows.
type console struct {
	mu       sync.Mutex
	messages []chromedp.ConsoleMessage
	more     chan struct{}
}

func listen(ctx context.Context) *console {
	c := &console{more: make(chan struct{}, 1)}
	said := chromedp.Console(ctx) // from now on
	go func() {
		for m, err := range said {
			if err != nil {
				return
			}
			c.mu.Lock()
			c.messages = append(c.messages, m)
			c.mu.Unlock()
			select {
			case c.more <- struct{}{}:
			default:
			}
		}
	}()
	return c
}

// upTo waits for a mark and returns the errors before it.
func (c *console) upTo(t *testing.T, mark string) []chromedp.ConsoleMessage {
	t.Helper()
	for {
		c.mu.Lock()
		var bad []chromedp.ConsoleMessage
		for i, m := range c.messages {
			if m.Text == mark {
				c.messages = c.messages[i+1:]
				c.mu.Unlock()
				return bad
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException || m.Type == chromedp.ConsoleWarning {
				bad = append(bad, m)
			}
		}
		c.mu.Unlock()
		select {
		case <-c.more:
		case <-time.After(5 * time.Second):
			t.Fatalf("the console never showed %q", mark)
		}
	}
}
