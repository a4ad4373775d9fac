package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/cli"
)

// The program says which DuckDB driver it has. The test is here because Go gives a test binary the versions of its modules only where
// the package under test is a main package.
func TestVersionNamesTheDriver(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := cli.Main([]string{"version"}, strings.NewReader(""), &stdout, &stderr, nil)
	want := regexp.MustCompile(`^rollcall \S+ \(duckdb-go v2\.\S+, go\S+, \S+/\S+\)\n$`)
	if code != cli.ExitDone || !want.MatchString(stdout.String()) {
		t.Errorf("exit code %d, %q, want %s\n%s", code, stdout.String(), want, stderr.String())
	}
}
