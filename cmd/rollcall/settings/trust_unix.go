//go:build unix

package settings

import (
	"io/fs"
	"os"
	"syscall"
)

// untrustedReason returns why others than the user may have written a file, "" if only the user and root can.
func untrustedReason(info fs.FileInfo) string {
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
