package main

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

// witness stands between the children and the portal. It keeps what HubSpot really did to the lists, whatever it answered, and springs
// the trap of a step.
type witness struct {
	portal *portal

	mu    sync.Mutex // held while a membership write is answered, so that its deeds are told from another's
	deeds []deed
	traps trapdoor
}

// deed is a change of a list that a membership write made.
type deed struct {
	list   string
	action string // add or remove
	record int64
}

// Ways of a trap.
const (
	trapBefore    = "killed before"    // HubSpot does anything
	trapAfter     = "killed after"     // HubSpot has done it, and before it answers
	trapAnswered  = "killed soon upon" // the answer
	trapInterrupt = "interrupted at"
)

// trap ends a child at the nth call of a kind such as callWrite; an empty kind is any call.
type trap struct {
	how, call string
	nth       int
	later     time.Duration // of trapAnswered
}

func (t trap) String() string { return fmt.Sprintf("%s call %d of %q", t.how, t.nth, t.call) }

// trapdoor is a trap that is set, and the child that it waits for.
type trapdoor struct {
	mu     sync.Mutex
	trap   *trap
	victim *child
}

// set sets a trap, or none, for a child. The child starts while the door is held, so that no call of it comes too early.
func (d *trapdoor) set(t *trap, start func() *child) *child {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trap, d.victim = nil, nil
	if t != nil {
		own := *t
		d.trap = &own
	}
	d.victim = start()
	return d.victim
}

// sprung is the trap that a call walks into, with its victim, or nil.
func (d *trapdoor) sprung(r *http.Request) (*trap, *child) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.trap
	if t == nil {
		return nil, nil
	}
	if method, path, kind := strings.Cut(t.call, " "); kind && (r.Method != method || !strings.HasSuffix(r.URL.Path, path)) {
		return nil, nil
	}
	if t.nth--; t.nth != 0 {
		return nil, nil
	}
	d.trap = nil
	return t, d.victim
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	t, victim := w.traps.sprung(r)
	if t == nil {
		w.answer(rw, r)
		return
	}
	switch t.how {
	case trapInterrupt:
		_ = victim.cmd.Process.Signal(os.Interrupt) // it may have ended
		w.answer(rw, r)
	case trapAnswered:
		w.answer(rw, r)
		time.AfterFunc(t.later, victim.kill)
	case trapAfter:
		w.answer(httptest.NewRecorder(), r)
		victim.kill()
		panic(http.ErrAbortHandler) // nobody is there to be answered
	default:
		victim.kill()
		panic(http.ErrAbortHandler)
	}
}

// answer lets the portal answer, and takes down what a membership write did of what it asks for. What else becomes of the list
// meanwhile is not its doing.
func (w *witness) answer(rw http.ResponseWriter, r *http.Request) {
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
				w.deeds = append(w.deeds, deed{list, "add", id})
			}
		}
		for _, id := range recordsOf(asked.Remove) {
			if before[id] && !after[id] {
				w.deeds = append(w.deeds, deed{list, "remove", id})
			}
		}
	}()
	w.portal.box.ServeHTTP(rw, r)
}

// take returns the deeds since it was last asked.
func (w *witness) take() []deed {
	w.mu.Lock()
	defer w.mu.Unlock()
	deeds := w.deeds
	w.deeds = nil
	return deeds
}

// members are the records on a list; none where there is no such list.
func (w *witness) members(list string) records {
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

// disarm takes the trap away.
func (d *trapdoor) disarm() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trap = nil
}
