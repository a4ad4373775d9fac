//go:build unix

package clitest

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

// limitFiles bounds the size of the child's files, if EnvFileLimit does.
func limitFiles() {
	most, err := strconv.ParseUint(os.Getenv(EnvFileLimit), 10, 64)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // the failed write is to be seen, not the signal
	limit := syscall.Rlimit{Cur: most, Max: most}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		panic(err)
	}
}
