package cli

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rollcall/engine/hubspot/sandbox"
)

func newSandbox(a *app) *cobra.Command {
	var contacts int
	var address, state string
	var latency time.Duration
	var limited bool
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "A local HubSpot on 127.0.0.1, for anyone's client",
		Long: `Serve a HubSpot to try things on: lists, memberships, records, properties and associations, strict about bad
requests, with HubSpot's limits and error bodies, in both path families (v3 and dated). Any non-empty token is taken.

It starts with contacts contact-00001@example.com and up, and the lists 101 (MANUAL), 102 (SNAPSHOT) and 103
(DYNAMIC). GET /_sandbox/state shows all of it; POST /_sandbox/... edits it by hand and declares faults.`,
		Example: `  rollcall sandbox --contacts 10000
  HUBSPOT_ACCESS_TOKEN=any rollcall plan --hubspot-url http://127.0.0.1:8787`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			options := sandbox.Options{Latency: latency}
			if limited {
				options.Rate = sandbox.HubSpotRateLimit()
			}
			box := sandbox.New(options)
			if err := fill(box, state, contacts); err != nil {
				return err
			}
			err := box.Serve(cmd.Context(), address, func(url string) {
				if a.json {
					_ = writeJSON(a.out, map[string]string{"url": url})
					return
				}
				show(a.out, "sandbox at %s, until Ctrl-C\nuse it:  HUBSPOT_ACCESS_TOKEN=any HUBSPOT_BASE_URL=%s rollcall plan\n", url, url)
			})
			if err != nil || state == "" {
				return err
			}
			return box.Save(state)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&contacts, "contacts", 1000, "how many contacts it starts with")
	flags.StringVar(&address, "address", "127.0.0.1:8787", "where it listens; loopback only, port 0 for any")
	flags.StringVar(&state, "state", "", "continue from this file if it is there, and keep the state in it at the end")
	flags.DurationVar(&latency, "latency", 0, "how long each call takes, such as 60ms")
	flags.BoolVar(&limited, "rate-limit", false, "limit calls as HubSpot does")
	return cmd
}

// fill loads the sandbox's state from its file, or seeds it.
func fill(box *sandbox.Server, state string, contacts int) error {
	if contacts < 0 {
		return usage(fmt.Errorf("--contacts takes a number from 0 up, not %d", contacts))
	}
	if state != "" {
		if _, err := os.Stat(state); err == nil {
			return box.Load(state)
		}
	}
	return box.Seed(contacts)
}
