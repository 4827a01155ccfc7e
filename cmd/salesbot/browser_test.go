package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestEachKindOfPersonUsesThePage goes through the page in a real browser, the
// whole program behind it, as a rep, a manager and an analyst.
func TestEachKindOfPersonUsesThePage(t *testing.T) {
	browser := startBrowser(t)
	h := startHouse(t, "company")
	open := func(t *testing.T, name, channel string) *tab {
		t.Helper()
		p := &tab{t: t, ctx: browser}
		for _, u := range h.users {
			if u.RealName == name {
				p.do(chromedp.Navigate(h.workspace.URL + "/#as=" + u.ID + "&channel=" + channel))
				p.until(`$('#say') && !$('#say').disabled && $('#me').textContent.includes(` + strconv.Quote(name) + `)`)
				return p
			}
		}
		t.Fatalf("nobody is called %q", name)
		return nil
	}
	t.Run("a rep asks, and sees that the answer is hers alone", func(t *testing.T) {
		p := open(t, "Priya Farouk", "general")
		p.types("/kpi my won revenue by quarter")
		p.until(`text('.message', 'Won revenue') && text('.message', 'Only visible to you')`)
		p.until(`$$('.message table tbody tr').length >= 8 && $('.message svg[role=img], .message figure svg')`)
		p.clicks("What is this?")
		p.until(`text('.message', 'Also called')`)
	})
	t.Run("a rep shares an answer, and a manager reads it in the channel", func(t *testing.T) {
		p := open(t, "Priya Farouk", "general")
		p.types("/kpi win rate by territory this year")
		p.until(`text('.message', 'Win rate (by close date), this year')`)
		p.clicks("Share here")
		p.until(`text('.message', 'Share it in #general, with the')`)
		p.clicks("Share in #general")
		p.until(`text('.message', 'I post it in #general now.')`)
		p = open(t, "Ingrid Solheim", "general")
		p.until(`text('.message', 'Shared by Priya Farouk') && !text('.message', 'Only visible to you')`)
	})
	t.Run("a manager has an answer sent every Monday", func(t *testing.T) {
		p := open(t, "Ingrid Solheim", "dm")
		p.types("won revenue for my team by rep this quarter")
		p.until(`text('.message', 'Priya Farouk')`)
		p.clicks("Send me this every Monday at 8")
		p.until(`text('.message', 'From now on I send you') && text('.message', 'every Monday at 08:00')`)
	})
	t.Run("a manager drops an export, and reads the report", func(t *testing.T) {
		p := open(t, "Ingrid Solheim", "dm")
		p.run(`const given = new DataTransfer();
			given.items.add(new File(['external_id,name,country\nBR-1,Café Quay,NL\n'], 'accounts.csv', { type: 'text/csv' }));
			const form = $('#say').closest('form');
			form.dispatchEvent(new DragEvent('dragover', { dataTransfer: given, bubbles: true, cancelable: true }));
			form.dispatchEvent(new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }))`)
		p.until(`text('.chip', 'accounts.csv')`)
		p.types("this week's accounts")
		p.until(`text('.message', "this week's accounts") && text('.message .file', 'accounts.csv')`)
		p.until(`$$('.message button').find((b) => b.textContent.includes('repl'))`)
		p.run(`$$('.message button').filter((b) => b.textContent.includes('repl')).at(-1).click()`)
		p.until(`text('.message', 'accounts.csv: loaded, as revision 2.')`)
	})
	t.Run("an analyst posts an insight, and a rep reads it", func(t *testing.T) {
		p := open(t, "Emeka Obi-Lindgren", "general")
		p.types("/insight new")
		p.until(`$('dialog[open] h2') && $('dialog[open] h2').textContent === 'New insight'`)
		p.fills("[data-block-id=what] textarea", "Water works ask for leasing")
		p.fills("[data-block-id=evidence] input", "https://notes.tidewater.example/calls/812")
		p.clicks("Send to the reps")
		p.until(`$('[data-block-id=territory] .field-error').textContent.includes('Choose at least one')`)
		p.run(`$('[data-block-id=territory] .picker input').focus()`)
		p.do(chromedp.KeyEvent("EMEA North"))
		p.until(`$$('.list-item').length === 1`)
		p.do(chromedp.KeyEvent(kb.Enter))
		p.clicks("Send to the reps")
		p.until(`!$('dialog[open]')`)
		p = open(t, "Emeka Obi-Lindgren", "dm")
		p.until(`text('.message', 'Posted. It goes to')`)

		p = open(t, "Priya Farouk", "dm")
		p.until(`text('.message', 'Water works ask for leasing') && text('.message', 'of yours')`)
		p.clicks("Useful")
		p.until(`text('.message', 'You: useful')`)
	})
}

// startBrowser starts the machine's Chromium, or skips the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") != "" && os.Getenv("SALESBOT_REQUIRE_BROWSER") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip("no chromium on the PATH, so the page is not tried")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // containers run as root; the browser only sees the workspace
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab is the page as one person has it open.
type tab struct {
	t   *testing.T
	ctx context.Context
}

const inPage = `const $ = (s) => document.querySelector(s); const $$ = (s) => [...document.querySelectorAll(s)];
	const text = (s, words) => $$(s).find((n) => n.textContent.includes(words));`

// until waits, frame by frame, for an expression to become true.
func (p *tab) until(expression string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`new Promise((resolve, reject) => {`+inPage+`
		const end = performance.now() + 15000;
		const look = () => {
			let done = false;
			try { done = Boolean(`+expression+`); } catch { /* not there yet */ }
			if (done) resolve(true);
			else if (performance.now() > end) reject(new Error(document.body.innerText.slice(-1500)));
			else requestAnimationFrame(look);
		};
		look();
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("never true: %s\n%v", expression, err)
	}
}

// types writes a line and sends it.
func (p *tab) types(line string) {
	p.t.Helper()
	p.fills("#say", line)
	p.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Enter))
}

func (p *tab) fills(selector, words string) {
	p.t.Helper()
	p.run(fmt.Sprintf(`$(%q).focus()`, selector))
	p.do(chromedp.KeyEvent(words))
}

// clicks presses the newest button that says so.
func (p *tab) clicks(label string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`$$('button').some((b) => b.textContent.trim() === %q)`, label))
	p.run(fmt.Sprintf(`$$('button').filter((b) => b.textContent.trim() === %q).at(-1).click()`, label))
}

func (p *tab) run(statement string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`(() => {`+inPage+statement+`; return true; })()`)); err != nil {
		p.t.Fatalf("%s: %v", statement, err)
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}
