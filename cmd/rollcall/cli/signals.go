package cli

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// handleSignals calls stop at the first signal that asks the program to end, and kill at the second; the third, or leaveAfter, ends it at
// once, whatever it waits for. A closed terminal asks like Ctrl-C, unless the program was started to outlive it (nohup). The caller calls ignore at the end.
func handleSignals(stderr io.Writer, leaveAfter time.Duration, stop, kill func()) (ignore func()) {
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		stop()
		<-signals
		kill()
		select {
		case <-signals:
		case <-time.After(leaveAfter):
			printError(stderr, "", fmt.Sprintf("the program continued for %s after the second signal: it waited for the database", leaveAfter),
				"the next run continues from what the list shows; see its state: rollcall status")
		}
		os.Exit(ExitInterrupted)
	}()
	return func() { signal.Stop(signals) }
}
