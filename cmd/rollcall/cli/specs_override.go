package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/syncspec"
)

// specsOverride holds the rows of a folder of specs that replace those of the table for one command (--specs).
type specsOverride struct {
	dir      string
	rows     []syncspec.Row
	broken   []brokenSpec
	inMemory bool // the command uses an empty database in memory
}

// brokenSpec is a file that could not be parsed, and the problems.
type brokenSpec struct {
	sync     string
	problems syncspec.Problems
}

func (o *specsOverride) flag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.dir, "specs", "", "rows of the TOML files of this folder replace those of the table; nothing is written")
}

// read reads the folder, if one was given. If no database is configured and the default one does not exist, the command uses an empty
// one in memory.
func (o *specsOverride) read(a *app) error {
	if o.dir == "" {
		return nil
	}
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return usage(err)
	}
	for _, entry := range entries {
		if !strings.EqualFold(filepath.Ext(entry.Name()), specEnding) {
			continue
		}
		path := filepath.Join(o.dir, entry.Name())
		row, err := readSpec(path)
		var problems syncspec.Problems
		switch {
		case errors.As(err, &problems):
			o.broken = append(o.broken, brokenSpec{syncspec.SyncName(path), problems})
		case err != nil:
			return err
		default:
			o.rows = append(o.rows, row)
		}
	}
	if len(o.rows)+len(o.broken) == 0 {
		return usage(&specsError{o.dir + " has no spec", "name a folder with TOML files, one a sync: rollcall specs pull writes them"})
	}
	_, err = os.Stat(a.settings.Database)
	if o.inMemory = a.settings.Database == ":memory:" || !a.settings.IsSet("database") && errors.Is(err, fs.ErrNotExist); o.inMemory {
		a.settings.Database, a.withoutData = ":memory:", true
	}
	return nil
}

// readSpec reads the row of one file. The engine validates the row.
func readSpec(path string) (syncspec.Row, error) {
	data, err := readRegular(path)
	if err != nil {
		return syncspec.Row{}, err
	}
	return syncspec.DecodeTOML(path, data)
}

// prepare creates the control tables of a database that is in memory.
func (o *specsOverride) prepare(ctx context.Context, e *engine.Engine) error {
	if !o.inMemory {
		return nil
	}
	_, err := e.Init(ctx)
	return err
}

// check checks the rows together with those of the table, and returns broken files as findings.
func (o *specsOverride) check(ctx context.Context, e *engine.Engine, names []string) ([]engine.Checked, error) {
	if err := o.prepare(ctx, e); err != nil {
		return nil, err
	}
	var all []engine.Checked
	for _, b := range o.broken {
		c := engine.Checked{Sync: b.sync, Enabled: true}
		for _, p := range b.problems {
			c.Findings = append(c.Findings, engine.Finding{Error: p.Error(), Hint: p.Hint, Invalid: true})
		}
		all = append(all, c)
	}
	if o.onlyBroken(names) {
		return all, nil
	}
	checked, err := e.Check(ctx, names, o.rows...)
	return append(checked, all...), err
}

// plan plans the rows together with those of the table, and returns broken files as previews with an error.
func (o *specsOverride) plan(ctx context.Context, e *engine.Engine, names []string, each func(engine.Preview, *engine.Console) error) error {
	if err := o.prepare(ctx, e); err != nil {
		return err
	}
	for _, b := range o.broken {
		if err := each(engine.Preview{Sync: b.sync, Error: b.problems.Error(), Hint: b.problems.Hint(), Invalid: true}, nil); err != nil {
			return err
		}
	}
	if o.onlyBroken(names) {
		return nil
	}
	return e.Plan(ctx, names, each, o.rows...)
}

// onlyBroken reports whether the folder has no parsed row and no sync of the table was named, so that the engine has nothing to do.
func (o *specsOverride) onlyBroken(names []string) bool {
	return o.dir != "" && len(o.rows)+len(names) == 0
}
