package main

import (
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"rollcall/engine"
)

// patience is how long a step may take before its progress is worth showing.
const patience = 1500 * time.Millisecond

// progress shows how far a long step has come, on a terminal only.
type progress struct {
	out io.Writer

	mu    sync.Mutex
	step  string
	since time.Time
	bar   *progressbar.ProgressBar
}

func newProgress(out io.Writer, json bool) *progress {
	if json || !isTerminal(out) {
		out = nil
	}
	return &progress{out: out}
}

// show is told of every bit of work; the bar refreshes ten times a second at most and goes when the step is done.
func (p *progress) show(now engine.Progress) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if step := now.Sync + ": " + now.Step; step != p.step {
		p.end()
		p.step, p.since = step, time.Now()
	}
	if p.bar == nil && time.Since(p.since) > patience {
		total := now.Total
		if total == 0 {
			total = -1 // a spinner
		}
		p.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(p.step), progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	}
	if p.bar != nil {
		_ = p.bar.Set64(now.Done) // a bar that can't be drawn is no reason to stop
	}
	if now.Total > 0 && now.Done >= now.Total {
		p.end()
	}
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
	p.step = ""
}
