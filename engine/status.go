package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"rollcall/engine/control"
	"rollcall/engine/warehouse"
)

// SyncStatus is a row of the view rollcall.status, where the COMMENTs of the columns say what they mean. What is not known
// is nil.
type SyncStatus struct {
	Sync          string     `json:"sync"`
	State         string     `json:"state"` // a Status, NEVER_RUN or DISABLED
	LastRunAt     *time.Time `json:"last_run_at"`
	LastSuccessAt *time.Time `json:"last_success_at"`
	ListID        *string    `json:"list_id"`
	ListName      *string    `json:"list_name"`
	Kind          string     `json:"kind"`
	ObjectType    *string    `json:"object_type"`
	ToObjectType  *string    `json:"to_object_type"` // of an association
	Members       *int64     `json:"members"`
	Records       *int64     `json:"records"`
	Links         *int64     `json:"links"`
	Added         *int64     `json:"n_added"`
	Updated       *int64     `json:"n_updated"`
	Removed       *int64     `json:"n_removed"`
	Unmatched     *int64     `json:"n_unmatched"`
	Invalid       *int64     `json:"n_invalid"`
	Drift         *int64     `json:"n_drift"`
	Detail        *string    `json:"detail"`
	Warning       *string    `json:"warning"`
	// NextRunAt is when a run without names takes the sync next, as the row is now; a time that has passed is due. nil: it is
	// disabled, or the next run takes it.
	NextRunAt *time.Time `json:"next_run_at"`
	Enabled   bool       `json:"enabled"`
	Due       bool       `json:"due"` // a run without names would take it now
	// HeldRunner says that the row's query held the runner: only a run that names the sync takes it.
	HeldRunner bool    `json:"held_runner,omitempty"`
	WhatToDo   *string `json:"what_to_do"`
	RunID      *string `json:"run_id"`
}

// Status reads the status of the syncs that names and patterns select: all where there are none. A name that selects no row does not stop
// the others, and is a hint.UsageError beside them. A sync whose runner is gone is INTERRUPTED: where no other
// process can have the database open, that is any that is RUNNING.
func (e *Engine) Status(ctx context.Context, names []string) ([]SyncStatus, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	rows, refused, err := control.Select(ctx, conn, names)
	if err != nil || len(rows) == 0 {
		return nil, errors.Join(err, refused.Err())
	}
	last, err := control.ReadLastRuns(ctx, conn, e.now(), e.exclusive)
	if err != nil {
		return nil, err
	}
	var all []SyncStatus
	var chosen []string
	for _, row := range rows {
		if len(names) > 0 {
			chosen = append(chosen, row.Name)
		}
	}
	err = conn.ReadRows(ctx, queries.ReadStatus, warehouse.Args{"syncs": notNil(chosen), "exclusive": e.exclusive}, func(scan func(...any) error) error {
		var s SyncStatus
		err := scan(&s.Sync, &s.State, &s.LastRunAt, &s.LastSuccessAt, &s.ListID, &s.ListName, &s.Kind, &s.ObjectType, &s.ToObjectType, &s.Members, &s.Records, &s.Links, &s.Added, &s.Updated, &s.Removed, &s.Unmatched, &s.Invalid, &s.Drift, &s.Detail, &s.Warning, &s.NextRunAt, &s.WhatToDo, &s.RunID)
		s.NextRunAt = nil // the view's is of the last run; the row may have changed since
		if i := slices.IndexFunc(rows, func(row control.Selection) bool { return row.Name == s.Sync }); i >= 0 && rows[i].Enabled {
			s.Enabled, s.HeldRunner = true, last.HeldRunner(rows[i])
			s.Due = !s.HeldRunner && last.IsDue(rows[i], e.now())
			if next := last.Next(rows[i]); !next.IsZero() && !s.HeldRunner {
				s.NextRunAt = &next
			}
		}
		all = append(all, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, refused.Err()
}

// RunSummary is a row of the view rollcall.history, where the COMMENTs of the columns say what they mean. What the run did
// not reach is nil.
type RunSummary struct {
	RunAt     time.Time `json:"run_at"`
	Sync      string    `json:"sync"`
	Status    Status    `json:"status"`
	ListID    *string   `json:"list_id"`
	ListName  *string   `json:"list_name"`
	Kind      string    `json:"kind"`
	Emails    *int64    `json:"n_emails"`
	Current   *int64    `json:"n_current_before"`
	ToAdd     *int64    `json:"n_to_add"`
	ToRemove  *int64    `json:"n_to_remove"`
	Added     *int64    `json:"n_added"`
	Updated   *int64    `json:"n_updated"`
	Unchanged *int64    `json:"n_unchanged"`
	Removed   *int64    `json:"n_removed"`
	Missing   *int64    `json:"n_missing"`
	Unmatched *int64    `json:"n_unmatched"`
	Invalid   *int64    `json:"n_invalid"`
	Final     *int64    `json:"n_final"`
	Drift     *int64    `json:"n_drift"`
	APICalls  *int64    `json:"api_calls"`
	Retries   *int64    `json:"api_retries"`
	Seconds   *float64  `json:"seconds"`
	Detail    *string   `json:"detail"`
	Error     *string   `json:"error"`
	Hint      *string   `json:"hint"`
	Warning   *string   `json:"warning"`
	MadeList  bool      `json:"made_list"`
	RunID     string    `json:"run_id"`
}

// History reads the latest runs, newest first, at most limit of them, of the syncs that names and patterns select; of all where there
// are none. A name that was never run, or is no sync any more, is no error: the ledger outlives the row.
func (e *Engine) History(ctx context.Context, names []string, limit int) ([]RunSummary, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	ran, err := thatRan(ctx, conn, names)
	if err != nil || len(names) > 0 && len(ran) == 0 {
		return nil, err
	}
	var all []RunSummary
	err = conn.ReadRows(ctx, queries.ReadHistory, warehouse.Args{"syncs": notNil(ran), "limit": limit}, func(scan func(...any) error) error {
		var p RunSummary
		err := scan(&p.RunAt, &p.Sync, &p.Status, &p.ListID, &p.ListName, &p.Kind, &p.Emails, &p.Current, &p.ToAdd, &p.ToRemove, &p.Added, &p.Updated, &p.Unchanged, &p.Removed, &p.Missing, &p.Unmatched, &p.Invalid, &p.Final, &p.Drift, &p.APICalls, &p.Retries, &p.Seconds, &p.Detail, &p.Error, &p.Hint, &p.Warning, &p.MadeList, &p.RunID)
		all = append(all, p)
		return err
	})
	return all, err
}

// thatRan returns the syncs in the ledger that names and patterns select; none where names is empty, which means all.
func thatRan(ctx context.Context, conn *warehouse.Conn, names []string) (ran []string, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	err = conn.ReadRows(ctx, queries.ReadRan, nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		if slices.ContainsFunc(names, func(asked string) bool { return control.Matches(asked, name) }) {
			ran = append(ran, name)
		}
		return err
	})
	return ran, err
}

// notNil returns an empty list for none: NULL would ask for nothing.
func notNil(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}
