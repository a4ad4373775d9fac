//go:build unix

package warehouse

import "syscall"

// writable is the W_OK of access(2).
const writable = 2

// canWrite reports whether this process may write in the folder.
func canWrite(folder string) bool { return syscall.Access(folder, writable) == nil }
