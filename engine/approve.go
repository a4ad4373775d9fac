package engine

import (
	"context"
	"database/sql"
	"errors"
)

// Approval is a yes to the plan of a blocked run.
type Approval struct {
	Sync   string // whose plan it is
	Undoes string // the run that the plan undoes; empty: the plan comes from the query
}

// Approve lets the plan of a blocked run pass, once: the next run of its sync, or undoing of the same run, applies it if it still has the same plan. by is
// who says so.
func (e *Engine) Approve(ctx context.Context, runID, by string) (Approval, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return Approval{}, err
	}
	defer conn.Close()
	var a Approval
	var state Status
	var hash string
	err = readRow(ctx, conn, "90_read_run", params{"run_id": runID}, &a.Sync, &state, &hash, &a.Undoes)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Approval{}, &UsageError{refuse("see the runs: rollcall history", "there is no run %s", runID)}
	case err != nil:
		return Approval{}, err
	case state != Blocked:
		return Approval{}, &UsageError{refuse("only a BLOCKED run waits for a yes", "run %s of %s is %s", runID, a.Sync, state)}
	}
	var given int64
	if err := readRow(ctx, conn, "91_count_approvals", params{"run_id": runID}, &given); err != nil {
		return Approval{}, err
	}
	if given > 0 {
		return a, nil
	}
	err = transaction(ctx, conn, func() error {
		_, err := exec(ctx, conn, "92_approve", params{"run_id": runID, "plan_hash": hash, "sync": a.Sync, "approved_by": by, "now": e.now()})
		return err
	})
	return a, err
}
