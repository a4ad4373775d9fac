//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// doubt says why a file may hold what somebody else than the user wrote; "": only the user and root can write it.
func doubt(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	mode := info.Mode().Perm()
	switch {
	case !ok:
		return ""
	case stat.Uid != 0 && int(stat.Uid) != os.Geteuid():
		return "belongs to another user"
	case mode&0o002 != 0:
		return "can be written by everybody"
	case mode&0o020 != 0 && int(stat.Gid) != os.Getegid():
		return "can be written by a group other than the user's own"
	}
	return ""
}
