package proof

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

// TestFilesArePrivate looks at all that the program leaves, killed in mid-run too: nobody else can read what may hold an address,
// whatever the user's umask says.
func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	c := newCanary(t, "json", false)
	c.run(cli.ExitDone, "init")
	c.run(cli.ExitDone, "sql", "--write", "-f", c.write("setup.sql", canarySetup))
	c.run(cli.ExitDone, "plan", "vip", "--save", "saved.duckdb")
	c.run(cli.ExitDone, "sql", "--write", "-f", c.write("break.sql", fmt.Sprintf(canaryBreak, strings.Join(c.sql(changesColumns), ", "))))
	c.withFault(sandbox.Fault{Operation: "memberships.add-and-remove", Status: 400}, func() { c.run(cli.ExitFailed, "run") })
	c.wantPrivate("control.duckdb", "control.duckdb.journal", "saved.duckdb")
	c.run(cli.ExitDone, "sql", "--write", "-f", c.write("repair.sql", canaryRepair))
	c.killInMidWrite()
	c.wantPrivate("control.duckdb", "control.duckdb.wal")
}

// wantPrivate wants these files there, and each file and folder closed to others.
func (c *canary) wantPrivate(names ...string) {
	c.t.Helper()
	err := filepath.WalkDir(c.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == c.dir {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			c.t.Errorf("%s has the mode %s", entry.Name(), info.Mode())
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(c.dir, name)); err != nil {
			c.t.Errorf("%v, so this test looks in vain", err)
		}
	}
}

// killInMidWrite starts a run under an open-handed umask, and kills it while a call that changes the list is under way.
func (c *canary) killInMidWrite() {
	c.t.Helper()
	const operation = "memberships.add-and-remove"
	if err := c.box.Declare(sandbox.Fault{Operation: operation, Effect: sandbox.EffectSlowAfter, DelayMilliseconds: 60_000}); err != nil {
		c.t.Fatal(err)
	}
	before := c.box.CountCalls(operation)
	cmd := exec.Command("sh", "-c", "umask 0; exec rollcall run --full --log-level error")
	cmd.Dir, cmd.Env, cmd.Stderr = c.dir, c.env, os.Stderr
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for c.box.CountCalls(operation) == before {
		select {
		case err := <-ended:
			c.t.Fatalf("it ended before it wrote: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	<-ended
	c.box.ForgetFaults()
}
