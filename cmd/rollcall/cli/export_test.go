package cli

import (
	"io"

	"github.com/spf13/cobra"
)

// What the tests outside of the package hold the README against: the commands, and the types that they write as JSON.
type (
	Assessment  = assessment
	Idle        = idle
	IdleNext    = idleNext
	IdleNotWell = idleNotWell
	FirstSpec   = firstSpecJSON
)

// Commands returns the root of all commands. They print nothing.
func Commands() *cobra.Command {
	return newRoot(&app{out: &output{to: io.Discard}, err: io.Discard})
}
