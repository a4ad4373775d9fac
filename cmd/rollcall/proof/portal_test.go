package proof

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/clitest"
	"rollcall/engine/hubspot/sandbox"
)

// portal is a HubSpot account in this process, and a control database in a file that the real command works on in processes of its
// own. While one of them may have the file open, this process must not open it: closing it here would drop nothing of the other's
// lock, but opening it fails.
type portal struct {
	t   testing.TB
	box *sandbox.Server
	url string
	dir string            // the children's working directory
	env map[string]string // what differs from this process's environment

	ledger     *sql.DB               // the file, open for reading until a child is started
	beforeCall func(r *http.Request) // does something before a call is answered; may be nil

	mu        sync.Mutex
	failpoint *callFailpoint
	applied   []string // what membership writes applied, each as "add 7 to 101" or "remove 7 from 101"

	writing sync.Mutex // held while a membership write is answered, so that its changes can be attributed to it
}

// callFailpoint stops a child at the nth call with that method and end of the path.
type callFailpoint struct {
	method, path string
	nth          int
	applied      bool // when HubSpot has done what the call asks for; false: before it does anything
	by           clitest.Stop
	child        *child
}

// The calls of a run, as a callFailpoint names them: method and end of the path.
const (
	callSearch   = "POST /lists/2026-09/search"
	callRead     = "GET /memberships"
	callKeys     = "POST /batch/read"
	callWrite    = "PUT /memberships/add-and-remove"
	callMakeList = "POST /lists/2026-09"
)

// childPatience is how long a child may take: far longer than any does, short enough to see that one hangs.
const childPatience = 4 * time.Minute

// firstContact is the record ID of the sandbox's first contact; tests name contacts by number, from 1.
const firstContact = 1_000_001

