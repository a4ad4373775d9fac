package proof

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

// twoRunners starts two children at once on one control database, with tokens that identify whose a call is.
type twoRunners struct {
	*portal
	mu      sync.Mutex
	runners []*runner
	writers map[string]bool // the tokens under which changes were sent
}

type runner struct {
	*child
	token   string
	waiting *outputWatch
}

// outputWatch is a writer that closes seen once a certain text has been written.
type outputWatch struct {
	want string
	mu   sync.Mutex
	text bytes.Buffer
	seen chan struct{}
}

func watchOutput(want string) *outputWatch {
	return &outputWatch{want: want, seen: make(chan struct{})}
}

// Write looks for the text.
func (n *outputWatch) Write(data []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	had := strings.Contains(n.text.String(), n.want)
	n.text.Write(data)
	if !had && strings.Contains(n.text.String(), n.want) {
		close(n.seen)
	}
	return len(data), nil
}

// newRunner makes a child that is not started yet.
func (p *portal) newRunner(token string, args ...string) *runner {
	r := &runner{child: &child{t: p.t, cmd: p.command([]string{"HUBSPOT_ACCESS_TOKEN=" + token}, args...), ended: make(chan struct{})},
		token: token, waiting: watchOutput("waiting up to")}
	r.cmd.Stdout, r.cmd.Stderr = &r.out, io.MultiWriter(&r.err, r.waiting)
	return r
}

// The order in which two runners continue.
const (
	atOnce  = iota // nothing holds either of them up
	leaving        // the one that comes first is held up until the other has left
	waiting        // it is held up until the other, who may wait, says that it does
	nInterleavings
)

// TestProofTwoRunners starts two runners at once, again and again. One of them runs; the other leaves and says who was there, or waits
// and then finds nothing to do.
func TestProofTwoRunners(t *testing.T) {
	t.Parallel()
	rounds := nInterleavings
	if *long {
		rounds = 100
	}
	d := &twoRunners{portal: newPortal(t, 20, sandbox.Options{})}
	d.rollcall("sql", "--write", "-c", vip+"; UPDATE rollcall.syncs SET max_removal_pct = 100")
	left := 0
	for round := range rounds {
		want := between(1+round%10, 8+round%10)
		d.people(want...)
		left += d.round(round % nInterleavings)
		d.wantMembers("101", want...)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	d.beforeCall = nil
	d.wantLedgerConsistent()
	d.wantApplied()
	d.wantNone("changes that were sent twice", "FROM rollcall.changes WHERE state <> 'done'")
	d.wantNone("runs that did not end well", "SELECT run_id, status, error FROM rollcall.runs WHERE status <> 'SUCCEEDED'")
	d.wantQuiet()
	t.Logf("%d rounds: %d runners left, %d changes accounted for", rounds, left, len(d.applied))
}

// round starts two runners in that order, and returns how many ended because of the other.
func (d *twoRunners) round(order int) (left int) {
	d.t.Helper()
	last := d.rows("SELECT coalesce(max(run_id), '') FROM rollcall.runs")[0]
	args := []string{"run"}
	if order == waiting {
		args = append(args, "--wait", "1m")
	}
	d.runners = []*runner{d.newRunner("token-a", args...), d.newRunner("token-b", args...)}
	d.writers = map[string]bool{}
	d.beforeCall = func(r *http.Request) { d.holdFirst(r, order) }
	for _, r := range d.runners {
		d.launch(r.child)
	}
	for i, r := range d.runners {
		if code := r.wait(); code != cli.ExitDone {
			left++
			d.wantLeft(r, d.runners[1-i])
		}
	}
	switch {
	case left == 2, left == 1 && order == waiting, left == 0 && order == leaving:
		d.t.Errorf("%d runners left:\n%s\n%s", left, d.runners[0].output(), d.runners[1].output())
	case len(d.writers) != 1:
		d.t.Errorf("changes were sent by %d runners, want one:\n%s\n%s", len(d.writers), d.runners[0].output(), d.runners[1].output())
	}
	d.wantRows(last)
	return left
}

// holdFirst records who sends changes, and delays the first one.
func (d *twoRunners) holdFirst(r *http.Request, order int) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	other := d.runners[0]
	if other.token == token {
		other = d.runners[1]
	}
	d.mu.Lock()
	if isWrite(r) {
		d.writers[token] = true
	}
	d.mu.Unlock()
	var waits chan struct{} // nothing ever comes from nil
	switch order {
	case atOnce:
		return
	case waiting:
		waits = other.waiting.seen
	}
	select {
	case <-waits:
	case <-other.ended: // it has left, or it was the first
	case <-time.After(childPatience):
		d.t.Errorf("%s is at HubSpot too, or hangs", other.token)
	}
}

