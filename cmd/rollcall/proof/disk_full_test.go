//go:build unix

package proof

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/clitest"
	"rollcall/engine/hubspot/sandbox"
)

// TestProofDiskFull lets the control database's disk be full at ever later moments of a run. Nothing more is sent then, what was sent
// is kept, and when there is room again the next run sets all right.
func TestProofDiskFull(t *testing.T) {
	t.Parallel()
	moments := int64(3)
	if *long {
		moments = 60
	}
	base := newPortal(t, 20, sandbox.Options{})
	prepareChanges(base)
	whole := base.clone(t)
	whole.stopped(clitest.ByKill, "before release lease:1", "run")
	wal, err := os.Stat(whole.file() + ".wal")
	if err != nil {
		t.Fatal(err)
	}
	limits := []int64{100} // not even the lease can be taken
	for n := range moments {
		limits = append(limits, wal.Size()*(n+1)/(moments+1))
	}
	for _, limit := range limits {
		t.Run(fmt.Sprintf("%d of %d bytes", limit, wal.Size()), func(t *testing.T) {
			t.Parallel()
			p := base.clone(t)
			c := p.start([]string{fmt.Sprintf("%s=%d", clitest.EnvFileLimit, limit)}, "run")
			if code := c.wait(); code != cli.ExitFailed {
				t.Errorf("exit code %d, want %d:\n%s", code, cli.ExitFailed, c.output())
			}
			for _, text := range []string{"the ledger can't be written", "hint: nothing more was sent", "run it again when the database can be written"} {
				if strings.Count(c.err.String(), text) == 0 {
					t.Errorf("it said %q, want %q in it", c.err.String(), text)
				}
			}
			p.wantIntent()
			p.rollcall("run")
			p.wantConverged("101", between(6, 15)...)
		})
	}
}
