package engine

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// journal keeps, in a file beside the control database, what HubSpot answered while the ledger could not be written. The next run
// takes it in. A line is a batch, on the disk before the run ends; it holds record IDs, and no addresses. Nothing is written as
// long as the ledger works, since what is sent is in the ledger before.
type journal struct {
	path string // empty: there is nowhere to keep one, as with a database in memory
}

// ending is how a run ended that the engine's silence kept out of the ledger.
type ending struct {
	Status     Status    `json:"status"`
	Error      string    `json:"error"`
	Hint       string    `json:"hint"`
	HeldRunner bool      `json:"held_runner"`
	FinishedAt time.Time `json:"finished_at"`
}

// entry is a line of the journal: what became of a batch, or of a run.
type entry struct {
	RunID    string         `json:"run_id"`
	ListID   string         `json:"list_id"`
	Batch    int64          `json:"batch"`
	Outcomes []plan.Outcome `json:"outcomes"`
	Ended    *ending        `json:"ended,omitempty"` // in place of a batch: how the run ended
}

// JournalError says that the ledger could not be written after HubSpot had answered. Nothing more was sent.
type JournalError struct {
	Path string // where what was sent is kept; empty where it could not be
	Err  error
}

// Error says why the ledger could not be written, and why the journal could not either.
func (e *JournalError) Error() string { return "the ledger can't be written: " + e.Err.Error() }

// Unwrap is the cause.
func (e *JournalError) Unwrap() error { return e.Err }

// Hint says where to find what was sent.
func (e *JournalError) Hint() string {
	if e.Path == "" {
		return "nothing more was sent; run it again when the database can be written: the next run finds out from the list what was done"
	}
	return "nothing more was sent; what was is kept in " + e.Path + ", and the next run takes it in: run it again when the database can be written"
}

// newJournal says where the journal of a control database is: beside the local file, or in a folder of the user's. In a folder that
// several databases share, the name tells them apart.
func newJournal(folder, path, name string) journal {
	if folder == "" && path != "" {
		return journal{path + ".journal"}
	}
	if path == "" && name == "memory" {
		return journal{}
	}
	if folder == "" {
		state := os.Getenv("XDG_STATE_HOME")
		if state == "" {
			state, _ = os.UserCacheDir() // none: the working directory has to do
		}
		folder = filepath.Join(state, "rollcall")
	}
	sum := sha256.Sum256([]byte(cmp.Or(path, "md:"+name)))
	return journal{filepath.Join(folder, filepath.Base(cmp.Or(path, name))+"-"+hex.EncodeToString(sum[:4])+".journal")}
}

// keep appends a line and waits until it is on the disk.
func (j journal) keep(e entry) error {
	if j.path == "" {
		return errors.New("keep journal: a database in memory has none")
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("keep journal: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return fmt.Errorf("keep journal: %w", err)
	}
	file, err := os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep journal: %w", err)
	}
	// It begins with a line's end, so that a line that was cut off before it stays alone.
	_, err = file.Write(append(append([]byte{'\n'}, line...), '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("keep journal: %w", err)
	}
	return syncFolder(filepath.Dir(j.path))
}

// syncFolder makes the name of a new file last. Not every system can do that to a folder, and the file's contents are safe by then.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return nil
	}
	_ = f.Sync()
	return f.Close()
}

// read returns the lines that are whole, and how many are not.
func (j journal) read() (entries []entry, cut int, err error) {
	if j.path == "" {
		return nil, 0, nil
	}
	data, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	} else if err != nil {
		return nil, 0, fmt.Errorf("read journal: %w", err)
	}
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var e entry
		if json.Unmarshal(line, &e) != nil {
			cut++
			continue
		}
		entries = append(entries, e)
	}
	return entries, cut, nil
}

// drop removes the journal after its replay; one with lines of unknown runs is kept under another name.
func (j journal) drop(unknownRuns int64) error {
	if unknownRuns == 0 {
		return os.Remove(j.path)
	}
	return os.Rename(j.path, strings.TrimSuffix(j.path, ".journal")+".journal.unknown")
}