// newPortal makes one with n contacts and the sandbox's lists (101 is an empty MANUAL one), and a control database with a table
// people (email) and no syncs.
func newPortal(t testing.TB, n int, options sandbox.Options) *portal {
	t.Helper()
	p := barePortal(t, n, options)
	initialisedOnce.Do(func() { initialised = makeInitialised(t) })
	if initialised == nil {
		t.Fatal("no initialised database to copy: the test that made it failed")
	}
	if err := os.WriteFile(p.file(), initialised, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// initialised is the control database of newPortal. The commands make it once in a process, each portal has a copy.
var (
	initialisedOnce sync.Once
	initialised     []byte
)

// makeInitialised returns the content of a control database that the commands made.
func makeInitialised(t testing.TB) []byte {
	t.Helper()
	p := barePortal(t, 0, sandbox.Options{})
	p.rollcall("init")
	p.rollcall("sql", "--write", "-c", "CREATE TABLE people (email VARCHAR)")
	content, err := os.ReadFile(p.file())
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// handleHangups lets children start with SIGHUP as the system has it, also where the tests themselves were started to ignore it (nohup):
// a child inherits what is ignored, not what is handled.
var handleHangups = sync.OnceFunc(func() { signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) })

// barePortal is newPortal without a control database.
func barePortal(t testing.TB, n int, options sandbox.Options) *portal {
	t.Helper()
	handleHangups()
	p := &portal{t: t, box: sandbox.New(options), dir: t.TempDir()}
	if err := p.box.Seed(n); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(server.Close)
	p.url = server.URL
	p.env = map[string]string{
		"HUBSPOT_BASE_URL":               p.url,
		"HUBSPOT_ACCESS_TOKEN":           "pat-na1-11111111-2222-3333-4444-555555555555",
		"ROLLCALL_DATABASE":              p.file(),
		"ROLLCALL_THREADS":               "1",
		"ROLLCALL_RETRY_BASE_SECONDS":    "0.001",
		"ROLLCALL_MEMBERSHIP_CHUNK_SIZE": "3",
		"ROLLCALL_BATCH_READ_SIZE":       "5",
		"HOME":                           p.dir,
	}
	return p
}

// file is the control database's.
func (p *portal) file() string { return filepath.Join(p.dir, "control.duckdb") }

// serve answers the children's calls, and stops the child at the failpoint. A child that is stopped at once gets no answer.
func (p *portal) serve(w http.ResponseWriter, r *http.Request) {
	syncWithChildren()
	defer syncWithChildren()
	if p.beforeCall != nil {
		p.beforeCall(r)
	}
	a := p.reached(r)
	if a == nil {
		p.answer(w, r)
		return
	}
	var answer http.ResponseWriter = httptest.NewRecorder()
	if !a.by.AtOnce() {
		answer = w
	}
	if a.applied {
		p.answer(answer, r)
	}
	a.by.Do(a.child.cmd.Process)
	if a.by.AtOnce() {
		a.child.wait()
		panic(http.ErrAbortHandler)
	}
	if !a.applied {
		p.answer(answer, r)
	}
}

// reached returns the failpoint if this call triggers it, and removes it; else nil.
func (p *portal) reached(r *http.Request) *callFailpoint {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.failpoint
	if a == nil || r.Method != a.method || !strings.HasSuffix(r.URL.Path, a.path) {
		return nil
	}
	if a.nth--; a.nth != 0 {
		return nil
	}
	p.failpoint = nil
	return a
}

// answer passes the call to the sandbox, and records what a write applied: its answer may get lost.
func (p *portal) answer(w http.ResponseWriter, r *http.Request) {
	_, path, _ := strings.Cut(callWrite, " ")
	if strings.Contains(r.URL.Path, "/objects/") && (strings.HasSuffix(r.URL.Path, "/batch/create") || strings.HasSuffix(r.URL.Path, "/batch/update")) {
		p.answerRecords(w, r)
		return
	}
	if !strings.HasSuffix(r.URL.Path, path) {
		p.box.ServeHTTP(w, r)
		return
	}
	p.writing.Lock()
	defer p.writing.Unlock()
	parts := strings.Split(r.URL.Path, "/")
	listID := parts[len(parts)-3]
	before, _ := p.box.Members(listID) // no such list: the write does nothing
	defer func() {
		after, _ := p.box.Members(listID)
		p.recordWrite(listID, before, after)
	}()
	p.box.ServeHTTP(w, r)
}

// recordWrite appends the members that a write added and removed to p.applied.
func (p *portal) recordWrite(listID string, before, after []string) {
	there := map[string]bool{}
	for _, id := range before {
		there[id] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range after {
		if !there[id] {
			p.applied = append(p.applied, "add "+id+" to "+listID)
		}
		delete(there, id)
	}
	for id := range there {
		p.applied = append(p.applied, "remove "+id+" from "+listID)
	}
}

// child is a process that runs the command.
type child struct {
	t        testing.TB
	cmd      *exec.Cmd
	out, err bytes.Buffer
	ended    chan struct{}
	code     int // its exit code; -1: killed
}

// command makes the command that a child runs, with more of the environment as NAME=value.
func (p *portal) command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command("rollcall", args...) // TestMain put it into PATH
	cmd.Dir, cmd.Env = p.dir, os.Environ()
	for name, value := range p.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// start starts a child.
func (p *portal) start(env []string, args ...string) *child {
	p.t.Helper()
	c := &child{t: p.t, cmd: p.command(env, args...), ended: make(chan struct{})}
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.err
	p.launch(c)
	return c
}

// children orders what this process does before a child starts, while it answers the child's calls, and after the child has ended. The
// child orders them anyway, but the race detector sees only one process.
var children sync.Mutex

// syncWithChildren returns when no child is being started.
func syncWithChildren() {
	children.Lock()
	defer children.Unlock()
}

// launch starts the child's process. Its end is noted as soon as it comes.
func (p *portal) launch(c *child) {
	p.t.Helper()
	p.closeLedger()
	children.Lock()
	err := c.cmd.Start()
	children.Unlock()
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.cmd.Process.Kill() }) // it has ended, unless the test failed
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait() // the exit code is read from the state
		c.code = c.cmd.ProcessState.ExitCode()
	}()
}

// wait waits for the child's end and returns its exit code.
func (c *child) wait() int {
	c.t.Helper()
	select {
	case <-c.ended:
		syncWithChildren()
	case <-time.After(childPatience):
		_ = c.cmd.Process.Kill()
		c.t.Fatalf("%v: still running after %s", c.cmd.Args, childPatience)
	}
	return c.code
}

// kill ends the child at once, and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may have ended by itself
	<-c.ended
	syncWithChildren()
}

// output is all that the child printed, for messages. The child must have ended.
func (c *child) output() string { return c.out.String() + c.err.String() }

