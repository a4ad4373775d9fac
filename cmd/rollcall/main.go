// Command rollcall keeps HubSpot lists equal to SQL queries. Package cli is the program; this package only starts it.
package main

import (
	"os"

	"rollcall/cmd/rollcall/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) }
