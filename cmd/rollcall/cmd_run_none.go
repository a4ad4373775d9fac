package main

import (
	"cmp"
	"context"
	"fmt"

	"rollcall/engine"
)

// nothingRan says why no sync has run, what comes next, and which syncs are not well.
func (a *app) nothingRan(ctx context.Context, e *engine.Engine, o engine.RunOptions) error {
	all, err := e.Status(ctx, nil)
	if err != nil {
		return err
	}
	var next *engine.Standing
	enabled := false
	for i, s := range all {
		enabled = enabled || s.Enabled
		if s.NextRunAt != nil && (next == nil || s.NextRunAt.Before(*next.NextRunAt)) {
			next = &all[i]
		}
	}
	line := "no sync is due"
	switch {
	case len(all) == 0:
		line = noSyncs
	case !enabled:
		line = "no sync is enabled"
	case o.Failed:
		line = "no sync that was asked for is FAILED"
	case next != nil:
		line += fmt.Sprintf("; next: %s at %s UTC", next.Sync, moment(next.NextRunAt))
	}
	if _, err := fmt.Fprintln(a.out, line); err != nil || o.Failed {
		return err
	}
	for _, s := range all {
		if hint := helps(s); s.Enabled && hint != "" {
			tell(a.err, "  ", fmt.Sprintf("%s is %s: %s", s.Sync, s.State, cmp.Or(words(s.Detail), "-")), hint)
		}
	}
	return nil
}

// noSyncs is what there is to say where the control table is empty.
const noSyncs = "there are no syncs: INSERT INTO rollcall.syncs (name, query, list_id) VALUES (...)"

// helps is what to do about a sync that did not end well; "" where it did.
func helps(s engine.Standing) string {
	switch engine.Status(s.State) {
	case engine.Failed:
		return fmt.Sprintf("it is tried again at %s UTC; at once: rollcall run --failed", moment(s.NextRunAt))
	case engine.Blocked, engine.Partial, engine.Interrupted:
		return words(s.WhatToDo)
	}
	return ""
}
