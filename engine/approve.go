package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/engine/ledger"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Approval is a yes to the plan of a blocked run, with that plan.
type Approval struct {
	RunID     string    `json:"run_id"` // the blocked run
	Sync      string    `json:"sync"`
	Undoes    string    `json:"undoes,omitempty"` // the run that the plan undoes; empty: the plan comes from the query
	By        string    `json:"approved_by"`      // who said it first
	At        time.Time `json:"approved_at"`
	ExpiresAt time.Time `json:"expires_at"`

	PlannedAt time.Time     `json:"planned_at"`
	ListID    string        `json:"list_id,omitempty"`
	MakesList string        `json:"makes_list,omitempty"` // the name of the list that the plan begins with making
	Kind      string        `json:"kind"`
	Target    string        `json:"target,omitempty"` // what the changes are about: a list's ID, an object type, or both of an association; empty where there are none
	Current   int64         `json:"n_current_before"`
	Add       int64         `json:"n_to_add"`
	Remove    int64         `json:"n_to_remove"`
	Update    int64         `json:"n_to_update,omitempty"` // records whose values change
	Error     string        `json:"error"`                 // the guards that stopped it
	Sample    []plan.Change `json:"sample"`                // the first removals, and changes that clear a value
}

// sampledRemovals is how many removals an approval shows: what a person has to look at before the yes.
const sampledRemovals = 20

// Approve lets the plan of a blocked run pass, once: what names the run by the beginning of its ID, or by its sync, which means the run of
// that sync that was blocked last. For as long as Config.ApprovalTTL says, a plan of the same sync, or of undoing the same run, passes if all
// that it removes is in the blocked plan; see the view rollcall.approval_status for what ends that sooner. by is who says so. Saying it
// again changes nothing. A run that is unknown, or not blocked, or whose plan is applied, superseded, or was approved too long ago, is a
// hint.UsageError.
func (e *Engine) Approve(ctx context.Context, what, by string) (Approval, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return Approval{}, err
	}
	defer conn.Close()
	runID, err := findBlocked(ctx, conn, what)
	if err != nil {
		return Approval{}, err
	}
	a, err := readBlocked(ctx, conn, runID)
	if err != nil {
		return Approval{}, err
	}
	// Without the lease, which a run may hold for long: it writes the table of approvals alone.
	return a, conn.Transaction(ctx, func() error { return e.approve(ctx, conn, &a, by) })
}

// approve writes the approval and judges it as any other, unless there is one that counts. The error ends the transaction: one that lets
// nothing pass is not kept.
func (e *Engine) approve(ctx context.Context, conn *warehouse.Conn, a *Approval, by string) error {
	now := e.now()
	void, err := e.judgeApprovals(ctx, conn, a, now)
	if err == nil && void == "" && a.ExpiresAt.After(now) || err != nil && !errors.Is(err, warehouse.ErrNoRows) {
		return err
	}
	if _, err := conn.Exec(ctx, queries.Approve, warehouse.Args{"run_id": a.RunID, "approved_by": by, "now": now}); err != nil {
		return err
	}
	if void, err = e.judgeApprovals(ctx, conn, a, now); err != nil {
		return err
	}
	// The view rollcall.approval_status has judged it, as it does for runs, by all that has happened since the plan was
	// blocked.
	anew := "plan it anew, and approve that if it is blocked: rollcall " + a.Command()
	switch {
	case void != "":
		return hint.Usage(anew, "run %s can't be approved: %s", a.RunID, void)
	case !a.ExpiresAt.After(now):
		return hint.Usage(anew, "run %s can't be approved: its approval of %s expired at %s", a.RunID, moment(a.At), moment(a.ExpiresAt))
	}
	return nil
}

// judgeApprovals reads the approval of the run that counts first, or why the latest counts for nothing; [warehouse.ErrNoRows] where there is none.
func (e *Engine) judgeApprovals(ctx context.Context, conn *warehouse.Conn, a *Approval, now time.Time) (void string, err error) {
	if err := ledger.CompleteApprovals(ctx, conn, now, e.config.ApprovalTTL); err != nil {
		return "", err
	}
	err = conn.ReadRow(ctx, queries.JudgeApproval, warehouse.Args{"run_id": a.RunID}, &a.By, &a.At, &a.ExpiresAt, &void)
	return void, err
}

// Command returns what applies the plan, without the program's name.
func (a Approval) Command() string {
	if a.Undoes != "" {
		return "undo " + a.Undoes
	}
	return "run " + a.Sync
}

// moment formats a time as the ledger's sentences have it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// readBlocked reads the plan of a blocked run: its figures and its first removals. A run with another status is a
// hint.UsageError.
func readBlocked(ctx context.Context, conn *warehouse.Conn, runID string) (Approval, error) {
	a := Approval{RunID: runID}
	var state Status
	err := conn.ReadRow(ctx, queries.ReadRun, warehouse.Args{"run_id": runID}, &a.Sync, &a.Kind, &state, &a.Undoes, &a.PlannedAt, &a.ListID, &a.MakesList, &a.Target, &a.Current, &a.Add, &a.Remove, &a.Update, &a.Error)
	if err != nil {
		return Approval{}, err
	}
	if state != Blocked {
		return Approval{}, hint.Usage("only a BLOCKED run waits for a yes", "run %s of %s is %s", runID, a.Sync, state)
	}
	a.Sample, err = readChanges(ctx, conn, queries.SampleRemovals, warehouse.Args{"run_id": runID, "limit": sampledRemovals})
	return a, err
}

// findBlocked returns the run that what names: a sync's name, for the run of it that was blocked last, or the beginning
// of a run's ID. The sync's name is tried first, because people use it, and a sync without a blocked run is not taken for
// the beginning of an ID.
func findBlocked(ctx context.Context, conn *warehouse.Conn, what string) (runID string, err error) {
	err = conn.ReadRow(ctx, queries.FindBlocked, warehouse.Args{"sync": what}, &runID)
	if !errors.Is(err, warehouse.ErrNoRows) {
		return runID, err
	}
	_, found, err := control.Find(ctx, conn, what)
	if err != nil {
		return "", err
	}
	if found {
		return "", hint.Usage("see its state: rollcall status "+what, "no run of %s is BLOCKED", what)
	}
	return findRun(ctx, conn, what)
}

// findRun returns the ID of the one run whose ID begins so, in either case. None, or several, is a hint.UsageError, which
// lists up to three of them.
func findRun(ctx context.Context, conn *warehouse.Conn, beginning string) (string, error) {
	const most = 4
	var ids, told []string
	err := conn.ReadRows(ctx, queries.FindRuns, warehouse.Args{"beginning": beginning, "limit": most}, func(scan func(...any) error) error {
		var id, name string
		var state Status
		err := scan(&id, &name, &state)
		ids, told = append(ids, id), append(told, fmt.Sprintf("%s (%s, %s)", id, syncspec.ShowName(name), state))
		return err
	})
	switch {
	case err != nil:
		return "", err
	case len(ids) == 0 || beginning == "":
		return "", hint.Usage("see the runs: rollcall history", "there is no run %s", beginning)
	case len(ids) == 1 || strings.EqualFold(ids[0], beginning):
		return ids[0], nil
	case len(ids) == most:
		told[most-1] = "…"
	}
	return "", hint.Usage("give more of the ID: "+strings.Join(told, ", "), "several runs begin with %s", beginning)
}
