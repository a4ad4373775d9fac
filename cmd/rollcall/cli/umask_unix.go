//go:build unix

package cli

import "syscall"

// keepPrivate makes whatever the program writes, the log of the database and spilled data too, readable by its user alone: it holds
// addresses.
func keepPrivate() { syscall.Umask(0o077) }