// isWrite reports whether a call changes members, records or links.
func isWrite(r *http.Request) bool {
	return slices.ContainsFunc([]string{"/memberships/add-and-remove", "/batch/create", "/batch/update", "/batch/associate/default", "/batch/archive", "/labels/archive"},
		func(end string) bool { return strings.HasSuffix(r.URL.Path, end) })
}

// wantLeft wants a runner that did not run to have named the other one.
func (d *twoRunners) wantLeft(r, other *runner) {
	d.t.Helper()
	pid := fmt.Sprintf("(PID %d)", other.cmd.Process.Pid)
	if r.code != cli.ExitFailed || !strings.Contains(r.err.String(), pid) || !strings.Contains(r.err.String(), "hint:") {
		d.t.Errorf("exit code %d, %q; want code %d and %s", r.code, r.output(), cli.ExitFailed, pid)
	}
}

// wantRows wants one run of each sync in the ledger for each runner that did not leave, under its own name.
func (d *twoRunners) wantRows(last string) {
	d.t.Helper()
	var want []string
	for _, r := range d.runners {
		if r.code == cli.ExitDone {
			want = append(want, fmt.Sprint(r.cmd.Process.Pid))
		}
	}
	slices.Sort(want)
	got := d.rows("SELECT regexp_extract(runner, '[0-9]+$') AS pid FROM rollcall.runs WHERE run_id > '%s' GROUP BY pid HAVING count(*) = (SELECT count(*) FROM rollcall.syncs) ORDER BY pid", last)
	if !slices.Equal(got, want) {
		d.t.Errorf("runs by the processes %v, want %v", got, want)
	}
}

// A runner that waits for one that is killed continues, and closes what that one left open.
func TestWaiterGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip)
	p.people(between(1, 8)...)
	waiter := p.newRunner("token-b", "run", "--wait", "1m")
	killed := p.newRunner("token-a", "run")
	p.beforeCall = func(r *http.Request) {
		if _, path, _ := strings.Cut(callWrite, " "); strings.HasSuffix(r.URL.Path, path) && strings.HasSuffix(r.Header.Get("Authorization"), "token-a") {
			p.launch(waiter.child)
			<-waiter.waiting.seen
			killed.kill()
		}
	}
	p.launch(killed.child)
	killed.wait()
	if code := waiter.wait(); code != cli.ExitDone {
		t.Fatalf("exit code %d:\n%s", code, waiter.output())
	}
	if pid := fmt.Sprintf("(PID %d)", killed.cmd.Process.Pid); !strings.Contains(waiter.err.String(), pid) {
		t.Errorf("%q, want %s named", waiter.err.String(), pid)
	}
	p.beforeCall = nil
	if got := p.rows("SELECT status FROM rollcall.runs ORDER BY run_id"); !slices.Equal(got, []string{"INTERRUPTED", "SUCCEEDED"}) {
		t.Errorf("runs: %v", got)
	}
	p.wantConverged("101", between(1, 8)...)
}

// A runner whose wait times out ends, and names the runner that it waited for.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip)
	p.people(between(1, 8)...)
	holder := p.newRunner("token-a", "run")
	var once sync.Once
	p.beforeCall = func(r *http.Request) {
		once.Do(func() {
			waiter := p.newRunner("token-b", "run", "--wait", "300ms")
			p.launch(waiter.child)
			pid := fmt.Sprintf("(PID %d)", holder.cmd.Process.Pid)
			if code := waiter.wait(); code != cli.ExitFailed || strings.Count(waiter.err.String(), pid) != 2 {
				t.Errorf("exit code %d, %q; want %d, and %s when it begins to wait and when it leaves", code, waiter.output(), cli.ExitFailed, pid)
			}
		})
	}
	p.launch(holder.child)
	if code := holder.wait(); code != cli.ExitDone {
		t.Fatalf("exit code %d:\n%s", code, holder.output())
	}
	p.beforeCall = nil
	p.wantConverged("101", between(1, 8)...)
}
