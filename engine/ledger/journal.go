package ledger

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

	"github.com/rs/zerolog"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Journal keeps, in a file beside the control database, what HubSpot answered while the ledger could not be written. The next run
// takes it in. A line is a batch, on the disk before the run ends; it holds record IDs, and no addresses. Nothing is written as
// long as the ledger works, since what is sent is in the ledger before.
type Journal struct {
	Path string // empty: there is nowhere to keep one, as with a database in memory
}

// Ending is how a run ended that the engine's silence kept out of the ledger.
type Ending struct {
	Status     Status    `json:"status"`
	Error      string    `json:"error"`
	Hint       string    `json:"hint"`
	HeldRunner bool      `json:"held_runner"`
	FinishedAt time.Time `json:"finished_at"`
}

// JournalLine is a line of the journal, as JSON: the outcome of a batch, or of a run. Later versions must be able to read
// what earlier ones have written.
type JournalLine struct {
	RunID    string         `json:"run_id"`
	ListID   string         `json:"list_id"`
	Batch    int64          `json:"batch"` // the first of the wave
	Outcomes []plan.Outcome `json:"outcomes"`
	Ended    *Ending        `json:"ended,omitempty"` // in place of a batch: how the run ended
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

// NewJournal returns where the journal of a control database is: beside the local file, or in a folder of the user's
// ($XDG_STATE_HOME, or else the user's cache folder). folder is the setting; "" is none. path is that of a local file and
// "" otherwise; name is the database's name in SQL. In a folder that several databases share, the name tells them apart.
func NewJournal(folder, path, name string) Journal {
	if folder == "" && path != "" {
		return Journal{path + ".journal"}
	}
	if path == "" && name == "memory" {
		return Journal{}
	}
	if folder == "" {
		state := os.Getenv("XDG_STATE_HOME")
		if state == "" {
			state, _ = os.UserCacheDir() // none: the working directory has to do
		}
		folder = filepath.Join(state, "rollcall")
	}
	sum := sha256.Sum256([]byte(cmp.Or(path, "md:"+name)))
	return Journal{filepath.Join(folder, filepath.Base(cmp.Or(path, name))+"-"+hex.EncodeToString(sum[:4])+".journal")}
}

// Keep appends a line and waits until it is on the disk. Nobody but the user may read the file. The error means that the
// line may be lost.
func (j Journal) Keep(e JournalLine) error {
	if j.Path == "" {
		return errors.New("keep journal: a database in memory has none")
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("keep journal: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(j.Path), 0o700); err != nil {
		return fmt.Errorf("keep journal: %w", err)
	}
	file, err := os.OpenFile(j.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep journal: %w", err)
	}
	// It begins with a line's end, so that a line that was cut off before it stays alone.
	_, err = file.Write(append(append([]byte{'\n'}, line...), '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("keep journal: %w", err)
	}
	return syncFolder(filepath.Dir(j.Path))
}

// syncFolder makes the name of a new file last a loss of power, which syncing the file does not do. Not every system can
// do that to a folder, and the file's contents are safe by then.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return nil
	}
	_ = f.Sync()
	return f.Close()
}

// Read returns the lines that are whole, and how many are not, such as one that a full disk cut off. Without a journal
// there are none.
func (j Journal) Read() (entries []JournalLine, cut int, err error) {
	if j.Path == "" {
		return nil, 0, nil
	}
	data, err := os.ReadFile(j.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	} else if err != nil {
		return nil, 0, fmt.Errorf("read journal: %w", err)
	}
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var e JournalLine
		if json.Unmarshal(line, &e) != nil {
			cut++
			continue
		}
		entries = append(entries, e)
	}
	return entries, cut, nil
}

// Drop removes the journal after its replay; one with lines of unknown runs is kept under another name.
func (j Journal) Drop(unknownRuns int64) error {
	if unknownRuns == 0 {
		return os.Remove(j.Path)
	}
	return os.Rename(j.Path, strings.TrimSuffix(j.Path, ".journal")+".journal.unknown")
}

// StageJournal loads the entries into the temp table rollcall_journal. Outcomes without a number, from versions that did
// not number changes, get that of the change that they fit. A preview calls it, too, and writes nothing by it.
func StageJournal(ctx context.Context, conn *warehouse.Conn, entries []JournalLine) error {
	if err := conn.ExecAll(ctx, queries.StageJournal); err != nil {
		return err
	}
	load := conn.Loader("rollcall_journal")
	numbered := true
	for _, e := range entries {
		for _, o := range e.Outcomes {
			numbered = numbered && o.N > 0
			if err := load.Add(e.RunID, e.ListID, e.Batch, nullNumber(o.N), o.Action, nullNumber(o.RecordID), o.State, warehouse.NullText(o.Reason)); err != nil {
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

// Replay applies the outcomes that an earlier run could not write to the ledger, and removes the journal. It touches only
// changes without an answer in the ledger, so that replaying twice, or after the changes were reconciled with HubSpot,
// changes nothing: the journal is removed after the commit, and a kill in between replays it again. replay brings in step
// what kinds know of HubSpot, in the transaction that takes the outcomes in.
func (l *Ledger) Replay(ctx context.Context, conn *warehouse.Conn, j Journal, log zerolog.Logger, replay func(context.Context, *warehouse.Conn, time.Time) error) error {
	lines, cut, err := j.Read()
	if err != nil || len(lines)+cut == 0 {
		return err
	}
	if err := StageJournal(ctx, conn, lines); err != nil {
		return err
	}
	var unknownRuns int64
	if err := conn.ReadRow(ctx, queries.CountUnknownRuns, nil, &unknownRuns); err != nil {
		return err
	}
	taken, err := l.take(ctx, conn, lines, replay)
	if err != nil {
		return err
	}
	event := log.Warn().Str("journal", j.Path).Int("batches", len(lines)).Int64("changes", taken)
	if cut > 0 {
		event = event.Int("cut_off", cut)
	}
	if unknownRuns > 0 {
		event = event.Int64("of_unknown_runs", unknownRuns)
	}
	event.Msg("replayed the journal into the ledger")
	l.Failpoint("before drop journal")
	defer l.Failpoint("after drop journal")
	return j.Drop(unknownRuns)
}

// take writes the ends of runs, the outcomes of the temp table rollcall_journal, and what the kinds know of HubSpot by
// them, and returns how many changes got an outcome.
func (l *Ledger) take(ctx context.Context, conn *warehouse.Conn, entries []JournalLine, replay func(context.Context, *warehouse.Conn, time.Time) error) (taken int64, err error) {
	now := l.Now()
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
