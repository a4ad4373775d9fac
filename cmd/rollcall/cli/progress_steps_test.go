package cli

import (
	"strings"
	"testing"
	"time"

	"rollcall/cmd/rollcall/settings"
	"rollcall/engine"
)

// chunksOf passes on what is written to it.
type chunksOf chan string

func (c chunksOf) Write(p []byte) (int, error) {
	c <- string(p)
	return len(p), nil
}

// A step that takes long is shown by its name, also one that reports no progress; one that ends in time is not.
func TestLongStepsAreShown(t *testing.T) {
	t.Parallel()
	written := make(chunksOf, 1000)
	p := &textPrinter{app: &app{settings: settings.Settings{Database: "md:ops;token=secret"}}, progress: &progress{out: written, delay: time.Hour}}
	p.print(engine.Progress{Step: "open"})
	p.print(engine.Progress{Step: "open", Done: 1, Total: 1})
	p.progress.delay = time.Nanosecond
	for _, test := range []struct {
		event engine.Progress
		shown string
	}{
		{engine.Progress{Step: "open"}, "opening md:ops;***"},
		{engine.Progress{Step: "prepare"}, "reading the control tables"},
		{engine.Progress{Step: "init", Done: 7, Total: 200}, "making the control tables"},
		{engine.Progress{Sync: "vip", Step: "query"}, "vip: running the query"},
	} {
		p.print(test.event)
		for text := ""; !strings.Contains(text, test.shown); {
			if text = <-written; strings.Contains(text, "secret") {
				t.Error(text)
			}
		}
	}
	p.print(engine.Started{Sync: "vip"})
	if p.progress.bar != nil || p.progress.step != "" {
		t.Error("the step is shown beside what follows it")
	}
}
