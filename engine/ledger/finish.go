package ledger

import (
	"context"
	"time"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Finish writes the ends of runs and their calls in one transaction: with the plans of those that had nothing to write
// before, and with what their kinds write. The error is a LedgerError where the database did not take it; none of it is
// written then.
func (l *Ledger) Finish(ctx context.Context, conn *warehouse.Conn, ended []*Entry, remember []func(context.Context) error) error {
	keep := context.WithoutCancel(ctx)
	var callers []caller
	var planned []*Run
	for _, t := range ended {
		callers = append(callers, t.caller())
		if t.Quiet && t.Run.Plan != nil {
			planned = append(planned, &t.Run)
		}
	}
	if err := stageEnds(keep, conn, ended); err != nil {
		return Unwritten(err)
	}
	if err := stagePlans(keep, conn, planned...); err != nil {
		return Unwritten(err)
	}
	return l.writeWithCalls(ctx, conn, "finish run", callers, func(ctx context.Context) error {
		if len(planned) > 0 {
			if err := conn.ExecAll(ctx, queries.RecordPlans); err != nil {
				return err
			}
		}
		for _, write := range remember {
			if err := write(ctx); err != nil {
				return err
			}
		}
		return conn.ExecAll(ctx, queries.FinishRuns)
	})
}

// stageEnds loads the ends of runs into the temp table rollcall_ended, from which one statement writes all of them: on a
// remote database a statement is a round trip.
func stageEnds(ctx context.Context, conn *warehouse.Conn, ended []*Entry) error {
	if err := conn.ExecAll(ctx, queries.StageEnds); err != nil {
		return err
	}
	load := conn.Loader("rollcall_ended")
	for _, t := range ended {
		r := &t.Run
		if err := load.Add(
			r.RunID, warehouse.NullText(r.ListID), string(r.Status), warehouse.NullText(r.Detail), warehouse.NullText(r.Error), warehouse.NullText(r.Hint), warehouse.NullText(r.Warning),
			nullInt(r.Added), nullInt(r.Removed), nullInt(r.Updated), nullInt(r.Unchanged), nullInt(r.Missing), nullInt(r.Final), nullInt(r.Drift),
			r.Verified, r.HeldRunner, r.APICalls, r.APIRetries, r.Seconds, nullTime(r.NextRunAt), r.FinishedAt,
		); err != nil {
			return err
		}
	}
	return load.Flush()
}

// stagePlans loads the figures of the runs' plans into the temp table rollcall_planned. Every run has a plan.
func stagePlans(ctx context.Context, conn *warehouse.Conn, runs ...*Run) error {
	if len(runs) == 0 {
		return nil
	}
	if err := conn.ExecAll(ctx, queries.StagePlans); err != nil {
		return err
	}
	load := conn.Loader("rollcall_planned")
	for _, r := range runs {
		p := r.Plan
		var target, makesList, toUpdate any
		if p.ObjectType != "" {
			toUpdate = p.Update
		}
		if p.ObjectType != "" || p.Association != "" {
			target = p.Target()
		}
		if p.MakesList() {
			makesList = p.ListName
		}
		if err := load.Add(
			r.RunID, warehouse.NullText(p.ListID), target, makesList, p.Hash, warehouse.NullText(r.PlanRunID), warehouse.NullText(r.ApprovedRun), warehouse.NullText(plan.GuardsOf(p.Violations)),
			p.Desired.Rows, p.Desired.Blank, p.Desired.Duplicate, p.Desired.Invalid, p.Desired.Keys, p.Resolved, p.Unmatched, p.Current, p.Add, p.Remove, toUpdate,
		); err != nil {
			return err
		}
	}
	return load.Flush()
}

// nullInt returns the number, or nil, which is SQL's NULL.
func nullInt(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// nullTime returns the time in UTC, or nil, which is SQL's NULL.
func nullTime(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC()
}
