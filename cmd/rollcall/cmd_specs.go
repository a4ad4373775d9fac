package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/syncspec"
)

func newSpecs(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "specs",
		Short: "Keep sync rows as TOML files: push, pull, diff",
		Long: `Keep the rows of rollcall.syncs as TOML files, one a sync, named after it: DIR/vip.toml is the sync vip.
A file's keys are the row's columns. What is in the table and not in DIR (or the other way round) stays, unless --prune.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("rollcall specs takes push, pull or diff, not %q", args[0]))
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newSpecsPush(a), newSpecsPull(a), newSpecsDiff(a))
	return cmd
}

func newSpecsPush(a *app) *cobra.Command {
	var prune bool
	cmd := &cobra.Command{
		Use:   "push DIR",
		Short: "Write the files into the table; all of them or, if one is wrong, none",
		Args:  takes("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSpecs(cmd.Context(), args[0], func(e *engine.Engine, d difference) error {
				var edits []engine.Edit
				for _, c := range d {
					if c.file != nil && !c.same() {
						edits = append(edits, engine.Edit{Name: c.name, Row: c.file})
					}
					if c.file == nil && prune {
						edits = append(edits, engine.Edit{Name: c.name})
					}
				}
				if err := e.WriteRows(cmd.Context(), edits); err != nil {
					return err
				}
				for _, edit := range edits {
					c := d[slices.IndexFunc(d, func(c comparison) bool { return c.name == edit.Name })]
					if err := a.tellSpec(c, map[bool]string{true: "removed from the table", false: c.pushed()}[edit.Row == nil]); err != nil {
						return err
					}
				}
				return a.tellRest(len(edits), "the table")
			})
		},
	}
	cmd.Flags().BoolVar(&prune, "prune", false, "take rows that have no file out of the table")
	return cmd
}

func newSpecsPull(a *app) *cobra.Command {
	var prune bool
	cmd := &cobra.Command{
		Use:   "pull DIR",
		Short: "Write the table into files; a file that means the same stays as it is",
		Args:  takes("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			return a.withSpecs(cmd.Context(), args[0], func(_ *engine.Engine, d difference) error {
				n := 0
				for _, c := range d {
					what, err := c.pull(args[0], prune)
					if err != nil {
						return err
					}
					if what == "" {
						continue
					}
					n++
					if err := a.tellSpec(c, what); err != nil {
						return err
					}
				}
				return a.tellRest(n, args[0])
			})
		},
	}
	cmd.Flags().BoolVar(&prune, "prune", false, "remove files that have no row in the table")
	return cmd
}

func newSpecsDiff(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "diff DIR",
		Short: "Show what push would change, column by column",
		Args:  takes("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSpecs(cmd.Context(), args[0], func(_ *engine.Engine, d difference) error {
				n := 0
				for _, c := range d {
					if c.same() {
						continue
					}
					n++
					if err := a.tellSpec(c, c.differs()); err != nil {
						return err
					}
				}
				return a.tellRest(n, "the table")
			})
		},
	}
}

// withSpecs compares the files of a folder with the table.
func (a *app) withSpecs(ctx context.Context, dir string, do func(*engine.Engine, difference) error) error {
	files, err := readSpecs(dir)
	if err != nil {
		return err
	}
	return a.withEngine(ctx, func(e *engine.Engine) error {
		rows, err := e.Rows(ctx)
		if err != nil {
			return err
		}
		return do(e, compare(files, rows))
	})
}

// readSpecs reads the TOML files of a folder. What is wrong with any of them is one error.
func readSpecs(dir string) (map[string]syncspec.Row, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, usage(err)
	}
	rows := map[string]syncspec.Row{}
	var problems syncspec.Problems
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".toml") {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		row, _, err := syncspec.ParseTOML(path, data)
		var wrong syncspec.Problems
		switch {
		case errors.As(err, &wrong):
			problems = append(problems, wrong...)
		case err != nil:
			return nil, err
		default:
			rows[*row.Name] = row
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return rows, nil
}

// pull writes the row into its file and says what it did, nothing where there was nothing to do.
func (c comparison) pull(dir string, prune bool) (did string, err error) {
	path := filepath.Join(dir, c.name+".toml")
	switch {
	case c.same():
		return "", nil
	case c.row == nil && prune:
		return "removed", os.Remove(path)
	case c.row == nil:
		return "", nil
	case c.name == "" || c.name != filepath.Base(c.name):
		return "", usage(fmt.Errorf("the row %q can't be a file: give it a name of letters, digits, _ and -", c.name))
	}
	did = "written"
	if c.file != nil {
		did = "rewritten"
	}
	return did, writeWhole(path, syncspec.EncodeTOML(*c.row))
}

// writeWhole writes a file that is there whole or as it was.
func writeWhole(path string, data []byte) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, data, fs.FileMode(0o644)); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
