package ledger

import (
	"context"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
)

// caller is whose calls the ledger is handed: a run, or, without an ID, what is no run.
type caller struct {
	runID, sync string
	calls       *kind.CallLog
}

// writeWithCalls is write, in a transaction that also keeps the calls which the callers have made since the last time, so
// that those of a run that dies are known as far as they were made. Where there are none it is write alone. Calls are
// marked as kept only after the commit: a transaction that failed leaves them for the next one.
func (l *Ledger) writeWithCalls(ctx context.Context, conn *warehouse.Conn, step string, callers []caller, do func(context.Context) error) error {
	staged, err := stageCalls(context.WithoutCancel(ctx), conn, callers)
	if err != nil {
		return err
	}
	err = l.write(ctx, conn, step, func(ctx context.Context) error {
		if len(staged) > 0 {
			if err := conn.ExecAll(ctx, queries.RecordCalls); err != nil {
				return err
			}
		}
		return do(ctx)
	})
	if err != nil {
		return err
	}
	for l, n := range staged {
		l.Keep(n)
	}
	return nil
}

// stageCalls loads the calls that the ledger does not have yet into the temp table calls, and returns how many are of
// each log. It comes before the transaction, which may be run again.
func stageCalls(ctx context.Context, conn *warehouse.Conn, callers []caller) (staged map[*kind.CallLog]int, err error) {
	staged = map[*kind.CallLog]int{}
	load := conn.Loader("calls")
	for _, from := range callers {
		for _, c := range from.calls.Unkept() {
			if len(staged) == 0 {
				if err := conn.ExecAll(ctx, queries.StageCalls); err != nil {
					return nil, err
				}
			}
			staged[from.calls]++
			if err := load.Add(warehouse.NullText(from.runID), from.sync, c.At.UTC(), c.Operation, c.Method, c.Path, int32(c.Status), int32(c.Attempt),
				c.Duration.Seconds()*1000, int64(c.Items), c.RetryAfter.Seconds()*1000, c.CorrelationID, c.Err); err != nil {
				return nil, err
			}
		}
	}
	return staged, load.Flush()
}
