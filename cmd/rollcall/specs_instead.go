package main

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

// specsInstead are the rows of a folder that stand in for those of the table, of one command.
type specsInstead struct {
	dir    string
	rows   []syncspec.Row
	broken []brokenSpec
	alone  bool // there is no database
}

// brokenSpec is a file that holds no row, and why.
type brokenSpec struct {
	sync     string
	problems syncspec.Problems
}

func (i *specsInstead) flag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&i.dir, "specs", "", "rows of the TOML files of this folder stand in for those of the table; nothing is written")
}

// read reads the folder, if one was named. Where no database is named either and the default one is not there, the command goes on with an
// empty one in memory.
func (i *specsInstead) read(a *app) error {
	if i.dir == "" {
		return nil
	}
	entries, err := os.ReadDir(i.dir)
	if err != nil {
		return usage(err)
	}
	for _, entry := range entries {
		if !strings.EqualFold(filepath.Ext(entry.Name()), specEnding) {
			continue
		}
		path := filepath.Join(i.dir, entry.Name())
		row, err := readSpec(path)
		var problems syncspec.Problems
		switch {
		case errors.As(err, &problems):
			i.broken = append(i.broken, brokenSpec{syncspec.SyncName(path), problems})
		case err != nil:
			return err
		default:
			i.rows = append(i.rows, row)
		}
	}
	if len(i.rows)+len(i.broken) == 0 {
		return usage(&specsError{i.dir + " has no spec", "name a folder with TOML files, one a sync: rollcall specs pull writes them"})
	}
	_, named := a.settings.origins["database"]
	_, err = os.Stat(a.settings.Database)
	if i.alone = a.settings.Database == ":memory:" || !named && errors.Is(err, fs.ErrNotExist); i.alone {
		a.settings.Database, a.withoutData = ":memory:", true
	}
	return nil
}

// readSpec reads the row of one file. Whether the row is valid is for the engine.
func readSpec(path string) (syncspec.Row, error) {
	data, err := readRegular(path)
	if err != nil {
		return syncspec.Row{}, err
	}
	return syncspec.DecodeTOML(path, data)
}

// prepare makes the control tables of a database that is in memory.
func (i *specsInstead) prepare(ctx context.Context, e *engine.Engine) error {
	if !i.alone {
		return nil
	}
	_, err := e.Init(ctx)
	return err
}

// check checks the rows, beside those of the table, and tells the broken files too.
func (i *specsInstead) check(ctx context.Context, e *engine.Engine, names []string) ([]engine.Checked, error) {
	if err := i.prepare(ctx, e); err != nil {
		return nil, err
	}
	var all []engine.Checked
	for _, b := range i.broken {
		c := engine.Checked{Sync: b.sync, Enabled: true}
		for _, p := range b.problems {
			c.Findings = append(c.Findings, engine.Finding{Error: p.Error(), Hint: p.Hint, Invalid: true})
		}
		all = append(all, c)
	}
	if i.onlyBroken(names) {
		return all, nil
	}
	checked, err := e.Check(ctx, names, i.rows...)
	return append(checked, all...), err
}

// plan plans the rows, beside those of the table, and tells the broken files too.
func (i *specsInstead) plan(ctx context.Context, e *engine.Engine, names []string, each func(engine.Preview, *engine.Desk) error) error {
	if err := i.prepare(ctx, e); err != nil {
		return err
	}
	for _, b := range i.broken {
		if err := each(engine.Preview{Sync: b.sync, Error: b.problems.Error(), Hint: b.problems.Hint(), Invalid: true}, nil); err != nil {
			return err
		}
	}
	if i.onlyBroken(names) {
		return nil
	}
	return e.Plan(ctx, names, each, i.rows...)
}

// onlyBroken says whether the folder has no row that the engine could be asked about, and no name asks for one of the table.
func (i *specsInstead) onlyBroken(names []string) bool {
	return i.dir != "" && len(i.rows)+len(names) == 0
}
