package main

import (
	"cmp"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"rollcall/syncspec"
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

func newProgress(a *app) *progress {
	if !isTerminal(a.err) || a.logsJSON() {
		return &progress{}
	}
	return &progress{out: a.err}
}

// show is told of every bit of work: done of total, which is 0 where it is not known. The bar refreshes ten times a second at most
// and goes when the step is done.
func (p *progress) show(sync, step string, done, total int64) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if step = progressLabel(sync, step); step != p.step {
		p.end()
		p.step, p.since = step, time.Now()
	}
	if p.bar == nil && time.Since(p.since) > patience {
		most := total
		if most == 0 {
			most = -1 // a spinner
		}
		p.bar = progressbar.NewOptions64(most,
			progressbar.OptionSetWriter(behind(p.out)), progressbar.OptionSetDescription(p.step), progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	}
	if p.bar != nil {
		_ = p.bar.Set64(done) // a bar that can't be drawn is no reason to stop
	}
	if total > 0 && done >= total {
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

// progressLabel is what the bar says of a step of a sync's run.
func progressLabel(sync, step string) string {
	words := map[string]string{"resolve": "looking up keys", "current": "reading the list", "apply": "sending changes"}
	return syncspec.ShowName(sync) + ": " + cmp.Or(words[step], step)
}
