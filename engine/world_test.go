package engine_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// writes is the operation that changes a list, as the sandbox calls it.
const writes = "memberships.add-and-remove"

// sandboxWorld is newWorld with a sandbox of other options.
func sandboxWorld(t testing.TB, n int, options sandbox.Options, change ...func(*engine.Config)) *world {
	t.Helper()
	return builtWorld(t, n, options, func(h http.Handler) http.Handler { return h }, change...)
}

// chunks makes membership writes carry n changes at the most.
func chunks(n int) func(*engine.Config) { return func(c *engine.Config) { c.ChunkSize = n } }

// reads makes batch reads ask for n keys at the most.
func reads(n int) func(*engine.Config) { return func(c *engine.Config) { c.ReadSize = n } }

// fault declares misbehaviour of the sandbox.
func (w *world) fault(faults ...sandbox.Fault) {
	w.t.Helper()
	if err := w.sandbox.Declare(faults...); err != nil {
		w.t.Fatal(err)
	}
}

// row reads the one row of a query, its columns separated by blanks.
func (w *world) row(query string, args ...any) string {
	w.t.Helper()
	rows := w.rows(fmt.Sprintf(query, args...))
	if len(rows) != 1 {
		w.t.Fatalf(query+": %d rows, want 1", append(args, len(rows))...)
	}
	return rows[0]
}

// states counts the changes of a run's plan by action and state: "add done 3, remove failed 1".
func (w *world) states(runID string) string {
	w.t.Helper()
	return strings.Join(w.rows("SELECT action, state, count(*) FROM rollcall.changes WHERE run_id = (SELECT coalesce(plan_run_id, run_id) FROM rollcall.runs WHERE run_id = "+quote(runID)+") GROUP BY ALL ORDER BY ALL"), ", ")
}

func (w *world) wantStates(run engine.Run, want string) {
	w.t.Helper()
	if got := w.states(run.RunID); got != want {
		w.t.Errorf("changes of the run: %s; want %s", got, want)
	}
}

// wantBooks wants the ledger's row of a run to agree with its changes, and the changes with the plan.
func (w *world) wantBooks(run engine.Run) {
	w.t.Helper()
	wantRows(w.t, w.rows(fmt.Sprintf(`
		SELECT r.n_to_add = c.adds, r.n_to_remove = c.removes, r.n_added = c.added, r.n_removed = c.removed, r.n_missing = c.missing, r.finished_at IS NOT NULL
		FROM rollcall.runs r, (SELECT
			count(*) FILTER (action = 'add') AS adds, count(*) FILTER (action = 'remove') AS removes,
			count(*) FILTER (action = 'add' AND state = 'done') AS added, count(*) FILTER (action = 'remove' AND state = 'done') AS removed,
			count(*) FILTER (state IN ('missing', 'asked_again')) AS missing
			FROM rollcall.changes WHERE run_id = (SELECT coalesce(plan_run_id, run_id) FROM rollcall.runs WHERE run_id = %[1]s)) c
		WHERE r.run_id = %[1]s`, quote(run.RunID))), "true true true true true true")
}

// wantOwned wants rollcall.members to hold exactly these contacts for a list.
func (w *world) wantOwned(listID string, want ...int) {
	w.t.Helper()
	var texts []string
	for _, n := range want {
		texts = append(texts, fmt.Sprint(n))
	}
	got := w.rows(fmt.Sprintf("SELECT record_id - %d FROM rollcall.members WHERE list_id = %s AND NOT coalesce(is_foreign, false) ORDER BY 1", firstContact-1, quote(listID)))
	if !slices.Equal(got, texts) {
		w.t.Errorf("rollcall.members has %v of list %s, want %v", got, listID, want)
	}
}

// wantConverged wants one more run to leave exactly these contacts on a mirrored list, with true books, and the run after
// that to change nothing at all.
func (w *world) wantConverged(sync, listID string, want ...int) {
	w.t.Helper()
	run := w.one(sync, engine.Succeeded)
	w.wantMembers(listID, want...)
	w.wantOwned(listID, want...)
	w.wantBooks(run)
	if run.Final == nil || *run.Final != int64(len(want)) {
		w.t.Errorf("the run that converges says %s members, want %d", number(run.Final), len(want))
	}
	if open := w.rows("SELECT run_id, action, record_id, state FROM rollcall.changes WHERE state IN ('sent', 'unknown')"); len(open) > 0 {
		w.t.Errorf("changes left open: %v", open)
	}
	before := w.sandbox.CountCalls(writes)
	run = w.one(sync, engine.Succeeded)
	if n := w.sandbox.CountCalls(writes) - before; n != 0 || *run.Added+*run.Removed != 0 || run.Plan.Add+run.Plan.Remove != 0 {
		w.t.Errorf("a run with nothing to do made %d writes: %+v", n, run)
	}
}

func number(n *int64) string {
	if n == nil {
		return "NULL"
	}
	return fmt.Sprint(*n)
}

// counts are n_added, n_removed, n_missing and n_final of a run.
func counts(run engine.Run) string {
	return strings.Join([]string{number(run.Added), number(run.Removed), number(run.Missing), number(run.Final)}, " ")
}

func wantCounts(t testing.TB, run engine.Run, want string) {
	t.Helper()
	if got := counts(run); got != want {
		t.Errorf("added, removed, missing, final: %s; want %s", got, want)
	}
}

// wantWords wants every word in the text.
func wantWords(t testing.TB, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q; want %q in it", cmp.Or(text, "(nothing)"), word)
		}
	}
}

// list makes a MANUAL list for records of a type.
func (w *world) list(id, name, objectType string) {
	w.t.Helper()
	if _, err := w.sandbox.CreateList(sandbox.ListInput{ID: id, Name: name, ObjectType: objectType}); err != nil {
		w.t.Fatal(err)
	}
}

// meanwhile does something between the reading of the lists and the first write of the next run.
func (w *world) meanwhile(do func()) {
	w.config.Events = on(func(p engine.Progress) {
		if p.Step == "current" && do != nil {
			do()
			do = nil
		}
	})
	w.reopen()
}

// on hands the events of one type to do.
func on[E engine.Event](do func(E)) func(engine.Event) {
	return func(event engine.Event) {
		if e, ok := event.(E); ok {
			do(e)
		}
	}
}

// reopen opens the engine anew with the world's configuration.
func (w *world) reopen() {
	w.t.Helper()
	if err := w.engine.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}

// whenCalled does something when the nth call from now on to a path with that end is under way, before it is answered.
func (w *world) whenCalled(path string, nth int, do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hooks = append(w.hooks, &hook{path, nth, do})
}

// hook is what whenCalled waits for.
type hook struct {
	path string
	left int
	do   func()
}

// hooked puts the hooks before a handler.
func (w *world) hooked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var due []func()
		w.mu.Lock()
		for _, h := range w.hooks {
			if strings.HasSuffix(r.URL.Path, h.path) {
				if h.left--; h.left == 0 {
					due = append(due, h.do)
				}
			}
		}
		w.mu.Unlock()
		for _, do := range due {
			do()
		}
		next.ServeHTTP(rw, r)
	})
}
