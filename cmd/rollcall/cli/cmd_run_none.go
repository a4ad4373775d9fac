package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/syncspec"
)

// idle is the output of a run that had nothing to do: the reason, the next run that is due, and the syncs that need attention.
type idle struct {
	Message string        `json:"message"`
	Next    *idleNext     `json:"next,omitempty"`
	NotWell []idleNotWell `json:"not_well,omitempty"`
}

type idleNext struct {
	Sync      string    `json:"sync"`
	NextRunAt time.Time `json:"next_run_at"`
}

type idleNotWell struct {
	Sync   string `json:"sync"`
	State  string `json:"state"`
	Detail string `json:"detail"`
	Hint   string `json:"hint"`
}

// nothingRan prints why no sync has run, which one is due next, and which ones need attention.
func (a *app) nothingRan(ctx context.Context, e *engine.Engine, o engine.RunOptions) error {
	all, err := e.Status(ctx, nil)
	if err != nil {
		return err
	}
	i := idleOf(all, o)
	if a.json {
		return writeJSON(a.out, i)
	}
	line := i.Message
	if i.Next != nil {
		line += fmt.Sprintf("; next: %s at %s UTC", syncspec.ShowName(i.Next.Sync), moment(&i.Next.NextRunAt))
	}
	show(a.out, "%s\n", line)
	for _, s := range i.NotWell {
		a.printSyncError(zerolog.WarnLevel, s.Sync, s.State, cmp.Or(s.Detail, "-"), s.Hint)
	}
	return nil
}

// idleOf derives from the status of all syncs why none has run.
func idleOf(all []engine.SyncStatus, o engine.RunOptions) idle {
	i := idle{Message: "no sync is due"}
	enabled := false
	for _, s := range all {
		enabled = enabled || s.Enabled
		if s.NextRunAt != nil && (i.Next == nil || s.NextRunAt.Before(i.Next.NextRunAt)) {
			i.Next = &idleNext{s.Sync, s.NextRunAt.UTC()}
		}
		if hint := nextStep(s); s.Enabled && hint != "" {
			i.NotWell = append(i.NotWell, idleNotWell{s.Sync, s.State, deref(s.Detail), hint})
		}
	}
	switch {
	case len(all) == 0:
		i.Message = noSyncs
	case !enabled:
		i.Message = "no sync is enabled"
	case o.Failed:
		return idle{Message: "no sync that was asked for is FAILED"}
	}
	return i
}

// noSyncs is printed when the control table is empty.
const noSyncs = "there are no syncs: INSERT INTO rollcall.syncs (name, query, list_id) VALUES (...)"

// nextStep returns what to do about a sync that did not succeed, "" if it did.
func nextStep(s engine.SyncStatus) string {
	if s.HeldRunner {
		return deref(s.WhatToDo)
	}
	switch engine.Status(s.State) {
	case engine.Failed:
		return fmt.Sprintf("it is tried again at %s UTC; at once: rollcall run --failed", moment(s.NextRunAt))
	case engine.Blocked, engine.Partial, engine.Interrupted:
		return deref(s.WhatToDo)
	}
	return ""
}
