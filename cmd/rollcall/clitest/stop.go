package clitest

import (
	"os"
	"syscall"
)

// Stop is how a child is stopped.
type Stop string

// The ways to stop a child.
const (
	ByKill        Stop = "kill"
	ByInterrupt   Stop = "interrupt"
	ByInterrupts  Stop = "interrupt twice"
	ByTermination Stop = "termination"
	ByHangup      Stop = "hangup"
	ByThird       Stop = "interrupt thrice" // in a step that does not end
	ByNothing     Stop = "nothing"          // the step just does not end, here and below
	ByOneHeld     Stop = "interrupt, held"
	ByTwoHeld     Stop = "interrupt twice, held"
	ByTimeUp      Stop = "time up" // see EnvTimeUp
)

// Do stops a process. An interrupted one continues until it notices.
func (s Stop) Do(process *os.Process) {
	switch s {
	case ByKill:
		_ = process.Kill() // it may have ended by itself, here and below
	case ByInterrupts, ByTwoHeld:
		_ = process.Signal(os.Interrupt)
		_ = process.Signal(syscall.SIGTERM) // another one: two equal signals at once may be delivered as one
	case ByInterrupt, ByOneHeld:
		_ = process.Signal(os.Interrupt)
	case ByTermination:
		_ = process.Signal(syscall.SIGTERM)
	case ByHangup:
		_ = process.Signal(syscall.SIGHUP)
	case ByTimeUp:
		appendLine(os.Getenv(EnvTimeUp), "over")
	case ByThird:
		_ = process.Signal(os.Interrupt)
		_ = process.Signal(syscall.SIGTERM)
		_ = process.Signal(syscall.SIGHUP)
	}
}

// AtOnce reports whether the process can't finish its current step.
func (s Stop) AtOnce() bool { return s == ByKill || s == ByInterrupts }
