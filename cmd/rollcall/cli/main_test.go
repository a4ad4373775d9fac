package cli_test

import (
	"testing"

	"rollcall/cmd/rollcall/clitest"
)

// TestMain lets the test binary be the command rollcall, so that scripts and tests run the real one, in a process of its own.
func TestMain(m *testing.M) { clitest.Main(m) }
