package main

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

	"rollcall/engine/hubspot/sandbox"
)

// duel is two children that are started at once on one control database, with tokens that tell whose a call is.
type duel struct {
	*portal
	mu      sync.Mutex
	rivals  []*rival
	writers map[string]bool // the tokens under which changes were sent
}

type rival struct {
	*child
	token string
	waits *outputWatch
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

// rival makes a child that is not started yet.
func (p *portal) rival(token string, args ...string) *rival {
	r := &rival{child: &child{t: p.t, cmd: p.command([]string{"HUBSPOT_ACCESS_TOKEN=" + token}, args...), ended: make(chan struct{})},
		token: token, waits: watchOutput("waiting up to")}
	r.cmd.Stdout, r.cmd.Stderr = &r.out, io.MultiWriter(&r.err, r.waits)
	return r
}

// The ways in which two runners meet.
const (
	atOnce  = iota // nothing holds either of them up
	leaving        // the one that comes first is held up until the other has left
	waiting        // it is held up until the other, who may wait, says that it does
	meetings
)

// TestProofTwoRunners starts two runners at once, again and again. One of them runs; the other leaves and says who was there, or waits
// and then finds nothing to do.
func TestProofTwoRunners(t *testing.T) {
	t.Parallel()
	rounds := meetings
	if *long {
		rounds = 100
	}
	d := &duel{portal: newPortal(t, 20, sandbox.Options{})}
	d.rollcall("sql", "--write", "-c", vip+"; UPDATE rollcall.syncs SET max_removal_pct = 100")
	left := 0
	for round := range rounds {
		want := between(1+round%10, 8+round%10)
		d.people(want...)
		left += d.meet(round % meetings)
		d.wantMembers("101", want...)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	d.before = nil
	d.wantBooks()
	d.wantDeeds()
	d.wantNone("changes that were sent twice", "FROM rollcall.changes WHERE state <> 'done'")
	d.wantNone("runs that did not end well", "SELECT run_id, status, error FROM rollcall.runs WHERE status <> 'SUCCEEDED'")
	d.wantQuiet()
	t.Logf("%d rounds: %d runners left, %d changes accounted for", rounds, left, len(d.deeds))
}

// meet lets two runners meet, and says how many left.
func (d *duel) meet(how int) (left int) {
	d.t.Helper()
	last := d.rows("SELECT coalesce(max(run_id), '') FROM rollcall.runs")[0]
	args := []string{"run"}
	if how == waiting {
		args = append(args, "--wait", "1m")
	}
	d.rivals = []*rival{d.rival("token-a", args...), d.rival("token-b", args...)}
	d.writers = map[string]bool{}
	d.before = func(r *http.Request) { d.look(r, how) }
	for _, r := range d.rivals {
		d.launch(r.child)
	}
	for i, r := range d.rivals {
		if code := r.wait(); code != exitDone {
			left++
			d.wantLeft(r, d.rivals[1-i])
		}
	}
	switch {
	case left == 2, left == 1 && how == waiting, left == 0 && how == leaving:
		d.t.Errorf("%d runners left:\n%s\n%s", left, d.rivals[0].said(), d.rivals[1].said())
	case len(d.writers) != 1:
		d.t.Errorf("changes were sent by %d runners, want one:\n%s\n%s", len(d.writers), d.rivals[0].said(), d.rivals[1].said())
	}
	d.wantRows(last)
	return left
}

// look notes who sends changes, and holds the first one up.
func (d *duel) look(r *http.Request, how int) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	other := d.rivals[0]
	if other.token == token {
		other = d.rivals[1]
	}
	d.mu.Lock()
	if method, path, _ := strings.Cut(callWrite, " "); r.Method == method && strings.HasSuffix(r.URL.Path, path) {
		d.writers[token] = true
	}
	d.mu.Unlock()
	var says chan struct{} // nothing ever comes from nil
	switch how {
	case atOnce:
		return
	case waiting:
		says = other.waits.seen
	}
	select {
	case <-says:
	case <-other.ended: // it has left, or it was the first
	case <-time.After(childPatience):
		d.t.Errorf("%s is at HubSpot too, or hangs", other.token)
	}
}

// wantLeft wants a runner that did not run to have said whom it met.
func (d *duel) wantLeft(r, other *rival) {
	d.t.Helper()
	pid := fmt.Sprintf("(PID %d)", other.cmd.Process.Pid)
	if r.code != exitFailed || !strings.Contains(r.err.String(), pid) || !strings.Contains(r.err.String(), "hint:") {
		d.t.Errorf("exit code %d, %q; want code %d and %s", r.code, r.said(), exitFailed, pid)
	}
}

// wantRows wants one run in the ledger for each runner that did not leave, under its own name.
func (d *duel) wantRows(last string) {
	d.t.Helper()
	var want []string
	for _, r := range d.rivals {
		if r.code == exitDone {
			want = append(want, fmt.Sprint(r.cmd.Process.Pid))
		}
	}
	slices.Sort(want)
	got := d.rows("SELECT regexp_extract(runner, '[0-9]+$') AS pid FROM rollcall.runs WHERE run_id > '%s' ORDER BY pid", last)
	if !slices.Equal(got, want) {
		d.t.Errorf("runs by the processes %v, want %v", got, want)
	}
}

// A runner that waits for one that is killed goes on, and closes what that one left open.
func TestWaiterGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip)
	p.people(between(1, 8)...)
	waiter := p.rival("token-b", "run", "--wait", "1m")
	victim := p.rival("token-a", "run")
	p.before = func(r *http.Request) {
		if _, path, _ := strings.Cut(callWrite, " "); strings.HasSuffix(r.URL.Path, path) && strings.HasSuffix(r.Header.Get("Authorization"), "token-a") {
			p.launch(waiter.child)
			<-waiter.waits.seen
			victim.kill()
		}
	}
	p.launch(victim.child)
	victim.wait()
	if code := waiter.wait(); code != exitDone {
		t.Fatalf("exit code %d:\n%s", code, waiter.said())
	}
	if pid := fmt.Sprintf("(PID %d)", victim.cmd.Process.Pid); !strings.Contains(waiter.err.String(), pid) {
		t.Errorf("%q, want %s named", waiter.err.String(), pid)
	}
	p.before = nil
	if got := p.rows("SELECT status FROM rollcall.runs ORDER BY run_id"); !slices.Equal(got, []string{"INTERRUPTED", "SUCCEEDED"}) {
		t.Errorf("runs: %v", got)
	}
	p.wantTrue("101", between(1, 8)...)
}

// Who waits in vain leaves when the time is up, and names whom it waited for.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip)
	p.people(between(1, 8)...)
	holder := p.rival("token-a", "run")
	var once sync.Once
	p.before = func(r *http.Request) {
		once.Do(func() {
			waiter := p.rival("token-b", "run", "--wait", "300ms")
			p.launch(waiter.child)
			pid := fmt.Sprintf("(PID %d)", holder.cmd.Process.Pid)
			if code := waiter.wait(); code != exitFailed || strings.Count(waiter.err.String(), pid) != 2 {
				t.Errorf("exit code %d, %q; want %d, and %s when it begins to wait and when it leaves", code, waiter.said(), exitFailed, pid)
			}
		})
	}
	p.launch(holder.child)
	if code := holder.wait(); code != exitDone {
		t.Fatalf("exit code %d:\n%s", code, holder.said())
	}
	p.before = nil
	p.wantTrue("101", between(1, 8)...)
}
