package cli

import (
	"bytes"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/syncspec"
)

func newSpecsInit(a *app) *cobra.Command {
	var file, objectType string
	cmd := &cobra.Command{
		Use:   "init --query FILE --object-type TYPE",
		Short: "Write a first spec of kind object for a query",
		Long: `Write a first spec of kind object for a query to stdout, by looking at the query's columns. The query is bound, and not run.
The key is email, hs_object_id or a property with unique values. Comments name the columns that HubSpot has no property for, where
HubSpot can be asked. The spec is not enabled.`,
		Example: `  rollcall specs init --query people.sql --object-type contacts > specs/people.toml
  rollcall specs init --query pets.sql --object-type pets`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" || strings.TrimSpace(objectType) == "" {
				return usage(&specsError{"rollcall specs init needs --query FILE and --object-type TYPE", "such as: rollcall specs init --query people.sql --object-type contacts"})
			}
			data, err := readRegular(file)
			if err != nil {
				return usage(&specsError{"read the query: " + err.Error(), "--query takes a file with one SELECT"})
			}
			query := strings.TrimSuffix(strings.TrimSpace(string(data)), ";")
			return a.withReader(cmd.Context(), func(e *engine.Engine) error {
				draft, err := e.DraftObject(cmd.Context(), query, strings.TrimSpace(objectType))
				if err != nil {
					return err
				}
				if a.json {
					return writeJSON(a.out, firstSpecJSON{Spec: string(firstSpec(draft)), Notes: append([]string{}, draft.Notes...)})
				}
				_, err = a.out.Write(firstSpec(draft))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&file, "query", "", "file with the query")
	cmd.Flags().StringVar(&objectType, "object-type", "", "type of the records: contacts, companies, deals, tickets, or a custom type")
	return cmd
}

// firstSpecJSON is what the command writes with --json.
type firstSpecJSON struct {
	Spec  string   `json:"spec"`
	Notes []string `json:"notes"`
}

// firstSpec is the TOML file of a draft: what to do with it and what to look at are comments at its head.
func firstSpec(draft engine.Draft) []byte {
	var b bytes.Buffer
	b.WriteString("# A first spec, made from the query's columns. Look at it, then take the line with enabled out.\n")
	for _, note := range draft.Notes {
		b.WriteString("# " + strings.Join(strings.Fields(note), " ") + "\n")
	}
	b.Write(syncspec.EncodeTOML(draft.Row))
	return b.Bytes()
}