// exits runs a child that must end with an exit code.
func (p *portal) exits(code int, args ...string) *child {
	p.t.Helper()
	c := p.start(nil, args...)
	if got := c.wait(); got != code {
		p.t.Fatalf("%v: exit code %d, want %d:\n%s", args, got, code, c.output())
	}
	return c
}

// rollcall runs a child that must succeed, and returns what it printed.
func (p *portal) rollcall(args ...string) string {
	p.t.Helper()
	return p.exits(cli.ExitDone, args...).out.String()
}

// killAt runs a child that is killed at the nth call of a kind such as callWrite, before HubSpot has done what it asks for.
func (p *portal) killAt(call string, nth int, args ...string) {
	p.t.Helper()
	p.stopped(clitest.ByKill, fmt.Sprintf("at %s:%d", call, nth), args...)
}

// killAfter runs a child that is killed at the nth call of a kind, when HubSpot has done what it asks for and before it answers.
func (p *portal) killAfter(call string, nth int, args ...string) {
	p.t.Helper()
	p.stopped(clitest.ByKill, fmt.Sprintf("applied %s:%d", call, nth), args...)
}

// stopped runs a child that is stopped at a boundary: one that it passes, "after send:2", or at a call, "at PUT /path:2", or when
// HubSpot has done what the call asks for, "applied PUT /path:2".
func (p *portal) stopped(by clitest.Stop, boundary string, args ...string) *child {
	p.t.Helper()
	c := p.maybeStopped(by, boundary, args...)
	if by == clitest.ByKill && c.code != -1 {
		p.t.Fatalf("%v: ended with exit code %d before %s:\n%s", args, c.code, boundary, c.output())
	}
	return c
}

// maybeStopped is stopped, for a child that may end before it reaches the boundary.
func (p *portal) maybeStopped(by clitest.Stop, boundary string, args ...string) *child {
	p.t.Helper()
	c := &child{t: p.t, cmd: p.command([]string{clitest.EnvStopAt + "=" + boundary, clitest.EnvStopBy + "=" + string(by)}, args...), ended: make(chan struct{})}
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.err
	step, nth := cutNumber(p.t, boundary)
	if when, call, ok := strings.Cut(step, " "); ok && (when == "at" || when == "applied") {
		method, path, _ := strings.Cut(call, " ")
		p.mu.Lock()
		p.failpoint = &callFailpoint{method: method, path: path, nth: nth, applied: when == "applied", by: by, child: c}
		p.mu.Unlock()
	}
	p.launch(c)
	c.wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failpoint = nil
	return c
}

// people replaces who is in the table people, by the contacts' numbers.
func (p *portal) people(numbers ...int) {
	p.t.Helper()
	script := "DELETE FROM people;"
	if len(numbers) > 0 {
		var values []string
		for _, n := range numbers {
			values = append(values, fmt.Sprintf("('contact-%05d@example.com')", n))
		}
		script += "INSERT INTO people VALUES " + strings.Join(values, ", ")
	}
	p.rollcall("sql", "--write", "-c", script)
}

// rows reads the control database as another tool would: a line a row, columns parted by blanks. No child may be at work.
func (p *portal) rows(query string, args ...any) (lines []string) {
	p.t.Helper()
	if p.ledger == nil {
		db, err := sql.Open("duckdb", p.file()+"?access_mode=read_only&threads=1")
		if err != nil {
			p.t.Fatal(err)
		}
		p.ledger = db
		p.t.Cleanup(p.closeLedger)
	}
	rows, err := p.ledger.QueryContext(p.t.Context(), fmt.Sprintf(query, args...))
	if err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		p.t.Fatal(err)
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			p.t.Fatal(err)
		}
		lines = append(lines, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return lines
}

// closeLedger closes the control database, so that a child can open it.
func (p *portal) closeLedger() {
	if p.ledger == nil {
		return
	}
	if err := p.ledger.Close(); err != nil {
		p.t.Error(err)
	}
	p.ledger = nil
}

// between are the numbers from one to another, both included.
func between(from, to int) (all []int) {
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

// boundariesIn reads the boundaries that a child has written to a file, see clitest.EnvBoundaries.
func (p *portal) boundariesIn(file string) []string {
	p.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}
