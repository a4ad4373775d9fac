package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// recordingPortal is a proxy between the children and the portal. It records the changes that HubSpot really applied, whatever it answered,
// and triggers the failpoint of a step.
type recordingPortal struct {
	portal *portal

	mu        sync.Mutex // held while a membership write is answered, so that its changes can be attributed to it
	applied   []appliedChange
	failpoint armedFailpoint
}

// appliedChange is a change of a list that a membership write applied.
type appliedChange struct {
	list   string
	action string // add or remove
	record int64
}

// Modes of a chaosFailpoint.
const (
	killBefore     = "killed before"    // HubSpot does anything
	killAfterwards = "killed after"     // HubSpot has done it, and before it answers
	killOnAnswer   = "killed soon upon" // the answer
	interruptAt    = "interrupted at"
)

// chaosFailpoint stops a child at the nth call of a kind such as callWrite; an empty kind is any call.
type chaosFailpoint struct {
	mode, call string
	nth        int
	delay      time.Duration // of killOnAnswer
}

func (t chaosFailpoint) String() string {
	return fmt.Sprintf("%s call %d of %q", t.mode, t.nth, t.call)
}

// armedFailpoint holds the failpoint of the running child, if it has one.
type armedFailpoint struct {
	mu        sync.Mutex
	failpoint *chaosFailpoint
	child     *child
}

// arm starts a child with a failpoint, or with none. It holds the lock while the child starts, so that no call of the child precedes it.
func (d *armedFailpoint) arm(t *chaosFailpoint, start func() *child) *child {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failpoint, d.child = nil, nil
	if t != nil {
		clone := *t
		d.failpoint = &clone
	}
	d.child = start()
	return d.child
}

// reached returns the failpoint if this call triggers it, with its child, and removes it; else nil.
func (d *armedFailpoint) reached(r *http.Request) (*chaosFailpoint, *child) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.failpoint
	if t == nil {
		return nil, nil
	}
	if method, path, kind := strings.Cut(t.call, " "); kind && (r.Method != method || !strings.HasSuffix(r.URL.Path, path)) {
		return nil, nil
	}
	if t.nth--; t.nth != 0 {
		return nil, nil
	}
	d.failpoint = nil
	return t, d.child
}

func (w *recordingPortal) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	t, process := w.failpoint.reached(r)
	if t == nil {
		w.answer(rw, r)
		return
	}
	switch t.mode {
	case interruptAt:
		_ = process.cmd.Process.Signal(os.Interrupt) // it may have ended
		w.answer(rw, r)
	case killOnAnswer:
		w.answer(rw, r)
		time.AfterFunc(t.delay, process.kill)
	case killAfterwards:
		w.answer(httptest.NewRecorder(), r)
		process.kill()
		panic(http.ErrAbortHandler) // nobody is there to be answered
	default:
		process.kill()
		panic(http.ErrAbortHandler)
	}
}

// answer passes the call to the portal, and records which of its changes a membership write applied. Other changes of the list in the
// meantime are not recorded.
func (w *recordingPortal) answer(rw http.ResponseWriter, r *http.Request) {
	_, path, _ := strings.Cut(callWrite, " ")
	if !strings.HasSuffix(r.URL.Path, path) {
		w.portal.box.ServeHTTP(rw, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the child has gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var asked struct {
		Add    []string `json:"recordIdsToAdd"`
		Remove []string `json:"recordIdsToRemove"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		panic(err) // the sandbox would refuse it too
	}
	parts := strings.Split(r.URL.Path, "/")
	list := parts[len(parts)-3]
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.members(list)
	defer func() {
		after := w.members(list)
		for _, id := range recordsOf(asked.Add) {
			if after[id] && !before[id] {
				w.applied = append(w.applied, appliedChange{list, "add", id})
			}
		}
		for _, id := range recordsOf(asked.Remove) {
			if before[id] && !after[id] {
				w.applied = append(w.applied, appliedChange{list, "remove", id})
			}
		}
	}()
	w.portal.box.ServeHTTP(rw, r)
}

// takeApplied returns the changes since the last call.
func (w *recordingPortal) takeApplied() []appliedChange {
	w.mu.Lock()
	defer w.mu.Unlock()
	changes := w.applied
	w.applied = nil
	return changes
}

// members are the records on a list; none where there is no such list.
func (w *recordingPortal) members(list string) records {
	ids, _ := w.portal.box.Members(list)
	set := records{}
	for _, id := range recordsOf(ids) {
		set[id] = true
	}
	return set
}

// records is a set of record IDs.
type records map[int64]bool

func recordsOf(texts []string) (ids []int64) {
	for _, text := range texts {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			panic(err) // neither the sandbox nor the engine has other IDs
		}
		ids = append(ids, id)
	}
	return ids
}

// disarm removes the failpoint.
func (d *armedFailpoint) disarm() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failpoint = nil
}