// stageJournal loads the entries into the temp table rollcall_journal. Outcomes without a number get that of the change that they fit.
func stageJournal(ctx context.Context, conn *warehouse.Conn, entries []entry) error {
	if err := conn.ExecAll(ctx, queries.StageJournal); err != nil {
		return err
	}
	load := conn.Loader("rollcall_journal")
	numbered := true
	for _, e := range entries {
		for _, o := range e.Outcomes {
			numbered = numbered && o.N > 0
			if err := load.Add(e.RunID, e.ListID, e.Batch, nullNumber(o.N), o.Action, o.RecordID, o.State, warehouse.NullText(o.Reason)); err != nil {
				return err
			}
		}
	}
	if err := load.Flush(); err != nil || numbered {
		return err
	}
	return conn.ExecAll(ctx, queries.NumberJournal)
}

// nullNumber returns nil, SQL's NULL, for 0.
func nullNumber(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// replayJournal applies the outcomes that an earlier run could not write to the ledger. It touches only changes without an answer in the
// ledger, so that replaying twice, or after the changes were reconciled with the list, changes nothing.
func (r *runner) replayJournal(ctx context.Context, conn *warehouse.Conn) error {
	j := r.engine.journal
	entries, cut, err := j.read()
	if err != nil || len(entries)+cut == 0 {
		return err
	}
	if err := stageJournal(ctx, conn, entries); err != nil {
		return err
	}
	var unknownRuns int64
	if err := conn.ReadRow(ctx, queries.CountUnknownRuns, nil, &unknownRuns); err != nil {
		return err
	}
	taken, err := r.ledger.take(ctx, conn, entries, r.engine.replay)
	if err != nil {
		return err
	}
	log := r.engine.config.Log.Warn().Str("journal", j.path).Int("batches", len(entries)).Int64("changes", taken)
	if cut > 0 {
		log = log.Int("cut_off", cut)
	}
	if unknownRuns > 0 {
		log = log.Int64("of_unknown_runs", unknownRuns)
	}
	log.Msg("took in what the ledger could not be told before")
	r.engine.config.Failpoint("before drop journal")
	defer r.engine.config.Failpoint("after drop journal")
	return j.drop(unknownRuns)
}

// take writes the ends of runs, the outcomes of the temp table rollcall_journal, and what the kinds know of HubSpot by them.
func (l *ledger) take(ctx context.Context, conn *warehouse.Conn, entries []entry, replay func(context.Context, *warehouse.Conn, time.Time) error) (taken int64, err error) {
	now := l.now()
	err = l.write(ctx, conn, "take in journal", func(ctx context.Context) error {
		for _, e := range entries {
			if e.Ended == nil {
				continue
			}
			if _, err := conn.Exec(ctx, queries.TakeEnd, warehouse.Args{
				"run_id": e.RunID, "status": string(e.Ended.Status), "error": e.Ended.Error, "hint": e.Ended.Hint,
				"held_runner": e.Ended.HeldRunner, "finished_at": e.Ended.FinishedAt,
			}); err != nil {
				return err
			}
		}
		if err := conn.ExecAll(ctx, queries.StageTaken); err != nil {
			return err
		}
		runs, err := readIDs(ctx, conn, queries.FindTaken, nil)
		if err != nil || len(runs) == 0 {
			return err
		}
		if taken, err = conn.Exec(ctx, queries.TakeChanges, warehouse.Args{"now": now}); err != nil {
			return err
		}
		if err := replay(ctx, conn, now); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, queries.RecountRuns, warehouse.Args{"runs": runs}); err != nil {
			return err
		}
		return conn.ExecAll(ctx, queries.NoteJournal)
	})
	return taken, err
}

// replay lets every kind bring what it knows of HubSpot in step with outcomes that were taken in at now.
func (e *Engine) replay(ctx context.Context, conn *warehouse.Conn, now time.Time) error {
	for _, d := range e.config.Drivers {
		if d.Replay == nil {
			continue
		}
		if err := d.Replay(ctx, conn, now); err != nil {
			return err
		}
	}
	return nil
}
