package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rollcall/syncspec"
)

// specFile is a file and the row that it says.
type specFile struct {
	path string
	row  syncspec.Row
}

// specEnding ends the names of files that hold a sync.
const specEnding = ".toml"

// maxSpecBytes is the largest file that is read: more than a row of the longest texts makes, however they are written.
const maxSpecBytes = 4 << 20

// readSpecs reads the TOML files of a folder, by the names of their syncs. What is wrong with any of them is one error. Only regular files
// are read: a link may lead out of the folder, and a pipe has no end.
func readSpecs(dir string) (map[string]specFile, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(&noFolderError{dir})
	case err != nil:
		return nil, usage(err)
	}
	files := map[string]specFile{}
	var problems syncspec.Problems
	for _, entry := range entries {
		if !strings.EqualFold(filepath.Ext(entry.Name()), specEnding) {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		var row syncspec.Row
		data, err := readRegular(path)
		if err == nil {
			row, _, err = syncspec.ParseTOML(path, data)
		}
		var wrong syncspec.Problems
		switch {
		case errors.As(err, &wrong):
			problems = append(problems, wrong...)
			continue
		case err != nil:
			return nil, err
		}
		if other, twice := files[*row.Name]; twice {
			return nil, usage(&specsError{fmt.Sprintf("%s and %s are both the sync %s", other.path, path, *row.Name), "keep one of the two files"})
		}
		files[*row.Name] = specFile{path, row}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return files, nil
}

// readRegular reads a regular file of bounded size. That it is another one is a problem of the file.
func readRegular(path string) ([]byte, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, syncspec.Problems{{File: path, Message: "not a regular file", Hint: "put a file in its place: links are not followed"}}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if after, err := file.Stat(); err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(err, fmt.Errorf("%s was replaced while it was read", path))
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSpecBytes+1))
	if err == nil && len(data) > maxSpecBytes {
		return nil, syncspec.Problems{{File: path, Message: fmt.Sprintf("larger than %d MB", maxSpecBytes>>20), Hint: "a file holds one sync"}}
	}
	return data, err
}

// specsError is the reason why a folder and the table can't be made equal, with a hint. It counts as wrong usage.
type specsError struct{ message, hint string }

// Error returns what is wrong.
func (e *specsError) Error() string { return e.message }

// Hint returns what to do.
func (e *specsError) Hint() string { return e.hint }

// noFolderError is the error for a folder of specs that does not exist.
type noFolderError struct{ dir string }

// Error returns which folder.
func (e *noFolderError) Error() string { return "there is no folder " + e.dir }

// Unwrap lets a command that makes the folder continue.
func (e *noFolderError) Unwrap() error { return fs.ErrNotExist }

// Hint returns what to do.
func (e *noFolderError) Hint() string {
	return "name the folder with the TOML files; rollcall specs pull " + e.dir + " makes it from the rows"
}

// refusePrune refuses to prune all, or more than half, of what there is: the source may be the wrong one, or incomplete.
func refusePrune(gone, all, left int, things, empty string) error {
	hint := "look at what would go: --dry-run --force; if it is right: --force"
	switch {
	case gone == 0:
		return nil
	case left == 0:
		return usage(&specsError{fmt.Sprintf("%s, so --prune would remove all %d %s", empty, gone, things), hint})
	case gone*2 > all:
		return usage(&specsError{fmt.Sprintf("--prune would remove %d of %d %s, more than half", gone, all, things), hint})
	}
	return nil
}

// pull writes the row into its file, or removes the file that has no row.
func (c comparison) pull(dir string) error {
	switch {
	case c.row == nil:
		return os.Remove(c.file.path)
	case c.file != nil:
		return writeWhole(c.file.path, syncspec.EncodeTOML(*c.row))
	}
	return writeWhole(filepath.Join(dir, c.name+specEnding), syncspec.EncodeTOML(*c.row))
}

// writeWhole writes a file that is there whole or as it was. A link in its place is replaced, not followed.
func writeWhole(path string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".rollcall-*.new")
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
