package main

import (
	"fmt"
	"io"
)

// progress redraws one line on a terminal and is silent elsewhere.
type progress struct {
	out   io.Writer
	shown int // percent last drawn, so that a line is drawn a hundred times at most
	width int
}

func (p program) progress() *progress {
	if !onTerminal(p.Err) {
		return &progress{out: io.Discard, shown: -1}
	}
	return &progress{out: p.Err, shown: -1}
}

func (p *progress) show(what string, done, total int64) {
	percent := 100
	if total > 0 {
		percent = int(100 * done / total)
	}
	if percent == p.shown {
		return
	}
	p.shown = percent
	line := fmt.Sprintf("%s… %d %%", what, percent)
	_, _ = fmt.Fprintf(p.out, "\r%-*s", p.width, line)
	p.width = len(line)
}

// clear takes the line away before something else is printed.
func (p *progress) clear() {
	if p.width > 0 {
		_, _ = fmt.Fprintf(p.out, "\r%*s\r", p.width, "")
	}
	p.shown, p.width = -1, 0
}
