package control

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Bounds say what rows may ask for: whoever can write rows reads and writes with the runner's rights. Each is a list of patterns, as
// [warehouse.Match] takes them; empty: no bound.
type Bounds struct {
	Lists       []string // IDs or names, as the row gives them
	ObjectTypes []string // as the row gives them
	Databases   []string // databases, or database.schema, that queries may read
}

// Refuse says which of its columns put the row out of bounds, as syncspec.Problems; nil: it is within.
func (b Bounds) Refuse(spec syncspec.Spec) error {
	var found syncspec.Problems
	bound := func(setting string, patterns []string, column, value string) {
		if len(patterns) > 0 && !slices.ContainsFunc(patterns, func(p string) bool { return warehouse.Match(p, value) }) {
			found = append(found, syncspec.Problem{
				Column: column, Message: fmt.Sprintf("%q is outside of %s", value, setting),
				Hint: fmt.Sprintf("%s is %s; whoever runs rollcall sets it in rollcall.toml", setting, strings.Join(patterns, ", ")),
			})
		}
	}
	switch {
	case spec.ListID != "":
		bound("allowed_lists", b.Lists, "list_id", spec.ListID)
	case spec.Kind == syncspec.List:
		bound("allowed_lists", b.Lists, "list_name", spec.ListName)
	}
	bound("allowed_object_types", b.ObjectTypes, "object_type", spec.ObjectType)
	if spec.Kind == syncspec.Association {
		bound("allowed_object_types", b.ObjectTypes, "to_object_type", spec.ToObjectType)
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// Scope returns what queries may read. The warehouse's gate holds every query against it.
func (b Bounds) Scope() warehouse.Scope { return warehouse.Scope{Databases: b.Databases} }
