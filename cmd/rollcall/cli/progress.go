package cli

import (
	"cmp"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"rollcall/syncspec"
)

// delay is how long a step takes before its progress is shown.
const delay = 1500 * time.Millisecond

// progress shows how far a long step has come, on a terminal only.
type progress struct {
	out   io.Writer
	delay time.Duration

	mu          sync.Mutex
	step        string
	timer       *time.Timer // shows the step, unless it ends before
	done, total int64
	bar         *progressbar.ProgressBar
}

func newProgress(a *app) *progress {
	if !isTerminal(a.err) || a.logsJSON() {
		return &progress{}
	}
	return &progress{out: a.err, delay: delay}
}

// show records progress: done of total, which is 0 if it is not known. A step is shown once it has taken longer than delay, also if
// it has reported nothing since. The bar refreshes ten times a second at most and goes when the step is done.
func (p *progress) show(step string, done, total int64) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if step != p.step {
		p.end()
		p.step = step
		p.timer = time.AfterFunc(p.delay, func() { p.begin(step) })
	}
	p.done, p.total = done, total
	if p.bar != nil {
		_ = p.bar.Set64(done) // a bar that can't be drawn is no reason to stop
	}
	if total > 0 && done >= total {
		p.end()
	}
}

// begin shows the step, unless another one is shown already.
func (p *progress) begin(step string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.step != step || p.bar != nil {
		return
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(underlying(p.out)), progressbar.OptionSetDescription(p.step),
		progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionClearOnFinish(),
	}
	most := p.total
	switch {
	case most > 0:
		options = append(options, progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true))
	case p.done > 0:
		most = -1 // a spinner
		options = append(options, progressbar.OptionShowCount())
	default:
		most = -1
	}
	p.bar = progressbar.NewOptions64(most, options...)
	_ = p.bar.Set64(p.done)
	_ = p.bar.RenderBlank() // it draws nothing until something is counted
}

// stop removes the progress bar, before something else is printed.
func (p *progress) stop() {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
}

func (p *progress) end() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
	p.step = ""
}

// progressLabel returns the bar's label for a step of a sync's run.
func progressLabel(sync, step string) string {
	labels := map[string]string{"query": "running the query", "resolve": "looking up keys", "current": "reading the list", "apply": "sending changes"}
	return syncspec.ShowName(sync) + ": " + cmp.Or(labels[step], step)
}
