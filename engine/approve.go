package engine

import (
	"context"
	"database/sql"
	"errors"
)

// Approve lets the plan of a blocked run pass, once: the next run of its sync applies it if it still has the same plan. by is
// who says so.
func (e *Engine) Approve(ctx context.Context, runID, by string) (sync string, err error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	var state Status
	var hash string
	err = readRow(ctx, conn, "90_read_run", params{"run_id": runID}, &sync, &state, &hash)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", &UsageError{refuse("see the runs: rollcall history", "there is no run %s", runID)}
	case err != nil:
		return "", err
	case state != Blocked:
		return "", &UsageError{refuse("only a BLOCKED run waits for a yes", "run %s of %s is %s", runID, sync, state)}
	}
	var given int64
	if err := readRow(ctx, conn, "91_count_approvals", params{"run_id": runID}, &given); err != nil {
		return "", err
	}
	if given > 0 {
		return sync, nil
	}
	err = transaction(ctx, conn, func() error {
		_, err := exec(ctx, conn, "92_approve", params{"run_id": runID, "plan_hash": hash, "sync": sync, "approved_by": by, "now": e.now()})
		return err
	})
	return sync, err
}
