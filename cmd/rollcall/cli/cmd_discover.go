package cli

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/cmd/rollcall/settings"
	"rollcall/engine"
	"rollcall/engine/discover"
	"rollcall/engine/hubspot"
)

func newDiscover(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "discover",
		Short: "What HubSpot has: object types, properties, association labels, lists",
		Long: `What the HubSpot account has for rows and queries to name. Without a subcommand: its object types.
Nothing is changed, and no database is opened.`,
		Example: `  rollcall discover
  rollcall discover properties contacts
  rollcall discover labels contacts companies
  rollcall discover lists`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				hint := "see rollcall discover --help"
				if near := settings.Nearest(args[0], []string{"properties", "labels", "lists"}, 3); near != "" {
					hint = "did you mean " + near + "? " + hint
				}
				return usage(&discoverError{fmt.Sprintf("rollcall discover takes properties, labels or lists, not %q", args[0]), hint})
			}
			return a.withAccount(func(account *discover.Account) error {
				types, err := account.ObjectTypes(cmd.Context())
				if shown := a.showObjectTypes(types); shown != nil {
					return shown
				}
				return err
			})
		},
	}
	cmd.AddCommand(newDiscoverProperties(a), newDiscoverLabels(a), newDiscoverLists(a))
	return cmd
}

// discoverError is a call of discover that says nothing of what to discover.
type discoverError struct{ message, hint string }

func (e *discoverError) Error() string { return e.message }

// Hint returns what to do.
func (e *discoverError) Hint() string { return e.hint }

func newDiscoverProperties(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "properties TYPE [PROPERTY...]",
		Short: "The properties of an object type, or some of them with the values that they take",
		Long: `The properties of an object type that are neither sensitive nor archived. TYPE is contacts, companies, deals, tickets,
or a custom type by its name or ID. A unique property can be an id_property; HubSpot takes no values for a read-only one.
Properties that are named are shown with the values that they take, where they take only some.`,
		Example: `  rollcall discover properties contacts
  rollcall discover properties contacts lifecyclestage
  rollcall discover properties companies --json | jq -r 'select(.unique) | .name'`,
		Args: argsBetween(1, math.MaxInt, "TYPE, and names of properties"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAccount(func(account *discover.Account) error {
				properties, err := account.Properties(cmd.Context(), args[0], args[1:])
				if err != nil {
					return namedWrong(err)
				}
				return a.showProperties(properties, len(args) > 1)
			})
		},
	}
}

func newDiscoverLabels(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "labels FROM TO",
		Short: "The association labels from one object type to another",
		Long: `The labels by which records of one object type are associated with those of another. Each has a type ID, which is unique within
its category only, and is another one in the other direction. The one without a name is the default: records that are associated
by a label have it, too.`,
		Example: `  rollcall discover labels contacts companies
  rollcall discover labels companies contacts --json`,
		Args: argsBetween(2, 2, "FROM and TO"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAccount(func(account *discover.Account) error {
				labels, err := account.Labels(cmd.Context(), args[0], args[1])
				if err != nil {
					return namedWrong(err)
				}
				return a.showLabels(labels)
			})
		},
	}
}

func newDiscoverLists(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "lists [NAME]",
		Short: "The lists, or those with a text in their names",
		Long: `The lists, or those whose names contain NAME, in whatever case. A sync can keep lists that are filled by hand and API, not those
that HubSpot fills by filters. Sizes are HubSpot's estimates. A list that is some seconds old may be missing.`,
		Example: `  rollcall discover lists
  rollcall discover lists newsletter
  rollcall discover lists --json | jq 'select(.writable)'`,
		Args: argsBetween(0, 1, "one NAME, or none"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAccount(func(account *discover.Account) error {
				lists, err := account.Lists(cmd.Context(), strings.Join(args, ""))
				if err != nil {
					return err
				}
				return a.showLists(lists)
			})
		},
	}
}

// withAccount does with the HubSpot account of the settings.
func (a *app) withAccount(do func(*discover.Account) error) error {
	account, err := engine.Discover(a.config())
	if err != nil {
		return err
	}
	defer account.Close()
	return do(account)
}

// namedWrong makes wrong usage of an error about a name that the account does not have.
func namedWrong(err error) error {
	var unknown *discover.UnknownPropertyError
	if errors.As(err, &unknown) || errors.Is(err, hubspot.ErrUnknownObjectType) {
		return usage(err)
	}
	return err
}

func (a *app) showObjectTypes(types []discover.ObjectType) error {
	if a.json {
		return writeJSON(a.out, types...)
	}
	g := newGrid("object type", "type id", "singular", "plural", "made by")
	for _, t := range types {
		by := "HubSpot"
		if t.Custom {
			by = "the account"
		}
		g.add(t.ObjectType, t.TypeID, t.Singular, t.Plural, by)
	}
	g.write(a.out, "")
	return nil
}

func (a *app) showProperties(properties []discover.Property, options bool) error {
	if a.json {
		return writeJSON(a.out, properties...)
	}
	g := newGrid("property", "label", "type", "unique", "read-only", "hidden", "values")
	g.alignRight(7)
	g.fit(widthOf(a.out), "label", "hidden", "values", "read-only")
	for _, p := range properties {
		values := ""
		if len(p.Options) > 0 {
			values = thousands(int64(len(p.Options)))
		}
		g.add(p.Name, p.Label, p.Type, mark(p.Unique), mark(p.ReadOnly), mark(p.Hidden), values)
	}
	g.write(a.out, "")
	for _, p := range properties {
		if options {
			a.showOptions(p)
		}
	}
	return nil
}

// showOptions prints what a property is for, and the values that it takes.
func (a *app) showOptions(p discover.Property) {
	if p.Description == "" && len(p.Options) == 0 {
		return
	}
	show(a.out, "\n%s\n", strings.TrimSpace(p.Name+": "+p.Description))
	if len(p.Options) == 0 {
		return
	}
	g := newGrid("value", "label", "hidden")
	for _, o := range p.Options {
		g.add(o.Value, o.Label, mark(o.Hidden))
	}
	g.write(a.out, "  ")
}

// mark is yes, or nothing.
func mark(set bool) string {
	if set {
		return "yes"
	}
	return ""
}

func (a *app) showLabels(labels []discover.Label) error {
	if a.json {
		return writeJSON(a.out, labels...)
	}
	g := newGrid("label", "category", "type id")
	g.alignRight(3)
	for _, l := range labels {
		name := l.Label
		if name == "" {
			name = "(default)"
		}
		g.add(name, l.Category, l.TypeID)
	}
	g.write(a.out, "")
	return nil
}

func (a *app) showLists(lists []discover.List) error {
	if a.json {
		return writeJSON(a.out, lists...)
	}
	if len(lists) == 0 {
		show(a.out, "no such list\n")
		return nil
	}
	g := newGrid("list", "name", "object type", "size", "filled by", "hubspot's type")
	g.alignRight(4)
	g.fit(widthOf(a.out), "name", "hubspot's type", "size")
	for _, l := range lists {
		g.add(l.ListID, l.ListName, l.ObjectType, count(l.Size), filledBy(l), l.ProcessingType)
	}
	g.link("list")
	g.write(a.out, "")
	return nil
}

// filledBy says who fills a list.
func filledBy(l discover.List) string {
	switch {
	case l.ProcessingType == hubspot.TypeSnapshot:
		return "filters once, then hand and API"
	case l.Writable:
		return "hand and API"
	}
	return "filters"
}
