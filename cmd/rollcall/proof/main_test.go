// Package proof holds the proofs of the whole program: tests that run the real command in processes of its own, against a HubSpot account in
// the test's process (the sandbox) and a control database in a file, and that compare both afterwards with what must hold.
//
//   - kills_*, signals_*, held_runner_*, disk_full_*, two_runners_*, long_list_*: runs that are killed, interrupted, held up, out of disk, two at
//     once, very long.
//   - chaos_*: random histories of data, rows, lists, faults and kills, each compared with a model that shares no code with the engine.
//   - canary_*: no secret and no address where it must not be, and no file that others can read.
//   - output_*: what the program prints cannot be forged, and a run outlives its reader.
//   - portal_*: what the proofs have in common.
//
// Functions TestProof* take a sample without -long. The way a child is controlled is package clitest.
package proof

import (
	"flag"
	"testing"

	"rollcall/cmd/rollcall/clitest"
)

var (
	long   = flag.Bool("long", false, "run the proofs in full: every kill, hundreds of seeds")
	sample = flag.Uint("sample", 0, "which sample of the proofs to run without -long; every number from 1 is another one, 0 a small one")
)

// TestMain lets the test binary be the command rollcall, which the proofs start from PATH.
func TestMain(m *testing.M) { clitest.Main(m) }
