package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// How a fault affects a call.
const (
	once    = "once"
	onwards = "onwards" // that call and all of its operation that follow, until the run has ended
	outage  = "outage"  // that call and whatever follows
)

// matrixCase is a run whose nth call of an operation goes wrong.
type matrixCase struct {
	*scenario
	kind      faultKind
	operation string
	nth       int // of the operation, from 1
	place     int // among all calls, from 1
	form      string
}

func (c matrixCase) String() string {
	return fmt.Sprintf("%s/%s %d/%s/%s", c.name, c.operation, c.nth, c.kind.name, c.form)
}

// TestProofFaultMatrix lets every kind of fault affect every call of a run, once and from there on. Whatever happens: nobody who
// belongs on the list is taken off it; the list is right, or the run says why not; the ledger accounts for every record; one more run
// makes the list right, and the run after that changes nothing.
//
// A case is run alone by its name: -run 'TestProofFaultMatrix/mirror/lists.search_1/500/once' with -long.
func TestProofFaultMatrix(t *testing.T) {
	t.Parallel()
	faultMatrix(t, sampleEvery, func(*scenario) {})
}

// TestProofFaultMatrixRemote is a smaller sample of TestProofFaultMatrix, with the database on a server that others use too.
func TestProofFaultMatrixRemote(t *testing.T) {
	t.Parallel()
	faultMatrix(t, 5*sampleEvery, func(s *scenario) { s.remote = true })
}

func faultMatrix(t *testing.T, each int, change func(*scenario)) {
	var cases []matrixCase
	calls := 0
	for _, s := range scenarios() {
		change(s)
		s.stage(t)
		s.recordCalls(t)
		calls += len(s.calls)
		cases = append(cases, s.cases()...)
	}
	if *sample == 0 {
		each *= thinner
	}
	var proved tally
	for i, c := range cases {
		if !*long && (i%each != int(*sample)%each || c.kind.waiting) {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			proved.take(c)
			c.run(t, &proved)
		})
	}
	t.Cleanup(func() {
		t.Logf("%d cases: %d kinds of fault on %d calls of %d scenarios; %d changes and %d members accounted for",
			proved.cases, len(proved.kinds), calls, len(scenarios()), proved.changes.Load(), proved.members.Load())
	})
}

// sampleEvery is a prime, so that the sample has something of every kind.
const sampleEvery = 97

// thinner is how many times fewer cases go test takes than a sample with a number, of which .ci/run takes another one for every commit.
const thinner = 5

// tally counts what was proved.
type tally struct {
	mu               sync.Mutex
	cases            int
	kinds            map[string]bool
	changes, members atomic.Int64
}

func (l *tally) take(c matrixCase) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kinds == nil {
		l.kinds = map[string]bool{}
	}
	l.cases++
	l.kinds[c.kind.name] = true
}

// recordCalls runs the scenario without a fault, and takes down its calls.
func (s *scenario) recordCalls(t *testing.T) {
	t.Helper()
	w := s.open(t, sandbox.Options{})
	o := &oracle{world: w, scenario: s, tally: &tally{}}
	p := s.prover(o)
	p.before()
	runs := w.runWith(s.options, s.names()...)
	for _, call := range w.sandbox.Calls()[o.callsBefore:] {
		s.calls = append(s.calls, call.Operation)
	}
	s.made = s.syncs[0].madeBy(runs[0])
	p.after(runs)
	for _, run := range runs {
		if run.Status != engine.Succeeded {
			t.Fatalf("without a fault %s is %s: %s", run.Sync, run.Status, run.Error)
		}
	}
	p.wantConverges()
}

// cases are all faults on all calls.
func (s *scenario) cases() (all []matrixCase) {
	seen := map[string]int{}
	for i, operation := range s.calls {
		seen[operation]++
		for _, b := range faultKinds() {
			if b.on != nil && !slices.Contains(b.on, operation) || slices.Contains(b.except, operation) || b.fits != nil && !b.fits(s) {
				continue
			}
			forms := []string{once}
			if !b.single && !b.portal {
				forms = append(forms, onwards)
			}
			if b.outage {
				forms = append(forms, outage)
			}
			for _, form := range forms {
				all = append(all, matrixCase{s, b, operation, seen[operation], i + 1, form})
			}
		}
	}
	return all
}

// fault is the fault of the kind, on the call.
func (c matrixCase) fault() sandbox.Fault {
	f := c.kind.fault(c.scenario)
	switch c.form {
	case once:
		f.Operation, f.Nth = c.operation, c.nth
	case onwards:
		f.Operation, f.After, f.Count = c.operation, c.nth-1, -1
	case outage:
		f.After, f.Count = c.place-1, -1
	}
	return f
}

// run is one case.
func (c matrixCase) run(t *testing.T, proved *tally) {
	brief := func(config *engine.Config) {
		if c.form != once { // waiting for what does not pass shows nothing new
			config.HubSpot.MaxRetryWait = 100 * time.Millisecond
			config.Concurrency = 4
		}
		if c.kind.change != nil {
			c.kind.change(config)
		}
	}
	w := c.open(t, sandbox.Options{MergeMakesNewID: c.kind.newID}, brief)
	o := &oracle{world: w, scenario: c.scenario, tally: proved, uncounted: c.kind.uncounted}
	p := c.prover(o)
	p.before()
	f := c.fault()
	if c.kind.portal {
		o.disturbed = disturbedBy(f)
	}
	w.fault(f)
	runs := w.runWith(c.options, c.names()...)
	w.sandbox.ForgetFaults()
	if !c.kind.uncounted && !slices.ContainsFunc(w.sandbox.Calls()[o.callsBefore:], func(call sandbox.Call) bool { return call.Fault != "" }) {
		t.Error("no call met the fault")
	}
	p.after(runs)
	if c.form != once || c.kind.change != nil { // the next run is another process's, whose breaker knows nothing of this one's errors
		w.config.HubSpot.Timeout, w.config.HubSpot.MaxRetryWait = 0, 0
		w.reopen()
	}
	p.wantConverges()
}

// disturbedBy are the records whose fate is somebody else's doing.
func disturbedBy(f sandbox.Fault) idSet {
	disturbed := idSet{}
	for _, id := range append(slices.Clone(f.IDs), f.Into) {
		var n int64
		if _, err := fmt.Sscan(id, &n); err == nil {
			disturbed[n] = true
		}
	}
	return disturbed
}

// sorted shows a set.
func (s idSet) String() string {
	var texts []string
	for _, id := range slices.Sorted(maps.Keys(s)) {
		texts = append(texts, fmt.Sprint(id))
	}
	return "{" + strings.Join(texts, " ") + "}"
}
