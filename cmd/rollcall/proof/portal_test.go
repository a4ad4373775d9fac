package proof

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

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
	applied   []string // what writes applied, each as the ledger's changes are shown: "add 7 to 101", "create a@example.com", "link 7 9 default"

	writing sync.Mutex // held while a write of members or links is answered, so that its changes can be attributed to it
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
	if strings.Contains(r.URL.Path, "/associations/") && isWrite(r) {
		p.answerLinks(w, r)
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
